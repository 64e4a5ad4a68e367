# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportCharge(models.Model):
    """What was used of a top-up that its invoice does not claim any more."""

    _inherit = "support.charge"

    topup_id = fields.Many2one(
        comodel_name="support.topup",
        string="Top-Up",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    refund_ids = fields.One2many(
        comodel_name="support.charge",
        inverse_name="refund_of_id",
        string="Refunds",
        readonly=True,
    )
