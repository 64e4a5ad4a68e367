"""Minutes and money: rounding checked against counting."""

import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import rounding

PROFILE = settings(deadline=None, derandomize=True, max_examples=200)

STEPS = st.sampled_from([0, 1, 5, 6, 10, 15, 30, 45, 60])
CENTS = st.integers(1, 50000)


def counted_minutes(raw, minimum, step):
    """Go on from the minutes worked until minimum and step are both satisfied."""
    minutes = raw
    while raw and (minutes < minimum or minutes % (step or 1)):
        minutes += 1
    return minutes


class TestBillableMinutes(unittest.TestCase):
    @PROFILE
    @given(st.integers(0, 700), st.integers(0, 200), STEPS)
    @example(0, 30, 15)
    @example(1, 20, 15)
    @example(30, 30, 15)
    @example(31, 30, 15)
    def test_same_as_counting_up(self, raw, minimum, step):
        self.assertEqual(
            rounding.billable_minutes(raw, minimum, step),
            counted_minutes(raw, minimum, step),
        )

    @PROFILE
    @given(st.integers(0, 700), st.integers(0, 200), STEPS)
    def test_rounding_twice_changes_nothing(self, raw, minimum, step):
        once = rounding.billable_minutes(raw, minimum, step)
        self.assertEqual(rounding.billable_minutes(once, minimum, step), once)

    def test_ten_calls_of_5_minutes_are_not_one_of_50(self):
        """Row "rounding": minimum, then step, on the whole intervention."""
        calls = [rounding.billable_minutes(5, 15, 15) for _call in range(10)]
        self.assertEqual(sum(calls), 150)
        self.assertEqual(rounding.billable_minutes(50, 15, 15), 60)

    def test_rounding_minimum_then_step(self):
        """Row "rounding": the minimum itself is brought to a whole step."""
        self.assertEqual(rounding.billable_minutes(5, 20, 15), 30)
        self.assertEqual(rounding.billable_minutes(61, 60, 30), 90)

    def test_no_work_is_no_minutes(self):
        self.assertEqual(rounding.billable_minutes(0, 120, 15), 0)

    def test_without_rules_the_raw_minutes_count(self):
        """Row "rounding": the raw minutes are kept."""
        self.assertEqual(rounding.billable_minutes(37), 37)
        self.assertEqual(rounding.billable_minutes(37, 0, 0), 37)

    def test_negative_numbers_are_refused(self):
        for args in ((-1, 0, 1), (10, -1, 1), (10, 0, -15), (0, -1, 1)):
            with self.subTest(args=args), self.assertRaises(ValueError):
                rounding.billable_minutes(*args)


class TestPriceOfMinutes(unittest.TestCase):
    @PROFILE
    @given(st.integers(0, 10**6), st.integers(0, 3000), st.sampled_from([0, 2, 3]))
    @example(6030, 1, 2)
    @example(30, 1, 2)
    @example(29, 1, 2)
    @example(1830, 1, 0)
    def test_the_nearest_unit_and_the_half_goes_up(self, cents, minutes, digits):
        price = rounding.price_of_minutes(Decimal(cents) / 100, minutes, digits)
        unit = Fraction(1, 10**digits)
        distance = Fraction(price) - Fraction(cents, 100) * minutes / 60
        self.assertLessEqual(distance, unit / 2)
        self.assertGreater(distance, -unit / 2)
        self.assertEqual(price.as_tuple().exponent, -digits)

    @PROFILE
    @given(st.integers(0, 10**6))
    @example(1005)
    def test_a_float_price_is_read_as_written(self, thousandths):
        """1.005 is a half cent more than 1.00, whatever the float's last bits."""
        cents = thousandths // 10 + (1 if thousandths % 10 >= 5 else 0)
        self.assertEqual(
            rounding.price_of_minutes(thousandths / 1000, 60, 2),
            Decimal(cents).scaleb(-2),
        )

    def test_examples(self):
        for price, minutes, digits, expected in (
            (Decimal("70"), 120, 2, "140.00"),
            (Decimal("70"), 1, 2, "1.17"),
            (Decimal("0.30"), 1, 2, "0.01"),  # half a cent
            (Decimal("0.90"), 1, 2, "0.02"),  # a cent and a half
            (Decimal("1.50"), 1, 2, "0.03"),  # two and a half: not to the even one
            (7000, 30, 0, "3500"),
            (70.1, 60, 3, "70.100"),
        ):
            with self.subTest(price=price, minutes=minutes):
                found = rounding.price_of_minutes(price, minutes, digits)
                self.assertEqual(str(found), expected)


class TestMinutesUnpaid(unittest.TestCase):
    @PROFILE
    @given(st.integers(0, 600), CENTS, CENTS)
    @example(60, 5001, 4999)
    @example(60, 5000, 5000)
    @example(1, 1, 99)
    def test_the_fewest_whole_minutes_worth_what_is_missing(
        self, minutes, paid, missing
    ):
        price = paid + missing
        counted = 0
        while counted * price < minutes * missing:
            counted += 1
        self.assertEqual(
            rounding.minutes_unpaid(minutes, Decimal(price) / 100, Decimal(paid) / 100),
            counted,
        )

    def test_examples(self):
        for minutes, price, paid, expected in (
            (120, "140", "140", 0),
            (120, "140", "0", 120),
            (120, "140", "70", 60),
            (120, "140", "90", 43),  # 42.86
            (60, "100", "99.99", 1),
            (3, "1", "0.66", 2),  # 1.02
            (60, "0", "0", 0),  # what costs nothing is paid
            (60, "10", "11", 0),
        ):
            with self.subTest(minutes=minutes, price=price, paid=paid):
                found = rounding.minutes_unpaid(minutes, Decimal(price), Decimal(paid))
                self.assertEqual(found, expected)
                self.assertIs(type(found), int)
