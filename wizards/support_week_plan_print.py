# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class SupportWeekPlanPrint(models.TransientModel):
    """Print the plan of a week, one document for each technician."""

    _name = "support.week.plan.print"
    _description = "Print Week"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    day = fields.Date(
        string="Week Of",
        required=True,
        default=lambda self: self.env.company._support_day() + timedelta(days=3),
        help="Any day of the week.",
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        string="Technicians",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Empty: everybody for whom something is planned.",
    )

    def action_print(self):
        """Print the plans.

        :raise UserError: if nothing is planned in that week and nobody is named
        """
        self.ensure_one()
        plans = self.env["support.week.plan"]
        users = self.user_ids or plans._get_planned_users(self.company_id, self.day)
        if not users:
            raise UserError(
                self.env._("Nothing is planned in that week: choose another one.")
            )
        return plans._get_or_create(users, self.company_id, self.day).action_print()
