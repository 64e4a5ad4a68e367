# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two people decide about the same ticket at the same moment, and a job's error is
stored although others write on the contract."""

from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon
from .scratch import ScratchCase

MIXIN = "odoo.addons.support_contract.models.support_job_mixin"
ERRORS = "support_contract.mail_activity_type_job_error"


def prepare(database):
    """Tickets with work to be done, each covered by the first of two contracts."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        vendor._create_contract(vendor._create_time_type(600, rank=1))
        second = vendor._create_contract(vendor._create_time_type(600, rank=9))
        ids = {"second": second.id, "technician": vendor.technician.id}
        ids["other"] = vendor.other_customer.id
        for name in ("choose", "reject", "confirm", "partner", "done"):
            confirmed = name != "confirm"
            # until a colleague confirms it
            ticket = vendor._create_ticket(support_cover_confirmed=confirmed)
            work = vendor._log_work(ticket, 60, done=False)
            ids[name] = (ticket.id, work.id)
        return ids


def decide(env, name, ids):
    """One of two decisions about a ticket."""
    ticket = env["helpdesk.ticket"].browse(ids[name][0])
    if name == "choose":
        ticket._support_choose_cover(
            env["support.contract"].browse(ids["second"]), "asked so"
        )
    elif name == "reject":
        ticket._support_reject("not our product")
    elif name == "confirm":
        ticket.action_support_confirm_cover()
    elif name == "partner":
        ticket.partner_id = ids["other"]
    else:
        env["support.intervention"].browse(ids[name][1]).action_done()


def race(database, name, ids):
    """A technician decides with a snapshot from before another one's work was done.

    :return: what the first try and the call as Odoo repeats it ended with, and the
        ticket with its work as they stand then
    """
    ticket_id, work_id = ids[name]

    def do_work():
        with database.env() as other:
            if name == "confirm":
                ticket = other["helpdesk.ticket"].browse(ticket_id)
                ticket.support_cover_confirmed = True
            other["support.intervention"].browse(work_id).action_done()

    results = []
    with database.env(ids["technician"]) as env:
        env.cr.execute("SELECT 1 FROM support_ledger LIMIT 1")  # has its snapshot
        do_work()
        try:
            with mute_logger("odoo.sql_db"):
                decide(env, name, ids)
                env.flush_all()
            results.append("done")
        except Exception as error:
            results.append(type(error).__name__)
        env.cr.rollback()
        env.invalidate_all()
        try:
            retrying(lambda: decide(env, name, ids), env)
            results.append("done")
        except UserError as error:
            env.cr.rollback()
            results.append(str(error))
    with database.env() as env:
        ticket = env["helpdesk.ticket"].browse(ticket_id)
        work = env["support.intervention"].browse(work_id)
        return results, {
            "rejected": ticket.support_rejected,
            "chosen": ticket.support_cover_chosen,
            "state": work.state,
            "drawn": sum(work.entry_ids.mapped("quantity")),
            "same_contract": ticket.support_contract_id == work.contract_id,
            "same_partner": ticket.partner_id == work.partner_id,
        }


@tagged("post_install", "-at_install")
class TestDecisionsMeet(ScratchCase):
    """what was decided from an older state of the ticket fails with a conflict, which
    Odoo tries again, and is then refused for the reason that is true by now"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = cls.database.run(prepare)

    def _check(self, name, message):
        (first, then), found = self.database.run(race, name, self.ids)
        self.assertEqual(first, "SerializationFailure")
        self.assertRegex(then, message)
        self.assertEqual(
            found,
            {
                "rejected": False,
                "chosen": False,
                "state": "done",
                "drawn": -60,
                "same_contract": True,
                "same_partner": True,
            },
        )

    def test_rejected_while_work_is_done(self):
        self._check("reject", "work has been done")

    def test_chosen_while_work_is_done(self):
        self._check("choose", "only a contract manager")

    def test_confirmed_while_work_is_done(self):
        """the cover is confirmed by now: there is nothing left to do"""
        self._check("confirm", "^done$")

    def test_given_to_another_customer_while_work_is_done(self):
        self._check("partner", "has drawn on a balance")

    def test_done_while_work_is_done(self):
        self._check("done", "undo it first")


@tagged("post_install", "-at_install")
class TestStoredErrors(SupportCommon):
    def setUp(self):
        super().setUp()
        self.startPatcher(freeze_time("2026-03-10 12:00:00"))
        self.startPatcher(patch(f"{MIXIN}.time.sleep"))
        self.contract = self._create_contract(
            self._create_type(
                allotments=[{"unit": "time", "quantity": 60, "recurrence": "month"}]
            )
        )

    def _run(self, method):
        with (
            self.enter_registry_test_mode(),
            mute_logger(MIXIN),
            self.registry.cursor() as cr,
        ):
            self.contract.with_env(self.env(cr=cr))._run_job(method)
        self.env.invalidate_all()

    def _failing(self, method="_grant_due"):
        def fail(contracts, today=None):
            message = "the price is missing"
            raise UserError(message)

        return patch.object(self.env.registry["support.contract"], method, fail)

    def _storing(self, *errors):
        """Storing an error meets ``errors``, one at each try, and then works."""
        cls = self.env.registry["support.contract"]
        original = cls._store_job_error
        left, tries = list(errors), []

        def _store_job_error(contract, method, error):
            tries.append(method)
            original(contract, method, error)
            if left:
                raise left.pop(0)

        return patch.object(cls, "_store_job_error", _store_job_error), tries

    def test_success_of_another_job(self):
        """does not clear the error of this one"""
        with self._failing():
            self._run("_grant_due")
        self.assertEqual(self.contract.job_error, "the price is missing")
        self._run("_sync_states")
        self.assertEqual(self.contract.job_error, "the price is missing")
        self.assertEqual(self.contract.job_error_method, "_grant_due")
        self.assertTrue(self.contract.activity_search([ERRORS]))
        self._run("_grant_due")
        self.assertFalse(self.contract.job_error or self.contract.job_error_method)
        self.assertFalse(self.contract.activity_search([ERRORS]))

    def test_conflict_while_an_error_is_stored(self):
        """is tried again, like the job itself"""
        conflicts = [
            psycopg2.errors.SerializationFailure("conflict"),
            psycopg2.errors.DeadlockDetected("conflict"),
        ]
        storing, tries = self._storing(*conflicts)
        with self._failing(), storing:
            self._run("_grant_due")
        self.assertEqual(len(tries), 3)
        self.assertEqual(self.contract.job_error, "the price is missing")
        self.assertEqual(len(self.contract.activity_search([ERRORS])), 1)

    def test_error_that_cannot_be_stored(self):
        """does not stop the job for the others"""
        other = self._create_contract(self.contract.type_id, self.other_customer)
        self.contract |= other
        failures = [psycopg2.errors.SerializationFailure("conflict")] * 9
        storing, _ = self._storing(*failures)
        with self._failing(), storing:
            self._run("_grant_due")
        self.assertEqual(self.contract.mapped("job_error").count(False), 1)
        storing, _ = self._storing(ValueError("no owner"))
        with self._failing(), storing:
            self._run("_grant_due")
        self.assertTrue(other.job_error)
