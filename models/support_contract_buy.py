# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date

from .sale_order_line import RUNNING

#: pieces of a top-up that are ordered at once
MAX_PIECES = 20

#: orders of a contract that may wait for their payment
OPEN_LIMIT = 5

#: orders and top-ups under way that a page lists
LISTED = 20


class SupportContract(models.Model):
    """What a customer buys for a contract in the portal. The methods that start with
    ``_get_buy`` work on a record with all rights, which the caller has checked, and
    give plain values in the reader's language; those that start with ``_portal`` do
    what ``partner`` asks for and check that he may."""

    _inherit = "support.contract"

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def _get_order_bar(self, partner):
        """Why ``partner`` does not order and pay for this contract, as a sentence that
        says who does; empty if he may."""
        self.ensure_one()
        if self._may_order(partner):
            return ""
        people = self.signatory_id | self.orderer_ids | self._get_person()
        if not people:
            return self.env._(
                "Nobody of your company is named to order for this contract yet: "
                "please ask us."
            )
        return self.env._(
            "Only those named in the contract order and pay for it: %s.",
            ", ".join(people.mapped("name")),
        )

    def _check_may_order(self, partner):
        """:raise UserError: with those who may"""
        bar = self._get_order_bar(partner)
        if bar:
            raise UserError(bar)

    # ------------------------------------------------------------------
    # Top-ups
    # ------------------------------------------------------------------

    def _get_buy_products(self):
        """Products on sale that go to a balance of this contract, or add to its
        activations."""
        self.ensure_one()
        if self.state not in RUNNING:
            return self.env["product.product"]
        products = self.env["product.product"].search(
            [
                ("support_sells", "in", ("topup", "activation")),
                ("sale_ok", "=", True),
                ("company_id", "in", (False, self.company_id.id)),
            ]
        )
        return products.filtered(
            lambda product: (
                self._fits_product(product)
                # nobody could say to which of two balances it goes
                and (
                    product.support_sells == "activation"
                    or len(self._get_topup_ledgers(product)) == 1
                )
            )
        )

    @api.model
    def _get_buy_prices(self, company, partner, products, contract=None):
        """What one piece of each of ``products`` costs in an order of ``partner``: as
        the order itself would say, with pricelist, agreed rates and taxes.

        :return: ``{product: sale.order.line}``, which is not stored
        """
        order = (
            self.env["sale.order"]
            .with_company(company)
            .new(
                {
                    "partner_id": partner.id,
                    "company_id": company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": 1.0,
                                # of no interest, and looked up for each line
                                "analytic_distribution": False,
                                "support_contract_id": contract.id
                                if contract
                                else False,
                            }
                        )
                        for product in products
                    ],
                }
            )
        )
        return {line.product_id._origin: line for line in order.order_line}

    @api.model
    def _describe_buy_price(self, line):
        """The price of a line in words: ``price`` without taxes, and ``taxed`` with
        them where they differ."""
        currency = line.order_id.currency_id
        taxed = currency.compare_amounts(line.price_subtotal, line.price_total)
        return {
            "price": format_amount(self.env, line.price_subtotal, currency),
            "taxed": format_amount(self.env, line.price_total, currency)
            if taxed
            else "",
        }

    def _get_buy_topups(self):
        """The top-ups on offer, with what each costs and gives.

        :return: list of dicts: ``id``, ``name``, ``text``, ``price``, ``taxed``
        """
        self.ensure_one()
        products = self._get_buy_products()
        lines = self._get_buy_prices(
            self.company_id, self.partner_id, products, contract=self
        )
        return [
            {
                "id": product.id,
                "name": product.name,
                "text": self._describe_topup(product),
                **self._describe_buy_price(line),
            }
            for product, line in lines.items()
            # without a price it is not on offer
            if line.price_total > 0
        ]

    def _describe_topup(self, product):
        """What a piece gives, in sentences."""
        self.ensure_one()
        if product.support_sells == "activation":
            return self.env._("One more activation.")
        if product.support_unit == "money":
            text = self.env._("What you pay without taxes is added to your balance.")
        else:
            text = self.env._(
                "%s for your balance.",
                self.env["support.unit.mixin"]._format_in_unit(
                    product.support_quantity, product.support_unit, None
                ),
            )
        months = product.support_validity_months
        if months:
            text += " " + (
                self.env._("To be used within a month.")
                if months == 1
                else self.env._("To be used within %s months.", months)
            )
        return text

    def _get_buy_balances(self):
        """What is left: a sentence for each balance."""
        self.ensure_one()
        return [
            self.env._(
                "%(balance)s: %(left)s left",
                balance=ledger.label,
                left=ledger._format_quantity(ledger.usable),
            )
            for ledger in self.ledger_ids
        ]

    def _get_buy_pending(self):
        """What was ordered for this contract and is not there yet: orders and invoices
        to pay, newest first.

        :return: list of dicts: ``name``, ``text``, ``amount``, ``url``, and ``pay``:
            whether it waits for a payment
        """
        self.ensure_one()
        pending = []
        for order in self._get_buy_open_orders():
            pending.append(
                {
                    "name": order.name,
                    "text": self.env._(
                        "Ordered on %s, not paid yet.",
                        format_date(
                            self.env, self.company_id._support_day(order.create_date)
                        ),
                    ),
                    "amount": format_amount(
                        self.env, order.amount_total, order.currency_id
                    ),
                    "url": order.access_url,
                    "pay": True,
                }
            )
        topups = self.env["support.topup"].search(
            Domain("contract_id", "=", self.id)
            & Domain("state", "=", "pending")
            & Domain("kind", "!=", "contract"),
            limit=LISTED,
        )
        for topup in topups:
            invoice = topup.invoice_id
            open_invoice = invoice.state == "posted"
            pending.append(
                {
                    "name": invoice.name if open_invoice else topup.order_id.name,
                    "text": self.env._(
                        "%s: it is added when the invoice is paid.",
                        topup.product_id.name,
                    )
                    if open_invoice
                    else self.env._("%s: ordered.", topup.product_id.name),
                    "amount": format_amount(
                        self.env, topup.amount, topup.sale_currency_id
                    ),
                    "url": invoice.access_url
                    if open_invoice
                    else topup.order_id.access_url,
                    "pay": open_invoice
                    and invoice.payment_state in ("not_paid", "partial"),
                }
            )
        return pending

    def _get_buy_open_orders(self):
        """Quotations of these contracts that were sent and can still be accepted,
        newest first."""
        lines = self.env["sale.order.line"].search(
            Domain("support_contract_id", "in", self.ids)
            & Domain("state", "=", "sent"),
            order="id desc",
            limit=LISTED * len(self),
        )
        return lines.order_id.filtered(lambda order: order._support_is_open())

    def _portal_order_topup(self, product_id, pieces, partner):
        """``partner`` orders a top-up.

        :param product_id: one of those on offer, as the form names it
        :param pieces: 1 to ``MAX_PIECES``
        :raise UserError: if he may not, or the choice will not do
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        product = self._get_buy_products().filtered(lambda item: item.id == product_id)
        if not product:
            raise UserError(self.env._("Choose one of the top-ups on offer."))
        if not pieces or not 1 <= pieces <= MAX_PIECES:
            raise UserError(
                self.env._("How many: enter a number from 1 to %s.", MAX_PIECES)
            )
        self._lock_rows()
        waiting = self._get_buy_open_orders().filtered("support_ordered_by_id")
        if len(waiting) >= OPEN_LIMIT:
            raise UserError(
                self.env._(
                    "%s orders wait for their payment already: pay one of them first.",
                    len(waiting),
                )
            )
        # Ordered for the customer, whose person may do it; product, price and contract
        # come from here.
        order = self.sudo()._order_topup(product, pieces)
        return order._support_place(partner)
