# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeThreshold(models.Model):
    _name = "support.contract.type.threshold"
    _description = "Low Balance Warning of a Contract Type"
    _inherit = ["support.threshold.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e12)",
        "A warning level must be a number above zero.",
    )
