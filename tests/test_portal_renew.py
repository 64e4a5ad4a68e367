# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The end of a term in the portal: renewed, declined, another type, brought back."""

import uuid
from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time
from lxml import html

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_sign import DRAWING
from .test_portal_topup import BuyCase


class TermCase(BuyCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee = cls._create_product("Annual fee", 1200)
        cls.reason = cls.env.ref("support_contract.churn_reason_price")
        cls.today = cls.company._support_day()
        # ends in a month
        cls.yearly = cls._create_fee_contract(11)

    @classmethod
    def _create_fee_contract(cls, months, lapsed=False, **vals):
        """A contract for a year that began ``months`` months ago."""
        start = cls.today - relativedelta(months=months)
        contract_type = cls._create_time_type(
            300,
            name=vals.pop("name", "Yearly"),
            product_id=cls.fee.id,
            fee_period="year",
            **vals,
        )
        with freeze_time(datetime.combine(start, datetime.min.time())):
            contract = cls._create_contract(contract_type, date_start=start)
        contract.orderer_ids = cls.orderer
        if lapsed:
            contract._update_states()
        return contract

    def _url(self, path, contract=None):
        return f"/my/support-contracts/{(contract or self.yearly).id}/{path}"


@tagged("post_install", "-at_install")
class TestRenew(TermCase):
    def _renew(self, contract=None, **vals):
        return self._post(self._url("renew", contract), **vals)

    def test_page(self):
        text = self._text(self._page(self._url("renew")))
        self.assertIn("Ends with its term, unless you renew it", text)
        self.assertIn("1,200.00", text)
        self.assertIn(str((self.yearly.date_end + timedelta(1)).year), text)
        self.assertFalse(self._orders())
        self.assertEqual(self.yearly.renewal_state, "open")

    def test_renew_on_invoice(self):
        end = self.yearly.date_end
        response = self._renew()
        order = self._orders()
        self.assertIn(f"/my/orders/{order.id}", response.url)
        self.assertEqual((order.state, order.amount_total), ("sale", 1200))
        self.assertEqual(order.user_id, self.manager)
        self.assertEqual(self.yearly.date_end, end + relativedelta(years=1))
        self.assertEqual(order.invoice_ids.state, "posted")
        # once
        self.assertIn("has been renewed already", self._text(self._renew()))
        self.assertEqual(self._orders(), order)

    def test_renew_paid_online(self):
        self._set_up_provider()
        end = self.yearly.date_end
        self._renew()
        order = self._orders()
        self.assertEqual((order.state, self.yearly.date_end), ("sent", end))
        self.assertEqual(self.yearly.renewal_state, "quoted")
        self.assertIn(order.name, self._text(self._page(self._url("renew"))))
        # the same again: the same order
        self.assertIn(f"/my/orders/{order.id}", self._renew().url)
        self.assertEqual(self._orders(), order)
        order._portal_ensure_token()
        transaction = self._pay_online(order)
        self.assertEqual(self.yearly.date_end, end + relativedelta(years=1))
        with mute_logger("odoo.addons.payment.models.payment_transaction"):
            self._notify(transaction.reference)
        self.assertEqual(len(self.yearly.term_ids), 2)
        self.assertIn(order.invoice_ids.payment_state, ("paid", "in_payment"))

    def test_paid_too_late(self):
        """renewed by hand in the meantime: the money is booked, the owner decides"""
        self._set_up_provider()
        self._renew()
        order = self._orders()
        self.yearly._renew()
        order._portal_ensure_token()
        transaction = self._pay_online(order)
        self.assertEqual((transaction.state, order.state), ("done", "sent"))
        self.assertTrue(transaction.payment_id)
        self.assertEqual(len(self.yearly.term_ids), 2)
        self.assertIn(
            "cannot be confirmed", "".join(self.yearly.activity_ids.mapped("summary"))
        )

    def test_form_decides_nothing(self):
        self._renew(price=1, months=120, fee=0, count=1)
        self.assertEqual(self._orders().amount_total, 1200)
        self.assertEqual(self._orders().order_line.support_months, 12)

    def test_sent_by_us_already(self):
        order = self.yearly._quote_renewal()
        self.assertIn("We prepare", self._text(self._page(self._url("renew"))))
        self.assertIn("We prepare", self._text(self._renew()))
        order.action_quotation_sent()
        self.assertIn(f"/my/orders/{order.id}", self._renew().url)
        self.assertEqual(order.state, "sent")
        self.assertEqual(self._orders(), order)

    def _accept(self, order, **vals):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "name": "Somebody",
                "signature": DRAWING,
                "access_token": order.access_token,
                **vals,
            },
        )

    def test_who_accepts_our_quotation(self):
        """Odoo's own page takes it from those only whom the contract names"""
        order = self.yearly._quote_renewal()
        order.write({"require_signature": True, "require_payment": False})
        order.action_quotation_sent()
        order._portal_ensure_token()
        end = self.yearly.date_end
        for user in (self.colleague, None):
            self.authenticate(user and user.login, user and user.login)
            self.assertIn("error", self._accept(order))
            self._post(
                f"/my/orders/{order.id}/decline",
                csrf=bool(user),
                decline_message="No",
                access_token=order.access_token,
            )
            self.assertEqual((order.state, self.yearly.date_end), ("sent", end))
            self.assertFalse(order.signature)
        self._login(self.portal_user)
        self._accept(order)
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self.yearly.date_end, end + relativedelta(years=1))

    def test_link_where_nobody_has_a_login(self):
        """then the link that we sent is all there is"""
        self.yearly.orderer_ids = self.contact
        order = self.yearly._quote_renewal()
        order.write({"require_signature": True, "require_payment": False})
        order.action_quotation_sent()
        order._portal_ensure_token()
        self.authenticate(None, None)
        self._accept(order)
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")

    def test_without_a_price(self):
        contract = self._create_contract(self._create_time_type(60))
        contract.orderer_ids = self.orderer
        response = self._renew(contract)
        self.assertIn("We received it", self._text(response))
        self.assertIn("wants to renew", contract.activity_ids.summary)
        self.assertEqual(contract.activity_ids.user_id, self.manager)
        self.assertFalse(self._orders())

    def test_by_itself(self):
        contract = self._create_fee_contract(
            6,
            renewal="automatic",
            cancellation_days=30,
            notice_ids=[Command.create({"days": 60})],
        )
        text = self._text(self._page(self._url("renew", contract)))
        self.assertIn("goes on by itself", text)
        self.assertIn("Notice until", text)
        self.assertIn("goes on by itself", self._text(self._renew(contract)))
        self.assertFalse(self._orders())

    def test_colleague_and_others(self):
        self._login(self.colleague)
        self.assertIn("Only those named", self._text(self._page(self._url("renew"))))
        self.assertIn("Only those named", self._text(self._renew()))
        self._login(self.manager)
        self.assertIn("Only those named", self._text(self._renew()))
        self._login(self.other_portal_user)
        for path in ("renew", "change-type", "reinstate"):
            self._assert_home(self.url_open(self._url(path)))
            self._assert_home(self._post(self._url(path)))
        self._assert_home(self._post(self._url("decline"), reason=self.reason.id))
        self.assertFalse(self._orders())
        self.assertEqual(self.yearly.renewal_state, "open")

    def test_once_and_only_by_post(self):
        key = str(uuid.uuid4())
        self._renew(submission_key=key)
        self._renew(submission_key=key)
        self.assertEqual(len(self._orders()), 1)
        self.assertEqual(self._renew(csrf=False).status_code, 400)
        self.assertEqual(self.url_open(self._url("decline")).status_code, 405)


@tagged("post_install", "-at_install")
class TestDecline(TermCase):
    def _decline(self, contract=None, **vals):
        return self._post(
            self._url("decline", contract),
            **{"reason": self.reason.id, "note": "<b>No</b> money\0", **vals},
        )

    def test_notice(self):
        text = self._text(self._decline())
        self.assertIn("Notice was given", text)
        self.assertEqual(
            (self.yearly.renewal_state, self.yearly.churn_reason_id),
            ("declined", self.reason),
        )
        self.assertIn("gave notice", self.yearly.activity_ids.summary)
        body = "".join(self.yearly.message_ids.mapped("body"))
        self.assertIn("&lt;b&gt;No&lt;/b&gt; money", body)
        # decided once; no renewal any more
        self.assertIn("Notice was given", self._text(self._decline()))
        self.assertIn("Notice was given", self._text(self._post(self._url("renew"))))
        self.assertFalse(self._orders())

    def test_open_order_goes(self):
        self._set_up_provider()
        self._post(self._url("renew"))
        self._decline()
        self.assertEqual(self._orders().state, "cancel")
        self.assertEqual(self.yearly.renewal_state, "declined")

    def test_refused(self):
        ours = self.env.ref("support_contract.churn_reason_vendor")
        other = self.env["support.churn.reason"].create(
            {
                "name": "Elsewhere",
                "company_id": self.setup_independent_company(name="B").id,
            }
        )
        for vals, message in [
            ({"reason": ""}, "choose a reason"),
            ({"reason": "x"}, "choose a reason"),
            ({"reason": ours.id}, "choose a reason"),
            ({"reason": other.id}, "choose a reason"),
            ({"note": "x" * 501}, "at most 500"),
        ]:
            with self.subTest(vals=vals):
                self.assertIn(message, self._text(self._decline(**vals)))
        self._login(self.colleague)
        self.assertIn("Only those named", self._text(self._decline()))
        self.assertEqual(self.yearly.renewal_state, "open")

    def test_too_late(self):
        """until the notice deadline, even if the night was missed"""
        contract = self._create_fee_contract(
            11,
            renewal="automatic",
            cancellation_days=60,
            notice_ids=[Command.create({"days": 90})],
        )
        self.assertIn("had to be given until", self._text(self._decline(contract)))
        self.assertEqual(contract.renewal_state, "open")


@tagged("post_install", "-at_install")
class TestChangeType(TermCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        types = cls.env["support.contract.type"]
        types.search([]).portal_shown = False
        cls.better = cls._create_time_type(900, name="More hours", portal_shown=True)
        cls.hidden = cls._create_time_type(60, name="Secret of the house")
        ticket = cls._create_ticket(support_work_mode_id=cls.remote.id)
        cls._log_work(ticket, 60)

    def _change(self, **vals):
        return self._post(self._url("change-type"), **{"type": self.better.id, **vals})

    def test_compared(self):
        text = self._text(self._page(self._url("change-type")))
        for part in ("More hours", "Yearly Yours", "On call, no contract", "Fees"):
            self.assertIn(part, text)
        self.assertNotIn("Secret", text)

    def test_ask(self):
        response = self._change()
        self.assertIn("You asked for “More hours”", self._text(response))
        follower = self.yearly.renewed_by_ids
        self.assertEqual(
            (follower.type_id, follower.state, follower.date_start, follower.user_id),
            (
                self.better,
                "draft",
                self.yearly.date_end + timedelta(days=1),
                self.manager,
            ),
        )
        self.assertIn("More hours", follower.activity_ids.summary)
        self._change()
        self.assertEqual(self.yearly.renewed_by_ids, follower)

    def test_refused(self):
        for value in (self.hidden.id, self.yearly.type_id.id, "x", "", 2**40):
            with self.subTest(value=value):
                self.assertIn("on offer", self._text(self._change(type=value)))
        self._login(self.colleague)
        self.assertIn("Only those named", self._text(self._change()))
        self._login(self.manager)
        self.assertIn("Only those named", self._text(self._change()))
        self.assertFalse(self.yearly.renewed_by_ids)

    def test_many_tickets(self):
        """what is replayed has an end"""
        from ..models import support_contract_buy_term as room

        self.patch(room, "TICKETS_COMPARED", 0)
        first, last, _rows = self.yearly._get_buy_comparison()
        self.assertEqual(first, last)


@tagged("post_install", "-at_install")
class TestReinstate(TermCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.back = cls._create_product("Back again", 200)
        cls.lapsed = cls._create_fee_contract(
            14,
            lapsed=True,
            name="Gone",
            grace_days=10,
            reinstatement_ids=[
                Command.create(
                    {"kind": "fee", "until_day": 300, "product_id": cls.back.id}
                ),
            ],
        )

    def _reinstate(self, contract=None, **vals):
        return self._post(self._url("reinstate", contract or self.lapsed), **vals)

    def test_page(self):
        self.assertEqual(self.lapsed.state, "lapsed")
        text = self._text(self._page(self._url("reinstate", self.lapsed)))
        for part in ("has lapsed", "200.00", "1,200.00", "Bring it back"):
            self.assertIn(part, text)
        self.assertFalse(self._orders())

    def test_price_is_the_orders(self):
        """in the customer's currency and with his taxes, as the order says"""
        tax = self.env["account.tax"].create(
            {"name": "22", "amount": 22, "company_id": self.company.id}
        )
        (self.back | self.lapsed.product_id).taxes_id = tax
        currency = self.setup_other_currency("CHF", rates=[("2020-01-01", 2.0)])
        self.customer.property_product_pricelist = self.env["product.pricelist"].create(
            {"name": "Swiss", "currency_id": currency.id}
        )
        text = self._text(self._page(self._url("reinstate", self.lapsed)))
        self._reinstate()
        order = self._orders()
        self.assertEqual(order.currency_id, currency)
        for line in order.order_line:
            for amount in (line.price_subtotal, line.price_total):
                self.assertIn(f"{amount:,.2f}", text)
        self.assertEqual(len(order.order_line), 2)

    def test_paid(self):
        self._set_up_provider()
        response = self._reinstate()
        order = self._orders()
        self.assertIn(f"/my/orders/{order.id}", response.url)
        self.assertEqual((order.state, order.amount_total), ("sent", 1400))
        self.assertEqual(self.lapsed.state, "lapsed")
        self.assertIn(f"/my/orders/{order.id}", self._reinstate().url)
        self.assertEqual(self._orders(), order)
        order._portal_ensure_token()
        self._pay_online(order)
        self.assertEqual(self.lapsed.state, "active")

    def test_on_invoice(self):
        """it lives when it is paid"""
        self._reinstate()
        order = self._orders()
        self.assertEqual((order.state, self.lapsed.state), ("sale", "lapsed"))
        self._pay(order.invoice_ids)
        self.assertEqual(self.lapsed.state, "active")
        self.assertIn("cannot be reinstated", self._text(self._reinstate()))

    def test_expired_order(self):
        self._set_up_provider()
        self._reinstate()
        first = self._orders()
        first.validity_date = "2020-01-01"
        text = self._text(self._page(self._url("reinstate", self.lapsed)))
        self.assertIn("Bring it back", text)
        self._reinstate()
        second = self._orders() - first
        self.assertEqual((first.state, second.state), ("cancel", "sent"))
        self.assertEqual(self.lapsed.waiting_return_id.order_id, second)

    def test_free(self):
        contract = self._create_fee_contract(
            14,
            lapsed=True,
            grace_days=10,
            reinstatement_ids=[Command.create({"kind": "free"})],
        )
        self.assertIn("/my", self._reinstate(contract).url)
        self.assertEqual(contract.state, "active")
        self.assertFalse(self._orders())

    def test_free_but_paid_first(self):
        self._set_up_provider()
        contract = self._create_fee_contract(
            14,
            lapsed=True,
            grace_days=10,
            reinstatement_ids=[Command.create({"kind": "free"})],
        )
        self._reinstate(contract)
        self.assertEqual((self._orders().state, contract.state), ("sent", "lapsed"))

    def test_no_price(self):
        self.back.list_price = 0
        self.assertIn("We received it", self._text(self._reinstate()))
        self.assertIn("wants the contract back", self.lapsed.activity_ids.summary)
        self.assertFalse(self._orders())

    def test_not_lapsed(self):
        self.assertIn("cannot be reinstated", self._text(self._reinstate(self.yearly)))
        self.assertFalse(self._orders())

    def test_who(self):
        self._login(self.colleague)
        page = self._page(self._url("reinstate", self.lapsed))
        self.assertIn("Only those named", self._text(page))
        self.assertFalse(
            html.fromstring(page.content).xpath("//main//button[@type='submit']")
        )
        self.assertIn("Only those named", self._text(self._reinstate()))
        self.assertFalse(self._orders())
