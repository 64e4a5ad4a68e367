"""Support codes: nine digits that a caller reads aloud, the last one a check digit.

The check digit is Verhoeff's: it catches every wrong digit and every swap of two
neighbours, so that a slip of the tongue never names another customer.
"""

import secrets

from stdnum import verhoeff

LENGTH = 9

#: what people put between the digits, and what other keyboards make of a space
SEPARATORS = str.maketrans("", "", " -./·\t\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")

HIDDEN = "•"


def make_code():
    """A new code from the system's source of randomness. No zero at the beginning and
    no digit three times in a row: both get lost on the phone."""
    while True:
        digits = str(secrets.randbelow(10 ** (LENGTH - 1))).zfill(LENGTH - 1)
        code = digits + verhoeff.calc_check_digit(digits)
        if code[0] != "0" and not any(digit * 3 in code for digit in "0123456789"):
            return code


def parse_code(text):
    """The digits of a code as somebody typed it, or None if it cannot be one: another
    length, other characters, or a check digit that does not fit."""
    digits = str(text or "").translate(SEPARATORS)
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    return digits if verhoeff.is_valid(digits) else None


def format_code(code):
    """A code in groups as it is shown and read aloud: "482 913 060"."""
    code = code or ""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def mask_code(text):
    """What may be kept of a wrong code: it may be right but for one digit. The first
    two digits tell a colleague which one was meant, the rest is hidden."""
    text = " ".join(str(text or "").split())[:20]
    shown = 2
    result = ""
    for character in text:
        if character.isdigit() and shown:
            shown -= 1
            result += character
        else:
            result += character if character in " -./" else HIDDEN
    return result
