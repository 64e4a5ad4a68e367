# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SaleOrder(models.Model):
    """Orders that automatic top-ups made."""

    _inherit = "sale.order"

    support_auto_key = fields.Char(
        string="Automatic Top-Up",
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Contract, month and number: an automatic top-up is ordered once.",
    )

    _support_auto_key_unique = models.UniqueIndex(
        "(support_auto_key) WHERE support_auto_key IS NOT NULL",
        "This automatic top-up has been ordered already.",
    )

    def _get_auto_transactions(self):
        """The payments by token of these orders' invoices."""
        orders = self.sudo()  # the job reads them for what it must not do again
        return orders.invoice_ids.transaction_ids.filtered(
            lambda tx: tx.operation == "offline"
        )
