# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportDocument(models.Model):
    """The sheet of work that nobody has signed yet, as PDF. A signed sheet is kept with
    the work itself."""

    _inherit = "support.document"

    kind = fields.Selection(
        selection_add=[("intervention", "Intervention Sheet")],
        ondelete={"intervention": "cascade"},
    )
    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        groups="base.group_user",
    )

    def _get_intervention_report(self):
        return "support_contract.report_intervention_sheet", self.intervention_id

    def _get_intervention_key(self):
        return self.intervention_id._get_sheet_key()

    def _get_intervention_back_url(self):
        return self.intervention_id._get_portal_url()

    def _get_job_owner_record(self):
        if self.kind == "intervention":
            return self.intervention_id.ticket_id
        return super()._get_job_owner_record()
