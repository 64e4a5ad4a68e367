# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountMove(models.Model):
    """Whatever happens to an invoice, what was sold on it follows. The hook of a paid
    invoice fires at "in payment" and again at "paid", and never when a payment is
    taken back: so every change asks for the same comparison."""

    _inherit = "account.move"

    def _support_is_paid(self):
        """Whether the invoice is posted and paid in full, whatever the provider.

        A payment without a journal entry makes an invoice "in payment" whatever its
        amount; it counts here only if it covers what is due.
        """
        self.ensure_one()
        if self.state != "posted" or self.payment_state not in ("in_payment", "paid"):
            return False
        if self.currency_id.is_zero(self.amount_residual):
            return True
        covered = 0.0
        for payment in self.matched_payment_ids:
            if payment.move_id or payment.state not in ("in_process", "paid"):
                continue
            left = payment.amount
            invoices = payment.invoice_ids.filtered(lambda move: move.state == "posted")
            for invoice in invoices.sorted(
                lambda move: (move.invoice_date_due or move.date, move.id)
            ):
                residual = invoice.currency_id._convert(
                    invoice.amount_residual,
                    payment.currency_id,
                    payment.company_id,
                    payment.date,
                )
                part = min(left, residual)
                left -= part
                if invoice == self:
                    covered += payment.currency_id._convert(
                        part, self.currency_id, payment.company_id, payment.date
                    )
        return self.currency_id.compare_amounts(covered, self.amount_residual) >= 0

    def _support_sync(self):
        """Bring what was sold on these invoices, or is taken back by these credit
        notes, to what is paid now.

        Who posts, pays or cancels has been checked there; what follows for the
        contracts needs no further right.
        """
        moves = self.sudo().exists()  # see above
        moves = moves.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        if not moves:
            return
        lines = moves.invoice_line_ids.filtered("support_contract_id")
        if lines:
            lines._support_find_refunded()
            lines |= lines.support_refunded_line_id
            posted = lines.filtered(
                lambda line: (
                    line.parent_state == "posted"
                    and line.move_id.move_type in ("out_invoice", "out_receipt")
                    and line.product_id.support_sells in ("topup", "activation")
                )
            )
            topups = moves.env["support.topup"]
            topups._take_invoice_lines(posted)
            sold = lines.sale_line_ids.filtered(
                lambda line: line.product_id.support_sells in ("topup", "activation")
            )
            topups._take_sale_lines(sold)
            topups.search(
                [
                    "|",
                    ("invoice_line_id", "in", lines.ids),
                    ("sale_line_id", "in", lines.sale_line_ids.ids),
                ]
            )._sync()
        contracts = moves._support_get_contracts()
        contracts._resume_paid()
        # an order that is invoiced after the end of its contract
        contracts.filtered(lambda item: item.state == "terminated")._refund_unserved()

    def _support_get_contracts(self):
        """The contracts that these invoices are about."""
        lines = self.sudo().invoice_line_ids  # what follows is the contracts' own
        sold = self.env["support.topup"].sudo()
        if lines.sale_line_ids:
            sold = sold.search(
                [
                    ("sale_line_id", "in", lines.sale_line_ids.ids),
                    ("kind", "=", "contract"),
                ]
            )
        return (
            lines.support_contract_id
            | lines.support_charge_id.contract_id
            | sold.contract_id
        )

    def write(self, vals):
        """A payment without a journal entry is linked, and matches nothing."""
        result = super().write(vals)
        if "matched_payment_ids" in vals:
            self._support_sync()
        return result

    def _post(self, soft=True):
        posted = super()._post(soft)
        posted._support_sync()
        return posted

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        self._support_sync()
        return result

    def button_draft(self):
        result = super().button_draft()
        self._support_sync()
        return result

    def button_cancel(self):
        result = super().button_cancel()
        self._support_sync()
        return result
