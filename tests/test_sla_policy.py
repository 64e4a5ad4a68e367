# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is promised: policies to choose from, and the copies that contracts own."""

from odoo import Command
from odoo.tests import tagged

from .common_sla import SlaCommon, parse


@tagged("post_install", "-at_install")
class TestPolicies(SlaCommon):
    def test_a_policy_is_edited(self):
        """a policy is edited: open clocks are untouched, and so is the contract's
        copy"""
        policy = self._create_policy(
            {
                "kind": "response",
                "minutes": 240,
                "stages": [{"percent": 50, "action": "remind"}],
            }
        )
        contract = self._promise(policy, self.office)
        ticket = self._open("Mon 2 Mar 10:00")
        copy = contract.sla_policy_id
        self.assertNotEqual(copy, policy)
        self.assertEqual((copy.contract_id, copy.origin_id), (contract, policy))
        policy.target_ids.with_user(self.manager).write({"minutes": 60})
        policy.target_ids.stage_ids.filtered(
            lambda stage: stage.action == "remind"
        ).percent = 10
        self.assertEqual(copy.target_ids.minutes, 240)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        # also where it is decided anew
        with self._at("Mon 2 Mar 10:30"):
            ticket.team_id = self.team
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        later = self._open("Mon 2 Mar 10:00")
        self.assertEqual(self._deadline(later), "Mon 2 Mar 15:00")
        self.assertEqual(self._clock(later).next_due, parse("Mon 2 Mar 12:00"))

    def test_an_agreed_copy_cannot_be_edited(self):
        """a policy is edited: what a contract has agreed changes by a dated change
        only"""
        contract = self._promise_hours(4)
        policy = contract.sla_policy_id
        for records, values in [
            (policy, {"name": "Faster"}),
            (policy, {"target_ids": [Command.clear()]}),
            (policy.target_ids, {"minutes": 5}),
            (policy.target_ids, {"calendar_id": self.office.id}),
            (policy.target_ids.stage_ids, {"action": "priority"}),
        ]:
            for user in (self.manager, self.env.user):
                with self.subTest(values=values), self._assert_refused():
                    records.with_user(user).write(values)
        for records in (policy, policy.target_ids, policy.target_ids.stage_ids):
            with self._assert_refused():
                records.with_user(self.manager).unlink()
        with self._assert_refused():
            self.env["support.sla.stage"].with_user(self.manager).create(
                {"target_id": policy.target_ids.id, "action": "remind"}
            )
        with self._assert_refused():
            self.env["support.sla.target"].with_user(self.manager).create(
                {"policy_id": policy.id, "kind": "resolution", "minutes": 600}
            )

    def test_nothing_is_moved_into_an_agreed_copy(self):
        agreed = self._promise_hours(4).sla_policy_id
        other = self._create_policy({"kind": "resolution", "minutes": 600})
        with self._assert_refused():
            other.target_ids.with_user(self.manager).policy_id = agreed
        stage = self.env["support.sla.stage"].create(
            {"target_id": other.target_ids.id, "action": "remind"}
        )
        with self._assert_refused():
            stage.with_user(self.manager).target_id = agreed.target_ids
        with self._assert_refused("own copy"):
            other.with_user(self.manager).contract_id = agreed.contract_id

    def test_dated_change(self):
        """a policy is edited: tickets that are open keep the terms under which they
        were opened"""
        contract = self._promise_hours(4)
        ticket = self._open("Mon 2 Mar 10:00")
        quicker = self._create_policy({"kind": "response", "minutes": 60})
        with self._at("Tue 3 Mar 09:00"):
            wizard = (
                self.env["support.contract.change.terms"]
                .with_user(self.manager)
                .with_context(active_id=contract.id, active_ids=contract.ids)
                .create(
                    {
                        "contract_id": contract.id,
                        "first_day": "2026-03-03",
                        "reason": "Agreed on the phone",
                    }
                )
            )
            wizard.sla_policy_id = quicker
            wizard.action_confirm()
            self.env.invalidate_all()
            self.assertEqual(contract.sla_policy_id.target_ids.minutes, 60)
            self.assertEqual(contract.sla_policy_id.contract_id, contract)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        later = self._open("Tue 3 Mar 10:00")
        self.assertEqual(self._deadline(later), "Tue 3 Mar 11:00")

    def test_another_contracts_policy_is_refused(self):
        """a policy of another contract's own is nobody else's"""
        agreed = self._promise_hours(4).sla_policy_id
        draft = self._promise(False, activate=False)
        with self._assert_refused("another contract"):
            draft.sla_policy_id = agreed

    def test_draft_drops_what_it_does_not_use(self):
        draft = self._promise_hours_draft()
        first = draft.sla_policy_id
        draft.sla_policy_id = self._create_policy({"kind": "response", "minutes": 60})
        self.assertFalse(first.exists())
        self.assertEqual(draft.sla_policy_ids, draft.sla_policy_id)
        draft.sla_policy_id = False
        self.assertFalse(draft.sla_policy_ids)

    def _promise_hours_draft(self):
        return self._promise(
            self._create_policy({"kind": "response", "minutes": 240}),
            self.office,
            activate=False,
        )

    def test_a_draft_takes_its_policy_along(self):
        draft = self._promise_hours_draft()
        own, origin = draft.sla_policy_id, draft.sla_policy_id.origin_id
        draft.with_user(self.contract_user).unlink()
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(own.exists())
        self.assertTrue(origin.exists())

    def test_copy_of_a_contract(self):
        """each contract owns its policy, also one that was duplicated"""
        contract = self._promise_hours(
            4, stages=[{"percent": 50, "action": "remind", "sequence": 5}]
        )
        for original in (contract, self._promise_hours_draft()):
            twin = original.with_user(self.contract_user).copy()
            policy = twin.sla_policy_id
            self.assertEqual(policy.contract_id, twin)
            self.assertNotEqual(policy, original.sla_policy_id)
            self.assertEqual(original.sla_policy_id.contract_id, original)
            self.assertEqual(policy.origin_id, original.sla_policy_id.origin_id)
            self.assertEqual(policy.name, original.sla_policy_id.name)
            self.assertEqual(policy.target_ids.minutes, 240)
            self.assertEqual(
                policy.target_ids.stage_ids.mapped("action"),
                original.sla_policy_id.target_ids.stage_ids.mapped("action"),
            )
            self.assertEqual(twin.coverage_ids.calendar_id, self.office)
            # the twin's is free to change, the original's is not touched
            policy.target_ids.with_user(self.contract_user).minutes = 120
            self.assertEqual(original.sla_policy_id.target_ids.minutes, 240)

    def test_a_target_is_missed_once(self):
        """each target has exactly one stage that marks the miss, at 100 percent"""
        policy = self._create_policy({"kind": "response", "minutes": 240})
        stage = policy.target_ids.stage_ids
        self.assertEqual((stage.action, stage.percent), ("missed", 100))
        with self._assert_refused("can be missed only once"):
            stage.copy()
        with self._assert_refused("at 100 percent"):
            stage.percent = 90
        with self._assert_refused("stays with it"):
            stage.unlink()

    def test_response_before_resolution(self):
        """the first response is not promised later than the resolution"""
        with self._assert_refused("promised later than the resolution"):
            self._create_policy(
                {"kind": "response", "minutes": 600},
                {"kind": "resolution", "minutes": 480},
            )
        with self._assert_refused("promised later than the resolution"):
            self._create_policy(
                {"kind": "response", "minutes": 300},
                {"kind": "resolution", "minutes": 480},
                {"kind": "resolution", "minutes": 240, "priority": "3"},
            )

    def test_limits(self):
        for values in ({"minutes": 0}, {"minutes": -5}, {"minutes": 10**9}):
            with self._assert_refused():
                self._create_policy({"kind": "response", **values})
        for stage in (
            {"action": "remind", "percent": 0},
            {"action": "remind", "percent": 5000},
            {"action": "remind", "basis": "time", "minutes": 0},
            {"action": "escalate"},
            {"action": "customer"},
        ):
            with self.subTest(stage=stage), self._assert_refused():
                self._create_policy(
                    {"kind": "response", "minutes": 60, "stages": [stage]}
                )
