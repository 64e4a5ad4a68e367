# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError


class HelpdeskTicketStage(models.Model):
    _inherit = "helpdesk.ticket.stage"

    support_waiting = fields.Boolean(
        string="Waits for the Customer",
        help="Promised times stand still while a ticket is in this stage. An answer of "
        "the customer takes the ticket out of it.",
    )
    support_resolved = fields.Boolean(
        string="Resolved",
        help="A ticket that gets here has been resolved: its promised times are kept "
        "or missed. Closing a ticket in another stage cancels them.",
    )

    @api.constrains("support_waiting", "support_resolved", "closed")
    def _check_support_flags(self):
        for stage in self:
            if stage.support_waiting and (stage.support_resolved or stage.closed):
                raise ValidationError(
                    self.env._(
                        "Stage “%s” cannot wait for the customer and be resolved or "
                        "closed.",
                        stage.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if {"support_waiting", "support_resolved", "closed"} & vals.keys():
            # the tickets in these stages follow what the stages now mean
            tickets = self.env["helpdesk.ticket"].sudo()
            tickets = tickets.search(
                [("stage_id", "in", self.ids), ("support_clock_ids", "!=", False)]
            )
            tickets._support_follow_status(self.env["res.company"]._support_now())
        return result

    def _support_get_status(self):
        """What the stage says of a ticket: ``running``, ``waiting`` for the customer,
        ``resolved`` or ``closed`` without being resolved."""
        if self.support_resolved:
            return "resolved"
        if self.closed:
            return "closed"
        return "waiting" if self.support_waiting else "running"
