# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A ticket in the reserved area: what its customer reads and does there."""

import io
import re
from datetime import timedelta

from lxml import html

from odoo import Command, fields, http
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common_service import ServiceCommon


class TicketPageCase(ServiceCommon, HttpCase):
    """Monday 2 March 2026, 10:00 in Rome. ``portal_user`` is logged in; ``colleague``
    is of the same customer, ``other_portal_user`` of another one."""

    day = "2026-03-02"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asker = cls.portal_user.partner_id
        cls.colleague = cls._create_portal_user("alpha_colleague", cls.customer)
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Support",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.technician.ids)],
            }
        )
        cls.waiting = cls.env["helpdesk.ticket.stage"].create(
            {
                "name": "Waits",
                "sequence": 2,
                "support_waiting": True,
                "company_id": cls.company.id,
                "team_ids": [Command.set(cls.team.ids)],
            }
        )
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        cls.done.mail_template_id = False

    def setUp(self):
        super().setUp()
        freezer = self._at(self.day)
        freezer.start()
        self.addCleanup(freezer.stop)
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _new(self, **vals):
        vals = {"team_id": self.team.id, "user_id": self.technician.id, **vals}
        return self._ask(partner=self.asker, **vals)

    def _read(self, ticket):
        """The page as the user sees it."""
        self.env.flush_all()
        response = self.url_open(f"/my/ticket/{ticket.id}", allow_redirects=False)
        self.assertEqual(response.status_code, 200)
        self.page = html.fromstring(response.content)
        return " ".join(self.page.text_content().split())

    def _get_key(self, ticket, form):
        self._read(ticket)
        path = f"//form[@action='/my/ticket/{ticket.id}/{form}']"
        (key,) = set(self.page.xpath(f"{path}//input[@name='submission_key']/@value"))
        return key

    def _send(self, ticket, form, files=None, key=None, **vals):
        values = {
            "csrf_token": http.Request.csrf_token(self),
            "submission_key": key or self._get_key(ticket, form),
            **vals,
        }
        response = self.url_open(
            f"/my/ticket/{ticket.id}/{form}",
            data=values,
            files=files,
            allow_redirects=False,
        )
        self.env.invalidate_all()
        return response

    def _assert_error(self, response, message):
        self.assertEqual(response.status_code, 200)
        page = html.fromstring(response.content)
        (alert,) = page.xpath("//div[@role='alert']")
        self.assertIn(message, alert.text_content())

    def _file(self, name="backup.zip", content=b"data"):
        return ("attachment", (name, io.BytesIO(content), "application/zip"))


@tagged("post_install", "-at_install")
class TestTicketPage(TicketPageCase):
    def test_what_covers_it_and_what_was_done(self):
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._new()
        self.technician.partner_id.phone = "+39 06 7654321"
        work = self._work(ticket, 30)
        text = self._plain(self._read(ticket))
        self.assertIn(f"Contract {contract.name} covers this ticket", text)
        self.assertIn(work.name, text)
        self.assertIn(self.technician.name, text)
        self.assertIn("0:30 h", text)
        source = html.tostring(self.page, encoding="unicode")
        self.assertNotIn(self.technician.email, source)
        self.assertNotIn("7654321", source)

    def test_planned_work(self):
        """with its date and the technician's name"""
        ticket = self._new()
        work = self.env["support.intervention"].create(
            {"name": "Visit", "ticket_id": ticket.id, "user_id": self.technician.id}
        )
        self.assertNotIn("Visit", self._read(ticket))
        work.write(
            {
                "state": "planned",
                "planned_start": self._moment("2026-03-05", self._clock(9)),
                "planned_end": self._moment("2026-03-05", self._clock(10)),
            }
        )
        text = self._read(ticket)
        self.assertIn("Visit", text)
        self.assertIn("Thursday 5 March", text)
        self.assertIn("Planned", text)

    @staticmethod
    def _clock(hour):
        return fields.Datetime.to_datetime(f"2026-01-01 {hour:02}:00:00").time()

    def test_nothing_of_the_chosen_cover(self):
        """why a colleague chose another cover is the vendor's own affair"""
        ticket = self._new()
        ticket.with_user(self.manager)._support_choose_cover(
            self.env["support.contract"], "He is a nuisance"
        )
        self.assertNotIn("nuisance", self._read(ticket))

    def test_foreign_tickets(self):
        """one answer for what is not there and what is not his"""
        ticket = self._new()
        ticket._support_ask_file("The backup")
        key = self._get_key(ticket, "files")
        self._login(self.other_portal_user)
        for number in (ticket.id, 0, 2**31 - 1):
            for form in ("files", "price", "reopen", "rate"):
                response = self.url_open(
                    f"/my/ticket/{number}/{form}",
                    data={
                        "csrf_token": http.Request.csrf_token(self),
                        "submission_key": key,
                        "grade": "5",
                    },
                    allow_redirects=False,
                )
                self.assertEqual(response.status_code, 303)
                self.assertTrue(response.headers["Location"].endswith("/my"))

    def test_a_follower_of_another_customer(self):
        """reads, but nothing of the contract, and does nothing"""
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._new()
        ticket._support_ask_file("The backup")
        key = self._get_key(ticket, "files")
        ticket.message_subscribe(self.other_portal_user.partner_id.ids)
        self._login(self.other_portal_user)
        text = self._read(ticket)
        self.assertNotIn(contract.name, text)
        self.assertFalse(self.page.xpath("//form[contains(@action, '/files')]"))
        self._send(ticket, "files", [self._file()], key=key)
        self.assertEqual(ticket.support_file_request_ids.state, "asked")

    def test_nobody_of_the_vendor_acts_for_him(self):
        ticket = self._new()
        ticket.stage_id = self.done
        key = self._get_key(ticket, "rate")
        self._login(self.technician)
        self._send(ticket, "rate", key=key, grade="5")
        self.assertFalse(ticket.rating_ids)

    def test_get_changes_nothing(self):
        ticket = self._new()
        for form in ("files", "price", "reopen", "rate"):
            # taken for a link to the ticket, with a wrong token
            response = self.url_open(f"/my/ticket/{ticket.id}/{form}")
            self.assertIn(ticket.number, response.text)
        self.assertFalse(ticket.rating_ids)

    def test_no_error_from_the_address(self):
        ticket = self._new()
        response = self.url_open(
            f"/my/ticket/{ticket.id}?error=Call+us&support_error=Call+us"
        )
        page = html.fromstring(response.content)
        self.assertFalse(page.xpath("//div[@role='alert']"))


@tagged("post_install", "-at_install")
class TestWhatWasDone(TicketPageCase):
    def _assert_told(self, ticket, *texts):
        """Said on the next page, at the top, and never again."""
        for text in (*texts, None):
            self._read(ticket)
            alerts = self.page.xpath("//*[@name='support_news']")
            self.assertEqual(
                [" ".join(alert.text_content().split()) for alert in alerts],
                [text] if text else [],
            )
        return self.page

    def test_closed_reopened_rated(self):
        ticket = self._new()
        self.done.close_from_portal = True
        ticket.team_id = False
        response = self.url_open(
            "/ticket/close",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "ticket_id": ticket.id,
                "stage_id": self.done.id,
            },
            allow_redirects=False,
        )
        self.assertEqual(response.status_code, 302)
        self.env.invalidate_all()
        self.assertTrue(ticket.closed)
        self._assert_told(ticket, "The ticket is closed.")
        self._send(ticket, "rate", grade=5)
        self._assert_told(ticket, "Thank you for your rating.")
        self._send(ticket, "reopen", reason="Not yet")
        self._assert_told(ticket, "The ticket is open again.")

    def test_files(self):
        ticket = self._new()
        ticket.with_user(self.technician)._support_ask_file("The backup", days=3)
        self._read(ticket)
        [limits] = self.page.xpath("//*[@id='support_files_limits']")
        text = limits.text_content()
        self.assertIn("Up to 10 files of at most 20 MB each", text)
        self.env["ir.config_parameter"].sudo().set_param(
            "support_contract.portal_attachment_max_mb", 3
        )
        self._read(ticket)
        [limits] = self.page.xpath("//*[@id='support_files_limits']")
        self.assertIn("at most 3 MB", limits.text_content())
        form = html.fromstring(self.url_open("/new/ticket").content)
        [limits] = form.xpath("//*[@id='attachment_limits']")
        self.assertIn("at most 3 MB", limits.text_content())
        key = self._get_key(ticket, "files")
        # pressed twice: the second answer says it, too
        for _time in range(2):
            self._send(ticket, "files", [self._file()], key=key)
        self._assert_told(ticket, "Thank you: we have your files.")

    def test_nothing_by_a_link(self):
        """neither a bookmark nor somebody else's address says that it was done"""
        ticket = self._new()
        for said in ("files", "closed", "Call+us"):
            response = self.url_open(f"/my/ticket/{ticket.id}?said={said}")
            page = html.fromstring(response.content)
            self.assertFalse(page.xpath("//*[@name='support_news']"))

    def test_day_of_the_list(self):
        """where the reader lives; without a zone of his where the vendor is"""
        ticket = self._new()
        self.env.cr.execute(
            "UPDATE helpdesk_ticket SET create_date = '2026-03-01 23:30' WHERE id = %s",
            [ticket.id],
        )
        self.env.invalidate_all()
        for zone, day in (
            (False, "03/02/2026"),
            ("Europe/Rome", "03/02/2026"),
            ("America/New_York", "03/01/2026"),
        ):
            self.portal_user.tz = zone
            self._login(self.portal_user)
            with self.subTest(zone=zone):
                page = html.fromstring(self.url_open("/my/tickets").content)
                self.assertIn(day, page.xpath("//table")[0].text_content())


@tagged("post_install", "-at_install")
class TestTicketFiles(TicketPageCase):
    def setUp(self):
        super().setUp()
        self.asker.email = "anna@alpha.example.com"
        self.ticket = self._new()
        self.before = self.ticket.stage_id
        self.asked = self.ticket.with_user(self.technician)._support_ask_file(
            "The backup of Friday", days=3
        )
        self.asked = self.asked.sudo()

    def test_sending_resumes_the_work(self):
        """S3: "through an upload in the reserved area the customer sends it" """
        self.assertEqual(self.ticket.stage_id, self.waiting)
        text = self._read(self.ticket)
        self.assertIn("The backup of Friday", text)
        self.assertIn("03/05/2026", text)
        response = self._send(
            self.ticket, "files", [self._file()], message="Here <b>it</b> is"
        )
        self.assertEqual(response.status_code, 303, response.text)
        self.assertEqual(self.asked.state, "answered")
        self.assertEqual(self.asked.answered_by, self.asker)
        self.assertEqual(self.asked.attachment_ids.raw, b"data")
        self.assertEqual(self.ticket.stage_id, self.before)
        message = self.ticket.message_ids.filtered("attachment_ids")
        self.assertEqual(message.author_id, self.asker)
        self.assertIn("&lt;b&gt;", message.body)
        self.assertNotIn("Files that we need", self._read(self.ticket))

    def test_sent_twice(self):
        key = self._get_key(self.ticket, "files")
        for _time in range(2):
            self._send(self.ticket, "files", [self._file()], key=key)
        self.assertEqual(len(self.asked.attachment_ids), 1)
        self.assertEqual(len(self.ticket.attachment_ids), 1)

    def test_what_is_refused(self):
        """with the same limits as the form, and nothing stays"""
        for files, message in (
            ([], "choose a file"),
            ([self._file("run.exe")], "not accepted"),
            ([self._file("page.svg")], "not accepted"),
            ([self._file(f"{n}.txt") for n in range(11)], "at most 10"),
        ):
            with self.subTest(message=message):
                response = self._send(self.ticket, "files", files)
                self._assert_error(response, message)
                self.assertEqual(self.asked.state, "asked")
                self.assertFalse(self.ticket.attachment_ids)

    def test_served_as_a_download(self):
        """a page or a picture with a script in it is never shown by the vendor's
        server, whatever the link"""
        for name, mimetype in (
            ("x.html", "text/html"),
            ("x.svg", "image/svg+xml"),
            ("x.xml", "text/xml"),
        ):
            attachment = self.env["ir.attachment"].create(
                {
                    "name": name,
                    "raw": b"<svg xmlns='http://www.w3.org/2000/svg'>"
                    b"<script>alert(1)</script></svg>",
                    "mimetype": mimetype,
                    "res_model": "helpdesk.ticket",
                    "res_id": self.ticket.id,
                }
            )
            for path in ("web/content", "web/image"):
                for query in ("", "?download=true", "?download=0"):
                    with self.subTest(name=name, path=path, query=query):
                        response = self.url_open(f"/{path}/{attachment.id}{query}")
                        kind = response.headers.get("Content-Type", "")
                        safe = (
                            response.status_code != 200
                            or "attachment" in response.headers["Content-Disposition"]
                            or not re.search("html|svg|xml", kind)
                            or "default-src 'none'"
                            in response.headers.get("Content-Security-Policy", "")
                        )
                        self.assertTrue(safe, dict(response.headers))
            self.assertFalse(attachment.access_token)

    def _upload(self, name, content=b"x"):
        return self.url_open(
            "/mail/attachment/upload",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "thread_id": self.ticket.id,
                "thread_model": "helpdesk.ticket",
                "is_pending": "true",
            },
            files=[("ufile", (name, io.BytesIO(content), "text/plain"))],
        ).json()

    def test_limits_in_the_conversation(self):
        self.assertIn("not accepted", self._upload("run.exe")["error"])
        parameter = "support_contract.portal_attachment_max_mb"
        self.env["ir.config_parameter"].set_param(parameter, "1")
        self.assertIn(
            "too large", self._upload("a.txt", b"x" * 1024**2 + b"x")["error"]
        )
        for number in range(10):
            self.assertIn("data", self._upload(f"{number}.txt"))
        self.assertIn("at most 10", self._upload("11.txt")["error"])
        self._login(self.technician)
        self.assertIn("data", self._upload("run.exe"))


@tagged("post_install", "-at_install")
class TestTicketPrice(TicketPageCase):
    def setUp(self):
        super().setUp()
        self.ticket = self._new()
        mode = self.ticket.support_work_mode_id
        self.offer = self.ticket.with_user(self.technician)._support_offer_price(mode)
        self.offer = self.offer.sudo()

    def test_accept(self):
        text = self._plain(self._read(self.ticket))
        self.assertIn("90.00", text)
        self._send(
            self.ticket, "price", price=self.offer.id, answer="accept", limit_hours="3"
        )
        self.assertEqual(self.offer.state, "accepted")
        self.assertEqual(self.offer.accepted_partner_id, self.asker)
        self.assertEqual(self.offer.limit_minutes, 180)
        self.assertIn("Accepted by", self._read(self.ticket))
        self.assertFalse(self.page.xpath("//button[@value='accept']"))

    def test_decline(self):
        self._send(self.ticket, "price", price=self.offer.id, answer="decline")
        self.assertEqual(self.offer.state, "declined")

    def test_answered_once(self):
        key = self._get_key(self.ticket, "price")
        vals = {"price": self.offer.id, "answer": "accept"}
        self._send(self.ticket, "price", key=key, **vals)
        self._send(self.ticket, "price", key=key, **vals | {"answer": "decline"})
        self.assertEqual(self.offer.state, "accepted")

    def test_bad_input(self):
        key = self._get_key(self.ticket, "price")
        other = self._ask(partner=self.other_portal_user.partner_id)
        foreign = other._support_offer_price(other.support_work_mode_id)
        for vals, message in (
            ({"price": foreign.id, "answer": "accept"}, "no longer offered"),
            ({"price": "x", "answer": "accept"}, "no longer offered"),
            ({"price": self.offer.id, "answer": "x"}, "accept or refuse"),
            (
                {"price": self.offer.id, "answer": "accept", "limit_hours": "-1"},
                "from 1 to 200",
            ),
        ):
            with self.subTest(vals=vals):
                response = self._send(self.ticket, "price", key=key, **vals)
                self._assert_error(response, message)
                self.assertEqual(self.offer.state, "offered")
                self.assertEqual(foreign.state, "offered")

    def test_what_waits_for_him(self):
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._new()
        ticket.with_user(self.technician)._support_ask_file("The backup")
        todos = contract._get_portal_todos(self.asker)
        self.assertEqual(
            [(todo["kind"], todo["url"]) for todo in todos[contract.id]],
            [("file", f"/my/ticket/{ticket.id}#support_files")],
        )
        self.assertEqual([todo["kind"] for todo in todos[False]], ["price"])
        other = contract._get_portal_todos(self.other_portal_user.partner_id)
        self.assertEqual(other, {contract.id: []})


@tagged("post_install", "-at_install")
class TestTicketClosed(TicketPageCase):
    def _close(self, ticket, days_ago=0):
        ticket.stage_id = self.done
        if days_ago:
            ticket.closed_date = fields.Datetime.now() - timedelta(days=days_ago)
        return ticket

    def test_close_with_a_reason(self):
        ticket = self._new()
        self._read(ticket)
        (form,) = self.page.xpath("//form[@action='/ticket/close']")
        self.assertTrue(form.xpath(".//input[@name='reason']"))
        self.url_open(
            "/ticket/close",
            data={
                "csrf_token": http.Request.csrf_token(self),
                "ticket_id": ticket.id,
                "stage_id": self.done.id,
                "reason": "It works again",
            },
        )
        ticket.invalidate_recordset()
        self.assertTrue(ticket.closed)
        message = ticket.message_ids.filtered(lambda m: "It works again" in m.body)
        self.assertEqual(message.author_id, self.asker)

    def test_reopen_for_nothing(self):
        """within the free days of the contract"""
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._close(self._new())
        self.assertIn("reopening takes no further ticket", self._read(ticket))
        self._assert_error(self._send(ticket, "reopen"), "still to be done")
        self._send(ticket, "reopen", reason="It beeps again")
        self.assertFalse(ticket.closed)
        self.assertEqual(contract.ledger_ids.balance, 9)
        self.assertIn("It beeps again", str(ticket.message_ids.mapped("body")))

    def test_reopen_late(self):
        """takes one more ticket, which must be confirmed"""
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._close(self._new(), days_ago=60)
        self.assertIn("Reopening takes one more ticket", self._read(ticket))
        response = self._send(ticket, "reopen", reason="Again")
        self._assert_error(response, "please confirm")
        self.assertTrue(ticket.closed)
        key = self._get_key(ticket, "reopen")
        for _time in range(2):
            self._send(ticket, "reopen", key=key, reason="Again", confirm="1")
        self.assertFalse(ticket.closed)
        self.assertEqual(contract.ledger_ids.balance, 8)
        self.assertEqual(ticket.support_reopen_count, 1)

    def test_rejected_stays_closed(self):
        ticket = self._close(self._new())
        key = self._get_key(ticket, "reopen")
        ticket.support_rejected = True
        self.assertNotIn("Reopen this ticket", self._read(ticket))
        response = self._send(ticket, "reopen", key=key, reason="Again")
        self._assert_error(response, "cannot be reopened")
        self.assertTrue(ticket.closed)

    def test_rate(self):
        ticket = self._new()
        self.assertNotIn("How satisfied are you?", self._read(ticket))
        self._close(ticket)
        for grade in ("", "4", "6", "x"):
            self._assert_error(self._send(ticket, "rate", grade=grade), "how satisfied")
        self._send(ticket, "rate", grade="1", comment="Too <b>late</b>")
        self.assertEqual(ticket.rating_last_value, 1)
        self.assertEqual(ticket.rating_last_text, "ko")
        self.assertEqual(ticket.rating_last_feedback, "Too <b>late</b>")
        self.assertEqual(ticket.rating_ids.partner_id, self.asker)
        self.assertEqual(ticket.rating_ids.rated_partner_id, self.technician.partner_id)
        self.assertTrue(ticket.closed)
        self._read(ticket)
        self.assertEqual(
            self.page.xpath("//input[@name='grade'][@checked]/@value"), ["1"]
        )
        # he changes his mind
        self._send(ticket, "rate", grade="5")
        self.assertEqual(ticket.rating_last_value, 5)
        self.assertEqual(len(ticket.rating_ids), 1)
        found = self.env["helpdesk.ticket"].with_user(self.manager)
        self.assertIn(ticket, found.search([("rating_last_value", ">", 4)]))


@tagged("post_install", "-at_install")
class TestTicketList(TicketPageCase):
    def test_what_the_list_shows(self):
        """S3: code, date, request type, subject, state, promise"""
        self._sell("ticket_pack", "tickets_10")
        ticket = self._new()
        text = self._plain(self.url_open("/my/tickets").text)
        day = ticket.create_date.strftime("%m/%d/%Y")
        for shown in (ticket.number, day, ticket.category_id.name, "Answer by"):
            self.assertIn(shown, text)

    def test_words_of_the_helpdesk(self):
        """What helpdesk_mgmt shows and has not translated itself, i18n_extra/ does."""
        self._sell("ticket_pack", "tickets_10")
        ticket = self._new()
        for lang, listed, told in (
            (
                "pl_PL",
                ("Numer", "Tytuł", "Etap", "Nowe", "Najnowsze", "Szukaj wszędzie"),
                ("Etap:", "Klient", "Data utworzenia:", "Historia korespondencji"),
            ),
            (
                "hu_HU",
                ("Szám", "Állapot", "Új", "Legújabbak", "Keresés mindenben"),
                ("Állapot:", "Ügyfél", "Létrehozás dátuma:", "Üzenetváltások"),
            ),
        ):
            self.env["res.lang"]._activate_lang(lang)
            self.portal_user.lang = lang
            self._login(self.portal_user)
            for url, words in (
                ("/my/tickets", listed),
                (f"/my/ticket/{ticket.id}", told),
            ):
                text = self._plain(self.url_open(url).text)
                shown = set(re.findall(r"\w+", text))
                with self.subTest(lang=lang, url=url):
                    self.assertFalse([word for word in words if word not in text])
                    self.assertFalse(shown & {"Number", "Stage", "Newest", "Customer"})

    def test_queries(self):
        """the list costs the same however many tickets there are"""
        contract = self._sell("ticket_pack", "tickets_10", amount=2000)
        self._new()
        self.env.flush_all()
        few = self._count()
        self.env["helpdesk.ticket"].create(
            [
                {
                    "name": f"Number {number}",
                    "description": "<p>Help</p>",
                    "partner_id": self.asker.id,
                    "company_id": self.company.id,
                    "team_id": self.team.id,
                }
                for number in range(100)
            ]
        )
        self.assertTrue(contract.ledger_ids.balance)
        many = self._count()
        self.assertLessEqual(many, few + 3)
        self.assertLessEqual(many, 25)

    def _count(self):
        self.env.flush_all()
        self.url_open("/my/tickets")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.url_open("/my/tickets")
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestTicketFields(TicketPageCase):
    def test_companies_of_a_group(self):
        """a company below one's own is another customer; what a colleague follows is
        not one's own either"""
        below = self._create_customer("Below Alpha", parent_id=self.customer.id)
        person = self._create_portal_user("below", below)
        ticket = self._ask(partner=person.partner_id)
        ticket.message_subscribe(person.partner_id.ids)
        own = self._new()
        tickets = self.env["helpdesk.ticket"].with_user(self.portal_user)
        self.assertEqual(tickets.search([("id", "in", (ticket + own).ids)]), own)
        ticket.message_subscribe(self.colleague.partner_id.ids)
        self.assertFalse(tickets.search([("id", "=", ticket.id)]))
        self.assertTrue(
            tickets.with_user(self.colleague).search([("id", "=", ticket.id)])
        )

    def test_what_is_closed_to_customers(self):
        """a portal user who may read a ticket reads none of these by RPC, and finds
        nothing by them"""
        ticket = self._new()
        tickets = self.env["helpdesk.ticket"].with_user(self.portal_user)
        self.assertTrue(tickets.browse(ticket.id).read(["number", "name"]))
        with self.assertRaises(AccessError):
            tickets.browse(ticket.id).read(["user_ids"])
        for name in (
            *("access_token", "attachment_ids", "color", "email_cc", "kanban_state"),
            *("tag_ids", "rating_ids", "rating_last_feedback"),
        ):
            with (
                self.subTest(name=name),
                mute_logger("odoo.addons.base.models.ir_model"),
            ):
                with self.assertRaises(AccessError):
                    tickets.browse(ticket.id).read([name])
                with self.assertRaises(AccessError, msg=name):
                    tickets.search([(name, "!=", False)])
