"""Support codes without a database: no slip of the tongue names another customer."""

from unittest import TestCase

from hypothesis import given
from hypothesis import strategies as st
from stdnum import verhoeff

from ..tools.support_code import format_code, make_code, mask_code, parse_code

DIGITS = "0123456789"

codes = st.text(DIGITS, min_size=8, max_size=8).map(
    lambda digits: digits + verhoeff.calc_check_digit(digits)
)


class TestSupportCode(TestCase):
    def test_is_easy_to_say(self):
        for _ in range(500):
            code = make_code()
            self.assertRegex(code, r"^[1-9][0-9]{8}$")
            self.assertNotRegex(code, r"(.)\1\1")
            self.assertEqual(parse_code(code), code)

    def test_is_not_guessed_from_another(self):
        self.assertEqual(len({make_code() for _ in range(500)}), 500)

    def test_is_shown_in_groups(self):
        self.assertEqual(format_code("482913060"), "482 913 060")
        self.assertEqual(format_code(False), "")

    @given(code=codes)
    def test_is_read_as_people_type_it(self, code):
        grouped = format_code(code)
        for text in (
            code,
            grouped,
            f"  {grouped}\t",
            grouped.replace(" ", "-"),
            grouped.replace(" ", "."),
            grouped.replace(" ", "\N{NO-BREAK SPACE}"),
        ):
            self.assertEqual(parse_code(text), code)

    @given(code=codes, position=st.integers(0, 8), digit=st.sampled_from(DIGITS))
    def test_a_wrong_digit_is_no_code(self, code, position, digit):
        wrong = code[:position] + digit + code[position + 1 :]
        self.assertEqual(parse_code(wrong), code if wrong == code else None)

    @given(code=codes, position=st.integers(0, 7))
    def test_a_swap_is_no_code(self, code, position):
        one, other = code[position : position + 2]
        wrong = code[:position] + other + one + code[position + 2 :]
        self.assertEqual(parse_code(wrong), code if wrong == code else None)

    @given(text=st.text())
    def test_anything_else_is_no_code(self, text):
        code = parse_code(text)
        self.assertTrue(code is None or verhoeff.is_valid(code))

    def test_what_is_no_text(self):
        for value in (None, False, 0, 12.5, [], {}, "٤٨٢٩١٣٠٦٥"):
            self.assertIsNone(parse_code(value))

    def test_little_is_kept_of_a_wrong_code(self):
        self.assertEqual(mask_code("482 913 060"), "48• ••• •••")
        self.assertEqual(mask_code("Rossi 12"), "••••• 12")
        self.assertEqual(mask_code("x" * 500), "•" * 20)
        self.assertEqual(mask_code(None), "")
