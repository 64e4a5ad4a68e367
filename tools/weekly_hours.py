"""The hours of a week, put together as people say them."""

DAY = 24 * 60


def group_days(lines):
    """Days of the same hours together: ``[([(0, 4)], ((540, 780), (840, 1080)))]`` is
    Monday to Friday, from 9 to 13 and from 14 to 18.

    :param lines: (weekday 0-6 from Monday, from minute, to minute of the local day);
        lines that meet or overlap become one, one without a length means nothing
    :return: list of (runs of days as (first, last), hours), in the order of the week
    """
    days = {}
    for weekday, first, last in sorted(lines):
        if first >= last:
            continue
        hours = days.setdefault(weekday, [])
        if hours and first <= hours[-1][1]:
            hours[-1] = (hours[-1][0], max(hours[-1][1], last))
        else:
            hours.append((first, last))
    groups = {}
    for weekday in sorted(days):
        runs = groups.setdefault(tuple(days[weekday]), [])
        if runs and runs[-1][1] == weekday - 1:
            runs[-1] = (runs[-1][0], weekday)
        else:
            runs.append((weekday, weekday))
    return [(runs, hours) for hours, runs in groups.items()]


def is_always(groups):
    """Whether the hours of :func:`group_days` leave nothing out."""
    return groups == [([(0, 6)], ((0, DAY),))]
