# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A year of a Hungarian vendor (HUF without decimals, 27 %): monthly hours for each
activation, an early end, and occasional help; every invoice line and every ledger
entry, worked out by hand."""

from odoo.tests import tagged

from .common_year import HungarianYear


@tagged("post_install", "-at_install")
class TestYearActivations(HungarianYear):
    """Five hours a month that move on for one month, and HUF 5333 a month for each
    activation: three from 31 January 2028 on, five from 10 March, four from 10 May, and
    one more from 12 June, sold by an order for HUF 3000. It ends early, on 10 July, and
    gives back the fee of the days not served. An hour beyond the balance costs 15500 by
    phone."""

    def test_year(self):
        self.env.ref("support_contract.type_sla_monthly").allotment_ids.write(
            {"rollover": "periods", "rollover_periods": 1}
        )
        self._play(
            "2028-10-31",
            {
                "2028-01-31": self._start,
                "2028-02-29": lambda: self._help("remote", "10:00", 100),
                "2028-03-10": lambda: self._count(5),
                "2028-04-20": lambda: self._help("remote", "09:00", 480),
                "2028-04-21": lambda: self._help("phone", "09:00", 170),
                "2028-05-10": lambda: self._count(4),
                "2028-06-12": self._buy_activation,
                "2028-07-10": self._end,
            },
        )
        self.assertEqual(self.contract.state, "terminated")
        c = "<contract> Service Contract: Monthly Fee:"
        # 3 * 5333 = 15999, * 27 % = 4319.73
        three = (3, 5333, 15999, 4320, 20319)
        # 5 * 5333 = 26665, * 27 % = 7199.55
        five = (5, 5333, 26665, 7200, 33865)
        # 4 * 5333 = 21332, * 27 % = 5759.64
        four = (4, 5333, 21332, 5760, 27092)
        self._assert_invoices(
            [
                ("2028-02-01", f"{c} fee, 01/31/2028 to 02/28/2028", *three),
                ("2028-02-29", f"{c} fee, 02/29/2028 to 03/30/2028", *three),
                # row "more activations in the middle of a period": 21 of 31 days,
                # 2 * 5333 * 21 / 31 = 7225.35; * 27 % = 1950.75
                (
                    "2028-03-11",
                    f"{c} new activations, 03/10/2028 to 03/30/2028",
                    *(2, 3612.5, 7225, 1951, 9176),
                ),
                ("2028-03-31", f"{c} fee, 03/31/2028 to 04/29/2028", *five),
                # 2:50 h, of which 2:00 h were left: 50 minutes at 15500 = 12916.67;
                # 12917 * 27 % = 3487.59
                (
                    "2028-04-22",
                    "04/21/2028, <ticket> Work: 0:50 h at 15,500 Ft/h",
                    *(1, 12917, 12917, 3488, 16405),
                ),
                ("2028-04-30", f"{c} fee, 04/30/2028 to 05/30/2028", *five),
                # fewer take effect at the next period
                ("2028-05-31", f"{c} fee, 05/31/2028 to 06/29/2028", *four),
                # its order alone pays for the rest of the period
                ("2028-06-12", "Activation", 1, 3000, 3000, 810, 3810),
                ("2028-06-30", f"{c} fee, 06/30/2028 to 07/30/2028", *five),
                # row "contract ended early inside an invoiced period": 20 of 31 days,
                # 26665 * 20 / 31 = 17203.23; 17203 * 27 % = 4644.81
                (
                    "2028-07-11",
                    f"{c} refund of days not served, 07/11/2028 to 07/30/2028",
                    *(-1, 17203, -17203, -4645, -21848),
                ),
            ]
        )
        self._assert_ledger(
            self.contract.ledger_ids,
            [
                ("2028-01-31", "grant", 300),
                ("2028-02-29", "grant", 300),
                # 100 minutes in steps of 15, of January's hours
                ("2028-02-29", "work", -105),
                ("2028-03-31", "grant", 300),
                # what is left of January's
                ("2028-03-31", "expiry", -195),
                # February's and 180 of March's
                ("2028-04-20", "work", -300),
                ("2028-04-20", "work", -180),
                # the rest of March's
                ("2028-04-21", "work", -120),
                ("2028-04-30", "grant", 300),
                ("2028-05-31", "grant", 300),
                ("2028-06-30", "grant", 300),
                # April's, May's and June's
                ("2028-06-30", "expiry", -300),
                ("2028-07-31", "expiry", -300),
                ("2028-08-31", "expiry", -300),
            ],
        )
        self._assert_quiet_nights()

    def _start(self):
        self.contract = self._sell(
            "sla_monthly",
            fee_basis="activation",
            fee_amount=5333,
            activation_count=3,
            refund_on_end=True,
        )

    def _count(self, activations):
        self._change(self.contract, self.today, "Counted", activation_count=activations)

    def _buy_activation(self):
        product = self._create_hour_product(
            "Activation",
            3000,
            uom_id=self.env.ref("uom.product_uom_unit").id,
            taxes_id=self.company.account_sale_tax_id.ids,
            support_sells="activation",
        )
        self._pay(self._bill(self._order(product, contract=self.contract)))
        self.assertEqual(self.contract.activation_count, 5)

    def _end(self):
        self.env["support.contract.state.change"].with_user(self.manager).create(
            {
                "contract_id": self.contract.id,
                "state": "terminated",
                "day": "2028-07-11",
                "reason": "The customer closes",
                "churn_reason_id": self.env.ref(
                    "support_contract.churn_reason_closed"
                ).id,
            }
        ).action_confirm()


@tagged("post_install", "-at_install")
class TestYearOnCall(HungarianYear):
    """Occasional help: an hour costs HUF 22000 by phone, 25000 in a remote session."""

    def test_year(self):
        self._play(
            "2028-07-31",
            {
                "2028-02-15": lambda: self._help("remote", "10:00", 35, accept=0),
                "2028-02-29": lambda: self._help("on_site", "10:00", 20, accept=0),
                "2028-06-20": self._call_and_session,
            },
        )
        self._assert_invoices(
            [
                # 35 minutes in steps of 15; 18750 * 27 % = 5062.5
                (
                    "2028-02-16",
                    "02/15/2028, <ticket> Work: 0:45 h at 25,000 Ft/h",
                    *(0.75, 25000, 18750, 5063, 23813),
                ),
                # at least an hour
                (
                    "2028-03-01",
                    "02/29/2028, <ticket> Work: 1:00 h at 30,000 Ft/h",
                    *(1, 30000, 30000, 8100, 38100),
                ),
                # 20 minutes at 22000 = 7333.33; 7333 * 27 % = 1979.91
                (
                    "2028-06-21",
                    "06/20/2028, <ticket> Work: 0:20 h at 22,000 Ft/h",
                    *(1, 7333, 7333, 1980, 9313),
                ),
                # 15 minutes at 25000; 6250 * 27 % = 1687.50
                (
                    "2028-06-21",
                    "06/20/2028, <ticket> Work: 0:15 h at 25,000 Ft/h",
                    *(0.25, 25000, 6250, 1688, 7938),
                ),
            ]
        )
        # (7333 + 6250) * 27 % = 3667.41: one less than the sum of the lines' taxes
        invoice = self._get_moves(self.customer)[-1]
        self.assertEqual(
            (invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total),
            (13583, 3667, 17250),
        )
        self._assert_quiet_nights()

    def _call_and_session(self):
        self._help("phone", "10:00", 20, accept=0)
        self._help("remote", "11:00", 10, accept=0)
