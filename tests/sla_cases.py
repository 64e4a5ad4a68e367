# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Promised times worked out by hand, with a calendar and a pencil.

Each case: what it is about, the hours, the target ("4h", "90m", "24h elapsed"), and
what happens: (local moment in 2026, event, what the clock then says). The clock says
its deadline while it runs, "paused", "met", "cancelled", or "missed" with the deadline.

Events: ``open`` (also ``open waiting``, ``open resolved``, ``open closed``), ``wait``,
``go on``, ``resolve``, ``close`` and ``reopen`` by the technician, ``answer`` (of the
customer), ``message`` (to the customer), ``note``, and ``job``. A case with a message
or a note is about the first response, any other about the resolution.
"""

#: name: zone, weekdays (0 is Monday), hours of the day, closings
HOURS = {
    # S4 answers the telephone: 4.5 h a day
    "split": ("Europe/Rome", range(5), [(10, 12.5), (15, 17)], []),
    # S3's office: 8 h a day
    "office": (
        "Europe/Rome",
        range(5),
        [(9, 13), (14, 18)],
        [
            ("Fri 1 May 00:00", "Sat 2 May 00:00"),
            # closed from noon on Christmas Eve, and on Christmas Day
            ("Thu 24 Dec 13:00", "Sat 26 Dec 00:00"),
        ],
    ),
    # S8: working days 08:00-16:00, without Good Friday and Easter Monday
    "budapest": (
        "Europe/Budapest",
        range(5),
        [(8, 16)],
        [
            ("Fri 3 Apr 00:00", "Sat 4 Apr 00:00"),
            ("Mon 6 Apr 00:00", "Tue 7 Apr 00:00"),
        ],
    ),
    # every night from 22:00 to 06:00
    "night": ("Europe/Rome", range(7), [(0, 6), (22, 24)], []),
    "london": ("Europe/London", range(7), [(0, 24)], []),
    "lord howe": ("Australia/Lord_Howe", range(7), [(0, 24)], []),
    "lord howe day": ("Australia/Lord_Howe", range(7), [(8, 16)], []),
    "utc": ("UTC", range(7), [(0, 24)], []),
}

CASES = [
    # ------------------------------------------------------------------
    # Split day, night, weekend
    # ------------------------------------------------------------------
    # 2.5 h until 12:30, 1.5 h from 15:00; kept in the very last second
    (
        "split day",
        "split",
        "4h",
        ("Mon 2 Mar 10:00", "open", "Mon 2 Mar 16:30"),
        ("Mon 2 Mar 16:30", "job", "Mon 2 Mar 16:30"),
        ("Mon 2 Mar 16:30", "resolve", "met"),
    ),
    (
        "split day, one second late",
        "split",
        "4h",
        ("Mon 2 Mar 10:00", "open", "Mon 2 Mar 16:30"),
        ("Mon 2 Mar 16:30:01", "resolve", "missed Mon 2 Mar 16:30"),
    ),
    # 30 min until 12:30, 30 min from 15:00
    (
        "across the break",
        "split",
        "1h",
        ("Mon 2 Mar 12:00", "open", "Mon 2 Mar 15:30"),
        ("Mon 2 Mar 14:00", "resolve", "met"),
    ),
    # nothing before 15:00, then 2 h, the last 30 min on Tuesday from 10:00
    (
        "opened in the break",
        "split",
        "150m",
        ("Mon 2 Mar 13:00", "open", "Tue 3 Mar 10:30"),
    ),
    (
        "opened in the evening",
        "split",
        "1h",
        ("Mon 2 Mar 20:00", "open", "Tue 3 Mar 11:00"),
    ),
    # 30 min on Friday, 30 min on Monday
    (
        "over the weekend",
        "split",
        "1h",
        ("Fri 6 Mar 16:30", "open", "Mon 9 Mar 10:30"),
        ("Sun 8 Mar 12:00", "job", "Mon 9 Mar 10:30"),
    ),
    # the whole of Monday, 2.5 h + 2 h
    (
        "opened on Sunday",
        "split",
        "270m",
        ("Sun 8 Mar 12:00", "open", "Mon 9 Mar 17:00"),
    ),
    # it ends with the day: an answer in the evening is late
    (
        "until closing time",
        "split",
        "2h",
        ("Mon 2 Mar 15:00", "open", "Mon 2 Mar 17:00"),
        ("Mon 2 Mar 20:00", "resolve", "missed Mon 2 Mar 17:00"),
    ),
    # five days of 4.5 h
    (
        "a whole week",
        "split",
        "1350m",
        ("Mon 2 Mar 10:00", "open", "Fri 6 Mar 17:00"),
    ),
    # 16:20-17:00 are 40 min, then 50 min from 10:00
    (
        "odd minutes",
        "split",
        "90m",
        ("Thu 5 Mar 16:20", "open", "Fri 6 Mar 10:50"),
    ),
    # ------------------------------------------------------------------
    # Holidays
    # ------------------------------------------------------------------
    # 1 h on Thursday, Friday is closed, 3 h on Monday
    (
        "a holiday before the weekend",
        "office",
        "4h",
        ("Thu 30 Apr 17:00", "open", "Mon 4 May 12:00"),
    ),
    (
        "opened on a holiday",
        "office",
        "2h",
        ("Fri 1 May 10:00", "open", "Mon 4 May 11:00"),
    ),
    # 1 h before noon; the 25th is closed, 26 and 27 are a weekend; 1 h on Monday
    (
        "half a holiday",
        "office",
        "2h",
        ("Thu 24 Dec 12:00", "open", "Mon 28 Dec 10:00"),
    ),
    # 2 h on Thursday are used; the pause has no open hour in it
    (
        "a pause over a holiday",
        "office",
        "4h",
        ("Thu 30 Apr 16:00", "open", "Mon 4 May 11:00"),
        ("Thu 30 Apr 18:00", "wait", "paused"),
        ("Fri 1 May 12:00", "answer", "Mon 4 May 11:00"),
        ("Mon 4 May 11:00", "resolve", "met"),
    ),
    # ------------------------------------------------------------------
    # Pauses
    # ------------------------------------------------------------------
    # 17:00-18:00 is the only open hour in the pause: one hour later, not sixteen
    (
        "a pause over the night",
        "office",
        "4h",
        ("Mon 2 Mar 16:00", "open", "Tue 3 Mar 11:00"),
        ("Mon 2 Mar 17:00", "wait", "paused"),
        ("Tue 3 Mar 09:00", "go on", "Tue 3 Mar 12:00"),
        ("Tue 3 Mar 12:00", "resolve", "met"),
    ),
    # no open hour in the pause
    (
        "a pause over the weekend",
        "office",
        "4h",
        ("Fri 6 Mar 16:00", "open", "Mon 9 Mar 11:00"),
        ("Fri 6 Mar 18:00", "wait", "paused"),
        ("Sun 8 Mar 20:00", "answer", "Mon 9 Mar 11:00"),
        ("Mon 9 Mar 11:00:01", "resolve", "missed Mon 9 Mar 11:00"),
    ),
    # 1 h used, 3 h left from Monday 10:00
    (
        "a pause with two open hours in it",
        "office",
        "4h",
        ("Fri 6 Mar 16:00", "open", "Mon 9 Mar 11:00"),
        ("Fri 6 Mar 17:00", "wait", "paused"),
        ("Mon 9 Mar 10:00", "answer", "Mon 9 Mar 13:00"),
        ("Mon 9 Mar 13:00", "resolve", "met"),
    ),
    # 12:00-13:00, then 14:00-17:00, whatever happens at lunch
    (
        "a pause at lunch",
        "office",
        "4h",
        ("Mon 2 Mar 12:00", "open", "Mon 2 Mar 17:00"),
        ("Mon 2 Mar 13:10", "wait", "paused"),
        ("Mon 2 Mar 13:50", "answer", "Mon 2 Mar 17:00"),
    ),
    # 1 h used, 5 h left from 11:00: 2 h, then 14:00-17:00; at 14:30 3.5 h are used,
    # 2.5 h left from Tuesday 12:00: 1 h, then 14:00-15:30
    (
        "two pauses",
        "office",
        "6h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 16:00"),
        ("Mon 2 Mar 10:00", "wait", "paused"),
        ("Mon 2 Mar 11:00", "answer", "Mon 2 Mar 17:00"),
        ("Mon 2 Mar 14:30", "wait", "paused"),
        ("Tue 3 Mar 12:00", "answer", "Tue 3 Mar 15:30"),
        ("Tue 3 Mar 15:30", "resolve", "met"),
    ),
    # 1 h on Friday and 1 h on Monday used, 6 h left from 11:30: 1.5 h, 4 h, and 30 min
    # on Tuesday
    (
        "the customer answers while we wait",
        "office",
        "8h",
        ("Fri 6 Mar 17:00", "open", "Mon 9 Mar 17:00"),
        ("Mon 9 Mar 10:00", "wait", "paused"),
        ("Mon 9 Mar 11:30", "answer", "Tue 10 Mar 09:30"),
    ),
    # 3 h used when it was paused
    (
        "paused, then resolved directly",
        "office",
        "4h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 13:00"),
        ("Mon 2 Mar 12:00", "wait", "paused"),
        ("Thu 5 Mar 09:00", "job", "paused"),
        ("Fri 6 Mar 09:00", "resolve", "met"),
    ),
    (
        "missed, then paused and resolved",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 12:00", "wait", "missed Mon 2 Mar 11:00"),
        ("Tue 3 Mar 12:00", "answer", "missed Mon 2 Mar 11:00"),
        ("Tue 3 Mar 13:00", "resolve", "missed Mon 2 Mar 11:00"),
    ),
    # a promise that has used all its time cannot be missed while it stands still
    (
        "paused at the deadline",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 11:00", "wait", "paused"),
        ("Tue 3 Mar 12:00", "job", "paused"),
        ("Wed 4 Mar 12:00", "resolve", "met"),
    ),
    # ------------------------------------------------------------------
    # Created paused or closed, cancelled, reopened
    # ------------------------------------------------------------------
    (
        "created paused",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open waiting", "paused"),
        ("Tue 3 Mar 09:00", "go on", "Tue 3 Mar 11:00"),
    ),
    (
        "created paused, resolved directly",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open waiting", "paused"),
        ("Thu 5 Mar 09:00", "resolve", "met"),
    ),
    (
        "created resolved",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open resolved", "met"),
        ("Tue 3 Mar 09:00", "job", "met"),
    ),
    (
        "created closed",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open closed", "cancelled"),
        ("Tue 3 Mar 09:00", "job", "cancelled"),
    ),
    # 2 h used, 2 h left
    (
        "reopened",
        "office",
        "4h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 13:00"),
        ("Mon 2 Mar 11:00", "resolve", "met"),
        ("Wed 4 Mar 14:00", "reopen", "Wed 4 Mar 16:00"),
        ("Wed 4 Mar 16:00:01", "resolve", "missed Wed 4 Mar 16:00"),
    ),
    (
        "reopened after a miss",
        "office",
        "1h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 10:00"),
        ("Mon 2 Mar 12:00", "resolve", "missed Mon 2 Mar 10:00"),
        ("Tue 3 Mar 09:00", "reopen", "missed Mon 2 Mar 10:00"),
        ("Tue 3 Mar 09:05", "resolve", "missed Mon 2 Mar 10:00"),
    ),
    # 2 h used, and we have a question
    (
        "reopened into a wait",
        "office",
        "4h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 13:00"),
        ("Mon 2 Mar 11:00", "resolve", "met"),
        ("Wed 4 Mar 14:00", "wait", "paused"),
        ("Thu 5 Mar 09:00", "answer", "Thu 5 Mar 11:00"),
    ),
    # 1 h used, 3 h left from 15:00
    (
        "cancelled and reopened",
        "office",
        "4h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 13:00"),
        ("Mon 2 Mar 10:00", "close", "cancelled"),
        ("Mon 2 Mar 15:00", "reopen", "Mon 2 Mar 18:00"),
    ),
    (
        "cancelled after the miss",
        "office",
        "1h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 10:00"),
        ("Mon 2 Mar 15:00", "close", "missed Mon 2 Mar 10:00"),
    ),
    # ------------------------------------------------------------------
    # First response
    # ------------------------------------------------------------------
    (
        "answered in time",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 11:00", "message", "met"),
        ("Mon 2 Mar 12:00", "wait", "met"),
        ("Tue 3 Mar 12:00", "resolve", "met"),
        ("Wed 4 Mar 12:00", "reopen", "met"),
    ),
    (
        "a note is no answer",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 10:00", "note", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 11:00:01", "message", "missed Mon 2 Mar 11:00"),
    ),
    (
        "answered while we wait",
        "office",
        "2h",
        ("Mon 2 Mar 09:00", "open", "Mon 2 Mar 11:00"),
        ("Mon 2 Mar 10:00", "wait", "paused"),
        ("Wed 4 Mar 10:00", "message", "met"),
    ),
    # ------------------------------------------------------------------
    # Elapsed time, and the same in coverage hours
    # ------------------------------------------------------------------
    (
        "24 hours of elapsed time",
        "office",
        "24h elapsed",
        ("Fri 6 Mar 17:00", "open", "Sat 7 Mar 17:00"),
        ("Sat 7 Mar 17:00:01", "job", "missed Sat 7 Mar 17:00"),
    ),
    # 1 h on Friday, 8 h each on Monday and Tuesday, 7 h on Wednesday: until 17:00
    (
        "24 hours of coverage",
        "office",
        "24h",
        ("Fri 6 Mar 17:00", "open", "Wed 11 Mar 17:00"),
    ),
    # 6 h used, 18 h left
    (
        "a pause of elapsed time",
        "office",
        "24h elapsed",
        ("Fri 6 Mar 12:00", "open", "Sat 7 Mar 12:00"),
        ("Fri 6 Mar 18:00", "wait", "paused"),
        ("Mon 9 Mar 09:00", "answer", "Tue 10 Mar 03:00"),
    ),
    # ------------------------------------------------------------------
    # Changes of clock: an hour is lost on 29 March, one is won on 25 October
    # ------------------------------------------------------------------
    (
        "elapsed time, spring",
        "office",
        "24h elapsed",
        ("Sat 28 Mar 17:00", "open", "Sun 29 Mar 18:00"),
    ),
    (
        "elapsed time, autumn",
        "office",
        "24h elapsed",
        ("Sat 24 Oct 17:00", "open", "Sun 25 Oct 16:00"),
    ),
    # 30 min on Friday in winter time, 30 min on Monday in summer time
    (
        "office hours, spring",
        "office",
        "1h",
        ("Fri 27 Mar 17:30", "open", "Mon 30 Mar 09:30"),
    ),
    (
        "office hours, autumn",
        "office",
        "1h",
        ("Fri 23 Oct 17:30", "open", "Mon 26 Oct 09:30"),
    ),
    # 2 h until midnight, 2 h until the clock jumps from 2:00 to 3:00, 2 h until 5:00
    (
        "the short night",
        "night",
        "6h",
        ("Sat 28 Mar 22:00", "open", "Sun 29 Mar 05:00"),
    ),
    # 2 h until midnight; from 0:00 to 3:00 in winter time there are four
    (
        "the long night",
        "night",
        "6h",
        ("Sat 24 Oct 22:00", "open", "Sun 25 Oct 03:00"),
    ),
    # 1 h used, 5 h left: 1:00-2:00, 3:00-6:00, and 1 h in the evening
    (
        "a pause in the short night",
        "night",
        "6h",
        ("Sat 28 Mar 22:00", "open", "Sun 29 Mar 05:00"),
        ("Sat 28 Mar 23:00", "wait", "paused"),
        ("Sun 29 Mar 01:00", "answer", "Sun 29 Mar 23:00"),
    ),
    (
        "London, spring",
        "london",
        "24h",
        ("Sat 28 Mar 12:00", "open", "Sun 29 Mar 13:00"),
    ),
    (
        "London, autumn",
        "london",
        "24h",
        ("Sat 24 Oct 12:00", "open", "Sun 25 Oct 11:00"),
    ),
    # Lord Howe changes by half an hour, in autumn on 5 April, in spring on 4 October
    (
        "Lord Howe, autumn",
        "lord howe",
        "24h",
        ("Sat 4 Apr 12:00", "open", "Sun 5 Apr 11:30"),
    ),
    (
        "Lord Howe, spring",
        "lord howe",
        "24h",
        ("Sat 3 Oct 12:00", "open", "Sun 4 Oct 12:30"),
    ),
    # 1 h on Saturday, 7 h on Sunday: the change is at night
    (
        "Lord Howe, by day",
        "lord howe day",
        "8h",
        ("Sat 4 Apr 15:00", "open", "Sun 5 Apr 15:00"),
    ),
    (
        "UTC knows no change",
        "utc",
        "24h",
        ("Sat 28 Mar 12:00", "open", "Sun 29 Mar 12:00"),
        ("Sun 29 Mar 12:00", "resolve", "met"),
    ),
    # ------------------------------------------------------------------
    # S8 and S9: 08:00-16:00 in Budapest
    # ------------------------------------------------------------------
    # 1 h on Thursday, 3 h on Friday
    (
        "S8: working days 08:00-16:00",
        "budapest",
        "4h",
        ("Thu 12 Mar 15:00", "open", "Fri 13 Mar 11:00"),
    ),
    # 6 h on Monday, 6 h on Tuesday
    (
        "S9: 12 h",
        "budapest",
        "12h",
        ("Mon 2 Mar 10:00", "open", "Tue 3 Mar 14:00"),
    ),
    # 6 h, 8 h, 8 h, and 2 h on Thursday
    (
        "S9: 24 h",
        "budapest",
        "24h",
        ("Mon 2 Mar 10:00", "open", "Thu 5 Mar 10:00"),
    ),
    # 4 h on Friday, 8 h on Monday: it ends with the day
    (
        "S9: 12 h over the weekend of the change",
        "budapest",
        "12h",
        ("Fri 27 Mar 12:00", "open", "Mon 30 Mar 16:00"),
        ("Mon 30 Mar 16:00", "resolve", "met"),
    ),
    # 4 h before Easter, 8 h on Tuesday, 8 h on Wednesday, 4 h on Thursday
    (
        "S9: 24 h over Easter",
        "budapest",
        "24h",
        ("Thu 2 Apr 12:00", "open", "Thu 9 Apr 12:00"),
    ),
]
