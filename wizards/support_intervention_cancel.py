# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportInterventionCancel(models.TransientModel):
    """Cancel work that is still to come, with a reason."""

    _name = "support.intervention.cancel"
    _description = "Cancel Work"

    intervention_id = fields.Many2one(
        comodel_name="support.intervention", required=True
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.intervention_id._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
