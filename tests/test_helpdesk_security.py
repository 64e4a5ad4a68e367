# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io
import uuid
from unittest.mock import patch

from lxml import html

from odoo import http
from odoo.exceptions import AccessError, ConcurrencyError, ValidationError
from odoo.fields import Datetime
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT
from odoo.addons.helpdesk_mgmt.controllers import main
from odoo.addons.support_contract.controllers.helpdesk_ticket import (
    DESCRIPTION_MAX_LENGTH,
    SUBJECT_MAX_LENGTH,
    SupportTicketController,
)
from odoo.addons.support_contract.controllers.tools import parse_record_id
from odoo.addons.support_contract.controllers.uploads import ATTACHMENT_MAX_COUNT

LONG_AGO = Datetime.to_datetime("2020-01-01 08:00:00")

MAIL = """Message-ID: <{message_id}>
Date: Tue, 3 Nov 2026 10:00:00 +0000
From: {sender}
To: {to}
Cc: {cc}
{extra}MIME-Version: 1.0
Subject: The printer is on fire
Content-Type: text/plain; charset=UTF-8

It burns.
"""


class HelpdeskSecurityMixin:
    """Two customers with portal users, and the people who help them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, **DISABLED_MAIL_CONTEXT))
        cls.company = cls.env.ref("base.main_company")
        cls.other_company = cls.env["res.company"].create({"name": "Second vendor"})
        cls.user_alpha = cls._create_portal_user("alpha")
        cls.user_beta = cls._create_portal_user("beta")
        cls.colleague = cls._create_portal_user(
            "alpha-colleague", parent=cls.user_alpha.commercial_partner_id
        )
        cls.agent = new_test_user(
            cls.env,
            login="sec-agent",
            groups="helpdesk_mgmt.group_helpdesk_user",
            email="agent.private@example.com",
        )
        cls.agent.partner_id.phone = "+49 30 7654321"
        cls.manager = new_test_user(
            cls.env,
            login="sec-manager",
            groups="helpdesk_mgmt.group_helpdesk_manager",
        )
        cls.stage_new = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_new")
        cls.stage_done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.stage_done.mail_template_id = False
        cls.ticket_alpha = cls._create_ticket(cls.user_alpha.partner_id, "Alpha's own")
        cls.ticket_beta = cls._create_ticket(cls.user_beta.partner_id, "Beta's own")

    @classmethod
    def _create_portal_user(cls, login, parent=None):
        parent = parent or cls.env["res.partner"].create(
            {"name": f"{login} Ltd", "is_company": True}
        )
        user = new_test_user(
            cls.env,
            login=f"sec-{login}",
            groups="base.group_portal",
            email=f"{login}@example.com",
        )
        user.partner_id.parent_id = parent
        return user

    @classmethod
    def _create_ticket(cls, partner, name, **values):
        return cls.env["helpdesk.ticket"].create(
            {
                "name": name,
                "description": "<p>Please help</p>",
                "partner_id": partner.id,
                **values,
            }
        )


class HelpdeskPortalCase(HelpdeskSecurityMixin, HttpCase):
    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, data=None, files=None, csrf=True):
        values = dict(data or {})
        if csrf:
            values["csrf_token"] = http.Request.csrf_token(self)
        return self.url_open(url, data=values, files=files, allow_redirects=False)

    def _close(self, ticket, stage, **kwargs):
        return self._post(
            "/ticket/close",
            {
                "ticket_id": getattr(ticket, "id", ticket),
                "stage_id": getattr(stage, "id", stage),
            },
            **kwargs,
        )

    def _submit(self, files=None, csrf=True, **values):
        data = {"subject": "Cannot print", "description": "It beeps.", **values}
        return self._post("/submitted/ticket", data, files=files, csrf=csrf)

    def _tickets(self, subject="Cannot print"):
        return self.env["helpdesk.ticket"].search([("name", "=", subject)])

    def _location(self, response):
        return response.headers.get("Location", "")

    def _assert_form_message(self, response, message):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.text)
        self.assertTrue(page.xpath("//form[@action='/submitted/ticket']"))
        alerts = page.xpath("//div[@role='alert' and contains(@class, 'alert-danger')]")
        self.assertEqual(len(alerts), 1, "The form shows one message")
        self.assertIn(message, alerts[0].text_content())


@tagged("post_install", "-at_install")
class TestPortalClose(HelpdeskPortalCase):
    """H1: /ticket/close."""

    def test_customer_closes_own_ticket(self):
        self._login(self.user_alpha)
        response = self._close(self.ticket_alpha, self.stage_done)
        self.assertEqual(response.status_code, 302)
        self.assertTrue(
            self._location(response).endswith(f"/my/ticket/{self.ticket_alpha.id}")
        )
        self.assertEqual(self.ticket_alpha.stage_id, self.stage_done)
        self.assertTrue(self.ticket_alpha.closed_date)

    def test_close_by_link_is_refused(self):
        self._login(self.user_alpha)
        response = self.url_open(
            f"/ticket/close?ticket_id={self.ticket_alpha.id}"
            f"&stage_id={self.stage_done.id}"
        )
        self.assertEqual(response.status_code, 405)
        self.assertFalse(self.ticket_alpha.closed)

    @mute_logger("odoo.http")
    def test_close_without_csrf_token_is_refused(self):
        self._login(self.user_alpha)
        response = self._close(self.ticket_alpha, self.stage_done, csrf=False)
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.ticket_alpha.closed)

    def test_close_ticket_of_another_customer_is_refused(self):
        self._login(self.user_alpha)
        response = self._close(self.ticket_beta, self.stage_done)
        self.assertFalse(self.ticket_beta.closed)
        self.assertTrue(self._location(response).endswith("/my"))

    def test_close_foreign_and_wrong_ids_get_the_same_answer(self):
        self._login(self.user_alpha)
        foreign = self._close(self.ticket_beta, self.stage_done)
        for wrong in ("", "abc", "-1", "0", "1.5", "²", "9" * 30, 2**31, 2**31 - 1):
            with self.subTest(ticket_id=wrong):
                answer = self._close(wrong, self.stage_done)
                self.assertEqual(answer.status_code, foreign.status_code)
                self.assertEqual(self._location(answer), self._location(foreign))

    def test_close_with_wrong_stage_or_extra_ids_never_crashes(self):
        self._login(self.user_alpha)
        for wrong in ("", "abc", "9" * 30, self.stage_new.id):
            with self.subTest(stage_id=wrong):
                answer = self._close(self.ticket_alpha, wrong)
                self.assertEqual(answer.status_code, 302)
                self.assertFalse(self.ticket_alpha.closed)
        self.assertEqual(self._post("/ticket/close").status_code, 303)
        answer = self._post(
            "/ticket/close",
            {
                "ticket_id": self.ticket_alpha.id,
                "stage_id": self.stage_done.id,
                "team_id": "zz",
            },
        )
        self.assertEqual(answer.status_code, 302)
        self.assertTrue(self.ticket_alpha.closed)

    def test_close_with_stage_of_another_team_or_company_is_refused(self):
        team = self.env["helpdesk.ticket.team"].create({"name": "Others"})
        values = {"name": "Shut", "closed": True, "close_from_portal": True}
        stages = self.env["helpdesk.ticket.stage"].create(
            [
                {**values, "team_ids": team.ids, "company_id": False},
                {**values, "company_id": self.other_company.id},
            ]
        )
        self._login(self.user_alpha)
        for stage in stages:
            self._close(self.ticket_alpha, stage)
            self.assertFalse(self.ticket_alpha.closed)

    def test_follower_from_another_customer_reads_but_does_not_close(self):
        self.ticket_beta.message_subscribe(self.user_alpha.partner_id.ids)
        self._login(self.user_alpha)
        page = self.url_open(f"/my/ticket/{self.ticket_beta.id}")
        self.assertIn("Beta's own", html.fromstring(page.text).text_content())
        self.assertNotIn("/ticket/close", page.text)
        self._close(self.ticket_beta, self.stage_done)
        self.assertFalse(self.ticket_beta.closed)

    def test_closing_twice_keeps_the_first_date(self):
        self._login(self.user_alpha)
        self._close(self.ticket_alpha, self.stage_done)
        self.ticket_alpha.sudo().closed_date = LONG_AGO
        self._close(self.ticket_alpha, self.stage_done)
        self.assertEqual(self.ticket_alpha.closed_date, LONG_AGO)


@tagged("post_install", "-at_install")
class TestPortalTicketPage(HelpdeskPortalCase):
    """H5, H10, H11: /my/ticket."""

    def _open(self, ticket, suffix=""):
        return self.url_open(f"/my/ticket/{ticket.id}{suffix}", allow_redirects=False)

    def _attach(self, ticket, name):
        return self.env["ir.attachment"].create(
            {
                "name": name,
                "raw": b"content",
                "res_model": ticket._name,
                "res_id": ticket.id,
            }
        )

    def test_close_buttons_post_with_token(self):
        self._login(self.user_alpha)
        page = html.fromstring(self._open(self.ticket_alpha).text)
        forms = page.xpath("//form[@action='/ticket/close']")
        self.assertTrue(forms, "The sidebar shows the buttons (H11)")
        for form in forms:
            self.assertEqual(form.get("method"), "POST")
            self.assertTrue(form.xpath(".//input[@name='csrf_token']/@value")[0])

    def test_sidebar_is_filled(self):
        self._login(self.user_alpha)
        page = html.fromstring(self._open(self.ticket_alpha).text)
        sidebar = page.xpath("//div[@id='sidebar_content']")[0].text_content()
        self.assertIn(self.ticket_alpha.number, sidebar)

    def test_agent_is_named_without_mail_and_phone(self):
        self.ticket_alpha.user_id = self.agent
        self._login(self.user_alpha)
        text = self._open(self.ticket_alpha).text
        self.assertIn(self.agent.name, text)
        self.assertNotIn("agent.private", text)
        self.assertNotIn("7654321", text.replace(" ", ""))

    def test_reopened_ticket_can_be_closed_again(self):
        self.ticket_alpha.stage_id = self.stage_done
        self.ticket_alpha.stage_id = self.stage_new
        self._login(self.user_alpha)
        self.assertIn("/ticket/close", self._open(self.ticket_alpha).text)

    def test_looking_at_a_ticket_gives_its_files_no_permanent_link(self):
        attachment = self._attach(self.ticket_alpha, "log.txt")
        self._login(self.user_alpha)
        page = html.fromstring(self._open(self.ticket_alpha).text)
        self.assertFalse(attachment.access_token)
        (link,) = page.xpath("//li[contains(@class, 'oe_attachments')]/a/@href")
        self.assertEqual(self.url_open(link).content, b"content")
        foreign = self._attach(self.ticket_beta, "other.txt")
        other = link.replace(f"/{attachment.id}?", f"/{foreign.id}?")
        self.assertNotEqual(other, link)
        self.assertNotEqual(self.url_open(other).content, b"content")

    def test_link_holder_downloads_files_but_cannot_close(self):
        self._attach(self.ticket_alpha, "log.txt")
        token = self.ticket_alpha._portal_ensure_token()
        response = self._open(self.ticket_alpha, f"/{token}")
        self.assertEqual(response.status_code, 200)
        self.assertNotIn("/ticket/close", response.text)
        page = html.fromstring(response.text)
        (link,) = page.xpath("//li[contains(@class, 'oe_attachments')]/a/@href")
        self.assertEqual(self.url_open(link).content, b"content")

    def test_files_of_internal_notes_are_not_listed(self):
        secret = self._attach(self.ticket_alpha, "margins.txt")
        public = self._attach(self.ticket_alpha, "manual.txt")
        self.ticket_alpha.message_post(
            body="internal", subtype_xmlid="mail.mt_note", attachment_ids=secret.ids
        )
        self.ticket_alpha.message_post(
            body="for you", subtype_xmlid="mail.mt_comment", attachment_ids=public.ids
        )
        self._login(self.user_alpha)
        text = self._open(self.ticket_alpha).text
        self.assertNotIn("margins.txt", text)
        self.assertIn("manual.txt", text)

    def test_ticket_token_is_not_handed_to_readers(self):
        token = self.ticket_alpha._portal_ensure_token()
        self._login(self.user_alpha)
        self.assertNotIn(token, self._open(self.ticket_alpha).text)

    def test_links_to_the_next_ticket_carry_no_token(self):
        ticket = self._create_ticket(self.user_alpha.partner_id, "Alpha's second")
        self._login(self.user_alpha)
        self.url_open("/my/tickets")
        text = self._open(self.ticket_alpha).text
        self.assertIn(f"/my/ticket/{ticket.id}", text)
        self.assertNotIn("access_token=", text)

    def test_foreign_and_wrong_tickets_get_the_same_answer(self):
        self.ticket_beta._portal_ensure_token()
        self._login(self.user_alpha)
        foreign = self._open(self.ticket_beta)
        self.assertTrue(self._location(foreign).endswith("/my"))
        for url in (
            f"/my/ticket/{2**31 - 1}",
            "/my/ticket/0",
            "/my/ticket/" + "9" * 25,
            f"/my/ticket/{self.ticket_beta.id}/wrong",
            f"/my/ticket/{self.ticket_beta.id}?access_token=%C3%A9",
            f"/my/ticket/{self.ticket_beta.id}?access_token=%00",
        ):
            with self.subTest(url=url):
                answer = self.url_open(url, allow_redirects=False)
                self.assertEqual(answer.status_code, foreign.status_code)
                self.assertEqual(self._location(answer), self._location(foreign))


@tagged("post_install", "-at_install")
class TestPortalTicketList(HelpdeskPortalCase):
    """H2: /my/tickets."""

    def test_unknown_choices_show_the_list(self):
        self._login(self.user_alpha)
        for query in (
            "sortby=zzz",
            "groupby=zzz",
            "filterby=zzz",
            "filterby=%00",
            "search_in=zzz&search=Alpha",
            "search=Alpha%00",
            "date_begin=abc&date_end=def",
            "date_begin=2020-01-01&date_end=%00",
            "date_begin=0001-01-01&date_end=9999-12-31",
            "date_begin=2020-01-01",
            "page=abc",
            "page=%C2%B2",
            "page=-1",
            "page=" + "9" * 30,
        ):
            with self.subTest(query=query):
                response = self.url_open(f"/my/tickets?{query}")
                self.assertEqual(response.status_code, 200)
                self.assertIn("Alpha&#39;s own", response.text)
                self.assertNotIn("Beta&#39;s own", response.text)

    def test_pages_that_do_not_exist(self):
        self._login(self.user_alpha)
        for page in ("0", "7", "9" * 30):
            response = self.url_open(f"/my/tickets/page/{page}")
            self.assertEqual(response.status_code, 200)

    def test_choices_still_work(self):
        self._login(self.user_alpha)
        for query, shown in (
            ("sortby=name&groupby=stage", True),
            ("search=Alpha&search_in=name", True),
            ("search=Nothing&search_in=name", False),
            ("date_begin=2020-01-01&date_end=2020-12-31", False),
            ("date_begin=2020-01-01 00:00:00&date_end=2099-12-31 00:00:00", True),
            (f"filterby={self.stage_done.id}", False),
        ):
            with self.subTest(query=query):
                response = self.url_open(f"/my/tickets?{query}")
                self.assertEqual(response.status_code, 200)
                self.assertEqual("Alpha&#39;s own" in response.text, shown)


@tagged("post_install", "-at_install")
class TestPortalSubmit(HelpdeskPortalCase):
    """H3, H4, H5: /submitted/ticket."""

    def setUp(self):
        super().setUp()
        self._login(self.user_alpha)

    def _form_key(self):
        page = html.fromstring(self.url_open("/new/ticket").text)
        return page.xpath("//input[@name='submission_key']/@value")[0]

    def _file(self, name="log.txt", content=b"lines"):
        return ("attachment", (name, io.BytesIO(content), "text/plain"))

    def test_submit_by_link_is_refused(self):
        response = self.url_open(
            "/submitted/ticket?subject=Cannot print&description=It beeps"
        )
        self.assertEqual(response.status_code, 405)
        self.assertFalse(self._tickets())

    @mute_logger("odoo.http")
    def test_submit_without_csrf_token_is_refused(self):
        self.assertEqual(self._submit(csrf=False).status_code, 400)
        self.assertFalse(self._tickets())

    def test_submit_gives_a_ticket_of_the_user(self):
        response = self._submit(description="First\r\nSecond")
        ticket = self._tickets()
        self.assertTrue(self._location(response).endswith(f"/my/ticket/{ticket.id}"))
        self.assertEqual(ticket.partner_id, self.user_alpha.partner_id)
        self.assertEqual(ticket.description, "<p>First<br>Second</p>")
        self.assertEqual(ticket.stage_id, self.stage_new)

    def test_text_is_required_and_bounded(self):
        for values, message in (
            ({"subject": ""}, "subject"),
            ({"subject": " \0\n "}, "subject"),
            ({"subject": "x" * (SUBJECT_MAX_LENGTH + 1)}, "at most 200"),
            ({"description": ""}, "describe"),
            ({"description": "x" * (DESCRIPTION_MAX_LENGTH + 1)}, "at most 20000"),
        ):
            with self.subTest(values=str(values)[:40]):
                before = self.env["helpdesk.ticket"].search_count([])
                response = self._submit(**values)
                self._assert_form_message(response, message)
                self.assertEqual(self.env["helpdesk.ticket"].search_count([]), before)

    def test_missing_fields_show_the_form(self):
        response = self._post("/submitted/ticket")
        self._assert_form_message(response, "subject")

    def test_refused_form_keeps_what_was_typed(self):
        text = "a" * (SUBJECT_MAX_LENGTH + 1)
        response = self._submit(subject=text, description="  <b>kept</b>\nline 2")
        page = html.fromstring(response.text)
        self.assertEqual(page.xpath("//input[@name='subject']/@value"), [text])
        self.assertEqual(
            page.xpath("//textarea[@name='description']")[0].text,
            "<b>kept</b>\nline 2",
        )
        self.assertTrue(page.xpath("//input[@name='submission_key']/@value")[0])

    def test_nul_bytes_and_line_breaks_never_crash(self):
        response = self._submit(
            subject="Cannot\0\r\n print",
            description="It\0 beeps",
            files=[self._file("lo\0g.txt")],
        )
        self.assertEqual(response.status_code, 302)
        ticket = self._tickets()
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.attachment_ids.raw, b"lines")

    def test_form_sent_twice_gives_one_ticket(self):
        key = self._form_key()
        first = self._submit(submission_key=key)
        second = self._submit(submission_key=key)
        self.assertEqual(len(self._tickets()), 1)
        self.assertEqual(
            self._location(first).rpartition("/")[2],
            self._location(second).rpartition("/")[2],
        )

    def test_two_forms_give_two_tickets(self):
        keys = {self._form_key(), self._form_key()}
        for key in keys:
            self._submit(submission_key=key)
        self.assertEqual(len(self._tickets()), 2)

    def test_sent_form_with_another_text_is_not_swallowed(self):
        key = self._form_key()
        self._submit(submission_key=key)
        response = self._submit(submission_key=key, description="Something else")
        self.assertEqual(len(self._tickets()), 1)
        self.assertEqual(response.status_code, 200)
        self.assertIn("already sent", response.text)
        page = html.fromstring(response.text)
        fresh = page.xpath("//input[@name='submission_key']/@value")[0]
        self.assertNotEqual(fresh, key)
        self._submit(submission_key=fresh, description="Something else")
        self.assertEqual(len(self._tickets()), 2)

    def test_key_of_another_user_does_not_lead_to_his_ticket(self):
        key = self._form_key()
        self._submit(submission_key=key)
        theirs = self._tickets()
        self._login(self.user_beta)
        response = self._submit(submission_key=key)
        mine = self._tickets() - theirs
        self.assertEqual(mine.partner_id, self.user_beta.partner_id)
        self.assertTrue(self._location(response).endswith(f"/my/ticket/{mine.id}"))

    def test_form_sent_twice_at_once_gives_one_ticket(self):
        """The second request cannot see the first one's ticket yet."""
        key = self._form_key()
        self._submit(submission_key=key)
        find = SupportTicketController._find_submission
        answers = [lambda controller, key: self.env["helpdesk.ticket"]]

        def find_late(controller, key):
            return (answers.pop() if answers else find)(controller, key)

        with (
            patch.object(SupportTicketController, "_find_submission", find_late),
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.sql_db", "odoo.service.model"),
        ):
            response = self._submit(submission_key=key)
        self.assertFalse(answers, "The request was tried again")
        self.assertEqual(len(self._tickets()), 1)
        self.assertTrue(
            self._location(response).endswith(f"/my/ticket/{self._tickets().id}")
        )

    def test_files_survive_a_repeated_request(self):
        redirect = main.werkzeug.utils.redirect
        conflicts = [ConcurrencyError("tried again by Odoo")]

        def redirect_late(*args, **kwargs):
            if conflicts:
                raise conflicts.pop()
            return redirect(*args, **kwargs)

        with (
            patch.object(main.werkzeug.utils, "redirect", redirect_late),
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.service.model"),
        ):
            self._submit(files=[self._file("1.txt"), self._file("2.txt")])
        self.assertFalse(conflicts)
        self.assertEqual(
            self._tickets().attachment_ids.mapped("raw"), [b"lines", b"lines"]
        )

    def test_broken_key_is_no_key(self):
        for key in ("", "abc", "\0", "9" * 400):
            self.assertEqual(self._submit(submission_key=key).status_code, 302)
        self.assertEqual(len(self._tickets()), 4)

    def test_team_must_be_offered(self):
        self.company.helpdesk_mgmt_portal_select_team = True
        self.company.helpdesk_mgmt_portal_team_id_required = False
        shown, hidden, foreign, archived = self.env["helpdesk.ticket.team"].create(
            [
                {"name": "Shown"},
                {"name": "Hidden", "show_in_portal": False},
                {"name": "Foreign", "company_id": self.other_company.id},
                {"name": "Archived", "active": False},
            ]
        )
        for wrong in (hidden.id, foreign.id, archived.id, "abc", "9" * 30, -1):
            with self.subTest(team=wrong):
                response = self._submit(team=wrong)
                self._assert_form_message(response, "no longer offered")
        self.assertFalse(self._tickets())
        self._submit(team=shown.id)
        self.assertEqual(self._tickets().team_id, shown)
        self.assertEqual(self._tickets().company_id, self.company)

    def test_category_must_be_offered(self):
        shown, hidden, foreign, archived = self.env["helpdesk.ticket.category"].create(
            [
                {"name": "Shown"},
                {"name": "Hidden", "show_in_portal": False},
                {"name": "Foreign", "company_id": self.other_company.id},
                {"name": "Archived", "active": False},
            ]
        )
        for wrong in (hidden.id, foreign.id, archived.id, "abc", "9" * 30, -1):
            with self.subTest(category=wrong):
                response = self._submit(category=wrong)
                self._assert_form_message(response, "no longer offered")
        self.assertFalse(self._tickets())
        self._submit(category=shown.id)
        self.assertEqual(self._tickets().category_id, shown)

    def test_required_choices_are_asked_for(self):
        self.company.helpdesk_mgmt_portal_select_team = True
        self.company.helpdesk_mgmt_portal_select_category = True
        team = self.env["helpdesk.ticket.team"].create({"name": "Shown"})
        self.env["helpdesk.ticket.category"].create({"name": "Shown"})
        self._assert_form_message(self._submit(), "choose a team")
        self._assert_form_message(self._submit(team=team.id), "choose a category")

    def test_too_many_files_are_refused(self):
        files = [self._file(f"{n}.txt") for n in range(ATTACHMENT_MAX_COUNT + 1)]
        self._assert_form_message(self._submit(files=files), "at most 10 files")
        self.assertFalse(self._tickets())
        self._submit(files=files[1:])
        self.assertEqual(len(self._tickets().attachment_ids), ATTACHMENT_MAX_COUNT)

    def test_too_large_files_are_refused(self):
        self.env["ir.config_parameter"].set_param(
            "support_contract.portal_attachment_max_mb", "1"
        )
        large = self._file("large.txt", b"x" * (1024**2 + 1))
        self._assert_form_message(self._submit(files=[large]), "large.txt")
        self.assertFalse(self._tickets())
        self._submit(files=[self._file("fits.txt", b"x" * 1024**2)])
        self.assertEqual(self._tickets().attachment_ids.file_size, 1024**2)

    def test_dangerous_files_are_refused(self):
        for name, content in (
            ("setup.exe", b"x"),
            ("Setup.EXE ", b"x"),
            ("setup.exe.", b"x"),
            ("page.html", b"<p>"),
            ("image.svg", b"<svg/>"),
            ("renamed.txt", b"MZ\x90\0\x03"),
            ("renamed.txt", b"\x7fELF\x02"),
        ):
            with self.subTest(name=name):
                response = self._submit(files=[self._file(name, content)])
                self._assert_form_message(response, "not accepted")
        self.assertFalse(self._tickets())

    def test_portal_user_reads_no_keys(self):
        self._submit(submission_key=self._form_key())
        ticket = self._tickets()
        self.assertTrue(ticket.sudo().support_submission_key)
        for user in (self.user_alpha, self.manager):
            with self.assertRaises(AccessError):
                ticket.with_user(user).read(["support_submission_key"])


@tagged("post_install", "-at_install")
class TestHelpdeskServerFields(HelpdeskSecurityMixin, TransactionCase):
    """H8: values that only the server sets."""

    def setUp(self):
        super().setUp()
        self.ticket = self.ticket_alpha.with_user(self.agent)
        self.values = {
            "assigned_date": LONG_AGO,
            "closed_date": LONG_AGO,
            "last_stage_update": LONG_AGO,
            "number": "FAKE",
            "access_token": "guessable",
        }

    def _new(self, **values):
        return {"name": "New", "description": "Help", **values}

    def test_agent_cannot_write_them(self):
        for user in (self.agent, self.manager):
            for name, value in self.values.items():
                with self.subTest(field=name), self.assertRaises(AccessError) as error:
                    self.ticket.with_user(user).write({name: value})
                self.assertIn("set by the system", str(error.exception))

    def test_context_is_no_way_around(self):
        context = {"install_mode": True, "from_server": True, "su": True}
        with self.assertRaises(AccessError):
            self.ticket.with_context(**context).write({"closed_date": LONG_AGO})
        defaults = {f"default_{name}": value for name, value in self.values.items()}
        tickets = self.env["helpdesk.ticket"].with_context(**defaults)
        for ticket in (
            tickets.with_user(self.agent).create(self._new()),
            tickets.sudo().create(self._new()),
        ):
            for name, value in self.values.items():
                self.assertNotEqual(ticket.sudo()[name], value, name)

    def test_own_defaults_are_no_way_around(self):
        for name in ("closed_date", "assigned_date", "last_stage_update"):
            self.env["ir.default"].with_user(self.agent).set(
                "helpdesk.ticket", name, "2020-01-01 08:00:00", user_id=True
            )
        ticket = self.env["helpdesk.ticket"].with_user(self.agent).create(self._new())
        for name in ("closed_date", "assigned_date", "last_stage_update"):
            self.assertNotEqual(ticket[name], LONG_AGO, name)

    def test_agent_cannot_create_with_them(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.agent)
        for name, value in self.values.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                tickets.create(self._new(**{name: value}))

    def test_helpdesk_still_keeps_its_dates(self):
        self.ticket.write({"user_id": self.agent.id})
        self.assertTrue(self.ticket.assigned_date)
        self.ticket_alpha.sudo().last_stage_update = LONG_AGO
        self.ticket.write({"stage_id": self.stage_done.id})
        self.assertTrue(self.ticket.closed_date)
        self.assertGreater(self.ticket.last_stage_update, LONG_AGO)
        ticket = self.ticket.create(self._new(user_id=self.agent.id))
        self.assertTrue(ticket.assigned_date)
        self.assertTrue(ticket.last_stage_update)
        self.assertTrue(ticket.number.startswith("HT"))

    def test_same_values_can_be_written_on_two_records(self):
        values = {"stage_id": self.stage_done.id}
        self.ticket.write(values)
        self.ticket_beta.with_user(self.agent).write(values)
        self.assertEqual(values, {"stage_id": self.stage_done.id})
        self.assertTrue(self.ticket_beta.closed)

    def test_server_code_writes_them(self):
        self.ticket_alpha.sudo().closed_date = LONG_AGO
        self.assertEqual(self.ticket_alpha.closed_date, LONG_AGO)
        self.assertTrue(self.ticket._portal_ensure_token())

    def test_agent_copies_with_a_new_number_and_date(self):
        self.ticket_alpha.sudo().last_stage_update = LONG_AGO
        copy = self.ticket.copy()
        self.assertNotEqual(copy.number, self.ticket.number)
        self.assertTrue(copy.number.startswith("HT"))
        self.assertIs(type(copy.number), str)
        self.assertGreater(copy.last_stage_update, LONG_AGO)
        for name in ("number", "closed_date", "last_stage_update"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                self.ticket.copy({name: self.values[name]})

    def test_only_managers_import_numbers(self):
        tickets = self.env["helpdesk.ticket"]
        ticket = tickets.with_user(self.manager).create(self._new(number="OLD-17"))
        self.assertEqual(ticket.number, "OLD-17")
        with self.assertRaises(ValidationError):
            tickets.with_user(self.manager).create(self._new(number="OLD-17"))
        with self.assertRaises(ValidationError):
            tickets.with_user(self.manager).create(
                [self._new(number="OLD-18"), self._new(number="OLD-18")]
            )
        for nothing in ("/", False, ""):
            ticket = tickets.with_user(self.agent).create(self._new(number=nothing))
            self.assertTrue(ticket.number.startswith("HT"))

    def test_submission_key_is_closed_and_unique(self):
        for user in (self.agent, self.manager):
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).write({"support_submission_key": "1:x"})
            with self.assertRaises(AccessError):
                self.ticket.with_user(user).create(
                    self._new(support_submission_key="1:x")
                )
        self.env.cr.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s",
            ["helpdesk_ticket_support_submission_key_unique"],
        )
        self.assertIn("UNIQUE", self.env.cr.fetchone()[0])


@tagged("post_install", "-at_install")
class TestHelpdeskMailGateway(HelpdeskSecurityMixin, TransactionCase):
    """H9: who may read a ticket after a mail."""

    def _receive(self, sender, cc, extra="", to="support@vendor.example.com"):
        ticket_id = self.env["mail.thread"].message_process(
            "helpdesk.ticket",
            MAIL.format(
                message_id=f"{uuid.uuid4()}@example.com",
                sender=sender,
                to=to,
                cc=cc,
                extra=extra,
            ),
        )
        return self.env["helpdesk.ticket"].browse(ticket_id)

    def _readable_by(self, user, ticket):
        return bool(
            self.env["helpdesk.ticket"].with_user(user).search([("id", "=", ticket.id)])
        )

    def test_new_mail_opens_the_ticket_to_own_people_only(self):
        ticket = self._receive(
            self.user_alpha.email,
            cc=f"{self.user_beta.email}, {self.colleague.email}, {self.agent.email}",
        )
        self.assertEqual(ticket.partner_id, self.user_alpha.partner_id)
        self.assertNotIn(self.user_beta.partner_id, ticket.message_partner_ids)
        self.assertFalse(self._readable_by(self.user_beta, ticket))
        self.assertIn(self.colleague.partner_id, ticket.message_partner_ids)
        self.assertIn(self.agent.partner_id, ticket.message_partner_ids)
        self.assertIn(self.user_beta.email, ticket.email_cc)

    def test_address_in_to_does_not_read_either(self):
        ticket = self._receive(self.user_alpha.email, cc="", to=self.user_beta.email)
        self.assertFalse(self._readable_by(self.user_beta, ticket))

    def test_answer_does_not_open_the_ticket(self):
        message = self.ticket_alpha.message_post(
            body="Which printer?", subtype_xmlid="mail.mt_comment"
        )
        ticket = self._receive(
            self.user_alpha.email,
            cc=f"{self.user_beta.email}, {self.colleague.email}",
            extra=f"In-Reply-To: {message.message_id}\n",
        )
        self.assertEqual(ticket, self.ticket_alpha)
        self.assertFalse(self._readable_by(self.user_beta, ticket))
        self.assertIn(self.colleague.partner_id, ticket.message_partner_ids)

    def test_answer_by_a_stranger_does_not_open_the_ticket(self):
        message = self.ticket_alpha.message_post(
            body="Which printer?", subtype_xmlid="mail.mt_comment"
        )
        self._receive(
            self.user_beta.email,
            cc="",
            extra=f"In-Reply-To: {message.message_id}\n",
        )
        self.assertFalse(self._readable_by(self.user_beta, self.ticket_alpha))

    def test_ticket_without_customer_is_followed_by_colleagues_only(self):
        ticket = self._receive(
            "stranger@example.net", cc=f"{self.user_beta.email}, {self.agent.email}"
        )
        self.assertFalse(ticket.partner_id)
        self.assertEqual(ticket.message_partner_ids, self.agent.partner_id)

    def test_agent_may_still_add_anybody(self):
        self.ticket_alpha.with_user(self.agent).message_subscribe(
            self.user_beta.partner_id.ids
        )
        self.assertTrue(self._readable_by(self.user_beta, self.ticket_alpha))


@tagged("post_install", "-at_install")
class TestHelpdeskAccess(HelpdeskSecurityMixin, TransactionCase):
    """H6, and what portal and public users reach by RPC."""

    def test_public_user_does_not_write_stages(self):
        public = self.env.ref("base.public_user")
        with self.assertRaises(AccessError):
            self.stage_done.with_user(public).write({"close_from_portal": False})

    def test_outsiders_change_nothing(self):
        public = self.env.ref("base.public_user")
        for model in self.env:
            if not model.startswith("helpdesk."):
                continue
            for user in (self.user_alpha, public):
                for operation in ("create", "write", "unlink"):
                    with self.subTest(model=model, operation=operation):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )

    def test_customers_read_only_their_own_tickets(self):
        tickets = self.env["helpdesk.ticket"].with_user(self.user_alpha).search([])
        self.assertIn(self.ticket_alpha, tickets)
        self.assertNotIn(self.ticket_beta, tickets)
        with self.assertRaises(AccessError):
            self.ticket_beta.with_user(self.user_alpha).read(["name"])

    def test_internal_fields_of_a_ticket_are_closed_to_customers(self):
        """Own fields are closed unless the portal is meant to show them."""
        fields = self.env["helpdesk.ticket"].with_user(self.user_alpha).fields_get()
        self.assertNotIn("support_submission_key", fields)


@tagged("post_install", "-at_install")
class TestRecordId(TransactionCase):
    def test_only_possible_ids_are_ids(self):
        for value in (7, "7", "0007", str(2**31 - 1)):
            self.assertEqual(parse_record_id(value), int(value))
        for value in (None, "", "0", "-7", "+7", "7.0", " 7", "²", "٧", "1_0", 2**31):
            self.assertIsNone(parse_record_id(value), value)
