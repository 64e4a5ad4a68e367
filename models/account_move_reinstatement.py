# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    """A lapsed contract lives again when its reinstatement is paid."""

    _inherit = "account.move"

    def _support_sync(self):
        # first, since contracts are locked before the ledgers of top-ups
        self._support_sync_returns()
        return super()._support_sync()

    def _support_sync_returns(self):
        """Bring the reinstatements that these invoices charge or sell, or that these
        credit notes take back, to what is paid now."""
        # as for what is sold: who posts or pays was checked there
        moves = self.sudo().exists()
        lines = moves.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        ).invoice_line_ids
        sold = lines.filtered("support_contract_id")
        sold._support_find_refunded()
        sold = (sold | sold.support_refunded_line_id).sale_line_ids.filtered(
            "support_deal"
        )
        charges = lines.support_charge_id | lines.support_origin_charge_id
        if charges or sold:
            self.env["support.reinstatement"].sudo().search(  # as above
                Domain("charge_id", "in", charges.ids)
                | Domain("sale_line_id", "in", sold.ids)
                | Domain("fee_line_id", "in", sold.ids)
            )._sync()
