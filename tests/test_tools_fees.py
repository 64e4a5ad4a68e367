# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Fee periods against a slow model that walks through the calendar day by day."""

from datetime import date, timedelta
from decimal import Decimal
from unittest import TestCase

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools import fees
from ..tools.fees import Rule

DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))
RULES = st.builds(
    Rule,
    st.sampled_from(["term", "month", "quarter", "year"]),
    st.sampled_from(["advance", "arrears"]),
    st.booleans(),
)


def slow(rule, terms, terminated_on):
    """``{first day: (last day paid, unclipped last day, due)}`` of all periods."""
    found = {}
    for first, last in terms:
        months = fees.MONTHS.get(rule.period)
        day = first
        while day <= last:
            index = 0
            if months:
                while first + relativedelta(months=months * (index + 1)) <= day:
                    index += 1
                begin = first + relativedelta(months=months * index)
                full = first + relativedelta(months=months * (index + 1))
                full -= timedelta(days=1)
            else:
                begin, full = first, last
            if not terminated_on or day < terminated_on:
                found[begin] = (day, full)
            day += timedelta(days=1)
    result = {}
    for begin, (served, full) in found.items():
        term_last = next(last for first, last in terms if first <= begin <= last)
        due = begin if rule.timing == "advance" else served + timedelta(days=1)
        if rule.prorated:
            result[begin] = (served, full, due)
        else:
            whole = min(full, term_last)
            result[begin] = (whole, whole, due)
    return result


@st.composite
def contracts(draw):
    first = draw(DAYS)
    terms = []
    for _ in range(draw(st.integers(1, 2))):
        last = first + relativedelta(months=draw(st.integers(1, 15)))
        last -= timedelta(days=1)
        terms.append((first, last))
        first = last + timedelta(days=1)
    end = None
    if draw(st.booleans()):
        end = terms[0][0] + timedelta(days=draw(st.integers(0, 500)))
    return tuple(terms), end


class TestFees(TestCase):
    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(RULES, contracts(), DAYS)
    def test_like_the_slow_model(self, rule, contract, today):
        terms, end = contract
        expected = [
            (begin, last, full, due)
            for begin, (last, full, due) in sorted(slow(rule, terms, end).items())
            if due <= today
        ]
        found = fees.due_fees(rule, terms, date.min, today, end)
        self.assertEqual([tuple(fee) for fee in found], expected)

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(RULES, contracts(), DAYS, st.lists(st.integers(1, 120), max_size=8))
    def test_whenever_the_job_runs(self, rule, contract, today, gaps):
        """A job that did not run for three months charges every missed period once,
        oldest first: however many nights it misses, the fees are the same."""
        terms, end = contract
        since, day, charged = terms[0][0], terms[0][0], []
        for gap in [0, *gaps]:
            day += timedelta(days=gap)
            charged += fees.due_fees(rule, terms, since, day, end)
            since = fees.next_due(rule, terms, day, end) or date.max
        at_once = fees.due_fees(rule, terms, date.min, day, end)
        self.assertEqual(charged, at_once)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(contracts(), st.sampled_from(["month", "quarter", "year"]))
    def test_prorated_days_add_up(self, contract, period):
        """What is paid by the days is the days of the contract, none twice."""
        terms, end = contract
        rule = Rule(period, "advance", True)
        paid = [
            fee.first_day + timedelta(days=offset)
            for fee in fees.due_fees(rule, terms, date.min, date.max, end)
            for offset in range(fee.days)
        ]
        served = [
            first + timedelta(days=offset)
            for first, last in terms
            for offset in range((last - first).days + 1)
            if not end or first + timedelta(days=offset) < end
        ]
        self.assertEqual(paid, served)

    def test_month_ends_do_not_drift(self):
        """anniversary on 29-31: counted from the contract's own start"""
        terms = ((date(2024, 1, 31), date(2025, 1, 30)),)
        found = fees.due_fees(Rule("month"), terms, date.min, date(2024, 5, 31))
        self.assertEqual(
            [fee.first_day for fee in found],
            [
                date(2024, 1, 31),
                date(2024, 2, 29),
                date(2024, 3, 31),
                date(2024, 4, 30),
                date(2024, 5, 31),
            ],
        )

    def test_by_days(self):
        self.assertEqual(fees.prorate(100, 10, 30, 2), Decimal("33.33"))
        self.assertEqual(fees.prorate(1000, 1, 3, 0), Decimal("333"))
        with self.assertRaises(ValueError):
            fees.prorate(100, 1, 0, 2)

    def test_period_of_a_day(self):
        terms = ((date(2026, 1, 15), date(2027, 1, 14)),)
        fee = fees.period_of(Rule("quarter"), terms, date(2026, 5, 1))
        self.assertEqual(fee[:2], (date(2026, 4, 15), date(2026, 7, 14)))
        self.assertIsNone(fees.period_of(Rule(), terms, date(2028, 1, 1)))
