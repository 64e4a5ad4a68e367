# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Free time, compared with a slow model that looks at every minute."""

import unittest
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import slots

ZERO = datetime(2026, 3, 2)
MINUTES = 240

moments = st.integers(0, MINUTES).map(lambda minute: ZERO + timedelta(minutes=minute))
#: other work on the machine must not fail a test
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
stretches = st.lists(st.tuples(moments, moments), max_size=8)


def covered(found):
    """The minutes that lie in any of the stretches."""
    return {
        minute
        for minute in range(MINUTES)
        if any(start <= ZERO + timedelta(minutes=minute) < end for start, end in found)
    }


class TestSlots(unittest.TestCase):
    def _check_order(self, found):
        """in order, apart from each other, none empty"""
        for start, end in found:
            self.assertLess(start, end)
        for (_, end), (start, _) in zip(found, found[1:], strict=False):
            self.assertLess(end, start)

    @patient
    @given(stretches)
    def test_union(self, given_stretches):
        found = slots.union(given_stretches)
        self._check_order(found)
        self.assertEqual(covered(found), covered(given_stretches))

    @patient
    @given(stretches, stretches)
    def test_intersect(self, first, second):
        found = slots.intersect(first, second)
        self.assertEqual(covered(found), covered(first) & covered(second))
        self.assertEqual(found, slots.union(found))

    @patient
    @given(stretches, stretches)
    def test_subtract(self, given_stretches, taken):
        found = slots.subtract(given_stretches, taken)
        self._check_order(found)
        self.assertEqual(covered(found), covered(given_stretches) - covered(taken))

    @patient
    @given(stretches, st.integers(1, 90), st.sampled_from([5, 15, 30, 60]))
    def test_starts(self, free, minutes, step):
        found = slots.starts(free, minutes, step)
        self.assertEqual(found, sorted(set(found)))
        free_minutes = covered(free)

        def fits(minute):
            return set(range(minute, minute + minutes)) <= free_minutes

        full = {minute for minute in range(0, MINUTES, step) if fits(minute)}
        told = {int((moment - ZERO).total_seconds() // 60) for moment in found}
        self.assertTrue(all(fits(minute) for minute in told))
        self.assertLessEqual(full, told)
        # a stretch that is long enough is offered, and only its beginning besides
        for start, end in slots.union(free):
            begin = int((start - ZERO).total_seconds() // 60)
            inside = [moment for moment in found if start <= moment < end]
            if start + timedelta(minutes=minutes) <= end:
                self.assertTrue(inside)
            odd = {
                int((moment - ZERO).total_seconds() // 60) for moment in inside
            } - full
            self.assertLessEqual(odd, {begin})

    def test_no_appointment(self):
        for minutes, step in ((0, 30), (-5, 30), (30, 0)):
            with self.assertRaises(ValueError):
                slots.starts([(ZERO, ZERO + timedelta(hours=1))], minutes, step)
