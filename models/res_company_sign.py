# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

MAX_SIGN_HOURS = 24 * 30


class ResCompany(models.Model):
    """How customers sign what was done for them."""

    _inherit = "res.company"

    support_sign_hours = fields.Integer(
        string="Links to Sign Are Valid for",
        default=48,
        help="Hours after which a link to sign an intervention sheet is dead.",
    )
    support_send_sheet = fields.Boolean(
        string="Send the Signed Sheet",
        default=True,
        help="Once an intervention sheet is signed, it is mailed to the customer as "
        "PDF.",
    )

    _support_sign_hours_limit = models.Constraint(
        f"CHECK (support_sign_hours > 0 AND support_sign_hours <= {MAX_SIGN_HOURS})",
        "A link to sign is valid for at least one hour and at most 30 days.",
    )
