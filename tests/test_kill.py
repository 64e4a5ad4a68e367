# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A job that is killed at any moment, with a user at work at the same moment, ends
after the next run where an undisturbed one would have ended."""

import random
import time
from datetime import date, datetime, timedelta
from functools import partial

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.service.model import retrying
from odoo.tests import tagged

from .common import SupportCommon
from .scratch import KILLED, ScratchCase

ROUNDS = 20
CONTRACTS = 9
BATCH = 2
START = date(2026, 1, 31)
#: only the users' lots can be used on this day
USERS_DAY = date(2025, 12, 15)


def at(day):
    """In this process, which ends soon, it is noon of ``day``."""
    now = datetime.combine(day, datetime.min.time()) + timedelta(hours=12)
    fields.Datetime.now = staticmethod(lambda *args: now)
    fields.Date.today = staticmethod(lambda *args: day)


def prepare_lots(database):
    """Contracts that have something to grant, cut and expire each month."""
    at(START)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        types = [
            vendor._create_type(
                first_term_months=36,
                allotments=[
                    {"unit": "time", "quantity": 60, "recurrence": "month", **vals}
                ],
            )
            for vals in [
                {"rollover": "none"},
                {"rollover": "quantity", "rollover_quantity": 90},
                {"rollover": "periods", "rollover_periods": 2},
            ]
        ]
        return [
            _sell(vendor, types[number % 3], number).id for number in range(CONTRACTS)
        ]


def prepare_states(database):
    """Contracts of which each month some end, are suspended or terminated."""
    at(START)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        contract_type = vendor._create_time_type()
        contract_ids = []
        for number in range(2 * ROUNDS):
            month = number // 2 + 1
            ends = month if number % 2 else 36
            contract = _sell(vendor, contract_type, number, first_term_months=ends)
            # of those that end, some are to be suspended later
            day = START + relativedelta(months=month + number % 2, days=3)
            if number % 4 < 2:
                contract._change_state("suspended", day, "unpaid")
            elif number % 4 == 2:
                contract._change_state("terminated", day, "gave notice")
            contract_ids.append(contract.id)
        return contract_ids[:CONTRACTS]


def _sell(vendor, contract_type, number, **vals):
    contract = vendor._create_contract(
        contract_type,
        vendor._create_customer(f"Customer {number}"),
        date_start=START,
        **vals,
    )
    vendor._credit(contract.ledger_ids, 6000, "2025-12-01")
    return contract


def run_job(database, name, day, pause=0):
    """The nightly job of ``day``, in small batches."""
    at(day)
    with database.env(tracking_disable=False) as env:
        cls = env.registry["support.contract"]
        original = cls._run_job
        cls._run_job = lambda records, method, batch_size=None: original(
            records, method, BATCH
        )
        time.sleep(pause)
        getattr(env["support.contract"], name)()


def debit(database, contract_ids, pause):
    """A user posts work on each contract."""
    time.sleep(pause)
    with database.env() as env:
        for ledger in env["support.contract"].browse(contract_ids).ledger_ids:

            def post(env, ledger_id=ledger.id):
                ledger = env["support.ledger"].browse(ledger_id)
                return ledger._debit(7, "work", USERS_DAY)[1]

            if retrying(partial(post, env), env):
                raise AssertionError("the user was refused")


class KillCase(ScratchCase):
    """Both databases begin with the same contracts; one of them is disturbed."""

    job = ""
    others = ()
    prepare = staticmethod(prepare_lots)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract_ids = cls.database.run(cls.prepare)
        cls.calm = cls._scratch("calm", cls.database)

    @classmethod
    def _scratch(cls, suffix, source=None):
        return super()._scratch(f"{cls.__name__.lower()}-{suffix}", source)

    def _books(self, database):
        """All that the jobs and the users made, without ids and times of day."""
        return [
            database.sql(query)
            for query in (
                """
                SELECT ledger_id, kind, quantity, day, first_day, last_day,
                       remaining, regexp_replace(key, ':[0-9]+', '', 'g')
                  FROM support_ledger_entry
                 ORDER BY ledger_id, kind, day, first_day, quantity, remaining
                """,
                "SELECT id, balance, reserved FROM support_ledger ORDER BY id",
                """
                SELECT id, state, date_end, terminated_on, job_error
                  FROM support_contract ORDER BY id
                """,
                """
                SELECT contract_id, state, first_day FROM support_contract_status
                 ORDER BY contract_id, first_day, state
                """,
                """
                SELECT id, next_grant_day, next_cut_day FROM support_contract_allotment
                 ORDER BY id
                """,
            )
        ]

    def _days(self):
        return [START + relativedelta(months=n + 1, days=7) for n in range(ROUNDS)]

    def _check(self):
        calm, disturbed = self.calm, self.database
        # how long a run takes that has something to do
        for day in self._days():
            for name in self.others:
                calm.run(run_job, name, day)
            start = time.monotonic()
            calm.run(run_job, self.job, day)
            seconds = time.monotonic() - start
            calm.run(debit, self.contract_ids, 0)
        killed = 0
        for day in self._days():
            for name in self.others:
                disturbed.run(run_job, name, day)
            job = disturbed.start(run_job, self.job, day)
            user = disturbed.start(debit, self.contract_ids, random.uniform(0, seconds))
            time.sleep(random.uniform(0, seconds * 0.8))
            job.kill()
            killed += job.wait() == KILLED
            user.wait()
        self.assertGreater(killed, ROUNDS // 4)  # the others had just ended
        for _ in range(2):
            disturbed.run(run_job, self.job, self._days()[-1])
        for found, expected in zip(
            self._books(disturbed), self._books(calm), strict=True
        ):
            self.assertEqual(found, expected)
        self._check_sound(disturbed)

    def _check_sound(self, database):
        self.assertFalse(
            database.sql(
                """
                SELECT ledger.id FROM support_ledger ledger
                  JOIN support_ledger_entry entry ON entry.ledger_id = ledger.id
                 GROUP BY ledger.id
                HAVING balance <> sum(quantity) OR balance <> sum(remaining)
                """
            )
        )


@tagged("post_install", "-at_install")
class TestKillGrant(KillCase):
    job = "_cron_grant"

    def test_grant(self):
        self._check()


@tagged("post_install", "-at_install")
class TestKillExpire(KillCase):
    job = "_cron_expire"
    others = ("_cron_grant",)

    def test_expire(self):
        self._check()


@tagged("post_install", "-at_install")
class TestKillStates(KillCase):
    job = "_cron_update_states"
    prepare = staticmethod(prepare_states)

    def test_states(self):
        self._check()
