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

    def _get_report(self):
        self.ensure_one()
        if self.kind == "intervention":
            return "support_contract.report_intervention_sheet", self.intervention_id
        return super()._get_report()

    def _get_portal_back_url(self):
        self.ensure_one()
        if self.kind == "intervention":
            return self.intervention_id._get_portal_url()
        return super()._get_portal_back_url()

    def _get_job_owner_record(self):
        if self.kind == "intervention":
            return self.intervention_id.ticket_id
        return super()._get_job_owner_record()
