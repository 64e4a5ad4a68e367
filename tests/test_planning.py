# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Work is asked for, planned, started, stopped and cancelled, and what it holds."""

from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SupportCommon
from .scratch import ScratchCase

#: a Tuesday, 13:00 in Rome
NOW = "2026-03-10 12:00:00"


class PlanningCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.colleague = cls._create_user(
            "colleague", "helpdesk_mgmt.group_helpdesk_user"
        )
        cls.closed = cls.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def _contract(self, minutes=600, **vals):
        return self._create_contract(
            self._create_time_type(minutes, **vals), date_start="2026-01-01"
        )

    def _request(self, ticket=None, minutes=120, user=None, **vals):
        """Work that a technician has asked for, as he sees it."""
        ticket = (ticket or self._create_ticket()).with_user(self.technician)
        return ticket._support_request_intervention(
            "Install the new version", minutes, user=user or self.technician, **vals
        )

    def _plan(self, work, start, minutes=120, user=None, by=None, **vals):
        """Planned at a moment in UTC."""
        start = datetime.fromisoformat(start)
        work.with_user(by or self.technician)._plan(
            user or self.technician, start, start + timedelta(minutes=minutes), **vals
        )
        return work

    def _reserved(self, contract):
        return sum(self._flushed(contract.ledger_ids).mapped("reserved"))

    def _balance(self, contract):
        return sum(self._flushed(contract.ledger_ids).mapped("balance"))


@tagged("post_install", "-at_install")
class TestRequest(PlanningCase):
    def test_asked_for_on_a_ticket(self):
        self._contract()
        ticket = self._create_ticket(support_work_mode_id=self.on_site.id)
        work = self._request(ticket, 90, wish="in the morning")
        self.assertEqual(work.state, "requested")
        self.assertEqual(work.requested_on, datetime.fromisoformat(NOW))
        self.assertEqual(work.requested_by, self.technician)
        self.assertEqual(work.estimate_minutes, 90)
        self.assertEqual(work.work_mode_id, self.on_site)
        self.assertIn("in the morning", work.message_ids[0].body)
        # nothing is reserved before it is planned
        self.assertFalse(work.sudo().reservation_ids)

    def test_form_on_the_ticket(self):
        self._contract()
        ticket = self._create_ticket()
        action = ticket.with_user(self.technician).action_support_request_intervention()
        window = (
            self.env[action["res_model"]]
            .with_user(self.technician)
            .with_context(**action["context"])
            .create({"estimate_minutes": 60})
        )
        self.assertEqual(window.name, ticket.name)
        window.action_confirm()
        self.assertEqual(ticket.support_intervention_ids.state, "requested")
        action = window.copy({"user_id": self.technician.id}).action_plan()
        self.assertEqual(action["res_model"], "support.intervention.plan")

    def test_customer_asks(self):
        """the method that the customer's pages call"""
        self._contract()
        ticket = self._create_ticket(self.portal_user.partner_id, user_id=False)
        work = ticket.with_user(self.portal_user)._support_request_intervention(
            "Install", 60, wish="next week"
        )
        self.assertEqual(work.sudo().requested_by, self.portal_user)
        self.assertFalse(work.sudo().user_id)
        with self.assertRaises(AccessError):
            ticket.with_user(self.other_portal_user)._support_request_intervention(
                "Install", 60
            )
        for name, minutes in (("", 60), ("x" * 201, 60), ("x", 0), ("x", 10**6)):
            with self._assert_refused():
                ticket.with_user(self.portal_user)._support_request_intervention(
                    name, minutes
                )

    def test_not_on_every_ticket(self):
        ticket = self._create_ticket(stage_id=self.closed.id)
        with self._assert_refused("is closed"):
            self._request(ticket)
        ticket = self._create_ticket(support_cover_confirmed=False)
        with self._assert_refused("must be confirmed"):
            self._request(ticket)
        ticket = self._create_ticket()
        ticket._support_reject("not ours")
        with self._assert_refused("rejected"):
            self._request(ticket)

    def test_technician_works_for_the_company(self):
        """neither a customer's user nor somebody of another company does the work"""
        self._contract()
        work = self._request()
        portal = self._create_portal_user("anna", self.customer)
        other = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user("stranger", "helpdesk_mgmt.group_helpdesk_user")
        stranger.write({"company_ids": [(6, 0, other.ids)], "company_id": other.id})
        for user in (portal, stranger):
            with self.subTest(user=user.name):
                with self._assert_refused():
                    work.with_user(self.colleague).user_id = user
                with self._assert_refused():
                    self._request(user=user)

    def test_system_says_when_it_was_asked_for(self):
        """nobody makes the notice longer for himself"""
        self._contract()
        ticket = self._create_ticket()
        works = self.env["support.intervention"].with_user(self.technician)
        values = {"name": "Work", "ticket_id": ticket.id}
        work = works.with_context(default_requested_on="2020-01-01 10:00:00").create(
            values
        )
        self.assertEqual(work.requested_on, datetime.fromisoformat(NOW))
        for name in ("requested_on", "requested_by", "cancel_reason", "state"):
            with self._assert_refused("set when the work"):
                work.write({name: "2020-01-01 10:00:00"})
        with self._assert_refused("set when the work"):
            works.create(values | {"requested_on": "2020-01-01 10:00:00"})


@tagged("post_install", "-at_install")
class TestPlan(PlanningCase):
    def test_planned(self):
        contract = self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        self.assertEqual(work.state, "planned")
        self.assertEqual(work.day, date(2026, 3, 12))
        self.assertEqual(work.user_id, self.technician)
        self.assertEqual(work.held, "2:00 h")
        self.assertEqual(self._reserved(contract), 120)
        self._assert_sound()

    def test_both_or_none(self):
        self._contract()
        work = self._request()
        with self._assert_refused("enter both or none"):
            work.planned_start = "2026-03-12 08:00:00"
        with self._assert_refused("must lie after"):
            work.write(
                {
                    "planned_start": "2026-03-12 08:00:00",
                    "planned_end": "2026-03-12 08:00:00",
                }
            )

    def test_dragged_in_the_calendar(self):
        """a work that is dragged is planned, moved, resized and taken out again"""
        contract = self._contract()
        work = self._request(minutes=90)

        def drag(start, end):
            work.write({"planned_start": start, "planned_end": end})

        drag("2026-03-12 08:00:00", "2026-03-12 10:00:00")
        # what was asked for stays the estimate
        self.assertEqual((work.state, work.estimate_minutes), ("planned", 90))
        self.assertEqual(self._reserved(contract), 90)
        drag("2026-03-13 08:00:00", "2026-03-13 10:00:00")
        self.assertEqual(work.estimate_minutes, 90)
        drag("2026-03-13 08:00:00", "2026-03-13 11:00:00")
        self.assertEqual((work.estimate_minutes, self._reserved(contract)), (180, 180))
        drag(False, False)
        self.assertEqual((work.state, self._reserved(contract)), ("requested", 0))

    def test_created_in_the_calendar(self):
        contract = self._contract()
        work = (
            self.env["support.intervention"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Visit",
                    "ticket_id": self._create_ticket().id,
                    "planned_start": "2026-03-12 08:00:00",
                    "planned_end": "2026-03-12 09:30:00",
                }
            )
        )
        self.assertEqual((work.state, work.estimate_minutes), ("planned", 90))
        self.assertEqual(self._reserved(contract), 90)
        self.assertTrue(work.event_id)

    def test_estimate_is_rounded_like_work(self):
        contract = self._contract()
        self.remote.write({"minimum_minutes": 60, "step_minutes": 30})
        self._plan(self._request(minutes=20), "2026-03-12 08:00:00", 20)
        self.assertEqual(self._reserved(contract), 60)

    def test_two_clicks(self):
        """start, done"""
        contract = self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        with freeze_time("2026-03-12 08:05:00"):
            work.action_start()
            self.assertEqual(work.state, "progress")
            self.assertEqual(self._reserved(contract), 120)
            self.assertTrue(work.ticket_id.support_responded_on)
            with self._assert_refused("has started already"):
                work.action_start()
        with freeze_time("2026-03-12 09:35:00"):
            work.action_done()
        self.assertEqual((work.state, work.raw_minutes), ("done", 90))
        self.assertEqual(self._balance(contract), 510)
        self.assertEqual(self._reserved(contract), 0)
        states = work.sudo().reservation_ids.mapped("state")
        self.assertEqual(states, ["used"])
        self._assert_sound()

    def test_stopped_before_it_is_done(self):
        self._contract()
        work = self._request()
        with self._assert_refused("not going on"):
            work.action_stop()
        work.action_start()
        with freeze_time("2026-03-10 12:40:00"):
            work.action_stop()
        with freeze_time("2026-03-10 15:00:00"):
            work.action_done()
        self.assertEqual(work.raw_minutes, 40)

    def test_started_by_hand(self):
        self._contract()
        work = self._request()
        work.start = "2026-03-10 11:00:00"
        self.assertEqual(work.state, "progress")
        work.start = False
        self.assertEqual(work.state, "requested")
        with self._assert_refused("enter when the work started"):
            work.action_done()

    def test_nobody_is_to_do_it_yet(self):
        self._contract()
        ticket = self._create_ticket(user_id=False)
        work = ticket._support_request_intervention("Install", 60)
        self.assertFalse(work.user_id)
        with self._assert_refused("choose who does the work"):
            work.write(
                {
                    "planned_start": "2026-03-12 08:00:00",
                    "planned_end": "2026-03-12 09:00:00",
                }
            )
        work.with_user(self.technician).action_start()
        self.assertEqual(work.user_id, self.technician)

    def test_undone_work_does_not_stand_in_the_way(self):
        """it has ended: its planned time belongs to others"""
        self._contract()
        work = self._plan(self._request(), "2026-03-10 12:30:00")
        work.action_start()
        with freeze_time("2026-03-10 12:45:00"):
            work.action_done()
            other = self._plan(self._request(), "2026-03-10 13:00:00")
            work._undo("wrong ticket")
            self.assertEqual((work.state, other.state), ("progress", "planned"))
            work.action_done()
        self._assert_sound()


@tagged("post_install", "-at_install")
class TestOverlap(PlanningCase):
    def test_named(self):
        self._contract()
        self._plan(self._request(), "2026-03-12 08:00:00")
        other = self._request()
        with self._assert_refused("“Install the new version” on ticket"):
            self._plan(other, "2026-03-12 09:59:00")
        with self._assert_refused("“Install the new version” on ticket"):
            self.env["support.intervention"].with_user(self.technician).create(
                {
                    "name": "Visit",
                    "ticket_id": other.ticket_id.id,
                    "planned_start": "2026-03-12 07:00:00",
                    "planned_end": "2026-03-12 08:30:00",
                }
            )
        # the end is not included, and a colleague is another person
        self._plan(other, "2026-03-12 10:00:00")
        third = self._request()
        self._plan(third, "2026-03-12 08:00:00", user=self.colleague)
        with self._assert_refused("has planned"):
            third.with_user(self.colleague).user_id = self.technician

    def test_what_is_over_claims_no_time(self):
        self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        work._cancel("no need any more")
        self._plan(self._request(), "2026-03-12 08:00:00")

    def test_in_the_database(self):
        """nothing but the database is asked"""
        self._contract()
        first = self._plan(self._request(), "2026-03-12 08:00:00")
        second = self._plan(self._request(), "2026-03-12 10:00:00")
        with self._assert_refused("other planned work at that time"):
            self.env.cr.execute(
                "UPDATE support_intervention SET planned_start = %s WHERE id = %s",
                [first.planned_start, second.id],
            )


@tagged("post_install", "-at_install")
class TestNotice(PlanningCase):
    """interventions are asked for at least 48 hours ahead (S2)"""

    def setUp(self):
        super().setUp()
        self.contract = self._contract(notice_hours=48)
        self.work = self._request()

    def test_48_hours(self):
        with self._assert_refused("48 hours' notice"):
            self._plan(self.work, "2026-03-12 11:59:00")
        with self._assert_refused("48 hours' notice"):
            self.work.write(
                {
                    "planned_start": "2026-03-11 08:00:00",
                    "planned_end": "2026-03-11 09:00:00",
                }
            )
        self._plan(self.work, "2026-03-12 12:00:00")
        with self._assert_refused("48 hours' notice"):
            self.work.planned_start = "2026-03-12 11:00:00"

    def test_counted_from_the_request(self):
        """not from the moment in which it is planned"""
        with freeze_time("2026-03-12 12:00:00"):
            self._plan(self.work, "2026-03-12 13:00:00")
        self.assertEqual(self.work.state, "planned")

    def test_created_with_a_time(self):
        with self._assert_refused("48 hours' notice"):
            self.env["support.intervention"].with_user(self.technician).create(
                {
                    "name": "Visit",
                    "ticket_id": self.work.ticket_id.id,
                    "planned_start": "2026-03-11 08:00:00",
                    "planned_end": "2026-03-11 09:00:00",
                }
            )

    def test_exception_of_a_manager(self):
        with self._assert_refused("48 hours' notice"):
            self._plan(self.work, "2026-03-11 08:00:00", exception="they beg for it")
        with self._assert_refused("48 hours' notice"):
            self._plan(self.work, "2026-03-11 08:00:00", by=self.manager)
        self._plan(
            self.work,
            "2026-03-11 08:00:00",
            by=self.manager,
            exception="accounts are due",
        )
        self.assertEqual(self.work.state, "planned")
        self.assertIn("accounts are due", self.work.message_ids[0].body)
        # later inside the notice is no new exception, earlier is
        self.work.with_user(self.technician).write(
            {
                "planned_start": "2026-03-11 10:00:00",
                "planned_end": "2026-03-11 12:00:00",
            }
        )
        with self._assert_refused("48 hours' notice"):
            self.work.with_user(self.technician).write(
                {
                    "planned_start": "2026-03-11 09:00:00",
                    "planned_end": "2026-03-11 11:00:00",
                }
            )


@tagged("post_install", "-at_install")
class TestHolding(PlanningCase):
    def test_takes_over_what_the_ticket_holds(self):
        contract = self._contract(gate_minutes=120)
        ticket = self._create_ticket()
        self.assertEqual(self._reserved(contract), 120)
        work = self._plan(self._request(ticket, 180), "2026-03-12 08:00:00", 180)
        self.assertEqual(self._reserved(contract), 180)
        held = ticket.support_reservation_ids.filtered(lambda row: row.state == "held")
        self.assertEqual(held.intervention_id, work)
        # other work of the ticket does not use it up
        self._log_work(ticket, 60, datetime(2026, 3, 10, 10))
        self.assertEqual(self._reserved(contract), 180)
        work.with_user(self.technician)._cancel("not needed")
        self.assertEqual(self._reserved(contract), 0)
        self._assert_sound()

    def test_last_two_hours(self):
        """two bookings want the last two hours"""
        contract = self._contract(120)
        first, second = self._request(), self._request(user=self.colleague)
        self._plan(first, "2026-03-12 08:00:00")
        with self._assert_refused("Nothing covers|does not cover"):
            self._plan(second, "2026-03-13 08:00:00", user=self.colleague)
        self.assertEqual(second.state, "requested")
        self.assertFalse(second.sudo().event_id)
        self.assertEqual(self._reserved(contract), 120)
        first._cancel("no need any more")
        self._plan(second, "2026-03-13 08:00:00", user=self.colleague)

    def test_less_than_the_estimate(self):
        """refused as a whole, nothing half done"""
        contract = self._contract(90)
        work = self._request()
        with self._assert_refused("0:30 h are missing"):
            self._plan(work, "2026-03-12 08:00:00")
        self.assertEqual((work.state, self._reserved(contract)), ("requested", 0))
        self._plan(work, "2026-03-12 08:00:00", estimate=90)
        self.assertEqual(self._reserved(contract), 90)
        with self._assert_refused("are missing"):
            work.estimate_minutes = 91
        work.estimate_minutes = 60
        self.assertEqual(self._reserved(contract), 60)

    def test_overage_that_is_charged(self):
        contract = self._contract(90, overage="charge")
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        self.assertEqual(work.held, "1:30 h")
        self.assertEqual(self._reserved(contract), 90)

    def test_hours_then_wallet(self):
        contract = self._create_contract(
            self._create_type(
                overage="wallet",
                allotments=[
                    {"unit": "time", "quantity": 60},
                    {"unit": "money", "quantity": 200},
                ],
            ),
            date_start="2026-01-01",
        )
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        held = {row.unit: row.quantity for row in work.sudo().reservation_ids}
        # an hour, and another one at 80.00
        self.assertEqual(held, {"time": 60, "money": 80})
        with freeze_time("2026-03-12 09:00:00"):
            work.write({"start": "2026-03-12 08:00:00", "end": "2026-03-12 09:00:00"})
            work.action_done()
        # what the wallet held is free again
        self.assertEqual(self._reserved(contract), 0)
        self._assert_sound()

    def test_another_day(self):
        """the hours of the day of the work, also after it was moved"""
        contract = self._contract(120)
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        with self._assert_refused("Nothing covers"):
            work.write(
                {
                    "planned_start": "2027-03-12 08:00:00",
                    "planned_end": "2027-03-12 10:00:00",
                }
            )
        work.write(
            {
                "planned_start": "2026-03-16 08:00:00",
                "planned_end": "2026-03-16 10:00:00",
            }
        )
        self.assertEqual(self._reserved(contract), 120)
        self.assertEqual(work.day, date(2026, 3, 16))
        self._assert_sound()

    def test_hours_of_next_month(self):
        """are not granted yet: the work can be planned, and will find them"""
        contract = self._create_contract(
            self._create_type(
                allotments=[{"unit": "time", "quantity": 120, "recurrence": "month"}]
            ),
            date_start="2026-03-01",
        )
        work = self._plan(self._request(), "2026-04-02 08:00:00")
        self.assertEqual((work.state, self._reserved(contract)), ("planned", 0))
        self.assertFalse(work.held)

    def test_nothing_to_hold(self):
        """on call, and a ticket that was taken off a pack"""
        self.company.support_on_call = True
        work = self._plan(
            self._request(self._create_ticket(self.other_customer)),
            "2026-03-12 08:00:00",
        )
        self.assertEqual(work.state, "planned")
        self.assertFalse(work.sudo().reservation_ids)
        self._create_contract(
            self._create_type(allotments=[{"unit": "ticket", "quantity": 3}]),
            date_start="2026-01-01",
        )
        work = self._plan(self._request(), "2026-03-12 10:00:00")
        self.assertFalse(work.sudo().reservation_ids)

    def test_contract_chosen_by_hand(self):
        """what is held moves to the contract that pays"""
        first = self._contract(rank=1)
        second = self._contract(rank=2)
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        self.assertEqual(self._reserved(first), 120)
        ticket = work.ticket_id.with_user(self.technician)
        ticket._support_choose_cover(second.with_user(self.technician), "asked so")
        self.assertEqual((self._reserved(first), self._reserved(second)), (0, 120))
        self._assert_sound()

    def test_cover_that_no_longer_pays(self):
        """the work stays planned, and says that nothing is held"""
        contract = self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        work.ticket_id.with_user(self.technician).partner_id = self.other_customer
        self.assertEqual((work.state, self._reserved(contract)), ("planned", 0))
        self.assertIn("Nothing is reserved", work.message_ids[0].body)

    def test_closing_the_ticket(self):
        """what has not begun is cancelled, what has begun can be recorded"""
        contract = self._contract()
        ticket = self._create_ticket()
        work = self._plan(self._request(ticket), "2026-03-12 08:00:00")
        asked, begun = self._request(ticket), self._request(ticket)
        begun.action_start()
        ticket.with_user(self.technician).stage_id = self.closed
        self.assertEqual(
            (work.state, asked.state, begun.state),
            ("cancelled", "cancelled", "progress"),
        )
        self.assertEqual(self._reserved(contract), 0)
        self.assertIn("which is cancelled", ticket.message_ids[0].body)
        with freeze_time("2026-03-10 12:30:00"):
            begun.action_done()
        self.assertEqual(begun.state, "done")
        self._assert_sound()

    def test_merged_ticket(self):
        """its planned work is done for the ticket that stays"""
        contract = self._contract()
        ticket, target = self._create_ticket(), self._create_ticket()
        work = self._plan(self._request(ticket), "2026-03-12 08:00:00")
        ticket.duplicate_id = target
        self.assertEqual((work.ticket_id, work.state), (target, "planned"))
        self.assertEqual(self._reserved(contract), 120)
        self._assert_sound()

    def test_deleted(self):
        contract = self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        event = work.sudo().event_id
        work.unlink()
        self.assertEqual(self._reserved(contract), 0)
        self.assertFalse(event.active)

    def test_cancelled_stays_so(self):
        self._contract()
        work = self._plan(self._request(), "2026-03-12 08:00:00")
        with self._assert_refused("say why"):
            work._cancel(" ")
        work._cancel("customer is away")
        self.assertEqual(work.sudo().cancel_reason, "customer is away")
        for values in (
            {"start": "2026-03-10 08:00:00"},
            {"planned_start": "2026-03-16 08:00:00"},
        ):
            with self._assert_refused("was cancelled"):
                work.write(values)
        for method in ("action_start", "action_done", "action_plan"):
            with self._assert_refused("was cancelled"):
                getattr(work, method)()


# ----------------------------------------------------------------------
# Two connections
# ----------------------------------------------------------------------


def prepare(database):
    """Two tickets of a customer with two hours left, each with work asked for."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        vendor._create_contract(vendor._create_time_type(120))
        works = []
        for user in (vendor.technician, vendor.technician, vendor.manager):
            ticket = vendor._create_ticket()
            work = ticket._support_request_intervention("Visit", 60, user=user)
            works.append(work.id)
        return works, vendor.technician.id, vendor.manager.id


def plan(database, work_id, user_id, start, minutes):
    """Plan as a remote client does.

    :return: the message if it is refused
    """
    with database.env() as env:

        def attempt():
            work = env["support.intervention"].browse(work_id)
            begin = datetime.fromisoformat(start)
            work._plan(
                env["res.users"].browse(user_id),
                begin,
                begin + timedelta(minutes=minutes),
            )

        try:
            with mute_logger("odoo.sql_db", "odoo.service.model"):
                retrying(attempt, env)
        except UserError as error:
            return str(error)
    return ""


@tagged("post_install", "-at_install")
class TestPlanningAtOnce(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.works, cls.technician, cls.manager = cls.database.run(prepare)
        day = date.today() + timedelta(days=3)
        cls.start = f"{day} 08:00:00"

    def _both(self, *arguments):
        processes = [self.database.start(plan, *each) for each in arguments]
        return [process.wait() for process in processes]

    def _reset(self):
        self.database.sql(
            "UPDATE support_ledger_reservation SET state = 'released' "
            "WHERE state = 'held'"
        )
        self.database.sql(
            "UPDATE support_intervention SET state = 'requested', "
            "planned_start = NULL, planned_end = NULL WHERE id = ANY(%s)",
            [self.works],
        )

    def test_same_time(self):
        """one technician is not planned twice, whatever each connection sees"""
        first, second, _ = self.works
        told = self._both(
            (first, self.technician, self.start, 60),
            (second, self.technician, self.start, 60),
        )
        self.assertEqual(len([message for message in told if not message]), 1, told)
        self.assertRegex("".join(told), "other planned work|has planned")
        self._reset()

    def test_last_two_hours(self):
        """two bookings want the last two hours"""
        first, _, third = self.works
        told = self._both(
            (first, self.technician, self.start, 120),
            (third, self.manager, self.start, 120),
        )
        self.assertEqual(len([message for message in told if not message]), 1, told)
        self.assertRegex("".join(told), "Nothing covers|does not cover")
        [(reserved, balance)] = self.database.sql(
            "SELECT sum(reserved), sum(balance) FROM support_ledger WHERE reserved > 0"
        )
        self.assertEqual((reserved, balance), (120, 120))
        self._reset()
