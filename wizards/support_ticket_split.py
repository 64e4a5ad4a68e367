# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.support_cover import CoverRequest
from ..tools import cover


class SupportTicketSplit(models.TransientModel):
    """Split a second topic off a ticket, after showing what it will cost."""

    _name = "support.ticket.split"
    _description = "Split Off a Topic"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", required=True)
    name = fields.Char(string="Title", required=True)
    message_id = fields.Many2one(
        comodel_name="mail.message",
        string="From Message",
        domain="[('model', '=', 'helpdesk.ticket'), ('res_id', '=', ticket_id), "
        "('message_type', 'in', ('comment', 'email')), "
        "('author_id.partner_share', '=', True)]",
        help="The customer's message that brought up the second topic. Its text and "
        "files go to the new ticket.",
    )
    description = fields.Html(
        compute="_compute_description",
        compute_sudo=False,
        store=True,
        readonly=False,
        required=True,
        help="What belongs to the second topic. It starts with the customer's words: "
        "remove what belongs to the first.",
    )
    category_id = fields.Many2one(
        comodel_name="helpdesk.ticket.category",
        string="Request Type",
        compute="_compute_category_id",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    covered_by = fields.Selection(
        selection=[
            (cover.WARRANTY, "Warranty"),
            (cover.CONTRACT, "Contract"),
            (cover.ON_CALL, "On call"),
            (cover.NONE, "Not covered"),
        ],
        compute="_compute_cover",
    )
    contract_name = fields.Char(string="Contract", compute="_compute_cover")
    confirmed = fields.Boolean(compute="_compute_cover")
    why = fields.Html(compute="_compute_cover", sanitize=False)
    created_id = fields.Many2one(comodel_name="helpdesk.ticket", readonly=True)

    @api.depends("ticket_id", "message_id")
    def _compute_description(self):
        for wizard in self:
            # a window tells nothing that its user may not read
            wizard.ticket_id.check_access("read")
            wizard.message_id.check_access("read")
            wizard.description = (
                wizard.message_id.body
                if wizard.message_id
                else wizard.ticket_id.description
            )

    @api.depends("ticket_id")
    def _compute_category_id(self):
        for wizard in self:
            wizard.ticket_id.check_access("read")
            wizard.category_id = wizard.ticket_id.category_id

    @api.depends("ticket_id", "category_id")
    def _compute_cover(self):
        """What the rule would decide for the new ticket right now; nothing is held."""
        for wizard in self:
            ticket = wizard.ticket_id
            wizard.confirmed = ticket.support_cover_confirmed
            if not ticket.partner_id:
                wizard.covered_by = wizard.contract_name = wizard.why = False
                continue
            company = ticket.company_id
            [decision] = self.env["support.cover"]._decide(
                [
                    CoverRequest(
                        ticket.partner_id,
                        company,
                        ticket.support_work_mode_id,
                        company._support_day(),
                        wizard.category_id,
                        installation=ticket.support_installation_id,
                    )
                ]
            )
            wizard.covered_by = decision.kind
            # as on the ticket, which names its contract to whoever reads it
            contract = self.env["support.contract"].sudo()
            wizard.contract_name = contract.browse(
                decision.contract_id or []
            ).display_name
            lines = self.env["support.cover"]._explain(
                [list(reason) for reason in decision.reasons]
            )
            wizard.why = Markup("<br/>").join(line["text"] for line in lines)

    def action_confirm(self):
        """Make the new ticket and open it; a second click opens the same one."""
        self.ensure_one()
        ticket = self.ticket_id
        ticket.check_access("write")
        ticket._support_lock()
        self.invalidate_recordset(["created_id"])
        if not self.created_id:
            self._check_message()
            self.created_id = ticket._support_split(
                self.name,
                self.description,
                self.category_id,
                self.message_id._support_get_files() if self.message_id else None,
            )
        return self.created_id._support_open_form()

    def _check_message(self):
        message = self.message_id
        if message and (message.model, message.res_id) != (
            "helpdesk.ticket",
            self.ticket_id.id,
        ):
            raise UserError(
                self.env._(
                    "From Message: choose a message of ticket %s.",
                    self.ticket_id.number,
                )
            )
