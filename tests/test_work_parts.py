"""The parts of work: splitting checked against one minute after the other."""

import unittest
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import work_parts
from odoo.addons.support_contract.tools.work_parts import (
    BY_TIME,
    DAY_OFF,
    FLAT,
    FULL,
    INSIDE,
    NO_CHARGE,
    OUTSIDE,
    TRAVEL,
    WORK,
    Part,
    Tariff,
    days_off,
    split_work,
    to_minutes,
    to_units,
    travel_part,
    when_is,
)
from odoo.addons.support_contract.tools.working_time import WorkingTime

PROFILE = settings(deadline=None, derandomize=True, max_examples=150)
MINUTE = timedelta(minutes=1)
ZONE = "Europe/Rome"
#: Monday to Friday 9-12 and 14-17; 13 April 2026, a Monday, is a holiday
HOURS = WorkingTime(
    ZONE,
    [
        (weekday, None, first * 60, last * 60)
        for weekday in range(5)
        for first, last in ((9, 12), (14, 17))
    ],
    leaves=[(datetime(2026, 4, 12, 22), datetime(2026, 4, 13, 21, 59, 59))],
)
#: Friday 10 April 2026, 15:00 in Rome
FRIDAY = datetime(2026, 4, 10, 13)
PERCENTS = st.sampled_from([0, 20, 25, 50, 100]).map(Decimal)
TARIFFS = st.builds(
    Tariff,
    outside=PERCENTS,
    day_off=PERCENTS,
    travel=st.just(BY_TIME),
    travel_percent=st.sampled_from([0, 50, 100, 120]).map(Decimal),
)


def around(start, end):
    """Covered stretches and days off around work."""
    margin = timedelta(days=2)
    return (
        HOURS.intervals(start - margin, end + margin),
        days_off(start, end, ZONE, HOURS.intervals),
    )


def split_by_minutes(start, end, billable, covered, off, tariff):
    """Look at each begun minute, then move one minute after the other."""
    parts = []
    moment = start
    while moment < end or not parts:
        percent = tariff.percent(when_is(moment, covered, off))
        if not parts or parts[-1][1] != percent:
            parts.append([0, percent])
        if moment < end:
            parts[-1][0] += 1
        moment += MINUTE
    while sum(minutes for minutes, _percent in parts) < billable:
        min(parts, key=lambda part: part[1])[0] += 1
    while sum(minutes for minutes, _percent in parts) > billable:
        min((part for part in parts if part[0]), key=lambda part: part[1])[0] -= 1
    return [(minutes, percent) for minutes, percent in parts if minutes]


class TestSplitWork(unittest.TestCase):
    @PROFILE
    @given(
        st.integers(0, 7 * 24 * 60 * 60),
        st.integers(0, 30 * 60 * 60),
        st.integers(0, 2000),
        TARIFFS,
    )
    @example(0, 2 * 60 * 60, 121, Tariff(outside=Decimal(50)))
    @example(59, 3601, 62, Tariff(outside=Decimal(50)))
    def test_same_as_minute_by_minute(self, offset, seconds, billable, tariff):
        start = FRIDAY + timedelta(seconds=offset)
        end = start + timedelta(seconds=seconds)
        covered, off = around(start, end)
        parts = split_work(start, end, billable, covered, off, tariff)
        self.assertEqual(
            [(part.minutes, part.percent) for part in parts],
            split_by_minutes(start, end, billable, covered, off, tariff),
        )
        self.assertEqual(sum(part.minutes for part in parts), billable)
        self.assertEqual({part.kind for part in parts} - {WORK}, set())

    @PROFILE
    @given(st.integers(0, 10000), st.integers(0, 2000), st.integers(0, 2000))
    def test_without_surcharges_it_is_one_part(self, offset, raw, billable):
        start = FRIDAY + offset * MINUTE
        end = start + raw * MINUTE
        parts = split_work(start, end, billable, *around(start, end), Tariff())
        expected = [Part(WORK, INSIDE, billable, FULL)] if billable else []
        self.assertEqual(parts, expected)

    def _split(self, start, end, billable, **tariff):
        parts = split_work(start, end, billable, *around(start, end), Tariff(**tariff))
        return [(part.when, part.minutes, int(part.percent)) for part in parts]

    def test_an_intervention_crosses_17_00(self):
        """Row "an intervention crosses 17:00": split at the boundary in the calendar's
        zone, surcharge only on the part outside."""
        start, end = FRIDAY + 90 * MINUTE, FRIDAY + 180 * MINUTE  # 16:30 to 18:00
        self.assertEqual(
            self._split(start, end, 90, outside=Decimal(50)),
            [(INSIDE, 30, 100), (OUTSIDE, 60, 150)],
        )

    def test_rounding_the_excess_goes_to_the_cheapest_part(self):
        """Row "rounding": minimum and step on the whole, the excess to its cheapest
        part."""
        start, end = FRIDAY + 110 * MINUTE, FRIDAY + 125 * MINUTE  # 16:50 to 17:05
        self.assertEqual(
            self._split(start, end, 60, outside=Decimal(50)),
            [(INSIDE, 55, 100), (OUTSIDE, 5, 150)],
        )

    def test_less_than_worked_comes_off_the_cheapest_part_first(self):
        start, end = FRIDAY + 90 * MINUTE, FRIDAY + 180 * MINUTE
        outside = {"outside": Decimal(50)}
        self.assertEqual(
            self._split(start, end, 70, **outside),
            [(INSIDE, 10, 100), (OUTSIDE, 60, 150)],
        )
        self.assertEqual(self._split(start, end, 40, **outside), [(OUTSIDE, 40, 150)])
        self.assertEqual(self._split(start, end, 0, **outside), [])

    def test_the_greater_surcharge_counts(self):
        """Row "an intervention crosses 17:00": multipliers never multiply each other,
        the greater one counts."""
        start = FRIDAY + timedelta(days=1)
        for outside, day_off, percent in ((50, 100, 200), (50, 20, 150), (0, 20, 120)):
            found = self._split(
                start,
                start + 60 * MINUTE,
                60,
                outside=Decimal(outside),
                day_off=Decimal(day_off),
            )
            self.assertEqual(found, [(DAY_OFF, 60, percent)])

    def test_the_lunch_hour_is_outside(self):
        start, end = FRIDAY - 4 * 60 * MINUTE, FRIDAY  # 11:00 to 15:00
        self.assertEqual(
            self._split(start, end, 240, outside=Decimal(50)),
            [(INSIDE, 60, 100), (OUTSIDE, 120, 150), (INSIDE, 60, 100)],
        )

    def test_from_friday_to_the_day_after_a_holiday(self):
        """weekend and holiday are days off, nights of working days are not"""
        start, end = FRIDAY + timedelta(hours=1), FRIDAY + timedelta(days=4)
        self.assertEqual(
            self._split(start, end, 95 * 60, outside=Decimal(50), day_off=Decimal(100)),
            [
                (INSIDE, 60, 100),
                (OUTSIDE, 7 * 60, 150),
                (DAY_OFF, 72 * 60, 200),
                (OUTSIDE, 9 * 60, 150),
                (INSIDE, 3 * 60, 100),
                (OUTSIDE, 2 * 60, 150),
                (INSIDE, 60, 100),
            ],
        )

    def test_no_coverage_hours_and_nothing_is_outside(self):
        parts = split_work(
            FRIDAY,
            FRIDAY + timedelta(days=3),
            60,
            None,
            (),
            Tariff(outside=Decimal(50), day_off=Decimal(50)),
        )
        self.assertEqual(parts, [Part(WORK, INSIDE, 60, FULL)])

    def test_what_cannot_be(self):
        for start, end, minutes in (
            (FRIDAY, FRIDAY - MINUTE, 10),
            (FRIDAY, FRIDAY + MINUTE, -1),
        ):
            with self.assertRaises(ValueError):
                split_work(start, end, minutes, None, (), Tariff())


class TestDaysOff(unittest.TestCase):
    def test_local_days(self):
        start = datetime(2026, 4, 10, 21, 59)
        self.assertEqual(days_off(start, start, ZONE, HOURS.intervals), [])
        self.assertEqual(
            days_off(start, start + MINUTE, ZONE, HOURS.intervals),
            [(datetime(2026, 4, 10, 22), datetime(2026, 4, 11, 22))],
        )

    def test_a_change_of_clock(self):
        """a Sunday of 23 hours"""
        start = datetime(2026, 3, 29, 10)
        self.assertEqual(
            days_off(start, start, ZONE, HOURS.intervals),
            [(datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22))],
        )


class TestTravel(unittest.TestCase):
    def _travel(self, start, minutes=60, **tariff):
        tariff = Tariff(**{"travel": BY_TIME, **tariff})
        part = travel_part(start, minutes, *around(start, start), tariff)
        return part and (part.kind, part.when, part.minutes, int(part.percent))

    def test_travel_and_surcharge_never_both(self):
        """the greater multiplier counts"""
        evening = FRIDAY + timedelta(hours=4)
        for travel, outside, percent in (
            (50, 0, 50),
            (120, 0, 120),
            (50, 30, 130),
            (150, 30, 150),
        ):
            values = {"travel_percent": Decimal(travel), "outside": Decimal(outside)}
            when = OUTSIDE if outside else INSIDE
            self.assertEqual(
                self._travel(evening, **values), (TRAVEL, when, 60, percent)
            )
            self.assertEqual(
                self._travel(FRIDAY, **values), (TRAVEL, INSIDE, 60, travel)
            )

    def test_no_travel(self):
        self.assertIsNone(self._travel(FRIDAY, minutes=0))
        self.assertIsNone(self._travel(FRIDAY, travel=NO_CHARGE))
        self.assertIsNone(self._travel(FRIDAY, travel=FLAT))
        self.assertIsNone(self._travel(FRIDAY, travel_percent=Decimal(0)))


class TestUnits(unittest.TestCase):
    """minutes of a balance, where a surcharge takes more of them"""

    @PROFILE
    @given(st.integers(0, 3000), st.sampled_from([50, 100, 120, 125, 150, 200]))
    def test_there(self, minutes, percent):
        units = to_units(minutes, Decimal(percent))
        distance = units - Fraction(minutes * percent, 100)
        self.assertTrue(abs(distance) <= Fraction(1, 2) or units == 1)
        self.assertEqual(to_units(minutes, FULL), minutes)

    @PROFILE
    @given(
        st.integers(1, 3000),
        st.integers(0, 6000),
        st.sampled_from([50, 100, 120, 125, 150, 200]),
    )
    @example(60, 46, 150)
    def test_and_back(self, minutes, units, percent):
        counted = 0
        while counted < minutes and counted * percent < units * 100:
            counted += 1
        self.assertEqual(to_minutes(units, minutes, Decimal(percent)), counted)

    def test_examples(self):
        self.assertEqual(to_units(60, Decimal(150)), 90)
        self.assertEqual(to_units(10, Decimal(125)), 13)
        self.assertEqual(to_units(1, Decimal(20)), 1)
        self.assertEqual(to_minutes(45, 60, Decimal(150)), 30)
        self.assertEqual(to_minutes(46, 60, Decimal(150)), 31)
        self.assertIs(type(to_minutes(46, 60, Decimal(150))), int)
        self.assertEqual(work_parts.to_minutes(0, 60, FULL), 0)
