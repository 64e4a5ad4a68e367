# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml

#: documents of their own, each with its own pages
ONE_BY_ONE = {
    "support_contract.report_service_report",
    "support_contract.report_intervention_sheet",
    "support_contract.report_week_plan",
    "support_contract.report_support_contract_offer",
    "support_contract.report_sample_contract",
    "support_contract.report_ledger_statement",
}


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Some reports are rendered one by one: each is a document of its own with its
        own pages, and the wkhtmltopdf of many distributions takes no more than one at
        a time."""
        report = self._get_report(report_ref)
        if report.report_name not in ONE_BY_ONE or len(res_ids or []) < 2:
            return super()._render_qweb_pdf_prepare_streams(
                report_ref, data, res_ids=res_ids
            )
        streams = {}
        for res_id in res_ids:
            streams |= super()._render_qweb_pdf_prepare_streams(
                report_ref, data, res_ids=[res_id]
            )
        return streams

    def _support_has_headers(self):
        """Whether PDFs get the headers and footers of the company's layout: builds of
        many distributions leave them out."""
        return _wkhtml().is_patched_qt
