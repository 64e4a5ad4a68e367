# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S6, prepaid packages: "You buy a certain number of hours of our work, to be used in a
certain period. We have packages of 4, 7, 10 and 15 hours. The period depends on the
number of hours. Your requests have a higher priority than occasional help." """

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_service import ServiceCommon

PACKAGES = {4: "2026-04-11", 7: "2026-07-11", 10: "2026-10-11", 15: "2027-01-11"}


@tagged("post_install", "-at_install")
class TestServicePackage(ServiceCommon):
    def test_four_packages_each_with_its_period(self):
        with self._at("2026-01-12"):
            for hours, last_day in PACKAGES.items():
                contract = self._sell("package", f"package_{hours}h")
                self.assertEqual(self._balance(contract), f"{hours}:00 h")
                self.assertEqual(contract.date_end.isoformat(), last_day)
                lot = contract.ledger_ids.entry_ids
                self.assertEqual(lot.last_day, contract.date_end)
        days = list(PACKAGES.values())
        self.assertEqual(days, sorted(set(days)))

    def test_a_package_must_be_chosen(self):
        with self._at("2026-01-12"), self.assertRaisesRegex(UserError, "choose the pa"):
            self._sell("package")

    def test_hours_are_drawn_until_used_up(self):
        with self._at("2026-01-12", hour=20):
            contract = self._sell("package", "package_4h")
            ticket = self._ask()
            self._assert_covered(ticket, contract, "4:00 h can be used")
            self.assertEqual(self._drawn(self._work(ticket, 200)), "3:30 h")
            self.assertEqual(self._balance(contract), "0:30 h")
            # no work beyond the package
            self._assert_cannot_work(ticket, 60, "0:30 h are missing")
            self.assertEqual(self._drawn(self._work(ticket, 30)), "0:30 h")
            self.assertEqual(self._balance(contract), "0:00 h")
        self._assert_sound()

    def test_used_up_it_is_occasional_help(self):
        with self._at("2026-01-12", hour=20):
            contract = self._sell("package", "package_4h")
            first = self._ask()
            self._work(first, 240)
            ticket = self._ask()
            self.assertEqual(ticket.support_cover, "on_call")
            self.assertEqual(
                self._why(ticket), ["nothing is left", "help at the on-call tariff"]
            )
            self.assertEqual(self._work(ticket, 60).overage_amount, 90)
            self.assertEqual(first.support_contract_id, contract)
            # between the service contract and occasional help
            best = self.env.ref("support_contract.type_sla_monthly")
            self.assertGreater(first.support_rank, best.rank)
            self.assertLess(first.support_rank, ticket.support_rank)

    def test_a_package_expires_half_used(self):
        with self._at("2026-01-12"):
            contract = self._sell("package", "package_4h")
            self._work(self._ask(), 120)
        with self._at("2026-04-11"):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "2:00 h")
        with self._at("2026-04-12"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "expired")
            self.assertEqual(self._balance(contract), "0:00 h")
            ticket = self._ask()
            self.assertEqual(
                self._why(ticket),
                ["the term ended on 04/11/2026", "help at the on-call tariff"],
            )
        # it is posted after the days of grace for logging work
        with self._at("2026-04-16"):
            self._nightly_jobs()
            self.assertEqual(contract.ledger_ids.balance, 120)
        with self._at("2026-04-17"):
            self._nightly_jobs()
        self._assert_entries(
            contract.ledger_ids, [("grant", 240), ("work", -120), ("expiry", -120)]
        )
        expiry = contract.ledger_ids.entry_ids.filtered(
            lambda entry: entry.kind == "expiry"
        )
        self.assertEqual(expiry.day.isoformat(), "2026-04-12")
        self.assertEqual(expiry.description, "Expired with 2:00 h unused")
        self._assert_sound()

    def test_of_two_packages_the_one_that_ends_first_pays(self):
        with self._at("2026-01-12"):
            long = self._sell("package", "package_15h")
            short = self._sell("package", "package_4h")
            self._assert_covered(self._ask(), short)
            self.assertEqual(self._balance(long), "15:00 h")
