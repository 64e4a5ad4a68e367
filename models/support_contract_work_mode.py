# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContractWorkMode(models.Model):
    _name = "support.contract.work.mode"
    _description = "Work Mode Terms of a Contract"
    _inherit = ["support.contract.line.mixin", "support.work.mode.terms.mixin"]

    _work_mode_unique = models.Constraint(
        "UNIQUE (contract_id, work_mode_id)",
        "Each work mode can be listed only once.",
    )
    _minutes_positive = models.Constraint(
        "CHECK (minimum_minutes >= 0 AND step_minutes >= 1)",
        "The minimum cannot be negative and the step must be at least one minute.",
    )
