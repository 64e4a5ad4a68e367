# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContractNotice(models.Model):
    _name = "support.contract.notice"
    _description = "Reminder before the End of a Term, of a Contract"
    _inherit = ["support.contract.line.mixin", "support.notice.mixin"]

    _days_once = models.UniqueIndex(
        "(contract_id, days)", "There is a reminder for this number of days already."
    )
    _days_limit = models.Constraint(
        "CHECK (days >= 0 AND days <= 3660)",
        "A reminder comes a number of days from 0 up before the end.",
    )
