# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import fields, models


class AccountMoveLine(models.Model):
    """What an invoice line sells for a contract, and what credit notes took of it."""

    _inherit = "account.move.line"

    support_contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="The contract for which this is sold.",
    )
    support_refunded_line_id = fields.Many2one(
        comodel_name="account.move.line",
        string="Refunded Line",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="base.group_user",
        help="The invoice line that this line of a credit note takes back.",
    )
    support_refund_line_ids = fields.One2many(
        comodel_name="account.move.line",
        inverse_name="support_refunded_line_id",
        string="Lines of Credit Notes",
        readonly=True,
        groups="base.group_user",
    )
    support_topup_ids = fields.One2many(
        comodel_name="support.topup",
        inverse_name="invoice_line_id",
        string="Top-Ups",
        readonly=True,
        groups="base.group_user",
    )

    def _copy_data_extend_business_fields(self, values):
        """A credit note knows which line it takes back."""
        result = super()._copy_data_extend_business_fields(values)
        line = self.sudo()  # who may reverse an invoice need not know its contract
        if line.support_contract_id:
            values["support_contract_id"] = line.support_contract_id.id
            values["support_refunded_line_id"] = line.id
        return result

    def _support_find_refunded(self):
        """Where these lines take something back that an order sold, and were not made
        from the invoice but by the order (whose quantity was lowered), find the line
        that they take back: the youngest that still claims as much."""
        for line in self:
            sold = line.sale_line_ids.invoice_lines.filtered(
                lambda item: (
                    item.parent_state == "posted"
                    and item.move_id.move_type in ("out_invoice", "out_receipt")
                    and item.quantity > 0
                )
            )
            if (
                sold
                and not line.support_refunded_line_id
                and line.parent_state == "posted"
                and (taken := line._support_get_taken()) > 0
            ):
                claimed = {
                    item: item.quantity * float(item._support_get_claimed(False))
                    for item in sold
                }
                line.support_refunded_line_id = sold.sorted(
                    lambda item, claimed=claimed, taken=taken: (
                        min(claimed[item], taken),
                        item.id,
                    )
                )[-1:]

    def _support_get_taken(self):
        """Pieces that the line takes back, below zero if it sells."""
        self.ensure_one()
        return (
            self.quantity
            if self.move_id.move_type == "out_refund"
            else -(self.quantity)
        )

    def _support_get_claimed(self, by_amount):
        """The part of the line, from 0 to 1, that posted credit notes have left.

        :param bool by_amount: compare untaxed amounts only; else also quantities, and
            the smaller part counts as taken: a credit note of one piece at a tenth of
            its price is a discount, and takes a tenth
        """
        self.ensure_one()
        quantity = amount = 0.0
        for refund in self.support_refund_line_ids:
            if refund.parent_state != "posted" or refund._support_get_taken() <= 0:
                continue
            amount += refund.currency_id._convert(
                abs(refund.price_subtotal),
                self.currency_id,
                self.company_id,
                refund.move_id.invoice_date or refund.date,
            )
            quantity += refund.product_uom_id._compute_quantity(
                refund._support_get_taken(), self.product_uom_id, round=False
            )
        parts = [(amount, self.price_subtotal)]
        if not by_amount:
            parts.append((quantity, self.quantity))
            # what is given away has no amount to compare
            parts = [part for part in parts if part[1]] or parts
        return 1 - min(
            Decimal(1)
            if whole <= 0 or taken >= whole
            else Decimal(str(taken)) / Decimal(str(whole))
            for taken, whole in parts
        )
