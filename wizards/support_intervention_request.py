# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportInterventionRequest(models.TransientModel):
    """Ask for work on a ticket; when it is done is planned later."""

    _name = "support.intervention.request"
    _description = "Request Intervention"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    company_id = fields.Many2one(related="ticket_id.company_id", related_sudo=False)
    name = fields.Char(
        string="Summary",
        compute="_compute_from_ticket",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        compute="_compute_from_ticket",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Technician",
        compute="_compute_from_ticket",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        domain="[('share', '=', False)]",
        help="Empty: decided when the work is planned.",
    )
    estimate_minutes = fields.Integer(string="Estimate", required=True, default=60)
    wish = fields.Text(
        string="When It Suits", help="In the customer's words; kept as a note."
    )

    @api.depends("ticket_id")
    def _compute_from_ticket(self):
        for window in self:
            ticket = window.ticket_id
            # a window tells nothing that its user may not read
            ticket.check_access("read")
            window.name = ticket.name
            window.user_id = ticket.user_id
            window.work_mode_id = ticket.support_work_mode_id

    def action_confirm(self):
        """Ask for the work."""
        self._request()
        return {"type": "ir.actions.act_window_close"}

    def action_plan(self):
        """Ask for the work and plan it at once."""
        return self._request().action_plan()

    def _request(self):
        self.ensure_one()
        self.ticket_id.check_access("write")
        return self.ticket_id._support_request_intervention(
            self.name,
            self.estimate_minutes,
            mode=self.work_mode_id,
            user=self.user_id,
            wish=self.wish,
        )
