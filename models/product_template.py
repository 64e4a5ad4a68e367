# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .support_unit_mixin import UNITS


class ProductTemplate(models.Model):
    _inherit = "product.template"

    support_contract_type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Package of Contract Type",
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="Selling this product as a contract of that type gives the quantity "
        "below, to be used within the validity below.",
    )
    support_unit = fields.Selection(
        selection=UNITS, string="Package Unit", default="time", groups="base.group_user"
    )
    support_quantity = fields.Float(
        string="Package Quantity",
        digits=(16, 4),
        groups="base.group_user",
        help="Minutes (shown as hours), tickets, or an amount in the company's "
        "currency.",
    )
    support_validity_months = fields.Integer(
        string="Package Validity",
        groups="base.group_user",
        help="Months within which the package must be used, counted from the first "
        "day of the contract.",
    )

    _support_quantity_limit = models.Constraint(
        "CHECK (support_quantity >= 0 AND support_quantity < 1e12)",
        "The quantity of a package must be a number from 0 up.",
    )

    @api.constrains(
        "support_contract_type_id",
        "support_unit",
        "support_quantity",
        "support_validity_months",
    )
    def _check_support_package(self):
        for product in self.filtered("support_contract_type_id"):
            if not product.support_unit or product.support_quantity <= 0:
                raise ValidationError(
                    self.env._(
                        "Package %(product)s: enter its unit and a quantity above "
                        "zero.",
                        product=product.name,
                    )
                )
            if product.support_validity_months < 1:
                raise ValidationError(
                    self.env._(
                        "Package %(product)s: enter a validity of at least one month.",
                        product=product.name,
                    )
                )
            if product.support_unit != "money" and product.support_quantity != round(
                product.support_quantity
            ):
                raise ValidationError(
                    self.env._(
                        "Package %(product)s: minutes and tickets are whole numbers.",
                        product=product.name,
                    )
                )
