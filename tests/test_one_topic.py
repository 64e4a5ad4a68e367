# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One topic per ticket (S3): what splitting, merging and reopening take from a pack and
give back."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import retrying
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import SupportCommon
from .common_service import ServiceCommon
from .scratch import ScratchCase


class TopicCase(ServiceCommon):
    """A pack of ten tickets, tickets of team ``team``; today is 18 May 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["helpdesk.ticket.team"].create(
            {
                "name": "Support",
                "company_id": cls.company.id,
                "user_ids": [Command.set(cls.technician.ids)],
            }
        )
        cls.stages = {
            name: cls.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
            for name in ("new", "in_progress", "awaiting", "done", "cancelled")
        }
        cls.company.helpdesk_mgmt_duplicate_tracking = True

    def setUp(self):
        super().setUp()
        freezer = self._at("2026-05-18")
        freezer.start()
        self.addCleanup(freezer.stop)
        self.pack = self._sell("ticket_pack", "tickets_10")

    def _ask(self, *args, **vals):
        return super()._ask(*args, **{"team_id": self.team.id, **vals})

    def _move(self, ticket, stage):
        ticket.with_user(self.technician).stage_id = self.stages[stage]

    def _left(self):
        return int(self._flushed(self.pack.ledger_ids).usable)

    def _notes(self, ticket):
        return " ".join(ticket.message_ids.mapped("body"))

    def _mails(self, ticket):
        """Messages of a ticket that went out, with whom they reach."""
        return [
            (message, message.notified_partner_ids)
            for message in ticket.message_ids.sorted("id")
            if not message.is_internal and message.notified_partner_ids
        ]


@tagged("post_install", "-at_install")
class TestSplit(TopicCase):
    def _form(self, ticket, **vals):
        wizards = self.env["support.ticket.split"].with_user(self.technician)
        form = Form(wizards.with_context(default_ticket_id=ticket.id))
        form.name = "The printer too"
        for name, value in vals.items():
            setattr(form, name, value)
        return form

    def _split(self, ticket, **vals):
        action = self._form(ticket, **vals).save().action_confirm()
        return self.env["helpdesk.ticket"].browse(action["res_id"])

    def test_split_takes_one_more(self):
        """when a ticket pack's ticket is taken: "split takes one more" """
        ticket = self._ask()
        new = self._split(ticket, category_id=self.category)
        self.assertEqual(self._left(), 8)
        self._assert_covered(new, self.pack)
        self._assert_entries(
            self.pack.ledger_ids, [("grant", 10), ("ticket", -1), ("ticket", -1)]
        )
        self.assertEqual(ticket._support_get_taken().ticket_id, ticket)
        self.assertEqual(new._support_get_taken().ticket_id, new)
        self._assert_sound()

    def test_new_ticket_is_of_the_same_customer(self):
        channel = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        ticket = self._ask(
            mode="phone",
            partner_name="Enzo from the cellar",
            partner_email="enzo@alpha.example.com",
            support_phone="0577 1",
            channel_id=channel.id,
        )
        self._move(ticket, "in_progress")
        new = self._split(ticket)
        for name in (
            "partner_id",
            "partner_name",
            "partner_email",
            "support_phone",
            "company_id",
            "team_id",
            "channel_id",
            "support_work_mode_id",
            "category_id",
            "description",
        ):
            self.assertEqual(new[name], ticket[name], name)
        self.assertEqual(new.name, "The printer too")
        self.assertEqual(new.stage_id, self.stages["new"])
        self.assertFalse(new.user_id)
        self.assertNotEqual(new.number, ticket.number)
        self.assertEqual(new.support_split_from_id, ticket)
        self.assertEqual(ticket.support_split_ids, new)
        self.assertEqual(ticket.support_split_count, 1)
        opened = ticket.with_user(self.technician).action_support_view_split()
        self.assertEqual(opened["res_id"], new.id)

    def test_customer_is_told_once(self):
        """in his language, on the new ticket; colleagues read a note on the first"""
        self.env["res.lang"]._activate_lang("it_IT")
        self.contact.write({"lang": "it_IT", "email": "anna@alpha.example.com"})
        ticket = self._ask()
        bruno = self._create_contact(
            self.customer, "Bruno", email="b@alpha.example.com"
        )
        stranger = self._create_contact(
            self.other_customer, "Sara", email="s@beta.example.com"
        )
        ticket.message_subscribe((bruno | stranger).ids)
        new = self._split(ticket)
        [(message, told)] = self._mails(new)
        self.assertEqual(told.filtered("partner_share"), self.contact | bruno)
        # sent by itself: this is no answer
        self.assertEqual(message.message_type, "auto_comment")
        self.assertFalse(new.support_responded_on)
        self.assertIn(ticket.number, message.body)
        self.assertIn(new.number, message.body)
        # whoever reads the first for another customer does not read the second
        self.assertNotIn(stranger, new.message_partner_ids)
        self.assertIn(bruno, new.message_partner_ids)
        self.assertFalse(self._mails(ticket))
        self.assertIn(f">{new.number}</a>", self._notes(ticket))

    def test_from_a_message_of_the_customer(self):
        """with its text and files, but no other's"""
        ticket = self._ask()
        ticket.message_subscribe(self.portal_user.partner_id.ids)
        posted = ticket.with_user(self.portal_user).sudo()
        message = posted.message_post(
            body="And the printer is dead",
            author_id=self.portal_user.partner_id.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            attachments=[("printer.txt", b"smoke")],
        )
        posted.message_post(
            body="A secret", message_type="comment", subtype_xmlid="mail.mt_note"
        )
        wizards = self.env["support.ticket.split"].with_user(self.technician)
        names = wizards.env["mail.message"].with_context(support_excerpt=True)
        self.assertIn("And the printer is dead", names.browse(message.id).display_name)
        new = self._split(ticket, message_id=message.with_user(self.technician))
        self.assertIn("And the printer is dead", new.description)
        self.assertNotIn("Please help", new.description)
        self.assertEqual(new.attachment_ids.mapped("name"), ["printer.txt"])
        self.assertEqual(message.attachment_ids.res_id, ticket.id)

    def test_message_of_another_ticket(self):
        ticket, other = self._ask(), self._ask(partner=self.other_customer)
        foreign = other.message_post(body="A secret of others")
        wizard = self._form(ticket).save()
        wizard.message_id = foreign
        with self.assertRaisesRegex(UserError, "choose a message of ticket"):
            wizard.action_confirm()

    def test_forecast(self):
        """what the new ticket will take is shown before, and nothing is taken"""
        ticket = self._ask()
        form = self._form(ticket)
        self.assertEqual(form.covered_by, "contract")
        self.assertEqual(form.contract_name, self.pack.display_name)
        self.assertIn("9 tickets left before this one", form.why)
        form.category_id = self.env.ref("support_contract.category_hardware")
        self.assertEqual(form.covered_by, "none")
        self.assertIn("this request type is not included", form.why)
        self.assertEqual(self._left(), 9)

    def test_empty_pack(self):
        """is said before; the new ticket is as any that nothing covers"""
        tickets = [self._ask() for _ in range(10)]
        form = self._form(tickets[0])
        self.assertEqual(form.covered_by, "none")
        self.assertIn("no tickets are left", form.why)
        [new] = self.env["helpdesk.ticket"].browse(
            form.save().action_confirm()["res_id"]
        )
        self.assertEqual(new.support_cover, "none")
        self.assertEqual(self._left(), 0)
        self._assert_sound()

    def test_second_click(self):
        """takes nothing more"""
        wizard = self._form(self._ask()).save()
        first = wizard.action_confirm()
        self.assertEqual(wizard.action_confirm()["res_id"], first["res_id"])
        self.assertEqual(self._left(), 8)

    def test_unconfirmed_ticket(self):
        """a mail's second topic proposes its cover like the first"""
        ticket = self._ask(support_cover_confirmed=False)
        self.assertEqual(self._left(), 10)
        new = self._split(ticket)
        self.assertFalse(new.support_cover_confirmed)
        self.assertEqual(self._left(), 10)
        new.with_user(self.technician).action_support_confirm_cover()
        self.assertEqual(self._left(), 9)

    def test_refused(self):
        rejected, merged = self._ask(), self._ask()
        rejected._support_reject("no matter of the program")
        merged.duplicate_id = self._ask()
        left = self._left()
        for ticket, message in (
            (rejected, "was rejected as invalid"),
            (merged, "is merged with another one"),
        ):
            with self.assertRaisesRegex(UserError, message):
                self._split(ticket)
        ticket = self._ask()
        for vals, message in (({"name": " "}, "Title"), ({"description": ""}, "Descr")):
            wizard = self._form(ticket).save()
            wizard.write(vals)
            with self.assertRaisesRegex(UserError, message):
                wizard.action_confirm()
        self.assertEqual(self._left(), left - 1)

    def test_rights(self):
        """only who may work on the ticket splits it"""
        own = self._create_user("own_split", "helpdesk_mgmt.group_helpdesk_user_own")
        ticket = self._ask()
        vals = {"ticket_id": ticket.id, "name": "x", "description": "x"}
        with mute_logger("odoo.addons.base.models.ir_rule"):
            with self.assertRaises(AccessError):
                wizards = self.env["support.ticket.split"].with_user(own)
                wizards.create(vals).action_confirm()
            with self.assertRaises(AccessError):
                self.env["support.ticket.split"].with_user(self.portal_user).create(
                    vals
                )
        self.assertEqual(self._left(), 9)


@tagged("post_install", "-at_install")
class TestMerge(TopicCase):
    def _merge(self, ticket, target, stage=None):
        wizards = self.env["helpdesk.ticket.duplicate.wizard"].with_user(
            self.technician
        )
        wizards.create(
            {
                "ticket_id": ticket.id,
                "duplicate_of_id": target.id,
                "target_stage_id": stage and self.stages[stage].id,
            }
        ).action_confirm()

    def _assert_refused(self, ticket, target, message):
        before = self._left()
        for merge in (
            lambda: self._merge(ticket, target),
            lambda: ticket.with_user(self.technician).write(
                {"duplicate_id": target.id}
            ),
        ):
            with self.assertRaisesRegex(UserError, message), self.env.cr.savepoint():
                merge()
        self.env.invalidate_all()
        self.assertEqual(self._left(), before)

    def test_merge_gives_one_back(self):
        """when a ticket pack's ticket is taken: "merge gives one back" """
        kept, ticket = self._ask(), self._ask()
        self.assertEqual(self._left(), 8)
        self._merge(ticket, kept, "cancelled")
        self.assertEqual(self._left(), 9)
        self._assert_entries(
            self.pack.ledger_ids,
            [("grant", 10), ("ticket", -1), ("ticket", -1), ("reversal", 1)],
        )
        entries = self.pack.ledger_ids.entry_ids
        reversal = entries.filtered(lambda entry: entry.kind == "reversal")
        self.assertEqual(reversal.reason, f"merged with {kept.number}")
        self.assertEqual(ticket.duplicate_id, kept)
        self.assertEqual(ticket.stage_id, self.stages["cancelled"])
        self.assertTrue(ticket.closed_date)
        self.assertIn(f">{kept.number}</a>", self._notes(ticket))
        self.assertIn(f">{ticket.number}</a>", self._notes(kept))
        self.assertFalse(kept.closed)
        self._assert_sound()

    def test_by_the_field_alone(self):
        """an import or a remote call that only writes the field merges as well, and a
        ticket that is created as a duplicate"""
        kept, ticket = self._ask(), self._ask()
        ticket.with_user(self.technician).duplicate_id = kept
        self.assertTrue(ticket.closed)
        self.assertEqual(self._left(), 9)
        born = self._ask(duplicate_id=kept.id)
        self.assertEqual(born.duplicate_id, kept)
        self.assertTrue(born.closed)
        self.assertEqual(self._left(), 9)
        both = self._ask() | self._ask()
        both.duplicate_id = kept
        self.assertEqual(kept.duplicate_count, 4)
        self.assertEqual(self._left(), 9)
        self._assert_sound()

    def test_closing_stage(self):
        """an open stage does not close; without a choice it is one that does not say
        that the ticket is resolved"""
        kept = self._ask()
        self.stages["done"].support_resolved = True
        for chosen in (None, "new"):
            ticket = self._ask()
            self._merge(ticket, kept, chosen)
            self.assertEqual(ticket.stage_id, self.stages["cancelled"])
        self.env["helpdesk.ticket.stage"].search([("closed", "=", True)]).active = False
        self._assert_refused(self._ask(), kept, "No stage closes tickets of team Supp")

    def test_reservations_are_released(self):
        plafond = self._sell(
            "plafond", amount=500, partner=self.other_customer, date_start="2026-05-01"
        )
        asker = self._create_contact(self.other_customer, "Bea")
        kept = self._ask(partner=asker)
        ticket = self._ask(partner=asker)
        wallet = plafond.ledger_ids
        self.assertEqual(self._flushed(wallet).reserved, 240)
        self._merge(ticket, kept)
        self.assertEqual(self._flushed(wallet).reserved, 120)

    def test_followers(self):
        """the customer's people follow the one that remains, others do not"""
        kept, ticket = self._ask(), self._ask()
        bruno = self._create_contact(self.customer, "Bruno")
        stranger = self._create_contact(self.other_customer, "Sara")
        ticket.message_subscribe((bruno | stranger).ids)
        self._merge(ticket, kept)
        outside = kept.message_partner_ids.filtered("partner_share")
        self.assertEqual(outside, bruno | self.contact)

    def test_of_another_customer(self):
        other = self._ask(partner=self.other_portal_user.partner_id)
        self._assert_refused(other, self._ask(), "belong to different customers")
        self._assert_refused(self._ask(), other, "belong to different customers")

    def test_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other vendor"})
        self.technician.company_ids += company
        other = self._create_ticket(company_id=company.id)
        self._assert_refused(other, self._ask(), "different companies")

    def test_after_work(self):
        """its hours are billed: they must be undone first"""
        kept, ticket = self._ask(), self._ask()
        work = self._work(ticket, 30)
        self._assert_refused(ticket, kept, "work has been done on it")
        work._undo("wrong ticket")
        self._merge(ticket, kept)
        self.assertEqual(self._left(), 9)

    def test_chains_and_circles(self):
        first, second, third = self._ask(), self._ask(), self._ask()
        self._assert_refused(first, first, "merged with itself")
        self._merge(first, second)
        self._assert_refused(third, first, "is itself merged with")
        self._assert_refused(second, first, "is itself merged with")
        self._assert_refused(second, third, "Other tickets are merged with")
        self._assert_refused(first, third, "is merged already")

    def test_rejected_ones(self):
        rejected, ticket = self._ask(), self._ask()
        rejected._support_reject("no matter of the program")
        self._assert_refused(rejected, ticket, "was rejected as invalid")
        self._assert_refused(ticket, rejected, "nothing can be merged with it")

    def test_nothing_is_done_on_a_merged_ticket(self):
        kept, ticket = self._ask(), self._ask()
        self._merge(ticket, kept)
        with self.assertRaisesRegex(UserError, "is merged with another one"):
            self._work(ticket, 30)
        with self.assertRaisesRegex(UserError, "is merged with another one"):
            ticket._support_reject("twice")
        with self.assertRaisesRegex(UserError, "take back the merge"):
            self._move(ticket, "in_progress")
        self.assertEqual(self._left(), 9)

    def test_taken_back(self):
        """it is open again and takes one by a fresh decision"""
        kept, ticket = self._ask(), self._ask()
        self._merge(ticket, kept)
        with self.assertRaisesRegex(UserError, "Take Back the Merge"):
            ticket.with_user(self.technician).duplicate_id = False
        ticket.with_user(self.technician).action_support_unmerge()
        self.assertFalse(ticket.duplicate_id or ticket.closed or ticket.closed_date)
        self.assertEqual(self._left(), 8)
        self._assert_covered(ticket, self.pack, "9 tickets left before this one")
        self.assertIn("No longer merged", self._notes(kept))
        self._work(ticket, 30)
        self.assertEqual(self._left(), 8)
        with self.assertRaisesRegex(UserError, "is not merged"):
            ticket.action_support_unmerge()
        self._assert_sound()

    def test_taken_back_when_nothing_is_left(self):
        kept, ticket = self._ask(), self._ask()
        self._merge(ticket, kept)
        for _ in range(9):
            self._ask()
        ticket.with_user(self.technician).action_support_unmerge()
        self.assertFalse(ticket.closed)
        self.assertEqual(ticket.support_cover, "none")

    def test_rights(self):
        """on both tickets"""
        own = self._create_user("own_merge", "helpdesk_mgmt.group_helpdesk_user_own")
        mine, other = self._ask(team_id=False), self._ask()
        mine.user_id = own
        with mute_logger("odoo.addons.base.models.ir_rule"):
            for ticket, target in ((mine, other), (other, mine)):
                with self.assertRaises(AccessError):
                    ticket.with_user(own).write({"duplicate_id": target.id})
            with self.assertRaises(AccessError):
                other.with_user(own).action_support_unmerge()


@tagged("post_install", "-at_install")
class TestReopen(TopicCase):
    def _close(self, ticket, stage="done"):
        self._move(ticket, stage)
        self.assertTrue(ticket.closed_date)
        return ticket

    def _assert_open(self, ticket, times=1):
        self.assertFalse(ticket.closed)
        self.assertFalse(ticket.closed_date)
        self.assertEqual(ticket.support_reopen_count, times)

    def test_free_days(self):
        """when a ticket pack's ticket is taken: "reopening within the type's free days
        is free, later it takes one"; the last day counts as a whole"""
        tickets = [self._close(self._ask()) for _ in range(3)]
        self.assertEqual(self.pack.reopen_free_days, 14)
        for day, ticket, hour, left in (
            ("2026-05-18", tickets[0], 23, 7),
            ("2026-06-01", tickets[1], 23, 7),
            ("2026-06-02", tickets[2], 0, 6),
        ):
            with self._at(day, hour):
                self._move(ticket, "in_progress")
                self._assert_open(ticket)
                self.assertEqual(self._left(), left)
                self._assert_covered(ticket, self.pack)
        self.assertIn("nothing is taken again", self._notes(tickets[1]))
        self.assertIn("one ticket is taken from", self._notes(tickets[2]))
        entries = tickets[2].support_entry_ids
        self.assertEqual(
            sorted(entries.mapped("key")),
            [f"ticket:{tickets[2].id}:0", f"ticket:{tickets[2].id}:1"],
        )
        self._assert_sound()

    def test_days_are_the_companys(self):
        """closed at 23:30 in Rome is that day, although it is another in UTC-3"""
        with self._at("2026-05-18", 0, 30):
            ticket = self._close(self._ask())
        self.assertEqual(ticket.closed_date.isoformat(), "2026-05-17T22:30:00")
        with self._at("2026-06-01", 23, 59):
            self._move(ticket, "in_progress")
        self.assertEqual(self._left(), 9)

    def test_agreed_days(self):
        """no free days: only the day on which it was closed is left"""
        self.env.cr.execute(
            "UPDATE support_contract SET reopen_free_days = 0 WHERE id = %s",
            [self.pack.id],
        )
        self.pack.invalidate_recordset()
        ticket, other = self._close(self._ask()), self._close(self._ask())
        self._move(ticket, "in_progress")
        self.assertEqual(self._left(), 8)
        with self._at("2026-05-19"):
            self._move(other, "in_progress")
        self.assertEqual(self._left(), 7)

    def test_second_reopening(self):
        """counts from the second closing, and what was taken for it"""
        ticket = self._close(self._ask())
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(self._left(), 8)
            self._close(ticket)
        with self._at("2026-06-24"):
            self._move(ticket, "in_progress")
            self._assert_open(ticket, 2)
            self.assertEqual(self._left(), 8)
            self._close(ticket)
        with self._at("2026-07-09"):
            self._move(ticket, "in_progress")
            self._assert_open(ticket, 3)
            self.assertEqual(self._left(), 7)

    def test_late_and_nothing_left(self):
        """it is open, but not covered, and says why; what was taken before does not pay
        for work now, a new pack does, once"""
        ticket = self._close(self._ask())
        self._work(self._ask(), 30)
        for _ in range(8):
            self._ask()
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self._assert_open(ticket)
            self._assert_refused(
                ticket, "no tickets are left", "this contract rules out on-call help"
            )
            self._assert_cannot_work(ticket, 30, "no tickets are left")
            again = self._sell("ticket_pack", "tickets_25")
            self._work(ticket, 30)
            self._work(ticket, 30)
            self.assertEqual(self._balance(again), "24 tickets")
        self._assert_sound()

    def test_late_on_call(self):
        """if nothing but on-call help is left, work is priced, not paid by the ticket
        that was taken at first"""
        self.env.ref("support_contract.type_ticket_pack").allows_on_call = True
        self._sell("ticket_pack", "tickets_10", partner=self.other_customer)
        asker = self._create_contact(self.other_customer, "Bea")
        ticket = self._close(self._ask(partner=asker))
        for _ in range(9):
            self._ask(partner=asker)
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(ticket.support_cover, "on_call")
            self.assertEqual(self._work(ticket, 60).overage_amount, 90)

    def test_rejected_ticket(self):
        """was given back, so that it takes one again at once"""
        ticket = self._ask()
        ticket.with_user(self.technician)._support_reject("no matter of the program")
        self.assertEqual(self._left(), 10)
        self._move(ticket, "in_progress")
        self._assert_open(ticket)
        self.assertFalse(ticket.support_rejected or ticket.support_rejection_reason)
        self.assertEqual(self._left(), 9)
        self._assert_covered(ticket, self.pack, "10 tickets left before this one")

    def test_rejected_after_a_late_reopening(self):
        """gives back what the reopening took; for the first time help was given"""
        ticket = self._close(self._ask())
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            ticket.with_user(self.technician)._support_reject("another matter")
        self.assertEqual(self._left(), 9)
        self._assert_sound()

    def test_merged_after_a_late_reopening(self):
        kept, ticket = self._ask(), self._close(self._ask())
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(self._left(), 7)
            ticket.duplicate_id = kept
        self.assertEqual(self._left(), 8)

    def test_cover_changed_after_a_late_reopening(self):
        """what was taken before the reopening stays with its pack"""
        ticket = self._close(self._ask())
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(self._left(), 8)
            again = self._sell("ticket_pack", "tickets_25")
            ticket.with_user(self.manager)._support_choose_cover(again, "newer first")
            self.assertEqual(self._left(), 9)
            self.assertEqual(self._balance(again), "24 tickets")

    def test_chosen_cover_stays(self):
        """a person's choice counts for what the reopening takes, while it can"""
        second = self._sell("ticket_pack", "tickets_25")
        ticket = self._ask()
        ticket.with_user(self.manager)._support_choose_cover(second, "asked so")
        before = self._left()
        self._close(ticket)
        with self._at("2026-06-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(ticket.support_contract_id, second)
            self.assertTrue(ticket.support_cover_chosen)
            self.assertIn("asked so", " ".join(self._why(ticket)))
            self.assertEqual(self._flushed(second.ledger_ids).usable, 23)
            self._close(ticket)
        second._change_state("terminated", self.company._support_day(), "over")
        with self._at("2026-07-10"):
            self._move(ticket, "in_progress")
            self.assertEqual(ticket.support_contract_id, self.pack)
            self.assertFalse(ticket.support_cover_chosen)
        self.assertEqual(self._left(), before - 1)

    def test_gate_is_reserved_again(self):
        """a wallet must cover two hours again"""
        plafond = self._sell(
            "plafond", amount=150, partner=self.other_customer, date_start="2026-05-01"
        )
        asker = self._create_contact(self.other_customer, "Bea")
        wallet = plafond.ledger_ids
        ticket = self._ask(partner=asker)
        self._close(ticket)
        self.assertEqual(self._flushed(wallet).reserved, 0)
        self._move(ticket, "in_progress")
        self.assertEqual(self._flushed(wallet).reserved, 120)
        self._close(ticket)
        self._ask(partner=asker)
        self._move(ticket, "in_progress")
        self.assertEqual(ticket.support_cover, "none")
        self._assert_sound()

    def test_by_changing_the_team(self):
        """a team without the closing stage puts the ticket into its first one"""
        team = self.env["helpdesk.ticket.team"].create(
            {"name": "Hardware", "company_id": self.company.id}
        )
        self.stages["done"].team_ids = self.team
        ticket = self._close(self._ask())
        with self._at("2026-06-10"):
            ticket.team_id = team
            self._assert_open(ticket)
        self.assertEqual(self._left(), 8)

    def test_with_another_request_type(self):
        """in one step: is decided once"""
        rejected = self._ask()
        rejected.with_user(self.technician)._support_reject("no matter of the program")
        excluded = self._close(self._ask(category="hardware"))
        self.assertEqual(self._left(), 10)
        with self._at("2026-06-10"):
            for ticket, left in ((rejected, 9), (excluded, 8)):
                ticket.with_user(self.technician).write(
                    {
                        "stage_id": self.stages["in_progress"].id,
                        "category_id": self.env.ref(
                            "support_contract.category_information"
                        ).id,
                    }
                )
                self.assertEqual(self._left(), left)
                self._assert_covered(ticket, self.pack)

    def test_undone_by_a_rollback(self):
        """as a whole"""
        ticket = self._close(self._ask())
        closed_date = ticket.closed_date
        entries = ticket.support_entry_ids
        with self._at("2026-06-10"), self.env.cr.savepoint() as savepoint:
            self._move(ticket, "in_progress")
            self.assertEqual(self._left(), 8)
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertTrue(ticket.closed)
        self.assertEqual(ticket.closed_date, closed_date)
        self.assertEqual(ticket.support_reopen_count, 0)
        self.assertEqual(ticket.support_entry_ids, entries)
        self.assertEqual(self._left(), 9)

    def test_closed_in_another_closing_stage(self):
        """is no reopening"""
        ticket = self._close(self._ask())
        self._move(ticket, "cancelled")
        self.assertEqual(ticket.support_reopen_count, 0)

    def test_many_at_once(self):
        """free ones cost a fixed number of queries; late ones share what is left"""
        counts = []
        for number in (2, 6):
            tickets = self.env["helpdesk.ticket"].concat(
                *(self._ask(team_id=False) for _ in range(number))
            )
            tickets.write({"stage_id": self.stages["done"].id})
            # the clock stands still for the rules, so that only they are counted
            tickets = tickets.with_context(tracking_disable=True)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            tickets.write({"stage_id": self.stages["in_progress"].id})
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            tickets.write({"stage_id": self.stages["done"].id})
        self.assertLessEqual(counts[1], counts[0])
        self.assertEqual(self._left(), 2)
        with self._at("2026-06-10"):
            late = self.env["helpdesk.ticket"].search(
                [("support_contract_id", "=", self.pack.id)], order="id"
            )
            late.write({"stage_id": self.stages["in_progress"].id})
            covers = late.mapped("support_cover")
            self.assertEqual(covers, ["contract"] * 2 + ["none"] * 6)
        self.assertEqual(self._left(), 0)
        self._assert_sound()


def prepare(database):
    """A pack, and for each race the tickets that it needs."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        contract = vendor._create_contract(
            vendor._create_type(allotments=[{"unit": "ticket", "quantity": 20}])
        )
        done = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        ids = {"technician": vendor.technician.id, "ledger": contract.ledger_ids.id}
        for name in ("circle", "both", "reopen", "unmerge", "split"):
            # without a pack, nothing but the tickets themselves can be in the way
            partner = vendor.other_customer if name == "circle" else vendor.contact
            ids[name] = [vendor._create_ticket(partner).id for _ in range(3)]
        tickets = env["helpdesk.ticket"]
        rejected = tickets.browse(ids["reopen"][0])
        rejected._support_reject("no matter of the program")
        rejected.stage_id = done
        tickets.browse(ids["unmerge"][0]).duplicate_id = ids["unmerge"][1]
        return ids


def decide(env, name, ids, first=True):
    """One of two decisions that meet."""
    one, two, three = env["helpdesk.ticket"].browse(ids[name])
    if name == "circle":
        (one if first else two).duplicate_id = two if first else one
    elif name == "both":
        one.duplicate_id = two if first else three
    elif name == "reopen":
        one.stage_id = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_in_progress")
    elif name == "unmerge":
        one.action_support_unmerge()
    else:
        wizard = env["support.ticket.split"].browse(ids["wizard"])
        wizard.action_confirm()


def race(database, name, ids):
    """A technician decides with a snapshot from before a colleague's decision."""
    if name == "split":
        with database.env(ids["technician"]) as env:
            ids["wizard"] = (
                env["support.ticket.split"]
                .create({"ticket_id": ids[name][0], "name": "x", "description": "x"})
                .id
            )
    results = []
    with database.env(ids["technician"]) as env:
        env.cr.execute("SELECT 1 FROM support_ledger LIMIT 1")  # has its snapshot
        with database.env(ids["technician"]) as other:
            decide(other, name, ids)
        try:
            with mute_logger("odoo.sql_db"):
                decide(env, name, ids, first=False)
                env.flush_all()
            results.append("done")
        except Exception as error:
            results.append(type(error).__name__)
        env.cr.rollback()
        env.invalidate_all()
        try:
            retrying(lambda: decide(env, name, ids, first=False), env)
            results.append("done")
        except UserError as error:
            env.cr.rollback()
            results.append(str(error))
    with database.env() as env:
        entries = env["support.ledger.entry"].search(
            [("ticket_id", "in", ids[name]), ("quantity", "<", 0)]
        )
        return results, [
            len(entries),
            len(entries.reversal_ids),
            env["helpdesk.ticket"].search_count(
                [("support_split_from_id", "in", ids[name])]
            ),
        ]


@tagged("post_install", "-at_install")
class TestTopicsMeet(ScratchCase):
    """two colleagues decide about the same ticket at the same moment: the later one
    begins anew and sees what the other has done"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = cls.database.run(prepare)

    def _check(self, name, message, *counts):
        (first, then), found = self.database.run(race, name, self.ids)
        self.assertEqual(first, "SerializationFailure")
        self.assertRegex(then, message)
        self.assertEqual(tuple(found), counts)

    def test_merged_with_each_other(self):
        """no circle"""
        self._check("circle", "is itself merged with", 0, 0, 0)

    def test_merged_with_two(self):
        """given back once"""
        self._check("both", "is merged already", 3, 1, 0)

    def test_reopened_twice(self):
        """takes one"""
        self._check("reopen", "^done$", 4, 1, 0)

    def test_merge_taken_back_twice(self):
        """takes one"""
        self._check("unmerge", "is not merged", 4, 1, 0)

    def test_split_twice_by_one_form(self):
        """makes one ticket"""
        self._check("split", "^done$", 3, 0, 1)
