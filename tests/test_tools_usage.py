# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""When a balance is used up, against Hall's theorem: the use of some days is covered
exactly if no choice of them needs more than the lots hold that touch it."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import chain, combinations
from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st

from ..tools import usage
from ..tools.usage import Lot

TODAY = date(2026, 3, 31)
LENGTH = 6


def day(number):
    return TODAY + timedelta(days=number)


@st.composite
def lots(draw):
    first = draw(st.integers(-3, LENGTH))
    last = draw(st.none() | st.integers(first, LENGTH + 3))
    quantity = draw(st.integers(0, 12))
    return Lot(Fraction(quantity), day(first), None if last is None else day(last))


def slow(stock, per_day, days):
    """The first day whose use nobody could cover, or None."""
    for until in range(1, days + 1):
        numbers = range(1, until + 1)
        for chosen in chain.from_iterable(
            combinations(numbers, size) for size in numbers
        ):
            there = sum(
                lot.quantity
                for lot in stock
                if any(
                    lot.first_day <= day(number) <= (lot.last_day or date.max)
                    for number in chosen
                )
            )
            if there < per_day * len(chosen):
                return day(until)
    return None


class TestUsage(TestCase):
    @given(st.lists(lots(), max_size=5), st.integers(1, 5))
    def test_exhaustion_day(self, stock, per_day):
        self.assertEqual(
            usage.exhaustion_day(stock, per_day, TODAY, day(LENGTH)),
            slow(stock, per_day, LENGTH),
        )

    @given(st.lists(lots(), max_size=4), st.integers(1, 5), lots())
    def test_more_lasts_longer(self, stock, per_day, more):
        def last(stock, reserved=0):
            found = usage.exhaustion_day(stock, per_day, TODAY, day(30), reserved)
            return found or date.max

        self.assertGreaterEqual(last([*stock, more]), last(stock))
        self.assertLessEqual(last(stock, 3), last(stock))

    def test_a_balance_that_never_ends(self):
        stock = [Lot(Fraction(10), TODAY, None)]
        self.assertEqual(usage.exhaustion_day(stock, 1, TODAY, date.max), day(11))
        self.assertEqual(
            usage.exhaustion_day(stock, Fraction(10, 700), TODAY, date.max), day(701)
        )
        self.assertIsNone(
            usage.exhaustion_day(stock, Fraction(10, 800), TODAY, date.max)
        )

    def test_no_use(self):
        self.assertIsNone(usage.exhaustion_day([], 0, TODAY, day(9)))
        self.assertEqual(usage.exhaustion_day([], 1, TODAY, day(9)), day(1))
        self.assertIsNone(usage.exhaustion_day([], 1, TODAY, TODAY))

    def test_reserved_comes_first(self):
        """from what can be used today, not from what is still to be granted"""
        stock = [Lot(Fraction(5), TODAY, None), Lot(Fraction(5), day(2), None)]
        self.assertEqual(usage.exhaustion_day(stock, 1, TODAY, day(30), 4), day(7))
        self.assertEqual(usage.exhaustion_day(stock, 1, TODAY, day(30), 5), day(1))

    def test_daily_use(self):
        for days, divisor in [(0, 14), (13, 14), (29, 30), (89, 90), (500, 90)]:
            self.assertEqual(
                usage.daily_use(90, TODAY - timedelta(days=days), TODAY),
                Fraction(90, divisor),
            )
        self.assertEqual(usage.daily_use(-5, TODAY, TODAY), 0)

    @given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 24))
    def test_months(self, today, count):
        months = usage.last_months(today, count)
        self.assertEqual(len(months), count)
        self.assertEqual(months[-1], today.replace(day=1))
        for one, other in zip(months, months[1:], strict=False):
            self.assertEqual((one + timedelta(days=31)).replace(day=1), other)

    def test_closed_months(self):
        self.assertEqual(usage.closed_months(TODAY, TODAY), [])
        self.assertEqual(
            usage.closed_months(date(2026, 1, 31), TODAY),
            [date(2026, 2, 1), date(2026, 1, 1)],
        )
        many = usage.closed_months(date(2000, 1, 1), TODAY)
        self.assertEqual((many[0], many[-1]), (date(2026, 2, 1), date(2024, 3, 1)))
