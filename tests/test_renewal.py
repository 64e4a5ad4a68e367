# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What comes after a term: the rows "Renewal" of the edge cases."""

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_sale import SaleCommon
from .test_fees import FeeCommon

REMINDERS = [
    Command.create({"days": 90, "to_customer": False}),
    Command.create({"days": 60}),
    Command.create({"days": 30}),
]


#: a type whose only reminder comes shortly before the deadline
LATE = {"notice_ids": [Command.create({"days": 90})]}


class RenewalCommon(FeeCommon):
    @classmethod
    def _create_renewed(cls, start, **vals):
        """A contract from ``start`` that renews by itself, notice until 30 days before
        the end."""
        contract_vals = vals.pop("contract", {})
        with freeze_time(start):
            return cls._create_contract(
                cls._create_fee_type(
                    **{
                        "renewal": "automatic",
                        "cancellation_days": 30,
                        "notice_ids": REMINDERS,
                        **vals,
                    }
                ),
                date_start=start,
                **contract_vals,
            )

    def _night(self, day):
        """The nightly jobs of ``day``, in their order."""
        with freeze_time(day):
            contracts = self.env["support.contract"].search(
                [("company_id", "=", self.company.id)]
            )
            contracts._follow_end()
            contracts._update_states()
            contracts._charge_fees()

    def _terms(self, contract):
        return [
            (term.number, str(term.first_day), str(term.last_day))
            for term in contract.term_ids.sorted("first_day")
        ]

    def _states(self, contract):
        return [
            (status.state, str(status.first_day))
            for status in contract.status_ids.sorted("id")
            if status.state not in ("draft", "offered")
        ]

    def _mails(self, contract):
        """What the customer was sent about the contract."""
        return self.env["mail.mail"].search(
            [
                ("model", "=", "support.contract"),
                ("res_id", "=", contract.id),
                ("recipient_ids", "in", contract.partner_id.ids),
            ],
            order="id",
        )


@tagged("post_install", "-at_install")
class TestTacitRenewal(RenewalCommon):
    def test_renews_the_day_after_the_notice_deadline(self):
        contract = self._create_renewed("2026-01-01")
        self._night("2026-12-01")
        self.assertEqual(len(contract.term_ids), 1)
        self._night("2026-12-02")
        self.assertEqual(
            self._terms(contract),
            [(1, "2026-01-01", "2026-12-31"), (2, "2027-01-01", "2027-12-31")],
        )
        self.assertEqual(contract.state, "active")
        # the fee of the new term on its first day, not before
        self.assertEqual(len(self._charges(contract)), 1)
        self._night("2027-01-01")
        self._assert_charges(
            contract,
            [
                ("2026-01-01", "2026-01-01", "2026-12-31", 1200),
                ("2027-01-01", "2027-01-01", "2027-12-31", 1200),
            ],
        )

    def test_first_term_differs_from_later_ones(self):
        """the first term differs from later ones (60 months, then 12)"""
        contract = self._create_renewed(
            "2020-03-31", first_term_months=60, later_term_months=12
        )
        self._night("2025-03-30")
        self._night("2026-03-30")
        self.assertEqual(
            self._terms(contract),
            [
                (1, "2020-03-31", "2025-03-30"),
                (2, "2025-03-31", "2026-03-30"),
                (3, "2026-03-31", "2027-03-30"),
            ],
        )

    def test_years_missed(self):
        """a job that did not run ends where it would have ended"""
        contract = self._create_renewed(
            "2022-01-31",
            fee_index="percent",
            fee_index_percent=10,
            allotments=[
                {"unit": "time", "quantity": 600, "recurrence": "year"},
            ],
        )
        self._night("2025-02-01")
        self.assertEqual(self._terms(contract)[-1], (4, "2025-01-31", "2026-01-30"))
        self._assert_charges(
            contract,
            [
                ("2022-01-31", "2022-01-31", "2023-01-30", 1200),
                ("2023-01-31", "2023-01-31", "2024-01-30", 1320),
                ("2024-01-31", "2024-01-31", "2025-01-30", 1452),
                ("2025-01-31", "2025-01-31", "2026-01-30", 1597.2),
            ],
        )
        grants = contract.ledger_ids.entry_ids.filtered(lambda e: e.kind == "grant")
        self.assertEqual(
            sorted(str(entry.first_day) for entry in grants),
            ["2022-01-31", "2023-01-31", "2024-01-31", "2025-01-31"],
        )
        self.assertEqual(contract.state, "active")
        self.assertIn(
            "Renewed without a reminder in time",
            contract.activity_ids.mapped("summary"),
        )

    def test_reminders_once_each(self):
        """a reminder before tacit renewal: at least 30 days before, more than one
        possible, once each, sent to the customer and recorded"""
        contract = self._create_renewed("2026-01-01", cancellation_days=20)
        for day in ("2026-10-02", "2026-10-03", "2026-11-01", "2026-11-02"):
            self._night(day)
        self._night("2026-11-02")
        self.assertEqual(
            [
                (notice.days, str(notice.day), notice.to_customer)
                for notice in contract.renewal_notice_ids.sorted("day")
            ],
            [(90, "2026-10-02", False), (60, "2026-11-01", True)],
        )
        mails = self._mails(contract)
        self.assertEqual(len(mails), 1)
        self.assertIn("12/31/2026", mails.subject)
        self.assertIn("renews by itself", mails.body_html)
        # notice until 20 days before the end
        self.assertIn(
            "December 11, 2026",
            mails.body_html.replace("12/11/2026", "December 11, 2026"),
        )
        self._night("2026-12-01")
        self._night("2026-12-12")
        self.assertEqual(contract.date_end.year, 2027)
        self.assertEqual(len(self._mails(contract)), 3)  # two reminders, "renewed"
        self.assertNotIn(
            "Renewed without a reminder in time",
            contract.activity_ids.mapped("summary"),
        )
        owner = contract.activity_ids.filtered(lambda a: a.user_id == self.manager)
        self.assertEqual(len(owner), 1)

    def test_late_job_sends_the_last_reminder_only(self):
        contract = self._create_renewed("2026-01-01", cancellation_days=10)
        self._night("2026-12-05")
        self.assertEqual(
            [
                (notice.days, notice.overtaken)
                for notice in contract.renewal_notice_ids.sorted("days")
            ],
            [(30, False), (60, True), (90, True)],
        )
        self.assertEqual(len(self._mails(contract)), 1)

    def test_type_without_a_reminder_in_time_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "at least 46 days"):
            self._create_fee_type(
                renewal="automatic",
                cancellation_days=45,
                notice_ids=[Command.create({"days": 45})],
            )
        with self.assertRaisesRegex(ValidationError, "at least 30 days"):
            self._create_fee_type(
                renewal="automatic",
                notice_ids=[Command.create({"days": 60, "to_customer": False})],
            )

    def test_contract_without_a_reminder_in_time_does_not_start(self):
        contract = self._create_contract(self._create_fee_type(), activate=False)
        contract.renewal = "automatic"
        with self._assert_refused("must be reminded in time"):
            contract.action_activate()

    def test_a_late_night_does_not_make_a_customer_wait(self):
        contract = self._create_renewed(
            "2026-01-01",
            cancellation_days=0,
            allotments=[{"unit": "time", "quantity": 600, "recurrence": "year"}],
        )
        with freeze_time("2027-01-01 12:00:00"):
            ticket = self._create_ticket()
            self.assertEqual(ticket.support_contract_id, contract)
            self.assertEqual(len(contract.term_ids), 2)
            self.assertEqual(contract.state, "active")

    def test_suspended_is_not_renewed(self):
        contract = self._create_renewed("2026-01-01")
        with freeze_time("2026-11-01"):
            contract._change_state("suspended", self._day("2026-11-01"), "No payment")
        self._night("2026-12-15")
        self.assertEqual(len(contract.term_ids), 1)
        with freeze_time("2026-12-20"):
            contract.action_resume()
        self._night("2026-12-20")
        self.assertEqual(len(contract.term_ids), 2)


@tagged("post_install", "-at_install")
class TestRenewalRefused(RenewalCommon):
    @freeze_time("2026-12-10")
    def test_renewed_twice(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        contract._renew()
        with self._assert_refused("renewed already, until 12/31/2027"):
            contract._renew()
        self.assertEqual(len(contract.term_ids), 2)

    @freeze_time("2026-12-10")
    def test_renewed_after_cancellation(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        reason = self.env.ref("support_contract.churn_reason_price")
        with self._assert_refused("Reason for Leaving"):
            contract._decline_renewal(
                self._day("2026-12-09"), "By mail", reason.browse()
            )
        contract._decline_renewal(self._day("2026-12-09"), "By mail", reason)
        with self._assert_refused("Notice was given"):
            contract._renew()
        contract.action_reopen_renewal()
        self.assertFalse(contract.churn_reason_id)
        contract._change_state("terminated", self._day("2026-12-31"), "Closed")
        with self._assert_refused("was terminated from 12/31/2026"):
            contract._renew()

    def test_declined_ends_and_lapses(self):
        contract = self._create_renewed("2026-01-01", grace_days=10)
        with freeze_time("2026-11-20"):
            contract._decline_renewal(
                self._day("2026-11-20"),
                "Letter",
                self.env.ref("support_contract.churn_reason_closed"),
            )
        self._night("2026-12-31")
        self.assertEqual(contract.state, "active")
        self._night("2027-01-10")
        self.assertEqual(contract.state, "expired")
        self._night("2027-01-11")
        self.assertEqual(contract.state, "lapsed")
        self.assertEqual(
            self._states(contract),
            [
                ("active", "2026-01-01"),
                ("expired", "2027-01-01"),
                ("lapsed", "2027-01-11"),
            ],
        )
        with self._assert_refused("has lapsed"):
            contract._renew()

    def test_missed_nights_lapse_on_the_right_days(self):
        contract = self._create_renewed("2026-01-01", renewal="manual", grace_days=10)
        self._night("2027-06-01")
        self.assertEqual(
            self._states(contract),
            [
                ("active", "2026-01-01"),
                ("expired", "2027-01-01"),
                ("lapsed", "2027-01-11"),
            ],
        )

    @freeze_time("2026-12-10")
    def test_withdrawn_type(self):
        """a type that is withdrawn cannot be renewed; its holders are offered the
        successor type"""
        old = self._create_fee_type(name="Old contract")
        contract = self._create_contract(old, date_start="2026-01-01")
        old.write(
            {
                "withdrawn": True,
                "successor_id": self._create_fee_type(name="New contract").id,
            }
        )
        with self._assert_refused("successor New contract"):
            contract._renew()
        with self._assert_refused("successor New contract"):
            contract._quote_renewal()

    @freeze_time("2026-12-10")
    def test_draft_is_not_renewed(self):
        draft = self._create_contract(self._create_fee_type(), activate=False)
        with self._assert_refused("it is Draft"):
            draft._renew()

    @freeze_time("2027-01-10")
    def test_in_the_days_of_grace_from_the_old_end(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(self._create_fee_type())
        self._night("2027-01-09")
        self.assertEqual(contract.state, "expired")
        contract._renew()
        self.assertEqual(contract.state, "active")
        self.assertEqual(self._terms(contract)[-1], (2, "2027-01-01", "2027-12-31"))
        self.assertEqual(contract._get_state_on(self._day("2027-01-05")), "active")


@tagged("post_install", "-at_install")
class TestQuotedRenewal(RenewalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fee_product.invoice_policy = "order"

    def _invoice(self, order):
        invoice = order._create_invoices()
        invoice.action_post()
        return invoice

    def test_quotation_renews_when_confirmed(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(fee_index="percent", fee_index_percent=5),
            )
        with freeze_time("2026-12-01"):
            order = contract.with_user(self.contract_user)._quote_renewal()
            self.assertEqual(contract.renewal_state, "quoted")
            self.assertEqual(order.amount_untaxed, 1260)
            self.assertEqual(len(contract.term_ids), 1)
            order.action_confirm()
            order.order_line._support_sell()
            self.assertEqual(contract.renewal_state, "open")
        self.assertEqual(self._terms(contract)[-1], (2, "2027-01-01", "2027-12-31"))
        self._night("2027-01-01")
        self._night("2027-02-01")
        # the order charges the first fee, the index applies once
        self.assertEqual(len(self._charges(contract)), 1)
        self.assertEqual(contract.fee_amount, 1260)

    def test_agreed_price_takes_the_place_of_the_index(self):
        """applied at the contract's own anniversary, never twice for one term"""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(
                    100,
                    fee_period="month",
                    fee_index="percent",
                    fee_index_percent=5,
                ),
            )
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal(months=24, fee=90)
            self.assertEqual(order.amount_untaxed, 90)
            order.action_confirm()
        self._night("2027-03-01")
        january = self._charges(contract).filtered(
            lambda charge: str(charge.first_day) >= "2027-01-01"
        )
        # January by the order, then by the month
        self.assertEqual(
            [(str(c.first_day), c.amount) for c in january],
            [("2027-02-01", 90), ("2027-03-01", 90)],
        )
        self._night("2028-01-01")
        last = self._charges(contract)[-1]
        self.assertEqual((str(last.first_day), last.amount), ("2028-01-01", 94.5))

    def test_activations_of_the_quotation(self):
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(100, fee_basis="activation"), activation_count=10
            )
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal(count=12)
            order.action_confirm()
            self.assertEqual(contract.activation_count, 10)
        self._night("2027-01-01")
        self.assertEqual(contract.activation_count, 12)
        self.assertEqual(len(self._charges(contract)), 1)

    @freeze_time("2026-12-01")
    def test_cancelled_order_owes_the_fee(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        order = contract._quote_renewal()
        order.action_confirm()
        order._action_cancel()
        self.assertEqual(len(contract.term_ids), 2)
        self.assertIn(
            "Order of the renewal cancelled", contract.activity_ids.mapped("summary")
        )
        self._night("2027-01-01")
        self.assertEqual(self._charges(contract)[-1].amount, 1200)

    @freeze_time("2026-12-01")
    def test_cancelled_quotation(self):
        contract = self._create_contract(
            self._create_fee_type(), date_start="2026-01-01"
        )
        order = contract._quote_renewal()
        order._action_cancel()
        self.assertEqual(contract.renewal_state, "open")

    @freeze_time("2026-12-01")
    def test_price_with_taxes(self):
        """a product whose price includes its taxes: the untaxed amount is the fee"""
        contract_type = self._create_fee_type()
        self.fee_product.taxes_id = self.env["account.tax"].create(
            {
                "name": "22% included",
                "amount": 22,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id
                or self.env.ref("base.it").id,
                "tax_group_id": self.env["account.tax.group"]
                .create(
                    {
                        "name": "22",
                        "company_id": self.company.id,
                        "country_id": self.company.account_fiscal_country_id.id
                        or self.env.ref("base.it").id,
                    }
                )
                .id,
            }
        )
        contract = self._create_contract(contract_type, date_start="2026-01-01")
        order = contract._quote_renewal(fee=1000)
        self.assertEqual(order.amount_untaxed, 1000)


@tagged("post_install", "-at_install")
class TestFollower(RenewalCommon):
    """Change of type at renewal: another contract follows."""

    def test_carried_hours_come_along(self):
        """rollover at the end of the contract: carried to the renewal"""
        allotments = [
            {
                "unit": "time",
                "quantity": 300,
                "recurrence": "month",
                "rollover": "unlimited",
                "end_policy": "carried",
            },
        ]
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_fee_type(allotments=allotments))
        self._night("2026-12-15")
        with freeze_time("2026-12-15"):
            new_type = self._create_fee_type(allotments=allotments)
            follower = old._make_follower(new_type)
            self.assertEqual(str(follower.date_start), "2027-01-01")
            follower.action_activate()
            self.assertEqual(old.ledger_ids.balance, 3600)
        self._night("2027-01-01")
        self.assertEqual(old.ledger_ids.balance, 0)
        self.assertEqual(follower.ledger_ids.balance, 3900)
        self.assertEqual(old.renewal_state, "agreed")
        self.assertEqual(old.state, "expired")
        self._night("2027-01-02")
        self.assertEqual(follower.ledger_ids.balance, 3900)
        self._assert_sound()

    def test_forfeited_hours_do_not(self):
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_time_type(600))
        with freeze_time("2027-01-01"):
            old._make_follower(self._create_time_type(600)).action_activate()
        self.assertEqual(old.renewed_by_ids.ledger_ids.balance, 600)

    def test_early_start_ends_the_old_one(self):
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_fee_type(refund_on_end=True))
        with freeze_time("2026-07-02"):
            follower = old._make_follower(
                self._create_fee_type(), day=self._day("2026-07-02")
            )
            follower.action_activate()
        self.assertEqual(old.state, "terminated")
        self.assertEqual(str(old.terminated_on), "2026-07-02")
        self.assertFalse(old.churn_reason_id)
        self.assertEqual(self._charges(old)[-1].kind, "refund")
        with freeze_time("2026-07-03"), self._assert_refused("was terminated"):
            old._renew()

    def test_a_bar_ends_with_the_contract_that_follows(self):
        """S9: whoever comes back is helped again, also for what is not included"""
        self.company.support_on_call = True
        with freeze_time("2026-01-01"):
            old = self._create_contract(
                self._create_fee_type(lapse_bars=True, grace_days=0)
            )
        self._night("2027-02-01")
        with freeze_time("2027-02-01 12:00:00"):
            self.assertEqual(self._create_ticket().support_cover, "none")
            follower = old._make_follower(
                self._create_time_type(other_requests="excluded")
            )
            follower.action_activate()
            self.assertEqual(self._create_ticket().support_cover, "on_call")

    def test_no_balance_of_its_kind(self):
        allotments = [
            {"unit": "money", "quantity": 500, "end_policy": "carried"},
        ]
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_type(allotments=allotments))
        with freeze_time("2027-01-01"):
            follower = old._make_follower(self._create_time_type())
            follower.action_activate()
        self.assertEqual(old.ledger_ids.balance, 500)
        self.assertIn("Not carried over", follower.activity_ids.mapped("summary"))


@tagged("post_install", "-at_install")
class TestCarryOver(RenewalCommon):
    def test_wallet_goes_on_in_the_renewal(self):
        """S2: what the wallet holds at the end is carried to the renewal"""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_fee_type(
                    500,
                    fee_period="term",
                    allotments=[
                        {"unit": "money", "quantity": 500, "end_policy": "carried"}
                    ],
                )
            )
        with freeze_time("2026-12-20"):
            contract._renew()
        self._night("2027-01-20")
        self.assertEqual(contract.ledger_ids.balance, 1000)
        self.assertEqual(len(self._charges(contract)), 2)

    def test_rollover_limit_cuts_at_the_renewal(self):
        """rollover limits by quantity: cut at the change of period"""
        with freeze_time("2026-01-01"):
            contract = self._create_contract(
                self._create_time_type(
                    300,
                )
            )
        allotment = contract.allotment_ids
        self.assertFalse(allotment.next_grant_day)
        with freeze_time("2026-12-20"):
            contract._renew()
        self.assertEqual(str(allotment.next_grant_day), "2027-01-01")
        self._night("2027-01-10")
        with freeze_time("2027-01-10"):
            contract._expire_due()
        self.assertEqual(contract.ledger_ids.balance, 300)
        self._assert_sound()


@tagged("post_install", "-at_install")
class TestRenewalMoney(RenewalCommon):
    """Between an order, a job and a second person nothing is charged twice or lost."""

    def _activation(self, **vals):
        with freeze_time("2026-01-01"):
            return self._create_contract(
                self._create_fee_type(100, fee_basis="activation", **vals),
                activation_count=10,
            )

    def test_quotation_that_comes_too_late(self):
        """renewed twice: a quotation renews the term that it was made for"""
        contract = self._create_renewed("2026-01-01")
        with freeze_time("2026-11-15"):
            order = contract._quote_renewal()
        self._night("2027-01-01")
        self.assertEqual(contract.date_end.year, 2027)
        with freeze_time("2027-01-05"), self._assert_refused("in the meantime"):
            order.action_confirm()
        self.assertEqual(len(contract.term_ids), 2)

    def test_quantity_of_zero(self):
        contract = self._activation()
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal()
            order.order_line.product_uom_qty = 0
            with self._assert_refused("above zero"):
                order.action_confirm()

    def test_deals_are_made_from_the_contract_only(self):
        contract = self._activation()
        salesman = self._create_user("salesman", "sales_team.group_sale_salesman")
        with freeze_time("2026-12-01"), self._assert_refused("from its contract only"):
            self.env["sale.order"].with_user(salesman).create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": salesman.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.fee_product.id,
                                "price_unit": 0,
                                "support_contract_id": contract.id,
                                "support_deal": "renewal",
                                "support_months": 600,
                            }
                        )
                    ],
                }
            )

    def test_activations_added_after_the_order(self):
        contract = self._activation()
        with freeze_time("2026-12-01"):
            contract._quote_renewal().action_confirm()
        with freeze_time("2026-12-10"):
            self.env["support.contract.change.terms"].with_user(self.manager).create(
                {
                    "contract_id": contract.id,
                    "first_day": "2026-12-10",
                    "reason": "More machines",
                    "activation_count": 15,
                }
            ).action_confirm()
        self._night("2027-01-01")
        self._night("2027-01-02")
        self._assert_charges(
            contract,
            [
                ("2026-01-01", "2026-01-01", "2026-12-31", 1000),
                # 5 x 100 x 22 / 365
                ("2026-12-10", "2026-12-10", "2026-12-31", 30.14),
                # the order charges 10 of the 15
                ("2027-01-01", "2027-01-01", "2027-12-31", 500),
            ],
        )

    def test_deleted_quotation(self):
        contract = self._activation()
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal()
            order.order_line.unlink()
        self.assertEqual(contract.renewal_state, "open")

    def test_terms_of_29_february_miss_no_index(self):
        """price index: once for each term, also where no day is the anniversary"""
        contract = self._create_renewed(
            "2024-02-29", fee_index="percent", fee_index_percent=5
        )
        for day in ("2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"):
            self._night(day)
        self._assert_charges(
            contract,
            [
                ("2024-02-29", "2024-02-29", "2025-02-27", 1200),
                ("2025-02-28", "2025-02-28", "2026-02-27", 1260),
                ("2026-02-28", "2026-02-28", "2027-02-27", 1323),
                ("2027-02-28", "2027-02-28", "2028-02-27", 1389.15),
                ("2028-02-28", "2028-02-28", "2029-02-27", 1458.61),
            ],
        )

    def test_nothing_of_an_ended_contract_is_due_for_ever(self):
        contract = self._create_renewed(
            "2026-01-01", renewal="manual", fee_index="percent", fee_index_percent=5
        )
        self._night("2027-03-01")
        self.assertEqual(contract.state, "lapsed")
        self.assertFalse(contract.next_index_day)
        self.assertFalse(contract.next_fee_day)

    def test_first_reminder_after_the_deadline(self):
        """a reminder before tacit renewal: one that leaves no time is none"""
        contract = self._create_renewed("2026-01-01", cancellation_days=60, **LATE)
        self._night("2026-11-15")
        self.assertEqual(contract.date_end.year, 2027)
        self.assertIn(
            "Renewed without a reminder in time",
            contract.activity_ids.mapped("summary"),
        )

    def test_late_letter_does_not_end_the_next_year(self):
        contract = self._create_renewed("2026-01-01", cancellation_days=0)
        self._night("2027-01-01")
        reason = self.env.ref("support_contract.churn_reason_price")
        with freeze_time("2027-01-02"), self._assert_refused("renewed already"):
            contract._decline_renewal(self._day("2026-12-30"), "Letter", reason)


@tagged("post_install", "-at_install")
class TestFollowerAtNight(RenewalCommon):
    """A follower that is agreed ahead takes over in the night of its first day."""

    def _night(self, day):
        """As the scheduled actions find it, not as a test would call it."""
        with freeze_time(day):
            contracts = type(self.env["support.contract"])
            original = contracts._run_job
            self.patch(
                contracts,
                "_run_job",
                lambda records, method, batch_size=200: getattr(records, method)(),
            )
            for name in ("renew", "update_states", "grant", "expire", "charge_fees"):
                getattr(self.env["support.contract"], f"_cron_{name}")()
            self.patch(contracts, "_run_job", original)

    def test_takes_over(self):
        old = self._create_renewed("2026-01-01")
        with freeze_time("2026-11-15"):
            follower = old._make_follower(self._create_fee_type(900))
            follower.action_activate()
        for day in ("2026-12-02", "2027-01-01", "2027-01-02"):
            self._night(day)
        self.assertEqual(len(old.term_ids), 1)
        self.assertEqual(old.renewal_state, "agreed")
        self.assertEqual(len(self._charges(old)), 1)
        self.assertEqual(len(self._charges(follower)), 1)
        self.assertFalse(self._mails(old))

    def test_late_nights_lose_no_hours(self):
        month = {
            "unit": "time",
            "quantity": 300,
            "recurrence": "month",
            "rollover": "unlimited",
            "end_policy": "carried",
        }
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_fee_type(allotments=[month]))
        self._night("2026-10-15")
        with freeze_time("2027-01-01"):
            follower = old._make_follower(self._create_fee_type(allotments=[month]))
            follower.action_activate()
        self._night("2027-01-02")
        self.assertEqual(old.ledger_ids.balance, 0)
        self.assertEqual(follower.ledger_ids.balance, 13 * 300)
        self._assert_sound()

    def test_stays_with_its_customer(self):
        with freeze_time("2026-01-01"):
            old = self._create_contract(self._create_fee_type())
        with freeze_time("2026-11-15"):
            follower = old.with_user(self.contract_user)._make_follower(
                self._create_fee_type()
            )
            with self._assert_refused("must be the same"):
                follower.partner_id = self.other_customer
            follower.date_start = "2026-11-15"
            with self._assert_refused("contract manager"):
                follower.action_activate()


@tagged("post_install", "-at_install")
class TestRenewalInvoiced(SaleCommon, RenewalCommon):
    """The order of a renewal that has been invoiced."""

    def _activation(self, **vals):
        self.fee_product.invoice_policy = "order"
        with freeze_time("2026-01-01"):
            return self._create_contract(
                self._create_fee_type(100, fee_basis="activation", **vals),
                activation_count=10,
            )

    def test_refund_of_what_was_invoiced(self):
        contract = self._activation(refund_on_end=True)
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal()
            order.action_confirm()
            self._invoice(order)
        self._night("2027-01-01")
        with freeze_time("2027-07-02"):
            contract._change_state("terminated", self._day("2027-07-02"), "Closed")
        refund = self._charges(contract)[-1]
        # 183 of 365 days of 1,000
        self.assertEqual((refund.kind, refund.amount), ("refund", -501.37))

    def test_cancelled_after_the_invoice(self):
        contract = self._activation()
        with freeze_time("2026-12-01"):
            order = contract._quote_renewal()
            order.action_confirm()
            self._invoice(order)
            order._action_cancel()
        self._night("2027-01-01")
        self.assertEqual(len(self._charges(contract)), 1)
