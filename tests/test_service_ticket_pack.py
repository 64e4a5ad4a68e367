# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S3, ticket packs: "The customer is helped through packs of tickets", each with a
code such as TK130512, about one topic, with the type of request, the name of who asks
inside the company, a telephone and an e-mail. The answer comes within 4 to 8 hours."""

from datetime import time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestServiceTicketPack(ServiceCommon):
    def setUp(self):
        super().setUp()
        self.company.support_ticket_sequence_id = self.env.ref(
            "support_contract.sequence_ticket_codes"
        )
        freezer = self._at("2026-05-18")
        freezer.start()
        self.addCleanup(freezer.stop)

    def test_packs_of_ten_and_twenty_five_for_a_year(self):
        for package, count in (("tickets_10", 10), ("tickets_25", 25)):
            contract = self._sell("ticket_pack", package)
            self.assertEqual(self._balance(contract), f"{count} tickets")
            self.assertEqual(contract.date_end.isoformat(), "2027-05-17")

    def test_a_pack_must_be_chosen(self):
        with self.assertRaisesRegex(UserError, "choose the package"):
            self._sell("ticket_pack")

    def test_a_ticket_has_a_code_and_says_who_asks(self):
        self._sell("ticket_pack", "tickets_10")
        tickets = [
            self._ask(
                category="information",
                partner_name="Enzo from the cellar",
                partner_email="enzo@alpha.example.com",
                support_phone="0577 1",
            )
            for _ in range(2)
        ]
        for ticket in tickets:
            self.assertRegex(ticket.number, r"^TK\d{6}$")
            self.assertEqual(ticket.partner_name, "Enzo from the cellar")
            self.assertEqual(ticket.partner_email, "enzo@alpha.example.com")
            self.assertEqual(ticket.support_phone, "0577 1")
            self.assertEqual(
                ticket.category_id,
                self.env.ref("support_contract.category_information"),
            )
        self.assertNotEqual(*(ticket.number for ticket in tickets))

    def test_opening_takes_one_whatever_the_work(self):
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._ask()
        self._assert_covered(ticket, contract, "10 tickets left before this one")
        self.assertEqual(self._balance(contract), "9 tickets")
        self._work(ticket, 240)
        self._work(ticket, 30, "phone")
        self.assertEqual(self._balance(contract), "9 tickets")
        self._assert_entries(contract.ledger_ids, [("grant", 10), ("ticket", -1)])
        self._assert_sound()

    def test_rejecting_gives_it_back(self):
        contract = self._sell("ticket_pack", "tickets_10")
        ticket = self._ask(category="information")
        self.assertEqual(self._balance(contract), "9 tickets")
        self.env["support.ticket.reject"].with_user(self.technician).create(
            {"ticket_id": ticket.id, "reason": "No matter of the program"}
        ).action_confirm()
        self.assertTrue(ticket.support_rejected)
        self.assertTrue(ticket.closed)
        self.assertEqual(self._balance(contract), "10 tickets")
        self._assert_entries(
            contract.ledger_ids, [("grant", 10), ("ticket", -1), ("reversal", 1)]
        )
        self._assert_sound()

    def test_a_used_up_pack_is_refused(self):
        contract = self._sell("ticket_pack", "tickets_10")
        for left in range(10, 0, -1):
            text = f"{left} tickets" if left > 1 else "1 ticket"
            self._assert_covered(self._ask(), contract, f"{text} left before this one")
        self._assert_refused(
            self._ask(), "no tickets are left", "this contract rules out on-call help"
        )
        # a new pack, and help goes on
        again = self._sell("ticket_pack", "tickets_25")
        self._assert_covered(self._ask(), again)
        self._assert_sound()

    def test_a_pack_serves_its_customer_only(self):
        contract = self._sell("ticket_pack", "tickets_10")
        stranger = self._ask(partner=self.other_portal_user.partner_id)
        self.assertFalse(stranger.support_contract_id)
        self.assertEqual(self._balance(contract), "10 tickets")
        ledger = contract.ledger_ids
        self.assertEqual(ledger.with_user(self.portal_user).balance, 10)
        with self.assertRaises(AccessError):
            _ = ledger.with_user(self.other_portal_user).balance

    def test_web_support_is_not_for_hardware_and_quotes_courses(self):
        contract = self._sell("ticket_pack", "tickets_10")
        self._assert_refused(
            self._ask(category="hardware"),
            "this request type is not included",
            "this contract rules out on-call help",
        )
        course = self._ask(category="training")
        self._assert_covered(course, contract, "this request type is quoted first")
        self.assertEqual(self._balance(contract), "10 tickets")

    def test_tickets_left_after_a_year_expire(self):
        contract = self._sell("ticket_pack", "tickets_10")
        self._ask()
        with self._at("2027-05-18"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "expired")
            self.assertEqual(self._balance(contract), "0 tickets")
            self.assertEqual(contract.ledger_ids.balance, 9)
        with self._at("2027-05-23"):
            self._nightly_jobs()
        self._assert_entries(
            contract.ledger_ids, [("grant", 10), ("ticket", -1), ("expiry", -9)]
        )
        self._assert_sound()

    def _free_technicians(self, number):
        """A team with so many technicians, in whose stages a ticket can wait."""
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Web support", "company_id": self.company.id}
        )
        technicians = self.env["res.users"].concat(
            *(
                self._create_user(
                    f"web_{index}", "helpdesk_mgmt.group_helpdesk_user_own"
                )
                for index in range(number)
            )
        )
        team.user_ids = [Command.set(technicians.ids)]
        self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_awaiting"
        ).support_waiting = True
        return team, technicians

    def _take(self, technician):
        tickets = self.env["helpdesk.ticket"].with_user(technician)
        return tickets.browse(tickets.action_support_take_next().get("res_id") or [])

    def test_the_first_free_technician_takes_it(self):
        """ "The first technician who is available takes the ticket": the oldest one
        first, each technician another one"""
        self._sell("ticket_pack", "tickets_10")
        team, (anna, bruno) = self._free_technicians(2)
        first, second = (self._ask(team_id=team.id, user_id=False) for _ in range(2))
        self.assertEqual(self._take(bruno), first)
        self.assertEqual(self._take(anna), second)
        self.assertEqual((first.user_id, second.user_id), (bruno, anna))
        self.assertFalse(self._take(bruno))

    def test_only_the_first_topic_is_answered(self):
        """ "If a ticket holds more than one situation, the operator answers the first
        one only": the second gets a ticket of its own, which the pack gives, too"""
        contract = self._sell("ticket_pack", "tickets_10")
        team, (anna, bruno) = self._free_technicians(2)
        self._ask(team_id=team.id, user_id=False, description="<p>A, and B too</p>")
        ticket = self._take(anna)
        wizard = self.env["support.ticket.split"].with_user(anna)
        wizard = wizard.create(
            {"ticket_id": ticket.id, "name": "B", "description": "<p>B too</p>"}
        )
        self.assertIn("9 tickets left before this one", wizard.why)
        second = ticket.browse(wizard.action_confirm()["res_id"])
        self.assertRegex(second.number, r"^TK\d{6}$")
        self.assertEqual(self._balance(contract), "8 tickets")
        self.assertEqual(self._take(bruno).number, second.number)
        # the customer had written about B before
        second.with_env(self.env).stage_id = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_done"
        )
        again = self._ask(team_id=team.id, name="B again")
        again.duplicate_id = second
        self.assertEqual(self._balance(contract), "8 tickets")
        self._assert_sound()

    def test_the_technician_asks_for_a_file(self):
        """ "The technician may ask the customer for a certain file", which comes
        through the reserved area; until then the ticket waits and nobody takes it"""
        self._sell("ticket_pack", "tickets_10")
        team, (anna, bruno) = self._free_technicians(2)
        asker = self.portal_user.partner_id
        self._ask(partner=asker, team_id=team.id, user_id=False)
        ticket = self._take(anna)
        self.env["support.ticket.file.request"].with_user(anna).create(
            {"ticket_id": ticket.id, "text": "Your archive", "days": 3}
        ).action_confirm()
        self.assertTrue(ticket.stage_id.support_waiting)
        ticket.user_id = False
        self.assertFalse(self._take(bruno))
        request = ticket.support_file_request_ids
        self.assertEqual(request.state, "asked")
        ticket.sudo().message_post(
            body="There it is",
            author_id=asker.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("archive.zip", b"data")],
        )
        self.assertEqual(request.state, "answered")
        self.assertFalse(ticket.stage_id.support_waiting)
        read = request.with_user(self.portal_user)
        self.assertEqual(read.attachment_ids.mapped("name"), ["archive.zip"])

    def test_a_solved_matter_comes_back(self):
        """within two weeks it is the same ticket, later it takes another one"""
        contract = self._sell("ticket_pack", "tickets_10")
        done = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        working = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
        ticket = self._ask()
        for day, left in (("2026-05-29", 9), ("2026-06-29", 8)):
            ticket.stage_id = done
            with self._at(day):
                ticket.stage_id = working
                self.assertEqual(self._balance(contract), f"{left} tickets")

    def test_an_answer_within_four_to_eight_hours(self):
        """office hours from 9 to 13 and from 14 to 18, reminded at 4; over a weekend
        and a change of clock"""
        self._sell("ticket_pack", "tickets_10")
        with self._at("2026-10-23", hour=15):
            ticket = self._ask(user_id=self.technician.id)
        # three hours on Friday, four on Monday morning, one after lunch
        self.assertEqual(self._promised(ticket), "Answer by Monday 26 October, 3:00 PM")
        with self._at("2026-10-26", hour=9, minute=59):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 0))
        with self._at("2026-10-26", hour=10):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 1))
            reminder = ticket.message_ids[0]
            self.assertEqual(reminder.partner_ids, self.technician.partner_id)
        with self._at("2026-10-26", hour=15):
            self._answer(ticket)
        self.assertEqual(self._result(ticket), ("met", 1))

    def test_an_answer_over_a_holiday(self):
        """8 December is closed"""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Immacolata",
                "calendar_id": self.env.ref("support_contract.calendar_office_9_18").id,
                "date_from": self._moment("2026-12-08", time(0)),
                "date_to": self._moment("2026-12-09", time(0)),
            }
        )
        self._sell("ticket_pack", "tickets_10")
        with self._at("2026-12-07", hour=16):
            ticket = self._ask(user_id=self.technician.id)
        # two hours on Monday, four and two on Wednesday; reminded after four
        self.assertEqual(
            self._promised(ticket), "Answer by Wednesday 9 December, 4:00 PM"
        )
        with self._at("2026-12-09", hour=10, minute=59):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 0))
        with self._at("2026-12-09", hour=11):
            self._fire_stages()
            self.assertEqual(self._result(ticket), ("running", 1))
        with self._at("2026-12-09", hour=16, minute=1):
            self._answer(ticket)
        self.assertEqual(self._result(ticket), ("missed", 1))

    def test_asking_for_a_file_stops_the_clock(self):
        """the technician may ask for a file, which the customer sends"""
        self._sell("ticket_pack", "tickets_10")
        with self._at("2026-06-05", hour=17):
            ticket = self._ask()
        awaiting = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
        with self._at("2026-06-05", hour=18):
            ticket.with_user(self.technician).stage_id = awaiting
        self.assertEqual(
            self._promised(ticket),
            "We wait for your answer; after it, 7:00 h of the time are left",
        )
        with self._at("2026-06-08", hour=12):
            ticket.with_user(self.portal_user).message_post(
                body="The file", message_type="comment", subtype_xmlid="mail.mt_comment"
            )
        # one hour until lunch, four in the afternoon, two on Tuesday
        self.assertEqual(self._promised(ticket), "Answer by Tuesday 9 June, 11:00 AM")
