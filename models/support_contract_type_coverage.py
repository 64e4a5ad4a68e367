# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeCoverage(models.Model):
    _name = "support.contract.type.coverage"
    _description = "Coverage Hours of a Contract Type"
    _inherit = ["support.coverage.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _channel_unique = models.UniqueIndex(
        "(type_id, COALESCE(channel_id, 0))",
        "Each channel can have coverage hours only once.",
    )
