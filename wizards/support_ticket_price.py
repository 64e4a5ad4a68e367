# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class SupportTicketPrice(models.TransientModel):
    """Tell the customer the price of help that nothing covers, or record that he has
    accepted it by phone."""

    _name = "support.ticket.price"
    _description = "Price of Help Without Cover"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    company_id = fields.Many2one(related="ticket_id.company_id", related_sudo=False)
    commercial_partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id", related_sudo=False
    )
    kind = fields.Selection(
        selection=[("offer", "Offer"), ("phone", "Accepted by phone")],
        required=True,
        default="offer",
    )
    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        compute="_compute_work_mode_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        required=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    currency_id = fields.Many2one(comodel_name="res.currency", compute="_compute_price")
    hourly_price = fields.Monetary(
        compute="_compute_price", help="Untaxed price of an hour to tell the customer."
    )
    terms = fields.Char(string="Beside the Hour", compute="_compute_price")
    obstacle = fields.Char(compute="_compute_price")
    limit_minutes = fields.Integer(
        string="Limit",
        compute="_compute_limit_minutes",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="How much may be charged at this price. 0: no limit.",
    )
    accepted_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        compute="_compute_accepted_partner_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    accepted_by = fields.Char(help="Who accepted, if it is none of the contacts.")
    accepted_on = fields.Datetime(
        default=lambda self: (
            self.env["res.company"]._support_now().replace(second=0, microsecond=0)
        ),
        help="When the customer accepted. Work that began before is not covered by it.",
    )

    @api.depends("ticket_id")
    def _compute_work_mode_id(self):
        for wizard in self:
            # a window tells nothing that its user may not read
            wizard.ticket_id.check_access("read")
            wizard.work_mode_id = wizard.ticket_id.support_work_mode_id

    @api.depends("ticket_id")
    def _compute_accepted_partner_id(self):
        for wizard in self:
            wizard.ticket_id.check_access("read")
            wizard.accepted_partner_id = wizard.ticket_id.partner_id

    @api.depends("ticket_id", "work_mode_id", "kind")
    def _compute_limit_minutes(self):
        for wizard in self:
            wizard.ticket_id.check_access("read")
            offer = wizard.ticket_id._support_get_offer(wizard.work_mode_id)
            wizard.limit_minutes = offer.limit_minutes

    @api.depends("ticket_id", "work_mode_id", "kind")
    def _compute_price(self):
        prices = self.env["support.price.acceptance"]
        for wizard in self:
            wizard.obstacle = False
            price = prices
            ticket, mode = wizard.ticket_id, wizard.work_mode_id
            if wizard.kind == "phone":
                price = ticket._support_get_offer(mode)
            if ticket and mode and not price:
                try:
                    # the ticket's method checks the right to it
                    price = prices.new(ticket._support_prepare_price(mode))
                except UserError as error:
                    wizard.obstacle = str(error)
            wizard.currency_id = price.currency_id
            wizard.hourly_price = price.hourly_price
            wizard.terms = price.terms

    def action_confirm(self):
        """Offer the price, or record that it was accepted.

        :raise UserError: if there is no price to accept, or a value is missing
        """
        self.ensure_one()
        if self.kind == "offer":
            self.ticket_id._support_offer_price(self.work_mode_id, self.limit_minutes)
        else:
            self.ticket_id._support_accept_by_phone(
                self.work_mode_id,
                self.accepted_by or self.accepted_partner_id.name,
                self.accepted_on,
                limit=self.limit_minutes,
                partner=None if self.accepted_by else self.accepted_partner_id,
            )
        return {"type": "ir.actions.act_window_close"}
