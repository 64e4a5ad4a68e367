# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Fees: each period once, whatever happens to the job, the terms or the contract."""

from freezegun import freeze_time

from odoo.tests import tagged

from .common import SupportCommon


@tagged("post_install", "-at_install")
class FeeCommon(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee_product = cls._create_hour_product(
            "Yearly fee", 1200, uom_id=cls.env.ref("uom.product_uom_unit").id
        )

    @classmethod
    def _create_fee_type(cls, price=1200, **vals):
        cls.fee_product.list_price = price
        return cls._create_type(product_id=cls.fee_product.id, **vals)

    def _charges(self, contract):
        return self.env["support.charge"].search(
            [("contract_id", "=", contract.id)], order="date, id"
        )

    def _assert_charges(self, contract, expected):
        """``expected``: (due, first day, last day, amount) in the order of dates."""
        found = [
            (str(c.date), str(c.first_day), str(c.last_day), c.amount)
            for c in self._charges(contract)
        ]
        self.assertEqual(found, expected)

    def _night(self, day):
        """The nightly jobs of ``day``, in their order."""
        with freeze_time(day):
            contracts = self.env["support.contract"].search(
                [("company_id", "=", self.company.id)]
            )
            contracts._update_states()
            contracts._charge_fees()


class TestFees(FeeCommon):
    def test_yearly_in_advance(self):
        with freeze_time("2026-01-15"):
            contract = self._create_contract(self._create_fee_type())
        self._assert_charges(
            contract, [("2026-01-15", "2026-01-15", "2027-01-14", 1200)]
        )
        self.assertFalse(contract.next_fee_day)

    def test_monthly_in_arrears_from_a_31st(self):
        """anniversary on 29-31: counted from the contract's own start"""
        with freeze_time("2024-01-31"):
            contract = self._create_contract(
                self._create_fee_type(
                    100,
                    fee_period="month",
                    fee_timing="arrears",
                    first_term_months=3,
                )
            )
        self._assert_charges(contract, [])
        for day in ("2024-02-28", "2024-02-29", "2024-03-31", "2024-04-30"):
            self._night(day)
        self._assert_charges(
            contract,
            [
                ("2024-02-29", "2024-01-31", "2024-02-28", 100),
                ("2024-03-31", "2024-02-29", "2024-03-30", 100),
                ("2024-04-30", "2024-03-31", "2024-04-29", 100),
            ],
        )

    def test_three_months_missed(self):
        """a job did not run for three months: all missed periods, oldest first, once
        each"""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(50, fee_period="month")
            )
        self._night("2026-04-20")
        self._night("2026-04-20")
        self.assertEqual(
            [(str(c.first_day), c.amount) for c in self._charges(contract)],
            [
                ("2026-01-01", 50),
                ("2026-02-01", 50),
                ("2026-03-01", 50),
                ("2026-04-01", 50),
            ],
        )
        self.assertEqual(str(contract.next_fee_day), "2026-05-01")

    def test_end_inside_a_period(self):
        """start or end inside a period: two switches"""
        # April and May are 61 of the quarter's 91 days
        for prorated, amount in ((True, 67.03), (False, 100)):
            with self.subTest(prorated=prorated), freeze_time("2026-01-01"):
                contract = self._create_contract(
                    self._create_fee_type(
                        100,
                        fee_period="quarter",
                        fee_timing="advance",
                        first_term_months=5,
                        fee_prorated=prorated,
                    )
                )
                with freeze_time("2026-04-01"):
                    contract._charge_fees()
                self.assertEqual(
                    [charge.amount for charge in self._charges(contract)],
                    [100, amount],
                )

    def test_hours_of_the_last_period(self):
        """start or end inside a period: two switches, the hours off by default"""
        allotment = {"unit": "time", "quantity": 600, "recurrence": "quarter"}
        for prorated, minutes in ((False, 600), (True, 402)):
            with self.subTest(prorated=prorated), freeze_time("2026-01-01"):
                contract = self._create_contract(
                    self._create_type(
                        allotments=[allotment],
                        first_term_months=5,
                        hours_prorated=prorated,
                    )
                )
                with freeze_time("2026-04-01"):
                    contract._grant_due()
                # April and May are 61 of the quarter's 91 days
                entries = contract.ledger_ids.entry_ids.sorted("id")
                self.assertEqual(entries.mapped("quantity"), [600, minutes])

    def test_known_end_is_charged_by_days(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(310, fee_period="month")
            )
            contract._change_state("terminated", self._day("2026-03-11"), "Moved away")
        self._night("2026-06-01")
        self.assertEqual(
            [charge.amount for charge in self._charges(contract)], [310, 310, 100]
        )

    def test_arrears_of_an_ended_contract(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(310, fee_period="month", fee_timing="arrears")
            )
            contract._change_state("terminated", self._day("2026-01-11"), "Moved away")
        self._night("2026-01-11")
        self._assert_charges(
            contract, [("2026-01-11", "2026-01-01", "2026-01-10", 100)]
        )
        self._night("2026-06-01")
        self.assertEqual(len(self._charges(contract)), 1)

    def test_ended_early(self):
        """contract ended early inside an invoiced period: credit note for the days
        not served, if the type says so"""
        for refund, amounts in ((True, [365, -265]), (False, [365])):
            with self.subTest(refund=refund):
                with freeze_time("2026-01-01"):
                    contract = self._create_contract(
                        self._create_fee_type(365, refund_on_end=refund)
                    )
                with freeze_time("2026-03-20"):
                    contract._change_state(
                        "terminated", self._day("2026-04-11"), "Moved away"
                    )
                    self.assertEqual(len(self._charges(contract)), 1)
                self._night("2026-04-11")
                self._night("2026-04-12")
                self.assertEqual(
                    [charge.amount for charge in self._charges(contract)], amounts
                )

    def test_more_activations_in_the_middle(self):
        """more activations in the middle of a period: the difference is charged for
        the days left; fewer takes effect at the next period"""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(30, fee_period="month", fee_basis="activation"),
                activation_count=2,
            )
        with freeze_time("2026-04-01"):
            contract._charge_fees()
        with freeze_time("2026-04-21"):
            self._change(contract, activation_count=5)
        with freeze_time("2026-05-10"):
            contract._charge_fees()
            self._change(contract, activation_count=1)
        with freeze_time("2026-06-01"):
            contract._charge_fees()
        self.assertEqual(
            [
                (str(c.first_day), c.kind, c.quantity, c.amount)
                for c in self._charges(contract)
            ],
            [
                ("2026-01-01", "fee", 2, 60),
                ("2026-02-01", "fee", 2, 60),
                ("2026-03-01", "fee", 2, 60),
                ("2026-04-01", "fee", 2, 60),
                ("2026-04-21", "activation", 3, 30),
                ("2026-05-01", "fee", 5, 150),
                ("2026-06-01", "fee", 1, 30),
            ],
        )

    def test_changed_on_the_day_of_the_fee(self):
        """A change recorded after the night's job has charged the same day."""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(30, fee_period="month", fee_basis="activation"),
                activation_count=2,
            )
            self._change(contract, activation_count=3, fee_amount=40)
        self.assertEqual(
            [charge.amount for charge in self._charges(contract)], [60, 60]
        )

    def test_a_change_applied_late(self):
        """The job that applies changes may come after the one that charges."""
        with freeze_time("2026-01-10"):
            contract = self._create_contract(
                self._create_fee_type(30, fee_period="month")
            )
            self._change(contract, fee_amount=45, first_day="2026-02-20")
        with freeze_time("2026-04-10"):
            contract._charge_fees()
        self.assertEqual(
            [charge.amount for charge in self._charges(contract)], [30, 30, 45, 45]
        )

    def test_price_index(self):
        """price index: applied at the contract's own anniversary, by percentage or
        fixed amount, never twice for one term"""
        for values, fees in (
            ({"fee_index": "percent", "fee_index_percent": 3.5}, [1000, 1035, 1071.23]),
            ({"fee_index": "amount", "fee_index_amount": 40}, [1000, 1040, 1080]),
        ):
            with self.subTest(**values):
                with freeze_time("2024-02-29"):
                    contract = self._create_contract(
                        self._create_fee_type(1000, first_term_months=36, **values)
                    )
                # years after one that no job ran in, and twice
                self._night("2026-05-20")
                self._night("2026-05-20")
                self.assertEqual(
                    [
                        (str(charge.first_day), charge.amount)
                        for charge in self._charges(contract)
                    ],
                    list(
                        zip(
                            ("2024-02-29", "2025-02-28", "2026-02-28"),
                            fees,
                            strict=True,
                        )
                    ),
                )
                self.assertEqual(len(contract.change_ids), 2)
                self._night("2027-05-20")
                self.assertEqual(len(contract.change_ids), 2, "the term is over")

    def test_price_index_inside_the_years_of_monthly_fees(self):
        with freeze_time("2026-01-31"):
            contract = self._create_contract(
                self._create_fee_type(
                    10,
                    fee_period="month",
                    first_term_months=15,
                    fee_index="percent",
                    fee_index_percent=10,
                )
            )
        self._night("2027-04-01")
        amounts = [charge.amount for charge in self._charges(contract)]
        self.assertEqual(amounts, [10] * 12 + [11] * 3)

    def test_suspended(self):
        """suspended: fees go on unless the type stops them"""
        for goes_on, amounts in ((True, [10, 10, 10, 10]), (False, [10, 10, 10])):
            with self.subTest(goes_on=goes_on):
                with freeze_time("2026-01-01"):
                    contract = self._create_contract(
                        self._create_fee_type(
                            10, fee_period="month", fee_while_suspended=goes_on
                        )
                    )
                with freeze_time("2026-02-10"):
                    contract._change_state(
                        "suspended", self._day("2026-02-10"), "Not paid"
                    )
                with freeze_time("2026-03-10"):
                    contract.action_resume()
                with freeze_time("2026-04-01"):
                    contract._charge_fees()
                self.assertEqual(
                    [charge.amount for charge in self._charges(contract)], amounts
                )

    def test_no_fee_product(self):
        contract_type = self._create_type()
        contract = self._create_contract(
            contract_type, activate=False, fee_amount=10, product_id=False
        )
        with self._assert_refused("no fee product"):
            contract.action_activate()

    def test_taken_over(self):
        """The older system has charged the period that runs."""
        with freeze_time("2026-03-20"):
            contract = self._create_contract(
                self._create_fee_type(10, fee_period="month"),
                activate=False,
                date_start="2026-01-01",
            )
            contract.with_user(self.manager)._take_over(
                self._day("2026-01-01"), self._day("2026-12-31"), "OLD-1"
            )
            contract._charge_fees()
            self._assert_charges(contract, [])
        self._night("2026-04-01")
        self._assert_charges(contract, [("2026-04-01", "2026-04-01", "2026-04-30", 10)])

    def test_termination_taken_back(self):
        """terminated in the future and taken back: the rest of the period that was
        charged up to that day is charged, and the fees go on"""
        for moved_to, rest, after in (
            (None, "2026-03-31", [("2026-04-01", 10)]),
            ("2026-03-25", "2026-03-24", []),
        ):
            with self.subTest(moved_to=moved_to):
                with freeze_time("2026-01-01"):
                    contract = self._create_contract(
                        self._create_fee_type(10, fee_period="month")
                    )
                with freeze_time("2026-01-10"):
                    contract._change_state(
                        "terminated", self._day("2026-03-15"), "Leaves"
                    )
                self._night("2026-02-01")
                self._night("2026-03-01")
                with freeze_time("2026-03-05"):
                    if moved_to:
                        contract._change_state(
                            "terminated", self._day(moved_to), "Leaves later"
                        )
                    else:
                        contract.action_resume()
                for day in ("2026-03-06", "2026-04-01", "2026-04-02"):
                    self._night(day)
                self.assertEqual(
                    [
                        (str(c.first_day), str(c.last_day), c.amount)
                        for c in self._charges(contract)
                    ][2:4],
                    [
                        ("2026-03-01", "2026-03-14", 4.52),
                        ("2026-03-15", rest, 3.22 if moved_to else 5.48),
                    ],
                )
                self.assertEqual(
                    [(str(c.first_day), c.amount) for c in self._charges(contract)][4:],
                    after,
                )

    def test_arrears_of_a_period_charged_elsewhere(self):
        """The period that the older system has charged is not charged because the
        contract ends inside it."""
        with freeze_time("2026-03-20"):
            contract = self._create_contract(
                self._create_fee_type(10, fee_period="month", fee_timing="arrears"),
                activate=False,
                date_start="2026-01-01",
            )
            contract.with_user(self.manager)._take_over(
                self._day("2026-01-01"), self._day("2026-12-31"), "OLD-2"
            )
        with freeze_time("2026-03-22"):
            contract._change_state("terminated", self._day("2026-03-25"), "Leaves")
        self._night("2026-03-26")
        self._night("2026-04-01")
        self._assert_charges(contract, [])

    def test_fewer_then_more_activations(self):
        """fewer takes effect at the next period: until then they are paid for"""
        with freeze_time("2026-04-01"):
            contract = self._create_contract(
                self._create_fee_type(30, fee_period="month", fee_basis="activation"),
                activation_count=5,
            )
        with freeze_time("2026-04-11"):
            self._change(contract, activation_count=2)
        with freeze_time("2026-04-21"):
            self._change(contract, activation_count=6)
        self._night("2026-05-01")
        self.assertEqual(
            [(str(c.first_day), c.quantity, c.amount) for c in self._charges(contract)],
            [("2026-04-01", 5, 150), ("2026-04-21", 1, 10), ("2026-05-01", 6, 180)],
        )

    def test_more_activations_before_a_known_end(self):
        with freeze_time("2026-04-01"):
            contract = self._create_contract(
                self._create_fee_type(30, fee_period="month", fee_basis="activation"),
                activation_count=5,
            )
            contract._change_state("terminated", self._day("2026-04-26"), "Leaves")
        with freeze_time("2026-04-21"):
            self._change(contract, activation_count=6)
        self._assert_charges(
            contract,
            [
                ("2026-04-01", "2026-04-01", "2026-04-30", 150),
                ("2026-04-21", "2026-04-21", "2026-04-25", 5),
            ],
        )

    def test_fee_agreed_on_a_day_that_cost_nothing(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(0, fee_period="month")
            )
            self._change(contract, fee_amount=40)
        self._assert_charges(contract, [("2026-01-01", "2026-01-01", "2026-01-31", 40)])

    def test_half_a_cent_of_many_activations(self):
        """3 at 1.15 for half of June are 1.725"""
        with freeze_time("2026-05-01"):
            contract = self._create_contract(
                self._create_fee_type(1.15, fee_period="month", fee_basis="activation"),
                activation_count=3,
            )
            contract._change_state("terminated", self._day("2026-06-16"), "Leaves")
        self._night("2026-06-01")
        self.assertEqual(
            [charge.amount for charge in self._charges(contract)], [3.45, 1.73]
        )

    def test_price_index_before_a_later_change(self):
        """a job that did not run catches up and ends where it would have ended"""
        amounts = []
        for nights in (["2025-01-01", "2025-06-01", "2026-01-01"], ["2026-05-20"]):
            with freeze_time("2024-01-01"):
                contract = self._create_contract(
                    self._create_fee_type(
                        1000,
                        first_term_months=36,
                        fee_index="percent",
                        fee_index_percent=10,
                    )
                )
                self._change(contract, first_day="2025-06-01", fee_amount=2000)
            for night in nights:
                self._night(night)
            amounts.append([charge.amount for charge in self._charges(contract)])
        self.assertEqual(amounts, [[1000, 1100, 2200]] * 2)

    def test_price_index_tells_no_price(self):
        """Technicians read the chatter of contracts."""
        with freeze_time("2024-01-01"):
            contract = self._create_contract(
                self._create_fee_type(
                    1000, first_term_months=24, fee_index="amount", fee_index_amount=47
                )
            )
        self._night("2025-01-01")
        self.assertEqual(contract.fee_amount, 1047)
        self.assertNotIn("47", "".join(contract.message_ids.mapped("body")))
        for record in (contract, contract.type_id):
            seen = record.with_user(self.technician)
            self.assertNotIn("fee_index_amount", seen.fields_get())
            seen.get_view(view_type="form")

    def _change(self, contract, first_day=None, **terms):
        day = self._day(first_day) or self.company._support_day()
        self.env["support.contract.change.terms"].with_user(self.manager).create(
            {
                "contract_id": contract.id,
                "first_day": day,
                "reason": "Agreed",
                **terms,
            }
        ).action_confirm()
