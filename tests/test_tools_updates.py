# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who gets updates, against a walk through the days of a contract's life."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.support_contract.tools import updates
from odoo.addons.support_contract.tools.updates import Contract, Warranty, decide

START = date(2026, 1, 1)
NUMBERS = st.integers(0, 60)


def day(number):
    return START + timedelta(days=number)


class Life(list):
    """What is true on each day, written down one day after the other."""

    def __init__(self, term, grace, grace_cover, suspended, ended):
        super().__init__()
        for number in range(200):
            if ended is not None and number >= ended:
                state = "terminated"
            elif number in suspended:
                state = "suspended"
            elif number < term:
                state = "active"
            elif number < term + grace:
                state = "expired"
            else:
                state = "lapsed"
            helps = state == "active" or (state == "expired" and grace_cover)
            self.append((state, helps))


class TestUpdates(BaseCase):
    @given(
        term=st.integers(1, 60),
        grace=NUMBERS,
        grace_cover=st.booleans(),
        suspended=st.sets(st.integers(0, 30)),
        ended=st.none() | st.integers(0, 150),
        includes=st.booleans(),
        number=st.integers(0, 199),
    )
    def test_contract(
        self, term, grace, grace_cover, suspended, ended, includes, number
    ):
        life = Life(term, grace, grace_cover, suspended, ended)
        state, helps = life[number]
        right = decide(
            day(number),
            Contract(
                state,
                day(0),
                day(term - 1),
                includes=includes,
                installs=True,
                grace_days=grace,
                grace_cover=grace_cover,
            ),
        )
        self.assertEqual(bool(right), helps and includes, (state, right))
        self.assertEqual(right.installs, bool(right))
        self.assertTrue(right.code)

    @given(
        term=st.integers(1, 60),
        grace=NUMBERS,
        grace_cover=st.booleans(),
        number=st.integers(0, 199),
    )
    def test_a_night_that_was_missed_changes_nothing(
        self, term, grace, grace_cover, number
    ):
        """the history still says active, or expired, on days after that"""
        expected = Life(term, grace, grace_cover, set(), None)[number][1]
        for state in ("active", "expired"):
            right = decide(
                day(number),
                Contract(
                    state,
                    day(0),
                    day(term - 1),
                    includes=True,
                    grace_days=grace,
                    grace_cover=grace_cover,
                ),
            )
            self.assertEqual(bool(right), expected)

    @given(first=NUMBERS, length=NUMBERS, number=st.integers(0, 199))
    def test_warranty(self, first, length, number):
        """the last day yes, the next one no"""
        days = [day(first + offset) for offset in range(length + 1)]
        for includes in (True, False):
            right = decide(
                day(number), warranty=Warranty(days[0], days[-1], includes=includes)
            )
            self.assertEqual(bool(right), day(number) in days and includes)

    def test_one_of_them_is_enough(self):
        good = Contract("active", day(0), day(30), includes=True)
        bad = good._replace(state="suspended")
        warranty = Warranty(day(0), day(30))
        over = Warranty(day(0), day(5))
        for contract, paper, kind, code in [
            (good, warranty, updates.CONTRACT, "term"),
            (good, over, updates.CONTRACT, "term"),
            (bad, warranty, updates.WARRANTY, "warranty"),
            # what the contract lacks is the way back
            (bad, over, updates.NONE, "suspended"),
            (None, over, updates.NONE, "warranty_over"),
            (None, warranty, updates.WARRANTY, "warranty"),
            (None, None, updates.NONE, "no_contract"),
        ]:
            right = decide(day(10), contract, paper)
            self.assertEqual((right.kind, right.code), (kind, code))
