"""A promise's clock: how much of the time has passed, until when it can be kept, and
whether it was.

A clock counts seconds of coverage (``hours``, a :class:`~.working_time.WorkingTime`) or
of elapsed time (``hours`` is None). Every stretch of its life is kept as segments, so
that any deadline can be explained and rebuilt (``design.md``, "SLA"). All moments are
naive UTC datetimes in whole seconds. Functions return a new clock.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

RUNNING, PAUSED, MET, MISSED, CANCELLED = (
    "running",
    "paused",
    "met",
    "missed",
    "cancelled",
)

#: kinds of segments: the time counts; nobody is there; we wait for the customer; the
#: ticket was closed
COUNTED, OUTSIDE, WAITING, CLOSED = "counted", "outside", "waiting", "closed"


class Segment(NamedTuple):
    kind: str
    start: datetime
    end: datetime


class Clock(NamedTuple):
    """``since`` is the start of the stretch that is still open, None once the clock
    has ended; ``used`` the seconds counted in the segments; ``missed_on`` the deadline
    that passed."""

    seconds: int
    hours: object
    state: str
    since: datetime | None
    paused: bool = False
    used: int = 0
    segments: tuple = ()
    deadline: datetime | None = None
    missed_on: datetime | None = None
    ended_on: datetime | None = None

    @property
    def is_open(self):
        return self.since is not None

    @property
    def is_counting(self):
        return self.is_open and not self.paused


def moment_after(hours, start, seconds):
    """When ``seconds`` have been counted since ``start``; ``start`` itself if none are
    left, None if it never happens."""
    if seconds <= 0:
        return start
    if hours is None:
        return start + timedelta(seconds=seconds)
    return hours.deadline(start, seconds)


def count(hours, start, end):
    """Seconds counted from ``start`` to ``end``."""
    if end <= start:
        return 0
    if hours is None:
        return int((end - start).total_seconds())
    return hours.seconds_between(start, end)


def split(hours, start, end):
    """The stretch from ``start`` to ``end`` as segments, counted and outside hours."""
    if end <= start:
        return []
    if hours is None:
        return [Segment(COUNTED, start, end)]
    segments, at = [], start
    for opening, closing in hours.intervals(start, end):
        if opening > at:
            segments.append(Segment(OUTSIDE, at, opening))
        segments.append(Segment(COUNTED, opening, closing))
        at = closing
    if at < end:
        segments.append(Segment(OUTSIDE, at, end))
    return segments


def total(segments, kind):
    """Seconds of the ``segments`` of one kind."""
    return sum(
        int((segment.end - segment.start).total_seconds())
        for segment in segments
        if segment.kind == kind
    )


def counted(segments):
    """Seconds that count in ``segments``."""
    return total(segments, COUNTED)


def start(seconds, hours, now, paused=False):
    """A clock that starts at ``now``; paused if the ticket waits from the start."""
    clock = Clock(seconds, hours, PAUSED if paused else RUNNING, now, paused)
    return _promise(clock)


def pause(clock, now):
    """Stand still: only what was counted before moves the deadline later."""
    if not clock.is_counting:
        return clock
    clock = _close(clock, now)
    state = MISSED if clock.missed_on else PAUSED
    return _promise(clock._replace(state=state, since=now, paused=True))


def resume(clock, now):
    """Go on with what was left."""
    if not (clock.is_open and clock.paused):
        return clock
    clock = _close(clock, now)
    state = MISSED if clock.missed_on else RUNNING
    return _promise(clock._replace(state=state, since=now, paused=False))


def end(clock, now):
    """The target is reached at ``now``, which may lie in the past if that is only
    known later: kept unless the deadline had passed by then."""
    if not clock.is_open:
        return clock
    clock = _close(clock, now)
    missed = clock.missed_on and clock.missed_on < now
    return clock._replace(
        state=MISSED if missed else MET,
        missed_on=clock.missed_on if missed else None,
        since=None,
        paused=False,
        ended_on=now,
    )


def cancel(clock, now):
    """Nothing is promised any more. What was missed stays missed."""
    if not clock.is_open:
        return clock
    clock = _close(clock, now)
    return clock._replace(
        state=MISSED if clock.missed_on else CANCELLED,
        since=None,
        paused=False,
        ended_on=now,
    )


def reopen(clock, now, paused=False):
    """Go on with what was left; a missed target stays missed."""
    if clock.is_open:
        return clock
    segments = clock.segments
    if now > clock.ended_on:
        segments += (Segment(CLOSED, clock.ended_on, now),)
    state = PAUSED if paused else RUNNING
    return _promise(
        clock._replace(
            state=MISSED if clock.missed_on else state,
            since=now,
            paused=paused,
            segments=segments,
            ended_on=None,
        )
    )


def change(clock, now, seconds, hours):
    """What ran is kept as it ran, the rest counts under the new terms."""
    if not clock.is_open:
        return clock
    if clock.is_counting:
        clock = _close(clock, now)._replace(since=now)
    return _promise(clock._replace(seconds=seconds, hours=hours))


def follow(clock, status, now):
    """The ticket is ``running``, ``waiting`` for the customer, ``resolved``, or
    ``closed`` without being resolved."""
    if status == "resolved":
        return end(clock, now)
    if status == "closed":
        return cancel(clock, now)
    waiting = status == "waiting"
    if not clock.is_open:
        return reopen(clock, now, paused=waiting)
    return pause(clock, now) if waiting else resume(clock, now)


def passed(clock, now):
    """Mark the deadline as missed if it has passed by ``now``."""
    if clock.is_counting and clock.deadline and clock.deadline < now:
        return clock._replace(state=MISSED, missed_on=clock.missed_on or clock.deadline)
    return clock


def used(clock, now):
    """Seconds counted until ``now``."""
    if not clock.is_counting:
        return clock.used
    return clock.used + count(clock.hours, clock.since, now)


def reached_on(clock, seconds):
    """When the clock will have counted ``seconds``, if nothing changes; None while it
    stands still or if it never happens."""
    if not clock.is_counting:
        return None
    return moment_after(clock.hours, clock.since, seconds - clock.used)


def _promise(clock):
    """Set the deadline. A missed one stays, a paused clock has none."""
    if clock.missed_on:
        return clock._replace(deadline=clock.missed_on)
    return clock._replace(deadline=reached_on(clock, clock.seconds))


def _close(clock, now):
    """Close the open stretch at ``now`` and notice a deadline that passed in it."""
    if now < clock.since:
        return _rewind(clock, now)
    clock = passed(clock, now)
    if clock.paused:
        added = [Segment(WAITING, clock.since, now)] if now > clock.since else []
    else:
        added = split(clock.hours, clock.since, now)
    return clock._replace(
        segments=(*clock.segments, *added), used=clock.used + counted(added)
    )


def _rewind(clock, now):
    """Forget what was counted after ``now``."""
    segments = tuple(
        segment._replace(end=min(segment.end, now))
        for segment in clock.segments
        if segment.start < now
    )
    return clock._replace(segments=segments, used=counted(segments))
