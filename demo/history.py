# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The history of the demo data: what the customers bought, asked for and used up.

All days are counted back from the day of the installation. The days of a ticket are
chosen so that it falls into its contract's term however long the months are: a term
that starts on the first of the month seven months ago began 212 to 245 days ago.
"""

from odoo import Command

from . import life, week
from .player import MODULE, Player


def play(env, today=None):
    """Play the whole history.

    :param date today: the day on which it ends, default: today
    """
    player = Player(env, today)
    for story in (
        presidio,
        plafond,
        ticket_packs,
        monthly_hours,
        packages,
        phone,
        on_call,
        life.warranty,
        life.activations,
        life.versions,
        week.money,
        week.done,
        week.now,
        week.to_come,
        week.prices,
    ):
        story(player)
    player.play()
    return player


def presidio(p):
    """S1: 15 hours remote and 10 on site a year."""
    p.contract("bellandi", "bellandi_giulia", "presidio", p.first_of(8))
    ask = p.ticket
    giulia, paolo = "bellandi_giulia", "bellandi_paolo"
    ask(giulia, 230, "9:12", "phone", "information", "How to void a receipt", (0, 18))
    ask(
        giulia,
        221,
        "11:30",
        "remote",
        "installation",
        "Install the spring release",
        (2, 50),
        answer="The release is installed on both tills.",
    )
    ask(
        paolo,
        205,
        "14:05",
        "remote",
        "fault",
        "Stock list shows negative quantities",
        (0, 85),
        text="Since Monday the stock list shows minus signs for half of the screws.",
        answer="A double import was the cause; the quantities are right again.",
    )
    ask(
        giulia,
        190,
        "8:50",
        "on_site",
        "training",
        "Training for the new colleague at the till",
        (4, 175),
    )
    ask(paolo, 172, "16:20", "remote", "information", "Price lists by brand", (1, 55))
    ask(giulia, 158, "10:02", "phone", "information", "End-of-day report", (0, 23))
    ask(
        giulia,
        140,
        "9:40",
        "remote",
        "fault",
        "Electronic invoices are rejected",
        (0, 70),
        (1, 45),
        text="The exchange system answers with error 00404 for three invoices.",
        answer="The duplicates are removed and all three invoices are accepted.",
    )
    ask(
        paolo,
        121,
        "15:15",
        "on_site",
        "fault",
        "Label printer in the warehouse",
        (3, 110),
    )
    ask(giulia, 100, "11:11", "remote", "fault", "VAT register prints twice", (0, 100))
    ask(
        paolo, 78, "9:33", "phone", "information", "Reprint of a delivery note", (0, 14)
    )
    ask(giulia, 64, "10:45", "remote", "training", "Customer cards and points", (2, 90))
    ask(
        giulia,
        50,
        "17:05",
        "remote",
        "development",
        "Shelf labels with the price per metre",
        text="Could the labels show the price per metre of cable and chain?",
        stage="awaiting",
        answer="We send you an offer for this work.",
    )
    ask(paolo, 41, "8:40", "remote", "fault", "Scanner loses its settings", (0, 65))
    ask(giulia, 22, "12:10", "remote", "information", "Supplier returns", (1, 60))
    ask(giulia, 9, "9:05", "phone", "information", "Discounts for craftsmen", (0, 33))
    ask(
        paolo,
        2,
        "10:20",
        "remote",
        "fault",
        "Inventory stops at aisle 14",
        (0, 40),
        text="The inventory list hangs as soon as aisle 14 is opened.",
        stage="in_progress",
    )

    p.contract("orsini", "orsini_luca", "presidio", p.first_of(14))
    luca = "orsini_luca"
    ask(
        luca,
        415,
        "9:20",
        "remote",
        "training",
        "First steps with job costing",
        (1, 180),
    )
    ask(luca, 372, "10:35", "remote", "fault", "Paper stock is not reserved", (0, 150))
    ask(luca, 340, "15:45", "remote", "information", "Quotation templates", (1, 165))
    ask(
        luca, 300, "8:55", "on_site", "training", "Training in the press room", (5, 240)
    )
    ask(
        luca,
        280,
        "14:30",
        "remote",
        "fault",
        "Job sheet prints without colours",
        (0, 118),
    )
    ask(
        luca,
        250,
        "11:25",
        "remote",
        "information",
        "Year-end closing",
        (0, 90),
        (1, 58),
    )
    ask(luca, 215, "9:50", "remote", "fault", "Payments are matched twice", (0, 88))
    ask(luca, 190, "13:50", "on_site", "fault", "Time clock does not answer", (4, 115))
    ask(
        luca,
        180,
        "10:10",
        "remote",
        "fault",
        "Archive of invoices is full",
        (0, 75),
        answer="Your remote hours are used up: part of this session is charged.",
    )
    ask(luca, 150, "16:40", "phone", "information", "Reminder letters", (0, 38))
    ask(luca, 30, "9:25", "remote", "fault", "Backup reports an error", (0, 44))
    p.contract("orsini_again", "orsini_luca", "presidio", p.first_of(-1), "offered")

    p.contract("valdarno", "valdarno_marta", "presidio", p.first_of(-1), "draft")


def plafond(p):
    """S2: a wallet that must cover two hours of what is asked for."""
    p.contract("morelli", "morelli_davide", "plafond", p.first_of(5))
    ask, davide = p.ticket, "morelli_davide"
    ask(davide, 140, "9:15", "on_site", "training", "Setting up the bar till", (3, 118))
    ask(davide, 118, "17:20", "remote", "fault", "Allergen labels are cut off", (1, 70))
    ask(
        davide,
        90,
        "8:35",
        "on_site",
        "hardware",
        "Second kitchen printer",
        (4, 85),
        answer="The printer works. The wallet is getting low.",
    )
    ask(
        davide, 62, "15:00", "remote", "information", "Recipes with two yields", (1, 41)
    )
    ask(davide, 33, "10:50", "remote", "fault", "Card terminal is not found", (0, 45))
    ask(davide, 20, "9:00", "remote", "legal", "New receipt layout", (1, 30))
    ask(
        davide,
        6,
        "11:05",
        "on_site",
        "training",
        "Training for the Christmas season",
        text="Can somebody come next week and train two seasonal colleagues?",
        stage="awaiting",
        answer="The wallet does not cover two hours of this work. Please recharge it, "
        "and we plan the visit.",
    )

    def charge_evenings(contract):
        """Agreed with this customer: evenings and weekends cost more."""
        contract.write({"outside_surcharge": 30, "day_off_surcharge": 50})

    p.contract(
        "rinaldi",
        "rinaldi_sergio",
        "plafond",
        p.first_of(7),
        agreed=charge_evenings,
    )
    sergio = "rinaldi_sergio"
    ask(sergio, 200, "9:45", "remote", "information", "Tyre deposits", (2, 88))
    ask(sergio, 170, "14:10", "on_site", "hardware", "New workstation", (4, 145))
    ask(sergio, 130, "8:30", "remote", "fault", "Repair orders disappear", (0, 57))
    ask(sergio, 100, "16:15", "remote", "fault", "Wrong VAT on spare parts", (1, 105))
    ask(sergio, 60, "10:00", "on_site", "training", "Digital job cards", (5, 176))
    ask(
        sergio,
        44,
        "16:05",
        "remote",
        "fault",
        "Job cards are printed without prices",
        (0, 75),
        answer="Solved this evening; the time after 17:00 costs 30 % more, as agreed.",
    )
    p.correct("rinaldi", 25, "add", 200, "Recharged at the counter, receipt 118")
    p.correct("rinaldi", 25, "add", 200, "Receipt 118", clock="16:30")
    p.correct("rinaldi", 24, "reverse", 200, "Receipt 118 was posted twice", "17:45")
    ask(sergio, 23, "9:55", "remote", "fault", "Parts catalogue is slow", (0, 42))
    ask(
        sergio,
        3,
        "15:35",
        "remote",
        "information",
        "Fleet customers with one invoice",
        text="We would like to invoice the taxi cooperative once a month.",
    )

    p.contract("fontana", "fontana_elisa", "plafond", p.first_of(-1), "signed")

    p.contract("sorgente", "sorgente_piero", "plafond", p.first_of(10))
    piero = "sorgente_piero"
    ask(piero, 280, "9:30", "remote", "information", "Excise registers", (1, 60))
    ask(piero, 240, "11:00", "on_site", "training", "Harvest deliveries", (3, 120))
    ask(piero, 150, "14:25", "phone", "information", "Bottle deposits", (0, 22))
    p.change("sorgente", 60, "terminated", "The cellar was sold")


def ticket_packs(p):
    """S3: one ticket, one topic."""

    def suspend_when_overdue(contract):
        contract.overdue_days = 25

    p.contract(
        "castelnuovo",
        "castelnuovo_sara",
        "ticket_pack",
        p.first_of(6),
        package="tickets_25",
        agreed=suspend_when_overdue,
    )
    sara, enzo = "castelnuovo_sara", "castelnuovo_enzo"
    for contact, days, clock, category, title, minutes in [
        (sara, 176, "10:14", "information", "Intrastat for the first time", 25),
        (sara, 168, "15:52", "installation", "Release 4.5 on the new server", 70),
        (enzo, 151, "9:08", "fault", "Lot numbers are not printed", 40),
        (sara, 139, "11:47", "information", "Payment terms over three months", 20),
        (sara, 127, "16:31", "fault", "Balance sheet does not add up", 95),
        (enzo, 111, "8:42", "information", "Blending of two lots", 35),
        (sara, 96, "10:29", "legal", "Reverse charge on services", 30),
        (sara, 74, "14:03", "fault", "Bank file is refused", 55),
        (enzo, 58, "9:37", "information", "Stock by cask", 25),
        (sara, 43, "12:18", "fault", "Dunning list is empty", 45),
        (sara, 27, "15:26", "information", "Correction of a posted invoice", 30),
        (enzo, 13, "10:56", "fault", "Delivery note without lot", 35),
    ]:
        p.ticket(contact, days, clock, "remote", category, title, (0, minutes))
    p.ticket(
        sara,
        88,
        "9:21",
        "remote",
        "information",
        "Printer is out of paper",
        rejected="This is no matter of the program, so no ticket is taken for it.",
    )
    p.ticket(
        sara,
        4,
        "11:33",
        "remote",
        "fault",
        "VAT return shows last year",
        (1, 20),
        text="The return for this quarter opens with the figures of last year.",
        stage="awaiting",
        answer="Please upload the file of the return here in your reserved area.",
    )
    p.ticket(
        enzo,
        1,
        "16:05",
        "remote",
        "information",
        "Labels for export to Switzerland",
        text="Which fields does the customs office need on the label?",
    )

    for spent, title, text in [
        (35, "Cellar book in another order", "Can the cellar book start with barrels?"),
        (320, "Label printer skips a line", "Every second label is empty."),
        (560, "Price list for restaurants", "Which price list do restaurants get?"),
    ]:
        p.live_ticket(sara, spent, "remote", "fault", title, text)

    p.sell("minerva", "minerva_irene", "tickets_10", p.first_of(7))
    irene = "minerva_irene"
    for days, clock, category, title, minutes in [
        (205, "9:17", "installation", "Installation on the second till", 60),
        (186, "10:40", "information", "Returns to the publisher", 20),
        (161, "14:55", "fault", "ISBN is not found", 30),
        (144, "11:09", "information", "Vouchers", 15),
        (125, "16:44", "fault", "Till closes with a difference", 50),
        (103, "9:58", "information", "Orders for schools", 25),
        (82, "10:22", "legal", "VAT on e-books", 15),
        (55, "15:13", "fault", "Customer orders are mixed up", 65),
        (36, "9:41", "information", "Inventory with two scanners", 30),
        (15, "12:07", "fault", "Shop window list", 35),
    ]:
        p.ticket(irene, days, clock, "remote", category, title, (0, minutes))
    p.ticket(
        irene,
        5,
        "10:31",
        "remote",
        "information",
        "Christmas calendar of offers",
        text="How do I enter an offer for each day of December?",
        stage="awaiting",
        answer="Your pack is used up. As soon as you have bought a new one, we answer.",
    )

    p.contract(
        "gallo", "gallo_ugo", "ticket_pack", p.first_of(14), package="tickets_10"
    )
    for days, clock, category, title, minutes in [
        (410, "8:36", "installation", "Installation for two dispatchers", 80),
        (380, "9:27", "information", "Tour planning by region", 30),
        (345, "15:49", "fault", "Mileage is rounded", 25),
        (290, "10:12", "information", "Fuel cards", 20),
        (210, "14:38", "fault", "Consignment note twice", 45),
        (130, "11:20", "information", "Driver's log", 20),
    ]:
        p.ticket("gallo_ugo", days, clock, "remote", category, title, (0, minutes))

    p.contract(
        "quercia",
        "quercia_nadia",
        "ticket_pack",
        p.first_of(-1),
        "offered",
        package="tickets_10",
    )


def monthly_hours(p):
    """S5: five hours a month that roll over."""

    def promise_solution(contract):
        """Agreed with this customer: not only a reaction, also a solution in time."""
        contract.sla_policy_id.target_ids = [
            Command.create(
                {
                    "kind": "resolution",
                    "minutes": 40 * 60,
                    "calendar_id": contract.env.ref(
                        f"{MODULE}.calendar_office_9_18"
                    ).id,
                    "stage_ids": [
                        Command.create({"percent": 60, "action": "remind"}),
                        Command.create({"percent": 90, "action": "warn"}),
                    ],
                }
            )
        ]

    p.contract(
        "radosz",
        "radosz_anna",
        "sla_monthly",
        p.first_of(10),
        agreed=promise_solution,
    )
    ask, anna, tomasz = p.ticket, "radosz_anna", "radosz_tomasz"
    ask(anna, 296, "8:25", "remote", "training", "Training for accounting", (2, 120))
    ask(anna, 283, "9:52", "remote", "information", "Chart of accounts", (1, 135))
    ask(tomasz, 268, "10:05", "remote", "fault", "Import of milk receipts", (0, 140))
    ask(
        anna,
        239,
        "7:58",
        "remote",
        "fault",
        "Declaration cannot be sent",
        (0, 95),
        (1, 120),
        text="The VAT declaration is due tomorrow and the program refuses to send it.",
        answer="The certificate had run out. The declaration has been sent.",
    )
    ask(anna, 225, "9:44", "phone", "information", "Payroll: sick leave", (0, 26))
    ask(
        tomasz, 212, "10:12", "on_site", "training", "Stocktaking by terminal", (6, 235)
    )
    ask(
        tomasz,
        201,
        "14:17",
        "remote",
        "installation",
        "Install the new version",
        (3, 90),
    )
    ask(anna, 184, "8:12", "remote", "legal", "New pension rates", (1, 60))
    ask(
        anna,
        169,
        "11:36",
        "on_site",
        "training",
        "Training for the new version",
        (4, 300),
    )
    ask(
        tomasz,
        155,
        "9:03",
        "remote",
        "development",
        "Report of deliveries by dairy",
        (6, 180),
        text="We need the deliveries of each dairy by week as a spreadsheet.",
        answer="The report is in the menu, as offered.",
    )
    ask(anna, 146, "8:22", "remote", "fault", "Payroll differs by a cent", (0, 130))
    ask(tomasz, 133, "13:28", "remote", "fault", "Depreciation runs twice", (0, 165))
    ask(tomasz, 119, "9:37", "on_site", "training", "Planning of collections", (5, 240))
    ask(anna, 106, "10:48", "phone", "information", "Payroll: bonus", (0, 17))
    ask(anna, 84, "8:33", "remote", "fault", "Balances of suppliers", (0, 150), (1, 90))
    ask(tomasz, 57, "15:39", "remote", "information", "Rights for trainees", (1, 75))
    ask(anna, 31, "9:19", "on_site", "training", "Month-end closing", (3, 240))
    ask(tomasz, 16, "12:44", "remote", "fault", "Scales are not read", (0, 105))
    ask(
        anna,
        1,
        "8:07",
        "remote",
        "fault",
        "Payroll list stops at letter M",
        (0, 35),
        text="Salaries must go out this week; the list ends in the middle.",
        stage="in_progress",
    )

    p.live_ticket(
        tomasz,
        300,
        "remote",
        "fault",
        "Scales report the wrong unit",
        "Since this morning the scales send grams instead of kilograms.",
        asked="Which model is it? Please send us a photo of the type plate.",
    )
    p.live_ticket(
        anna,
        1200,
        "remote",
        "information",
        "Holiday pay in December",
        "How is the holiday pay entered for those who left in November?",
    )

    def limit_rollover(contract):
        """Agreed with this customer: no more than five hours move on."""
        contract.allotment_ids.write({"rollover": "quantity", "rollover_quantity": 300})
        contract.overdue_days = 10

    p.contract(
        "brzoza",
        "brzoza_piotr",
        "sla_monthly",
        p.first_of(9),
        agreed=limit_rollover,
    )
    piotr = "brzoza_piotr"
    ask(
        piotr, 262, "9:35", "remote", "training", "Training for the warehouse", (1, 120)
    )
    ask(piotr, 228, "10:55", "remote", "fault", "Orders of the web shop", (0, 85))
    ask(piotr, 187, "8:48", "phone", "information", "Credit limits", (0, 20))
    ask(piotr, 152, "14:44", "remote", "fault", "Stock differs by one pallet", (1, 210))
    ask(piotr, 93, "11:15", "remote", "information", "Prices for chains", (0, 45))
    ask(piotr, 48, "9:28", "remote", "fault", "Invoices without a number", (0, 130))
    # since last month nothing is paid: suspended after ten days, with notice
    unpaid = p.first_of(1)
    p.pays(piotr, lambda day: 11 if day < unpaid else None)
    ask(piotr, 10, "10:37", "phone", "fault", "Printer queue is stuck", (0, 24))

    def suspend_when_overdue(contract):
        contract.write({"overdue_days": 10, "refund_on_end": True})

    p.contract(
        "wilk",
        "wilk_ewa",
        "sla_monthly",
        p.first_of(11),
        agreed=suspend_when_overdue,
    )
    # one invoice is paid a week after the contract was suspended for it
    late = p.first_of(3), p.first_of(2)
    p.pays("wilk_ewa", lambda day: 31 if late[0] <= day < late[1] else 8)
    ask("wilk_ewa", 325, "9:11", "remote", "training", "Files and deadlines", (2, 150))
    ask(
        "wilk_ewa",
        301,
        "8:46",
        "on_site",
        "training",
        "Whole office",
        (4, 360),
        (5, 300),
    )
    ask(
        "wilk_ewa", 270, "13:05", "remote", "fault", "Hours of a file are lost", (0, 75)
    )
    ask("wilk_ewa", 233, "9:24", "remote", "information", "Data protection", (2, 210))
    ask("wilk_ewa", 190, "11:50", "on_site", "training", "New colleagues", (6, 420))
    ask("wilk_ewa", 160, "9:06", "remote", "fault", "Scans are not found", (1, 195))
    ask("wilk_ewa", 120, "10:26", "phone", "information", "Fee notes", (0, 31))
    p.change("wilk", 45, "terminated", "The firm has merged with another one")

    p.contract("kolor", "kolor_jan", "sla_monthly", p.first_of(-1), "draft")


def packages(p):
    """S6: hours bought in advance, each package with its own period."""
    p.contract(
        "lipa_first", "lipa_zofia", "package", p.first_of(9), package="package_4h"
    )
    ask, zofia = p.ticket, "lipa_zofia"
    ask(
        zofia, 258, "9:22", "remote", "information", "Prescriptions of animals", (2, 50)
    )
    ask(zofia, 233, "15:08", "remote", "fault", "Refunds are not counted", (3, 58))
    ask(
        zofia,
        150,
        "10:17",
        "phone",
        "information",
        "Expiry dates of medicines",
        (0, 19),
        answer="Your package has ended, so this call is charged as occasional help.",
    )
    p.sell("lipa", "lipa_zofia", "package_10h", p.first_of(3))
    ask(
        zofia,
        85,
        "8:52",
        "remote",
        "installation",
        "Move to the new computer",
        (4, 115),
    )
    ask(zofia, 52, "11:41", "remote", "fault", "Orders to the wholesaler", (1, 55))
    ask(zofia, 19, "14:33", "phone", "information", "Night service", (0, 27))
    ask(
        zofia,
        2,
        "9:49",
        "remote",
        "information",
        "Inventory at the end of the year",
        text="How do we count without closing the pharmacy?",
    )

    p.contract(
        "dabrowa", "dabrowa_adam", "package", p.first_of(4), package="package_7h"
    )
    adam = "dabrowa_adam"
    ask(adam, 112, "9:39", "remote", "training", "Configurator for kitchens", (3, 180))
    ask(adam, 80, "10:51", "remote", "fault", "Delivery dates jump", (2, 112))
    ask(
        adam,
        56,
        "13:42",
        "remote",
        "fault",
        "Invoice in two currencies",
        (1, 88),
        key="dabrowa_56",
    )
    p.redo("dabrowa_56", 0, 54, "18:10", 55, "The session ended half an hour earlier")
    ask(adam, 29, "15:21", "remote", "information", "Complaints", (2, 60))
    ask(
        adam,
        8,
        "9:16",
        "remote",
        "fault",
        "Price list cannot be opened",
        (0, 44),
        answer="Your package is used up: this session is charged as occasional help.",
    )

    p.contract(
        "irys",
        "irys_olga",
        "package",
        p.first_of(-1),
        "draft",
        package="package_15h",
    )


def phone(p):
    """S4: help by phone with a support code, and call-backs when nobody answers."""
    p.contract("belfiore", "belfiore_carla", "phone", p.first_of(7))
    ask, carla = p.ticket, "belfiore_carla"
    for days, clock, category, title, minutes in [
        (190, "10:12", "information", "Tours with two drivers", 14),
        (165, "15:41", "fault", "Toll report is empty", 22),
        (128, "11:03", "information", "Fuel surcharge on invoices", 11),
        (92, "16:18", "legal", "New form for dangerous goods", 17),
        (61, "10:37", "fault", "Consignment notes print twice", 25),
        (26, "12:06", "information", "Pallet accounts", 9),
    ]:
        ask(carla, days, clock, "phone", category, title, (0, minutes))
    p.callback(
        carla,
        40,
        "18:25",
        "Driver's app asks for a licence",
        ("19:05", "no_answer"),
        ("19:40", "The licence had run out on Friday; renewed."),
    )
    p.callback(
        carla, 11, "13:10", "Week view starts on Sunday", ("15:05", "It is set.")
    )
    p.callback(carla, 1, "17:35", "Mileage of one truck is missing")


def on_call(p):
    """S7: no contract, the company's tariff, last in the queue."""
    ask, bruno, beata = p.ticket, "polare_bruno", "kania_beata"
    ask(bruno, 160, "10:24", "phone", "information", "Seasonal prices", (0, 21))
    ask(
        bruno,
        91,
        "9:51",
        "remote",
        "fault",
        "Till does not start",
        (1, 58),
        key="polare_91",
    )
    ask(
        bruno,
        35,
        "11:02",
        "on_site",
        "hardware",
        "New cash drawer",
        (6, 80),
        travel=45,
        material={"cash_drawer": 1},
    )
    ask(bruno, 18, "16:10", "remote", "fault", "Till is closed twice", (0, 65))
    ask(
        bruno,
        4,
        "12:30",
        "remote",
        "information",
        "Flavours with allergens",
        text="How do I print the allergens of each flavour?",
    )
    ask(
        beata, 110, "8:44", "remote", "fault", "Archive of a client is missing", (2, 42)
    )
    ask(beata, 49, "14:12", "phone", "information", "New client from abroad", (0, 13))
    ask(
        beata,
        12,
        "10:08",
        "remote",
        "legal",
        "Cash registers online",
        (5, 35),
        stage="in_progress",
    )
