# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many people at once, with real connections: eight processes post on the same
ledgers, each call retried as Odoo retries a remote call."""

import random
from collections import Counter
from datetime import date, timedelta

from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged

from .common import SupportCommon
from .scratch import ScratchCase

WORKERS, DEBITS, QUANTITY = 8, 50, 10
DAY = date(2026, 3, 10)


def prepare(database, lots):
    """A contract with a ledger of each of ``lots`` (number, quantity)."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        ledgers = []
        for number, quantity in lots:
            partner = vendor._create_customer("Customer")
            ledger = vendor._create_ledger("time", partner, date_start="2026-01-01")
            for index in range(number):
                first_day = DAY - timedelta(days=index)
                vendor._credit(ledger, quantity, first_day)
            ledgers.append(ledger.id)
        return ledgers


#: how often the calls of this process were tried
TRIES = []


def call(database, function, *args):
    """One call as a remote client makes it: each try reads something before."""
    tries = []

    def attempt():
        tries.append(1)
        env.user.read(["name"])
        return function(env, *args)

    with database.env() as env:
        result = retrying(attempt, env)
    TRIES.append(len(tries))
    return result


def debit(env, ledger_ids):
    """Debit all of the ledgers in one transaction."""
    ledgers = env["support.ledger"].browse(ledger_ids)
    ledgers._lock()
    result = []
    for ledger in ledgers:
        entries, left_over = ledger._debit(QUANTITY, "work", DAY)
        result.append((ledger.id, entries.ids, int(left_over)))
    return result


def top_up(env, ledger_id, quantity):
    entry = env["support.ledger"].browse(ledger_id)._credit(quantity, "topup", DAY, DAY)
    return entry.id


def reserve(env, ledger_id):
    return env["support.ledger"].browse(ledger_id)._reserve(QUANTITY, DAY).id


def use(env, reservation_id):
    """Post the work that was reserved for: a part of it."""
    held = env["support.ledger.reservation"].browse(reservation_id)
    entries, left_over = held.ledger_id._debit(QUANTITY // 2, "work", DAY, own=held)
    return entries.ids, int(left_over)


def release(env, reservation_id):
    env["support.ledger.reservation"].browse(reservation_id)._release()


def work(database, orders):
    """What one worker does; ``orders`` are tuples of ledgers to debit together.

    :return: what it was told: debits, top-ups, reservations
    """
    told = {"debits": [], "topups": [], "used": [], "refused": 0}
    for number in range(DEBITS):
        order = random.choice(orders)
        told["debits"] += call(database, debit, order)
        if number % 10 == 3:
            told["topups"].append(call(database, top_up, order[0], QUANTITY))
        if number % 10 in (5, 8):
            try:
                held = call(database, reserve, order[0])
            except UserError:
                told["refused"] += 1
                continue
            if number % 10 == 5:
                told["used"].append(call(database, use, held))
            else:
                call(database, release, held)
    return told | {"tries": max(TRIES)}


@tagged("post_install", "-at_install")
class TestConcurrency(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.first, cls.second = cls.database.run(
            prepare, [(30, 100), (30, 100), (30, 200)]
        )

    def _run_workers(self, *orders_of_worker):
        processes = [
            self.database.start(work, orders_of_worker[number % len(orders_of_worker)])
            for number in range(WORKERS)
        ]
        # a serialization error or a deadlock that reached a caller is raised here
        told = [process.wait() for process in processes]
        # and none was near: after five tries Odoo gives up
        self.assertLessEqual(max(worker["tries"] for worker in told), 3)
        return told

    def _check(self, ledger_ids, initial, told):
        """The books say what every caller was told, and nothing else."""
        debits = [row for worker in told for row in worker["debits"]]
        used = [row for worker in told for row in worker["used"]]
        topups = [row for worker in told for row in worker["topups"]]
        told_entries = [entry for _, entries, _ in debits for entry in entries]
        told_entries += [entry for entries, _ in used for entry in entries]
        posted = dict(
            self.database.sql(
                "SELECT id, quantity FROM support_ledger_entry "
                "WHERE kind = 'work' AND ledger_id = ANY(%s)",
                [ledger_ids],
            )
        )
        self.assertEqual(Counter(told_entries), Counter(posted.keys()))
        for _, entries, left_over in debits:
            taken = -sum(posted[entry] for entry in entries)
            self.assertEqual(taken + left_over, QUANTITY)
        for entries, left_over in used:
            taken = -sum(posted[entry] for entry in entries)
            self.assertEqual((taken, left_over), (QUANTITY // 2, 0))
        for balance, reserved, entries, lots, lowest in self.database.sql(
            """
            SELECT ledger.balance, ledger.reserved, sum(entry.quantity),
                   sum(entry.remaining), min(entry.remaining)
              FROM support_ledger ledger
              JOIN support_ledger_entry entry ON entry.ledger_id = ledger.id
             WHERE ledger.id = ANY(%s) GROUP BY ledger.id
            """,
            [ledger_ids],
        ):
            self.assertEqual((balance, balance), (entries, lots))
            self.assertEqual(reserved, 0)
            self.assertGreaterEqual(min(balance, lowest), 0)
        [(total,)] = self.database.sql(
            "SELECT sum(balance) FROM support_ledger WHERE id = ANY(%s)", [ledger_ids]
        )
        expected = initial + len(topups) * QUANTITY + sum(posted.values())
        self.assertEqual(total, expected)
        return debits

    def test_one_ledger(self):
        """8 workers, 400 debits on one ledger that cannot cover all of them"""
        told = self._run_workers([(self.one,)])
        debits = self._check([self.one], 3000, told)
        self.assertEqual(len(debits), WORKERS * DEBITS)
        left_over = sum(row[2] for row in debits)
        self.assertGreater(left_over, 0)

    def test_pair_of_ledgers(self):
        """8 workers, 400 debits of two ledgers each, half of them in the other
        order"""
        pair = (self.first, self.second)
        told = self._run_workers([pair], [pair[::-1]])
        debits = self._check(list(pair), 9000, told)
        self.assertEqual(len(debits), 2 * WORKERS * DEBITS)
