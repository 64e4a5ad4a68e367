# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is sold is credited when it is paid, once, and taken back when it is not."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common_sale import SaleCommon


class TopupCase(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 22:00:00"))
        cls.contract = cls._create_contract(
            cls._create_time_type(60), date_start="2026-01-01"
        )
        cls.ledger = cls.contract.ledger_ids
        cls.ticket = cls._create_ticket()

    def _work(self, minutes):
        return self._log_work(self.ticket, minutes, "2026-03-10")


@tagged("post_install", "-at_install")
class TestCredit(TopupCase):
    def test_pending_until_paid(self):
        """a top-up invoice is not paid: shown as pending, not in the balance"""
        order = self._create_order(self.topup_hours)
        self.assertEqual(order.order_line.support_contract_id, self.contract)
        topup = self.contract.topup_ids
        self._assert_topup(topup, state="pending", quantity=600, credited=0)
        invoice = self._invoice(order)
        topup = self.contract.topup_ids
        self._assert_topup(topup, state="pending", invoice_id=invoice, amount=800)
        self.assertEqual(self.ledger.balance, 60)
        self._pay(invoice)
        self._assert_topup(
            topup, state="credited", credited=600, credited_on=date(2026, 3, 10)
        )
        entry = topup.entry_ids
        self.assertEqual(entry.key, f"topup:{invoice.invoice_line_ids.id}")
        self.assertEqual((entry.first_day, entry.last_day), (date(2026, 3, 10), False))
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self._assert_sound()

    def test_hook_twice(self):
        """the hook fires at in-payment and again at paid"""
        invoice = self._sell(self.topup_hours)
        for _turn in range(2):
            invoice._invoice_paid_hook()
            self.contract.topup_ids._sync()
        self._assert_entries(self.ledger, [("grant", 60), ("topup", 600)])

    def test_partial_payment(self):
        """nothing is credited before all is paid"""
        invoice = self._sell(self.topup_hours, pay=False)
        self._pay(invoice, 300)
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        self._pay(invoice)
        self.assertEqual(self._flushed(self.ledger).balance, 660)

    def test_partial_payment_without_entry(self):
        """a payment that makes no journal entry sets "in payment" whatever it pays"""
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        # as with an accounting app, where payments wait for the bank statement
        self.patch(
            self.env.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )
        invoice = self._sell(self.topup_hours, pay=False)
        first = self._pay(invoice, 300)
        self.assertFalse(first.move_id)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        second = self._pay(invoice, 500)
        self.assertFalse(second.move_id)
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        second.action_draft()
        self.assertEqual(self._flushed(self.ledger).balance, 60)

    def test_when(self):
        """at once, or when invoiced: a field of the product"""
        self.topup_hours.support_credit_when = "order"
        order = self._create_order(self.topup_hours)
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self._pay(self._invoice(order))
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self.topup_hours.support_credit_when = "invoiced"
        order = self._create_order(self.topup_hours)
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self._invoice(order)
        self.assertEqual(self._flushed(self.ledger).balance, 1260)

    def test_more_ordered(self):
        """the quantity of a confirmed order changes"""
        order = self._create_order(self.topup_hours)
        order.order_line.product_uom_qty = 2
        self._assert_topup(self.contract.topup_ids, pieces=2, quantity=1200)
        invoice = self._invoice(order)
        self._pay(invoice)
        order.order_line.product_uom_qty = 3
        waiting = self.contract.topup_ids.filtered(lambda row: row.state == "pending")
        self._assert_topup(waiting, pieces=1, quantity=600)
        self.assertEqual(self._flushed(self.ledger).balance, 1260)

    def test_product_changes_later(self):
        """what was sold is what the product was then"""
        invoice = self._sell(self.topup_hours, pay=False)
        self.topup_hours.support_quantity = 60
        self._pay(invoice)
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self.topup_hours.support_quantity = 120
        self.contract.topup_ids._sync()
        self.assertEqual(self._flushed(self.ledger).balance, 660)

    def test_validity(self):
        self.topup_hours.support_validity_months = 6
        self._sell(self.topup_hours)
        entry = self.contract.topup_ids.entry_ids
        self.assertEqual(entry.last_day, date(2026, 9, 9))

    def test_zero_invoice(self):
        """an invoice of nothing is paid when it is posted"""
        invoice = self._sell(self.topup_hours, pay=False, price_unit=0)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self._flushed(self.ledger).balance, 660)

    def test_order_cancelled(self):
        """what waits is cancelled with its order"""
        order = self._create_order(self.topup_hours)
        invoice = self._invoice(order, post=False)
        order.action_cancel()
        self.assertEqual(invoice.state, "cancel")
        self._assert_topup(self.contract.topup_ids, state="cancelled")
        order.action_draft()
        order.action_confirm()
        self._assert_topup(self.contract.topup_ids, state="pending")

    def test_downpayment_credits_nothing(self):
        order = self._create_order(self.topup_hours)
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": 50})
        )
        downpayment = wizard._create_invoices(order)
        downpayment.action_post()
        self._pay(downpayment)
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        final = order._create_invoices(final=True)
        final.action_post()
        self._pay(final)
        self.assertEqual(self._flushed(self.ledger).balance, 660)


@tagged("post_install", "-at_install")
class TestLedgerChosen(TopupCase):
    def test_by_work_mode(self):
        contract = self._create_contract(
            self._create_type(
                allotments=[
                    {
                        "unit": "time",
                        "quantity": 900,
                        "work_mode_ids": [Command.set((self.phone | self.remote).ids)],
                    },
                    {
                        "unit": "time",
                        "quantity": 600,
                        "work_mode_ids": [Command.set(self.on_site.ids)],
                    },
                ]
            ),
            date_start="2026-01-01",
        )
        with self._assert_refused("several balances"):
            self._create_order(self.topup_hours, contract=contract)
        self.topup_hours.support_work_mode_ids = self.remote
        self._sell(self.topup_hours, contract=contract)
        self.assertEqual(
            self._flushed(contract.ledger_ids).sorted("id").mapped("balance"),
            [1500, 600],
        )

    def test_no_ledger_yet(self):
        invoice = self._sell(self.topup_money, 3, contract=self.contract)
        wallet = self.contract.ledger_ids - self.ledger
        self.assertEqual((wallet.unit, wallet.balance), ("money", 300))
        self.assertEqual(wallet.entry_ids.topup_id.invoice_id, invoice)

    def test_contract_must_be_chosen(self):
        """two contracts fit"""
        self._create_contract(self._create_time_type(), date_start="2026-01-01")
        order = self._create_order(self.topup_hours, confirm=False)
        self.assertFalse(order.order_line.support_contract_id)
        with self._assert_refused("choose the contract"):
            order.action_confirm()
        order.order_line.support_contract_id = self.contract
        order.action_confirm()
        with self._assert_refused("has been sold"):
            order.order_line.support_contract_id = False

    def test_foreign_contract(self):
        other = self._create_contract(self._create_time_type(), self.other_customer)
        with self._assert_refused("not one of"):
            self._create_order(self.topup_hours, contract=other)

    def test_not_running(self):
        self.contract._change_state("terminated", date(2026, 3, 1), "over")
        with self._assert_refused("Terminated"):
            self._create_order(self.topup_hours, contract=self.contract)


@tagged("post_install", "-at_install")
class TestTakeBack(TopupCase):
    def test_payment_taken_back(self):
        """a top-up is refunded, or its payment taken back: at most the unused part
        goes back"""
        invoice = self._sell(self.topup_hours)
        topup = self.contract.topup_ids
        payment = invoice.matched_payment_ids
        self._work(180)
        self.assertEqual(self._flushed(self.ledger).balance, 480)
        payment.action_cancel()
        # 60 of the grant that ends first, 120 of the top-up
        self._assert_topup(
            topup, state="taken_back", credited=120, owed_quantity=120, remaining=0
        )
        self.assertEqual(self.ledger.balance, 0)
        self.assertFalse(topup.charge_ids, "the open invoice claims it")
        self._pay(invoice)
        self._assert_topup(topup, state="credited", credited=600, owed_quantity=0)
        self.assertEqual(self.ledger.balance, 480)
        self.assertEqual(
            topup.entry_ids.sorted("id").mapped("key"),
            [
                f"topup:{invoice.invoice_line_ids.id}",
                f"takeback:{topup.id}:0",
                f"topup:{invoice.invoice_line_ids.id}:1",
            ],
        )
        self._assert_sound()

    def test_unreconciled(self):
        invoice = self._sell(self.topup_hours)
        invoice.line_ids.remove_move_reconcile()
        self._assert_topup(self.contract.topup_ids, state="taken_back", credited=0)
        self._assert_entries(
            self.ledger, [("grant", 60), ("topup", 600), ("takeback", -600)]
        )
        self.assertIn("taken back", self.ledger.entry_ids[0].description)

    def test_reset_to_draft(self):
        """what was used is charged as long as no invoice claims it"""
        invoice = self._sell(self.topup_hours)
        topup = self.contract.topup_ids
        self._work(210)
        invoice.button_draft()
        topup = topup.exists() & self.contract.topup_ids.filtered("entry_ids")
        self._assert_topup(topup, credited=150, owed_quantity=150)
        charge = topup.charge_ids
        self.assertEqual(
            (charge.kind, charge.amount, charge.minutes, charge.state, charge.key),
            ("topup", 200, 150, "open", f"topup:{topup.id}:0"),
        )
        invoice.action_post()
        self.assertTrue(charge.cancelled, "the invoice claims it again")
        if invoice.payment_state not in ("paid", "in_payment"):
            self._pay(invoice)
        self._assert_topup(topup, state="credited", credited=600, owed_quantity=0)
        invoice.button_draft()
        self.assertEqual(
            topup.charge_ids.sorted("id").mapped("key"),
            [f"topup:{topup.id}:0", f"topup:{topup.id}:1"],
        )

    def test_cancelled(self):
        invoice = self._sell(self.topup_hours)
        invoice.button_cancel()
        topup = self.contract.topup_ids.filtered("entry_ids")
        self._assert_topup(topup, state="taken_back", credited=0, owed_quantity=0)
        self.assertFalse(topup.charge_ids, "nothing was used")

    def test_credit_note(self):
        invoice = self._sell(self.topup_hours, 2)
        topup = self.contract.topup_ids
        self._work(60 + 700)
        self._refund(invoice, 1)
        # 500 were left, 600 go back: 100 of them were used
        self._assert_topup(topup, state="credited", credited=700, owed_quantity=100)
        self.assertEqual(self._flushed(self.ledger).balance, 0)
        self.assertEqual(topup.charge_ids.amount, 133.33)
        self.assertEqual(self.contract.topup_ids.filtered("charge_ids"), topup)

    def test_fewer_ordered_after_the_invoice(self):
        """order lines changed after confirmation: the credit note that the order
        makes takes back what it pays back"""
        invoice = self._sell(self.topup_hours, 2)
        order = invoice.invoice_line_ids.sale_line_ids.order_id
        order.order_line.product_uom_qty = 1
        refund = order._create_invoices(final=True)
        refund.action_post()
        self.assertEqual(refund.move_type, "out_refund")
        topup = self.contract.topup_ids.filtered("entry_ids")
        self._assert_topup(topup, state="credited", credited=600)
        refund.button_draft()
        self._assert_topup(topup, state="credited", credited=1200)

    def test_credit_note_of_all(self):
        invoice = self._sell(self.topup_hours)
        refund = self._refund(invoice)
        topup = self.contract.topup_ids.filtered("entry_ids")
        self._assert_topup(topup, state="taken_back", credited=0)
        refund.button_draft()
        self._assert_topup(topup, state="credited", credited=600)

    def test_credit_note_that_is_a_discount(self):
        """one piece at a tenth of its price takes a tenth of the hours"""
        invoice = self._sell(self.topup_hours)
        refund = invoice._reverse_moves()
        refund.invoice_line_ids.price_unit = (
            invoice.invoice_line_ids.price_subtotal / 10
        )
        refund.action_post()
        topup = self.contract.topup_ids.filtered("entry_ids")
        self._assert_topup(topup, state="credited", credited=540)

    def test_credit_note_of_unpaid_invoice(self):
        """reversed is not paid"""
        invoice = self._sell(self.topup_hours, pay=False)
        invoice._reverse_moves(cancel=True)
        self.assertEqual(invoice.payment_state, "reversed")
        self.assertEqual(self._flushed(self.ledger).balance, 60)

    def test_expired_is_not_charged(self):
        self.topup_hours.support_validity_months = 1
        invoice = self._sell(self.topup_hours)
        topup = self.contract.topup_ids
        self._work(60)
        with freeze_time("2026-05-10 10:00:00"):
            self.ledger._expire_due()
            invoice.button_draft()
        topup = self.contract.topup_ids.filtered("entry_ids")
        self.assertEqual(self._flushed(self.ledger).balance, 60)
        self.assertEqual(topup.charge_ids.amount, 80, "60 of 600 minutes")

    def test_not_reversed_by_hand(self):
        self._sell(self.topup_hours)
        entry = self.contract.topup_ids.entry_ids
        with self._assert_refused("follows its invoice"):
            entry._reverse("mistake")

    def test_order_credited_and_cancelled(self):
        self.topup_hours.support_credit_when = "order"
        order = self._create_order(self.topup_hours)
        self._work(120)
        order._action_cancel()
        topup = self.contract.topup_ids
        self._assert_topup(topup, state="taken_back", credited=60)
        self.assertEqual(topup.charge_ids.amount, 80)

    def test_after_the_end(self):
        """paid for a contract that is over: the owner decides"""
        invoice = self._sell(self.topup_hours, pay=False)
        self.contract._change_state("terminated", date(2026, 3, 10), "over")
        self._pay(invoice)
        self._assert_topup(self.contract.topup_ids, state="credited")
        self.assertIn("after the end", self.contract.activity_ids.summary)


@tagged("post_install", "-at_install")
class TestLowBalance(TopupCase):
    def test_armed_again_by_a_paid_topup(self):
        """low balance: arms again after a credit lifts the balance over the level;
        one message, also for what is taken back"""
        self.env["support.contract.threshold"].sudo().create(
            [
                {"contract_id": self.contract.id, "unit": "time", "quantity": level}
                for level in (30, 40, 50)
            ]
        )
        before = self._get_mails("left")
        self._work(45)
        self.assertEqual(len(self._get_mails("left") - before), 1)
        self._work(5)
        self.assertEqual(len(self._get_mails("left") - before), 1)
        invoice = self._sell(self.topup_hours)
        self._work(600)
        self.assertEqual(len(self._get_mails("left") - before), 2)
        other = self._sell(self.topup_hours)
        other.matched_payment_ids.action_cancel()
        self.assertEqual(len(self._get_mails("left") - before), 3)
        self.assertTrue(invoice)


@tagged("post_install", "-at_install")
class TestMoney(TopupCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet = cls.env["support.ledger"].create(
            {
                "contract_id": cls.contract.id,
                "unit": "money",
                "currency_id": cls.company.currency_id.id,
            }
        )

    def _set_rate(self, code, rate):
        currency = self._enable_currency(code)
        self.env["res.currency.rate"].search(
            [("currency_id", "=", currency.id), ("company_id", "=", self.company.id)]
        ).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": rate,
            }
        )
        return currency

    def test_untaxed(self):
        """what is credited is untaxed"""
        tax = self.env["account.tax"].create(
            {
                "name": "22 %",
                "amount": 22,
                "company_id": self.company.id,
                "type_tax_use": "sale",
            }
        )
        invoice = self._sell(
            self.topup_money, 5, tax_ids=[Command.set(tax.ids)], price_unit=99.99
        )
        self.assertEqual(invoice.amount_total, 609.94)
        self.assertEqual(self._flushed(self.wallet).balance, 499.95)

    def test_foreign_currency(self):
        """converted at the invoice's date, rounded in the wallet's currency"""
        huf = self._set_rate("HUF", 400.0)
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "HUF",
                "currency_id": huf.id,
                "company_id": self.company.id,
            }
        )
        invoice = self._sell(
            self.topup_money, pricelist_id=pricelist.id, price_unit=12345
        )
        self.assertEqual(invoice.currency_id, huf)
        self.assertEqual(self._flushed(self.wallet).balance, 30.86)
        # another rate later changes nothing
        self._set_rate("HUF", 200.0)
        self.contract.topup_ids._sync()
        self.assertEqual(self._flushed(self.wallet).balance, 30.86)
        invoice._support_sync()
        self.assertEqual(self._flushed(self.wallet).balance, 30.86)
        self._refund(invoice)
        self.assertEqual(self._flushed(self.wallet).balance, 0)

    def test_wallet_in_foreign_currency(self):
        pln = self._set_rate("PLN", 4.25)
        contract = self._create_contract(
            self._create_type(), date_start="2026-01-01", currency_id=pln.id
        )
        self._sell(self.topup_money, contract=contract)
        wallet = contract.ledger_ids
        self.assertEqual((wallet.currency_id, wallet.balance), (pln, 425))

    def test_partial_credit_note_by_amount(self):
        invoice = self._sell(self.topup_money, 3)
        self._refund(invoice, 1)
        self.assertEqual(self._flushed(self.wallet).balance, 200)


@tagged("post_install", "-at_install")
class TestPrice(TopupCase):
    def test_agreed_rate(self):
        """S1: recharged at the agreed hourly rate"""
        self.topup_hours.support_work_mode_id = self.on_site
        agreed = self.env["product.pricelist"].create(
            {
                "name": "Agreed",
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": self.product_on_site.id,
                            "compute_price": "fixed",
                            "fixed_price": 70,
                        }
                    )
                ],
            }
        )
        order = self._create_order(self.topup_hours, confirm=False)
        self.assertEqual(order.order_line.price_unit, 1200)
        self.contract._write_agreed({"pricelist_id": agreed.id})
        order.action_update_prices()
        self.assertEqual(order.order_line.price_unit, 700)

    def test_price_with_taxes(self):
        tax = self.env["account.tax"].create(
            {
                "name": "22 % included",
                "amount": 22,
                "company_id": self.company.id,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
            }
        )
        self.topup_hours.write(
            {"support_work_mode_id": self.remote.id, "taxes_id": tax.ids}
        )
        order = self._create_order(self.topup_hours, confirm=False)
        self.assertEqual(order.order_line.price_unit, 976)
        self.assertEqual(order.amount_untaxed, 800)


@tagged("post_install", "-at_install")
class TestCompare(TopupCase):
    def test_both_ways(self):
        """the job compares credited with paid both ways"""
        with freeze_time("2026-03-11 10:00:00"):
            invoice = self._sell(self.topup_hours, pay=False)
            topup = self.contract.topup_ids
            # somebody paid, and the hook never came
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE account_move SET payment_state = 'paid', amount_residual = 0 "
                "WHERE id = %s",
                [invoice.id],
            )
            self.env.invalidate_all()
            topup._compare()
            self._assert_topup(topup, state="credited", credited=600)
            self.assertIn("nightly", self.contract.activity_ids.summary)
            self.env.cr.execute(
                "UPDATE account_move SET payment_state = 'not_paid' WHERE id = %s",
                [invoice.id],
            )
            self.env.invalidate_all()
            topup._compare()
            self._assert_topup(topup, state="taken_back", credited=0)
            self.assertEqual(len(self.contract.activity_ids), 1)

    def test_nothing_differs(self):
        self._sell(self.topup_hours)
        self.contract.topup_ids._compare()
        self.assertFalse(self.contract.activity_ids)

    def test_hook_never_came(self):
        """a posted invoice line without a top-up is found"""
        invoice = self._sell(self.topup_hours)
        line = invoice.invoice_line_ids
        copy = invoice.copy()
        copy.invoice_line_ids.support_contract_id = self.contract
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET state = 'posted', payment_state = 'paid', "
            "amount_residual = 0 WHERE id = %s",
            [copy.id],
        )
        self.env.cr.execute(
            "UPDATE account_move_line SET parent_state = 'posted' WHERE move_id = %s",
            [copy.id],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref("support_contract.cron_compare_topups").method_direct_trigger()
        self.assertNotEqual(copy.invoice_line_ids, line)
        self.assertEqual(self._flushed(self.ledger).balance, 1260)
