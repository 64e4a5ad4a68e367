# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Two years and more of an Italian vendor (EUR, 22 %) with S9, maintenance per
activation: stated and counted, renewed, lapsed, and back with a new licence. Every
invoice line worked out by hand."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_year import YearCommon


@tagged("post_install", "-at_install")
class TestYearActivation(YearCommon):
    """S9 under the SLA of 12 h, EUR 100 a year for each activation.

    "The number of machines/activations ... will be compared with the number of
    licences really in use, and updated"; "not renewing ... means that any form of
    help and maintenance ends; to restore it a new licence has to be bought"."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_price("fee_activation_12", 100)
        cls._set_price("licence_new", 250)

    def test_two_years(self):
        self._play(
            "2029-03-10",
            {
                "2026-12-28": self._offer,
                "2027-01-01": self._start,
                "2027-07-01": lambda: self._accept(18),
                "2027-09-06": lambda: self._accept(16),
                "2027-12-01": self._renew,
                "2028-02-01": self._help_in_time,
                # nobody renews the second year
                "2029-01-08": self._refuse,
                "2029-02-15": self._buy_licence,
                "2029-03-05": self._help_again,
            },
            nights=("2029-01-02", "2029-02-16"),
        )
        c = "<contract> Maintenance, SLA 12 h: Annual Fee per Activation:"
        self._assert_invoices(
            [
                # 15 x 100; sold in the day, invoiced in the night after it
                (
                    "2027-01-02",
                    f"{c} fee, 01/01/2027 to 12/31/2027",
                    *(15, 100, 1500, 330, 1830),
                ),
                # 3 more from 1 July, 184 days of 365 left: 300 * 184 / 365 = 151.232...
                (
                    "2027-07-02",
                    f"{c} new activations, 07/01/2027 to 12/31/2027",
                    *(3, 50.41, 151.23, 33.27, 184.50),
                ),
                # 16 from the next period on, by the order: 16 x 100
                (
                    "2027-12-01",
                    "Maintenance, SLA 12 h: Annual Fee per Activation\n"
                    "<contract>: renewal, 01/01/2028 to 12/31/2028",
                    *(16, 100, 1600, 352, 1952),
                ),
                # lapsed on 1 January 2029; back on the day of payment
                ("2029-02-15", "New Licence", *(1, 250, 250, 55, 305)),
                (
                    "2029-02-15",
                    "Maintenance, SLA 12 h: Annual Fee per Activation\n"
                    "<contract>: first fee from the day of payment",
                    *(16, 100, 1600, 352, 1952),
                ),
            ]
        )
        self.assertEqual(
            [
                (term.number, str(term.first_day), str(term.last_day))
                for term in self.contract.term_ids.sorted("first_day")
            ],
            [
                (1, "2027-01-01", "2027-12-31"),
                (2, "2028-01-01", "2028-12-31"),
                (3, "2029-02-15", "2030-02-14"),
            ],
        )
        states = [
            (row.state, str(row.first_day))
            for row in self.contract.status_ids.sorted("id")
        ]
        self.assertIn(("lapsed", "2029-01-01"), states)
        self.assertEqual(states[-1], ("active", "2029-02-15"))
        self.assertEqual(self.contract._get_state_on(self._day("2029-02-14")), "lapsed")

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    def _offer(self):
        contract = (
            self.env["support.contract"]
            .with_user(self.contract_user)
            .create(
                {
                    "type_id": self.env.ref("support_contract.type_activation_12").id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date_start": "2027-01-01",
                    "activation_count": 12,
                    "pricelist_id": self.agreed.id,
                }
            )
        )
        contract.action_mark_offered()
        self.contract = contract.with_env(self.env)
        self._count(15)
        self.assertEqual(self.contract.activation_review, "differs")
        self.contract.with_user(self.manager)._accept_counted("Licences in use")

    def _start(self):
        self.contract._record_signature(self.company._support_day(), "Anna Alpha")
        self.contract.action_activate()
        self.assertEqual(self.contract.activation_count, 15)

    def _count(self, number):
        result = (
            self.env["support.activation.count"]
            .with_user(self.contract_user)
            .count_activations(
                [
                    {
                        "contract": self.contract.name,
                        "number": number,
                        "day": self.company._support_day().isoformat(),
                    }
                ]
            )
        )
        self.assertEqual(result["refused"], [])
        self.env.invalidate_all()

    def _accept(self, number):
        self._count(number)
        self.contract.with_user(self.manager)._accept_counted("Licences in use")

    def _renew(self):
        """Quoted with what is counted, accepted and paid at once."""
        order = self.contract._quote_renewal(count=16)
        order.action_confirm()
        self._pay(self._bill(order))

    def _help_in_time(self):
        work = self._help("phone", "09:30", 30)
        self.assertEqual(work.contract_id, self.contract)
        self.assertFalse(work.charge_ids)

    def _refuse(self):
        """lapsed: no help at all, with the way back"""
        self.assertEqual(self.contract.state, "lapsed")
        with self.assertRaisesRegex(UserError, "lapsed on 01/01/2029"):
            self._help("phone", "09:30", 30)

    def _buy_licence(self):
        wizard = self.env["support.contract.reinstate"].create(
            {"contract_id": self.contract.id}
        )
        self.assertEqual(wizard.kind, "licence")
        order = self.env["sale.order"].browse(wizard.action_quote()["res_id"])
        order.action_confirm()
        self.assertEqual(self.contract.state, "lapsed")
        self._pay(self._bill(order))
        self.assertEqual(self.contract.state, "active")

    def _help_again(self):
        work = self._help("phone", "09:30", 30)
        self.assertEqual(work.contract_id, self.contract)
