# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMove(models.Model):
    """Invoices and credit notes of supported software."""

    _inherit = "account.move"

    def _support_sync(self):
        """Also the installed base follows what is invoiced and credited."""
        result = super()._support_sync()
        # who posts or cancels has been checked there; only what was sold is read
        moves = self.sudo().exists()
        lines = moves.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        ).invoice_line_ids.filtered(
            lambda line: line.product_id.support_is_software
            and line.display_type == "product"
            and not line.support_charge_id
        )
        if lines:
            ordered = lines.filtered("sale_line_ids")
            plain = lines - ordered
            plain = (plain | plain.support_refunded_line_id).filtered(
                lambda line: line._support_get_taken() < 0 and not line.sale_line_ids
            )
            self.env["support.installation"]._sync_lines(ordered.sale_line_ids, plain)
        return result


class AccountMoveLine(models.Model):
    """Lines of invoices that sell supported software."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "support.software.line.mixin"]

    def _copy_data_extend_business_fields(self, values):
        """A credit note knows which line it takes back, also without an order."""
        result = super()._copy_data_extend_business_fields(values)
        if self.sudo().product_id.support_is_software:  # only what it is
            values["support_refunded_line_id"] = self.id
        return result

    def _support_limit_by_amount(self, quantity, amount, pieces, currency):
        """``quantity`` that this credit note takes back: none if each piece is
        credited with less than half of its price, which is a discount.

        :param amount: untaxed amount of ``pieces`` that were sold, in ``currency``
        """
        self.ensure_one()
        if amount <= 0 or pieces <= 0:
            return quantity
        taken = self.currency_id._convert(
            abs(self.price_subtotal),
            currency,
            self.company_id,
            self.move_id.invoice_date or self.date,
            round=False,
        )
        return quantity if taken * pieces * 2 >= amount * quantity else 0.0

    def _support_get_sold(self):
        """Pieces that this line of a posted invoice sells, less those that posted
        credit notes take back."""
        self.ensure_one()
        if self.parent_state != "posted":
            return 0.0
        refunded = sum(
            refund._support_limit_by_amount(
                refund.product_uom_id._compute_quantity(
                    refund._support_get_taken(), self.product_uom_id, round=False
                ),
                self.price_subtotal,
                self.quantity,
                self.currency_id,
            )
            for refund in self.support_refund_line_ids
            if refund.parent_state == "posted" and refund._support_get_taken() > 0
        )
        return self.product_uom_id._compute_quantity(
            -self._support_get_taken() - refunded, self.product_id.uom_id, round=False
        )

    def _support_get_delivery_day(self):
        """An invoice without an order tells of no delivery."""
        return None

    def _support_get_origin(self):
        return self.move_id.name

    def _prepare_installation_values(self):
        """What an invoice line tells about the installation that it makes."""
        self.ensure_one()
        move = self.move_id
        place = move.partner_shipping_id
        customer = move.partner_id.commercial_partner_id
        return {
            "product_id": self.product_id.id,
            "partner_id": move.partner_id.id,
            "place_id": place.id if place.commercial_partner_id == customer else False,
            "company_id": move.company_id.id,
            "user_id": move.invoice_user_id.id or self._support_get_internal_user(),
            "sale_date": move.invoice_date or move.date,
        }
