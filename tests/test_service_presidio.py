# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S1, Presidio: "a pool of 15 hours of specialist help from remote (by phone or by
remote software) and 10 hours on site, based on a fixed annual fee. Once the hours are
used up, it is possible to recharge at an agreed hourly rate." """

from odoo.tests import tagged

from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestServicePresidio(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.env.ref("support_contract.product_fee_presidio").list_price = 1350
        with self._at("2026-01-12"):
            self.contract = self._sell("presidio")

    def test_annual_fee_and_two_balances(self):
        self.assertEqual(self.contract.fee_total, 1350)
        self.assertEqual(self.contract.fee_period, "year")
        self.assertEqual(self.contract.date_end.isoformat(), "2027-01-11")
        self.assertEqual(len(self.contract.ledger_ids), 2)
        with self._at("2026-01-12"):
            self.assertEqual(self._balance(self.contract, "phone"), "15:00 h")
            self.assertEqual(self._balance(self.contract, "remote"), "15:00 h")
            self.assertEqual(self._balance(self.contract, "on_site"), "10:00 h")

    def test_phone_and_remote_share_hours_and_visits_have_their_own(self):
        with self._at("2026-02-02"):
            call = self._ask("phone", "information")
            self._assert_covered(call, self.contract, "15:00 h can be used")
            self.assertEqual(self._drawn(self._work(call, 18)), "0:20 h")
            session = self._ask("remote")
            self._assert_covered(session, self.contract, "14:40 h can be used")
            self.assertEqual(self._drawn(self._work(session, 50)), "1:00 h")
            visit = self._ask("on_site", "training")
            self._assert_covered(visit, self.contract, "10:00 h can be used")
            self.assertEqual(self._drawn(self._work(visit, 40)), "1:00 h")
            self.assertEqual(self._balance(self.contract, "phone"), "13:40 h")
            self.assertEqual(self._balance(self.contract, "remote"), "13:40 h")
            self.assertEqual(self._balance(self.contract, "on_site"), "9:00 h")
        self._assert_sound()

    def test_used_up_hours_go_on_at_the_agreed_rate(self):
        with self._at("2026-06-01", hour=23):
            ticket = self._ask("remote")
            work = self._work(ticket, 16 * 60)
            self.assertEqual(self._drawn(work), "15:00 h")
            self.assertEqual(work.overage_minutes, 60)
            self.assertEqual(work.overage_amount, 60)
        with self._at("2026-06-02"):
            again = self._ask("phone")
            self._assert_covered(
                again,
                self.contract,
                "nothing is left; further work is charged at the agreed rate",
            )
            self.assertEqual(self._work(again, 60).overage_amount, 55)
            # the visits still have theirs
            visit = self._ask("on_site")
            self._assert_covered(visit, self.contract, "10:00 h can be used")
        self._assert_sound()

    def test_updates_and_changes_of_law_take_nothing(self):
        with self._at("2026-03-03"):
            for category in ("installation", "legal"):
                ticket = self._ask("remote", category)
                self._assert_covered(ticket, self.contract, "this request type is free")
                self.assertFalse(self._drawn(self._work(ticket, 90)))
            self.assertEqual(self._balance(self.contract, "remote"), "15:00 h")

    def test_after_the_year_it_is_over(self):
        with self._at("2027-01-11"):
            self._assert_covered(self._ask("remote"), self.contract)
        with self._at("2027-01-20"):
            self._nightly_jobs()
            self.assertEqual(self.contract.state, "expired")
            kinds = self.contract.ledger_ids.entry_ids.mapped("kind")
            self.assertEqual(kinds.count("expiry"), 2)
            ticket = self._ask("remote")
            self.assertEqual(ticket.support_cover, "on_call")
            self.assertEqual(
                self._why(ticket),
                ["the term ended on 01/11/2027", "help at the on-call tariff"],
            )
        self._assert_sound()
