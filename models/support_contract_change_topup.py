# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractChange(models.Model):
    """A change that was sold with an order."""

    _inherit = "support.contract.change"

    topup_id = fields.Many2one(
        comodel_name="support.topup",
        string="Sold with",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="New activations that were sold, and so are charged by their order.",
    )
