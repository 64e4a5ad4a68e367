# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From charges to invoices: once, whole, and with the right customer."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_invoicing import InvoicingCommon


@tagged("post_install", "-at_install")
class TestInvoicing(InvoicingCommon):
    def test_one_invoice_for_a_customer(self):
        contract = self._create_contract(self.fee_type)
        other = self._create_charge(50)
        stranger = self._create_charge(70, self.other_customer)
        charges = self._charges(contract) | other | stranger
        moves = charges._invoice_open()
        self.assertEqual(len(moves), 2)
        move = moves.filtered(lambda move: move.partner_id == self.customer)
        self.assertEqual(move.amount_untaxed, 1050)
        self.assertEqual(move.invoice_origin, contract.name)
        self.assertEqual(move.state, "draft")
        self.assertEqual(charges.mapped("state"), ["draft"] * 3)
        self.assertEqual(other.invoice_id, move)

    def test_posted_where_the_company_wants_it(self):
        self.company.support_invoicing = "posted"
        charge = self._create_charge(50)
        move = charge._invoice_open()
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.invoice_date, self.company._support_day())
        self.assertEqual(charge.state, "invoiced")

    def test_contacts_of_a_customer_share_his_invoice(self):
        address = self._create_contact(self.customer, "Bookkeeping", type="invoice")
        charges = self._create_charge(50, self.contact) | self._create_charge(60)
        move = charges._invoice_open()
        self.assertEqual(move.partner_id, address)
        self.assertEqual(move.amount_untaxed, 110)

    def test_currencies_terms_and_fiscal_positions_apart(self):
        dollar = self._enable_currency("USD")
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id}
        )
        term = self.env.ref("account.account_payment_term_30days")
        for values in (
            {"currency_id": dollar.id},
            {"fiscal_position_id": position.id},
            {"payment_term_id": term.id},
            {},
        ):
            self._create_contract(self.fee_type, **values)
        moves = self._due()._invoice_open()
        self.assertEqual(len(moves), 4)
        self.assertEqual(len(moves.filtered(lambda m: m.currency_id == dollar)), 1)
        self.assertIn(position, moves.fiscal_position_id)
        self.assertIn(term, moves.invoice_payment_term_id)

    def test_refunds_reduce_the_invoice(self):
        charges = self._create_charge(100) | self._create_charge(-30)
        move = charges._invoice_open()
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_invoice", 70))

    def test_negative_total_is_a_credit_note(self):
        charges = self._create_charge(20) | self._create_charge(-90)
        move = charges._invoice_open()
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_refund", 70))
        move.action_post()
        self.assertEqual(charges.mapped("state"), ["invoiced"] * 2)

    def test_nothing_before_its_day(self):
        charge = self._create_charge(50, date="2999-01-01")
        self.assertFalse(charge._invoice_open())
        self.assertEqual(charge.state, "open")

    # ------------------------------------------------------------------
    # invoice of a charge deleted, cancelled or reset to draft
    # ------------------------------------------------------------------

    def test_deleted_invoice_opens_the_charge(self):
        charge = self._create_charge(50)
        charge._invoice_open().unlink()
        self.assertEqual(charge.state, "open")
        self.assertEqual(len(charge._invoice_open()), 1)
        self.assertFalse(charge._invoice_open())

    def test_deleted_line_opens_the_charge(self):
        charge = self._create_charge(50)
        other = self._create_charge(60)
        move = (charge | other)._invoice_open()
        move.invoice_line_ids.filtered(
            lambda line: line.support_charge_id == charge
        ).unlink()
        self.assertEqual((charge.state, other.state), ("open", "draft"))

    def test_cancelled_invoice_opens_the_charge(self):
        charge = self._create_charge(50)
        first = charge._invoice_open()
        first.button_cancel()
        self.assertEqual(charge.state, "open")
        second = charge._invoice_open()
        self.assertEqual(charge.invoice_id, second)
        with self._assert_refused("invoiced already"):
            first.button_draft()
        second.unlink()
        first.button_draft()
        self.assertEqual(charge.state, "draft")

    def test_reset_to_draft_is_not_invoiced_again(self):
        self.company.support_invoicing = "posted"
        charge = self._create_charge(50)
        move = charge._invoice_open()
        move.button_draft()
        self.assertEqual(charge.state, "draft")
        self.assertFalse(charge._invoice_open())
        move.action_post()
        self.assertEqual(charge.state, "invoiced")

    def test_a_credit_note_by_hand_claims_no_charge(self):
        self.company.support_invoicing = "posted"
        charge = self._create_charge(50)
        move = charge._invoice_open()
        reversal = move._reverse_moves()
        self.assertFalse(reversal.invoice_line_ids.support_charge_id)
        self.assertEqual(reversal.invoice_line_ids.support_origin_charge_id, charge)
        self.assertEqual(charge.state, "invoiced")

    def test_nobody_claims_a_charge_by_hand(self):
        charge = self._create_charge(50)
        move = self._create_charge(60)._invoice_open()
        with self._assert_refused("gets its charge when"):
            move.with_user(self.manager).write(
                {
                    "invoice_line_ids": [
                        Command.create({"name": "x", "support_charge_id": charge.id})
                    ]
                }
            )
        with self._assert_refused("gets its charge when"):
            move.invoice_line_ids.with_user(self.manager).write(
                {"support_charge_id": charge.id}
            )

    # ------------------------------------------------------------------
    # Taken back
    # ------------------------------------------------------------------

    def test_withdrawn_before_it_is_invoiced(self):
        charge, other = self._create_charge(50), self._create_charge(60)
        move = (charge | other)._invoice_open()
        self.assertFalse(charge._withdraw("Entered twice"))
        self.assertEqual((charge.state, charge.reason), ("cancelled", "Entered twice"))
        self.assertEqual(move.amount_untaxed, 60)

    def test_withdrawn_after_it_is_invoiced(self):
        """a usage is corrected after it is invoiced: a line on the next invoice or
        credit note"""
        self.company.support_invoicing = "posted"
        charge = self._create_charge(50)
        charge._invoice_open()
        refund = charge._withdraw("Entered twice")
        self.assertEqual((refund.amount, refund.kind), (-50, "refund"))
        self.assertFalse(charge._withdraw("Again"))
        move = refund._invoice_open()
        self.assertEqual((move.move_type, move.amount_untaxed), ("out_refund", 50))

    # ------------------------------------------------------------------
    # Lines
    # ------------------------------------------------------------------

    def test_quantities_and_prices(self):
        charges = self._create_charge(300, quantity=3, price_unit=100)
        charges |= self._create_charge(
            23.33, minutes=20, product_id=self.product_on_site.id, price_unit=70
        )
        charges |= self._create_charge(
            105,
            minutes=90,
            quantity=1.5,
            product_id=self.product_on_site.id,
            price_unit=70,
        )
        lines = charges._invoice_open().invoice_line_ids
        self.assertEqual(lines.mapped("price_subtotal"), [300, 23.33, 105])
        self.assertEqual(lines.mapped("quantity"), [3, 1, 1.5])
        self.assertEqual(
            lines.product_uom_id.mapped("name"), ["Units", "Hours"], "20 minutes are 1"
        )

    def test_taxes_of_the_product(self):
        self.fee_product.taxes_id = self._create_tax("VAT 22", 22)
        move = self._create_charge(100)._invoice_open()
        self.assertEqual((move.amount_untaxed, move.amount_total), (100, 122))

    def test_taxes_included_in_the_price(self):
        """A charge is untaxed, whatever the product's price includes."""
        self.fee_product.taxes_id = self._create_tax(
            "VAT 22 incl.", 22, price_include_override="tax_included"
        )
        charges = self._create_charge(100) | self._create_charge(33.33)
        move = charges._invoice_open()
        self.assertEqual(move.invoice_line_ids.mapped("price_subtotal"), [100, 33.33])
        self.assertEqual(move.amount_total, 162.66)

    def test_notes_go_along(self):
        note = self._create_charge(0, kind="note", name="Covered: 1:00 h", quantity=1)
        self.assertFalse(note._invoice_open(), "a note alone is no invoice")
        move = self._create_charge(50)._invoice_open()
        line = move.invoice_line_ids.filtered(
            lambda line: line.display_type == "line_note"
        )
        self.assertEqual(line.name, "Covered: 1:00 h")
        self.assertEqual(note.state, "draft")

    def test_analytic_account_of_the_contract(self):
        account = self.env["account.analytic.account"].create(
            {
                "name": "Alpha",
                "plan_id": self.env.ref("analytic.analytic_plan_projects").id,
                "company_id": self.company.id,
            }
        )
        contract = self._create_contract(self.fee_type, analytic_account_id=account.id)
        line = self._charges(contract)._invoice_open().invoice_line_ids
        self.assertEqual(line.analytic_distribution, {str(account.id): 100})

    # ------------------------------------------------------------------
    # Who and how
    # ------------------------------------------------------------------

    def test_button_for_managers_only(self):
        charge = self._create_charge(50)
        with self._assert_refused("contract manager"):
            charge.with_user(self.contract_user).action_invoice()
        action = charge.with_user(self.manager).action_invoice()
        self.assertEqual(action["res_id"], charge.invoice_id.id)
        with self._assert_refused("invoiced already"):
            charge.with_user(self.manager).action_invoice()

    def test_preview(self):
        self._create_contract(self.fee_type)
        self._create_charge(-30, self.other_customer)
        wizard = self.env["support.charge.invoice"].with_user(self.manager).create({})
        self.assertEqual(
            [
                (line.partner_id, line.amount, line.move_type)
                for line in wizard.line_ids.sorted("amount")
            ],
            [
                (self.other_customer, -30, "out_refund"),
                (self.customer, 1000, "out_invoice"),
            ],
        )
        wizard.action_invoice()
        self.assertFalse(self._due())
        with self._assert_refused("Nothing is due"):
            wizard.action_invoice()

    def test_due_contract_from_its_button(self):
        contract = self._create_contract(self.fee_type)
        self._create_charge(70)
        action = contract.with_user(self.manager).action_invoice()
        wizard = (
            self.env["support.charge.invoice"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.line_ids.amount, 1000)

    def test_companies_apart(self):
        """Two companies do not invoice each other's."""
        other = self.setup_independent_company(name="Second vendor")
        self.env.user.company_ids |= other
        self.env["account.chart.template"].try_loading(
            self.chart, company=other, install_demo=False
        )
        product = self.fee_product.copy({"company_id": other.id})
        mine = self._create_charge(50)
        theirs = self._create_charge(
            60,
            company_id=other.id,
            currency_id=other.currency_id.id,
            product_id=product.id,
        )
        moves = (mine | theirs)._invoice_open()
        self.assertEqual(mine.invoice_id.company_id, self.company)
        self.assertEqual(theirs.invoice_id.company_id, other)
        self.assertEqual(len(moves), 2)
        seen = self.env["support.charge"].with_user(self.manager).search([])
        self.assertIn(mine, seen)
        self.assertNotIn(theirs, seen)

    def test_foreign_charges_by_rpc(self):
        """company B's user: ids that he cannot see are not invoiced either"""
        other = self.setup_independent_company(name="Second vendor")
        product = self.fee_product.copy({"company_id": other.id})
        theirs = self._create_charge(
            60,
            company_id=other.id,
            currency_id=other.currency_id.id,
            product_id=product.id,
        )
        with self.assertRaises(AccessError):
            theirs.with_user(self.manager).action_invoice()
        self.assertEqual(theirs.state, "open")

    def test_credited_by_hand_and_withdrawn(self):
        """credited partly, then undone: what a credit note gave back is not given
        back again"""
        for quantity, refunded in ((0.25, -750), (1, None)):
            with self.subTest(quantity=quantity):
                charge = self._create_charge(1000)
                invoice = charge._invoice_open()
                invoice.action_post()
                note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
                note.invoice_line_ids.quantity = quantity
                note.action_post()
                refund = charge._withdraw("Never done")
                self.assertEqual(refund.amount or None, refunded)
                self.assertFalse(charge._withdraw("Again"))

    def test_credited_by_hand_and_ended_early(self):
        """the days not served are not given back twice"""
        for quantity, refunds in ((1, []), (0.6, [-400])):
            with self.subTest(quantity=quantity):
                contract = self._create_contract(
                    self._create_type(
                        product_id=self.fee_product.id,
                        refund_on_end=True,
                        fee_period="year",
                    )
                )
                fee = self._charges(contract)
                invoice = fee._invoice_open()
                invoice.action_post()
                note = invoice._reverse_moves([{"invoice_date": invoice.invoice_date}])
                note.invoice_line_ids.quantity = quantity
                note.action_post()
                contract._change_state("terminated", fee.first_day, "Never began")
                contract._update_states()
                self.assertEqual(
                    (self._charges(contract) - fee).mapped("amount"), refunds
                )

    def test_charge_is_not_let_go_by_hand(self):
        """a posted line that forgets its charge would have it invoiced again"""
        charge = self._create_charge(1000)
        charge._invoice_open().action_post()
        with self._assert_refused("gets its charge"):
            charge.invoice_line_ids.with_user(self.manager).write(
                {"support_charge_id": False}
            )

    def test_taxes_included_by_the_fiscal_position(self):
        """The charge is untaxed, whatever tax the customer's position maps to."""
        included = self._create_tax(
            "22 % included", 22, price_include_override="tax_included"
        )
        excluded = self._create_tax(
            "22 % on top", 22, price_include_override="tax_excluded"
        )
        position = self.env["account.fiscal.position"].create(
            {"name": "Consumers", "company_id": self.company.id}
        )
        included.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(excluded.id)],
            }
        )
        self.fee_product.taxes_id = excluded
        self.customer.with_company(self.company).property_account_position_id = position
        move = self._create_charge(100)._invoice_open()
        self.assertEqual(move.invoice_line_ids.tax_ids, included)
        self.assertEqual((move.amount_untaxed, move.amount_total), (100, 122))

    def _due(self):
        return self.env["support.charge"].search(
            [("company_id", "=", self.company.id), ("state", "=", "open")]
        )


@tagged("post_install", "-at_install")
class TestInvoicingJob(InvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"support_invoice_auto": True, "support_invoicing": "posted"})

    def setUp(self):
        super().setUp()
        # the test's transaction stands for the committed batches
        self.patch(self.env.registry["ir.cron"], "_commit_progress", _keep_going)
        self.patch(type(self.env.cr), "commit", lambda cursor: None)
        self.savepoints = []
        self.patch(
            self.env.registry["support.charge"], "_try_commit", _try_in_savepoint
        )

    def _run(self):
        self.env["support.charge"]._cron_invoice()

    def test_twice(self):
        """Run twice: nothing twice, nothing lost."""
        charges = self._create_charge(50) | self._create_charge(60, self.other_customer)
        self._run()
        moves = charges.invoice_id
        self._run()
        self.assertEqual(len(moves), 2)
        self.assertEqual(charges.invoice_id, moves)
        self.assertEqual(len(charges.invoice_line_ids), 2)

    def test_only_companies_that_want_it(self):
        self.company.support_invoice_auto = False
        charge = self._create_charge(50)
        self._run()
        self.assertEqual(charge.state, "open")

    @mute_logger("odoo.addons.support_contract.models.support_job_mixin")
    def test_one_bad_customer(self):
        """one bad record in a job: its error is stored on it, with an activity for its
        owner, cleared when it next succeeds; the others go on"""
        contract = self._create_contract(self.fee_type, self.other_customer)
        bad = self._charges(contract)
        bad |= self._create_charge(5, self.other_customer)
        good = self._create_charge(50)
        moves = self.env.registry["account.move"]
        create = moves.create

        def refuse(model, vals_list):
            if any(v["partner_id"] == self.other_customer.id for v in vals_list):
                raise ValueError("No account for this customer")
            return create(model, vals_list)

        with patch.object(moves, "create", refuse):
            self._run()
        self.assertEqual(good.state, "invoiced")
        self.assertEqual(bad.mapped("state"), ["open", "open"])
        self.assertEqual(set(bad.mapped("job_error")), {"No account for this customer"})
        activity = contract.activity_ids.filtered(
            lambda activity: "No account" in (activity.note or "")
        )
        self.assertEqual(activity.user_id, self.manager)
        self._run()
        self.assertEqual(bad.mapped("state"), ["invoiced", "invoiced"])
        self.assertFalse(any(bad.mapped("job_error")))
        self.assertEqual(len(bad.invoice_id), 1)
        self.assertFalse(activity.exists())


def _keep_going(cron, processed=0, remaining=None):
    return 60


def _try_in_savepoint(records, function):
    try:
        with records.env.cr.savepoint():
            function()
    except Exception as error:  # pylint: disable=broad-except
        records.env.invalidate_all()
        return error
