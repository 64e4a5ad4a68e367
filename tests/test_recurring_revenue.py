# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Monthly recurring revenue and what changes it, with tables made by hand."""

from datetime import date
from random import Random

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_renewal import REMINDERS, RenewalCommon

MEASURES = [
    "mrr_start",
    "mrr_new",
    "mrr_reinstated",
    "mrr_moved",
    "mrr_expansion",
    "mrr_contraction",
    "mrr_churned",
    "mrr_end",
]

#: month: start, new, reinstated, moved, expansion, contraction, churned, end
MONTHS = {
    "2026-01": (0, 210, 0, 0, 0, 0, 0, 210),
    "2026-02": (210, 170, 0, 0, 0, 0, 0, 380),
    "2026-03": (380, 60, 0, 0, 0, 0, 0, 440),
    "2026-04": (440, 50, 0, 0, 30, 0, 0, 520),
    "2026-05": (520, 30, 0, 0, 0, -25, 0, 525),
    "2026-06": (525, 80, 0, 0, 0, 0, 0, 605),
    "2026-07": (605, 0, 0, 0, 0, 0, -90, 515),
    "2026-08": (515, 0, 0, 0, 25, 0, 0, 540),
    "2026-09": (540, 0, 0, 0, 0, -20, 0, 520),
    "2026-10": (520, 0, 40, 0, 0, 0, 0, 560),
    "2026-11": (560, 0, 0, 0, 15, 0, 0, 575),
    "2026-12": (575, 0, 0, 0, 0, 0, 0, 575),
    "2027-01": (575, 0, 0, 0, 10, 0, 0, 585),
    "2027-02": (585, 0, 0, 0, 0, -40, 0, 545),
    "2027-03": (545, 0, 0, 0, 0, 0, -30, 515),
    "2027-04": (515, 0, 0, 0, 0, 0, 0, 515),
    "2027-05": (515, 0, 0, 0, 0, 0, 0, 515),
    "2027-06": (515, 0, 0, 0, 0, 0, -80, 435),
}


class RecurringCase(RenewalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.churn_price = cls.env.ref("support_contract.churn_reason_price")
        cls.churn_closed = cls.env.ref("support_contract.churn_reason_closed")

    @classmethod
    def _start(cls, day, price, contract=None, partner=None, **vals):
        with freeze_time(day):
            return cls._create_contract(
                cls._create_fee_type(price, **vals), partner, **(contract or {})
            )

    def _change(self, contract, day, **values):
        with freeze_time(day):
            self.env["support.contract.change"].create(
                {
                    "contract_id": contract.id,
                    "first_day": day,
                    "reason": "Changed",
                    "values": values,
                    "allotment_quantities": {},
                }
            )._apply_due()

    def _report(self, model="support.recurring.revenue.report", user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env[model].with_user(user or self.contract_user)

    def _group(self, groupby, measures=None, domain=(), **kwargs):
        return self._report(**kwargs)._read_group(
            [("company_id", "=", self.company.id), *domain],
            groupby,
            [f"{name}:sum" for name in measures or MEASURES],
        )

    def _by_month(self, **kwargs):
        return {
            f"{month:%Y-%m}": tuple(amounts)
            for month, *amounts in self._group(["month:month"], **kwargs)
        }


@tagged("post_install", "-at_install")
class TestEighteenMonths(RecurringCase):
    """Thirteen contracts over 18 months. Amounts are those of a month."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        automatic = {
            "renewal": "automatic",
            "cancellation_days": 30,
            "notice_ids": REMINDERS,
        }
        monthly = {"fee_period": "month"}
        dollar = cls._enable_currency("USD")
        cls.env["res.currency.rate"].create(
            [
                {
                    "currency_id": dollar.id,
                    "company_id": cls.company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (
                    ("2026-01-01", 1.5),
                    ("2026-06-01", 1.25),
                    ("2026-09-01", 1.6),
                )
            ]
        )
        cls.index = cls._start(  # 100, from January 110
            "2026-01-01", 1200, fee_index="percent", fee_index_percent=10
        )
        cls.activations = cls._start(  # 5, 8, then 6 times 10
            "2026-02-01",
            10,
            {"activation_count": 5},
            fee_basis="activation",
            **monthly,
            **automatic,
        )
        cls.ended = cls._start("2026-01-15", 600, refund_on_end=True)  # 50
        cls.lapsed = cls._start(  # 30
            "2026-03-01", 90, fee_period="quarter", grace_days=10
        )
        cls.late = cls._start("2026-01-01", 240)  # 20
        cls.grown = cls._start("2026-05-01", 360)  # 30, followed by 45
        cls.shrunk = cls._start("2026-02-01", 120, **monthly)  # followed by 80
        cls.dollars = cls._start(  # 80
            "2026-06-01", 1, {"currency_id": dollar.id, "fee_amount": 1200}
        )
        cls.package = cls._start("2026-01-01", 999, renewal="none")
        cls.paused = cls._start(  # 25
            "2026-03-01", 25, fee_while_suspended=False, **monthly, **automatic
        )
        cls.paying = cls._start("2026-03-01", 5, **monthly, **automatic)
        cls.back = cls._start(  # 40
            "2026-01-01", 40, first_term_months=6, grace_days=10, **monthly
        )
        cls.term = cls._start(  # 50
            "2026-04-01", 900, fee_period="term", first_term_months=18
        )
        cls.draft = cls._create_contract(
            cls._create_fee_type(), activate=False, date_start="2026-01-01"
        )

    def _live(self, until="2027-06-30"):
        """What happens in these months, up to a day."""
        deeds = {
            "2026-04-15": lambda day: self._change(
                self.activations, day, activation_count=8
            ),
            "2026-05-10": lambda day: [
                contract._change_state("suspended", self._day(day), "No payment")
                for contract in (self.paused, self.paying)
            ],
            "2026-06-10": lambda day: self.paying.action_resume(),
            "2026-07-01": lambda day: None,
            "2026-07-11": lambda day: None,
            "2026-07-20": lambda day: self.ended._change_state(
                "terminated", self._day(day), "Letter", self.churn_price
            ),
            "2026-08-05": lambda day: self.paused.action_resume(),
            "2026-09-01": lambda day: self._change(
                self.activations, day, activation_count=6
            ),
            "2026-10-05": lambda day: self._follow(self.back, day, 40),
            "2026-11-01": lambda day: self._follow(self.grown, day, 45),
            "2026-12-10": lambda day: self.index._renew(),
            "2027-01-01": lambda day: None,
            "2027-01-20": lambda day: self.late._renew(),
            "2027-02-01": lambda day: self._follow(self.shrunk, day, 80),
            "2027-03-01": lambda day: None,
            "2027-03-11": lambda day: None,
            "2027-04-15": lambda day: self.dollars._decline_renewal(
                self._day(day), "Letter", self.churn_closed
            ),
            "2027-06-01": lambda day: None,
        }
        for day, deed in deeds.items():
            if day <= until:
                with freeze_time(day):
                    deed(day)
                self._night(day)

    def _follow(self, contract, day, fee):
        contract._make_follower(
            self._create_fee_type(fee, fee_period="month"), day=self._day(day)
        ).action_activate()

    def test_table(self):
        """every month adds up, and begins where the one before ended"""
        self._live()
        with freeze_time("2027-06-30"):
            self.assertEqual(self._by_month(), MONTHS)
            self._assert_rows_add_up()
            self._assert_groups()
            self._assert_drill_down()
            self._assert_renewal_rate()
            self._assert_rights()

    def _assert_rows_add_up(self):
        rows = self._report().search([("company_id", "=", self.company.id)])
        self.assertNotIn(self.package, rows.contract_id)
        self.assertNotIn(self.draft, rows.contract_id)
        self.assertEqual(len(set(rows.ids)), len(rows))
        ends = {}
        for row in rows.sorted("month"):
            self.assertEqual(sum(row[name] for name in MEASURES[:-1]), row.mrr_end)
            before = ends.get((row.contract_id, row.month), 0)
            self.assertEqual(row.mrr_start, before)
            ends[row.contract_id, row.month + relativedelta(months=1)] = row.mrr_end
            moved = [name for name in MEASURES[1:-1] if row[name]]
            self.assertEqual(bool(moved), row.movement != "none")

    def _assert_groups(self):
        """of several months the last one counts; nothing in total changes contract"""
        self.assertEqual(
            self._group([]),
            [(0, 600, 40, 0, 80, -85, -200, 435)],
        )
        self.assertEqual(
            [tuple(amounts) for _year, *amounts in self._group(["month:year"])],
            [
                (0, 600, 40, 0, 70, -45, -90, 575),
                (575, 0, 0, 0, 10, -40, -110, 435),
            ],
        )
        by_contract = {
            contract: amounts for contract, *amounts in self._group(["contract_id"])
        }
        self.assertEqual(by_contract[self.grown], [0, 30, 0, -30, 0, 0, 0, 0])
        heir = self.grown.renewed_by_ids
        self.assertEqual(by_contract[heir], [0, 0, 0, 30, 15, 0, 0, 45])
        heir = self.shrunk.renewed_by_ids
        self.assertEqual(by_contract[heir], [0, 0, 0, 120, 0, -40, 0, 80])
        self.assertEqual(by_contract[self.late], [0, 20, 0, 0, 0, 0, 0, 20])
        self.assertEqual(by_contract[self.paying], [0, 5, 0, 0, 0, 0, 0, 5])
        self.assertEqual(by_contract[self.dollars], [0, 80, 0, 0, 0, 0, -80, 0])
        self.assertEqual(
            sum(amounts[-1] for amounts in by_contract.values()),
            MONTHS["2027-06"][-1],
        )
        # as the pivot asks for it
        sets = self._report()._read_grouping_sets(
            [("company_id", "=", self.company.id)],
            [["month:year", "type_id"], ["month:year"], []],
            [f"{name}:sum" for name in MEASURES],
        )
        self.assertEqual(sets[2], self._group([]))
        self.assertEqual(sets[1], self._group(["month:year"]))

    def _assert_drill_down(self):
        churned = self._report().search(
            [("company_id", "=", self.company.id), ("movement", "=", "churned")],
            order="month, contract_id",
        )
        self.assertEqual(
            {
                row.contract_id: (f"{row.month:%Y-%m}", row.churn_reason_id)
                for row in churned
            },
            {
                self.ended: ("2026-07", self.churn_price),
                self.back: ("2026-07", self.churn_price.browse()),
                self.lapsed: ("2027-03", self.churn_price.browse()),
                self.dollars: ("2027-06", self.churn_closed),
            },
        )
        row = churned.filtered(lambda item: item.contract_id == self.ended)
        self.assertEqual(row.action_view_contract()["res_id"], self.ended.id)

    def _assert_renewal_rate(self):
        report = self._report("support.renewal.rate.report")
        own = [("company_id", "=", self.company.id)]
        self.assertEqual(
            {
                (row.contract_id, str(row.day), row.outcome, row.value)
                for row in report.search(own)
            },
            {
                (self.back, "2026-06-30", "lost", 40),
                (self.ended, "2026-07-19", "lost", 50),
                (self.grown, "2026-10-31", "followed", 30),
                (self.index, "2026-12-31", "renewed", 100),
                (self.late, "2026-12-31", "renewed", 20),
                (self.activations, "2027-01-31", "renewed", 60),
                (self.shrunk, "2027-01-31", "followed", 120),
                (self.lapsed, "2027-02-28", "lost", 30),
                (self.paused, "2027-02-28", "renewed", 25),
                (self.paying, "2027-02-28", "renewed", 5),
                (self.dollars, "2027-05-31", "lost", 80),
            },
        )
        measures = [
            "renewed_count:sum",
            "lost_count:sum",
            "rate:avg",
            "renewed_value:sum",
            "lost_value:sum",
            "value_rate:avg",
        ]
        self.assertEqual(
            {
                f"{month:%Y-%m}": tuple(round(value or 0, 1) for value in values)
                for month, *values in report._read_group(own, ["day:month"], measures)
            },
            {
                "2026-06": (0, 1, 0, 0, 40, 0),
                "2026-07": (0, 1, 0, 0, 50, 0),
                "2026-10": (1, 0, 100, 30, 0, 100),
                "2026-12": (2, 0, 100, 120, 0, 100),
                "2027-01": (2, 0, 100, 180, 0, 100),
                "2027-02": (2, 1, 66.7, 30, 30, 50),
                "2027-05": (0, 1, 0, 0, 80, 0),
            },
        )
        self.assertEqual(
            dict(
                report._read_group(
                    [*own, ("outcome", "=", "lost")],
                    ["churn_reason_id"],
                    ["lost_count:sum"],
                )
            ),
            {self.churn_price: 1, self.churn_closed: 1, self.churn_price.browse(): 2},
        )

    def _assert_rights(self):
        """no prices for technicians, nothing of another company"""
        other = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user(
            "stranger", "support_contract.group_support_manager"
        )
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        for model in (
            "support.recurring.revenue.report",
            "support.renewal.rate.report",
        ):
            with self.subTest(model=model):
                self.assertFalse(self._report(model, stranger).search([]))
                with self.assertRaises(AccessError):
                    self._report(model, self.technician).search([])

    def test_in_grace_nobody_has_left_yet(self):
        """renewed late in grace: no month tells another story before and after"""
        self._live("2027-01-19")
        with freeze_time("2027-01-19"):
            self.assertEqual(self._by_month()["2027-01"], MONTHS["2027-01"])
            rate = self._report("support.renewal.rate.report").search(
                [("contract_id", "=", self.late.id)]
            )
            self.assertEqual(rate.outcome, "open")
            self.assertEqual((rate.renewed_count, rate.lost_count), (0, 0))
            self.assertFalse(rate.rate)

    def test_the_present_month_counts_to_today(self):
        self._live("2026-04-14")
        with freeze_time("2026-04-14"):
            self.assertEqual(self._by_month()["2026-04"], (440, 50, 0, 0, 0, 0, 0, 490))


@tagged("post_install", "-at_install")
class TestReinstated(RecurringCase):
    def test_of_the_same_contract(self):
        """a term that begins after days without one"""
        contract = self._start("2026-01-01", 1200, first_term_months=3, grace_days=0)
        self._night("2026-04-02")
        self.assertEqual(contract.state, "lapsed")
        with freeze_time("2026-06-10"):
            self.env["support.contract.term"].create(
                {
                    "contract_id": contract.id,
                    "number": 2,
                    "first_day": "2026-06-10",
                    "last_day": "2027-06-09",
                }
            )
            contract._set_state("active")
            self.assertEqual(
                self._by_month(measures=["mrr_churned", "mrr_reinstated", "mrr_end"]),
                {
                    "2026-01": (0, 0, 100),
                    "2026-02": (0, 0, 100),
                    "2026-03": (0, 0, 100),
                    "2026-04": (-100, 0, 0),
                    "2026-06": (0, 100, 100),
                },
            )

    def test_other_terms_than_whole_months(self):
        """a term fee of 36525 days' worth of months"""
        contract = self._start("2026-01-31", 300, fee_period="term")
        self.assertEqual(str(contract.date_end), "2027-01-30")
        with freeze_time("2026-02-28"):
            self.assertEqual(
                self._by_month(measures=["mrr_end"]),
                {"2026-01": (25,), "2026-02": (25,)},
            )


@tagged("post_install", "-at_install")
class TestSlowModel(RecurringCase):
    """The same by asking each contract about each day."""

    def _slow(self, contract, day):
        if day < contract.date_start or (
            contract.terminated_on and contract.terminated_on <= day
        ):
            return 0
        lapsed = contract.state == "lapsed"
        if lapsed and day > contract.date_end:
            return 0
        terms = contract._get_terms_on(day)
        months = {"month": 1, "quarter": 3, "year": 12, "term": 12}
        if contract.fee_period == "term" and day <= contract.term_ids[0].last_day:
            months["term"] = contract.first_term_months
        elif contract.fee_period == "term":
            months["term"] = contract.later_term_months
        count = terms["activation_count"] if contract.fee_basis == "activation" else 1
        if (
            not contract.fee_while_suspended
            and contract._get_state_on(day) == "suspended"
        ):
            return 0
        return contract.currency_id.round(
            terms["fee_amount"] * count / months[contract.fee_period]
        )

    def test_random_contracts(self):
        dice = Random(20261122)
        contracts = self.env["support.contract"]
        for _number in range(24):
            start = date(2026, 1, 1) + relativedelta(days=dice.randrange(0, 300))
            contract = self._start(
                str(start),
                dice.randrange(1, 400) * 3,
                {"activation_count": dice.randrange(1, 9)},
                fee_period=dice.choice(["month", "quarter", "year", "term"]),
                fee_basis=dice.choice(["contract", "activation"]),
                first_term_months=dice.choice([6, 12, 18]),
                grace_days=dice.choice([0, 20]),
                fee_while_suspended=dice.random() < 0.5,
                fee_index=dice.choice(["none", "percent"]),
                fee_index_percent=7,
            )
            contracts |= contract
        for day in range(20, 520, 40):
            day = str(date(2026, 1, 1) + relativedelta(days=day))
            self._night(day)
            with freeze_time(day):
                for contract in contracts.filtered(lambda item: item.state == "active"):
                    if str(contract.date_start) > day or dice.random() < 0.6:
                        continue
                    deed = dice.choice(["count", "fee", "suspend", "end", "renew"])
                    if deed == "count":
                        self._change(
                            contract, day, activation_count=dice.randrange(1, 9)
                        )
                    elif deed == "fee":
                        self._change(contract, day, fee_amount=dice.randrange(9, 999))
                    elif deed == "suspend":
                        contract._change_state("suspended", self._day(day), "x")
                    elif deed == "end" and dice.random() < 0.5:
                        contract._change_state(
                            "terminated",
                            self._day(day) + relativedelta(days=dice.randrange(0, 40)),
                            "x",
                        )
                    elif not contract._get_renewal_bar():
                        contract._renew()
                for contract in contracts.filtered(
                    lambda item: item.state == "suspended"
                ):
                    if dice.random() < 0.5:
                        contract.action_resume()
        self._night("2027-06-15")
        with freeze_time("2027-06-15"):
            today = self._day("2027-06-15")
            expected = {}
            for contract in contracts:
                month = date(2026, 1, 1)
                while month <= today:
                    day = min(month + relativedelta(months=1, days=-1), today)
                    amount = self._slow(contract, day)
                    if amount:
                        expected[contract, month] = amount
                    month += relativedelta(months=1)
            rows = self._report().search([("contract_id", "in", contracts.ids)])
            self.assertEqual(
                {
                    (row.contract_id, row.month): row.mrr_end
                    for row in rows
                    if row.mrr_end
                },
                expected,
            )
            self.assertGreater(len(expected), 200)
            for row in rows:
                before = row.month - relativedelta(months=1)
                self.assertAlmostEqual(
                    row.mrr_start, expected.get((row.contract_id, before), 0)
                )
                self.assertAlmostEqual(
                    sum(row[name] for name in MEASURES[:-1]), row.mrr_end
                )
