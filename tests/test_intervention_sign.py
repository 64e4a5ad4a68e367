# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer signs what was done: the sheet, the link, the page, the portal."""

import base64
import re
from datetime import time, timedelta
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.http import root
from odoo.service.model import retrying
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.support_contract.tools.signature import SignatureError

from .common import SupportCommon
from .scratch import ScratchCase
from .test_tools_signature import draw, encode

DRAWING = encode(draw())


class SignCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first_day = cls.company._support_day() - timedelta(days=30)
        cls.contract = cls._create_contract(
            cls._create_time_type(600), date_start=first_day
        )
        cls.contact.email = "anna@alpha.example.com"
        cls.ticket = cls._create_ticket()
        cls.work = cls._log_work(
            cls.ticket, 90, description="VAT codes\nset up", name="VAT codes"
        )
        cls.env.flush_all()

    def _make_link(self, work=None):
        """The path of a fresh link, and its token."""
        work = (work or self.work).with_user(self.technician)
        url = work._make_sign_link()
        return url.removeprefix(work.get_base_url()), url.rpartition("/")[2]

    def _sign(self, work=None, name="Anna Alpha", **evidence):
        work = work or self.work
        _path, token = self._make_link(work)
        self.assertTrue(work._sign_by_link(token, name, DRAWING, **evidence))


@tagged("post_install", "-at_install")
class TestSheet(SignCase):
    def _print(self, work=None, user=None):
        work = work or self.work
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(user or self.technician)
            ._render_qweb_html("support_contract.report_intervention_sheet", work.ids)
        )
        return " ".join(html.fromstring(content).text_content().split())

    def test_what_it_says(self):
        text = self._print()
        for part in (
            "Alpha",
            "Anna Alpha",
            self.ticket.number,
            "It does not start",
            "VAT codes set up",
            "Remote",
            self.technician.name,
            "Time worked 1:30 h",
            "Billable time 1:30 h",
            "Taken from the balance 1:30 h",
            "Left: Hours 8:30 h",
            self.contract.name,
            "Europe/Rome",
            "Date, name and signature",
        ):
            self.assertIn(part, text)

    def test_no_prices(self):
        self.contract.sudo()._write_agreed({"overage": "charge"})
        self._log_work(self._create_ticket(), 510)
        work = self._log_work(self._create_ticket(), 60)
        self.assertEqual(work.overage_amount, 80)
        text = self._print(work)
        self.assertIn("Charged apart 1:00 h", text)
        self.assertNotIn("80", re.sub(r"\d\d:\d\d|\d{5,}", "", text))
        self.assertNotIn("€", text)

    def test_local_times(self):
        """in the company's zone, whoever prints and whatever his zone is"""
        day = self.company._support_day() - timedelta(days=1)
        start = self._moment(day, time(0, 7))
        work = self._log_work(self.ticket, 1, start=start)
        self.technician.tz = "Asia/Tokyo"
        work.env.invalidate_all()
        self.assertIn("12:07 AM", self._print(work))

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.contact.lang = "it_IT"
        lang, values = self.work.with_user(self.technician)._get_sheet()
        self.assertEqual((lang, values["lang"]), ("it_IT", "it_IT"))

    def test_nothing_of_the_customer_is_html(self):
        """also not what he enters when signing"""
        self.work.sudo().description = "<img src='http://evil.example.com/x'>"
        self._sign(name="<b>Anna</b>", remark="<script>alert(1)</script>")
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_intervention_sheet", self.work.ids
        )
        tree = html.fromstring(content)
        self.assertFalse(tree.xpath("//img[contains(@src, 'evil')]"))
        self.assertFalse(tree.xpath("//b[text()='Anna']"))
        self.assertIn("<b>Anna</b>", tree.text_content())
        self.assertIn("<script>alert(1)</script>", tree.text_content())
        self.assertNotIn("<b>Anna", self.work.message_ids[0].body)

    def test_one_at_a_time(self):
        works = self.work | self._log_work(self.ticket, 30)
        report = self.env.ref("support_contract.report_intervention_sheet_action")
        action = type(report)
        with (
            patch.object(action, "get_wkhtmltopdf_state", return_value="ok"),
            patch.object(action, "_run_wkhtmltopdf", return_value=b"%PDF") as run,
        ):
            streams = report._render_qweb_pdf_prepare_streams(
                "support_contract.report_intervention_sheet", {}, res_ids=works.ids
            )
        self.assertEqual(set(streams), set(works.ids))
        self.assertEqual(run.call_count, 2)

    def test_file_name(self):
        self.customer.name = "Alpha/Beta: S.p.A."
        name = self.work.with_user(self.technician)._get_sheet_filename()
        self.assertIn(self.ticket.number, name)
        self.assertIn("Alpha-Beta- S.p.A.", name)

    def test_who_prints(self):
        other = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self.assertIn("Alpha", self._print(user=self.manager))
        for user in (self.other_portal_user, self._create_user("nobody", "")):
            with self.assertRaises(AccessError):
                self._print(user=user)
        self.assertTrue(other)


@tagged("post_install", "-at_install")
class TestSigning(SignCase):
    def test_signed(self):
        self._sign(remark="Fine\0", ip="192.0.2.1", user_agent="Browser\n" * 100)
        work = self.work
        self.assertEqual(work.signed_by, "Anna Alpha")
        self.assertTrue(work.signed_on)
        self.assertEqual(work.signed_remark, "Fine")
        self.assertEqual(work.signature_ip, "192.0.2.1")
        self.assertEqual(len(work.signature_user_agent), 300)
        self.assertTrue(base64.b64decode(work.signature).startswith(b"\x89PNG"))
        self.assertFalse(work.sudo().sign_token_hash)
        self.assertFalse(work.signed_partner_id)
        self.assertIn("Anna Alpha", work.message_ids[0].body)

    def test_only_work_that_is_done(self):
        work = self._log_work(self.ticket, 30, done=False)
        with self._assert_refused("is not done"):
            work.with_user(self.technician).action_get_signature()
        self._sign()
        with self._assert_refused("was signed by Anna Alpha"):
            self.work.with_user(self.technician).action_get_signature()

    def test_who_asks_for_it(self):
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        for user in (own, self.portal_user, self._create_user("nobody", "")):
            with self.assertRaises(AccessError):
                self.work.with_user(user).action_get_signature()

    def test_the_window(self):
        """the link is shown and not stored"""
        action = self.work.with_user(self.technician).action_get_signature()
        url = action["context"]["default_url"]
        self.assertRegex(url, rf"/support/sign/{self.work.id}/[\w-]{{43,}}$")
        windows = self.env["support.intervention.sign"].with_user(self.technician)
        window = windows.with_context(**action["context"]).new(
            {"intervention_id": self.work.id, "url": url}
        )
        self.assertTrue(base64.b64decode(window.qr_code).startswith(b"\x89PNG"))
        self.assertEqual(window.partner_id, self.contact)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(w)::text FROM support_intervention w WHERE id = %s",
            [self.work.id],
        )
        self.assertNotIn(url.rpartition("/")[2], self.env.cr.fetchone()[0])

    def test_a_new_link_kills_the_old_one(self):
        _path, old = self._make_link()
        _path, new = self._make_link()
        self.assertFalse(self.work._sign_by_link(old, "Anna", DRAWING))
        self.assertTrue(self.work._sign_by_link(new, "Anna", DRAWING))
        self.assertFalse(self.work._sign_by_link(new, "Berta", DRAWING))
        self.assertEqual(self.work.signed_by, "Anna")

    def test_it_expires(self):
        self.company.support_sign_hours = 2
        _path, token = self._make_link()
        now = self.company._support_now()
        self.assertEqual(self.work.sign_expires, now + timedelta(hours=2))
        self.work.sudo().sign_expires = now
        self.assertFalse(self.work._sign_by_link(token, "Anna", DRAWING))
        for hours in (0, -1, 721):
            with self._assert_refused("at least one hour"):
                self.company.support_sign_hours = hours

    def test_no_signature(self):
        _path, token = self._make_link()
        for name, drawing in [
            ("A", DRAWING),
            ("", DRAWING),
            ("x" * 101, DRAWING),
            (None, DRAWING),
            ("Anna", ""),
            ("Anna", None),
            ("Anna", "@@@@"),
            ("Anna", encode(draw(strokes=False))),
            ("Anna", encode(b"<svg/>")),
            ("Anna", encode(draw(fmt="JPEG"))),
        ]:
            with (
                self.subTest(name=name, drawing=str(drawing)[:10]),
                self.assertRaises(SignatureError),
            ):
                self.work._sign_by_link(token, name, drawing)
        self.assertFalse(self.work.signed_on)
        self.assertTrue(self.work._sign_by_link(token, "Anna", DRAWING))

    def test_the_sheet_stays(self):
        """what was signed is printed for ever, whatever is renamed afterwards"""
        self._sign()
        before = self.work._get_sheet()
        for values in (
            {"name": "Other"},
            {"description": "Other"},
            {"user_id": self.manager.id},
            {"manual_minutes": 5},
            {"start": "2026-01-01 10:00:00"},
        ):
            for work in (
                self.work.with_user(self.technician),
                self.work.with_user(self.manager),
                self.work.sudo(),
            ):
                with self._assert_refused("signed by|undo it first"):
                    work.write(values)
        self.ticket.name = "Renamed"
        self.customer.name = "Omega"
        self._log_work(self.ticket, 60)
        self.assertEqual(self.work._get_sheet(), before)
        self.assertEqual(before[1]["left"], [["Hours", "8:30 h"]])

    def test_nobody_writes_it_by_hand(self):
        for user in (self.technician, self.manager):
            for values in (
                {"signed_on": "2026-01-01"},
                {"signed_by": "Nobody"},
                {"signature": DRAWING},
                {"signed_values": {}},
                {"sheet_due": True},
                {"sign_expires": "2099-01-01"},
                {"sign_token_hash": "x"},
            ):
                with self.subTest(values=values), self._assert_refused():
                    self.work.with_user(user).write(values)
            with self.assertRaises(AccessError):
                self.work.with_user(user).read(["sign_token_hash"])
        with self._assert_refused():
            self.work.with_user(self.manager).copy({"signed_by": "Nobody"})
        attachments = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self.work._name),
                ("res_field", "=", "signature"),
            ]
        )
        self.assertFalse(attachments)

    def test_undone(self):
        """a manager alone takes the signature away, and it is noted"""
        self._sign()
        with self._assert_refused("only a contract manager"):
            self.work.with_user(self.technician)._undo("wrong")
        self.assertTrue(self.work.signed_on)
        self.work.with_user(self.manager)._undo("wrong")
        work = self.work
        self.assertEqual(work.state, "progress")
        for name in ("signed_on", "signed_by", "signature", "signed_values"):
            self.assertFalse(work[name], name)
        self.assertFalse(work.sheet_due)
        notes = " ".join(work.message_ids.mapped("body"))
        self.assertIn("signature of Anna Alpha", notes)
        work.with_user(self.technician).description = "Once more"
        work.with_user(self.technician).action_done()
        self._sign(name="Bruno Alpha")
        self.assertEqual(work.signed_by, "Bruno Alpha")

    def test_undoing_kills_the_link(self):
        _path, token = self._make_link()
        self.work.with_user(self.technician)._undo("wrong")
        self.work.with_user(self.technician).action_done()
        self.assertFalse(self.work._sign_by_link(token, "Anna", DRAWING))

    def test_another_cover_is_another_sheet(self):
        other = self._create_contract(
            self._create_time_type(300), date_start=self.contract.date_start
        )
        self._sign()
        self.ticket.with_user(self.manager)._support_choose_cover(other, "wrong one")
        self.assertEqual(self.work.contract_id, other)
        self.assertFalse(self.work.signed_on)

    def test_portal(self):
        work = self.work
        for user in (
            self.other_portal_user,
            self.technician,
            self.manager,
            self.env.ref("base.public_user"),
        ):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                work._sign_by_portal(user, "Anna Alpha", DRAWING)
        # who works for both, and signs for the customer all the same
        self.technician.partner_id.parent_id = self.customer
        with self.assertRaises(AccessError):
            work._sign_by_portal(self.technician, "Anna Alpha", DRAWING)
        with self.assertRaises(SignatureError):
            work._sign_by_portal(self.portal_user, "", DRAWING)
        work.with_user(self.portal_user)._sign_by_portal(
            self.portal_user, "Anna Alpha", DRAWING, remark="Thanks"
        )
        self.assertEqual(work.signed_partner_id, self.portal_user.partner_id)
        with self._assert_refused("was signed by"):
            work._sign_by_portal(self.portal_user, "Anna Alpha", DRAWING)
        draft = self._log_work(self.ticket, 30, done=False)
        with self.assertRaises(AccessError):
            draft._sign_by_portal(self.portal_user, "Anna Alpha", DRAWING)


@tagged("post_install", "-at_install")
class TestSignedSheet(SignCase):
    def _run(self, content=b"%PDF-1.4"):
        reports = self.env.registry["ir.actions.report"]
        with patch.object(
            reports, "_render_qweb_pdf", lambda *args, **kw: (content, "pdf")
        ):
            self.work._send_sheet()

    def _mails(self):
        return self.env["mail.mail"].search(
            [("model", "=", self.work._name), ("res_id", "=", self.work.id)]
        )

    def test_sent_once(self):
        self._sign()
        self.assertTrue(self.work.sheet_due)
        self._run()
        self._run()
        self.assertEqual(self.work.sheet_attachment_id.raw, b"%PDF-1.4")
        [mail] = self._mails()
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(mail.attachment_ids, self.work.sheet_attachment_id)
        action = self.work.with_user(self.technician).action_open_sheet()
        self.assertIn(str(self.work.sheet_attachment_id.id), action["url"])

    def test_kept_but_not_sent(self):
        """the setting"""
        self.company.support_send_sheet = False
        self._sign()
        self._run()
        self.assertTrue(self.work.sheet_attachment_id)
        self.assertFalse(self._mails())

    def test_without_an_address(self):
        self.contact.email = False
        self._sign()
        self._run()
        self.assertFalse(self._mails())
        self.assertIn("no e-mail address", self.work.message_ids[0].body)

    def test_the_job_finds_it(self):
        self._sign()
        jobs = self.env.registry["support.intervention"]
        found = []
        with patch.object(
            jobs, "_run_job", lambda works, name, **kw: found.append((works, name))
        ):
            self.env["support.intervention"]._cron_send_sheets()
        self.assertEqual(found, [(self.work, "_send_sheet")])
        self.assertEqual(self.work._get_job_owner_record(), self.ticket)

    def test_signing_prints_nothing(self):
        """no customer waits for a PDF, and no worker is blocked by one"""
        reports = self.env.registry["ir.actions.report"]
        with patch.object(reports, "_run_wkhtmltopdf") as run:
            self._sign()
        run.assert_not_called()


@tagged("post_install", "-at_install")
class TestSignPage(SignCase, HttpCase):
    def _post(self, path, data=None, **values):
        page = self.url_open(path) if data is None else None
        if page is not None:
            data = self._form(page)
        return self.url_open(path, data | values, allow_redirects=False)

    def _form(self, page):
        tree = html.fromstring(page.content)
        return {
            field.get("name"): field.get("value") or ""
            for field in tree.xpath("//form//input[@name]")
        }

    def _signed_form(self, page, **values):
        return self._form(page) | {
            "signer": "Anna Alpha",
            "signature": f"data:image/png;base64,{DRAWING}",
            "remark": "",
            **values,
        }

    def _reload(self):
        self.env.invalidate_all()
        return self.work

    def test_signed(self):
        path, _token = self._make_link()
        page = self.url_open(path)
        self.assertEqual(page.status_code, 200)
        for part in ("VAT codes", "1:30 h", "8:30 h", "Anna Alpha"):
            self.assertIn(part, page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertIn("frame-ancestors", page.headers["Content-Security-Policy"])
        form = self._signed_form(page, remark="All is well")
        answer = self.url_open(path, form, allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertTrue(answer.headers["Location"].endswith("/support/signed"))
        work = self._reload()
        self.assertEqual(
            (work.signed_by, work.signed_remark),
            (
                "Anna Alpha",
                "All is well",
            ),
        )
        self.assertTrue(work.signature_ip)
        self.assertIn("python-requests", work.signature_user_agent)
        thanks = self.url_open("/support/signed")
        self.assertIn("Thank you", thanks.text)
        # the link is used up, for looking and for signing
        again = self.url_open(path, form | {"signer": "Eve"}, allow_redirects=False)
        self.assertEqual(again.status_code, 404)
        self.assertEqual(self.url_open(path).status_code, 404)
        self.assertEqual(self._reload().signed_by, "Anna Alpha")

    def test_get_changes_nothing(self):
        path, _token = self._make_link()
        query = f"signer=Anna+Alpha&signature={DRAWING}"
        self.assertEqual(self.url_open(f"{path}?{query}").status_code, 200)
        self.assertEqual(self.url_open(f"{path}/hand-over").status_code, 405)
        self.assertFalse(self._reload().signed_on)

    def test_one_answer_for_whatever_is_wrong(self):
        path, token = self._make_link()
        undone = self._log_work(self.ticket, 30, done=False)
        expired = self._log_work(self.ticket, 30)
        old, _token = self._make_link(expired)
        expired.sudo().sign_expires = fields.Datetime.now() - timedelta(seconds=1)
        never = self._log_work(self.ticket, 30)
        self.env.flush_all()
        answers = set()
        for wrong in (
            f"/support/sign/{self.work.id}/{token}x",
            f"/support/sign/{self.work.id}/{token[:-1]}",
            f"/support/sign/{self.work.id}/x",
            f"/support/sign/{never.id}/{token}",
            f"/support/sign/{never.id}/False",
            f"/support/sign/{undone.id}/{token}",
            f"/support/sign/999999999/{token}",
            f"/support/sign/0/{token}",
            f"/support/sign/-1/{token}",
            f"/support/sign/{self.work.id}.0/{token}",
            f"/support/sign/99999999999999999999/{token}",
            f"/support/sign/abc/{token}",
            f"/support/sign/{self.work.id}/{'x' * 5000}",
            old,
        ):
            answer = self.url_open(wrong)
            self.assertEqual(answer.status_code, 404, wrong)
            text = html.fromstring(answer.content).text_content()
            answers.add(re.sub(r"csrf_token.*", "", " ".join(text.split())))
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.url_open(path).status_code, 200)

    def test_csrf(self):
        path, _token = self._make_link()
        form = self._signed_form(self.url_open(path))
        for token in ("", "x" * 40):
            with mute_logger("odoo.http"):
                answer = self.url_open(path, form | {"csrf_token": token})
            self.assertEqual(answer.status_code, 400)
        del form["csrf_token"]
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(path, form).status_code, 400)
        self.assertFalse(self._reload().signed_on)

    def test_refused_and_tried_again(self):
        path, _token = self._make_link()
        page = self.url_open(path)
        for values, message in [
            ({"signer": ""}, "enter your name"),
            ({"signer": "A"}, "enter your name"),
            ({"signer": "x" * 101}, "enter your name"),
            ({"signature": ""}, "sign in the box"),
            ({"signature": "@@@@"}, "sign in the box"),
            ({"signature": encode(draw(strokes=False))}, "sign in the box"),
            ({"signature": encode(b"<svg/>")}, "sign in the box"),
            ({"signature": encode(b"0" * 1100000)}, "too large"),
        ]:
            with self.subTest(values=str(values)[:40]):
                form = self._signed_form(page, remark="My remark", **values)
                answer = self.url_open(path, form)
                self.assertEqual(answer.status_code, 422)
                self.assertIn(message, answer.text)
                self.assertIn("My remark", answer.text)
        self.assertFalse(self._reload().signed_on)
        answer = self.url_open(path, self._signed_form(page), allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    def test_what_is_typed_is_no_html(self):
        path, _token = self._make_link()
        form = self._signed_form(
            self.url_open(path),
            signature="",
            signer="<b>x</b>",
            remark="</textarea><i>",
        )
        answer = self.url_open(path, form)
        self.assertNotIn("<b>x</b>", answer.text)
        self.assertNotIn("</textarea><i>", answer.text)

    def test_the_sheet_was_changed_meanwhile(self):
        """nobody signs what he has not seen"""
        path, _token = self._make_link()
        page = self.url_open(path)
        self.work.with_user(self.technician).description = "More work"
        self.env.flush_all()
        answer = self.url_open(path, self._signed_form(page))
        self.assertEqual(answer.status_code, 409)
        self.assertIn("More work", answer.text)
        self.assertFalse(self._reload().signed_on)
        # other work that draws on the same balance is no reason
        self._log_work(self.ticket, 60)
        self.env.flush_all()
        answer = self.url_open(path, self._signed_form(answer), allow_redirects=False)
        self.assertEqual(answer.status_code, 303)

    def test_internal_users_hand_the_device_over(self):
        """an internal user never signs for a customer"""
        path, _token = self._make_link()
        page = self.url_open(path)
        for user in (self.technician, self.manager):
            self.authenticate(user.login, user.login)
            shown = self.url_open(path)
            self.assertIn("Hand Over to the Customer", shown.text)
            self.assertNotIn("support_contract.sign_pad", shown.text)
            form = self._signed_form(page) | {
                "csrf_token": self._form(shown)["csrf_token"]
            }
            self.assertEqual(self.url_open(path, form).status_code, 403)
            self.assertFalse(self._reload().signed_on)
        answer = self.url_open(
            f"{path}/hand-over", self._form(shown), allow_redirects=False
        )
        self.assertEqual(answer.status_code, 303)
        shown = self.url_open(path)
        self.assertIn("support_contract.sign_pad", shown.text)
        # the customer holds a device on which nobody is logged in
        inside = self.url_open("/odoo", allow_redirects=False)
        self.assertIn("/web/login", inside.headers["Location"])
        answer = self.url_open(path, self._signed_form(shown), allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self._reload().signed_by, "Anna Alpha")

    def test_handing_over_needs_the_link_and_the_form(self):
        """no page of others logs people out"""
        path, _token = self._make_link()
        self.authenticate(self.technician.login, self.technician.login)
        with mute_logger("odoo.http"):
            self.assertEqual(
                self.url_open(f"{path}/hand-over", {"x": "y"}).status_code, 400
            )
        form = self._form(self.url_open(path))
        wrong = f"/support/sign/{self.work.id}/wrong/hand-over"
        self.assertEqual(self.url_open(wrong, form).status_code, 404)
        self.assertEqual(self.url_open("/odoo").status_code, 200)
        self.assertTrue(root.session_store.get(self.session.sid).uid)

    def test_a_portal_user_signs_as_nobody(self):
        """the link is what counts, not the login"""
        path, _token = self._make_link()
        self.authenticate(self.other_portal_user.login, self.other_portal_user.login)
        page = self.url_open(path)
        self.assertNotIn(self.other_portal_user.name, page.text)
        answer = self.url_open(path, self._signed_form(page), allow_redirects=False)
        self.assertEqual(answer.status_code, 303)
        work = self._reload()
        self.assertFalse(work.signed_partner_id)
        self.assertTrue(work.signed_on)


def prepare(database):
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        vendor._create_contract(vendor._create_time_type(600))
        work = vendor._log_work(vendor._create_ticket(), 60)
        return work.id, work._make_sign_link().rpartition("/")[2]


def sign(database, work_id, token, name):
    def attempt():
        env.user.read(["name"])
        work = env["support.intervention"].browse(work_id)
        return work._sign_by_link(token, name, DRAWING)

    with database.env() as env:
        return retrying(attempt, env)


@tagged("post_install", "-at_install")
class TestSignAtOnce(ScratchCase):
    def test_five_at_once(self):
        """replays and five parallel posts: exactly one signature"""
        work_id, token = self.database.run(prepare)
        names = [f"Signer {letter}" for letter in "ABCDE"]
        processes = [self.database.start(sign, work_id, token, name) for name in names]
        told = [process.wait() for process in processes]
        self.assertEqual(sorted(told), [False] * 4 + [True])
        [(signed_by, count)] = self.database.sql(
            """
            SELECT signed_by, (SELECT count(*) FROM mail_message
                                WHERE model = 'support.intervention'
                                  AND res_id = work.id AND body LIKE '%%Signed by%%')
              FROM support_intervention work WHERE id = %s
            """,
            [work_id],
        )
        self.assertEqual((signed_by, count), (names[told.index(True)], 1))
        self.assertFalse(self.database.run(sign, work_id, token, "Replay"))
