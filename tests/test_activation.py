# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Activations: what the customer has stated, what was counted, and what becomes of the
difference."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon


class ActivationCommon(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee_product = cls._create_hour_product(
            "Fee per activation", 365, uom_id=cls.env.ref("uom.product_uom_unit").id
        )
        cls.type = cls._create_type(
            product_id=cls.fee_product.id,
            fee_basis="activation",
            compare_activations=True,
        )
        cls.software = cls.env["product.product"].create(
            {"name": "Workshop", "support_is_software": True}
        )

    @classmethod
    def _install(cls, partner=None, **vals):
        return cls.env["support.installation"].create(
            {
                "product_id": cls.software.id,
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                **vals,
            }
        )

    def _count(self, contract, number, day=None, installation=None):
        """A count as a contract user enters it."""
        wizard = (
            self.env["support.contract.count"]
            .with_user(self.contract_user)
            .create(
                {
                    "contract_id": contract.id,
                    "number": number,
                    "installation_id": installation and installation.id,
                    **({"day": day} if day else {}),
                }
            )
        )
        wizard.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()

    def _review(self, contracts, decision="accepted", reason=None, user=None):
        """Accept or keep, as a manager does in the form."""
        wizard = (
            self.env["support.activation.review"]
            .with_user(user or self.manager)
            .create(
                {
                    "contract_ids": [Command.set(contracts.ids)],
                    "decision": decision,
                    "reason": reason,
                }
            )
        )
        action = wizard.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard, action

    def _run(self, count=12, partner=None, day="2026-01-01", **vals):
        """A running contract, counted as stated."""
        with freeze_time(day):
            contract = self._create_contract(
                self.type, partner, activate=False, activation_count=count, **vals
            )
            self._count(contract, count)
            contract.action_activate()
        return contract

    def _charges(self, contract):
        charges = self.env["support.charge"].search(
            [("contract_id", "=", contract.id)], order="date, id"
        )
        return [(c.kind, str(c.first_day), c.quantity, c.amount) for c in charges]


@tagged("post_install", "-at_install")
class TestCounts(ActivationCommon):
    def test_counted_once(self):
        """the same count again changes nothing, another one of the day corrects it"""
        contract = self._run()
        with freeze_time("2026-03-01"):
            for number in (15, 15, 14):
                self._count(contract, number)
        counts = contract.activation_count_ids.filtered(
            lambda count: str(count.day) == "2026-03-01"
        )
        self.assertEqual(
            counts.sorted("id").mapped(lambda count: (count.number, count.revision)),
            [(15, 1), (14, 2)],
        )
        self.assertEqual(contract.activations_counted, 14)
        self.assertEqual(counts.user_id, self.contract_user)

    def test_the_latest_day_counts(self):
        contract = self._run()
        with freeze_time("2026-03-10"):
            self._count(contract, 15, "2026-03-05")
            self._count(contract, 20, "2026-03-01")
        self.assertEqual(contract.activations_counted, 15)
        self.assertEqual(str(contract.activations_counted_on), "2026-03-05")

    def test_a_count_is_never_changed(self):
        contract = self._run()
        count = contract.activation_count_ids
        with self._assert_refused("never changed"):
            count.write({"number": 1})
        with self._assert_refused("never deleted"):
            count.unlink()
        for user in (self.manager, self.contract_user, self.technician):
            with self.assertRaises(AccessError):
                self.env["support.activation.count"].with_user(user).create(
                    {
                        "contract_id": contract.id,
                        "day": "2026-01-01",
                        "number": 3,
                        "source": "hand",
                    }
                )

    def test_the_database_keeps_each_count_once(self):
        contract = self._run()
        count = contract.activation_count_ids
        with self._assert_refused("counted already"):
            count.create(
                {
                    "contract_id": contract.id,
                    "day": count.day,
                    "number": 99,
                    "source": "hand",
                }
            )

    def test_sum_of_the_installations(self):
        contract = self._run()
        one, other = self._install(), self._install()
        (one | other).contract_id = contract
        with freeze_time("2026-03-10"):
            self._count(contract, 7, "2026-03-01", one)
            # the other one is not known yet: the count of the whole contract stands
            self.assertEqual(contract.activations_counted, 12)
            self._count(contract, 8, "2026-03-02", other)
            self.assertEqual(contract.activations_counted, 15)
            self.assertEqual(str(contract.activations_counted_on), "2026-03-01")
            self.assertEqual(one.activations_counted, 7)
            self.assertEqual(str(one.counted_on), "2026-03-01")
            self._count(contract, 9, "2026-02-01", one)
            self.assertEqual(one.activations_counted, 7, "an older count")
            other.active = False
            self.assertEqual(contract.activations_counted, 7)
            self._count(contract, 20, "2026-03-05")
            self.assertEqual(contract.activations_counted, 20, "a newer one of all")

    def test_an_installation_that_is_not_covered_yet(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(self.type, activate=False)
            contract.action_mark_offered()
            installation = self._install()
            self._count(contract, 4, installation=installation)
        self.assertEqual(contract.activations_counted, 4)

    def test_nobody_types_what_was_counted(self):
        installation = self._install()
        for values in ({"activations_counted": 5}, {"counted_on": "2026-01-01"}):
            for user in (self.manager, self.contract_user):
                with self._assert_refused("come from a count"):
                    installation.with_user(user).write(values)
                with self._assert_refused("come from a count"):
                    installation.with_user(user).create(
                        {
                            "product_id": self.software.id,
                            "partner_id": self.customer.id,
                            "company_id": self.company.id,
                            **values,
                        }
                    )
        made = (
            self.env["support.installation"]
            .with_user(self.manager)
            .with_context(default_activations_counted=9)
            .create(
                {
                    "product_id": self.software.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
            )
        )
        self.assertEqual(made.activations_counted, 0)
        contract = self._run()
        for name in ("activations_counted", "activation_review"):
            with self._assert_refused("own actions only"):
                contract.with_user(self.manager).write({name: False})

    def test_counts_that_cannot_be(self):
        contract = self._run()
        foreign = self._install(self.other_customer)
        with freeze_time("2026-03-01"):
            for values, text in [
                ((-1,), "negative"),
                ((1_000_001,), "more than 1000000"),
                ((5, "2026-03-02"), "future"),
                ((5, "1999-01-01"), "too long ago"),
                ((5, None, foreign), "is not one of contract"),
            ]:
                with self.subTest(values=values), self._assert_refused(text):
                    self._count(contract, *values)
            contract._change_state("terminated", self._day("2026-03-01"), "Left")
            with self._assert_refused("cannot be counted"):
                self._count(contract, 5)

    def test_a_day_is_a_local_one(self):
        contract = self._run()
        with freeze_time("2026-02-28 23:30:00"):  # half past midnight in Rome
            self._count(contract, 13)
        self.assertEqual(str(contract.activations_counted_on), "2026-03-01")

    def test_only_contract_users_count(self):
        contract = self._run()
        rows = [{"contract": contract.name, "number": 3, "day": "2026-01-01"}]
        for user in (self.technician, self.portal_user):
            with self.assertRaises(AccessError):
                self.env["support.activation.count"].with_user(user).count_activations(
                    rows
                )
            with self.assertRaises(AccessError), mute_logger("odoo.addons.base.models"):
                self.env["support.contract.count"].with_user(user).create(
                    {"contract_id": contract.id, "number": 3}
                ).action_confirm()


@tagged("post_install", "-at_install")
class TestReview(ActivationCommon):
    def test_accepted_more(self):
        """more activations in the middle of a period: dated change, the difference is
        charged for the days left"""
        contract = self._run()
        with freeze_time("2026-10-23"):  # 70 days left
            self._count(contract, 15)
            self.assertEqual(contract.activation_review, "differs")
            self.assertEqual(contract.activation_difference, 3)
            self.assertEqual(
                contract.activation_notice,
                "The customer has stated 12 activations, 15 were counted on "
                "10/23/2026.",
            )
            self.assertEqual(contract.with_user(self.manager).activation_value, 210)
            self._review(contract, reason="Confirmed by phone")
        self.assertEqual(contract.activation_count, 15)
        self.assertEqual(contract.activation_review, "same")
        self.assertEqual(
            self._charges(contract),
            [
                ("fee", "2026-01-01", 12, 12 * 365),
                ("activation", "2026-10-23", 3, 210),
            ],
        )
        [decision] = contract.activation_decision_ids
        self.assertEqual(
            (decision.decision, decision.stated, decision.counted, decision.user_id),
            ("accepted", 12, 15, self.manager),
        )
        self.assertIn("Confirmed by phone", decision.reason)
        self.assertEqual(decision.change_id, contract.change_ids)
        self.assertIn("Confirmed by phone", contract.message_ids[0].body)

    def test_accepted_fewer(self):
        """fewer takes effect at the next period; what is paid for is paid for"""
        contract = self._run(first_term_months=24)
        with freeze_time("2026-03-01"):
            self._count(contract, 10)
            self.assertEqual(contract.with_user(self.manager).activation_value, 0)
            self._review(contract)
        self.assertEqual(contract.activation_count, 10)
        with freeze_time("2026-10-23"):
            # 12 are paid for
            self._count(contract, 13)
            self.assertEqual(contract.activation_difference, 3)
            self.assertEqual(contract.with_user(self.manager).activation_value, 70)
            self._review(contract)
            self._count(contract, 11)
            self._review(contract)
        with freeze_time("2027-01-01"):
            contract._charge_fees()
        self.assertEqual(
            self._charges(contract),
            [
                ("fee", "2026-01-01", 12, 12 * 365),
                ("activation", "2026-10-23", 1, 70),
                ("fee", "2027-01-01", 11, 11 * 365),
            ],
        )

    def test_fewer_on_the_first_day(self):
        """the fee of the day is charged already, and stays"""
        contract = self._run()
        with freeze_time("2026-01-01"):
            self._count(contract, 10)
            self._review(contract)
        with freeze_time("2026-10-23"):
            self._count(contract, 11)
            self.assertEqual(contract.with_user(self.manager).activation_value, 0)
            self._review(contract)
            self._count(contract, 13)
            self.assertEqual(contract.with_user(self.manager).activation_value, 70)
            self._review(contract)
        self.assertEqual(
            self._charges(contract),
            [
                ("fee", "2026-01-01", 12, 12 * 365),
                ("activation", "2026-10-23", 1, 70),
            ],
        )

    def test_what_it_is_worth_is_what_it_costs(self):
        for period, timing, prorated in [
            ("month", "advance", True),
            ("quarter", "arrears", True),
            ("year", "advance", False),
            ("term", "advance", True),
        ]:
            with self.subTest(period=period, timing=timing, prorated=prorated):
                contract = self._run(
                    day="2026-01-31",
                    fee_period=period,
                    fee_timing=timing,
                    fee_prorated=prorated,
                    fee_amount=99.99,
                    first_term_months=14,
                )
                with freeze_time("2027-03-11"):
                    contract._charge_fees()
                    before = len(self._charges(contract))
                    self._count(contract, 19)
                    value = contract.with_user(self.manager).activation_value
                    self._review(contract)
                    [charge] = self._charges(contract)[before:]
                self.assertGreater(value, 0)
                self.assertEqual(charge[3], value)

    def test_stated_number_kept_until_the_next_count(self):
        contract = self._run()
        with freeze_time("2026-03-01"):
            self._count(contract, 15)
            with self._assert_refused("say why"):
                self._review(contract, "kept", "  ")
            self._review(contract, "kept", "Three are test machines")
            self.assertEqual(contract.activation_review, "kept")
            self.assertEqual(contract.activation_count, 12)
            self.assertIn("Three are test machines", contract.message_ids[0].body)
            self._count(contract, 15)
            self.assertEqual(contract.activation_review, "kept", "known already")
        with freeze_time("2026-04-01"):
            self._count(contract, 15)
            self.assertEqual(contract.activation_review, "differs")
            self._review(contract, "kept", "Still test machines")
            self._change(contract, 11)
            self.assertEqual(contract.activation_review, "differs", "stated anew")
        self.assertEqual(len(self._charges(contract)), 1)

    def test_kept_until_the_next_count_of_an_installation(self):
        contract = self._run()
        one, other = self._install(), self._install()
        (one | other).contract_id = contract
        with freeze_time("2026-03-10"):
            self._count(contract, 7, "2026-03-05", one)
            self._count(contract, 8, "2026-03-01", other)
            self._review(contract, "kept", "Three are test machines")
            self.assertEqual(contract.activation_review, "kept")
            # neither the sum nor its day is another one
            self._count(contract, 7, "2026-03-10", one)
            self.assertEqual(contract.activations_counted, 15)
            self.assertEqual(contract.activation_review, "differs")

    def _change(self, contract, count):
        self.env["support.contract.change.terms"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "first_day": self.company._support_day(),
                "reason": "Asked for it",
                "activation_count": count,
            }
        ).action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_nothing_in_use(self):
        contract = self._run()
        with freeze_time("2026-03-01"):
            self._count(contract, 0)
            with self._assert_refused("needs one at least"):
                self._review(contract)
            self._review(contract, "kept", "Moves to a new server")
        self.assertEqual(contract.activation_review, "kept")

    def test_many_in_one_go(self):
        """accepting many works in one go and tells which failed"""
        good = self._run()
        bad = self._run(partner=self.other_customer)
        late = self._run()
        with freeze_time("2026-03-01"):
            for contract, number in ((good, 15), (bad, 0), (late, 11)):
                self._count(contract, number)
            wizard, action = self._review(good | bad | late)
            self.assertEqual(action["res_id"], wizard.id)
            self.assertIn(bad.name, wizard.failures)
            self.assertNotIn(good.name, wizard.failures)
            self.assertEqual(wizard.contract_ids, bad)
            self.assertEqual(
                (good.activation_count, bad.activation_count, late.activation_count),
                (15, 12, 11),
            )
            with self._assert_refused("do not differ"):
                self._review(good)

    def test_only_managers_decide_about_running_contracts(self):
        contract = self._run()
        with freeze_time("2026-03-01"):
            self._count(contract, 15)
            for user in (self.contract_user, self.technician):
                for decision in ("accepted", "kept"):
                    with self._assert_refused():
                        self._review(contract, decision, "x", user=user)
        self.assertEqual(contract.activation_count, 12)
        self.assertFalse(contract.activation_decision_ids)

    def test_the_list(self):
        contract, other = self._run(), self._run(partner=self.other_customer)
        with freeze_time("2026-03-01"):
            self._count(contract, 15)
        action = self.env.ref("support_contract.support_contract_action_activations")
        self.assertEqual(
            self.env["support.contract"].search(
                [
                    ("activation_review", "=", "differs"),
                    ("id", "in", (contract | other).ids),
                ]
            ),
            contract,
        )
        opened = contract.with_user(self.manager).action_review_activations()
        wizard = (
            self.env["support.activation.review"]
            .with_user(self.manager)
            .with_context(**opened["context"])
            .create({})
        )
        self.assertEqual(wizard.contract_ids, contract)
        self.assertEqual(action.res_model, "support.contract")
        with freeze_time("2026-03-02"):
            contract._change_state("terminated", self._day("2026-03-02"), "Left")
        self.assertFalse(contract.activation_review)

    def test_queries_of_the_list_do_not_grow(self):
        contracts = self.env["support.contract"]
        for number in range(6):
            contracts |= self._run(
                count=2, partner=self._create_customer(f"Customer {number}")
            )
        with freeze_time("2026-03-01"):
            for contract in contracts:
                self._count(contract, 5)

            def read(records):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                values = records.with_user(self.manager).read(
                    ["activation_value", "activation_difference"]
                )
                self.assertTrue(all(row["activation_value"] for row in values))
                return self.env.cr.sql_log_count - before

            read(contracts)
            self.assertEqual(read(contracts[:2]), read(contracts))


@tagged("post_install", "-at_install")
class TestAtActivation(ActivationCommon):
    def _draft(self, count=12, state="offered", **vals):
        contract = self._create_contract(
            self.type, activate=False, activation_count=count, **vals
        )
        if state != "draft":
            contract.action_mark_offered()
        return contract.with_user(self.manager)

    def test_it_must_be_counted(self):
        with freeze_time("2026-03-01"):
            contract = self._draft()
            with self.assertRaisesRegex(UserError, "must be counted before"):
                contract.action_activate()
            self._count(contract, 12)
            contract.action_activate()
            self.assertEqual(contract.state, "active")

    def test_not_with_an_old_count(self):
        with freeze_time("2026-01-01"):
            contract = self._draft()
            self._count(contract, 12)
        with freeze_time("2026-04-02"):
            with self.assertRaisesRegex(UserError, "more than 90 days ago"):
                contract.action_activate()
        with freeze_time("2026-04-01"), self.env.cr.savepoint() as savepoint:
            contract.action_activate()
            savepoint.rollback()
        self.env.invalidate_all()
        self.company.support_count_days = 0
        with freeze_time("2026-12-31"):
            contract.action_activate()

    def test_not_with_a_difference(self):
        with freeze_time("2026-03-01"):
            contract = self._draft()
            self._count(contract, 15)
            with self.assertRaisesRegex(UserError, "stated 12 .* 15 were counted"):
                contract.action_activate()
            self._review(contract)
            self.assertEqual(contract.activation_count, 15)
            self.assertFalse(contract.change_ids, "an offer is changed as it stands")
            contract.action_activate()
        self.assertEqual(self._charges(contract), [("fee", "2026-03-01", 15, 15 * 365)])

    def test_with_a_difference_that_was_kept(self):
        with freeze_time("2026-03-01"):
            contract = self._draft()
            self._count(contract, 15)
            self._review(contract, "kept", "A promise of the sales visit")
            contract.action_activate()
        [decision] = contract.activation_decision_ids
        self.assertEqual((decision.stated, decision.counted), (12, 15))
        self.assertEqual(contract.activation_count, 12)

    def test_a_draft_takes_the_count(self):
        with freeze_time("2026-03-01"):
            contract = self._draft(state="draft")
            self._count(contract, 15)
        self.assertEqual(contract.activation_count, 15)
        self.assertFalse(contract.change_ids)
        self.assertEqual(contract.activation_decision_ids.stated, 12)
        self.assertIn("instead of 12", contract.message_ids[0].body)

    def test_a_draft_takes_no_old_count(self):
        with freeze_time("2026-06-01"):
            contract = self._draft(state="draft")
            self._count(contract, 15, "2026-01-01")
        self.assertEqual(contract.activation_count, 12)

    def test_signed_before_it_was_counted(self):
        """the signed paper is compared and updated at activation: all of its first
        fee is the counted number's, also of a contract that began before"""
        for start in ("2026-02-15", "2026-03-01", "2026-04-01"):
            with self.subTest(start=start), freeze_time("2026-03-01"):
                contract = self._draft(date_start=start)
                contract._record_signature(self._day("2026-03-01"), "Anna Alpha")
                self._count(contract, 15)
                value = contract.activation_value
                self._review(contract)
                self.assertEqual(len(contract.change_ids), 1)
                contract.action_activate()
                with freeze_time("2026-04-01"):
                    contract.sudo()._charge_fees()
                self.assertEqual(
                    self._charges(contract), [("fee", start, 15, 15 * 365)]
                )
                self.assertEqual(value, 3 * 365)

    def test_not_where_the_terms_do_not_ask_for_it(self):
        with freeze_time("2026-03-01"):
            contract = self._draft(compare_activations=False)
            contract.action_activate()
            self.assertEqual(contract.activation_review, "uncounted")
        by_contract = self._create_contract(self._create_type())
        self.assertFalse(by_contract.activation_review)

    def test_what_follows_a_contract_begins_with_its_count(self):
        """a change of type at renewal: the same machines"""
        contract = self._run()
        with freeze_time("2026-12-01"):
            follower = contract._make_follower(self.type)
            self.assertEqual(follower.activation_review, "same")
            self._count(contract, 14)
            self.assertEqual(follower.activation_difference, 2)
            # a row that names the customer means the running one
            rows = [{"licence_key": "", "customer": "C-1", "number": 13}]
            rows[0]["day"] = "2026-12-01"
            self.customer.ref = "C-1"
            counts = self.env["support.activation.count"].with_user(self.manager)
            self.assertEqual(counts.count_activations(rows)["counted"], 1)
            self._review(contract | follower)
            follower.action_activate()
        self.assertEqual(follower.activation_count, 13)
        self.assertEqual(contract.activation_count, 13)

    def test_contract_users_decide_about_offers(self):
        with freeze_time("2026-03-01"):
            contract = self._draft()
            self._count(contract, 15)
            with self._assert_refused("contract manager"):
                self._review(contract, "kept", "x", user=self.contract_user)
            self._review(contract, user=self.contract_user)
        self.assertEqual(contract.activation_count, 15)

    def test_a_draft_is_deleted_with_its_counts(self):
        with freeze_time("2026-03-01"):
            contract = self._draft(state="draft")
            self._count(contract, 15)
            counts = contract.activation_count_ids
            contract.unlink()
            self.assertFalse(counts.exists())


@tagged("post_install", "-at_install")
class TestRemoteCounts(ActivationCommon):
    def _send(self, rows, user=None):
        return (
            self.env["support.activation.count"]
            .with_user(user or self.contract_user)
            .count_activations(rows)
        )

    def test_rows_of_another_system(self):
        contract = self._run()
        with freeze_time("2026-03-01"):
            rows = [
                {"contract": contract.name, "number": 15, "day": "2026-02-28"},
                {"contract": contract.name, "number": 15.5, "day": "2026-02-27"},
                {"contract": "nowhere", "number": 1, "day": "2026-02-28"},
                {"contract": contract.name, "number": 15, "day": "2026-03-02"},
                {"contract": contract.name, "number": [1], "day": {"a": 1}},
                {},
            ]
            result = self._send(rows)
            self.assertEqual((result["counted"], result["known"]), (1, 0))
            refused = {row["row"]: row["reason"] for row in result["refused"]}
            self.assertEqual(sorted(refused), [1, 2, 3, 4, 5])
            self.assertIn("no contract “nowhere”", refused[2])
            again = self._send(rows)
            self.assertEqual((again["counted"], again["known"]), (0, 1))
        self.assertEqual(contract.activations_counted, 15)
        last = contract.activation_count_ids.sorted("id")[-1]
        self.assertEqual((last.source, last.user_id), ("rpc", self.contract_user))

    def test_what_is_no_list_of_rows(self):
        for rows in (None, {}, "x", [1], [[]], [{}] * 10_001):
            with self._assert_refused():
                self._send(rows)

    def test_odd_values(self):
        contract = self._run()
        for value in (None, True, [], {}, float("nan"), float("inf"), "x" * 10_000):
            for name in ("contract", "customer", "licence_key", "number", "day"):
                row = {"contract": contract.name, "number": 5, "day": "2026-01-02"}
                result = self._send([row | {name: value}])
                if name in ("customer", "licence_key") and value is None:
                    continue
                self.assertEqual(result["counted"], 0, (name, value))

    def test_another_company(self):
        company = self.env["res.company"].create({"name": "Other vendor"})
        contract = self._run()
        stranger = self._create_user("stranger", "support_contract.group_support_user")
        stranger.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        rows = [{"contract": contract.name, "number": 15, "day": "2026-01-02"}]
        [refused] = self._send(rows, stranger)["refused"]
        self.assertIn("There is no contract", refused["reason"])
        stranger.company_ids = company | self.company
        model = self.env["support.activation.count"].with_user(stranger)
        model = model.with_context(allowed_company_ids=(company | self.company).ids)
        [refused] = model.count_activations(rows)["refused"]
        self.assertIn("belongs to another company", refused["reason"])
