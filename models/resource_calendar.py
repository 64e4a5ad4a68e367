# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_round, ormcache

from ..tools.working_time import MINUTES_OF_DAY, WorkingTime

#: where a transaction keeps the hours that it has changed
BEFORE = "support_contract.hours_before"
#: in its place for a calendar that this transaction has made: there are no others
NEW = "new"
#: what decides about the hours, beside the lines and leaves
TERMS = {"tz", "two_weeks_calendar", "schedule_type", "flexible_hours", "company_id"}


class ResourceCalendar(models.Model):
    """Hours in which help is promised, compiled for quick answers."""

    _inherit = "resource.calendar"

    support_coverage = fields.Boolean(
        string="Coverage Hours",
        help="Hours in which help is promised to customers. Contract managers may "
        "change them; other working hours are for administrators only.",
    )
    support_version = fields.Char(
        string="Version of the Hours",
        default=lambda self: uuid4().hex,
        copy=False,
        readonly=True,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
        help="Technical: another one after each change of what is open and closed.",
    )

    @api.model
    def default_get(self, fields):
        """Coverage hours start from the company's hours without the breaks, in the
        support time zone."""
        values = super().default_get(fields)
        if self.env.context.get("default_support_coverage"):
            if "tz" in fields:
                values["tz"] = self.env.company.support_tz
            if "attendance_ids" in values:
                values["attendance_ids"] = [
                    line
                    for line in values["attendance_ids"]
                    if line[2].get("day_period") != "lunch"
                ]
        return values

    def _compute_attendance_ids(self):
        """Coverage hours are what was promised, not what the company works."""
        others = self.filtered(lambda calendar: not calendar.support_coverage)
        return super(ResourceCalendar, others)._compute_attendance_ids()

    def _compute_global_leave_ids(self):
        others = self.filtered(lambda calendar: not calendar.support_coverage)
        return super(ResourceCalendar, others)._compute_global_leave_ids()

    @api.constrains("support_coverage", "schedule_type")
    def _check_support_coverage(self):
        for calendar in self:
            if calendar.support_coverage and calendar.schedule_type == "flexible":
                raise ValidationError(
                    self.env._(
                        "%(calendar)s: coverage hours cannot be flexible. Set the "
                        "schedule type to Fully Fixed.",
                        calendar=calendar.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        calendars = super().create(vals_list)
        if calendars:
            # there were no hours before this transaction: all that it measured was
            # measured by those that it made
            calendars._support_keep_hours()
            kept = self.env.cr.precommit.data[BEFORE]
            kept.update(dict.fromkeys(calendars.ids, NEW))
        return calendars

    def write(self, vals):
        if TERMS.isdisjoint(vals):
            result = super().write(vals)
        else:
            self._support_keep_hours()
            result = super().write(vals)
            self._support_renew_version()
        if "company_id" in vals:
            self._support_move_leaves()
        if vals.keys() & {"support_coverage", "company_id"}:
            # whoever may change coverage hours only may not take any out of them
            self.check_access("write")
        return result

    def _support_move_leaves(self):
        """The holidays of coverage hours go with them to another company; of other
        calendars Odoo copies those of the new company's calendar."""
        for calendar in self.filtered("support_coverage"):
            # they belong to the calendar that the user has just changed
            leaves = calendar.sudo().leave_ids
            leaves.filtered(
                lambda leave: not leave.resource_id
            ).company_id = calendar.company_id

    def unlink(self):
        # holidays of coverage hours go with them
        self.filtered("support_coverage").global_leave_ids.unlink()
        # the database unties leaves from a calendar that is deleted: then they close
        # every calendar of their company
        leaves = self.env["resource.calendar.leaves"]
        untied = leaves.sudo().search([("calendar_id", "in", self.ids)])
        calendars = untied._support_get_calendars(untied=True) - self
        calendars._support_keep_hours()
        result = super().unlink()
        calendars._support_renew_version()
        return result

    # ------------------------------------------------------------------
    # Working time
    # ------------------------------------------------------------------

    def _support_working_time(self):
        """The compiled hours of this calendar (:class:`WorkingTime`).

        :raise UserError: if the calendar has flexible hours
        """
        self.ensure_one()
        return self._support_working_times()[self]

    def _support_working_times(self, without=None):
        """The compiled hours of each calendar, in a constant number of queries.

        They are the calendar's lines (no breaks, no sections) in its time zone, less
        the leaves that are nobody's own, of type "Time Off", of this calendar or of
        none, and of the calendar's company or of none. For a calendar of no company
        the leaves of this very calendar count, whatever their company, and those with
        neither calendar nor company. Who measures needs no right to read calendars.

        They are kept under the calendar's ``support_version``, which every change of
        them replaces by one that never was before. A transaction therefore finds the
        hours of its own snapshot, in whatever process they were compiled, nobody has
        to be told of a change, and what a transaction compiled before it was rolled
        back is never found again. A number that counts up would come back after a
        rollback, with other hours.

        :param without: lines or leaves to leave out: those that have just been added
        :return: {calendar: WorkingTime}
        :raise UserError: if one of them has flexible hours
        """
        # no access to a calendar is needed to know whether help is at hand
        calendars = self.sudo()
        for calendar in calendars:
            if calendar.schedule_type == "flexible":
                raise UserError(
                    self.env._(
                        "%(calendar)s has flexible hours, which cannot be measured. "
                        "Set its schedule type to Fully Fixed.",
                        calendar=calendar.name,
                    )
                )
        hours = {}

        def read(calendar):
            # all of them, as soon as the first one is missing
            if not hours:
                hours.update(calendars._support_read_hours(without))
            return hours[calendar.id]

        return {
            calendar: measured._support_compile(measured.support_version, read)
            for calendar, measured in zip(self, calendars, strict=True)
        }

    @ormcache("self.id", "version")
    def _support_compile(self, version, read):
        return WorkingTime(**read(self))

    def _support_read_hours(self, without=None):
        """What :class:`WorkingTime` is made of, by id of the calendars."""
        lines = self.env["resource.calendar.attendance"].search_fetch(
            [
                ("calendar_id", "in", self.ids),
                ("display_type", "=", False),
                ("day_period", "!=", "lunch"),
            ],
            ["calendar_id", "dayofweek", "week_type", "hour_from", "hour_to"],
        )
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            [
                ("calendar_id", "in", [*self.ids, False]),
                ("resource_id", "=", False),
                ("time_type", "=", "leave"),
            ],
            ["calendar_id", "company_id", "date_from", "date_to"],
        )
        if without is not None and without._name == lines._name:
            lines -= without
        elif without is not None:
            leaves -= without
        of_calendar = leaves.grouped("calendar_id")
        everywhere = of_calendar.get(self.env["resource.calendar"], leaves.browse())
        lines = lines.grouped("calendar_id")
        return {
            calendar.id: {
                "zone": calendar.tz,
                "two_weeks": calendar.two_weeks_calendar,
                "lines": [
                    (
                        int(line.dayofweek),
                        int(line.week_type) if line.week_type else None,
                        _to_minutes(line.hour_from),
                        _to_minutes(line.hour_to),
                    )
                    for line in lines.get(calendar, ())
                ],
                "leaves": [
                    (leave.date_from, leave.date_to)
                    for leave in of_calendar.get(calendar, leaves.browse()) | everywhere
                    if calendar._support_observes(leave)
                ],
            }
            for calendar in self
        }

    def _support_has_closings(self):
        """Whether there are public holidays and the like. The compiled hours know;
        flexible ones, which cannot be compiled, are looked up."""
        self.ensure_one()
        if self.schedule_type != "flexible":
            return self._support_working_time().has_leaves
        return bool(self._support_read_hours()[self.id]["leaves"])

    def _support_observes(self, leave):
        """Whether the company of a leave of this calendar or of none is right."""
        if self.company_id or not leave.calendar_id:
            return leave.company_id in (self.company_id, leave.company_id.browse())
        return True

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def _support_keep_hours(self, without=None):
        """Remember the hours of the calendars as they were before the transaction first
        changed them. Called before a change, or after one that added something, with
        that as ``without``."""
        precommit = self.env.cr.precommit
        if not self:
            return
        if BEFORE not in precommit.data:
            precommit.data[BEFORE] = {}
            precommit.add(self.env["resource.calendar"]._support_tell_change)
        before = precommit.data[BEFORE]
        # who changes hours need not be able to read all that they are made of
        calendars = self.sudo().filtered(lambda calendar: calendar.id not in before)
        flexible = calendars.filtered(
            lambda calendar: calendar.schedule_type == "flexible"
        )
        before.update(dict.fromkeys(flexible.ids))
        hours = (calendars - flexible)._support_working_times(without)
        before.update({calendar.id: compiled for calendar, compiled in hours.items()})

    def _support_renew_version(self):
        """The hours have changed. Two transactions that change one calendar meet on its
        row, so that neither keeps hours without the other's change."""
        if self:
            # the version is nobody's to write: only a change of hours renews it
            self.sudo().write({"support_version": uuid4().hex})

    def _support_tell_change(self):
        before = self.env.cr.precommit.data.pop(BEFORE, {})
        made = self.sudo().browse(key for key, hours in before.items() if hours == NEW)
        made = made.exists()
        fixed = made.filtered(lambda calendar: calendar.schedule_type != "flexible")
        hours = fixed._support_working_times()
        before |= {calendar.id: hours.get(calendar) for calendar in made}
        before = {key: hours for key, hours in before.items() if hours != NEW}
        if before:
            self._support_hours_changed(before)

    @api.model
    def _support_hours_changed(self, before):
        """The hours of calendars have changed in this transaction: open clocks and
        call-backs follow.
        It is called before the commit, and before each savepoint if there were changes
        since.

        :param dict before: {calendar id: the hours until now, or None if they were
            flexible}; a calendar may be new or have been deleted since
        """
        # measured by the system, whoever changes hours
        self.env["support.sla.clock"].sudo()._follow_hours(before)
        self.env["support.callback"].sudo()._follow_hours(before)


def _to_minutes(hours):
    """Minutes of the day as ``resource.calendar`` rounds them."""
    minutes = int(float_round(hours * 60, precision_digits=0))
    return min(max(minutes, 0), MINUTES_OF_DAY)
