# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportContractStateChange(models.TransientModel):
    """Suspend or terminate a contract from a day on, with a reason."""

    _name = "support.contract.state.change"
    _description = "Suspend or Terminate a Contract"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    state = fields.Selection(
        selection=[("suspended", "Suspend"), ("terminated", "Terminate")],
        required=True,
        readonly=True,
    )
    day = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._support_day(),
        help="First day on which the contract gives no cover.",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.contract_id._change_state(self.state, self.day, self.reason)
        return {"type": "ir.actions.act_window_close"}
