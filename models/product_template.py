# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .support_unit_mixin import UNITS

SELLS = [
    ("contract", "A contract"),
    ("package", "A package"),
    ("topup", "A top-up"),
    ("activation", "New activations"),
]


class ProductTemplate(models.Model):
    """What a product sells: a contract of a type, a package, a top-up of a running
    contract, or more activations. What is sold is credited as the product says."""

    _inherit = "product.template"

    support_sells = fields.Selection(
        selection=SELLS,
        string="Sells",
        compute="_compute_support_sells",
        store=True,
        readonly=False,
        groups="base.group_user",
        help="What the customer gets for one piece:\n"
        "- a contract: a new contract of the type\n"
        "- a package: a new contract with the quantity, to be used within the "
        "validity\n"
        "- a top-up: more hours, tickets or money on a running contract\n"
        "- new activations: a running contract counts one more",
    )
    support_contract_type_id = fields.Many2one(
        comodel_name="support.contract.type",
        string="Contract Type",
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="Type of the contract that is made when this product is sold.",
    )
    support_unit = fields.Selection(
        selection=UNITS, string="Unit Sold", default="time", groups="base.group_user"
    )
    support_quantity = fields.Float(
        string="Quantity per Piece",
        digits=(16, 4),
        groups="base.group_user",
        help="Minutes (shown as hours), tickets, or for packages an amount in the "
        "company's currency. A top-up of money credits what is paid for it, untaxed.",
    )
    support_validity_months = fields.Integer(
        string="Validity",
        groups="base.group_user",
        help="Months within which it must be used: a package from the first day of "
        "its contract, a top-up from the day on which it is credited. 0: a top-up "
        "never ends.",
    )
    support_work_mode_ids = fields.Many2many(
        comodel_name="support.work.mode",
        relation="support_product_work_mode_rel",
        column1="product_tmpl_id",
        column2="work_mode_id",
        string="For Work Modes",
        groups="base.group_user",
        help="The top-up goes to the balance that serves these work modes. Empty: to "
        "the one for all of them, or to the only one.",
    )
    support_work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Priced as an Hour of",
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="The top-up costs the contract's agreed price of an hour in this work "
        "mode. Empty: the price of the product.",
    )
    support_credit_when = fields.Selection(
        selection=[
            ("paid", "Its invoice is paid in full"),
            ("invoiced", "It is invoiced"),
            ("order", "The order is confirmed"),
        ],
        string="Credited When",
        default="paid",
        required=True,
        groups="base.group_user",
        help="When the customer gets what was sold.",
    )
    support_contract_state = fields.Selection(
        selection=[("active", "Active"), ("offered", "Offered")],
        string="Contract Becomes",
        default="active",
        required=True,
        groups="base.group_user",
        help="Active: the contract starts by itself when it is credited. Offered: a "
        "person activates it, for example after the signature.",
    )

    _support_quantity_limit = models.Constraint(
        "CHECK (support_quantity >= 0 AND support_quantity < 1e12)",
        "The quantity of a piece must be a number from 0 up.",
    )
    _support_validity_limit = models.Constraint(
        "CHECK (support_validity_months >= 0 AND support_validity_months <= 1200)",
        "The validity is a number of months from 0 up.",
    )

    @api.depends("support_contract_type_id")
    def _compute_support_sells(self):
        """A product with a contract type is a package, unless it says otherwise."""
        for product in self:
            sells = product.support_sells
            if product.support_contract_type_id:
                sells = sells if sells in ("contract", "package") else "package"
            elif sells in ("contract", "package") and product._origin.id:
                sells = False
            product.support_sells = sells

    @api.constrains(
        "support_sells",
        "support_contract_type_id",
        "support_unit",
        "support_quantity",
        "support_validity_months",
        "support_work_mode_id",
        "type",
    )
    def _check_support_sells(self):
        for product in self.filtered("support_sells"):
            if product.type != "service":
                product._refuse_support(
                    self.env._("only a service can sell support: change its type.")
                )
            getattr(product, f"_check_support_{product.support_sells}")()

    def _support_get_untaxed(self, price, company):
        """``price`` without the taxes of this product that it includes, exact: what
        is cheap and many would be wrong if the price of one were rounded.

        :param company: whose taxes apply
        """
        self.ensure_one()
        taxes = self.taxes_id._filter_taxes_by_company(company)
        if not any(taxes.mapped("price_include")):
            return price
        return taxes._get_tax_details(
            price,
            1.0,
            precision_rounding=1e-9,
            rounding_method="round_globally",
        )["total_excluded"]

    def _support_get_priced(self, amount, company, currency, partner=None):
        """The price of this product whose untaxed amount is ``amount``: with the taxes
        that the product's price includes. The inverse of :meth:`_support_get_untaxed`.

        :param company: whose taxes apply
        :param currency: of the amount
        :param partner: for whom, if it is known
        """
        self.ensure_one()
        taxes = self.taxes_id._filter_taxes_by_company(company)
        included = taxes.filtered("price_include")
        if not included:
            return amount
        return included.compute_all(
            amount,
            currency=currency,
            product=self.product_variant_id,
            partner=partner,
            handle_price_include=False,
        )["total_included"]

    def _refuse_support(self, reason):
        self.ensure_one()
        raise ValidationError(
            self.env._(
                "%(product)s: %(reason)s", product=self.display_name, reason=reason
            )
        )

    def _check_support_contract(self):
        self.ensure_one()
        if not self.support_contract_type_id:
            self._refuse_support(self.env._("enter the type of the contract."))

    def _check_support_package(self):
        self.ensure_one()
        if not self.support_contract_type_id:
            self._refuse_support(self.env._("enter the type of the contract."))
        if not self.support_unit or self.support_quantity <= 0:
            self._refuse_support(
                self.env._("enter its unit and a quantity above zero.")
            )
        if self.support_validity_months < 1:
            self._refuse_support(self.env._("enter a validity of at least one month."))
        self._check_support_whole()

    def _check_support_topup(self):
        self.ensure_one()
        if not self.support_unit:
            self._refuse_support(self.env._("enter its unit."))
        if self.support_unit == "money":
            if self.support_work_mode_id:
                self._refuse_support(
                    self.env._("only a top-up of hours can cost the price of an hour.")
                )
            return
        if self.support_quantity <= 0:
            self._refuse_support(self.env._("enter a quantity above zero."))
        if self.support_work_mode_id and self.support_unit != "time":
            self._refuse_support(
                self.env._("only a top-up of hours can cost the price of an hour.")
            )
        self._check_support_whole()

    def _check_support_activation(self):
        """Nothing more is needed: one piece is one activation."""

    def _check_support_whole(self):
        self.ensure_one()
        if self.support_unit != "money" and self.support_quantity != round(
            self.support_quantity
        ):
            self._refuse_support(self.env._("minutes and tickets are whole numbers."))
