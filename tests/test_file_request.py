# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S3: "the technician may ask the customer to send a certain file; through an upload in
the reserved area the customer sends it"."""

from datetime import date, datetime

from freezegun import freeze_time
from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon

NOW = datetime(2026, 5, 18, 8)


@tagged("post_install", "-at_install")
class TestFileRequest(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Support",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.technician.ids)],
            }
        )
        cls.stage_waiting = cls.env["helpdesk.ticket.stage"].create(
            {
                "name": "Waits",
                "sequence": 2,
                "support_waiting": True,
                "company_id": cls.company.id,
                "team_ids": [Command.set(cls.team.ids)],
            }
        )
        cls.contact.email = "anna@alpha.example.com"
        # who writes from the reserved area
        cls.asker = cls.portal_user.partner_id

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time(NOW))
        self.ticket = self._create_ticket(
            self.asker, team_id=self.team.id, user_id=self.technician.id
        )

    def _ask(self, ticket=None, text="The backup of Friday", user=None, **vals):
        ticket = ticket or self.ticket
        before = ticket.support_file_request_ids
        self.env["support.ticket.file.request"].with_user(
            user or self.technician
        ).create({"ticket_id": ticket.id, "text": text, **vals}).action_confirm()
        return ticket.support_file_request_ids - before

    def _answer(self, user=None, ticket=None, body="Here", **vals):
        """What the portal does with a customer's message."""
        user = user or self.portal_user
        return (
            (ticket or self.ticket)
            .with_user(user)
            .sudo()
            .message_post(
                **{
                    "body": body,
                    "author_id": user.partner_id.id,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                    "attachments": [("backup.zip", b"data")],
                    **vals,
                }
            )
        )

    def test_asked(self):
        """by e-mail, as an answer of the technician, with a link to the ticket in the
        reserved area; the ticket waits for the customer"""
        request = self._ask(days=5)
        self.assertEqual(request.state, "asked")
        self.assertEqual(request.asked_on, NOW)
        self.assertEqual(request.asked_by, self.technician)
        self.assertEqual(request.due_day, date(2026, 5, 23))
        self.assertEqual(self.ticket.stage_id, self.stage_waiting)
        message = self.ticket.message_ids.filtered(
            lambda message: message.message_type == "comment"
        )
        self.assertEqual(message.author_id, self.technician.partner_id)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_comment"))
        self.assertIn(self.asker, message.notified_partner_ids)
        self.assertIn(self.ticket.number, message.subject)
        self.assertIn("The backup of Friday", message.body)
        self.assertIn("05/23/2026", message.body)
        self.assertIn(f"/my/ticket/{self.ticket.id}", message.body)
        # the page is the customer's own: the mail is no key to it
        self.assertNotIn("access_token", message.body)
        self.assertIn(message, self.ticket.website_message_ids)
        self.assertEqual(self.ticket.support_responded_on, NOW)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.asker.lang = "it_IT"
        template = self.env.ref("support_contract.mail_template_file_request")
        template.with_context(lang="it_IT").subject = "Ci mandi un file"
        self._ask(days=5)
        message = self.ticket.message_ids.filtered("subject")
        self.assertEqual(message.subject, "Ci mandi un file")
        self.assertIn("23/05/2026", message.body)

    def test_what_people_type_is_text(self):
        self._ask(text="<b>bold</b>\nand a second line")
        message = self.ticket.message_ids.filtered("subject")
        self.assertIn("&lt;b&gt;bold&lt;/b&gt;", message.body)

    def test_no_limit_of_days(self):
        self.assertFalse(self._ask().due_day)
        with self.assertRaisesRegex(UserError, "Days to answer"):
            self._ask(days=-1)

    def test_answered_with_a_file(self):
        first, second = self._ask(), self._ask(text="The log as well")
        with freeze_time("2026-05-19 09:30:00"):
            message = self._answer()
        for request in first | second:
            self.assertEqual(request.state, "answered")
            self.assertEqual(request.answered_on, datetime(2026, 5, 19, 9, 30))
            self.assertEqual(request.answered_by, self.asker)
            self.assertEqual(request.attachment_ids, message.attachment_ids)
        # the next files answer nothing any more
        self._answer(attachments=[("more.zip", b"more")])
        self.assertEqual(first.attachment_ids, message.attachment_ids)

    def test_answered_by_mail_or_by_a_colleague(self):
        colleague = self._create_portal_user("alpha_second", self.customer)
        for user, kind in ((self.portal_user, "email"), (colleague, "comment")):
            request = self._ask()
            self._answer(user, message_type=kind)
            self.assertEqual(request.state, "answered")
            self.assertEqual(request.answered_by, user.partner_id)

    def test_what_is_no_answer(self):
        """a message without a file, a picture inside a mail's text, a file of somebody
        else, of a colleague or for another ticket, a note"""
        request = self._ask()
        self._answer(attachments=[])
        self._answer(
            body=Markup('<p>Later</p><img src="cid:logo"/>'),
            message_type="email",
            attachments=[("logo.png", b"logo", {"cid": "logo"})],
        )
        self._answer(self.other_portal_user)
        self._answer(self.technician)
        self._answer(ticket=self._create_ticket(self.asker))
        self._answer(message_type="notification")
        self.assertEqual(request.state, "asked")
        self.assertFalse(request.attachment_ids or request.answered_on)
        self._answer()
        self.assertEqual(request.state, "answered")

    def test_ticket_of_nobody(self):
        """a file of an unknown sender answers nothing"""
        request = self._ask()
        self.ticket.sudo().partner_id = False
        self._answer()
        self.assertEqual(request.state, "asked")

    def test_cancelled(self):
        request = self._ask()
        request.with_user(self.technician).action_cancel()
        self.assertEqual(request.state, "cancelled")
        self._answer()
        self.assertEqual(request.state, "cancelled")
        answered = self._ask()
        self._answer()
        answered.with_user(self.technician).action_cancel()
        self.assertEqual(answered.state, "answered")

    def test_closing_ends_it(self):
        request = self._ask()
        self.ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self.assertEqual(request.state, "cancelled")

    def test_ticket_that_waits_already(self):
        other = self.stage_waiting.copy({"name": "Waits for long", "sequence": 4})
        self.ticket.stage_id = other
        self._ask()
        self.assertEqual(self.ticket.stage_id, other)

    def test_no_waiting_stage(self):
        """the message names what is to be configured, and nothing is sent"""
        self.stage_waiting.support_waiting = False
        self.env["helpdesk.ticket.stage"].search([]).support_waiting = False
        with self.assertRaisesRegex(UserError, "“Waits for the Customer” on a stage"):
            self._ask()
        self.assertFalse(self.ticket.support_file_request_ids)
        self.assertFalse(self.ticket.message_ids.filtered("subject"))

    def test_refused(self):
        def refused(ticket, message, **vals):
            with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                self._ask(ticket, **vals)

        refused(self.ticket, "What is needed", text=" ")
        rejected, closed, merged, nobodys = (
            self._create_ticket(team_id=self.team.id) for _ in range(4)
        )
        rejected._support_reject("no matter of the program")
        refused(rejected, "was rejected as invalid")
        closed.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        refused(closed, "is closed")
        merged.duplicate_id = self._create_ticket()
        refused(merged, "is merged with another one")
        nobodys.partner_id = False
        refused(nobodys, "choose the contact")
        self.contact.email = False
        refused(self._create_ticket(team_id=self.team.id), "no e-mail address")

    def test_rights(self):
        own = self._create_user("own_asker", "helpdesk_mgmt.group_helpdesk_user_own")
        request = self._ask()
        with mute_logger("odoo.addons.base.models.ir_rule"):
            with self.assertRaises(AccessError):
                self._ask(user=own)
            for user in (own, self.portal_user, self.other_portal_user):
                with self.assertRaises(AccessError):
                    request.with_user(user).action_cancel()
        for user in (self.technician, self.manager, self.portal_user):
            for values in ({"state": "answered"}, {"text": "Another"}):
                with self.assertRaises(AccessError):
                    request.with_user(user).write(values)

    def test_customers_read_their_own(self):
        """with the files, which are on their own ticket"""
        request = self._ask()
        self._answer()
        read = request.with_user(self.portal_user)
        self.assertEqual(read.text, "The backup of Friday")
        self.assertEqual(read.attachment_ids.mapped("name"), ["backup.zip"])
        self.assertEqual(
            self.ticket.with_user(self.portal_user).support_file_request_ids, request
        )
        with self.assertRaises(AccessError):
            _ = request.with_user(self.other_portal_user).text
