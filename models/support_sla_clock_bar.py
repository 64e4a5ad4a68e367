# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields, models

from ..tools import sla

#: upcoming openings that a ticking bar needs, and past segments that it can show
OPENINGS, SEGMENTS = 60, 40

#: how long a form may stay open after the deadline and still count what is late
AFTERWARDS = timedelta(days=7)


class SupportSlaClock(models.Model):
    """How a clock is shown to people."""

    _inherit = "support.sla.clock"

    contract_id = fields.Many2one(related="ticket_id.support_contract_id")
    partner_id = fields.Many2one(related="ticket_id.partner_id", string="Customer")
    team_id = fields.Many2one(related="ticket_id.team_id")
    company_id = fields.Many2one(related="ticket_id.company_id")
    bar = fields.Json(
        compute="_compute_bar",
        export_string_translation=False,
        help="The clock with all that it went through, as its form shows it.",
    )

    def _compute_bar(self):
        now = self.env["res.company"]._support_now()
        hours = self.sudo()._get_hours()  # hours are no secret
        for clock in self:
            clock.bar = [clock._prepare_bar(hours, now, segment_limit=None)]

    def _get_promise(self):
        """The open promise in words, for the customer."""
        self.ensure_one()
        ticket = self.ticket_id
        response = self.kind == "response"
        if self.state == sla.MISSED:
            moment = ticket._support_format_promise(self.missed_on)
            if response:
                return self.env._("The answer is late: promised by %s", moment)
            return self.env._("The solution is late: promised by %s", moment)
        if self.paused:
            left = self.env["support.unit.mixin"]._format_in_unit(
                max(self.seconds - self.used, 0) // 60, "time", None
            )
            return self.env._(
                "We wait for your answer; after it, %s of the time are left", left
            )
        if not self.deadline:
            return self.env._("No guaranteed time")
        moment = ticket._support_format_promise(self.deadline)
        if response:
            return self.env._("Answer by %s", moment)
        return self.env._("Solution by %s", moment)

    def _prepare_bar(self, hours, now, segment_limit=SEGMENTS):
        """The clock as its bar on the ticket shows it.

        :param dict hours: see :meth:`_get_hours`
        :param datetime now: naive UTC
        :param segment_limit: how many of the latest segments; None: all
        """
        self.ensure_one()
        clock = self._get_clock(hours)
        label = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("kind", "state", "hours_from")
        }
        to_string = fields.Datetime.to_string
        openings = []
        if clock.is_counting and clock.deadline:
            horizon = max(clock.deadline, now) + AFTERWARDS
            openings = [
                [to_string(segment.start), to_string(segment.end)]
                for segment in sla.split(clock.hours, now, horizon)
                if segment.kind == sla.COUNTED
            ][:OPENINGS]
        segments = list(clock.segments)
        if clock.is_open and now > clock.since:
            segments += (
                [sla.Segment(sla.WAITING, clock.since, now)]
                if clock.paused
                else sla.split(clock.hours, clock.since, now)
            )
        return {
            "id": self.id,
            "kind": label["kind"][self.kind],
            "state": self.state,
            "state_label": label["state"][self.state],
            "open": clock.is_open,
            "paused": clock.paused,
            "seconds": clock.seconds,
            "used": sla.used(clock, now),
            "now": to_string(now),
            "deadline": to_string(clock.deadline) or False,
            "missed_on": to_string(clock.missed_on) or False,
            "risk_at": to_string(self.risk_at) or False,
            "started_on": to_string(self.started_on),
            "ended_on": to_string(clock.ended_on) or False,
            "hours": self.calendar_id.sudo().name  # their name is no secret
            or label["hours_from"][self.hours_from],
            "hours_from": self.calendar_id
            and label["hours_from"][self.hours_from]
            or False,
            "earlier": max(len(segments) - (segment_limit or len(segments)), 0),
            "openings": openings,
            "segments": [
                [kind, to_string(start), to_string(end)]
                for kind, start, end in segments[-(segment_limit or 0) :]
            ],
        }
