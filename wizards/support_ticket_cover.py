# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError


class SupportTicketCover(models.TransientModel):
    """Choose what covers a ticket, with a reason that is kept."""

    _name = "support.ticket.cover"
    _description = "Choose the Cover of a Ticket"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    commercial_partner_id = fields.Many2one(
        related="ticket_id.commercial_partner_id", related_sudo=False
    )
    company_id = fields.Many2one(related="ticket_id.company_id", related_sudo=False)
    kind = fields.Selection(
        selection=[
            ("warranty", "The warranty"),
            ("contract", "A contract"),
            ("on_call", "On call"),
        ],
        string="Covered by",
        required=True,
        default="contract",
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        domain="[('commercial_partner_id', '=', commercial_partner_id), "
        "('company_id', '=', company_id), ('state', 'in', ('active', 'expired'))]",
    )
    installation_id = fields.Many2one(
        comodel_name="support.installation",
        compute="_compute_installation_id",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', commercial_partner_id), "
        "('company_id', '=', company_id)]",
        help="The software that the ticket is really about.",
    )
    has_installations = fields.Boolean(compute="_compute_has_installations")
    posted = fields.Boolean(compute="_compute_posted")
    reason = fields.Char(required=True)

    @api.depends("ticket_id")
    def _compute_posted(self):
        for wizard in self:
            wizard.posted = bool(wizard.ticket_id) and (
                wizard.ticket_id._support_is_posted()
            )

    @api.depends("ticket_id")
    def _compute_installation_id(self):
        for wizard in self:
            wizard.installation_id = wizard.ticket_id.support_installation_id

    @api.depends("ticket_id")
    def _compute_has_installations(self):
        for wizard in self:
            wizard.has_installations = wizard.ticket_id.support_has_installations

    def action_confirm(self):
        self.ensure_one()
        contract = self.env["support.contract"]
        if self.kind == "contract":
            contract = self.contract_id
            if not contract:
                raise UserError(self.env._("Contract: choose the one that is to pay."))
            if contract.commercial_partner_id != self.commercial_partner_id:
                raise UserError(
                    self.env._("Contract: choose one of the ticket's customer.")
                )
        self.ticket_id._support_choose_cover(
            contract,
            self.reason,
            warranty=self.kind == "warranty",
            installation=self.installation_id,
        )
        return {"type": "ir.actions.act_window_close"}
