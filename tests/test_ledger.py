# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rows of "Ledgers" that need neither an invoice nor planning: one test each,
named by the row in its docstring."""

import base64
import io
from datetime import date, datetime, timedelta
from decimal import Decimal
from zipfile import ZipFile

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import SupportCommon

NO_NUMBERS = [float("nan"), float("inf"), float("-inf"), None, True, "five", "NaN"]
NO_QUANTITIES = [*NO_NUMBERS, 0, 0.0, -0.0, -1, 1e12, 10**30, "1e9999999"]


class LedgerCase(SupportCommon):
    def _monthly(self, quantity=300, start="2026-01-01", **allotment):
        """A contract with ``quantity`` minutes every month from ``start``."""
        contract_type = self._create_type(
            allotments=[
                {
                    "unit": "time",
                    "quantity": quantity,
                    "recurrence": "month",
                    **allotment,
                }
            ]
        )
        with freeze_time(f"{start} 12:00:00"):
            return self._create_contract(contract_type, date_start=start)

    def _night(self, contract, day):
        """What the jobs do on ``day``."""
        with freeze_time(f"{day} 12:00:00"):
            contract._update_states()
            contract._grant_due()
            contract._expire_due()
        self._flushed(contract.ledger_ids)

    def _work(self, ledger, minutes, day, **vals):
        entries, left_over = ledger._debit(minutes, "work", self._day(day), **vals)
        return entries, left_over

    def _lots(self, ledger):
        self._flushed(ledger)
        return [
            (str(lot.first_day), str(lot.last_day), lot.remaining)
            for lot in ledger.entry_ids.sorted("id")
            if not lot.lot_id
        ]


@tagged("post_install", "-at_install")
class TestLots(LedgerCase):
    def test_debit_spans_two_lots(self):
        """a debit spans two lots, or the last lot is too small: one entry per lot, in
        order (last day, first day, id); what is left over is one remainder"""
        ledger = self._create_ledger()
        endless = self._credit(ledger, 10, "2026-01-01")
        late = self._credit(ledger, 20, "2026-01-02", "2026-12-31")
        later_start = self._credit(ledger, 30, "2026-01-02", "2026-06-30")
        soon = self._credit(ledger, 40, "2026-01-01", "2026-06-30")
        twin = self._credit(ledger, 50, "2026-01-01", "2026-06-30")
        entries, left_over = self._work(ledger, 200, "2026-03-01")
        self.assertEqual(
            entries.lot_id.ids, (soon + twin + later_start + late + endless).ids
        )
        self.assertEqual(entries.mapped("quantity"), [-40, -50, -30, -20, -10])
        self.assertEqual(left_over, Decimal(50))
        self._flushed(ledger)
        self.assertEqual(ledger.balance, 0)
        entries, left_over = self._work(ledger, 1, "2026-03-01")
        self.assertFalse(entries)
        self.assertEqual(left_over, Decimal(1))
        self._assert_sound()

    def test_only_lots_of_the_day_are_used(self):
        """first and last days are inclusive, and no lot serves another day"""
        ledger = self._create_ledger()
        self._credit(ledger, 60, "2026-02-01", "2026-02-28")
        for day in ("2026-01-31", "2026-03-01"):
            with self.subTest(day=day):
                entries, left_over = self._work(ledger, 10, day)
                self.assertFalse(entries)
                self.assertEqual(left_over, 10)
        for day in ("2026-02-01", "2026-02-28"):
            with self.subTest(day=day):
                entries, left_over = self._work(ledger, 10, day)
                self.assertEqual(entries.quantity, -10)
                self.assertEqual(left_over, 0)

    def test_second_entries_get_their_own_key(self):
        """an automatic debit of several lots posts once, with a key for each"""
        ledger = self._create_ledger()
        self._credit(ledger, 10, "2026-01-01")
        self._credit(ledger, 10, "2026-01-02")
        entries, _ = self._work(ledger, 15, "2026-03-01", key="once")
        self.assertEqual(entries.mapped("key"), ["once", "once:1"])
        with self._assert_refused("posted already"):
            self._work(ledger, 1, "2026-03-01", key="once")

    def test_two_bookings_want_the_last_two_hours(self):
        """two bookings want the last two hours: reserving is a step like a debit"""
        ledger = self._create_ledger()
        self._credit(ledger, 180, "2026-01-01")
        day = date(2026, 3, 1)
        first = ledger._reserve(120, day)
        with self._assert_refused("2:00.*1:00"):
            ledger._reserve(120, day)
        self._flushed(ledger)
        self.assertEqual((ledger.balance, ledger.reserved), (180, 120))
        entries, left_over = ledger._debit(100, "work", day)
        self.assertEqual((entries.quantity, left_over), (-60, 40))
        entries, left_over = ledger._debit(130, "work", day, own=first)
        self.assertEqual((entries.quantity, left_over), (-120, 10))
        self._flushed(ledger)
        self.assertEqual((ledger.balance, ledger.reserved), (0, 0))
        self.assertEqual(first.state, "used")
        self._assert_sound()

    def test_released_reservation_is_free_again(self):
        ledger = self._create_ledger()
        self._credit(ledger, 120, "2026-01-01")
        day = date(2026, 3, 1)
        held = ledger._reserve(120, day)
        held._release()
        held._release()
        self._flushed(ledger)
        self.assertEqual((held.state, ledger.reserved), ("released", 0))
        self.assertTrue(ledger._reserve(120, day))

    def test_reservation_counts_the_lots_of_its_day(self):
        ledger = self._create_ledger()
        self._credit(ledger, 120, "2026-01-01", "2026-01-31")
        with self.assertRaises(ValidationError):
            ledger._reserve(1, date(2026, 2, 1))

    def test_usable_is_not_the_bare_balance(self):
        """what can be used is what remains of the lots valid today, less reserved"""
        with freeze_time("2026-03-10 12:00:00"):
            ledger = self._create_ledger()
            self._credit(ledger, 100, "2026-01-01", "2026-03-09")  # in its grace
            self._credit(ledger, 50, "2026-03-11")
            self._credit(ledger, 70, "2026-03-10", "2026-03-10")
            self.assertEqual((ledger.balance, ledger.usable), (220, 70))
            ledger._reserve(20, date(2026, 3, 10))
            self.assertEqual((ledger.balance, ledger.usable), (220, 50))
            self.assertEqual(ledger.next_expiry, date(2026, 3, 10))


@tagged("post_install", "-at_install")
class TestQuantities(LedgerCase):
    def test_no_quantity_posts_nothing(self):
        """NaN, infinity, zero or negative get a clear error and post nothing"""
        for unit in ("time", "ticket", "money"):
            ledger = self._create_ledger(unit, self._create_customer(unit))
            self._credit(ledger, 500, "2026-01-01")
            too_fine = [10.001, "10.001"] if unit == "money" else [1.5, 0.5, "0.1"]
            for value in NO_QUANTITIES + too_fine:
                for name, post in {
                    "credit": lambda value, ledger=ledger: self._credit(
                        ledger, value, "2026-01-01"
                    ),
                    "debit": lambda value, ledger=ledger: self._work(
                        ledger, value, "2026-01-01"
                    ),
                    "reserve": lambda value, ledger=ledger: ledger._reserve(
                        value, date(2026, 1, 1)
                    ),
                }.items():
                    with self.subTest(unit=unit, value=value, post=name):
                        with self._assert_refused("^Quantity"):
                            post(value)
            self._assert_entries(ledger, [("topup", 500)])
            self.assertEqual(ledger.reserved, 0)

    def test_message_names_the_reason(self):
        ledger = self._create_ledger("money")
        for value, message in [
            (float("nan"), "Quantity must be a number."),
            (-3, "Quantity must be greater than zero."),
            (1.005, "Quantity: Money takes at most 2 decimals."),
            (1e13, "Quantity is too large."),
        ]:
            with self.assertRaises(ValidationError) as caught:
                self._credit(ledger, value, "2026-01-01")
            self.assertEqual(caught.exception.args[0], message)

    def test_terms_take_no_such_quantity(self):
        for value in [float("nan"), float("inf"), 0, -1, 0.5]:
            with (
                self.subTest(value=value),
                self._assert_refused(),
            ):
                self._create_time_type(value)
                self.env.flush_all()
        for field in ("quantity", "rollover_quantity"):
            with (
                self.subTest(field=field),
                self._assert_refused(),
            ):
                contract = self._create_contract(
                    self._create_time_type(), activate=False
                )
                contract.allotment_ids.write(
                    {"recurrence": "month", "rollover": "quantity", field: float("nan")}
                )
                self.env.flush_all()

    def test_warning_levels_take_no_such_quantity(self):
        contract = self._create_contract(self._create_time_type())
        for value in [float("nan"), float("inf"), 0, -1]:
            with (
                self.subTest(value=value),
                self._assert_refused(),
            ):
                contract.threshold_ids = [
                    Command.create({"unit": "time", "quantity": value})
                ]
                self.env.flush_all()

    def test_cents_add_up_exactly(self):
        """money in the currency's precision: 0.10 + 0.20 is 0.30"""
        ledger = self._create_ledger("money")
        for _ in range(3):
            self._credit(ledger, 0.1, "2026-01-01")
        entries, left_over = self._work(ledger, 0.3, "2026-01-02")
        self.assertEqual((len(entries), left_over), (3, 0))
        self._flushed(ledger)
        self.assertEqual(ledger.balance, 0)
        for _ in range(100):
            self._credit(ledger, 19.99, "2026-01-01")
        entries, left_over = self._work(ledger, 1999.01, "2026-01-02")
        self.assertEqual(left_over, Decimal("0.01"))
        self.assertEqual(ledger.balance, 0)
        self._assert_sound()

    def test_quantities_speak_their_unit(self):
        time, money, ticket = (
            self._create_ledger(unit, self._create_customer(unit))
            for unit in ("time", "money", "ticket")
        )
        self.assertEqual(time._format_quantity(210), "3:30 h")
        self.assertIn("90.00", money._format_quantity(90))
        self.assertEqual(ticket._format_quantity(1), "1 ticket")
        self.assertEqual(ticket._format_quantity(4), "4 tickets")


@tagged("post_install", "-at_install")
class TestExpiry(LedgerCase):
    def test_package_expires_half_used(self):
        """a package expires half used: an expiry entry takes the rest; the statement
        shows "expired with 3:30 unused" """
        contract = self._create_contract(
            self._create_time_type(420), date_start="2026-01-01"
        )
        ledger = contract.ledger_ids
        self._work(ledger, 210, "2026-06-01")
        self._night(contract, "2027-01-05")
        self.assertEqual(ledger.balance, 210)
        self._night(contract, "2027-01-06")
        self._assert_entries(ledger, [("grant", 420), ("work", -210), ("expiry", -210)])
        expiry = ledger.entry_ids.sorted("id")[-1]
        self.assertEqual(expiry.day, date(2027, 1, 1))
        self.assertEqual(expiry.description, "Expired with 3:30 h unused")
        statement = ledger._get_statement(date(2026, 2, 1), date(2027, 12, 31))
        self.assertEqual((statement["opening"], statement["closing"]), (420, 0))
        self.assertIn(expiry, statement["entries"])
        self._assert_sound()

    def test_expiry_posts_once(self):
        """the job run twice posts once"""
        contract = self._create_contract(
            self._create_time_type(420), date_start="2025-01-01"
        )
        for _ in range(3):
            self._night(contract, "2026-01-10")
        self._assert_entries(contract.ledger_ids, [("grant", 420), ("expiry", -420)])

    def test_work_before_expiry_logged_after(self):
        """work done before expiry, logged after: allocated by the day of the work, as
        long as the expiry has not been posted; later it takes a manager's reversal"""
        contract = self._create_contract(
            self._create_time_type(120, overage="charge"), date_start="2025-03-01"
        )
        ledger = contract.ledger_ids
        with freeze_time("2026-03-05 12:00:00"):
            ticket = self._create_ticket()
            work = self._log_work(ticket, 60, "2026-02-28")
        self.assertEqual(work.entry_ids.mapped("quantity"), [-60])
        self._night(contract, "2026-03-06")
        self._assert_entries(ledger, [("grant", 120), ("work", -60), ("expiry", -60)])
        with freeze_time("2026-03-07 12:00:00"):
            late = self._log_work(ticket, 30, "2026-02-28")
            self.assertFalse(late.entry_ids)
            self.assertEqual(late.overage_minutes, 30)
            late._undo("logged late")
            expiry = ledger.entry_ids.filtered(lambda entry: entry.kind == "expiry")
            self._correct(ledger, mode="reverse", entry_ids=expiry, reason="late work")
        # given back, and expired at once: a correction of its own is what helps
        self._assert_sound()

    def _correct(self, ledger, user=None, entry_ids=None, **vals):
        wizard = (
            self.env["support.ledger.correct"]
            .with_user(user or self.manager)
            .create(
                {
                    "ledger_id": ledger.id,
                    "entry_ids": [Command.set(entry_ids.ids if entry_ids else [])],
                    **vals,
                }
            )
        )
        return wizard.action_confirm()

    def test_reversal_to_an_expired_lot(self):
        """a reversal returns quantity to an expired lot: the lot gets it back and
        expires at once, both entries visible"""
        ledger = self._create_ledger()
        self._credit(ledger, 100, "2026-01-01", "2026-01-31")
        used, _ = self._work(ledger, 40, "2026-01-10")
        with freeze_time("2026-02-20 12:00:00"):
            ledger._expire_due()
            used._reverse("wrong customer")
        self._assert_entries(
            ledger,
            [
                ("topup", 100),
                ("work", -40),
                ("expiry", -60),
                ("reversal", 40),
                ("expiry", -40),
            ],
        )
        self.assertEqual(ledger.balance, 0)
        keys = ledger.entry_ids.filtered(lambda entry: entry.kind == "expiry")
        self.assertEqual(len(set(keys.mapped("key"))), 2)
        with freeze_time("2026-02-21 12:00:00"):
            ledger._expire_due()
        self.assertEqual(len(ledger.entry_ids), 5)
        self._assert_sound()

    def test_reversal_in_the_days_of_grace_stays_usable(self):
        ledger = self._create_ledger()
        self._credit(ledger, 100, "2026-01-01", "2026-01-31")
        used, _ = self._work(ledger, 40, "2026-01-10")
        with freeze_time("2026-02-03 12:00:00"):
            used._reverse("wrong customer")
        self.assertEqual(self._lots(ledger), [("2026-01-01", "2026-01-31", 100)])

    def test_expiry_takes_what_is_reserved(self):
        """a reservation does not keep a lot alive, and nothing falls below zero"""
        ledger = self._create_ledger()
        self._credit(ledger, 100, "2026-01-01", "2026-01-31")
        held = ledger._reserve(80, date(2026, 1, 31))
        with freeze_time("2026-02-20 12:00:00"):
            ledger._expire_due()
            self._flushed(ledger)
            self.assertEqual((ledger.balance, ledger.usable), (0, 0))
            held._release()
        self._assert_sound()

    def test_days_are_the_company_s(self):
        """every date is decided in the company's zone: 23:30 UTC is tomorrow in Rome"""
        self.company.support_grace_days = 0
        ledger = self._create_ledger()
        self._credit(ledger, 100, "2026-01-01", "2026-01-31")
        with freeze_time("2026-01-31 22:30:00"):
            ledger._expire_due()
            self.assertEqual(ledger.balance, 100)
        with freeze_time("2026-01-31 23:30:00"):
            self.env.user.tz = "America/New_York"
            ledger._expire_due()
            self._flushed(ledger)
            self.assertEqual(ledger.balance, 0)

    def test_validity_of_a_package(self):
        """granted once, to be used within months: 31 January and one month is 27
        February"""
        contract_type = self._create_type(
            allotments=[{"unit": "time", "quantity": 60, "validity_months": 1}]
        )
        contract = self._create_contract(contract_type, date_start="2026-01-31")
        self.assertEqual(
            self._lots(contract.ledger_ids)[0][:2], ("2026-01-31", "2026-02-27")
        )


@tagged("post_install", "-at_install")
class TestRollover(LedgerCase):
    def test_none(self):
        """rollover limits: none. A month's quantity ends with its month"""
        contract = self._monthly(rollover="none")
        self._night(contract, "2026-03-10")
        self._assert_entries(
            contract.ledger_ids,
            [
                ("grant", 300),
                ("grant", 300),
                ("grant", 300),
                ("expiry", -300),
                ("expiry", -300),
            ],
        )

    def test_rolled_over_hours_go_first(self):
        """rolled-over and fresh hours: the rolled-over ones go first"""
        contract = self._monthly(rollover="periods", rollover_periods=1)
        ledger = contract.ledger_ids
        self._night(contract, "2026-02-01")
        self.assertEqual(
            self._lots(ledger),
            [("2026-01-01", "2026-02-28", 300), ("2026-02-01", "2026-03-31", 300)],
        )
        self._work(ledger, 350, "2026-02-15")
        self.assertEqual([lot[2] for lot in self._lots(ledger)], [0, 250])

    def test_number_of_periods(self):
        """rollover limits: by number of periods (the lot's last day)"""
        contract = self._monthly(rollover="periods", rollover_periods=2)
        ledger = contract.ledger_ids
        self._night(contract, "2026-04-05")
        self.assertEqual(ledger.balance, 1200)
        self._night(contract, "2026-04-06")
        self.assertEqual(ledger.balance, 900)
        self.assertEqual(self._lots(ledger)[0], ("2026-01-01", "2026-03-31", 0))

    def test_unlimited(self):
        """rollover limits: unlimited, to the end of the term"""
        contract = self._monthly(rollover="unlimited")
        self._night(contract, "2026-12-31")
        self.assertEqual(contract.ledger_ids.balance, 12 * 300)
        self._night(contract, "2027-01-06")
        self.assertEqual(contract.ledger_ids.balance, 0)
        self._assert_sound()

    def test_quantity(self):
        """rollover limits: by quantity (what is cut is an entry, "forfeited", after
        the days of grace)"""
        contract = self._monthly(rollover="quantity", rollover_quantity=120)
        ledger = contract.ledger_ids
        self._work(ledger, 60, "2026-01-20")
        self._night(contract, "2026-02-01")
        self._work(ledger, 60, "2026-02-03")  # does not count as used in January
        self._night(contract, "2026-02-05")
        self.assertEqual(ledger.balance, 480)
        self._work(ledger, 30, "2026-01-31")  # logged in the days of grace
        self._night(contract, "2026-02-06")
        forfeited = ledger.entry_ids.filtered(lambda entry: entry.kind == "forfeit")
        # 300 - 60 - 30 were left in January, 120 of them may move on
        self.assertEqual(forfeited.mapped("quantity"), [-90])
        self.assertEqual(forfeited.day, date(2026, 2, 1))
        self.assertEqual(
            forfeited.description, "Forfeited by the rollover limit: 1:30 h"
        )
        self.assertEqual(ledger.balance, 360)
        self._night(contract, "2026-02-06")
        self.assertEqual(ledger.balance, 360)
        self._assert_sound()

    def test_quantity_caught_up(self):
        """several periods caught up at once are processed one by one, oldest first,
        and end where an undisturbed run would have ended"""
        nightly = self._monthly(rollover="quantity", rollover_quantity=120)
        late = self._monthly(rollover="quantity", rollover_quantity=120)
        for day in ("2026-02-06", "2026-03-06", "2026-04-06", "2026-05-06"):
            self._night(nightly, day)
        self._night(late, "2026-05-06")

        def posted(contract):
            return [
                (entry.kind, entry.quantity, entry.day, entry.last_day)
                for entry in contract.ledger_ids.entry_ids.sorted(
                    lambda entry: (entry.day, entry.kind, entry.id)
                )
            ]

        self.assertEqual(posted(late), posted(nightly))
        self.assertEqual(late.ledger_ids.balance, 120 + 300)

    def test_quantity_at_the_last_period(self):
        """nothing is cut after the end of the term: the rest expires"""
        contract = self._monthly(rollover="quantity", rollover_quantity=120)
        self._night(contract, "2027-02-01")
        ledger = contract.ledger_ids
        self.assertEqual(ledger.balance, 0)
        cut = ledger.entry_ids.filtered(lambda entry: entry.kind == "forfeit")
        self.assertEqual(max(cut.mapped("day")), date(2026, 12, 1))
        self._assert_sound()

    def test_three_missed_months(self):
        """a job did not run for three months: all missed periods, oldest first, once
        each"""
        contract = self._monthly(rollover="unlimited", start="2026-01-31")
        ledger = contract.ledger_ids
        for _ in range(2):
            self._night(contract, "2026-05-02")
        self.assertEqual(
            [lot[0] for lot in self._lots(ledger)],
            # anniversary on 29-31: counted from the contract's own start
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        )
        grants = ledger.entry_ids.sorted("id")
        self.assertEqual(grants.mapped("quantity"), [300] * 4)
        self.assertEqual(grants[1].key, f"grant:{contract.allotment_ids.id}:2026-02-28")
        self.assertEqual(contract.allotment_ids.next_grant_day, date(2026, 5, 31))

    def test_end_forfeited(self):
        """rollover at the end of the contract: forfeited"""
        contract = self._monthly(rollover="periods", rollover_periods=3)
        self._night(contract, "2027-01-06")
        self.assertEqual(contract.ledger_ids.balance, 0)
        self.assertEqual(self._lots(contract.ledger_ids)[-1][1], "2026-12-31")

    def test_end_usable_for_some_days(self):
        """rollover at the end of the contract: usable for n days"""
        contract = self._monthly(rollover="unlimited", end_policy="usable", end_days=30)
        self._night(contract, "2027-01-15")
        ledger = contract.ledger_ids
        self.assertEqual(self._lots(ledger)[-1], ("2026-12-01", "2027-01-30", 300))
        self.assertEqual(contract.state, "expired")
        with freeze_time("2027-01-15 12:00:00"):
            ticket = self._create_ticket()
            self.assertEqual(ticket.support_contract_id, contract)
            self._log_work(ticket, 60, "2027-01-14")
        with freeze_time("2027-01-31 12:00:00"):
            ticket = self._create_ticket()
            self.assertFalse(ticket.support_contract_id)
        self._night(contract, "2027-02-05")
        self.assertEqual(ledger.balance, 0)

    def test_end_carried_to_the_renewal(self):
        """rollover at the end of the contract: carried. What is left does not end with
        the term"""
        contract = self._monthly(rollover="unlimited", end_policy="carried")
        self._night(contract, "2027-03-01")
        self.assertEqual(contract.ledger_ids.balance, 12 * 300)
        self.assertFalse(contract.ledger_ids.entry_ids[-1:].last_day)

    def test_terminated_contract_gets_nothing_more(self):
        """grants stop the day before the termination, whenever the job runs"""
        contract = self._monthly(rollover="unlimited")
        with freeze_time("2026-02-10 12:00:00"):
            contract.with_user(self.manager)._change_state(
                "terminated", date(2026, 3, 1), "gave notice"
            )
        self._night(contract, "2026-02-25")
        self._night(contract, "2026-06-01")
        self.assertEqual(contract.state, "terminated")
        starts = [lot[0] for lot in self._lots(contract.ledger_ids)]
        self.assertEqual(starts, ["2026-01-01", "2026-02-01"])

    def test_suspended_contract_goes_on_granting(self):
        contract = self._monthly(rollover="unlimited")
        with freeze_time("2026-01-10 12:00:00"):
            contract._change_state("suspended", date(2026, 1, 10), "unpaid")
        self._night(contract, "2026-02-01")
        self.assertEqual(contract.state, "suspended")
        self.assertEqual(contract.ledger_ids.balance, 600)


@tagged("post_install", "-at_install")
class TestLowBalance(LedgerCase):
    """low balance: thresholds per ledger; each fires once and arms again after a
    credit lifts the balance over it; one debit crossing three sends one message"""

    def setUp(self):
        super().setUp()
        self.contract = self._create_contract(
            self._create_time_type(600),
            date_start="2026-01-01",
            threshold_ids=[
                Command.create({"unit": "time", "quantity": level})
                for level in (300, 120, 60)
            ],
        )
        self.ledger = self.contract.ledger_ids

    def _warnings(self):
        return len(
            self.contract.message_ids.filtered(lambda m: "has fallen to" in m.body)
        )

    def test_each_level_fires_once(self):
        for minutes, expected in [(299, 0), (1, 1), (1, 1), (178, 1), (2, 2), (100, 3)]:
            self._work(self.ledger, minutes, "2026-02-01")
            self.assertEqual(self._warnings(), expected, minutes)

    def test_one_debit_over_three_levels_is_one_message(self):
        self._work(self.ledger, 590, "2026-02-01")
        self.assertEqual(self._warnings(), 1)

    def test_armed_again_by_a_credit(self):
        used, _ = self._work(self.ledger, 310, "2026-02-01")
        self.assertEqual(self._warnings(), 1)
        self._credit(self.ledger, 5, "2026-02-01")
        self._work(self.ledger, 5, "2026-02-01")
        self.assertEqual(self._warnings(), 1)  # was not lifted over the level
        self._credit(self.ledger, 50, "2026-02-01")
        self._work(self.ledger, 100, "2026-02-01")
        self.assertEqual(self._warnings(), 2)
        used._reverse("mistake")
        self._work(self.ledger, 310, "2026-02-01")
        self.assertEqual(self._warnings(), 3)

    def test_expiry_warns_too(self):
        self._night(self.contract, "2027-01-10")
        self.assertEqual(self._warnings(), 1)

    def test_levels_of_another_unit_are_silent(self):
        self.contract.threshold_ids.unit = "ticket"
        self._work(self.ledger, 590, "2026-02-01")
        self.assertEqual(self._warnings(), 0)


@tagged("post_install", "-at_install")
class TestCorrections(LedgerCase):
    def setUp(self):
        super().setUp()
        self.ledger = self._create_ledger()
        self.lot = self._credit(self.ledger, 100, "2026-01-01")

    def _wizard(self, user=None, **vals):
        return (
            self.env["support.ledger.correct"]
            .with_user(user or self.manager)
            .create({"ledger_id": self.ledger.id, "reason": "counted wrong", **vals})
        )

    def test_usage_is_corrected_before_it_is_invoiced(self):
        """a usage is corrected before it is invoiced: reversal, then a fresh
        allocation"""
        contract = self._create_contract(
            self._create_time_type(600), date_start="2026-01-01"
        )
        with freeze_time("2026-02-02 12:00:00"):
            work = self._log_work(self._create_ticket(), 60, "2026-02-02")
            work.with_user(self.technician)._undo("was shorter")
            self.assertEqual(work.state, "progress")
            work.end = datetime(2026, 2, 2, 8, 30)
            work.action_done()
        self._assert_entries(
            contract.ledger_ids,
            [("grant", 600), ("work", -60), ("reversal", 60), ("work", -30)],
        )
        reversal = contract.ledger_ids.entry_ids.sorted("id")[2]
        self.assertEqual(reversal.reason, "was shorter")
        self.assertEqual(reversal.reversal_of_id.kind, "work")
        self._assert_sound()

    def test_manager_adds_and_takes(self):
        self._wizard(mode="add", quantity=30).action_confirm()
        self._wizard(mode="take", quantity=120).action_confirm()
        self._assert_entries(
            self.ledger,
            [
                ("topup", 100),
                ("correction", 30),
                ("correction", -100),
                ("correction", -20),
            ],
        )
        self.assertEqual(
            self.ledger.entry_ids.mapped("reason"),
            ["counted wrong", "counted wrong", "counted wrong", False],
        )
        self.assertIn("counted wrong", self.ledger.contract_id.message_ids[0].body)

    def test_no_reason_no_correction(self):
        """corrections need a reason"""
        for reason in ("", "   ", False):
            for vals in (
                {"mode": "add", "quantity": 5},
                {"mode": "take", "quantity": 5},
                {"mode": "reverse", "entry_ids": [Command.set(self.lot.ids)]},
            ):
                with (
                    self.subTest(reason=reason, mode=vals["mode"]),
                    self._assert_refused(),
                ):
                    self._wizard(**vals, reason=reason).action_confirm()
            with self._assert_refused("Reason"):
                self.lot._reverse(reason)
        self._assert_entries(self.ledger, [("topup", 100)])

    def test_only_managers_correct(self):
        """corrections need a manager"""
        for user in (self.contract_user, self.technician, self.portal_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._wizard(user, mode="add", quantity=5)
        wizard = self._wizard(mode="add", quantity=5)
        with self._assert_refused():
            wizard.with_user(self.contract_user).action_confirm()
        with self._assert_refused("manager"):
            wizard.with_user(self.contract_user).sudo().action_confirm()
        self._assert_entries(self.ledger, [("topup", 100)])

    def test_no_more_is_taken_than_can_be_used(self):
        self.ledger._reserve(60, date.today())
        with self._assert_refused("0:10"):
            self._wizard(mode="take", quantity=50).action_confirm()
        self._assert_entries(self.ledger, [("topup", 100)])

    def test_numbers_that_are_none(self):
        for value in (float("nan"), float("inf"), 1e12, 0, -1, 1.5):
            for mode in ("add", "take"):
                with (
                    self.subTest(value=value, mode=mode),
                    self._assert_refused("^Quantity"),
                ):
                    self._wizard(mode=mode, quantity=value).action_confirm()
        self._assert_entries(self.ledger, [("topup", 100)])

    def test_add_for_the_past_is_refused(self):
        with self._assert_refused("past"):
            self._wizard(mode="add", quantity=5, last_day="2020-01-01").action_confirm()

    def test_each_entry_is_reversed_once(self):
        used, _ = self._work(self.ledger, 40, "2026-01-10")
        reversal = used._reverse("mistake")
        self.assertEqual(reversal.reversal_of_id, used)
        for entry in (used, reversal):
            with self._assert_refused("reversed already"):
                entry._reverse("again")

    def test_used_credit_is_not_reversed(self):
        """a partial take-back of a credit is a correction, not a reversal"""
        self._work(self.ledger, 40, "2026-01-10")
        with self._assert_refused("1:00"):
            self.lot._reverse("unpaid")
        self._wizard(mode="take", quantity=60).action_confirm()
        self.assertEqual(self.ledger.balance, 0)

    def test_unused_credit_is_reversed(self):
        self.lot._reverse("unpaid")
        self._assert_entries(self.ledger, [("topup", 100), ("reversal", -100)])
        self._assert_sound()

    def test_nothing_is_copied(self):
        with self.assertRaises(UserError):
            self.lot.copy()
        with self.assertRaises(UserError):
            self.ledger.copy()


@tagged("post_install", "-at_install")
class TestTicketPack(LedgerCase):
    """when a ticket pack's ticket is taken"""

    def setUp(self):
        super().setUp()
        self.contract = self._create_contract(
            self._create_type(allotments=[{"unit": "ticket", "quantity": 2}]),
            date_start=str(date.today()),
        )
        self.ledger = self.contract.ledger_ids

    def test_taken_when_opened_given_back_when_rejected(self):
        """taken when the ticket is opened; a ticket rejected as invalid gives it
        back"""
        ticket = self._create_ticket()
        self._assert_entries(self.ledger, [("grant", 2), ("ticket", -1)])
        self.assertEqual(
            ticket.support_entry_ids.description, f"Ticket {ticket.number} opened"
        )
        with self._assert_refused("Reason"):
            ticket._support_reject("  ")
        ticket.with_user(self.technician)._support_reject("not our product")
        self._assert_entries(
            self.ledger, [("grant", 2), ("ticket", -1), ("reversal", 1)]
        )
        self.assertTrue(ticket.closed)
        self.assertEqual(ticket.support_rejection_reason, "not our product")
        self._assert_sound()

    def test_rejected_ticket_takes_none_again(self):
        """editing a ticket that was rejected takes nothing"""
        ticket = self._create_ticket()
        ticket._support_reject("not our product")
        ticket.support_work_mode_id = self.phone
        ticket.category_id = self.category
        self._flushed(self.ledger)
        self.assertEqual(self.ledger.balance, 2)

    def test_rejected_twice_gives_back_once(self):
        ticket = self._create_ticket()
        ticket._support_reject("not our product")
        with self._assert_refused("was rejected"):
            ticket._support_reject("really")
        self._flushed(self.ledger)
        self.assertEqual(self.ledger.balance, 2)

    def test_not_rejected_after_work(self):
        ticket = self._create_ticket()
        work = self._log_work(ticket, 30)
        self.assertFalse(work.entry_ids)  # the pack's ticket pays for all of it
        self.assertFalse(work.overage_minutes)
        with self._assert_refused("work has been done"):
            ticket._support_reject("not our product")

    def test_the_pack_is_empty(self):
        tickets = [self._create_ticket() for _ in range(3)]
        covered = [ticket.support_contract_id == self.contract for ticket in tickets]
        self.assertEqual(covered, [True, True, False])
        self.assertEqual(self._flushed(self.ledger).balance, 0)

    def test_moves_to_another_contract(self):
        """a ticket or intervention moves to another contract: allowed until invoiced;
        both ledgers show the pair"""
        other = self._create_contract(
            self._create_type(allotments=[{"unit": "ticket", "quantity": 5}]),
        )
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_contract_id, self.contract)
        with self._assert_refused("manager"):
            ticket.with_user(self.technician)._support_choose_cover(other, "asked so")
        ticket.with_user(self.manager)._support_choose_cover(other, "asked so")
        self._assert_entries(
            self.ledger, [("grant", 2), ("ticket", -1), ("reversal", 1)]
        )
        self._assert_entries(other.ledger_ids, [("grant", 5), ("ticket", -1)])
        self.assertEqual(ticket.support_contract_id, other)
        self._assert_sound()


@tagged("post_install", "-at_install")
class TestWork(LedgerCase):
    def test_rounding(self):
        """rounding: the raw minutes are kept; minimum, then step, on the whole
        intervention; ten calls of 5 minutes are not one of 50"""
        self.phone.write({"minimum_minutes": 15, "step_minutes": 10})
        contract = self._create_contract(self._create_time_type(6000))
        ticket = self._create_ticket()
        for _ in range(10):
            work = self._log_work(ticket, 5, mode=self.phone)
            self.assertEqual((work.raw_minutes, work.billable_minutes), (5, 20))
        work = self._log_work(ticket, 51, mode=self.phone)
        self.assertEqual((work.raw_minutes, work.billable_minutes), (51, 60))
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 6000 - 200 - 60)
        self.assertEqual(ticket.support_minutes, 260)

    def test_contract_s_own_minimum_counts(self):
        self.phone.write({"minimum_minutes": 15, "step_minutes": 10})
        self._create_contract(
            self._create_time_type(6000),
            work_mode_terms_ids=[
                Command.create(
                    {
                        "work_mode_id": self.phone.id,
                        "minimum_minutes": 0,
                        "step_minutes": 1,
                    }
                )
            ],
        )
        work = self._log_work(self._create_ticket(), 7, mode=self.phone)
        self.assertEqual(work.billable_minutes, 7)

    def test_minutes_by_hand_need_a_reason(self):
        """billable minutes can be overridden by hand, with a reason"""
        contract = self._create_contract(self._create_time_type(600))
        ticket = self._create_ticket()
        with self._assert_refused("reason"):
            self._log_work(ticket, 60, billable_by_hand=True, manual_minutes=10)
        work = self._log_work(
            ticket,
            60,
            billable_by_hand=True,
            manual_minutes=10,
            manual_reason="our own mistake",
        )
        self.assertEqual((work.raw_minutes, work.billable_minutes), (60, 10))
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 590)

    def test_left_over_is_overage(self):
        """what is left over is one overage remainder, never a negative balance"""
        contract = self._create_contract(self._create_time_type(50, overage="charge"))
        work = self._log_work(self._create_ticket(), 65)
        self.assertEqual(work.entry_ids.mapped("quantity"), [-50])
        self.assertEqual(work.overage_minutes, 15)
        self.assertEqual((work.hourly_price, work.overage_amount), (80, 20))
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 0)

    def test_refused_work_draws_nothing(self):
        contract = self._create_contract(self._create_time_type(50))
        work = self._log_work(self._create_ticket(), 65, done=False)
        with self._assert_refused("0:15 h"):
            work.action_done()
        self._assert_entries(contract.ledger_ids, [("grant", 50)])
        self.assertEqual(work.state, "progress")

    def test_wallet_pays_what_the_hours_do_not(self):
        contract = self._create_contract(
            self._create_type(
                overage="wallet",
                allotments=[
                    {"unit": "time", "quantity": 60},
                    {"unit": "money", "quantity": 100},
                ],
            ),
            date_start=date.today() - timedelta(days=1),
        )
        work = self._log_work(self._create_ticket(), 90)
        time, money = contract.ledger_ids.sorted("id")
        self.assertEqual(self._flushed(time).balance, 0)
        self.assertEqual(money.balance, 60)  # half an hour at 80
        self.assertEqual(sorted(work.entry_ids.mapped("quantity")), [-60, -40])
        self.assertFalse(work.overage_minutes)
        self.assertNotIn("100", work.drawn)

    def test_named_work_mode_goes_first(self):
        contract = self._create_contract(
            self._create_type(
                allotments=[
                    {"unit": "time", "quantity": 60},
                    {
                        "unit": "time",
                        "quantity": 30,
                        "work_mode_ids": [Command.set(self.phone.ids)],
                    },
                ],
            )
        )
        general = contract.ledger_ids.filtered(lambda led: not led.work_mode_ids)
        named = contract.ledger_ids - general
        ticket = self._create_ticket()
        self._log_work(ticket, 40, mode=self.phone)
        self.assertEqual((named.balance, general.balance), (0, 50))
        self._log_work(ticket, 10, mode=self.remote)
        self.assertEqual((named.balance, general.balance), (0, 40))

    def test_two_allotments_fill_one_ledger(self):
        contract = self._create_contract(
            self._create_type(
                allotments=[
                    {"unit": "time", "quantity": 60},
                    {"unit": "time", "quantity": 30, "recurrence": "month"},
                ],
            )
        )
        self.assertEqual(len(contract.ledger_ids), 1)
        self.assertEqual(contract.ledger_ids.balance, 90)

    def test_one_ledger_for_a_unit_and_modes(self):
        contract = self._create_contract(self._create_time_type())
        for modes in (self.env["support.work.mode"], self.phone):
            values = {
                "contract_id": contract.id,
                "unit": "time",
                "work_mode_ids": [Command.set(modes.ids)],
            }
            with self._assert_refused():
                self.env["support.ledger"].create(values)
                self.env["support.ledger"].create(values)
                self.env.flush_all()

    def test_day_of_work_is_local(self):
        """the day of work is the local date of its start"""
        with freeze_time("2026-02-02 12:00:00"):
            self._create_contract(self._create_time_type(600), date_start="2026-01-01")
            work = self._log_work(
                self._create_ticket(), 120, datetime(2026, 1, 31, 23, 30)
            )
        self.assertEqual(work.day, date(2026, 2, 1))
        self.assertEqual(work.entry_ids.day, date(2026, 2, 1))

    def test_future_and_empty_work_is_refused(self):
        self._create_contract(self._create_time_type(600), date_start="2026-01-01")
        with freeze_time("2026-02-02 12:00:00"):
            ticket = self._create_ticket()
            for minutes, day, message in [
                (30, "2026-02-03", "future"),
                (0, "2026-02-02", "started and ended"),
            ]:
                with self._assert_refused(message):
                    self._log_work(ticket, minutes, day)

    def test_contract_ends_while_a_ticket_is_open(self):
        """a contract ends while a ticket is open: the ticket stays; work is covered by
        what is active on the day of the work"""
        self.company.support_on_call = True
        contract = self._create_contract(
            self._create_time_type(600), date_start="2025-03-01"
        )
        with freeze_time("2026-02-20 12:00:00"):
            ticket = self._create_ticket()
        with freeze_time("2026-03-03 12:00:00"):
            contract._update_states()
            before = self._log_work(ticket, 30, "2026-02-28")
            after = self._log_work(ticket, 30, "2026-03-02")
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual((before.cover, before.contract_id), ("contract", contract))
        self.assertEqual((after.cover, after.overage_minutes), ("on_call", 30))

    def test_done_twice_draws_once(self):
        contract = self._create_contract(self._create_time_type(600))
        work = self._log_work(self._create_ticket(), 30)
        with self._assert_refused("undo it first"):
            work.action_done()
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 570)


@tagged("post_install", "-at_install")
class TestStatement(LedgerCase):
    def setUp(self):
        super().setUp()
        self.ledger = self._create_ledger()
        self._credit(self.ledger, 600, "2026-01-01", "2026-12-31")
        self._work(self.ledger, 90, "2026-02-10")
        self._work(self.ledger, 30, "2026-03-10")
        self.statement = (
            self.env["support.ledger.statement"]
            .with_user(self.contract_user)
            .create({"ledger_id": self.ledger.id})
        )

    def test_opening_entries_closing(self):
        self.statement.write({"first_day": "2026-02-01", "last_day": "2026-02-28"})
        self.assertEqual((self.statement.opening, self.statement.closing), (600, 510))
        self.assertEqual(self.statement.entry_ids.mapped("quantity"), [-90])

    def test_consecutive_statements_meet(self):
        days = ["2025-12-31", "2026-01-01", "2026-02-10", "2026-03-10", "2026-03-11"]
        closing = 0
        for day in days:
            values = self.ledger._get_statement(self._day(day), self._day(day))
            self.assertEqual(values["opening"], closing)
            closing = values["closing"]
        self.assertEqual(closing, self.ledger.balance)

    def test_days_in_order(self):
        with self._assert_refused("before it starts"):
            self.statement.write({"first_day": "2026-03-01", "last_day": "2026-02-28"})
            self.statement.action_download()

    def test_spreadsheet(self):
        action = self.statement.action_download()
        self.assertEqual(action["type"], "ir.actions.act_url")
        with ZipFile(io.BytesIO(base64.b64decode(self.statement.xlsx))) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            styles = book.read("xl/styles.xml").decode()
        self.assertIn("[h]:mm", styles)
        self.assertIn(f"<v>{480 / 1440:.16g}</v>"[:9], sheet)

    def test_never_one_sum_over_units(self):
        """no column that is summed on a screen mixes minutes and euros"""
        for model in (
            "support.ledger",
            "support.ledger.entry",
            "support.ledger.reservation",
            "support.contract.allotment",
            "support.contract.type.allotment",
            "support.contract.threshold",
            "support.contract.type.threshold",
        ):
            for name, field in self.env[model]._fields.items():
                if field.type in ("float", "monetary") and field.store:
                    self.assertFalse(field.aggregator, f"{model}.{name}")
