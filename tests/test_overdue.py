# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Overdue invoices suspend a contract, announced before, and it goes on when paid."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common_sale import SaleCommon

START = "2026-03-01"


class OverdueCase(SaleCommon):
    """An invoice of 1 March is due on the same day; the contract is suspended after
    20 days, announced 7 days before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-03-01 10:00:00"):
            cls.contract = cls._create_contract(
                cls._create_time_type(600, overdue_days=20, overdue_notice_days=7),
                date_start=START,
            )
            cls.invoice = cls._sell(cls.topup_hours, pay=False)

    def _night(self, day):
        with freeze_time(f"{day} 04:00:00"), self.enter_registry_test_mode():
            self.env.ref("support_contract.cron_overdue").method_direct_trigger()
        self.env.invalidate_all()

    def _mails(self):
        subjects = self.env["mail.mail"].search([]).mapped("subject")
        words = ("please pay", "suspended for overdue", "goes on")
        return [sum(word in (text or "") for text in subjects) for word in words]


@tagged("post_install", "-at_install")
class TestOverdue(OverdueCase):
    def test_told_suspended_resumed(self):
        """both told to the customer beforehand"""
        self._night("2026-03-13")
        self.assertEqual(self._mails(), [0, 0, 0])
        self._night("2026-03-14")
        self.assertEqual(self._mails(), [1, 0, 0])
        self.assertEqual(self.contract.overdue_suspend_on, date(2026, 3, 21))
        for day in ("2026-03-15", "2026-03-20"):
            self._night(day)
        self.assertEqual(self._mails(), [1, 0, 0])
        self.assertEqual(self.contract.state, "active")
        self._night("2026-03-21")
        self.assertEqual(self._mails(), [1, 1, 0])
        self.assertEqual(
            (self.contract.state, self.contract.overdue_since),
            ("suspended", date(2026, 3, 21)),
        )
        self._night("2026-03-22")
        self.assertEqual(self._mails(), [1, 1, 0])
        with freeze_time("2026-03-25 10:00:00"):
            self._pay(self.invoice)
        self.assertEqual(self._mails(), [1, 1, 1])
        self.assertEqual(
            (self.contract.state, self.contract.overdue_since), ("active", False)
        )

    def test_notice_mail(self):
        self._night("2026-03-14")
        mail = self._get_mails("please pay")
        self.assertIn(self.invoice.name, mail.body_html)
        self.assertIn("800", mail.body_html)
        self.assertEqual(mail.recipient_ids, self.customer)

    def test_missed_nights(self):
        """a gap of missed nights suspends nobody unannounced"""
        self._night("2026-05-01")
        self.assertEqual((self.contract.state, self._mails()), ("active", [1, 0, 0]))
        self.assertEqual(self.contract.overdue_suspend_on, date(2026, 5, 8))
        self._night("2026-05-07")
        self.assertEqual(self.contract.state, "active")
        self._night("2026-05-08")
        self.assertEqual(self.contract.state, "suspended")

    def test_paid_in_time(self):
        self._night("2026-03-14")
        with freeze_time("2026-03-16 10:00:00"):
            self._pay(self.invoice)
        self._night("2026-03-21")
        self.assertEqual((self.contract.state, self._mails()), ("active", [1, 0, 0]))
        self.assertFalse(self.contract.overdue_suspend_on)

    def test_younger_invoice_has_its_own_notice(self):
        self._night("2026-03-14")
        with freeze_time("2026-03-12 10:00:00"):
            younger = self._sell(self.topup_hours, pay=False)
        with freeze_time("2026-03-16 10:00:00"):
            self._pay(self.invoice)
        self._night("2026-03-21")
        self.assertEqual((self.contract.state, self._mails()), ("active", [1, 0, 0]))
        self._night("2026-03-25")
        self.assertEqual(self._mails(), [2, 0, 0])
        self.assertEqual(self.contract.overdue_suspend_on, date(2026, 4, 1))
        self.assertTrue(younger)

    def test_all_must_be_paid(self):
        with freeze_time("2026-03-02 10:00:00"):
            other = self._sell(self.topup_hours, pay=False)
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        with freeze_time("2026-03-22 10:00:00"):
            self._pay(self.invoice)
            self.assertEqual(self.contract.state, "suspended")
            self._pay(other)
            self.assertEqual(self.contract.state, "active")

    def test_suspended_by_a_person(self):
        """a manual suspension is never resumed by the job"""
        with freeze_time("2026-03-05 10:00:00"):
            self.contract._change_state("suspended", date(2026, 3, 5), "asked")
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        self.assertEqual(self._mails(), [0, 0, 0])
        with freeze_time("2026-03-22 10:00:00"):
            self._pay(self.invoice)
        self._night("2026-03-23")
        self.assertEqual(self.contract.state, "suspended")

    def test_planned_by_a_person(self):
        """what was planned before holds after the resumption"""
        with freeze_time("2026-03-05 10:00:00"):
            self.contract._change_state("suspended", date(2026, 4, 1), "planned")
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        with freeze_time("2026-03-22 10:00:00"):
            self._pay(self.invoice)
            self.assertEqual(self.contract.state, "active")
        self.assertEqual(self.contract._get_state_on(date(2026, 4, 1)), "suspended")

    def test_planned_day_passed_meanwhile(self):
        with freeze_time("2026-03-05 10:00:00"):
            self.contract._change_state("suspended", date(2026, 3, 22), "planned")
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        with freeze_time("2026-03-23 10:00:00"):
            self._pay(self.invoice)
        self.assertEqual(self.contract.state, "suspended")
        self.assertFalse(self.contract.overdue_since)

    def test_resumed_by_a_manager(self):
        """the customer gets a new notice"""
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        with freeze_time("2026-03-22 10:00:00"):
            self.contract.with_user(self.manager).action_resume()
        self._night("2026-03-23")
        self.assertEqual((self.contract.state, self._mails()), ("active", [2, 1, 0]))
        self.assertEqual(self.contract.overdue_suspend_on, date(2026, 3, 30))

    def test_no_suspension_agreed(self):
        self.contract._write_agreed({"overdue_days": 0})
        for day in ("2026-03-14", "2026-03-21"):
            self._night(day)
        self.assertEqual((self.contract.state, self._mails()), ("active", [0, 0, 0]))

    def test_charges_count(self):
        """an invoice of the contract's charges"""
        [charge] = self.env["support.charge"]._add(
            [
                {
                    "key": "test",
                    "kind": "fee",
                    "name": "Fee",
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "partner_id": self.customer.id,
                    "contract_id": self.contract.id,
                    "date": "2026-03-01",
                    "amount": 100,
                }
            ]
        )
        with freeze_time("2026-02-01 10:00:00"):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-02-01",
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Fee", "price_unit": 100, "tax_ids": False}
                        )
                    ],
                }
            )
            move.invoice_line_ids.support_charge_id = charge
            move.action_post()
        with freeze_time("2026-03-01 10:00:00"):
            unpaid = self.contract._get_unpaid_invoices()[self.contract]
        self.assertEqual(unpaid, move)
