# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What happens at the stages of a promise, by a job that may be late, killed, run twice
or run beside people."""

import random
import time
from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import UserError
from odoo.service.model import retrying
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from odoo.addons.support_contract.models.support_sla_stage import ACTIONS

from .common import SupportCommon
from .common_sla import SlaCommon, parse
from .scratch import KILLED, ScratchCase

MIXIN = "odoo.addons.support_contract.models.support_job_mixin"
JOB = "support_contract.ir_cron_sla_stages"


class JobCase(SlaCommon):
    def _promise_stages(self, *stages, hours=4, **vals):
        """A contract that promises an answer within ``hours`` of the office."""
        return self._promise_hours(hours, stages=list(stages), **vals)

    def _run(self, text):
        """The job itself, with its commits."""
        with (
            self._at(text),
            self.enter_registry_test_mode(),
            mute_logger(MIXIN),
            patch(f"{MIXIN}.time.sleep"),
        ):
            self.env.ref(JOB).method_direct_trigger()
        self.env.invalidate_all()

    def _happened(self, ticket):
        """Actions that were performed and those that were skipped, in order."""
        events = self._clock(ticket).event_ids.sorted("id")
        skipped = events.filtered("skipped")
        return (
            (events - skipped).stage_id.mapped("action"),
            skipped.stage_id.mapped("action"),
        )


@tagged("post_install", "-at_install")
class TestStages(JobCase):
    """each action does what it says and tells the right people"""

    def _fire_stage(self, action, team=True, **vals):
        """A ticket of the technician whose stage at half time has been reached."""
        options = {
            name: vals.pop(name) for name in ("priority", "user_id") if name in vals
        }
        self._promise_stages({"action": action, "percent": 50, **vals})
        ticket = self._open(
            "Mon 2 Mar 10:00",
            **{
                "user_id": self.technician.id,
                "team_id": team and self.team.id,
                **options,
            },
        )
        self._fire("Mon 2 Mar 12:00")
        self.assertEqual(self._happened(ticket), ([action], []))
        return ticket

    def _assert_told(self, ticket, users, text="is promised by"):
        [(partners, body)] = self._notes(ticket)
        self.assertEqual(partners, users.partner_id)
        self.assertIn(text, body)
        note = ticket.message_ids.filtered(lambda item: "promised by" in item.body)
        self.assertEqual(note.notified_partner_ids, users.partner_id)
        self.assertTrue(note.subtype_id.internal)

    def test_every_action_is_tried(self):
        tried = {name[5:] for name in dir(self) if name.startswith("test_")}
        for action, _label in ACTIONS:
            self.assertTrue(any(name.startswith(action) for name in tried), action)

    def test_remind(self):
        ticket = self._fire_stage("remind")
        self._assert_told(ticket, self.technician)

    def test_remind_nobody(self):
        """nobody has taken it: the team's leader, else the contract's owner"""
        ticket = self._fire_stage("remind", user_id=False)
        self._assert_told(ticket, self.leader)
        ticket = self._fire_stage("remind", team=False, user_id=False)
        self._assert_told(ticket, self.manager)

    def test_warn(self):
        ticket = self._fire_stage("warn")
        self._assert_told(ticket, self.leader)

    def test_warn_without_a_team(self):
        ticket = self._fire_stage("warn", team=False)
        self._assert_told(ticket, self.manager)

    def test_escalate_to_a_user(self):
        self._promise_stages(
            {"action": "escalate", "percent": 50, "user_id": self.leader.id}
        )
        ticket = self._open(
            "Mon 2 Mar 10:00", user_id=self.technician.id, team_id=self.team.id
        )
        self._fire("Mon 2 Mar 12:00")
        self.assertEqual(ticket.user_id, self.leader)
        self.assertEqual(ticket.team_id, self.team)
        self._assert_told(ticket, self.leader)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")

    def test_escalate_to_a_team(self):
        """it is nobody's in the other team, whose leader is told"""
        boss = self._create_user("boss", "helpdesk_mgmt.group_helpdesk_manager")
        second = self.team.copy({"name": "Second level", "user_id": boss.id})
        ticket = self._fire_stage("escalate", team_id=second.id)
        self.assertEqual(ticket.team_id, second)
        self.assertFalse(ticket.user_id)
        self._assert_told(ticket, boss)
        # the contract's hours go on counting
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")

    def test_priority(self):
        ticket = self._fire_stage("priority", priority="1")
        self.assertEqual(ticket.priority, "2")
        self.assertFalse(self._notes(ticket))

    def test_priority_is_the_highest(self):
        ticket = self._fire_stage("priority", priority="3")
        self.assertEqual(ticket.priority, "3")

    def test_activity(self):
        kind = self.env.ref("mail.mail_activity_data_call")
        ticket = self._fire_stage("activity", activity_type_id=kind.id)
        activity = ticket.activity_ids
        self.assertEqual(activity.user_id, self.technician)
        self.assertEqual(activity.activity_type_id, kind)
        self.assertEqual(activity.date_deadline.isoformat(), "2026-03-02")
        self.assertIn("is promised by", activity.note)
        self.assertFalse(self._notes(ticket))

    def test_activity_of_somebody(self):
        self._promise_stages(
            {"action": "activity", "percent": 50, "user_id": self.leader.id}
        )
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        self._fire("Mon 2 Mar 12:00")
        self.assertEqual(ticket.activity_ids.user_id, self.leader)
        self.assertEqual(ticket.user_id, self.technician)

    def test_customer(self):
        """one mail to the customer, queued; it is no first response"""
        self.contact.email = "anna@example.com"
        template = self.env["mail.template"].create(
            {
                "name": "We are at it",
                "model_id": self.env["ir.model"]._get_id("helpdesk.ticket"),
                "subject": "We are at it",
                "partner_to": "{{object.partner_id.id}}",
                "use_default_to": False,
                "body_html": "<p>Soon</p>",
            }
        )
        ticket = self._fire_stage("customer", template_id=template.id)
        mail = self.env["mail.mail"].search([("subject", "=", "We are at it")])
        self.assertEqual((mail.res_id, mail.state), (ticket.id, "outgoing"))
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertFalse(ticket.support_responded_on)
        self.assertFalse(self._notes(ticket))

    def test_missed(self):
        self._promise_stages()
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        self._fire("Mon 2 Mar 15:00:01")
        self.assertEqual(self._tell(self._clock(ticket)), "missed Mon 2 Mar 15:00")
        self._assert_told(ticket, self.env["res.users"], "has been missed")

    def test_threshold_in_time(self):
        """counted time since the start, pauses left out"""
        self._promise_stages({"action": "remind", "basis": "time", "minutes": 60})
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        self._move(ticket, self.awaiting, "Mon 2 Mar 10:30")
        self.assertFalse(self._clock(ticket).next_due)
        self._reply(ticket, "Mon 2 Mar 11:30")
        self.assertFalse(self._fire("Mon 2 Mar 11:59:59"))
        self._fire("Mon 2 Mar 12:00")
        self.assertEqual(self._happened(ticket), (["remind"], []))
        event = self._clock(ticket).event_ids
        self.assertEqual(event.due_on, parse("Mon 2 Mar 12:00"))

    def test_after_the_miss(self):
        """stages may follow the miss, in time that goes on counting"""
        self._promise_stages({"action": "warn", "percent": 150})
        ticket = self._open("Mon 2 Mar 09:00", team_id=self.team.id)
        self._fire("Mon 2 Mar 13:00:01")
        self.assertEqual(self._happened(ticket), (["missed"], []))
        self.assertFalse(self._fire("Mon 2 Mar 15:59"))
        self._fire("Mon 2 Mar 16:00")
        self.assertEqual(self._happened(ticket), (["missed", "warn"], []))

    def test_several_at_one_threshold(self):
        """all stages of one threshold happen, in their sequence"""
        self._promise_stages(
            {"action": "remind", "percent": 50, "sequence": 3},
            {"action": "warn", "basis": "time", "minutes": 120, "sequence": 2},
            {"action": "priority", "percent": 50, "sequence": 1},
            {"action": "activity", "percent": 50, "sequence": 4},
        )
        ticket = self._open(
            "Mon 2 Mar 10:00", user_id=self.technician.id, team_id=self.team.id
        )
        self._fire("Mon 2 Mar 12:00")
        self.assertEqual(
            self._happened(ticket), (["priority", "warn", "remind", "activity"], [])
        )
        self.assertEqual(ticket.priority, "2")
        self.assertEqual(
            [partners for partners, _body in self._notes(ticket)],
            [self.leader.partner_id, self.technician.partner_id],
        )
        self.assertTrue(ticket.activity_ids)

    def test_at_the_target_itself(self):
        """a notice at 100 percent comes at the deadline, the miss one second later"""
        self._promise_stages({"action": "remind", "percent": 100})
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        self._fire("Mon 2 Mar 15:00")
        self.assertEqual(self._happened(ticket), (["remind"], []))
        self.assertEqual(self._tell(self._clock(ticket)), "Mon 2 Mar 15:00")
        self._fire("Mon 2 Mar 15:00:01")
        self.assertEqual(self._happened(ticket), (["remind", "missed"], []))

    def test_nothing_after_the_answer(self):
        self._promise_stages({"action": "remind", "percent": 50})
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        self._answer(ticket, "Mon 2 Mar 11:00")
        self.assertFalse(self._fire("Tue 3 Mar 12:00"))
        self.assertFalse(self._notes(ticket))

    def test_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("it_IT")
        stage = self.env["support.sla.stage"]
        self.technician.lang = "it_IT"
        seen = []
        original = type(stage)._get_text

        def _get_text(stage, clock):
            seen.append(stage.env.context.get("lang"))
            return original(stage, clock)

        with patch.object(self.env.registry[stage._name], "_get_text", _get_text):
            self._fire_stage("remind")
        self.assertEqual(seen, ["it_IT"])


@tagged("post_install", "-at_install")
class TestJob(JobCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = [
            {"action": "remind", "percent": 25},
            {"action": "remind", "percent": 50},
            {"action": "priority", "percent": 60},
            {"action": "remind", "percent": 75},
        ]

    def _open_many(self, number, text="Mon 2 Mar 10:00"):
        with self._at(text):
            return self.env["helpdesk.ticket"].create(
                [
                    {
                        "name": f"Ticket {index}",
                        "description": "<p>Please help</p>",
                        "partner_id": self.contact.id,
                        "company_id": self.company.id,
                        "user_id": self.technician.id,
                        "priority": "1",
                    }
                    for index in range(number)
                ]
            )

    @contextmanager
    def _broken(self, clock):
        """What is performed for one clock fails."""
        cls = self.env.registry["support.sla.stage"]
        original = cls._perform
        clock_id = clock.id

        def _perform(stage, clock):
            original(stage, clock)
            if clock.id == clock_id:
                message = "nobody is there"
                raise UserError(message)

        with patch.object(cls, "_perform", _perform):
            yield

    def test_twice(self):
        """stages of a target fire once each, also if the job is run twice"""
        self._promise_stages(*self.stages)
        ticket = self._open_many(1)
        clock = self._clock(ticket)
        for _ in range(2):
            self._run("Mon 2 Mar 12:00")
        with self._at("Mon 2 Mar 12:00"):
            clock._fire_due()
        self.assertEqual(self._happened(ticket), (["remind"], ["remind"]))
        self.assertEqual(len(self._notes(ticket)), 1)
        # even one that does not know of the other
        with self._at("Mon 2 Mar 12:00"):
            clock.write({"handled": 0, "next_due": parse("Mon 2 Mar 12:00")})
            with (
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.UniqueViolation),
                self.env.cr.savepoint(),
            ):
                clock._fire_due()
        self.env.invalidate_all()
        self.assertEqual(len(self._notes(ticket)), 1)

    def test_a_night_of_missed_runs(self):
        """one notice per clock, every priority raised, every miss marked"""
        self._promise_stages(*self.stages)
        tickets = self._open_many(3)
        self._run("Tue 3 Mar 09:00")
        for ticket in tickets:
            self.assertEqual(
                self._happened(ticket),
                (["priority", "remind", "missed"], ["remind", "remind"]),
            )
            [(partners, body)] = self._notes(ticket)
            self.assertEqual(partners, self.technician.partner_id)
            self.assertIn("has been missed", body)
            self.assertEqual(ticket.priority, "2")
            self.assertEqual(self._tell(self._clock(ticket)), "missed Mon 2 Mar 15:00")
        self.assertFalse(self._clock(tickets[0]).next_due)

    def test_a_night_does_not_lose_an_escalation(self):
        """nobody is told of it any more, but the ticket goes where it belongs"""
        self._promise_stages(
            {"action": "escalate", "percent": 50, "user_id": self.leader.id},
            {"action": "remind", "percent": 75},
        )
        ticket = self._open(
            "Mon 2 Mar 10:00", user_id=self.technician.id, team_id=self.team.id
        )
        self._fire("Tue 3 Mar 09:00")
        self.assertEqual(ticket.user_id, self.leader)
        self.assertEqual(len(self._notes(ticket)), 1)

    def test_one_bad_clock(self):
        """one bad record in a job: its error is stored on it with an activity on its
        ticket, cleared when it next succeeds; the others go on"""
        self._promise_stages(*self.stages)
        tickets = self._open_many(5)
        bad, others = tickets[2], tickets - tickets[2]
        clock = self._clock(bad)
        with self._broken(clock):
            for _ in range(2):
                self._run("Mon 2 Mar 11:00")
                for ticket in others:
                    self.assertEqual(self._happened(ticket), (["remind"], []))
                    self.assertEqual(len(self._notes(ticket)), 1)
                    self.assertFalse(self._clock(ticket).job_error)
                self.assertFalse(clock.event_ids)
                self.assertFalse(self._notes(bad))
                self.assertEqual(clock.job_error, "nobody is there")
                self.assertEqual(len(bad.activity_ids), 1)
                self.assertEqual(bad.activity_ids.user_id, self.technician)
                self.assertIn("nobody is there", bad.activity_ids.note)
                self.assertFalse(others.activity_ids)
        self._run("Mon 2 Mar 11:10")
        self.assertEqual(self._happened(bad), (["remind"], []))
        self.assertEqual(len(self._notes(bad)), 1)
        self.assertFalse(clock.job_error)
        self.assertFalse(bad.activity_ids)

    @contextmanager
    def _without_commits(self):
        """The job in one batch, in the test's own transaction; gives what it read."""
        batches = []

        def _run_job(clocks, method, batch_size=None):
            batches.append(clocks)
            return getattr(clocks, method)()

        cls = self.env.registry["support.sla.clock"]
        with patch.object(cls, "_run_job", _run_job):
            yield batches

    def _multiply(self, ticket, number):
        """Open tickets like ``ticket``, with their clocks, as plain rows."""
        self.env.flush_all()
        for _ in range(number):
            [ticket_id] = self._copy_row("helpdesk_ticket", ticket.id)
            self._copy_row(
                "support_sla_clock", ticket.support_clock_ids.id, ticket_id=ticket_id
            )
        self.env.invalidate_all()

    def _copy_row(self, table, row_id, **changed):
        self.env.cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND column_name <> 'id'",
            [table],
        )
        names = [name for (name,) in self.env.cr.fetchall()]
        columns = SQL(", ").join(map(SQL.identifier, names))
        values = SQL(", ").join(
            SQL("%s", changed[name]) if name in changed else SQL.identifier(name)
            for name in names
        )
        [row] = self.env.execute_query(
            SQL(
                "INSERT INTO %(table)s (%(columns)s) SELECT %(values)s FROM %(table)s "
                "WHERE id = %(row_id)s RETURNING id",
                table=SQL.identifier(table),
                columns=columns,
                values=values,
                row_id=row_id,
            )
        )
        return row

    def test_only_due_clocks_are_read(self):
        """the work depends on how many are due, not on how many tickets are open"""
        self._promise_stages({"action": "remind", "percent": 50})
        counts = []
        for number, day in [(1, 2), (10, 9), (390, 16)]:
            self._multiply(self._open_many(1, "Thu 9 Apr 10:00"), number)
            due = self._open_many(10, f"Mon {day} Mar 10:00")
            self.env.flush_all()
            self.env.invalidate_all()
            with self._at(f"Mon {day} Mar 12:00"), self._without_commits() as batches:
                before = self.env.cr.sql_log_count
                self.env["support.sla.clock"]._cron_fire_stages()
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(batches[0].ticket_id, due)
            due.write({"active": False})
        # the first run also fills caches of the process
        self.assertEqual(counts[1], counts[2])

    def test_the_job_is_woken(self):
        """at the next due moment, to the second"""
        triggers = self.env["ir.cron.trigger"]
        domain = [("cron_id", "=", self.env.ref(JOB).id)]

        def woken(since):
            return (triggers.search(domain) - since).mapped("call_at")

        self._promise_stages(*self.stages)
        known = triggers.search(domain)
        ticket = self._open_many(1)
        self.assertEqual(woken(known), [parse("Mon 2 Mar 11:00")])
        known = triggers.search(domain)
        self._move(ticket, self.awaiting, "Mon 2 Mar 10:30")
        self.assertEqual(woken(known), [])
        self._reply(ticket, "Mon 2 Mar 12:00")
        self.assertEqual(woken(known), [parse("Mon 2 Mar 12:30")])
        known = triggers.search(domain)
        self._run("Mon 2 Mar 12:30")
        self.assertEqual(woken(known), [parse("Mon 2 Mar 14:30")])
        # 3.5 h are left at 12:00: 1 h, and from 14:00; missed one second later
        self._run("Mon 2 Mar 16:00")
        self.assertIn(parse("Mon 2 Mar 16:30:01"), woken(known))
        known = triggers.search(domain)
        self._run("Mon 2 Mar 17:00")
        self.assertEqual(woken(known), [])

    def test_a_missed_run_is_made_up_for(self):
        """without a trigger the regular run finds what is due"""
        self._promise_stages(*self.stages)
        ticket = self._open_many(1)
        self.env["ir.cron.trigger"].search([]).unlink()
        self._run("Mon 2 Mar 11:07")
        self.assertEqual(self._happened(ticket), (["remind"], []))
        event = self._clock(ticket).event_ids
        self.assertEqual(event.due_on, parse("Mon 2 Mar 11:00"))
        self.assertEqual(event.happened_on, parse("Mon 2 Mar 11:07"))
        job = self.env.ref(JOB)
        self.assertEqual((job.interval_type, job.interval_number), ("minutes", 10))


# ----------------------------------------------------------------------
# Real connections
# ----------------------------------------------------------------------

TICKETS = 24
BATCH = 3
START = datetime(2026, 3, 2, 9)


def at(moment):
    """In this process, which ends soon, it is ``moment``."""
    fields.Datetime.now = staticmethod(lambda *args: moment)
    fields.Date.today = staticmethod(lambda *args: moment.date())


def after(hours):
    return START + timedelta(hours=hours, seconds=1)


def prepare(database):
    """Tickets whose promise has a stage at each hour and is missed at the fourth."""
    at(START)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        vendor.technician.notification_type = "inbox"
        target = {"kind": "resolution", "minutes": 240, "measure": "elapsed"}
        stages = [
            {"action": "remind", "basis": "time", "minutes": 60 * hour}
            for hour in (1, 2, 3, 5, 6)
        ]
        policy = SlaCommon._create_policy.__func__(vendor, {**target, "stages": stages})
        contract_type = vendor._create_time_type(60000, sla_policy_id=policy.id)
        vendor._create_contract(contract_type, date_start="2026-01-01")
        return [
            vendor._create_ticket(user_id=vendor.technician.id).id
            for _ in range(TICKETS)
        ]


def run_job(database, moment):
    at(moment)
    with database.env() as env:
        cls = env.registry["support.sla.clock"]
        original = cls._run_job
        cls._run_job = lambda records, method, batch_size=None: original(
            records, method, BATCH
        )
        env["support.sla.clock"]._cron_fire_stages()


def move(database, ticket_ids, stage, moment):
    """A technician moves one ticket after the other, each call as a remote client
    makes it."""
    at(moment)
    with database.env() as env:
        stage = env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{stage}")
        for ticket_id in ticket_ids:
            ticket = env["helpdesk.ticket"].browse(ticket_id)

            def write(ticket=ticket):
                ticket.read(["stage_id"])
                ticket.stage_id = stage
                ticket.env.flush_all()

            retrying(partial(write), env)
            env.cr.commit()  # pylint: disable=invalid-commit
            time.sleep(random.uniform(0, 0.01))


@tagged("post_install", "-at_install")
class TestSlaAtOnce(ScratchCase):
    """Each test has a copy of a database in which tickets have just been opened."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ticket_ids = cls.database.run(prepare)

    def setUp(self):
        super().setUp()
        self.opened = self.database
        self.database = self._copy("copy")

    def _copy(self, suffix):
        database = self._scratch(f"{self._testMethodName}-{suffix}", self.opened)
        self.addCleanup(database.drop)
        return database

    def _read_events(self):
        """How often each stage happened to each clock."""
        return Counter(
            self.database.sql("SELECT clock_id, stage_id FROM support_sla_event")
        )

    def _read_notes(self):
        """How many notes of stages each ticket has."""
        return Counter(
            ticket_id
            for (ticket_id,) in self.database.sql(
                "SELECT res_id FROM mail_message WHERE model = 'helpdesk.ticket' "
                "AND body LIKE '%%promised by%%'"
            )
        )

    def _read_clocks(self):
        """(ticket, stage, state, paused, since, used, segments) of all clocks."""
        return self.database.sql(
            """
            SELECT ticket.id, data.name, clock.state, clock.paused, clock.since,
                   clock.used, clock.segments, clock.next_due, clock.missed_on
              FROM support_sla_clock clock
              JOIN helpdesk_ticket ticket ON ticket.id = clock.ticket_id
              JOIN ir_model_data data
                ON data.model = 'helpdesk.ticket.stage'
               AND data.res_id = ticket.stage_id
             ORDER BY ticket.id
            """
        )

    def test_kill(self):
        """a job that is killed at any moment and run again fires each stage once"""
        calm = self._copy("calm")
        begin = time.monotonic()
        calm.run(run_job, after(1))
        seconds = time.monotonic() - begin
        killed = 0
        for hour in range(1, 7):
            job = self.database.start(run_job, after(hour))
            time.sleep(random.uniform(seconds / 10, seconds * 0.8))
            job.kill()
            killed += job.wait() == KILLED
            self.database.run(run_job, after(hour))
        self.assertGreater(killed, 2)
        events = self._read_events()
        self.assertEqual(len(events), TICKETS * 6)
        self.assertEqual(set(events.values()), {1})
        # nothing was skipped: one note for each stage
        self.assertEqual(self._read_notes(), Counter(dict.fromkeys(self.ticket_ids, 6)))
        self.assertEqual({row[2] for row in self._read_clocks()}, {"missed"})

    def test_two_jobs(self):
        """two jobs at once tell everybody once"""
        for hour in (1, 2):
            jobs = [self.database.start(run_job, after(hour)) for _ in range(2)]
            for job in jobs:
                job.wait()
            events = self._read_events()
            self.assertEqual(len(events), TICKETS * hour)
            self.assertEqual(set(events.values()), {1})
            self.assertEqual(
                self._read_notes(), Counter(dict.fromkeys(self.ticket_ids, hour))
            )
        [(errors,)] = self.database.sql(
            "SELECT count(*) FROM support_sla_clock WHERE job_error IS NOT NULL"
        )
        self.assertEqual(errors, 0)

    def test_job_beside_a_technician(self):
        """a stage change and the job at once: each clock is missed once and waits"""
        moment = after(4)
        job = self.database.start(run_job, moment)
        person = self.database.start(move, self.ticket_ids[::-1], "awaiting", moment)
        job.wait()
        person.wait()
        events = self._read_events()
        self.assertEqual(set(events.values()), {1})
        fired = Counter(
            ticket_id
            for (ticket_id,) in self.database.sql(
                """
                SELECT clock.ticket_id FROM support_sla_event event
                  JOIN support_sla_clock clock ON clock.id = event.clock_id
                 WHERE NOT event.skipped
                """
            )
        )
        notes = self._read_notes()
        # nobody is told what did not happen; the miss and its notice are one note
        self.assertEqual(set(notes), set(fired))
        self.assertEqual(set(notes.values()), {1})
        for row in self._read_clocks():
            _id, stage, state, paused, since, used, segments, next_due, missed_on = row
            self.assertIn("awaiting", stage)
            self.assertEqual((state, paused, since), ("missed", True, moment))
            self.assertEqual(missed_on, START + timedelta(hours=4))
            self.assertEqual(used, 4 * 3600 + 1)
            self.assertEqual(len(segments), 1)
            self.assertIsNone(next_due)

    def test_two_stage_changes(self):
        """two people move the same tickets at once: clocks and stages agree"""
        moment = after(2)
        people = [
            self.database.start(move, self.ticket_ids, stage, moment)
            for stage in ("awaiting", "done", "in_progress")
        ]
        for person in people:
            person.wait()
        expected = {"awaiting": "paused", "done": "met", "progress": "running"}
        for _id, stage, state, paused, since, used, segments, *_ in self._read_clocks():
            self.assertEqual(state, expected[stage.rpartition("_")[2]])
            self.assertEqual(paused, state == "paused")
            self.assertEqual(since is None, state == "met")
            self.assertEqual(used, 2 * 3600 + 1)
            self.assertEqual([kind for kind, *_ in segments or []][:1], ["counted"])
