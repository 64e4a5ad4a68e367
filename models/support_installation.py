# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..tools import periods
from .support_warranty_policy import WARRANTY_STARTS

STATES = [
    ("warranty", "In warranty"),
    ("covered", "Covered"),
    ("uncovered", "Not covered"),
    ("lapsed", "Lapsed"),
]


class SupportInstallation(models.Model):
    """Software that a customer has: what was bought and when, how long its warranty
    lasts, and the contract that covers it."""

    _name = "support.installation"
    _description = "Installation"
    _inherit = ["mail.thread", "mail.activity.mixin", "support.job.mixin"]
    _order = "commercial_partner_id, id"
    _check_company_auto = True

    name = fields.Char(
        compute="_compute_name",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    active = fields.Boolean(default=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
        domain="[('support_is_software', '=', True)]",
    )
    module_ids = fields.Many2many(
        comodel_name="product.product",
        relation="support_installation_module_rel",
        string="Modules",
        check_company=True,
    )
    version = fields.Char(tracking=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
        tracking=True,
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Company of the Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
        precompute=True,
    )
    place_id = fields.Many2one(
        comodel_name="res.partner",
        string="Place",
        check_company=True,
        ondelete="restrict",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="Address at which the software is used.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        tracking=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        help="Answers for the customer: gets the activities and warnings.",
    )
    sale_date = fields.Date(tracking=True)
    delivery_date = fields.Date(tracking=True)
    golive_date = fields.Date(string="Go-Live Date", tracking=True)
    warranty_policy_id = fields.Many2one(
        comodel_name="support.warranty.policy",
        compute="_compute_warranty_terms",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        help="What is free in the warranty. Empty: no warranty.",
    )
    warranty_from = fields.Selection(
        selection=WARRANTY_STARTS,
        compute="_compute_warranty_terms",
        store=True,
        readonly=False,
        precompute=True,
    )
    warranty_months = fields.Integer(
        string="Months of Warranty",
        compute="_compute_warranty_terms",
        store=True,
        readonly=False,
        precompute=True,
        aggregator=None,
        tracking=True,
    )
    warranty_start = fields.Date(
        compute="_compute_warranty_days",
        store=True,
        precompute=True,
        help="First day of the warranty.",
    )
    warranty_end = fields.Date(
        compute="_compute_warranty_days",
        store=True,
        precompute=True,
        index=True,
        help="Last day of the warranty, inclusive.",
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        string="Covered by",
        check_company=True,
        ondelete="set null",
        index="btree_not_null",
        tracking=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id),"
        " ('company_id', '=', company_id)]",
        help="The contract that covers this installation.",
    )
    activations_stated = fields.Integer(
        string="Stated",
        default=1,
        aggregator="sum",
        tracking=True,
        help="Machines or activations that the customer has stated.",
    )
    activations_counted = fields.Integer(
        string="Counted",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Activations that are really in use.",
    )
    counted_on = fields.Date(readonly=True, copy=False)
    licence_key = fields.Char(groups="base.group_user", copy=False)
    state = fields.Selection(
        selection=STATES,
        required=True,
        readonly=True,
        copy=False,
        default="uncovered",
        index=True,
        tracking=True,
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Sold with",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
    )

    _activations_limit = models.Constraint(
        "CHECK (activations_stated >= 0 AND activations_counted >= 0)",
        "The number of activations cannot be negative.",
    )
    _warranty_limit = models.Constraint(
        "CHECK (warranty_months >= 0 AND warranty_months <= 1200)",
        "The warranty is a number of months from 0 up.",
    )

    @api.depends("product_id", "partner_id")
    def _compute_name(self):
        for installation in self:
            installation.name = installation.name or installation.product_id.name or "/"

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: a contact who changes employer does not take the
        installation along."""
        for installation in self:
            installation.commercial_partner_id = (
                installation.partner_id.commercial_partner_id
            )

    @api.depends("product_id")
    def _compute_warranty_terms(self):
        for installation in self:
            product = installation.product_id
            policy = product.support_warranty_policy_id
            installation.warranty_policy_id = policy
            installation.warranty_from = (
                product.support_warranty_from or policy.start_from
            )
            installation.warranty_months = product.support_warranty_months

    @api.depends(
        "warranty_policy_id",
        "warranty_from",
        "warranty_months",
        "sale_date",
        "delivery_date",
        "golive_date",
    )
    def _compute_warranty_days(self):
        """From the day that the product says; S8: a year from the sale, so that the
        last day is the one before its anniversary."""
        for installation in self:
            start = {
                "sale": installation.sale_date,
                "delivery": installation.delivery_date,
                "golive": installation.golive_date,
            }.get(installation.warranty_from)
            months = installation.warranty_months
            if not (installation.warranty_policy_id and start and months > 0):
                installation.warranty_start = installation.warranty_end = False
                continue
            installation.warranty_start = start
            installation.warranty_end = periods.term_end(start, months)

    @api.constrains("contract_id", "partner_id", "place_id")
    def _check_customer(self):
        for installation in self:
            customer = installation.commercial_partner_id
            contract = installation.contract_id.sudo()  # only compared
            if contract and contract.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "Contract %(contract)s is not one of %(customer)s: choose a "
                        "contract of this customer.",
                        contract=contract.name,
                        customer=customer.display_name,
                    )
                )
            if (
                installation.place_id
                and installation.place_id.commercial_partner_id != customer
            ):
                raise ValidationError(
                    self.env._(
                        "Place: %(place)s does not belong to %(customer)s.",
                        place=installation.place_id.display_name,
                        customer=customer.display_name,
                    )
                )
