# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What pays for a piece of work that is done: balances of hours first, then money
where the contract says so, and what is left of it at its price.

Where the balances are and how one draws on them is the caller's; the order and the
conversions are here, so that work that is really done and work that is only thought of
cost the same.
"""

from decimal import Decimal
from typing import NamedTuple

from . import cover, rounding, work_parts

#: who pays for a piece of work as a whole
PRICED, COVERED, TICKET, BALANCES = "priced", "covered", "ticket", "balances"


class Drawn(NamedTuple):
    """A part of work and what is left of it to charge: ``minutes`` of it for the
    untaxed ``amount``. ``price`` is the untaxed price of its hour, 0 if nobody
    asked."""

    part: work_parts.Part
    minutes: int = 0
    amount: Decimal = Decimal(0)
    price: Decimal = Decimal(0)


def who_pays(decision, flat):
    """Whether all of the work has its price, all is covered, a ticket is taken off a
    pack for it, or balances are drawn on.

    :param decision: :class:`cover.Decision` that covers
    :param bool flat: the contract has no allotment: its fee pays for the work mode
    """
    if decision.kind == cover.ON_CALL or decision.treatment == cover.QUOTED:
        return PRICED
    if decision.treatment == cover.FREE or flat:
        return COVERED
    if any(hold.unit == "ticket" for hold in decision.holds):
        return TICKET
    return BALANCES


def price_part(part, minutes, hour, digits):
    """``minutes`` of ``part`` at its percentage of the untaxed price of an ``hour``,
    rounded to ``digits``."""
    price = hour * part.percent / work_parts.FULL
    return Drawn(
        part, minutes, rounding.price_of_minutes(price, minutes, digits), price
    )


def draw_part(part, overage, on_time, times, wallets, debit, price):
    """Let balances pay for one part.

    A percentage concerns money; minutes of a balance only ``on_time``. Wallets pay
    where there are no balances of hours, or where the overage rule says so.

    :param str overage: what happens to work that the balances do not cover
    :param times: ledgers of minutes in the order in which they are drawn
    :param wallets: ledgers of money
    :param debit: function from (ledger, quantity) to what could not be taken
    :param price: function from (part, minutes) to :class:`Drawn`
    :return: :class:`Drawn`; with REFUSE its minutes are what is missing
    """
    percent = part.percent if on_time else work_parts.FULL
    units = work_parts.to_units(part.minutes, percent)
    for ledger in times:
        if units:
            units = int(debit(ledger, units))
    minutes = work_parts.to_minutes(units, part.minutes, percent)
    if minutes and wallets and (not times or overage == cover.WALLET):
        drawn = price(part, minutes)
        unpaid = drawn.amount
        for wallet in wallets:
            if unpaid:
                unpaid = debit(wallet, unpaid)
        left = rounding.minutes_unpaid(minutes, drawn.amount, drawn.amount - unpaid)
        return Drawn(part, left, unpaid, drawn.price)
    if minutes and overage != cover.REFUSE:
        return price(part, minutes)
    return Drawn(part, minutes)
