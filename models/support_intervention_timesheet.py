# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError


class SupportIntervention(models.Model):
    """The hours of work that is done, as a timesheet of the technician: their cost
    stands on the contract's analytic account, and nothing is billed from there."""

    _inherit = "support.intervention"

    timesheet_ids = fields.One2many(
        comodel_name="account.analytic.line",
        inverse_name="support_intervention_id",
        string="Timesheets",
        readonly=True,
        copy=False,
        groups="hr_timesheet.group_hr_timesheet_user",
    )

    def _draw(self):
        result = super()._draw()
        self._log_hours()
        return result

    def _take_back(self, reason):
        # the work's own line; its caller has checked who may undo the work
        self.sudo().timesheet_ids.unlink()
        return super()._take_back(reason)

    def _log_hours(self):
        """Log the time worked and travelled, whatever of it is billed.

        :raise UserError: if the technician is no employee of the ticket's company
        """
        self.ensure_one()
        minutes = self.raw_minutes
        if self.work_mode_id.on_site:
            minutes += self.travel_minutes
        if not minutes:
            return
        # a technician logs hours by finishing work, without rights to projects,
        # accounts and costs
        work = self.sudo().with_company(self.company_id)
        employee = work._get_employee()
        project = work.company_id._support_get_project()
        account = project.account_id
        if work.contract_id:
            account = work.contract_id._get_analytic_account()
        values = {
            "support_intervention_id": work.id,
            "name": f"{work.ticket_id.number} {work.name}",
            "date": work.day,
            "employee_id": employee.id,
            "company_id": work.company_id.id,
            "project_id": project.id,
            "account_id": account.id,
            "unit_amount": minutes / 60,
        }
        lines = work.env["account.analytic.line"]
        if "so_line" in lines._fields:  # with sale_timesheet
            # what is owed is charged by the work itself
            values["so_line"] = False
        lines.create(values)

    def _get_employee(self):
        """The technician as an employee of the ticket's company."""
        employee = self.env["hr.employee"].search(
            [
                ("user_id", "=", self.user_id.id),
                ("company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        if not employee:
            raise UserError(
                self.env._(
                    "%(technician)s is no employee of %(company)s, so the hours of "
                    "“%(work)s” cannot be logged: create an employee with this user "
                    "in Employees, or name another technician.",
                    technician=self.user_id.name,
                    company=self.company_id.name,
                    work=self.name,
                )
            )
        return employee
