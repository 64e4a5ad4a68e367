# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a contract does not let happen to it, and what its customer does not suffer."""

import base64
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import SupportCommon

COVER = "odoo.addons.support_contract.models.support_cover"


class GuardCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))

    def _change(self, contract, **values):
        """Change terms as a remote caller does: only what is named."""
        wizard = (
            self.env["support.contract.change.terms"]
            .with_user(self.manager)
            .create({"contract_id": contract.id, "reason": "agreed", **values})
        )
        wizard.action_confirm()
        return contract.change_ids[:1]

    def _update(self, contract, day):
        with freeze_time(f"{day} 12:00:00"):
            contract._update_states()
        return contract.state


@tagged("post_install", "-at_install")
class TestResume(GuardCase):
    def setUp(self):
        super().setUp()
        self.contract = self._create_contract(self._create_time_type())
        self.contract._change_state("terminated", date(2026, 4, 1), "gave notice")

    def test_planned_termination_outlives_a_suspension(self):
        self.contract._change_state("suspended", date(2026, 3, 10), "unpaid")
        self.assertEqual(self.contract.state, "suspended")
        self.contract.with_user(self.manager).action_resume()
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self.contract.terminated_on, date(2026, 4, 1))
        self.assertEqual(self._update(self.contract, "2026-03-31"), "active")
        self.assertEqual(self._update(self.contract, "2026-04-01"), "terminated")

    def test_planned_termination_is_taken_back(self):
        self.contract.with_user(self.manager).action_resume()
        self.assertFalse(self.contract.terminated_on)
        self.assertEqual(self._update(self.contract, "2026-04-01"), "active")
        with freeze_time("2026-04-01 12:00:00"):
            self.assertEqual(self._create_ticket().support_cover, "contract")

    def test_planned_suspension_is_taken_back(self):
        contract = self._create_contract(self._create_time_type())
        contract._change_state("suspended", date(2026, 4, 1), "unpaid")
        contract.with_user(self.manager).action_resume()
        self.assertEqual(self._update(contract, "2026-04-02"), "active")


@tagged("post_install", "-at_install")
class TestStateGuards(GuardCase):
    def test_draft_is_not_suspended(self):
        """by the form behind the button, which anybody may call"""
        draft = self._create_contract(
            self._create_time_type(signature_required=True), activate=False
        )
        for state in ("suspended", "terminated"):
            wizard = (
                self.env["support.contract.state.change"]
                .with_user(self.manager)
                .create({"contract_id": draft.id, "state": state, "reason": "x"})
            )
            with self._assert_refused("it is Draft"):
                wizard.action_confirm()
        self.assertEqual(draft.state, "draft")
        self.assertFalse(draft.terminated_on)

    def test_running_contract_is_not_archived(self):
        contract = self._create_contract(self._create_time_type())
        with self._assert_refused("terminate it before archiving"):
            contract.with_user(self.manager).action_archive()
        contract._change_state("suspended", date(2026, 3, 10), "unpaid")
        with self._assert_refused("terminate it before archiving"):
            contract.with_user(self.manager).active = False
        contract._change_state("terminated", date(2026, 3, 10), "gave notice")
        contract.with_user(self.manager).action_archive()
        self.assertFalse(contract.active)

    def test_recorded_signature_is_not_wiped(self):
        """only a manager takes a signed contract back"""
        contract = self._create_contract(self._create_time_type(), activate=False)
        scan = base64.b64encode(b"signed")
        contract._record_signature(date(2026, 3, 1), "Anna", scan, "signed.pdf")
        with self._assert_refused("Only a contract manager"):
            contract.with_user(self.contract_user).action_draft()
        self.assertEqual((contract.state, contract.signed_by), ("signed", "Anna"))
        self.assertEqual(contract.signature_scan, scan)
        contract.with_user(self.manager).action_draft()
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.signature_scan)
        # an offer without a signature is the contract user's own
        contract.with_user(self.contract_user).action_mark_offered()
        contract.with_user(self.contract_user).action_draft()

    def test_number_is_not_typed(self):
        draft = self._create_contract(self._create_time_type(), activate=False)
        number = draft.name
        for user in (self.contract_user, self.manager):
            with self._assert_refused("Number"):
                draft.with_user(user).name = "C-1"
            with self._assert_refused("Number"):
                self._create_as(user, name="C-1")
            contract = self._create_as(user, default_name="C-1")
            self.assertNotIn(contract.name, ("C-1", "/", number))
            self.assertTrue(contract.name)
        self.assertEqual(draft.name, number)

    def _create_as(self, user, default_name=None, **vals):
        contracts = self.env["support.contract"].with_user(user)
        if default_name:
            contracts = contracts.with_context(default_name=default_name)
        return contracts.create(
            {
                "type_id": self._create_time_type().id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestSignatureRequired(GuardCase):
    """whether a contract must be signed follows from its type; only managers decide
    otherwise"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signed = cls._create_time_type(name="Signed", signature_required=True)
        cls.unsigned = cls._create_time_type(name="Unsigned")

    def _create(self, user=None, contract_type=None, **vals):
        return (
            self.env["support.contract"]
            .with_user(user or self.contract_user)
            .create(
                {
                    "type_id": (contract_type or self.signed).id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    **vals,
                }
            )
        )

    def test_contract_user_does_not_untick_it(self):
        with self._assert_refused("signed"):
            self._create(signature_required=False)
        contracts = self.env["support.contract"].with_context(
            default_signature_required=False
        )
        draft = self._create()
        self.assertTrue(draft.signature_required)
        with self._assert_refused("signed"):
            draft.signature_required = False
        with self._assert_refused("signed"):
            draft.write({"type_id": self.signed.id, "signature_required": False})
        draft.action_mark_offered()
        with self._assert_refused("signed"):
            draft.signature_required = False
        with self._assert_refused("must be signed"):
            draft.action_activate()
        draft = contracts.with_user(self.contract_user).create(
            {"type_id": self.signed.id, "partner_id": self.customer.id}
        )
        self.assertTrue(draft.signature_required)

    def test_form_of_a_contract_user(self):
        """the form fills the terms in, and changes them with the type"""
        form = Form(self.env["support.contract"].with_user(self.contract_user))
        form.partner_id = self.customer
        form.type_id = self.signed
        contract = form.save()
        self.assertTrue(contract.signature_required)
        with Form(contract) as form:
            form.type_id = self.unsigned
        self.assertFalse(contract.signature_required)
        with Form(contract) as form:
            form.type_id = self.signed
        self.assertTrue(contract.signature_required)

    def test_there_and_back_over_another_type(self):
        draft = self._create()
        draft.write({"type_id": self.unsigned.id, "signature_required": False})
        draft.type_id = self.signed
        self.assertTrue(draft.signature_required)
        with self._assert_refused("signed"):
            draft.write({"type_id": self.unsigned.id, "signature_required": True})

    def test_manager_decides_otherwise(self):
        contract = self._create(self.manager, signature_required=False)
        self.assertFalse(contract.signature_required)
        contract.signature_required = True
        with self._assert_refused("signed"):
            contract.with_user(self.contract_user).signature_required = False
        contract.signature_required = False
        # writing what it says already changes nothing
        contract.with_user(self.contract_user).signature_required = False
        contract.action_activate()
        self.assertEqual(contract.state, "active")


@tagged("post_install", "-at_install")
class TestChangeGuards(GuardCase):
    def test_change_that_the_database_would_refuse(self):
        """is refused when it is planned, not in the night of its day"""
        contract = self._create_contract(self._create_time_type())
        for values, message in (
            ({"activation_count": 0}, "at least one activation"),
            ({"fee_amount": -1}, "negative"),
            ({"gate_minutes": -5}, "negative"),
        ):
            for first_day in ("2026-03-10", "2026-04-01"):
                with self.subTest(**values), self._assert_refused(message):
                    self._change(contract, first_day=first_day, **values)
        self.assertFalse(contract.change_ids)

    def test_trying_out_leaves_nothing_behind(self):
        contract = self._create_contract(self._create_time_type())
        change = self._change(contract, first_day="2026-04-01", gate_minutes=60)
        self.assertEqual((change.state, contract.gate_minutes), ("planned", 0))
        self.assertEqual(self._flushed(contract).gate_minutes, 0)

    def test_only_what_is_named_changes(self):
        contract = self._create_contract(
            self._create_time_type(gate_minutes=120, rank=5, overage="charge"),
            activation_count=3,
            product_id=self.product_phone.id,
        )
        change = self._change(contract, fee_amount=100)
        self.assertEqual(change["values"], {"fee_amount": 100})
        self.assertFalse(change.allotment_quantities)
        self.assertEqual(
            (
                contract.gate_minutes,
                contract.rank,
                contract.overage,
                contract.activation_count,
                contract.fee_amount,
            ),
            (120, 5, "charge", 3, 100),
        )

    def test_contract_named_by_the_context(self):
        contract = self._create_contract(
            self._create_time_type(gate_minutes=120), product_id=self.product_phone.id
        )
        wizard = (
            self.env["support.contract.change.terms"]
            .with_user(self.manager)
            .with_context(default_contract_id=contract.id)
            .create({"reason": "agreed", "fee_amount": 100})
        )
        wizard.action_confirm()
        self.assertEqual((contract.gate_minutes, contract.fee_amount), (120, 100))

    def test_customer_of_a_contract_that_cannot_be_caught_up(self):
        """opens tickets all the same; the contract waits for its owner"""
        contract = self._create_contract(
            self._create_type(
                allotments=[{"unit": "time", "quantity": 60, "recurrence": "month"}]
            )
        )
        self.env["support.contract.change"].create(
            {
                "contract_id": contract.id,
                "first_day": "2026-03-20",
                "reason": "an older program wrote it",
                "values": {"activation_count": 0},
            }
        )
        self.env.flush_all()
        with (
            freeze_time("2026-03-20 12:00:00"),
            self.assertLogs(COVER, "ERROR") as logs,
            mute_logger("odoo.sql_db"),
        ):
            ticket = self._create_ticket()
            self._log_work(ticket, 10, "2026-03-20")
        self.assertIn("left behind", logs.output[0])
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual(contract.activation_count, 1)
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 50)


@tagged("post_install", "-at_install")
class TestMoneyPackage(GuardCase):
    def test_package_in_another_currency(self):
        """its quantity is in the company's currency and is converted"""
        usd = self._enable_currency("USD")
        self.env["res.currency.rate"].create(
            {
                "currency_id": usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 1.25,
            }
        )
        contract_type = self._create_type()
        package = self._create_hour_product(
            "Wallet",
            1000,
            uom_id=self.env.ref("uom.product_uom_unit").id,
            support_contract_type_id=contract_type.id,
            support_unit="money",
            support_quantity=1000,
            support_validity_months=12,
        )
        for currency, amount in ((usd, 1250), (self.company.currency_id, 1000)):
            contract = self._create_contract(
                contract_type, package_id=package.id, currency_id=currency.id
            )
            ledger = contract.ledger_ids
            self.assertEqual((ledger.currency_id, ledger.balance), (currency, amount))


@tagged("post_install", "-at_install")
class TestCorrection(GuardCase):
    def test_only_entries_of_its_ledger_are_reversed(self):
        own = self._create_contract(self._create_time_type()).ledger_ids
        other = self._create_contract(
            self._create_time_type(), self.other_customer
        ).ledger_ids
        for entries in (other.entry_ids, own.entry_ids | other.entry_ids):
            wizard = (
                self.env["support.ledger.correct"]
                .with_user(self.manager)
                .create(
                    {
                        "ledger_id": own.id,
                        "mode": "reverse",
                        "entry_ids": [Command.set(entries.ids)],
                        "reason": "mistake",
                    }
                )
            )
            with self._assert_refused("those of this ledger"):
                wizard.action_confirm()
        self.assertEqual((own.balance, other.balance), (600, 600))

    def test_numbers_that_are_none_have_a_message(self):
        ledger = self._create_contract(self._create_time_type()).ledger_ids
        wizards = self.env["support.ledger.correct"].with_user(self.manager)
        values = {"ledger_id": ledger.id, "mode": "add", "reason": "counted wrong"}
        wizard = wizards.create({**values, "quantity": 5})
        for number in (float("nan"), float("inf"), float("-inf"), "many"):
            with self.subTest(number=number):
                with self.assertRaisesRegex(ValidationError, "must be a number"):
                    wizards.create({**values, "quantity": number})
                with self.assertRaisesRegex(ValidationError, "must be a number"):
                    wizard.write({"quantity": number})
        wizard.action_confirm()
        self.assertEqual(self._flushed(ledger).balance, 605)
