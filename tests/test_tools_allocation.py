"""Allocation over lots, checked against handing out unit by unit."""

import unittest
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import example, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import allocation
from odoo.addons.support_contract.tools.allocation import Lot

PROFILE = settings(deadline=None, derandomize=True, max_examples=200)

FIRST = date(2025, 1, 30)
#: few days, so that many lots begin and end together
DAYS = st.integers(0, 6).map(lambda days: FIRST + timedelta(days=days))


@st.composite
def some_lots(draw):
    """Up to seven lots in any order; some used up, some of one day, some never
    ending."""
    ids = draw(st.lists(st.integers(1, 50), max_size=7, unique=True))
    lots = []
    for lot_id in ids:
        first_day = draw(DAYS)
        last_day = draw(st.one_of(st.none(), DAYS))
        if last_day is not None and last_day < first_day:
            first_day, last_day = last_day, first_day
        lots.append(Lot(lot_id, Decimal(draw(st.integers(0, 9))), first_day, last_day))
    return lots


def goes_before(lot, other):
    """Whether ``lot`` is taken before ``other``, said step by step."""
    if lot.last_day != other.last_day:
        if lot.last_day is None:
            return False
        return other.last_day is None or lot.last_day < other.last_day
    if lot.first_day != other.first_day:
        return lot.first_day < other.first_day
    return lot.id < other.id


def is_valid(lot, day):
    """Whether ``day`` is met on a walk from the lot's first day to its last."""
    walker = lot.first_day
    while lot.last_day is None or walker <= lot.last_day:
        if walker == day:
            return True
        if walker > day:
            return False
        walker += timedelta(days=1)
    return False


def first_of(lots, stock):
    """The lot to take the next unit from, or None."""
    best = None
    for lot in lots:
        if stock[lot.id] and (best is None or goes_before(lot, best)):
            best = lot
    return best


def hand_out(lots, units, day, held):
    """Hand out ``units`` one by one; stop where only what is held is left."""
    valid = [lot for lot in lots if is_valid(lot, day)]
    stock = {lot.id: int(lot.remaining) for lot in valid}
    taken, left_over = {}, 0
    for _unit in range(units):
        lot = first_of(valid, stock)
        if lot is None or sum(stock.values()) <= held:
            left_over += 1
            continue
        stock[lot.id] -= 1
        taken[lot.id] = taken.get(lot.id, 0) + 1
    return list(taken.items()), left_over


def hand_back(lots, limit):
    """Take units away one by one, as long as there are more than ``limit``."""
    stock = {lot.id: int(lot.remaining) for lot in lots}
    cut = {}
    while sum(stock.values()) > limit:
        lot = first_of(lots, stock)
        stock[lot.id] -= 1
        cut[lot.id] = cut.get(lot.id, 0) + 1
    return list(cut.items())


def minutes(lot_id, remaining, first_day, last_day):
    return Lot(lot_id, Decimal(remaining), first_day, last_day)


class TestUsableOn(unittest.TestCase):
    @PROFILE
    @given(some_lots(), DAYS)
    def test_valid_lots_each_before_all_that_follow(self, lots, day):
        usable = allocation.usable_on(lots, day)
        self.assertCountEqual(
            usable, [lot for lot in lots if lot.remaining and is_valid(lot, day)]
        )
        for place, lot in enumerate(usable):
            for later in usable[place + 1 :]:
                self.assertTrue(goes_before(lot, later))

    def test_first_and_last_day_are_inclusive(self):
        lot = minutes(1, 60, date(2025, 3, 1), date(2025, 3, 31))
        for day, expected in (
            (date(2025, 2, 28), []),
            (date(2025, 3, 1), [lot]),
            (date(2025, 3, 31), [lot]),
            (date(2025, 4, 1), []),
        ):
            with self.subTest(day=day):
                self.assertEqual(allocation.usable_on([lot], day), expected)


class TestAllocate(unittest.TestCase):
    @PROFILE
    @given(some_lots(), st.integers(1, 40), DAYS, st.integers(0, 12))
    @example([minutes(1, 5, FIRST, FIRST), minutes(2, 5, FIRST, None)], 8, FIRST, 1)
    def test_same_as_handing_out_unit_by_unit(self, lots, units, day, held):
        self.assertEqual(
            allocation.allocate(lots, Decimal(units), day, Decimal(held)),
            hand_out(lots, units, day, held),
        )

    @PROFILE
    @given(some_lots(), st.integers(1, 4000), DAYS, st.integers(0, 1200))
    def test_nothing_is_lost_and_nothing_is_negative(self, lots, cents, day, held):
        wanted, held = Decimal(cents) / 100, Decimal(held) / 100
        parts, left_over = allocation.allocate(lots, wanted, day, held)
        remaining = {lot.id: lot.remaining for lot in lots}
        self.assertEqual(sum(part for _id, part in parts) + left_over, wanted)
        self.assertGreaterEqual(left_over, 0)
        self.assertEqual(len(parts), len({lot_id for lot_id, _part in parts}))
        for lot_id, part in parts:
            self.assertGreater(part, 0)
            self.assertLessEqual(part, remaining[lot_id])
        if left_over and parts:
            usable = sum(lot.remaining for lot in lots if is_valid(lot, day))
            self.assertEqual(sum(part for _id, part in parts), usable - held)

    @PROFILE
    @given(some_lots(), st.integers(1, 40), DAYS, st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_does_not_matter(self, lots, units, day, dice):
        shuffled = list(lots)
        dice.shuffle(shuffled)
        self.assertEqual(
            allocation.allocate(shuffled, Decimal(units), day),
            allocation.allocate(lots, Decimal(units), day),
        )

    def test_a_debit_spans_two_lots(self):
        """Row "a debit spans two lots": one entry per lot, in order."""
        lots = [
            minutes(1, 300, date(2025, 1, 1), date(2025, 12, 31)),
            minutes(2, 40, date(2025, 1, 1), date(2025, 6, 30)),
        ]
        self.assertEqual(
            allocation.allocate(lots, Decimal(90), date(2025, 6, 30)),
            ([(2, Decimal(40)), (1, Decimal(50))], 0),
        )

    def test_a_debit_spans_two_lots_or_the_last_lot_is_too_small(self):
        """Row "... or the last lot is too small": one overage remainder."""
        lots = [
            minutes(1, 40, date(2025, 1, 1), date(2025, 6, 30)),
            minutes(2, 30, date(2025, 1, 1), None),
        ]
        self.assertEqual(
            allocation.allocate(lots, Decimal(90), date(2025, 6, 30)),
            ([(1, Decimal(40)), (2, Decimal(30))], 20),
        )
        self.assertEqual(
            allocation.allocate([], Decimal(90), date(2025, 6, 30)), ([], 90)
        )

    def test_rolled_over_and_fresh_hours(self):
        """Row "rolled-over and fresh hours": the rolled-over ones go first, even
        if their row is the younger one."""
        rolled = minutes(9, 60, date(2025, 1, 1), date(2025, 2, 28))
        fresh = minutes(3, 300, date(2025, 2, 1), date(2025, 3, 31))
        self.assertEqual(
            allocation.allocate([fresh, rolled], Decimal(90), date(2025, 2, 10)),
            ([(9, Decimal(60)), (3, Decimal(30))], 0),
        )

    def test_work_done_before_expiry_logged_after(self):
        """Row "work done before expiry, logged after": the day of the work counts,
        not today."""
        old = minutes(1, 60, date(2024, 1, 1), date(2024, 12, 31))
        new = minutes(2, 60, date(2025, 1, 1), date(2025, 12, 31))
        self.assertEqual(
            allocation.allocate([old, new], Decimal(50), date(2024, 12, 31)),
            ([(1, Decimal(50))], 0),
        )
        self.assertEqual(
            allocation.allocate([old, new], Decimal(50), date(2025, 1, 1)),
            ([(2, Decimal(50))], 0),
        )

    def test_two_bookings_want_the_last_two_hours(self):
        """Row "two bookings want the last two hours": what another one holds is
        not taken."""
        lots = [minutes(1, 180, date(2025, 1, 1), None)]
        day = date(2025, 5, 5)
        self.assertEqual(
            allocation.allocate(lots, Decimal(120), day, held=Decimal(120)),
            ([(1, Decimal(60))], 60),
        )
        self.assertEqual(
            allocation.allocate(lots, Decimal(120), day, held=Decimal(240)), ([], 120)
        )

    def test_equal_days_go_by_beginning_then_by_row(self):
        end = date(2025, 12, 31)
        lots = [
            minutes(4, 10, date(2025, 2, 1), end),
            minutes(5, 10, date(2025, 1, 1), end),
            minutes(2, 10, date(2025, 2, 1), end),
            minutes(1, 10, date(2024, 1, 1), None),
        ]
        parts, _left = allocation.allocate(lots, Decimal(40), date(2025, 3, 1))
        self.assertEqual([lot_id for lot_id, _part in parts], [5, 2, 4, 1])


class TestQuantityCut(unittest.TestCase):
    @PROFILE
    @given(some_lots(), st.integers(0, 40))
    @example([minutes(1, 5, FIRST, None), minutes(2, 5, FIRST, FIRST)], 7)
    def test_same_as_taking_away_unit_by_unit(self, lots, limit):
        self.assertEqual(
            allocation.quantity_cut(lots, Decimal(limit)), hand_back(lots, limit)
        )

    def test_rollover_limits_by_quantity(self):
        """Row "rollover limits": by quantity, what is cut is the soonest to end."""
        rolled = [
            minutes(1, 300, date(2025, 2, 1), date(2025, 4, 30)),
            minutes(2, 120, date(2025, 1, 1), date(2025, 3, 31)),
        ]
        self.assertEqual(
            allocation.quantity_cut(rolled, Decimal(240)),
            [(2, Decimal(120)), (1, Decimal(60))],
        )
        self.assertEqual(allocation.quantity_cut(rolled, Decimal(420)), [])
        self.assertEqual(
            allocation.quantity_cut(rolled, Decimal(0)),
            [(2, Decimal(120)), (1, Decimal(300))],
        )
