# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


class ResCompany(models.Model):
    """Whether and for which month customers get service reports by themselves."""

    _inherit = "res.company"

    support_monthly_report = fields.Boolean(
        string="Send the Service Report Each Month",
        help="Once the days of grace of a month are over, each contract's report is "
        "mailed to those who may order, else to the customer.",
    )
    support_monthly_report_since = fields.Date(
        readonly=True,
        help="The day on which the reports were switched on: months that had ended "
        "before are not sent.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._support_start_monthly_report()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if "support_monthly_report" in vals:
            self._support_start_monthly_report()
        return result

    def _support_start_monthly_report(self):
        """Keep since when the reports are sent."""
        for company in self:
            if not company.support_monthly_report:
                company.support_monthly_report_since = False
            elif not company.support_monthly_report_since:
                company.support_monthly_report_since = company._support_day()

    def _support_get_reported_month(self):
        """First day of the month whose reports are sent now, or False: the last one
        whose days of grace are over, so that work that was logged late is in. A job
        that did not run for months sends this one only: nobody wants the old ones."""
        self.ensure_one()
        settled = self._support_day() - relativedelta(days=self.support_grace_days)
        first_day = settled + relativedelta(day=1, months=-1)
        last_day = settled + relativedelta(day=1, days=-1)
        since = self.support_monthly_report_since
        if not since or last_day < since:
            return False
        return first_day
