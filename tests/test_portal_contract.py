# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page of a contract in the portal."""

import uuid
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..tools.support_code import format_code
from .common_contract_page import ContractPageCase


@tagged("post_install", "-at_install")
class TestContractPage(ContractPageCase):
    def _code(self, contract=None):
        return format_code((contract or self.contract).sudo().support_code)

    # ------------------------------------------------------------------
    # What it shows
    # ------------------------------------------------------------------

    def test_what_it_shows(self):
        page = self._page()
        text = self._text(page)
        for expected in [
            self.contract.type_id.name,
            self.contract.name,
            "Active",
            "Runs until",
            "To go on, it is renewed by an order before its end.",
            "10:00 h in each term.",
        ]:
            self.assertIn(expected, text)
        people = self._text(page, "//*[@id='people']")
        self.assertIn("Signs Anna Alpha", people)
        self.assertIn("May order and pay Paula Portal", people)
        bar = page.xpath("//*[@id='balances']//*[@role='progressbar']")[0]
        self.assertEqual(bar.get("aria-valuenow"), "100")
        self.assertIn("10:00 h of 10:00 h", self._text(page, "//*[@id='balances']"))
        self.assertEqual(len(page.xpath("//h1")), 1)
        # every field that can be filled in has its label
        for field in page.xpath("//main//input[not(@type='hidden')]|//main//select"):
            self.assertTrue(page.xpath(f"//label[@for='{field.get('id')}']"))

    def test_terms_in_the_words_of_the_offer(self):
        text = self._text(self._page(f"{self.url}/terms"))
        for title, sentences in self.contract._get_offer_lines(hours_apart=True):
            self.assertIn(title, text)
            for sentence in sentences:
                self.assertIn(self._plain(sentence), text)
        rates = self.contract._get_offer_rates()
        self.assertTrue(rates)
        for rate in rates:
            self.assertIn(rate["mode"], text)
            self.assertIn(self._plain(rate["price"]), text)

    def _plain(self, text):
        text = " ".join(text.split())
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")

    def test_what_happened(self):
        ticket = self._create_ticket(
            self.portal_user.partner_id, support_contract_id=self.contract.id
        )
        self._log_work(ticket, 90, name="<b>Set up</b>")
        page = self._page()
        self.assertIn(ticket.number, self._text(page, "//*[@id='tickets']"))
        work = self._text(page, "//*[@id='interventions']")
        self.assertIn("<b>Set up</b>", work)
        self.assertIn("1:30 h", work)
        self.assertIn("8:30 h of 10:00 h", self._text(page, "//*[@id='balances']"))

    def test_next_grant_and_what_is_not_paid(self):
        contract = self._create_phone_contract(
            self.customer,
            type_id=self._create_type(
                allotments=[{"unit": "time", "quantity": 60, "recurrence": "month"}]
            ).id,
        )
        product = self.product_phone
        self.env["support.topup"].create(
            {
                "key": "test",
                "kind": "topup",
                "state": "pending",
                "company_id": self.company.id,
                "contract_id": contract.id,
                "product_id": product.id,
                "credit_when": "paid",
                "unit": "time",
                "quantity": 300,
                "pieces": 1,
                "sale_currency_id": self.company.currency_id.id,
            }
        )
        text = self._text(self._page(contract.access_url), "//*[@id='balances']")
        self.assertIn(f"{product.name}: ordered, the invoice follows.", text)
        self.assertIn("Next: 1:00 h on", text)

    def test_the_way_back(self):
        """S9: no renewal means no support, and the page says what it takes"""
        self.contract._set_state("lapsed", self._day("2026-03-02"))
        text = self._text(self._page())
        self.assertIn(self._plain(self.contract._get_way_back()), text)
        self.assertIn("Ended on", text)
        self.assertNotIn("New ticket", text)

    def test_invoices(self):
        """those of the contract that Odoo's own portal shows, and no others"""
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=self.company, install_demo=False
        )
        move = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "invoice_date": "2026-02-01",
                    "invoice_date_due": "2026-03-01",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Fee",
                                "price_unit": 100,
                                "tax_ids": False,
                                "support_contract_id": contract.id,
                            }
                        )
                    ],
                }
                for partner, contract in [
                    (self.customer, self.contract),
                    (self.customer, self.contract),
                    (self.other_customer, self.contract),
                ]
            ]
        )
        (move[0] | move[2]).action_post()
        page = self._page()
        links = page.xpath("//*[@id='invoices']//a/@href")
        self.assertEqual(links, ["/my/invoices", f"/my/invoices/{move[0].id}"])
        text = self._text(page, "//*[@id='invoices']")
        self.assertIn(move[0].name, text)
        self.assertIn("100.00", text)
        self.assertIn("Overdue", text)

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def test_others_get_nothing(self):
        self._login(self.other_portal_user)
        draft = self._create_phone_contract(self.customer, activate=False)
        for number in (self.contract.id, draft.id, 999999999, 2**70):
            for path in ("", "/terms", "/reports/1", "/ledgers/1", "/ledgers/1/xlsx"):
                url = f"/my/support-contracts/{number}{path}"
                response = self.url_open(url, allow_redirects=False)
                self.assertEqual(response.status_code, 303, url)
                self.assertTrue(response.headers["Location"].endswith("/my"), url)
            for path in ("code", "code/renew", "activations", "document"):
                url = f"/my/support-contracts/{number}/{path}"
                response = self._post(url, number=5)
                self.assertTrue(response.url.endswith("/my"), response.url)
                self.assertNotIn(self._code(), response.text)

    def test_colleague_reads(self):
        """who is not named reads, sees no code and cannot change anything"""
        code = self._code()
        self._login(self.colleague)
        page = self._page()
        self.assertFalse(page.xpath("//*[@id='support_code']"))
        for path in ("code", "code/renew", "activations"):
            response = self._post(f"{self.url}/{path}", number=5)
            self.assertNotIn(code, response.text)
        self.assertEqual(self._code(), code)
        # the page's own checks stand before those of the template
        person = self.colleague.partner_id
        self.assertFalse(self.contract._show_portal_code(person))
        with self._assert_refused("those who may order"):
            self.contract._renew_portal_code(person)
        contract = self._create_activation_contract()
        with self._assert_refused("stated by those who may order"):
            contract._state_activations(4, person)
        self.assertFalse(contract.activations_stated_on)

    def test_login_is_needed(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open(self.url).url)

    def test_technician_sees_no_prices(self):
        self._login(self.technician)
        self.assertIn(self.contract.name, self._text(self._page()))
        url = f"{self.url}/terms"
        self.assertNotIn("€", self._text(self._page(url)))
        self._login(self.contract_user)
        self.assertIn("€", self._text(self._page(url)))

    def test_internal_users_never_act(self):
        self._login(self.manager)
        code = self._code()
        for path in ("code", "code/renew"):
            self.assertNotIn(code, self._post(f"{self.url}/{path}").text)
        self.assertEqual(self._code(), code)

    # ------------------------------------------------------------------
    # Support code
    # ------------------------------------------------------------------

    def test_code_by_click(self):
        code = self._code()
        for shown in (code, self.contract.sudo().support_code):
            self.assertNotIn(shown, self.url_open(self.url).text)
        before = self.contract.message_ids
        response = self._post(f"{self.url}/code")
        self.assertIn(code, self._text(response, "//*[@id='support_code']"))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        note = self.contract.message_ids - before
        self.assertIn("Paula Portal looked at the support code", note.body)
        self.assertTrue(note.subtype_id.internal)
        self.assertNotIn(code, note.body)
        # looking is a POST
        self.assertEqual(self.url_open(f"{self.url}/code").status_code, 405)

    def test_code_renewed_once(self):
        code, key = self._code(), str(uuid.uuid4())
        response = self._post(f"{self.url}/code/renew", submission_key=key)
        self.assertIn("The support code was renewed.", self._text(response))
        new = self._code()
        self.assertNotEqual(new, code)
        self.assertNotIn(new, response.text)
        self._post(f"{self.url}/code/renew", submission_key=key)
        self.assertEqual(self._code(), new)
        self.assertEqual(self.url_open(f"{self.url}/code/renew").status_code, 405)

    def test_code_only_for_those_who_order_to_renew(self):
        self.contract.orderer_ids = False
        code = self._code()
        self.assertNotIn("Renew", self._text(self._page(), "//*[@id='support_code']"))
        response = self._post(f"{self.url}/code/renew")
        self.assertIn("those who may order", self._text(response))
        self.assertEqual(self._code(), code)

    def test_nothing_forged(self):
        code = self._code()
        for path in ("code", "code/renew", "activations", "document"):
            response = self._post(f"{self.url}/{path}", csrf=False, number=7)
            self.assertEqual(response.status_code, 400)
        self.assertEqual(self._code(), code)

    # ------------------------------------------------------------------
    # Activations
    # ------------------------------------------------------------------

    def _create_activation_contract(self, activate=True, **vals):
        return self._create_phone_contract(
            self.customer,
            activate=activate,
            signatory_id=self.portal_user.partner_id.id,
            fee_basis="activation",
            fee_amount=10,
            product_id=self.product_phone.id,
            **vals,
        )

    def _install(self, contract, **vals):
        product = self.env["product.product"].create(
            {"name": "Ledger", "support_is_software": True}
        )
        return self.env["support.installation"].create(
            {
                "product_id": product.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "contract_id": contract.id,
                **vals,
            }
        )

    def test_one_todo_about_activations(self):
        """whatever is stated how often; none once they agree"""
        contract = self._create_activation_contract()
        person = self.portal_user.partner_id
        for number in (5, 6, 5, 5):
            contract._state_activations(number, person)
            self.assertEqual(
                contract.activity_ids.summary,
                f"The customer states {number} activations, 1 are agreed",
            )
        contract._state_activations(1, person)
        self.assertFalse(contract.activity_ids)
        contract._state_activations(7, person)
        contract.activity_ids.action_done()
        contract._state_activations(7, person)
        self.assertEqual(len(contract.activity_ids), 1, "it is done, and stated again")

    def test_coming_work_and_own_lists(self):
        """what is to come stands first; both lists are those of this contract"""
        other = self._create_contract(self._create_time_type(), name="Other/1")
        works, tickets = {}, {}
        for contract, name in ((self.contract, "Mine"), (other, "Else")):
            tickets[name] = self._create_ticket(
                self.portal_user.partner_id,
                name=f"Ticket {name}",
            )
            self.env.cr.execute(
                "UPDATE helpdesk_ticket SET support_contract_id = %s WHERE id = %s",
                [contract.id, tickets[name].id],
            )
            self.env.invalidate_all()
            works[name] = self.env["support.intervention"].create(
                {"name": f"Visit {name}", "ticket_id": tickets[name].id}
            )
        done = self._log_work(tickets["Mine"], 30, name="Done before")
        self.assertEqual(done.contract_id, self.contract)
        page = self._page()
        text = self._text(page, "//*[@id='interventions']")
        self.assertLess(text.index("Visit Mine"), text.index("Done before"))
        self.assertIn("Requested", text)
        self.assertNotIn("Visit Else", text)
        [link] = page.xpath("//*[@id='interventions']//a[contains(., 'All')]/@href")
        text = self._text(self._page(link))
        self.assertIn("Visit Mine", text)
        self.assertNotIn("Visit Else", text)
        self.assertIn(self.contract.name, text)
        done_link = f"{link}&filterby=done"
        self.assertIn("Done before", self._text(self._page(done_link)))
        [link] = page.xpath("//*[@id='tickets']//a[contains(., 'All')]/@href")
        text = self._text(self._page(link))
        self.assertIn("Ticket Mine", text)
        self.assertNotIn("Ticket Else", text)
        # of others nothing is told, not even that it is there
        self._login(self.other_portal_user)
        for number in (self.contract.id, 999999, "x"):
            response = self.url_open(f"/my/support/interventions?contract={number}")
            self.assertTrue(response.url.rstrip("/").endswith("/my"), response.url)
        self.assertNotIn("Ticket Mine", self._text(self._page(link)))

    def test_notes_are_in_the_owners_language(self):
        """what a customer does is told in the words of who reads it"""
        self.env["res.lang"]._activate_lang("it_IT")
        self.portal_user.lang = "it_IT"
        self._login(self.portal_user)
        contract = self._create_activation_contract()
        one = self._install(contract)
        known = contract.message_ids
        self._post(f"{contract.access_url}/code")
        self._post(f"{contract.access_url}/activations", installation=one.id, number=3)
        bodies = " ".join((contract.message_ids - known).mapped("body"))
        self.assertIn("looked at the support code in the portal", bodies)
        self.assertIn("states 3 activations", bodies)
        self.assertIn("The customer states", contract.activity_ids.summary)
        self.assertIn(
            self.portal_user.partner_id, (contract.message_ids - known).author_id
        )

    def test_stated_activations(self):
        """S9: the customer states its activations; the vendor compares"""
        contract = self._create_activation_contract()
        one = self._install(contract, name="Shop", version="7.1")
        two = self._install(contract, name="Office", activations_stated=2)
        text = self._text(self._page(contract.access_url), "//*[@id='installations']")
        self.assertIn("Shop Ledger · Version 7.1", text)
        url, key = f"{contract.access_url}/activations", str(uuid.uuid4())
        response = self._post(url, installation=one.id, number=3, submission_key=key)
        self.assertIn("your statement was recorded", self._text(response))
        self.assertEqual((one.activations_stated, two.activations_stated), (3, 2))
        self.assertEqual(contract.activation_count, 1, "agreed is agreed")
        self.assertEqual(
            contract.activity_ids.summary,
            "The customer states 5 activations, 1 are agreed",
        )
        self.assertEqual(contract.activations_stated_on, self._day("2026-03-02"))
        # the same page's other form is another form, the same one is sent once
        self._post(url, installation=two.id, number=4, submission_key=key)
        self._post(url, installation=one.id, number=9, submission_key=key)
        self.assertEqual((one.activations_stated, two.activations_stated), (3, 4))

    def test_stated_in_an_offer(self):
        """the fee of an offer is due for what is stated"""
        contract = self._create_activation_contract(activate=False)
        contract.action_mark_offered()
        contract.signature_required = True

        def kinds(user):
            todos = contract._get_portal_todos(user.partner_id)[contract.id]
            return [todo["kind"] for todo in todos]

        # who signs states them on the way
        self.assertEqual(kinds(self.portal_user), ["sign"])
        contract.signature_required = False
        self.assertIn("activations", kinds(self.portal_user))
        self.assertNotIn("activations", kinds(self.colleague))
        page = self._text(self._page(contract.access_url))
        self.assertIn("State the number of activations", page)
        self._post(f"{contract.access_url}/activations", installation="", number=12)
        self.assertEqual((contract.activation_count, contract.fee_total), (12, 120))
        self.assertNotIn("activations", kinds(self.portal_user))

    def test_what_cannot_be_stated(self):
        contract = self._create_activation_contract()
        one = self._install(contract)
        foreign = self._install(self.contract)
        url = f"{contract.access_url}/activations"
        for vals, text in [
            ({"number": 0}, "from 1 to 100,000"),
            ({"number": 100001}, "from 1 to 100,000"),
            ({"number": "-4"}, "from 1 to 100,000"),
            ({"number": "9" * 400}, "from 1 to 100,000"),
            ({"number": "x"}, "from 1 to 100,000"),
            ({"number": 4, "installation": foreign.id}, "one of the contract's"),
            ({"number": 4, "installation": ""}, "one of the contract's"),
            ({"number": 4, "installation": "x"}, "one of the contract's"),
        ]:
            with self.subTest(vals=vals):
                response = self._post(url, **{"installation": one.id, **vals})
                self.assertEqual(response.status_code, 200)
                self.assertIn(text.replace(",", ""), self._text(response))
        self.assertEqual((one.activations_stated, foreign.activations_stated), (1, 1))
        self.assertFalse(contract.activity_ids)
        # it does not matter here
        response = self._post(
            f"{self.url}/activations", installation=foreign.id, number=4
        )
        self.assertIn("do not matter", self._text(response))

    # ------------------------------------------------------------------
    # Papers
    # ------------------------------------------------------------------

    def test_contract_as_pdf(self):
        """asked for, made by the job, shown on the page; never made in the request"""
        render = "odoo.addons.base.models.ir_actions_report.IrActionsReport"
        with patch(f"{render}._render_qweb_pdf", side_effect=AssertionError):
            first = self._post(f"{self.url}/document")
            second = self._post(f"{self.url}/document")
        document = self.env["support.document"].search(
            [("contract_id", "=", self.contract.id)]
        )
        self.assertEqual(len(document), 1)
        self.assertIn(document._get_portal_url(), first.url)
        self.assertEqual(first.url, second.url)
        self.assertEqual(document.partner_ids, self.portal_user.partner_id)
        text = self._text(self._page(), "//*[@id='documents']")
        self.assertIn(f"{document.name} (being prepared)", text)
        # other terms, another document
        self.contract.with_user(self.manager).signatory_id = False
        self._post(f"{self.url}/document")
        self.assertEqual(
            self.env["support.document"].search_count(
                [("contract_id", "=", self.contract.id)]
            ),
            2,
        )

    def test_service_report(self):
        report = self.env["support.service.report"].create(
            [
                {
                    "contract_id": contract.id,
                    "first_day": "2026-02-01",
                    "state": "sent",
                    "attachment_id": self.env["ir.attachment"]
                    .create({"name": "report.pdf", "raw": b"%PDF-1.4 " + content})
                    .id,
                }
                for contract, content in [
                    (self.contract, b"own"),
                    (self.other_contract, b"foreign"),
                ]
            ]
        )
        url = f"{self.url}/reports/{report[0].id}"
        self.assertIn(url, self._page().xpath("//*[@id='documents']//a/@href"))
        response = self.url_open(url)
        self.assertEqual(response.content, b"%PDF-1.4 own")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        # a foreign one does not come along with an own contract
        response = self.url_open(f"{self.url}/reports/{report[1].id}")
        self.assertNotIn(b"foreign", response.content)
        report[0].state = "draft"
        self.assertNotIn(b"own", self.url_open(url).content[:20])

    # ------------------------------------------------------------------
    # How many queries
    # ------------------------------------------------------------------

    def test_queries(self):
        """the same number after years"""
        self._make_history(6, 6)
        ticket = self._create_ticket(
            self.portal_user.partner_id, support_contract_id=self.contract.id
        )
        self.env["support.intervention"].create(
            [{"name": "Visit", "ticket_id": ticket.id} for _number in range(6)]
        )
        few = self._count_queries(self.url)
        self._make_history(1000, 1000)
        many = self._count_queries(self.url)
        self.assertEqual(len(self._page().xpath("//*[@id='tickets']//a")), 6)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 31)
