# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A replay, compared with a slow one in which every minute, cent and ticket is a coin
of its own, taken one by one."""

import unittest
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import cover, fees, grants, suits

PROFILE = settings(deadline=None, derandomize=True, max_examples=150)
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
HOUR, ON_CALL = Decimal(60), Decimal(90)
MODE, CATEGORIES = 1, (1, 2, 3)


def rates(price):
    return suits.Rates(hours={MODE: ((date.min, price),)})


WORLD = suits.World(rates=rates(ON_CALL), modes={MODE: suits.Mode(0, 15)})


def agreement(terms, **values):
    return suits.Agreement(
        1,
        ((FIRST, terms),),
        values.pop("periods", ((FIRST, LAST),)),
        ((FIRST, "active"),),
        **values,
    )


def at(day, hour=10):
    return datetime(day.year, day.month, day.day, hour)


def one_by_one(lengths):
    """A ticket and its work for each of ``[(day of the year, minutes, category)]``, an
    hour after another."""
    tickets, works = [], []
    for number, (offset, minutes, category) in enumerate(lengths, start=1):
        start = at(FIRST + timedelta(days=offset), 0) + timedelta(minutes=number)
        tickets.append(
            suits.Ticket(number, start, MODE, category, closed=start + timedelta(1))
        )
        end = start + timedelta(minutes=minutes)
        works.append(suits.Work(number, number, start, end, MODE, minutes))
    return tickets, works


SOME_WORK = st.lists(
    st.tuples(
        st.integers(0, 364),
        st.integers(1, 12).map(lambda count: count * 15),
        st.sampled_from(CATEGORIES),
    ),
    max_size=12,
    # never two at the same time
    unique_by=lambda item: item[0],
)


class Coin:
    """A minute, an amount of one, or a ticket."""

    def __init__(self, first_day, last_day):
        self.first_day, self.last_day = first_day, last_day
        self.used = False


class SlowLife:
    """One contract with one balance that serves every work mode, one request after the
    other, each closed before the next one."""

    def __init__(self, terms, on_call):
        self.terms, self.on_call = terms, on_call
        self.coins, self.work, self.refused = [], Decimal(0), set()
        for allotment in terms.allotments:
            self.unit = allotment.unit
            months = {"once": 12, "month": 1, "quarter": 3}[allotment.rule.recurrence]
            for index in range(12 // months):
                first = FIRST + relativedelta(months=months * index)
                last = FIRST + relativedelta(months=months * (index + 1)) - timedelta(1)
                if allotment.rule.rollover == "unlimited":
                    last = LAST
                if allotment.rule.rollover == "periods":
                    last = min(LAST, last + relativedelta(months=months, days=0))
                    last = min(
                        LAST,
                        FIRST
                        + relativedelta(months=months * (index + 2))
                        - timedelta(1),
                    )
                for _count in range(int(allotment.quantity)):
                    self.coins.append(Coin(first, last))

    def valid(self, day):
        coins = [
            coin
            for coin in self.coins
            if not coin.used and coin.first_day <= day <= coin.last_day
        ]
        return sorted(coins, key=lambda coin: (coin.last_day, coin.first_day))

    def price(self, minutes, hour):
        amount = hour * minutes / 60
        return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    def ask(self, number, day, minutes, category):
        terms = self.terms
        treatment = terms.treatments.get(category, terms.other_requests)
        if treatment == cover.FREE:
            return
        if treatment == cover.QUOTED:
            self.work += self.price(minutes, HOUR)
            return
        if treatment == cover.EXCLUDED:
            self.not_covered(number, minutes)
            return
        if self.unit == "ticket":
            self.take_ticket(number, day, minutes)
            return
        left = len(self.valid(day))
        needed = terms.gate_minutes
        if self.unit == "money":
            needed = self.price(needed, HOUR)
        gate = left >= needed if needed else left > 0 or terms.overage == cover.CHARGE
        if not gate and not (terms.allows_on_call and self.on_call):
            self.refused.add(number)
            return
        # work itself asks for no minimum
        if not left and terms.overage != cover.CHARGE:
            self.not_covered(number, minutes)
            return
        self.take(number, day, minutes)

    def take_ticket(self, number, day, minutes):
        coins = self.valid(day)
        if coins:
            coins[0].used = True
        elif self.terms.overage == cover.CHARGE:
            self.work += self.price(minutes, HOUR)
        else:
            self.not_covered(number, minutes)

    def take(self, number, day, minutes):
        price = Decimal(1) if self.unit == "time" else HOUR / 60
        wanted = int(minutes * price)
        for coin in self.valid(day)[:wanted]:
            coin.used = True
            wanted -= 1
        missing = int(wanted / price)
        if not missing:
            return
        if self.terms.overage == cover.CHARGE:
            self.work += self.price(missing, HOUR)
        else:
            self.not_covered(number, missing)

    def not_covered(self, number, minutes):
        if self.terms.allows_on_call and self.on_call:
            self.work += self.price(minutes, ON_CALL)
        else:
            self.refused.add(number)

    def count(self, condition):
        return len([coin for coin in self.coins if condition(coin)])


@st.composite
def some_terms(draw):
    unit = draw(st.sampled_from(["time", "time", "money", "ticket"]))
    recurrence = draw(st.sampled_from(["once", "month", "quarter"]))
    quantity = draw(st.integers(1, 20)) * (1 if unit == "ticket" else 15)
    rule = grants.Rule(
        recurrence,
        draw(st.sampled_from(["none", "periods", "unlimited"]))
        if recurrence != "once"
        else "none",
        1,
    )
    return suits.Terms(
        treatments={
            category: draw(
                st.sampled_from(
                    [cover.DRAWN, cover.DRAWN, cover.FREE, cover.QUOTED, cover.EXCLUDED]
                )
            )
            for category in CATEGORIES[:2]
        },
        allotments=(suits.Allotment(unit, Decimal(quantity), rule=rule),),
        overage=draw(st.sampled_from([cover.REFUSE, cover.CHARGE])),
        gate_minutes=draw(st.sampled_from([0, 0, 60, 120])),
        allows_on_call=draw(st.booleans()),
        rates=rates(HOUR),
        fee=Decimal(100),
        fee_rule=fees.Rule("month"),
    )


class TestReplay(unittest.TestCase):
    @PROFILE
    @given(some_terms(), SOME_WORK, st.booleans())
    def test_coin_by_coin(self, terms, lengths, on_call):
        lengths = sorted(lengths)
        tickets, works = one_by_one(lengths)
        world = replace(WORLD, on_call=on_call)
        found = suits.replay(world, tickets, works, [agreement(terms)], FIRST, LAST)
        slow = SlowLife(terms, on_call)
        for number, (offset, minutes, category) in enumerate(lengths, start=1):
            slow.ask(number, FIRST + timedelta(days=offset), minutes, category)
        self.assertEqual(found.work, slow.work)
        self.assertEqual({item.ticket for item in found.refusals}, slow.refused)
        self.assertEqual(found.refused, len(slow.refused))
        self.assertEqual(found.drawn(slow.unit), slow.count(lambda coin: coin.used))
        self.assertEqual(found.lost(slow.unit), slow.count(lambda coin: not coin.used))
        self.assertEqual(found.fee, 1200)
        self.assertEqual(found.total, found.fee + found.work)

    @PROFILE
    @given(SOME_WORK, st.booleans())
    def test_on_call(self, lengths, on_call):
        """without a contract every minute has its price, or nobody helps"""
        tickets, works = one_by_one(sorted(lengths))
        world = replace(WORLD, on_call=on_call)
        found = suits.replay(world, tickets, works, [], FIRST, LAST)
        minutes = sum(work.minutes for work in works)
        self.assertEqual(found.work, ON_CALL * minutes / 60 if on_call else 0)
        self.assertEqual(found.refused, 0 if on_call else len(tickets))
        codes = {reason.code for item in found.refusals for reason in item.reasons}
        self.assertLessEqual(codes, {"no_on_call"})

    @PROFILE
    @given(some_terms(), SOME_WORK, st.integers(1, 300))
    def test_a_window_splits_a_year(self, terms, lengths, days):
        """two parts of a year together are the year"""
        tickets, works = one_by_one(sorted(lengths))
        middle = FIRST + timedelta(days=days)
        whole, first, second = (
            suits.replay(WORLD, tickets, works, [agreement(terms)], *span)
            for span in (
                (FIRST, LAST),
                (FIRST, middle),
                (middle + timedelta(days=1), LAST),
            )
        )
        self.assertEqual(first.total + second.total, whole.total)
        for unit in ("time", "money", "ticket"):
            for name in ("lost", "drawn"):
                parts = [getattr(item, name)(unit) for item in (first, second, whole)]
                self.assertEqual(parts[0] + parts[1], parts[2], (unit, name))
        self.assertEqual(
            len(first.refusals) + len(second.refusals), len(whole.refusals)
        )

    @PROFILE
    @given(SOME_WORK)
    def test_recharge(self, lengths):
        """a wallet that is recharged refuses nothing"""
        tickets, works = one_by_one(sorted(lengths))
        terms = suits.Terms(
            allotments=(suits.Allotment("money", Decimal(130)),),
            gate_minutes=120,
            overage=cover.CHARGE,
            allows_on_call=False,
            rates=rates(HOUR),
            fee=Decimal(130),
            fee_rule=fees.Rule("term"),
        )
        wallet = agreement(terms, recharge=Decimal(130))
        found = suits.replay(WORLD, tickets, works, [wallet], FIRST, LAST)
        self.assertFalse(found.refusals)
        self.assertEqual(found.fee, 130 * (1 + len(found.bought)))
        minutes = sum(work.minutes for work in works)
        self.assertEqual(found.drawn("money") + found.work, HOUR * minutes / 60)

    def test_held_for_one_ticket(self):
        """what is kept for one ticket is not there for another until it is closed"""
        terms = suits.Terms(
            allotments=(suits.Allotment("time", Decimal(180)),),
            gate_minutes=120,
            allows_on_call=False,
            rates=rates(HOUR),
        )
        first = suits.Ticket(1, at(FIRST), MODE, closed=at(FIRST, 14))
        for hour, codes in ((12, ["gate_time", "on_call_barred"]), (15, [])):
            second = suits.Ticket(2, at(FIRST, hour), MODE)
            found = suits.replay(
                WORLD, [first, second], [], [agreement(terms)], FIRST, LAST
            )
            self.assertEqual(
                [reason.code for item in found.refusals for reason in item.reasons],
                codes,
            )

    def test_logged_together(self):
        """tickets that were entered with their work at the same moment come one after
        the other, and do not keep hours from each other"""
        terms = suits.Terms(
            allotments=(suits.Allotment("time", Decimal(150)),),
            gate_minutes=120,
            allows_on_call=False,
            rates=rates(HOUR),
        )
        tickets = [suits.Ticket(number, at(FIRST), MODE) for number in (1, 2)]
        works = [
            suits.Work(number, number, at(FIRST, 8), at(FIRST, 9), MODE, 15)
            for number in (1, 2)
        ]
        found = suits.replay(WORLD, tickets, works, [agreement(terms)], FIRST, LAST)
        self.assertEqual((found.refused, found.drawn("time")), (0, 30))

    def test_the_rest_is_asked_of_the_next_cover(self):
        """two packages, and help on call for what both do not cover"""
        terms = suits.Terms(
            allotments=(suits.Allotment("time", Decimal(60)),), rates=rates(HOUR)
        )
        two = [replace(agreement(terms), id=number) for number in (1, 2)]
        start = at(FIRST)
        work = suits.Work(1, 1, start, start + timedelta(hours=3), MODE, 180)
        tickets = [suits.Ticket(1, start, MODE)]
        found = suits.replay(WORLD, tickets, [work], two, FIRST, LAST)
        self.assertEqual((found.work, found.drawn("time")), (ON_CALL, 120))
        self.assertFalse(found.refusals)
        nobody = replace(WORLD, on_call=False)
        found = suits.replay(nobody, tickets, [work], two, FIRST, LAST)
        [refusal] = found.refusals
        self.assertEqual((refusal.minutes, found.work), (60, 0))
        self.assertEqual(
            [reason.code for reason in refusal.reasons],
            ["used_up", "used_up", "no_on_call"],
        )

    def test_no_price(self):
        """work beyond the balance that has no price is refused, and takes nothing"""
        terms = suits.Terms(
            allotments=(suits.Allotment("time", Decimal(60)),), overage=cover.CHARGE
        )
        start = at(FIRST)
        work = suits.Work(1, 1, start, start + timedelta(hours=3), MODE, 180)
        found = suits.replay(
            WORLD,
            [suits.Ticket(1, start, MODE)],
            [work],
            [agreement(terms)],
            FIRST,
            LAST,
        )
        self.assertEqual((found.drawn("time"), found.work), (0, 0))
        [refusal] = found.refusals
        self.assertEqual([reason.code for reason in refusal.reasons], ["no_price"])

    def test_promises(self):
        """the promise of the ticket's own priority, else the one for all"""
        promises = (
            suits.Promise("response", 480, "coverage"),
            suits.Promise("response", 60, "coverage", "3"),
            suits.Promise("resolution", 1440, "elapsed"),
        )
        terms = suits.Terms(rates=rates(HOUR), promises=promises)
        tickets = [
            suits.Ticket(number, at(FIRST, number), MODE, priority=priority)
            for number, priority in enumerate(("1", "3", "1"), start=1)
        ]
        found = suits.replay(WORLD, tickets, [], [agreement(terms)], FIRST, LAST)
        self.assertEqual(
            found.promised, {promises[0]: 2, promises[1]: 1, promises[2]: 3}
        )


# ----------------------------------------------------------------------
# Fees
# ----------------------------------------------------------------------


class TestFees(unittest.TestCase):
    @PROFILE
    @given(
        st.sampled_from([("month", 1), ("quarter", 3), ("year", 12)]),
        st.sampled_from(["advance", "arrears"]),
        st.integers(-400, 400),
        st.integers(1, 800),
    )
    def test_day_by_day(self, period, timing, offset, days):
        """a fee on each day on which a period of the contract begins, or ends"""
        name, months = period
        terms = suits.Terms(fee=Decimal(7), count=3, fee_rule=fees.Rule(name, timing))
        years = ((FIRST, LAST), (date(2027, 1, 1), date(2027, 12, 31)))
        first_day = FIRST + timedelta(days=offset)
        last_day = first_day + timedelta(days=days)
        found = suits.count_fees(agreement(terms, periods=years), first_day, last_day)
        starts = [FIRST + relativedelta(months=months * i) for i in range(24 // months)]
        if timing == "arrears":
            # the last day of the period lies in the span
            starts = [day + relativedelta(months=months) for day in starts]
            first_day, last_day = (
                day + timedelta(days=1) for day in (first_day, last_day)
            )
        expected = [
            (day, Decimal(21)) for day in starts if first_day <= day <= last_day
        ]
        self.assertEqual(found, expected)


# ----------------------------------------------------------------------
# Packages
# ----------------------------------------------------------------------

SIZES = [
    suits.Package(
        number, "time", Decimal(quantity), months, suits.Terms(fee=Decimal(price))
    )
    for number, (quantity, months, price) in enumerate(
        [(240, 1, 20), (420, 2, 30), (900, 12, 85)], start=1
    )
]


SOME_SIZES = st.lists(
    st.sampled_from(SIZES), min_size=1, unique_by=lambda package: package.key
)


def cheapest_slowly(needs, packages):
    """The least cost, by trying every package whenever a new one is needed."""
    needs = [need for need in needs if need[1] > 0]
    if not needs:
        return Decimal(0)
    day = needs[0][0]
    costs = []
    for package in packages:
        left, rest = package.quantity, []
        end = day + relativedelta(months=package.months)
        for when, quantity in needs:
            part = min(left, quantity) if when < end and not rest else Decimal(0)
            left -= part
            if quantity > part:
                rest.append((when, quantity - part))
        costs.append(package.terms.fee + cheapest_slowly(rest, packages))
    return min(costs)


class TestPackages(unittest.TestCase):
    @PROFILE
    @given(
        st.lists(st.tuples(st.integers(0, 300), st.integers(1, 20)), max_size=7),
        SOME_SIZES,
    )
    @example([], SIZES)
    def test_least_cost(self, needs, packages):
        needs = sorted(
            (FIRST + timedelta(days=offset), Decimal(quarters * 30))
            for offset, quarters in needs
        )
        choice = suits.cheapest_packages(needs, packages)
        prices = {package.key: package.terms.fee for package in packages}
        self.assertEqual(
            sum(prices[key] for _day, key in choice), cheapest_slowly(needs, packages)
        )
        days = [day for day, _key in choice]
        self.assertEqual(days, sorted(days))
        self.assertLessEqual(set(days), {day for day, _quantity in needs})

    @PROFILE
    @given(SOME_WORK, SOME_SIZES)
    def test_they_cover_all(self, lengths, packages):
        """what is chosen covers all work, and costs what it should"""
        tickets, works = one_by_one(sorted(lengths))
        sold = [
            package._replace(
                terms=replace(
                    package.terms,
                    allotments=(suits.Allotment("time", package.quantity),),
                    fee_rule=fees.Rule("term"),
                    rates=rates(HOUR),
                )
            )
            for package in packages
        ]
        found = suits.replay_packages(WORLD, tickets, works, sold, FIRST, LAST)
        self.assertEqual((found.work, found.refused), (0, 0))
        self.assertEqual(found.fee, sum(item.amount for item in found.bought))
        self.assertEqual(found.drawn("time"), sum(work.minutes for work in works))
