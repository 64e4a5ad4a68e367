"""Free time: what is left of working hours when everything else has been taken out,
and where an appointment of some length fits into it.

Plain functions over lists of ``(start, end)``; a stretch includes its start and
excludes its end. Moments may be anything that can be compared, and :func:`starts` needs
datetimes.
"""

from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)


def union(stretches):
    """The stretches in order, those that meet or overlap made one; what does not end
    after it starts is left out."""
    merged = []
    for start, end in sorted(stretches):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def intersect(first, second):
    """What lies in both."""
    first, second = union(first), union(second)
    common = []
    left = right = 0
    while left < len(first) and right < len(second):
        start = max(first[left][0], second[right][0])
        end = min(first[left][1], second[right][1])
        if start < end:
            common.append((start, end))
        if first[left][1] < second[right][1]:
            left += 1
        else:
            right += 1
    return common


def subtract(stretches, taken):
    """What lies in ``stretches`` and not in ``taken``."""
    rest = []
    taken = union(taken)
    index = 0
    for start, end in union(stretches):
        # what ends before this stretch does not matter to later ones either
        while index < len(taken) and taken[index][1] <= start:
            index += 1
        following = index
        while following < len(taken) and taken[following][0] < end:
            if start < taken[following][0]:
                rest.append((start, taken[following][0]))
            start = max(start, taken[following][1])
            following += 1
        if start < end:
            rest.append((start, end))
    return rest


def starts(free, minutes, step=30):
    """When an appointment of ``minutes`` can begin: at each full ``step`` of the hour
    at which it fits into one free stretch, and at the beginning of a stretch that holds
    it but no full step.

    :param free: stretches of naive UTC datetimes
    :raise ValueError: if ``minutes`` or ``step`` is not above zero
    """
    if minutes <= 0 or step <= 0:
        raise ValueError("an appointment and a step last some minutes")
    length, grid = timedelta(minutes=minutes), timedelta(minutes=step)
    found = []
    for start, end in union(free):
        moment = start + (EPOCH - start) % grid
        if moment + length > end and start + length <= end:
            found.append(start)
        while moment + length <= end:
            found.append(moment)
            moment += grid
    return found
