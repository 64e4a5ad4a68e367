# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportInterventionUndo(models.TransientModel):
    """Undo work that is done: what it drew is reversed."""

    _name = "support.intervention.undo"
    _description = "Undo Work"

    intervention_id = fields.Many2one(
        comodel_name="support.intervention", required=True
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.intervention_id._undo(self.reason)
        return {"type": "ir.actions.act_window_close"}
