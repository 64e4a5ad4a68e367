# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.support_contract import OPEN_STATES


class SupportContractStateChange(models.TransientModel):
    """Suspend or terminate a contract from a day on, with a reason. Whoever leaves is
    asked why, unless another contract follows."""

    _name = "support.contract.state.change"
    _description = "Suspend or Terminate a Contract"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
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
    followed = fields.Boolean(compute="_compute_followed")
    churn_reason_id = fields.Many2one(
        comodel_name="support.churn.reason",
        string="Reason for Leaving",
        domain="[('company_id', 'in', (False, company_id))]",
    )

    @api.depends("contract_id")
    def _compute_followed(self):
        for wizard in self:
            wizard.followed = wizard.contract_id._is_followed()

    def action_confirm(self):
        """Suspend or terminate.

        :raise UserError: for everybody but contract managers, or if a contract that no
            other one follows is terminated without a reason for leaving
        """
        self.ensure_one()
        contract, churn_reason = self.contract_id, self.churn_reason_id
        # only a contract that can end is asked why
        contract._require_manager()
        ends = self.state == "terminated" and contract.state not in OPEN_STATES
        if ends and not (churn_reason or self.followed):
            raise UserError(self.env._("Reason for Leaving: choose one."))
        contract._change_state(
            self.state, self.day, self.reason, churn_reason if ends else None
        )
        return {"type": "ir.actions.act_window_close"}
