"""What a piece of work is made of once it is done: stretches inside and outside the
coverage hours, each at its own percentage of the price of an hour (``edge_cases.md``,
"rounding" and "an intervention crosses 17:00").
"""

from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

import pytz

INSIDE, OUTSIDE, DAY_OFF = "inside", "outside", "day_off"
WORK, TRAVEL = "work", "travel"
NO_CHARGE, BY_TIME, FLAT = "none", "time", "flat"
FULL = Decimal(100)


class Tariff(NamedTuple):
    """What an hour costs beside its price.

    ``outside`` and ``day_off`` are percent on top of the price of an hour,
    ``travel_percent`` is the percent of it that an hour of travel costs. ``on_time``:
    percentages take more or less minutes from a balance of hours, too. ``pricelist``
    and ``travel_product`` are ids, 0 for none.
    """

    outside: Decimal = Decimal(0)
    day_off: Decimal = Decimal(0)
    on_time: bool = False
    travel: str = NO_CHARGE
    travel_percent: Decimal = FULL
    travel_product: int = 0
    pricelist: int = 0

    def percent(self, when):
        """Percent of the price of an hour of work. Surcharges are never added up nor
        multiplied: of several the greater one counts."""
        if when == DAY_OFF:
            return FULL + max(self.outside, self.day_off, Decimal(0))
        if when == OUTSIDE:
            return FULL + max(self.outside, Decimal(0))
        return FULL

    def percent_of_travel(self, when):
        """Percent of the price of an hour of travel to work that begins ``when``: the
        travel rate or the surcharge, never both; the greater one counts."""
        surcharged = self.percent(when)
        if surcharged > FULL:
            return max(self.travel_percent, surcharged)
        return self.travel_percent


class Part(NamedTuple):
    """``minutes`` of ``kind`` at ``percent`` of the price of an hour; ``when`` says
    why."""

    kind: str
    when: str
    minutes: int
    percent: Decimal


def days_off(start, end, zone, intervals):
    """The local days that the time from ``start`` to ``end`` (naive UTC) touches and
    on which nothing is covered, as ``(start, end)`` in naive UTC.

    :param str zone: whose days
    :param intervals: function from (start, end) to the covered stretches between them
    """
    zone = pytz.timezone(zone)
    day = pytz.utc.localize(start).astimezone(zone).date()
    last = pytz.utc.localize(end).astimezone(zone).date()
    found = []
    while day <= last:
        midnight, next_midnight = (
            zone.localize(datetime.combine(date, time()))
            .astimezone(pytz.utc)
            .replace(tzinfo=None)
            for date in (day, day + timedelta(days=1))
        )
        if not intervals(midnight, next_midnight):
            found.append((midnight, next_midnight))
        day += timedelta(days=1)
    return found


def when_is(moment, covered, off):
    """Whether ``moment`` lies inside the coverage hours, outside, or on a day off.

    :param covered: the covered stretches (start, end), or None if there are no
        coverage hours: then nothing is outside
    :param off: the days off, as of :func:`days_off`
    """
    if covered is None or any(start <= moment < end for start, end in covered):
        return INSIDE
    if any(start <= moment < end for start, end in off):
        return DAY_OFF
    return OUTSIDE


def split_work(start, end, billable, covered, off, tariff):
    """The parts of work from ``start`` to ``end`` (naive UTC) in chronological order,
    ``billable`` minutes together.

    A begun minute counts where it begins. What minimum and step add goes to the
    cheapest part; what a person takes away comes off the cheapest part first, then
    the next one. Neighbours with the same percentage are one part, so that hours
    without a surcharge split nothing.

    :param int billable: minutes to bill, after minimum and step or as set by hand
    :raise ValueError: if they are negative, or the end lies before the start
    """
    if billable < 0 or end < start:
        raise ValueError("work has an end after its start and no negative minutes")
    if not billable:
        return []
    parts = []
    for when, minutes in _stretches(start, end, covered, off):
        percent = tariff.percent(when)
        # hours that cost no more than others are told from them by nobody
        when = when if percent > FULL else INSIDE
        if parts and parts[-1].percent == percent:
            parts[-1] = parts[-1]._replace(minutes=parts[-1].minutes + minutes)
        else:
            parts.append(Part(WORK, when, minutes, percent))
    return _fit(parts, billable)


def travel_part(start, minutes, covered, off, tariff):
    """The travel to work that begins at ``start`` as a part, or None if it costs
    nothing by time. It has no hours of its own: those in which the work begins
    decide about it."""
    if minutes <= 0 or tariff.travel != BY_TIME:
        return None
    when = when_is(start, covered, off)
    percent = tariff.percent_of_travel(when)
    if not percent:
        return None
    when = when if tariff.percent(when) > FULL else INSIDE
    return Part(TRAVEL, when, minutes, percent)


def cut_work(start, end, billable, travel, hours, zone, tariff):
    """The parts of work from ``start`` to ``end`` (naive UTC) in the order in which
    they are drawn: as they were worked, travel last. Nothing is billed for goodwill of
    0 minutes, no travel either.

    :param int billable: minutes to bill
    :param int travel: minutes of travel, 0 where none is charged
    :param hours: function from (start, end) to the covered stretches between them, or
        None: then nothing is outside
    :param str zone: whose days the hours lie in
    """
    if not billable:
        return []
    covered, off = None, []
    if hours and (tariff.outside or tariff.day_off):
        off = days_off(start, end, zone, hours)
        # a second more: the moment in which work without a duration begins
        covered = hours(start, end + timedelta(seconds=1))
    parts = split_work(start, end, billable, covered, off, tariff)
    way = travel_part(start, travel, covered, off, tariff)
    return [*parts, way] if way else parts


def to_units(minutes, percent):
    """Minutes that ``minutes`` at ``percent`` take from a balance of hours, to the
    nearest whole minute, a half up, but at least one."""
    if not minutes:
        return 0
    units = Decimal(int(minutes)) * percent / FULL
    return max(int(units.quantize(Decimal(1), rounding=ROUND_HALF_UP)), 1)


def to_minutes(units, minutes, percent):
    """Minutes out of ``minutes`` that the ``units`` left uncovered stand for, rounded
    up: never more than ``minutes`` themselves."""
    if not units:
        return 0
    # a Decimal's // cuts towards zero, so the rest decides about the last minute
    whole, rest = divmod(Decimal(int(units)) * FULL, percent)
    return min(int(whole) + (1 if rest else 0), minutes)


def _stretches(start, end, covered, off):
    """(when, minutes) from ``start`` to ``end``. Work without a duration is a stretch
    of 0 minutes where it lies."""
    edges = {start, end}
    for intervals in (covered or (), off):
        for edge in (moment for interval in intervals for moment in interval):
            if start < edge < end:
                edges.add(edge)
    edges = sorted(edges)
    if len(edges) == 1:
        return [(when_is(start, covered, off), 0)]
    stretches = []
    for first, last in zip(edges, edges[1:], strict=False):
        minutes = _begun_minutes(start, last) - _begun_minutes(start, first)
        if minutes:
            stretches.append((when_is(first, covered, off), minutes))
    return stretches


def _begun_minutes(start, moment):
    """Minutes, counted from ``start``, that begin before ``moment``."""
    seconds = (moment - start).total_seconds()
    return int(-(-seconds // 60))


def _fit(parts, billable):
    """The parts with ``billable`` minutes together."""
    parts = list(parts)
    cheapest = sorted(range(len(parts)), key=lambda index: parts[index].percent)
    missing = billable - sum(part.minutes for part in parts)
    for index in cheapest:
        minutes = max(parts[index].minutes + missing, 0)
        missing -= minutes - parts[index].minutes
        parts[index] = parts[index]._replace(minutes=minutes)
    return [part for part in parts if part.minutes]
