# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    """How old a count may be that a contract is activated with."""

    _inherit = "res.company"

    support_count_days = fields.Integer(
        string="Counts Are Good For",
        required=True,
        default=90,
        help="Days after which counted activations are too old to activate a contract "
        "with. 0: never.",
    )

    _support_count_days_limit = models.Constraint(
        "CHECK (support_count_days >= 0)",
        "The age of a count is a number of days from 0 up.",
    )
