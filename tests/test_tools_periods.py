"""Calendar periods, checked against a walk through the calendar."""

import unittest
from datetime import date, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import periods

PROFILE = settings(deadline=None, derandomize=True, max_examples=150)

ANCHORS = st.dates(date(2019, 1, 1), date(2032, 12, 31))
LENGTHS = st.sampled_from([1, 1, 1, 2, 3, 5, 6, 12, 24, 60])


def walked_start(anchor, months, index):
    """Turn the calendar's leaves one month at a time, then look for the anchor's
    day in that month, or the last day before it that exists."""
    year, month = anchor.year, anchor.month
    for _leaf in range(months * index):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    day = anchor.day
    while True:
        try:
            return date(year, month, day)
        except ValueError:
            day -= 1


def walked_index(anchor, months, day):
    """Walk from the anchor to ``day``, a day at a time, and count the starts."""
    index = 0
    following = walked_start(anchor, months, 1)
    walker = anchor
    while walker < day:
        walker += timedelta(days=1)
        if walker == following:
            index += 1
            following = walked_start(anchor, months, index + 1)
    return index


class TestPeriodStart(unittest.TestCase):
    @PROFILE
    @given(ANCHORS, LENGTHS, st.integers(0, 40))
    @example(date(2024, 2, 29), 12, 4)
    @example(date(2025, 1, 31), 1, 1)
    def test_same_day_as_turning_the_leaves(self, anchor, months, index):
        self.assertEqual(
            periods.period_start(anchor, months, index),
            walked_start(anchor, months, index),
        )

    def test_anniversary_on_29_31_does_not_drift(self):
        """Row "anniversary on 29-31": 31 January, 28 February, 31 March."""
        starts = [periods.period_start(date(2025, 1, 31), 1, n) for n in range(6)]
        self.assertEqual(
            starts,
            [
                date(2025, 1, 31),
                date(2025, 2, 28),
                date(2025, 3, 31),
                date(2025, 4, 30),
                date(2025, 5, 31),
                date(2025, 6, 30),
            ],
        )

    def test_anniversary_on_29_31_in_a_leap_year(self):
        """Row "anniversary on 29-31": February has its 29th when there is one."""
        self.assertEqual(
            periods.period_start(date(2024, 1, 31), 1, 1), date(2024, 2, 29)
        )
        self.assertEqual(
            [periods.period_start(date(2024, 2, 29), 12, n) for n in (1, 3, 4)],
            [date(2025, 2, 28), date(2027, 2, 28), date(2028, 2, 29)],
        )

    def test_a_period_has_at_least_one_month(self):
        for months in (0, -1, -12):
            with self.subTest(months=months):
                with self.assertRaises(ValueError):
                    periods.period_start(date(2025, 1, 1), months, 1)
                with self.assertRaises(ValueError):
                    periods.period_index(date(2025, 1, 1), months, date(2025, 6, 1))


class TestPeriodAt(unittest.TestCase):
    @PROFILE
    @given(ANCHORS, LENGTHS, st.integers(0, 40))
    @example(date(2025, 1, 31), 1, 0)
    def test_periods_leave_no_gap_and_do_not_overlap(self, anchor, months, index):
        period = periods.period_at(anchor, months, index)
        following = periods.period_at(anchor, months, index + 1)
        self.assertEqual((period.index, following.index), (index, index + 1))
        self.assertLessEqual(period.first_day, period.last_day)
        self.assertEqual(following.first_day - period.last_day, timedelta(days=1))

    def test_anniversary_on_29_31_both_days_inclusive(self):
        """Row "anniversary on 29-31": a short month takes nothing from the next."""
        self.assertEqual(
            [periods.period_at(date(2025, 1, 31), 1, n)[1:] for n in range(3)],
            [
                (date(2025, 1, 31), date(2025, 2, 27)),
                (date(2025, 2, 28), date(2025, 3, 30)),
                (date(2025, 3, 31), date(2025, 4, 29)),
            ],
        )


class TestPeriodIndex(unittest.TestCase):
    @PROFILE
    @given(ANCHORS, LENGTHS, st.integers(0, 1500))
    @example(date(2025, 1, 31), 1, 28)
    @example(date(2025, 1, 31), 1, 27)
    @example(date(2024, 2, 29), 12, 365)
    @example(date(2025, 8, 31), 3, 91)
    def test_same_index_as_walking_day_by_day(self, anchor, months, days):
        day = anchor + timedelta(days=days)
        self.assertEqual(
            periods.period_index(anchor, months, day),
            walked_index(anchor, months, day),
        )

    def test_anniversary_on_29_31_every_day_of_four_years(self):
        """Row "anniversary on 29-31": each day lies in the period that it names,
        for every start at the end of a month."""
        anchors = [
            date(year, month, day)
            for year, month in ((2023, 12), (2024, 1), (2024, 2), (2025, 8))
            for day in (28, 29, 30, 31)
            if (month, day) not in ((2, 30), (2, 31))
        ]
        for anchor in anchors:
            for months in (1, 3, 12):
                for days in range(0, 4 * 366):
                    day = anchor + timedelta(days=days)
                    index = periods.period_index(anchor, months, day)
                    _index, first, last = periods.period_at(anchor, months, index)
                    if not first <= day <= last:
                        self.fail(f"{day} is not in {index} of {anchor}, {months}")

    def test_last_day_and_next_start(self):
        anchor = date(2025, 1, 31)
        self.assertEqual(periods.period_index(anchor, 1, date(2025, 1, 31)), 0)
        self.assertEqual(periods.period_index(anchor, 1, date(2025, 2, 27)), 0)
        self.assertEqual(periods.period_index(anchor, 1, date(2025, 2, 28)), 1)
        self.assertEqual(periods.period_index(anchor, 1, date(2025, 3, 30)), 1)
        self.assertEqual(periods.period_index(anchor, 1, date(2025, 3, 31)), 2)

    def test_a_day_before_the_anchor_has_no_period(self):
        with self.assertRaises(ValueError):
            periods.period_index(date(2025, 1, 31), 1, date(2025, 1, 30))


class TestPeriodsBetween(unittest.TestCase):
    @PROFILE
    @given(ANCHORS, LENGTHS, st.integers(0, 20), st.integers(-400, 1500))
    def test_all_that_have_begun_once_each_oldest_first(
        self, anchor, months, first_index, days
    ):
        last_start = anchor + timedelta(days=days)
        expected = [
            (n, walked_start(anchor, months, n))
            for n in range(first_index, 70)
            if walked_start(anchor, months, n) <= last_start
        ]
        found = list(periods.periods_between(anchor, months, first_index, last_start))
        self.assertEqual([(item.index, item.first_day) for item in found], expected)
        for item in found:
            self.assertEqual(item, periods.period_at(anchor, months, item.index))

    def test_a_job_did_not_run_for_three_months(self):
        """Row "a job did not run for three months": all missed periods, oldest
        first, once each, and it ends where daily runs would have ended."""
        anchor, today = date(2025, 1, 31), date(2025, 5, 31)
        daily = []
        day = anchor
        while day <= today:
            daily.extend(periods.periods_between(anchor, 1, len(daily), day))
            day += timedelta(days=1)
        late = list(periods.periods_between(anchor, 1, 2, today))
        self.assertEqual([period.index for period in late], [2, 3, 4])
        self.assertEqual(daily, daily[:2] + late)
        self.assertEqual(list(periods.periods_between(anchor, 1, 5, today)), [])


class TestTermEnd(unittest.TestCase):
    @PROFILE
    @given(ANCHORS, LENGTHS)
    def test_the_next_term_starts_the_day_after(self, first_day, months):
        self.assertEqual(
            periods.term_end(first_day, months) + timedelta(days=1),
            walked_start(first_day, months, 1),
        )

    def test_examples(self):
        for first_day, months, last_day in (
            (date(2025, 1, 1), 12, date(2025, 12, 31)),
            (date(2024, 3, 1), 12, date(2025, 2, 28)),
            (date(2024, 2, 29), 12, date(2025, 2, 27)),
            (date(2025, 7, 15), 60, date(2030, 7, 14)),
        ):
            with self.subTest(first_day=first_day, months=months):
                self.assertEqual(periods.term_end(first_day, months), last_day)
