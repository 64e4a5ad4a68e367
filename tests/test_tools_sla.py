# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A promise's clock: random lives are told again second by second, and what the two
tell is the same."""

import unittest
from datetime import datetime, timedelta
from typing import NamedTuple

import pytz
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from odoo.addons.support_contract.tools import sla
from odoo.addons.support_contract.tools.working_time import WorkingTime

PROFILE = settings(deadline=None, derandomize=True, max_examples=200)

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
STATUSES = ["running", "waiting", "resolved", "closed"]


class Hours:
    """Hours by local time of each day, as one would read them from the door."""

    def __init__(self, zone, days, lines):
        """
        :param days: weekdays, 0 is Monday
        :param lines: (from, to) in minutes of the day
        """
        self.zone, self.days, self.lines = pytz.timezone(zone), days, lines
        self.compiled = WorkingTime(
            zone, [(day, None, first, last) for day in days for first, last in lines]
        )
        self.answers = {}

    def is_open(self, moment):
        if moment not in self.answers:
            local = pytz.utc.localize(moment).astimezone(self.zone)
            minute = local.hour * 60 + local.minute
            self.answers[moment] = local.weekday() in self.days and any(
                first <= minute < last for first, last in self.lines
            )
        return self.answers[moment]


class Elapsed:
    """Round the clock."""

    compiled = None

    def is_open(self, moment):
        return True


ELAPSED = Elapsed()


class Event(NamedTuple):
    moment: datetime
    kind: str
    #: seconds and hours in force from now on
    terms: tuple
    paused: bool = False


class Told(NamedTuple):
    state: str
    path: list
    used: int
    deadline: datetime | None
    missed_on: datetime | None
    ended_on: datetime | None


def tell(log, until, tick):
    """The life in ``log`` until ``until``, walked in steps of ``tick``. A promise is
    missed as soon as time goes on while nothing of it is left."""
    at, path, counted = log[0].moment, [], 0
    alive = paused = False
    missed_on = ended_on = ended_as = seconds = hours = None
    events = list(log)
    while True:
        while events and events[0].moment == at:
            event = events.pop(0)
            seconds, hours = event.terms
            if event.kind in ("start", "reopen") and not alive:
                alive, paused, ended_on = True, event.paused, None
            elif event.kind == "pause" and alive:
                paused = True
            elif event.kind == "resume" and alive:
                paused = False
            elif event.kind == "late" or (event.kind in ("end", "cancel") and alive):
                alive, paused, ended_on = False, False, at
                kept = "cancelled" if event.kind == "cancel" else "met"
                ended_as = "missed" if missed_on else kept
        if at == until:
            break
        counting = alive and not paused
        if counting and counted >= seconds and not missed_on:
            missed_on = at
        if not alive:
            path.append("closed")
        elif paused:
            path.append("waiting")
        elif hours.is_open(at):
            path.append("counted")
            counted += int(tick.total_seconds())
        else:
            path.append("outside")
        at += tick
    if not alive:
        # nobody knows yet whether it comes back
        del path[int((ended_on - log[0].moment) / tick) :]
        return Told(ended_as, path, counted, None, missed_on, ended_on)
    if missed_on:
        return Told("missed", path, counted, missed_on, missed_on, None)
    if paused:
        return Told("paused", path, counted, None, None, None)
    left = seconds - counted
    while left > 0:
        left -= int(tick.total_seconds()) if hours.is_open(at) else 0
        at += tick
    return Told("running", path, counted, at, None, None)


class Life:
    """The same life as a clock and as a log."""

    def __init__(self, tick, begin, seconds, hours, paused=False):
        self.tick, self.begin, self.now = tick, begin, begin
        self.terms = (seconds, hours)
        self.clock = sla.start(seconds, hours.compiled, begin, paused)
        self.log = [Event(begin, "start", self.terms, paused)]

    def live(self, step):
        """Let time go on by ``step[0]`` ticks, and then ``step[1]`` happen."""
        ticks, kind, *extra = step
        self.now += ticks * self.tick
        was_open = self.clock.is_open
        if kind == "look":
            self.clock = sla.passed(self.clock, self.now)
        elif kind == "change":
            if was_open:
                self.terms = tuple(extra)
            seconds, hours = extra
            self.clock = sla.change(self.clock, self.now, seconds, hours.compiled)
            self._log("change")
        elif kind == "late":
            self._end_in_the_past(max(self.begin, self.now - extra[0] * self.tick))
        elif kind == "reopen":
            self.clock = sla.reopen(self.clock, self.now, extra[0])
            self._log("reopen", extra[0])
        elif kind == "follow":
            self.clock = sla.follow(self.clock, extra[0], self.now)
            self._follow(extra[0], was_open)
        else:
            self.clock = getattr(sla, kind)(self.clock, self.now)
            self._log(kind)

    def _log(self, kind, paused=False):
        self.log.append(Event(self.now, kind, self.terms, paused))

    def _follow(self, status, was_open):
        if status in ("resolved", "closed"):
            self._log("end" if status == "resolved" else "cancel")
        elif was_open:
            self._log("pause" if status == "waiting" else "resume")
        else:
            self._log("reopen", status == "waiting")

    def _end_in_the_past(self, moment):
        if self.clock.is_open:
            # what happened since then is not worth telling
            self.log = [event for event in self.log if event.moment <= moment]
            self.log.append(Event(moment, "late", self.terms))
        self.clock = sla.end(self.clock, moment)

    def tell(self):
        return tell(self.log, self.now, self.tick)


def some_steps(longest, hours, seconds):
    ticks = st.integers(0, longest)
    kinds = [
        st.tuples(ticks, st.sampled_from(["look", "pause", "resume", "end", "cancel"])),
        st.tuples(ticks, st.sampled_from(["pause", "resume"])),
        st.tuples(ticks, st.just("reopen"), st.booleans()),
        st.tuples(ticks, st.just("follow"), st.sampled_from(STATUSES)),
        st.tuples(ticks, st.just("change"), seconds, hours),
        st.tuples(ticks, st.just("late"), st.integers(0, longest)),
    ]
    return st.lists(st.one_of(kinds), max_size=9)


#: a morning with many short breaks, and enough time after it
BREAKS = Hours("UTC", range(7), [(1, 3), (4, 5), (8, 9), (9, 12), (15, 60)])
#: an office in Rome, split day, over the weekend of a change of clock
OFFICE = Hours("Europe/Rome", range(5), [(600, 750), (900, 1020)])
#: a help desk that is closed for two hours each night only
NIGHT = Hours("Europe/London", range(7), [(0, 180), (300, 1440)])


@st.composite
def some_second_lives(draw):
    """A quarter of an hour, second by second."""
    hours = st.sampled_from([BREAKS, BREAKS, ELAPSED])
    seconds = st.integers(1, 600)
    life = Life(
        SECOND,
        datetime(2026, 3, 2, 0, draw(st.integers(0, 4)), draw(st.integers(0, 59))),
        draw(seconds),
        draw(hours),
        draw(st.sampled_from([False, False, True])),
    )
    return life, draw(some_steps(120, hours, seconds))


@st.composite
def some_minute_lives(draw):
    """Days with nights, a weekend and a change of clock, minute by minute."""
    hours = st.sampled_from([OFFICE, OFFICE, NIGHT, ELAPSED])
    seconds = st.integers(1, 20).map(lambda halves: halves * 1800)
    day = draw(st.sampled_from([(3, 27), (10, 23)]))
    life = Life(
        MINUTE,
        datetime(2026, *day, draw(st.integers(0, 23)), draw(st.integers(0, 59))),
        draw(seconds),
        draw(hours),
        draw(st.sampled_from([False, False, True])),
    )
    return life, draw(some_steps(1500, hours, seconds))


def expand(segments, tick):
    """Segments as one kind for each tick."""
    return [
        segment.kind
        for segment in segments
        for _ in range(int((segment.end - segment.start) / tick))
    ]


def some_office_terms():
    return st.tuples(
        st.integers(0, 5 * 24 * 60).map(
            lambda minutes: datetime(2026, 3, 26) + minutes * MINUTE
        ),
        st.integers(1, 36000),
        st.sampled_from([OFFICE.compiled, NIGHT.compiled, None]),
    )


class TestLives(unittest.TestCase):
    def _check_segments(self, life):
        clock = life.clock
        at = life.begin
        for segment in clock.segments:
            self.assertEqual(segment.start, at)
            self.assertLess(segment.start, segment.end)
            at = segment.end
        self.assertEqual(at, clock.since or clock.ended_on)
        self.assertEqual(clock.used, sla.counted(clock.segments))

    def _check(self, life, steps):
        for step in steps:
            life.live(step)
            self._check_segments(life)
        told = life.tell()
        clock = sla.passed(life.clock, life.now)
        self.assertEqual(clock.state, told.state)
        self.assertEqual(clock.missed_on, told.missed_on)
        self.assertEqual(clock.ended_on, told.ended_on)
        self.assertEqual(sla.used(clock, life.now), told.used)
        if clock.is_open:
            self.assertEqual(clock.deadline, told.deadline)
            still = (
                [sla.Segment(sla.WAITING, clock.since, life.now)]
                if clock.paused
                else sla.split(clock.hours, clock.since, life.now)
            )
        else:
            still = []
        self.assertEqual(expand([*clock.segments, *still], life.tick), told.path)

    @PROFILE
    @given(some_second_lives())
    def test_second_by_second(self, case):
        self._check(*case)

    @settings(PROFILE, max_examples=100)
    @given(some_minute_lives())
    def test_minute_by_minute(self, case):
        self._check(*case)

    @PROFILE
    @given(some_second_lives(), st.integers(0, 1200), st.booleans())
    def test_an_end_that_is_known_later(self, case, seconds, at_the_deadline):
        """it is told as if it had been known"""
        life, steps = case
        for step in steps:
            life.live(step)
        # the ticket is open, and something has happened since
        for step in [(0, "reopen", False), (1, "pause"), (200, "resume"), (60, "look")]:
            life.live(step)
        moment = min(life.begin + seconds * SECOND, life.now)
        if at_the_deadline and life.clock.missed_on:
            moment = life.clock.missed_on
        life.live((0, "late", int((life.now - moment) / SECOND)))
        self.assertEqual(life.clock.ended_on, moment)
        self._check(life, [])

    @PROFILE
    @given(some_second_lives())
    def test_a_missed_clock_stays_missed(self, case):
        """also when reopened; only an end before the miss, known later, undoes it"""
        life, steps = case
        missed_on = None
        for step in steps:
            life.live(step)
            clock = life.clock
            if missed_on and step[1] == "late" and not clock.missed_on:
                self.assertLessEqual(clock.ended_on, missed_on)
                self.assertEqual(clock.state, sla.MET)
                missed_on = None
            elif missed_on:
                self.assertEqual(clock.missed_on, missed_on)
                self.assertEqual(clock.state, sla.MISSED)
                self.assertIn(clock.deadline, (missed_on, None))
            else:
                missed_on = clock.missed_on

    @PROFILE
    @given(some_second_lives())
    def test_the_deadline_is_the_last_second(self, case):
        """kept at the deadline itself, missed one second later"""
        life, steps = case
        for step in steps:
            life.live(step)
        clock = sla.passed(life.clock, life.now)
        if not clock.is_counting or clock.missed_on:
            reject()
        moment = clock.deadline
        self.assertEqual(sla.passed(clock, moment), clock)
        self.assertEqual(sla.end(clock, moment).state, sla.MET)
        self.assertEqual(
            sla.used(sla.end(clock, moment), moment), sla.used(clock, moment)
        )
        late = sla.end(clock, moment + SECOND)
        self.assertEqual((late.state, late.missed_on), (sla.MISSED, moment))
        self.assertEqual(sla.passed(clock, moment + SECOND).state, sla.MISSED)
        self.assertEqual(sla.cancel(clock, moment).state, sla.CANCELLED)
        self.assertEqual(sla.cancel(clock, moment + SECOND).state, sla.MISSED)

    @PROFILE
    @given(some_office_terms(), st.integers(0, 4000), st.integers(0, 10000))
    def test_a_pause_moves_by_its_coverage(self, terms, before, length):
        """nights and weekends inside a pause are nobody's time"""
        begin, seconds, hours = terms
        clock = sla.start(seconds, hours, begin)
        pause = begin + before * MINUTE
        if pause > clock.deadline:
            reject()
        resume = pause + length * MINUTE
        again = sla.resume(sla.pause(clock, pause), resume)
        self.assertEqual(
            sla.count(hours, clock.deadline, again.deadline),
            sla.count(hours, pause, resume),
        )
        if not sla.count(hours, pause, resume) and pause < clock.deadline:
            self.assertEqual(again.deadline, clock.deadline)
        self.assertGreaterEqual(again.deadline, clock.deadline)

    @PROFILE
    @given(some_office_terms(), st.integers(1, 1000))
    def test_stages_are_reached_in_their_order(self, terms, percent):
        """what is reached at a share of the time has counted that share"""
        begin, seconds, hours = terms
        clock = sla.start(seconds, hours, begin)
        threshold = seconds * percent // 100
        moment = sla.reached_on(clock, threshold)
        self.assertEqual(sla.used(clock, moment), threshold)
        self.assertEqual(moment <= clock.deadline, threshold <= seconds)
        self.assertIsNone(sla.reached_on(sla.pause(clock, begin), threshold))


class TestSteps(unittest.TestCase):
    """What is easily overlooked, one by one."""

    monday = datetime(2026, 3, 2, 9)

    def test_without_any_hours_there_is_no_deadline(self):
        closed = WorkingTime("UTC", [])
        clock = sla.start(60, closed, self.monday)
        self.assertIsNone(clock.deadline)
        later = self.monday + timedelta(days=100)
        self.assertEqual(sla.passed(clock, later), clock)
        self.assertEqual(sla.end(clock, later).state, sla.MET)

    def test_nothing_happens_to_an_ended_clock(self):
        clock = sla.end(sla.start(60, None, self.monday), self.monday + 30 * SECOND)
        later = self.monday + timedelta(days=1)
        for same in (
            sla.pause(clock, later),
            sla.resume(clock, later),
            sla.end(clock, later),
            sla.cancel(clock, later),
            sla.change(clock, later, 5, None),
            sla.passed(clock, later),
        ):
            self.assertEqual(same, clock)

    def test_a_paused_clock_cannot_pass(self):
        clock = sla.start(60, None, self.monday, paused=True)
        self.assertEqual((clock.state, clock.deadline), (sla.PAUSED, None))
        later = self.monday + timedelta(days=9)
        self.assertEqual(sla.passed(clock, later), clock)
        self.assertEqual(sla.used(clock, later), 0)
        self.assertEqual(sla.end(clock, later).state, sla.MET)

    def test_less_time_than_was_used(self):
        """shorter terms count from now on, not backwards"""
        now = self.monday + 50 * SECOND
        clock = sla.change(sla.start(60, None, self.monday), now, 10, None)
        self.assertEqual((clock.state, clock.deadline), (sla.RUNNING, now))
        self.assertEqual(sla.end(clock, now).state, sla.MET)
        self.assertEqual(sla.end(clock, now + SECOND).state, sla.MISSED)

    def test_more_time_after_the_miss(self):
        missed = sla.passed(sla.start(60, None, self.monday), self.monday + 61 * SECOND)
        clock = sla.change(missed, self.monday + 62 * SECOND, 6000, None)
        self.assertEqual(clock.deadline, missed.deadline)
        self.assertEqual(sla.end(clock, clock.since).state, sla.MISSED)

    def test_a_split_stretch(self):
        self.assertEqual(
            [
                (segment.kind, segment.start.hour, segment.end.hour)
                for segment in sla.split(
                    WorkingTime("UTC", [(0, None, 600, 720), (0, None, 840, 1020)]),
                    self.monday,
                    self.monday + timedelta(hours=9),
                )
            ],
            [
                ("outside", 9, 10),
                ("counted", 10, 12),
                ("outside", 12, 14),
                ("counted", 14, 17),
                ("outside", 17, 18),
            ],
        )
