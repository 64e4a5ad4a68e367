# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, plaintext2html

TOPIC_LENGTH, NOTE_LENGTH = 200, 5000

#: after this time a call that was left open is over: its outcome stays "none"
OPEN_HOURS = timedelta(hours=12)


class SupportCall(models.Model):
    """A call with a customer: who called, how the caller was recognised, and what
    became of it. Only the call desk and the call-backs add one; nobody changes or
    deletes it."""

    _name = "support.call"
    _description = "Call"
    _order = "start desc, id desc"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Operator",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    start = fields.Datetime(required=True, readonly=True, index=True)
    direction = fields.Selection(
        selection=[("in", "Incoming"), ("out", "Outgoing")],
        required=True,
        readonly=True,
        default="in",
    )
    number = fields.Char(readonly=True)
    identified_by = fields.Selection(
        selection=[
            ("code", "Support code"),
            ("phone", "Phone number"),
            ("search", "Search"),
            ("callback", "Call-back"),
        ],
        required=True,
        readonly=True,
        help="How the operator knew who it was. Search: neither a code nor the number "
        "told it.",
    )
    caller_id = fields.Many2one(
        comodel_name="res.partner", readonly=True, ondelete="restrict"
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="The contract whose code was given.",
    )
    outcome = fields.Selection(
        selection=[
            ("none", "None"),
            ("ticket_new", "New ticket"),
            ("ticket_note", "Added to a ticket"),
            ("callback", "Call-back"),
        ],
        required=True,
        readonly=True,
        default="none",
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    callback_id = fields.Many2one(
        comodel_name="support.callback",
        string="Call-Back",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    end = fields.Datetime(
        readonly=True, help="When its outcome was recorded. Empty: it never was."
    )
    note = fields.Text(readonly=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )

    @api.depends("start", "partner_id.name")
    def _compute_display_name(self):
        for call in self:
            moment = fields.Datetime.context_timestamp(call, call.start)
            call.display_name = f"{call.partner_id.name} {moment:%Y-%m-%d %H:%M}"

    # ------------------------------------------------------------------
    # Log
    # ------------------------------------------------------------------

    @api.model
    def _require_operator(self):
        """:raise AccessError: if the user is no technician of the helpdesk"""
        if not self.env.user.has_group("helpdesk_mgmt.group_helpdesk_user_own"):
            raise AccessError(
                self.env._("Calls are taken by technicians of the helpdesk.")
            )

    @api.model
    def _log(self, identified_by, partner, **vals):
        """Log a call of the current user that begins now.

        :param partner: the customer, or the contact who called
        """
        self._require_operator()
        company = vals.pop("company", None) or self.env.company
        customer = partner.commercial_partner_id or partner
        # the log is written by the desk alone; who may use it is checked above
        call = self.sudo().create(
            {
                "user_id": self.env.uid,
                "start": company._support_now(),
                "identified_by": identified_by,
                "partner_id": customer.id,
                "caller_id": partner.id if partner != customer else False,
                "company_id": company.id,
                **vals,
            }
        )
        return call.sudo(self.env.su)

    def _take(self):
        """Hold a call of the current user whose outcome is open, so that it can get
        one. Two at once: the second sees the first one's outcome.

        :raise UserError: if it has an outcome, is another's, or is long over
        """
        self._require_operator()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                'SELECT id, "end" FROM support_call WHERE id = ANY(%s) '
                "AND user_id = %s AND company_id = ANY(%s) AND start > %s "
                "FOR NO KEY UPDATE",
                self.ids,
                self.env.uid,
                self.env.companies.ids,
                self.env.company._support_now() - OPEN_HOURS,
            )
        )
        if len(rows) != 1:
            raise UserError(self.env._("This call is over: look the caller up again."))
        if rows[0][1]:
            raise UserError(
                self.env._("This call is recorded already: look the caller up again.")
            )

    def _end(self, outcome, **vals):
        """Record what became of the call."""
        self.ensure_one()
        # the log is written by the desk alone, after _take()
        self.sudo().write(
            {"outcome": outcome, "end": self.company_id._support_now(), **vals}
        )
        if self.ticket_id:
            self._tell_ticket()

    def _open_ticket(self, topic, **vals):
        """Open a ticket about the call, with the user's own rights, and end the call.

        :param str topic: becomes the title, and the description if there is no other
        :raise UserError: without a topic
        """
        self.ensure_one()
        topic = " ".join(str(topic or "").split())
        if not topic:
            raise UserError(self.env._("Topic: say in a line what the call is about."))
        company = self.company_id
        caller = self.caller_id or self.partner_id
        ticket = (
            self.env["helpdesk.ticket"]
            .with_company(company)
            .create(
                {
                    "name": topic[:TOPIC_LENGTH],
                    "description": plaintext2html(topic[:NOTE_LENGTH]),
                    "partner_id": caller.id,
                    "partner_name": caller.name,
                    "partner_email": caller.email,
                    "support_phone": self.number or caller.phone,
                    "channel_id": company._support_phone_channel().id,
                    "support_work_mode_id": company._support_phone_work_mode().id,
                    "company_id": company.id,
                    "user_id": self.env.uid,
                    **vals,
                }
            )
        )
        self._end("ticket_new", ticket_id=ticket.id)
        return ticket

    def _add_to_ticket(self, ticket, note):
        """Add the call to an open ticket of the customer that the user may change, and
        end the call.

        :raise UserError: if it is a ticket of somebody else
        """
        self.ensure_one()
        if ticket.commercial_partner_id != self.partner_id or (
            ticket.company_id != self.company_id
        ):
            raise UserError(
                self.env._("Ticket: choose one of %s.", self.partner_id.name)
            )
        ticket.check_access("write")
        note = str(note or "").strip()[:NOTE_LENGTH]
        self._end("ticket_note", ticket_id=ticket.id, note=note)

    def _tell_ticket(self):
        """A line in the ticket's chatter; a logged call is a first response
        (``edge_cases.md``, "what counts as first response")."""
        self.ensure_one()
        call = self.sudo()  # the line names what the operator has just recorded
        who = call.caller_id.name or call.partner_id.name
        if call.number:
            who = self.env._("%(name)s (%(number)s)", name=who, number=call.number)
        text = (
            self.env._("Called %s.", who)
            if call.direction == "out"
            else self.env._("Call from %s.", who)
        )
        body = Markup("<p>%s</p>") % text
        if call.note:
            lines = Markup("<br/>").join(call.note.splitlines())
            body += Markup("<p>%s</p>") % lines
        ticket = self.env["helpdesk.ticket"].browse(call.ticket_id.id)
        ticket.message_post(body=body, subtype_xmlid="mail.mt_note")
        ticket._support_respond(call.start)
