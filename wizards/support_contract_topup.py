# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTopup(models.TransientModel):
    """Choose a top-up or activations for a contract; it becomes a quotation."""

    _name = "support.contract.topup"
    _description = "Sell a Top-Up"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        domain="[('support_sells', 'in', ('topup', 'activation')), "
        "('sale_ok', '=', True)]",
    )
    pieces = fields.Integer(required=True, default=1)

    def action_confirm(self):
        """Make the quotation and open it."""
        self.ensure_one()
        self.contract_id.check_access("read")
        order = self.contract_id._order_topup(
            self.product_id, self.pieces, user_id=self.env.user.id
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": order.id,
            "view_mode": "form",
        }
