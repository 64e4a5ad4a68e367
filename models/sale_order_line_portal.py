# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.fields import Command


class SaleOrderLine(models.Model):
    """Who orders a contract in the portal may order for it later on."""

    _inherit = "sale.order.line"

    def _prepare_support_contract_values(self, count):
        values = super()._prepare_support_contract_values(count)
        # goes to the contract, unread
        partner = self.order_id.sudo().support_ordered_by_id
        if partner:
            values["orderer_ids"] = [Command.set(partner.ids)]
        return values
