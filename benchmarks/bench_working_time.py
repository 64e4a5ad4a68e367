"""What a deadline costs, beside Odoo's own arithmetic on the same calendar."""

import time
import tracemalloc
from datetime import datetime, timedelta

from . import common

DEADLINES = 10_000
#: plan_hours is asked fewer times: it takes milliseconds
PLANNED = 60
HORIZON = timedelta(days=500)
BEGINNING = datetime(2026, 1, 1)


def run(env):
    """:return: rows of ``(what, measured, floor, ratio)``"""
    calendar = _make_calendar(env)
    rows = []
    for hours in (4, 8, 40):
        compiled = calendar._support_working_time()
        starts = [
            BEGINNING + timedelta(seconds=3049 * number) for number in range(DEADLINES)
        ]
        begin = time.perf_counter()
        found = [compiled.deadline(start, hours * 3600) for start in starts]
        ours = (time.perf_counter() - begin) / DEADLINES
        begin = time.perf_counter()
        planned = [
            calendar.plan_hours(hours, start, compute_leaves=True)
            for start in starts[:: DEADLINES // PLANNED]
        ]
        floor = (time.perf_counter() - begin) / len(planned)
        same = list(map(_to_second, planned)) == found[:: DEADLINES // PLANNED]
        assert same, "not the same deadlines"
        rows.append(
            (
                f"{DEADLINES} deadlines of {hours} h, each",
                f"{ours * 1e6:.1f} us",
                f"{floor * 1e6:.0f} us",
                f"{floor / ours:.0f} times faster than plan_hours",
            )
        )
    return [*rows, *_bench_compiling(env, calendar)]


def _bench_compiling(env, calendar):
    watches = []
    for _number in range(10):
        calendar._support_renew_version()
        env.flush_all()
        env.invalidate_all()
        with common.measure(env) as watch:
            compiled = calendar._support_working_time()
            compiled.intervals(BEGINNING, BEGINNING + HORIZON)
        watches.append(watch)
    watch = common.best(watches)
    with common.measure(env) as floor:
        calendar.get_work_hours_count(BEGINNING, BEGINNING + HORIZON)
    tracemalloc.start()
    hours = calendar.sudo()._support_read_hours()[calendar.id]
    before = tracemalloc.get_traced_memory()[0]
    compiled = type(compiled)(**hours)
    compiled.intervals(BEGINNING, BEGINNING + HORIZON)
    size = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return [
        (
            f"reading and compiling {HORIZON.days} days ({watch.queries} queries)",
            f"{watch.seconds * 1000:.1f} ms",
            f"{floor.seconds * 1000:.1f} ms",
            "get_work_hours_count of the same days",
        ),
        ("memory of the compiled calendar", f"{size / 1024:.0f} KiB", "", ""),
    ]


def _make_calendar(env):
    """The split days of phone support, with the holidays of two years."""
    calendar = env.ref("support_contract.calendar_phone_split")
    country = env.ref("base.it")
    found = calendar._support_list_holidays(
        country, env["res.country.state"], [2026, 2027]
    )
    calendar._support_load_holidays(
        country, [(day, name, hour, 24.0) for day, name, hour in found]
    )
    env.cr.commit()
    return calendar


def _to_second(moment):
    return (moment + timedelta(milliseconds=500)).replace(microsecond=0)
