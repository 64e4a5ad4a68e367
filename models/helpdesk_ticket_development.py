# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """Development proposals that came from a ticket (S5)."""

    _inherit = "helpdesk.ticket"

    support_proposal_ids = fields.One2many(
        comodel_name="sale.order",
        inverse_name="support_ticket_id",
        string="Development Proposals",
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
    )
    support_proposal_count = fields.Integer(
        string="Proposals",
        compute="_compute_support_proposal_count",
        groups="support_contract.group_support_user",
    )

    @api.depends("support_proposal_ids")
    def _compute_support_proposal_count(self):
        counts = dict(
            self.env["sale.order"]._read_group(
                [("support_ticket_id", "in", self.ids)],
                ["support_ticket_id"],
                ["__count"],
            )
        )
        for ticket in self:
            ticket.support_proposal_count = counts.get(ticket._origin, 0)

    def action_support_propose_development(self):
        """Make a quotation for what the customer needs, linked to the ticket and its
        contract, and open it.

        :raise AccessError: without a right to make quotations
        :raise UserError: if the customer is not known
        """
        self.ensure_one()
        self.check_access("read")
        if not self.partner_id:
            raise UserError(
                self.env._("Ticket %s: choose the contact first.", self.number)
            )
        order = self.env["sale.order"]._support_propose(
            self.partner_id,
            self.company_id,
            self.name,
            ticket=self,
            contract=self.support_contract_id,
        )
        self.message_post(
            body=self.env._("Development proposal %s", order._get_html_link()),
            subtype_xmlid="mail.mt_note",
        )
        return order._support_open_orders()

    def action_support_view_proposals(self):
        """Open the development proposals of the ticket."""
        self.ensure_one()
        return self.support_proposal_ids._support_open_orders()
