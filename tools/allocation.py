"""Which lots a debit takes, in which order, and what is left over.

The order is the design's (``design.md``, Ledger 4): the lot that ends first goes
first, never-ending ones last; then the one that began first; then the older row.
So rolled-over hours go before fresh ones (``edge_cases.md``).
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Lot(NamedTuple):
    """What remains of one credit, with its first and last day of use
    (inclusive); ``last_day`` None never ends."""

    id: int
    remaining: Decimal
    first_day: date
    last_day: date | None


def usable_on(lots, day):
    """The lots that may be used for work done on ``day``, in order of use."""
    valid = (
        lot
        for lot in lots
        if lot.remaining > 0
        and lot.first_day <= day
        and (lot.last_day is None or day <= lot.last_day)
    )
    return sorted(valid, key=order_of_use)


def allocate(lots, quantity, day, held=0):
    """Split ``quantity`` of work done on ``day`` over ``lots``.

    :param quantity: what is wanted, more than zero
    :param held: what others have reserved on the same ledger; it is not taken
    :return: ``([(lot id, quantity), ...], left over)``; the parts and what is left
        over add up to ``quantity``, and nothing is ever negative
    """
    candidates = usable_on(lots, day)
    total = sum((lot.remaining for lot in candidates), Decimal(0))
    wanted = min(quantity, max(total - held, Decimal(0)))
    return take(candidates, wanted), quantity - wanted


def take(lots, quantity):
    """``[(lot id, quantity), ...]`` that make up ``quantity`` as far as the ``lots``
    go, in the order of use."""
    parts = []
    for lot in sorted(lots, key=order_of_use):
        part = min(lot.remaining, quantity)
        if part > 0:
            parts.append((lot.id, part))
            quantity -= part
    return parts


def order_of_use(lot):
    """Sorting key: last day (never-ending ones last), first day, age."""
    return lot.last_day or date.max, lot.first_day, lot.id


def quantity_cut(rolled, limit):
    """What a rollover limit by quantity takes away from the ``rolled`` lots,
    the soonest to end first.

    :param rolled: lots with what remained of them at the change of period
    :param limit: what may move on
    :return: ``[(lot id, quantity), ...]``
    """
    excess = sum((lot.remaining for lot in rolled), Decimal(0)) - limit
    return take(rolled, excess)


def cut_at(lots, limit, boundary):
    """What a rollover limit by quantity takes away at a change of period that is
    looked at later. Work of later days does not count as used by then; where it has
    used up what is to be cut, the later lots make up for it, since it should have
    drawn on them.

    :param lots: ``[(lot as it stood when the period changed, what remains of it now),
        ...]`` of the lots that the change did not end
    :param limit: what may move on
    :param date boundary: first day of the new period
    :return: ``[(lot id, quantity), ...]``
    """
    cuts = quantity_cut([lot for lot, _left in lots if lot.first_day < boundary], limit)
    left = {lot.id: remaining for lot, remaining in lots}
    parts, missing = [], 0
    for lot_id, quantity in cuts:
        part = min(quantity, left[lot_id])
        parts.append((lot_id, part))
        missing += quantity - part
    later = [
        lot._replace(remaining=left[lot.id])
        for lot, _left in lots
        if lot.first_day >= boundary
    ]
    return [
        (lot_id, part) for lot_id, part in [*parts, *take(later, missing)] if part > 0
    ]
