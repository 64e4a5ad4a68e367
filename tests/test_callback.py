# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Call-backs: when they are due, who is told, what comes of them."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common_phone import FRIDAY, MONDAY, TUESDAY, PhoneCommon

SATURDAY, NEXT_MONDAY = "2026-03-07", "2026-03-09"


@tagged("post_install", "-at_install")
class TestDue(PhoneCommon):
    def test_while_the_phone_is_open(self):
        """due at once, and the hour counts in the phone hours"""
        callback = self._create_callback()
        self._assert_due(callback, (MONDAY, 11), (MONDAY, 12))
        self._go_to(MONDAY, 12)
        self._assert_due(self._create_callback(), (MONDAY, 12), (MONDAY, 15, 30))

    def test_while_it_is_closed(self):
        for now, due_from, deadline in [
            ((MONDAY, 8), (MONDAY, 10), (MONDAY, 11)),
            ((MONDAY, 12, 30), (MONDAY, 15), (MONDAY, 16)),
            ((MONDAY, 17), (TUESDAY, 10), (TUESDAY, 11)),
            ((FRIDAY, 17), (NEXT_MONDAY, 10), (NEXT_MONDAY, 11)),
            ((SATURDAY, 11), (NEXT_MONDAY, 10), (NEXT_MONDAY, 11)),
        ]:
            with self.subTest(now=now):
                self._go_to(*now)
                callback = self._create_callback()
                self._assert_due(callback, due_from, deadline)
                self.assertFalse(callback.out_of_hours)

    def test_out_of_hours_by_the_operator_on_duty(self):
        self.contract._write_agreed({"callback_out_of_hours": True})
        self._go_to(FRIDAY, 19)
        callback = self._create_callback()
        # elapsed time: the phone hours do not count
        self._assert_due(callback, (FRIDAY, 19), (FRIDAY, 20))
        self.assertTrue(callback.out_of_hours)
        self.assertEqual(callback.user_id, self.duty)
        activity = callback.activity_ids
        self.assertEqual(activity.user_id, self.duty)
        self.assertEqual(
            activity.activity_type_id,
            self.env.ref("support_contract.mail_activity_type_callback"),
        )

    def test_a_contract_that_has_ended_promises_nothing_out_of_hours(self):
        self.contract._write_agreed({"callback_out_of_hours": True})
        self._go_to(FRIDAY, 19)
        self.contract._change_state("terminated", self.company._support_day(), "Gone")
        callback = self._create_callback()
        self._assert_due(callback, (NEXT_MONDAY, 10), (NEXT_MONDAY, 11))

    def test_without_anybody_on_duty(self):
        """it is due all the same, for whoever sees it"""
        self.contract._write_agreed({"callback_out_of_hours": True})
        stranger = self._create_user("no_technician", "")
        self._go_to(FRIDAY, 19)
        for duty in (self.env["res.users"], stranger):
            self.company.support_duty_user_id = duty
            callback = self._create_callback()
            self._assert_due(callback, (FRIDAY, 19), (FRIDAY, 20))
            self.assertFalse(callback.user_id)
            self.assertFalse(callback.activity_ids)

    def test_the_time_that_the_customer_wishes(self):
        for wanted_from, wanted_until, due_from, deadline in [
            # inside the phone hours it is simply kept
            ((TUESDAY, 15, 30), None, (TUESDAY, 15, 30), (TUESDAY, 16, 30)),
            ((TUESDAY, 15, 30), (TUESDAY, 16), (TUESDAY, 15, 30), (TUESDAY, 16)),
            # else the phone opens first
            ((TUESDAY, 13), None, (TUESDAY, 15), (TUESDAY, 16)),
            ((SATURDAY, 9), None, (NEXT_MONDAY, 10), (NEXT_MONDAY, 11)),
            # a wish that the phone hours do not allow is a late call, not none
            ((TUESDAY, 13), (TUESDAY, 14), (TUESDAY, 15), (TUESDAY, 16)),
            (None, (MONDAY, 11, 20), (MONDAY, 11), (MONDAY, 11, 20)),
        ]:
            with self.subTest(wanted_from=wanted_from, wanted_until=wanted_until):
                callback = self._create_callback(
                    wanted_from=wanted_from and self._at(*wanted_from),
                    wanted_until=wanted_until and self._at(*wanted_until),
                )
                self._assert_due(callback, due_from, deadline)

    def test_a_wish_out_of_hours(self):
        self.contract._write_agreed({"callback_out_of_hours": True})
        callback = self._create_callback(wanted_from=self._at(SATURDAY, 20))
        self._assert_due(callback, (SATURDAY, 20), (SATURDAY, 21))
        self.assertTrue(callback.out_of_hours)

    def test_a_new_wish_is_a_new_plan(self):
        callback = self._create_callback()
        callback.with_user(self.technician).wanted_from = self._at(TUESDAY, 15)
        self._assert_due(callback, (TUESDAY, 15), (TUESDAY, 16))
        with self._assert_refused("later than Not Before"):
            callback.wanted_until = self._at(TUESDAY, 14)

    def test_a_public_holiday(self):
        """Monday is closed"""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "company_id": self.company.id,
                "date_from": self._at(NEXT_MONDAY, 0),
                "date_to": self._at(NEXT_MONDAY, 23, 59),
            }
        )
        self._go_to(FRIDAY, 17)
        callback = self._create_callback()
        self._assert_due(callback, ("2026-03-10", 10), ("2026-03-10", 11))

    def test_a_holiday_added_later(self):
        """edge_cases.md, "holiday added later": open ones move, missed ones do not"""
        self._go_to(FRIDAY, 16)
        missed, open_one = self._create_callback(), self._create_callback()
        open_one.wanted_from = self._at(NEXT_MONDAY, 10, 30)
        self._go_to(FRIDAY, 17)
        self.env["support.callback"].search([])._mark_missed()
        self.assertTrue(missed.missed_on)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "company_id": self.company.id,
                "date_from": self._at(NEXT_MONDAY, 0),
                "date_to": self._at(NEXT_MONDAY, 23, 59),
            }
        )
        self.env.cr.precommit.run()
        self._assert_due(open_one, ("2026-03-10", 10), ("2026-03-10", 11))
        self._assert_due(missed, (FRIDAY, 16), (FRIDAY, 17))

    def test_hours_that_grow_are_no_miss(self):
        """the phone is opened on a Saturday, after the call would have been due"""
        self._go_to(FRIDAY, 17)
        callback = self._create_callback()
        self._go_to(SATURDAY, 14)
        self.hours.attendance_ids = [
            Command.create(
                {
                    "name": "Saturday",
                    "dayofweek": "5",
                    "hour_from": 10,
                    "hour_to": 16,
                }
            )
        ]
        self.env.cr.precommit.run()
        self._assert_due(callback, (SATURDAY, 14), (SATURDAY, 15))

    def test_a_change_of_clock(self):
        """on 29 March Rome goes from UTC+1 to UTC+2: 10:00 stays 10:00"""
        self._go_to("2026-03-27", 17)
        callback = self._create_callback()
        self._assert_due(callback, ("2026-03-30", 10), ("2026-03-30", 11))
        self.assertEqual(callback.due_from.hour, 8)

    def test_the_companys_hours_where_the_contract_has_none(self):
        self.company.resource_calendar_id = self.hours
        contract = self._create_contract(self._create_type())
        self._go_to(MONDAY, 13)
        for vals in ({"contract_id": contract.id}, {"contract_id": False}):
            callback = self._create_callback(**vals)
            self._assert_due(callback, (MONDAY, 15), (MONDAY, 16))

    def test_no_hours_at_all(self):
        """edge_cases.md, "no coverage hours set": elapsed time"""
        self._go_to(FRIDAY, 19)
        callback = self._create_callback(contract_id=False)
        self._assert_due(callback, (FRIDAY, 19), (FRIDAY, 20))
        self.assertFalse(callback.out_of_hours)

    def test_hours_that_never_come(self):
        self.hours.attendance_ids.unlink()
        callback = self._create_callback()
        self._assert_due(callback, (MONDAY, 11), (MONDAY, 12))

    def test_the_companys_own_promise(self):
        self.company.support_callback_minutes = 200
        # 1:30 h today before noon, 2 h in the afternoon: 200 minutes end at 16:50
        self._assert_due(self._create_callback(), (MONDAY, 11), (MONDAY, 16, 50))
        with self._assert_refused("at least one minute"):
            self.company.support_callback_minutes = 0

    def test_in_words(self):
        def promise(callback):
            text = callback._get_promise()
            return text.replace("\N{NARROW NO-BREAK SPACE}", " ")

        self._go_to(FRIDAY, 17)
        callback = self._create_callback()
        self.assertEqual(promise(callback), "We call you from Monday 10:00 AM.")
        self.assertIn("due Monday", callback.clock)
        self._go_to(NEXT_MONDAY, 10, 15)
        callback.invalidate_recordset()
        self.assertEqual(promise(callback), "We call you by 11:00 AM.")
        self.assertEqual(
            callback.clock.replace("\N{NO-BREAK SPACE}", " "), "0:45 h left"
        )
        self._go_to(NEXT_MONDAY, 11, 10)
        callback.invalidate_recordset()
        self.assertTrue(callback.late)
        self.assertIn("late by 0:10", callback.clock)
        self.assertEqual(promise(callback), "We call you as soon as we can.")
        callback._cancel("Solved")
        self.assertEqual(promise(callback), "")
        self.assertFalse(callback.late)


@tagged("post_install", "-at_install")
class TestWhoAndWhat(PhoneCommon):
    def test_numbers_are_international(self):
        callback = self._create_callback()
        self.assertEqual(callback.number, "+39 06 4567 8901")
        callback.number = "3401234567"
        self.assertEqual(callback.number, "+39 340 123 4567")
        # an extension stays what it is
        callback.number = "12 34"
        self.assertEqual(callback.number, "12 34")

    def test_what_is_no_number(self):
        for number in ("call me", "1", "<b>06</b>", "+39 06 " + "1" * 40):
            with self.subTest(number=number), self._assert_refused("Phone Number"):
                self._create_callback(number=number)

    def test_whom_to_ask_for(self):
        callback = self._create_callback()
        self.assertEqual(callback.caller_name, "Anna Alpha")
        self.assertEqual(callback.commercial_partner_id, self.customer)
        stranger = self._create_callback(
            partner_id=False, contract_id=False, caller_name="Somebody"
        )
        self.assertFalse(stranger.commercial_partner_id)
        with self._assert_refused("say who is called back"):
            self._create_callback(partner_id=False, contract_id=False)
        for vals in ({"topic": "x" * 201}, {"caller_name": "x" * 101}):
            with self._assert_refused("at most"):
                self._create_callback(**vals)

    def test_one_customer_only(self):
        for vals in (
            {"contract_id": self.other_contract.id},
            {"partner_id": self.other_customer.id},
            {"ticket_id": self._create_ticket(self.other_customer).id},
        ):
            with self.subTest(vals=vals), self._assert_refused("one customer"):
                self._create_callback(**vals)

    def test_the_form_fills_in_what_it_knows(self):
        with Form(self.env["support.callback"].with_user(self.technician)) as form:
            form.topic = "Help"
            form.partner_id = self.contact
            self.assertEqual(form.number, "+39 06 4567 8901")
            self.assertEqual(form.contract_id, self.contract)
            self.assertEqual(form.caller_name, "Anna Alpha")

    def test_what_only_actions_set(self):
        callback = self._create_callback()
        values = {
            "state": "done",
            "due_from": "2030-01-01 00:00:00",
            "deadline": "2030-01-01 00:00:00",
            "user_id": self.technician.id,
            "missed_on": "2030-01-01 00:00:00",
            "out_of_hours": True,
            "cancel_reason": "x",
            "commercial_partner_id": self.other_customer.id,
            "attempt_ids": [Command.create({"outcome": "reached"})],
        }
        for name, value in values.items():
            with self.subTest(field=name):
                with self._assert_refused("own actions only"):
                    callback.with_user(self.manager).write({name: value})
                with self._assert_refused("own actions only"):
                    self._create_callback(self.manager, **{name: value})
                callbacks = self.env["support.callback"].with_user(self.technician)
                given = {
                    "topic": "Help",
                    "number": "06 4567 8901",
                    "partner_id": self.contact.id,
                    "company_id": self.company.id,
                }
                honest = callbacks.create(given).sudo()
                forged = callbacks.with_context(**{f"default_{name}": value}).create(
                    given
                )
                self.assertEqual(forged.sudo()[name], honest[name])

    def test_what_is_over_stays(self):
        callback = self._create_callback()
        callback._cancel("Solved")
        with self._assert_refused("not open any more"):
            callback.with_user(self.technician).topic = "Something else"
        for action in ("action_take", "action_no_answer", "action_reached"):
            with self._assert_refused("it is cancelled"):
                getattr(callback.with_user(self.technician), action)()
        with self.assertRaises(AccessError):
            callback.with_user(self.manager).unlink()


@tagged("post_install", "-at_install")
class TestWork(PhoneCommon):
    def test_taking_and_giving_back(self):
        callback = self._create_callback().with_user(self.technician)
        callback.action_take()
        self.assertEqual(callback.user_id, self.technician)
        callback.action_take()
        with self._assert_refused("has already taken"):
            callback.with_user(self.duty).action_take()
        with self._assert_refused("gives it back"):
            callback.with_user(self.duty).action_release()
        callback.action_release()
        self.assertFalse(callback.user_id)
        callback.with_user(self.duty).action_take()
        callback.with_user(self.manager).action_release()
        self.assertFalse(callback.user_id)

    def test_no_answer_is_tried_again_later(self):
        callback = self._create_callback().with_user(self.technician)
        self._go_to(MONDAY, 11, 40)
        callback.action_no_answer()
        self._assert_due(callback, (MONDAY, 12, 10), (MONDAY, 15, 40))
        self.assertEqual(callback.user_id, self.technician)
        self._go_to(MONDAY, 12, 15)
        callback.action_busy()
        # 12:45 is closed
        self._assert_due(callback, (MONDAY, 15), (MONDAY, 16))
        self._go_to(MONDAY, 15)
        callback.with_user(self.duty).action_voicemail()
        callback.invalidate_recordset()
        self.assertEqual(
            callback.attempt_ids.mapped(lambda one: (one.outcome, one.user_id)),
            [
                ("voicemail", self.duty),
                ("busy", self.technician),
                ("no_answer", self.technician),
            ],
        )
        self.assertEqual(callback.attempt_count, 3)
        self.assertEqual(callback.state, "waiting")

    def _reach(self, callback, **vals):
        window = self.env["support.callback.reached"].with_user(self.technician)
        action = callback.with_user(self.technician).action_reached()
        window = window.with_context(**action["context"]).create(vals)
        action = window.action_confirm()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_reached_becomes_a_ticket(self):
        """edge_cases.md, "what counts as first response": a logged call"""
        callback = self._create_callback()
        self._go_to(MONDAY, 11, 30)
        ticket = self._reach(callback, note="Cable was out.\nIs in now.")
        self.assertEqual(ticket.name, "The till does not start")
        self.assertEqual(ticket.partner_id, self.contact)
        self.assertEqual(ticket.support_contract_id, self.contract)
        self.assertEqual(ticket.channel_id, self.channel)
        self.assertEqual(ticket.support_phone, "+39 06 4567 8901")
        self.assertEqual(ticket.user_id, self.technician)
        self.assertEqual(ticket.support_responded_on, self._at(MONDAY, 11, 30))
        self.assertEqual((callback.state, callback.ticket_id), ("done", ticket))
        call = self.env["support.call"].search([("callback_id", "=", callback.id)])
        self.assertEqual(
            (call.direction, call.outcome, call.identified_by, call.ticket_id),
            ("out", "ticket_new", "callback", ticket),
        )
        self.assertEqual(call.partner_id, self.customer)
        self.assertEqual(callback.attempt_ids.outcome, "reached")
        line = str(ticket.message_ids.filtered("body")[:1].body)
        self.assertIn("Called Anna Alpha (+39 06 4567 8901).", line)
        self.assertIn("Cable was out.<br>Is in now.", line)

    def test_reached_joins_a_ticket(self):
        ticket = self._create_ticket()
        callback = self._create_callback(ticket_id=ticket.id)
        self.assertEqual(self._reach(callback), ticket)
        self.assertEqual((callback.state, callback.ticket_id), ("done", ticket))
        other = self._create_ticket(self.other_customer)
        callback = self._create_callback()
        for vals in (
            {"result": "join", "ticket_id": other.id},
            {"partner_id": self.other_customer.id},
            {"topic": "  "},
        ):
            with self.subTest(vals=vals), self._assert_refused("Ticket|Contact|Topic"):
                self._reach(callback, **vals)
        self.assertEqual(self._flushed(callback).state, "waiting")

    def test_reached_twice(self):
        """two windows of the same call-back"""
        callback = self._create_callback()
        windows = self.env["support.callback.reached"].with_user(self.technician)
        one, two = windows.create([{"callback_id": callback.id}] * 2)
        one.action_confirm()
        with self._assert_refused("it is done"):
            two.action_confirm()
        self.assertEqual(len(callback.attempt_ids), 1)

    def test_cancelled_with_a_reason(self):
        callback = self._create_callback()
        window = self.env["support.callback.cancel"].with_user(self.technician)
        with self._assert_refused("Reason"):
            window.create({"callback_id": callback.id, "reason": " "}).action_confirm()
        window.create(
            {"callback_id": callback.id, "reason": "Called us himself"}
        ).action_confirm()
        self.assertEqual(
            (callback.state, callback.cancel_reason),
            ("cancelled", "Called us himself"),
        )

    def test_what_colleagues_were_told_is_over(self):
        self.contract._write_agreed({"callback_out_of_hours": True})
        self._go_to(FRIDAY, 19)
        callback = self._create_callback()
        self.assertTrue(callback.activity_ids)
        callback._cancel("Solved")
        self.assertFalse(callback.activity_ids)

    def test_customers_and_others_do_nothing(self):
        callback = self._create_callback()
        employee = self._create_user("employee", "")
        for user in (self.portal_user, employee):
            for action in (
                *("action_take", "action_release", "action_no_answer"),
                *("action_busy", "action_voicemail", "action_reached"),
                "action_cancel",
            ):
                with (
                    self.subTest(user=user.login, action=action),
                    self.assertRaises(AccessError),
                ):
                    getattr(callback.with_user(user), action)()
        self.assertEqual(callback.state, "waiting")


@tagged("post_install", "-at_install")
class TestMissed(PhoneCommon):
    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("support_contract.cron_callbacks").method_direct_trigger()
        self.env.invalidate_all()

    def _notices(self, callback):
        return callback.activity_ids.filtered(
            lambda activity: activity.activity_type_id
            == self.env.ref("support_contract.mail_activity_type_callback_missed")
        )

    def test_the_job_is_woken_at_the_deadline(self):
        callback = self._create_callback()
        self.env.flush_all()
        job = self.env.ref("support_contract.cron_callbacks")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", job.id)])
        self.assertIn(callback.deadline, triggers.mapped("call_at"))

    def test_once(self):
        callback = self._create_callback()
        callback.with_user(self.technician).action_take()
        self._run_job()
        self.assertFalse(callback.missed_on)
        self._go_to(MONDAY, 12)
        self._run_job()
        self.assertEqual(callback.missed_on, self._at(MONDAY, 12))
        self.assertEqual(self._notices(callback).user_id, self.technician)
        self.assertIn(
            "Alpha should have been called by", str(self._notices(callback).note)
        )
        # killed and run again, or hours later: nothing more is said
        self._go_to(MONDAY, 16)
        self._run_job()
        self.assertEqual(callback.missed_on, self._at(MONDAY, 12))
        self.assertEqual(len(self._notices(callback)), 1)

    def test_after_a_missed_night_one_notice_each(self):
        callbacks = self.env["support.callback"]
        for _ in range(3):
            callbacks |= self._create_callback()
        self._go_to(TUESDAY, 9)
        for _ in range(2):
            self._run_job()
        for callback in callbacks:
            self.assertEqual(self._notices(callback).user_id, self.duty)
            self.assertEqual(callback.missed_on, self._at(TUESDAY, 9))

    def test_the_leader_of_the_team_too(self):
        leader = self._create_user("leader", "helpdesk_mgmt.group_helpdesk_user")
        self.env["helpdesk.ticket.team"].create(
            {
                "name": "Phone",
                "user_ids": [Command.set(self.technician.ids)],
                "user_id": leader.id,
                "company_id": self.company.id,
            }
        )
        callback = self._create_callback()
        callback.with_user(self.technician).action_take()
        self._go_to(MONDAY, 13)
        self._run_job()
        self.assertEqual(self._notices(callback).user_id, self.technician | leader)

    def test_the_owner_of_the_contract_if_there_is_nobody_else(self):
        self.company.support_duty_user_id = False
        callback = self._create_callback()
        self._go_to(MONDAY, 13)
        self._run_job()
        self.assertEqual(self._notices(callback).user_id, self.manager)

    def test_an_attempt_in_time_is_no_miss(self):
        callback = self._create_callback()
        self._go_to(MONDAY, 11, 50)
        callback.with_user(self.technician).action_no_answer()
        self._go_to(MONDAY, 12, 20)
        self._run_job()
        self.assertFalse(callback.missed_on)

    def test_what_is_over_is_not_missed(self):
        callback = self._create_callback()
        callback._cancel("Solved")
        self._go_to(TUESDAY, 9)
        self._run_job()
        self.assertFalse(callback.missed_on)
        self.assertFalse(callback.activity_ids)

    @mute_logger("odoo.addons.support_contract.models.support_job_mixin")
    def test_a_bad_one_does_not_stop_the_others(self):
        bad, good = self._create_callback(), self._create_callback()
        tell = type(bad)._tell

        def fail(callback, *args):
            if callback == bad:
                message = "Nobody can be told"
                raise UserError(message)
            return tell(callback, *args)

        self.patch(type(bad), "_tell", fail)
        self._go_to(TUESDAY, 9)
        # the job commits and rolls back: its parts are called as it calls them
        due = (bad | good).with_env(self.env)
        self.patch(
            type(bad), "_try_commit", lambda records, function: self._attempt(function)
        )
        due._run_batch("_mark_missed")
        self.assertTrue(good.missed_on)
        self.assertFalse(bad.missed_on)
        self.assertIn("Nobody can be told", bad.job_error)

    def _attempt(self, function):
        try:
            with self.env.cr.savepoint():
                function()
                self.env.flush_all()
        except UserError as error:
            self.env.invalidate_all()
            return error
        return None

    def test_the_job_reads_by_its_index(self):
        self.env.flush_all()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        domain = self.env["support.callback"]._get_missed_domain()
        query = self.env["support.callback"]._search(domain, order="deadline").select()
        self.env.cr.execute("EXPLAIN " + self.env.cr.mogrify(query).decode())
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("support_callback_due on", plan)
