# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from .support_warranty_policy import WARRANTY_STARTS


class ProductTemplate(models.Model):
    """Software that is supported: selling it makes an installation, whose warranty
    the product says."""

    _inherit = "product.template"

    support_is_software = fields.Boolean(
        string="Supported Software",
        groups="base.group_user",
        help="Each sale makes an installation of the customer, with its warranty.",
    )
    support_warranty_policy_id = fields.Many2one(
        comodel_name="support.warranty.policy",
        string="Warranty Policy",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="What is free after the sale, and for how long. Empty: no warranty.",
    )
    support_warranty_from = fields.Selection(
        selection=WARRANTY_STARTS,
        string="Warranty from",
        compute="_compute_support_warranty",
        store=True,
        readonly=False,
        groups="base.group_user",
    )
    support_warranty_months = fields.Integer(
        string="Months of Warranty",
        compute="_compute_support_warranty",
        store=True,
        readonly=False,
        groups="base.group_user",
    )

    _support_warranty_limit = models.Constraint(
        "CHECK (support_warranty_months >= 0 AND support_warranty_months <= 1200)",
        "The warranty is a number of months from 0 up.",
    )

    @api.depends("support_warranty_policy_id")
    def _compute_support_warranty(self):
        for product in self:
            policy = product.support_warranty_policy_id
            product.support_warranty_from = policy.start_from
            product.support_warranty_months = policy.months
