"""Calendar periods counted from the start of a term.

Every period is counted from the anchor itself and never from the period before
it, so that a month which is too short does not shift the ones after it:
31 January, 28 February, 31 March (``edge_cases.md``, "anniversary on 29-31").
All days are inclusive local dates; the caller decides the time zone.
"""

from datetime import timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

ONE_DAY = timedelta(days=1)


class Period(NamedTuple):
    """The ``index``-th period after the anchor, both days inclusive."""

    index: int
    first_day: object
    last_day: object


def period_start(anchor, months, index):
    """First day of period ``index`` (0 is the one that starts on ``anchor``).

    :param date anchor: first day of the term
    :param int months: length of a period, at least 1
    :param int index: which period, 0 or more
    :raise ValueError: if ``months`` is not positive
    """
    if months < 1:
        raise ValueError("a period has at least one month")
    return anchor + relativedelta(months=months * index)


def period_at(anchor, months, index):
    """The whole period ``index``: it ends the day before the next one starts."""
    return Period(
        index,
        period_start(anchor, months, index),
        period_start(anchor, months, index + 1) - ONE_DAY,
    )


def period_index(anchor, months, day):
    """Index of the period that contains ``day``.

    :raise ValueError: if ``day`` lies before the anchor, or ``months`` is not
        positive
    """
    if months < 1:
        raise ValueError("a period has at least one month")
    if day < anchor:
        raise ValueError("the day lies before the first period")
    elapsed = relativedelta(day, anchor)
    # whole months as relativedelta adds them: 31 January to 28 February is one
    return (elapsed.years * 12 + elapsed.months) // months


def periods_between(anchor, months, first_index, last_start):
    """Periods from ``first_index`` on that start on or before ``last_start``,
    oldest first: the ones a job that did not run has to catch up with."""
    index = first_index
    period = period_at(anchor, months, index)
    while period.first_day <= last_start:
        yield period
        index += 1
        period = period_at(anchor, months, index)


def term_end(first_day, months):
    """Last day of a term of ``months`` that starts on ``first_day``."""
    return period_start(first_day, months, 1) - ONE_DAY
