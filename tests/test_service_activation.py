# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S9, maintenance per activation: "Fill in the number of machines/activations"; "when
the contract is activated the data will be compared with the number of licences really
in use, and updated"; "help on call", "SLA with response times of 12 or 24 hours";
"to activate the contract the company's stamp and the signature of the legal
representative are needed"."""

from datetime import time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_service import ServiceCommon

#: the yearly fee of one activation under the SLA of 12 h, untaxed
FEE = 120

#: What is invoiced of a contract from 2 March 2026 that is agreed for two years, by
#: hand: invoice date, first and last day, activations, amount.
#:
#: - 15 x 120.00 = 1,800.00 for the first year
#: - from 15 September 168 of its 365 days are left (16 of September, 31, 30, 31, 31,
#:   28, and 1 March): 3 x 120.00 x 168 / 365 = 165.6986...
#: - 2 fewer from 10 November: nothing given back, the second year is 16 x 120.00
INVOICES = [
    ("2026-03-02", "2026-03-02", "2027-03-01", 15, 1800.00),
    ("2026-09-15", "2026-09-15", "2027-03-01", 3, 165.70),
    ("2027-03-02", "2027-03-02", "2028-03-01", 16, 1920.00),
]


@tagged("post_install", "-at_install")
class TestServiceActivation(ServiceCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        currency = cls.company.currency_id
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )
        cls.company.currency_id = currency
        for kind, price in (("call", 40), ("12", FEE), ("24", 90)):
            product = cls.env.ref(f"support_contract.product_fee_activation_{kind}")
            product.write({"list_price": price, "taxes_id": [Command.clear()]})
            contract_type = cls.env.ref(f"support_contract.type_activation_{kind}")
            contract_type.pricelist_id = cls.agreed

    def _offer(self, kind="12", stated=12, **vals):
        """The form that the customer filled in: type of help and activations."""
        contract = (
            self.env["support.contract"]
            .with_user(self.contract_user)
            .create(
                {
                    "type_id": self.env.ref(
                        f"support_contract.type_activation_{kind}"
                    ).id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "activation_count": stated,
                    **vals,
                }
            )
        )
        contract.action_mark_offered()
        return contract.with_user(self.manager)

    def _count(self, contract, number):
        """The licence server sends what is in use."""
        result = (
            self.env["support.activation.count"]
            .with_user(self.contract_user)
            .count_activations(
                [
                    {
                        "contract": contract.name,
                        "number": number,
                        "day": self.company._support_day().isoformat(),
                    }
                ]
            )
        )
        self.assertEqual(result["refused"], [])
        self.env.invalidate_all()

    def _accept(self, contract):
        """A manager reviews the difference and updates the contract."""
        self.assertEqual(contract.activation_review, "differs")
        action = contract.with_user(self.manager).action_review_activations()
        self.env["support.activation.review"].with_user(self.manager).with_context(
            **action["context"]
        ).create({}).action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()

    def _start(self, kind="12", count=15, **vals):
        contract = self._offer(kind, count, **vals)
        self._count(contract, count)
        contract._record_signature(self.company._support_day(), "Anna Alpha")
        contract.action_activate()
        return contract.with_env(self.env)

    def _invoices(self, contract):
        """Invoice what is due, and list all invoices of the contract so far."""
        self._nightly_jobs()
        contract._charge_fees()
        charges = self.env["support.charge"].search([("contract_id", "=", contract.id)])
        moves = charges._invoice_open()
        moves.action_post()
        return moves

    def test_stated_compared_updated_signed_activated(self):
        with self._at("2026-03-02"):
            contract = self._offer(stated=12)
            with self.assertRaisesRegex(UserError, "must be signed"):
                contract.action_activate()
            contract._record_signature(self.company._support_day(), "Anna Alpha")
            # in the course of activation: compared with the licences in use ...
            with self.assertRaisesRegex(UserError, "must be counted"):
                contract.action_activate()
            self._count(contract, 15)
            with self.assertRaisesRegex(UserError, "stated 12 .* 15 were counted"):
                contract.action_activate()
            # ... and updated
            self._accept(contract)
            contract.action_activate()
            self.assertEqual(contract.state, "active")
            self.assertEqual(contract.activation_count, 15)
            self.assertEqual(contract.fee_total, 15 * FEE)
        [decision] = contract.activation_decision_ids
        self.assertEqual((decision.stated, decision.counted), (12, 15))
        self.assertEqual(decision.user_id, self.manager)

    def test_invoices_of_two_years(self):
        with self._at("2026-03-02"):
            contract = self._offer(stated=12, first_term_months=24)
            self._count(contract, 15)
            self._accept(contract)
            contract._record_signature(self.company._support_day(), "Anna Alpha")
            contract.action_activate()
            contract = contract.with_env(self.env)
            moves = self._invoices(contract)
        with self._at("2026-09-15"):
            self._count(contract, 18)
            value = contract.with_user(self.manager).activation_value
            self.assertEqual(value, 165.70)
            self._accept(contract)
            moves |= self._invoices(contract)
        with self._at("2026-11-10"):
            self._count(contract, 16)
            self._accept(contract)
            self.assertEqual(contract.activation_count, 16)
            self.assertFalse(self._invoices(contract), "nothing is given back")
        with self._at("2027-03-01"):
            self.assertFalse(self._invoices(contract))
        with self._at("2027-03-02"):
            moves |= self._invoices(contract)
        charges = moves.invoice_line_ids.support_charge_id.sorted("date")
        self.assertEqual(
            [
                (
                    str(charge.invoice_id.invoice_date),
                    str(charge.first_day),
                    str(charge.last_day),
                    charge.quantity,
                    charge.invoice_id.amount_untaxed,
                )
                for charge in charges
            ],
            INVOICES,
        )

    def test_response_within_12_and_24_hours_of_the_coverage_hours(self):
        """office hours are Monday to Friday, 9-13 and 14-18: eight a day"""
        for kind, day, hour, promised in [
            ("12", "2026-03-04", 10, "Thursday 5 March, 3:00 PM"),
            ("24", "2026-03-04", 10, "Monday 9 March, 10:00 AM"),
            # a Friday evening: the weekend does not count
            ("12", "2026-03-06", 20, "Tuesday 10 March, 1:00 PM"),
            ("24", "2026-03-06", 20, "Wednesday 11 March, 6:00 PM"),
        ]:
            with self.subTest(kind=kind, day=day), self.env.cr.savepoint() as savepoint:
                with self._at("2026-03-02"):
                    contract = self._start(kind)
                with self._at(day, hour):
                    ticket = self._ask()
                    self._assert_covered(ticket, contract, "the fee pays for all help")
                    self.assertEqual(self._promised(ticket), f"Answer by {promised}")
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_promise_is_kept_and_missed(self):
        with self._at("2026-03-02"):
            self._start("12")
        with self._at("2026-03-04"):
            kept = self._ask(user_id=self.technician.id)
            missed = self._ask(user_id=self.technician.id)
        with self._at("2026-03-05", hour=15):
            self._fire_stages()
            self._answer(kept)
        with self._at("2026-03-05", hour=15, minute=1):
            self._fire_stages()
            self._answer(missed)
        self.assertEqual(self._result(kept)[0], "met")
        self.assertEqual(self._result(missed)[0], "missed")

    def test_help_on_call_is_charged_at_the_agreed_rate(self):
        """ "if you are a small company that hardly uses help": the fee maintains"""
        with self._at("2026-03-02"):
            contract = self._start("call", 3)
            self.assertEqual(contract.fee_total, 3 * 40)
            call = self._ask("phone")
            self._assert_covered(call, contract, "help is charged at the agreed rate")
            self.assertFalse(call.support_clock_ids, "no time is promised")
            work = self._work(call, 30)
            self.assertFalse(work.drawn)
            self.assertEqual(work.overage_amount, 27.5)
            self.assertEqual(work.charge_ids.amount, 27.5)
            # maintenance: updates and changes of law
            update = self._ask("remote", "installation")
            self._assert_covered(update, contract, "this request type is free")
            self.assertEqual(self._work(update, 60).overage_amount, 0)
        self._assert_sound()

    def test_the_fee_pays_for_help_under_an_sla(self):
        with self._at("2026-03-02"):
            contract = self._start("24", 3)
            work = self._work(self._ask(), 300)
            self.assertEqual(work.contract_id, contract)
            self.assertEqual(work.overage_amount, 0)
            self.assertFalse(work.charge_ids.filtered("amount"))

    def test_stated_number_on_the_offer(self):
        """what the customer gets to sign says how many activations it is for"""
        with self._at("2026-03-02"):
            for kind, text in [
                ("12", "All help is included in the fee."),
                ("call", "Help is charged at the agreed rate."),
            ]:
                contract = self._offer(kind, 12).with_env(self.env)
                self.assertIn("12 activations", contract._get_offer_fee()[0])
                self.assertEqual(contract._get_offer_allotments(), [text])

    def test_at_the_end_there_is_no_help_any_more(self):
        """ "no renewal means no help and no updates": on call neither"""
        with self._at("2026-03-02"):
            contract = self._start("12")
        with self._at("2027-03-01"):
            self._assert_covered(self._ask(), contract)
        with self._at("2027-03-02"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "lapsed")
            ticket = self._ask()
            self.assertEqual(ticket.support_cover, "none")

    def test_days_are_local(self):
        """counted half past midnight in Rome: of that day"""
        with self._at("2026-03-02"):
            contract = self._offer()
        with self._at("2026-03-03", hour=0, minute=30):
            self._count(contract, 15)
        self.assertEqual(str(contract.activations_counted_on), "2026-03-03")
        self.assertEqual(
            self._moment("2026-03-03", time(0, 30)).day, 2, "still the 2nd in UTC"
        )
