# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A leap year of a Polish vendor (PLN, 23 %) with S5 monthly hours, S6 packages and S7
occasional help: every invoice line and every ledger entry, worked out by hand."""

from datetime import time, timedelta

from odoo.tests import tagged

from .common_year import PolishYear


@tagged("post_install", "-at_install")
class TestYearMonthlyHours(PolishYear):
    """S5, from 31 August 2027 on: five hours and PLN 999.99 a month, dearer from 31
    May on. Hours that are not used move on. A remote hour beyond them costs 200; an
    hour outside 9:00 to 17:00 counts one and a half.

    Row "anniversary on 29-31": the periods begin on the last days of the months.
    """

    def test_year(self):
        self._play(
            "2028-10-31",
            {
                "2027-08-31": self._start,
                "2027-09-15": lambda: self._help("remote", "10:00", 200),
                "2027-11-30": lambda: self._help("remote", "09:00", 480),
                "2028-02-29": lambda: self._help("remote", "16:00", 120),
                "2028-04-03": lambda: self._help("remote", "09:00", 480),
                "2028-04-04": lambda: self._help("remote", "09:00", 480),
                "2028-04-05": lambda: self._help("remote", "09:00", 480),
                "2028-04-06": lambda: self._help("remote", "09:00", 240),
                "2028-05-15": self._raise_fee,
                # new versions are installed by appointment and take nothing
                "2028-06-15": lambda: self._help(
                    "remote", "10:00", 90, category="installation"
                ),
                # else the contract would renew by itself
                "2028-07-20": self._give_notice,
            },
        )
        self.assertEqual(self.contract.state, "lapsed")
        self.assertEqual(str(self.contract.date_end), "2028-08-30")
        c = "<contract> Service Contract: Monthly Fee: fee,"
        # 999.99 * 23 % = 229.9977
        fee = (1, 999.99, 999.99, 230, 1229.99)
        # 1099.99 * 23 % = 252.9977
        dearer = (1, 1099.99, 1099.99, 253, 1352.99)
        self._assert_invoices(
            [
                # sold in the day, after the night
                ("2027-09-01", f"{c} 08/31/2027 to 09/29/2027", *fee),
                ("2027-09-30", f"{c} 09/30/2027 to 10/30/2027", *fee),
                ("2027-10-31", f"{c} 10/31/2027 to 11/29/2027", *fee),
                ("2027-11-30", f"{c} 11/30/2027 to 12/30/2027", *fee),
                ("2027-12-31", f"{c} 12/31/2027 to 01/30/2028", *fee),
                ("2028-01-31", f"{c} 01/31/2028 to 02/28/2028", *fee),
                ("2028-02-29", f"{c} 02/29/2028 to 03/30/2028", *fee),
                ("2028-03-31", f"{c} 03/31/2028 to 04/29/2028", *fee),
                # 4:00 h of work, 2:00 h were left: 2 * 200
                (
                    "2028-04-07",
                    "04/06/2028, <ticket> Work: 2:00 h at 200.00 zł/h",
                    *(2, 200, 400, 92, 492),
                ),
                ("2028-04-30", f"{c} 04/30/2028 to 05/30/2028", *fee),
                ("2028-05-31", f"{c} 05/31/2028 to 06/29/2028", *dearer),
                ("2028-06-30", f"{c} 06/30/2028 to 07/30/2028", *dearer),
                ("2028-07-31", f"{c} 07/31/2028 to 08/30/2028", *dearer),
            ]
        )
        self._assert_ledger(
            self.contract.ledger_ids,
            [
                ("2027-08-31", "grant", 300),
                # 200 minutes in steps of 15; 90 are left of August
                ("2027-09-15", "work", -210),
                ("2027-09-30", "grant", 300),
                ("2027-10-31", "grant", 300),
                ("2027-11-30", "grant", 300),
                # eight hours, the oldest first; 210 are left of October
                ("2027-11-30", "work", -90),
                ("2027-11-30", "work", -300),
                ("2027-11-30", "work", -90),
                ("2027-12-31", "grant", 300),
                ("2028-01-31", "grant", 300),
                ("2028-02-29", "grant", 300),
                # until 17:00, and an hour after it that counts 90; of October 60 left
                ("2028-02-29", "work", -60),
                ("2028-02-29", "work", -90),
                ("2028-03-31", "grant", 300),
                # 60 of October, November, 120 of December
                ("2028-04-03", "work", -60),
                ("2028-04-03", "work", -300),
                ("2028-04-03", "work", -120),
                # 180 of December, January
                ("2028-04-04", "work", -180),
                ("2028-04-04", "work", -300),
                # February, 180 of March
                ("2028-04-05", "work", -300),
                ("2028-04-05", "work", -180),
                # what is left of March: 120 of 240 minutes
                ("2028-04-06", "work", -120),
                ("2028-04-30", "grant", 300),
                ("2028-05-31", "grant", 300),
                ("2028-06-30", "grant", 300),
                ("2028-07-31", "grant", 300),
                # not lost at the end: 20:00 h go on into the renewal
            ],
        )
        self._assert_quiet_nights()

    def _start(self):
        self.contract = self._sell(
            "sla_monthly",
            fee_amount=999.99,
            outside_surcharge=50,
            surcharge_on_time=True,
        )

    def _give_notice(self):
        self.contract._decline_renewal(
            self._day("2028-07-20"),
            "By letter",
            self.env.ref("support_contract.churn_reason_price"),
        )

    def _raise_fee(self):
        self._change(self.contract, "2028-05-31", "Dearer", fee_amount=1099.99)


@tagged("post_install", "-at_install")
class TestYearPackage(PolishYear):
    """S6, a package of 4 hours for PLN 640 to be used in three months, and of 7 hours
    for PLN 1050 in six, each sold by an order. Beyond them help is occasional, PLN 280
    an hour in a remote session.
    """

    def test_year(self):
        self.four = self._set_price("package_4h", 640)
        self.seven = self._set_price("package_7h", 1050)
        self._play(
            "2028-10-31",
            {
                "2027-11-30": self._buy_four,
                "2027-12-31": lambda: self._help("remote", "09:00", 100),
                "2028-02-28": self._open_ticket,
                "2028-02-29": self._buy_seven,
                "2028-03-03": self._log_late,
                "2028-03-31": lambda: self._help("remote", "09:00", 200),
                "2028-04-28": self._work_too_much,
                "2028-05-31": lambda: self._help("remote", "09:00", 60, accept=60),
            },
        )
        self.assertEqual(self.first.state, "lapsed")
        self.assertEqual(self.second.state, "lapsed")
        # three months from 30 November end before 29 (30) February
        self.assertEqual(str(self.first.date_end), "2028-02-28")
        # six months from 29 February end before 29 August
        self.assertEqual(str(self.second.date_end), "2028-08-28")
        self._assert_invoices(
            [
                ("2027-11-30", "Package of 4 Hours", 1, 640, 640, 147.2, 787.2),
                ("2028-02-29", "Package of 7 Hours", 1, 1050, 1050, 241.5, 1291.5),
                (
                    "2028-06-01",
                    "05/31/2028, <ticket> Work: 1:00 h at 280.00 zł/h",
                    *(1, 280, 280, 64.4, 344.4),
                ),
            ]
        )
        self._assert_ledger(
            self.first.ledger_ids,
            [
                ("2027-11-30", "grant", 240),
                # 100 minutes in steps of 15
                ("2027-12-31", "work", -105),
                # done on the last day, logged three days after it: 40 minutes
                ("2028-02-28", "work", -45),
                # 240 - 105 - 45
                ("2028-02-29", "expiry", -90),
            ],
        )
        self._assert_ledger(
            self.second.ledger_ids,
            [
                ("2028-02-29", "grant", 420),
                # 200 minutes in steps of 15
                ("2028-03-31", "work", -210),
                ("2028-04-28", "work", -210),
            ],
        )
        self._assert_quiet_nights()

    def _buy(self, product):
        order = self._order(product)
        self._pay(self._bill(order))
        contract = order.order_line.support_contract_id
        self.assertEqual((contract.state, contract.date_start), ("active", self.today))
        return contract

    def _buy_four(self):
        self.first = self._buy(self.four)

    def _buy_seven(self):
        self.second = self._buy(self.seven)

    def _open_ticket(self):
        self.ticket = self._ask()

    def _log_late(self):
        """Row "work done before expiry, logged after": the day of the work counts."""
        start = self._moment("2028-02-28", time(9))
        work = (
            self.env["support.intervention"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Work",
                    "ticket_id": self.ticket.id,
                    "start": start,
                    "end": start + timedelta(minutes=40),
                }
            )
        )
        work.action_done()

    def _work_too_much(self):
        """3:30 h are left, and the package allows no work beyond it."""
        ticket = self._ask()
        self._go_to(self.today, "13:00")
        self._assert_no_work(ticket, 240, "0:30 h are missing")
        self._help("remote", "13:00", 210, ticket)


@tagged("post_install", "-at_install")
class TestYearOccasionalHelp(PolishYear):
    """S7, without a contract: an hour costs PLN 260 by phone, 280 in a remote session,
    330 on site, half as much again outside 9:00 to 17:00, twice as much on days off; a
    visit PLN 120. The customer accepts the price before the work."""

    def test_year(self):
        self.company.write(
            {
                "support_outside_surcharge": 50,
                "support_day_off_surcharge": 100,
                "support_travel_charge": "flat",
                "support_travel_product_id": self._create_visit().id,
            }
        )
        self._play(
            "2028-08-31",
            {
                "2027-09-30": self._not_before_accepted,
                # a Sunday, and the clocks change
                "2027-10-31": lambda: self._help("phone", "10:00", 12, accept=0),
                "2027-12-31": lambda: self._help("on_site", "15:30", 140, accept=0),
                "2028-02-29": self._up_to_an_hour,
                "2028-03-30": self._accept_for_later,
                "2028-03-31": lambda: self._undo(self.work, "Our own fault"),
                "2028-04-01": self._raise_tariff,
                "2028-04-03": lambda: self._help("remote", "10:00", 60, self.ticket),
                "2028-04-04": lambda: self._help("remote", "10:00", 60, accept=0),
            },
        )
        self._assert_invoices(
            [
                # 31 minutes in steps of 15; 210 * 23 % = 48.30
                (
                    "2027-10-01",
                    "09/30/2027, <ticket> Work: 0:45 h at 280.00 zł/h",
                    *(0.75, 280, 210, 48.3, 258.3),
                ),
                # 12 minutes in steps of 5, at 260 * 200 % = 520
                (
                    "2027-11-01",
                    "10/31/2027, <ticket> Work: 0:15 h at 520.00 zł/h, day off +100 %",
                    *(0.25, 520, 130, 29.9, 159.9),
                ),
                # 15:30 to 17:50: 90 minutes and 50 after 17:00; the step of 30 adds 10
                # to the cheaper 90. 100 minutes at 330 = 550
                (
                    "2028-01-01",
                    "12/31/2027, <ticket> Work: 1:40 h at 330.00 zł/h",
                    *(1, 550, 550, 126.5, 676.5),
                ),
                # 50 minutes at 330 * 150 % = 495; 412.50 * 23 % = 94.875
                (
                    "2028-01-01",
                    "12/31/2027, <ticket> Work: 0:50 h at 495.00 zł/h, outside the "
                    "hours +50 %",
                    *(1, 412.5, 412.5, 94.88, 507.38),
                ),
                (
                    "2028-01-01",
                    "Visit\n12/31/2027, <ticket> Work",
                    *(1, 120, 120, 27.6, 147.6),
                ),
                # 50 minutes in steps of 15
                (
                    "2028-03-01",
                    "02/29/2028, <ticket> Work: 1:00 h at 280.00 zł/h",
                    *(1, 280, 280, 64.4, 344.4),
                ),
                (
                    "2028-04-01",
                    "Refund: 02/29/2028, <ticket> Work: 1:00 h at 280.00 zł/h",
                    *(-1, 280, -280, -64.4, -344.4),
                ),
                # accepted before it became dearer
                (
                    "2028-04-04",
                    "04/03/2028, <ticket> Work: 1:00 h at 280.00 zł/h",
                    *(1, 280, 280, 64.4, 344.4),
                ),
                (
                    "2028-04-05",
                    "04/04/2028, <ticket> Work: 1:00 h at 300.00 zł/h",
                    *(1, 300, 300, 69, 369),
                ),
            ]
        )
        self.assertFalse(
            self.env["support.ledger"].search([("company_id", "=", self.company.id)])
        )
        self._assert_quiet_nights()

    def _create_visit(self):
        return self._create_hour_product(
            "Visit",
            120,
            uom_id=self.env.ref("uom.product_uom_unit").id,
            taxes_id=self.company.account_sale_tax_id.ids,
        )

    def _not_before_accepted(self):
        ticket = self._ask()
        self._go_to(self.today, "10:00")
        self._assert_no_work(ticket, 31, "not accepted the price of Remote session")
        self._help("remote", "11:00", 31, ticket, accept=0)

    def _up_to_an_hour(self):
        self.work = self._help("remote", "10:00", 50, accept=60)
        self._go_to(self.today, "12:00")
        self._assert_no_work(self.work.ticket_id, 20, "only 0:00 h are left")

    def _accept_for_later(self):
        self.ticket = self._ask()
        self._accept(self.ticket, "remote")

    def _raise_tariff(self):
        remote = self.modes["remote"].product_id
        self.tariff.item_ids.filtered(
            lambda item: item.product_id == remote
        ).fixed_price = 300


@tagged("post_install", "-at_install")
class TestTwoYearsMonthlyHours(PolishYear):
    """S5 over two years: "the hours not used in a month move on to the next month, you
    do not lose hours"; "we call, make an appointment and install the new version". The
    contract renews by itself, at a fee that rises by 3 %."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.software = cls._create_hour_product(
            "ERP", 5000, support_is_software=True, invoice_policy="order"
        )

    def test_two_years(self):
        self._play(
            "2029-08-31",
            {
                "2027-09-01": self._start,
                "2027-10-04": lambda: self._help("remote", "09:00", 120),
                "2028-03-06": self._publish,
                "2028-03-08": lambda: self._help(
                    "remote", "10:00", 90, category="installation"
                ),
                # reminded on 2 July, 60 days before the end
                "2028-07-03": self._look_reminded,
                "2028-09-11": lambda: self._help("remote", "09:00", 300),
                "2029-07-10": self._give_notice,
            },
            nights=("2028-06-02", "2028-07-02", "2028-08-02", "2028-09-01"),
        )
        self.assertEqual(
            [
                (term.number, str(term.first_day), str(term.last_day))
                for term in self.contract.term_ids.sorted("first_day")
            ],
            [(1, "2027-09-01", "2028-08-31"), (2, "2028-09-01", "2029-08-31")],
        )
        charges = self.env["support.charge"].search(
            [("contract_id", "=", self.contract.id)], order="date, id"
        )
        # twelve of 1,000 and twelve of 1,000 + 3 %
        self.assertEqual(charges.mapped("amount"), [1000.0] * 12 + [1030.0] * 12)
        self.assertEqual(set(charges.mapped("state")), {"invoiced"})
        self.assertAlmostEqual(
            sum(self._get_moves(self.customer).mapped("amount_total")),
            # 24,360 and 23 % of it
            29962.80,
        )
        # 24 months of five hours, less two and five hours; the installation is free
        self.assertEqual(self.contract.ledger_ids.balance, 24 * 300 - 120 - 300)
        self._assert_quiet_nights()

    def _start(self):
        self.contract = self._sell(
            "sla_monthly",
            fee_amount=1000,
            fee_index="percent",
            fee_index_percent=3,
        )
        self.installation = self.env["support.installation"].create(
            {
                "product_id": self.software.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "contract_id": self.contract.id,
            }
        )

    def _publish(self):
        release = self.env["support.release"].create(
            {
                "product_tmpl_id": self.software.product_tmpl_id.id,
                "version": "8.0",
                "date": self.today,
                "company_id": self.company.id,
            }
        )
        release.action_publish()
        right = self.installation._get_update_right(self.today)
        self.assertTrue(right.installs)
        self.assertEqual(right.contract, self.contract)

    def _look_reminded(self):
        self.assertEqual(
            sorted(self.contract.renewal_notice_ids.mapped("days")), [60, 90]
        )

    def _give_notice(self):
        self.contract._decline_renewal(
            self.today, "Letter", self.env.ref("support_contract.churn_reason_closed")
        )
