# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What work on a ticket draws, what a ticket holds, and when its cover stands."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import SupportCommon

NOW = "2026-03-10 12:00:00"


class WorkCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.done = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def _pack(self, tickets=5, **vals):
        """A contract that gives a number of tickets."""
        return self._create_contract(
            self._create_type(
                allotments=[{"unit": "ticket", "quantity": tickets}], **vals
            )
        )

    def _gated(self, minutes=600, gate=120, **vals):
        """A contract that gives help while two hours are left."""
        return self._create_contract(
            self._create_time_type(minutes, gate_minutes=gate), **vals
        )

    def _request(self, treatment):
        """A request type and the term how a contract treats it."""
        category = self.env["helpdesk.ticket.category"].create(
            {"name": treatment, "company_id": self.company.id}
        )
        values = {"category_id": category.id, "treatment": treatment}
        return category, Command.create(values)

    def _choose(self, ticket, contract, user=None):
        ticket.with_user(user or self.technician)._support_choose_cover(
            contract.with_user(user or self.technician), "asked so"
        )

    def _balance(self, contract):
        return sum(self._flushed(contract.ledger_ids).mapped("balance"))

    def _reserved(self, contract):
        return sum(self._flushed(contract.ledger_ids).mapped("reserved"))


@tagged("post_install", "-at_install")
class TestAfterTheTerm(WorkCase):
    """after the term what is left may be used, and nothing else"""

    def setUp(self):
        super().setUp()
        self.free, free = self._request("free")
        self.quoted, quoted = self._request("quoted")
        self.contract = self._create_contract(
            self._create_type(
                overage="charge",
                request_ids=[free, quoted],
                allotments=[
                    {
                        "unit": "time",
                        "quantity": 120,
                        "end_policy": "usable",
                        "end_days": 60,
                    }
                ],
            ),
            date_start="2025-03-01",
        )
        self.assertEqual(self.contract.date_end, date(2026, 2, 28))

    def test_free_and_quoted_requests_draw(self):
        for category, left in ((self.free, 90), (self.quoted, 60)):
            ticket = self._create_ticket(category_id=category.id)
            self.assertEqual(ticket.support_contract_id, self.contract)
            work = self._log_work(ticket, 30, "2026-03-10")
            self.assertEqual(work.treatment, "drawn")
            self.assertFalse(work.overage_minutes)
            self.assertEqual(self._balance(self.contract), left)
        # in the term they are free and quoted, whenever they are logged
        for category in (self.free, self.quoted):
            ticket = self._create_ticket(category_id=category.id)
            self._log_work(ticket, 30, "2026-02-27")
            self.assertEqual(self._balance(self.contract), 60)

    def test_no_work_beyond_what_is_left(self):
        ticket = self._create_ticket()
        with self._assert_refused("no work beyond its balance"):
            self._log_work(ticket, 130, "2026-03-10")
        self.assertEqual(self._balance(self.contract), 120)
        # in the term it is charged
        work = self._log_work(ticket, 130, "2026-02-27")
        self.assertEqual((work.overage_minutes, self._balance(self.contract)), (10, 0))
        self.assertEqual(self._create_ticket().support_cover, "none")


@tagged("post_install", "-at_install")
class TestWorkWithoutEntries(WorkCase):
    """work that nothing was drawn for is done all the same"""

    def _check_stands(self, ticket, work):
        contract = self._create_contract(self._create_time_type(rank=1))
        for values in (
            {"partner_id": self.other_customer.id},
            {"partner_id": False},
        ):
            with self._assert_refused("contact and company"):
                ticket.with_user(self.technician).write(values)
        with self._assert_refused("only a contract manager"):
            self._choose(ticket, contract)
        before = (work.cover, work.contract_id)
        ticket.with_user(self.technician).category_id = self.category
        self.assertEqual((work.cover, work.contract_id), before)
        self._choose(ticket, contract, self.manager)
        self.assertEqual((work.cover, work.contract_id), ("contract", contract))
        self.assertFalse(work.overage_amount)
        self.assertEqual(self._balance(contract), 600 - work.billable_minutes)

    def test_on_call(self):
        self.company.support_on_call = True
        ticket = self._create_ticket()
        work = self._log_work(ticket, 60)
        self.assertEqual((work.cover, work.overage_amount), ("on_call", 80))
        self.assertFalse(work.entry_ids)
        self._check_stands(ticket, work)

    def test_flat(self):
        flat = self._create_contract(self._create_type())
        ticket = self._create_ticket()
        work = self._log_work(ticket, 60)
        self.assertEqual((work.contract_id, work.drawn), (flat, ""))
        self._check_stands(ticket, work)

    def test_on_call_work_is_not_rounded_again(self):
        """done work keeps its minutes when the ticket gets a contract with other
        terms"""
        self.company.support_on_call = True
        ticket = self._create_ticket()
        work = self._log_work(ticket, 10)
        self.assertEqual(work.billable_minutes, 10)
        contract = self._create_contract(
            self._create_time_type(
                work_mode_terms_ids=[
                    Command.create(
                        {
                            "work_mode_id": self.remote.id,
                            "minimum_minutes": 60,
                            "step_minutes": 60,
                        }
                    )
                ]
            )
        )
        ticket.sudo().support_contract_id = contract
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((work.billable_minutes, work.overage_minutes), (10, 10))
        # work that is not done yet follows the terms
        self.assertEqual(self._log_work(ticket, 10, done=False).billable_minutes, 60)


@tagged("post_install", "-at_install")
class TestTicketsOfAPack(WorkCase):
    def test_pack_bought_after_the_ticket_was_opened(self):
        """the first work takes the ticket, and all work on it is free"""
        self.company.support_on_call = True
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "on_call")
        pack = self._pack()
        for minutes in (30, 500):
            work = self._log_work(ticket, minutes)
            self.assertEqual((work.cover, work.contract_id), ("contract", pack))
            self.assertFalse(work.overage_minutes or work.overage_amount)
            self.assertEqual(self._balance(pack), 4)
        self.assertEqual(ticket.support_entry_ids.kind, "ticket")
        self._assert_sound()

    def test_closed_ticket_takes_nothing(self):
        """editing a ticket that is closed"""
        self.company.support_on_call = True
        ticket = self._create_ticket()
        ticket.stage_id = self.done
        pack = self._pack()
        ticket.with_user(self.technician).write(
            {"category_id": self.category.id, "support_work_mode_id": self.phone.id}
        )
        self.assertEqual(self._balance(pack), 5)
        self.assertEqual(ticket.support_cover, "on_call")

    def test_two_tickets_in_one_call_want_the_last_one(self):
        for number in range(2):
            pack = self._pack(1, rank=number)
        self.assertEqual(self._balance(pack), 1)
        tickets = self._create_tickets(3)
        self.assertEqual(
            tickets.mapped("support_cover"), ["contract", "contract", "none"]
        )
        self.assertEqual(len(tickets[:2].support_contract_id), 2)
        self.assertEqual(self._balance(tickets.support_contract_id), 0)
        self._assert_sound()

    def test_two_tickets_in_one_call_want_the_last_hours(self):
        contract = self._gated(200)
        tickets = self._create_tickets(2)
        self.assertEqual(tickets.mapped("support_cover"), ["contract", "none"])
        self.assertEqual(tickets[1].support_cover_reasons[0][0], "gate_time")
        self.assertEqual(self._reserved(contract), 120)
        self._assert_sound()

    def test_two_tickets_decided_again_in_one_call(self):
        """the same when tickets are edited together"""
        self.company.support_on_call = True
        tickets = self._create_tickets(2)
        pack = self._pack(1)
        tickets.support_work_mode_id = self.phone
        self.assertEqual(tickets.mapped("support_cover"), ["contract", "on_call"])
        self.assertEqual(self._balance(pack), 0)

    def _create_tickets(self, number):
        values = {
            "name": "It does not start",
            "description": "Please help",
            "partner_id": self.contact.id,
            "company_id": self.company.id,
        }
        return self.env["helpdesk.ticket"].create([dict(values) for _ in range(number)])


@tagged("post_install", "-at_install")
class TestConfirm(WorkCase):
    """confirming a cover is for tickets that only propose one"""

    def _confirm(self, ticket):
        ticket.with_user(self.technician).action_support_confirm_cover()

    def test_confirmed_ticket(self):
        first = self._create_contract(self._create_time_type(rank=50))
        ticket = self._create_ticket()
        self._create_contract(self._create_time_type(rank=1))
        self._confirm(ticket)
        self.assertEqual(ticket.support_contract_id, first)

    def test_rejected_ticket(self):
        pack = self._pack()
        ticket = self._create_ticket()
        ticket._support_reject("not our product")
        self._confirm(ticket)
        self.assertEqual(self._balance(pack), 5)
        self.assertTrue(ticket.support_rejected)

    def test_rejected_ticket_that_came_by_mail(self):
        pack = self._pack()
        ticket = self._create_ticket(support_cover_confirmed=False)
        ticket._support_reject("not our product")
        with self._assert_refused("was rejected as invalid"):
            self._confirm(ticket)
        self.assertEqual(self._balance(pack), 5)

    def test_chosen_cover(self):
        self.company.support_on_call = True
        pack = self._pack()
        ticket = self._create_ticket(support_cover_confirmed=False)
        self._choose(ticket, self.env["support.contract"])
        self._confirm(ticket)
        self.assertEqual(ticket.support_cover, "on_call")
        self.assertTrue(ticket.support_cover_chosen)
        self.assertEqual(self._balance(pack), 5)

    def test_no_work_on_a_rejected_ticket(self):
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        work = self._log_work(ticket, 30, done=False)
        ticket._support_reject("not our product")
        with self._assert_refused("was rejected as invalid"):
            work.action_done()
        with self._assert_refused("was rejected as invalid"):
            self._log_work(ticket, 30)
        with self._assert_refused("was rejected as invalid"):
            self._choose(ticket, contract)
        self.assertEqual(self._balance(contract), 600)


@tagged("post_install", "-at_install")
class TestReservations(WorkCase):
    def test_closed_ticket_holds_nothing(self):
        contract = self._gated()
        self._create_ticket(stage_id=self.done.id)
        self.assertEqual(self._reserved(contract), 0)
        ticket = self._create_ticket()
        self.assertEqual(self._reserved(contract), 120)
        ticket.stage_id = self.done
        self.assertEqual(self._reserved(contract), 0)
        self._choose(ticket, contract)
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual(self._reserved(contract), 0)

    def test_imported_closed_ticket_takes_no_ticket(self):
        """a ticket that comes in closed is history"""
        pack = self._pack()
        self._create_ticket(stage_id=self.done.id)
        self.assertEqual(self._balance(pack), 5)

    def test_archived_ticket_holds_nothing(self):
        contract = self._gated()
        ticket = self._create_ticket()
        ticket.active = False
        self.assertEqual(self._reserved(contract), 0)
        self._choose(ticket, contract)
        self.assertEqual(self._reserved(contract), 0)

    def test_first_work_ends_the_hold_on_all_ledgers(self):
        """hours and wallet were held; half an hour needs neither any more"""
        contract = self._create_contract(
            self._create_type(
                overage="wallet",
                gate_minutes=120,
                allotments=[
                    {"unit": "time", "quantity": 60},
                    {"unit": "money", "quantity": 200},
                ],
            )
        )
        ticket = self._create_ticket()
        self.assertEqual(
            sorted(self._flushed(contract.ledger_ids).mapped("reserved")), [60, 80]
        )
        self._log_work(ticket, 30)
        self.assertEqual(self._reserved(contract), 0)
        self.assertEqual(
            sorted(contract.ledger_ids.mapped("balance")),
            [30, 200],
        )
        self._assert_sound()

    def test_work_in_another_mode_ends_the_hold(self):
        contract = self._create_contract(
            self._create_type(
                gate_minutes=120,
                allotments=[
                    {
                        "unit": "time",
                        "quantity": 300,
                        "work_mode_ids": [Command.set(mode.ids)],
                    }
                    for mode in (self.phone, self.remote)
                ],
            )
        )
        ticket = self._create_ticket(support_work_mode_id=self.remote.id)
        self.assertEqual(self._reserved(contract), 120)
        self._log_work(ticket, 30, mode=self.phone)
        self.assertEqual(self._reserved(contract), 0)

    def _two_months(self, **vals):
        """A contract in the days of grace after its first month, whose first lot has
        100 minutes left."""
        with freeze_time("2026-02-01 12:00:00"):
            contract = self._create_contract(
                self._create_type(
                    gate_minutes=120,
                    allotments=[
                        {
                            "unit": "time",
                            "quantity": 300,
                            "recurrence": "month",
                            **vals,
                        }
                    ],
                ),
                date_start="2026-02-01",
            )
        contract._grant_due(date(2026, 3, 3))
        contract.ledger_ids._debit(200, "work", date(2026, 2, 20))
        return contract

    @freeze_time("2026-03-03 12:00:00")
    def test_holds_on_new_hours_do_not_block_the_old_ones(self):
        """what others hold of March does not keep back work of February"""
        contract = self._two_months()
        holders = [self._create_ticket() for _ in range(2)]
        self.assertEqual(self._reserved(contract), 240)
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "none")
        work = self._log_work(ticket, 90, "2026-02-27")
        self.assertEqual(work.contract_id, contract)
        self.assertEqual(work.entry_ids.lot_id.first_day, date(2026, 2, 1))
        self.assertEqual(work.entry_ids.quantity, -90)
        self.assertEqual(self._reserved(contract), 240)
        # what is held can still be used
        for holder in holders:
            self._log_work(holder, 120, "2026-03-03")
        self.assertEqual(self._balance(contract), 10 + 60)
        self._assert_sound()

    @freeze_time("2026-03-03 12:00:00")
    def test_holds_on_hours_of_both_months_are_kept(self):
        """February's 100 minutes may be used in March too: of what is held, March's
        own 300 minutes answer for all but 60"""
        contract = self._two_months(rollover="unlimited")
        for _ in range(3):
            self._create_ticket()
        self.assertEqual(self._reserved(contract), 360)
        ticket = self._create_ticket()
        with self._assert_refused("no work beyond its balance"):
            self._log_work(ticket, 50, "2026-02-27")
        self._log_work(ticket, 40, "2026-02-27")
        self.assertEqual(self._balance(contract), 360)
        self._assert_sound()


@tagged("post_install", "-at_install")
class TestCoverOfTheTicket(WorkCase):
    def test_customer_named_by_the_context(self):
        contract = self._create_contract(self._create_time_type())
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.technician)
            .with_context(default_partner_id=self.contact.id)
            .create({"name": "Help", "description": "Please"})
        )
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.support_cover, "contract")
        self.assertEqual(ticket.sudo().support_contract_id, contract)

    def test_own_default_of_the_request_type(self):
        free, request = self._request("free")
        self._create_contract(self._create_time_type(request_ids=[request]))
        self.env["ir.default"].with_user(self.technician).set(
            "helpdesk.ticket", "category_id", free.id, user_id=True
        )
        ticket = (
            self.env["helpdesk.ticket"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Help",
                    "description": "Please",
                    "partner_id": self.contact.id,
                }
            )
        )
        self.assertEqual(ticket.category_id, free)
        self.assertEqual(ticket.support_treatment, "free")

    def test_manager_chooses_the_same_contract_again(self):
        """the ticket's own work has used it up: decided after it is given back"""
        contract = self._create_contract(self._create_time_type(30))
        ticket = self._create_ticket()
        work = self._log_work(ticket, 30)
        self.assertEqual(self._balance(contract), 0)
        self._choose(ticket, contract, self.manager)
        self.assertEqual(self._balance(contract), 0)
        self.assertEqual((work.contract_id, work.overage_minutes), (contract, 0))
        self._assert_entries(
            contract.ledger_ids,
            [("grant", 30), ("work", -30), ("reversal", 30), ("work", -30)],
        )
        self._assert_sound()

    def test_chosen_cover_stays_for_another_contact(self):
        """of the same customer"""
        self._create_contract(self._create_time_type(rank=1))
        second = self._create_contract(self._create_time_type(rank=2))
        ticket = self._create_ticket()
        self._choose(ticket, second)
        colleague = self._create_contact(self.customer, "Karl Alpha")
        ticket.with_user(self.technician).partner_id = colleague
        self.assertEqual(ticket.support_contract_id, second)
        self.assertTrue(ticket.support_cover_chosen)


@tagged("post_install", "-at_install")
class TestMinutesOfWork(WorkCase):
    def test_nothing_billed_by_hand(self):
        """goodwill: zero minutes, with a reason, draw nothing"""
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        with self._assert_refused("reason"):
            self._log_work(ticket, 30, billable_by_hand=True, manual_minutes=0)
        work = self._log_work(
            ticket,
            30,
            billable_by_hand=True,
            manual_minutes=0,
            manual_reason="our own mistake",
        )
        self.assertEqual((work.state, work.cover), ("done", "contract"))
        self.assertEqual((work.raw_minutes, work.billable_minutes), (30, 0))
        self.assertFalse(work.entry_ids or work.overage_minutes)
        self.assertEqual(self._balance(contract), 600)

    def test_work_that_ends_in_the_future(self):
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        start = datetime.fromisoformat(NOW) - timedelta(minutes=30)
        with self._assert_refused("future"):
            self._log_work(ticket, 31, start)
        self.assertEqual(self._balance(contract), 600)
        self._log_work(ticket, 30, start)
        self.assertEqual(self._balance(contract), 570)
