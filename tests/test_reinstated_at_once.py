# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Payments of reinstatements heard of by several at once, and jobs that are killed:
with real connections, every contract lives again once and is offered once."""

import random
import time
from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .scratch import KILLED, ScratchCase
from .test_concurrency import call
from .test_reinstatement import ReinstatementCommon

WORKERS, CONTRACTS, KILLS = 4, 5, 6


def prepare_paid(database):
    """Lapsed contracts whose reinstatement is paid, half by a charge and half by an
    order; the hooks have not come yet."""
    with database.env() as env:
        vendor = ReinstatementCommon.in_environment(env)
        lapsed = vendor._create_type(
            product_id=vendor.fee_product.id,
            grace_days=10,
            reinstatement_ids=[
                Command.create({"kind": "fee", "product_id": vendor.back.id})
            ],
        )
        start = vendor.company._support_day() - timedelta(days=420)
        invoices = env["account.move"]
        for number in range(CONTRACTS):
            contract = vendor._create_contract(
                lapsed, vendor._create_customer(f"Late {number}"), date_start=start
            )
            if number % 2:
                order = contract._quote_reinstatement()
                order.action_confirm()
                invoices |= vendor._invoice(order)
            else:
                charge = contract._charge_reinstatement().charge_id
                invoice = charge._invoice_open()
                if invoice.state == "draft":
                    invoice.action_post()
                invoices |= invoice
        env.flush_all()
        env.cr.execute(
            "UPDATE account_move SET payment_state = 'paid', amount_residual = 0 "
            "WHERE id = ANY(%s)",
            [invoices.ids],
        )
        return invoices.ids


def hook(env, invoice_id):
    env["account.move"].browse(invoice_id)._invoice_paid_hook()


def hear(database, invoice_ids):
    """Every worker hears of every payment, twice and in its own order."""
    orders = invoice_ids * 2
    random.shuffle(orders)
    for invoice_id in orders:
        call(database, hook, invoice_id)


def ask(database, contract_id):
    """Charge the reinstatement; ``False`` if it is refused."""
    try:
        call(database, lambda env: _charge(env, contract_id))
    except UserError:
        return False
    return True


def _charge(env, contract_id):
    env["support.contract"].browse(contract_id)._charge_reinstatement()


def run_job(database, model, records):
    """The job of ``model`` that works ``records``, one in each batch."""
    with database.env() as env:
        cls = env.registry[records]
        original = cls._run_job
        cls._run_job = lambda found, method, batch_size=None: original(found, method, 1)
        if model == records:
            env[model]._cron_compare()
        else:
            env[model]._cron_migrate()


def prepare_offers(database):
    """Contracts of a withdrawn type whose offers were started."""
    with database.env() as env:
        vendor = ReinstatementCommon.in_environment(env)
        old = vendor._create_type(name="Old")
        start = vendor.company._support_day() - timedelta(days=100)
        contracts = env["support.contract"]
        for number in range(CONTRACTS):
            contracts |= vendor._create_contract(
                old,
                vendor._create_customer(f"Holder {number}", email="a@example.com"),
                date_start=start,
            )
        old._withdraw(vendor._create_type(name="New"))
        context = contracts.action_offer_successor()["context"]
        migration = env["support.contract.migration"].with_context(**context).create({})
        migration.action_offer()
        return contracts.ids


LIVES = """
    SELECT contract.state,
           (SELECT count(*) FROM support_contract_term term
             WHERE term.contract_id = contract.id),
           (SELECT count(*) FROM support_charge charge
             WHERE charge.contract_id = contract.id AND charge.kind = 'fee'),
           (SELECT count(*) FROM support_contract_status status
             WHERE status.contract_id = contract.id
               AND status.reason = 'Reinstated')
      FROM support_contract contract
      JOIN support_reinstatement item ON item.contract_id = contract.id
     ORDER BY contract.id
"""
#: active, two terms, and the fee of the new one: charged, or on the order
EXPECTED = [("active", 2, 2 - number % 2, 1) for number in range(CONTRACTS)]


@tagged("post_install", "-at_install")
class TestPaidAtOnce(ScratchCase):
    def test_lives_again_once(self):
        """two workers hear of a payment at once"""
        invoice_ids = self.database.run(prepare_paid)
        workers = [self.database.start(hear, invoice_ids) for _ in range(WORKERS)]
        for worker in workers:
            worker.wait()
        self.assertEqual(self.database.sql(LIVES), EXPECTED)


@tagged("post_install", "-at_install")
class TestKilledComparison(ScratchCase):
    def test_lives_again_once(self):
        """a comparison that is killed at any moment, again and again"""
        self.database.run(prepare_paid)
        for _turn in range(KILLS):
            job = self.database.start(
                run_job, "support.reinstatement", "support.reinstatement"
            )
            time.sleep(random.uniform(0, 0.6))
            job.kill()
            job.wait()
        self.database.run(run_job, "support.reinstatement", "support.reinstatement")
        self.assertEqual(self.database.sql(LIVES), EXPECTED)


@tagged("post_install", "-at_install")
class TestKilledOffers(ScratchCase):
    def test_offered_once(self):
        """a job that makes offers is killed at any moment, again and again"""
        contract_ids = self.database.run(prepare_offers)
        line, migration = (
            "support.contract.migration.line",
            "support.contract.migration",
        )
        killed = 0
        for _turn in range(KILLS):
            job = self.database.start(run_job, migration, line)
            time.sleep(random.uniform(0, 0.6))
            job.kill()
            killed += job.wait() == KILLED
        self.assertTrue(killed)
        self.database.run(run_job, migration, line)
        found = self.database.sql(
            """
            SELECT contract.id, count(*), max(follower.state),
                   (SELECT count(*) FROM mail_mail mail
                      JOIN mail_message message ON message.id = mail.mail_message_id
                     WHERE message.model = 'support.contract'
                       AND message.res_id = max(follower.id))
              FROM support_contract contract
              JOIN support_contract follower ON follower.renewal_of_id = contract.id
             GROUP BY contract.id ORDER BY contract.id
            """
        )
        self.assertEqual(
            found, [(contract_id, 1, "offered", 1) for contract_id in contract_ids]
        )
        self.assertEqual(
            self.database.sql("SELECT state FROM support_contract_migration"),
            [("done",)],
        )


@tagged("post_install", "-at_install")
class TestAskedAtOnce(ScratchCase):
    def test_asked_once(self):
        """two managers ask for the same reinstatement: one gets it"""
        contract_id = self.database.run(prepare_lapsed)
        workers = [self.database.start(ask, contract_id) for _ in range(WORKERS)]
        self.assertEqual(sum(worker.wait() for worker in workers), 1)
        self.assertEqual(
            self.database.sql(
                "SELECT count(*) FROM support_charge WHERE kind = 'reinstatement'"
            ),
            [(1,)],
        )


def prepare_lapsed(database):
    with database.env() as env:
        vendor = ReinstatementCommon.in_environment(env)
        start = vendor.company._support_day() - timedelta(days=420)
        contract = vendor._create_contract(
            vendor._create_type(
                product_id=vendor.fee_product.id,
                grace_days=10,
                reinstatement_ids=[
                    Command.create({"kind": "fee", "product_id": vendor.back.id})
                ],
            ),
            date_start=start,
        )
        return contract.id
