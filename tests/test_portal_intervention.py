# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer's pages about interventions: what is planned and done, signing, dates
that are booked, moved and cancelled."""

import uuid
from datetime import datetime
from types import SimpleNamespace
from unittest.mock import patch

from freezegun import freeze_time
from lxml import html
from psycopg2.errors import ExclusionViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.http import Request
from odoo.service.model import retrying
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.support_contract.controllers import (
    support_intervention_portal as pages,
)
from odoo.addons.support_contract.controllers.support_intervention_portal import (
    SupportInterventionPortal,
)
from odoo.addons.support_contract.models.helpdesk_ticket_booking import OPEN_LIMIT

from .common import SupportCommon
from .common_keyboard import KeyboardCase
from .common_tour import OnTelephone, PortalTour
from .scratch import ScratchCase
from .test_intervention_sign import DRAWING

#: a Tuesday, 11:00 in Rome
NOW = "2026-03-10 10:00:00"
LIST = "/my/support/interventions"


class InterventionPortalCase(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls._set_up_hours()
        cls.contract = cls._create_contract(
            cls._create_time_type(
                600, portal_booking="book", overage="refuse", allows_on_call=False
            ),
            date_start="2026-01-01",
        )
        cls.ticket = cls._create_ticket(
            cls.portal_user.partner_id, user_id=cls.technician.id
        )
        cls.other_ticket = cls._create_ticket(cls.other_portal_user.partner_id)

    @classmethod
    def _set_up_hours(cls):
        """Everybody works from Monday to Friday, 9 to 12 and 14 to 17 in Rome."""
        calendar = cls.env["resource.calendar"].create(
            {
                "name": "Office",
                "company_id": cls.company.id,
                "tz": "Europe/Rome",
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Office",
                                "dayofweek": str(day),
                                "hour_from": first,
                                "hour_to": last,
                            }
                        )
                        for day in range(5)
                        for first, last in ((9, 12), (14, 17))
                    ),
                ],
            }
        )
        cls.company.resource_calendar_id = calendar
        employees = cls.env["hr.employee"].search([("company_id", "=", cls.company.id)])
        employees.resource_calendar_id = calendar
        employees.tz = "Europe/Rome"

    def _terms(self, **values):
        """Other agreed terms, as a dated change leaves them."""
        self.contract._write_agreed(values)

    def _reserved(self):
        return sum(self._flushed(self.contract.ledger_ids).mapped("reserved"))

    def _book(self, slot="20260311T0800", user=None, ticket=None, minutes=60):
        return (ticket or self.ticket)._support_book(
            user or self.portal_user, "Install the printer", self.remote, minutes, slot
        )


@tagged("post_install", "-at_install")
class TestBooking(InterventionPortalCase):
    def _slots(self, mode=None, minutes=60, ticket=None, day=None):
        ticket = (ticket or self.ticket).sudo()
        work = ticket._support_think_work(mode or self.remote, minutes)
        return work._get_portal_slot_days(day)

    def _keys(self, **options):
        return [
            slot["key"]
            for day in self._slots(**options)["days"]
            for slot in day["slots"]
        ]

    def test_slots_are_real(self):
        """the technician's hours in the company's zone, less what is planned, from the
        next half hour on"""
        keys = self._keys()
        # it is 11:00 in Rome: 11:00 is the last hour before noon
        self.assertEqual(keys[:3], ["20260310T1000", "20260310T1300", "20260310T1330"])
        day = self._slots()["days"][0]
        self.assertEqual(day["label"], "Tuesday 10 March")
        self.assertIn("2:00", day["slots"][1]["label"])
        self._book("20260310T1300")
        keys = self._keys()
        self.assertEqual(keys[:2], ["20260310T1000", "20260310T1400"])

    def test_clock_change(self):
        """9:00 in Rome is 8:00 UTC until the last Sunday of March, and 7:00 after it"""
        [friday, monday] = self._slots(day=datetime(2026, 3, 27).date())["days"][:2]
        self.assertEqual(friday["slots"][0]["key"], "20260327T0800")
        self.assertEqual(monday["slots"][0]["key"], "20260330T0700")
        self.assertEqual(friday["slots"][0]["label"], monday["slots"][0]["label"])

    def test_notice_is_respected(self):
        """S2: asked for at least 48 hours ahead"""
        self._terms(notice_hours=48)
        self.assertEqual(self._keys()[0], "20260312T1000")
        with self._assert_refused("just been taken"):
            self._book("20260312T0930")
        self.assertEqual(self._book("20260312T1000").state, "planned")

    def test_notice_also_when_moved(self):
        """a date far ahead is no way to one tomorrow"""
        self._terms(notice_hours=48)
        with freeze_time("2026-03-01 10:00:00"):
            work = self._book("20260320T0900")
        with self._assert_refused("just been taken"):
            work._move_by_portal(self.portal_user, "20260311T0800")
        work._move_by_portal(self.portal_user, "20260312T1000")
        self.assertEqual(work.planned_start, datetime(2026, 3, 12, 10))

    def test_coverage_hours(self):
        calendar = self.company.resource_calendar_id.copy(
            {
                "attendance_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "name": "Wednesday",
                            "dayofweek": "2",
                            "hour_from": 15,
                            "hour_to": 16,
                        }
                    ),
                ]
            }
        )
        self._create_contract(
            self._create_time_type(
                portal_booking="book",
                coverage_ids=[Command.create({"calendar_id": calendar.id})],
            ),
            self.other_customer,
            date_start="2026-01-01",
        )
        self.other_ticket._support_redecide()
        self.other_ticket.user_id = self.technician
        self.assertEqual(
            self._keys(ticket=self.other_ticket)[:2],
            ["20260311T1400", "20260318T1400"],
        )

    def test_technicians(self):
        """the one who has the ticket, else its team, else everybody"""
        colleague = self._create_user("colleague", "helpdesk_mgmt.group_helpdesk_user")
        gone = self._create_user("gone", "helpdesk_mgmt.group_helpdesk_user")
        gone.active = False
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Printers",
                "company_id": self.company.id,
                "user_ids": [Command.set((colleague | gone).ids)],
            }
        )
        self.assertEqual(self.ticket._support_get_technicians(), self.technician)
        self.ticket.write({"team_id": team.id, "user_id": False})
        self.assertEqual(self.ticket._support_get_technicians(), colleague)
        self.ticket.team_id = False
        everybody = self.ticket._support_get_technicians()
        self.assertIn(self.technician, everybody)
        self.assertNotIn(gone, everybody)
        self.assertNotIn(self.portal_user, everybody)

    def test_booked(self):
        """calendar, balance and people in one step"""
        work = self._book("20260311T0800", minutes=90)
        self.assertEqual(
            (work.state, work.user_id, work.planned_start, work.planned_end),
            (
                "planned",
                self.technician,
                datetime(2026, 3, 11, 8),
                datetime(2026, 3, 11, 9, 30),
            ),
        )
        self.assertEqual(work.requested_by, self.portal_user)
        self.assertEqual(work.create_uid, self.portal_user)
        self.assertEqual(self._reserved(), 90)
        self.assertIn(self.technician.partner_id, work.event_id.partner_ids)
        self.assertIn(self.portal_user.partner_id, work.event_id.partner_ids)
        self.assertIn(self.technician.partner_id, work.message_partner_ids)
        self._assert_sound()

    def test_two_want_the_same_time(self):
        other = self._create_ticket(
            self.portal_user.partner_id, user_id=self.technician.id
        )
        self._book("20260311T0800")
        with self._assert_refused("just been taken"):
            self._book("20260311T0800", ticket=other)
        with self._assert_refused("just been taken"):
            self._book("20260311T0830", ticket=other)
        self.assertEqual(self._reserved(), 60)

    def test_second_technician_takes_the_same_time(self):
        colleague = self._create_user("second", "helpdesk_mgmt.group_helpdesk_user")
        team = self.env["helpdesk.ticket.team"].create(
            {
                "name": "Printers",
                "company_id": self.company.id,
                "user_ids": [Command.set((colleague | self.technician).ids)],
            }
        )
        self.ticket.write({"team_id": team.id, "user_id": False})
        self._set_up_hours()
        works = self._book() | self._book()
        self.assertEqual(works.user_id, colleague | self.technician)
        with self._assert_refused("just been taken"):
            self._book()

    def test_only_what_is_offered(self):
        """no time, no mode, no length but those of the page"""
        foreign = self._create_work_mode("Foreign", self.product_remote)
        foreign.active = False
        for slot in (
            *("", None, "x", "20260311T0807", "20260311T1130", "20260310T0800"),
            *("20260314T0800", "20990311T0800", "00010101T0000", "99991231T2359"),
        ):
            with self.subTest(slot=slot), self._assert_refused():
                self._book(slot)
        for minutes in (0, -60, 45, 10**9):
            with self.subTest(minutes=minutes), self._assert_refused("how long"):
                self._book(minutes=minutes)
        with self._assert_refused("kind of work"):
            self.ticket._support_book(
                self.portal_user, "x", foreign, 60, "20260311T0800"
            )
        with self._assert_refused("Summary"):
            self.ticket._support_book(
                self.portal_user, " ", self.remote, 60, "20260311T0800"
            )
        self.assertFalse(self.ticket.support_intervention_ids)

    def test_balance_is_too_small(self):
        """nothing stays of a booking that the balance does not cover"""
        self._log_work(self._create_ticket(), 570, "2026-03-02")
        with self._assert_refused("missing"):
            self._book()
        self.assertFalse(self.ticket.support_intervention_ids)
        self.assertEqual(self._reserved(), 0)
        self.assertEqual(self._book(minutes=30).state, "planned")

    def test_who_may_book(self):
        colleague = self._create_portal_user("alpha_reader", self.customer)
        self.contract.sudo().caller_ids = self.portal_user.partner_id
        for user, ticket, text in [
            (colleague, self.ticket, "names ask for interventions"),
            (self.other_portal_user, self.ticket, "Only the customer"),
            (self.technician, self.ticket, "Only the customer"),
            (self.portal_user, self.other_ticket, "Only the customer"),
        ]:
            with self.subTest(user=user.login), self._assert_refused(text):
                self._book(user=user, ticket=ticket)
        self.contract.sudo().orderer_ids = colleague.partner_id
        self.assertTrue(self._book(user=colleague))

    def test_who_only_follows_the_ticket(self):
        """who was put in copy reads the ticket and draws on nobody's balance"""
        self.ticket.message_subscribe(self.other_portal_user.partner_id.ids)
        self.assertTrue(
            self.ticket.with_user(self.other_portal_user).has_access("read")
        )
        with self._assert_refused("Only the customer"):
            self._book(user=self.other_portal_user)
        work = self._book()
        works = self.env["support.intervention"].with_user(self.other_portal_user)
        self.assertFalse(works._find_for_portal(work.id))

    def test_not_for_every_ticket(self):
        for values in (
            {"stage_id": self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done").id},
            {"active": False},
            {"support_cover_confirmed": False},
            {"support_rejected": True},
        ):
            ticket = self._create_ticket(
                self.portal_user.partner_id, user_id=self.technician.id
            )
            ticket.sudo().write(values)
            with (
                self.subTest(values=values),
                self._assert_refused("No intervention can be booked"),
            ):
                self._book(ticket=ticket)
        self._terms(portal_booking="none")
        with self._assert_refused("please call us"):
            self._book()
        self._terms(portal_booking="ask")
        with self._assert_refused("has changed meanwhile"):
            self._book()

    def test_not_all_the_time_there_is(self):
        for day in (11, 16):
            for hour in ("08", "09", "10", "13", "14"):
                self._book(f"202603{day}T{hour}00", minutes=30)
        with self._assert_refused("open already"):
            self._book("20260319T0800", minutes=30)

    def test_asked_for(self):
        """no contract, or one that says so: a planner finds the date"""
        self._terms(portal_booking="ask", notice_hours=48)
        day = datetime(2026, 3, 16).date()
        work = self.ticket._support_ask_date(
            self.portal_user, "Install", self.remote, 60, day, "in the <b>morning</b>"
        )
        self.assertEqual((work.state, work.estimate_minutes), ("requested", 60))
        note = work.message_ids.filtered(lambda message: "suits" in message.body)
        self.assertIn("03/16/2026 in the &lt;b&gt;morning", note.body)
        self.assertEqual(note.author_id, self.portal_user.partner_id)
        self.assertEqual(self._reserved(), 0)
        for day in ("2026-03-11", "2027-03-16", "1900-01-01"):
            with self.subTest(day=day), self._assert_refused("wish for a day"):
                self.ticket._support_ask_date(
                    self.portal_user,
                    "Install",
                    self.remote,
                    60,
                    datetime.fromisoformat(day).date(),
                )
        with self._assert_refused("has changed meanwhile"):
            self._book()

    def test_what_is_quoted_is_not_booked(self):
        self.ticket.sudo().support_treatment = "quoted"
        self.assertEqual(self.ticket._support_get_booking(self.portal_user)[0], "ask")

    def test_moved(self):
        work = self._book("20260312T0800")
        event = work.event_id
        work._move_by_portal(self.portal_user, "20260312T1300")
        self.assertEqual(work.planned_start, datetime(2026, 3, 12, 13))
        self.assertEqual(work.planned_end, datetime(2026, 3, 12, 14))
        self.assertEqual(event.start, datetime(2026, 3, 12, 13))
        self.assertEqual(self._reserved(), 60)
        # half an hour later is not taken by itself
        work._move_by_portal(self.portal_user, "20260312T1330")
        with self._assert_refused("just been taken"):
            work._move_by_portal(self.portal_user, "20260314T0800")
        self._assert_sound()

    def test_only_in_time(self):
        """24 hours before the start to the second; later the customer calls"""
        self._terms(portal_change_hours=24)
        work = self._book("20260312T0900")
        for now, allowed in (
            ("2026-03-11 09:00:00", True),
            ("2026-03-11 09:00:01", False),
        ):
            with freeze_time(now), self.subTest(now=now):
                move, cancel, why_not = work._get_portal_change(self.portal_user)
                self.assertEqual((move, cancel), (allowed, allowed))
                self.assertEqual("please call us" in why_not, not allowed)
        with freeze_time("2026-03-11 09:00:01"):
            with self._assert_refused("please call us"):
                work._move_by_portal(self.portal_user, "20260316T0900")
            with self._assert_refused("please call us"):
                work._cancel_by_portal(self.portal_user, "ill")
        self._terms(portal_change_hours=0)
        self.assertEqual(work._get_portal_change(self.portal_user)[:2], (False, False))

    def test_cancelled(self):
        work = self._book("20260312T0900")
        with self._assert_refused("say why"):
            work._cancel_by_portal(self.portal_user, "  ")
        work._cancel_by_portal(self.portal_user, "nobody is here")
        self.assertEqual(
            (work.state, work.cancel_reason), ("cancelled", "nobody is here")
        )
        self.assertEqual(self._reserved(), 0)
        self.assertFalse(work.event_ids)
        told = work.message_ids.filtered(lambda message: message.partner_ids)
        self.assertEqual(told.partner_ids, self.technician.partner_id)
        with self._assert_refused("cannot be cancelled"):
            work._cancel_by_portal(self.portal_user, "again")
        with self._assert_refused("cannot be moved"):
            work._move_by_portal(self.portal_user, "20260313T0900")

    def test_not_once_it_has_begun(self):
        work = self._book("20260312T0900")
        with freeze_time("2026-03-10 11:00:00"):
            work.with_user(self.technician).action_start()
            with self._assert_refused("cannot be cancelled"):
                work._cancel_by_portal(self.portal_user, "too late")
            self.assertEqual(work.state, "progress")

    def test_changes_are_the_customers(self):
        work = self._book("20260312T0900")
        for user in (self.other_portal_user, self.technician, self.manager):
            with self.subTest(user=user.login), self._assert_refused():
                work._cancel_by_portal(user, "mine")
            with self.subTest(user=user.login), self._assert_refused():
                work._move_by_portal(user, "20260313T0900")


@tagged("post_install", "-at_install")
class TestForecast(InterventionPortalCase):
    def _forecast(self, minutes=60, mode=None, ticket=None):
        ticket = (ticket or self.ticket).sudo()
        work = ticket._support_think_work(
            mode or self.remote, minutes, datetime(2026, 3, 11, 8)
        )
        return work._get_forecast()

    def test_balance(self):
        self._book("20260312T0900", minutes=120)
        forecast = self._forecast(90)
        self.assertTrue(forecast["covered"])
        self.assertEqual(
            forecast["lines"], ["1:30 h from “Hours”, of which 6:30 h are left then."]
        )
        # and that is what is held
        self._book("20260311T0800", minutes=90)
        self.assertEqual(self._reserved(), 210)

    def test_minimum_counts(self):
        self.remote.minimum_minutes = 120
        self.assertIn("2:00 h from", self._forecast(30)["lines"][0])

    def test_own_hold_is_no_hindrance(self):
        """what the ticket holds for whatever comes first passes to the work"""
        self._log_work(self._create_ticket(), 480, "2026-03-02")
        self._terms(gate_minutes=120)
        ticket = self._create_ticket(
            self.portal_user.partner_id, user_id=self.technician.id
        )
        self.assertEqual(self._reserved(), 120)
        self.assertEqual(
            self._forecast(120, ticket=ticket)["lines"],
            ["2:00 h from “Hours”, of which 0:00 h are left then."],
        )
        self._book("20260311T0800", ticket=ticket, minutes=120)
        self.assertEqual(self._reserved(), 120)

    def test_beyond_the_balance(self):
        self._log_work(self._create_ticket(), 570, "2026-03-02")
        forecast = self._forecast(60)
        self.assertFalse(forecast["covered"])
        self.assertIn("does not cover 0:30 h", forecast["lines"][-1])
        self._terms(overage="charge")
        forecast = self._forecast(60)
        self.assertTrue(forecast["covered"])
        self.assertIn("0:30 h are beyond your balance", forecast["lines"][-1])
        self.assertIn("80.00", forecast["lines"][-1])

    def test_wallet(self):
        contract_type = self._create_type(
            portal_booking="book",
            allotments=[{"unit": "money", "quantity": 500, "recurrence": "once"}],
        )
        self._create_contract(
            contract_type, self.other_customer, date_start="2026-01-01"
        )
        self.other_ticket._support_redecide()
        [line] = self._forecast(60, ticket=self.other_ticket)["lines"]
        self.assertIn("80.00", line)
        self.assertIn("420.00", line)

    def test_on_call(self):
        self.company.support_on_call = True
        [line] = self._forecast(60, ticket=self.other_ticket)["lines"]
        self.assertIn("charged by the hour", line)
        self.assertIn("80.00", line)

    def test_nothing_covers(self):
        self.contract.sudo()._set_state("suspended", reason="x")
        forecast = self._forecast()
        self.assertFalse(forecast["covered"])
        self.assertIn("suspended", " ".join(forecast["lines"]))


class PagesCase(InterventionPortalCase, HttpCase):
    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _get(self, url, **options):
        return self.url_open(url, **options)

    def _post(self, url, csrf=True, **values):
        values = {"submission_key": str(uuid.uuid4()), **values}
        if csrf:
            values["csrf_token"] = Request.csrf_token(self)
        return self.url_open(url, data=values)

    def _text(self, response):
        page = html.fromstring(response.content)
        text = " ".join(page.xpath("//main")[0].text_content().split())
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ")

    def _booking(self, **values):
        return {
            "way": "book",
            "mode": self.remote.id,
            "minutes": 60,
            "name": "Install the printer",
            "slot": "20260311T0800",
            **values,
        }

    def _works(self):
        self.env.invalidate_all()
        return self.env["support.intervention"].search(
            [("ticket_id", "=", self.ticket.id)], order="id"
        )


@tagged("post_install", "-at_install")
class TestPages(PagesCase):
    def test_book_move_cancel(self):
        url = f"/my/ticket/{self.ticket.id}"
        page = html.fromstring(self._get(url).content)
        self.assertTrue(page.xpath(f"//a[@href='{url}/book']"))
        text = self._text(self._get(f"{url}/book"))
        self.assertIn("All times are those of Europe/Rome", text)
        self.assertIn("1:00 h from “Hours”, of which 9:00 h are left then.", text)
        self.assertFalse(self._works())
        answer = self._post(f"{url}/book", **self._booking(slot="20260312T0800"))
        work = self._works()
        self.assertEqual(work.state, "planned")
        text = self._text(answer)
        self.assertIn("Your intervention is booked.", text)
        self.assertIn("Thursday 12 March 2026, 9:00 AM – 10:00 AM", text)
        self.assertIn(self.technician.name, text)
        self.assertIn("1:00 h are kept for it.", text)
        self.assertNotIn(self.technician.email, answer.text)
        own = f"{LIST}/{work.id}"
        answer = self._post(f"{own}/move", slot="20260313T1300")
        self.assertIn("Friday 13 March 2026, 2:00 PM", self._text(answer))
        answer = self._post(f"{own}/cancel", reason="<b>ill</b>")
        self.assertIn("The intervention is cancelled", self._text(answer))
        self.assertEqual(self._works().state, "cancelled")
        self.assertEqual(self._reserved(), 0)
        # the pages to change it lead back
        for page in ("move", "cancel"):
            self.assertTrue(self._get(f"{own}/{page}").url.endswith(own))

    def test_one_form_does_it_once(self):
        key = str(uuid.uuid4())
        url = f"/my/ticket/{self.ticket.id}/book"
        first = self._post(url, **self._booking(submission_key=key))
        second = self._post(url, **self._booking(submission_key=key))
        self.assertEqual(first.url, second.url)
        self.assertEqual(len(self._works()), 1)

    def test_the_later_one_sees_fresh_times(self):
        self._book("20260311T0800")
        url = f"/my/ticket/{self.ticket.id}/book"
        answer = self._post(url, **self._booking(name="My printer"))
        self.assertEqual(answer.status_code, 200)
        self.assertIn("just been taken", self._text(answer))
        page = html.fromstring(answer.content)
        offered = page.xpath("//input[@name='slot']/@value")
        self.assertIn("20260311T0900", offered)
        self.assertNotIn("20260311T0800", offered)
        self.assertEqual(page.xpath("//input[@name='name']/@value"), ["My printer"])
        self.assertEqual(len(self._works()), 1)

    def test_in_the_same_moment(self):
        """the database refuses the second: the request is repeated, and told"""
        original = type(self.ticket)._support_book
        calls = []

        def book(ticket, *arguments):
            calls.append(arguments)
            if len(calls) == 1:
                raise ExclusionViolation
            return original(ticket, *arguments)

        with patch.object(type(self.ticket), "_support_book", book):
            with mute_logger("odoo.service.model", "odoo.http"):
                answer = self._post(
                    f"/my/ticket/{self.ticket.id}/book", **self._booking()
                )
        self.assertEqual((answer.status_code, len(calls)), (200, 2))
        self.assertEqual(len(self._works()), 1)

    def test_looking_keeps_what_was_entered(self):
        """other days, another length or kind of work: nothing is lost or stored, and
        nothing stands in the address"""
        url = f"/my/ticket/{self.ticket.id}/book"
        for look in ("day:2026-03-16", f"mode:{self.on_site.id}", "minutes:120", "x"):
            with self.subTest(look=look):
                answer = self._post(
                    f"{url}/look", **self._booking(name="<b>Till</b>"), look=look
                )
                form = html.fromstring(answer.content).xpath(f"//form[@action='{url}']")
                values = dict(form[0].form_values())
                self.assertEqual(values["name"], "<b>Till</b>")
                self.assertTrue(answer.url.endswith("/book/look"))
                name, _mark, value = look.partition(":")
                if value:
                    self.assertEqual(values[name], value)
        self._terms(portal_booking="ask")
        answer = self._post(
            f"{url}/look",
            name="Till",
            wish="mornings",
            wished_day="2026-03-12",
            look="minutes:90",
        )
        form = html.fromstring(answer.content).xpath(f"//form[@action='{url}']")[0]
        values = dict(form.form_values())
        self.assertEqual(
            [values[name] for name in ("name", "wish", "wished_day", "minutes")],
            ["Till", "mornings", "2026-03-12", "90"],
        )
        self.assertFalse(self._works())

    def test_why_there_is_no_date(self):
        """the reason is said, with what to do instead"""

        def why(minutes=60):
            return self._text(
                self._get(f"/my/ticket/{self.ticket.id}/book?minutes={minutes}")
            )

        self.assertNotIn("write to us in the ticket", why())
        self._terms(notice_hours=24 * 90)
        self.assertIn("notice is longer than the 60 days", why())
        self._terms(notice_hours=0)
        with patch.object(
            type(self.env["support.intervention"]),
            "_get_portal_technicians",
            lambda work: work.env["res.users"],
        ):
            self.assertIn("Nobody can be booked for this ticket yet", why())
        self.env["calendar.event"].create(
            {
                "name": "Away",
                "start": datetime(2026, 3, 9),
                "stop": datetime(2026, 6, 30),
                "partner_ids": [Command.set(self._technicians().partner_id.ids)],
            }
        )
        self.assertIn("Nobody is free in these weeks", why())
        self._terms(portal_booking="none")
        page = self._text(self._get(f"/my/ticket/{self.ticket.id}"))
        self.assertIn("Interventions are agreed in person: please call us", page)

    def _technicians(self):
        return self.ticket.sudo()._support_get_technicians()

    def test_get_changes_nothing_and_no_forged_request(self):
        work = self._book("20260312T0900")
        for url, values in (
            (f"/my/ticket/{self.ticket.id}/book", self._booking()),
            (f"{LIST}/{work.id}/move", {"slot": "20260313T0900"}),
            (f"{LIST}/{work.id}/cancel", {"reason": "x"}),
        ):
            query = "&".join(f"{name}={value}" for name, value in values.items())
            self.assertEqual(self._get(f"{url}?{query}").status_code, 200)
            with mute_logger("odoo.http"):
                self.assertEqual(self._post(url, csrf=False, **values).status_code, 400)
        with mute_logger("odoo.http"):
            answer = self._get(f"{LIST}/{work.id}/sign")
        self.assertEqual(answer.status_code, 405)
        self.assertEqual(self._works(), work)
        self.assertEqual(work.planned_start, datetime(2026, 3, 12, 9))

    def test_bad_input(self):
        work = self._book("20260312T0900")
        url = f"/my/ticket/{self.ticket.id}/book"
        for query in (
            *("mode=x&minutes=x&day=x", "mode=99999999999&minutes=-1&day=0000-00-00"),
            *("day=9999-12-31", "day=0001-01-01", "minutes=45", "name=%00"),
        ):
            with self.subTest(query=query):
                self.assertEqual(self._get(f"{url}?{query}").status_code, 200)
                move = self._get(f"{LIST}/{work.id}/move?{query}")
                self.assertEqual(move.status_code, 200)
        for values in (
            self._booking(name=""),
            self._booking(name="\0"),
            self._booking(name="x" * 201),
            self._booking(slot="x"),
            self._booking(slot="\0"),
            self._booking(way="x"),
            self._booking(way="ask", wished_day="x"),
            self._booking(way="ask", wish="x" * 1001),
            self._booking(submission_key="x"),
        ):
            with self.subTest(values=values):
                answer = self._post(url, **values)
                self.assertEqual(answer.status_code, 200)
                self.assertIn('role="alert"', answer.text)
        for query in ("filterby=x", "filterby=cancelled", "filterby=unsigned"):
            self.assertEqual(self._get(f"{LIST}?{query}").status_code, 200)
        self.assertEqual(self._get(f"{LIST}/page/999999").status_code, 200)
        self.assertEqual(self._works(), work)

    def test_others_get_nothing(self):
        """another customer, nobody at all, and what does not exist: one answer"""
        planned = self._book("20260312T0900")
        done = self._log_work(self.ticket, 60, "2026-03-09")
        self._login(self.other_portal_user)
        for number in (planned.id, done.id, 2**31 - 1, 10**12, 0):
            for page in ("", "/move", "/cancel", "/sheet"):
                with self.subTest(number=number, page=page):
                    answer = self._get(f"{LIST}/{number}{page}")
                    self.assertTrue(answer.url.endswith(("/my", "/my/home")))
            for page in ("move", "cancel", "sign", "sheet"):
                with self.subTest(number=number, page=page):
                    answer = self._post(
                        f"{LIST}/{number}/{page}", slot="20260313T0900", reason="x"
                    )
                    self.assertTrue(answer.url.endswith(("/my", "/my/home")))
        for number in (self.ticket.id, 2**31 - 1, 10**12):
            url = f"/my/ticket/{number}/book"
            self.assertTrue(self._get(url).url.endswith(("/my", "/my/home")))
            answer = self._post(url, **self._booking())
            self.assertTrue(answer.url.endswith(("/my", "/my/home")))
        self.assertNotIn("Install the printer", self._get(LIST).text)
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get(f"{LIST}/{planned.id}").url)
        self.assertEqual(self._works(), planned | done)
        self.assertEqual(planned.state, "planned")

    def test_another_company(self):
        """a login of another vendor's customers reads nothing of this one"""
        planned = self._book("20260312T0900")
        done = self._log_work(self.ticket, 60, "2026-03-09")
        company = self.env["res.company"].create({"name": "Other vendor"})
        login = self._create_portal_user("gamma", self.customer)
        login.write(
            {"company_ids": [Command.set(company.ids)], "company_id": company.id}
        )
        self._login(login)
        for work in planned | done:
            answer = self._get(f"{LIST}/{work.id}")
            self.assertTrue(answer.url.endswith(("/my", "/my/home")))

    def test_planned_work_is_not_open_to_remote_calls(self):
        planned = self._book("20260312T0900")
        with self.assertRaises(AccessError):
            planned.with_user(self.portal_user).read(["description"])

    def test_colleague_reads(self):
        """others of the customer see the date, and who may change it"""
        self.contract.sudo().caller_ids = self.portal_user.partner_id
        work = self._book("20260312T0900")
        self._login(self._create_portal_user("alpha_reader", self.customer))
        answer = self._get(f"{LIST}/{work.id}")
        self.assertIn("names move or cancel interventions", self._text(answer))
        self.assertNotIn("/cancel", answer.text)
        answer = self._post(f"{LIST}/{work.id}/cancel", reason="x")
        self.assertIn("names move or cancel interventions", self._text(answer))
        text = self._text(self._get(f"/my/ticket/{self.ticket.id}/book"))
        self.assertIn("names ask for interventions", text)
        self.assertEqual(self._works().state, "planned")

    def test_internal_users_look_and_do_not_act(self):
        work = self._book("20260312T0900")
        self._login(self.technician)
        answer = self._get(f"{LIST}/{work.id}")
        self.assertIn("Thursday 12 March 2026", self._text(answer))
        self._post(f"{LIST}/{work.id}/cancel", reason="x")
        self._post(f"/my/ticket/{self.ticket.id}/book", **self._booking())
        self.assertEqual(self._works(), work)
        self.assertEqual(work.state, "planned")

    def test_list(self):
        work = self._book("20260312T0900")
        done = self._log_work(self.ticket, 60, "2026-03-09", name="Backup checked")
        text = self._text(self._get(LIST))
        self.assertIn("Thursday 12 March 2026, 10:00 AM – 11:00 AM", text)
        self.assertNotIn("Backup checked", text)
        text = self._text(self._get(f"{LIST}?filterby=done"))
        self.assertIn("Backup checked", text)
        self.assertIn("1:00 h · taken: 1:00 h", text)
        self.assertNotIn(work.name, text)
        self.assertTrue(done)

    def _count(self, url):
        """Queries of a page, once everything that all pages share is known."""
        for _time in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            response = self._get(url)
            self.assertEqual(response.status_code, 200)
        return self.cr.sql_log_count - before

    def test_many(self):
        """the number of queries does not grow with the history"""
        done = self._log_work(self.ticket, 1, "2026-03-02")
        planned = self._book("20260320T0900")
        urls = {
            f"{LIST}?filterby=done": 25,
            LIST: 25,
            f"{LIST}/{done.id}": 40,
            f"{LIST}/{planned.id}": 40,
            f"{LIST}/{planned.id}/move": 60,
            f"/my/ticket/{self.ticket.id}/book": 70,
        }
        few = {url: self._count(url) for url in urls}
        self.env.cr.execute(
            """
            INSERT INTO support_intervention (name, ticket_id, company_id, partner_id,
                commercial_partner_id, work_mode_id, user_id, start, "end", day, state,
                raw_minutes, billable_minutes, create_date, requested_on, posting)
            SELECT 'Work ' || number, ticket_id, company_id, partner_id,
                commercial_partner_id, work_mode_id, user_id, start, "end", day, state,
                raw_minutes, billable_minutes, create_date, requested_on, posting
              FROM support_intervention, generate_series(1, 1000) number
             WHERE id = %s
            """,
            [done.id],
        )
        for url, limit in urls.items():
            with self.subTest(url=url):
                many = self._count(url)
                self.assertLessEqual(many, few[url] + 2)
                self.assertLessEqual(many, limit)


@tagged("post_install", "-at_install")
class TestSignPage(PagesCase, KeyboardCase):
    def setUp(self):
        super().setUp()
        self.work = self._log_work(
            self.ticket, 60, "2026-03-09", mode=self.on_site, name="Till set up"
        )
        self.url = f"{LIST}/{self.work.id}"

    def _sign(self, **values):
        page = html.fromstring(self._get(self.url).content)
        form = page.xpath(f"//form[@action='{self.url}/sign']")[0]
        shown = dict(form.form_values())
        return self._post(
            f"{self.url}/sign",
            **{
                "digest": shown["digest"],
                "signer": "Anna Alpha",
                "signature": DRAWING,
                "remark": "<i>fine</i>",
                **values,
            },
        )

    def _reload(self):
        self.env.invalidate_all()
        return self.work

    def test_sign(self):
        text = self._text(self._get(self.url))
        self.assertIn("Till set up", text)
        self.assertIn("All times are those of Europe/Rome", text)
        answer = self._sign()
        work = self._reload()
        self.assertEqual(work.signed_by, "Anna Alpha")
        self.assertEqual(work.signed_partner_id, self.portal_user.partner_id)
        text = self._text(answer)
        self.assertIn("Thank you, the sheet is signed.", text)
        self.assertIn("<i>fine</i>", text)
        self.assertIn("being prepared", text)

    def test_keyboard(self):
        """signed with keys only: what is missing is said, then the name is written"""

        def script(keys):
            keys.wait_for(".o_support_sign_pad canvas")
            keys.fill("#support_sign_name", "Anna Alpha")
            keys.tab_to(".o_support_sign_submit")
            keys.press("Enter")
            keys.wait_for(".o_support_sign_pad [role=alert]")
            keys.wait_for(".o_support_sign_pad button:focus")
            keys.tab_to(".o_support_sign_type")
            keys.press("Enter")
            keys.wait_for("input[name=signature]", "el.value.length > 500")
            keys.wait_for("canvas", "el.ariaLabel === 'Your signature: Anna Alpha'")
            keys.follow(".o_support_sign_submit")
            keys.wait_for("[name=support_signature]")

        self.use_keyboard(self.url, script, self.portal_user.login)
        self.assertEqual(self._reload().signed_by, "Anna Alpha")

    def test_twice_does_it_once(self):
        key = str(uuid.uuid4())
        form = {"submission_key": key, "digest": self.work._get_sheet_digest()}
        form |= {"signature": DRAWING}
        self._post(f"{self.url}/sign", **form, signer="Anna")
        self._post(f"{self.url}/sign", **form, signer="Berta")
        # another window
        form["submission_key"] = str(uuid.uuid4())
        answer = self._post(f"{self.url}/sign", **form, signer="Carla")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._reload().signed_by, "Anna")
        notes = self.work.message_ids.filtered(lambda one: "Signed by" in one.body)
        self.assertEqual(len(notes), 1)

    def test_refused_in_words(self):
        for values, text in (
            ({"digest": "x"}, "has been changed since"),
            ({"signer": "A"}, "enter your name"),
            ({"signature": ""}, "sign in the box"),
            ({"signature": "data:image/svg+xml;base64,PHN2Zz4="}, "sign in the box"),
        ):
            with self.subTest(values=values):
                self.assertIn(text, self._text(self._sign(**values)))
                self.assertFalse(self._reload().signed_on)

    def test_only_the_customer(self):
        digest = self.work._get_sheet_digest()
        for user in (self.technician, self.other_portal_user):
            self._login(user)
            self._post(
                f"{self.url}/sign", digest=digest, signer="Anna", signature=DRAWING
            )
            self.assertFalse(self._reload().signed_on)

    def test_signed_sheet(self):
        """served as it was kept, behind the check of the work"""
        self._sign()
        work = self._reload()
        content = b"%PDF-1.4 kept"
        attachment = self.env["ir.attachment"].create(
            {
                "name": "sheet.pdf",
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": work._name,
                "res_id": work.id,
            }
        )
        work.write({"sheet_due": False, "sheet_attachment_id": attachment.id})
        page = self._get(self.url)
        self.assertNotIn("access_token", page.text)
        answer = self._get(f"{self.url}/sheet")
        self.assertEqual(answer.content, content)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertFalse(attachment.access_token)
        self._login(self.other_portal_user)
        self.assertNotEqual(self._get(f"{self.url}/sheet").content, content)

    def test_sheet_to_print(self):
        """not signed: made by the job, once for what it says"""
        key = str(uuid.uuid4())
        for _time in range(2):
            answer = self._post(f"{self.url}/sheet", submission_key=key)
            self.assertIn("/my/support/documents/", answer.url)
        self._post(f"{self.url}/sheet")
        documents = self.env["support.document"].search([("kind", "=", "intervention")])
        self.assertEqual(documents.intervention_id, self.work)
        self.assertEqual(len(documents), 1)
        self.assertEqual(documents._get_portal_back_url(), self.url)
        report, records = documents._get_report()
        self.assertEqual(
            (report, records),
            ("support_contract.report_intervention_sheet", self.work),
        )

    def test_todo(self):
        """visits are to be signed, one line for each contract"""

        def todos():
            self.env.invalidate_all()
            found = self.contract.sudo()._get_portal_todos(self.portal_user.partner_id)
            return [todo for todo in found[self.contract.id] if todo["kind"] == "sign"]

        self.assertEqual(
            todos(),
            [
                {
                    "kind": "sign",
                    "text": "Sign what was done: Till set up",
                    "url": self.url,
                }
            ],
        )
        self._log_work(self.ticket, 30, "2026-03-09", name="By phone")
        other = self._log_work(self.ticket, 30, "2026-03-08", mode=self.on_site)
        [todo] = todos()
        self.assertEqual(todo["text"], "Sign what was done: 2 sheets")
        self.assertIn("Till set up", self._text(self._get(todo["url"])))
        (self.work | other).sudo().write({"signed_on": False})
        self._sign()
        self.assertEqual(todos()[0]["url"], f"{LIST}/{other.id}")


def prepare(database):
    """Two customers with a ticket of one technician.

    :return: ids of the tickets and of their users, and a slot that is free for both
    """
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        found = []
        for user in (vendor.portal_user, vendor.other_portal_user):
            vendor._create_contract(
                vendor._create_time_type(600, portal_booking="book"),
                user.commercial_partner_id,
            )
            ticket = vendor._create_ticket(
                user.partner_id, user_id=vendor.technician.id
            )
            found.append((ticket.id, user.id))
        thought = ticket._support_think_work(vendor.remote, 60)
        slot = thought._get_portal_slot_days()["days"][1]["slots"][0]["key"]
        return found, vendor.remote.id, slot


def book(database, ticket_id, user_id, mode_id, slot):
    """Book as the page does.

    :return: the message if it is refused
    """
    with database.env() as env:

        def attempt():
            env.flush_all()
            portal = SupportInterventionPortal()
            ticket = env["helpdesk.ticket"].browse(ticket_id)
            user = env["res.users"].browse(user_id)
            mode = env["support.work.mode"].browse(mode_id)
            with patch.object(pages, "request", SimpleNamespace(env=env)):
                portal._without_clash(
                    lambda: ticket._support_book(user, "Visit", mode, 60, slot)
                )

        try:
            with mute_logger("odoo.sql_db", "odoo.service.model"):
                retrying(attempt, env)
        except UserError as error:
            return str(error)
    return ""


def prepare_limit(database):
    """A customer who may have one more date, with two tickets.

    :return: what :func:`book` takes for each of them, with a time of its own
    """
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        user = vendor.portal_user
        vendor._create_contract(
            vendor._create_time_type(6000, portal_booking="book"),
            user.commercial_partner_id,
        )
        tickets = [
            vendor._create_ticket(user.partner_id, user_id=vendor.technician.id)
            for _turn in range(2)
        ]
        env["support.intervention"].create(
            [
                {"name": f"Wish {number}", "ticket_id": tickets[0].id}
                for number in range(OPEN_LIMIT - 1)
            ]
        )
        thought = tickets[0]._support_think_work(vendor.remote, 60)
        days = thought._get_portal_slot_days()["days"]
        return [
            (ticket.id, user.id, vendor.remote.id, day["slots"][0]["key"])
            for ticket, day in zip(tickets, days[1:3], strict=True)
        ]


@tagged("post_install", "-at_install")
class TestBookingAtOnce(ScratchCase):
    def test_two_customers_want_the_same_time(self):
        """one gets it; the other is told that it is taken, in these words"""
        tickets, mode, slot = self.database.run(prepare)
        processes = [
            self.database.start(book, *ticket, mode, slot) for ticket in tickets
        ]
        told = sorted(process.wait() for process in processes)
        self.assertEqual(told[0], "")
        self.assertIn("just been taken", told[1])
        [(planned, users)] = self.database.sql(
            "SELECT count(*), count(DISTINCT commercial_partner_id) "
            "FROM support_intervention WHERE name = 'Visit'"
        )
        self.assertEqual((planned, users), (1, 1))


@tagged("post_install", "-at_install")
class TestBookingLimitAtOnce(ScratchCase):
    def test_one_customer_with_two_tickets(self):
        """what he may have open counts over both"""
        bookings = self.database.run(prepare_limit)
        processes = [self.database.start(book, *booking) for booking in bookings]
        told = sorted(process.wait() for process in processes)
        self.assertEqual(told[0], "")
        self.assertIn("10 interventions open already", told[1])
        [(planned,)] = self.database.sql(
            "SELECT count(*) FROM support_intervention WHERE name = 'Visit'"
        )
        self.assertEqual(planned, 1)


@tagged("post_install", "-at_install")
class TestInterventionTours(PortalTour, SupportCommon, HttpCase):
    """Booked, moved, cancelled and signed in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_contract(
            cls._create_time_type(600, portal_booking="book", portal_change_hours=1)
        )
        cls.ticket = cls._create_ticket(
            cls.portal_user.partner_id, user_id=cls.technician.id
        )

    def _tour(self, url, name):
        self.start_tour(url, name, login=self.portal_user.login)
        work = self.ticket.support_intervention_ids
        work.invalidate_recordset()
        self.authenticate(self.portal_user.login, self.portal_user.login)
        return work

    def test_book_move_and_cancel(self):
        work = self._tour(f"/my/ticket/{self.ticket.id}", "support_booking_tour")
        self.assertEqual((len(work), work.state), (1, "cancelled"))
        self.assertEqual(work.cancel_reason, "Nobody is in the office")
        self.assertFalse(work.event_ids)
        self._assert_words(f"/my/ticket/{self.ticket.id}/book", "What is to be done?")
        self._assert_words(f"{LIST}?filterby=cancelled", "Interventions", "Cancelled")
        self._assert_words(f"{LIST}/{work.id}", "Kind of work")

    def test_sign(self):
        self._log_work(
            self.ticket,
            90,
            mode=self.on_site,
            name="A summary that is much longer than the width of a telephone",
            description="Cash desk repaired\n" + "https://example.com/" + "x" * 80,
        )
        work = self._tour(LIST, "support_sign_portal_tour")
        self.assertEqual(work.signed_by, "Anna Alpha")
        self.assertEqual(work.signed_remark, "All is well")
        self._assert_words(f"{LIST}/{work.id}", "Kind of work")


@tagged("post_install", "-at_install")
class TestInterventionToursOnTelephone(OnTelephone, TestInterventionTours):
    lang = "hu_HU"
