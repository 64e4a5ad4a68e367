# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What ends soon, what it is worth, and quotations for many at once."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .test_renewal import REMINDERS, RenewalCommon


@tagged("post_install", "-at_install")
class PipelineCase(RenewalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.churn_price = cls.env.ref("support_contract.churn_reason_price")

    def _rows(self, user=None, domain=()):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["support.renewal.report"]
            .with_user(user or self.contract_user)
            .search([("company_id", "=", self.company.id), *domain])
        )

    def _row(self, contract):
        return self._rows(domain=[("contract_id", "=", contract.id)])

    def _start(self, day, price=1200, contract=None, **vals):
        with freeze_time(day):
            return self._create_contract(
                self._create_fee_type(price, **vals), **(contract or {})
            )


@tagged("post_install", "-at_install")
class TestPipeline(PipelineCase):
    def test_what_ends_when(self):
        """30, 60 and 90 days, and the days of grace"""
        ends = {}
        for start in ("2026-01-11", "2026-02-10", "2026-03-12", "2026-03-13"):
            ends[start] = self._start(start)
        over = self._start("2025-12-01")
        self._night("2026-12-11")
        with freeze_time("2026-12-11"):
            found = {row.contract_id: row.days_left for row in self._rows()}
        self.assertEqual(
            found,
            {
                over: -11,
                ends["2026-01-11"]: 30,
                ends["2026-02-10"]: 60,
                ends["2026-03-12"]: 90,
                ends["2026-03-13"]: 91,
            },
        )
        # gone when it lapses
        self._night("2027-01-02")
        with freeze_time("2027-01-02"):
            self.assertNotIn(over, self._rows().contract_id)

    def test_day_of_the_company(self):
        """the day is the company's: 23:30 in London is tomorrow in Rome"""
        contract = self._start("2026-01-01")
        with freeze_time("2026-12-30 23:30:00"):
            self.assertEqual(self._row(contract).days_left, 0)
        with freeze_time("2026-12-30 22:30:00"):
            self.assertEqual(self._row(contract).days_left, 1)

    def test_stages(self):
        plain, quoted, declined, followed = (
            self._start("2026-01-01") for _number in range(4)
        )
        automatic = self._create_renewed("2026-01-01", cancellation_days=10)
        withdrawn = self._create_renewed("2026-01-01", cancellation_days=10)
        withdrawn.type_id.withdrawn = True
        terminated = self._start("2026-01-01")
        with freeze_time("2026-12-01"):
            quoted._quote_renewal()
            declined._decline_renewal(
                self._day("2026-12-01"), "By mail", self.churn_price
            )
            followed._make_follower(self._create_fee_type()).action_activate()
            terminated._change_state("terminated", self._day("2026-12-20"), "Closed")
            self.assertEqual(
                {row.contract_id: row.stage for row in self._rows()},
                {
                    plain: "open",
                    quoted: "quoted",
                    declined: "declined",
                    followed: "agreed",
                    followed.renewed_by_ids: "open",
                    automatic: "automatic",
                    withdrawn: "open",
                },
            )
            self.assertTrue(self._row(followed).decided)
        self._night("2027-01-05")
        with freeze_time("2027-01-05"):
            over = self._rows(domain=[("days_left", "<", 0)]).contract_id
        self.assertEqual(over, plain | quoted | withdrawn)

    def test_value_is_that_of_the_next_term(self):
        """a year, with the index of the first day of the next term"""
        cases = [
            (self._start("2026-01-01", 1200), 1200),
            (self._start("2026-01-01", 100, fee_period="month"), 1200),
            (self._start("2026-01-01", 100, fee_period="quarter"), 400),
            (
                self._start("2026-01-01", 300, fee_period="term", later_term_months=24),
                150,
            ),
            (
                self._start(
                    "2026-01-01", 1200, fee_index="percent", fee_index_percent=5
                ),
                1260,
            ),
            (
                self._start(
                    "2026-01-01",
                    100,
                    fee_period="month",
                    fee_index="amount",
                    fee_index_amount=2.5,
                ),
                1230,
            ),
            (
                self._start(
                    "2026-01-01",
                    100,
                    {"activation_count": 7},
                    fee_basis="activation",
                ),
                700,
            ),
        ]
        changed = self._start("2026-01-01", 50, fee_basis="activation")
        with freeze_time("2026-12-01"):
            self.env["support.contract.change"].create(
                {
                    "contract_id": changed.id,
                    "first_day": "2026-12-15",
                    "reason": "More machines",
                    "values": {"activation_count": 3, "fee_amount": 60},
                    "allotment_quantities": {},
                }
            )
            cases.append((changed, 180))
            for contract, value in cases:
                with self.subTest(value=value):
                    self.assertEqual(self._row(contract).value, value)
                    count = 3 if contract == changed else contract.activation_count
                    years = {"month": 12, "quarter": 4, "year": 1, "term": 0.5}
                    self.assertEqual(
                        contract._get_renewal_fee()
                        * years[contract.fee_period]
                        * (count if contract.fee_basis == "activation" else 1),
                        value,
                    )
            total = self._rows()._read_group(
                [("company_id", "=", self.company.id)], [], ["value:sum"]
            )
            self.assertEqual(total[0][0], sum(value for _contract, value in cases))

    def test_value_in_the_currency_of_the_company(self):
        dollar = self._enable_currency("USD")
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": dollar.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
                for day, rate in (("2026-01-01", 1.25), ("2026-11-30", 1.6))
            ]
        )
        contract = self._start(
            "2026-02-01", contract={"currency_id": dollar.id, "fee_amount": 800}
        )
        with freeze_time("2026-12-01"):
            row = self._row(contract)
            self.assertEqual(row.currency_id, self.company.currency_id)
            self.assertEqual(row.value, 500)
            self.assertEqual(
                row.value,
                dollar._convert(
                    800,
                    self.company.currency_id,
                    self.company,
                    self._day("2026-12-01"),
                ),
            )

    def test_buttons(self):
        contract = self._start("2026-01-01")
        with freeze_time("2026-12-01"):
            row = self._row(contract)
            self.assertEqual(row.action_view_contract()["res_id"], contract.id)
            renew = row.action_renew()
            self.assertEqual(renew["res_model"], "support.contract.renew")
            self.assertEqual(renew["context"]["default_contract_id"], contract.id)
            with self._assert_refused("Only a contract manager"):
                row.action_decline_renewal()
            self.assertEqual(
                row.with_user(self.manager).action_decline_renewal()["res_model"],
                "support.contract.decline",
            )

    def test_rights(self):
        """no prices for technicians, nothing of another company"""
        contract = self._start("2026-01-01")
        with self.assertRaises(AccessError):
            self._rows(self.technician)
        other = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user(
            "stranger", "support_contract.group_support_manager"
        )
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self.assertFalse(self._rows(stranger))
        with self.assertRaises(AccessError):
            contract.with_user(stranger).action_quote_renewals()


@tagged("post_install", "-at_install")
class TestQuoteMany(PipelineCase):
    @freeze_time("2026-12-01")
    def test_one_bad_record_does_not_stop_the_others(self):
        vals = {"date_start": "2026-01-01"}
        good, other = (
            self._create_contract(self._create_fee_type(), **vals) for _i in range(2)
        )
        free = self._create_contract(self._create_type(), **vals)
        declined = self._create_contract(self._create_fee_type(), **vals)
        declined._decline_renewal(self._day("2026-12-01"), "By mail", self.churn_price)
        quoted = self._create_contract(self._create_fee_type(), **vals)
        quoted._quote_renewal()
        broken = self._create_contract(self._create_fee_type(), **vals)
        contracts = good | other | free | declined | quoted | broken
        action = self._rows(
            domain=[("contract_id", "in", contracts.ids)]
        ).action_quote_renewals()
        wizard = (
            self.env["support.renewal.quote"]
            .with_user(self.contract_user)
            .browse(action["res_id"])
        )
        self.assertEqual(wizard.ready_count, 3)
        # what goes wrong between choosing and quoting
        broken._change_state("terminated", self._day("2026-12-24"), "Closed")
        wizard.action_quote()
        self.assertEqual((wizard.quoted_count, wizard.refused_count), (2, 4))
        reasons = {line.contract_id: line.reason for line in wizard.line_ids}
        self.assertFalse(reasons[good] or reasons[other])
        self.assertIn("no fee product", reasons[free])
        self.assertIn("Notice was given", reasons[declined])
        self.assertIn("quoted already", reasons[quoted])
        self.assertIn("was terminated", reasons[broken])
        orders = wizard.line_ids.order_id
        self.assertEqual(orders.mapped("origin"), [good.name, other.name])
        self.assertEqual(orders.order_line.mapped("support_contract_id"), good | other)
        self.assertEqual(orders.user_id, self.contract_user)
        # again: nothing twice
        wizard.action_quote()
        self.assertEqual(wizard.line_ids.order_id, orders)
        self.assertEqual(
            self.env["sale.order"].search(wizard.action_view_orders()["domain"]),
            orders.sorted(),
        )

    @freeze_time("2026-12-01")
    def test_half_a_quotation_is_taken_back(self):
        """what fails in the middle leaves no order behind"""
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        action = contract.with_user(self.contract_user).action_quote_renewals()
        wizard = self.env["support.renewal.quote"].browse(action["res_id"])

        def refuse(*args, **kwargs):
            raise UserError(self.env._("No price today"))

        # the order exists by then
        self.patch(self.env.registry["product.template"], "_support_get_priced", refuse)
        wizard.with_user(self.contract_user).action_quote()
        self.assertEqual(wizard.line_ids.reason, "No price today")
        self.assertFalse(
            self.env["sale.order"].search([("origin", "=", contract.name)])
        )
        self.assertEqual(contract.renewal_state, "open")


@tagged("post_install", "-at_install")
class TestBanner(PipelineCase):
    def test_due_from_the_first_reminder_on(self):
        contract = self._start("2026-01-01", notice_ids=REMINDERS)
        plain = self._start("2026-01-01")
        plain.notice_ids.unlink()
        for day, due in (
            ("2026-10-01", False),
            ("2026-10-02", True),
            ("2026-12-31", True),
        ):
            with freeze_time(day), self.subTest(day=day):
                self.env.invalidate_all()
                self.assertEqual(contract.renewal_due, due)
                # without reminders on the last day
                self.assertEqual(plain.renewal_due, day == "2026-12-31")
        self._night("2027-01-03")
        with freeze_time("2027-01-03"):
            self.env.invalidate_all()
            self.assertTrue(contract.renewal_due)
            self.assertEqual(contract.days_to_end, -3)
            contract._renew()
            self.assertFalse(contract.renewal_due)

    def test_what_renews_by_itself_needs_no_decision(self):
        contract = self._create_renewed("2026-01-01", cancellation_days=10)
        with freeze_time("2026-11-20"):
            self.assertFalse(contract.renewal_due)
            contract.type_id.withdrawn = True
            self.assertTrue(contract.renewal_due)

    def test_decided(self):
        contract = self._start("2026-01-01", notice_ids=REMINDERS)
        with freeze_time("2026-12-01"):
            self.assertTrue(contract.renewal_due)
            contract._decline_renewal(
                self._day("2026-12-01"), "By mail", self.churn_price
            )
            self.assertFalse(contract.renewal_due)


@tagged("post_install", "-at_install")
class TestChurnReason(PipelineCase):
    def _terminate(self, contract, **vals):
        action = contract.with_user(self.manager).action_terminate()
        return (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({"day": "2026-06-01", "reason": "Letter", **vals})
        )

    @freeze_time("2026-05-10")
    def test_asked_when_terminated(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        with self._assert_refused("Reason for Leaving: choose one"):
            self._terminate(contract).action_confirm()
        self.assertFalse(contract.terminated_on)
        self._terminate(contract, churn_reason_id=self.churn_price.id).action_confirm()
        self.assertEqual(contract.churn_reason_id, self.churn_price)
        # taken back: nobody leaves
        contract.with_user(self.manager).action_resume()
        self.assertFalse(contract.terminated_on)
        self.assertFalse(contract.churn_reason_id)

    @freeze_time("2026-05-10")
    def test_required_in_the_form(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        action = contract.action_terminate()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.reason = "Letter"
        with self.assertRaisesRegex(AssertionError, "churn_reason_id"):
            form.save()
        form.churn_reason_id = self.churn_price
        form.save()

    @freeze_time("2026-05-10")
    def test_not_asked_when_another_contract_follows(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        follower = contract._make_follower(self._create_fee_type())
        follower.action_activate()
        self._terminate(contract).action_confirm()
        self.assertEqual(str(contract.terminated_on), "2026-06-01")
        self.assertFalse(contract.churn_reason_id)

    @freeze_time("2026-05-10")
    def test_notice_outlives_a_termination_taken_back(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        contract._decline_renewal(self._day("2026-05-10"), "By mail", self.churn_price)
        contract._change_state("terminated", self._day("2026-06-01"), "Letter")
        contract.action_resume()
        self.assertEqual(contract.churn_reason_id, self.churn_price)

    @freeze_time("2026-05-10")
    def test_not_asked_when_suspended(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        self.env["support.contract.state.change"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "state": "suspended",
                "day": "2026-05-10",
                "reason": "No payment",
                "churn_reason_id": self.churn_price.id,
            }
        ).action_confirm()
        self.assertEqual(contract.state, "suspended")
        self.assertFalse(contract.churn_reason_id)
