"""What pays for help on a given day: the rule of ``design.md``, "Cover".

A plain function over plain values, so that it can be read, tested and explained
without a database. Candidates are tried in the design's order; each one that is
passed over leaves a reason as a code with parameters, which the ticket stores and
shows in the reader's language.

Coverage hours never decide cover.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .rounding import price_of_minutes

#: kinds of cover
WARRANTY, CONTRACT, ON_CALL, NONE = "warranty", "contract", "on_call", "none"

#: states in which a contract is over: it pays for nothing any more
OVER = ("ended", "terminated", "lapsed")

#: how a contract treats a request type
DRAWN, FREE, QUOTED, EXCLUDED = "drawn", "free", "quoted", "excluded"

#: what happens to work that the balances do not cover
REFUSE, CHARGE, WALLET = "refuse", "charge", "wallet"


class Reason(NamedTuple):
    """Why a candidate was taken or passed over; ``contract_id`` 0 for the warranty
    and on call.

    Amounts in ``params`` are text (exact), minutes and tickets whole numbers, days
    ISO text, so that a reason can be stored as JSON.
    """

    code: str
    contract_id: int = 0
    params: dict = {}


class Hold(NamedTuple):
    """What is reserved (or, for a ticket, taken) when the cover is accepted."""

    ledger_id: int
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class Balance:
    """What can be used on the day of a ledger that serves the work mode:
    minutes, tickets or an untaxed amount, reservations already taken off."""

    ledger_id: int
    unit: str
    usable: Decimal
    names_mode: bool = False


@dataclass(frozen=True)
class Warranty:
    """The warranty of the installation that the work is for (S8). Both days are
    inclusive; what counts is the ``day`` of the work."""

    policy_id: int
    installation: str
    day: date
    first_day: date
    last_day: date
    includes_request: bool = True
    includes_mode: bool = True


@dataclass(frozen=True)
class Candidate:
    """A contract as it stands on the day of the work."""

    contract_id: int
    rank: int = 0
    last_day: date | None = None
    #: state on the day if it gives no cover ("suspended", "terminated", "lapsed"), or
    #: "ended"
    barred_by: str = ""
    barred_since: date | None = None
    #: the term is over and only what is left may still be used
    after_term: bool = False
    treatment: str = DRAWN
    #: the contract has no allotment at all: its fee pays for the work mode
    flat: bool = False
    #: ... and it names the work mode
    fee_names_mode: bool = False
    #: the contract has no allotment, and its fee pays for no help: each call is charged
    charged: bool = False
    #: the contract names the installation that the work is for
    names_installation: bool = False
    #: it has lapsed and bars help: ...
    #: ... all help, if it names the installation that the work is for
    bars: bool = False
    #: ... or on-call help, if neither the work nor the contract names one
    bars_on_call: bool = False
    balances: tuple = ()
    overage: str = REFUSE
    gate_minutes: int = 0
    #: untaxed price of an hour in the contract's currency; None: no price is set
    hourly_price: Decimal | None = None
    digits: int = 2
    allows_on_call: bool = True

    @property
    def names_mode(self):
        return self.fee_names_mode or any(
            balance.names_mode for balance in self.balances
        )

    @property
    def order(self):
        """The design's order: installation named, work mode named, rank, earlier
        end, id. Of those that name the installation, one that bars all help comes
        last: another one in force still covers."""
        return (
            not self.names_installation,
            self.stops,
            not self.names_mode,
            self.rank,
            self.last_day or date.max,
            self.contract_id,
        )

    @property
    def stops(self):
        """Whether nothing that comes after this contract may cover (S9)."""
        return self.barred_by == "lapsed" and self.bars and self.names_installation

    @property
    def rules_out_on_call(self):
        """Whether there is no help on call beside this contract: one in force may say
        so, and a lapsed one that bars help."""
        if self.barred_by == "lapsed":
            return self.bars_on_call
        return not self.allows_on_call and self.barred_by not in OVER

    @property
    def may_exceed(self):
        """Whether help starts although nothing is left, at the agreed rate."""
        return self.overage_allowed == CHARGE

    @property
    def overage_allowed(self):
        """The overage rule; after the term only what is left may be used."""
        if self.after_term and self.overage == CHARGE:
            return REFUSE
        return self.overage

    def of_unit(self, unit):
        """Balances of a unit, those that name the work mode first."""
        return sorted(
            (balance for balance in self.balances if balance.unit == unit),
            key=lambda balance: (not balance.names_mode, balance.ledger_id),
        )


@dataclass(frozen=True)
class Decision:
    """The cover, what it holds, and the reasons in the order they were found."""

    kind: str
    contract_id: int = 0
    treatment: str = DRAWN
    holds: tuple = ()
    reasons: tuple = field(default=())
    #: what happens to work that the balances do not cover
    overage: str = CHARGE
    #: warranty policy that applies, 0 without warranty
    policy_id: int = 0


def decide(candidates, on_call=True, warranty=None):
    """The warranty, else the first candidate in the design's order that covers, else
    on call (if the company offers it and no contract rules it out), else nothing.

    :param candidates: iterable of :class:`Candidate`
    :param bool on_call: whether the company helps without a contract (S7)
    :param warranty: :class:`Warranty` of the installation that is named, if any
    """
    reasons = []
    if warranty:
        covers, reason = examine_warranty(warranty)
        reasons.append(reason)
        if covers:
            return Decision(
                WARRANTY,
                treatment=FREE,
                reasons=tuple(reasons),
                policy_id=warranty.policy_id,
            )
    barred = None
    for candidate in sorted(candidates, key=lambda item: item.order):
        covers, reason, holds = examine(candidate)
        reasons.append(reason)
        if covers:
            return Decision(
                CONTRACT,
                candidate.contract_id,
                # after the term only what is left counts, whatever was free in it
                DRAWN if candidate.after_term else candidate.treatment,
                tuple(holds),
                tuple(reasons),
                candidate.overage_allowed,
            )
        if candidate.stops:
            return Decision(NONE, reasons=tuple(reasons))
        if candidate.rules_out_on_call:
            barred = barred or candidate
    if not on_call:
        reasons.append(Reason("no_on_call"))
        return Decision(NONE, reasons=tuple(reasons))
    if barred:
        reasons.append(Reason("on_call_barred", barred.contract_id))
        return Decision(NONE, reasons=tuple(reasons))
    reasons.append(Reason("on_call"))
    return Decision(ON_CALL, reasons=tuple(reasons))


def examine_warranty(warranty):
    """Whether the warranty covers work on its day: ``(covers, reason)``. On its last
    day yes, on the next one no."""

    def reason(code, day):
        return Reason(
            code,
            params={"installation": warranty.installation, "day": day.isoformat()},
        )

    if warranty.day < warranty.first_day:
        return False, reason("warranty_to_come", warranty.first_day)
    if warranty.day > warranty.last_day:
        return False, reason("warranty_over", warranty.last_day)
    if not warranty.includes_request:
        return False, reason("warranty_without_request", warranty.last_day)
    if not warranty.includes_mode:
        return False, reason("warranty_without_mode", warranty.last_day)
    return True, reason("warranty", warranty.last_day)


def examine(candidate):
    """Whether one contract covers: ``(covers, reason, holds)``."""

    def reason(code, **params):
        return Reason(code, candidate.contract_id, params)

    if candidate.barred_by:
        since = candidate.barred_since
        code = candidate.barred_by
        if code == "lapsed" and (candidate.stops or candidate.bars_on_call):
            code = "lapsed_barring"
        return False, reason(code, since=since.isoformat() if since else ""), []
    if candidate.treatment == EXCLUDED:
        return False, reason("request_excluded"), []
    if candidate.treatment == FREE and not candidate.after_term:
        return True, reason("free"), []
    if candidate.treatment == QUOTED and not candidate.after_term:
        return True, reason("quoted"), []
    if candidate.flat and not candidate.after_term:
        return True, reason("flat"), []
    tickets = candidate.of_unit("ticket")
    if tickets:
        return _examine_tickets(candidate, tickets, reason)
    return _examine_work(candidate, reason)


def _examine_tickets(candidate, balances, reason):
    for balance in balances:
        if balance.usable >= 1:
            return (
                True,
                reason("tickets", left=int(balance.usable)),
                [Hold(balance.ledger_id, "ticket", Decimal(1))],
            )
    if candidate.may_exceed:
        return True, reason("overage"), []
    return False, reason("no_tickets"), []


def _examine_work(candidate, reason):
    """Hours and money: the gate if there is one, else anything left, else the
    overage rule."""
    times = candidate.of_unit("time")
    wallets = candidate.of_unit("money")
    minutes = sum((balance.usable for balance in times), Decimal(0))
    amount = sum((balance.usable for balance in wallets), Decimal(0))
    if not times and not wallets:
        if candidate.may_exceed:
            return True, reason("charged" if candidate.charged else "overage"), []
        return False, reason("mode_not_included"), []
    uses_wallet = bool(wallets) and (not times or candidate.overage == WALLET)
    if uses_wallet and not candidate.hourly_price:
        if not (minutes and minutes >= candidate.gate_minutes):
            return False, reason("no_price"), []
        uses_wallet = False
    if candidate.gate_minutes:
        gate = Decimal(candidate.gate_minutes)
        if minutes >= gate:
            return True, reason("time", minutes=int(minutes)), _hold(times, gate)
        if uses_wallet:
            # hours count first, the wallet answers for the rest
            price = price_of_minutes(
                candidate.hourly_price, gate - minutes, candidate.digits
            )
            if amount >= price:
                holds = _hold(times, minutes) + _hold(wallets, price)
                return True, reason("money", amount=str(amount)), holds
            return (
                False,
                reason(
                    "gate_money",
                    amount=str(amount),
                    price=str(price),
                    minutes=int(gate - minutes),
                ),
                [],
            )
        return (
            False,
            reason("gate_time", left=int(minutes), minutes=candidate.gate_minutes),
            [],
        )
    if minutes > 0:
        return True, reason("time", minutes=int(minutes)), []
    if uses_wallet and amount > 0:
        return True, reason("money", amount=str(amount)), []
    if candidate.may_exceed:
        return True, reason("overage"), []
    return False, reason("used_up"), []


def _hold(balances, quantity):
    """Spread what the gate asks for over the balances, in their order."""
    holds = []
    for balance in balances:
        part = min(balance.usable, quantity)
        if part > 0:
            holds.append(Hold(balance.ledger_id, balance.unit, part))
            quantity -= part
    return holds
