# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportTypeComparisonCost(models.TransientModel):
    """A part of what a contract type would have cost: what the chart is made of."""

    _name = "support.type.comparison.cost"
    _description = "Cost of a Contract Type Compared"
    _order = "line_id, id"

    line_id = fields.Many2one(
        comodel_name="support.type.comparison.line",
        string="Contract Type",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    comparison_id = fields.Many2one(related="line_id.comparison_id", store=True)
    company_id = fields.Many2one(related="line_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        selection=[("fee", "Fees"), ("work", "Work")],
        string="Fees or Work",
        required=True,
        readonly=True,
    )
    amount = fields.Monetary(string="Cost", readonly=True, help="Untaxed.")
