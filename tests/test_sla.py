# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Promised times on tickets, row by row of the edge cases about the SLA."""

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_sla import SlaCommon, parse
from .sla_cases import CASES, HOURS


@tagged("post_install", "-at_install")
class TestTable(SlaCommon):
    """The cases worked out by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendars = {
            name: cls._create_hours(lines, days, zone, closed)
            for name, (zone, days, lines, closed) in HOURS.items()
        }

    def _happen(self, ticket, event):
        stages = {
            "wait": self.awaiting,
            "go on": self.in_progress,
            "reopen": self.in_progress,
            "resolve": self.done,
            "close": self.cancelled,
        }
        if event in stages:
            self._move(ticket, stages[event])
        elif event == "answer":
            self._reply(ticket)
        elif event == "message":
            self._answer(ticket)
        elif event == "note":
            self._answer(ticket, subtype_xmlid="mail.mt_note", partner_ids=[])
        else:
            self._fire()

    def _check(self, hours, target, *steps):
        zone = HOURS[hours][0]
        number, _, measure = target.partition(" ")
        minutes = int(number[:-1]) * (60 if number[-1] == "h" else 1)
        events = {event for _text, event, _expected in steps}
        kind = "response" if events & {"message", "note"} else "resolution"
        policy = self._create_policy(
            {"kind": kind, "minutes": minutes, "measure": measure or "coverage"}
        )
        contract = self._promise(policy, self.calendars[hours])
        first = {
            "open": self.new,
            "open waiting": self.awaiting,
            "open resolved": self.done,
            "open closed": self.cancelled,
        }
        ticket = None
        for text, event, expected in steps:
            with self._at(text, zone), self.subTest(event=f"{text} {event}"):
                if ticket:
                    self._happen(ticket, event)
                else:
                    ticket = self._create_ticket(stage_id=first[event].id)
                    self.assertEqual(ticket.support_contract_id, contract)
                clock = self._clock(ticket)
                self.assertEqual(self._tell(clock, zone), expected)
                self._assert_explained(clock)
                next_deadline = clock.since and not clock.paused and clock.deadline
                self.assertEqual(ticket.support_deadline, next_deadline or False)

    def test_cases(self):
        """what is computed is what was worked out by hand; missed and met agree"""
        self.assertGreaterEqual(len(CASES), 36)
        for name, *case in CASES:
            with self.subTest(case=name), self.env.cr.savepoint() as savepoint:
                self._check(*case)
                savepoint.rollback()
            self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestHours(SlaCommon):
    def test_hours_of_the_channel(self):
        """split day: the telephone has other hours than the web"""
        web = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_web")
        phone = self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone")
        split = self._create_hours([(10, 12.5), (15, 17)])
        contract = self._promise(
            self._create_policy({"kind": "response", "minutes": 240}),
            self.office,
            activate=False,
        )
        contract.coverage_ids = [
            Command.create({"calendar_id": split.id, "channel_id": phone.id})
        ]
        contract.action_activate()
        for channel, deadline, calendar in [
            (phone, "Mon 2 Mar 16:30", split),
            (web, "Mon 2 Mar 15:00", self.office),
            (phone.browse(), "Mon 2 Mar 15:00", self.office),
        ]:
            ticket = self._open("Mon 2 Mar 10:00", channel_id=channel.id)
            self.assertEqual(self._deadline(ticket), deadline)
            clock = self._clock(ticket)
            self.assertEqual(clock.calendar_id, calendar)
            self.assertEqual(clock.hours_from, "contract")

    def test_whose_hours_count(self):
        """the target's own, else the contract's, the team's, the company's"""
        afternoon = self._create_hours([(14, 18)])
        evening = self._create_hours([(18, 20)])
        night = self._create_hours([(20, 22)])
        self.company.resource_calendar_id = night
        self.team.support_calendar_id = evening
        target = {"kind": "response", "minutes": 60}
        own = self._promise(
            self._create_policy({**target, "calendar_id": afternoon.id}), self.office
        )
        ticket = self._open("Mon 2 Mar 10:00", team_id=self.team.id)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        self.assertEqual(self._clock(ticket).hours_from, "target")
        own.action_terminate()
        self._promise(self._create_policy(target), partner=self.other_customer)
        options = {"partner": self.other_customer}
        ticket = self._open("Mon 2 Mar 10:00", team_id=self.team.id, **options)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 19:00")
        self.assertEqual(self._clock(ticket).hours_from, "team")
        ticket = self._open("Mon 2 Mar 10:00", **options)
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 21:00")
        self.assertEqual(self._clock(ticket).hours_from, "company")

    def test_no_coverage_hours_set(self):
        """no coverage hours set: the company's calendar; if it has none, elapsed time,
        and the ticket says so"""
        self._promise(self._create_policy({"kind": "response", "minutes": 60}))
        self.company.resource_calendar_id = self.office
        ticket = self._open("Fri 6 Mar 17:30")
        self.assertEqual(self._deadline(ticket), "Mon 9 Mar 09:30")
        self.company.resource_calendar_id = False
        ticket = self._open("Fri 6 Mar 17:30")
        self.assertEqual(self._deadline(ticket), "Fri 6 Mar 18:30")
        self.assertEqual(self._clock(ticket).hours_from, "none")
        self.assertFalse(self._clock(ticket).calendar_id)
        bar = ticket.support_clock_bars[0]
        self.assertEqual(bar["hours"], "None set: elapsed time")

    def test_calendar_without_any_hours(self):
        """no coverage hours set: a calendar that never opens promises nothing by
        itself"""
        never = self._create_hours([], name="Never")
        self._promise_hours(1, calendar=never)
        ticket = self._open("Fri 6 Mar 17:30")
        self.assertEqual(self._deadline(ticket), "Fri 6 Mar 18:30")
        self.assertEqual(self._clock(ticket).hours_from, "none")

    def test_four_to_eight_hours(self):
        """“4 to 8 hours”: one target with two stages, reminder at 4, missed at 8"""
        policy = self.env.ref("support_contract.sla_policy_4_8")
        self._promise(policy, self.office)
        with self._at("Mon 2 Mar 10:00"):
            ticket = self._create_ticket(user_id=self.technician.id)
        clock = self._clock(ticket)
        self.assertEqual(clock.kind, "response")
        # 3 h, and 5 h from 14:00: 4 h today, 1 h tomorrow
        self.assertEqual(self._tell(clock), "Tue 3 Mar 10:00")
        self.assertFalse(self._fire("Mon 2 Mar 14:59:59"))
        self.assertEqual(self._fire("Mon 2 Mar 15:00"), clock)
        self.assertEqual(len(self._notes(ticket)), 1)
        self.assertEqual(self._notes(ticket)[0][0], self.technician.partner_id)
        self._fire("Tue 3 Mar 10:00")
        self.assertEqual(self._tell(clock), "Tue 3 Mar 10:00")
        self._fire("Tue 3 Mar 10:00:01")
        self.assertEqual(self._tell(clock), "missed Tue 3 Mar 10:00")

    def test_twenty_four_hours(self):
        """“24 hours”: elapsed time or coverage hours, a field of the target"""
        shipped = self.env.ref("support_contract.sla_policy_24_elapsed")
        self._promise(shipped, self.office)
        ticket = self._open("Fri 6 Mar 17:00")
        self.assertEqual(self._deadline(ticket), "Sat 7 Mar 17:00")
        self.assertEqual(self._clock(ticket).hours_from, "elapsed")
        self._promise(
            self._create_policy({"kind": "response", "minutes": 1440}),
            self.office,
            self.other_customer,
        )
        ticket = self._open("Fri 6 Mar 17:00", partner=self.other_customer)
        self.assertEqual(self._deadline(ticket), "Wed 11 Mar 17:00")

    def test_target_of_a_priority(self):
        """a ticket keeps the terms under which it was opened, also when people change
        its priority"""
        self._promise(
            self._create_policy(
                {"kind": "response", "minutes": 480},
                {"kind": "response", "minutes": 60, "priority": "3"},
            ),
            self.office,
        )
        urgent = self._open("Mon 2 Mar 10:00", priority="3")
        other = self._open("Mon 2 Mar 10:00", priority="1")
        self.assertEqual(self._deadline(urgent), "Mon 2 Mar 11:00")
        self.assertEqual(self._deadline(other), "Tue 3 Mar 10:00")
        with self._at("Mon 2 Mar 10:30"):
            other.with_user(self.technician).priority = "3"
        self.assertEqual(self._deadline(other), "Tue 3 Mar 10:00")

    def test_response_and_resolution(self):
        """each kind has its own clock; the ticket shows the next deadline"""
        self._promise(
            self._create_policy(
                {"kind": "response", "minutes": 60},
                {"kind": "resolution", "minutes": 480},
            ),
            self.office,
        )
        ticket = self._open("Mon 2 Mar 10:00")
        self.assertEqual(ticket.support_deadline, parse("Mon 2 Mar 11:00"))
        self._answer(ticket, "Mon 2 Mar 10:30")
        self.assertEqual(self._tell(self._clock(ticket, "response")), "met")
        self.assertEqual(ticket.support_deadline, parse("Tue 3 Mar 10:00"))
        self.assertEqual(ticket.support_responded_on, parse("Mon 2 Mar 10:30"))
        self._move(ticket, self.done, "Tue 3 Mar 10:00")
        self.assertEqual(self._tell(self._clock(ticket, "resolution")), "met")
        self.assertFalse(ticket.support_deadline)
        self.assertFalse(ticket.support_risk_at)

    def test_resolved_without_an_answer(self):
        """paused, then resolved directly: the first response is over with it"""
        self._promise(
            self._create_policy(
                {"kind": "response", "minutes": 60},
                {"kind": "resolution", "minutes": 480},
            ),
            self.office,
        )
        ticket = self._open("Mon 2 Mar 10:00")
        self._move(ticket, self.awaiting, "Mon 2 Mar 10:30")
        self._move(ticket, self.done, "Mon 2 Mar 17:00")
        self.assertEqual(
            [self._tell(clock) for clock in self._clock(ticket)], ["met", "met"]
        )
        self.assertEqual(
            self._clock(ticket).mapped("ended_by"), ["resolved", "resolved"]
        )

    def test_rejected_and_archived(self):
        """created paused or closed: what is no case any more promises nothing"""
        self._promise_hours(4, "resolution")
        for values in (
            {"active": False},
            {"duplicate_id": self._open("Mon 2 Mar 09:00").id},
        ):
            ticket = self._open("Mon 2 Mar 10:00")
            with self._at("Mon 2 Mar 10:30"):
                ticket.write(values)
            clock = self._clock(ticket)
            self.assertEqual(self._tell(clock), "cancelled")
            self.assertFalse(clock.next_due)
            self.assertFalse(ticket.support_deadline)
        with self._at("Mon 2 Mar 12:30"):
            ticket.action_support_unmerge()
        # half an hour was used, 3.5 h left: 30 min, and from 14:00
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 17:00")

    def test_at_risk(self):
        """from the first notice on, at the latest from three quarters of the time; a
        missed promise stays at risk, one that stands still is not"""
        self._promise_hours(4, "resolution")
        self._promise(
            self._create_policy(
                {
                    "kind": "resolution",
                    "minutes": 240,
                    "stages": [{"percent": 50, "action": "remind"}],
                }
            ),
            self.office,
            self.other_customer,
        )
        warned = self._open("Mon 2 Mar 09:00", partner=self.other_customer)
        self.assertEqual(warned.support_risk_at, parse("Mon 2 Mar 11:00"))
        ticket = self._open("Mon 2 Mar 09:00")
        self.assertEqual(ticket.support_risk_at, parse("Mon 2 Mar 12:00"))
        self._move(ticket, self.awaiting, "Mon 2 Mar 10:00")
        self.assertFalse(ticket.support_risk_at)
        # 1 h used, three quarters after two more
        self._reply(ticket, "Mon 2 Mar 11:00")
        self.assertEqual(ticket.support_risk_at, parse("Mon 2 Mar 13:00"))
        self._move(ticket, self.awaiting, "Mon 2 Mar 16:00")
        self.assertEqual(self._tell(self._clock(ticket)), "missed Mon 2 Mar 15:00")
        self.assertEqual(ticket.support_risk_at, parse("Mon 2 Mar 15:00"))
        self._move(ticket, self.done, "Mon 2 Mar 17:00")
        self.assertFalse(ticket.support_risk_at)

    def test_many_tickets_at_once(self):
        """each ticket is measured by itself when many are moved together"""
        self._promise_hours(4, "resolution")
        first = self._open("Mon 2 Mar 09:00")
        second = self._open("Mon 2 Mar 10:00")
        unpromised = self._open("Mon 2 Mar 10:00", partner=self.other_customer)
        self._move(second, self.in_progress, "Mon 2 Mar 10:00")
        self._move(first + second + unpromised, self.awaiting, "Mon 2 Mar 11:00")
        self.assertEqual(first.support_stage_before_id, self.new)
        self.assertEqual(second.support_stage_before_id, self.in_progress)
        self._move(first + second + unpromised, self.in_progress, "Mon 2 Mar 12:00")
        self.assertEqual(self._deadline(first), "Mon 2 Mar 15:00")
        self.assertEqual(self._deadline(second), "Mon 2 Mar 16:00")
        self.assertFalse(self._clock(unpromised))

    def test_stage_gets_another_meaning(self):
        """the tickets in a stage follow what the stage now means"""
        self._promise_hours(4, "resolution")
        ticket = self._open("Mon 2 Mar 09:00")
        with self._at("Mon 2 Mar 10:00"):
            self.new.support_waiting = True
        self.assertEqual(self._tell(self._clock(ticket)), "paused")
        with self._at("Mon 2 Mar 11:00"):
            self.new.support_waiting = False
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        with self.assertRaisesRegex(ValidationError, "cannot wait"):
            self.done.support_waiting = True


@tagged("post_install", "-at_install")
class TestChangesOfHours(SlaCommon):
    def test_hours_made_on_the_way(self):
        """what ran is kept as it ran, also under hours that are not committed yet"""
        calendar = self.office.copy()
        self._promise_hours(4, "resolution", calendar)
        with self._at("Mon 2 Mar 09:00"):
            ticket = self._create_ticket()
        with self._at("Mon 2 Mar 11:00"):
            self.env.cr.precommit.run()
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 13:00")

    def test_holiday_added_later(self):
        """holiday added later: open clocks move, ended ones do not"""
        self._promise_hours(4, "resolution")
        running = self._open("Thu 5 Mar 16:00")
        ended = self._open("Thu 5 Mar 16:00")
        paused = self._open("Thu 5 Mar 16:00")
        missed = self._open("Mon 2 Mar 09:00")
        self._move(ended, self.done, "Thu 5 Mar 17:00")
        self._move(paused, self.awaiting, "Thu 5 Mar 17:00")
        self.assertEqual(self._deadline(running), "Fri 6 Mar 11:00")
        before = self._clock(ended).read()
        with self._at("Thu 5 Mar 17:30"):
            self._change_hours(
                lambda: self._close(self.office, "Fri 6 Mar 00:00", "Sat 7 Mar 00:00")
            )
        # 2 h were used on Thursday, 2 h left on Monday
        self.assertEqual(self._deadline(running), "Mon 9 Mar 11:00")
        self.assertEqual(running.support_deadline, parse("Mon 9 Mar 11:00"))
        self.assertEqual(self._tell(self._clock(missed)), "missed Mon 2 Mar 13:00")
        self.assertEqual(self._clock(ended).read(), before)
        # 1 h used, 3 h left from Friday evening
        self._move(paused, self.in_progress, "Fri 6 Mar 20:00")
        self.assertEqual(self._deadline(paused), "Mon 9 Mar 12:00")
        for ticket in (running, ended, paused, missed):
            self._assert_explained(self._clock(ticket))
        self.assertFalse(self._fire("Fri 6 Mar 11:00:01") - self._clock(missed))
        self.assertEqual(self._fire("Mon 9 Mar 11:00:01"), self._clock(running))

    def test_holiday_added_too_late(self):
        """holiday added later: what ran is kept as it ran, a miss stays one"""
        self._promise_hours(4, "resolution")
        ticket = self._open("Thu 5 Mar 16:00")
        late = self._open("Fri 6 Mar 10:00")
        with self._at("Fri 6 Mar 12:00"):
            self._change_hours(
                lambda: self._close(self.office, "Fri 6 Mar 00:00", "Sat 7 Mar 00:00")
            )
        # nobody had marked it as missed yet
        self.assertEqual(self._tell(self._clock(ticket)), "missed Fri 6 Mar 11:00")
        # 2 h were counted on Friday before the holiday was entered
        self.assertEqual(self._deadline(late), "Mon 9 Mar 11:00")

    def test_longer_hours(self):
        """a calendar that opens longer brings deadlines closer, not before now"""
        self._promise_hours(4, "resolution")
        ticket = self._open("Mon 2 Mar 16:00")
        self.assertEqual(self._deadline(ticket), "Tue 3 Mar 11:00")
        with self._at("Mon 2 Mar 17:00"):
            self._change_hours(
                lambda: self.office.write(
                    {
                        "attendance_ids": [
                            Command.create(
                                {
                                    "name": "Evening",
                                    "dayofweek": "0",
                                    "hour_from": 18,
                                    "hour_to": 20,
                                    "day_period": "afternoon",
                                }
                            )
                        ]
                    }
                )
            )
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 20:00")

    def test_hours_become_flexible(self):
        """flexible hours cannot be counted: the next ones that are set take their
        place"""
        self._promise_hours(4, "resolution")
        self.company.resource_calendar_id = self._create_hours([(16, 20)])
        ticket = self._open("Mon 2 Mar 10:00")
        with self._at("Mon 2 Mar 12:00"):
            self._change_hours(
                lambda: self.office.write(
                    {"schedule_type": "flexible", "hours_per_day": 8}
                )
            )
        # 2 h were used, 2 h left in the company's hours
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "Mon 2 Mar 18:00")
        self.assertEqual(clock.hours_from, "company")
        self._assert_explained(clock)

    def test_hours_are_followed_again(self):
        """holiday added later: following the same hours twice changes nothing"""
        self._promise_hours(4, "resolution")
        ticket = self._open("Thu 5 Mar 16:00")
        with self._at("Thu 5 Mar 17:30"):
            before = {self.office.id: self.office._support_working_time()}
            for _ in range(2):
                self.env["support.sla.clock"]._follow_hours(before)
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "Fri 6 Mar 11:00")
        self._assert_explained(clock)

    def test_team_changed(self):
        """contract attached late, team or calendar changed: what ran is kept as it ran,
        the rest counts under the new terms"""
        self._promise(self._create_policy({"kind": "resolution", "minutes": 240}))
        self.company.resource_calendar_id = self.office
        self.team.support_calendar_id = self._create_hours([(16, 20)])
        ticket = self._open("Mon 2 Mar 10:00")
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        with self._at("Mon 2 Mar 12:00"):
            ticket.with_user(self.technician).team_id = self.team
        # 2 h were used in the company's hours, 2 h left in the team's
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 18:00")
        clock = self._clock(ticket)
        self.assertEqual(clock.hours_from, "team")
        self.assertEqual(clock.used, 2 * 3600)
        self._assert_explained(clock)
        with self._at("Mon 2 Mar 17:00"):
            ticket.with_user(self.technician).team_id = False
        # 3 h used, 1 h left in the company's hours
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 18:00")
        self.assertEqual(self._clock(ticket).hours_from, "company")

    def test_another_calendar_of_team_and_company(self):
        """contract attached late, team or calendar changed: another calendar of the
        team or of the company"""
        self._promise(self._create_policy({"kind": "resolution", "minutes": 240}))
        self.company.resource_calendar_id = self.office
        evening = self._create_hours([(16, 20)])
        ended = self._open("Mon 2 Mar 10:00", team_id=self.team.id)
        self._move(ended, self.done, "Mon 2 Mar 11:00")
        before = self._clock(ended).read()
        of_team = self._open("Mon 2 Mar 10:00", team_id=self.team.id)
        of_nobody = self._open("Mon 2 Mar 10:00")
        with self._at("Mon 2 Mar 11:00"):
            self.team.support_calendar_id = evening
        self.assertEqual(self._deadline(of_team), "Mon 2 Mar 19:00")
        self.assertEqual(self._deadline(of_nobody), "Mon 2 Mar 15:00")
        with self._at("Mon 2 Mar 12:00"):
            self.company.resource_calendar_id = evening
        self.assertEqual(self._deadline(of_team), "Mon 2 Mar 19:00")
        self.assertEqual(self._deadline(of_nobody), "Mon 2 Mar 18:00")
        with self._at("Mon 2 Mar 17:00"):
            self.company.resource_calendar_id = False
            self.team.support_calendar_id = False
        # 1 h + 1 h and 2 h + 1 h used; the rest is elapsed time
        self.assertEqual(self._deadline(of_team), "Mon 2 Mar 19:00")
        self.assertEqual(self._deadline(of_nobody), "Mon 2 Mar 18:00")
        self.assertEqual(self._clock(of_nobody).hours_from, "none")
        self.assertEqual(self._clock(ended).read(), before)
        for ticket in (of_team, of_nobody):
            self._assert_explained(self._clock(ticket))

    def test_paused_while_the_team_changes(self):
        """contract attached late, team or calendar changed: also while we wait"""
        self._promise(self._create_policy({"kind": "resolution", "minutes": 240}))
        self.company.resource_calendar_id = self.office
        self.team.support_calendar_id = self._create_hours([(16, 20)])
        ticket = self._open("Mon 2 Mar 10:00")
        self._move(ticket, self.awaiting, "Mon 2 Mar 11:00")
        with self._at("Mon 2 Mar 12:00"):
            ticket.team_id = self.team
        self.assertEqual(self._tell(self._clock(ticket)), "paused")
        self._reply(ticket, "Mon 2 Mar 17:00")
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 20:00")
        self._assert_explained(self._clock(ticket))

    def test_contract_keeps_its_hours(self):
        """team changed: hours that the contract agreed stay"""
        self._promise_hours(4, "resolution")
        self.team.support_calendar_id = self._create_hours([(16, 20)])
        ticket = self._open("Mon 2 Mar 10:00")
        with self._at("Mon 2 Mar 11:00"):
            ticket.team_id = self.team
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")


@tagged("post_install", "-at_install")
class TestContractAttached(SlaCommon):
    """contract attached late: what ran is kept, the rest counts under the new terms;
    no storm of alarms for the past, one event at most"""

    def _attach(self, ticket, contract):
        """An agent chooses the cover."""
        ticket._support_choose_cover(contract, "It is theirs")
        self.env.invalidate_all()

    def test_it_counts_from_the_opening(self):
        ticket = self._open("Mon 2 Mar 10:00")
        self.assertFalse(self._clock(ticket))
        self._move(ticket, self.awaiting, "Mon 2 Mar 11:00")
        self._reply(ticket, "Mon 2 Mar 12:00")
        contract = self._promise_hours(8, "resolution")
        with self._at("Mon 2 Mar 16:00"):
            self._attach(ticket, contract)
        # 10:00-11:00, 12:00-13:00, 14:00-16:00 are used, 4 h left
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "Tue 3 Mar 11:00")
        self.assertEqual(clock.started_on, parse("Mon 2 Mar 10:00"))
        self.assertEqual(clock.waited, 3600)
        self._assert_explained(clock)

    def test_past_misses_are_told_once(self):
        ticket = self._open("Mon 2 Mar 10:00", user_id=self.technician.id)
        contract = self._promise_hours(
            4,
            stages=[
                {"percent": 50, "action": "remind"},
                {"percent": 75, "action": "remind"},
                {"percent": 90, "action": "remind"},
            ],
        )
        with self._at("Wed 4 Mar 10:00"):
            self._attach(ticket, contract)
            self.assertFalse(self._notes(ticket))
            clock = self._fire()
            self.assertEqual(self._tell(clock), "missed Mon 2 Mar 15:00")
            self.assertEqual(len(self._notes(ticket)), 1)
            self.assertEqual(
                len(clock.event_ids.filtered(lambda event: not event.skipped)), 2
            )
            self.assertFalse(self._fire())

    def test_answered_before(self):
        """what had been answered before is kept or missed by then"""
        contract = self._promise_hours(2)
        for opened, answered, result in [
            ("Mon 2 Mar 10:00", "Mon 2 Mar 12:00", "met"),
            ("Mon 2 Mar 10:00", "Mon 2 Mar 12:00:01", "missed Mon 2 Mar 12:00"),
        ]:
            ticket = self._open(opened, partner=self.other_customer)
            self._answer(ticket, answered)
            with self._at("Wed 4 Mar 10:00"):
                ticket.partner_id = self.contact
            self.assertEqual(ticket.support_contract_id, contract)
            self.assertEqual(self._tell(self._clock(ticket)), result)
            self.assertFalse(self._clock(ticket).next_due)

    def test_another_contract(self):
        """the clock goes on under the terms of the other contract"""
        slow = self._promise_hours(8, "resolution")
        ticket = self._open("Mon 2 Mar 10:00")
        self.assertEqual(ticket.support_contract_id, slow)
        quick = self._promise_hours(4, "resolution")
        with self._at("Mon 2 Mar 12:00"):
            self._attach(ticket, quick)
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "Mon 2 Mar 15:00")
        self.assertEqual(clock.target_id.contract_id, quick)
        with self._at("Mon 2 Mar 14:30"):
            self._attach(ticket, slow)
        self.assertEqual(self._deadline(ticket), "Tue 3 Mar 10:00")
        self._assert_explained(self._clock(ticket))

    def test_missed_under_the_old_contract(self):
        """a missed target stays missed, and is not missed again"""
        slow = self._promise_hours(4, "resolution")
        ticket = self._open("Mon 2 Mar 10:00")
        self._fire("Mon 2 Mar 16:00")
        quick = self._promise_hours(2, "resolution")
        with self._at("Mon 2 Mar 17:00"):
            self._attach(ticket, quick)
        self._fire("Mon 2 Mar 17:10")
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "missed Mon 2 Mar 15:00")
        misses = clock.event_ids.filtered(lambda e: e.stage_id.action == "missed")
        self.assertEqual(misses.stage_id.target_id.contract_id, slow)
        self.assertEqual(len(self._notes(ticket)), 1)

    def test_back_to_a_contract(self):
        """stages that have happened do not happen again"""
        stages = [
            {"percent": 50, "action": "remind"},
            {"percent": 150, "action": "remind"},
        ]
        first = self._promise_hours(4, "resolution", stages=stages)
        other = self._promise_hours(6, "resolution")
        ticket = self._open("Mon 2 Mar 09:00", user_id=self.technician.id)
        self._attach(ticket, first)
        self._fire("Mon 2 Mar 11:00")
        with self._at("Mon 2 Mar 11:30"):
            self._attach(ticket, other)
        with self._at("Mon 2 Mar 12:00"):
            self._attach(ticket, first)
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "Mon 2 Mar 13:00")
        self.assertFalse(self._fire("Mon 2 Mar 12:30"))
        self._fire("Mon 2 Mar 14:30")
        self.assertEqual(self._tell(clock), "missed Mon 2 Mar 13:00")
        self._fire("Mon 2 Mar 16:00")
        self.assertEqual(
            clock.event_ids.sorted("id").stage_id.mapped("percent"), [50, 100, 150]
        )
        self.assertFalse(clock.next_due)
        self.assertEqual(len(self._notes(ticket)), 3)

    def test_no_promise_any_more(self):
        """a contract without a promise ends the clock; one with a promise revives
        it"""
        promised = self._promise_hours(4, "resolution")
        ticket = self._open("Mon 2 Mar 10:00")
        without = self._promise(False)
        with self._at("Mon 2 Mar 11:00"):
            self._attach(ticket, without)
        clock = self._clock(ticket)
        self.assertEqual(self._tell(clock), "cancelled")
        self.assertEqual(clock.ended_by, "terms")
        self.assertFalse(ticket.support_deadline)
        with self._at("Mon 2 Mar 12:00"):
            self._attach(ticket, promised)
        # 1 h used, 3 h left: 1 h, and from 14:00
        self.assertEqual(self._tell(clock), "Mon 2 Mar 16:00")
        self._assert_explained(clock)

    def test_a_mail_only_proposes(self):
        """a ticket that came by mail says nothing of a promise before a person confirms
        its cover"""
        self._promise_hours(4)
        with self._at("Mon 2 Mar 10:00"):
            ticket = self._create_ticket(support_cover_confirmed=False)
            self.assertFalse(ticket.support_promise)
        with self._at("Mon 2 Mar 11:00"):
            ticket.with_user(self.technician).action_support_confirm_cover()
        self.env.invalidate_all()
        # promised when help was asked for
        self.assertEqual(self._deadline(ticket), "Mon 2 Mar 15:00")
        self.assertIn("Answer by", ticket.support_promise)
