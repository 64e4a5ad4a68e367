# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The compiled hours against Odoo's own arithmetic, and how they follow changes."""

import time as clock
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

import pytz
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupportCommon
from .scratch import ScratchCase

PROFILE = settings(
    deadline=None, derandomize=True, max_examples=60, suppress_health_check=list()
)

#: days near which something happens: changes of clock in each zone, ends of years, a
#: 29 February
EVENTS = {
    "Europe/Rome": ["2026-03-29", "2026-10-25", "2026-12-31", "2028-02-29"],
    "Europe/London": ["2026-03-29", "2026-10-25", "2026-12-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04", "2026-12-31"],
    "UTC": ["2026-12-31", "2028-02-29"],
}
#: hours of a day, in minutes
DAYS = [
    [],
    [(540, 1080)],
    [(600, 750), (900, 1020)],
    [(0, 360), (1320, 1440)],
    [(0, 1440)],
    [(125, 185), (1325, 1440)],
]


@st.composite
def calendars(draw):
    """Values of a calendar, and questions near something that happens."""
    zone = draw(st.sampled_from(sorted(EVENTS)))
    event = date.fromisoformat(draw(st.sampled_from(EVENTS[zone])))
    two_weeks = draw(st.booleans())
    lines = []
    for week in ("0", "1") if two_weeks else (False,):
        for day in range(7):
            for first, last in draw(st.sampled_from(DAYS)):
                lines.append(
                    {
                        "name": "Hours",
                        "dayofweek": str(day),
                        "week_type": week,
                        "hour_from": first / 60,
                        "hour_to": last / 60,
                        "day_period": "full_day",
                    }
                )
    leaves = []
    for number, (first, last) in draw(
        st.lists(
            st.tuples(
                st.integers(-3, 5),
                st.sampled_from([(0, 24), (12, 24), (0, 13), (9, 11)]),
            ),
            max_size=3,
        )
    ):
        day = event + timedelta(days=number)
        leaves.append(
            {
                "name": "Holiday",
                "date_from": to_utc(zone, day, first),
                "date_to": to_utc(zone, day, last),
                "calendar_id": draw(st.booleans()),
            }
        )
    start = datetime.combine(event, time()) + timedelta(
        seconds=draw(st.integers(-3 * 86400, 2 * 86400))
    )
    questions = draw(
        st.lists(st.sampled_from([0.25, 1, 2.5, 4, 7 + 1 / 60, 8, 24, 40]), min_size=3)
    )
    days = draw(st.integers(1, 30))
    return zone, two_weeks, lines, leaves, start, questions[:4], days


def to_utc(zone, day, hour):
    local = datetime.combine(day, time()) + timedelta(hours=hour)
    return pytz.timezone(zone).localize(local).astimezone(pytz.utc).replace(tzinfo=None)


def to_second(moment):
    """Odoo counts in parts of hours, and takes 24:00 as a microsecond before."""
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)


class WorkingTimeCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendars = cls.env["resource.calendar"]
        cls.lines = cls.env["resource.calendar.attendance"]
        cls.leaves = cls.env["resource.calendar.leaves"]

    @classmethod
    def _create_calendar(cls, lines=None, **vals):
        """Open on Mondays from 9:00 to 18:00, unless ``lines`` says otherwise."""
        if lines is None:
            lines = [cls._line_vals()]
        return cls.calendars.create(
            {
                "name": "Coverage",
                "tz": "Europe/Rome",
                "company_id": cls.company.id,
                "two_weeks_calendar": False,
                "attendance_ids": [Command.create(line) for line in lines],
                **vals,
            }
        )

    @classmethod
    def _line_vals(cls, **vals):
        return {
            "name": "Hours",
            "dayofweek": "0",
            "hour_from": 9,
            "hour_to": 18,
            "day_period": "full_day",
            **vals,
        }

    @classmethod
    def _create_leave(cls, calendar=None, day="2026-06-01", company=None, **vals):
        """A whole day in Rome. Odoo decides its company unless it is set later."""
        day = cls._day(day)
        leave = cls.leaves.create(
            {
                "name": "Holiday",
                "calendar_id": calendar.id if calendar else False,
                "date_from": to_utc("Europe/Rome", day, 0),
                "date_to": to_utc("Europe/Rome", day, 24) - timedelta(seconds=1),
                **vals,
            }
        )
        if company is not None:
            leave.company_id = company
        return leave

    def _get_seconds(self, calendar, day="2026-06-01"):
        """Covered seconds of a local day."""
        day = self._day(day)
        return calendar._support_working_time().seconds_between(
            to_utc(calendar.tz, day, 0), to_utc(calendar.tz, day, 24)
        )


@tagged("post_install", "-at_install")
class TestSameAsOdoo(WorkingTimeCase):
    """ "split day, night, weekend, holiday, half holiday", "clock change": whatever the
    calendar, Odoo's own methods give the same."""

    @PROFILE
    @given(calendars())
    def test_random_calendars(self, values):
        zone, two_weeks, lines, leaves, start, questions, days = values
        with self.env.cr.savepoint() as savepoint:
            calendar = self._create_calendar(
                lines, tz=zone, two_weeks_calendar=two_weeks
            )
            self.leaves.create(
                [
                    {**leave, "calendar_id": leave["calendar_id"] and calendar.id}
                    for leave in leaves
                ]
            )
            compiled = calendar._support_working_time()
            for hours in questions:
                self._check_plan(calendar, compiled, start, hours)
            end = start + timedelta(days=days)
            self.assertEqual(
                compiled.seconds_between(start, end),
                round(calendar.get_work_hours_count(start, end) * 3600),
            )
            savepoint.rollback()

    def _check_plan(self, calendar, compiled, start, hours):
        planned = calendar.plan_hours(hours, start, compute_leaves=True)
        found = compiled.deadline(start, round(hours * 3600))
        if not planned:
            self.assertIsNone(found)
            return
        planned = to_second(planned)
        if compiled.is_covered(found):
            self.assertEqual(planned, found)
        else:
            # at a closing, Odoo's parts of hours may fall short and go on
            self.assertIn(planned, (found, compiled.next_opening(found)))

    def test_holidays_of_a_year_end(self):
        """from Christmas Eve over the end of the year"""
        calendar = self._create_calendar(
            [
                self._line_vals(dayofweek=str(day), hour_from=first, hour_to=last)
                for day in range(5)
                for first, last in ((10, 12.5), (15, 17))
            ]
        )
        for day in ("2026-12-25", "2026-12-26", "2027-01-01", "2027-01-06"):
            self._create_leave(calendar, day)
        self._create_leave(
            calendar,
            "2026-12-31",
            date_from=to_utc("Europe/Rome", date(2026, 12, 31), 12),
        )
        compiled = calendar._support_working_time()
        for second in range(0, 14 * 86400, 40_001):
            start = datetime(2026, 12, 23, 10) + timedelta(seconds=second)
            for hours in (1, 4, 8):
                self._check_plan(calendar, compiled, start, hours)


@tagged("post_install", "-at_install")
class TestBetterThanOdoo(WorkingTimeCase):
    def test_no_hours(self):
        """a calendar without hours has no deadline, and is asked without a search"""
        calendar = self._create_calendar([])
        compiled = calendar._support_working_time()
        self.assertIsNone(compiled.deadline(datetime(2026, 6, 1), 1))
        self.assertIsNone(compiled.next_opening(datetime(2026, 6, 1)))

    def test_far_future(self):
        """Odoo gives up after 1,400 days"""
        calendar = self._create_calendar([self._line_vals(hour_to=10)])
        start = datetime(2026, 6, 1)
        self.assertFalse(calendar.plan_hours(201, start, compute_leaves=True))
        self.assertEqual(
            calendar._support_working_time().deadline(start, 300 * 3600),
            to_utc("Europe/Rome", date(2026, 6, 1) + timedelta(weeks=299), 10),
        )

    def test_end_of_a_holiday(self):
        """round the clock: no second of coverage at the end of a holiday"""
        calendar = self._create_calendar(
            [
                self._line_vals(dayofweek=str(day), hour_from=0, hour_to=24)
                for day in range(7)
            ]
        )
        self._create_leave(calendar)
        self.assertEqual(self._get_seconds(calendar), 0)
        self.assertEqual(self._get_seconds(calendar, "2026-06-02"), 86400)

    def test_flexible_hours(self):
        """they cannot be measured, and the message says which calendar it is"""
        calendar = self._create_calendar(name="As you like", schedule_type="flexible")
        with self.assertRaisesRegex(UserError, "As you like"):
            calendar._support_working_time()
        calendar.schedule_type = "fully_fixed"
        self.assertTrue(self._get_seconds(calendar))


@tagged("post_install", "-at_install")
class TestWhatCounts(WorkingTimeCase):
    def test_breaks_and_sections(self):
        calendar = self._create_calendar(
            [
                self._line_vals(hour_to=13),
                self._line_vals(hour_from=13, hour_to=14, day_period="lunch"),
                self._line_vals(hour_from=14),
                self._line_vals(hour_from=20, hour_to=21, display_type="line_section"),
            ]
        )
        self.assertEqual(self._get_seconds(calendar), 8 * 3600)

    def test_leaves_that_close(self):
        calendar = self._create_calendar()
        resource = self.env["resource.resource"].create(
            {"name": "Somebody", "calendar_id": calendar.id}
        )
        other_company = self.env["res.company"].create({"name": "Other vendor"})
        other = self._create_calendar()
        shared = self._create_calendar(company_id=False)
        nobody = self.env["res.company"]
        for closed, on, values in (
            ((), calendar, {"resource_id": resource.id}),
            ((), calendar, {"time_type": "other"}),
            ((), calendar, {"company": other_company}),
            ((calendar,), calendar, {}),
            ((calendar,), calendar, {"company": nobody}),
            ((), None, {"company": other_company}),
            ((calendar, other), None, {"company": self.company}),
            ((calendar, other, shared), None, {"company": nobody}),
            ((shared,), shared, {"company": other_company}),
            ((shared,), shared, {"company": nobody}),
        ):
            with self.subTest(on=on, values=values):
                leave = self._create_leave(on, **values)
                for one in (calendar, other, shared):
                    expected = 0 if one in closed else 9 * 3600
                    self.assertEqual(self._get_seconds(one), expected)
                leave.unlink()
            for one in (calendar, other, shared):
                self.assertEqual(self._get_seconds(one), 9 * 3600)

    def test_anybody_may_measure(self):
        """a portal user has no right to read calendars"""
        calendar = self._create_calendar()
        self.assertEqual(
            self._get_seconds(calendar.with_user(self.portal_user).sudo(False)),
            9 * 3600,
        )


@tagged("post_install", "-at_install")
class TestChanges(WorkingTimeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls._create_calendar()
        cls.other = cls._create_calendar(name="Other")
        cls.resource = cls.env["resource.resource"].create(
            {"name": "Somebody", "calendar_id": cls.calendar.id}
        )
        cls.env.cr.flush()

    @contextmanager
    def _assert_changed(self, *calendars):
        """What happens inside gives new versions to these calendars and to no other,
        and tells their old hours once."""
        everything = self.calendar | self.other
        versions = {calendar: calendar.support_version for calendar in everything}
        old = {
            calendar: calendar._support_working_time()
            for calendar in everything
            if calendar.schedule_type != "flexible"
        }
        told = []
        self.env.cr.flush()
        with patch.object(
            self.env.registry["resource.calendar"],
            "_support_hours_changed",
            lambda self, before: told.append(before),
        ):
            yield
            self.env.cr.flush()
        for calendar in everything.exists():
            changed = calendar.support_version != versions[calendar]
            self.assertEqual(changed, calendar in calendars, calendar.name)
        if not calendars:
            self.assertEqual(told, [])
            return
        [before] = told
        self.assertLessEqual({calendar.id for calendar in calendars}, set(before))
        for calendar in everything:
            if calendar in calendars:
                self.assertIs(before[calendar.id], old.get(calendar))
            else:
                self.assertNotIn(calendar.id, before)

    def test_terms(self):
        for values in (
            {"tz": "UTC"},
            {"two_weeks_calendar": True},
            {"schedule_type": "flexible"},
            {"flexible_hours": False},
            {"company_id": False},
        ):
            with self.subTest(values=values), self._assert_changed(self.calendar):
                self.calendar.write(values)
        for values in ({"name": "Phone"}, {"active": False}):
            with self.subTest(values=values), self._assert_changed():
                self.calendar.write(values)

    def test_lines(self):
        line = self.calendar.attendance_ids
        for values in (
            {"hour_to": 17},
            {"dayofweek": "1"},
            {"week_type": "1"},
            {"day_period": "morning"},
        ):
            with self.subTest(values=values), self._assert_changed(self.calendar):
                line.write(values)
        with self._assert_changed():
            line.write({"name": "Monday", "sequence": 3})
        with self._assert_changed(self.calendar):
            self.calendar.attendance_ids = [
                Command.create(self._line_vals(dayofweek="3")),
                Command.update(line.id, {"hour_to": 12}),
            ]
        self.assertEqual(self._get_seconds(self.calendar, "2026-06-02"), 3 * 3600)
        with self._assert_changed(self.calendar, self.other):
            line.calendar_id = self.other
        with self._assert_changed(self.calendar):
            self.calendar.attendance_ids.unlink()

    def test_leaves(self):
        with self._assert_changed(self.calendar):
            leave = self._create_leave(self.calendar)
        with self._assert_changed(self.calendar):
            leave.date_to += timedelta(days=1)
        with self._assert_changed():
            leave.name = "Republic Day"
        with self._assert_changed(self.calendar, self.other):
            leave.calendar_id = self.other
        with self._assert_changed(self.calendar, self.other):
            leave.calendar_id = False
        with self._assert_changed(self.calendar, self.other):
            leave.write({"calendar_id": self.other.id})
        with self._assert_changed(self.other):
            leave.time_type = "other"
        with self._assert_changed():
            leave.date_to += timedelta(days=1)
        with self._assert_changed(self.other):
            leave.time_type = "leave"
        with self._assert_changed(self.other):
            leave.unlink()

    def test_leaves_of_people(self):
        """they change nothing, unless they become everybody's"""
        with self._assert_changed():
            leave = self._create_leave(self.calendar, resource_id=self.resource.id)
            leave.date_to += timedelta(days=1)
        with self._assert_changed(self.calendar):
            leave.resource_id = False
        with self._assert_changed(self.calendar):
            leave.resource_id = self.resource
        with self._assert_changed():
            leave.unlink()

    def test_leave_without_calendar(self):
        """it touches all calendars of its company, archived ones too"""
        self.other.active = False
        with self._assert_changed(self.calendar, self.other):
            leave = self._create_leave()
        self.assertEqual(leave.company_id, self.company)
        self.other.company_id = False
        with self._assert_changed(self.calendar):
            leave.date_to += timedelta(days=1)
        with self._assert_changed(self.calendar, self.other):
            leave.company_id = False
        with self._assert_changed(self.calendar, self.other):
            leave.unlink()

    def test_calendar_is_deleted(self):
        """Odoo leaves its holidays behind, for every calendar of their company"""
        third = self._create_calendar(name="Third")
        self._create_leave(third)
        self.env.cr.flush()
        with self._assert_changed(self.calendar, self.other):
            third.unlink()
        self.assertEqual(self._get_seconds(self.calendar), 0)

    def test_copy(self):
        self._create_leave(self.calendar)
        version = self.calendar.support_version
        copy = self.calendar.copy()
        self.assertNotEqual(copy.support_version, version)
        self.assertEqual(self._get_seconds(copy), 0)
        copy.attendance_ids.hour_to = 12
        self.assertEqual(self._get_seconds(copy, "2026-06-08"), 3 * 3600)
        self.assertEqual(self._get_seconds(self.calendar, "2026-06-08"), 9 * 3600)
        self.assertEqual(self.calendar.support_version, version)

    def test_several_changes_in_one_transaction(self):
        """each gets a version of its own; the oldest hours are told, once"""
        with self._assert_changed(self.calendar):
            self.calendar.attendance_ids.hour_to = 12
            self.assertEqual(self._get_seconds(self.calendar), 3 * 3600)
            self.calendar.attendance_ids.hour_to = 13
            self.assertEqual(self._get_seconds(self.calendar), 4 * 3600)
            self._create_leave(self.calendar)
            self.assertEqual(self._get_seconds(self.calendar), 0)

    def test_rollback(self):
        """what was compiled before a rollback is never found again"""
        for hour in (12, 13):
            with self.env.cr.savepoint() as savepoint:
                self.calendar.attendance_ids.hour_to = hour
                self.assertEqual(self._get_seconds(self.calendar), (hour - 9) * 3600)
                savepoint.rollback()
            self.assertEqual(self._get_seconds(self.calendar), 9 * 3600)

    def test_nothing_is_told_of_what_was_rolled_back(self):
        with self._assert_changed():
            with self.env.cr.savepoint() as savepoint:
                self.calendar.attendance_ids.hour_to = 12
                savepoint.rollback()

    def test_flexible(self):
        """their hours are told as None"""
        self.calendar.schedule_type = "flexible"
        with self._assert_changed(self.calendar):
            self.calendar.attendance_ids.hour_to = 12
        with self._assert_changed(self.calendar):
            self.calendar.schedule_type = "fully_fixed"

    def test_queries(self):
        """as many for ten calendars as for one, and none when nothing has changed"""
        many = self.calendars.concat(*(self._create_calendar() for _n in range(10)))
        for calendar in many:
            self._create_leave(calendar)
        counts = []
        for calendars in (many[0], many):
            calendars._support_renew_version()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            hours = calendars._support_working_times()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(list(hours), list(calendars))
        self.assertEqual(counts[0], counts[1])
        with self.assertQueryCount(0):
            many._support_working_times()
        counts = []
        for calendars in (many[:2], many[2:]):
            self.env.cr.flush()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            calendars.attendance_ids.write({"hour_to": 17})
            self.env.cr.flush()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_version_is_nobodys(self):
        """an old version would bring back old hours"""
        admin = self.env.ref("base.user_admin")
        for operation in ("read", "write"):
            with self._assert_refused("support_version"):
                if operation == "read":
                    self.calendar.with_user(admin).read(["support_version"])
                else:
                    self.calendar.with_user(admin).support_version = "1"


def create_calendar(database):
    with database.env() as env:
        line = {"name": "Monday", "dayofweek": "0", "hour_from": 9, "hour_to": 18}
        calendar = env["resource.calendar"].create(
            {
                "name": "Coverage",
                "tz": "UTC",
                "two_weeks_calendar": False,
                "attendance_ids": [Command.create(line)],
            }
        )
        return calendar.id


def ask(env, calendar_id):
    """Covered hours of a Monday."""
    compiled = env["resource.calendar"].browse(calendar_id)._support_working_time()
    monday = datetime(2026, 6, 1)
    return compiled.seconds_between(monday, monday + timedelta(days=1)) // 3600


def set_hours(database, calendar_id, hours):
    with database.env() as env:
        lines = env["resource.calendar"].browse(calendar_id).attendance_ids
        lines.hour_to = 9 + hours


def ask_on_and_on(database, calendar_id, expected):
    """A worker that nobody tells anything: what each of its transactions found."""
    answers = []
    for _try in range(200):
        with database.env() as env:
            answers.append(ask(env, calendar_id))
        if answers[-1] == expected:
            break
        clock.sleep(0.05)
    return sorted(set(answers), reverse=True)


def ask_in_an_old_snapshot(database, calendar_id):
    """Hours in a transaction that began before a change, during and after it."""
    answers = []
    with database.env() as old:
        answers.append(ask(old, calendar_id))
        set_hours(database, calendar_id, 5)
        with database.env() as new:
            answers.append(ask(new, calendar_id))
        old.invalidate_all()
        answers.append(ask(old, calendar_id))
        # also what it has to compile again
        old.registry.clear_cache()
        answers.append(ask(old, calendar_id))
    with database.env() as new:
        answers.append(ask(new, calendar_id))
    return answers


class ChangeOfMind(Exception):
    """The transaction ends without a commit."""


def change_and_fail(database, calendar_id):
    """Hours found inside a change that is rolled back, and after it."""
    answers = []
    try:
        with database.env() as env:
            env["resource.calendar"].browse(calendar_id).attendance_ids.hour_to = 20
            answers.append(ask(env, calendar_id))
            raise ChangeOfMind
    except ChangeOfMind:
        with database.env() as env:
            answers.append(ask(env, calendar_id))
    return answers


@tagged("post_install", "-at_install")
class TestWorkers(ScratchCase):
    def test_snapshots(self):
        calendar = self.database.run(create_calendar)
        self.assertEqual(
            self.database.run(ask_in_an_old_snapshot, calendar), [9, 5, 9, 9, 5]
        )
        self.assertEqual(self.database.run(change_and_fail, calendar), [11, 5])

    def test_other_workers(self):
        calendar = self.database.run(create_calendar)
        workers = [
            self.database.start(ask_on_and_on, calendar, 3) for _number in range(2)
        ]
        clock.sleep(0.5)
        self.database.run(set_hours, calendar, 3)
        for worker in workers:
            self.assertEqual(worker.wait(), [9, 3])
