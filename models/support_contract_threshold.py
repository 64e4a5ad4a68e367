# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractThreshold(models.Model):
    _name = "support.contract.threshold"
    _description = "Low Balance Warning of a Contract"
    _inherit = ["support.threshold.mixin"]

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        ondelete="cascade",
        index=True,
    )

    currency_id = fields.Many2one(related="contract_id.currency_id")

    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e12)",
        "A warning level must be a number above zero.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "contract_id" in vals:
            # the rules know the contract it comes from, not the one it goes to
            self.check_access("write")
        return result
