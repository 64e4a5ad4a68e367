# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The weeks around the day of the installation: what was done and signed, what is
planned, what is to be paid."""

from datetime import timedelta

#: how far into the past invoices go
MONTHS = 15


def money(p):
    """Invoices of each month, most of them paid; see also the stories."""
    p.invoice_by_month(MONTHS)

    p.top_up("rinaldi", "topup_wallet", 3, 129, paid=1)
    p.top_up("bellandi", "topup_remote", 5, 20, paid=6)
    p.top_up("morelli", "topup_wallet", 3, 4, paid=None)
    p.top_up("lipa", "topup_remote", 2, 30, paid=9)
    # overdue: the contract is going to be suspended, and the customer knows
    p.top_up("castelnuovo", "topup_tickets", 1, 35, paid=None)
    p.quote("minerva", "topup_tickets", 1, 3)

    p.ticket(
        "kania_beata",
        4,
        "9:35",
        "remote",
        "fault",
        "Annual accounts cannot be printed",
        (0, 55),
    )
    p.ticket(
        "dabrowa_adam",
        3,
        "14:10",
        "phone",
        "information",
        "Discounts for carpenters",
        (0, 24),
    )
    p.redo(
        "polare_91",
        0,
        3,
        "17:20",
        40,
        "The customer was on the phone with somebody else for a while",
        "manager",
    )
    # invoiced but not looked at yet
    p.invoice(1, ["kania_beata"], "draft")


def done(p):
    """Visits that are done: one is signed, one is not."""
    day = p.workday(-2)
    key = p.visit(
        "bellandi_giulia",
        "tech2",
        6,
        day,
        "9:00",
        120,
        "on_site",
        "training",
        "Training for the second till",
        text="Our new colleague starts this week. Can somebody show her the till?",
    )
    p.start(key, p.at(day, "9:04"))
    p.finish(
        key,
        p.at(day, "10:51"),
        "Sales, returns and the end of the day were shown and tried. Two boxes of "
        "label rolls were left.",
        travel=40,
        material={"label_rolls": 2},
    )
    p.sign(key, p.at(day, "10:58"), "presidio", "Very clear, thank you.")

    day = p.workday(-1)
    key = p.visit(
        "radosz_tomasz",
        "tech",
        5,
        day,
        "13:30",
        150,
        "on_site",
        "fault",
        "Terminal at the ramp loses the network",
    )
    p.start(key, p.at(day, "13:36"))
    p.finish(
        key,
        p.at(day, "15:48"),
        "The access point at the ramp was replaced; ten deliveries were booked "
        "without a break.",
        travel=60,
    )

    key = p.visit(
        "belfiore_carla",
        "tech",
        8,
        p.workday(-2),
        "15:30",
        30,
        "phone",
        "fault",
        "Orders of the freight exchange",
    )
    p.cancel(key, 5, "11:20", "Solved by a new password of the freight exchange.")


def now(p):
    """Work that is going on just now."""
    begun = p.company._support_now() - timedelta(minutes=35)
    begun = begun.replace(minute=begun.minute // 5 * 5, second=0, microsecond=0)
    key = ("castelnuovo_enzo", "Stock of casks differs from the count")
    p.ticket(
        key[0], 3, "11:12", "remote", "fault", key[1], key=key, by="tech",
        text="After the count three casks are missing in the list.",
    )  # fmt: skip
    p.request(key, 3, "11:40", key[1], 90)
    p.tell(p.at(p.back(2), "12:30"), p._plan, key, begun, 90)
    p.start(key, begun)


def to_come(p):
    """What is planned for this week and the next."""
    first, second, third, fourth, fifth, sixth = (
        p.workday(count) for count in range(1, 7)
    )
    for contact, by, asked, day, start, minutes, mode, category, title in [
        (
            "bellandi_paolo",
            "tech",
            3,
            first,
            "9:00",
            90,
            "remote",
            "fault",
            "Inventory list by aisle",
        ),
        (
            "radosz_anna",
            "tech",
            4,
            first,
            "14:00",
            120,
            "remote",
            "training",
            "Holiday pay for the payroll office",
        ),
        (
            "castelnuovo_sara",
            "tech",
            2,
            second,
            "10:00",
            60,
            "remote",
            "legal",
            "Excise declaration from January",
        ),
        (
            "lipa_zofia",
            "tech",
            5,
            third,
            "9:30",
            90,
            "remote",
            "information",
            "Stocktaking without closing",
        ),
        (
            "rinaldi_sergio",
            "tech",
            4,
            fourth,
            "8:30",
            120,
            "on_site",
            "training",
            "Winter tyres by reservation",
        ),
        (
            "bellandi_giulia",
            "tech2",
            3,
            first,
            "9:30",
            150,
            "on_site",
            "hardware",
            "Scanner at the counter",
        ),
        (
            "belfiore_carla",
            "tech2",
            2,
            second,
            "10:15",
            45,
            "phone",
            "information",
            "Tolls of the new year",
        ),
        (
            "radosz_tomasz",
            "tech2",
            5,
            third,
            "13:00",
            180,
            "on_site",
            "training",
            "Collections planned by tablet",
        ),
        (
            "castelnuovo_enzo",
            "tech2",
            3,
            fifth,
            "14:00",
            60,
            "remote",
            "information",
            "Labels in four languages",
        ),
        (
            "bellandi_paolo",
            "tech2",
            2,
            sixth,
            "9:00",
            60,
            "remote",
            "information",
            "Orders to the wholesaler by file",
        ),
    ]:
        p.visit(contact, by, asked, day, start, minutes, mode, category, title)

    # asked for, and not planned yet
    key = ("rinaldi_sergio", "Second workshop gets its own stock")
    p.ticket(
        key[0], 2, "15:05", "remote", "information", key[1], key=key, by="tech",
        text="We open a second workshop in spring. How do we keep its stock apart?",
    )  # fmt: skip
    p.request(key, 2, "15:30", key[1], 60, "Any morning of the coming weeks.")


def prices(p):
    """Help that nothing covers: its price is told first."""
    key = ("polare_bruno", "Cash register for the summer kiosk")
    p.ticket(
        key[0], 6, "10:05", "remote", "installation", key[1], (2, 50), key=key,
        text="We open a kiosk at the lake and need a second register.",
        stage="in_progress",
    )  # fmt: skip
    p.offer(key, 6, "10:10")
    p.accept(key, 6, "10:20", "oncall", 180)

    key = ("kania_beata", "Import of the old archive")
    p.ticket(
        key[0], 2, "13:15", "remote", "development", key[1], key=key,
        text="Can the archive of the former program be taken over?",
    )  # fmt: skip
    p.offer(key, 2, "14:05", 240)
