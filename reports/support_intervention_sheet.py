# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class ReportInterventionSheet(models.AbstractModel):
    """What the document of the intervention sheets gets."""

    _name = "report.support_contract.report_intervention_sheet"
    _description = "Intervention Sheet Document"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["support.intervention"].browse(docids)
        docs.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "documents": {doc: doc._get_sheet() for doc in docs},
        }
