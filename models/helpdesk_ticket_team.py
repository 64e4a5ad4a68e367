# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


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

    @api.model
    def _retrieve_dashboard(self):
        """Promises at risk stand beside the open tickets on the dashboard."""
        count = self.env["helpdesk.ticket"].search_count(
            [("support_risk_at", "<=", self.env["res.company"]._support_now())]
        )
        return [
            *super()._retrieve_dashboard(),
            {
                "name": self.env._("At Risk"),
                "value": count,
                "sequence": 3,
                "icon": "fa-bell",
                "show": count > 0,
                "action": "support_contract.helpdesk_ticket_action_risk",
            },
        ]
