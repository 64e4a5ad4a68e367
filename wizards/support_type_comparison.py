# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain

from ..tools.periods import ONE_DAY

#: longer ago than this, prices and needs were others
MONTHS_LIMIT = 36


class SupportTypeComparison(models.TransientModel):
    """Which contract type suits a customer: what his requests of the last twelve months
    would have cost under each."""

    _name = "support.type.comparison"
    _description = "Comparison of Contract Types"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    first_day = fields.Date(
        string="From",
        required=True,
        compute="_compute_first_day",
        store=True,
        readonly=False,
        precompute=True,
        help="Contracts that the customer did not have begin on this day. Twelve "
        "months compare best, since fees and hours are for whole periods.",
    )
    last_day = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env.company._support_day(),
    )
    type_ids = fields.Many2many(
        comodel_name="support.contract.type",
        string="Contract Types",
        compute="_compute_type_ids",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('company_id', 'in', (False, company_id))]",
        help="Those that are sold, and those that the customer has.",
    )
    recharge = fields.Boolean(
        string="Wallets Are Recharged",
        default=True,
        help="A wallet that is too small for the next request is filled again by its "
        "first payment, as often as needed. Otherwise that request is refused.",
    )
    line_ids = fields.One2many(
        comodel_name="support.type.comparison.line",
        inverse_name="comparison_id",
        string="Contract Types Compared",
        readonly=True,
    )
    charged_fee = fields.Monetary(
        string="Fees Really Charged",
        readonly=True,
        help="Fees, packages and top-ups of this time, untaxed, less refunds.",
    )
    charged_work = fields.Monetary(
        string="Work Really Charged",
        readonly=True,
        help="Work, travel and material of this time, untaxed, less refunds.",
    )
    charged_total = fields.Monetary(
        string="Really Charged", compute="_compute_charged_total"
    )

    @api.depends("last_day")
    def _compute_first_day(self):
        for comparison in self:
            last_day = comparison.last_day or comparison.company_id._support_day()
            comparison.first_day = last_day - relativedelta(years=1) + ONE_DAY

    @api.depends("partner_id", "company_id")
    def _compute_type_ids(self):
        for comparison in self:
            company = comparison.company_id
            contracts = self.env["support.contract"].search(
                [
                    (
                        "commercial_partner_id",
                        "=",
                        comparison.partner_id.commercial_partner_id.id,
                    ),
                    ("company_id", "=", company.id),
                    ("state", "in", ("active", "suspended", "expired")),
                ]
            )
            comparison.type_ids = self.env["support.contract.type"].search(
                Domain("company_id", "in", (False, company.id))
                & (
                    Domain("withdrawn", "=", False)
                    | Domain("id", "in", contracts.type_id.ids)
                )
            )

    @api.depends("charged_fee", "charged_work")
    def _compute_charged_total(self):
        for comparison in self:
            comparison.charged_total = comparison.charged_fee + comparison.charged_work

    def action_compare(self):
        """Replay what the customer asked for, and show what came out.

        :raise UserError: on a period that is empty, in the future or too long
        :raise AccessError: without a right to the customer or the company
        """
        self.ensure_one()
        self._check_period()
        self.partner_id.check_access("read")
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Company: choose one that you work in."))
        suits = self.env["support.suits"]
        span = (self.first_day, self.last_day)
        rows = suits._compare(
            self.partner_id, self.company_id, *span, self.type_ids, self.recharge
        )
        fee, work = suits._get_charged(self.partner_id, self.company_id, *span)
        # nobody writes lines by hand; who may ask was checked above
        comparison = self.sudo()
        comparison.line_ids.unlink()
        comparison.write(
            {
                "charged_fee": float(fee),
                "charged_work": float(work),
                "line_ids": [
                    Command.create(values)
                    for values in comparison.line_ids._prepare_rows(rows)
                ],
            }
        )
        return self._open()

    def _check_period(self):
        self.ensure_one()
        if self.first_day > self.last_day:
            raise UserError(self.env._("From: it cannot lie after the last day."))
        if self.last_day > self.company_id._support_day():
            raise UserError(
                self.env._("To: what is to come cannot be compared; choose today.")
            )
        if self.first_day < self.last_day - relativedelta(months=MONTHS_LIMIT):
            raise UserError(
                self.env._("From: at most %s months are compared.", MONTHS_LIMIT)
            )

    def _open(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which Type Suits?"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_view_chart(self):
        """The total cost of each type as bars, split in fees and work."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_type_comparison_cost_action"
        )
        return action | {
            "name": self.env._(
                "Which Type Suits %s?", self.partner_id.commercial_partner_id.name
            ),
            "domain": [("comparison_id", "=", self.id)],
        }
