# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Topping up in the portal: chosen, ordered once, paid online or on invoice, credited
once."""

import uuid
from unittest.mock import patch

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.http import Request
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_sale import SaleCommon
from .test_topup_payment import OnlineCase


class BuyCase(SaleCommon, HttpCase):
    """A customer of whom one person may order, and one may not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.support_portal_order = "invoice"
        cls.contract = cls._create_contract(cls._create_time_type(60))
        cls.orderer = cls.portal_user.partner_id
        cls.contract.orderer_ids = cls.orderer
        cls.colleague = cls._create_portal_user("alpha_colleague", cls.customer)
        cls.ledger = cls.contract.ledger_ids

    @classmethod
    def _create_package(cls, contract_type, hours):
        return cls._create_product(
            f"Package of {hours} hours",
            hours * 70,
            support_sells="package",
            support_contract_type_id=contract_type.id,
            support_quantity=hours * 60,
            support_validity_months=6,
        )

    @classmethod
    def _set_up_provider(cls):
        OnlineCase._set_up_provider.__func__(cls)
        cls.provider.is_published = True
        cls.company.support_portal_order = "pay"

    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, csrf=True, **vals):
        values = {"submission_key": str(uuid.uuid4()), **vals}
        if csrf:
            values["csrf_token"] = Request.csrf_token(self)
        response = self.url_open(url, data=values)
        self.env.invalidate_all()
        return response

    def _page(self, url):
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return response

    def _text(self, response):
        page = html.fromstring(response.content)
        text = " ".join(page.xpath("//main")[0].text_content().split())
        return text.replace("\N{NO-BREAK SPACE}", " ")

    def _assert_home(self, response):
        self.assertTrue(response.url.rstrip("/").endswith("/my"), response.url)

    def _orders(self, partner=None):
        return self.env["sale.order"].search(
            [("partner_id", "child_of", (partner or self.customer).id)], order="id"
        )

    def _pay_online(self, order, amount=None, state="done", **vals):
        """What Odoo's payment form does; ``amount`` and ``vals`` as a browser that is
        not honest may change them."""
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            started = self.make_jsonrpc_request(
                f"/my/orders/{order.id}/transaction",
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.method.id,
                    "token_id": None,
                    "amount": order.amount_total if amount is None else amount,
                    "flow": "direct",
                    "tokenization_requested": False,
                    "landing_route": order.get_portal_url(),
                    "access_token": order.access_token,
                    **vals,
                },
            )
            self._notify(started["reference"], state)
        return self.env["payment.transaction"].search(
            [("reference", "=", started["reference"])]
        )

    def _notify(self, reference, state="done"):
        self.make_jsonrpc_request(
            "/payment/demo/simulate_payment",
            {
                "reference": reference,
                "payment_details": "4242",
                "simulated_state": state,
            },
        )
        self.make_jsonrpc_request("/payment/status/poll", {})
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestTopup(BuyCase):
    def setUp(self):
        super().setUp()
        self.url = f"/my/support-contracts/{self.contract.id}/topup"

    def _order(self, **vals):
        return self._post(
            self.url, **{"product": self.topup_hours.id, "pieces": 2, **vals}
        )

    def test_page(self):
        text = self._text(self._page(self.url))
        for part in (
            "Ten hours",
            "10:00 h for your balance",
            "800.00 €",
            "1:00 h left",
        ):
            self.assertIn(part, text)
        # a wallet does not fit a contract of hours
        self.assertNotIn("Wallet", text)
        self.assertFalse(self._orders(), "looking orders nothing")

    def test_price_is_the_customers(self):
        """agreed rate, pricelist and taxes, as the order has them"""
        tax = self.env["account.tax"].create(
            {"name": "22", "amount": 22, "company_id": self.company.id}
        )
        self.topup_hours.taxes_id = tax
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {
                "name": "Less",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create({"compute_price": "percentage", "percent_price": 50})
                ],
            }
        )
        text = self._text(self._page(self.url))
        self.assertIn("$ 400.00 With taxes: $ 488.00", text)
        self._order(pieces=1)
        self.assertEqual(self._orders().amount_total, 488)

    def test_on_invoice(self):
        response = self._order()
        order = self._orders()
        self.assertIn(f"/my/orders/{order.id}", response.url)
        self.assertEqual(
            (order.state, order.amount_total, order.support_ordered_by_id),
            ("sale", 1600, self.orderer),
        )
        self.assertEqual(order.user_id, self.manager)
        line = order.order_line
        self.assertEqual(
            (line.support_contract_id, line.product_uom_qty), (self.contract, 2)
        )
        invoice = order.invoice_ids
        self.assertEqual(invoice.state, "posted")
        self.assertTrue(invoice.sending_data, "mailed by a job")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        text = self._text(self._page(self.url))
        self.assertIn(invoice.name, text)
        self.assertIn("when the invoice is paid", text)
        self._pay(invoice)
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 1200)])
        self.assertNotIn(invoice.name, self._text(self._page(self.url)))

    def test_price_changed_meanwhile(self):
        """nobody orders at another price than he has read"""
        page = html.fromstring(self._page(self.url).content)
        [shown] = page.xpath("//main//form//input[@name='shown']/@value")
        self.topup_hours.list_price += 100
        vals = {"product": self.topup_hours.id, "pieces": 1, "shown": shown}
        response = self._post(self.url, **vals)
        self.assertIn("The prices have changed", self._text(response))
        self.assertFalse(self._orders())
        page = html.fromstring(response.content)
        [vals["shown"]] = page.xpath("//main//form//input[@name='shown']/@value")
        self._post(self.url, **vals)
        self.assertEqual(len(self._orders()), 1)

    def test_sent_twice(self):
        key = str(uuid.uuid4())
        first, second = self._order(submission_key=key), self._order(submission_key=key)
        self.assertEqual(len(self._orders()), 1)
        self.assertEqual(first.url, second.url)

    def test_only_a_post_with_its_token(self):
        self.assertEqual(self._order(csrf=False).status_code, 400)
        self.url_open(f"{self.url}?product={self.topup_hours.id}&pieces=1")
        self.assertFalse(self._orders())

    def test_refused(self):
        foreign = self._create_product(
            "Of another size",
            5,
            support_sells="topup",
            support_quantity=60,
            sale_ok=False,
        )
        free = self._create_product(
            "Free", 0, support_sells="topup", support_quantity=60
        )
        self.assertNotIn("Free", self._text(self._page(self.url)))
        for vals, message in [
            ({"product": self.topup_money.id}, "one of the top-ups on offer"),
            ({"product": self.product_phone.id}, "one of the top-ups on offer"),
            ({"product": foreign.id}, "one of the top-ups on offer"),
            ({"product": "x"}, "one of the top-ups on offer"),
            ({"product": 2**40}, "one of the top-ups on offer"),
            ({"product": free.id}, "no price for this yet"),
            ({"pieces": 0}, "from 1 to 20"),
            ({"pieces": 21}, "from 1 to 20"),
            ({"pieces": "-1"}, "from 1 to 20"),
            ({"pieces": "0.5"}, "from 1 to 20"),
            ({"pieces": "NaN"}, "from 1 to 20"),
            ({"submission_key": "x"}, "open for too long"),
        ]:
            with self.subTest(vals=vals):
                response = self._order(**vals)
                self.assertEqual(response.status_code, 200)
                self.assertIn(message, self._text(response))
        self.assertFalse(self._orders())

    def test_price_from_the_form_counts_for_nothing(self):
        self._order(price=1, price_unit=1, amount=1, contract=999, partner_id=1)
        self.assertEqual(self._orders().amount_total, 1600)

    def test_colleague_reads(self):
        """named persons order; the others see it, and who may"""
        self._login(self.colleague)
        response = self._page(self.url)
        self.assertIn("Only those named in the contract", self._text(response))
        page = html.fromstring(response.content)
        self.assertFalse(page.xpath("//main//button[@type='submit']"))
        self.assertIn("Only those named in the contract", self._text(self._order()))
        self.assertFalse(self._orders())

    def test_own_people_look_and_do_not_order(self):
        self._login(self.manager)
        self.assertIn("Ten hours", self._text(self._page(self.url)))
        self.assertIn("Only those named", self._text(self._order()))
        self.assertFalse(self._orders())

    def test_others_get_nothing(self):
        self._login(self.other_portal_user)
        for url in (self.url, "/my/support-contracts/99999999/topup"):
            self._assert_home(self.url_open(url))
            self._assert_home(self._post(url, product=self.topup_hours.id, pieces=1))
        self.assertFalse(self._orders())
        self.assertFalse(self._orders(self.other_customer))

    def test_ended_contract(self):
        self.contract._set_state("terminated")
        self.assertIn("nothing to add", self._text(self._page(self.url)))
        self.assertIn("one of the top-ups", self._text(self._order()))

    def test_pieces_of_the_company(self):
        self.company.support_portal_pieces = 3
        self.assertIn("from 1 to 3", self._text(self._order(pieces=4)))
        self.assertFalse(self._orders())
        self._order(pieces=3)
        self.assertEqual(len(self._orders()), 1)

    def test_overdue_invoice(self):
        """on invoice there is no more while one is overdue; paid online there is"""
        self._order()
        invoice = self._orders().invoice_ids
        invoice.invoice_date_due = self.company._support_day()
        self.assertNotIn("overdue", self._text(self._page(self.url)))
        invoice.invoice_date_due -= relativedelta(days=1)
        response = self._page(self.url)
        self.assertIn(f"Invoice {invoice.name} is overdue since", self._text(response))
        page = html.fromstring(response.content)
        self.assertFalse(page.xpath("//main//button[@type='submit']"))
        [link] = page.xpath("//main//*[@name='debt']//a/@href")
        self.assertEqual(link, invoice.access_url)
        self.assertIn("is overdue since", self._text(self._order()))
        self.assertEqual(len(self._orders()), 1)
        self._set_up_provider()
        self._order()
        self.assertEqual(self._orders()[-1].state, "sent")
        self.company.support_portal_order = "invoice"
        self._pay(invoice)
        self.assertIn("/my/orders/", self._order().url)

    def test_too_many_invoices(self):
        for _turn in range(5):
            self._order(pieces=1)
        self.assertIn("5 orders wait for their payment", self._text(self._order()))
        self.assertEqual(len(self._orders()), 5)

    def test_quotation_of_a_salesperson(self):
        """nobody ordered it: it is a quotation to look at"""
        order = self.contract._order_topup(self.topup_hours, 1)
        order.action_quotation_sent()
        response = self._page(self.url)
        text = self._text(response)
        self.assertIn("Quotation of", text)
        self.assertIn("Look at the quotation", text)
        self.assertNotIn("not paid yet", text)
        page = html.fromstring(response.content)
        pay = f"//main//a[@aria-label='Pay {order.name}']"
        self.assertFalse(page.xpath(pay))
        order.support_ordered_by_id = self.orderer
        response = self._page(self.url)
        self.assertIn("not paid yet", self._text(response))
        self.assertTrue(html.fromstring(response.content).xpath(pay))

    def test_one_month(self):
        for months, text in [
            (0, "10:00 h for your balance."),
            (1, "10:00 h for your balance, to be used within a month."),
            (6, "10:00 h for your balance, to be used within 6 months."),
        ]:
            self.topup_hours.support_validity_months = months
            self.assertEqual(self.contract._describe_topup(self.topup_hours), text)

    def test_two_balances_that_would_do(self):
        """nobody could say which one: not on offer, instead of an error"""
        topup = self._create_product(
            "By phone",
            50,
            support_sells="topup",
            support_quantity=60,
            support_work_mode_ids=[Command.set(self.phone.ids)],
        )
        self.topup_hours.sale_ok = False
        for other in (self.remote, self.on_site):
            self.env["support.ledger"].create(
                {
                    "contract_id": self.contract.id,
                    "unit": "time",
                    "work_mode_ids": [Command.set((self.phone | other).ids)],
                }
            )
        self.assertEqual(len(self.contract._get_topup_ledgers(topup)), 2)
        self.assertIn("nothing to add", self._text(self._page(self.url)))

    def test_queries(self):
        """the page costs the same whatever was ordered"""
        self.company.support_portal_order = "invoice"
        self._page(self.url)

        def count():
            self.env.flush_all()
            before = self.cr.sql_log_count
            self._page(self.url)
            return self.cr.sql_log_count - before

        few = count()
        for _turn in range(6):
            self._create_order(self.topup_hours, contract=self.contract)
        many = count()
        self.assertLess(many, few + 12)


@tagged("post_install", "-at_install")
class TestPaidOnline(BuyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_provider()

    def setUp(self):
        super().setUp()
        self.url = f"/my/support-contracts/{self.contract.id}/topup"
        response = self._post(self.url, product=self.topup_hours.id, pieces=1)
        self.assertIn("/my/orders/", response.url)
        self.order = self._orders()

    def test_ordered(self):
        self.assertEqual((self.order.state, self.order.require_payment), ("sent", True))
        self.assertFalse(self.order.invoice_ids)
        # the form of Odoo is on its page
        page = html.fromstring(self._page(f"/my/orders/{self.order.id}").content)
        self.assertTrue(page.xpath("//form[@id='o_payment_form']"))
        text = self._text(self._page(self.url))
        self.assertIn(self.order.name, text)
        self.assertIn("not paid yet", text)

    def test_paid(self):
        self.order._portal_ensure_token()
        transaction = self._pay_online(self.order)
        self.assertEqual(transaction.amount, 800)
        self.assertEqual(self.order.state, "sale")
        invoice = self.order.invoice_ids
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])
        # again, and again
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            for _turn in range(2):
                self._notify(transaction.reference)
        transaction._post_process()
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])
        self.assertEqual(self.order.invoice_ids, invoice)
        self.assertEqual(len(invoice.matched_payment_ids), 1)
        self.assertNotIn(self.order.name, self._text(self._page(self.url)))
        self._assert_sound()

    def test_no_pdf_in_a_request(self):
        """the mail that confirms the order is printed by a job"""
        self.order._portal_ensure_token()
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "_render_qweb_pdf", side_effect=AssertionError):
            self._pay_online(self.order)
        self.assertTrue(self.order.pending_email_template_id)
        with (
            self.enter_registry_test_mode(),
            patch.object(report, "_render_qweb_pdf", return_value=(b"x", "pdf")),
        ):
            self.env.ref("support_contract.ir_cron_order_mails").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(self.order.pending_email_template_id)
        self.assertIn(
            "Order (Ref",
            "".join(filter(None, self.order.message_ids.mapped("subject"))),
        )

    def test_odoo_invoices_by_itself(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        self.order._portal_ensure_token()
        with mute_logger("odoo.addons.account.models.account_move_send"):
            self._pay_online(self.order)
        self.assertEqual(len(self.order.invoice_ids), 1)
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])

    def test_amount_of_the_browser(self):
        """h10: the amount, the kind and the landing page are the server's"""
        self.order._portal_ensure_token()
        for turn, vals in enumerate(
            [
                {"amount": 0},
                {"amount": -5},
                {"amount": 0.01},
                {"amount": 1e20},
                {"is_validation": True, "amount": None},
                {"landing_route": "https://evil.example.com"},
            ]
        ):
            transaction = self._pay_online(self.order, state="pending", **vals)
            with self.subTest(vals=vals, turn=turn):
                self.assertEqual(transaction.amount, 800)
                self.assertEqual(transaction.operation, "online_direct")
                self.assertIn("/my/orders/", transaction.landing_route)
                self.assertNotIn("evil", transaction.landing_route)
            self.assertEqual(self._flushed(self.ledger).balance, 60)

    def test_failed(self):
        self.order._portal_ensure_token()
        for state in ("pending", "cancel", "error"):
            self._pay_online(self.order, state=state)
            self.assertEqual(self.order.state, "sent")
            self.assertEqual(self._flushed(self.ledger).balance, 60)

    def test_who_pays(self):
        """a colleague who may not order does not pay for him"""
        self.order._portal_ensure_token()
        self._login(self.colleague)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._pay_online(self.order)
        self._login(self.other_portal_user)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._pay_online(self.order, access_token="x")
        self.assertEqual(self.order.state, "sent")
        self.assertFalse(self.order.transaction_ids)

    def test_pending_payment_keeps_the_order(self):
        """what is under way is not cancelled, and money for nothing is told"""
        self.order._portal_ensure_token()
        transaction = self._pay_online(self.order, state="pending")
        with self._assert_refused("is under way"):
            self.order._support_give_way()
        self.order._action_cancel()
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            for _turn in range(2):
                self._notify(transaction.reference, "done")
        transaction._post_process()
        self.assertEqual(transaction.state, "done")
        summaries = self.contract.activity_ids.mapped("summary")
        self.assertEqual(
            len([text for text in summaries if "cannot be confirmed" in text]), 1
        )
        self._assert_entries(self.ledger, [("grant", 60)])

    def test_link_without_login(self):
        """the link of an order that a person has placed is for that person"""
        self.order._portal_ensure_token()
        self._login_nobody()
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._pay_online(self.order)
        self.assertFalse(self.order.transaction_ids)

    def _login_nobody(self):
        self.authenticate(None, None)

    def test_paid_already(self):
        self.order._portal_ensure_token()
        self._pay_online(self.order)
        with self.assertRaises(JsonRpcException), mute_logger("odoo.http"):
            self._pay_online(self.order)
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])

    def test_not_for_ever(self):
        for _turn in range(4):
            self._post(self.url, product=self.topup_hours.id, pieces=1)
        response = self._post(self.url, product=self.topup_hours.id, pieces=1)
        self.assertIn("wait for their payment already", self._text(response))
        self.assertEqual(len(self._orders()), 5)

    def test_provider_gone(self):
        """nobody could pay online: on invoice"""
        self.provider.is_published = False
        self._post(self.url, product=self.topup_hours.id, pieces=1)
        self.assertEqual(self._orders()[-1].state, "sale")

    def test_nobody_pretends(self):
        """who ordered in the portal is no field for people"""
        order = self._create_order(self.topup_hours, confirm=False)
        self.manager.group_ids += self.env.ref("sales_team.group_sale_manager")
        with self._assert_refused("Only the portal"):
            order.with_user(self.manager).write(
                {"support_ordered_by_id": self.orderer.id}
            )
        with self._assert_refused("Only the portal"):
            self.env["sale.order"].with_user(self.manager).with_context(
                default_support_portal_key="x"
            ).create({"partner_id": self.customer.id, "company_id": self.company.id})


@tagged("post_install", "-at_install")
class TestLinks(BuyCase):
    """What the contract's page leads to, and the things to do."""

    def _texts(self, contract, partner):
        contract = contract.sudo()
        return [action["text"] for action in contract._get_portal_actions(partner)]

    def _todos(self, partner=None):
        self.env.flush_all()
        self.env.invalidate_all()
        partner = partner or self.orderer
        todos = self.contract._get_portal_todos(partner)[self.contract.id]
        return [(todo["kind"], todo["text"], todo["url"]) for todo in todos]

    def test_actions(self):
        texts = self._texts(self.contract, self.orderer)
        for text in ("Top up", "Renewal", "Which type suits?"):
            self.assertIn(text, texts)
        self.assertNotIn("Bring it back", texts)
        for action in self.contract._get_portal_actions(self.orderer):
            self.assertEqual(self._page(action["url"]).status_code, 200)
        self.contract._set_state("lapsed")
        self.assertEqual(self._texts(self.contract, self.orderer), ["Bring it back"])
        self.assertNotIn(
            "Bring it back",
            self._texts(self.contract, self.colleague.partner_id),
        )

    def test_nothing_to_top_up(self):
        bare = self._create_contract(self._create_type())
        bare.orderer_ids = self.orderer
        self.assertNotIn("Top up", self._texts(bare, self.orderer))

    def test_todos(self):
        self.assertEqual(self._todos(), [])
        order = self._create_order(
            self.topup_hours, confirm=False, contract=self.contract
        )
        self.assertEqual(self._todos(), [], "a draft is ours")
        order.action_quotation_sent()
        [(kind, text, url)] = self._todos()
        self.assertEqual((kind, url), ("pay", f"/my/orders/{order.id}"))
        self.assertIn("Accept quotation", text)
        self.assertEqual(self._todos(self.colleague.partner_id), [])
        order.action_confirm()
        invoice = self._invoice(order)
        self.assertEqual(self._todos(), [])
        invoice.invoice_date_due = "2020-01-01"
        [(kind, text, url)] = self._todos()
        self.assertEqual((kind, url), ("pay", f"/my/invoices/{invoice.id}"))
        self.assertIn(invoice.name, text)
        self._pay(invoice)
        self.assertEqual(self._todos(), [])

    def test_renew_soon(self):
        today = self.company._support_day()
        with freeze_time(today - relativedelta(months=11)):
            self.contract = self._create_contract(
                self._create_time_type(60),
                date_start=today - relativedelta(months=11),
            )
        self.contract.orderer_ids = self.orderer
        [(kind, _text, url)] = self._todos()
        self.assertEqual(
            (kind, url), ("renew", f"/my/support-contracts/{self.contract.id}/renew")
        )
        self.contract._decline_renewal(
            today, "by mail", self.env.ref("support_contract.churn_reason_price")
        )
        self.assertEqual(self._todos(), [])
