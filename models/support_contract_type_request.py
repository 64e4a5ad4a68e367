# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeRequest(models.Model):
    _name = "support.contract.type.request"
    _description = "Request Type of a Contract Type"
    _inherit = ["support.request.terms.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _category_unique = models.Constraint(
        "UNIQUE (type_id, category_id)",
        "Each request type can be listed only once.",
    )
