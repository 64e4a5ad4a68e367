# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContractRequest(models.Model):
    _name = "support.contract.request"
    _description = "Request Type of a Contract"
    _inherit = ["support.contract.line.mixin", "support.request.terms.mixin"]

    _category_unique = models.Constraint(
        "UNIQUE (contract_id, category_id)",
        "Each request type can be listed only once.",
    )
