# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

#: how many months back can be chosen
MONTHS = 24


class SupportContractServiceReport(models.TransientModel):
    """Print or send the service reports of contracts for a month."""

    _name = "support.contract.service.report"
    _description = "Print or Send Service Reports"

    contract_ids = fields.Many2many(
        comodel_name="support.contract",
        string="Contracts",
        required=True,
        default=lambda self: self._default_contract_ids(),
    )
    month = fields.Selection(
        selection=lambda self: self._get_months(),
        required=True,
        default=lambda self: self._get_months()[1][0],
    )
    recipients = fields.Char(
        compute="_compute_recipients",
        help="Those who may order, else the customer.",
    )

    @api.model
    def _default_contract_ids(self):
        context = self.env.context
        if context.get("active_model") == "support.contract":
            return context.get("active_ids")
        return False

    @api.model
    def _get_months(self):
        """The months to choose from, this one first."""
        today = self.env.company._support_day()
        days = [today + relativedelta(day=1, months=-back) for back in range(MONTHS)]
        return [
            (f"{day:%Y-%m}", format_date(self.env, day, date_format="LLLL y"))
            for day in days
        ]

    @api.depends("contract_ids")
    def _compute_recipients(self):
        for wizard in self:
            people = self.env["res.partner"].union(
                *(contract._get_report_recipients() for contract in wizard.contract_ids)
            )
            wizard.recipients = ", ".join(people.mapped("display_name"))

    def _get_reports(self):
        self.ensure_one()
        if not self.contract_ids:
            raise UserError(self.env._("Contracts: choose at least one."))
        return self.env["support.service.report"]._get_or_create(
            self.contract_ids, fields.Date.to_date(f"{self.month}-01")
        )

    def action_print(self):
        return self._get_reports().action_print()

    def action_send(self):
        """Let the job render and mail the reports."""
        reports = self._get_reports()
        reports._queue()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The service report of %(month)s is on its way to %(people)s.",
                    month=reports[:1]._format_month(),
                    people=self.recipients,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
