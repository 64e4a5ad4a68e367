# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date

from .sale_order_line import RUNNING
from .support_contract_overdue import UNPAID

#: orders of a contract, and invoices of its top-ups, that may wait for their payment
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
        # the lines would look for the rule of each product one by one
        rules = order.pricelist_id._compute_price_rule(
            products,
            1.0,
            currency=order.currency_id,
            date=order.date_order,
            compute_price=False,
        )
        for line in order.order_line:
            _price, line.pricelist_item_id = rules[line.product_id._origin.id]
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
        """What a piece gives, in a sentence."""
        self.ensure_one()
        months = product.support_validity_months
        if product.support_sells == "activation":
            return self.env._("One more activation.")
        if product.support_unit == "money":
            if not months:
                return self.env._(
                    "What you pay without taxes is added to your balance."
                )
            if months == 1:
                return self.env._(
                    "What you pay without taxes is added to your balance, to be used "
                    "within a month."
                )
            return self.env._(
                "What you pay without taxes is added to your balance, to be used "
                "within %s months.",
                months,
            )
        quantity = self.env["support.unit.mixin"]._format_in_unit(
            product.support_quantity, product.support_unit, None
        )
        if not months:
            return self.env._("%s for your balance.", quantity)
        if months == 1:
            return self.env._(
                "%s for your balance, to be used within a month.", quantity
            )
        return self.env._(
            "%(quantity)s for your balance, to be used within %(months)s months.",
            quantity=quantity,
            months=months,
        )

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
        """What was ordered for this contract and is not there yet, and quotations that
        the customer may accept, newest first.

        :return: list of dicts: ``name``, ``text``, ``amount``, ``url``, and ``kind``:
            "pay" for what waits for a payment, "quotation" for what the customer has
            not ordered, else ""
        """
        self.ensure_one()
        orders = self._get_open_orders()[self][:LISTED]
        topups = self._get_pending_topups()
        return [self._describe_open_order(order) for order in orders] + [
            self._describe_pending_topup(topup) for topup in topups
        ]

    def _get_pending_topups(self):
        """What was sold for this contract and is not credited yet, newest first."""
        self.ensure_one()
        return self.env["support.topup"].search(
            Domain("contract_id", "=", self.id)
            & Domain("state", "=", "pending")
            & Domain("kind", "!=", "contract"),
            limit=LISTED,
            order="id desc",
        )

    def _describe_open_order(self, order):
        """An order of :meth:`_get_open_orders`: ordered in the portal, or a quotation
        that somebody made for the customer."""
        self.ensure_one()
        day = format_date(self.env, self.company_id._support_day(order.create_date))
        if order.support_ordered_by_id:
            kind, text = "pay", self.env._("Ordered on %s, not paid yet.", day)
        elif order.validity_date:
            kind = "quotation"
            text = self.env._(
                "Quotation of %(day)s, valid until %(last)s.",
                day=day,
                last=format_date(self.env, order.validity_date),
            )
        else:
            kind, text = "quotation", self.env._("Quotation of %s.", day)
        return {
            "name": order.name,
            "text": text,
            "amount": format_amount(self.env, order.amount_total, order.currency_id),
            "url": order.access_url,
            "kind": kind,
        }

    def _describe_pending_topup(self, topup):
        """What waits for its invoice, for the payment of it, or for the day on which it
        is credited."""
        self.ensure_one()
        invoice = topup.invoice_id
        invoiced = invoice.state == "posted"
        product = topup.product_id.name
        if not invoiced:
            text = self.env._("%s: ordered, the invoice follows.", product)
        elif invoice.payment_state in UNPAID:
            text = self.env._("%s: it is added when the invoice is paid.", product)
        else:
            text = self.env._("%s: your payment is being booked.", product)
        document = invoice if invoiced else topup.order_id
        return {
            "name": document.name,
            "text": text,
            "amount": format_amount(self.env, topup.amount, topup.sale_currency_id),
            "url": document.access_url,
            "kind": "pay" if invoiced and invoice.payment_state in UNPAID else "",
        }

    def _portal_order_topup(self, product_id, pieces, partner):
        """``partner`` orders a top-up.

        :param product_id: one of those on offer, as the form names it
        No vendor says how much may be ordered before it is paid. So that nobody runs up
        a debt unseen there are three limits, which all count for each contract: the
        pieces of an order are as many as the company's setting says; ``OPEN_LIMIT``
        orders and invoices of top-ups may wait for their payment; and while an invoice
        of a top-up is overdue, no other top-up is had on invoice. One that is paid
        online first costs nobody anything, and is not refused for a debt.

        :param pieces: 1 to what the company's setting says
        :raise UserError: if he may not, the choice will not do, or too much is unpaid
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        product = self._get_buy_products().filtered(lambda item: item.id == product_id)
        if not product:
            raise UserError(self.env._("Choose one of the top-ups on offer."))
        most = self.company_id.support_portal_pieces
        if not pieces or not 1 <= pieces <= most:
            raise UserError(self.env._("How many: enter a number from 1 to %s.", most))
        self._lock_rows()
        # Ordered for the customer, whose person may do it; product, price and contract
        # come from here.
        contract = self.sudo()
        contract._check_open_orders()
        order = contract._order_topup(product, pieces)
        if not order.company_id._support_pays_first(
            partner, order.amount_total, order.currency_id
        ):
            contract._check_topup_debt()
        return order._support_place(partner)

    def _check_open_orders(self):
        """:raise UserError: if too many orders and invoices wait for their payment"""
        self.ensure_one()
        orders = self._get_open_orders()[self].filtered("support_ordered_by_id")
        count = len(orders) + len(self._get_unpaid_topup_invoices())
        if count >= OPEN_LIMIT:
            raise UserError(
                self.env._(
                    "%s orders wait for their payment already: pay one of them first.",
                    count,
                )
            )

    def _get_unpaid_topup_invoices(self):
        """Posted invoices of top-ups that are neither paid nor credited, the ones that
        are due first at the beginning."""
        self.ensure_one()
        invoices = (
            self.env["support.topup"]
            .search(
                Domain("contract_id", "=", self.id)
                & Domain("kind", "!=", "contract")
                & Domain("invoice_line_id.move_id.state", "=", "posted")
                & Domain("invoice_line_id.move_id.payment_state", "in", UNPAID)
            )
            .invoice_id
        )
        return invoices.sorted(lambda invoice: (invoice.invoice_date_due, invoice.id))

    def _get_topup_debt(self):
        """Why nothing is added on invoice now. Credited or not: an invoice that is
        overdue is a debt.

        :return: dict ``text``, ``name`` and ``url`` of the invoice, and ``bars``:
            whether the company takes orders on invoice only; None if nothing is overdue
        """
        self.ensure_one()
        today = self.company_id._support_day()
        invoice = self._get_unpaid_topup_invoices()[:1]
        if not invoice or invoice.invoice_date_due >= today:
            return None
        return {
            "text": self.env._(
                "Invoice %(invoice)s is overdue since %(day)s: pay it, and you can "
                "order on invoice again.",
                invoice=invoice.name,
                day=format_date(self.env, invoice.invoice_date_due),
            ),
            "name": invoice.name,
            "url": invoice.access_url,
            "bars": self.company_id.support_portal_order == "invoice",
        }

    def _check_topup_debt(self):
        """:raise UserError: with the invoice that is overdue"""
        debt = self._get_topup_debt()
        if debt:
            raise UserError(debt["text"])
