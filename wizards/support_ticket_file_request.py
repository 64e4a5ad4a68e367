# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportTicketFileRequest(models.TransientModel):
    """Ask the customer of a ticket for a file."""

    _name = "support.ticket.file.request"
    _description = "Ask for a File"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    partner_id = fields.Many2one(
        related="ticket_id.partner_id", string="To", related_sudo=False
    )
    text = fields.Text(string="What Is Needed", required=True)
    days = fields.Integer(
        string="Days to Answer",
        help="The customer reads until when the file is needed. 0: no limit.",
    )

    def action_confirm(self):
        self.ensure_one()
        self.ticket_id._support_ask_file(self.text, self.days)
        return {"type": "ir.actions.act_window_close"}
