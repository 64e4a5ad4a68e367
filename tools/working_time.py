"""A calendar compiled once, then asked as often as needed.

``resource.calendar`` answers every question with queries and a walk through the days.
Here the hours of a calendar become sorted, merged intervals in UTC with the seconds
covered up to the end of each, so that every question is a binary search.
"""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from threading import Lock
from typing import NamedTuple

import pytz

EPOCH = datetime(1970, 1, 1)
EPOCH_DAY = EPOCH.toordinal()
DAY = 24 * 60 * 60
MINUTES_OF_DAY = 24 * 60
#: no question is answered before the first or from the second on
FIRST_DAY = date(1980, 1, 1).toordinal()
LAST_DAY = date(2100, 1, 1).toordinal()
YEAR, MONTH = 366, 31
#: held while a horizon grows, so that threads do not do it twice
_GROWING = Lock()


class Horizon(NamedTuple):
    """The intervals of the local days from ``first_day`` until before ``last_day``
    (ordinals), in seconds since 1970. Never changed: a longer one replaces it."""

    first_day: int
    last_day: int
    starts: tuple
    ends: tuple
    #: covered seconds from the beginning to each end
    sums: tuple

    @property
    def known_until(self):
        """No interval of a later day touches the time before this: clocks are at most
        14 hours ahead of UTC, so a day that is not in here starts after it."""
        return (self.last_day - 1 - EPOCH_DAY) * DAY

    def covered_until(self, moment):
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.sums[index] - max(0, self.ends[index] - moment)

    def closing(self, moment):
        """The end, as far as it is known, of the stretch that covers ``moment``."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0 or self.ends[index] <= moment:
            return None
        return self.ends[index]


class WorkingTime:
    """The hours of one calendar.

    Moments are naive UTC datetimes in whole seconds (a fraction is cut off); a covered
    stretch includes its start and excludes its end. Local hours turn into UTC exactly
    as ``resource.calendar`` does it: in the hour that a change of clock skips or
    repeats, winter time counts, and an interval whose end is then not after its start
    vanishes.

    Two things differ from the letter of what is stored. 24:00, which Odoo takes as one
    microsecond before midnight, is midnight; and a leave that ends at hh:mm:59 lasts to
    the full minute, because Odoo writes "until the end of the day" as 23:59:59. Without
    this a calendar that is open round the clock would be covered for one second in the
    night after each holiday.

    Nothing is covered before 1980 and from 2100 on: a search that comes to 2100 without
    an answer gives None. Intervals are made when a question first needs them and are
    kept. An object may be shared between threads: a question works on one horizon, and
    a longer one takes its place by a single assignment.
    """

    __slots__ = ("_zone", "_days", "_leave_starts", "_leave_ends", "_horizon")

    def __init__(self, zone, lines, two_weeks=False, leaves=()):
        """
        :param str zone: time zone of the lines
        :param lines: (weekday 0-6 from Monday, week 0, 1 or None, from minute, to
            minute of the local day, 1440 being the next midnight); a line that does not
            end after it starts covers nothing
        :param bool two_weeks: lines count in their own week only (without one: in week
            0); otherwise their week means nothing. Week 0 and 1 take turns as in
            ``resource.calendar.attendance.get_week_type``
        :param leaves: (start, end), naive UTC: closed whatever the lines say
        """
        self._zone = pytz.timezone(zone)
        days = [[] for _day in range(14)]
        for weekday, week, first, last in lines:
            if first >= last:
                continue
            for parity in [week or 0] if two_weeks else [0, 1]:
                days[weekday + 7 * parity].append((first, last))
        self._days = tuple(map(tuple, days))
        closed = _merge(
            (_seconds(start), _seconds(end) + (end.second == 59))
            for start, end in leaves
            if start < end
        )
        self._leave_starts = tuple(start for start, _end in closed)
        self._leave_ends = tuple(end for _start, end in closed)
        self._horizon = None

    # ------------------------------------------------------------------
    # Questions
    # ------------------------------------------------------------------

    @property
    def has_leaves(self):
        """Whether there are leaves at all, whenever they close."""
        return bool(self._leave_starts)

    def deadline(self, start, seconds):
        """When ``seconds`` of coverage have passed since ``start``: at the closing, if
        they end with a covered stretch. 0 seconds have passed at ``start`` itself.

        :return: None if it never happens
        :raise ValueError: on a negative number of seconds
        """
        if seconds < 0:
            raise ValueError("seconds of coverage cannot be negative")
        if not seconds:
            return start
        begin = _seconds(start)
        horizon = self._reach(begin, begin)
        while horizon:
            target = horizon.covered_until(begin) + seconds
            index = bisect_left(horizon.sums, target)
            if index < len(horizon.sums):
                moment = horizon.ends[index] - (horizon.sums[index] - target)
                if moment <= horizon.known_until:
                    return _moment(moment)
            horizon = self._extend(horizon)
        return None

    def seconds_between(self, start, end):
        """Covered seconds from ``start`` to ``end``; 0 if it is not after it."""
        if end <= start:
            return 0
        begin, finish = _seconds(start), _seconds(end)
        horizon = self._reach(begin, finish)
        return horizon.covered_until(finish) - horizon.covered_until(begin)

    def is_covered(self, moment):
        asked = _seconds(moment)
        return self._reach(asked, asked).closing(asked) is not None

    def next_opening(self, moment):
        """The first covered moment from ``moment`` on; itself if it is covered.

        :return: None if there is none
        """
        begin = _seconds(moment)
        horizon = self._reach(begin, begin)
        while horizon:
            index = bisect_right(horizon.ends, begin)
            if index < len(horizon.ends):
                found = max(begin, horizon.starts[index])
                if found <= horizon.known_until:
                    return _moment(found)
            horizon = self._extend(horizon)
        return None

    def closing(self, moment):
        """The end of the covered stretch in which ``moment`` lies.

        :return: None if it is not covered, or if the stretch never ends
        """
        asked = _seconds(moment)
        horizon = self._reach(asked, asked)
        while horizon:
            end = horizon.closing(asked)
            if end is None:
                return None
            if end <= horizon.known_until:
                return _moment(end)
            horizon = self._extend(horizon)
        return None

    def intervals(self, start, end):
        """The covered stretches between ``start`` and ``end``, clipped, in order."""
        if end <= start:
            return []
        begin, finish = _seconds(start), _seconds(end)
        horizon = self._reach(begin, finish)
        first = bisect_right(horizon.ends, begin)
        last = bisect_left(horizon.starts, finish)
        return [
            (
                _moment(max(begin, horizon.starts[index])),
                _moment(min(finish, horizon.ends[index])),
            )
            for index in range(first, last)
        ]

    # ------------------------------------------------------------------
    # Horizon
    # ------------------------------------------------------------------

    def _reach(self, low, high):
        """A horizon that knows all between the two moments, as far as days are counted
        at all."""
        first = _clip(low // DAY + EPOCH_DAY - 1)
        last = _clip(high // DAY + EPOCH_DAY + 3)
        return self._get_horizon(first, last, YEAR)

    def _extend(self, horizon):
        """A horizon at least a year and twice as long, so that a far answer costs
        little more than its own days; None if there are no more days, or no hours."""
        if horizon.last_day >= LAST_DAY or not any(self._days):
            return None
        length = max(YEAR, horizon.last_day - horizon.first_day)
        return self._get_horizon(horizon.first_day, horizon.last_day + length)

    def _get_horizon(self, first, last, reserve=0):
        """The horizon if it has these days, else a longer one, with some more days."""
        horizon = self._horizon
        if horizon and horizon.first_day <= first and last <= horizon.last_day:
            return horizon
        with _GROWING:
            horizon = self._horizon
            if not horizon:
                first, last = first - MONTH, last + reserve
            else:
                if first < horizon.first_day:
                    first -= reserve
                if last > horizon.last_day:
                    last += reserve
                first = min(first, horizon.first_day)
                last = max(last, horizon.last_day)
            self._horizon = horizon = self._compile(_clip(first), _clip(last))
        return horizon

    def _compile(self, first_day, last_day):
        intervals = list(self._open(_merge(self._make_intervals(first_day, last_day))))
        return Horizon(
            first_day,
            last_day,
            tuple(start for start, _end in intervals),
            tuple(end for _start, end in intervals),
            tuple(accumulate(end - start for start, end in intervals)),
        )

    def _make_intervals(self, first_day, last_day):
        """What the lines say of the local days, in UTC."""
        for day in range(first_day, last_day):
            lines = self._days[day_index(day)]
            if not lines:
                continue
            midnight = (day - EPOCH_DAY) * DAY
            offset = _offset(self._zone, day, 0)
            # between two midnights that agree the clock does not change
            steady = offset == _offset(self._zone, day + 1, 0)
            for minutes in lines:
                start, end = (
                    midnight
                    + minute * 60
                    - (offset if steady else _offset(self._zone, day, minute))
                    for minute in minutes
                )
                if start < end:
                    yield start, end

    def _open(self, intervals):
        """The intervals less the leaves."""
        for start, end in intervals:
            index = bisect_right(self._leave_ends, start)
            while index < len(self._leave_starts) and self._leave_starts[index] < end:
                if start < self._leave_starts[index]:
                    yield start, self._leave_starts[index]
                start = self._leave_ends[index]
                index += 1
            if start < end:
                yield start, end


def day_index(day):
    """Index of a day (ordinal) in fourteen days: first those of week 0."""
    return (day - 1) % 7 + 7 * ((day - 1) // 7 % 2)


@lru_cache(maxsize=20_000)
def _offset(zone, day, minute):
    """Seconds by which the local clock is ahead of UTC."""
    clock = time.max if minute == MINUTES_OF_DAY else time(*divmod(minute, 60))
    local = datetime.combine(date.fromordinal(day), clock)
    return int(zone.localize(local, is_dst=False).utcoffset().total_seconds())


def _merge(intervals):
    """Sorted intervals that neither overlap nor touch."""
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _clip(day):
    return min(max(day, FIRST_DAY), LAST_DAY)


def _seconds(moment):
    elapsed = moment - EPOCH
    return elapsed.days * DAY + elapsed.seconds


def _moment(seconds):
    return EPOCH + timedelta(seconds=seconds)
