# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Telling customers of a release and opening a campaign's tickets, with real
connections: killed at any moment, and by two workers at once, each is done once."""

import random
import time
from datetime import date

from odoo.tests import tagged

from .common_release import ReleaseCommon
from .scratch import KILLED, ScratchCase
from .test_kill import at

DAY = date(2026, 3, 2)
CUSTOMERS = 30
BATCH = 2
ROUNDS = 4


def prepare(database):
    """A published release and a campaign, of which no job knows yet."""
    at(DAY)
    with database.env() as env:
        vendor = ReleaseCommon.in_environment(env)
        contract_type = vendor._create_type(
            includes_updates=True,
            installs_updates=True,
            other_requests="free",
        )
        for number in range(CUSTOMERS):
            customer = vendor._create_customer(
                f"Customer {number}", email=f"c{number}@example.com"
            )
            contract = vendor._create_contract(
                contract_type, customer, date_start="2026-01-01"
            )
            vendor._create_installation(customer, contract)
        release = vendor._create_release()
        campaign = env["support.release.campaign"].create(
            {"release_id": release.id, "technician_id": vendor.technician.id}
        )
        campaign.action_start()
        env["ir.cron.trigger"].search([]).unlink()


def run_job(database, model, name):
    """The job in small batches."""
    at(DAY)
    with database.env(tracking_disable=False) as env:
        for records in ("support.release", "support.release.notice"):
            _in_small_batches(env.registry[records])
        _in_small_batches(env.registry["support.release.campaign.line"])
        getattr(env[model], name)()


def _in_small_batches(cls):
    original = cls._run_job
    cls._run_job = lambda records, method, batch_size=None: original(
        records, method, BATCH
    )


class AtOnceCase(ScratchCase):
    model = job = ""
    #: how many are done
    progress = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database.run(prepare)

    def _start(self):
        return self.database.start(run_job, self.model, self.job)

    def _check_killed(self):
        killed = 0
        for _ in range(ROUNDS):
            before = self._count(self.progress)
            job = self._start()
            # in the middle: after some batches, at any moment of the next one
            for _try in range(600):
                if self._count(self.progress) > before + random.randrange(4):
                    break
                time.sleep(0.01)
            time.sleep(random.uniform(0, 0.1))
            job.kill()
            killed += job.wait() == KILLED
        self.assertGreater(killed, ROUNDS // 2)
        self.assertLess(self._count(self.progress), CUSTOMERS)
        self._start().wait()
        self._check_once()

    def _check_two(self):
        jobs = [self._start() for _ in range(3)]
        for job in jobs:
            job.wait()
        self._start().wait()
        self._check_once()

    def _count(self, query):
        [[count]] = self.database.sql(query)
        return count


class NoticeCase(AtOnceCase):
    model, job = "support.release", "_cron_send_notices"
    progress = "SELECT count(*) FROM support_release_notice WHERE state = 'sent'"

    def _check_once(self):
        self.assertEqual(
            self.database.sql(
                "SELECT state, entitlement, count(*) FROM support_release_notice "
                "GROUP BY 1, 2"
            ),
            [("sent", "contract", CUSTOMERS)],
        )
        mails = self.database.sql(
            """
            SELECT message.res_id, count(*)
              FROM mail_mail mail
              JOIN mail_message message ON message.id = mail.mail_message_id
             WHERE message.model = 'support.release.notice'
             GROUP BY 1
            """
        )
        self.assertEqual(len(mails), CUSTOMERS)
        self.assertEqual({count for _, count in mails}, {1})


@tagged("post_install", "-at_install")
class TestNoticesKilled(NoticeCase):
    def test_killed(self):
        self._check_killed()


@tagged("post_install", "-at_install")
class TestNoticesAtOnce(NoticeCase):
    def test_two_workers(self):
        self._check_two()


class OpenCase(AtOnceCase):
    model, job = "support.release.campaign", "_cron_work"
    progress = "SELECT count(ticket_id) FROM support_release_campaign_line"

    def _check_once(self):
        self.assertEqual(
            self.database.sql(
                "SELECT state, job_error, count(*) "
                "FROM support_release_campaign_line GROUP BY 1, 2"
            ),
            [("to_call", None, CUSTOMERS)],
        )
        self.assertEqual(self._count("SELECT count(*) FROM helpdesk_ticket"), CUSTOMERS)
        self.assertEqual(
            self._count("SELECT count(*) FROM support_intervention"), 3 * CUSTOMERS
        )


@tagged("post_install", "-at_install")
class TestCampaignKilled(OpenCase):
    def test_killed(self):
        self._check_killed()


@tagged("post_install", "-at_install")
class TestCampaignAtOnce(OpenCase):
    def test_two_workers(self):
        self._check_two()
