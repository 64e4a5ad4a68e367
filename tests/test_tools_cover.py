"""What pays for help: one candidate by a table of cases and by paying unit by unit,
several by trying them one after the other."""

import json
import unittest
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import cover
from odoo.addons.support_contract.tools.cover import (
    Balance,
    Candidate,
    Hold,
    Warranty,
)

PROFILE = settings(deadline=None, derandomize=True, max_examples=200)

TREATMENTS = st.sampled_from(
    [cover.DRAWN] * 4 + [cover.FREE, cover.QUOTED, cover.EXCLUDED]
)
BARS = st.sampled_from([""] * 6 + ["suspended", "terminated", "ended", "lapsed"])
DAY = date(2025, 6, 30)


def time(ledger_id, minutes, named=False):
    return Balance(ledger_id, "time", Decimal(minutes), named)


def wallet(ledger_id, amount, named=False):
    return Balance(ledger_id, "money", Decimal(amount), named)


def pack(ledger_id, tickets, named=False):
    return Balance(ledger_id, "ticket", Decimal(tickets), named)


@st.composite
def some_balances(draw, units=("time", "money", "ticket")):
    """Up to four ledgers with little on them, in any order."""
    ids = draw(st.lists(st.integers(1, 20), max_size=4, unique=True))
    return tuple(
        Balance(
            ledger_id,
            draw(st.sampled_from(units)),
            Decimal(draw(st.integers(0, 6)) * 10),
            draw(st.booleans()),
        )
        for ledger_id in ids
    )


@st.composite
def some_candidate(draw, contract_id=1):
    return Candidate(
        contract_id,
        rank=draw(st.integers(0, 2)),
        last_day=draw(st.sampled_from([None, date(2025, 6, 30), date(2025, 12, 31)])),
        barred_by=draw(BARS),
        after_term=draw(st.sampled_from([False, False, False, True])),
        treatment=draw(TREATMENTS),
        flat=draw(st.sampled_from([False, False, False, True])),
        fee_names_mode=draw(st.sampled_from([False, False, False, True])),
        names_installation=draw(st.booleans()),
        balances=draw(some_balances()),
        overage=draw(st.sampled_from([cover.REFUSE, cover.CHARGE, cover.WALLET])),
        gate_minutes=draw(st.sampled_from([0, 0, 30, 60])),
        hourly_price=draw(st.sampled_from([None, Decimal(30), Decimal("50.01")])),
        allows_on_call=draw(st.sampled_from([True, True, False])),
        bars=draw(st.booleans()),
        bars_on_call=draw(st.booleans()),
    )


@st.composite
def some_warranty(draw):
    """None, or a warranty of some days around ``DAY``."""
    if draw(st.booleans()):
        return None
    first = DAY + timedelta(days=draw(st.integers(-3, 1)))
    return Warranty(
        5,
        "Till",
        DAY,
        first,
        first + timedelta(days=draw(st.integers(0, 3))),
        draw(st.sampled_from([True, True, False])),
        draw(st.sampled_from([True, True, False])),
    )


@st.composite
def some_candidates(draw):
    """Up to four contracts in any order."""
    ids = draw(st.lists(st.integers(1, 9), max_size=4, unique=True))
    return [draw(some_candidate(contract_id)) for contract_id in ids]


def is_wall(candidate):
    """Whether a contract has lapsed and bars all help for what it names."""
    return (
        candidate.names_installation
        and candidate.bars
        and candidate.barred_by == "lapsed"
    )


def goes_before(candidate, other):
    """Whether a contract is tried before another, said step by step."""
    if candidate.names_installation != other.names_installation:
        return candidate.names_installation
    if candidate.names_installation and is_wall(candidate) != is_wall(other):
        return is_wall(other)
    named = candidate.fee_names_mode
    named = named or any(balance.names_mode for balance in candidate.balances)
    other_named = other.fee_names_mode
    other_named = other_named or any(balance.names_mode for balance in other.balances)
    if named != other_named:
        return named
    if candidate.rank != other.rank:
        return candidate.rank < other.rank
    if candidate.last_day != other.last_day:
        if candidate.last_day is None:
            return False
        return other.last_day is None or candidate.last_day < other.last_day
    return candidate.contract_id < other.contract_id


def one_after_the_other(candidates):
    """The contracts in the order in which they are tried: each time, the one that
    goes before all that are left."""
    left = list(candidates)
    while left:
        first = left[0]
        for candidate in left:
            if goes_before(candidate, first):
                first = candidate
        left.remove(first)
        yield first


def pay_unit_by_unit(balances, unit, units, size):
    """Take ``units`` steps of ``size`` from the ledgers of ``unit``: those that name
    the work mode first, then by id. The holds, or None if it is not enough."""
    purse = {
        balance.ledger_id: balance.usable
        for named in (True, False)
        for balance in sorted(balances, key=lambda item: item.ledger_id)
        if balance.unit == unit and balance.names_mode is named
    }
    taken = {}
    for _step in range(units):
        for ledger_id, usable in purse.items():
            if usable >= size:
                purse[ledger_id] -= size
                taken[ledger_id] = taken.get(ledger_id, 0) + size
                break
        else:
            return None
    return [Hold(ledger_id, unit, part) for ledger_id, part in taken.items()]


class TestExamine(unittest.TestCase):
    """One contract: covers or not, with which reason and which holds."""

    def assert_case(self, candidate, covers, code, holds=(), **params):
        found, reason, held = cover.examine(candidate)
        self.assertEqual((found, reason.code), (covers, code))
        self.assertEqual(reason.contract_id, candidate.contract_id)
        self.assertEqual(reason.params, params)
        self.assertEqual(list(held), list(holds))

    def test_request_types_that_are_not_drawn(self):
        """Free, quoted and excluded need no balance and hold nothing."""
        for balances in ((), (time(1, 600),), (pack(1, 0),)):
            base = Candidate(7, balances=balances, gate_minutes=120)
            self.assert_case(replace(base, treatment=cover.FREE), True, "free")
            self.assert_case(replace(base, treatment=cover.QUOTED), True, "quoted")
            self.assert_case(
                replace(base, treatment=cover.EXCLUDED, flat=True),
                *(False, "request_excluded"),
            )

    def test_a_bar_comes_first(self):
        for bar in ("suspended", "terminated", "ended"):
            for treatment in (cover.DRAWN, cover.FREE, cover.EXCLUDED):
                barred = Candidate(
                    7,
                    barred_by=bar,
                    barred_since=date(2025, 3, 1),
                    treatment=treatment,
                    flat=True,
                    balances=(time(1, 600),),
                )
                self.assert_case(barred, False, bar, since="2025-03-01")
        self.assert_case(Candidate(7, barred_by="ended"), False, "ended", since="")

    def test_a_contract_without_allotment_pays_for_everything(self):
        self.assert_case(Candidate(7, flat=True, gate_minutes=60), True, "flat")

    def test_a_contract_ends_while_a_ticket_is_open(self):
        """Row "a contract ends while a ticket is open": after the term only what is
        left pays; nothing is free, flat, quoted or over the balance any more."""
        over = Candidate(7, after_term=True, overage=cover.CHARGE)
        for change in (
            {"treatment": cover.FREE},
            {"treatment": cover.QUOTED},
            {"flat": True},
            {},
        ):
            with self.subTest(change=change):
                self.assert_case(replace(over, **change), False, "mode_not_included")
        self.assert_case(
            replace(over, balances=(time(1, 30),)), True, "time", minutes=30
        )
        self.assert_case(replace(over, balances=(time(1, 0),)), False, "used_up")

    def test_rollover_at_the_end_of_the_contract(self):
        """Row "rollover at the end of the contract": what is usable for n days
        still pays, also for a request type that was free."""
        left = Candidate(
            7, after_term=True, treatment=cover.FREE, balances=(time(1, 45),)
        )
        self.assert_case(left, True, "time", minutes=45)

    def test_when_a_ticket_pack_s_ticket_is_taken(self):
        """Row "when a ticket pack's ticket is taken": one ticket is held, from the
        pack for the work mode, else from the older one that has any."""
        for balances, ledger_id, left in (
            ((pack(1, 3),), 1, 3),
            ((pack(2, 3), pack(1, 5)), 1, 5),
            ((pack(1, 5), pack(2, 3, named=True)), 2, 3),
            ((pack(1, 0), pack(2, 1)), 2, 1),
        ):
            with self.subTest(balances=balances):
                self.assert_case(
                    Candidate(7, balances=balances),
                    *(True, "tickets", [Hold(ledger_id, "ticket", Decimal(1))]),
                    left=left,
                )
        self.assert_case(
            Candidate(7, balances=(pack(1, 0), pack(2, 0))), False, "no_tickets"
        )

    def test_without_a_gate_anything_left_is_enough(self):
        base = Candidate(7, hourly_price=Decimal(70))
        for changes, covers, code, params in (
            ({"balances": (time(1, 1),)}, True, "time", {"minutes": 1}),
            (
                {"balances": (time(1, 20), time(2, 10))},
                *(True, "time", {"minutes": 30}),
            ),
            ({"balances": (time(1, 0),)}, False, "used_up", {}),
            ({"balances": (wallet(1, "0.01"),)}, True, "money", {"amount": "0.01"}),
            ({"balances": (wallet(1, "0.00"),)}, False, "used_up", {}),
            ({}, False, "mode_not_included", {}),
            ({"overage": cover.CHARGE}, True, "overage", {}),
            (
                {"balances": (time(1, 0),), "overage": cover.CHARGE},
                *(True, "overage", {}),
            ),
            (
                {"balances": (wallet(1, "0.00"),), "overage": cover.CHARGE},
                *(True, "overage", {}),
            ),
        ):
            with self.subTest(changes=changes):
                self.assert_case(replace(base, **changes), covers, code, **params)

    def test_used_up_hours_draw_on_the_wallet_only_if_the_contract_says_so(self):
        both = Candidate(
            7, balances=(time(1, 0), wallet(2, "50.00")), hourly_price=Decimal(70)
        )
        self.assert_case(both, False, "used_up")
        self.assert_case(
            replace(both, overage=cover.WALLET), True, "money", amount="50.00"
        )
        self.assert_case(replace(both, overage=cover.CHARGE), True, "overage")
        self.assert_case(
            replace(both, overage=cover.WALLET, balances=(time(1, 5), wallet(2, "9"))),
            *(True, "time"),
            minutes=5,
        )

    def test_a_wallet_without_a_price_pays_nothing(self):
        base = Candidate(7, overage=cover.WALLET, balances=(wallet(2, "50.00"),))
        self.assert_case(base, False, "no_price")
        both = replace(base, balances=(time(1, 60), wallet(2, "50.00")))
        self.assert_case(both, True, "time", minutes=60)
        self.assert_case(replace(both, gate_minutes=90), False, "no_price")
        self.assert_case(
            replace(both, gate_minutes=60),
            *(True, "time", [Hold(1, "time", Decimal(60))]),
            minutes=60,
        )

    def test_two_hours_minimum_s2(self):
        """Row "two hours' minimum (S2)": hours x rate of the work mode, in money,
        checked and reserved when help is asked for."""
        base = Candidate(7, gate_minutes=120, hourly_price=Decimal(70))
        self.assert_case(
            replace(base, balances=(wallet(1, "90.00"),)),
            *(False, "gate_money"),
            amount="90.00",
            price="140.00",
            minutes=120,
        )
        self.assert_case(
            replace(base, balances=(wallet(1, "139.99"),)),
            *(False, "gate_money"),
            amount="139.99",
            price="140.00",
            minutes=120,
        )
        self.assert_case(
            replace(base, balances=(wallet(1, "140.00"),)),
            *(True, "money", [Hold(1, "money", Decimal("140.00"))]),
            amount="140.00",
        )
        self.assert_case(
            replace(base, balances=(time(1, 119),)),
            *(False, "gate_time"),
            left=119,
            minutes=120,
        )
        self.assert_case(
            replace(base, digits=0, hourly_price=Decimal("70.4"), balances=()),
            *(False, "mode_not_included"),
        )
        self.assert_case(
            replace(
                base,
                digits=0,
                gate_minutes=30,
                hourly_price=Decimal(15),
                balances=(wallet(1, 7),),
            ),
            *(False, "gate_money"),
            amount="7",
            price="8",
            minutes=30,
        )

    @PROFILE
    @given(some_balances(units=("time",)), st.sampled_from([30, 60, 90]))
    @example((time(5, 40), time(3, 40, named=True), time(4, 40)), 90)
    def test_a_gate_in_minutes_holds_them_minute_by_minute(self, balances, gate):
        """Row "two hours' minimum (S2)", for hours."""
        expected = pay_unit_by_unit(balances, "time", gate, 1)
        covers, reason, holds = cover.examine(
            Candidate(7, balances=balances, gate_minutes=gate)
        )
        self.assertEqual(covers, expected is not None)
        self.assertEqual(list(holds), expected or [])
        if not balances:
            self.assertEqual(reason.code, "mode_not_included")
        else:
            self.assertEqual(reason.code, "time" if covers else "gate_time")

    @PROFILE
    @given(
        some_balances(units=("money",)),
        st.sampled_from([30, 60, 90]),
        st.sampled_from([20, 40]),
    )
    @example((wallet(5, 15), wallet(3, 15, named=True), wallet(4, 15)), 90, 20)
    def test_a_gate_in_money_holds_it_unit_by_unit(self, balances, gate, hourly):
        """Row "two hours' minimum (S2)", for a wallet."""
        expected = pay_unit_by_unit(balances, "money", gate * hourly // 60, 1)
        covers, _reason, holds = cover.examine(
            Candidate(
                7,
                balances=balances,
                gate_minutes=gate,
                hourly_price=Decimal(hourly),
            )
        )
        self.assertEqual(covers, expected is not None)
        self.assertEqual(list(holds), expected or [])

    @PROFILE
    @given(
        some_balances(units=("time", "money")),
        st.sampled_from([30, 60]),
        st.sampled_from([cover.REFUSE, cover.CHARGE, cover.WALLET]),
    )
    def test_a_gate_takes_hours_and_then_the_wallet(self, balances, gate, overage):
        """Row "two hours' minimum (S2)", where both are there: hours count first, and
        the wallet pays the rest when there are no hours at all or the contract sends
        it there."""
        covers, reason, holds = cover.examine(
            Candidate(
                7,
                balances=balances,
                gate_minutes=gate,
                hourly_price=Decimal(60),
                overage=overage,
            )
        )
        units = [balance.unit for balance in balances]
        expected = pay_unit_by_unit(balances, "time", gate, 1)
        if expected is None and ("time" not in units or overage == cover.WALLET):
            minutes = sum(int(item.usable) for item in balances if item.unit == "time")
            paid = pay_unit_by_unit(balances, "money", gate - minutes, 1)
            if paid is not None:
                hours = (
                    pay_unit_by_unit(balances, "time", minutes, 1) if minutes else []
                )
                expected = hours + paid
        if not balances and overage == cover.CHARGE:
            expected = []
        self.assertEqual(covers, expected is not None, reason)
        self.assertEqual(list(holds), expected or [])

    @PROFILE
    @given(some_candidate())
    def test_holds_are_never_more_than_there_is(self, candidate):
        covers, reason, holds = cover.examine(candidate)
        usable = {item.ledger_id: item for item in candidate.balances}
        self.assertEqual(len({hold.ledger_id for hold in holds}), len(holds))
        for hold in holds:
            self.assertGreater(hold.quantity, 0)
            self.assertLessEqual(hold.quantity, usable[hold.ledger_id].usable)
            self.assertEqual(hold.unit, usable[hold.ledger_id].unit)
        if not covers:
            self.assertEqual(list(holds), [])
        self.assertEqual(json.loads(json.dumps(reason.params)), reason.params)

    @PROFILE
    @given(some_candidate(), st.randoms(use_true_random=False))
    def test_more_on_a_ledger_never_takes_cover_away(self, candidate, dice):
        if not cover.examine(candidate)[0]:
            return
        richer = replace(
            candidate,
            balances=tuple(
                replace(item, usable=item.usable + dice.randint(0, 90))
                for item in candidate.balances
            ),
        )
        self.assertTrue(cover.examine(richer)[0])

    @PROFILE
    @given(some_candidate(), st.randoms(use_true_random=False))
    def test_the_order_of_the_ledgers_does_not_matter(self, candidate, dice):
        balances = list(candidate.balances)
        dice.shuffle(balances)
        self.assertEqual(
            cover.examine(replace(candidate, balances=tuple(balances))),
            cover.examine(candidate),
        )


class TestDecide(unittest.TestCase):
    """Several contracts, on call, or nothing."""

    @PROFILE
    @given(some_candidates(), st.booleans(), some_warranty())
    def test_same_as_trying_one_after_the_other(self, candidates, on_call, warranty):
        reasons = []
        expected = None
        barring = []
        free_days = []
        if warranty:
            reasons.append(cover.examine_warranty(warranty)[1])
            day = warranty.first_day
            while day <= warranty.last_day:
                free_days.append(day)
                day += timedelta(days=1)
            if (
                DAY in free_days
                and warranty.includes_request
                and warranty.includes_mode
            ):
                expected = (cover.WARRANTY, 0, ())
                candidates = []
        for candidate in one_after_the_other(candidates):
            covers, reason, holds = cover.examine(candidate)
            reasons.append(reason)
            if covers:
                expected = (cover.CONTRACT, candidate.contract_id, tuple(holds))
                break
            if is_wall(candidate):
                expected = (cover.NONE, 0, ())
                break
            in_force = candidate.barred_by not in ("ended", "terminated", "lapsed")
            if in_force and not candidate.allows_on_call:
                barring.append(candidate.contract_id)
            if candidate.barred_by == "lapsed" and candidate.bars_on_call:
                barring.append(candidate.contract_id)
        if expected is None:
            offered = on_call and not barring
            expected = (cover.ON_CALL if offered else cover.NONE, 0, ())
            if not on_call:
                reasons.append(cover.Reason("no_on_call"))
            elif barring:
                reasons.append(cover.Reason("on_call_barred", barring[0]))
            else:
                reasons.append(cover.Reason("on_call"))
        found = cover.decide(candidates, on_call, warranty)
        self.assertEqual((found.kind, found.contract_id, found.holds), expected)
        self.assertEqual(list(found.reasons), reasons)
        self.assertEqual(bool(found.policy_id), found.kind == cover.WARRANTY)

    def test_the_warranty_comes_before_everything(self):
        """Last day of the warranty yes, next day no; what it leaves out goes on to
        the contracts, with the reason."""
        contract = Candidate(1, flat=True, names_installation=True)
        warranty = Warranty(5, "Till", DAY, DAY - timedelta(days=364), DAY)
        for days, changes, kind, code in (
            (0, {}, cover.WARRANTY, "warranty"),
            (1, {}, cover.CONTRACT, "warranty_over"),
            (-364, {}, cover.WARRANTY, "warranty"),
            (-365, {}, cover.CONTRACT, "warranty_to_come"),
            (
                0,
                {"includes_request": False},
                cover.CONTRACT,
                "warranty_without_request",
            ),
            (0, {"includes_mode": False}, cover.CONTRACT, "warranty_without_mode"),
        ):
            with self.subTest(days=days, changes=changes):
                asked = replace(warranty, day=DAY + timedelta(days=days), **changes)
                decision = cover.decide([contract], warranty=asked)
                self.assertEqual(decision.kind, kind)
                self.assertEqual(decision.reasons[0].code, code)
                self.assertEqual(decision.contract_id, kind == cover.CONTRACT)
                if kind == cover.WARRANTY:
                    self.assertEqual(decision.treatment, cover.FREE)
                    self.assertEqual(len(decision.reasons), 1)

    def test_a_lapsed_contract_that_bars_help(self):
        """S9: for its installation nothing after it covers, but another contract in
        force that names it does; without a named installation it rules out help on
        call only."""
        lapsed = Candidate(
            1, barred_by="lapsed", barred_since=DAY, bars=True, names_installation=True
        )
        other = Candidate(2, flat=True)
        named = replace(other, names_installation=True, rank=9)
        for candidates, kind, contract_id in (
            ([lapsed], cover.NONE, 0),
            ([lapsed, other], cover.NONE, 0),
            ([lapsed, named], cover.CONTRACT, 2),
            ([replace(lapsed, bars=False)], cover.ON_CALL, 0),
            ([replace(lapsed, bars=False), other], cover.CONTRACT, 2),
            # it names other installations
            ([replace(lapsed, names_installation=False)], cover.ON_CALL, 0),
            # no installation is named
            (
                [replace(lapsed, names_installation=False, bars_on_call=True)],
                *(cover.NONE, 0),
            ),
            (
                [replace(lapsed, names_installation=False, bars_on_call=True), other],
                *(cover.CONTRACT, 2),
            ),
        ):
            with self.subTest(candidates=candidates):
                decision = cover.decide(candidates)
                self.assertEqual(
                    (decision.kind, decision.contract_id), (kind, contract_id)
                )
        self.assertEqual(
            cover.decide([lapsed]).reasons,
            (cover.Reason("lapsed_barring", 1, {"since": "2025-06-30"}),),
        )
        plain = cover.decide([replace(lapsed, bars=False)]).reasons[0]
        self.assertEqual(plain.code, "lapsed")

    @PROFILE
    @given(some_candidates(), st.booleans(), st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_does_not_matter(self, candidates, on_call, dice):
        shuffled = list(candidates)
        dice.shuffle(shuffled)
        self.assertEqual(
            cover.decide(shuffled, on_call), cover.decide(candidates, on_call)
        )

    @PROFILE
    @given(some_candidates(), st.booleans(), st.integers(0, 2))
    def test_a_contract_without_cover_changes_only_the_reasons(
        self, candidates, on_call, rank
    ):
        useless = Candidate(99, rank=rank, barred_by="suspended")
        before = cover.decide(candidates, on_call)
        after = cover.decide([useless, *candidates], on_call)
        self.assertEqual(replace(after, reasons=()), replace(before, reasons=()))
        self.assertEqual(
            [reason for reason in after.reasons if reason.contract_id != 99],
            list(before.reasons),
        )

    def test_two_contracts_fit(self):
        """Row "two contracts fit": installation named, work mode named, rank,
        earlier end, id; each rule decides over those after it."""
        hours = (time(1, 60),)
        named = (time(1, 60, named=True),)
        early, late = date(2025, 6, 30), date(2025, 12, 31)
        for title, winner, loser in (
            (
                "installation named",
                Candidate(9, rank=5, balances=hours, names_installation=True),
                Candidate(1, rank=0, last_day=early, balances=named),
            ),
            (
                "work mode named",
                Candidate(9, rank=5, balances=named),
                Candidate(1, rank=0, last_day=early, balances=hours),
            ),
            (
                "rank",
                Candidate(9, rank=0, balances=hours),
                Candidate(1, rank=1, last_day=early, balances=hours),
            ),
            (
                "earlier end",
                Candidate(9, last_day=early, balances=hours),
                Candidate(1, last_day=late, balances=hours),
            ),
            (
                "never-ending last",
                Candidate(9, last_day=late, balances=hours),
                Candidate(1, balances=hours),
            ),
            (
                "id",
                Candidate(1, last_day=late, balances=hours),
                Candidate(9, last_day=late, balances=hours),
            ),
        ):
            for candidates in ([winner, loser], [loser, winner]):
                with self.subTest(rule=title):
                    decision = cover.decide(candidates)
                    self.assertEqual(decision.kind, cover.CONTRACT)
                    self.assertEqual(decision.contract_id, winner.contract_id)
                    self.assertEqual(len(decision.reasons), 1)

    def test_each_contract_passed_over_leaves_its_reason(self):
        decision = cover.decide(
            [
                Candidate(1, treatment=cover.EXCLUDED),
                Candidate(2, balances=(pack(1, 0),)),
                Candidate(
                    3,
                    balances=(wallet(2, "90.00"),),
                    gate_minutes=120,
                    hourly_price=Decimal(70),
                ),
                Candidate(4, treatment=cover.QUOTED),
                Candidate(5, flat=True),
            ]
        )
        self.assertEqual(
            [(reason.code, reason.contract_id) for reason in decision.reasons],
            [
                ("request_excluded", 1),
                ("no_tickets", 2),
                ("gate_money", 3),
                ("quoted", 4),
            ],
        )
        self.assertEqual(
            (decision.kind, decision.contract_id, decision.treatment),
            (cover.CONTRACT, 4, cover.QUOTED),
        )

    def test_without_any_contract(self):
        """S7: help without a contract, if the company offers it."""
        decision = cover.decide([])
        self.assertEqual(decision.kind, cover.ON_CALL)
        self.assertEqual([item.code for item in decision.reasons], ["on_call"])
        decision = cover.decide([], on_call=False)
        self.assertEqual(decision.kind, cover.NONE)
        self.assertEqual([item.code for item in decision.reasons], ["no_on_call"])

    def test_a_contract_in_force_may_rule_out_help_on_call(self):
        used_up = Candidate(1, balances=(time(1, 0),), allows_on_call=False)
        decision = cover.decide([used_up])
        self.assertEqual(decision.kind, cover.NONE)
        self.assertEqual(decision.reasons[-1], cover.Reason("on_call_barred", 1))
        second = replace(used_up, contract_id=2, rank=1)
        self.assertEqual(
            cover.decide([second, used_up]).reasons[-1],
            cover.Reason("on_call_barred", 1),
        )
        for bar, kind in (
            ("suspended", cover.NONE),
            ("terminated", cover.ON_CALL),
            ("ended", cover.ON_CALL),
        ):
            with self.subTest(bar=bar):
                decision = cover.decide([replace(used_up, barred_by=bar)])
                self.assertEqual(decision.kind, kind)

    def test_no_balance_is_held_for_help_without_a_contract(self):
        decision = cover.decide(
            [Candidate(1, balances=(time(1, 30),), gate_minutes=60)]
        )
        self.assertEqual((decision.kind, decision.holds), (cover.ON_CALL, ()))
