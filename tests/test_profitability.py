# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Margin = revenue - cost of hours, with numbers made by hand."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SupportCommon

MEASURES = ["revenue:sum", "cost:sum", "margin:sum", "margin_percent:avg", "hours:sum"]


class Books:
    """A company that keeps books: its products have an account."""

    def __init__(self, test, company):
        self.test, self.env, self.company = test, test.env, company
        self.account = self.env["account.account"].create(
            {
                "name": "Support",
                "code": "400100",
                "account_type": "income",
                "company_ids": [Command.set(company.ids)],
            }
        )
        self.receivable = self.env["account.account"].create(
            {
                "name": "Customers",
                "code": "110100",
                "account_type": "asset_receivable",
                "company_ids": [Command.set(company.ids)],
            }
        )
        self.journal = self.env["account.journal"].create(
            {
                "name": "Sales",
                "code": "SUP",
                "type": "sale",
                "company_id": company.id,
                "default_account_id": self.account.id,
            }
        )

    def invoice(self, charge, day, kind="out_invoice", post=True, currency=None):
        """An invoice of one charge."""
        partner = charge.partner_id.with_company(self.company)
        partner.property_account_receivable_id = self.receivable
        move = (
            self.env["account.move"]
            .with_company(self.company)
            .create(
                {
                    "move_type": kind,
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "journal_id": self.journal.id,
                    "invoice_date": day,
                    "currency_id": (currency or charge.currency_id).id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": charge.name,
                                "quantity": 1,
                                "price_unit": abs(charge.amount),
                                "account_id": self.account.id,
                                "tax_ids": [Command.clear()],
                                "support_charge_id": charge.id,
                            }
                        )
                    ],
                }
            )
        )
        if post:
            move.action_post()
        return move


@tagged("post_install", "-at_install")
class TestProfitability(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.support_on_call = True
        first_day = cls.company._support_day().replace(day=1, month=1)
        cls.type = cls._create_time_type(600, name="Hours")
        cls.contract = cls._create_contract(cls.type, date_start=first_day)
        cls.other = cls._create_contract(
            cls._create_time_type(600, name="Other"),
            cls.other_customer,
            date_start=first_day,
        )
        cls.account = cls.env["account.analytic.account"].create(
            {
                "name": "Support",
                "plan_id": cls.env["account.analytic.plan"].create({"name": "P"}).id,
                "company_id": cls.company.id,
            }
        )
        cls.books = Books(cls, cls.company)
        cls.serial = 0

    @classmethod
    def _log_work(cls, *args, **vals):
        """Work without the hours that it logs itself: the table says which."""
        work = super()._log_work(*args, **vals)
        work.timesheet_ids.sudo().unlink()
        return work

    def _charge(self, amount, contract=None, partner=None, company=None, **vals):
        type(self).serial += 1
        company = company or self.company
        return self.env["support.charge"]._add(
            [
                {
                    "key": f"test:{self.serial}",
                    "kind": "fee" if amount > 0 else "refund",
                    "name": "Charge",
                    "company_id": company.id,
                    "currency_id": company.currency_id.id,
                    "partner_id": (partner or contract.partner_id).id,
                    "contract_id": contract.id if contract else False,
                    "date": "2026-01-01",
                    "amount": amount,
                    **vals,
                }
            ]
        )

    def _cost(self, work, hours, amount, day="2026-02-10"):
        """A timesheet line of the work."""
        return self.env["account.analytic.line"].create(
            {
                "name": "Hours",
                "date": day,
                "unit_amount": hours,
                "amount": -amount,
                "account_id": self.account.id,
                "company_id": work.company_id.id,
                "support_intervention_id": work.id,
            }
        )

    def _read(self, groupby, user=None, domain=()):
        self.env.flush_all()
        report = self.env["support.profitability.report"]
        report = report.with_user(user or self.contract_user)
        report = report.with_context(allowed_company_ids=self.company.ids)
        rows = report._read_group(list(domain), [groupby], MEASURES)
        return {
            group: tuple(value and round(value, 2) for value in values)
            for group, *values in rows
        }

    def _fill(self):
        """The table:

        contract  1000 + 200 invoiced, 150 given back, 2 h for 60 and 1.5 h for 45
        other      500 invoiced, 10 h for 600
        on call    90 invoiced, 1 h for 30
        """
        work = self._log_work(self._create_ticket(), 60)
        self.env.invalidate_all()
        charge = self._charge(1000, self.contract)
        self.books.invoice(charge, "2026-01-15")
        self.books.invoice(
            self._charge(200, self.contract, intervention_id=work.id), "2026-02-15"
        )
        self.books.invoice(
            self._charge(-150, self.contract), "2026-02-20", "out_refund"
        )
        self._cost(work, 2, 60)
        self._cost(work, 1.5, 45, "2026-01-20")
        other = self._log_work(self._create_ticket(self.other_customer), 60)
        self.books.invoice(self._charge(500, self.other), "2026-01-15")
        self._cost(other, 10, 600, "2026-01-20")
        stranger = self._create_customer("Gamma")
        on_call = self._log_work(self._create_ticket(stranger), 60)
        self.assertEqual(on_call.cover, "on_call")
        self.books.invoice(
            self._charge(90, None, stranger, intervention_id=on_call.id), "2026-02-15"
        )
        self._cost(on_call, 1, 30)
        # what is not posted is no revenue
        self.books.invoice(self._charge(7000, self.contract), "2026-01-15", post=False)
        cancelled = self.books.invoice(
            self._charge(8000, self.contract), "2026-01-15", post=False
        )
        cancelled.button_cancel()
        # nor is what has nothing to do with support
        self.env["account.analytic.line"].create(
            {
                "name": "Others",
                "unit_amount": 99,
                "amount": -9999,
                "account_id": self.account.id,
                "company_id": self.company.id,
            }
        )
        return stranger

    def test_by_hand(self):
        stranger = self._fill()
        none = self.env["support.contract"]
        self.assertEqual(
            self._read("contract_id"),
            {
                self.contract: (1050, 105, 945, 90, 3.5),
                self.other: (500, 600, -100, -20, 10),
                none: (90, 30, 60, 66.67, 1),
            },
        )
        self.assertEqual(
            self._read("commercial_partner_id"),
            {
                self.customer: (1050, 105, 945, 90, 3.5),
                self.other_customer: (500, 600, -100, -20, 10),
                stranger: (90, 30, 60, 66.67, 1),
            },
        )
        self.assertEqual(self._read("type_id")[self.type], (1050, 105, 945, 90, 3.5))
        months = {
            str(month): values for month, values in self._read("day:month").items()
        }
        self.assertEqual(
            months,
            {
                "2026-01-01": (1500, 645, 855, 57, 11.5),
                "2026-02-01": (140, 90, 50, 35.71, 3),
            },
        )
        modes = self._read("work_mode_id", domain=[("contract_id", "=", none.id)])
        self.assertEqual(modes, {self.remote: (90, 30, 60, 66.67, 1)})
        self.assertEqual(
            self._read("company_id"), {self.company: (1640, 735, 905, 55.18, 14.5)}
        )

    def test_cost_alone(self):
        """no revenue: a margin below zero, and no percentage"""
        work = self._log_work(self._create_ticket(), 60)
        self._cost(work, 2, 60)
        self.assertEqual(
            self._read("contract_id")[self.contract], (0, 60, -60, False, 2)
        )

    def test_refund_alone(self):
        self.books.invoice(
            self._charge(-150, self.contract), "2026-02-20", "out_refund"
        )
        self.assertEqual(
            self._read("contract_id")[self.contract], (-150, 0, -150, False, 0)
        )

    def test_foreign_currency(self):
        """as it stands in the books, in the company's currency"""
        usd = self._enable_currency("USD")
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 1.25,
            }
        )
        charge = self._charge(1000, self.contract, currency_id=usd.id)
        self.books.invoice(charge, "2026-01-15")
        self.assertEqual(
            self._read("contract_id")[self.contract], (800, 0, 800, 100, 0)
        )

    def test_reset_to_draft(self):
        move = self.books.invoice(self._charge(1000, self.contract), "2026-01-15")
        self.assertIn(self.contract, self._read("contract_id"))
        move.button_draft()
        self.assertNotIn(self.contract, self._read("contract_id"))

    def test_two_companies_apart(self):
        self._fill()
        company = self.env["res.company"].create(
            {"name": "Other vendor", "currency_id": self.company.currency_id.id}
        )
        manager = self._create_user("foreign", "support_contract.group_support_manager")
        manager.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        report = self.env["support.profitability.report"].with_user(manager)
        self.assertFalse(report.search([]))
        books = Books(self, company)
        charge = self._charge(40, None, self.customer, company)
        books.invoice(charge, "2026-01-15")
        self.env.flush_all()
        self.assertEqual(report.search([]).mapped("revenue"), [40])
        self.assertEqual(self._read("company_id")[self.company][0], 1640)

    def test_who_sees_it(self):
        self._fill()
        self.env.flush_all()
        for user in (self.contract_user, self.manager):
            action = self.contract.with_user(user).action_view_profitability()
            rows = (
                self.env[action["res_model"]].with_user(user).search(action["domain"])
            )
            self.assertEqual(rows.contract_id, self.contract)
            self.assertEqual(round(sum(rows.mapped("margin")), 2), 945)
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                self.contract.with_user(user).action_view_profitability()
            with self.assertRaises(AccessError):
                self.env["support.profitability.report"].with_user(user).search([])
