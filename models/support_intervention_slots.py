# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz

from odoo import api, models

from ..tools import slots


class SupportIntervention(models.Model):
    """When work can be done: in the technician's working hours, where he is free, and
    in the hours that the customer's contract covers."""

    _inherit = "support.intervention"

    # ------------------------------------------------------------------
    # Free time
    # ------------------------------------------------------------------

    def _get_free_slots(self, users, minutes, first, last):
        """When this work can begin, for each technician.

        :param users: ``res.users``
        :param int minutes: how long it takes
        :param datetime first: naive UTC, as ``last``; nothing before the contract's
            notice or before now is offered
        :return: ``{user: [start, ...]}``, naive UTC, at half and full hours
        """
        self.ensure_one()
        now = self.env["res.company"]._support_now()
        first = max(first, now, self._get_earliest_start() or now)
        if first >= last:
            return {user: [] for user in users}
        free = self._get_free_time(users, first, last, ignore=self)
        coverage = self._get_coverage_time(first, last)
        return {
            user: slots.starts(
                free[user]
                if coverage is None
                else slots.intersect(free[user], coverage),
                minutes,
            )
            for user in users
        }

    @api.model
    def _get_company_technicians(self, company):
        """Who works on tickets of ``company``."""
        group = self.env.ref("helpdesk_mgmt.group_helpdesk_user_own")
        # who the colleagues are is no secret
        return (
            group.sudo()
            .all_user_ids.filtered(
                lambda user: not user.share
                and company in user.company_ids
                and user.active
            )
            .sudo(self.env.su)
        )

    def _get_coverage_time(self, first, last):
        """The hours in which the ticket's contract gives help through the ticket's
        channel, or None if none are agreed."""
        self.ensure_one()
        # only when help is given
        ticket = self.sudo().ticket_id
        calendar = ticket.support_contract_id.coverage_ids._get_calendar(
            ticket.channel_id
        )
        if not calendar or calendar.schedule_type == "flexible":
            return None
        return calendar._support_working_time().intervals(first, last)

    @api.model
    def _get_free_time(self, users, first, last, ignore=None):
        """Working hours less leaves, appointments and planned work.

        :param ignore: planned work whose own time counts as free
        :return: ``{user: [(start, end), ...]}``, naive UTC
        """
        working = self._get_working_time(users, first, last)
        busy = self._get_busy_time(users, first, last, ignore)
        return {
            user: slots.subtract(
                working[user], [stretch for *stretch, _name in busy[user]]
            )
            for user in users
        }

    @api.model
    def _get_working_time(self, users, first, last):
        """When the technicians work: as employees of the company, without their
        leaves; who is no employee, in the company's working hours."""
        company = self.company_id or self.env.company
        # when somebody works and when not; nothing else of an employee is told
        employees = (
            self.env["hr.employee"]
            .sudo()
            .search([("user_id", "in", users.ids), ("company_id", "=", company.id)])
        )
        resources = {
            employee.user_id.id: employee.resource_id for employee in employees
        }
        intervals, _calendars = (
            self.env["resource.resource"]
            .sudo()
            .union(*resources.values())
            ._get_valid_work_intervals(
                pytz.utc.localize(first), pytz.utc.localize(last)
            )
        )
        # hours when people work are no secret of those who plan
        calendar = company.sudo().resource_calendar_id
        usual = (
            calendar._support_working_time().intervals(first, last)
            if calendar and calendar.schedule_type != "flexible"
            else [(first, last)]
        )
        found = {}
        for user in users:
            resource = resources.get(user.id)
            if not resource:
                found[user] = usual
                continue
            found[user] = slots.union(
                (_to_naive(start), _to_naive(end))
                for start, end, _line in intervals[resource.id]
            )
        return found

    @api.model
    def _get_busy_time(self, users, first, last, ignore=None):
        """Appointments that show as busy, and planned work that is still to come.

        :return: ``{user: [(start, end, what), ...]}``; ``what`` is empty for what is
            private
        """
        busy = defaultdict(list)
        zone = pytz.timezone((self.company_id or self.env.company).support_tz or "UTC")
        by_partner = {user.partner_id: user for user in users}
        # when somebody is busy; a private appointment keeps its name to itself
        events = (
            self.env["calendar.event"]
            .sudo()
            .search(
                [
                    ("partner_ids", "in", [partner.id for partner in by_partner]),
                    ("show_as", "=", "busy"),
                    ("start", "<", last + timedelta(days=1)),
                    ("stop", ">", first - timedelta(days=1)),
                    ("support_intervention_id", "=", False),
                ]
            )
        )
        for event in events:
            start, stop = event.start, event.stop
            if event.allday:
                start = _local(zone, event.start_date, 0)
                stop = _local(zone, event.stop_date, 1)
            declined = event.attendee_ids.filtered(
                lambda attendee: attendee.state == "declined"
            ).partner_id
            for partner in event.partner_ids - declined:
                if partner in by_partner and start < last and stop > first:
                    name = "" if event.effective_privacy == "private" else event.name
                    busy[by_partner[partner]].append((start, stop, name))
        works = self.sudo().search(
            [
                ("user_id", "in", users.ids),
                ("state", "in", ("planned", "progress")),
                ("end", "=", False),
                ("planned_start", "<", last),
                ("planned_end", ">", first),
                ("id", "not in", ignore._origin.ids if ignore else []),
            ]
        )
        for work in works:
            busy[work.user_id.sudo(users.env.su)].append(
                (work.planned_start, work.planned_end, work.name)
            )
        return {user: sorted(busy.get(user, [])) for user in users}

    # ------------------------------------------------------------------
    # Warnings
    # ------------------------------------------------------------------

    def _get_plan_warnings(self, user, start, end):
        """What speaks against doing this work at that time, in words: other
        appointments, time off, hours that the contract does not cover. None of it
        forbids it."""
        self.ensure_one()
        if not (user and start and end and start < end):
            return []
        warnings = []
        busy = self._get_busy_time(user, start, end, ignore=self)[user]
        for begin, finish, name in busy:
            warnings.append(
                self.env._(
                    "%(technician)s has another appointment from %(start)s to %(end)s"
                    "%(name)s.",
                    technician=user.name,
                    start=self._format_planned(begin),
                    end=self._format_planned(finish),
                    name=f": {name}" if name else "",
                )
            )
        working = self._get_working_time(user, start, end)[user]
        if slots.subtract([(start, end)], working):
            warnings.append(
                self.env._("%s does not work during the whole of this time.", user.name)
            )
        coverage = self._get_coverage_time(start, end)
        if coverage is not None and slots.subtract([(start, end)], coverage):
            warnings.append(
                self.env._("Part of this time lies outside the coverage hours.")
            )
        return warnings


def _to_naive(moment):
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def _local(zone, day, days):
    """Midnight of a local day, or of a day after it, as naive UTC."""
    midnight = datetime.combine(day + timedelta(days=days), time.min)
    return _to_naive(zone.localize(midnight))
