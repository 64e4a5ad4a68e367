# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many at once, with real connections: guesses of support codes, and operators who
take the same call-back."""

from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged

from odoo.addons.support_contract.models.support_code_guard import LIMIT

from ..tools.support_code import make_code
from .common import SupportCommon
from .scratch import ScratchCase

GUESSES, OPERATORS = 20, 6


def prepare(database):
    """An operator, a contract and some call-backs that nobody has taken."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        vendor.company.resource_calendar_id = False
        contract = vendor._create_contract(vendor._create_time_type())
        operators = env["res.users"]
        for number in range(OPERATORS):
            operators |= vendor._create_user(
                f"operator_{number}", "helpdesk_mgmt.group_helpdesk_user"
            )
        callbacks = env["support.callback"].create(
            [
                {
                    "topic": f"Call {number}",
                    "number": "+39 06 4567 8901",
                    "partner_id": vendor.contact.id,
                    "contract_id": contract.id,
                    "company_id": vendor.company.id,
                }
                for number in range(5)
            ]
        )
        return contract.support_code, operators.ids, callbacks.ids


def guess(database, user_id, code):
    """One guess as a remote call; True if the code was looked at."""
    with database.env(user_id) as env:
        contract, refused = env["support.call"]._check_code(code)
        if contract:
            return "right"
        return "locked" if refused.startswith("Too many") else "looked at"


def guess_and_fail(database, user_id, code):
    """The same in a request that fails at the end."""
    try:
        with database.env(user_id) as env:
            env["support.call"]._check_code(code)
            raise ZeroDivisionError
    except ZeroDivisionError:
        return "failed"


def take(database, user_id, callback_ids):
    """Take as many of the call-backs as one can, each in a call of its own."""
    taken = []
    for callback_id in callback_ids:
        with database.env(user_id) as env:
            callback = env["support.callback"].browse(callback_id)

            def attempt(callback=callback):
                callback.read(["topic"])
                callback.action_take()

            try:
                retrying(attempt, env)
            except UserError:
                env.cr.rollback()
                continue
        taken.append(callback_id)
    return taken


@tagged("post_install", "-at_install")
class TestAtOnce(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.code, cls.operators, cls.callbacks = cls.database.run(prepare)

    def _guess_at_once(self, user_id, codes):
        processes = [self.database.start(guess, user_id, code) for code in codes]
        return [process.wait() for process in processes]

    def _failures(self, user_id):
        [(failures,)] = self.database.sql(
            "SELECT failures FROM support_code_guard WHERE user_id = %s", [user_id]
        )
        return failures

    def test_no_more_than_the_limit_get_through(self):
        """trust.md, rule 12: count-then-insert let 20 of 20 through"""
        operator = self.operators[0]
        wrong = [code for code in (make_code() for _ in range(40)) if code != self.code]
        told = self._guess_at_once(operator, wrong[:GUESSES])
        self.assertEqual(told.count("looked at"), LIMIT)
        self.assertEqual(told.count("locked"), GUESSES - LIMIT)
        self.assertEqual(self._failures(operator), LIMIT)
        [(noted,)] = self.database.sql(
            "SELECT count(*) FROM support_code_refusal WHERE user_id = %s", [operator]
        )
        self.assertEqual(noted, LIMIT)
        # the right one among many wrong ones does not get through either
        told = self._guess_at_once(operator, [*wrong[:5], self.code])
        self.assertEqual(set(told), {"locked"})

    def test_a_failing_request_counts(self):
        operator = self.operators[1]
        for _ in range(LIMIT):
            self.database.run(guess_and_fail, operator, "1")
        self.assertEqual(self._failures(operator), LIMIT)
        self.assertEqual(self._guess_at_once(operator, [self.code]), ["locked"])

    def test_one_operator_takes_it(self):
        processes = [
            self.database.start(take, operator, self.callbacks)
            for operator in self.operators
        ]
        told = [
            (callback, operator)
            for operator, process in zip(self.operators, processes, strict=True)
            for callback in process.wait()
        ]
        self.assertEqual(len(told), len(self.callbacks))
        self.assertEqual(
            sorted(self.database.sql("SELECT id, user_id FROM support_callback")),
            sorted(told),
        )
