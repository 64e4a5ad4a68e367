# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A year of an Italian vendor (EUR, 22 %) with S1 Presidio, S2 Plafond and S3 ticket
packs: every invoice line and every ledger entry, worked out by hand."""

from odoo.tests import tagged

from .common_year import YearCommon


@tagged("post_install", "-at_install")
class TestYearPresidio(YearCommon):
    """S1, sold on 31 January for EUR 1350 a year: 15 hours by phone or remote, 10 on
    site. An hour costs 55 by phone, 60 remote, 70 on site, and half as much again
    outside 9:00 to 17:00; hours of the balances are drawn as they are. An invoice that
    is 20 days overdue suspends, announced 7 days before."""

    def test_year(self):
        self._set_price("fee_presidio", 1350)
        self._play(
            "2027-02-28",
            {
                "2026-01-31": self._start,
                "2026-02-02": lambda: self._help("phone", "10:00", 18),
                "2026-02-27": self._pay_fee,
                "2026-03-31": lambda: self._help("on_site", "09:00", 130),
                "2026-04-30": lambda: self._help("remote", "09:00", 480),
                "2026-06-30": lambda: self._help("remote", "11:00", 420),
                "2026-07-15": self._buy_hours,
                "2026-07-20": self._call_before_paying,
                "2026-07-31": self._pay_all,
                "2026-08-03": lambda: self._undo(self.call, "It was our own fault"),
                "2026-09-30": lambda: self._help("remote", "09:30", 60),
                "2026-12-31": lambda: self._help("on_site", "16:00", 120),
            },
            nights=("2026-02-14", "2026-02-20", "2026-02-21", "2027-02-05"),
        )
        self.assertEqual(self.contract.state, "expired")
        c = "<contract> Presidio: Annual Fee"
        self._assert_invoices(
            [
                # 1350 * 22 % = 297
                (
                    "2026-02-01",
                    f"{c}: fee, 01/31/2026 to 01/30/2027",
                    *(1, 1350, 1350, 297, 1647),
                ),
                # 15 h less 0:20, 8:00 and 6:00 leave 0:40 for the hour after 17:00:
                # 20 minutes at 60 * 150 % = 90
                (
                    "2026-07-01",
                    "06/30/2026, <ticket> Work: 0:20 h at 90.00 €/h, outside the hours "
                    "+50 %",
                    *(1, 30, 30, 6.6, 36.6),
                ),
                (
                    "2026-07-15",
                    "Top-Up: Hour by Phone or Remote Session",
                    *(5, 60, 300, 66, 366),
                ),
                # the top-up is not paid yet, so that nothing is left
                (
                    "2026-07-21",
                    "07/20/2026, <ticket> Work: 0:30 h at 55.00 €/h",
                    *(0.5, 55, 27.5, 6.05, 33.55),
                ),
                (
                    "2026-08-04",
                    "Refund: 07/20/2026, <ticket> Work: 0:30 h at 55.00 €/h",
                    *(-0.5, 55, -27.5, -6.05, -33.55),
                ),
            ]
        )
        self._assert_ledger(
            self._get_ledger(self.contract, "phone"),
            [
                ("2026-01-31", "grant", 900),
                # 18 minutes in steps of 5
                ("2026-02-02", "work", -20),
                ("2026-04-30", "work", -480),
                # until 17:00, and after it what was left
                ("2026-06-30", "work", -360),
                ("2026-06-30", "work", -40),
                ("2026-07-31", "topup", 300),
                ("2026-09-30", "work", -60),
                # hours that were bought do not expire
            ],
        )
        self._assert_ledger(
            self._get_ledger(self.contract, "on_site"),
            [
                ("2026-01-31", "grant", 600),
                # 130 minutes in steps of 30
                ("2026-03-31", "work", -150),
                ("2026-12-31", "work", -60),
                ("2026-12-31", "work", -60),
                # 600 - 150 - 120
                ("2027-01-31", "expiry", -330),
            ],
        )
        self._assert_quiet_nights()

    def _start(self):
        self.contract = self._sell("presidio", overdue_days=20, outside_surcharge=50)

    def _pay_fee(self):
        """due on 1 February, announced on the 14th, suspended on the 21st"""
        days = [
            (str(row.first_day), row.state)
            for row in self.contract.status_ids.sorted("id")
            if row.first_day > self.contract.date_start
        ]
        self.assertEqual(days, [("2026-02-21", "suspended")])
        self._pay_all()
        self.assertEqual(self.contract.state, "active")

    def _buy_hours(self):
        self._pay_all()
        product = self.env.ref("support_contract.product_topup_remote")
        self._bill(self._order(product, 5, self.contract))

    def _call_before_paying(self):
        self.call = self._help("phone", "11:00", 30)


@tagged("post_install", "-at_install")
class TestYearPlafond(YearCommon):
    """S2, a wallet of EUR 500 from 28 February on; an hour costs 55 by phone, 60
    remote, 70 on site, and half as much again outside 9:00 to 17:00. Two hours must be
    in it when help is asked for. What it holds at the end goes on."""

    def test_year(self):
        self._set_price("fee_plafond", 500)
        self.wallet = self._set_price("topup_wallet", 100)
        self._play(
            "2027-03-31",
            {
                "2026-02-28": self._start,
                "2026-03-31": lambda: self._close(self._help("remote", "10:00", 80)),
                "2026-04-30": lambda: self._close(self._help("on_site", "10:00", 100)),
                "2026-05-18": self._recharge,
                "2026-05-25": lambda: self._pay(self.invoice, 183),
                "2026-06-01": lambda: self._pay(self.invoice),
                "2026-06-30": lambda: self._close(self._help("phone", "10:00", 25)),
                "2026-07-31": lambda: self._close(self._help("remote", "16:30", 80)),
                "2026-08-03": lambda: self._recharge_and_pay(200),
                "2026-08-31": lambda: self._close(self._help("on_site", "09:00", 480)),
                "2026-09-15": lambda: self._credit_note(self.invoice),
                "2026-09-30": self._refuse,
                "2026-10-31": lambda: self._recharge_and_pay(150),
                "2026-11-30": lambda: self._close(self._help("on_site", "09:00", 130)),
                "2026-12-31": lambda: self._recharge_and_pay(100),
            },
        )
        self.assertEqual(self.contract.state, "lapsed")
        self._assert_invoices(
            [
                (
                    "2026-03-01",
                    "<contract> Plafond: First Payment into the Wallet: fee, "
                    "02/28/2026 to 02/27/2027",
                    *(1, 500, 500, 110, 610),
                ),
                (
                    "2026-05-18",
                    "Top-Up of the Wallet",
                    *(1, 300, 300, 66, 366),
                ),
                (
                    "2026-08-03",
                    "Top-Up of the Wallet",
                    *(1, 200, 200, 44, 244),
                ),
                # 72.08 of it was left and is taken back, the rest is charged
                (
                    "2026-09-15",
                    "Top-Up of the Wallet",
                    *(-1, 200, -200, -44, -244),
                ),
                # 127.92 * 22 % = 28.1424
                (
                    "2026-09-16",
                    "Top-Up of the Wallet: 127.92 € used before it was paid",
                    *(1, 127.92, 127.92, 28.14, 156.06),
                ),
                (
                    "2026-10-31",
                    "Top-Up of the Wallet",
                    *(1, 150, 150, 33, 183),
                ),
                # 130 minutes in steps of 30: 2:30 h at 70 = 175, of which 150 are in
                # the wallet; 25 are 21.4 minutes, rounded up
                (
                    "2026-12-01",
                    "11/30/2026, <ticket> Work: 0:22 h at 70.00 €/h",
                    *(1, 25, 25, 5.5, 30.5),
                ),
                (
                    "2026-12-31",
                    "Top-Up of the Wallet",
                    *(1, 100, 100, 22, 122),
                ),
            ]
        )
        self._assert_ledger(
            self._get_ledger(self.contract),
            [
                ("2026-02-28", "grant", 500),
                # 80 minutes in steps of 15: 1:30 h at 60
                ("2026-03-31", "work", -90),
                # 100 minutes in steps of 30: 2:00 h at 70
                ("2026-04-30", "work", -140),
                # half of the invoice paid is nothing
                ("2026-06-01", "topup", 300),
                # 25 minutes at 55: 22.9167
                ("2026-06-30", "work", -22.92),
                # 16:30 to 17:50: 30 minutes and 50 after 17:00; the step adds 10 to
                # the cheaper 30. 0:40 h at 60, and 0:50 h at 90
                ("2026-07-31", "work", -40),
                ("2026-07-31", "work", -75),
                ("2026-08-03", "topup", 200),
                # 8 h at 70 = 560: the oldest first. Of 500 there are left
                # 500 - 90 - 140 - 22.92 - 40 - 75 = 132.08
                ("2026-08-31", "work", -132.08),
                ("2026-08-31", "work", -300),
                ("2026-08-31", "work", -127.92),
                ("2026-09-15", "takeback", -72.08),
                ("2026-10-31", "topup", 150),
                ("2026-11-30", "work", -150),
                # goes on into the renewal
                ("2026-12-31", "topup", 100),
            ],
        )
        self._assert_quiet_nights()

    def _start(self):
        self.contract = self._sell("plafond", outside_surcharge=50)

    def _recharge(self, amount=300):
        order = self._order(self.wallet, contract=self.contract, price=amount)
        self.invoice = self._bill(order)

    def _recharge_and_pay(self, amount):
        self._recharge(amount)
        self._pay(self.invoice)

    def _refuse(self):
        self._assert_refused(
            self._ask("on_site"),
            "the wallet holds 0.00 €, but 2:00 h of this work cost 140.00 €",
            "this contract rules out on-call help",
        )

    def _close(self, work):
        stage = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
        work.ticket_id.stage_id = stage


@tagged("post_install", "-at_install")
class TestYearTicketPack(YearCommon):
    """S3, a pack of ten tickets for EUR 390, ordered in March and paid on 30 April, to
    be used within twelve months. Training is quoted at the agreed rates."""

    def test_year(self):
        self.pack = self._set_price("tickets_10", 390)
        self.five = self._set_price("topup_tickets", 210)
        self.env.ref("support_contract.type_ticket_pack").pricelist_id = self.agreed
        self._play(
            "2027-05-31",
            {
                "2026-03-30": self._order_pack,
                "2026-03-31": lambda: self._bill(self.order),
                "2026-04-30": self._pay_pack,
                "2026-05-29": self._ask_and_work,
                "2026-06-30": self._ask_nonsense,
                "2026-07-31": lambda: [self._ask() for _ in range(3)],
                "2026-08-31": lambda: [self._ask() for _ in range(2)],
                "2026-09-14": self._train,
                "2026-09-30": self._order_five,
                "2026-10-31": self._pay_all,
                "2026-11-30": self._ask_and_close,
                "2026-12-10": self._reopen_and_close,
                "2027-01-29": self._reopen,
            },
        )
        self.assertEqual(self.contract.state, "lapsed")
        self.assertEqual(str(self.contract.date_end), "2027-04-29")
        self._assert_invoices(
            [
                ("2026-03-31", "Pack of 10 Tickets", 1, 390, 390, 85.8, 475.8),
                (
                    "2026-09-15",
                    "09/14/2026, <ticket> Work: 1:30 h at 60.00 €/h",
                    *(1.5, 60, 90, 19.8, 109.8),
                ),
                ("2026-09-30", "Top-Up: 5 Tickets", 1, 210, 210, 46.2, 256.2),
            ]
        )
        self._assert_ledger(
            self.contract.ledger_ids,
            [
                # from the day of the payment
                ("2026-04-30", "grant", 10),
                ("2026-05-29", "ticket", -1),
                ("2026-06-30", "ticket", -1),
                ("2026-06-30", "reversal", 1),
                *[("2026-07-31", "ticket", -1)] * 3,
                *[("2026-08-31", "ticket", -1)] * 2,
                ("2026-10-31", "topup", 5),
                # the pack goes first: it ends
                *[("2026-11-30", "ticket", -1)] * 2,
                # reopened within 14 days for nothing, after 50 days for one more
                ("2027-01-29", "ticket", -1),
                # 10 - 1 - 3 - 2 - 2 - 1
                ("2027-04-30", "expiry", -1),
            ],
        )
        self._assert_quiet_nights()

    def _order_pack(self):
        self.order = self._order(self.pack)
        self.contract = self.order.order_line.support_contract_id
        self.assertEqual(self.contract.state, "offered")

    def _pay_pack(self):
        self.assertEqual(self.contract.state, "offered")
        self._pay_all()
        self.assertEqual(self.contract.state, "active")

    def _ask_and_work(self):
        """Whatever the work, it takes nothing more."""
        work = self._help("remote", "09:00", 240)
        self._help("phone", "15:00", 30, work.ticket_id)

    def _ask_nonsense(self):
        ticket = self._ask(category="information")
        ticket.with_user(self.technician)._support_reject("No matter of the program")

    def _train(self):
        ticket = self._ask(category="training")
        self._assert_no_work(ticket, 30, "not accepted the price of Remote session")
        self._help("remote", "10:00", 90, ticket, accept=120)

    def _order_five(self):
        self._bill(self._order(self.five, contract=self.contract))

    def _ask_and_close(self):
        self.ticket = self._ask()
        self._ask()
        self._move("done")

    def _reopen_and_close(self):
        self._move("in_progress")
        self._move("done")

    def _reopen(self):
        self._move("in_progress")

    def _move(self, stage):
        self.ticket.with_user(self.technician).stage_id = self.env.ref(
            f"helpdesk_mgmt.helpdesk_ticket_stage_{stage}"
        )
