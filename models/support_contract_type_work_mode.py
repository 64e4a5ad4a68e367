# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeWorkMode(models.Model):
    _name = "support.contract.type.work.mode"
    _description = "Work Mode Terms of a Contract Type"
    _inherit = ["support.work.mode.terms.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _work_mode_unique = models.Constraint(
        "UNIQUE (type_id, work_mode_id)",
        "Each work mode can be listed only once.",
    )
    _minutes_positive = models.Constraint(
        "CHECK (minimum_minutes >= 0 AND step_minutes >= 1)",
        "The minimum cannot be negative and the step must be at least one minute.",
    )
