"""From the minutes worked to the minutes billed (``edge_cases.md``, "rounding").

Both rules apply to a whole intervention: ten calls of five minutes are not one
call of fifty.
"""

from decimal import ROUND_HALF_UP, Decimal


def billable_minutes(raw, minimum=0, step=1):
    """Minutes to bill for ``raw`` minutes of work: first the minimum, then up
    to the next whole step. No work is no minutes.

    :param int raw: minutes worked, 0 or more
    :param int minimum: least minutes of one intervention
    :param int step: billed in multiples of it (15: quarter hours); 0 means 1
    :raise ValueError: on negative numbers
    """
    if min(raw, minimum, step) < 0:
        raise ValueError("minutes, minimum and step cannot be negative")
    if not raw:
        return 0
    step = step or 1
    return -(-max(raw, minimum) // step) * step


def price_of_minutes(hourly_price, minutes, digits):
    """Untaxed price of ``minutes`` at ``hourly_price``, rounded half up to the
    currency's ``digits``."""
    amount = Decimal(str(hourly_price)) * Decimal(int(minutes)) / 60
    return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def minutes_unpaid(minutes, price, paid):
    """Minutes of a work of ``minutes`` that cost ``price`` which ``paid`` (part of
    it) does not cover, rounded up to a whole minute in the vendor's favour."""
    if price <= 0 or paid >= price:
        return 0
    # a Decimal's // cuts towards zero, so the rest decides about the last minute
    whole, rest = divmod(Decimal(int(minutes)) * (price - paid), price)
    return int(whole) + (1 if rest else 0)
