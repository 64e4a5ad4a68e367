# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import cover

#: work of a ticket that its page shows, latest first
WORK_LIMIT = 50


class HelpdeskTicket(models.Model):
    """A ticket's page in the portal, and what its customer may do there.

    The methods run on a ticket with all rights, after the controller has found that
    the user reads it; they give texts in the reader's language and plain values.
    """

    _inherit = "helpdesk.ticket"

    # Fields of helpdesk_mgmt and Odoo that are the vendor's own affair: a portal user
    # who may read the ticket would read them all by RPC. The ticket's page reads it
    # with all rights and prints what is meant for customers.
    access_token = fields.Char(groups="base.group_user")
    attachment_ids = fields.One2many(groups="base.group_user")
    color = fields.Integer(groups="base.group_user")
    email_cc = fields.Char(groups="base.group_user")
    kanban_state = fields.Selection(groups="base.group_user")
    tag_ids = fields.Many2many(groups="base.group_user")
    user_ids = fields.Many2many(groups="base.group_user")

    def _sign_token(self, pid):
        # the token is closed to customers, whose messages are mailed to others with
        # links that it signs
        return super(HelpdeskTicket, self.sudo())._sign_token(pid)

    # ------------------------------------------------------------------
    # The page
    # ------------------------------------------------------------------

    def _support_is_own(self, user):
        """Whether the ticket is one of the portal user's own company. Whoever only
        follows it, or came by a link, reads it, but neither acts on it nor draws on a
        balance; the vendor's own people look."""
        self.ensure_one()
        customer = self.commercial_partner_id
        return (
            bool(customer)
            and user._is_portal()
            and user.commercial_partner_id == customer
        )

    def _support_get_portal_page(self, user):
        """What the ticket's page shows beside the conversation.

        :param user: who looks at it
        :return: dict of plain values; ``own`` says whether the user may act
        """
        self.ensure_one()
        own = self._support_is_own(user)
        if not own and not user._is_internal():
            return {"own": False}
        described = self.support_cover and self.support_cover_confirmed
        return {
            "own": own,
            "promises": self._support_get_portal_clocks(),
            "cover": self._support_describe_cover(user.partner_id)
            if described
            else None,
            "works": self._support_get_portal_works(),
            "files": self._support_get_portal_files(),
            "prices": self._support_get_portal_prices(user.partner_id),
            "reopening": self._support_describe_reopening() if own else None,
            "rating": self._support_get_portal_rating() if own else None,
        }

    def _support_get_portal_clocks(self):
        """What is promised beside the next promise and the first answer, which the
        page shows anyway: one sentence each."""
        self.ensure_one()
        if not self.support_cover_confirmed:
            return []
        texts = []
        clocks = self.support_clock_ids.sorted(
            lambda clock: (clock.kind != "response", clock.id)
        )
        for clock in clocks:
            if clock.since:
                texts.append(clock._get_promise())
            elif clock.kind == "resolution" and clock.ended_by == "resolved":
                moment = self._support_format_promise(clock.ended_on)
                texts.append(self.env._("Solved on %s", moment))
        # the same sentence is not said twice, as while the ticket waits
        return [text for text in dict.fromkeys(texts) if text != self.support_promise]

    def _support_get_portal_works(self):
        """Planned and done work. Of a technician only the name is told."""
        self.ensure_one()
        works = self.env["support.intervention"].search(
            [
                ("ticket_id", "=", self.id),
                ("state", "in", ("planned", "progress", "done")),
            ],
            limit=WORK_LIMIT,
        )
        states = dict(works._fields["state"]._description_selection(self.env))
        unit_model = self.env["support.unit.mixin"]
        lines = []
        for work in works:
            done = work.state == "done"
            moment = work.start or work.planned_start
            lines.append(
                {
                    "name": work.name,
                    "url": f"/my/support/interventions/{work.id}",
                    "state": states[work.state],
                    "done": done,
                    # appointments are kept in the vendor's zone, as everywhere
                    "when": self.with_context(tz=False)._support_format_promise(moment)
                    if moment
                    else format_date(self.env, work.day),
                    "mode": work.work_mode_id.name,
                    "technician": work.user_id.name or "",
                    "minutes": unit_model._format_in_unit(
                        work.billable_minutes, "time", None
                    )
                    if done
                    else "",
                    "drawn": work.drawn if done else "",
                }
            )
        return lines

    def _support_get_portal_files(self):
        """The files that are asked for, the newest first."""
        self.ensure_one()
        requests = self.support_file_request_ids.filtered(
            lambda request: request.state == "asked"
        )
        return [
            {
                "text": request.text,
                "due": format_date(self.env, request.due_day)
                if request.due_day
                else "",
            }
            for request in requests
        ]

    def _support_get_portal_prices(self, partner):
        """Prices that wait for an answer, and those accepted."""
        self.ensure_one()
        prices = self.support_acceptance_ids.filtered(
            lambda price: price.state in ("offered", "accepted")
        )
        return [
            {
                **price._get_portal_price(),
                "id": price.id,
                "open": price.state == "offered" and not self.closed,
                "limit": price._format_limit(),
                "free_limit": not price.limit_minutes,
                "accepted": self.env._(
                    "Accepted by %(who)s, %(when)s",
                    who=price.accepted_by,
                    when=self._support_format_promise(price.accepted_on),
                )
                if price.state == "accepted"
                else "",
                "may_answer": price._is_answerable(partner),
            }
            for price in prices
            if price.state == "accepted" or not self.closed
        ]

    # ------------------------------------------------------------------
    # Reopening
    # ------------------------------------------------------------------

    def _support_describe_reopening(self):
        """Whether the customer may reopen the ticket, and what that takes.

        :return: None, or a dict with ``text`` and ``takes``: whether one more ticket
            is taken, which must be confirmed
        """
        self.ensure_one()
        if not self.closed or self.support_rejected or self.duplicate_id:
            return None
        taken = self._support_get_taken()
        if taken:
            closed_on = self.closed_date or self.last_stage_update
            contract = taken.contract_id[:1]
            if self._support_reopens_free(closed_on, taken):
                last_day = self.company_id._support_day(closed_on) + timedelta(
                    days=contract.reopen_free_days
                )
                text = self.env._(
                    "Until %s, reopening takes no further ticket.",
                    format_date(self.env, last_day),
                )
                return {"text": text, "takes": False}
        # what reopening decides, thought through
        [decision] = self.env["support.cover"]._decide([self._support_get_request()])
        takes = any(hold.unit == "ticket" for hold in decision.holds)
        if takes:
            text = self.env._("Reopening takes one more ticket.")
        elif decision.kind in (cover.WARRANTY, cover.CONTRACT):
            text = self.env._("What covers the ticket is decided again.")
        else:
            text = self.env._("Nothing covers the ticket any more.")
        return {"text": text, "takes": takes}

    def _support_reopen_by_customer(self, reason, confirmed):
        """The current portal user reopens the ticket of his company.

        :param str reason: what is still open, mandatory
        :param bool confirmed: whether he agrees that it takes one more ticket
        :raise UserError: if it cannot be reopened, or takes what was not confirmed
        """
        self.ensure_one()
        self._support_lock()
        self.invalidate_recordset()
        reopening = self._support_describe_reopening()
        if not reopening:
            raise UserError(
                self.env._("This ticket cannot be reopened: please open a new one.")
            )
        if not reason:
            raise UserError(self.env._("Please say what is still to be done."))
        if reopening["takes"] and not confirmed:
            raise UserError(
                self.env._(
                    "Reopening takes one more ticket: please confirm that you want it."
                )
            )
        self._support_open_again()
        self._support_post_for_customer(reason)

    def _support_for_team(self):
        """The ticket in the language of who works on it, else in the vendor's: for
        notes on what a customer does.

        Called with all rights, after it was checked what the customer may do.
        """
        self.ensure_one()
        lang = self.user_id.lang or self.company_id.partner_id.lang
        return self.with_context(lang=lang)

    def _support_close_by_customer(self, stage, reason):
        """The current portal user closes the ticket of his company.

        :param stage: one of :meth:`_support_get_portal_closing_stages`
        :param str reason: why, may be empty
        """
        self.ensure_one()
        # said first: the conversation ends with the closing
        if reason:
            self._support_post_for_customer(reason)
        self.stage_id = stage

    def _support_post_for_customer(self, text, attachments=()):
        """A message of the current user in the conversation.

        :param str text: plain text
        :param attachments: ``[(name, bytes), ...]``, checked
        """
        self.ensure_one()
        return self.message_post(
            body=text,
            author_id=self.env.user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=list(attachments),
        )
