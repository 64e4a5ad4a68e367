# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Automatic top-ups: below a level, with a limit, ordered and paid once."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_topup_payment import OnlineCase

MODULE = "odoo.addons.support_contract.models.support_contract_auto_topup"


class AutoCase(OnlineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.write(
            {
                "auto_topup": "order",
                "auto_topup_product_id": cls.topup_hours.id,
                "auto_topup_level": 90,
            }
        )

    def _run(self):
        with (
            self.enter_registry_test_mode(),
            mute_logger(MODULE, "odoo.addons.payment.models.payment_transaction"),
        ):
            self.env.ref("support_contract.cron_auto_topup").method_direct_trigger()
        self.env.invalidate_all()

    def _orders(self):
        return (
            self.env["sale.order"]
            .search([("support_auto_key", "!=", False)])
            .sorted("id")
        )

    def _by_token(self, state="done"):
        token = self._create_token(state)
        self.contract.write({"auto_topup": "token", "payment_token_id": token.id})
        return token


@tagged("post_install", "-at_install")
class TestByOrder(AutoCase):
    def test_below_the_level(self):
        self._run()
        order = self._orders()
        self.assertEqual(
            (order.state, order.support_auto_key, order.order_line.product_id),
            ("draft", f"auto:{self.contract.id}:2026-03:1", self.topup_hours),
        )
        self.assertIn(order.name, self.contract.activity_ids.summary)
        # nothing while one is under way
        self._run()
        self.assertEqual(self._orders(), order)
        order.action_confirm()
        self._run()
        self.assertEqual(self._orders(), order)
        self._pay(self._invoice(order))
        self._run()
        self.assertEqual(self._orders(), order)

    def test_above_the_level(self):
        self.contract.auto_topup_level = 60
        self._run()
        self.assertFalse(self._orders())

    def test_limit_of_the_month(self):
        """a limit per month"""
        self._run()
        self._orders().action_cancel()
        self._run()
        self.assertEqual(len(self._orders()), 1)
        with freeze_time("2026-04-01 10:00:00"):
            self._run()
        self.assertEqual(
            self._orders().mapped("support_auto_key"),
            [
                f"auto:{self.contract.id}:2026-03:1",
                f"auto:{self.contract.id}:2026-04:1",
            ],
        )

    def test_ordered_once(self):
        """two runs at once: the database takes one order"""
        self._run()
        with self._assert_refused("ordered already"):
            self._orders().copy({"support_auto_key": self._orders().support_auto_key})

    def test_quotation_deleted(self):
        """the number of a deleted quotation does not stand in the way"""
        self.contract.auto_topup_limit = 3
        self._run()
        self._orders().action_cancel()
        self._run()
        self._orders().filtered(lambda order: order.state == "cancel").unlink()
        self._orders().action_cancel()
        self._run()
        self.assertEqual(
            sorted(self._orders().mapped("support_auto_key")),
            [f"auto:{self.contract.id}:2026-03:{number}" for number in (2, 3)],
        )

    def test_suspended(self):
        self.contract._set_state("suspended")
        self._run()
        self.assertFalse(self._orders())

    def test_managers_only(self):
        draft = self._create_contract(self._create_time_type(), activate=False)
        for values in ({"auto_topup_limit": 9}, {"payment_token_id": False}):
            with self._assert_refused("Only a contract manager"):
                draft.with_user(self.contract_user).write(values)
        draft.with_user(self.manager).write({"auto_topup_limit": 9})

    def test_settings(self):
        for message, values in {
            "needs a product": {"auto_topup_product_id": False},
            "at least one piece": {"auto_topup_pieces": 0},
            "a level above zero": {"auto_topup_level": 0},
            "saved payment method": {"auto_topup": "token"},
        }.items():
            with (
                self.subTest(message=message),
                self._assert_refused(f"{message}|choose a product"),
            ):
                self.contract.write(values)
        foreign = self._create_token(partner=self.other_customer)
        with self._assert_refused("not one of"):
            self.contract.write({"auto_topup": "token", "payment_token_id": foreign.id})


@tagged("post_install", "-at_install")
class TestByToken(AutoCase):
    def _transactions(self):
        return self._orders()._get_auto_transactions()

    def test_paid(self):
        self._by_token()
        self._run()
        transaction = self._transactions()
        self.assertEqual(
            (transaction.state, transaction.amount, transaction.operation),
            ("done", 800, "offline"),
        )
        transaction._post_process()
        self.assertEqual(self._flushed(self.ledger).balance, 660)
        self._run()
        self.assertEqual(len(self._orders()), 1)

    def test_payment_method_withdrawn(self):
        """The customer deletes his saved payment method: nobody charges it."""
        self._by_token()
        self.contract.payment_token_id.active = False
        self._run()
        self.assertFalse(self._orders())
        self.assertTrue(self.contract.auto_topup_stopped)

    def test_failed(self):
        """a stop after a failed payment: owner and customer are told, once"""
        self._by_token("error")
        mails = self._get_mails("automatic top-ups are stopped")
        self._run()
        self.assertTrue(self.contract.auto_topup_stopped)
        self.assertIn("failed", self.contract.auto_topup_stop_reason)
        self.assertIn("stopped", self.contract.activity_ids.summary)
        mails = self._get_mails("automatic top-ups are stopped") - mails
        self.assertEqual(len(mails), 1)
        with freeze_time("2026-04-01 10:00:00"):
            self._run()
        self.assertEqual(len(self._orders()), 1)
        with self._assert_refused("Only a contract manager"):
            self.contract.with_user(self.contract_user).action_restart_auto_topup()
        self.contract.with_user(self.manager).action_restart_auto_topup()
        self.assertFalse(self.contract.auto_topup_stopped)

    def test_failed_later(self):
        self._by_token("pending")
        self._run()
        self.assertFalse(self.contract.auto_topup_stopped)
        self._notify(self._transactions(), "cancel")
        self.assertTrue(self.contract.auto_topup_stopped)

    def test_no_answer(self):
        """killed while the provider is asked: it is never asked again, and told"""
        self._by_token()
        asked = []

        def killed(transaction):
            asked.append(transaction.id)
            raise RuntimeError("killed")

        cls = self.env.registry["payment.transaction"]
        with patch.object(cls, "_charge_with_token", killed):
            self._run()
            self._run()
        self.assertEqual(len(asked), 1)
        self.assertEqual(self._transactions().state, "draft")
        self._orders().invoice_ids.button_cancel()
        with freeze_time("2026-04-02 10:00:00"):
            self._run()
        self.assertEqual(len(self._transactions()), 1)
        self.assertEqual(len(self._orders()), 1)

    def test_no_answer_is_told(self):
        self._by_token("pending")
        self._run()
        # whatever became of the top-up: a payment without an answer blocks the next
        self.contract.topup_ids.sudo().state = "cancelled"
        with freeze_time("2026-04-02 10:00:00"):
            self._run()
        self.assertIn("no answer", self.contract.activity_ids.summary)
        self.assertEqual(len(self._orders()), 1)

    def test_run_twice(self):
        self._by_token()
        self._run()
        self._run()
        self.assertEqual(len(self._transactions()), 1)
