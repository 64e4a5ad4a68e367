# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportCallbackCancel(models.TransientModel):
    """Cancel a call-back, with a reason."""

    _name = "support.callback.cancel"
    _description = "Cancel a Call-Back"

    callback_id = fields.Many2one(comodel_name="support.callback", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.callback_id._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
