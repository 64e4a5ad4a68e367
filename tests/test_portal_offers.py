# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The contracts on offer: compared, ordered and asked for, once."""

import uuid
from unittest.mock import patch

from lxml import html

from odoo import Command
from odoo.tests import tagged

from .test_portal_topup import BuyCase

URL = "/my/support/offers"


@tagged("post_install", "-at_install")
class TestOffers(BuyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["support.contract.type"]
        types.search([]).portal_shown = False
        cls.fee = cls._create_product("Annual fee", 1200)
        cls.annual = cls._create_time_type(
            900,
            name="Fifteen hours",
            product_id=cls.fee.id,
            fee_period="year",
            portal_shown=True,
            renewal="manual",
            signature_required=True,
        )
        cls.packages = cls._create_type(
            name="Packages", portal_shown=True, renewal="none"
        )
        cls.small, cls.large = (
            cls._create_package(cls.packages, hours) for hours in (4, 15)
        )
        cls.hidden = cls._create_time_type(60, name="Secret of the house")
        cls.withdrawn = cls._create_time_type(
            60, name="Long gone", portal_shown=True, withdrawn=True
        )
        # a customer without any contract
        cls.newcomer = cls._create_customer("Gamma")
        cls.new_user = cls._create_portal_user("gamma_portal", cls.newcomer)
        cls.customer.user_id = cls.newcomer.user_id = cls.manager

    def setUp(self):
        super().setUp()
        self._login(self.new_user)

    def _request(self, contract_type, **vals):
        return self._post(f"{URL}/{contract_type.id}/request", **vals)

    def _contracts(self, partner=None):
        return self.env["support.contract"].search(
            [("commercial_partner_id", "=", (partner or self.newcomer).id)]
        )

    def test_side_by_side(self):
        response = self._page(URL)
        table = html.fromstring(response.content).xpath("//main//table")[0]
        names = [th.text_content().strip() for th in table.xpath(".//thead//th")]
        self.assertEqual(names, ["Fifteen hours", "Packages"])
        rows = [th.text_content().strip() for th in table.xpath(".//tbody//th")]
        for title in ("Fee", "Included", "What we promise", "Term", "Renewal"):
            self.assertIn(title, rows)
        text = self._text(response)
        for part in (
            "$ 1,200.00 a year, without taxes.",
            "Package of 4 hours: 4:00 h, to be used within 6 months.",
            "15:00 h in each term.",
            "Package of 4 hours",
            "280.00 €",
            "you get a quotation",
        ):
            self.assertIn(part, text)
        self.assertNotIn("Secret of the house", text)
        self.assertNotIn("Long gone", text)
        self.assertFalse(self._contracts())

    def test_only_some(self):
        text = self._text(self._page(f"{URL}?types={self.packages.id}"))
        self.assertNotIn("1,200.00", text)
        for value in ("x", "-1", str(2**40), self.hidden.id):
            text = self._text(self._page(f"{URL}?types={value}"))
            self.assertIn("1,200.00", text)
            self.assertNotIn("Secret of the house", text)

    def test_prices_are_those_of_the_order(self):
        """with the customer's pricelist and taxes, each product by its own rule"""
        tax, abroad = self.env["account.tax"].create(
            [
                {"name": f"{rate} %", "amount": rate, "company_id": self.company.id}
                for rate in (22, 5)
            ]
        )
        products = self.fee | self.small | self.large
        products.taxes_id = tax
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id}
        )
        abroad.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(tax.ids)],
            }
        )
        self.newcomer.with_company(self.company).property_account_position_id = position
        self.newcomer.with_company(self.company).property_product_pricelist = self.env[
            "product.pricelist"
        ].create(
            {
                "name": "Friends",
                "company_id": self.company.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.large.id,
                            "compute_price": "fixed",
                            "fixed_price": 777,
                        }
                    ),
                    Command.create(
                        {
                            "compute_price": "percentage",
                            "percent_price": 10,
                            "applied_on": "3_global",
                        }
                    ),
                ],
            }
        )
        lines = self.env["support.contract"]._get_buy_prices(
            self.company, self.new_user.partner_id, products
        )
        for product in products:
            order = self._create_order(
                product, confirm=False, partner_id=self.new_user.partner_id.id
            )
            with self.subTest(product=product.name):
                self.assertEqual(
                    lines[product].tax_ids._origin, order.order_line.tax_ids
                )
                self.assertEqual(order.order_line.tax_ids, abroad)
                self.assertEqual(
                    (lines[product].price_subtotal, lines[product].price_total),
                    (order.amount_untaxed, order.amount_total),
                )
        self.assertEqual(lines[self.large].price_subtotal, 777)
        self.assertEqual(lines[self.small].price_subtotal, 252)
        text = self._text(self._page(URL))
        for amount in ("777.00", "815.85", "252.00", "264.60"):
            self.assertIn(amount, text)

    def test_queries_of_many_products(self):
        """the same number, however many are on sale"""
        self._page(URL)
        self.env.flush_all()

        def count():
            before = self.cr.sql_log_count
            self._page(URL)
            return self.cr.sql_log_count - before

        few = count()
        for hours in range(20, 30):
            self._create_package(self.packages, hours)
        self._page(URL)
        self.env.flush_all()
        self.assertLessEqual(count(), few)

    def test_not_on_offer(self):
        for contract_type in (self.hidden, self.withdrawn):
            self._assert_home(self.url_open(f"{URL}/{contract_type.id}"))
            self._assert_home(self._request(contract_type))
            self._assert_home(self._post(f"{URL}/{contract_type.id}/sample"))
        self._assert_home(self.url_open(f"{URL}/99999999"))
        self.assertFalse(self._contracts())
        # of another company
        other = self.setup_independent_company(name="Another vendor")
        self.packages.package_ids.company_id = False
        self.packages.company_id = other
        self.assertNotIn("Packages", self._text(self._page(URL)))
        self._assert_home(self.url_open(f"{URL}/{self.packages.id}"))

    def test_request_a_draft(self):
        """signed by hand: a draft for the salesperson, once"""
        response = self._request(self.annual)
        self.assertIn("You asked for it on", self._text(response))
        contract = self._contracts()
        self.assertEqual(
            (contract.state, contract.type_id, contract.user_id, contract.partner_id),
            ("draft", self.annual, self.manager, self.new_user.partner_id),
        )
        self.assertEqual(contract.orderer_ids, self.new_user.partner_id)
        activity = contract.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        self.assertIn("Fifteen hours", activity.summary)
        self.assertNotIn(self.new_user.partner_id, contract.message_partner_ids)
        # once more, from a new form and by a colleague
        self._request(self.annual)
        colleague = self._create_portal_user("gamma_colleague", self.newcomer)
        self._login(colleague)
        self.assertIn(
            "You asked for it on", self._text(self._page(f"{URL}/{self.annual.id}"))
        )
        self._request(self.annual)
        self.assertEqual(self._contracts(), contract)
        # put aside by the salesperson: it may be asked for again
        contract.with_user(self.manager).active = False
        self._request(self.annual)
        self.assertEqual(len(self._contracts()), 1)

    def test_one_open_request_in_the_database(self):
        self._request(self.annual)
        with self._assert_refused("asked for this already"):
            self._contracts().copy(
                {"portal_request_key": self._contracts().portal_request_key}
            )

    def test_order_a_package(self):
        response = self._request(self.packages, product=self.small.id)
        order = self._orders(self.newcomer)
        self.assertIn(f"/my/orders/{order.id}", response.url)
        self.assertEqual(
            (order.state, order.amount_total, order.user_id),
            ("sale", 280, self.manager),
        )
        contract = self._contracts()
        self.assertEqual(
            (contract.state, contract.package_id, contract.orderer_ids),
            ("offered", self.small, self.new_user.partner_id),
        )
        self._pay(order.invoice_ids)
        self.assertEqual(contract.state, "active")
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 240)
        # who ordered it may order for it
        self.assertFalse(contract._get_order_bar(self.new_user.partner_id))

    def test_order_paid_online(self):
        self._set_up_provider()
        self._request(self.packages, product=self.large.id)
        order = self._orders(self.newcomer)
        self.assertEqual(order.state, "sent")
        self.assertFalse(self._contracts())
        # a second request leads to the first
        response = self._request(self.packages, product=self.small.id)
        self.assertIn(f"/my/orders/{order.id}", response.url)
        self.assertEqual(self._orders(self.newcomer), order)
        self.assertIn(order.name, self._text(self._page(f"{URL}/{self.packages.id}")))
        order._portal_ensure_token()
        self._pay_online(order)
        self.assertEqual(self._contracts().state, "active")
        self.assertEqual(self._flushed(self._contracts().ledger_ids).balance, 900)

    def test_order_expired(self):
        self._set_up_provider()
        self._request(self.packages, product=self.large.id)
        first = self._orders(self.newcomer)
        first.validity_date = "2020-01-01"
        self._request(self.packages, product=self.small.id)
        second = self._orders(self.newcomer) - first
        self.assertEqual((first.state, second.state), ("cancel", "sent"))

    def test_package_to_sign(self):
        self.packages.signature_required = True
        self._request(self.packages, product=self.small.id)
        self.assertFalse(self._orders(self.newcomer))
        self.assertEqual(self._contracts().package_id, self.small)
        self.assertEqual(self._contracts().state, "draft")

    def test_choice_of_the_form(self):
        for product in (self.fee.id, self.topup_hours.id, "x", 2**40, ""):
            with self.subTest(product=product):
                response = self._request(self.packages, product=product, price=1)
                self.assertIn("Choose one of the packages", self._text(response))
        self.assertFalse(self._orders(self.newcomer))
        self.assertFalse(self._contracts())

    def test_once_for_each_form(self):
        key = str(uuid.uuid4())
        for _turn in range(2):
            self._request(self.packages, product=self.small.id, submission_key=key)
        self.assertEqual(len(self._orders(self.newcomer)), 1)
        response = self._request(self.packages, product=self.small.id, csrf=False)
        self.assertEqual(response.status_code, 400)
        self.assertEqual(
            self.url_open(f"{URL}/{self.packages.id}/request").status_code, 405
        )

    def test_who(self):
        """a customer with contracts: those who may order on one of them"""
        self._login(self.colleague)
        text = self._text(self._page(f"{URL}/{self.annual.id}"))
        self.assertIn("Only those named in your contracts", text)
        self.assertIn("Only those named", self._text(self._request(self.annual)))
        self.assertEqual(self._contracts(self.customer), self.contract)
        self._login(self.portal_user)
        self._request(self.annual)
        self.assertEqual(len(self._contracts(self.customer)), 2)
        # own people look, and ask for nothing
        self._login(self.manager)
        self._page(f"{URL}/{self.annual.id}")
        self._assert_home(self._request(self.annual))

    def test_comparison(self):
        """the types of the page, at the prices of who asks; others only look"""
        page = html.fromstring(self._page(f"{URL}?types={self.packages.id}").content)
        form = page.xpath("//form[@action='/my/support/offers/comparison']")[0]
        types = form.xpath(".//input[@name='types']/@value")
        self.assertEqual(types, [str(self.packages.id)])
        less = self.env["product.pricelist"].create(
            {
                "name": "Less",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 50})
                ],
            }
        )
        contact = self.new_user.partner_id
        contact.specific_property_product_pricelist = less
        self._post(f"{URL}/comparison", types=[*types, self.hidden.id])
        documents = self.env["support.document"].search([("kind", "=", "comparison")])
        document = documents[:1]
        self.assertEqual(document.type_ids, self.packages)
        self.assertEqual(document.priced_partner_id, contact)
        values = document._get_comparison_values()
        [offer] = self.packages._get_portal_offers(self.company, contact)
        self.assertEqual(values["offers"][0]["products"], offer["products"])
        self.assertEqual(
            document._get_portal_back_url(), f"{URL}?types={self.packages.id}"
        )
        # all of them
        self._post(f"{URL}/comparison")
        others = self.env["support.document"].search([("kind", "=", "comparison")])
        self.assertEqual((others - documents).type_ids, self.annual | self.packages)
        self._login(self.manager)
        page = html.fromstring(self._page(URL).content)
        self.assertFalse(
            page.xpath("//form[@method='POST'][contains(@action, 'comp')]")
        )

    def test_other_language(self):
        """activated later: what is on offer is said in it"""
        for lang, word in [("it_IT", "anno"), ("hu_HU", "év")]:
            self.env["res.lang"]._activate_lang(lang)
            self.env["ir.module.module"]._load_module_terms(
                ["support_contract"], [lang]
            )
            self.new_user.lang = lang
            self._login(self.new_user)
            self.assertIn(word, self._text(self._page(URL)))
            self._page(f"{URL}/{self.packages.id}")

    def test_names_are_text(self):
        self.annual.name = "<script>alert(1)</script>"
        for url in (URL, f"{URL}/{self.annual.id}"):
            self.assertNotIn(b"<script>alert(1)", self._page(url).content)

    def test_sample(self):
        """asked for in the reader's language, made by a job"""
        document = self.env["support.document"]
        asked = []

        def ask(contract_type, lang, partner):
            asked.append((contract_type.id, lang, partner.id))
            return document.sudo().create(
                {
                    "name": "Sample",
                    "kind": "contract",
                    "key": "sample:1",
                    "lang": lang,
                    "company_id": self.company.id,
                }
            )

        types = self.env.registry["support.contract.type"]
        with patch.object(types, "_ask_sample", ask, create=True):
            response = self._post(f"{URL}/{self.annual.id}/sample")
        self.assertIn("/my/support/documents/", response.url)
        self.assertEqual(
            asked, [(self.annual.id, "en_US", self.new_user.partner_id.id)]
        )

    def test_queries(self):
        """of the whole page: few for each type, none for what a customer has"""
        shipped = self.env["ir.model.data"].search(
            [
                ("module", "=", "support_contract"),
                ("model", "=", "support.contract.type"),
            ]
        )
        types = self.env["support.contract.type"].browse(shipped.mapped("res_id"))
        types.portal_shown = True
        self._page(URL)

        def count():
            self.env.flush_all()
            before = self.cr.sql_log_count
            self._page(URL)
            return self.cr.sql_log_count - before

        many = count()
        types[3:].portal_shown = False
        few = count()
        self.assertLess(many, 56)
        for _turn in range(5):
            self._create_contract(self.annual, self.newcomer, activate=False)
        self.assertLessEqual(count(), few)
