# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Agreed terms change only from a day on."""

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestContractChange(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-10 08:00:00"):
            cls.contract = cls._create_contract(
                cls._create_type(
                    overage="charge",
                    allotments=[
                        {
                            "unit": "time",
                            "quantity": 300,
                            "recurrence": "month",
                            "rollover": "unlimited",
                        }
                    ],
                ),
                date_start="2026-01-01",
            )

    def _change(self, first_day, user=None, quantity=None, **values):
        form = Form(
            self.env["support.contract.change.terms"]
            .with_user(user or self.manager)
            .with_context(default_contract_id=self.contract.id)
        )
        form.first_day = first_day
        form.reason = "Agreed on the phone"
        for name, value in values.items():
            setattr(form, name, value)
        if quantity:
            with form.line_ids.edit(0) as line:
                line.quantity = quantity
        form.save().action_confirm()
        return self.contract.change_ids[:1]

    @freeze_time("2026-01-10 08:00:00")
    def test_change_for_today_is_applied_at_once(self):
        change = self._change("2026-01-10", gate_minutes=60)
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.contract.gate_minutes, 60)
        self.assertEqual(change.before, {"gate_minutes": 0})

    def test_change_for_later_waits_for_its_day(self):
        with freeze_time("2026-01-10 08:00:00"):
            change = self._change("2026-02-01", overage="refuse")
            self.assertEqual(change.state, "planned")
            self.assertEqual(self.contract.overage, "charge")
        with freeze_time("2026-02-01 08:00:00"):
            self.contract._update_states()
        self.assertEqual(change.state, "applied")
        self.assertEqual(self.contract.overage, "refuse")

    def test_work_keeps_the_terms_of_its_day(self):
        """Logged after the change, done before it: the earlier terms decide."""
        with freeze_time("2026-01-10 08:00:00"):
            ticket = self._create_ticket()
            self._change("2026-01-20", overage="refuse")
        with freeze_time("2026-01-25 08:00:00"):
            self.contract._update_states()
            before = self._log_work(ticket, 400, "2026-01-15")
            self.assertEqual(before.overage_minutes, 100)
            with self._assert_refused("no work beyond its balance|nothing is left"):
                self._log_work(ticket, 30, "2026-01-21")

    def test_late_night_does_not_make_a_customer_wait(self):
        """The job has not run: deciding the cover applies what is due."""
        with freeze_time("2026-01-10 08:00:00"):
            self._change("2026-01-20", other_requests="excluded")
        with freeze_time("2026-01-20 08:00:00"):
            ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(ticket.support_cover_reasons[0][0], "request_excluded")

    def test_more_hours_from_the_next_period_on(self):
        """A job that did not run grants the months before at the old quantity."""
        with freeze_time("2026-01-10 08:00:00"):
            self._change("2026-03-01", quantity=480)
        with freeze_time("2026-04-02 08:00:00"):
            self.contract._update_states()
            self.contract._grant_due()
        self._assert_entries(
            self.contract.ledger_ids,
            [("grant", 300), ("grant", 300), ("grant", 480), ("grant", 480)],
        )
        self._assert_sound()

    def test_changes_replace_each_other_in_order(self):
        with freeze_time("2026-01-10 08:00:00"):
            self._change("2026-02-01", gate_minutes=60)
            self._change("2026-03-01", gate_minutes=90)
        with freeze_time("2026-03-05 08:00:00"):
            self.contract._update_states()
        terms = [
            self.contract._get_terms_on(self._day(day))["gate_minutes"]
            for day in ("2026-01-31", "2026-02-01", "2026-02-28", "2026-03-01")
        ]
        self.assertEqual(terms, [0, 60, 60, 90])

    @freeze_time("2026-01-10 08:00:00")
    def test_planned_change_can_be_taken_back(self):
        change = self._change("2026-02-01", gate_minutes=60)
        with self.assertRaises(UserError):
            change.with_user(self.contract_user).action_take_back()
        change.with_user(self.manager).action_take_back()
        with freeze_time("2026-02-02 08:00:00"):
            self.contract._update_states()
        self.assertEqual(change.state, "cancelled")
        self.assertEqual(self.contract.gate_minutes, 0)

    @freeze_time("2026-01-10 08:00:00")
    def test_refused_changes_name_the_field(self):
        with self.assertRaisesRegex(UserError, "before today"):
            self._change("2026-01-09", gate_minutes=60)
        with self.assertRaisesRegex(UserError, "the contract ends on"):
            self._change("2027-01-01", gate_minutes=60)
        with self.assertRaisesRegex(UserError, "Nothing is different"):
            self._change("2026-01-10")
        with self._assert_refused("Quantity must be greater than zero"):
            self._change("2026-01-10", quantity=-5)
        self.assertFalse(self.contract.change_ids)
