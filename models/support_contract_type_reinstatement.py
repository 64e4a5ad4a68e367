# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContractTypeReinstatement(models.Model):
    _name = "support.contract.type.reinstatement"
    _description = "Step back after a Lapse, of a Contract Type"
    _inherit = ["support.reinstatement.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )

    _product_needed = models.Constraint(
        "CHECK (kind = 'free' OR product_id IS NOT NULL)",
        "A fee or a licence needs its product, which gives its taxes and account.",
    )
    _numbers_limit = models.Constraint(
        "CHECK (until_day >= 0 AND until_day <= 36600 "
        "AND amount >= 0 AND amount < 1e12)",
        "A step lasts a number of days from 0 up, and its price is a number from 0 up.",
    )

    @api.model
    def _get_parent_field(self):
        return "type_id"
