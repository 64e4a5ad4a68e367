# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractTypeAllotment(models.Model):
    """A quantity that a contract type includes. An amount of money is in the
    currency of the contract."""

    _name = "support.contract.type.allotment"
    _description = "Allotment of a Contract Type"
    _inherit = ["support.allotment.mixin"]

    type_id = fields.Many2one(
        comodel_name="support.contract.type",
        required=True,
        ondelete="cascade",
        index=True,
    )
    work_mode_ids = fields.Many2many(
        relation="support_contract_type_allotment_work_mode_rel",
        column1="allotment_id",
        column2="work_mode_id",
        ondelete="restrict",
    )

    _quantity_limit = models.Constraint(
        "CHECK (quantity > 0 AND quantity < 1e12)",
        "The quantity of an allotment must be a number above zero.",
    )
