# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How the nightly jobs work: in committed batches, past a bad record, and again."""

from datetime import date
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.support_contract.models import support_job_mixin

from .common import SupportCommon

MIXIN = "odoo.addons.support_contract.models.support_job_mixin"


class JobCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.type = cls._create_type(
            allotments=[
                {
                    "unit": "time",
                    "quantity": 60,
                    "recurrence": "month",
                    "rollover": "unlimited",
                }
            ]
        )
        with freeze_time("2026-01-01 12:00:00"):
            cls.contracts = cls.env["support.contract"]
            for _ in range(5):
                cls.contracts |= cls._create_contract(cls.type)
        cls.bad = cls.contracts[2]

    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-04-10 12:00:00"))
        self.startPatcher(patch(f"{MIXIN}.time.sleep"))

    def _run(self, name="cron_grant"):
        with self.enter_registry_test_mode(), mute_logger(MIXIN):
            self.env.ref(f"support_contract.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _balances(self):
        return [contract.ledger_ids.balance for contract in self.contracts]

    def _broken(self, *errors):
        """``_grant_due`` raises ``errors``, one at each try, if it has to do with the
        bad contract; after the last of them it works. Without any it always fails."""
        cls = self.env.registry["support.contract"]
        original = cls._grant_due
        left = list(errors)
        bad_id = self.bad.id

        def _grant_due(contracts, today=None):
            original(contracts, today)
            if bad_id in contracts.ids:
                if not errors:
                    message = "the price is missing"
                    raise UserError(message)
                if left:
                    raise left.pop(0)

        return patch.object(cls, "_grant_due", _grant_due)

    def _activities(self):
        return self.bad.activity_ids


@tagged("post_install", "-at_install")
class TestJobs(JobCase):
    def test_catches_up(self):
        """a job did not run for three months: all missed periods, once each"""
        for _ in range(2):
            self._run()
        self.assertEqual(self._balances(), [240] * 5)
        self._assert_sound()

    def test_one_bad_record(self):
        """one bad record in a job: its error is stored on it with an activity for its
        owner, cleared when it next succeeds; the others go on"""
        with self._broken():
            self._run()
            self.assertEqual(self._balances(), [240, 240, 60, 240, 240])
            self.assertEqual(self.bad.job_error, "the price is missing")
            self.assertEqual(self._activities().user_id, self.manager)
            self.assertIn("the price is missing", self._activities().note)
            self.assertFalse((self.contracts - self.bad).activity_ids)
            self._run()
            self.assertEqual(len(self._activities()), 1)
        self._run()
        self.assertEqual(self._balances(), [240] * 5)
        self.assertFalse(self.bad.job_error)
        self.assertFalse(self._activities())
        self._assert_sound()

    def test_error_of_the_database(self):
        with self._broken(*[psycopg2.errors.CheckViolation("no")] * 2):
            self._run()
            self.assertEqual(self._balances(), [240, 240, 60, 240, 240])
            self.assertTrue(self.bad.job_error)

    def test_owner_who_left(self):
        """an owner who may not see the contract does not stop the others"""
        for owner in (self._create_user("nobody", ""), self.portal_user):
            self.bad.user_id = owner
            self.bad.job_error = False
            with self._broken():
                self._run()
            self.assertTrue(self.bad.job_error)
        self.bad.user_id.active = False
        self.bad.job_error = False
        with self._broken():
            self._run()
        self.assertTrue(self.bad.job_error)
        self.assertEqual(self._balances(), [240, 240, 60, 240, 240])

    def test_conflict_is_tried_again(self):
        """a conflict repeats the batch and never marks a record as bad"""
        conflicts = [
            psycopg2.errors.SerializationFailure("conflict"),
            psycopg2.errors.DeadlockDetected("conflict"),
        ]
        with self._broken(*conflicts):
            self._run()
        self.assertEqual(self._balances(), [240] * 5)
        self.assertFalse(self.bad.job_error)

    def test_lasting_conflict_is_left_for_the_next_run(self):
        """a conflict that lasts keeps only its own record waiting"""
        conflicts = [psycopg2.errors.SerializationFailure("conflict")]
        with self._broken(*conflicts * support_job_mixin.TRIES * 2):
            self._run()
        self.assertFalse(self.bad.job_error)
        self.assertEqual(self._balances(), [240, 240, 60, 240, 240])
        self._run()
        self.assertEqual(self._balances(), [240] * 5)

    def test_batches_commit(self):
        """each batch is committed before the next one begins"""
        commits, batches = [], []
        cls = self.env.registry["support.contract"]
        original = cls._grant_due

        def _grant_due(contracts, today=None):
            batches.append((len(contracts), len(commits)))
            original(contracts, today)

        with (
            self.enter_registry_test_mode(),
            self.registry.cursor() as cr,
            patch.object(cls, "_grant_due", _grant_due),
        ):
            contracts = self.contracts.with_env(self.env(cr=cr))
            commit = cr.commit

            def count():
                commits.append(1)
                commit()

            with patch.object(cr, "commit", count):
                contracts._run_job("_grant_due", batch_size=2)
        self.assertEqual([size for size, _ in batches], [2, 2, 1])
        done = [number for _, number in batches]
        self.assertEqual(done, sorted(set(done)))
        self.assertGreater(done[1], done[0])

    def test_time_runs_out(self):
        """what is left when the time runs out is found by the next run"""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            contracts = self.contracts.with_env(self.env(cr=cr))
            cron = self.env.registry["ir.cron"]
            with patch.object(cron, "_commit_progress", lambda *a, **k: 0):
                self.assertFalse(contracts._run_job("_grant_due", batch_size=2))
        self.env.invalidate_all()
        self.assertEqual(self._balances(), [240, 240, 60, 60, 60])
        self._run()
        self.assertEqual(self._balances(), [240] * 5)

    def test_deleted_in_between(self):
        draft = self._create_contract(self.type, activate=False)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            contracts = (self.contracts | draft).with_env(self.env(cr=cr))
            contracts[-1].unlink()
            contracts._run_job("_grant_due")
        self.env.invalidate_all()
        self.assertEqual(self._balances(), [240] * 5)

    def test_states_and_expiry(self):
        """the other jobs, in any order and twice"""
        with freeze_time("2027-01-06 12:00:00"):
            for name in ("cron_expire", "cron_update_states", "cron_grant") * 2:
                self._run(name)
            self.assertEqual(self.contracts.mapped("state"), ["expired"] * 5)
            self._run("cron_expire")
            self.assertEqual(self._balances(), [0] * 5)
        self.assertEqual(
            self.contracts.status_ids.filtered(lambda s: s.state == "expired").mapped(
                "first_day"
            ),
            [date(2027, 1, 1)] * 5,
        )
        self._assert_sound()

    def test_check_job_runs(self):
        self._run("cron_check")

    def test_jobs_are_installed(self):
        for name in ("cron_update_states", "cron_grant", "cron_expire", "cron_check"):
            cron = self.env.ref(f"support_contract.{name}")
            self.assertTrue(cron.active)
            self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
            self.assertEqual(cron.user_id, self.env.ref("base.user_root"))
