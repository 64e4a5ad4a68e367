# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Public holidays: loaded once, kept as people want them."""

from datetime import date, datetime
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_working_time import WorkingTimeCase

LOGGER = "odoo.addons.support_contract.models.resource_calendar_holidays"


@tagged("post_install", "-at_install")
class TestHolidays(WorkingTimeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.everyday = [
            cls._line_vals(dayofweek=str(day), hour_from=0, hour_to=24)
            for day in range(7)
        ]
        cls.coverage = cls._create_calendar(cls.everyday, support_coverage=True)
        cls.italy = cls.env.ref("base.it")
        cls.milan = cls.env.ref("base.state_it_mi")
        cls.cron = cls.env.ref("support_contract.cron_load_holidays")
        cls.company.country_id = cls.env.ref("base.hu")

    def _open(self, calendar=None, user=None, **vals):
        """The dialog, as the button opens it."""
        load = self.env["support.holiday.load"].with_user(user or self.manager)
        calendar = calendar or self.coverage
        form = Form(load.with_context(default_calendar_id=calendar.id))
        for name, value in ({"year_from": 2026, "year_to": 2026} | vals).items():
            form[name] = value
        return form

    def _load(self, calendar=None, **vals):
        self._open(calendar, **vals).save().action_load()
        self.env.flush_all()

    def _get_days(self, calendar=None):
        """Local days of the holidays on the calendar."""
        return [
            leave.support_holiday_key[-10:]
            for leave in (calendar or self.coverage).global_leave_ids
            if leave.support_holiday_key
        ]

    def _run_job(self, day):
        with freeze_time(f"{day} 00:50:00"), self.enter_registry_test_mode():
            self.cron.method_direct_trigger()

    # ------------------------------------------------------------------
    # By hand
    # ------------------------------------------------------------------

    def test_preview_and_load(self):
        form = self._open()
        self.assertEqual(form.country_id, self.italy)
        utc = self._create_calendar(tz="UTC", support_coverage=True)
        self.assertEqual(self._open(utc).country_id, self.company.country_id)
        lines = form.save().line_ids
        self.assertEqual(lines[0].day, date(2026, 1, 1))
        self.assertFalse(any(lines.mapped("loaded")))
        self.assertEqual({(line.hour_from, line.hour_to) for line in lines}, {(0, 24)})
        self._load()
        self.assertEqual(len(self._get_days()), len(lines))
        leave = self.coverage.global_leave_ids[0]
        self.assertFalse(leave.resource_id)
        # from midnight to midnight in Rome, written as Odoo writes it
        self.assertEqual(leave.date_from, datetime(2025, 12, 31, 23))
        self.assertEqual(leave.date_to, datetime(2026, 1, 1, 22, 59, 59))
        for day, hours in (("2026-01-01", 0), ("2026-01-02", 24), ("2026-06-02", 0)):
            self.assertEqual(self._get_seconds(self.coverage, day), hours * 3600)

    def test_twice_changes_nothing(self):
        self._load()
        leaves = self.coverage.global_leave_ids
        lines = self._open().save().line_ids
        self.assertTrue(all(lines.mapped("loaded")))
        self._load()
        self._load(year_from=2025, year_to=2027)
        found = self.coverage.global_leave_ids
        self.assertEqual(found & leaves, leaves)
        self.assertEqual(len(set(self._get_days())), len(found))
        self._load(state_id=self.milan)
        new = self.coverage.global_leave_ids - found
        self.assertEqual(new.mapped("support_holiday_key"), ["IT:2026-12-07"])

    def test_once_in_the_database(self):
        self._load()
        leave = self.coverage.global_leave_ids[0]
        with self._assert_refused("on the calendar already"):
            self._create_leave(
                self.coverage, support_holiday_key=leave.support_holiday_key
            )
        with self.assertRaises(psycopg2.IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.env.cr.execute(
                    "UPDATE resource_calendar_leaves SET support_holiday_key = 'x' "
                    "WHERE calendar_id = %s",
                    [self.coverage.id],
                )
        copy = self.coverage.copy()
        self.assertEqual(len(copy.global_leave_ids), len(self.coverage.leave_ids))
        self.assertFalse(any(copy.global_leave_ids.mapped("support_holiday_key")))

    def test_copies_are_not_loaded_again(self):
        """they are closed on these days already"""
        self._load()
        copy = self.coverage.copy()
        before = copy.global_leave_ids
        self.assertTrue(all(self._open(copy).save().line_ids.mapped("loaded")))
        self._load(copy)
        self.assertEqual(copy.global_leave_ids, before)

    def test_edited_and_left_out(self):
        """Row "half holiday": Christmas Eve from 13:00"""
        iceland = self.env.ref("base.is")
        form = self._open(country_id=iceland)
        lines = form.save().line_ids
        half = lines.filtered("half_day")
        self.assertEqual([line.hour_from for line in half], [13, 13])
        with form.line_ids.edit(lines.ids.index(half[0].id)) as line:
            line.hour_from = 12.5
            line.name = "Christmas Eve, from half past twelve"
        with form.line_ids.edit(lines.ids.index(half[1].id)) as line:
            line.left_out = True
        form.save().action_load()
        self.assertEqual(self._get_seconds(self.coverage, "2026-12-24"), 12.5 * 3600)
        self.assertEqual(self._get_seconds(self.coverage, "2026-12-31"), 24 * 3600)
        self.assertEqual(len(self._get_days()), len(lines) - 1)

    def test_clock_changes_on_a_holiday(self):
        """Easter 2027 is the day on which the clock changes"""
        self._load(year_from=2027, year_to=2027)
        self.assertEqual(self._get_seconds(self.coverage, "2027-03-28"), 0)
        self.assertEqual(self._get_seconds(self.coverage, "2027-03-27"), 24 * 3600)

    def test_names_in_the_users_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.manager.lang = "it_IT"
        self._load(user=self.manager)
        self.assertIn("Festa della Repubblica", self.coverage.leave_ids.mapped("name"))

    def test_region_that_is_not_known(self):
        spain = self.env.ref("base.es")
        form = self._open(country_id=spain)
        self.assertTrue(form.line_ids)
        form.state_id = self.env["res.country.state"].search(
            [("country_id", "=", spain.id), ("code", "=", "B")]
        )
        self.assertIn("Barcelona", form.problem)
        self.assertFalse(form.line_ids)
        with self.assertRaisesRegex(UserError, "Leave the region empty"):
            form.save().action_load()
        form.country_id = self.italy
        self.assertFalse(form.state_id)
        self.assertFalse(form.problem)

    def test_years_out_of_order(self):
        for first, last in ((2027, 2026), (2020, 2040), (26, 27)):
            with self._assert_refused("Years: "):
                self.env["support.holiday.load"].create(
                    {
                        "calendar_id": self.coverage.id,
                        "year_from": first,
                        "year_to": last,
                    }
                )
        with self._assert_refused("for example 13:00"):
            load = self._open().save()
            load.line_ids[0].hour_from = 25

    def test_rights(self):
        """managers load on coverage hours only; a dialog made by hand helps nobody"""
        personnel = self._create_calendar(name="Personnel")
        loads = self.env["support.holiday.load"]
        for user, calendar in (
            (self.manager, personnel),
            (self.contract_user, self.coverage),
            (self.technician, self.coverage),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                loads.with_user(user).create(
                    {
                        "calendar_id": calendar.id,
                        "country_id": self.italy.id,
                        "year_from": 2026,
                        "year_to": 2026,
                    }
                ).action_load()
        self.assertFalse(personnel.leave_ids)

    # ------------------------------------------------------------------
    # Every year
    # ------------------------------------------------------------------

    def test_keep_next_year_loaded(self):
        """Row "a job did not run for three months": whenever it runs, this year and
        the next are there, once"""
        self._load(keep_loaded=True)
        self.assertTrue(self.coverage.support_holiday_auto)
        self.assertEqual({day[:4] for day in self._get_days()}, {"2026"})
        for day, years in (
            ("2026-02-01", {"2026", "2027"}),
            ("2026-03-01", {"2026", "2027"}),
            ("2027-04-01", {"2026", "2027", "2028"}),
            ("2029-01-01", {"2026", "2027", "2028", "2029", "2030"}),
        ):
            self._run_job(day)
            found = self._get_days()
            self.assertEqual({day[:4] for day in found}, years)
            self.assertEqual(len(found), len(set(found)))

    def test_what_people_change_stays(self):
        """a holiday that somebody deleted, changed or left out does not come back"""
        form = self._open(keep_loaded=True)
        lines = form.save().line_ids
        index = [line.day for line in lines].index(date(2026, 8, 15))
        with form.line_ids.edit(index) as line:
            line.left_out = True
        form.save().action_load()
        self._run_job("2026-02-01")
        by_day = {
            leave.support_holiday_key[-10:]: leave
            for leave in self.coverage.global_leave_ids
        }
        by_day["2026-12-08"].unlink()
        by_day["2027-12-08"].unlink()
        by_day["2027-06-02"].date_from = datetime(2027, 6, 2, 10)
        for day in ("2026-03-01", "2026-12-01", "2027-05-01"):
            self._run_job(day)
        found = self._get_days()
        for day in ("2026-08-15", "2026-12-08", "2027-12-08"):
            self.assertNotIn(day, found)
        self.assertIn("2028-12-08", found)
        self.assertEqual(self._get_seconds(self.coverage, "2027-06-02"), 12 * 3600)
        # by hand they can have it again
        self._load()
        self.assertIn("2026-12-08", self._get_days())

    def test_another_region_is_another_year(self):
        self._load(keep_loaded=True)
        self._run_job("2026-02-01")
        self.coverage.support_holiday_state_id = self.milan
        self._run_job("2026-03-01")
        days = self._get_days()
        self.assertEqual(len(days), len(set(days)))
        self.assertLess({"2026-12-07", "2027-12-07"}, set(days))

    def test_switched_off(self):
        self._load(keep_loaded=True)
        self._load(country_id=self.env.ref("base.hu"), keep_loaded=False)
        self.assertTrue(self.coverage.support_holiday_auto)
        self._load(keep_loaded=False)
        self.assertFalse(self.coverage.support_holiday_auto)
        self._run_job("2026-02-01")
        self.assertEqual({day[:4] for day in self._get_days()}, {"2026"})
        self.assertFalse(self.coverage.copy().support_holiday_auto)

    def test_one_bad_record(self):
        """Row "one bad record in a job": its error is in the log, the others go on"""
        bad = self._create_calendar(
            support_coverage=True,
            support_holiday_auto=True,
            support_holiday_country_id=self.env.ref("base.es").id,
            support_holiday_state_id=self.env["res.country.state"]
            .search([("country_id.code", "=", "ES"), ("code", "=", "B")])
            .id,
        )
        good = self._create_calendar(
            support_coverage=True,
            support_holiday_auto=True,
            support_holiday_country_id=self.italy.id,
        )
        with self.assertLogs(LOGGER, "ERROR") as logs:
            self._run_job("2026-02-01")
        self.assertIn("Barcelona", logs.output[0])
        self.assertFalse(bad.leave_ids)
        self.assertEqual({day[:4] for day in self._get_days(good)}, {"2026", "2027"})
        with patch.object(
            self.env.registry["resource.calendar"], "_support_load_holidays"
        ) as load:
            with mute_logger(LOGGER):
                self._run_job("2026-03-01")
        self.assertFalse(load.called)
