# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class ResCompany(models.Model):
    """How a company invoices its charges."""

    _inherit = "res.company"

    support_invoicing = fields.Selection(
        selection=[("draft", "Draft invoices"), ("posted", "Posted invoices")],
        string="Charges Become",
        required=True,
        default="draft",
        help="Drafts are looked at before they are posted.",
    )
    support_invoice_auto = fields.Boolean(
        string="Invoice Every Night",
        help="A nightly job invoices the charges that are due. Otherwise a contract "
        "manager does, from the list of charges.",
    )
