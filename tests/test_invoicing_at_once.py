# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoicing by several people at once, and by a job that is killed: with real
connections, nothing twice, nothing lost."""

import random
import time
from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupportCommon
from .scratch import KILLED, ScratchCase
from .test_concurrency import call
from .test_kill import at

START = date(2026, 1, 31)
ROUNDS, CUSTOMERS, WORKERS = 12, 8, 6

LINES = """
    SELECT charge.key, charge.amount, charge.state, charge.job_error,
           array_agg(line.parent_state ORDER BY line.id),
           sum(line.price_subtotal)
      FROM support_charge charge
      LEFT JOIN account_move_line line ON line.support_charge_id = charge.id
     GROUP BY charge.id ORDER BY charge.key
"""


def prepare(database):
    """Customers who pay a monthly fee; the vendor posts his invoices."""
    at(START)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        env = vendor.env
        env["account.chart.template"].try_loading(
            "generic_coa", company=vendor.company, install_demo=False
        )
        vendor.company.write(
            {"support_invoice_auto": True, "support_invoicing": "posted"}
        )
        product = vendor._create_hour_product("Fee", 100)
        contract_type = vendor._create_type(product_id=product.id, fee_period="month")
        for number in range(CUSTOMERS):
            vendor._create_contract(
                contract_type,
                vendor._create_customer(f"Customer {number}"),
                date_start=START,
                fee_amount=100 + number,
            )


def run_jobs(database, day):
    at(day)
    with database.env() as env:
        env["support.contract"]._cron_charge_fees()
        env["support.charge"]._cron_invoice(batch_size=2)


def invoice(env, charge_ids):
    """What the button does."""
    try:
        env["support.charge"].browse(charge_ids).action_invoice()
    except UserError:
        return 0
    return 1


def press(database, charge_ids):
    at(START)
    return call(database, invoice, charge_ids)


@tagged("post_install", "-at_install")
class TestInvoicingAtOnce(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database.run(prepare)
        cls.calm = cls._scratch("invoicing-calm", cls.database)
        cls.busy = cls._scratch("invoicing-busy", cls.database)

    def test_pressed_by_several(self):
        """run twice, or by two people at once: nothing twice"""
        ids = [row[0] for row in self.busy.sql("SELECT id FROM support_charge")]
        pressed = [self.busy.start(press, ids) for _ in range(WORKERS)]
        told = [process.wait() for process in pressed]
        self.assertEqual(sum(told), 1, "one made the invoices, the others were told")
        rows = self.busy.sql(LINES)
        self.assertEqual(len(rows), CUSTOMERS)
        for _key, amount, state, _error, lines, total in rows:
            self.assertEqual((state, lines, total), ("invoiced", ["posted"], amount))

    def test_killed(self):
        """killed: nothing twice, nothing lost"""
        calm = self.calm
        days = [START + relativedelta(months=n + 1, days=3) for n in range(ROUNDS)]
        seconds = 0.0
        for day in days:
            start = time.monotonic()
            calm.run(run_jobs, day)
            seconds = time.monotonic() - start
        killed = 0
        for day in days:
            job = self.database.start(run_jobs, day)
            time.sleep(random.uniform(0, seconds * 0.8))
            job.kill()
            killed += job.wait() == KILLED
            self.database.run(run_jobs, day)
        self.assertGreater(killed, ROUNDS // 4)
        rows = self.database.sql(LINES)
        self.assertEqual(rows, calm.sql(LINES))
        self.assertEqual(len(rows), CUSTOMERS * 12)
        self.assertEqual({tuple(row[4]) for row in rows}, {("posted",)})
        count = "SELECT count(*), sum(amount_total) FROM account_move"
        self.assertEqual(self.database.sql(count), calm.sql(count))
