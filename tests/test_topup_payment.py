# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Paid online, end to end with the demo provider: a notification that comes twice,
late, or for a cancelled transaction."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_sale import SaleCommon


class OnlineCase(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 10:00:00"))
        cls._set_up_provider()
        cls.contract = cls._create_contract(
            cls._create_time_type(60), date_start="2026-01-01"
        )
        cls.ledger = cls.contract.ledger_ids

    @classmethod
    def _set_up_provider(cls):
        demo = cls.env["payment.provider"].search([("code", "=", "demo")], limit=1)
        cls.provider = demo.sudo().copy({"company_id": cls.company.id})
        cls.provider.write({"state": "test", "journal_id": cls.bank.id})
        cls.provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == cls.provider
        ).payment_account_id = cls.outstanding
        cls.method = cls.env["payment.method"].search([("code", "=", "demo")], limit=1)
        cls.method.active = True

    @classmethod
    def _create_transaction(cls, invoice, **vals):
        return (
            cls.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.method.id,
                    "reference": f"pay {invoice.name}",
                    "amount": invoice.amount_residual,
                    "currency_id": invoice.currency_id.id,
                    "partner_id": invoice.partner_id.id,
                    "operation": "online_direct",
                    "invoice_ids": [Command.set(invoice.ids)],
                    **vals,
                }
            )
        )

    @classmethod
    def _create_token(cls, state="done", partner=None):
        return (
            cls.env["payment.token"]
            .sudo()
            .create(
                {
                    "provider_id": cls.provider.id,
                    "payment_method_id": cls.method.id,
                    "partner_id": (partner or cls.customer).id,
                    "payment_details": "4242",
                    "provider_ref": "demo",
                    "demo_simulated_state": state,
                }
            )
        )

    def _notify(self, transaction, state):
        """The provider's notification, then what Odoo's job makes of it."""
        data = {"reference": transaction.reference, "simulated_state": state}
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            transaction._process("demo", data)
        if not transaction.is_post_processed:
            transaction._post_process()
        self.env.flush_all()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOnline(OnlineCase):
    def setUp(self):
        super().setUp()
        self.invoice = self._sell(self.topup_hours, pay=False)
        self.transaction = self._create_transaction(self.invoice)

    def test_paid(self):
        self._notify(self.transaction, "done")
        self.assertIn(self.invoice.payment_state, ("paid", "in_payment"))
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])
        self._assert_sound()

    def test_transaction_alone_credits_nothing(self):
        """before the payment is booked the invoice is not paid"""
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            self.transaction._set_done()
        self.assertEqual(self.transaction.state, "done")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        self.transaction._post_process()
        self.assertEqual(self._flushed(self.ledger).balance, 660)

    def test_notification_twice(self):
        for _turn in range(2):
            self._notify(self.transaction, "done")
        # post-processing runs again as well
        self.transaction._post_process()
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])
        self.assertEqual(len(self.invoice.matched_payment_ids), 1)

    def test_late(self):
        """pending for weeks, then an error, then paid after all"""
        self._notify(self.transaction, "pending")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        with freeze_time("2026-04-20 10:00:00"):
            self._notify(self.transaction, "error")
            self._notify(self.transaction, "done")
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])

    def test_money_for_a_cancelled_transaction(self):
        """no credit, an activity for the owner, once"""
        self._notify(self.transaction, "cancel")
        for _turn in range(2):
            self._notify(self.transaction, "done")
        self.assertEqual(self.transaction.state, "cancel")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        activity = self.contract.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertIn("cancelled payment", activity.summary)
        self.assertEqual(activity.user_id, self.manager)

    def test_partial(self):
        self.transaction.amount = 500
        self._notify(self.transaction, "done")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        rest = self._create_transaction(self.invoice, reference="rest")
        self.assertEqual(rest.amount, 300)
        self._notify(rest, "done")
        self.assertEqual(self._flushed(self.ledger).balance, 660)

    def test_refunded(self):
        """the provider pays back, and the credit note takes back"""
        self._notify(self.transaction, "done")
        self._refund(self.invoice)
        self._assert_entries(
            self.ledger, [("grant", 60), ("topup", 600), ("takeback", -600)]
        )

    def test_order_paid_before_its_invoice(self):
        """an order paid online is credited with its invoice, not before"""
        order = self._create_order(self.topup_hours, confirm=False)
        transaction = self._create_transaction(
            self.invoice,
            reference="order",
            amount=order.amount_total,
            invoice_ids=False,
            sale_order_ids=[Command.set(order.ids)],
        )
        self._notify(transaction, "done")
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        invoice = self._invoice(order)
        if invoice.payment_state not in ("paid", "in_payment"):
            self._pay(invoice)
        self.assertEqual(self._flushed(self.ledger).balance, 660)


@tagged("post_install", "-at_install")
class TestPortalPays(HttpCase, SaleCommon):
    """The customer pays the invoice in the portal, as Odoo's own pages do it."""

    def test_flow(self):
        OnlineCase._set_up_provider.__func__(type(self))
        contract = self._create_contract(self._create_time_type(60))
        invoice = self._sell(self.topup_hours, pay=False)
        token = invoice._portal_ensure_token()
        self.authenticate("support_alpha_portal", "support_alpha_portal")
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            started = self.make_jsonrpc_request(
                f"/invoice/transaction/{invoice.id}",
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "token_id": None,
                    "amount": invoice.amount_residual,
                    "flow": "direct",
                    "tokenization_requested": False,
                    "landing_route": invoice.get_portal_url(),
                    "access_token": token,
                },
            )
            for _turn in range(2):
                self.make_jsonrpc_request(
                    "/payment/demo/simulate_payment",
                    {
                        "reference": started["reference"],
                        "payment_details": "4242",
                        "simulated_state": "done",
                    },
                )
                self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self._assert_entries(contract.ledger_ids, [("grant", 60), ("topup", 600)])
