# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeNotice(models.Model):
    _name = "support.contract.type.notice"
    _description = "Reminder before the End of a Term, of a Contract Type"
    _inherit = ["support.notice.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _days_once = models.UniqueIndex(
        "(type_id, days)", "There is a reminder for this number of days already."
    )
    _days_limit = models.Constraint(
        "CHECK (days >= 0 AND days <= 3660)",
        "A reminder comes a number of days from 0 up before the end.",
    )
