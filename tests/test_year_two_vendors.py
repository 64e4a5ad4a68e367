# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""An Italian and a Polish vendor in one database, with customers of their own and one
in common: each sees and invoices what is its own."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common_year import PolishYear, YearCommon

#: what is different for each vendor
OWN = (
    "company",
    "bank",
    "agreed",
    "tariff",
    "technician",
    "contract_user",
    "manager",
    "customer",
    "contact",
    "tax_percent",
    "currency_rounding",
)


@tagged("post_install", "-at_install")
class TestYearTwoVendors(YearCommon):
    """Both sell to Gamma: the Italian one Presidio for EUR 1350 a year, the Polish one
    five hours a month for PLN 999.99; both give occasional help to their own customer
    Alpha."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        poland = PolishYear.in_environment(cls.env)
        cls.vendors = {
            name: {attribute: getattr(vendor, attribute) for attribute in OWN}
            for name, vendor in (("italy", cls), ("poland", poland))
        }
        cls.gamma = cls._create_customer("Gamma", country_id=False)
        cls.gina = cls._create_contact(cls.gamma, "Gina Gamma")
        cls._set_price("fee_presidio", 1350)

    def _be(self, name):
        """From here on, ``self`` is this vendor."""
        for attribute, value in self.vendors[name].items():
            setattr(self, attribute, value)
        self.env.user.company_id = self.company

    def _night(self):
        nights = []
        for name in self.vendors:
            self._be(name)
            nights.append(super()._night())
        return nights

    def _each(self, *events):
        """One event for each vendor, on the same day."""

        def play():
            for name, event in zip(self.vendors, events, strict=True):
                self._be(name)
                event()

        return play

    def _sell_to_gamma(self, kind, **vals):
        contract = self._sell(kind, partner=self.gamma, **vals)
        self.contracts = {**getattr(self, "contracts", {}), self.company: contract}

    def _buy_hours(self):
        order = self._order(
            self.env.ref("support_contract.product_topup_remote"),
            2,
            self.contracts[self.company],
            self.gamma,
        )
        self._pay(self._bill(order))

    def _help_gamma(self):
        work = self._help("remote", "10:00", 60, partner=self.gina)
        self.assertEqual(work.contract_id, self.contracts[self.company])

    def _help_alpha(self):
        work = self._help("remote", "12:00", 60, accept=0)
        self.assertEqual(work.cover, "on_call")

    def _play_two_months(self):
        self._play(
            "2028-03-05",
            {
                "2028-01-31": self._each(
                    lambda: self._sell_to_gamma("presidio"),
                    lambda: self._sell_to_gamma("sla_monthly", fee_amount=999.99),
                ),
                "2028-02-10": self._each(self._buy_hours, self._buy_hours),
                "2028-02-14": self._each(self._help_gamma, self._help_gamma),
                "2028-02-15": self._each(self._help_alpha, self._help_alpha),
            },
        )

    def test_each_its_own(self):
        """Two companies do not see or invoice each other's."""
        self._play_two_months()
        top_up = "Top-Up: Hour by Phone or Remote Session"
        work = "02/15/2028, <ticket> Work: 1:00 h at"
        self._be("italy")
        self._assert_invoices(
            [
                (
                    "2028-02-01",
                    "<contract> Presidio: Annual Fee: fee, 01/31/2028 to 01/30/2029",
                    *(1, 1350, 1350, 297, 1647),
                ),
                ("2028-02-10", top_up, 2, 60, 120, 26.4, 146.4),
            ],
            self.gamma,
        )
        self._assert_invoices(
            [("2028-02-16", f"{work} 90.00 €/h", 1, 90, 90, 19.8, 109.8)]
        )
        contract = self.contracts[self.company]
        self._assert_ledger(
            self._get_ledger(contract),
            [
                ("2028-01-31", "grant", 900),
                ("2028-02-10", "topup", 120),
                ("2028-02-14", "work", -60),
            ],
        )
        self._be("poland")
        fee = "<contract> Service Contract: Monthly Fee: fee,"
        self._assert_invoices(
            [
                (
                    "2028-02-01",
                    f"{fee} 01/31/2028 to 02/28/2028",
                    *(1, 999.99, 999.99, 230, 1229.99),
                ),
                ("2028-02-10", top_up, 2, 200, 400, 92, 492),
                (
                    "2028-02-29",
                    f"{fee} 02/29/2028 to 03/30/2028",
                    *(1, 999.99, 999.99, 230, 1229.99),
                ),
            ],
            self.gamma,
        )
        self._assert_invoices(
            [("2028-02-16", f"{work} 280.00 zł/h", 1, 280, 280, 64.4, 344.4)]
        )
        contract = self.contracts[self.company]
        self._assert_ledger(
            contract.ledger_ids,
            [
                ("2028-01-31", "grant", 300),
                # without a last day, as the hours of the month; these came first
                ("2028-02-10", "topup", 120),
                ("2028-02-14", "work", -60),
                ("2028-02-29", "grant", 300),
            ],
        )
        self._assert_quiet_nights()
        for name in self.vendors:
            self._be(name)
            self._assert_sees_own("manager", self.manager)
            self._assert_sees_own("contract_user", self.contract_user)
            self._assert_sees_own("technician", self.technician)

    def _assert_sees_own(self, role, user):
        """``user`` finds the records of the own company, all of them, and cannot read
        those of the other one."""
        models = {
            "support.contract": 1,
            "support.ledger": None,
            "support.ledger.entry": None,
            "support.intervention": 2,
            "support.price.acceptance": 1,
            "helpdesk.ticket": 2,
        }
        if role != "technician":
            models |= {"support.charge": None, "support.topup": 1, "sale.order": 1}
        if role == "manager":
            models |= {"account.move": None}
        for model, count in models.items():
            with self.subTest(vendor=self.company.name, role=role, model=model):
                path = {"support.ledger.entry": "ledger_id.company_id"}.get(
                    model, "company_id"
                )
                companies = [vendor["company"].id for vendor in self._all()]
                every = self.env[model].search([(path, "in", companies)])
                own = every.filtered_domain([(path, "=", self.company.id)])
                foreign = every - own
                self.assertTrue(own and foreign)
                if count is not None:
                    self.assertEqual(len(own), count)
                found = self.env[model].with_user(user).search([])
                self.assertEqual(found & every, own & found)
                if role == "manager":
                    self.assertEqual(found & every, own)
                for record in foreign:
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["create_date"])

    def _all(self):
        return self.vendors.values()

    def test_invoice_only_ones_own(self):
        """The job of one company invoices nothing of the other, and no manager does."""
        self.startPatcher(self._at("2028-01-31"))
        self._each(
            lambda: self._sell_to_gamma("presidio"),
            lambda: self._sell_to_gamma("sla_monthly", fee_amount=999.99),
        )()
        italy, poland = (
            self.contracts[vendor["company"]].charge_ids for vendor in self._all()
        )
        self.assertEqual((italy.amount, poland.amount), (1350, 999.99))
        self._be("italy")
        for charges in (poland, italy + poland):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                charges.with_user(self.manager).action_invoice()
        self.company.support_invoice_auto = True
        with self.enter_registry_test_mode():
            self.env.ref("support_contract.cron_invoice").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((italy.state, poland.state), ("invoiced", "open"))
        self.assertEqual(italy.invoice_id.company_id, self.company)
        self.assertEqual(italy.invoice_id.amount_total, 1647)
        self._be("poland")
        wizard = (
            self.env["support.charge.invoice"]
            .with_user(self.manager)
            .create({"company_id": self.company.id})
        )
        wizard.action_invoice()
        self.assertEqual(poland.state, "invoiced")
        self.assertEqual(poland.invoice_id.company_id, self.company)
        self.assertEqual(poland.invoice_id.amount_total, 1229.99)
        foreign = self.contracts[self.vendors["italy"]["company"]]
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            foreign.with_user(self.manager).action_invoice()
