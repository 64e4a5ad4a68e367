# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class HelpdeskTicketTeam(models.Model):
    _inherit = "helpdesk.ticket.team"

    support_calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Coverage Hours",
        ondelete="restrict",
        domain="[('schedule_type', '=', 'fully_fixed')]",
        help="Hours in which promised times count on this team's tickets, unless the "
        "target or the contract says otherwise. Empty: the company's.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "support_calendar_id" in vals:
            # measured by the system, whoever changes the team
            self.env["support.sla.clock"].sudo().search(
                [("ticket_id.team_id", "in", self.ids), ("since", "!=", False)]
            ).ticket_id._support_redecide_hours()
        return result
