# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Days at the end of a term, against a walk through the calendar."""

from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from odoo.addons.support_contract.tools import renewal

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))
NUMBERS = st.integers(0, 400)

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


class TestRenewalDays(BaseCase):
    @patient
    @given(DAYS, NUMBERS)
    def test_nobody_can_give_notice_on_the_day_of_renewal(self, last_day, days):
        deadline = last_day
        for _day in range(days):
            deadline -= timedelta(days=1)
        self.assertEqual(renewal.notice_deadline(last_day, days), deadline)
        self.assertEqual(
            renewal.renewal_day(last_day, days), deadline + timedelta(days=1)
        )

    @patient
    @given(DAYS, NUMBERS, NUMBERS)
    def test_lapses_after_grace_and_use(self, last_day, grace, use):
        day = last_day + timedelta(days=1)
        for _day in range(max(grace, use)):
            day += timedelta(days=1)
        self.assertEqual(renewal.lapse_day(last_day, grace, use), day)

    @patient
    @given(DAYS, st.sets(NUMBERS, max_size=5), NUMBERS)
    def test_notices_once_each_whenever_the_job_runs(self, last_day, notices, ahead):
        """several reminders, once each; a late job tells only the last"""
        known, told = set(), []
        day = last_day - timedelta(days=ahead)
        while day <= last_day:
            reached = renewal.reached_notices(last_day, notices, known, day)
            if reached.told is not None:
                told.append(reached.told)
                self.assertTrue(all(item > reached.told for item in reached.overtaken))
            self.assertFalse(known & {reached.told, *reached.overtaken})
            known |= {reached.told, *reached.overtaken} - {None}
            day += timedelta(days=1)
        self.assertEqual(known, notices)
        # in their order, and each on its day if the job ran on it
        self.assertEqual(told, sorted(told, reverse=True))
        self.assertLessEqual({item for item in notices if item <= ahead}, set(told))

    def test_first_and_later_terms(self):
        """the first term differs from later ones (60 months, then 12)"""
        self.assertEqual(
            renewal.next_term(date(2031, 3, 30), 12),
            (date(2031, 3, 31), date(2032, 3, 30)),
        )
        self.assertEqual(
            renewal.next_term(date(2024, 2, 28), 12),
            (date(2024, 2, 29), date(2025, 2, 27)),
        )

    def test_reminder_at_least_thirty_days_before(self):
        self.assertTrue(renewal.reminds_in_time(30, 0))
        self.assertFalse(renewal.reminds_in_time(29, 0))
        self.assertFalse(renewal.reminds_in_time(60, 60))
        self.assertTrue(renewal.reminds_in_time(61, 60))


class Step(NamedTuple):
    until_day: int
    kind: str


STEPS = st.lists(
    st.builds(Step, NUMBERS, st.sampled_from(["free", "fee", "licence"])), max_size=5
)


class TestReinstatement(BaseCase):
    @patient
    @given(STEPS, st.integers(1, 500))
    def test_step_of_the_day(self, steps, days):
        """walk from day to day: a step applies up to its day, then the next one"""
        left = sorted(steps, key=lambda step: step.until_day or 10**6)
        for day in range(1, days + 1):
            while left and day > (left[0].until_day or 10**6):
                left.pop(0)
        found = renewal.reinstatement_step(steps, days)
        expected = left[0] if left else None
        self.assertEqual(found and found.until_day, expected and expected.until_day)

    @patient
    @given(STEPS)
    def test_steps_have_one_order(self, steps):
        """no two of a day, and a licence is never followed by anything"""
        ends = [step.until_day or 10**6 for step in steps]
        wrong = any(
            one is not other
            and (end == later or (one.kind == "licence" and end < later))
            for one, end in zip(steps, ends, strict=True)
            for other, later in zip(steps, ends, strict=True)
        ) or len(set(ends)) < len(ends)
        self.assertEqual(bool(renewal.step_fault(steps)), wrong)

    @patient
    @given(DAYS, st.integers(1, 60), st.integers(1, 60), st.integers(1, 2000))
    def test_terms(self, last_day, months, later_months, late):
        today = last_day + timedelta(days=late)
        terms = renewal.reinstated_terms(last_day, months, later_months, today, True)
        expected = last_day + timedelta(days=1)
        for first, last in terms:
            # no day without a contract, none twice
            self.assertEqual(first, expected)
            expected = last + timedelta(days=1)
        self.assertLessEqual(terms[-1][0], today)
        self.assertLessEqual(today, terms[-1][1])
        [(first, _last)] = renewal.reinstated_terms(
            last_day, months, later_months, today, False
        )
        self.assertEqual(first, today)
