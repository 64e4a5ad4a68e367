# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The rules of "Cover" on real records; the pure rule has tests of its own."""

import uuid
from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common import SupportCommon

MAIL = """Message-ID: <{message_id}@example.com>
Date: Tue, 10 Mar 2026 10:00:00 +0000
From: {sender}
To: support@vendor.example.com
MIME-Version: 1.0
Subject: It does not start
Content-Type: text/plain; charset=UTF-8

Please help.
"""


class CoverCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))
        cls.on_call_prices = cls.env["product.pricelist"].create(
            {"name": "On call", "company_id": cls.company.id}
        )

    def _codes(self, ticket):
        return [reason[0] for reason in ticket.support_cover_reasons]

    def _wallet(self, amount, **vals):
        """S2: a wallet that must cover two hours of the requested work mode."""
        return self._create_contract(
            self._create_type(
                gate_minutes=120, allotments=[{"unit": "money", "quantity": amount}]
            ),
            **vals,
        )


@tagged("post_install", "-at_install")
class TestDecision(CoverCase):
    def test_nothing(self):
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "none")
        self.assertFalse(ticket.support_contract_id)
        self.assertEqual(self._codes(ticket), ["no_on_call"])
        self.assertEqual(ticket.support_rank, 1000)
        self.assertIn("no help without a contract", ticket.support_cover_why)

    def test_on_call(self):
        """on call comes last, if the company offers it"""
        self.company.support_on_call = True
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "on_call")
        work = self._log_work(ticket, 90)
        self.assertEqual((work.cover, work.overage_amount), ("on_call", 120))
        self.assertFalse(work.entry_ids)

    def test_contract_rules_out_on_call(self):
        self.company.support_on_call = True
        self._create_contract(self._create_time_type(allows_on_call=False))
        ticket = self._create_ticket()
        self._log_work(ticket, 600)
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(self._codes(ticket), ["used_up", "on_call_barred"])

    def test_any_contact_of_the_customer(self):
        contract = self._create_contract(self._create_time_type(), self.customer)
        for partner in (self.customer, self.contact, self.portal_user.partner_id):
            ticket = self._create_ticket(partner)
            self.assertEqual(ticket.support_contract_id, contract)
        other = self._create_ticket(self.other_customer)
        self.assertFalse(other.support_contract_id)

    def test_two_hours_minimum(self):
        """two hours' minimum (S2): the gate is hours x rate of the requested work mode,
        in money, checked and reserved when help is asked for: EUR 1 below is refused,
        exactly two hours is accepted and reserved"""
        below = self._wallet(159)
        ticket = self._create_ticket(support_work_mode_id=self.remote.id)
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(self._codes(ticket)[0], "gate_money")
        why = ticket.support_cover_why
        self.assertRegex(why, "159.00.*2:00.*160.00")
        below._change_state("terminated", date(2026, 3, 10), "replaced")
        exact = self._wallet(160)
        ticket = self._create_ticket(support_work_mode_id=self.remote.id)
        self.assertEqual(ticket.support_contract_id, exact)
        self.assertEqual(ticket.support_reservation_ids.quantity, 160)
        self.assertEqual(exact.ledger_ids.reserved, 160)
        self.assertEqual(exact.ledger_ids.usable, 0)
        second = self._create_ticket(support_work_mode_id=self.remote.id)
        self.assertEqual(second.support_cover, "none")
        cheaper = self._create_ticket(support_work_mode_id=self.phone.id)
        self.assertEqual(cheaper.support_cover, "none")
        self._assert_sound()

    def test_reserved_is_drawn_and_closing_releases(self):
        contract = self._wallet(300)
        ticket = self._create_ticket(support_work_mode_id=self.remote.id)
        self._log_work(ticket, 30)
        self._flushed(contract.ledger_ids)
        self.assertEqual(contract.ledger_ids.balance, 260)
        self.assertEqual(contract.ledger_ids.reserved, 0)
        other = self._create_ticket(support_work_mode_id=self.remote.id)
        self.assertEqual(contract.ledger_ids.reserved, 160)
        other.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        self._flushed(contract.ledger_ids)
        self.assertEqual(contract.ledger_ids.reserved, 0)
        other.support_work_mode_id = self.phone  # nothing is held for a closed ticket
        self._flushed(contract.ledger_ids)
        self.assertEqual(contract.ledger_ids.reserved, 0)
        self._assert_sound()

    def test_order(self):
        """two contracts fit: work mode named, rank, earlier end, id"""
        named_type = self._create_type(
            rank=90,
            allotments=[
                {
                    "unit": "time",
                    "quantity": 60,
                    "work_mode_ids": [Command.set(self.phone.ids)],
                }
            ],
        )
        old = self._create_contract(self._create_time_type())
        ends_first = self._create_contract(self._create_time_type(first_term_months=6))
        low_rank = self._create_contract(self._create_time_type(rank=10))
        named = self._create_contract(named_type)
        twin = self._create_contract(self._create_time_type())
        expected = [named, low_rank, ends_first, old, twin]
        found = []
        for contract in expected:
            ticket = self._create_ticket(support_work_mode_id=self.phone.id)
            found.append(ticket.support_contract_id)
            contract._change_state("terminated", date(2026, 3, 10), "next")
        self.assertEqual(found, expected)

    def test_reasons_of_those_passed_over(self):
        suspended = self._create_contract(self._create_time_type())
        suspended._change_state("suspended", date(2026, 3, 10), "unpaid")
        excluded = self._create_contract(
            self._create_time_type(other_requests="excluded")
        )
        phone_only = self._create_contract(
            self._create_type(
                allotments=[
                    {
                        "unit": "time",
                        "quantity": 60,
                        "work_mode_ids": [Command.set(self.phone.ids)],
                    }
                ]
            )
        )
        ended = self._create_contract(
            self._create_time_type(grace_days=365), date_start="2025-02-01"
        )
        covers = self._create_contract(self._create_time_type(rank=90))
        ticket = self._create_ticket(support_work_mode_id=self.on_site.id)
        self.assertEqual(ticket.support_contract_id, covers)
        reasons = {
            contract_id: code for code, contract_id, _ in ticket.support_cover_reasons
        }
        self.assertEqual(
            reasons,
            {
                suspended.id: "suspended",
                excluded.id: "request_excluded",
                phone_only.id: "mode_not_included",
                ended.id: "ended",
                covers.id: "time",
            },
        )
        for contract in (suspended, excluded, phone_only, ended, covers):
            self.assertIn(contract.name, ticket.support_cover_why)

    def test_request_types(self):
        free, quoted = self.env["helpdesk.ticket.category"].create(
            [{"name": "Update"}, {"name": "Project"}]
        )
        self._create_contract(
            self._create_type(
                allotments=[{"unit": "ticket", "quantity": 5}],
                request_ids=[
                    Command.create({"category_id": free.id, "treatment": "free"}),
                    Command.create({"category_id": quoted.id, "treatment": "quoted"}),
                ],
            )
        )
        for category, treatment, entries in [
            (free, "free", 0),
            (quoted, "quoted", 0),
            (self.category, "drawn", 1),
        ]:
            ticket = self._create_ticket(category_id=category.id)
            self.assertEqual(ticket.support_treatment, treatment)
            self.assertEqual(len(ticket.support_entry_ids), entries)

    def test_flat_contract_pays_for_all_help(self):
        contract = self._create_contract(self._create_type())
        ticket = self._create_ticket()
        work = self._log_work(ticket, 600)
        self.assertEqual(self._codes(ticket), ["flat"])
        self.assertEqual((work.contract_id, work.overage_minutes), (contract, 0))

    def test_two_companies(self):
        """nothing of another company covers"""
        other_company = self.env["res.company"].create({"name": "Other vendor"})
        self._create_contract(self._create_time_type())
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Other team", "company_id": other_company.id}
        )
        ticket = self._create_ticket(company_id=other_company.id, team_id=team.id)
        self.assertEqual(ticket.company_id, other_company)
        self.assertEqual(ticket.support_cover, "none")
        self.assertEqual(self._codes(ticket), ["no_on_call"])

    def test_caller_not_named(self):
        """a contact who may not ask for help is shown as such"""
        self._create_contract(
            self._create_time_type(), caller_ids=[Command.set(self.contact.ids)]
        )
        self.assertFalse(self._create_ticket(self.contact).support_stranger)
        stranger = self._create_contact(self.customer, "Somebody")
        self.assertTrue(self._create_ticket(stranger).support_stranger)

    def test_any_way_to_create_decides(self):
        contract = self._create_contract(self._create_time_type())
        values = {
            "name": "Help",
            "description": "Please",
            "partner_id": self.contact.id,
            "company_id": self.company.id,
        }
        tickets = self.env["helpdesk.ticket"].with_user(self.technician)
        created = tickets.create([dict(values), dict(values)])
        created |= tickets.browse(
            tickets.load(
                ["name", "description", "partner_id/.id"],
                [["Imported", "Please", str(self.contact.id)]],
            )["ids"]
        )
        created |= created[0].copy()
        self.assertEqual(created.support_contract_id, contract)
        self.assertEqual(created.mapped("support_cover"), ["contract"] * 4)

    def test_day_of_the_ticket_is_local(self):
        with freeze_time("2026-03-31 22:30:00"):  # 1 April in Rome
            self._create_contract(self._create_time_type(), date_start="2026-04-01")
            self.assertEqual(self._create_ticket().support_cover, "contract")
        with freeze_time("2026-03-31 21:30:00"):
            self.assertEqual(self._create_ticket().support_cover, "none")


@tagged("post_install", "-at_install")
class TestChange(CoverCase):
    def test_decided_again(self):
        """decided when partner, installation or work mode change"""
        phone_only = self._create_contract(
            self._create_type(
                allotments=[
                    {
                        "unit": "time",
                        "quantity": 60,
                        "work_mode_ids": [Command.set(self.phone.ids)],
                    }
                ]
            )
        )
        wallet = self._wallet(1000)
        foreign = self._create_contract(self._create_time_type(), self.other_customer)
        ticket = self._create_ticket(support_work_mode_id=self.phone.id)
        self.assertEqual(ticket.support_contract_id, phone_only)
        ticket.support_work_mode_id = self.on_site
        self.assertEqual(ticket.support_contract_id, wallet)
        self.assertEqual(self._flushed(wallet.ledger_ids).reserved, 240)
        ticket.support_work_mode_id = self.remote
        self.assertEqual(self._flushed(wallet.ledger_ids).reserved, 160)
        ticket.partner_id = self.other_customer
        self.assertEqual(ticket.support_contract_id, foreign)
        self.assertEqual(self._flushed(wallet.ledger_ids).reserved, 0)
        ticket.partner_id = False
        self.assertFalse(ticket.support_contract_id)
        self.assertEqual(self._codes(ticket), ["unknown_customer"])
        self._assert_sound()

    def test_decided_again_for_the_request_type(self):
        free = self.env["helpdesk.ticket.category"].create({"name": "Update"})
        contract = self._create_contract(
            self._create_time_type(
                request_ids=[
                    Command.create({"category_id": free.id, "treatment": "free"})
                ]
            )
        )
        ticket = self._create_ticket()
        self.assertEqual(ticket.support_treatment, "drawn")
        ticket.category_id = free
        self.assertEqual(ticket.support_treatment, "free")
        self._log_work(ticket, 60)
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 600)

    def test_frozen_after_the_first_entry(self):
        """after the first entry partner, company and contract are frozen"""
        contract = self._create_contract(self._create_time_type())
        self._create_contract(self._create_time_type(), self.other_customer)
        other_company = self.env["res.company"].create({"name": "Other vendor"})
        ticket = self._create_ticket()
        self._log_work(ticket, 60)
        for values in (
            {"partner_id": self.other_customer.id},
            {"company_id": other_company.id},
            {"partner_id": False},
        ):
            with self.subTest(**values), self._assert_refused("has drawn on a balance"):
                ticket.write(values)
        ticket.support_work_mode_id = self.phone
        ticket.name = "Another subject"
        self.assertEqual(ticket.support_contract_id, contract)

    def test_undone_work_frees_the_ticket(self):
        self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        self._log_work(ticket, 60)._undo("wrong ticket")
        ticket.partner_id = self.other_customer
        self.assertFalse(ticket.support_contract_id)

    def test_agent_chooses_with_a_reason(self):
        """the agent can choose otherwise, with a reason that is kept"""
        self._create_contract(self._create_time_type(rank=10))
        other = self._create_contract(self._create_time_type(rank=90))
        ticket = self._create_ticket()

        def choose(**vals):
            wizard = (
                self.env["support.ticket.cover"]
                .with_user(self.technician)
                .create({"ticket_id": ticket.id, **vals})
            )
            wizard.action_confirm()

        with self._assert_refused("[Rr]eason"):
            choose(contract_id=other.id, reason="  ")
        with self._assert_refused("choose the one"):
            choose(reason="asked so")
        foreign = self._create_contract(self._create_time_type(), self.other_customer)
        with self._assert_refused("customer"):
            choose(contract_id=foreign.id, reason="asked so")
        choose(contract_id=other.id, reason="asked so")
        self.assertEqual(ticket.support_contract_id, other)
        self.assertTrue(ticket.support_cover_chosen)
        self.assertIn("asked so", ticket.support_cover_why)
        ticket.support_work_mode_id = self.phone  # a choice is not decided again
        self.assertEqual(ticket.support_contract_id, other)
        self._log_work(ticket, 60)
        self.assertEqual(self._flushed(other.ledger_ids).balance, 540)

    def test_foreign_contract_is_never_chosen(self):
        """also not by the method behind the form"""
        foreign = self._create_contract(self._create_time_type(), self.other_customer)
        ticket = self._create_ticket()
        for user in (self.technician, self.manager):
            with self._assert_refused("does not cover"):
                ticket.with_user(user)._support_choose_cover(foreign, "please")
        self.assertFalse(ticket.support_contract_id)

    def test_only_managers_pass_a_gate(self):
        wallet = self._wallet(100)
        ticket = self._create_ticket()
        with self._assert_refused("does not cover"):
            ticket.with_user(self.technician)._support_choose_cover(wallet, "please")
        ticket.with_user(self.manager)._support_choose_cover(wallet, "promised")
        self.assertEqual(ticket.support_contract_id, wallet)

    def test_manager_changes_the_cover_of_work_done(self):
        """change cover (manager, reason) reverses and posts anew"""
        first = self._create_contract(self._create_time_type(rank=10))
        second = self._create_contract(self._create_time_type(rank=90))
        ticket = self._create_ticket()
        works = [self._log_work(ticket, minutes) for minutes in (60, 30)]
        with self._assert_refused("only a contract manager"):
            ticket.with_user(self.technician)._support_choose_cover(second, "please")
        ticket.with_user(self.manager)._support_choose_cover(second, "other budget")
        self._assert_entries(
            first.ledger_ids,
            [
                ("grant", 600),
                ("work", -60),
                ("work", -30),
                ("reversal", 30),
                ("reversal", 60),
            ],
        )
        self.assertEqual(self._flushed(second.ledger_ids).balance, 510)
        self.assertEqual({work.contract_id for work in works}, {second})
        reversal = first.ledger_ids.entry_ids.sorted("id")[-1]
        self.assertEqual(reversal.reason, "other budget")
        self._assert_sound()

    def test_change_to_on_call(self):
        contract = self._create_contract(self._create_time_type())
        ticket = self._create_ticket()
        work = self._log_work(ticket, 60)
        with self._assert_refused("no help without a contract"):
            ticket.with_user(self.manager)._support_choose_cover(
                self.env["support.contract"], "not included"
            )
        self.company.support_on_call = True
        ticket.with_user(self.manager)._support_choose_cover(
            self.env["support.contract"], "not included"
        )
        self.assertEqual((work.cover, work.overage_amount), ("on_call", 80))
        self.assertEqual(self._flushed(contract.ledger_ids).balance, 600)
        self.assertFalse(work.contract_id)


@tagged("post_install", "-at_install")
class TestMail(CoverCase):
    """a ticket that came by mail only proposes its cover: nothing is drawn or reserved
    before a person confirms it"""

    def _receive(self, sender):
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Team", "company_id": self.company.id}
        )
        ticket_id = self.env["mail.thread"].message_process(
            "helpdesk.ticket",
            MAIL.format(message_id=uuid.uuid4(), sender=sender),
            custom_values={"team_id": team.id, "company_id": self.company.id},
        )
        return self.env["helpdesk.ticket"].browse(ticket_id)

    def test_proposes_only(self):
        pack = self._create_contract(
            self._create_type(allotments=[{"unit": "ticket", "quantity": 2}])
        )
        ticket = self._receive(self.portal_user.email)
        self.assertEqual(ticket.partner_id, self.portal_user.partner_id)
        self.assertEqual(ticket.support_contract_id, pack)
        self.assertFalse(ticket.support_cover_confirmed)
        self.assertEqual(self._codes(ticket), ["tickets", "unconfirmed"])
        self.assertEqual(self._flushed(pack.ledger_ids).balance, 2)
        ticket.with_user(self.technician).support_work_mode_id = self.phone
        self.assertEqual(self._flushed(pack.ledger_ids).balance, 2)
        with self._assert_refused("confirm its cover"):
            self._log_work(ticket, 30)
        ticket.with_user(self.technician).action_support_confirm_cover()
        self.assertEqual(self._flushed(pack.ledger_ids).balance, 1)
        ticket.with_user(self.technician).action_support_confirm_cover()
        self.assertEqual(self._flushed(pack.ledger_ids).balance, 1)

    def test_unknown_sender(self):
        wallet = self._wallet(1000)
        ticket = self._receive("somebody@example.net")
        self.assertFalse(ticket.partner_id)
        self.assertEqual(self._codes(ticket), ["unknown_customer"])
        with self._assert_refused("choose the contact first"):
            ticket.with_user(self.technician).action_support_confirm_cover()
        with self._assert_refused("choose the contact first"):
            self._log_work(ticket, 30)
        ticket.partner_id = self.contact
        self.assertEqual(ticket.support_contract_id, wallet)
        self.assertEqual(self._flushed(wallet.ledger_ids).reserved, 0)
        ticket.with_user(self.technician).action_support_confirm_cover()
        self.assertEqual(self._flushed(wallet.ledger_ids).reserved, 160)

    def test_ticket_without_customer(self):
        self._wallet(1000)
        ticket = self.env["helpdesk.ticket"].create(
            {"name": "Help", "description": "Please", "company_id": self.company.id}
        )
        self.assertFalse(ticket.support_cover_confirmed)
        self.assertFalse(ticket.support_cover)
