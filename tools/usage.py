# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How fast a balance is used, and when it will be used up.

An estimate for people, not a decision: nothing is posted or refused because of it.
All days are local dates, inclusive.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from .periods import ONE_DAY

#: days whose use is taken as what goes on
USE_DAYS = 90

#: younger balances are taken to have been used for so long: a single day says nothing
LEAST_DAYS = 14

#: days after which nobody wants to know any more
HORIZON_DAYS = 730


class Lot(NamedTuple):
    """A quantity that can be used from ``first_day`` to ``last_day`` inclusive;
    ``last_day`` None: without end."""

    quantity: Fraction
    first_day: date
    last_day: date | None


def daily_use(used, first_day, today):
    """What is used on an average day.

    :param used: what was used in the last :data:`USE_DAYS` days; less than nothing
        (more was taken back than used) is nothing
    :param date first_day: day of the balance's first entry
    :return: Fraction
    """
    days = (today - first_day).days + 1
    return max(Fraction(used), Fraction(0)) / min(max(days, LEAST_DAYS), USE_DAYS)


def exhaustion_day(lots, per_day, today, until, reserved=0):
    """The first day after ``today`` whose use is not covered any more.

    Lots are used in the order of the ledger (those that end first; never-ending ones
    last), what is reserved is taken from them beforehand, and what nobody used by its
    last day is lost.

    :param lots: iterable of :class:`Lot`, also of grants that are still to come
    :param per_day: what is used each day
    :param date until: the last day that is looked at, at most :data:`HORIZON_DAYS`
        from today
    :return: date, or None: nothing is used, or there is enough until then
    """
    per_day = Fraction(per_day)
    if per_day <= 0:
        return None
    stock = [
        [Fraction(lot.quantity), lot]
        for lot in sorted(
            lots, key=lambda lot: (lot.last_day or date.max, lot.first_day)
        )
    ]
    _draw(stock, Fraction(reserved), today)
    day, until = today, min(until, today + timedelta(days=HORIZON_DAYS))
    while day < until:
        day += ONE_DAY
        if _draw(stock, per_day, day) > 0:
            return day
    return None


def _draw(stock, quantity, day):
    """Take ``quantity`` out of the stock, as it can be used on ``day``.

    :return: what was not there
    """
    for item in stock:
        left, lot = item
        if left and lot.first_day <= day <= (lot.last_day or date.max):
            part = min(left, quantity)
            item[0] -= part
            quantity -= part
            if not quantity:
                break
    return quantity


def last_months(today, count=12):
    """The first days of the last ``count`` months, the present one last."""
    first = today.replace(day=1)
    months = []
    for _ in range(count):
        months.append(first)
        first = (first - ONE_DAY).replace(day=1)
    return months[::-1]


def closed_months(first_day, today, most=24):
    """The first days of the months that are over since ``first_day``, newest first.

    :param int most: at most so many
    """
    months = [
        month
        for month in last_months(today, most + 1)[:-1]
        if month >= first_day.replace(day=1)
    ]
    return months[::-1]
