# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ReportWeekPlan(models.AbstractModel):
    """What the document of the weekly plans gets."""

    _name = "report.support_contract.report_week_plan"
    _description = "Weekly Plan Document"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["support.week.plan"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "days": {
                doc: doc.with_context(lang=doc.user_id.lang)._get_days() for doc in docs
            },
        }
