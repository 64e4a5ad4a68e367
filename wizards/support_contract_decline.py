# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportContractDecline(models.TransientModel):
    """Record that notice was given: the contract ends with its term."""

    _name = "support.contract.decline"
    _description = "Will Not Renew"

    contract_id = fields.Many2one(comodel_name="support.contract", required=True)
    company_id = fields.Many2one(related="contract_id.company_id")
    date_end = fields.Date(related="contract_id.date_end")
    notice_deadline = fields.Date(related="contract_id.notice_deadline")
    late = fields.Boolean(compute="_compute_late")
    day = fields.Date(
        string="Day of the Notice",
        required=True,
        default=lambda self: self.env.company._support_day(),
    )
    churn_reason_id = fields.Many2one(
        comodel_name="support.churn.reason",
        string="Reason for Leaving",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    reason = fields.Char(string="Note", required=True)

    @api.depends("day", "contract_id")
    def _compute_late(self):
        for wizard in self:
            wizard.late = (
                wizard.contract_id.renewal == "automatic"
                and wizard.day > wizard.notice_deadline
            )

    def action_confirm(self):
        self.ensure_one()
        self.contract_id._decline_renewal(self.day, self.reason, self.churn_reason_id)
        return {"type": "ir.actions.act_window_close"}
