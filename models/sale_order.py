# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    support_has_lines = fields.Boolean(
        compute="_compute_support_has_lines",
        groups="base.group_user",
        export_string_translation=False,
        help="Whether anything of the order is sold for a support contract.",
    )

    @api.depends("order_line.product_id")
    def _compute_support_has_lines(self):
        for order in self:
            order.support_has_lines = any(
                order.order_line.mapped("product_id.support_sells")
            )

    def _action_confirm(self):
        result = super()._action_confirm()
        self.order_line._support_sell()
        return result

    def _action_cancel(self):
        """What waits to be credited is cancelled, what was credited with the order is
        taken back, and contracts that were never started are put aside."""
        result = super()._action_cancel()
        # who may cancel the order may give up what it would have sold
        self.sudo().order_line.filtered("support_deal")._support_cancel_deals()
        topups = self.sudo().order_line.support_topup_ids
        topups._sync()
        waiting = topups.filtered(
            lambda topup: topup.kind == "contract" and topup.state == "cancelled"
        ).contract_id.filtered(lambda item: item.state in ("draft", "offered"))
        waiting._set_state("draft")
        waiting.active = False
        return result
