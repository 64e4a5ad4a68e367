# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractPaperReturn(models.TransientModel):
    """Send a scan back that cannot be accepted."""

    _name = "support.contract.paper.return"
    _description = "Send a Signed Contract Back"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    reason = fields.Text(required=True, help="The customer reads it.")

    def action_confirm(self):
        self.ensure_one()
        self.contract_id._return_paper(self.reason)
        return {"type": "ir.actions.act_window_close"}
