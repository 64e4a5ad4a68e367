# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The screen "Incoming Call": who it is, what is known, what becomes of it."""

from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..tools.support_code import format_code, make_code
from .common_phone import FRIDAY, MONDAY, PhoneCommon


class DeskCase(PhoneCommon):
    def setUp(self):
        super().setUp()
        # wrong codes are counted in transactions of their own
        self.registry_enter_test_mode()

    def _desk(self, user=None):
        return self.env["support.call"].with_user(user or self.technician)

    def _call(self, values, user=None):
        """The call that the desk's answer is about, as its operator."""
        return self._desk(user).browse(values["call"]["id"])

    def _by_code(self, user=None, contract=None, number=None):
        code = (contract or self.contract).sudo().support_code
        return self._desk(user).desk_find_code(format_code(code), number)

    def _plain(self, text):
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace(
            "\N{NO-BREAK SPACE}", " "
        )


@tagged("post_install", "-at_install")
class TestWhoCalls(DeskCase):
    def test_by_code(self):
        values = self._by_code()
        self.assertEqual(values["customer"]["name"], "Alpha")
        call = self._call(values)
        self.assertEqual(
            (call.user_id, call.identified_by, call.partner_id, call.contract_id),
            (self.technician, "code", self.customer, self.contract),
        )
        self.assertEqual(call.start, self._at(MONDAY, 11))
        self.assertEqual((call.outcome, call.end), ("none", False))

    def test_the_number_tells_who_of_the_customer(self):
        self._create_contact(self.customer, "Aldo Alpha", phone="+39 06 1111 1111")
        values = self._by_code(number="0645678901")
        self.assertEqual(values["call"]["caller_id"], self.contact.id)
        self.assertEqual(values["call"]["number"], "+39 06 4567 8901")
        self.assertFalse(self._by_code()["call"]["caller_id"])
        self.contract.sudo().caller_ids = self.contact
        self.assertEqual(self._by_code()["call"]["caller_id"], self.contact.id)

    def test_a_wrong_code_tells_nothing(self):
        for code in (make_code(), "1", None, {"a": 1}):
            values = self._desk().desk_find_code(code)
            self.assertEqual(list(values), ["refused"])
        self.assertFalse(self.env["support.call"].search_count([]))

    def test_states_are_said_plainly(self):
        """a right code of a contract that is not active"""
        draft = self._create_contract(self._create_type(), activate=False)
        offered = self._create_contract(self._create_type(), activate=False)
        offered.action_mark_offered()
        over = self._create_contract(self._create_type())
        over._change_state("terminated", self.company._support_day(), "Gone")
        archived = self._create_contract(self._create_type(), activate=False)
        archived.active = False
        for contract, state in (
            (draft, "it is draft"),
            (offered, "it is offered"),
            (over, "it is terminated"),
            (archived, "is archived"),
        ):
            with self.subTest(state=state):
                values = self._by_code(contract=contract)
                self.assertIn(state, " ".join(values["warnings"]))
                self.assertEqual(values["customer"]["name"], "Alpha")
        self.assertEqual(self._by_code()["warnings"], [])

    def test_a_contract_without_the_phone(self):
        contract = self._create_contract(
            self._create_type(
                coverage_ids=[
                    Command.create(
                        {
                            "channel_id": self.env.ref(
                                "helpdesk_mgmt.helpdesk_ticket_channel_web"
                            ).id,
                            "calendar_id": self.hours.id,
                        }
                    )
                ]
            )
        )
        values = self._by_code(contract=contract)
        self.assertIn("does not include help by phone", values["warnings"][0])

    def test_by_number(self):
        for number in ("06 4567 8901", "+390645678901", "0039 06 45678901"):
            with self.subTest(number=number):
                values = self._desk().desk_find_phone(number)
                call = self._call(values)
                self.assertEqual(
                    (call.identified_by, call.partner_id, call.caller_id, call.number),
                    ("phone", self.customer, self.contact, "+39 06 4567 8901"),
                )

    def test_a_number_of_several(self):
        self.customer.phone = "+39 06 4567 8901"
        values = self._desk().desk_find_phone("0645678901")
        self.assertEqual(
            {match["name"] for match in values["matches"]}, {"Alpha", "Anna Alpha"}
        )
        self.assertFalse(self.env["support.call"].search_count([]))
        chosen = self._desk().desk_identify(self.contact.id, "phone", values["number"])
        self.assertEqual(self._call(chosen).identified_by, "phone")

    def test_a_number_of_nobody(self):
        for number in ("06 9999 9999", "77", "", None, "x" * 500, ["1"]):
            values = self._desk().desk_find_phone(number)
            self.assertEqual(values["matches"], [])
            self.assertTrue(values["refused"])

    def test_an_extension(self):
        self.contact.phone = "4711"
        self.env.flush_all()
        self.env.flush_all()
        values = self._desk().desk_find_phone("4711")
        self.assertEqual(self._call(values).caller_id, self.contact)

    def test_by_search_is_logged_as_such(self):
        values = self._desk().desk_search("anna al")
        self.assertEqual(
            [match["id"] for match in values["matches"]], [self.contact.id]
        )
        chosen = self._desk().desk_identify(self.contact.id, "search")
        self.assertEqual(self._call(chosen).identified_by, "search")
        # what a client claims is not what was
        chosen = self._desk().desk_identify(self.contact.id, "phone", "06 1")
        self.assertEqual(self._call(chosen).identified_by, "search")
        for text in ("a", "", None, "nobody of this name", {}):
            values = self._desk().desk_search(text)
            self.assertEqual(values["matches"], [])
            self.assertTrue(values["refused"])

    def test_ids_from_outside(self):
        for value in (0, -1, 2**40, "1", None, True, [self.contact.id]):
            with self.subTest(value=value), self.assertRaises(UserError):
                self._desk().desk_identify(value, "search")

    def test_a_locked_operator_is_told_on_opening(self):
        self.assertEqual(self._desk().desk_open()["locked"], "")
        for _ in range(5):
            self._desk().desk_find_code("1")
        self.assertIn("Too many wrong codes", self._desk().desk_open()["locked"])


@tagged("post_install", "-at_install")
class TestWhatIsShown(DeskCase):
    def test_contracts_and_balances(self):
        values = self._by_code()
        [contract] = values["contracts"]
        self.assertEqual(contract["name"], self.contract.name)
        self.assertTrue(contract["given"])
        [balance] = contract["balances"]
        self.assertEqual(self._plain(balance["usable"]), "10:00 h")
        self.assertFalse(balance["empty"])

    def test_phone_hours(self):
        self.assertEqual(
            self._plain(self._by_code()["hours"]["text"]), "Phone open until 12:30 PM"
        )
        for now, text in [
            ((MONDAY, 13), "Phone closed, opens 3:00 PM"),
            ((MONDAY, 18), "Phone closed, opens Tuesday 10:00 AM"),
            ((FRIDAY, 18), "Phone closed, opens Monday 10:00 AM"),
        ]:
            self._go_to(*now)
            hours = self._by_code()["hours"]
            self.assertEqual(self._plain(hours["text"]), text)
            self.assertFalse(hours["open"])

    def test_the_companys_own_hours(self):
        self.assertEqual(
            self._desk().desk_open()["hours"],
            {"open": True, "text": "Phone always open"},
        )
        self.company.resource_calendar_id = self.hours
        self.assertIn("12:30", self._desk().desk_open()["hours"]["text"])
        self.hours.attendance_ids.unlink()
        self.assertEqual(
            self._desk().desk_open()["hours"], {"open": False, "text": "Phone closed"}
        )

    def test_a_date_where_a_weekday_would_not_do(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Summer",
                "calendar_id": self.hours.id,
                "company_id": self.company.id,
                "date_from": self._at(MONDAY, 0),
                "date_to": self._at("2026-03-15", 23, 59),
            }
        )
        self.assertIn(
            "Monday 16 March 10:00", self._plain(self._by_code()["hours"]["text"])
        )

    def test_people_and_who_may_call(self):
        stranger = self._create_contact(self.customer, "Aldo Alpha")
        people = {
            person["id"]: person["allowed"] for person in self._by_code()["people"]
        }
        self.assertTrue(all(people.values()))
        self.assertEqual(
            set(people),
            {self.customer.id, self.contact.id, stranger.id}
            | set(self.portal_user.partner_id.ids),
        )
        self.contract.caller_ids = self.contact
        people = self._by_code()["people"]
        self.assertEqual(people[0]["id"], self.contact.id)
        self.assertEqual(
            [person["id"] for person in people if person["allowed"]],
            [self.contact.id],
        )

    def test_open_tickets_with_their_deadline(self):
        ticket = self._create_ticket()
        self._create_ticket(self.other_customer)
        closed = self._create_ticket()
        closed.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        ticket.support_deadline = self._at(MONDAY, 10, 30)
        [shown] = self._by_code()["tickets"]
        self.assertEqual(shown["id"], ticket.id)
        self.assertTrue(shown["late"])
        self.assertEqual(self._plain(shown["deadline"]), "10:30 AM")

    def test_open_callbacks(self):
        callback = self._create_callback()
        self._create_callback(topic="Over")._cancel("x")
        [shown] = self._by_code()["callbacks"]
        self.assertEqual((shown["id"], shown["late"]), (callback.id, False))

    def test_nothing_beyond_the_technicians_own_rights(self):
        """a technician of the lowest group sees his own tickets only"""
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self._create_ticket(user_id=self.technician.id)
        mine = self._create_ticket(user_id=own.id)
        values = self._by_code(own)
        self.assertEqual([ticket["id"] for ticket in values["tickets"]], [mine.id])
        # and no price, no margin, no code
        text = str(values)
        for secret in (self.contract.support_code, "fee", "pricelist", "rank"):
            self.assertNotIn(secret, text)

    def test_another_companys_contracts_stay_there(self):
        other = self.env["res.company"].create({"name": "Other vendor"})
        stranger = self._create_user("stranger", "helpdesk_mgmt.group_helpdesk_user")
        stranger.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        self._create_ticket()
        self._create_callback()
        values = self._desk(stranger).desk_identify(self.contact.id, "search")
        for name in ("contracts", "installations", "tickets", "callbacks"):
            self.assertEqual(values[name], [])
        # nor does the customer's code tell anything there
        self.assertIn("refused", self._by_code(stranger))


@tagged("post_install", "-at_install")
class TestWhatBecomesOfIt(DeskCase):
    def test_two_entries_make_a_ticket(self):
        """code and Enter, topic and Enter"""
        values = self._by_code(number="0645678901")
        answer = self._call(values).desk_open_ticket("The till  does not start")
        ticket = self.env["helpdesk.ticket"].browse(answer["ticket_id"])
        self.assertEqual(ticket.name, "The till does not start")
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.channel_id, self.channel)
        self.assertEqual(
            ticket.support_work_mode_id,
            self.env.ref("support_contract.work_mode_phone"),
        )
        self.assertEqual(ticket.support_phone, "+39 06 4567 8901")
        self.assertEqual(ticket.user_id, self.technician)
        self.assertEqual(ticket.support_contract_id, self.contract)
        self.assertIn(self.contract.name, answer["cover"])
        call = self._call(values)
        self.assertEqual((call.outcome, call.ticket_id), ("ticket_new", ticket))
        self.assertEqual(call.end, self._at(MONDAY, 11))
        line = str(ticket.message_ids.filtered("body")[:1].body)
        self.assertIn("Call from Anna Alpha (+39 06 4567 8901).", line)

    def test_a_call_is_a_first_response(self):
        """edge_cases.md, "what counts as first response": a logged call"""
        ticket = self._create_ticket()
        self._go_to(MONDAY, 11, 30)
        values = self._by_code()
        # it counts from when they spoke, not from when it was written down
        self._go_to(MONDAY, 11, 45)
        self._call(values).desk_add_to_ticket(ticket.id, "Asked for a picture")
        self.assertEqual(ticket.support_responded_on, self._at(MONDAY, 11, 30))
        message = ticket.message_ids.filtered("body")[:1]
        self.assertIn("Asked for a picture", str(message.body))
        self.assertTrue(message.subtype_id.internal)

    def test_what_is_typed_is_text(self):
        ticket = self._create_ticket()
        note = "<img src=x onerror=alert(1)>"
        self._call(self._by_code()).desk_add_to_ticket(ticket.id, note)
        self.assertIn("&lt;img", str(ticket.message_ids.filtered("body")[:1].body))
        answer = self._call(self._by_code()).desk_open_ticket(note)
        opened = self.env["helpdesk.ticket"].browse(answer["ticket_id"])
        self.assertNotIn("<img", str(opened.description))

    def test_who_called(self):
        aldo = self._create_contact(self.customer, "Aldo Alpha")
        call = self._call(self._by_code())
        answer = call.desk_open_ticket("Help", aldo.id)
        ticket = self.env["helpdesk.ticket"].browse(answer["ticket_id"])
        self.assertEqual((ticket.partner_id, call.caller_id), (aldo, aldo))
        call = self._call(self._by_code())
        for caller in (self.other_customer.id, 2**40, "x", -1):
            with self.subTest(caller=caller), self._assert_refused("Caller"):
                call.desk_open_ticket("Help", caller)

    def test_one_outcome_each(self):
        """a second Enter, or a second window"""
        call = self._call(self._by_code())
        call.desk_open_ticket("Help")
        ticket = self._create_ticket()
        for action, args in (
            ("desk_open_ticket", ("Help",)),
            ("desk_add_to_ticket", (ticket.id, "x")),
            ("desk_finish", ()),
        ):
            with self.subTest(action=action), self._assert_refused("recorded already"):
                getattr(call, action)(*args)
        with self._assert_refused("recorded already"):
            self._create_callback(call_id=call.id)
        call = self._call(self._by_code())
        call.desk_finish("Wrong number")
        with self._assert_refused("recorded already"):
            call.desk_open_ticket("Help")
        self.assertEqual(call.note, "Wrong number")

    def test_only_ones_own_calls(self):
        call = self._call(self._by_code())
        for user in (self.duty, self.manager):
            with self.subTest(user=user.login), self._assert_refused("call is over"):
                call.with_user(user).desk_open_ticket("Help")
        with self.assertRaises(AccessError):
            call.with_user(self.duty).desk_state()
        with freeze_time(call.start + timedelta(hours=13)):
            with self._assert_refused("call is over"):
                call.desk_open_ticket("Help")

    def test_tickets_of_others(self):
        other = self._create_ticket(self.other_customer)
        call = self._call(self._by_code())
        for ticket in (other.id, 2**40, "x", None):
            with self.subTest(ticket=ticket), self._assert_refused("Ticket"):
                call.desk_add_to_ticket(ticket, "x")
        with self._assert_refused("Topic"):
            call.desk_open_ticket("  ")
        self.assertFalse(call.end)

    def test_a_callback(self):
        self._go_to(MONDAY, 13)
        values = self._by_code()
        callback = self._create_callback(call_id=values["call"]["id"])
        call = self._call(values)
        self.assertEqual((call.outcome, call.callback_id), ("callback", callback))
        state = call.desk_state()
        self.assertEqual(state["call"]["callback_id"], callback.id)
        [shown] = state["callbacks"]
        self.assertEqual(self._plain(shown["due"]), "3:00 PM")

    def test_a_callback_in_a_colleagues_call(self):
        values = self._by_code()
        with self._assert_refused("call is over"):
            self._create_callback(self.duty, call_id=values["call"]["id"])

    def test_the_log_is_kept(self):
        call = self._call(self._by_code())
        for user in (self.technician, self.manager):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    call.with_user(user).write({"note": "x"})
                with self.assertRaises(AccessError):
                    call.with_user(user).unlink()
                with self.assertRaises(AccessError):
                    call.with_user(user).create(
                        {"partner_id": self.customer.id, "identified_by": "code"}
                    )
        calls = self.env["support.call"]
        self.assertIn(call, calls.with_user(self.manager).search([]))
        self.assertNotIn(call, calls.with_user(self.duty).search([]))
        self.assertNotIn(call, calls.with_user(self.contract_user).search([]))

    def test_technicians_only(self):
        employee = self._create_user("employee", "")
        call = self._call(self._by_code())
        for user in (self.portal_user, employee, self.env.ref("base.public_user")):
            for action, args in (
                ("desk_open", ()),
                ("desk_find_code", (self.contract.support_code,)),
                ("desk_find_phone", ("06 4567 8901",)),
                ("desk_search", ("anna",)),
                ("desk_identify", (self.contact.id, "search")),
                ("desk_state", ()),
                ("desk_open_ticket", ("Help",)),
                ("desk_add_to_ticket", (1, "x")),
                ("desk_finish", ()),
            ):
                with (
                    self.subTest(user=user.login, action=action),
                    self.assertRaises(AccessError),
                ):
                    getattr(call.with_user(user), action)(*args)
