# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which fees of a contract are due, for which days (``edge_cases.md``, "Money and
periods").

Periods are counted from the first day of their term, so that a contract of the 31st
does not drift. All days are inclusive local dates; the caller decides the time zone.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .periods import ONE_DAY, Period, period_index, periods_between

MONTHS = {"month": 1, "quarter": 3, "year": 12}
FOREVER = date.max


class Rule(NamedTuple):
    """How a fee is due; see ``support.terms.mixin`` for the words."""

    period: str = "year"
    timing: str = "advance"
    prorated: bool = True


class Fee(NamedTuple):
    """The fee of one period: the days that it pays for, the last day that the period
    would have if nothing ended before, and the day on which it is due."""

    first_day: date
    last_day: date
    full_last_day: date
    due: date

    @property
    def days(self):
        return (self.last_day - self.first_day).days + 1

    @property
    def full_days(self):
        return (self.full_last_day - self.first_day).days + 1


def fee_periods(rule, term_first, term_last, until):
    """The fee periods of a term that begin on or before ``until``, oldest first. The
    last one is not clipped: see :func:`due_fees`."""
    last_start = min(term_last, until)
    if rule.period == "term":
        if term_first <= last_start:
            yield Period(0, term_first, term_last)
        return
    yield from periods_between(term_first, MONTHS[rule.period], 0, last_start)


def due_fees(rule, terms, since, today, terminated_on=None):
    """The fees that have become due from ``since`` to ``today``, oldest first: all
    that were missed, once each.

    :param tuple terms: ``((first day, last day), ...)``
    :param date since: what was due before it is charged already
    :param date terminated_on: first day without the contract, or None
    :return: list of :class:`Fee`
    """
    stop = terminated_on or FOREVER
    fees = []
    for term_first, term_last in sorted(terms):
        for period in fee_periods(rule, term_first, term_last, today):
            if period.first_day >= stop:
                break
            fee = _fee(rule, period, term_last, stop)
            if since <= fee.due <= today:
                fees.append(fee)
    return fees


def _fee(rule, period, term_last, stop):
    last_day = min(period.last_day, term_last)
    if stop is not FOREVER:
        last_day = min(last_day, stop - ONE_DAY)
    due = period.first_day if rule.timing == "advance" else last_day + ONE_DAY
    if not rule.prorated:
        last_day = min(period.last_day, term_last)
        return Fee(period.first_day, last_day, last_day, due)
    return Fee(period.first_day, last_day, period.last_day, due)


def next_due(rule, terms, today, terminated_on=None):
    """The first day after ``today`` on which a fee becomes due, or None."""
    stop = terminated_on or FOREVER
    days = []
    for term_first, term_last in terms:
        if term_last < today - ONE_DAY:
            continue
        until = max(today, term_first)
        if rule.period != "term":
            months = MONTHS[rule.period]
            # the period that runs today, and the one after it
            index = period_index(term_first, months, until)
            candidates = []
            for period in periods_between(term_first, months, index, term_last):
                candidates.append(period)
                if len(candidates) == 2:
                    break
        else:
            candidates = [Period(0, term_first, term_last)]
        for period in candidates:
            if period.first_day < stop:
                due = _fee(rule, period, term_last, stop).due
                if due > today:
                    days.append(due)
    return min(days, default=None)


def prorate(amount, days, full_days, digits):
    """``amount`` for ``days`` of a period of ``full_days``, rounded half up to the
    currency's ``digits``.

    :raise ValueError: if there is no day in the period
    """
    if full_days < 1:
        raise ValueError("a period has at least one day")
    part = Decimal(str(amount)) * days / full_days
    return part.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def period_of(rule, terms, day, terminated_on=None):
    """The :class:`Fee` of the period that contains ``day``; None if no term does."""
    for term_first, term_last in terms:
        if term_first <= day <= term_last:
            *_rest, period = fee_periods(rule, term_first, term_last, day)
            return _fee(rule, period, term_last, terminated_on or FOREVER)
    return None
