# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Hooks of the same invoices at once, with real connections: credited once."""

import random

from odoo.tests import tagged

from .common_sale import SaleCommon
from .scratch import ScratchCase
from .test_concurrency import call

WORKERS, INVOICES = 4, 6


def prepare(database):
    """Invoices that are paid, whose hooks have not come yet."""
    with database.env() as env:
        vendor = SaleCommon.in_environment(env)
        contract = vendor._create_contract(vendor._create_time_type(60))
        invoices = [
            vendor._sell(vendor.topup_hours, pay=False, contract=contract)
            for _number in range(INVOICES)
        ]
        env.flush_all()
        env.cr.execute(
            "UPDATE account_move SET payment_state = 'paid', amount_residual = 0 "
            "WHERE id = ANY(%s)",
            [[invoice.id for invoice in invoices]],
        )
        return contract.ledger_ids.id, [invoice.id for invoice in invoices]


def hook(env, invoice_id):
    env["account.move"].browse(invoice_id)._invoice_paid_hook()


def work(database, invoice_ids):
    """Every worker hears of every invoice, twice and in its own order."""
    orders = invoice_ids * 2
    random.shuffle(orders)
    for invoice_id in orders:
        call(database, hook, invoice_id)


@tagged("post_install", "-at_install")
class TestHooksAtOnce(ScratchCase):
    def test_credited_once(self):
        """two parallel hooks of a payment"""
        ledger_id, invoice_ids = self.database.run(prepare)
        processes = [self.database.start(work, invoice_ids) for _ in range(WORKERS)]
        for process in processes:
            process.wait()
        [[balance]] = self.database.sql(
            "SELECT balance FROM support_ledger WHERE id = %s", [ledger_id]
        )
        self.assertEqual(balance, 60 + 600 * INVOICES)
        [[number]] = self.database.sql(
            "SELECT count(*) FROM support_ledger_entry WHERE kind = 'topup'"
        )
        self.assertEqual(number, INVOICES)
