"""Working time, checked against counting the minutes of the calendar."""

import threading
import unittest
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

import pytz
from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import working_time
from odoo.addons.support_contract.tools.working_time import WorkingTime

PROFILE = settings(deadline=None, derandomize=True, max_examples=60)
FEW = settings(PROFILE, max_examples=12)

MINUTE = timedelta(minutes=1)
#: near changes of clock, ends of years, the turn of the two weeks
BEGINNINGS = [
    date(2026, 3, 24),
    date(2026, 10, 20),
    date(2026, 4, 1),
    date(2026, 9, 30),
    date(2025, 12, 28),
    date(2028, 2, 25),
]
ZONES = [
    "Europe/Rome",
    "Europe/London",
    "Australia/Lord_Howe",
    "UTC",
    # the clock changes at midnight, before midnight, by half an hour in winter
    "Africa/Cairo",
    "America/Scoresbysund",
    "Asia/Kathmandu",
    "America/New_York",
]
DAYS = 16


class Hours(NamedTuple):
    """What a calendar says, and the first of the days that are looked at."""

    zone: str
    lines: list
    two_weeks: bool
    leaves: list
    beginning: date

    def compiled(self):
        return WorkingTime(*self[:4])

    @property
    def start(self):
        return datetime.combine(self.beginning, time())

    @property
    def end(self):
        return self.start + timedelta(days=DAYS)

    def lines_on(self, day):
        parity = (day.toordinal() - 1) // 7 % 2
        for weekday, week, first, last in self.lines:
            if weekday == day.weekday() and (
                not self.two_weeks or (week or 0) == parity
            ):
                yield first, last

    def minutes(self):
        """Every covered minute (naive UTC), in order: each line of each day walked
        through from its start to its end."""
        zone = pytz.timezone(self.zone)

        def to_utc(day, minute):
            clock = time.max if minute == 1440 else time(*divmod(minute, 60))
            local = zone.localize(datetime.combine(day, clock))
            utc = local.astimezone(pytz.utc).replace(tzinfo=None)
            return utc + timedelta(microseconds=1) if minute == 1440 else utc

        found = set()
        for number in range(-2, DAYS + 2):
            day = self.beginning + timedelta(days=number)
            for first, last in self.lines_on(day):
                minute, end = to_utc(day, first), to_utc(day, last)
                while minute < end:
                    found.add(minute)
                    minute += MINUTE
        return self.not_on_leave(found)

    def minutes_by_the_clock(self):
        """Every covered minute: one at which the clock on the wall shows office
        hours."""
        zone = pytz.timezone(self.zone)
        found = []
        minute = self.start
        while minute < self.end:
            local = pytz.utc.localize(minute).astimezone(zone)
            shown = local.hour * 60 + local.minute
            if any(
                first <= shown < last for first, last in self.lines_on(local.date())
            ):
                found.append(minute)
            minute += MINUTE
        return self.not_on_leave(found)

    def not_on_leave(self, minutes):
        minutes = set(minutes)
        for start, end in self.leaves:
            while start < end:
                minutes.discard(start)
                start += MINUTE
        return sorted(minute for minute in minutes if self.start <= minute < self.end)


@st.composite
def hours(draw, first_minute=0, zones=tuple(ZONES)):
    beginning = draw(st.sampled_from(BEGINNINGS))
    line = st.tuples(
        st.integers(0, 6),
        st.sampled_from([None, 0, 1]),
        st.sampled_from(range(first_minute, 1440, 5)) | st.just(first_minute),
        st.sampled_from(range(first_minute, 1441, 5)) | st.just(1440),
    )
    minutes = st.integers(0, DAYS * 1440)
    leaves = []
    for first, length in draw(
        st.lists(
            st.tuples(minutes, st.integers(1, 5 * 1440) | st.just(1440)), max_size=4
        )
    ):
        start = datetime.combine(beginning, time()) + first * MINUTE
        leaves.append((start, start + length * MINUTE))
    return Hours(
        draw(st.sampled_from(zones)),
        draw(st.lists(line, max_size=9)),
        draw(st.booleans()),
        leaves,
        beginning,
    )


SECONDS = st.integers(0, DAYS * 86400)


def count(minutes, start, end):
    """Seconds of the minutes that lie between two moments."""
    total = timedelta()
    for minute in minutes:
        covered = min(end, minute + MINUTE) - max(start, minute)
        total += max(timedelta(), covered)
    return int(total.total_seconds())


def walk(minutes, start, seconds):
    """The moment at which ``seconds`` have passed, minute by minute."""
    left = timedelta(seconds=seconds)
    for minute in minutes:
        covered = minute + MINUTE - max(start, minute)
        if covered <= timedelta():
            continue
        if left <= covered:
            return max(start, minute) + left
        left -= covered
    return None


class TestAgainstMinutes(unittest.TestCase):
    @PROFILE
    @given(hours(), SECONDS, SECONDS)
    def test_seconds_between(self, calendar, first, second):
        start = calendar.start + timedelta(seconds=min(first, second))
        end = calendar.start + timedelta(seconds=max(first, second))
        compiled = calendar.compiled()
        expected = count(calendar.minutes(), start, end)
        self.assertEqual(compiled.seconds_between(start, end), expected)
        self.assertEqual(compiled.seconds_between(end, start), 0)
        self.assertEqual(
            sum(
                (stop - begin).total_seconds()
                for begin, stop in compiled.intervals(start, end)
            ),
            expected,
        )

    @PROFILE
    @given(hours(), SECONDS, st.integers(1, 200 * 3600) | st.integers(1, 3600))
    def test_deadline(self, calendar, first, seconds):
        start = calendar.start + timedelta(seconds=first)
        expected = walk(calendar.minutes(), start, seconds)
        found = calendar.compiled().deadline(start, seconds)
        if expected is None:
            self.assertTrue(found is None or found > calendar.end)
        else:
            self.assertEqual(found, expected)

    @PROFILE
    @given(hours(), SECONDS)
    def test_is_covered_and_next_opening(self, calendar, first):
        moment = calendar.start + timedelta(seconds=first)
        minutes = calendar.minutes()
        compiled = calendar.compiled()
        covered = moment.replace(second=0) in set(minutes)
        self.assertEqual(compiled.is_covered(moment), covered)
        later = [minute for minute in minutes if minute + MINUTE > moment]
        found = compiled.next_opening(moment)
        if later:
            self.assertEqual(found, max(moment, later[0]))
        else:
            self.assertTrue(found is None or found >= calendar.end)

    @PROFILE
    @given(hours(), SECONDS)
    def test_closing(self, calendar, first):
        moment = calendar.start + timedelta(seconds=first)
        minutes = set(calendar.minutes())
        found = calendar.compiled().closing(moment)
        minute = moment.replace(second=0)
        if minute not in minutes:
            self.assertIsNone(found)
            return
        while minute in minutes:
            minute += MINUTE
        if minute < calendar.end:
            self.assertEqual(found, minute)
        else:
            self.assertTrue(found is None or found >= minute)

    @PROFILE
    @given(hours())
    def test_intervals(self, calendar):
        """in order, none touches the next, and together they are the minutes"""
        found = calendar.compiled().intervals(calendar.start, calendar.end)
        walked = []
        for begin, stop in found:
            self.assertLess(begin, stop)
            if walked:
                self.assertLess(walked[-1] + MINUTE, begin)
            while begin < stop:
                walked.append(begin)
                begin += MINUTE
        self.assertEqual(walked, calendar.minutes())

    @FEW
    @given(hours(first_minute=240, zones=("Europe/Rome", "Australia/Lord_Howe", "UTC")))
    def test_the_clock_on_the_wall(self, calendar):
        """away from the nights in which clocks change, a moment is covered when the
        clock on the wall shows office hours"""
        found = calendar.compiled().intervals(calendar.start, calendar.end)
        minutes = calendar.minutes_by_the_clock()
        self.assertEqual(
            sum((stop - begin) // MINUTE for begin, stop in found), len(minutes)
        )
        self.assertTrue(all(begin in set(minutes) for begin, _stop in found))


class TestOneAnswer(unittest.TestCase):
    """The questions agree with each other, whatever was asked before."""

    @PROFILE
    @given(hours(), SECONDS, st.integers(1, 400 * 3600))
    def test_deadline_is_the_first_such_moment(self, calendar, first, seconds):
        start = calendar.start + timedelta(seconds=first)
        compiled = calendar.compiled()
        found = compiled.deadline(start, seconds)
        if found is None:
            return
        self.assertEqual(compiled.seconds_between(start, found), seconds)
        before = found - timedelta(seconds=1)
        self.assertEqual(compiled.seconds_between(start, before), seconds - 1)

    @FEW
    @given(hours(), st.lists(st.integers(-3000, 3000), max_size=5), SECONDS)
    @example(
        Hours("Europe/Rome", [(0, None, 540, 1080)], False, [], BEGINNINGS[0]),
        [2000, -2000],
        0,
    )
    def test_horizon_grows_in_both_directions(self, calendar, days, first):
        """the answer does not depend on what was asked before"""
        asked = calendar.compiled()
        for number in days:
            asked.is_covered(calendar.start + timedelta(days=number))
        for number in [*days, 0]:
            start = calendar.start + timedelta(days=number, seconds=first)
            fresh = calendar.compiled()
            for name, values in (
                ("deadline", (start, 100_000)),
                ("next_opening", (start,)),
                ("closing", (start,)),
                ("seconds_between", (start, start + timedelta(days=40))),
            ):
                self.assertEqual(
                    getattr(asked, name)(*values), getattr(fresh, name)(*values), name
                )

    def test_threads_see_one_state(self):
        """Many threads ask one object for moments in all directions."""
        lines = [(day, None, 540, 1080) for day in range(5)]
        expected = WorkingTime("Europe/Rome", lines)
        questions = [
            (datetime(year, month, 5, 11, 30), 3600 * hours)
            for year in range(2015, 2045, 3)
            for month in (1, 4, 10)
            for hours in (4, 40)
        ]
        answers = [expected.deadline(*question) for question in questions]
        shared = WorkingTime("Europe/Rome", lines)
        wrong = []

        def ask(offset):
            for number in range(len(questions)):
                index = (number * 7 + offset) % len(questions)
                if shared.deadline(*questions[index]) != answers[index]:
                    wrong.append(questions[index])

        threads = [threading.Thread(target=ask, args=(n * 5,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])


class TestCalendars(unittest.TestCase):
    def test_split_day_night_weekend_holiday_half_holiday(self):
        """Row "split day (10:00-12:30 and 15:00-17:00), night, weekend, holiday, half
        holiday": only coverage hours count."""
        lines = [
            (day, None, first, last)
            for day in range(5)
            for first, last in ((600, 750), (900, 1020))
        ]
        leaves = [
            # Monday of Easter, and the afternoon of the Tuesday after it
            (datetime(2026, 4, 5, 22), datetime(2026, 4, 6, 21, 59, 59)),
            (datetime(2026, 4, 7, 10), datetime(2026, 4, 7, 21, 59, 59)),
        ]
        compiled = WorkingTime("Europe/Rome", lines, leaves=leaves)
        # Thursday 2 April 11:00 local, the clock is two hours ahead
        start = datetime(2026, 4, 2, 9)
        for hours, expected in (
            (1, datetime(2026, 4, 2, 10)),
            (1.5, datetime(2026, 4, 2, 10, 30)),
            (2, datetime(2026, 4, 2, 13, 30)),
            (3.5, datetime(2026, 4, 2, 15)),
            (4, datetime(2026, 4, 3, 8, 30)),
            (8, datetime(2026, 4, 3, 15)),
            (9, datetime(2026, 4, 7, 9)),
            (10, datetime(2026, 4, 7, 10)),
            (11, datetime(2026, 4, 8, 9)),
        ):
            with self.subTest(hours=hours):
                self.assertEqual(compiled.deadline(start, int(hours * 3600)), expected)

    def test_night_that_crosses_midnight(self):
        """two lines that touch at midnight are one stretch"""
        compiled = WorkingTime(
            "Europe/Rome", [(0, None, 1320, 1440), (1, None, 0, 360)]
        )
        start = datetime(2026, 6, 1, 20)
        self.assertEqual(compiled.next_opening(datetime(2026, 6, 1, 12)), start)
        self.assertEqual(compiled.closing(start), datetime(2026, 6, 2, 4))
        self.assertEqual(
            compiled.deadline(start, 2 * 3600 + 1), datetime(2026, 6, 1, 22, 0, 1)
        )
        self.assertEqual(compiled.deadline(start, 8 * 3600), datetime(2026, 6, 2, 4))

    def test_evening_ends_at_midnight(self):
        """24:00 is midnight: the time is used up then, not in the next evening"""
        compiled = WorkingTime("UTC", [(day, None, 960, 1440) for day in range(7)])
        start = datetime(2026, 6, 1, 16)
        self.assertEqual(compiled.deadline(start, 8 * 3600), datetime(2026, 6, 2))
        self.assertEqual(compiled.closing(start), datetime(2026, 6, 2))
        self.assertFalse(compiled.is_covered(datetime(2026, 6, 2)))

    def test_clock_change(self):
        """Row "clock change": a round-the-clock day has 23 or 25 hours, and so has the
        night before; the hours of the office stay."""
        for zone, spring, autumn, shift in (
            ("Europe/Rome", date(2026, 3, 29), date(2026, 10, 25), 60),
            ("Europe/London", date(2026, 3, 29), date(2026, 10, 25), 60),
            ("Australia/Lord_Howe", date(2026, 10, 4), date(2026, 4, 5), 30),
            ("UTC", date(2026, 3, 29), date(2026, 10, 25), 0),
        ):
            for day, minutes in ((spring, 1440 - shift), (autumn, 1440 + shift)):
                with self.subTest(zone=zone, day=day):
                    whole = WorkingTime(zone, [(day.weekday(), None, 0, 1440)])
                    office = WorkingTime(zone, [(day.weekday(), None, 540, 1080)])
                    around = (
                        datetime.combine(day, time()) - timedelta(days=2),
                        datetime.combine(day, time()) + timedelta(days=2),
                    )
                    self.assertEqual(whole.seconds_between(*around), minutes * 60)
                    self.assertEqual(office.seconds_between(*around), 9 * 3600)

    def test_interval_inside_the_skipped_hour(self):
        """02:30 to 03:00 does not exist on the day on which 02:00 becomes 03:00"""
        compiled = WorkingTime("Europe/Rome", [(6, None, 150, 180)])
        day = datetime(2026, 3, 29)
        self.assertEqual(compiled.seconds_between(day, day + timedelta(days=1)), 0)
        self.assertEqual(
            compiled.seconds_between(day, day + timedelta(days=8)), 30 * 60
        )

    def test_two_weeks(self):
        """Weeks take turns over the end of a year with 53 weeks."""
        compiled = WorkingTime(
            "UTC", [(0, 0, 540, 600), (0, 1, 540, 660)], two_weeks=True
        )
        mondays = [datetime(2026, 12, 14) + timedelta(days=7 * n) for n in range(6)]
        seconds = [
            compiled.seconds_between(monday, monday + timedelta(days=7))
            for monday in mondays
        ]
        self.assertEqual(sorted(set(seconds)), [3600, 7200])
        self.assertEqual(seconds[:-2], seconds[2:])
        every_week = WorkingTime("UTC", [(0, 0, 540, 600), (0, 1, 540, 660)])
        for monday in mondays:
            self.assertEqual(
                every_week.seconds_between(monday, monday + timedelta(days=7)), 7200
            )

    def test_zero_seconds(self):
        compiled = WorkingTime("UTC", [(0, None, 540, 600)])
        closed = datetime(2026, 6, 3, 20, 15, 7)
        self.assertEqual(compiled.deadline(closed, 0), closed)
        with self.assertRaises(ValueError):
            compiled.deadline(closed, -1)

    def test_start_is_covered_and_end_is_not(self):
        compiled = WorkingTime("UTC", [(0, None, 540, 600)])
        opening, closing = datetime(2026, 6, 1, 9), datetime(2026, 6, 1, 10)
        second = timedelta(seconds=1)
        for moment, covered in (
            (opening - second, False),
            (opening, True),
            (closing - second, True),
            (closing, False),
        ):
            self.assertEqual(compiled.is_covered(moment), covered)
            self.assertEqual(compiled.closing(moment), closing if covered else None)
        self.assertEqual(compiled.next_opening(opening), opening)
        self.assertEqual(compiled.next_opening(closing), datetime(2026, 6, 8, 9))


class TestEnds(unittest.TestCase):
    """No hours, hours without end, and leaves that close years."""

    MOMENT = datetime(2026, 6, 3, 12)

    def assert_closed(self, compiled):
        later = self.MOMENT + timedelta(days=10_000)
        self.assertIsNone(compiled.deadline(self.MOMENT, 1))
        self.assertEqual(compiled.deadline(self.MOMENT, 0), self.MOMENT)
        self.assertEqual(compiled.seconds_between(self.MOMENT, later), 0)
        self.assertFalse(compiled.is_covered(self.MOMENT))
        self.assertIsNone(compiled.next_opening(self.MOMENT))
        self.assertIsNone(compiled.closing(self.MOMENT))
        self.assertEqual(compiled.intervals(self.MOMENT, later), [])

    def test_no_hours(self):
        self.assert_closed(WorkingTime("Europe/Rome", []))
        self.assert_closed(WorkingTime("Europe/Rome", [(0, None, 600, 600)]))
        self.assert_closed(WorkingTime("Europe/Rome", [(0, None, 600, 540)]))

    def test_no_hours_in_a_week(self):
        """the other week has all of them"""
        compiled = WorkingTime(
            "UTC", [(0, 1, 0, 600), (2, None, 600, 540)], two_weeks=True
        )
        monday = compiled.next_opening(self.MOMENT)
        self.assertEqual(
            compiled.next_opening(monday + timedelta(hours=10)),
            monday + timedelta(days=14),
        )

    def test_closed_for_ever(self):
        everyday = [(day, None, 0, 1440) for day in range(7)]
        leave = (datetime(2020, 1, 1), datetime(2999, 1, 1))
        self.assert_closed(WorkingTime("UTC", everyday, leaves=[leave]))

    def test_closed_for_years(self):
        """``resource.calendar`` gives up after 1,400 days"""
        everyday = [(day, None, 540, 600) for day in range(7)]
        leave = (datetime(2026, 6, 3, 10), datetime(2041, 6, 3))
        compiled = WorkingTime("UTC", everyday, leaves=[leave])
        self.assertEqual(compiled.next_opening(self.MOMENT), datetime(2041, 6, 3, 9))
        self.assertEqual(
            compiled.deadline(self.MOMENT, 1800), datetime(2041, 6, 3, 9, 30)
        )

    def test_far_future(self):
        """40 years of hours, or none any more"""
        compiled = WorkingTime("UTC", [(0, None, 540, 600)])
        weeks = 40 * 52
        self.assertEqual(
            compiled.deadline(self.MOMENT, weeks * 3600),
            datetime(2026, 6, 8, 10) + timedelta(weeks=weeks - 1),
        )
        self.assertIsNone(compiled.deadline(self.MOMENT, 10**10))

    def test_outside_the_counted_years(self):
        compiled = WorkingTime("UTC", [(day, None, 0, 1440) for day in range(7)])
        first = datetime.fromordinal(working_time.FIRST_DAY)
        last = datetime.fromordinal(working_time.LAST_DAY)
        for moment in (first - timedelta(days=400), last, datetime.max):
            self.assertFalse(compiled.is_covered(moment))
            self.assertIsNone(compiled.closing(moment))
        self.assertIsNone(compiled.deadline(last, 1))
        self.assertIsNone(compiled.next_opening(last))
        self.assertEqual(compiled.next_opening(datetime.min), first)
        self.assertEqual(
            compiled.seconds_between(datetime.min, datetime.max),
            (last - first).total_seconds(),
        )

    def test_round_the_clock(self):
        """touching days are one stretch without an end"""
        compiled = WorkingTime(
            "Europe/Rome", [(day, None, 0, 1440) for day in range(7)]
        )
        self.assertEqual(
            compiled.deadline(self.MOMENT, 1_000_000),
            self.MOMENT + timedelta(seconds=1_000_000),
        )
        later = self.MOMENT + timedelta(days=1000)
        self.assertEqual(compiled.intervals(self.MOMENT, later), [(self.MOMENT, later)])
        self.assertIsNone(compiled.closing(self.MOMENT))

    def test_round_the_clock_with_holidays(self):
        """a holiday "until 23:59:59" lasts to midnight: no second of coverage in the
        night"""
        holiday = (datetime(2026, 6, 10, 22), datetime(2026, 6, 11, 21, 59, 59))
        following = (
            datetime(2026, 6, 11, 22),
            datetime(2026, 6, 12, 21, 59, 59, 999999),
        )
        everyday = [(day, None, 0, 1440) for day in range(7)]
        compiled = WorkingTime("Europe/Rome", everyday, leaves=[following, holiday])
        self.assertEqual(compiled.closing(self.MOMENT), datetime(2026, 6, 10, 22))
        self.assertEqual(compiled.next_opening(holiday[0]), datetime(2026, 6, 12, 22))
        self.assertEqual(
            compiled.seconds_between(self.MOMENT, datetime(2026, 7, 1)),
            int((datetime(2026, 7, 1) - self.MOMENT).total_seconds()) - 2 * 86400,
        )

    def test_leave_without_length(self):
        """a leave that does not end after it starts closes nothing, at hh:mm:59
        neither"""
        moment = datetime(2026, 6, 3, 12, 0, 59)
        everyday = [(day, None, 0, 1440) for day in range(7)]
        compiled = WorkingTime("UTC", everyday, leaves=[(moment, moment)])
        self.assertTrue(compiled.is_covered(moment))
