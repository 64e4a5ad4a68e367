# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class HelpdeskTicket(models.Model):
    """Asking the customer for files, and noticing that they have come (S3)."""

    _inherit = "helpdesk.ticket"

    support_file_request_ids = fields.One2many(
        comodel_name="support.file.request",
        inverse_name="ticket_id",
        string="Files Asked For",
        readonly=True,
    )

    def write(self, vals):
        result = super().write(vals)
        if "stage_id" in vals:
            # who may close the ticket ends what it asked for
            closed = self.filtered("closed").sudo()
            closed.support_file_request_ids._cancel()
        return result

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    def action_support_ask_file(self):
        """Open the form to ask the customer for a file."""
        self.ensure_one()
        return self._support_open_wizard(
            "support.ticket.file.request", self.env._("Ask for a File")
        )

    def _support_ask_file(self, text, days=0):
        """Ask the customer for a file: by e-mail, as an answer of the current user,
        with the ticket waiting for the customer from now on.

        :param str text: what is needed, mandatory
        :param int days: how many days the customer has, in the company's support time
            zone; 0: no limit
        :raise UserError: if the text is missing, if nobody can be asked, or if no stage
            of the ticket waits for the customer
        :return: the ``support.file.request``
        """
        self.ensure_one()
        self.check_access("write")
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("What is needed: describe the file."))
        if days < 0:
            raise UserError(
                self.env._("Days to answer: enter 0 (no limit) or a number of days.")
            )
        self._support_lock()
        self._support_check_askable()
        stage = self._support_get_waiting_stage()
        day = self.company_id._support_day()
        # nobody may write requests; the right to write the ticket is checked above
        request = (
            self.env["support.file.request"]
            .sudo()
            .create(
                {
                    "ticket_id": self.id,
                    "text": text,
                    "due_day": day + timedelta(days=days) if days else False,
                    "asked_on": self.env["res.company"]._support_now(),
                    "asked_by": self.env.uid,
                }
            )
        )
        self._support_send_file_request(request)
        if self.stage_id != stage:
            self.stage_id = stage
        return request.sudo(False)

    def _support_check_askable(self):
        self._support_check_workable()
        # whether there is an address, not which one
        partner = self.sudo().partner_id
        if not partner:
            raise UserError(
                self.env._("Ticket %s: choose the contact to ask first.", self.number)
            )
        if not partner.email:
            raise UserError(
                self.env._(
                    "%s has no e-mail address: enter it on the contact.",
                    partner.display_name,
                )
            )
        if self.closed:
            raise UserError(
                self.env._("Ticket %s is closed: reopen it first.", self.number)
            )

    def _support_get_waiting_stage(self):
        """The stage in which the ticket waits for the customer: the one where it is,
        or the first that its team has.

        :raise UserError: if there is none, with where to set it
        """
        self.ensure_one()
        if self.stage_id.support_waiting:
            return self.stage_id
        waiting = self._support_get_stages().filtered("support_waiting")
        if not waiting:
            raise UserError(
                self.env._(
                    "No stage of this ticket waits for the customer: tick “Waits for "
                    "the Customer” on a stage of team %s in Helpdesk / Configuration / "
                    "Stages.",
                    self.team_id.name or self.env._("none"),
                )
            )
        return waiting[0]

    def _support_send_file_request(self, request):
        """Send it as a message of the current user, in the customer's language."""
        # the template reads the request and its ticket, which the user may write
        template = self.env.ref("support_contract.mail_template_file_request").sudo()
        rendered = template._generate_template(request.ids, ("subject", "body_html"))[
            request.id
        ]
        self.message_post(
            body=rendered["body_html"],
            subject=rendered["subject"],
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=self.partner_id.ids,
        )

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        self._support_take_files(message)
        return result

    def _support_take_files(self, message):
        """Files of the ticket's customer answer what the ticket has asked for."""
        # the customer may not write requests, and hidden contacts are only compared
        ticket, message = self.sudo(), message.sudo()
        author = message.author_id
        if (
            message.message_type not in ("comment", "email")
            or not message.attachment_ids
            or not author.partner_share
            or not self._support_is_customer(author, False)
        ):
            return
        asked = ticket.support_file_request_ids.filtered(
            lambda request: request.state == "asked"
        )
        if asked and message._support_get_files():
            asked._answer(message)
