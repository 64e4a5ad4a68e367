# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The jobs of a night end in the same place in any order, however late they run."""

from datetime import date
from itertools import permutations

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import SupportCommon

JOBS = ("_update_states", "_grant_due", "_expire_due")


class OrderCase(SupportCommon):
    def _monthly(self, quantity=600, **vals):
        """A contract since 2026-01-01 with ``quantity`` minutes a month, as it stood
        on that day."""
        with freeze_time("2026-01-01 12:00:00"):
            return self._create_contract(
                self._create_type(
                    allotments=[
                        {
                            "unit": "time",
                            "quantity": quantity,
                            "recurrence": "month",
                            **vals,
                        }
                    ]
                ),
                date_start="2026-01-01",
            )

    def _plan(self, contract, first_day, quantity=None, **values):
        """A change of terms, as a manager plans it."""
        lines = []
        if quantity:
            allotment = contract.allotment_ids
            line = {"allotment_id": allotment.id, "quantity": quantity}
            lines = [Command.create(line)]
        wizard = (
            self.env["support.contract.change.terms"]
            .with_user(self.manager)
            .create(
                {
                    "contract_id": contract.id,
                    "first_day": first_day,
                    "reason": "agreed on the phone",
                    "line_ids": lines,
                    **values,
                }
            )
        )
        wizard.action_confirm()
        return contract.change_ids[:1]

    def _run_cron(self, name):
        with self.enter_registry_test_mode():
            self.env.ref(f"support_contract.{name}").method_direct_trigger()
        self.env.invalidate_all()

    def _grants(self, contract):
        entries = self._flushed(contract.ledger_ids).entry_ids.sorted("day")
        return entries.filtered(lambda entry: entry.kind == "grant").mapped("quantity")


@tagged("post_install", "-at_install")
class TestRolloverLimit(OrderCase):
    def test_any_order_of_late_jobs(self):
        """three months missed: what is over the limit is forfeited each month, also
        where the job that expires is the first to run"""
        for order in permutations(JOBS):
            with self.subTest(order=order):
                contract = self._monthly(rollover="quantity", rollover_quantity=100)
                with freeze_time("2026-04-10 12:00:00"):
                    for job in order:
                        getattr(contract, job)()
                self.assertEqual(self._flushed(contract.ledger_ids).balance, 700)
                self.assertEqual(self._grants(contract), [600] * 4)
                self.assertEqual(
                    contract.allotment_ids.next_cut_day, date(2026, 5, 1), order
                )
        self._assert_sound()

    def test_night_in_which_only_the_expiry_runs(self):
        contract = self._monthly(rollover="quantity", rollover_quantity=100)
        with freeze_time("2026-04-10 12:00:00"):
            self._run_cron("cron_expire")
            self.assertEqual(contract.ledger_ids.balance, 700)
            for name in ("cron_grant", "cron_update_states", "cron_expire"):
                self._run_cron(name)
        self.assertEqual(contract.ledger_ids.balance, 700)
        self._assert_sound()

    def test_work_between_the_change_of_period_and_the_cut(self):
        """300 of the 600 may move on and 600 are new: 480 of these 900 are used on the
        first day already, which leaves 420"""
        contract = self._monthly(rollover="quantity", rollover_quantity=300)
        ledger = contract.ledger_ids
        with freeze_time("2026-02-01 12:00:00"):
            contract._grant_due()
            _, left_over = ledger._debit(480, "work", date(2026, 2, 1))
        self.assertEqual((left_over, ledger.balance), (0, 720))
        with freeze_time("2026-02-07 12:00:00"):
            for _ in range(2):
                contract._expire_due()
        self.assertEqual(self._flushed(ledger).balance, 420)
        cut = ledger.entry_ids.filtered(lambda entry: entry.kind == "forfeit")
        self.assertEqual(sorted(cut.mapped("quantity")), [-180, -120])
        self.assertEqual(
            {(entry.lot_id.day, entry.quantity) for entry in cut},
            {(date(2026, 1, 1), -120), (date(2026, 2, 1), -180)},
        )
        self._assert_sound()


@tagged("post_install", "-at_install")
class TestChangesBeforeGrants(OrderCase):
    def test_grant_job_before_the_states_job(self):
        """on the day of the change the grant has the new quantity, and the months
        before it the old one"""
        contract = self._monthly(rollover="unlimited")
        with freeze_time("2026-01-10 12:00:00"):
            change = self._plan(contract, "2026-03-01", quantity=60)
        with freeze_time("2026-03-01 12:00:00"):
            self._run_cron("cron_grant")
        self.assertEqual(change.state, "applied")
        self.assertEqual(self._grants(contract), [600, 600, 60])
        with freeze_time("2026-03-02 12:00:00"):
            for name in ("cron_update_states", "cron_grant"):
                self._run_cron(name)
        self.assertEqual(self._grants(contract), [600, 600, 60])

    def test_change_that_is_not_due_waits(self):
        contract = self._monthly(rollover="unlimited")
        with freeze_time("2026-01-10 12:00:00"):
            change = self._plan(contract, "2026-02-02", quantity=60)
        with freeze_time("2026-02-01 12:00:00"):
            contract._grant_due()
        self.assertEqual(change.state, "planned")
        self.assertEqual(self._grants(contract), [600, 600])

    def test_activation_of_a_signed_contract(self):
        """what was agreed after the signature, for the first day, is granted"""
        with freeze_time("2026-03-10 12:00:00"):
            contract = self._create_contract(
                self._create_time_type(600), activate=False, date_start="2026-03-20"
            )
            contract._record_signature(date(2026, 3, 10), "Anna Alpha")
            change = self._plan(contract, "2026-03-20", quantity=60, gate_minutes=30)
            self.assertEqual(change.state, "planned")
        with freeze_time("2026-03-20 12:00:00"):
            contract.action_activate()
        self.assertEqual(change.state, "applied")
        self.assertEqual(self._grants(contract), [60])
        self.assertEqual(contract.gate_minutes, 30)
        self._assert_sound()
