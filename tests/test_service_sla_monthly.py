# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S5, service contract: "Each contract has a monthly limit of hours of our work. Hours
that are not used in a month move on to the next month. You do not lose hours."; "we act
as fast as possible, no later than within 24 h"."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestServiceSlaMonthly(ServiceCommon):
    def test_it_is_signed_before_it_starts(self):
        with self._at("2026-01-31"):
            contract = self.env["support.contract"].create(
                {
                    "type_id": self.env.ref("support_contract.type_sla_monthly").id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                }
            )
            with self.assertRaisesRegex(UserError, "must be signed"):
                contract.action_activate()
            contract._record_signature(contract.date_start, "Anna Alpha")
            contract.action_activate()
            self.assertEqual(contract.state, "active")

    def test_hours_roll_over(self):
        with self._at("2026-01-31"):
            contract = self._sell("sla_monthly")
            self.assertEqual(self._balance(contract), "5:00 h")
            self.assertEqual(self._drawn(self._work(self._ask(), 120)), "2:00 h")
        with self._at("2026-02-27"):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "3:00 h")
        # the second month begins on the last day of February, the third on 31 March
        with self._at("2026-02-28"):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "8:00 h")
        with self._at("2026-03-30", hour=20):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "8:00 h")
            self.assertEqual(self._drawn(self._work(self._ask(), 420)), "7:00 h")
        with self._at("2026-03-31"):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "6:00 h")
        self._assert_entries(
            contract.ledger_ids,
            [
                ("grant", 300),
                ("work", -120),
                ("grant", 300),
                # the hours of January go first
                ("work", -180),
                ("work", -240),
                ("grant", 300),
            ],
        )
        self._assert_sound()

    def test_nights_that_were_missed_are_caught_up(self):
        with self._at("2026-01-31"):
            contract = self._sell("sla_monthly")
        with self._at("2026-06-30"):
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "30:00 h")
            self._nightly_jobs()
            self.assertEqual(self._balance(contract), "30:00 h")
        days = contract.ledger_ids.entry_ids.sorted("day").mapped("day")
        self.assertEqual(
            [day.isoformat() for day in days],
            [
                "2026-01-31",
                "2026-02-28",
                "2026-03-31",
                "2026-04-30",
                "2026-05-31",
                "2026-06-30",
            ],
        )

    def test_hours_are_not_lost_at_the_end_of_the_year(self):
        """also not by the renewal, which comes by itself"""
        with self._at("2026-01-01"):
            contract = self._sell("sla_monthly")
        with self._at("2027-02-01"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "active")
            self.assertEqual(len(contract.term_ids), 2)
            # 12 months of the year before, January and February
            self.assertEqual(self._balance(contract), "70:00 h")
            kinds = set(contract.ledger_ids.entry_ids.mapped("kind"))
            self.assertEqual(kinds, {"grant"})

    def test_its_requests_have_the_highest_priority(self):
        types = self.env["support.contract.type"].search([("company_id", "=", False)])
        best = self.env.ref("support_contract.type_sla_monthly")
        self.assertEqual(types.sorted("rank")[0], best)
        with self._at("2026-01-12"):
            self._sell("sla_monthly")
            package = self._sell("package", "package_4h", partner=self.other_customer)
            urgent = self._ask()
            other = self._ask(partner=self.other_portal_user.partner_id)
            self.assertEqual(other.support_contract_id, package)
            self.assertLess(urgent.support_rank, other.support_rank)

    def test_new_versions_are_installed_and_law_is_kept(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            for category in ("installation", "legal"):
                ticket = self._ask("remote", category)
                self._assert_covered(ticket, contract, "this request type is free")
                self.assertFalse(self._drawn(self._work(ticket, 60)))
            training = self._work(self._ask("on_site", "training"), 60)
            self.assertEqual(self._drawn(training), "1:00 h")
            self.assertEqual(self._balance(contract), "4:00 h")

    def test_development_is_quoted_first(self):
        with self._at("2026-01-12"):
            contract = self._sell("sla_monthly")
            ticket = self._ask("remote", "development")
            self._assert_covered(ticket, contract, "this request type is quoted first")
            work = self._work(ticket, 90)
            self.assertFalse(self._drawn(work))
            self.assertEqual(work.overage_amount, 90)
            self.assertEqual(self._balance(contract), "5:00 h")

    def test_work_beyond_the_hours_is_charged(self):
        with self._at("2026-01-12", hour=20):
            contract = self._sell("sla_monthly")
            work = self._work(self._ask(), 330)
            self.assertEqual(self._drawn(work), "5:00 h")
            self.assertEqual((work.overage_minutes, work.overage_amount), (30, 30))
            self._assert_covered(
                self._ask(),
                contract,
                "nothing is left; further work is charged at the agreed rate",
            )
        self._assert_sound()

    def test_reaction_within_24_hours(self):
        """elapsed hours: the night and the weekend count, and on 29 March the clock
        jumps over one of them"""
        with self._at("2026-01-12"):
            self._sell("sla_monthly")
        with self._at("2026-03-28", hour=17):
            ticket = self._ask(user_id=self.technician.id)
        self.assertEqual(self._promised(ticket), "Answer by Sunday 29 March, 6:00 PM")
        with self._at("2026-03-29", hour=5, minute=59):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 0))
        # half of it is over after twelve hours, at six in summer time
        with self._at("2026-03-29", hour=6):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 1))
        with self._at("2026-03-29", hour=18):
            self._fire_stages()
            self._answer(ticket)
        self.assertEqual(self._result(ticket), ("met", 2))

    def test_reaction_within_24_hours_on_a_holiday(self):
        """nobody is at work on 1 May, and still it counts"""
        with self._at("2026-01-12"):
            self._sell("sla_monthly")
        with self._at("2026-04-30", hour=20):
            ticket = self._ask(user_id=self.technician.id)
        self.assertEqual(self._promised(ticket), "Answer by Friday 1 May, 8:00 PM")
        with self._at("2026-05-01", hour=20, minute=1):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("missed", 1))
            self.assertEqual(
                self._promised(ticket),
                "The answer is late: promised by Friday 1 May, 8:00 PM",
            )
            self._answer(ticket)
        self.assertEqual(self._result(ticket), ("missed", 1))
        self.assertFalse(ticket.support_deadline)

    def test_the_change_in_autumn_is_an_hour_more(self):
        with self._at("2026-01-12"):
            self._sell("sla_monthly")
        with self._at("2026-10-24", hour=17):
            ticket = self._ask()
        self.assertEqual(self._promised(ticket), "Answer by Sunday 25 October, 4:00 PM")
