# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..tools.support_code import format_code


class SupportContractCode(models.TransientModel):
    """A window with the support code of a contract. Only the contract's own actions
    make one, after they have left a note, and only its owner reads it."""

    _name = "support.contract.code"
    _description = "Support Code of a Contract"

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    partner_id = fields.Many2one(related="contract_id.partner_id")
    code = fields.Char(string="Support Code", compute="_compute_code")

    @api.depends("contract_id")
    def _compute_code(self):
        for window in self:
            # as stored: a form that was only filled in could name any contract
            stored = window._origin
            stored.check_access("read")
            # who owns a window was allowed to see this code when it was made
            window.code = format_code(stored.sudo().contract_id.support_code)

    def action_renew(self):
        """Replace the code by a new one, for managers."""
        self.ensure_one()
        return self.contract_id.action_renew_support_code()
