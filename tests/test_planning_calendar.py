# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The appointment of planned work, and the times that are offered."""

from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .test_planning import PlanningCase


@tagged("post_install", "-at_install")
class TestAppointment(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact.email = "anna@alpha.example.com"

    def setUp(self):
        super().setUp()
        self.contract = self._contract()
        self.work = self._plan(self._request(), "2026-03-12 08:00:00")
        self.event = self.work.event_id

    def _assert_times(self, start, stop):
        for record, names in (
            (self.work, ("planned_start", "planned_end")),
            (self.event, ("start", "stop")),
        ):
            self.assertEqual(
                [record[name] for name in names],
                [datetime.fromisoformat(start), datetime.fromisoformat(stop)],
            )

    def test_technician_and_customer_are_invited(self):
        self.assertEqual(
            self.event.partner_ids, self.technician.partner_id | self.contact
        )
        self.assertEqual(self.event.user_id, self.technician)
        self.assertIn(self.work.ticket_id.number, self.event.name)
        self._assert_times("2026-03-12 08:00:00", "2026-03-12 10:00:00")
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("model", "=", "calendar.event"), ("res_id", "=", self.event.id)])
        )
        self.assertIn(self.contact, mails.recipient_ids)

    def test_moved_both_ways(self):
        self.work.write(
            {
                "planned_start": "2026-03-13 13:00:00",
                "planned_end": "2026-03-13 15:00:00",
            }
        )
        self._assert_times("2026-03-13 13:00:00", "2026-03-13 15:00:00")
        # as the Calendar app does it
        self.event.with_user(self.technician).write(
            {"start": "2026-03-16 08:00:00", "stop": "2026-03-16 11:00:00"}
        )
        self._assert_times("2026-03-16 08:00:00", "2026-03-16 11:00:00")
        self.assertEqual(self.work.estimate_minutes, 180)
        self.assertEqual(self._reserved(self.contract), 180)

    def test_all_day(self):
        self.event.with_user(self.technician).write(
            {"allday": True, "start_date": "2026-03-16", "stop_date": "2026-03-16"}
        )
        self._assert_times("2026-03-16 08:00:00", "2026-03-16 18:00:00")
        self.work.write(
            {
                "planned_start": "2026-03-17 08:00:00",
                "planned_end": "2026-03-17 09:00:00",
            }
        )
        self.assertFalse(self.event.allday)
        self._assert_times("2026-03-17 08:00:00", "2026-03-17 09:00:00")

    def test_moved_onto_other_work(self):
        """what is forbidden in one calendar is forbidden in the other"""
        self._plan(self._request(), "2026-03-12 10:00:00")
        with self._assert_refused("has planned"):
            self.event.with_user(self.technician).write(
                {"start": "2026-03-12 09:00:00", "stop": "2026-03-12 11:00:00"}
            )
        self._assert_times("2026-03-12 08:00:00", "2026-03-12 10:00:00")

    def test_moved_by_others(self):
        """who may not change the work moves no appointment of it"""
        employee = self._create_user("employee", "")
        with self.assertRaises(AccessError):
            self.event.with_user(employee).write(
                {"start": "2026-03-13 09:00:00", "stop": "2026-03-13 11:00:00"}
            )
        with self.assertRaises(AccessError):
            self.event.with_user(employee).unlink()

    def test_another_technician(self):
        guest = self._create_contact(self.customer, "Karl Alpha")
        self.event.partner_ids = [Command.link(guest.id)]
        self.work.with_user(self.colleague).user_id = self.colleague
        self.assertEqual(self.event.user_id, self.colleague)
        self.assertEqual(
            self.event.partner_ids, self.colleague.partner_id | self.contact | guest
        )

    def test_another_contact(self):
        """who is no longer the contact keeps no invitation, guests do"""
        guest, new = (
            self._create_contact(self.customer, name)
            for name in ("Karl Alpha", "Nina Alpha")
        )
        self.event.partner_ids = [Command.link(guest.id)]
        self.work.ticket_id.partner_id = new
        self.assertEqual(
            self.event.partner_ids, self.technician.partner_id | guest | new
        )

    def test_another_customer(self):
        """nobody of the old customer keeps an invitation, nothing of his is held"""
        guest = self._create_contact(self.customer, "Karl Alpha")
        other = self._create_customer("Beta", street="Via Roma 1")
        self.event.partner_ids = [Command.link(guest.id)]
        self.work.sudo().work_mode_id.on_site = True
        self.work.ticket_id.partner_id = other
        self.assertEqual(self.event.partner_ids, self.technician.partner_id | other)
        self.assertIn("Via Roma 1", self.event.location)
        self.assertEqual(self._reserved(self.contract), 0)
        self._assert_sound()

    def test_merged_into_the_ticket_of_another_contact(self):
        new = self._create_contact(self.customer, "Nina Alpha")
        self.work.ticket_id.duplicate_id = self._create_ticket(new)
        self.assertEqual(self.event.partner_ids, self.technician.partner_id | new)

    def test_cancelled_both_ways(self):
        self.work._cancel("customer is away")
        self.assertFalse(self.event.active)
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        self.assertIn(self.work.ticket_id.number, mail.subject)
        for remove in (
            lambda event: event.unlink(),
            lambda event: event.action_archive(),
        ):
            work = self._plan(self._request(), "2026-03-12 08:00:00")
            self.assertEqual(self._reserved(self.contract), 120)
            remove(work.event_id.with_user(self.technician))
            self.assertEqual(work.state, "cancelled")
            self.assertIn("removed from the calendar", work.sudo().cancel_reason)
            self.assertEqual(self._reserved(self.contract), 0)
        self._assert_sound()

    def test_done_work_keeps_its_appointment(self):
        with freeze_time("2026-03-12 10:30:00"):
            self.work.write(
                {"start": "2026-03-12 08:00:00", "end": "2026-03-12 10:00:00"}
            )
            self.work.action_done()
        self.assertTrue(self.event.active)
        self.event.with_user(self.technician).write(
            {"start": "2026-03-13 09:00:00", "stop": "2026-03-13 11:00:00"}
        )
        self.event.with_user(self.technician).unlink()
        self.assertEqual(self.work.state, "done")
        self.assertEqual(
            self.work.planned_start, datetime.fromisoformat("2026-03-12 08:00:00")
        )

    def test_taken_out_of_the_plan(self):
        self.work.write({"planned_start": False, "planned_end": False})
        self.assertEqual(self.work.state, "requested")
        self.assertFalse(self.event.active)
        self._plan(self.work, "2026-03-13 08:00:00")
        self.assertNotEqual(self.work.event_id, self.event)

    def test_no_recurrence(self):
        with self._assert_refused("cannot be repeated"):
            self.event.with_user(self.technician).write(
                {"recurrency": True, "rrule_type_ui": "weekly", "count": 3}
            )

    def test_link_is_not_forged(self):
        """an appointment of somebody else does not become that of the work"""
        events = self.env["calendar.event"].with_user(self.technician)
        values = {
            "name": "Lunch",
            "start": "2026-03-13 11:00:00",
            "stop": "2026-03-13 12:00:00",
        }
        lunch = events.with_context(
            default_support_intervention_id=self.work.id
        ).create(values)
        self.assertFalse(lunch.support_intervention_id)
        with self._assert_refused("Plan the work itself"):
            lunch.support_intervention_id = self.work
        self.assertFalse(
            events.create(
                values | {"support_intervention_id": self.work.id}
            ).support_intervention_id
        )
        copied = self.event.with_user(self.technician).copy()
        self.assertFalse(copied.support_intervention_id)

    def test_made_on_a_ticket(self):
        """nothing of the screen gets into the appointment"""
        work = self._request()
        work.with_context(
            active_model="helpdesk.ticket",
            active_id=work.ticket_id.id,
            default_name="Something",
            default_res_model="helpdesk.ticket",
            default_partner_ids=self.other_customer.ids,
        ).write(
            {
                "planned_start": "2026-03-13 08:00:00",
                "planned_end": "2026-03-13 09:00:00",
            }
        )
        event = work.event_id
        self.assertFalse(event.res_id or event.res_model)
        self.assertNotIn(self.other_customer, event.partner_ids)


class SlotCase(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 8:00-12:00 and 13:00-17:00 from Monday to Friday, in Rome
        cls.hours = cls._calendar("Office", [(8, 12), (13, 17)])
        cls.technician.employee_ids.write(
            {"resource_calendar_id": cls.hours.id, "tz": "Europe/Rome"}
        )
        cls.phone_hours = cls._calendar("Coverage", [(9, 12.5), (15, 18)])
        cls.coverage = Command.create({"calendar_id": cls.phone_hours.id})

    @classmethod
    def _calendar(cls, name, spans):
        return cls.env["resource.calendar"].create(
            {
                "name": name,
                "tz": "Europe/Rome",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": name,
                                "dayofweek": str(day),
                                "hour_from": first,
                                "hour_to": last,
                                "day_period": "morning",
                            }
                        )
                        for day in range(5)
                        for first, last in spans
                    ),
                ],
            }
        )

    def _slots(self, work, day, minutes=60, user=None):
        """Local clock times that are offered on a day."""
        user = user or self.technician
        first = self._moment(day, time(0))
        last = self._moment(self._day(day) + timedelta(days=1), time(0))
        found = work._get_free_slots(user, minutes, first, last)[user]
        hours = (self._moment(day, time(12)) - first).total_seconds() / 3600
        self.assertIn(hours, (11, 12, 13))
        noon = self._moment(day, time(12))
        return [
            (datetime(2000, 1, 1, 12) + (moment - noon)).strftime("%H:%M")
            for moment in found
        ]


@tagged("post_install", "-at_install")
class TestSlots(SlotCase):
    def test_in_working_hours(self):
        self._contract()
        self.assertEqual(
            self._slots(self._request(), "2026-03-12", 120),
            ["08:00", "08:30", "09:00", "09:30", "10:00"]
            + ["13:00", "13:30", "14:00", "14:30", "15:00"],
        )
        self.assertEqual(self._slots(self._request(), "2026-03-14", 120), [])

    def test_in_coverage_and_free_time(self):
        self._contract(coverage_ids=[self.coverage])
        work = self._request()
        self.assertEqual(
            self._slots(work, "2026-03-12"),
            ["09:00", "09:30", "10:00", "10:30", "11:00", "15:00", "15:30", "16:00"],
        )
        # 9:30-10:30 in Rome
        self.env["calendar.event"].create(
            {
                "name": "Dentist",
                "start": "2026-03-12 08:30:00",
                "stop": "2026-03-12 09:30:00",
                "partner_ids": self.technician.partner_id.ids,
            }
        )
        self._plan(self._request(), "2026-03-12 14:00:00", 60)
        self.assertEqual(self._slots(work, "2026-03-12"), ["10:30", "11:00", "16:00"])
        # his own time counts as free
        self._plan(work, "2026-03-12 10:00:00", 60)
        self.assertIn("11:00", self._slots(work, "2026-03-12"))

    def test_what_does_not_keep_him(self):
        """free time, what was declined, what was archived, whole days off"""
        self._contract()
        work = self._request()
        usual = self._slots(work, "2026-03-12")
        values = {
            "name": "Open day",
            "start": "2026-03-12 07:00:00",
            "stop": "2026-03-12 17:00:00",
            "partner_ids": self.technician.partner_id.ids,
        }
        free, declined, archived = self.env["calendar.event"].create(
            [values | {"show_as": "free"}, dict(values), dict(values)]
        )
        declined.attendee_ids.state = "declined"
        archived.active = False
        self.assertEqual(self._slots(work, "2026-03-12"), usual)
        self.env["calendar.event"].create(
            values
            | {
                "allday": True,
                "start_date": "2026-03-12",
                "stop_date": "2026-03-12",
            }
        )
        self.assertEqual(self._slots(work, "2026-03-12"), [])
        self.assertTrue(self._slots(work, "2026-03-13"))
        self.assertTrue(free)

    def test_leave(self):
        self._contract()
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "resource_id": self.technician.employee_ids.resource_id.id,
                "date_from": "2026-03-12 00:00:00",
                "date_to": "2026-03-12 11:30:00",
            }
        )
        # until 12:30 in Rome
        self.assertEqual(self._slots(self._request(), "2026-03-12")[0], "13:00")

    def test_after_the_notice(self):
        """nothing is offered that would be refused (S2)"""
        self._contract(notice_hours=48)
        work = self._request()
        self.assertEqual(self._slots(work, "2026-03-11"), [])
        # 13:00 in Rome, two days after the request
        self.assertEqual(self._slots(work, "2026-03-12")[0], "13:00")
        with freeze_time("2026-03-16 09:10:00"):
            self.assertEqual(self._slots(work, "2026-03-16")[0], "10:30")

    def test_week_of_the_clock_change(self):
        """the same local hours before and after"""
        self._contract()
        work = self._request()
        expected = ["08:00", "08:30", "09:00", "09:30", "10:00"]
        for day in ("2026-03-27", "2026-03-30"):
            self.assertEqual(self._slots(work, day, 120)[:5], expected)
        first = self._moment("2026-03-30", time(0))
        found = work._get_free_slots(
            self.technician, 60, first, first + timedelta(days=1)
        )[self.technician]
        self.assertEqual(found[0], datetime(2026, 3, 30, 6))

    def test_without_employee(self):
        """in the company's hours"""
        self._contract()
        self.company.resource_calendar_id = self.phone_hours
        self.colleague.employee_ids.unlink()
        self.assertEqual(
            self._slots(self._request(), "2026-03-12", user=self.colleague)[0], "09:00"
        )

    def test_warnings(self):
        """other appointments and hours without coverage warn, and forbid nothing"""
        self._contract(coverage_ids=[self.coverage])
        self.env["calendar.event"].create(
            [
                {
                    "name": name,
                    "privacy": privacy,
                    "start": "2026-03-12 08:30:00",
                    "stop": "2026-03-12 09:30:00",
                    "partner_ids": self.technician.partner_id.ids,
                }
                for name, privacy in (("Staff", "public"), ("Doctor", "private"))
            ]
        )
        # private is also what says nothing in a calendar that is private
        self.technician.res_users_settings_id.calendar_default_privacy = "private"
        self.env["calendar.event"].create(
            {
                "name": "Lawyer",
                "start": "2026-03-12 08:30:00",
                "stop": "2026-03-12 09:30:00",
                "user_id": self.technician.id,
                "partner_ids": self.technician.partner_id.ids,
            }
        )
        work = self._plan(self._request(), "2026-03-12 09:00:00", 60)
        self.assertIn("Staff", work.plan_warning)
        self.assertNotIn("Doctor", work.plan_warning)
        self.assertNotIn("Lawyer", work.plan_warning)
        self.assertEqual(len(work.plan_warning.splitlines()), 3)
        work.write(
            {
                "planned_start": "2026-03-12 17:00:00",
                "planned_end": "2026-03-12 19:00:00",
            }
        )
        self.assertIn("does not work", work.plan_warning)
        self.assertIn("outside the coverage hours", work.plan_warning)
        work._cancel("no")
        self.assertFalse(work.plan_warning)

    def test_form(self):
        """a free time is chosen and planned"""
        self._contract()
        work = self._request(minutes=60)
        action = work.action_plan()
        window = (
            self.env[action["res_model"]]
            .with_user(self.technician)
            .browse(action["res_id"])
        )
        self.assertEqual((window.user_id, window.minutes), (self.technician, 60))
        self.assertEqual(
            window.slot_ids[0].start, datetime.fromisoformat("2026-03-10 12:00:00")
        )
        with Form(window) as form:
            form.first_day = "2026-03-12"
        slot = window.slot_ids[1]
        self.assertIn("12 Mar", slot.label)
        start = slot.start
        slot.action_choose()
        self.assertEqual((window.start, window.user_id), (start, self.technician))
        window.action_confirm()
        self.assertEqual((work.state, work.planned_start), ("planned", start))

    def test_form_offers_everybody(self):
        self._contract()
        ticket = self._create_ticket(user_id=False)
        work = ticket._support_request_intervention("Install", 60)
        window = self.env["support.intervention.plan"].create(
            {"intervention_id": work.id}
        )
        self.assertIn(self.technician, window.slot_ids.user_id)
        self.assertIn(self.colleague, window.slot_ids.user_id)
        with self._assert_refused("choose who does the work"):
            window.action_confirm()
