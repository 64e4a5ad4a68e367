"""When an allotment is granted, and for how long each grant may be used.

Rolling over posts nothing: a grant simply gets as its last day the end of the last
period in which it may be used (``design.md``, Ledger 5).
"""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .periods import ONE_DAY, period_at, period_index, period_start, periods_between

MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Rule(NamedTuple):
    """How an allotment is granted; see ``support.allotment.mixin`` for the words."""

    recurrence: str = "once"
    rollover: str = "none"
    rollover_periods: int = 0
    validity_months: int = 0
    end_policy: str = "forfeited"
    end_days: int = 0
    prorated: bool = False


class Grant(NamedTuple):
    """One quantity to post, usable from ``first_day`` to ``last_day`` inclusive;
    ``last_day`` None: as long as the contract lives. ``part`` of the whole quantity:
    less than one for a period that the end of the term cuts short."""

    first_day: date
    last_day: date | None
    part: Fraction = Fraction(1)

    def quantity(self, whole, digits):
        """What is granted of a ``whole`` quantity, rounded half up to ``digits``."""
        whole = Decimal(whole)
        if self.part == 1:
            return whole
        part = whole * self.part.numerator / self.part.denominator
        return part.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def last_day_of_use(rule, term_last, natural_last):
    """The last day of a grant whose own end would be ``natural_last`` (None: none
    of its own), in a term that ends on ``term_last``."""
    if natural_last is not None and natural_last < term_last:
        return natural_last
    if rule.end_policy == "usable":
        return term_last + timedelta(days=rule.end_days)
    if rule.end_policy == "carried":
        return natural_last
    return term_last


@lru_cache(maxsize=4096)
def due_grants(rule, term_first, term_last, since, today):
    """The grants of one term that are due on ``today``, oldest first.

    :param date since: grants that start before it are there already
    :return: tuple of :class:`Grant`; all missed periods, once each. Remembered,
        since the contracts of a type that start on a day share it.
    """
    until = min(today, term_last)
    if rule.recurrence == "once":
        if not since <= term_first <= until:
            return ()
        natural = None
        if rule.validity_months:
            natural = period_start(term_first, rule.validity_months, 1) - ONE_DAY
        return (Grant(term_first, last_day_of_use(rule, term_last, natural)),)
    months = MONTHS[rule.recurrence]
    index = period_index(term_first, months, max(since, term_first))
    return tuple(
        Grant(
            period.first_day,
            _periodic_last_day(rule, term_first, term_last, period),
            _part(rule, term_last, period),
        )
        for period in periods_between(term_first, months, index, until)
        if period.first_day >= since
    )


def _part(rule, term_last, period):
    if not rule.prorated or period.last_day <= term_last:
        return Fraction(1)
    days = (term_last - period.first_day).days + 1
    return Fraction(days, (period.last_day - period.first_day).days + 1)


def _periodic_last_day(rule, term_first, term_last, period):
    if rule.rollover == "none":
        return min(period.last_day, term_last)
    natural = None
    if rule.rollover == "periods":
        months = MONTHS[rule.recurrence]
        natural = period_at(
            term_first, months, period.index + rule.rollover_periods
        ).last_day
    return last_day_of_use(rule, term_last, natural)


@lru_cache(maxsize=4096)
def next_grant_day(rule, terms, today):
    """The first day after ``today`` on which something is to be granted, or None.

    :param tuple terms: ``((first day, last day), ...)`` of the contract, in any order
    """
    days = []
    for term_first, term_last in terms:
        if term_first > today:
            days.append(term_first)
        elif rule.recurrence != "once" and today < term_last:
            months = MONTHS[rule.recurrence]
            index = period_index(term_first, months, today) + 1
            start = period_start(term_first, months, index)
            if start <= term_last:
                days.append(start)
    return min(days, default=None)
