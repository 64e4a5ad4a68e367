# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A type that is withdrawn, and its holders, who are offered the successor (S9: "from
01/2021 a new contract; the old one can no longer be renewed")."""

from ast import literal_eval
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .test_jobs import MIXIN
from .test_renewal import RenewalCommon


class MigrationCommon(RenewalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2020-10-01 10:00:00"))
        cls.old = cls._create_fee_type(
            100,
            name="Old maintenance",
            fee_basis="activation",
            renewal="automatic",
            cancellation_days=30,
            notice_ids=[Command.create({"days": 60})],
        )
        cls.new = cls._create_fee_type(
            100, name="New maintenance", fee_basis="activation", renewal="manual"
        )
        cls.contracts = cls.env["support.contract"]
        for number, start in enumerate(["2020-01-01", "2020-02-01", "2020-03-01"]):
            cls.contracts |= cls._create_contract(
                cls.old,
                cls._create_customer(
                    f"Customer {number}", email=f"customer{number}@example.com"
                ),
                date_start=start,
                activation_count=10 + number,
            )
        cls.old._withdraw(cls.new)

    def _migrate(self, contracts=None, **vals):
        """An offer as a manager makes it; the job has not run."""
        contracts = contracts or self.contracts
        action = contracts.with_user(self.manager).action_offer_successor()
        return (
            self.env["support.contract.migration"]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create(vals)
        )

    def _run(self):
        with self.enter_registry_test_mode(), mute_logger(MIXIN):
            self.env.ref("support_contract.cron_migrate").method_direct_trigger()
        self.env.invalidate_all()

    def _states(self, migration):
        return migration.line_ids.mapped("state")


@tagged("post_install", "-at_install")
class TestWithdraw(MigrationCommon):
    def test_wizard_tells_how_many_hold_it(self):
        self.old.action_sell_again()
        action = self.old.with_user(self.manager).action_withdraw()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
        )
        self.assertEqual((wizard.holder_count, wizard.automatic_count), (3, 3))
        wizard.successor_id = self.new
        wizard.save().action_confirm()
        self.assertTrue(self.old.withdrawn)
        self.assertEqual(self.old.successor_id, self.new)

    def test_managers_only(self):
        with self.assertRaises(AccessError):
            self.old.with_user(self.contract_user).action_withdraw()
        with self.assertRaises(AccessError):
            self.old.with_user(self.contract_user).action_sell_again()
        with self._assert_refused("contract manager"):
            self.contracts.with_user(self.contract_user).action_offer_successor()

    def test_successor_is_sold(self):
        with self._assert_refused("withdrawn itself"):
            self.new._withdraw(self.old)

    def test_holders_are_listed(self):
        """a type that is withdrawn: its holders are listed"""
        self.assertEqual(self.old.to_move_count, 3)
        action = self.old.action_view_to_move()
        found = self.contracts.search(action["domain"])
        self.assertEqual(found, self.contracts)
        menu = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action_to_move"
        )
        self.assertEqual(
            self.contracts.search(literal_eval(menu["domain"])) & self.contracts,
            self.contracts,
        )
        self.contracts[0]._make_follower(self.new)
        self.contracts[1]._change_state("terminated", date(2020, 12, 1), "closed")
        self.env.invalidate_all()
        self.assertEqual(self.old.to_move_count, 1)

    def test_not_renewed_and_told_once(self):
        """an automatic contract of a withdrawn type is not renewed; its owner gets an
        activity, once, also when it is done"""
        contract = self.contracts[0]
        for day in ("2020-12-01", "2020-12-02", "2020-12-03"):
            self._night(day)
            done = contract.activity_ids.filtered(
                lambda item: item.summary == "Not renewed: its type is withdrawn"
            )
            self.assertEqual(len(done), 1 if day == "2020-12-02" else 0, day)
            self.assertIn("New maintenance", done.note or "New maintenance")
            done.action_feedback()
        self.assertEqual(len(contract.term_ids), 1)
        self.assertEqual(contract.not_renewed_told, contract.date_end)


@tagged("post_install", "-at_install")
class TestOfferSuccessor(MigrationCommon):
    def test_offered_in_the_background(self):
        """a type that is withdrawn: its holders are offered the successor type, from
        the end of each contract"""
        migration = self._migrate()
        self.assertEqual(migration.successor_id, self.new)
        self.assertEqual(migration.name, "Old maintenance to New maintenance")
        migration.action_offer()
        self.assertEqual(self._states(migration), ["waiting"] * 3)
        self._run()
        self.assertEqual(self._states(migration), ["offered"] * 3)
        self.assertEqual(migration.state, "done")
        followers = migration.line_ids.follower_id
        self.assertEqual(followers.mapped("type_id"), self.new)
        self.assertEqual(
            [str(day) for day in followers.mapped("date_start")],
            ["2021-01-01", "2021-02-01", "2021-03-01"],
        )
        self.assertEqual(followers.mapped("activation_count"), [10, 11, 12])
        self.assertEqual(set(followers.mapped("state")), {"offered"})
        for follower in followers:
            self.assertEqual(len(self._mails(follower)), 1)
        self.assertEqual(self.old.to_move_count, 0)

    def test_one_day_for_all(self):
        """S9: from 01/2021 a new contract"""
        migration = self._migrate(start="day", start_day="2021-01-01")
        migration.action_offer()
        self._run()
        followers = migration.line_ids.follower_id
        self.assertEqual(set(followers.mapped("date_start")), {date(2021, 1, 1)})
        followers.action_activate()
        self.assertEqual(self._states(migration), ["active"] * 3)
        self._night("2021-01-01")
        self.assertEqual(
            [(item.state, str(item.terminated_on)) for item in self.contracts],
            [
                ("expired", "False"),
                ("terminated", "2021-01-01"),
                ("terminated", "2021-01-01"),
            ],
        )

    def test_how_far_it_is(self):
        migration = self._migrate()
        migration.action_offer()
        self._run()
        first, second, third = migration.line_ids.follower_id
        first._record_signature(date(2020, 10, 1), "Anna")
        second.action_activate()
        third.action_draft()
        third.active = False
        self.env.invalidate_all()
        self.assertEqual(self._states(migration), ["signed", "active", "declined"])
        self.assertEqual(
            (
                migration.offered_count,
                migration.signed_count,
                migration.active_count,
                migration.declined_count,
            ),
            (0, 1, 1, 1),
        )

    def test_bad_ones_stay_with_their_reason(self):
        first, second, third = self.contracts
        migration = self._migrate()
        second._decline_renewal(
            date(2020, 10, 1),
            "By mail",
            self.env.ref("support_contract.churn_reason_price"),
        )
        third._make_follower(self.new)
        migration.action_offer()
        self._run()
        self.assertEqual(self._states(migration), ["offered", "failed", "failed"])
        self.assertIn("Notice was given", migration.line_ids[1].job_error)
        self.assertIn("meant to follow", migration.line_ids[2].job_error)
        self.assertEqual(migration.state, "done")
        # nobody is buried in activities
        self.assertFalse(second.activity_ids)
        second.action_reopen_renewal()
        migration.action_offer()
        self._run()
        self.assertEqual(self._states(migration), ["offered", "offered", "failed"])
        self.assertEqual(len(first.renewed_by_ids), 1)
        self.assertEqual(len(self._mails(first.renewed_by_ids)), 1)

    def test_killed_and_repeated(self):
        """a job that is killed goes on where it was: one contract and one mail each"""
        migration = self._migrate()
        migration.action_offer()
        lines = type(self.env["support.contract.migration.line"])
        original = lines._make_offer
        seen = []

        def killed(line):
            seen.append(line.id)
            if len(seen) == 2:
                raise KeyboardInterrupt
            return original(line)

        with (
            patch.object(lines, "_make_offer", killed),
            self.assertRaises(KeyboardInterrupt),
        ):
            with self.env.cr.savepoint():
                self.env["support.contract.migration.line"].search(
                    [("migration_id", "=", migration.id)]
                )._make_offers()
        self.env.invalidate_all()
        self.assertEqual(self._states(migration), ["waiting"] * 3)
        for _turn in range(2):
            self._run()
        self.assertEqual(len(self.contracts.renewed_by_ids), 3)
        for follower in self.contracts.renewed_by_ids:
            self.assertEqual(len(self._mails(follower)), 1)

    def test_contract_once(self):
        migration = self._migrate()
        with self._assert_refused("listed already"):
            migration.line_ids = [Command.create({"contract_id": self.contracts[0].id})]

    def test_contracts_of_the_type_only(self):
        migration = self._migrate(self.contracts[0])
        other = self._create_contract(self.new)
        with self._assert_refused("not one of type"):
            migration.line_ids = [Command.create({"contract_id": other.id})]
        with self._assert_refused("of one type"):
            (self.contracts | other).action_offer_successor()
        with self._assert_refused("still sold"):
            other.action_offer_successor()

    def test_fixed_once_offered(self):
        migration = self._migrate()
        migration.action_offer()
        line_id = migration.line_ids[0].id
        other_id = self.contracts[1].id
        for values in (
            {"start": "day", "start_day": "2021-01-01"},
            {"state": "draft"},
            {"line_ids": [Command.update(line_id, {"state": "active"})]},
            {"line_ids": [Command.update(line_id, {"contract_id": other_id})]},
        ):
            with self.subTest(values=values), self._assert_refused():
                migration.write(values)
        self._run()
        with self._assert_refused("kept to see"):
            migration.unlink()

    def test_day_that_does_not_exist(self):
        """dates that do not exist ("31/2020"): refused on input and on import with the
        row and the reason (contracts of an older system: see TestTakeover)"""
        with self._assert_refused("enter the day"):
            self._migrate(start="day")
        for text in ("31/2020", "2020-02-31", "31/12"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                self._migrate(start="day", start_day=text)
        result = (
            self.env["support.contract.migration"]
            .with_user(self.manager)
            .load(
                ["type_id", "successor_id", "start", "start_day"],
                [
                    ["Old maintenance", "New maintenance", "day", "2021-01-01"],
                    ["Old maintenance", "New maintenance", "day", "31/2020"],
                ],
            )
        )
        self.assertEqual({message["record"] for message in result["messages"]}, {1})
        self.assertIn("31/2020", result["messages"][0]["message"])

    def test_before_the_old_one_began(self):
        migration = self._migrate(start="day", start_day="2019-06-01")
        migration.action_offer()
        self._run()
        self.assertEqual(self._states(migration), ["failed"] * 3)
        self.assertIn("cannot begin before", migration.line_ids[0].job_error)
