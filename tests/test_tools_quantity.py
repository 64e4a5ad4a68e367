"""Exact quantities: what is accepted, what is refused, and with which code."""

import unittest
from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import quantity

PROFILE = settings(deadline=None, derandomize=True, max_examples=200)

DIGITS = st.integers(0, 4)
#: units of 10 ** -digits; 15 figures are what a float surely keeps
UNITS = st.integers(-(10**11), 10**11)


def written(units, digits):
    """``units`` of 10 ** -digits, written out with a decimal point."""
    sign = "-" if units < 0 else ""
    figures = str(abs(units)).rjust(digits + 1, "0")
    if not digits:
        return sign + figures
    return f"{sign}{figures[:-digits]}.{figures[-digits:]}"


class Codes(unittest.TestCase):
    def assert_code(self, code, function, *args):
        with self.assertRaises(quantity.QuantityError) as caught:
            function(*args)
        self.assertEqual(caught.exception.code, code)


class TestExact(Codes):
    @PROFILE
    @given(UNITS, DIGITS)
    @example(10, 2)
    @example(-1, 4)
    def test_float_text_and_decimal_give_the_same(self, units, digits):
        text = written(units, digits)
        longer = written(units * 1000, digits + 3)
        for value in (text, float(text), Decimal(text), f" {longer} "):
            result = quantity.exact(value, digits)
            self.assertEqual(Fraction(result), Fraction(units, 10**digits))
            self.assertEqual(result.as_tuple().exponent, -digits)

    @PROFILE
    @given(UNITS, DIGITS, st.integers(1, 9))
    def test_finer_than_the_unit_is_refused(self, units, digits, rest):
        text = written(units * 10 + rest, digits + 1)
        for value in (text, float(text), Decimal(text)):
            self.assert_code("digits", quantity.exact, value, digits)

    @PROFILE
    @given(st.lists(st.integers(-(10**9), 10**9), max_size=30))
    @example([10, 20])
    def test_sums_are_exact(self, cents):
        total = sum((quantity.exact(number / 100, 2) for number in cents), Decimal(0))
        self.assertEqual(Fraction(total), Fraction(sum(cents), 100))

    @PROFILE
    @given(st.integers(10**12, 10**40), st.sampled_from([1, -1]), DIGITS)
    @example(10**5000, 1, 0)
    def test_the_limit_itself_and_all_beyond_are_refused(self, number, sign, digits):
        self.assert_code("limit", quantity.exact, sign * number, digits)

    def test_just_below_the_limit(self):
        for text in ("999999999999", "-999999999999", "999999999999.99"):
            self.assertEqual(quantity.exact(text, 2), Decimal(text))
        self.assert_code("digits", quantity.exact, "999999999999.999", 2)
        self.assert_code("digits", quantity.exact, f"999999999999.{'9' * 40}", 2)

    def test_what_is_no_number(self):
        for value in (
            *(None, True, False, "", " ", "ten", "1,5", "3:30", "1.2.3", [], b"1"),
            *(float("nan"), float("inf"), -float("inf")),
            *("nan", "sNaN", "inf", "-Infinity", Decimal("NaN"), Decimal("Infinity")),
        ):
            with self.subTest(value=value):
                self.assert_code("number", quantity.exact, value, 2)

    def test_exponents_that_no_quantity_has(self):
        self.assert_code("limit", quantity.exact, "1e9999999", 2)
        self.assert_code("limit", quantity.exact, "-1e9999999", 2)
        self.assert_code("digits", quantity.exact, "1e-9999999", 2)
        self.assertEqual(quantity.exact("1.5e2", 0), 150)

    def test_zero_has_no_sign(self):
        for value in (-0.0, "-0", "-0.00", Decimal("-0")):
            with self.subTest(value=value):
                self.assertEqual(str(quantity.exact(value, 2)), "0.00")

    @PROFILE
    @given(st.text(alphabet="0123456789.,eE+-_ :nNaAiIfF²٣½", max_size=12))
    def test_any_text_is_a_quantity_or_refused_with_a_code(self, text):
        try:
            result = quantity.exact(text, 2)
        except quantity.QuantityError as error:
            self.assertIn(error.code, ("number", "digits", "limit"))
        else:
            self.assertLess(abs(result), quantity.LIMIT)


class TestExactPositive(Codes):
    @PROFILE
    @given(UNITS, DIGITS)
    @example(0, 0)
    @example(1, 2)
    def test_more_than_zero_or_refused(self, units, digits):
        value = Decimal(units).scaleb(-digits)
        if units > 0:
            self.assertEqual(quantity.exact_positive(value, digits), value)
        else:
            self.assert_code("positive", quantity.exact_positive, value, digits)

    def test_what_is_no_quantity_keeps_its_own_code(self):
        self.assert_code("number", quantity.exact_positive, "x", 0)
        self.assert_code("digits", quantity.exact_positive, -0.5, 0)
        self.assert_code("limit", quantity.exact_positive, -1e12, 0)


class TestMinutes(Codes):
    @PROFILE
    @given(st.integers(-30000, 30000))
    @example(-30)
    @example(59)
    @example(60)
    def test_format_counts_whole_hours(self, minutes):
        hours, rest = 0, abs(minutes)
        while rest >= 60:
            hours, rest = hours + 1, rest - 60
        tens, ones = 0, rest
        while ones >= 10:
            tens, ones = tens + 1, ones - 10
        expected = f"{'-' if minutes < 0 else ''}{hours}:{tens}{ones}"
        self.assertEqual(quantity.format_minutes(minutes), expected)

    @PROFILE
    @given(st.integers(-(10**12) + 1, 10**12 - 1))
    @example(-30)
    @example(0)
    def test_what_is_shown_can_be_typed_again(self, minutes):
        self.assertEqual(
            quantity.parse_minutes(quantity.format_minutes(minutes)), minutes
        )

    @PROFILE
    @given(st.integers(0, 3000), st.sampled_from(".,"), st.sampled_from(["", "-"]))
    def test_decimal_hours_with_point_or_comma(self, minutes, point, sign):
        """Every whole number of minutes that two decimals of an hour can name."""
        hundredths = Fraction(minutes * 100, 60)
        if hundredths.denominator > 1:
            hundredths = Fraction(minutes * 5)  # multiples of three minutes only
            minutes *= 3
        text = sign + written(int(hundredths), 2).replace(".", point)
        expected = -minutes if sign else minutes
        self.assertEqual(quantity.parse_minutes(text), expected)

    def test_what_people_type(self):
        for text, minutes in (
            *(("3:30", 210), ("3.5", 210), ("3,5", 210), (" 3:30 ", 210)),
            *(("2", 120), ("0:05", 5), ("0,25", 15), ("-0:30", -30), ("100:00", 6000)),
        ):
            with self.subTest(text=text):
                self.assertEqual(quantity.parse_minutes(text), minutes)

    def test_what_is_no_time(self):
        for text in (
            *(None, "", "  ", "x", "3:60", "3:", ":30", "3:-5", "1:2:3", "3:3x"),
            *("--3:30", "-", "-:30", "²:30", "3:²0", "3.5:00", "1.234,5", "nan"),
        ):
            with self.subTest(text=text):
                self.assert_code("number", quantity.parse_minutes, text)

    def test_parts_of_a_minute_are_refused(self):
        self.assert_code("digits", quantity.parse_minutes, "0.33")
        self.assert_code("digits", quantity.parse_minutes, "0.0000001")

    def test_more_than_a_ledger_can_hold_is_refused(self):
        for text in ("1e11", "99999999999", "16666666666:40", "999999999999:00"):
            with self.subTest(text=text):
                self.assert_code("limit", quantity.parse_minutes, text)
        self.assert_code("limit", quantity.parse_minutes, "9" * 5000 + ":00")
        self.assertEqual(quantity.parse_minutes("16666666666:39"), 10**12 - 1)

    @PROFILE
    @given(st.text(alphabet="0123456789.,:eE+-_ ²٣½", max_size=10))
    @example("-" * 3 + "1:30")
    def test_any_text_is_a_time_or_refused_with_a_code(self, text):
        try:
            result = quantity.parse_minutes(text)
        except quantity.QuantityError as error:
            self.assertIn(error.code, ("number", "digits", "limit"))
        else:
            self.assertIs(type(result), int)
            self.assertLess(abs(result), quantity.LIMIT)
