# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class HelpdeskTicketDuplicateWizard(models.TransientModel):
    _inherit = "helpdesk.ticket.duplicate.wizard"

    commercial_partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id", related_sudo=False
    )

    def action_confirm(self):
        """Say what stands against a merge, instead of that it is not valid, and let
        the chosen stage close the ticket, if it is one that does."""
        for wizard in self:
            wizard.ticket_id._support_check_merge(wizard.duplicate_of_id)
            if not wizard.target_stage_id.closed:
                wizard.target_stage_id = False
        return super().action_confirm()
