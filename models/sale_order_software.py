# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SaleOrder(models.Model):
    """Orders of supported software."""

    _inherit = "sale.order"

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._support_sync_software()
        return result

    def _action_cancel(self):
        """What was delivered with a cancelled order is not sold."""
        result = super()._action_cancel()
        self.order_line._support_sync_software()
        return result
