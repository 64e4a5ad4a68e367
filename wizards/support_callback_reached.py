# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportCallbackReached(models.TransientModel):
    """What came of calling back: a new ticket, or more about one that is open."""

    _name = "support.callback.reached"
    _description = "Customer Reached"

    callback_id = fields.Many2one(comodel_name="support.callback", required=True)
    commercial_partner_id = fields.Many2one(
        related="callback_id.commercial_partner_id", related_sudo=False
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        compute="_compute_from_callback",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    result = fields.Selection(
        selection=[("new", "A new ticket"), ("join", "More about an open ticket")],
        compute="_compute_from_callback",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    topic = fields.Char(
        compute="_compute_from_callback",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        compute="_compute_from_callback",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', commercial_partner_id),"
        " ('closed', '=', False)]",
    )
    note = fields.Text(help="What was said; only colleagues read it.")

    @api.depends("callback_id")
    def _compute_from_callback(self):
        for window in self:
            callback = window.callback_id
            # a window tells nothing that its user may not read
            callback.check_access("read")
            ticket = callback.ticket_id
            window.partner_id = callback.partner_id or callback.commercial_partner_id
            window.topic = callback.topic
            window.ticket_id = ticket if not ticket.closed else False
            window.result = "join" if window.ticket_id else "new"

    def action_confirm(self):
        """Record the call and open its ticket."""
        self.ensure_one()
        ticket = self.callback_id._reach(
            self.partner_id,
            self.topic,
            self.ticket_id if self.result == "join" else self.ticket_id.browse(),
            self.note,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": ticket.id,
            "view_mode": "form",
        }
