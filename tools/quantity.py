"""Exact quantities: whole minutes, whole tickets, money in its currency's digits.

Ledgers are computed with :class:`~decimal.Decimal`, because 0.1 + 0.2 is not 0.3
in floats. Odoo hands floats over; this module is the one place where they turn
exact, and where what is no quantity is refused (``trust.md``, rules 3 and 4).
"""

import math
from decimal import Decimal, InvalidOperation

#: what a quantity must stay below; the database checks the same limit
LIMIT = Decimal(10) ** 12

MINUTES_OF_DAY = 24 * 60


class QuantityError(ValueError):
    """Not a quantity. ``code`` tells why: ``number`` (no finite number),
    ``positive`` (zero or less), ``digits`` (finer than the unit), ``limit``."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def exact(value, digits):
    """``value`` as a Decimal with at most ``digits`` decimals, of any sign.

    Floats are read by their shortest text, so 0.1 is a tenth.

    :param value: int, float, Decimal or numeric text
    :param int digits: decimals that the unit has (0 for minutes and tickets)
    :raise QuantityError: with code ``number``, ``digits`` or ``limit``
    """
    if isinstance(value, bool) or value is None:
        raise QuantityError("number")
    if isinstance(value, float) and not math.isfinite(value):
        raise QuantityError("number")
    try:
        number = Decimal(value if isinstance(value, int) else str(value))
    except InvalidOperation as error:
        raise QuantityError("number") from error
    if not number.is_finite():
        raise QuantityError("number")
    # abs() would round, and overflow on "1e9999999"
    if number.copy_abs() >= LIMIT:
        raise QuantityError("limit")
    rounded = number.quantize(Decimal(1).scaleb(-digits))
    if rounded != number:
        raise QuantityError("digits")
    return rounded + 0  # no minus zero


def exact_positive(value, digits):
    """Like :func:`exact`, and greater than zero.

    :raise QuantityError: also with code ``positive``
    """
    number = exact(value, digits)
    if number <= 0:
        raise QuantityError("positive")
    return number


def format_minutes(minutes):
    """Minutes as h:mm, as every screen, mail and document shows them."""
    minutes = int(minutes)
    sign = "-" if minutes < 0 else ""
    hours, rest = divmod(abs(minutes), 60)
    return f"{sign}{hours}:{rest:02d}"


def parse_minutes(text):
    """Minutes from what people type: ``3:30``, ``3.5`` or ``3,5`` hours.

    :raise QuantityError: with code ``number``, ``digits`` or ``limit``
    """
    text = (text or "").strip()
    hours, colon, rest = text.partition(":")
    if colon:
        unsigned = hours.removeprefix("-")
        if not (unsigned.isdecimal() and rest.isdecimal() and exact(rest, 0) < 60):
            raise QuantityError("number")
        minutes = exact(unsigned, 0) * 60 + exact(rest, 0)
        return int(exact(-minutes if unsigned != hours else minutes, 0))
    return int(exact(exact(text.replace(",", ".") or None, 6) * 60, 0))
