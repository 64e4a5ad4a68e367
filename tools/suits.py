# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which type suits? A customer's real tickets and work, replayed under other terms:
what it would have cost, what would have been refused and what would have been lost.

The rules are those by which work is really covered and charged (``cover``, ``grants``,
``allocation``, ``drawing``, ``fees``, ``work_parts``); this module only lives through
the time again, with balances of its own. So a replay under the terms that the customer
really had ends with what was really charged.

All amounts are untaxed Decimals, moments naive UTC, days local to ``World.zone``.
"""

from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from heapq import heappop, heappush
from typing import NamedTuple

import pytz

from . import allocation, cover, drawing, fees, grants, periods, rounding, work_parts
from .periods import ONE_DAY

#: how long an ended contract is still looked at
ENDED_DAYS = 366
#: more than anybody uses, and less than what a ledger may hold
ENDLESS = Decimal(10) ** 9
#: how often a wallet is recharged at one time
RECHARGES = 50

# ----------------------------------------------------------------------
# What happened
# ----------------------------------------------------------------------


class Ticket(NamedTuple):
    """Help that was asked for. ``chosen``: id of the agreement that a person chose, 0
    for on call, None if the rule decided. ``anyway``: help was given although nothing
    covered it when it was asked for."""

    id: int
    opened: datetime
    mode: int = 0
    category: int = 0
    priority: str = ""
    closed: datetime | None = None
    chosen: int | None = None
    anyway: bool = False


class Accepted(NamedTuple):
    """The price that the customer accepted for a piece of work under ``agreement`` (0:
    on call)."""

    agreement: int
    hour: Decimal
    tariff: work_parts.Tariff
    travel: Decimal = Decimal(0)


class Material(NamedTuple):
    product: int
    quantity: Decimal
    free: bool = False


class Work(NamedTuple):
    """Work that was done. ``by_hand``: billable minutes that a person set, or None;
    ``hours``: calendar outside of which it is dearer where nothing else is agreed."""

    id: int
    ticket: int
    start: datetime
    end: datetime
    mode: int
    minutes: int
    by_hand: int | None = None
    travel: int = 0
    channel: int = 0
    hours: int = 0
    materials: tuple = ()
    accepted: Accepted | None = None


# ----------------------------------------------------------------------
# What is agreed
# ----------------------------------------------------------------------


class Hours(NamedTuple):
    """``intervals``: function from (start, end) to the covered stretches."""

    zone: str
    intervals: object


class Mode(NamedTuple):
    minimum: int = 0
    step: int = 1
    on_site: bool = False


@dataclass(frozen=True)
class Rates:
    """Prices: ``hours`` by work mode, ``units`` by (product, quantity), each as steps
    ``((first day, price or None), ...)``, oldest first."""

    tariff: work_parts.Tariff = work_parts.Tariff()
    hours: dict = field(default_factory=dict)
    units: dict = field(default_factory=dict)
    digits: int = 2


class Allotment(NamedTuple):
    """``modes``: the only work modes that it is for, empty for all; ``limit``: how much
    of it may move on to the next period, None without a limit."""

    unit: str
    quantity: Decimal
    modes: frozenset = frozenset()
    rule: grants.Rule = grants.Rule()
    limit: Decimal | None = None


class Promise(NamedTuple):
    """``minutes``, counted by ``measure``, for tickets of ``priority`` (empty: those
    that have no promise of their own)."""

    kind: str
    minutes: int
    measure: str
    priority: str = ""


@dataclass(frozen=True)
class Terms:
    """The terms of a type or a contract as plain values."""

    rank: int = 50
    treatments: dict = field(default_factory=dict)
    other_requests: str = cover.DRAWN
    allotments: tuple = ()
    fee_modes: frozenset = frozenset()
    overage: str = cover.REFUSE
    gate_minutes: int = 0
    allows_on_call: bool = True
    rates: Rates = Rates()
    #: minimum and step by work mode, where they differ from the mode's own
    steps: dict = field(default_factory=dict)
    #: coverage hours by channel (0: all others)
    coverage: dict = field(default_factory=dict)
    fee: Decimal = Decimal(0)
    #: how often the fee is due: for each activation
    count: int = 1
    fee_rule: fees.Rule = fees.Rule()
    promises: tuple = ()


class Credit(NamedTuple):
    """What was added to a balance beside the allotments: a top-up, an opening balance;
    below zero: what was taken away. ``paid`` for it."""

    unit: str
    modes: frozenset
    quantity: Decimal
    first_day: date
    last_day: date | None = None
    paid: Decimal = Decimal(0)


@dataclass(frozen=True)
class Agreement:
    """A contract, real or only thought of.

    ``terms`` are steps ``((first day, Terms), ...)``, ``periods`` its terms from one
    start to one end, ``states`` the decisions about its state in the order in which
    they were made. ``recharge``: the amount by which its wallet is filled again when it
    does not suffice; 0: never.
    """

    id: int
    terms: tuple
    periods: tuple
    states: tuple = ()
    terminated_on: date | None = None
    #: when the termination was decided
    ended_known: date | None = None
    granted_since: date = date.min
    credits: tuple = ()
    fee_while_suspended: bool = True
    refund_on_end: bool = False
    recharge: Decimal = Decimal(0)
    #: what an amount of it is in the company's currency
    exchange: Decimal = Decimal(1)

    def terms_on(self, day):
        return value_on(self.terms, day) or self.terms[0][1]

    def state_on(self, day):
        """The latest decision whose day has come."""
        if self.terminated_on and self.terminated_on <= day:
            return "terminated", self.terminated_on
        for first_day, state in reversed(self.states):
            if first_day <= day:
                return state, first_day
        return "", None


class Package(NamedTuple):
    """What is sold as a contract of its own: ``terms`` include its quantity, to be used
    within ``months``."""

    key: int
    unit: str
    quantity: Decimal
    months: int
    terms: Terms


@dataclass(frozen=True)
class World:
    """What holds whatever is agreed: the on-call ``rates``, days of ``grace`` for
    logging work, work modes, calendars (:class:`Hours`)."""

    zone: str = "UTC"
    on_call: bool = True
    rates: Rates = Rates()
    grace: int = 0
    digits: int = 2
    modes: dict = field(default_factory=dict)
    calendars: dict = field(default_factory=dict)

    def day(self, moment):
        zone = pytz.timezone(self.zone)
        return pytz.utc.localize(moment).astimezone(zone).date()

    def midnight(self, day):
        """The beginning of ``day``."""
        local = pytz.timezone(self.zone).localize(datetime.combine(day, time()))
        return local.astimezone(pytz.utc).replace(tzinfo=None)


# ----------------------------------------------------------------------
# What comes out
# ----------------------------------------------------------------------


class Refusal(NamedTuple):
    """Help that would not have been given: for a whole ticket (``work`` 0) or for
    ``minutes`` of a piece of work; ``reasons`` as of :class:`cover.Reason`."""

    ticket: int
    work: int
    day: date
    minutes: int
    reasons: tuple


class Use(NamedTuple):
    """What became of a balance; ``left`` may still be used after the last day."""

    agreement: int
    unit: str
    modes: frozenset
    drawn: Decimal
    lost: Decimal
    left: Decimal


class Bought(NamedTuple):
    """A package (``key``), or a recharge of the wallet (0) by ``amount``."""

    day: date
    key: int
    amount: Decimal


@dataclass(frozen=True)
class Outcome:
    """``fee``: fees, packages and top-ups; ``work``: help beyond the balances and on
    call, travel and material; both in the company's currency. ``promised``: ``{Promise:
    to how many tickets it applied}``."""

    fee: Decimal
    work: Decimal
    uses: tuple = ()
    refusals: tuple = ()
    bought: tuple = ()
    promised: dict = field(default_factory=dict)
    #: untaxed amount of each piece of work
    amounts: dict = field(default_factory=dict)

    @property
    def total(self):
        return self.fee + self.work

    @property
    def refused(self):
        """How many tickets did not get all their help."""
        return len({refusal.ticket for refusal in self.refusals})

    def lost(self, unit):
        return sum((use.lost for use in self.uses if use.unit == unit), Decimal(0))

    def drawn(self, unit):
        return sum((use.drawn for use in self.uses if use.unit == unit), Decimal(0))


# ----------------------------------------------------------------------
# Doors
# ----------------------------------------------------------------------


def replay(world, tickets, works, agreements, first_day, last_day, own=False):
    """Live through tickets and works again under ``agreements``.

    Work that a contract refuses because its balance does not suffice is asked of the
    next cover for the rest, as people do who log it in two pieces. A ticket refused
    when it was opened asks again when the work is done: a new month may have brought
    hours.

    :param agreements: :class:`Agreement` that the customer has at the same time; none:
        help on call
    :param date first_day: what happened before it prepares the balances, but does not
        count; ``last_day`` is inclusive
    :param bool own: the agreements are the customer's own, so that what people chose
        counts
    :return: :class:`Outcome`
    """
    run = _Run(world, tickets, agreements, first_day, last_day, own)
    run.live(works)
    return run.result()


def replay_packages(world, tickets, works, packages, first_day, last_day):
    """The same with the cheapest packages that cover all that they are for, each
    bought on the day on which it is first needed.

    :param packages: :class:`Package` of one contract type
    """
    best = None
    for unit in sorted({package.unit for package in packages}):
        sold = [package for package in packages if package.unit == unit]
        needs = _find_needs(world, tickets, works, sold[0], first_day, last_day)
        choice = cheapest_packages(needs, sold)
        by_key = {package.key: package for package in sold}
        outcome = replay(
            world,
            tickets,
            works,
            [
                _buy(by_key[key], number, day)
                for number, (day, key) in enumerate(choice, start=1)
            ],
            first_day,
            last_day,
        )
        bought = tuple(Bought(day, key, by_key[key].terms.fee) for day, key in choice)
        outcome = replace(outcome, bought=bought)
        rank = (outcome.refused, outcome.total)
        if best is None or rank < best[0]:
            best = rank, outcome
    return best[1]


def cheapest_packages(needs, packages):
    """Which packages cover ``needs`` for the least money, and of those the fewest. A
    new one is bought when the one before is used up or has ended.

    :param needs: ``[(day, quantity), ...]``, oldest first
    :param packages: objects with ``key``, ``quantity``, ``months``, ``terms.fee``
    :return: ``[(day, key), ...]``
    """
    sums = [Decimal(0)]
    for _day, quantity in needs:
        sums.append(sums[-1] + quantity)
    days = [day for day, _quantity in needs]
    # a state is what of all needs has been covered; the way to it is kept
    known = {Decimal(0): ((Decimal(0), 0), None)}
    queue = [Decimal(0)]
    while queue:
        covered = heappop(queue)
        if covered >= sums[-1]:
            break
        cost, count = known[covered][0]
        index = bisect_right(sums, covered) - 1
        day = days[index]
        for package in packages:
            end = periods.term_end(day, package.months)
            within = sums[bisect_right(days, end)]
            reached = min(covered + package.quantity, within)
            price = (cost + package.terms.fee, count + 1)
            if reached not in known:
                heappush(queue, reached)
            if reached not in known or price < known[reached][0]:
                known[reached] = (price, (covered, day, package.key))
    choice, covered = [], sums[-1]
    while known[covered][1]:
        covered, day, key = known[covered][1]
        choice.append((day, key))
    return choice[::-1]


def value_on(steps, day):
    """The value of ``steps`` (``((first day, value), ...)``, oldest first) that counts
    on ``day``, None before the first."""
    index = bisect_right(steps, day, key=lambda step: step[0])
    return steps[index - 1][1] if index else None


def count_fees(agreement, first_day, last_day):
    """The fees of an agreement that are due from ``first_day`` to ``last_day`` (in
    arrears: for what they end), with the refund of days not served and what more
    activations cost inside a period.

    :return: ``[(day, amount), ...]`` in the agreement's currency
    """
    found = []
    terms = agreement.terms_on(agreement.periods[0][0])
    rule, end = terms.fee_rule, agreement.terminated_on
    shift = ONE_DAY if rule.timing == "arrears" else timedelta()
    until = last_day + shift
    for whole in fees.due_fees(rule, agreement.periods, date.min, fees.FOREVER):
        if whole.first_day > until or (end and whole.first_day >= end):
            continue
        fee, refund = _cut_fee(agreement, rule, whole)
        terms = agreement.terms_on(fee.first_day)
        state, _since = agreement.state_on(fee.first_day)
        if state == "suspended" and not agreement.fee_while_suspended:
            continue
        digits = terms.rates.digits
        amount = fees.prorate(terms.fee * terms.count, fee.days, fee.full_days, digits)
        if refund:
            amount -= fees.prorate(amount, refund, fee.days, digits)
        if first_day + shift <= fee.due <= until:
            found.append((fee.due, amount))
        found += [
            (day, more)
            for day, more in _count_more(agreement, fee)
            if first_day <= day <= last_day
        ]
    return found


def _cut_fee(agreement, rule, whole):
    """The fee as it was charged, and how many days of it were given back."""
    end = agreement.terminated_on
    if not end or whole.last_day < end:
        return whole, 0
    known = agreement.ended_known
    if rule.timing == "arrears" or (known and known <= whole.due):
        return fees.period_of(rule, agreement.periods, whole.first_day, end), 0
    refund = (whole.last_day - end).days + 1 if agreement.refund_on_end else 0
    return whole, refund


def _count_more(agreement, fee):
    """``(day, amount)`` of activations that were added inside the period of ``fee``."""
    paid = agreement.terms_on(fee.first_day).count
    for day, terms in agreement.terms:
        if fee.first_day < day <= fee.last_day and terms.count > paid:
            days = (fee.last_day - day).days + 1
            full_days = fee.full_days if terms.fee_rule.prorated else fee.days
            more = terms.fee * (terms.count - paid)
            yield day, fees.prorate(more, days, full_days, terms.rates.digits)
            paid = terms.count


def _find_needs(world, tickets, works, package, first_day, last_day):
    """What would be drawn on a package that never ends."""
    allotments = tuple(
        allotment._replace(quantity=ENDLESS) if is_package else allotment
        for allotment, is_package in _mark_package(package)
    )
    endless = Agreement(
        1,
        ((first_day, replace(package.terms, allotments=allotments)),),
        ((first_day, last_day),),
        ((first_day, "active"),),
    )
    run = _Run(world, tickets, [endless], first_day, last_day, False)
    run.live(works)
    return sorted(
        (day, quantity)
        for ledger in run.ledgers
        if ledger.unit == package.unit and not ledger.modes
        for lot in ledger.lots
        for day, quantity in lot.draws
    )


def _mark_package(package):
    """The allotments of a package, the last one being its own quantity."""
    allotments = package.terms.allotments
    return [
        (allotment, index == len(allotments) - 1)
        for index, allotment in enumerate(allotments)
    ]


def _buy(package, number, day):
    return Agreement(
        number,
        ((day, package.terms),),
        ((day, periods.term_end(day, package.months)),),
        ((day, "active"),),
    )


# ----------------------------------------------------------------------
# A life with balances of its own
# ----------------------------------------------------------------------


def _without_balance(candidate):
    """What has refused the rest of a piece of work is only asked whether it rules out
    help on call."""
    balances = (replace(balance, usable=Decimal(0)) for balance in candidate.balances)
    return replace(candidate, balances=tuple(balances))


class _NoPrice(Exception):
    """Work that would have to be charged has no price."""


@dataclass
class _Lot:
    id: int
    left: Decimal
    first_day: date
    last_day: date | None
    allotment: int = -1
    draws: list = field(default_factory=list)

    def plain(self, day=None):
        """As ``allocation`` takes it; ``day``: what work from then on took is still
        there."""
        left = self.left
        if day:
            left += sum(part for taken, part in self.draws if taken >= day)
        return allocation.Lot(self.id, left, self.first_day, self.last_day)


@dataclass
class _Ledger:
    id: int
    agreement: int
    unit: str
    modes: frozenset
    lots: list = field(default_factory=list)
    #: by ticket
    held: dict = field(default_factory=dict)
    drawn: Decimal = Decimal(0)
    lost: Decimal = Decimal(0)

    def valid(self, day):
        """The lots that may be used on ``day``, in the order of use."""
        lots = [lot.plain() for lot in self.lots if lot.left]
        return allocation.usable_on(lots, day)

    def kept(self, day, today, ticket):
        """What others have reserved, as far as it does not find its stock in lots
        that work of a past ``day`` cannot use anyway."""
        held = sum(
            (part for owner, part in self.held.items() if owner != ticket), Decimal(0)
        )
        if held and day < today:
            usable = {lot.id for lot in self.valid(day)}
            held -= sum(
                lot.remaining for lot in self.valid(today) if lot.id not in usable
            )
        return max(held, Decimal(0))

    def usable(self, day, today, ticket):
        left = sum((lot.remaining for lot in self.valid(day)), Decimal(0))
        return max(left - self.kept(day, today, ticket), Decimal(0))


class _Run:
    def __init__(self, world, tickets, agreements, first_day, last_day, own):
        self.world, self.own = world, own
        self.first_day, self.last_day = first_day, last_day
        self.agreements = {agreement.id: agreement for agreement in agreements}
        self.tickets = {ticket.id: ticket for ticket in tickets}
        self.ledgers, self.by_id, self.lots = [], {}, {}
        self.of_agreement = defaultdict(list)
        self.paid = Decimal(0)
        self.bought, self.refusals, self.undecided = [], [], {}
        #: tickets that were taken off a pack, by the agreement that gave them
        self.taken = {}
        self.promised = defaultdict(int)
        self.amounts = {}
        self.done = set()
        self.debits, self.cuts = [], []
        for agreement in agreements:
            self._open(agreement)

    # -- balances ------------------------------------------------------

    def _open(self, agreement):
        """Open the ledgers of an agreement with all that will ever be granted: each
        lot has its first day."""
        terms = agreement.terms_on(agreement.periods[0][0])
        lots = []
        for index, allotment in enumerate(terms.allotments):
            ledger = self._get_ledger(agreement, allotment.unit, allotment.modes)
            for grant in self._find_grants(agreement, allotment):
                now = agreement.terms_on(grant.first_day).allotments[index]
                digits = terms.rates.digits if now.unit == "money" else 0
                quantity = grant.quantity(now.quantity, digits)
                lots.append((grant.first_day, index, ledger, quantity, grant.last_day))
            if allotment.limit is not None and allotment.rule.recurrence != "once":
                self._plan_cuts(agreement, index, allotment, ledger)
        for first_day, index, ledger, quantity, last_day in sorted(
            lots, key=lambda item: item[:2]
        ):
            self._add_lot(ledger, quantity, first_day, last_day, index)
        for credit in agreement.credits:
            ledger = self._get_ledger(agreement, credit.unit, credit.modes)
            if credit.quantity > 0:
                self._add_lot(
                    ledger, credit.quantity, credit.first_day, credit.last_day
                )
            else:
                self.debits.append((credit.first_day, ledger, -credit.quantity))
            if self._counts(credit.first_day):
                self._pay(agreement, credit.paid)

    def _find_grants(self, agreement, allotment):
        until = self.last_day
        if agreement.terminated_on:
            until = min(until, agreement.terminated_on - ONE_DAY)
        for first_day, last_day in agreement.periods:
            yield from grants.due_grants(
                allotment.rule, first_day, last_day, agreement.granted_since, until
            )

    def _plan_cuts(self, agreement, index, allotment, ledger):
        months = grants.MONTHS[allotment.rule.recurrence]
        until = self.last_day + ONE_DAY
        for number, (first_day, last_day) in enumerate(agreement.periods):
            for period in periods.periods_between(
                first_day, months, 0 if number else 1, min(last_day, until)
            ):
                self.cuts.append((period.first_day, ledger, index, allotment.limit))

    def _get_ledger(self, agreement, unit, modes):
        for ledger in self.of_agreement[agreement.id]:
            if (ledger.unit, ledger.modes) == (unit, modes):
                return ledger
        ledger = _Ledger(len(self.ledgers) + 1, agreement.id, unit, modes)
        self.ledgers.append(ledger)
        self.by_id[ledger.id] = ledger
        self.of_agreement[agreement.id].append(ledger)
        return ledger

    def _add_lot(self, ledger, quantity, first_day, last_day, allotment=-1):
        if quantity > 0:
            number = len(self.lots) + 1
            lot = _Lot(number, quantity, first_day, last_day, allotment)
            self.lots[number] = lot
            ledger.lots.append(lot)

    def _debit(self, ledger, quantity, day, today, ticket, journal=None):
        """Take from a ledger; what the ticket itself holds is used up.

        :param list journal: gets what was taken, so that it can be put back
        :return: what could not be taken
        """
        quantity = Decimal(quantity)
        parts, left_over = allocation.allocate(
            ledger.valid(day),
            quantity,
            day,
            held=ledger.kept(day, today, ticket),
        )
        ledger.held.pop(ticket, None)
        for lot_id, part in parts:
            lot = self.lots[lot_id]
            lot.left -= part
            lot.draws.append((day, part))
            if journal is not None:
                journal.append((ledger, lot, part))
        if self._counts(day):
            ledger.drawn += quantity - left_over
        return left_over

    def _put_back(self, journal, day):
        for ledger, lot, part in journal:
            lot.left += part
            lot.draws.remove((day, part))
            if self._counts(day):
                ledger.drawn -= part

    def _cut(self, boundary, ledger, index, limit):
        own = [
            lot
            for lot in ledger.lots
            if lot.allotment == index
            and (lot.last_day is None or lot.last_day >= boundary)
        ]
        for lot_id, part in allocation.cut_at(
            [(lot.plain(boundary), lot.left) for lot in own], limit, boundary
        ):
            self.lots[lot_id].left -= part
            if self._counts(boundary - ONE_DAY):
                ledger.lost += part

    def _release(self, ticket):
        for ledger in self.ledgers:
            ledger.held.pop(ticket, None)

    def _counts(self, day):
        return self.first_day <= day <= self.last_day

    def _pay(self, agreement, amount):
        self.paid += self._convert(amount, agreement)

    def _convert(self, amount, agreement):
        amount *= agreement.exchange if agreement else 1
        return amount.quantize(
            Decimal(1).scaleb(-self.world.digits), rounding=ROUND_HALF_UP
        )

    # -- time ----------------------------------------------------------

    def live(self, works):
        """Let everything happen again, in its order: the nights first, then tickets
        as they were opened, work as it ended. Work that was logged with its ticket
        follows it at once, before the next ticket of the same moment."""
        world, events = self.world, []
        for boundary, ledger, index, limit in self.cuts:
            day = boundary + timedelta(days=world.grace)
            cut = (boundary, ledger, index, limit)
            events.append((self._night(day), (0, index, 0), self._cut, cut))
        for day, ledger, quantity in self.debits:
            args = (ledger, quantity, day, day, None)
            events.append((world.midnight(day), (0, 0, 0), self._debit, args))
        for ticket in self.tickets.values():
            key = (1, ticket.id, 0)
            events.append((ticket.opened, key, self._open_ticket, (ticket,)))
            if ticket.closed:
                key = (3, ticket.id, 0)
                events.append((ticket.closed, key, self._release, (ticket.id,)))
        for work in works:
            opened = self.tickets[work.ticket].opened
            key = (1, work.ticket, work.id) if work.end <= opened else (2, work.id, 0)
            moment = max(work.end, opened)
            events.append((moment, key, self._do, (work, moment)))
        for _moment, _key, action, args in sorted(events, key=lambda item: item[:2]):
            action(*args)
        for ticket, (day, reasons) in self.undecided.items():
            if ticket not in self.done and self._counts(day):
                self.refusals.append(Refusal(ticket, 0, day, 0, reasons))

    def _night(self, day):
        """Nights after the end still belong to the last period."""
        if day > self.last_day:
            return self.world.midnight(self.last_day + ONE_DAY)
        return self.world.midnight(day)

    # -- tickets -------------------------------------------------------

    def _open_ticket(self, ticket):
        day = self.world.day(ticket.opened)
        if self.own and ticket.chosen == 0:
            return
        decision = self._decide(ticket, ticket.mode, day, day, gate=True)
        if decision.kind == cover.NONE:
            self.undecided[ticket.id] = (day, decision.reasons)
        if decision.kind != cover.CONTRACT:
            return
        if self._counts(day):
            self._promise(ticket, self.agreements[decision.contract_id].terms_on(day))
        if ticket.closed and ticket.closed <= ticket.opened:
            return  # history that was entered afterwards takes nothing by itself
        for hold in decision.holds:
            ledger = self.by_id[hold.ledger_id]
            if hold.unit == "ticket":
                self._debit(ledger, hold.quantity, day, day, None)
                self.taken[ticket.id] = ledger.agreement
            else:
                ledger.held[ticket.id] = hold.quantity

    def _promise(self, ticket, terms):
        for kind in sorted({promise.kind for promise in terms.promises}):
            fitting = [
                promise
                for promise in terms.promises
                if promise.kind == kind and promise.priority in ("", ticket.priority)
            ]
            if fitting:
                self.promised[max(fitting, key=lambda item: bool(item.priority))] += 1

    # -- cover ---------------------------------------------------------

    def _decide(self, ticket, mode, day, today, gate, tried=()):
        """The cover on ``day``; a wallet that does not suffice is recharged first."""
        chosen = ticket.chosen if self.own else None
        for _attempt in range(RECHARGES):
            candidates = [
                candidate
                for agreement in self.agreements.values()
                if (chosen is None or agreement.id == chosen)
                and (
                    candidate := self._get_candidate(
                        agreement, ticket, mode, day, today, gate
                    )
                )
            ]
            candidates = [
                _without_balance(candidate)
                if candidate.contract_id in tried
                else candidate
                for candidate in candidates
            ]
            decision = cover.decide(candidates, on_call=self.world.on_call)
            if not self._recharge(decision, mode, min(day, today)):
                break
        if chosen is not None and decision.kind != cover.CONTRACT:
            return replace(decision, kind=cover.NONE, contract_id=0)
        return decision

    def _recharge(self, decision, mode, day):
        """Fill up the wallet that was found too small, if there is one to fill.

        :return: whether the cover is to be decided anew
        """
        for reason in decision.reasons:
            agreement = self.agreements.get(reason.contract_id)
            if (
                reason.code in ("gate_money", "used_up")
                and agreement
                and agreement.recharge > 0
            ):
                for ledger in self._get_ledgers(agreement, mode):
                    if ledger.unit == "money":
                        self._add_lot(ledger, agreement.recharge, day, None)
                        if self._counts(day):
                            self._pay(agreement, agreement.recharge)
                            self.bought.append(Bought(day, 0, agreement.recharge))
                        return True
        return False

    def _get_ledgers(self, agreement, mode):
        """Those that serve the work mode, those made for it alone first."""
        return sorted(
            (
                ledger
                for ledger in self.of_agreement[agreement.id]
                if not mode or not ledger.modes or mode in ledger.modes
            ),
            key=lambda ledger: (not ledger.modes, ledger.id),
        )

    def _get_candidate(self, agreement, ticket, mode, day, today, gate):
        """An agreement as ``cover`` takes it; None if it had not begun on ``day``, or
        is long over."""
        begun = [last for first, last in agreement.periods if first <= day]
        if not begun or (day - max(begun)).days > ENDED_DAYS:
            return None
        last_day, terms = max(begun), agreement.terms_on(day)
        barred, since = self._get_bar(agreement, terms, day, last_day)
        flat = not terms.allotments
        names_mode = mode in terms.fee_modes
        balances = tuple(
            cover.Balance(
                ledger.id,
                ledger.unit,
                ledger.usable(day, today, ticket.id),
                bool(ledger.modes),
            )
            for ledger in self.of_agreement[agreement.id]
            if not ledger.modes or mode in ledger.modes
        )
        return cover.Candidate(
            contract_id=agreement.id,
            rank=terms.rank,
            last_day=last_day,
            barred_by=barred,
            barred_since=since,
            after_term=last_day < day,
            treatment=terms.treatments.get(ticket.category, terms.other_requests),
            flat=flat and (names_mode or not terms.fee_modes),
            fee_names_mode=flat and names_mode,
            balances=balances,
            overage=terms.overage,
            gate_minutes=terms.gate_minutes if gate else 0,
            hourly_price=value_on(terms.rates.hours.get(mode, ()), day),
            digits=terms.rates.digits,
            allows_on_call=terms.allows_on_call,
        )

    def _get_bar(self, agreement, terms, day, last_day):
        state, since = agreement.state_on(day)
        if state in ("terminated", "suspended"):
            return state, since
        if state not in ("active", "expired"):
            return "not_started", since
        end_days = max(
            (
                allotment.rule.end_days
                for allotment in terms.allotments
                if allotment.rule.end_policy == "usable"
            ),
            default=0,
        )
        if (day - last_day).days > end_days:
            return "ended", last_day
        return "", None

    # -- work ----------------------------------------------------------

    def _do(self, work, moment):
        ticket = self.tickets[work.ticket]
        day, today = self.world.day(work.start), self.world.day(moment)
        self.done.add(ticket.id)
        decision = self._decide_work(ticket, work, day, today)
        if decision.kind == cover.NONE:
            self._refuse(work, day, work.minutes, decision.reasons)
            return
        terms, rates = self._get_rates(decision, day)
        accepted = self._get_accepted(work, decision)
        billable = self._get_billable(work, terms)
        parts = self._cut_work(
            work, billable, terms, accepted.tariff if accepted else rates.tariff
        )
        amount, missing = self._draw_all(work, decision, parts, day, today)
        if missing < sum(part.minutes for part in parts) or not parts:
            cost = self._count_cost(work, billable, decision, rates, accepted, day)
            amount += self._convert(cost, self.agreements.get(decision.contract_id))
        if self._counts(day):
            self.amounts[work.id] = amount

    def _decide_work(self, ticket, work, day, today):
        if self.own and ticket.chosen == 0:
            return cover.Decision(cover.ON_CALL)
        if ticket.id in self.taken:
            return cover.Decision(cover.CONTRACT, self.taken[ticket.id], cover.FREE)
        if ticket.id in self.undecided and not (self.own and ticket.anyway):
            decision = self._decide(ticket, work.mode, day, today, gate=True)
            if decision.kind == cover.NONE:
                return decision
        return self._decide(ticket, work.mode, day, today, gate=False)

    def _draw_all(self, work, decision, parts, day, today):
        """Let the cover pay, and the next one for what it refuses.

        :return: the amount to charge, and the minutes that nothing covers
        """
        amount, tried = Decimal(0), set()
        while parts:
            charged, parts, reasons = self._draw(work, decision, parts, day, today)
            amount += self._convert(charged, self.agreements.get(decision.contract_id))
            if not parts:
                break
            if not reasons:
                ticket = self.tickets[work.ticket]
                if not self.agreements[decision.contract_id].recharge:
                    tried.add(decision.contract_id)
                decision = self._decide(ticket, work.mode, day, today, False, tried)
                reasons = decision.reasons
            else:
                decision = cover.Decision(cover.NONE)
            if decision.kind == cover.NONE:
                break
        missing = sum(part.minutes for part in parts)
        if missing:
            self._refuse(work, day, missing, reasons)
        return amount, missing

    def _draw(self, work, decision, parts, day, today):
        """Let one cover pay.

        :return: the amount to charge, the parts that it refuses, and why
        """
        agreement = self.agreements.get(decision.contract_id)
        terms, rates = self._get_rates(decision, day)
        accepted = self._get_accepted(work, decision)

        def price(part, minutes):
            hour = value_on(rates.hours.get(work.mode, ()), day)
            hour = accepted.hour if accepted else hour
            if hour is None:
                raise _NoPrice
            return drawing.price_part(part, minutes, hour, rates.digits)

        flat = bool(terms) and not terms.allotments
        flat = flat and (not terms.fee_modes or work.mode in terms.fee_modes)
        payer = drawing.who_pays(decision, flat)
        if payer == drawing.TICKET:
            for hold in decision.holds:
                ledger = self.by_id[hold.ledger_id]
                self._debit(ledger, hold.quantity, today, today, None)
                self.taken[work.ticket] = ledger.agreement
        if payer in (drawing.TICKET, drawing.COVERED):
            return Decimal(0), [], ()
        journal = []
        try:
            if payer == drawing.PRICED:
                drawn = [price(part, part.minutes) for part in parts]
                return sum(part.amount for part in drawn), [], ()
            drawn = self._draw_balances(
                work, decision, agreement, terms, parts, (day, today), price, journal
            )
        except _NoPrice:
            self._put_back(journal, day)
            return Decimal(0), parts, (cover.Reason("no_price", decision.contract_id),)
        if decision.overage == cover.REFUSE:
            missing = [
                item.part._replace(minutes=item.minutes)
                for item in drawn
                if item.minutes
            ]
            return Decimal(0), missing, ()
        return sum(part.amount for part in drawn), [], ()

    def _draw_balances(
        self, work, decision, agreement, terms, parts, days, price, journal
    ):
        ledgers = self._get_ledgers(agreement, work.mode)
        times = [ledger for ledger in ledgers if ledger.unit == "time"]
        wallets = [ledger for ledger in ledgers if ledger.unit == "money"]

        def debit(ledger, quantity):
            return self._debit(ledger, quantity, *days, work.ticket, journal)

        drawn = [
            drawing.draw_part(
                part,
                decision.overage,
                terms.rates.tariff.on_time,
                times,
                wallets,
                debit,
                price,
            )
            for part in parts
        ]
        # what was kept for the ticket and not needed is free again
        self._release(work.ticket)
        return drawn

    def _get_rates(self, decision, day):
        """The terms that cover on ``day``, None on call, and what is charged."""
        agreement = self.agreements.get(decision.contract_id)
        if not agreement:
            return None, self.world.rates
        terms = agreement.terms_on(day)
        return terms, terms.rates

    def _get_accepted(self, work, decision):
        """The price that the customer has accepted for this very cover."""
        accepted = work.accepted
        if not accepted:
            return None
        on_call = decision.kind == cover.ON_CALL and not accepted.agreement
        quoted = decision.treatment == cover.QUOTED and self.own
        if on_call or (quoted and accepted.agreement == decision.contract_id):
            return accepted
        return None

    def _get_billable(self, work, terms):
        if work.by_hand is not None:
            return work.by_hand
        mode = self.world.modes.get(work.mode, Mode())
        steps = (mode.minimum, mode.step)
        if terms:
            steps = terms.steps.get(work.mode, steps)
        return rounding.billable_minutes(work.minutes, *steps)

    def _cut_work(self, work, billable, terms, tariff):
        coverage = terms.coverage if terms else {}
        key = work.channel and coverage.get(work.channel) or coverage.get(0)
        calendar = self.world.calendars.get(key or work.hours)
        mode = self.world.modes.get(work.mode, Mode())
        return work_parts.cut_work(
            work.start,
            work.end,
            billable,
            work.travel if mode.on_site else 0,
            calendar.intervals if calendar else None,
            calendar.zone if calendar else "",
            tariff,
        )

    def _count_cost(self, work, billable, decision, rates, accepted, day):
        """What is charged beside the hours: the call-out fee and material."""

        def price_of(product, quantity):
            steps = rates.units.get((product, quantity), ())
            return value_on(steps, day) or Decimal(0)

        def amount_of(price, quantity):
            return rounding.price_of_minutes(price * quantity, 60, rates.digits)

        tariff = accepted.tariff if accepted else rates.tariff
        mode = self.world.modes.get(work.mode, Mode())
        free = decision.kind == cover.CONTRACT and decision.treatment == cover.FREE
        amount, one = Decimal(0), Decimal(1)
        if (
            tariff.travel == work_parts.FLAT
            and tariff.travel_product
            and mode.on_site
            and billable
            and not free
        ):
            price = accepted.travel if accepted else None
            if price is None:
                price = price_of(tariff.travel_product, one)
            amount += amount_of(price, one)
        for material in work.materials:
            if not material.free:
                price = price_of(material.product, material.quantity)
                amount += amount_of(price, material.quantity)
        return amount

    def _refuse(self, work, day, minutes, reasons):
        if self._counts(day):
            self.refusals.append(
                Refusal(work.ticket, work.id, day, minutes, tuple(reasons))
            )

    # -- result --------------------------------------------------------

    def result(self):
        for agreement in self.agreements.values():
            for _day, amount in count_fees(agreement, self.first_day, self.last_day):
                self._pay(agreement, amount)
        for ledger in self.ledgers:
            ledger.lost += sum(
                lot.left
                for lot in ledger.lots
                if lot.last_day and self._counts(lot.last_day)
            )
        return Outcome(
            fee=self.paid,
            work=sum(self.amounts.values(), Decimal(0)),
            uses=tuple(
                Use(
                    ledger.agreement,
                    ledger.unit,
                    ledger.modes,
                    ledger.drawn,
                    ledger.lost,
                    sum(
                        (
                            lot.left
                            for lot in ledger.lots
                            if not lot.last_day or lot.last_day > self.last_day
                        ),
                        Decimal(0),
                    ),
                )
                for ledger in self.ledgers
            ),
            refusals=tuple(self.refusals),
            bought=tuple(self.bought),
            promised=dict(self.promised),
            amounts=self.amounts,
        )
