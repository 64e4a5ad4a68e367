# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""First responses, and answers of the customer while we wait."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common_sla import SlaCommon, parse


@tagged("post_install", "-at_install")
class TestFirstResponse(SlaCommon):
    """what counts as first response: a message to the customer by an internal user, a
    logged call, or the start of an intervention; not an automatic mail, not an internal
    note, not a change of stage alone"""

    def setUp(self):
        super().setUp()
        self.contract = self._promise_hours(4)
        self.ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        freezer = self._at("Mon 2 Mar 11:00")
        freezer.start()
        self.addCleanup(freezer.stop)

    def _assert_answered(self, by, text="Mon 2 Mar 11:00", responded=None):
        clock = self._clock(self.ticket)
        self.assertEqual(clock.state, "met")
        self.assertEqual(clock.ended_by, by)
        self.assertEqual(clock.ended_on, parse(text))
        self.assertEqual(self.ticket.support_responded_on, parse(responded or text))
        self.assertFalse(clock.next_due)

    def _assert_not_answered(self):
        clock = self._clock(self.ticket)
        self.assertEqual(self._tell(clock), "Mon 2 Mar 15:00")
        self.assertFalse(self.ticket.support_responded_on)

    def test_message_to_the_customer(self):
        self._answer(self.ticket)
        self._assert_answered("message")

    def test_message_to_a_follower_of_the_customer(self):
        """a colleague of the contact is the customer too"""
        self.ticket.message_subscribe(self.portal_user.partner_id.ids)
        self._answer(self.ticket, partner_ids=[])
        self._assert_answered("message")

    def test_first_message_counts(self):
        self._answer(self.ticket)
        self._answer(self.ticket, "Mon 2 Mar 12:00")
        self._assert_answered("message")

    def test_message_by_mail_of_a_colleague(self):
        """a technician answers from his mailbox"""
        self.ticket.message_subscribe(self.contact.ids)
        self._reply(self.ticket)
        self._receive(self.ticket, self.technician.email)
        self._assert_answered("message")

    def test_logged_call(self):
        self._call(self.ticket)
        self._assert_answered("call")

    def test_other_activities_are_no_call(self):
        activity = self.ticket.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.technician.id
        )
        activity.with_user(self.technician).action_feedback(feedback="Done")
        self._assert_not_answered()

    def test_planned_call_is_no_call(self):
        self.ticket.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.technician.id
        )
        self._assert_not_answered()

    def test_start_of_work(self):
        """work logged afterwards counts from its start"""
        self._log_work(self.ticket, 10, parse("Mon 2 Mar 10:20"))
        self._assert_answered("work", "Mon 2 Mar 10:20")

    def test_work_before_the_opening(self):
        """nobody answers before he is asked"""
        self._log_work(self.ticket, 10, parse("Mon 2 Mar 09:20"))
        self._assert_answered("work", "Mon 2 Mar 10:00")

    def test_draft_work_is_no_answer(self):
        self._log_work(self.ticket, 10, parse("Mon 2 Mar 10:20"), done=False)
        self._assert_not_answered()

    def test_work_logged_after_the_miss(self):
        """work logged afterwards: kept if it started before the deadline"""
        with self._at("Mon 2 Mar 17:00"):
            self._fire()
            self.assertEqual(
                self._tell(self._clock(self.ticket)), "missed Mon 2 Mar 15:00"
            )
            self._log_work(self.ticket, 30, parse("Mon 2 Mar 15:00"))
        self._assert_answered("work", "Mon 2 Mar 15:00")
        self._assert_explained(self._clock(self.ticket))

    def test_work_logged_after_the_answer(self):
        """work logged afterwards: the first answer counts, in whatever order they are
        told"""
        self._answer(self.ticket, "Mon 2 Mar 17:00")
        clock = self._clock(self.ticket)
        self.assertEqual(self._tell(clock), "missed Mon 2 Mar 15:00")
        with self._at("Mon 2 Mar 17:30"):
            self._log_work(self.ticket, 30, parse("Mon 2 Mar 12:10"))
        self._assert_answered("work", "Mon 2 Mar 12:10")
        self._assert_explained(clock)
        with self._at("Mon 2 Mar 18:30"):
            self._log_work(self.ticket, 30, parse("Mon 2 Mar 16:10"))
        self._assert_answered("work", "Mon 2 Mar 12:10")

    def test_work_logged_after_the_ticket_was_resolved(self):
        self._move(self.ticket, self.done, "Mon 2 Mar 17:00")
        self.assertEqual(self._clock(self.ticket).state, "missed")
        with self._at("Mon 2 Mar 17:30"):
            self._log_work(self.ticket, 30, parse("Mon 2 Mar 12:10"))
        self._assert_answered("work", "Mon 2 Mar 12:10")

    def test_resolved_without_an_answer_and_reopened(self):
        """what resolving had ended goes on, unless it was answered since"""
        silent = self._open("Mon 2 Mar 10:00")
        for ticket in (self.ticket, silent):
            self._move(ticket, self.done, "Mon 2 Mar 11:00")
        self._answer(self.ticket, "Mon 2 Mar 12:00")
        for ticket in (self.ticket, silent):
            self._move(ticket, self.in_progress, "Tue 3 Mar 09:00")
        self._assert_answered("resolved", responded="Mon 2 Mar 12:00")
        self.assertEqual(self._deadline(silent), "Tue 3 Mar 12:00")

    def test_late_work_stays_late(self):
        with self._at("Mon 2 Mar 17:00"):
            self._log_work(self.ticket, 30, parse("Mon 2 Mar 15:00:01"))
        clock = self._clock(self.ticket)
        self.assertEqual(self._tell(clock), "missed Mon 2 Mar 15:00")

    def test_internal_note(self):
        self._answer(self.ticket, subtype_xmlid="mail.mt_note")
        self._assert_not_answered()

    def test_internal_message(self):
        self._answer(self.ticket, is_internal=True)
        self._assert_not_answered()

    def test_stage_alone(self):
        self._move(self.ticket, self.in_progress)
        self._assert_not_answered()

    def test_automatic_mail_of_a_stage(self):
        self.in_progress.mail_template_id = self.env.ref(
            "helpdesk_mgmt.changed_stage_template"
        )
        self.contact.email = "anna@example.com"
        self._move(self.ticket, self.in_progress)
        mails = self.env["mail.mail"].search([("res_id", "=", self.ticket.id)])
        self.assertIn(self.contact, mails.recipient_ids)
        self._assert_not_answered()

    def test_automatic_message(self):
        """written by the system in the name of the technician"""
        options = {
            "author_id": self.technician.partner_id.id,
            "body": "We have got it",
            "partner_ids": self.contact.ids,
        }
        for message_type in ("auto_comment", "notification"):
            self.ticket.message_post(
                message_type=message_type, subtype_xmlid="mail.mt_comment", **options
            )
            with self.subTest(message_type=message_type):
                self._assert_not_answered()
        self.ticket.message_notify(**options)
        self._assert_not_answered()

    def test_odoobot(self):
        self._answer(self.ticket, user=self.env.ref("base.user_root"))
        self._assert_not_answered()

    def test_message_that_reaches_nobody_of_the_customer(self):
        for partners in (
            self.env["res.partner"],
            self.leader.partner_id,
            self.other_customer,
        ):
            with self.subTest(partners=partners):
                self._answer(self.ticket, partner_ids=partners.ids)
                self._assert_not_answered()

    def test_message_of_the_customer(self):
        self.ticket.message_subscribe((self.contact + self.technician.partner_id).ids)
        self._reply(self.ticket)
        self._assert_not_answered()

    def test_message_that_is_sent_later(self):
        """a message counts when it is sent"""
        later = fields.Datetime.now() + timedelta(hours=1)
        self._answer(self.ticket, scheduled_date=later)
        self._assert_not_answered()
        with self._at("Mon 2 Mar 12:00"):
            self.env["mail.message.schedule"].search([])._send_notifications()
        self._assert_answered("message", "Mon 2 Mar 12:00")

    def test_answer_to_an_unknown_sender(self):
        """a ticket without a known customer: somebody outside is told"""
        ticket = self._create_ticket(partner_id=False, partner_email="who@example.com")
        self._answer(ticket, partner_ids=self.leader.partner_id.ids)
        self.assertFalse(ticket.support_responded_on)
        stranger = self._create_customer("Who", email="who@example.com")
        self._answer(ticket, partner_ids=stranger.ids)
        self.assertEqual(ticket.support_responded_on, parse("Mon 2 Mar 11:00"))


@tagged("post_install", "-at_install")
class TestCustomerAnswers(SlaCommon):
    """customer answers while we wait: the ticket leaves the waiting stage by itself and
    the clock goes on"""

    def setUp(self):
        super().setUp()
        self._promise_hours(4, "resolution")
        self.contact.email = "anna@example.com"
        self.ticket = self._open("Mon 2 Mar 09:00")
        self._move(self.ticket, self.in_progress, "Mon 2 Mar 09:30")
        self._answer(self.ticket, "Mon 2 Mar 09:45")
        self._move(self.ticket, self.awaiting, "Mon 2 Mar 10:00")
        freezer = self._at("Mon 2 Mar 12:00")
        freezer.start()
        self.addCleanup(freezer.stop)

    def _assert_goes_on(self, stage=None):
        self.assertEqual(self.ticket.stage_id, stage or self.in_progress)
        # 1 h used, 3 h left: 1 h, and from 14:00
        self.assertEqual(self._deadline(self.ticket), "Mon 2 Mar 16:00")

    def _assert_waits(self):
        self.env.invalidate_all()
        self.assertEqual(self.ticket.stage_id, self.awaiting)
        self.assertEqual(self._tell(self._clock(self.ticket)), "paused")

    def test_portal_user(self):
        self._reply(self.ticket)
        self._assert_goes_on()

    def test_mail_of_the_contact(self):
        self._receive(self.ticket, "anna@example.com")
        self._assert_goes_on()

    def test_mail_of_a_colleague(self):
        self._receive(self.ticket, self.portal_user.email)
        self._assert_goes_on()

    def test_mail_of_a_stranger(self):
        self._receive(self.ticket, "somebody@elsewhere.example.com")
        self._assert_waits()

    def test_mail_of_another_customer(self):
        self._receive(self.ticket, self.other_portal_user.email)
        self._assert_waits()

    def test_our_own_message(self):
        self._answer(self.ticket)
        self._assert_waits()

    def test_note_about_the_customer(self):
        """what a person writes internally is no answer, whoever is named as author"""
        self.ticket.message_post(
            body="He called",
            author_id=self.contact.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        self._assert_waits()

    def test_it_goes_back_where_it_came_from(self):
        """the stage before the wait, else the first that is attended to"""
        self._move(self.ticket, self.new)
        self._move(self.ticket, self.awaiting)
        self._reply(self.ticket)
        self.assertEqual(self.ticket.stage_id, self.new)

    def test_the_stage_before_is_gone(self):
        self.ticket.support_stage_before_id = self.done
        self._reply(self.ticket)
        self._assert_goes_on()

    def test_opened_waiting(self):
        ticket = self._create_ticket(stage_id=self.awaiting.id)
        self._reply(ticket)
        self.assertEqual(ticket.stage_id, self.in_progress)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 17:00")

    def test_ticket_that_does_not_wait_stays(self):
        self._move(self.ticket, self.done)
        self._reply(self.ticket)
        self.assertEqual(self.ticket.stage_id, self.done)

    def test_mail_of_an_unknown_sender_of_his_own_ticket(self):
        ticket = self._create_ticket(
            partner_id=False, partner_email='"Who" <who@example.com>'
        )
        self._move(ticket, self.awaiting)
        self._answer(ticket)
        self._receive(ticket, "who@example.com")
        self.assertEqual(ticket.stage_id, self.new)

    def test_ticket_without_any_address(self):
        """nobody's mail is the customer's if the ticket names none"""
        ticket = self._create_ticket(partner_id=False, partner_email=False)
        self._move(ticket, self.awaiting)
        self._answer(ticket)
        self._receive(ticket, "somebody@elsewhere.example.com")
        self.assertEqual(ticket.stage_id, self.awaiting)
