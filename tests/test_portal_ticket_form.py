# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S3, S2: the form for a new ticket in the reserved area, and what it says before it is
sent."""

from datetime import time

from freezegun import freeze_time
from lxml import html

from odoo import http
from odoo.tests import HttpCase, tagged

from .common_service import ServiceCommon
from .common_tour import OnTelephone, PortalTour


class TicketFormCase(ServiceCommon, HttpCase):
    """Monday 2 March 2026, 10:00 in Rome. ``portal_user`` is logged in."""

    day = "2026-03-02"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asker = cls.portal_user.partner_id

    def setUp(self):
        super().setUp()
        freezer = self._at(self.day)
        freezer.start()
        self.addCleanup(freezer.stop)
        self.authenticate(self.portal_user.login, self.portal_user.login)

    def _get_form(self):
        return html.fromstring(self.url_open("/new/ticket").content)

    def _post(self, url, **vals):
        values = {
            "csrf_token": http.Request.csrf_token(self),
            "subject": "It does not print",
            "description": "It beeps.",
            "category": self.env.ref("support_contract.category_fault").id,
            **vals,
        }
        return self.url_open(url, data=values, allow_redirects=False)

    def _preview(self, mode="remote", **vals):
        """The text of what the form says would become of the ticket."""
        response = self._post("/new/ticket/preview", mode=self.modes[mode].id, **vals)
        self.assertEqual(response.status_code, 200)
        self.page = html.fromstring(response.content)
        (shown,) = self.page.xpath("//div[@id='support_preview']")
        return " ".join(shown.text_content().split())

    def _send(self, mode="remote", **vals):
        key = self._get_form().xpath("//input[@name='submission_key']/@value")[0]
        vals.setdefault("submission_key", key)
        return self._post("/submitted/ticket", mode=self.modes[mode].id, **vals)

    def _sent(self):
        return self.env["helpdesk.ticket"].search([("name", "=", "It does not print")])


@tagged("post_install", "-at_install")
class TestTicketForm(TicketFormCase):
    def test_who_asks_for_what_and_how(self):
        """S3: request type, requester inside the company, phone, e-mail"""
        page = self._get_form()
        for name, value in (
            ("requester_name", self.portal_user.name),
            ("requester_email", self.portal_user.email),
        ):
            self.assertEqual(page.xpath(f"//input[@name='{name}']/@value"), [value])
        for name in ("category", "mode", "subject", "description", "attachment"):
            self.assertTrue(page.xpath(f"//*[@name='{name}']"), name)
            self.assertTrue(page.xpath(f"//label[@for='{name}']"), name)
        self.assertIn("about one topic", page.text_content())
        self.assertFalse(page.xpath("//select[@name='installation']"))
        response = self._send(
            "phone",
            requester_name="Rita  at the till\0",
            requester_phone="+39 06 1234567",
            requester_email="rita@alpha.example.com",
        )
        ticket = self._sent()
        self.assertTrue(
            response.headers["Location"].endswith(f"/my/ticket/{ticket.id}")
        )
        self.assertEqual(ticket.partner_id, self.asker)
        self.assertEqual(ticket.partner_name, "Rita at the till")
        self.assertEqual(ticket.partner_email, "rita@alpha.example.com")
        self.assertEqual(ticket.support_phone, "+39 06 1234567")
        self.assertEqual(ticket.support_work_mode_id, self.modes["phone"])

    def test_installation(self):
        """only the customer's own, and only when there are some"""
        product = self.env["product.product"].create(
            {"name": "Till", "support_is_software": True}
        )
        mine, second, foreign = self.env["support.installation"].create(
            [
                {
                    "product_id": product.id,
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                }
                for partner in (self.customer, self.customer, self.other_customer)
            ]
        )
        values = self._get_form().xpath("//select[@name='installation']/option/@value")
        self.assertEqual(values, ["", str(mine.id), str(second.id)])
        response = self._send(installation=foreign.id)
        self.assertIn("no longer offered", response.text)
        self.assertFalse(self._sent())
        self._send(installation=second.id)
        self.assertEqual(self._sent().support_installation_id, second)

    def test_bad_input(self):
        other = self.env["res.company"].create({"name": "Another vendor"})
        product = self._create_hour_product("Theirs", 10, company_id=other.id)
        mode = self._create_work_mode("Theirs", product, company_id=other.id)
        for vals, message in (
            ({"mode": mode.id}, "no longer offered"),
            ({"mode": "9" * 30}, "no longer offered"),
            ({"installation": "x"}, "no longer offered"),
            ({"requester_email": "nobody"}, "not an e-mail address"),
            ({"requester_name": "x" * 101}, "at most 100"),
            ({"limit_hours": "-1"}, "from 1 to 200"),
        ):
            for url in ("/new/ticket/preview", "/submitted/ticket"):
                with self.subTest(vals=vals, url=url):
                    response = self._post(url, **vals)
                    self.assertEqual(response.status_code, 200)
                    self.assertIn(message, response.text)
        self.assertFalse(self._sent())

    def test_preview_is_no_link(self):
        self.assertEqual(self.url_open("/new/ticket/preview").status_code, 405)


@tagged("post_install", "-at_install")
class TestTicketPreview(TicketFormCase):
    def _assert_untouched(self, contract):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(self._sent())
        self.assertFalse(contract.ledger_ids.filtered("reserved"))
        self.assertFalse(
            self.env["support.ledger.reservation"].search(
                [("ledger_id", "in", contract.ledger_ids.ids)]
            )
        )
        self.assertFalse(
            contract.ledger_ids.entry_ids.filtered(lambda entry: entry.quantity < 0)
        )

    def test_ticket_pack(self):
        """S3: one ticket is taken, and the answer is promised with day and time; what
        was said is what happens"""
        contract = self._sell("ticket_pack", "tickets_10")
        text = self._preview()
        self.assertIn(f"Contract {contract.name} covers this ticket", text)
        self.assertIn("It takes one ticket; 9 tickets left afterwards.", text)
        self.assertIn("Answer by Tuesday 3 March", self._plain(text))
        self._assert_untouched(contract)
        (promise,) = self.page.xpath("//li[contains(@class, 'o_support_promise')]")
        self._send()
        ticket = self._sent()
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual(contract.ledger_ids.balance, 9)
        self.assertEqual(promise.text_content().split(), ticket.support_promise.split())

    def test_the_gate(self):
        """S2: at least two hours of the work asked for; says why, and the way out"""
        self.company.support_on_call = False
        contract = self._sell("plafond", amount=100)
        text = self._preview()
        self.assertIn("We cannot help with this ticket at present", text)
        self.assertIn("the wallet holds 100.00", text)
        self.assertIn("can be topped up by", text)
        link = f"/my/support-contracts/{contract.id}/topup"
        self.assertFalse(self.page.xpath(f"//a[@href='{link}']"))
        contract.orderer_ids = self.asker
        self._preview()
        self.assertTrue(self.page.xpath(f"//a[@href='{link}']"))
        self._assert_untouched(contract)

    def test_the_wallet_is_enough(self):
        contract = self._sell("plafond", amount=300)
        text = self._plain(self._preview())
        self.assertIn("120.00 € are held for it until the work is done", text)
        self.assertIn("180.00 € are left", text)
        self._assert_untouched(contract)
        self._send()
        self.assertEqual(contract.ledger_ids.reserved, 120)

    def test_the_price_that_is_accepted(self):
        """S7: the price shown is the price stored"""
        text = self._plain(self._preview())
        self.assertIn("No contract covers this ticket", text)
        self.assertIn("90.00", text)
        (key,) = self.page.xpath("//input[@name='accept_price']/@value")
        self._send(accept_price=key, limit_hours="3")
        ticket = self._sent()
        price = ticket.support_acceptance_ids
        self.assertEqual(price.state, "accepted")
        self.assertEqual(price.channel, "portal")
        self.assertEqual(price.accepted_partner_id, self.asker)
        self.assertEqual((price.hourly_price, price.limit_minutes), (90, 180))
        self.assertFalse(ticket.support_price_needed)

    def test_another_price_is_not_accepted(self):
        self._preview()
        (key,) = self.page.xpath("//input[@name='accept_price']/@value")
        self.tariff.item_ids.filtered(
            lambda item: item.product_id == self.modes["remote"].product_id
        ).fixed_price = 95
        self.env.flush_all()
        response = self._send(accept_price=key)
        self.assertEqual(response.status_code, 200)
        self.assertIn("price has changed", response.text)
        self.assertIn("95.00", response.text)
        self.assertFalse(self._sent())
        for wrong in ("1", "x" * 64):
            self.assertEqual(self._send(accept_price=wrong).status_code, 200)
        self.assertFalse(self._sent())

    def test_sent_without_accepting(self):
        self._send()
        ticket = self._sent()
        self.assertTrue(ticket.support_price_needed)
        self.assertFalse(ticket.support_acceptance_ids)

    def test_sent_twice_accepts_once(self):
        self._preview()
        (key,) = self.page.xpath("//input[@name='accept_price']/@value")
        form = self._get_form().xpath("//input[@name='submission_key']/@value")[0]
        for _time in range(2):
            self._send(accept_price=key, submission_key=form)
        self.assertEqual(len(self._sent().support_acceptance_ids), 1)

    def test_another_customer(self):
        """nothing of Alpha's contract is said to Beta"""
        contract = self._sell("ticket_pack", "tickets_10")
        self.authenticate(self.other_portal_user.login, self.other_portal_user.login)
        self.assertNotIn(contract.name, self._preview())

    def test_what_is_typed_is_kept(self):
        self._preview("phone", requester_name="Rita", subject="Only <b>this</b>")
        self.assertEqual(
            self.page.xpath("//input[@name='subject']/@value"), ["Only <b>this</b>"]
        )
        self.assertEqual(
            self.page.xpath("//input[@name='requester_name']/@value"), ["Rita"]
        )
        self.assertEqual(
            self.page.xpath("//select[@name='mode']/option[@selected]/@value"),
            [str(self.modes["phone"].id)],
        )

    def test_the_phone_is_closed(self):
        """a call-back is offered"""
        self._sell("phone")
        self.assertNotIn("call-back", self._preview("remote"))
        with freeze_time(self._moment("2026-03-01", time(10))):
            shown = self._preview("phone")
        self.assertIn("Ask for a call-back", shown)
        with freeze_time(self._moment(self.day, time(11))):
            self.assertNotIn("call-back", self._preview("phone"))


@tagged("post_install", "-at_install")
class TestTicketTours(PortalTour, TicketFormCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        awaiting = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        awaiting.support_waiting = True
        # of the same names as the shipped ones
        (cls.phone + cls.remote + cls.on_site).active = False

    def _tour(self, name, url="/new/ticket"):
        self.start_tour(url, name, login=self.portal_user.login)
        self.env.invalidate_all()
        self.authenticate(self.portal_user.login, self.portal_user.login)

    def test_check_and_send(self):
        contract = self._sell("ticket_pack", "tickets_10")
        self._assert_words("/new/ticket", "New ticket", "Check what covers it")
        self._tour("support_ticket_form_tour")
        ticket = self.env["helpdesk.ticket"].search([("name", "=", "The till is dark")])
        self.assertEqual(len(ticket), 1)
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual(ticket.support_work_mode_id, self.modes["phone"])
        self.assertEqual(ticket.attachment_ids.name, "log.txt")
        self.assertEqual(contract.ledger_ids.balance, 9)
        self._assert_words("/my/tickets", "Promise")

    def test_the_gate_says_no(self):
        """and leads to the page that adds what is missing"""
        self.company.support_on_call = False
        self._sell("plafond", amount=100).orderer_ids = self.asker
        self._tour("support_ticket_gate_tour")
        self.assertFalse(self._sent())

    def test_the_phone_is_closed(self):
        """a call-back is asked for"""
        self._sell("phone")
        with freeze_time(self._moment("2026-03-01", time(10))):
            self._tour("support_callback_tour")
            self._assert_words("/my/callback", "Ask for a call", "You wait for")
        callback = self.env["support.callback"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(
            (callback.topic, callback.number), ("The till is dark", "+39 06 4567 8901")
        )

    def test_the_ticket(self):
        """a file is sent, prices are answered; closed, rated and opened again"""
        ticket = self._ask(partner=self.asker, user_id=self.technician.id)
        helper = ticket.with_user(self.technician)
        for mode in ("phone", "remote"):
            helper._support_offer_price(self.modes[mode])
        helper._support_ask_file("The backup")
        url = f"/my/ticket/{ticket.id}"
        self._assert_words(url, "Send the files", "Accept the price")
        self._tour("support_ticket_page_tour", url)
        asked = ticket.support_file_request_ids
        self.assertEqual(asked.state, "answered")
        self.assertEqual(asked.attachment_ids.name, "backup.zip")
        self.assertEqual(
            sorted(ticket.support_acceptance_ids.mapped("state")),
            ["accepted", "declined"],
        )
        self.assertEqual(ticket.rating_last_value, 5)
        self.assertEqual((ticket.closed, ticket.support_reopen_count), (False, 1))
        self._assert_words(url, "Price")


@tagged("post_install", "-at_install")
class TestTicketToursOnTelephone(OnTelephone, TestTicketTours):
    pass
