# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The portal's page to ask for a call-back."""

import uuid

from lxml import html

from odoo import Command
from odoo.exceptions import AccessError
from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common_phone import FRIDAY, PhoneCommon


@tagged("post_install", "-at_install")
class TestCallbackPortal(PhoneCommon, HttpCase):
    now = (FRIDAY, 18, 0)

    def setUp(self):
        super().setUp()
        # the session is checked against the clock
        self.portal_user.partner_id.phone = "06 1234 5678"
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, csrf=True, **vals):
        values = {
            "topic": "The till does not start",
            "number": "06 4567 8901",
            "caller_name": "Anna",
            "contract": self.contract.id,
            "submission_key": str(uuid.uuid4()),
            **vals,
        }
        if csrf:
            values["csrf_token"] = Request.csrf_token(self)
        return self.url_open("/my/callback", data=values)

    def _asked(self):
        return self.env["support.callback"].search(
            [("commercial_partner_id", "=", self.customer.id)], order="id"
        )

    def _text(self, response):
        page = html.fromstring(response.content)
        text = " ".join(page.xpath("//main")[0].text_content().split())
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ")

    def test_ask(self):
        page = html.fromstring(self.url_open("/my/callback").content)
        form = page.xpath("//form[@action='/my/callback']")[0]
        self.assertEqual(form.method, "POST")
        values = dict(form.form_values())
        self.assertEqual(values["number"], "06 1234 5678")
        self.assertEqual(values["contract"], str(self.contract.id))
        response = self._post(submission_key=values["submission_key"])
        callback = self._asked()
        self.assertIn(f"sent={callback.id}", response.url)
        self.assertEqual(
            (callback.topic, callback.number, callback.caller_name),
            ("The till does not start", "+39 06 4567 8901", "Anna"),
        )
        self.assertEqual(callback.partner_id, self.portal_user.partner_id)
        self.assertEqual(callback.contract_id, self.contract)
        self.assertEqual(callback.company_id, self.company)
        self._assert_due(callback, ("2026-03-09", 10), ("2026-03-09", 11))
        self.assertIn("We call you from Monday 10:00 AM.", self._text(response))
        self.assertNotIn(self.portal_user.partner_id, callback.message_partner_ids)

    def test_one_form_asks_once(self):
        key = str(uuid.uuid4())
        first, second = self._post(submission_key=key), self._post(submission_key=key)
        self.assertEqual(len(self._asked()), 1)
        self.assertEqual(first.url, second.url)
        # somebody else's key is another one
        self._login(self.other_portal_user)
        self._post(submission_key=key, contract=self.other_contract.id)
        self.assertEqual(
            self.env["support.callback"].search_count(
                [("commercial_partner_id", "=", self.other_customer.id)]
            ),
            1,
        )

    def test_no_forged_request(self):
        response = self._post(csrf=False)
        self.assertEqual(response.status_code, 400)
        self.url_open(
            f"/my/callback?topic=x&number=0645678901&contract={self.contract.id}"
        )
        self.assertFalse(self._asked())

    def test_what_is_refused_in_words(self):
        for vals, text in [
            ({"topic": " "}, "what the call is about"),
            ({"topic": "x" * 201}, "at most 200 characters"),
            ({"caller_name": "x" * 101}, "at most 100 characters"),
            ({"number": "call me"}, "not a telephone number"),
            ({"number": "1"}, "not a telephone number"),
            ({"number": "9" * 5000}, "not a telephone number"),
            ({"contract": self.other_contract.id}, "choose one of your contracts"),
            ({"contract": "x"}, "choose one of your contracts"),
            ({"contract": 2**40}, "choose one of your contracts"),
            ({"contract": ""}, "choose one of your contracts"),
            ({"wanted_from": "tomorrow"}, "enter day and time"),
            ({"wanted_until": "2026-03-01T10:00"}, "has passed already"),
            (
                {"wanted_from": "2026-03-10T12:00", "wanted_until": "2026-03-10T11:00"},
                "ends later than it begins",
            ),
            ({"wanted_from": "2027-03-10T12:00"}, "within the next 60 days"),
            ({"wanted_from": "9999-12-31T23:59"}, "enter day and time"),
        ]:
            with self.subTest(vals=vals):
                response = self._post(**vals)
                self.assertEqual(response.status_code, 200)
                self.assertIn(text, self._text(response))
        self.assertFalse(self._asked())
        # what was typed is still there
        page = html.fromstring(self._post(topic="Till", number="1").content)
        self.assertEqual(page.xpath("//input[@id='topic']")[0].value, "Till")

    def test_what_is_typed_is_text(self):
        response = self._post(topic="<script>alert(1)</script>\0", caller_name="<b>A")
        self.assertEqual(self._asked().topic, "<script>alert(1)</script>")
        self.assertNotIn(b"<script>alert(1)", response.content)

    def test_a_contract_without_the_phone(self):
        web = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        contract = self._create_phone_contract(
            self.customer,
            coverage_ids=[
                Command.create({"channel_id": web.id, "calendar_id": self.hours.id})
            ],
        )
        text = self._text(self._post(contract=contract.id))
        self.assertIn("does not include help by phone", text)

    def test_a_contract_that_is_not_in_force(self):
        self.contract._change_state("terminated", self.company._support_day(), "Gone")
        self.assertIn("no contract in force", self._text(self._post()))

    def test_who_may_ask_for_help(self):
        self.contract.caller_ids = self.contact
        self.assertIn("you are not one of them", self._text(self._post()))
        self.contract.caller_ids |= self.portal_user.partner_id
        self._post()
        self.assertTrue(self._asked())

    def test_a_wish(self):
        """in the company's zone, and said honestly if the phone is closed then"""
        self._post(wanted_from="2026-03-10T15:30", wanted_until="2026-03-10T16:00")
        self._assert_due(self._asked(), ("2026-03-10", 15, 30), ("2026-03-10", 16))
        response = self._post(wanted_until="2026-03-07T12:00")
        self.assertIn("This is later than you wished", self._text(response))

    def test_not_for_ever(self):
        for _ in range(10):
            self._post()
        self.assertIn("You wait for 10 calls already", self._text(self._post()))
        self.assertEqual(len(self._asked()), 10)

    def test_ones_own_only(self):
        callback = self._create_callback(self.technician)
        foreign = self._create_callback(
            partner_id=self.other_customer.id,
            contract_id=self.other_contract.id,
            topic="A secret of Beta",
        )
        text = self._text(self.url_open("/my/callback"))
        self.assertIn(callback.topic, text)
        self.assertNotIn("A secret of Beta", text)
        text = self._text(self.url_open(f"/my/callback?sent={foreign.id}"))
        self.assertNotIn("A secret of Beta", text)
        for sent in ("x", "-1", str(2**40)):
            self.assertEqual(
                self.url_open(f"/my/callback?sent={sent}").status_code, 200
            )
        own = callback.with_user(self.portal_user)
        self.assertEqual(own.topic, callback.topic)
        with self.assertRaises(AccessError):
            foreign.with_user(self.portal_user).read(["topic"])
        for values in ({"topic": "x"}, {"number": "1"}):
            with self.assertRaises(AccessError):
                own.write(values)
        with self.assertRaises(AccessError):
            own.create({"topic": "x", "number": "06 4567 8901"})
        with self.assertRaises(AccessError):
            own.message_post(body="x")

    def test_portal_users_only(self):
        self._login(self.technician)
        for response in (self.url_open("/my/callback"), self._post()):
            self.assertTrue(response.url.rstrip("/").endswith("/my"), response.url)
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/callback").url)
        self.assertFalse(self._asked())

    def test_the_home_page_leads_there(self):
        self.assertIn(b'href="/my/callback"', self.url_open("/my/home").content)
        self._create_callback()
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["callback_count"]}
        )
        self.assertEqual(counters["callback_count"], 1)
