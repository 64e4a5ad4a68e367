# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The hours of work done are logged with their cost, and never billed twice."""

from datetime import time

from odoo import Command
from odoo.tests import tagged

from .test_surcharges import HoursCase


@tagged("post_install", "-at_install")
class TestTimesheets(HoursCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(
            cls._create_time_type(600), date_start="2026-03-01"
        )
        cls.ticket = cls._create_ticket()

    def _done(self, minutes=90, **vals):
        """Work that the technician finishes himself."""
        work = self._work_at(self.ticket, (10, 0), minutes, done=False, **vals)
        work.with_user(self.technician).action_done()
        return work

    def test_hours_and_cost(self):
        """raw hours and travel, at the employee's cost, on the contract's account"""
        work = self._done(
            mode=self.on_site,
            travel_minutes=30,
            billable_by_hand=True,
            manual_minutes=45,
            manual_reason="agreed",
        )
        line = work.timesheet_ids
        self.assertEqual((line.unit_amount, line.amount), (2.0, -60.0))
        self.assertEqual(line.employee_id.user_id, self.technician)
        self.assertEqual(line.user_id, self.technician)
        self.assertEqual(line.date, work.day)
        self.assertEqual(line.name, f"{self.ticket.number} Looked at it")
        account = self.contract.analytic_account_id
        self.assertEqual(line.account_id, account)
        self.assertEqual(
            (account.name, account.partner_id, account.company_id),
            (self.contract.name, self.customer, self.company),
        )
        self.assertEqual(line.search([("account_id", "=", account.id)]), line)

    def test_one_project_for_each_company_and_one_account_for_each_contract(self):
        self.assertFalse(self.company.support_project_id)
        lines = (self._done() | self._done(60)).timesheet_ids
        project = self.company.support_project_id
        self.assertEqual(lines.project_id, project)
        self.assertEqual(lines.account_id, self.contract.analytic_account_id)
        self.assertTrue(project.allow_timesheets)
        self.assertEqual(project.company_id, self.company)
        # hours are no customer's to read
        self.assertEqual(project.privacy_visibility, "employees")

    def test_own_project(self):
        project = self.env["project.project"].create(
            {"name": "Ours", "company_id": self.company.id, "allow_timesheets": True}
        )
        self.company.support_project_id = project
        self.assertEqual(self._done().timesheet_ids.project_id, project)

    def test_never_billed(self):
        """sale_timesheet, which installs itself beside, bills nothing of it"""
        lines = self.env["account.analytic.line"]
        self.assertIn("so_line", lines._fields)
        self.assertIn("timesheet_invoice_type", lines._fields)
        line = self._done().timesheet_ids
        self.assertFalse(line.project_id.allow_billable)
        self.assertFalse(line.so_line)
        self.assertEqual(line.timesheet_invoice_type, "non_billable")
        # an order of the customer changes nothing about it
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.product_remote.id, "product_uom_qty": 5}
                    )
                ],
            }
        )
        order.action_confirm()
        line.invalidate_recordset()
        self.assertFalse(line.so_line)

    def test_on_call(self):
        """on the project's own account"""
        self.company.support_on_call = True
        ticket = self._create_ticket(self.other_customer)
        work = self._work_at(ticket, (10, 0), 60)
        line = work.timesheet_ids
        self.assertEqual(line.account_id, self.company.support_project_id.account_id)
        self.assertEqual(line.amount, -30)

    def test_technician_without_employee(self):
        """a technician without an employee gets a clear error, and nothing is drawn"""
        employees = self.env["hr.employee"].search(
            [("user_id", "=", self.technician.id)]
        )
        employees.user_id = False
        self.technician.name = "Tina"
        with self._assert_refused("Tina is no employee of Vendor.*create an employee"):
            self._done()
        self.assertEqual(self._flushed(self.contract.ledger_ids).balance, 600)
        # an employee of another company does not do
        other = self.env["res.company"].create({"name": "Other"})
        self.technician.company_ids += other
        self.env["hr.employee"].create(
            {
                "name": "x",
                "user_id": self.technician.id,
                "company_id": other.id,
            }
        )
        with self._assert_refused("is no employee of Vendor"):
            self._done()

    def test_undone_and_done_again(self):
        work = self._done()
        work.with_user(self.technician)._undo("was longer")
        self.assertFalse(work.timesheet_ids)
        work.end = self._moment("2026-03-20", time(12))
        work.with_user(self.technician).action_done()
        self.assertEqual(work.timesheet_ids.unit_amount, 2)

    def test_moved_to_another_contract(self):
        """the cost goes with the work"""
        work = self._done()
        other = self._create_contract(
            self._create_time_type(600), date_start="2026-03-01"
        )
        self.ticket.with_user(self.manager)._support_choose_cover(other, "asked so")
        self.assertEqual(work.timesheet_ids.account_id, other.analytic_account_id)
        self.assertEqual(len(work.timesheet_ids), 1)

    def test_not_changed_by_hand(self):
        line = self._done().timesheet_ids
        approver = self._create_user(
            "approver",
            "hr_timesheet.group_timesheet_manager,helpdesk_mgmt.group_helpdesk_user",
        )
        for user in (self.technician, approver):
            mine = line.with_user(user)
            for values in (
                {"unit_amount": 99},
                {"name": "x"},
                {"date": "2026-03-01"},
                {"support_intervention_id": False},
            ):
                with self._assert_refused():
                    mine.write(values)
            with self._assert_refused():
                mine.unlink()
        with self._assert_refused("were logged by support work: undo “Looked at it”"):
            line.with_user(approver).write({"unit_amount": 99})
        self.assertEqual(line.unit_amount, 1.5)

    def test_not_made_by_hand(self):
        work = self._done()
        user = self._create_user(
            "hours",
            "hr_timesheet.group_hr_timesheet_user,helpdesk_mgmt.group_helpdesk_user",
        )
        lines = self.env["account.analytic.line"].with_user(user)
        values = {
            "name": "x",
            "project_id": self.company.support_project_id.id,
            "unit_amount": 1,
        }
        lines.create(dict(values))
        with self._assert_refused():
            lines.create(values | {"support_intervention_id": work.id})
        with self._assert_refused():
            lines.with_context(default_support_intervention_id=work.id).create(values)
