# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportTicketReject(models.TransientModel):
    """Reject a ticket as invalid, with a reason that the customer reads."""

    _name = "support.ticket.reject"
    _description = "Reject a Ticket"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.ticket_id._support_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
