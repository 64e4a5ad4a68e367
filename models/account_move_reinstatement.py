# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Domain


class AccountMove(models.Model):
    """A lapsed contract lives again when its reinstatement is paid."""

    _inherit = "account.move"

    def _support_sync(self):
        result = super()._support_sync()
        # as for what is sold: who posts or pays was checked there
        lines = self.sudo().exists().invoice_line_ids
        lines |= lines.support_refunded_line_id
        charges = lines.support_charge_id | lines.support_origin_charge_id
        sold = lines.sale_line_ids.filtered("support_deal")
        if charges or sold:
            self.env["support.reinstatement"].sudo().search(
                Domain("charge_id", "in", charges.ids)
                | Domain("sale_line_id", "in", sold.ids)
                | Domain("fee_line_id", "in", sold.ids)
            )._sync()
        return result
