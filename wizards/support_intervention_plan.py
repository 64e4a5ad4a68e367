# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_datetime

#: for how many days, and how many times at most, are offered
DAYS, OFFERED = 14, 24


class SupportInterventionPlan(models.TransientModel):
    """Choose technician and time of work; free times are offered."""

    _name = "support.intervention.plan"
    _description = "Plan Work"

    intervention_id = fields.Many2one(
        comodel_name="support.intervention", required=True, ondelete="cascade"
    )
    ticket_id = fields.Many2one(related="intervention_id.ticket_id", related_sudo=False)
    company_id = fields.Many2one(
        related="intervention_id.company_id", related_sudo=False
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Technician",
        compute="_compute_from_work",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: free times of everybody who works on tickets are offered.",
    )
    minutes = fields.Integer(
        string="Duration",
        compute="_compute_from_work",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    start = fields.Datetime(
        compute="_compute_from_work",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
    )
    end = fields.Datetime(compute="_compute_end")
    first_day = fields.Date(
        string="Free Times From",
        required=True,
        default=lambda self: self.env.company._support_day(),
    )
    slot_ids = fields.One2many(
        comodel_name="support.intervention.plan.slot",
        inverse_name="plan_id",
        string="Free Times",
        compute="_compute_slot_ids",
        compute_sudo=False,
        store=True,
    )
    warning = fields.Text(compute="_compute_warning")
    short_notice = fields.Boolean(compute="_compute_short_notice")
    exception_reason = fields.Char(
        help="Why the contract's notice does not count this time; kept in the chatter."
    )

    @api.depends("intervention_id")
    def _compute_from_work(self):
        for window in self:
            work = window.intervention_id
            # a window tells nothing that its user may not read
            work.check_access("read")
            window.user_id = work.user_id
            window.minutes = work._get_planned_minutes() or work.estimate_minutes or 60
            window.start = work.planned_start

    @api.depends("start", "minutes")
    def _compute_end(self):
        for window in self:
            window.end = window.start and window.start + timedelta(
                minutes=max(window.minutes, 0)
            )

    @api.depends("start", "minutes", "user_id", "intervention_id")
    def _compute_warning(self):
        for window in self:
            warnings = window.intervention_id._get_plan_warnings(
                window.user_id, window.start, window.end
            )
            window.warning = "\n".join(warnings) or False

    @api.depends("start", "intervention_id")
    def _compute_short_notice(self):
        for window in self:
            work = window.intervention_id
            window.short_notice = bool(work) and work._is_short_notice(window.start)

    @api.depends("first_day", "minutes", "user_id", "intervention_id")
    def _compute_slot_ids(self):
        for window in self:
            window.slot_ids = [
                Command.clear(),
                *(
                    Command.create({"user_id": user.id, "start": start})
                    for start, user in window._get_slots()
                ),
            ]

    def _get_slots(self):
        """Free times in order, ``[(start, user), ...]``."""
        self.ensure_one()
        work, day = self.intervention_id, self.first_day
        if not work or not day or self.minutes <= 0:
            return []
        zone = pytz.timezone(work.company_id.support_tz or "UTC")
        first, last = (
            zone.localize(datetime.combine(moment, time.min))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for moment in (day, day + timedelta(days=DAYS))
        )
        users = self.user_id or self._get_technicians()
        slots = work._get_free_slots(users, self.minutes, first, last)
        found = [(start, user) for user, starts in slots.items() for start in starts]
        return sorted(found, key=lambda slot: (slot[0], slot[1].id))[:OFFERED]

    def _get_technicians(self):
        """Who works on tickets of the company."""
        works = self.env["support.intervention"]
        return works._get_company_technicians(self.company_id)

    def action_confirm(self):
        """Plan the work.

        :raise UserError: as :meth:`SupportIntervention._plan`
        """
        self.ensure_one()
        if not self.user_id:
            raise UserError(self.env._("Technician: choose who does the work."))
        if not self.start or self.minutes <= 0:
            raise UserError(
                self.env._("Choose when the work starts and how long it takes.")
            )
        self.intervention_id._plan(
            self.user_id,
            self.start,
            self.end,
            estimate=self.intervention_id.estimate_minutes
            if self.minutes == self.intervention_id._get_planned_minutes()
            else self.minutes,
            exception=self.exception_reason,
        )
        return {"type": "ir.actions.act_window_close"}

    def _reopen(self):
        """Show the form, again after a free time was chosen."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Plan Work"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class SupportInterventionPlanSlot(models.TransientModel):
    """A time at which a technician is free."""

    _name = "support.intervention.plan.slot"
    _description = "Free Time"
    _order = "start, user_id"

    plan_id = fields.Many2one(
        comodel_name="support.intervention.plan",
        required=True,
        ondelete="cascade",
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Technician", required=True
    )
    start = fields.Datetime(required=True)
    label = fields.Char(compute="_compute_label", string="Time")

    @api.depends("start")
    @api.depends_context("lang", "tz")
    def _compute_label(self):
        for slot in self:
            slot.label = format_datetime(
                self.env, slot.start, dt_format="EEE d MMM, HH:mm"
            )

    def action_choose(self):
        """Take this time and technician over into the form."""
        self.ensure_one()
        self.plan_id.write({"user_id": self.user_id.id, "start": self.start})
        return self.plan_id._reopen()
