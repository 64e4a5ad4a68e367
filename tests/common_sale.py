# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A vendor with a chart of accounts, who sells and is paid."""

from odoo import Command
from odoo.tests import Form

from .common import SupportCommon


class SaleCommon(SupportCommon):
    """Products that sell, and what people do with orders, invoices and payments.
    Nothing is taxed unless a test says so."""

    @classmethod
    def _set_up_vendor(cls):
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )
        result = super()._set_up_vendor()
        cls.bank = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.outstanding = cls.env["account.account"].create(
            {
                "name": "Outstanding receipts",
                "code": "101499",
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [Command.set(cls.company.ids)],
            }
        )
        cls.bank.inbound_payment_method_line_ids.payment_account_id = cls.outstanding
        cls.topup_hours = cls._create_product(
            "Ten hours", 800, support_sells="topup", support_quantity=600
        )
        cls.topup_money = cls._create_product(
            "Wallet", 100, support_sells="topup", support_unit="money"
        )
        return result

    @classmethod
    def _create_product(cls, name, price, **vals):
        return cls._create_hour_product(
            name,
            price,
            uom_id=cls.env.ref("uom.product_uom_unit").id,
            **vals,
        )

    @classmethod
    def _create_order(cls, product, quantity=1, confirm=True, contract=None, **vals):
        line = {"product_id": product.id, "product_uom_qty": quantity}
        for name in ("price_unit", "support_start", "tax_ids"):
            if name in vals:
                line[name] = vals.pop(name)
        if contract:
            line["support_contract_id"] = contract.id
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "user_id": cls.manager.id,
                "order_line": [Command.create(line)],
                **vals,
            }
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _invoice(cls, order, post=True):
        invoice = order._create_invoices()
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _pay(cls, invoice, amount=None):
        """Register a payment, as people do."""
        wizard = (
            cls.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": cls.bank.id})
        )
        if amount is not None:
            wizard.amount = amount
        return wizard._create_payments()

    @classmethod
    def _sell(cls, product, quantity=1, pay=True, **vals):
        """Order, invoice and pay.

        :return: the invoice
        """
        invoice = cls._invoice(cls._create_order(product, quantity, **vals))
        if pay:
            cls._pay(invoice)
        return invoice

    @classmethod
    def _refund(cls, invoice, quantity=None):
        """A posted credit note of ``invoice``, of all or of ``quantity`` pieces."""
        refund = invoice._reverse_moves(
            [{"invoice_date": invoice.invoice_date, "date": invoice.date}]
        )
        if quantity is not None:
            with Form(refund) as form, form.invoice_line_ids.edit(0) as line:
                line.quantity = quantity
        refund.action_post()
        return refund

    @classmethod
    def _topups(cls, contract):
        return contract.topup_ids.sorted("id")

    def _assert_topup(self, topup, **expected):
        self.env.flush_all()
        self.env.invalidate_all()
        found = {name: topup[name] for name in expected}
        self.assertEqual(found, expected)

    def _get_mails(self, word):
        return self.env["mail.mail"].search([("subject", "like", word)])
