# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The offer before a warranty ends, the import of the installed base, and the analysis
of who has a contract."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged

from .test_installation import InstalledBase


class OfferCase(InstalledBase):
    """It is 10 March 2026; warranties of a sale on 9 April 2025 end in 29 days."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.write({"email": "info@alpha.example.com", "lang": "en_US"})
        cls.fee = cls._create_product("Annual fee", 480)
        cls.follow_up = cls._create_type(
            name="Follow-up of Tests",
            description="<p>All goes on.</p>",
            covers_installations=True,
            product_id=cls.fee.id,
        )
        cls.policy.type_ids = cls.follow_up

    def _run_offers(self):
        self.env["support.installation"]._read_offers_due()._offer_contracts()
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_offers(self):
        return self.env["support.warranty.offer"].search(
            [("company_id", "=", self.company.id)], order="id"
        )

    def _get_activities(self, installation):
        kind = self.env.ref("support_contract.mail_activity_type_warranty")
        return installation.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )


@tagged("post_install", "-at_install")
class TestWarrantyOffer(OfferCase):
    def test_thirty_days_before(self):
        """(30 days, setting) the customer gets the offer, the owner an activity; once
        for each installation and end"""
        installation = self._create_installation(sale_date="2025-04-10")
        self.assertEqual(installation.warranty_end, date(2026, 4, 9))
        self._run_offers()
        offer = self._get_offers()
        self.assertEqual(
            (offer.partner_id, offer.day, offer.mailed, offer.user_id),
            (self.customer, date(2026, 3, 10), True, self.manager),
        )
        [mail] = self._get_mails("your warranty ends on 04/09/2026")
        self.assertEqual(mail.recipient_ids, self.customer)
        for words in ("Follow-up of Tests", "All goes on.", "charged by the hour"):
            self.assertIn(words, mail.body_html)
        self.assertRegex(mail.body_html, "480.00.*a year, without taxes")
        activity = self._get_activities(installation)
        self.assertEqual(activity.user_id, self.manager)
        self.assertEqual(activity.date_deadline, date(2026, 4, 9))
        for day in ("2026-03-11", "2026-04-09", "2026-05-01"):
            with freeze_time(f"{day} 12:00:00"):
                self._run_offers()
        self.assertEqual(self._get_offers(), offer)
        self.assertEqual(len(self._get_mails("your warranty ends")), 1)

    def test_not_a_day_earlier(self):
        self._create_installation(sale_date="2025-04-11")
        self._run_offers()
        self.assertFalse(self._get_offers())
        with freeze_time("2026-03-10 23:00:00"):  # the next day in Rome
            self._run_offers()
        self.assertEqual(len(self._get_offers()), 1)

    def test_a_changed_end_arms_it_again(self):
        installation = self._create_installation(sale_date="2025-04-10")
        self._run_offers()
        installation.warranty_months = 18
        self._run_offers()
        self.assertEqual(len(self._get_offers()), 1)
        with freeze_time("2026-09-20 12:00:00"):
            self._run_offers()
        self.assertEqual(len(self._get_offers()), 2)

    def test_several_installations_in_one_mail(self):
        for days in range(4, 9):
            self._create_installation(sale_date=f"2025-04-0{days}")
        self._create_installation(self.other_customer, sale_date="2025-04-01")
        self._run_offers()
        offers = self._get_offers()
        self.assertEqual(sorted(offers.mapped(lambda o: len(o.line_ids))), [1, 5])
        [mail] = self._get_mails("your warranty ends")
        self.assertEqual(mail.body_html.count("<li"), 5)
        # the other one has no address: the owner calls
        other = offers.filtered(lambda o: o.partner_id == self.other_customer)
        self.assertFalse(other.mailed)
        activity = self._get_activities(other.line_ids.installation_id)
        self.assertIn("no e-mail address", activity.note)

    def test_one_batch_for_each_installation(self):
        """a batch that is split sends no second mail"""
        installations = self._create_installation(sale_date="2025-04-09")
        installations |= self._create_installation(sale_date="2025-04-10")
        for installation in installations:
            installation._offer_contracts()
        self.assertEqual(len(self._get_offers()), 1)

    def test_covered_already(self):
        contract = self._create_contract(self._create_type())
        self._create_installation(sale_date="2025-04-01", contract_id=contract.id)
        self._run_offers()
        self.assertFalse(self._get_offers())
        contract._change_state("terminated", date(2026, 3, 10), "over")
        self._run_offers()
        self.assertEqual(len(self._get_offers()), 1)

    def test_offered_by_hand_already(self):
        installation = self._create_installation(sale_date="2025-04-01")
        contract = self._create_contract(
            self.follow_up,
            activate=False,
            offered_installation_ids=[Command.set(installation.ids)],
        )
        contract.action_mark_offered()
        self._run_offers()
        self.assertFalse(self._get_offers())

    def test_caught_up(self):
        """Missed for long: by mail while the warranty runs, after its end the activity
        only; nothing for what ended before it was known here."""
        running = self._create_installation(sale_date="2025-04-10")
        over = self._create_installation(sale_date="2025-04-01")
        with freeze_time("2026-04-05 12:00:00"):
            self._create_installation(sale_date="2020-01-01")
            self._run_offers()
        offers = self._get_offers()
        self.assertEqual(offers.mapped("mailed"), [True, False])
        self.assertEqual(offers[0].line_ids.installation_id, running)
        self.assertEqual(offers[1].line_ids.installation_id, over)
        self.assertIn("is over", self._get_activities(over).note)

    def test_never(self):
        self.policy.offer_days = 0
        self._create_installation(sale_date="2025-04-01")
        self._run_offers()
        self.assertFalse(self._get_offers())

    def test_in_the_customers_currency(self):
        currency = self._enable_currency("GBP")
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": currency.id,
                "company_id": self.company.id,
                "rate": 2,
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Pounds",
                "currency_id": currency.id,
                "company_id": self.company.id,
            }
        )
        self.customer.with_company(self.company).property_product_pricelist = pricelist
        self._create_installation(sale_date="2025-04-01")
        self._run_offers()
        [offered] = self._get_offers()._get_offered_types()
        self.assertIn("960.00", offered["fee"])
        self.assertIn("£", offered["fee"])

    def test_the_job_itself(self):
        self._create_installation(sale_date="2025-04-01")
        with self.enter_registry_test_mode():
            self.env.ref(
                "support_contract.cron_offer_contracts"
            ).method_direct_trigger()
        self.assertEqual(len(self._get_offers()), 1)

    def test_a_night_with_nothing_due(self):
        counts = []
        for number in (3, 30):
            for _index in range(number):
                self._create_installation(sale_date="2026-01-01")
            before = self.env.cr.sql_log_count
            self.assertFalse(self.env["support.installation"]._read_offers_due())
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(max(counts), 3 + counts[0])

    def test_make_the_offer(self):
        """a draft contract of a chosen type with the installation on it; nothing is
        covered before it begins"""
        installation = self._create_installation(
            sale_date="2025-04-10", activations_stated=3
        )
        self._run_offers()
        self.assertTrue(self._get_activities(installation))
        action = installation.with_user(self.contract_user).action_make_offer()
        form = Form(
            self.env["support.installation.contract"]
            .with_user(self.contract_user)
            .with_context(**action["context"])
        )
        self.assertEqual(form.type_id, self.follow_up)
        self.assertEqual(form.date_start, date(2026, 4, 10))
        opened = form.save().action_confirm()
        contract = self.env["support.contract"].browse(opened["res_id"])
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.fee_amount, 480)
        self.assertEqual(contract.date_start, date(2026, 4, 10))
        self.assertEqual(contract.offered_installation_ids, installation)
        self.assertFalse(installation.contract_id)
        contract.action_activate()
        self.assertFalse(installation.contract_id)
        with freeze_time("2026-04-10 12:00:00"):
            self._run_jobs()
            self.assertEqual(installation.contract_id, contract)
            self.assertEqual(installation.state, "covered")
            self.assertFalse(self._get_activities(installation))

    def test_make_the_offer_for_one_customer_only(self):
        installations = self._create_installation()
        installations |= self._create_installation(self.other_customer)
        wizard = self.env["support.installation.contract"].create(
            {"installation_ids": [Command.set(installations.ids)]}
        )
        with self._assert_refused("one customer only"):
            wizard.action_confirm()


@tagged("post_install", "-at_install")
class TestInstallationTakeover(InstalledBase):
    HEADER = [
        *("reference", "customer", "product", "sale_date", "warranty_months"),
        *("activations", "contract", "version"),
    ]

    def _import(self, *rows):
        model = self.env["support.installation.takeover"].with_user(self.manager)
        result = model.load(self.HEADER, [list(row) for row in rows])
        self.assertFalse(result["messages"])
        rows = model.browse(result["ids"])
        rows.action_take_over()
        return rows

    def test_good_rows_are_kept(self):
        """row "dates that do not exist ("31/2020")": refused on import with the row and
        the reason; the other rows are imported"""
        contract = self._create_contract(self._create_type())
        self.software.default_code = "TILL"
        rows = self._import(
            ("1", "Alpha", "TILL", "2025-04-10", "", "5", contract.name, "9.1"),
            ("2", "Alpha", "TILL", "31/2020", "", "", "", ""),
            ("3", "Alpha", "TILL", "2025-02-29", "", "", "", ""),
            ("4", "Gamma", "TILL", "2025-02-28", "", "", "", ""),
            ("5", "Alpha", "Paper", "2025-02-28", "", "", "", ""),
            ("6", "Alpha", "Till", "", "24", "", "", ""),
            ("7", "Alpha", "TILL", "", "two", "", "", ""),
            ("8", "Beta", "TILL", "", "", "", contract.name, ""),
        )
        self.assertEqual(
            rows.mapped("state"),
            ["done", "error", "error", "error", "error", "done", "error", "error"],
        )
        for row, words in zip(
            rows.filtered(lambda row: row.state == "error"),
            (
                "Sale Date: “31/2020” is not a date that exists",
                "Sale Date: “2025-02-29” is not a date that exists",
                "Customer: “Gamma” is not",
                "Product: “Paper” is not",
                "Months of Warranty: “two” is not a whole number",
                f"Contract: “{contract.name}” is not a contract of Beta",
            ),
            strict=True,
        ):
            self.assertIn(words, row.job_error)
        first = rows[0].installation_id
        self.assertEqual(
            (first.activations_stated, first.version, first.contract_id),
            (5, "9.1", contract),
        )
        self.assertEqual(first.state, "warranty")
        self.assertEqual(rows[5].installation_id.warranty_months, 24)

    def test_twice(self):
        row = ("1", "Alpha", "Till", "31/2020", "", "", "", "")
        rows = self._import(row)
        self.assertEqual(rows.state, "error")
        rows = self._import((*row[:3], "2025-04-10", *row[4:]))
        self.assertEqual(rows.state, "done")
        self._import(row)
        self.assertEqual(len(self._get_installations()), 1)

    def test_results_are_not_written(self):
        rows = self._import(("1", "Alpha", "Till", "", "", "", "", ""))
        with self._assert_refused("cannot be written"):
            rows.state = "new"

    def test_odoos_own_import(self):
        """a good file goes in as it is"""
        result = (
            self.env["support.installation"]
            .with_user(self.manager)
            .with_company(self.company)
            .load(
                ["product_id", "partner_id", "sale_date", "activations_stated"],
                [["Till", "Alpha", "2025-04-10", "2"]],
            )
        )
        self.assertFalse(result["messages"])
        installation = self.env["support.installation"].browse(result["ids"])
        self.assertEqual(installation.warranty_end, date(2026, 4, 9))


@tagged("post_install", "-at_install")
class TestInstalledBaseReport(InstalledBase):
    def test_shares(self):
        """what share of installations (and of customers) has a contract; AKROSOFT's
        page says about 90 %: nine customers of ten, one of the nine with a second
        installation that no contract names"""
        contract_type = self._create_type()
        for number in range(10):
            customer = self._create_customer(f"Customer {number}")
            installation = self._create_installation(customer)
            if number:
                contract = self._create_contract(contract_type, customer)
                installation.contract_id = contract
        self._create_installation(customer)
        self._create_installation(customer, active=False)
        self.env.flush_all()
        report = self.env["support.installation.report"].with_user(self.contract_user)
        [[share, customers, count]] = report._read_group(
            [("company_id", "=", self.company.id)],
            [],
            ["share:avg", "customer_share:avg", "__count"],
        )
        self.assertEqual(count, 11)
        self.assertAlmostEqual(share, 900 / 11, 4)
        self.assertAlmostEqual(customers, 90, 4)
        without = report.search(
            [
                ("company_id", "=", self.company.id),
                ("customer_has_contract", "=", False),
            ]
        )
        self.assertEqual(without.commercial_partner_id.name, "Customer 0")
        installations = self.env["support.installation"].search(
            [("company_id", "=", self.company.id), ("has_contract", "=", False)]
        )
        self.assertEqual(len(installations), 2)
