# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import fields, models

from ..tools.work_parts import Tariff
from .support_terms_mixin import TRAVEL_CHARGES


class ResCompany(models.Model):
    """The on-call tariff beside the price of an hour, and where hours are logged."""

    _inherit = "res.company"

    support_outside_surcharge = fields.Float(
        string="Surcharge Outside the Hours",
        digits=(5, 2),
        help="Percent on the price of an hour for on-call work outside the hours of "
        "the team, or of the company.",
    )
    support_day_off_surcharge = fields.Float(
        string="Surcharge on Days Off",
        digits=(5, 2),
        help="Percent on the price of an hour for on-call work on days without any "
        "hours. Of several surcharges the greatest counts.",
    )
    support_travel_charge = fields.Selection(
        selection=TRAVEL_CHARGES,
        string="Travel on Call",
        required=True,
        default="none",
        help="What travelling to a customer without a contract costs.",
    )
    support_travel_percent = fields.Float(
        string="Travel Rate on Call",
        digits=(5, 2),
        default=100.0,
        help="Percent of the price of an hour that an hour of travel costs.",
    )
    support_travel_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Call-Out Fee on Call",
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
        help="Product that is charged once for each visit.",
    )
    support_invoice_covered = fields.Boolean(
        string="Covered Work on Invoices",
        help="Invoices name the work that a contract covers, and what is left of it.",
    )
    support_project_id = fields.Many2one(
        comodel_name="project.project",
        string="Project of Timesheets",
        check_company=True,
        ondelete="restrict",
        domain="[('allow_timesheets', '=', True)]",
        help="Hours of work done are logged here, so that their cost is known. They "
        "are never billed from here. Made with the first of them if empty.",
    )

    _support_surcharges_limit = models.Constraint(
        "CHECK (support_outside_surcharge >= 0 AND support_outside_surcharge < 1000 "
        "AND support_day_off_surcharge >= 0 AND support_day_off_surcharge < 1000 "
        "AND support_travel_percent >= 0 AND support_travel_percent < 1000)",
        "Surcharges and the travel rate are percentages from 0 to below 1000.",
    )

    def _support_get_tariff(self):
        """The on-call tariff of the company (:class:`Tariff`). On-call work draws on
        no balance, so that percentages never concern time."""
        self.ensure_one()
        return Tariff(
            outside=Decimal(str(self.support_outside_surcharge)),
            day_off=Decimal(str(self.support_day_off_surcharge)),
            on_time=False,
            travel=self.support_travel_charge,
            travel_percent=Decimal(str(self.support_travel_percent)),
            travel_product=self.support_travel_product_id.id or 0,
            pricelist=self.support_on_call_pricelist_id.id or 0,
        )

    def _support_get_project(self):
        """The one project in which the hours of support work are logged, made if there
        is none: it is never billed, since what is owed is charged by the work itself.
        """
        self.ensure_one()
        # technicians log hours without a right to projects or companies
        company = self.sudo()
        if not company.support_project_id:
            projects = company.env["project.project"].with_company(company)
            values = {
                "name": self.env._("Support"),
                "company_id": company.id,
                "allow_timesheets": True,
                # hours and their cost are no customer's to read
                "privacy_visibility": "employees",
            }
            if "allow_billable" in projects._fields:  # with sale_project
                values["allow_billable"] = False
            company.support_project_id = projects.create(values)
        return company.support_project_id
