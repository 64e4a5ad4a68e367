# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the vendor owes at the end of a day, with a table made by hand."""

from datetime import date, datetime

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestUnusedValue(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.wallet = cls._create_ledger("money", date_start="2026-01-01")
        cls.hours = cls._create_ledger("time", date_start="2026-01-01")
        cls.tickets = cls._create_ledger("ticket", date_start="2026-01-01")

    def _post(self, moment, entries):
        """The entries as if they had been posted at the moment (UTC)."""
        self.env.cr.execute(
            "UPDATE support_ledger_entry SET create_date = %s WHERE id = ANY(%s)",
            [moment, entries.ids],
        )
        return entries

    def _top_up(self, moment, ledger, quantity, last_day=None, **vals):
        first_day = self.company._support_day(datetime.fromisoformat(moment))
        entry = self._credit(ledger, quantity, first_day, last_day, **vals)
        return self._post(moment, entry)

    def _use(self, moment, ledger, quantity, day=None):
        day = self._day(day) or datetime.fromisoformat(moment).date()
        entries, left = ledger._debit(quantity, "work", day)
        self.assertFalse(left)
        return self._post(moment, entries)

    def _value(self, day, *ledgers):
        """(left, owed, for information) of each ledger."""
        ledgers = self.env["support.ledger"].union(*ledgers)
        values = ledgers.with_user(self.contract_user)._get_unused_values(
            self._day(day)
        )
        return {
            ledger.sudo(False).with_env(self.env): tuple(map(float, unused[:3]))
            for ledger, unused in values.items()
        }

    def test_by_hand(self):
        """
        =========  =============================  ======  ======
        wallet     500 paid, 120 used                380  380
        hours      600 min at 1.20, 90 used          510  612
                   300 min with the fee, no use      300    0, 400 at 80 an hour
        tickets    10 at 35, 3 used                    7  245
        =========  =============================  ======  ======
        """
        self._top_up("2026-01-10 10:00", self.wallet, 500)
        self._use("2026-01-20 10:00", self.wallet, 120)
        self._top_up("2026-01-10 10:00", self.hours, 600, "2026-06-30", unit_value=1.2)
        self._top_up("2026-01-10 10:00", self.hours, 300, "2026-12-31", kind="grant")
        self._use("2026-01-20 10:00", self.hours, 90)
        self._top_up("2026-01-10 10:00", self.tickets, 10, unit_value=35)
        self._use("2026-01-20 10:00", self.tickets, 3)
        ledgers = (self.wallet, self.hours, self.tickets)
        self.assertEqual(self._value("2026-01-09", *ledgers), {})
        self.assertEqual(
            self._value("2026-01-15", *ledgers),
            {
                self.wallet: (500, 500, 0),
                self.hours: (900, 720, 400),
                self.tickets: (10, 350, 0),
            },
        )
        self.assertEqual(
            self._value("2026-01-20", *ledgers),
            {
                self.wallet: (380, 380, 0),
                self.hours: (810, 612, 400),
                self.tickets: (7, 245, 0),
            },
        )
        # the paid hours are over, whether their expiry is posted or not
        self.assertEqual(
            self._value("2026-07-01", self.hours)[self.hours], (300, 0, 400)
        )

    def test_a_past_day_never_changes(self):
        """what is logged, reversed or expires later is not in it"""
        self._top_up("2026-01-10 10:00", self.hours, 600, "2026-03-31", unit_value=1.2)
        used = self._use("2026-01-20 10:00", self.hours, 60)
        before = self._value("2026-01-31", self.hours)
        self.assertEqual(before, {self.hours: (540, 648, 0)})
        self._use("2026-02-02 10:00", self.hours, 120, day="2026-01-30")
        self._post("2026-02-03 10:00", used._reverse("wrong"))
        self._post(
            "2026-04-06 10:00",
            self.hours._expire_due(date(2026, 4, 6))
            or self.hours.entry_ids.filtered(lambda e: e.kind == "expiry"),
        )
        self.assertEqual(self._value("2026-01-31", self.hours), before)
        self.assertEqual(self._value("2026-02-28", self.hours)[self.hours][0], 480)
        self.assertEqual(self._value("2026-04-30", self.hours), {})

    def test_days_of_the_company(self):
        """the day ends at midnight in the company's zone (Rome), summer and winter"""
        self._top_up("2026-01-10 22:59:59", self.tickets, 1, unit_value=10)
        self._top_up("2026-01-10 23:00:00", self.tickets, 1, unit_value=10)
        self._top_up("2026-07-10 21:59:59", self.tickets, 1, unit_value=10)
        self._top_up("2026-07-10 22:00:00", self.tickets, 1, unit_value=10)
        for day, count in [
            ("2026-01-10", 1),
            ("2026-01-11", 2),
            ("2026-07-10", 3),
            ("2026-07-11", 4),
        ]:
            self.assertEqual(
                self._value(day, self.tickets)[self.tickets], (count, 10 * count, 0)
            )

    def test_foreign_currency(self):
        usd = self._enable_currency("USD")
        for day, rate in [("2026-01-01", 1.25), ("2026-02-01", 2)]:
            self.env["res.currency.rate"].create(
                {
                    "currency_id": usd.id,
                    "company_id": self.company.id,
                    "name": day,
                    "rate": rate,
                }
            )
        wallet = self._create_ledger(
            "money", currency_id=usd.id, date_start="2026-01-01"
        )
        self._top_up("2026-01-10 10:00", wallet, 500)
        self.assertEqual(self._value("2026-01-31", wallet)[wallet], (500, 400, 0))
        self.assertEqual(self._value("2026-02-28", wallet)[wallet], (500, 250, 0))

    def test_package(self):
        """S6, S3: the fee of a package is what its hours or tickets cost"""
        contract_type = self._create_type(name="Packages")
        [package] = self.env["product.product"].create(
            [
                {
                    "name": "10 hours",
                    "type": "service",
                    "list_price": 690,
                    "company_id": self.company.id,
                    "support_contract_type_id": contract_type.id,
                    "support_unit": "time",
                    "support_quantity": 600,
                    "support_validity_months": 12,
                }
            ]
        )
        contract = self._create_contract(contract_type, package_id=package.id)
        ledger = contract.ledger_ids
        entry = ledger.entry_ids
        self.assertEqual((entry.kind, entry.quantity), ("grant", 600))
        self.assertEqual(entry.unit_value, 1.15)
        today = self.company._support_day()
        self.assertEqual(self._value(today, ledger)[ledger], (600, 690, 0))

    def test_package_in_another_currency(self):
        usd = self._enable_currency("USD")
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 1.25,
            }
        )
        contract_type = self._create_type(name="Packages")
        package = self.env["product.product"].create(
            {
                "name": "10 tickets",
                "type": "service",
                "list_price": 400,
                "company_id": self.company.id,
                "support_contract_type_id": contract_type.id,
                "support_unit": "ticket",
                "support_quantity": 10,
                "support_validity_months": 12,
            }
        )
        contract = self._create_contract(
            contract_type, package_id=package.id, currency_id=usd.id
        )
        self.assertEqual(contract.fee_total, 500)
        self.assertEqual(contract.ledger_ids.entry_ids.unit_value, 40)

    def test_allotment_of_a_fee_is_not_owed(self):
        contract_type = self._create_time_type(600)
        contract = self._create_contract(
            contract_type, fee_amount=900, product_id=self.product_phone.id
        )
        ledger = contract.ledger_ids
        self.assertFalse(ledger.entry_ids.unit_value)
        today = self.company._support_day()
        self.assertEqual(self._value(today, ledger)[ledger], (600, 0, 800))

    def test_value_of_a_unit_is_kept(self):
        """as any other column of an entry, and credits alone have one"""
        entry = self._top_up("2026-01-10 10:00", self.hours, 60, unit_value=1.5)
        with self._assert_refused("never be changed"):
            self.env.cr.execute(
                "UPDATE support_ledger_entry SET unit_value = 2 WHERE id = %s",
                [entry.id],
            )
        for value in (-1, float("nan"), 1e13):
            with self._assert_refused("value of a unit"):
                self._credit(self.hours, 60, "2026-01-10", unit_value=value)
        with self._assert_refused("value of a unit"):
            self.hours._debit(10, "work", date(2026, 1, 20), unit_value=1)

    def test_report(self):
        self._top_up("2026-01-10 10:00", self.wallet, 500)
        self._top_up("2026-01-10 10:00", self.tickets, 10, unit_value=35)
        reports = self.env["support.unused.value"].with_user(self.contract_user)
        report = reports.with_context(allowed_company_ids=self.company.ids).create(
            {"day": "2026-01-31", "company_id": self.company.id}
        )
        for _again in range(2):
            action = report.action_show()
            lines = self.env[action["res_model"]].with_user(self.contract_user)
            lines = lines.search(action["domain"])
            self.assertEqual(
                {line.ledger_id: line.value for line in lines},
                {self.wallet: 500, self.tickets: 350},
            )
        self.assertEqual(lines.commercial_partner_id, self.customer)
        self.assertFalse(
            lines.with_user(self.manager).search([("report_id", "=", report.id)])
        )

    def test_two_companies_apart(self):
        self._top_up("2026-01-10 10:00", self.wallet, 500)
        company = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user(
            "foreign", "support_contract.group_support_manager"
        )
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        reports = self.env["support.unused.value"].with_user(stranger)
        report = reports.create({"day": "2026-01-31", "company_id": self.company.id})
        report.action_show()
        self.assertFalse(report.line_ids)
        with self.assertRaises(AccessError):
            self.wallet.with_user(stranger)._get_unused_values(date(2026, 1, 31))

    def test_who_sees_it(self):
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                self.env["support.unused.value"].with_user(user).create({})
            with self.assertRaises(AccessError):
                self.wallet.entry_ids.with_user(user).read(["unit_value"])
