# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which day decides what at the end of a term (``edge_cases.md``, "Renewal").

Everything is counted from the current term's last day, so that a first term of another
length than the later ones changes nothing. All days are inclusive local dates; the
caller decides the time zone.
"""

from datetime import timedelta
from typing import NamedTuple

from .periods import ONE_DAY, term_end

#: what it takes to reinstate a lapsed contract
FREE, FEE, LICENCE = "free", "fee", "licence"

#: days before the end by which a tacit renewal must have been announced
REMINDER_DAYS = 30


class Reached(NamedTuple):
    """The notices that are due: the one that is told, and those that it overtakes
    because the job did not run when they were due."""

    told: int | None
    overtaken: tuple


def notice_deadline(last_day, cancellation_days):
    """The last day on which notice may be given.

    :param date last_day: last day of the term
    :param int cancellation_days: days before the end, 0: the last day itself
    """
    return last_day - timedelta(days=cancellation_days)


def renewal_day(last_day, cancellation_days):
    """The day on which a term renews by itself: nobody can give notice any more."""
    return notice_deadline(last_day, cancellation_days) + ONE_DAY


def lapse_day(last_day, grace_days, use_days=0):
    """The first day on which a contract that was not renewed gives nothing any more.

    :param int grace_days: days after the end in which it may still be renewed
    :param int use_days: days after the end in which something may still be used
    """
    return last_day + timedelta(days=max(grace_days, use_days)) + ONE_DAY


def next_term(last_day, months):
    """``(first day, last day)`` of the term that follows one ending on
    ``last_day``."""
    first_day = last_day + ONE_DAY
    return first_day, term_end(first_day, months)


def reached_notices(last_day, notices, known, today):
    """Which notices before the end are due on ``today``.

    Of several that a late job finds at once only the last is told; the others are
    overtaken, so that nobody gets three messages in a night.

    :param notices: days before the end
    :param known: those already told or overtaken for this end
    :return: :class:`Reached`
    """
    due = sorted(
        days
        for days in set(notices) - set(known)
        if last_day - timedelta(days=days) <= today
    )
    if not due or today > last_day:
        return Reached(None, tuple(due))
    return Reached(due[0], tuple(due[1:]))


def reminds_in_time(days, cancellation_days):
    """Whether a notice so many days before the end leaves time to answer before the
    contract renews by itself."""
    return days >= max(REMINDER_DAYS, cancellation_days + 1)


# ----------------------------------------------------------------------
# Back after a lapse
# ----------------------------------------------------------------------


def step_order(step):
    """Sorts steps: by their last day, the one without any at the end.

    :param step: anything with ``until_day``, days after the old end; 0 or None: for
        ever
    """
    return step.until_day or float("inf")


def reinstatement_step(steps, days):
    """The step by which a contract comes back so many days after its end, or None if
    it is too late (``edge_cases.md``, "reinstated late").

    :param steps: anything with ``until_day``, in any order
    :param int days: days after the last day of the old term, 1: the day after
    """
    for step in sorted(steps, key=step_order):
        if days <= step_order(step):
            return step
    return None


def step_fault(steps):
    """What is wrong with the steps of a type, as a code, or "".

    ``same_day``: two of them end on the same day. ``after_licence``: a licence is
    followed by something that would be less.

    :param steps: anything with ``until_day`` and ``kind``
    """
    ordered = sorted(steps, key=step_order)
    days = [step_order(step) for step in ordered]
    if len(set(days)) < len(days):
        return "same_day"
    if any(step.kind == LICENCE for step in ordered[:-1]):
        return "after_licence"
    return ""


def reinstated_terms(last_day, months, later_months, today, from_old_end):
    """``[(first day, last day), ...]`` of a contract that lives again on ``today``.

    From today it is one term. From the old end it is every term that was missed, so
    that the last one contains today and no day is without a contract.

    :param date last_day: last day of the old term, before ``today``
    :param int months: length of the first of them
    :param int later_months: length of those after it
    """
    if not from_old_end:
        return [(today, term_end(today, months))]
    terms = [next_term(last_day, months)]
    while terms[-1][1] < today:
        terms.append(next_term(terms[-1][1], later_months))
    return terms
