# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContractCoverage(models.Model):
    _name = "support.contract.coverage"
    _description = "Coverage Hours of a Contract"
    _inherit = ["support.contract.line.mixin", "support.coverage.mixin"]

    _channel_unique = models.UniqueIndex(
        "(contract_id, COALESCE(channel_id, 0))",
        "Each channel can have coverage hours only once.",
    )
