# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may change coverage hours, and what is shipped of them."""

from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, tagged

from .test_working_time import WorkingTimeCase, to_utc


@tagged("post_install", "-at_install")
class TestManagers(WorkingTimeCase):
    """Odoo lets administrators change calendars; contract managers change those of
    coverage, and nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coverage = cls._create_calendar(support_coverage=True)
        cls.shared = cls._create_calendar(support_coverage=True, company_id=False)
        cls.personnel = cls._create_calendar(name="Personnel")
        cls.colleague = cls.env["resource.resource"].create(
            {
                "name": "A colleague",
                "user_id": cls.technician.id,
                "calendar_id": cls.personnel.id,
            }
        )
        cls.holiday = cls._create_leave(cls.coverage)
        cls.closing = cls._create_leave(cls.personnel)
        cls.time_off = cls._create_leave(cls.personnel, resource_id=cls.colleague.id)
        cls.everywhere = cls._create_leave()
        cls.employee = cls._create_user("employee", "")
        cls.admin = cls.env.ref("base.user_admin")
        cls.env.flush_all()

    def _call(self, user, records, method, *args):
        """A remote call."""
        records = records.with_user(user)
        ids = [records.ids] if records else []
        result = call_kw(records.browse(), method, [*ids, *args], {})
        self.env.flush_all()
        return result

    def _leave_values(self, calendar, **vals):
        return {
            "name": "Closed",
            "calendar_id": calendar.id,
            "date_from": "2026-07-01 00:00:00",
            "date_to": "2026-07-01 22:00:00",
            **vals,
        }

    def test_change_coverage_hours(self):
        for calendar in (self.coverage, self.shared):
            line = calendar.attendance_ids
            self._call(self.manager, calendar, "write", {"name": "Phone", "tz": "UTC"})
            self._call(self.manager, line, "write", {"hour_to": 12})
            self._call(
                self.manager,
                calendar,
                "write",
                {
                    "attendance_ids": [
                        Command.create(
                            {"dayofweek": "3", "hour_from": 9, "hour_to": 10}
                        ),
                        Command.delete(line.id),
                    ],
                    "global_leave_ids": [
                        Command.create(self._leave_values(calendar)),
                    ],
                },
            )
            self.assertEqual(self._get_seconds(calendar, "2026-06-04"), 3600)
            self.assertEqual(self._get_seconds(calendar), 0)
            # a line without a name has its day's
            self.assertEqual(calendar.attendance_ids.name, "Thursday")
            leave = calendar.global_leave_ids[-1]
            self.assertEqual(leave.company_id, calendar.company_id)
            self._call(self.manager, leave, "write", {"name": "Inventory"})
            self._call(self.manager, leave, "unlink")
            self._call(self.manager, calendar, "unlink")

    def test_everybody_reads(self):
        """what people could read, they still can"""
        for user in (self.manager, self.employee, self.admin):
            user.company_ids |= self.company
            for records in (
                self.coverage + self.personnel,
                self.coverage.attendance_ids + self.personnel.attendance_ids,
                self.holiday + self.closing + self.everywhere,
            ):
                self._call(user, records, "read", ["display_name"])

    def test_others_change_nothing(self):
        for user in (self.employee, self.technician, self.contract_user):
            for records, values in (
                (self.coverage, {"name": "x"}),
                (self.coverage, {"support_coverage": False}),
                (self.coverage.attendance_ids, {"hour_to": 12}),
                (self.holiday, {"name": "x"}),
            ):
                for method, args in (("write", [values]), ("unlink", [])):
                    with self.subTest(user=user.login, records=records, method=method):
                        with self.assertRaises(AccessError):
                            self._call(user, records, method, *args)

    def test_personnel_calendars(self):
        """nothing of them is open to managers"""
        for records, values in (
            (self.personnel, {"name": "x"}),
            (self.personnel, {"support_coverage": True}),
            (self.personnel, {"support_holiday_auto": True}),
            (self.personnel.attendance_ids, {"hour_to": 12}),
            (self.closing, {"name": "x"}),
            (self.time_off, {"name": "x"}),
            (self.everywhere, {"name": "x"}),
        ):
            for method, args in (("write", [values]), ("unlink", [])):
                with self.subTest(records=records, values=values, method=method):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        self._call(self.manager, records, method, *args)
        for model, values in (
            ("resource.calendar", {"name": "Mine"}),
            ("resource.calendar", {"name": "Mine", "support_coverage": False}),
            (
                "resource.calendar.attendance",
                self._line_vals(calendar_id=self.personnel.id),
            ),
            ("resource.calendar.leaves", self._leave_values(self.personnel)),
            (
                "resource.calendar.leaves",
                self._leave_values(self.coverage, resource_id=self.colleague.id),
            ),
            (
                "resource.calendar.leaves",
                self._leave_values(self.coverage, calendar_id=False),
            ),
        ):
            with self.subTest(values=values):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self._call(self.manager, self.env[model], "create", values)

    def test_nothing_is_moved_to_others(self):
        """lines and holidays of coverage hours cannot be moved to other calendars, nor
        theirs be taken over, nor coverage hours be made other ones"""
        line = self.coverage.attendance_ids
        foreign_line = self.personnel.attendance_ids
        for records, values in (
            (line, {"calendar_id": self.personnel.id}),
            (self.holiday, {"calendar_id": self.personnel.id}),
            (self.holiday, {"calendar_id": False}),
            (self.holiday, {"resource_id": self.colleague.id}),
            (self.coverage, {"support_coverage": False}),
            (self.coverage, {"attendance_ids": [Command.link(foreign_line.id)]}),
            (self.coverage, {"attendance_ids": [Command.update(foreign_line.id, {})]}),
            (
                self.coverage,
                {
                    "attendance_ids": [
                        Command.update(line.id, {"calendar_id": self.personnel.id})
                    ]
                },
            ),
            (self.coverage, {"leave_ids": [Command.link(self.closing.id)]}),
            (self.coverage, {"leave_ids": [Command.link(self.time_off.id)]}),
            (self.coverage, {"global_leave_ids": [Command.unlink(self.holiday.id)]}),
            (self.coverage, {"global_leave_ids": [Command.link(self.everywhere.id)]}),
            (self.coverage, {"company_id": self.env.ref("base.main_company").id}),
        ):
            with self.subTest(records=records, values=values):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    self._call(self.manager, records, "write", values)
                self.env.invalidate_all()
        self.assertEqual(foreign_line.calendar_id, self.personnel)
        self.assertEqual(self.holiday.calendar_id, self.coverage)

    def test_context_and_defaults_are_no_way_around(self):
        for context in (
            {"default_support_coverage": True},
            {"default_calendar_id": self.coverage.id, "active_test": False},
            {"su": True, "install_mode": True},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                records = self.personnel.with_user(self.manager)
                args = [self.personnel.ids, {"name": "x"}]
                call_kw(records.browse(), "write", args, {"context": context})

    def test_nobody_closes_coverage_with_time_off(self):
        """an employee's own time off does not become everybody's"""
        mine = self.env["resource.resource"].create(
            {
                "name": "Me",
                "user_id": self.employee.id,
                "calendar_id": self.coverage.id,
            }
        )
        values = self._leave_values(self.coverage, resource_id=mine.id)
        leave = self.env["resource.calendar.leaves"].browse(
            self._call(
                self.employee, self.env["resource.calendar.leaves"], "create", values
            )
        )
        self._call(self.employee, leave, "write", {"name": "Sea"})
        for values in (
            {"resource_id": False},
            {"support_holiday_key": "IT:2026-12-25"},
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                self._call(self.employee, leave, "write", values)

    def test_other_companies(self):
        stranger = self._create_user(
            "stranger", "support_contract.group_support_manager"
        )
        company = self.env["res.company"].create({"name": "Other vendor"})
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self._call(stranger, self.shared, "write", {"name": "For all"})
        self._call(stranger, self.shared.attendance_ids, "write", {"hour_to": 12})
        for records in (self.coverage, self.coverage.attendance_ids, self.holiday):
            with self.assertRaises(AccessError):
                self._call(stranger, records, "write", {"name": "x"})

    def test_administrators(self):
        """also one who is a contract manager as well changes all calendars"""
        self.admin.company_ids |= self.company
        self.assertTrue(self.admin.has_group("support_contract.group_support_manager"))
        only_admin = self._create_user("system", "base.group_system")
        for user in (self.admin, only_admin):
            user = user.with_context(allowed_company_ids=self.company.ids)
            for records in (self.personnel, self.coverage, self.closing, self.holiday):
                self._call(user, records, "write", {"name": "x"})
            self._call(user, self.personnel.attendance_ids, "write", {"hour_to": 12})
            self._call(user, self.personnel, "write", {"support_coverage": True})
            self._call(user, self.personnel, "write", {"support_coverage": False})
            self._call(
                user, self.env["resource.calendar"], "create", {"name": "Another"}
            )

    def test_new_in_the_form(self):
        """ "New" under Coverage Hours makes one that the manager may change, with the
        company's hours without the breaks, in the support time zone"""
        action = self.env.ref("support_contract.resource_calendar_action")
        self.assertEqual(action.context, "{'default_support_coverage': True}")
        self.company.resource_calendar_id.attendance_ids[0].hour_from = 7
        calendars = self.env["resource.calendar"].with_user(self.manager)
        with Form(
            calendars.with_context(default_support_coverage=True),
            "support_contract.resource_calendar_view_form",
        ) as form:
            form.name = "Phone"
            self.assertEqual(form.tz, "Europe/Rome")
            with form.attendance_ids.new() as line:
                line.dayofweek = "5"
                line.hour_from = 9
                line.hour_to = 12
        calendar = form.record
        self.assertTrue(calendar.support_coverage)
        self.assertIn("Saturday", calendar.attendance_ids.mapped("name"))
        self.assertNotIn("lunch", calendar.attendance_ids.mapped("day_period"))
        self.assertEqual(min(calendar.attendance_ids.mapped("hour_from")), 7)

    def test_company_changes_no_hours(self):
        """Odoo would take the hours and holidays of the new company's calendar"""
        self.env.user.group_ids += self.env.ref("base.group_multi_company")
        form = Form(self.shared, "support_contract.resource_calendar_view_form")
        holiday = self._create_leave(self.shared)
        form.company_id = self.company
        form.save()
        self.assertEqual(self.shared.attendance_ids.hour_to, 18)
        self.assertEqual(self.shared.tz, "Europe/Rome")
        self.assertEqual(self.shared.global_leave_ids, holiday)
        # and its holidays go with it
        self.assertEqual(holiday.company_id, self.company)
        self.assertEqual(self._get_seconds(self.shared), 0)
        self.shared.company_id = self.env["res.company"].create({"name": "Another"})
        self.assertEqual(self._get_seconds(self.shared), 0)

    def test_deleted_with_its_holidays(self):
        """else they would close all calendars of the company"""
        self.everywhere.unlink()
        self.assertEqual(self._get_seconds(self.shared), 9 * 3600)
        self.coverage.unlink()
        self.assertFalse(self.holiday.exists())
        self.assertEqual(self._get_seconds(self._create_calendar()), 9 * 3600)

    def test_not_flexible(self):
        with self.assertRaisesRegex(ValidationError, "Coverage: coverage hours"):
            self.coverage.schedule_type = "flexible"


@tagged("post_install", "-at_install")
class TestShipped(WorkingTimeCase):
    def _get_week(self, name):
        """Hours of a week in June, local: {weekday: [(from, to), ...]}"""
        calendar = self.env.ref(f"support_contract.{name}")
        self.assertTrue(calendar.support_coverage)
        self.assertFalse(calendar.company_id)
        self.assertFalse(calendar.two_weeks_calendar)
        monday = datetime(2026, 6, 15)
        week = {}
        for start, end in calendar._support_working_time().intervals(
            monday, monday + timedelta(days=7)
        ):
            shift = to_utc(calendar.tz, monday.date(), 0) - monday
            start, end = start - shift, end - shift
            week.setdefault(start.weekday(), []).append(
                (start.strftime("%H:%M"), end.strftime("%H:%M"))
            )
        return calendar.tz, week

    def test_calendars(self):
        """hours and zones as the vendors' pages say, whatever the company works"""
        for name, zone, hours in (
            (
                "calendar_phone_split",
                "Europe/Rome",
                [("10:00", "12:30"), ("15:00", "17:00")],
            ),
            ("calendar_office_8_16", "Europe/Budapest", [("08:00", "16:00")]),
            (
                "calendar_office_9_18",
                "Europe/Rome",
                [("09:00", "13:00"), ("14:00", "18:00")],
            ),
            ("calendar_office_warsaw", "Europe/Warsaw", [("08:00", "16:00")]),
        ):
            with self.subTest(name=name):
                found_zone, week = self._get_week(name)
                self.assertEqual(found_zone, zone)
                self.assertEqual(week, dict.fromkeys(range(5), hours))
