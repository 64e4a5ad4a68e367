# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ReportServiceReport(models.AbstractModel):
    """What the document of the service reports gets: values for all of them at once."""

    _name = "report.support_contract.report_service_report"
    _description = "Service Report Document"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["support.service.report"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "documents": docs._get_documents(),
        }
