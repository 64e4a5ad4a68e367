# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SaleOrder(models.Model):
    """Orders that were to bring a lapsed contract back."""

    _inherit = "sale.order"

    def unlink(self):
        """The database deletes the lines, so that their own hook is not called."""
        items = self.order_line._support_get_returns()
        result = super().unlink()
        items._sync()
        return result
