# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The life of a contract, and contracts that ran before this system did."""

import base64
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged

from .common import SupportCommon


class ContractCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))

    def _at(self, day):
        return freeze_time(f"{day} 12:00:00")

    def _covered(self, day):
        """Whether a ticket of ``day`` is covered by a contract."""
        with self._at(day), self.env.cr.savepoint() as savepoint:
            found = self._create_ticket().support_cover
            savepoint.rollback()
        self.env.invalidate_all()
        return found == "contract"

    def _states(self, contract):
        return [
            (status.state, str(status.first_day))
            for status in contract.status_ids.sorted("id")
        ]


@tagged("post_install", "-at_install")
class TestStates(ContractCase):
    def test_from_draft_to_expired(self):
        """changes of state are kept with their dates"""
        with self._at("2026-03-10"):
            contract = self._create_contract(
                self._create_time_type(), activate=False, date_start="2026-04-01"
            )
            contract.action_mark_offered()
        with self._at("2026-03-20"):
            contract.action_activate()
        self.assertEqual(contract.date_end, date(2027, 3, 31))
        self.assertFalse(self._covered("2026-03-31"))
        self.assertTrue(self._covered("2026-04-01"))
        self.assertTrue(self._covered("2027-03-31"))
        self.assertFalse(self._covered("2027-04-01"))
        with self._at("2027-03-31"):
            contract._update_states()
            self.assertEqual(contract.state, "active")
        with self._at("2027-04-03"):
            contract._update_states()
        self.assertEqual(
            self._states(contract),
            [
                ("draft", "2026-03-10"),
                ("offered", "2026-03-10"),
                ("active", "2026-03-20"),
                ("expired", "2027-04-01"),
            ],
        )
        self.assertEqual(contract.state, "expired")

    def test_contract_of_the_past_is_active_at_once(self):
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-31"
        )
        self.assertEqual(contract.state, "active")
        self.assertTrue(self._covered("2026-01-31"))
        ended = self._create_contract(
            self._create_time_type(), self.other_customer, date_start="2025-01-31"
        )
        self.assertEqual(ended.state, "lapsed")
        self.assertEqual(ended.date_end, date(2026, 1, 30))

    def test_suspended_and_resumed(self):
        """suspended: no cover on those days, whenever one asks"""
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        manager = contract.with_user(self.manager)
        manager._change_state("suspended", date(2026, 3, 20), "unpaid")
        self.assertEqual(contract.state, "active")
        with self._at("2026-03-20"):
            contract._update_states()
            self.assertEqual(contract.state, "suspended")
        with self._at("2026-04-01"):
            manager.action_resume()
            self.assertEqual(contract.state, "active")
        for day, covered in [
            ("2026-03-19", True),
            ("2026-03-20", False),
            ("2026-03-31", False),
            ("2026-04-01", True),
        ]:
            self.assertEqual(self._covered(day), covered, day)

    def test_suspended_afterwards(self):
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        contract._change_state("suspended", date(2026, 2, 1), "unpaid since then")
        self.assertEqual(contract.state, "suspended")
        self.assertTrue(self._covered("2026-01-31"))
        self.assertFalse(self._covered("2026-02-01"))

    def test_terminated(self):
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        wizard = (
            self.env["support.contract.state.change"]
            .with_user(self.manager)
            .with_context(default_state="terminated")
            .create(
                {
                    "contract_id": contract.id,
                    "day": "2026-04-01",
                    "reason": "gave notice",
                    "churn_reason_id": self.env.ref(
                        "support_contract.churn_reason_price"
                    ).id,
                }
            )
        )
        wizard.action_confirm()
        self.assertTrue(self._covered("2026-03-31"))
        self.assertFalse(self._covered("2026-04-01"))
        with self._at("2026-04-01"):
            contract._update_states()
            self.assertEqual(contract.state, "terminated")
            with self._assert_refused("cannot be resumed"):
                contract.action_resume()

    def test_terminated_before_a_later_state(self):
        """a termination counts even if the contract was suspended and resumed on later
        days"""
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        contract._change_state("suspended", date(2026, 2, 1), "unpaid")
        contract.action_resume()
        contract._change_state("terminated", date(2026, 1, 15), "never started")
        self.assertEqual(contract.state, "terminated")
        for day in ("2026-01-15", "2026-02-10", "2026-03-10", "2026-06-01"):
            self.assertFalse(self._covered(day), day)
        self.assertTrue(self._covered("2026-01-14"))

    def test_change_of_state_needs_day_and_reason(self):
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        with self._assert_refused("Reason"):
            contract._change_state("suspended", date(2026, 3, 1), "  ")
        with self._assert_refused("before the start"):
            contract._change_state("terminated", date(2025, 12, 31), "too early")
        with self._assert_refused("Only a contract manager"):
            contract.with_user(self.contract_user)._change_state(
                "terminated", date(2026, 3, 1), "not allowed"
            )
        for action in ("action_suspend", "action_terminate", "action_resume"):
            with self._assert_refused("Only a contract manager"):
                getattr(contract.with_user(self.contract_user), action)()

    def test_steps_in_their_order(self):
        draft = self._create_contract(self._create_time_type(), activate=False)
        for action in ("action_suspend", "action_terminate", "action_resume"):
            with self._assert_refused("it is Draft"):
                getattr(draft, action)()
        draft.action_activate()
        for action in ("action_activate", "action_mark_offered", "action_draft"):
            with self._assert_refused("it is Active"):
                getattr(draft, action)()

    def test_agreed_contract_is_not_deleted(self):
        contract = self._create_contract(self._create_type())
        with self._assert_refused("terminate it instead"):
            contract.unlink()
        draft = self._create_contract(self._create_type(), activate=False)
        draft.with_user(self.contract_user).unlink()

    def test_activated_by_a_contract_user(self):
        contract = self._create_contract(self._create_time_type(), activate=False)
        contract.with_user(self.contract_user).action_activate()
        self.assertEqual(contract.ledger_ids.balance, 600)

    def test_copy_is_a_draft_of_its_own(self):
        contract = self._create_contract(self._create_time_type())
        copy = contract.copy()
        self.assertEqual((copy.state, copy.date_start), ("draft", contract.date_start))
        self.assertNotEqual(copy.name, contract.name)
        self.assertFalse(copy.ledger_ids + copy.ledger_ids)
        self.assertFalse(copy.allotment_ids.ledger_id)
        self.assertEqual(copy.allotment_ids.quantity, 600)
        copy.action_activate()
        self.assertNotEqual(copy.ledger_ids, contract.ledger_ids)


@tagged("post_install", "-at_install")
class TestTerms(ContractCase):
    def test_terms_are_copies(self):
        """jobs and decisions read only the contract's own copies"""
        contract_type = self._create_time_type(rank=20)
        contract = self._create_contract(contract_type, activate=False)
        contract_type.write({"rank": 70, "overage": "charge"})
        contract_type.allotment_ids.quantity = 60
        contract.action_activate()
        self.assertEqual((contract.rank, contract.overage), (20, "refuse"))
        self.assertEqual(contract.ledger_ids.balance, 600)

    def test_form_takes_the_terms_over(self):
        contract_type = self._create_time_type(first_term_months=6)
        with Form(self.env["support.contract"]) as form:
            form.partner_id = self.customer
            form.type_id = contract_type
            self.assertEqual(form.first_term_months, 6)
            self.assertEqual(len(form.allotment_ids), 1)
        contract = form.save()
        self.assertEqual(contract.allotment_ids.mapped("quantity"), [600])

    def test_agreed_terms_are_frozen(self):
        """they change freely until signed or active"""
        for state in ("signed", "active"):
            contract = self._create_contract(
                self._create_time_type(), activate=False, threshold_ids=[]
            )
            contract.write({"fee_amount": 10, "product_id": self.product_phone.id})
            contract.allotment_ids.quantity = 500
            if state == "signed":
                contract._record_signature(date(2026, 3, 1), "Anna")
            else:
                contract.action_activate()
            self.assertEqual(contract.state, state)
            for user in (
                self.manager,
                self.contract_user,
                self.env.ref("base.user_root"),
            ):
                for values in (
                    {"fee_amount": 1},
                    {"rank": 1},
                    {"overage": "charge"},
                    {"gate_minutes": 0},
                    {"partner_id": self.other_customer.id},
                    {"company_id": self.env.ref("base.main_company").id},
                    {"date_start": "2020-01-01"},
                    {"type_id": self._create_type().id},
                    {"activation_count": 7},
                    {"signature_required": True},
                    {"allotment_ids": [Command.clear()]},
                    {"allotment_ids": [Command.create({"quantity": 60})]},
                    {
                        "allotment_ids": [
                            Command.update(contract.allotment_ids.id, {"quantity": 1})
                        ]
                    },
                ):
                    with (
                        self.subTest(state=state, user=user.login, **values),
                        self._assert_refused(),
                    ):
                        contract.with_user(user).write(values)
                with self._assert_refused():
                    contract.allotment_ids.with_user(user).quantity = 1
                with self._assert_refused():
                    contract.allotment_ids.with_user(user).unlink()
            self.assertEqual(contract.allotment_ids.quantity, 500)

    def test_lines_do_not_move_into_an_agreed_contract(self):
        draft = self._create_contract(self._create_time_type(), activate=False)
        running = self._create_contract(self._create_time_type())
        with self._assert_refused("terms are agreed"):
            draft.allotment_ids.contract_id = running
        with self._assert_refused("terms are agreed"):
            running.allotment_ids.contract_id = draft

    def test_people_belong_to_the_customer(self):
        stranger = self._create_contact(self.other_customer, "Somebody")
        contract = self._create_contract(self._create_type(), activate=False)
        for field in ("signatory_id", "orderer_ids", "caller_ids"):
            value = stranger.id if field == "signatory_id" else [stranger.id]
            with self._assert_refused("do not belong to the customer"):
                contract.write({field: value})
        contract.write(
            {"signatory_id": self.contact.id, "caller_ids": self.contact.ids}
        )

    def test_end_of_term(self):
        for start, months, end in [
            ("2026-01-31", 1, date(2026, 2, 27)),
            ("2024-02-29", 12, date(2025, 2, 27)),
            ("2026-01-01", 12, date(2026, 12, 31)),
            ("2026-03-10", 60, date(2031, 3, 9)),
        ]:
            contract = self._create_contract(
                self._create_type(first_term_months=months),
                activate=False,
                date_start=start,
            )
            self.assertEqual(contract.date_end, end)

    def test_package(self):
        """a package gives its quantity, to be used within its validity"""
        contract_type = self._create_type(name="Packages")
        package = self._create_hour_product(
            "Ten hours",
            700,
            uom_id=self.env.ref("uom.product_uom_unit").id,
            support_contract_type_id=contract_type.id,
            support_unit="time",
            support_quantity=600,
            support_validity_months=6,
        )
        with self._assert_refused("choose the package"):
            self._create_contract(contract_type)
        with self._assert_refused("not one of contract type"):
            self._create_contract(self._create_type(), package_id=package.id)
        contract = self._create_contract(contract_type, package_id=package.id)
        self.assertEqual((contract.fee_amount, contract.product_id), (700, package))
        self.assertEqual(contract.date_end, date(2026, 9, 9))
        self.assertEqual(contract.ledger_ids.entry_ids.last_day, date(2026, 9, 9))


@tagged("post_install", "-at_install")
class TestGates(ContractCase):
    def test_signature(self):
        """whether signatures are needed: activation's gate"""
        contract = self._create_contract(
            self._create_time_type(signature_required=True), activate=False
        )
        with self._assert_refused("must be signed"):
            contract.action_activate()
        with self._assert_refused("Only a contract manager"):
            contract.with_user(self.contract_user)._record_signature(
                date(2026, 3, 1), "Anna"
            )
        manager = contract.with_user(self.manager)
        with self._assert_refused("enter who signed"):
            manager._record_signature(date(2026, 3, 1), "  ")
        with self._assert_refused("future"):
            manager._record_signature(date(2026, 3, 11), "Anna")
        contract.signatory_id = self.contact
        wizard = (
            self.env["support.contract.sign"]
            .with_user(self.manager)
            .create(
                {
                    "contract_id": contract.id,
                    "scan": base64.b64encode(b"signed"),
                    "scan_filename": "signed.pdf",
                }
            )
        )
        wizard.action_confirm()
        self.assertEqual((contract.state, contract.signed_by), ("signed", "Anna Alpha"))
        self.assertEqual(contract.signed_on, date(2026, 3, 10))
        contract.action_activate()
        self.assertEqual(contract.state, "active")

    def test_taking_back_a_signed_contract_takes_the_signature(self):
        contract = self._create_contract(
            self._create_time_type(signature_required=True), activate=False
        )
        contract._record_signature(date(2026, 3, 1), "Anna")
        contract.action_draft()
        self.assertFalse(contract.signed_on or contract.signed_by)
        contract.allotment_ids.quantity = 60
        with self._assert_refused("must be signed"):
            contract.action_activate()

    def test_withdrawn_type(self):
        """a type that is withdrawn is not sold; its successor is named"""
        successor = self._create_time_type(name="New support")
        contract_type = self._create_time_type(
            withdrawn=True, successor_id=successor.id
        )
        contract = self._create_contract(contract_type, activate=False)
        with self._assert_refused("withdrawn.*New support"):
            contract.action_activate()
        with self._assert_refused("succeed itself"):
            successor.successor_id = contract_type

    def test_withdrawn_later(self):
        contract = self._create_contract(self._create_time_type())
        contract.type_id.withdrawn = True
        self.assertTrue(self._covered("2026-03-10"))


@tagged("post_install", "-at_install")
class TestTakeover(ContractCase):
    """import of running contracts with term, remaining balances and customer:
    idempotent, each bad row with its reason, dates that do not exist refused"""

    COLUMNS = [
        "reference",
        "customer",
        "contract_type",
        "first_day",
        "last_day",
        "unit",
        "quantity",
        "work_modes",
        "usable_until",
    ]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.ref = "C-1"
        cls.hours = cls._create_type(
            name="Monthly hours",
            allotments=[{"unit": "time", "quantity": 60, "recurrence": "month"}],
        )

    def _row(self, reference="OLD-1", **values):
        row = {
            "reference": reference,
            "customer": "C-1",
            "contract_type": "Monthly hours",
            "first_day": "2025-07-15",
            "last_day": "2026-07-14",
            "unit": "time",
            "quantity": "3:30",
            "work_modes": "",
            "usable_until": "",
            **values,
        }
        return [row[name] for name in self.COLUMNS]

    def _import(self, *rows):
        model = self.env["support.contract.takeover"].with_user(self.manager)
        result = model.load(self.COLUMNS, [list(row) for row in rows])
        self.assertFalse(result["messages"])
        records = model.browse(result["ids"])
        records.action_take_over()
        return records

    def test_running_contract(self):
        row = self._import(self._row())
        self.assertEqual((row.state, row.job_error), ("done", False))
        contract = row.contract_id
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.date_end, date(2026, 7, 14))
        self._assert_entries(contract.ledger_ids, [("opening", 210)])
        with self._at("2026-03-15"):
            contract._grant_due()
        self._assert_entries(contract.ledger_ids, [("opening", 210), ("grant", 60)])
        self.assertTrue(self._covered("2026-03-15"))
        self._assert_sound()

    def test_idempotent(self):
        first = self._import(self._row(), self._row("OLD-2", customer="Beta"))
        again = self._import(self._row(), self._row("OLD-2", customer="Beta"))
        self.assertEqual(first, again)
        again.action_take_over()
        self.assertEqual(first.contract_id, again.contract_id)
        for contract in first.contract_id:
            self._assert_entries(contract.ledger_ids, [("opening", 210)])

    def test_same_row_twice_in_a_file(self):
        rows = self._import(self._row(), self._row())
        self.assertEqual(len(rows.contract_id.ledger_ids.entry_ids), 1)

    def test_bad_rows_do_not_stop_the_others(self):
        """dates that do not exist ("31/2020"): refused with the row and the reason; the
        other rows are imported"""
        bad = {
            "a": ({"last_day": "31/2020"}, "31/2020.*not a date"),
            "b": ({"first_day": "2025-02-29"}, "2025-02-29.*not a date"),
            "c": ({"last_day": "2025-01-01"}, "before the first day"),
            "d": ({"customer": "Nobody"}, "Nobody"),
            "e": ({"contract_type": "Nothing"}, "Nothing"),
            "f": ({"quantity": "NaN"}, "NaN"),
            "g": ({"quantity": "-3"}, "greater than zero"),
            "h": ({"quantity": ""}, "not a quantity"),
            "i": ({"unit": "ticket", "quantity": "3"}, "ticket"),
            "j": ({"unit": "apples"}, "apples"),
            "k": ({"quantity": "0:07:30"}, "not a quantity"),
            "l": ({"work_modes": "Phone"}, "0 balances"),
            "m": ({"usable_until": "2026-02-30"}, "2026-02-30"),
            "n": ({"usable_until": "2024-01-01"}, "."),
        }
        rows = self._import(
            self._row("first"),
            *(self._row(name, **values) for name, (values, _) in bad.items()),
            self._row("last", customer="Beta"),
        )
        by_reference = {row.reference: row for row in rows}
        for name in ("first", "last"):
            self.assertEqual(by_reference[name].state, "done", name)
        for name, (_, message) in bad.items():
            row = by_reference[name]
            with self.subTest(row=bad[name]):
                self.assertEqual(row.state, "error")
                self.assertRegex(row.job_error, message)
                self.assertFalse(row.contract_id)
        self.assertEqual(
            self.env["support.contract"].search_count(
                [("company_id", "=", self.company.id)]
            ),
            2,
        )

    def test_corrected_row_is_taken_over(self):
        [row] = self._import(self._row(last_day="31/2020"))
        self.assertEqual(row.state, "error")
        again = self._import(self._row())
        self.assertEqual(again, row)
        self.assertEqual((row.state, row.job_error), ("done", False))

    def test_two_balances_of_one_contract(self):
        self.hours.allotment_ids = [
            Command.create({"unit": "money", "quantity": 100}),
        ]
        rows = self._import(
            self._row(), self._row(unit="money", quantity="12,50", work_modes="")
        )
        self.assertEqual(len(rows.contract_id), 1)
        balances = {
            ledger.unit: ledger.balance for ledger in rows.contract_id.ledger_ids
        }
        self.assertEqual(balances, {"time": 210, "money": 12.5})

    def test_only_managers(self):
        model = self.env["support.contract.takeover"]
        row = model.create(dict(zip(self.COLUMNS, self._row(), strict=True)))
        for user in (self.contract_user, self.technician, self.portal_user):
            with self._assert_refused():
                row.with_user(user).action_take_over()
            with self._assert_refused():
                model.with_user(user).load(self.COLUMNS, [self._row("OLD-9")])
                model.with_user(user).create({"reference": "OLD-9"})

    def test_result_is_not_typed(self):
        running = self._create_contract(self._create_time_type(), self.other_customer)
        model = self.env["support.contract.takeover"].with_user(self.manager)
        values = dict(zip(self.COLUMNS, self._row(), strict=True))
        row = model.create(values)
        for name, value in {"contract_id": running.id, "state": "done"}.items():
            with self._assert_refused():
                row.write({name: value})
            with self._assert_refused():
                model.create(values | {"reference": "OLD-2", name: value})
