# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S8, "Warranty, then follow-up", as the Hungarian vendor's page says, over two years;
every invoice line is worked out by hand."""

from datetime import date

from odoo.tests import Form, tagged

from .common_year import HungarianYear


@tagged("post_install", "-at_install")
class TestServiceWarranty(HungarianYear):
    """The customer buys a stock keeping program on 15 March 2027 for HUF 480000.

    "Within one year of the sale of the software (warranty) we give these services free
    of charge. When it is over, we give them within an individual follow-up contract.
    Without a contract, after the warranty, only billed by the hour." An hour by phone
    costs HUF 22000 then, on site 30000; the contract HUF 90000 a year.
    """

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.customer.write({"email": "info@alpha.example.com", "lang": "en_US"})
        cls._set_price("fee_follow_up", 90000)
        cls.program = cls._create_hour_product(
            "Stock program",
            480000,
            uom_id=cls.env.ref("uom.product_uom_unit").id,
            taxes_id=cls.company.account_sale_tax_id.ids,
            support_is_software=True,
            support_warranty_policy_id=cls.env.ref(
                "support_contract.warranty_policy_year"
            ).id,
        )
        return result

    def _night(self):
        self.env["support.contract"]._get_taking()._take_installations()
        model = self.env["support.installation"]
        model._set_states(model._read_changed_states())
        model._read_offers_due()._offer_contracts()
        return super()._night()

    def test_two_years(self):
        self._play(
            "2029-03-14",
            {
                "2027-03-15": self._buy,
                # "how to keep packaging": it was not said in the training
                "2027-04-06": lambda: self._free("phone", 20, "information"),
                # "the barcode printer does not print the label"
                "2027-06-10": lambda: self._free("remote", 40, "hardware"),
                # "changes of law"
                "2027-09-01": lambda: self._free("remote", 60, "legal"),
                # not one of the services: training, and visits
                "2027-10-12": lambda: self._by_the_hour("remote", 50, "training"),
                "2027-11-09": lambda: self._by_the_hour("on_site", 45, "fault"),
                "2028-02-12": self._no_offer_yet,
                "2028-02-13": self._offered,
                "2028-03-14": self._last_day,
                "2028-03-15": self._next_day,
                "2028-04-03": self._sign,
                # "rarely used functions, such as taking stock"
                "2028-05-15": lambda: self._covered("phone", 90, "information"),
                "2028-06-20": lambda: self._covered("remote", 30, "fault"),
                "2028-07-04": lambda: self._covered("remote", 60, "legal"),
                "2028-10-10": lambda: self._by_the_hour("on_site", 60, "fault"),
            },
            nights=("2028-02-14",),
        )
        fee = "<contract> Follow-Up: Annual Fee: fee, 04/03/2028 to 04/02/2029"
        self._assert_invoices(
            [
                # * 27 % = 129600
                ("2027-03-15", "Stock program", 1, 480000, 480000, 129600, 609600),
                # 50 minutes in steps of 15: an hour at 25000; * 27 % = 6750
                (
                    "2027-10-13",
                    "10/12/2027, <ticket> Work: 1:00 h at 25,000 Ft/h",
                    *(1, 25000, 25000, 6750, 31750),
                ),
                # at least an hour; 30000 * 27 % = 8100
                (
                    "2027-11-10",
                    "11/09/2027, <ticket> Work: 1:00 h at 30,000 Ft/h",
                    *(1, 30000, 30000, 8100, 38100),
                ),
                # the day after the warranty: 20 minutes at 22000 = 7333.33;
                # 7333 * 27 % = 1979.91
                (
                    "2028-03-16",
                    "03/15/2028, <ticket> Work: 0:20 h at 22,000 Ft/h",
                    *(1, 7333, 7333, 1980, 9313),
                ),
                # 90000 * 27 % = 24300
                ("2028-04-04", fee, 1, 90000, 90000, 24300, 114300),
                # visits are not one of the services
                (
                    "2028-10-11",
                    "10/10/2028, <ticket> Work: 1:00 h at 30,000 Ft/h",
                    *(1, 30000, 30000, 8100, 38100),
                ),
            ]
        )
        # all of it is logged and measured, also what was free
        works = self.env["support.intervention"].search(
            [("installation_id", "=", self.installation.id)]
        )
        self.assertEqual(len(works), 11)
        self.assertAlmostEqual(
            sum(works.sudo().timesheet_ids.mapped("unit_amount")) * 60,
            20 + 40 + 60 + 50 + 45 + 30 + 20 + 90 + 30 + 60 + 60,
        )
        self.assertEqual(len(self._get_mails()), 1)
        self._assert_quiet_nights()

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    def _get_mails(self):
        return self.env["mail.mail"].search(
            [
                ("subject", "like", "your warranty ends on"),
                ("recipient_ids", "in", self.customer.ids),
            ]
        )

    def _buy(self):
        self._pay(self._bill(self._order(self.program)))
        self.installation = self.env["support.installation"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(self.installation.product_id, self.program)
        self.assertEqual(self.installation.warranty_end, date(2028, 3, 14))
        self.assertEqual(self.installation.state, "warranty")

    def _free(self, mode, minutes, category):
        work = self._help(mode, "10:00", minutes, category=category)
        self.assertEqual(work.ticket_id.support_installation_id, self.installation)
        self.assertEqual(work.ticket_id.support_cover, "warranty")
        self.assertEqual(work.cover, "warranty")
        self.assertFalse(work.sudo().charge_ids)
        return work

    def _covered(self, mode, minutes, category):
        work = self._help(mode, "10:00", minutes, category=category)
        self.assertEqual(work.contract_id, self.contract)
        self.assertFalse(work.sudo().charge_ids)

    def _by_the_hour(self, mode, minutes, category):
        work = self._help(mode, "10:00", minutes, category=category, accept=0)
        self.assertEqual(work.cover, "on_call")

    def _no_offer_yet(self):
        """31 days before the end."""
        self.assertFalse(self._get_mails())

    def _offered(self):
        """30 days before the end, early in the morning."""
        [mail] = self._get_mails()
        text = self._plain(mail.body_html)
        for words in ("Stock program", "03/14/2028", "Follow-Up", "90,000"):
            self.assertIn(words, text)
        self.assertEqual(self.installation.activity_ids.user_id, self.manager)

    def _last_day(self):
        self.ticket = self._free("phone", 30, "information").ticket_id

    def _next_day(self):
        """The same ticket: what counts is the day of the work."""
        self.assertEqual(self.installation.state, "uncovered")
        self._go_to(self.today, "10:30")
        self._assert_no_work(self.ticket, 20, "has not accepted the price", "phone")
        work = self._help("phone", "11:00", 20, ticket=self.ticket, accept=0)
        self.assertEqual(work.cover, "on_call")
        later = self._ask("phone", "information")
        self.assertEqual(
            self._why(later),
            [
                "the warranty of Stock program ended on 03/14/2028",
                "help at the on-call tariff",
            ],
        )

    def _sign(self):
        """The offer becomes a contract; its sample can be printed before."""
        action = self.installation.with_user(self.contract_user).action_make_offer()
        form = Form(
            self.env["support.installation.contract"]
            .with_user(self.contract_user)
            .with_context(**action["context"])
        )
        follow_up = self.env.ref("support_contract.type_follow_up")
        self.assertEqual(form.type_id, follow_up)
        self.assertEqual(form.date_start, self.today)
        opened = form.save().action_confirm()
        contract = self.env["support.contract"].browse(opened["res_id"])
        self.assertEqual(contract.fee_amount, 90000)
        contract.with_user(self.contract_user).action_mark_offered()
        contract.with_user(self.manager)._record_signature(self.today, "Anna Alpha")
        contract.with_user(self.manager).action_activate()
        self.contract = contract
        self.assertEqual(self.installation.contract_id, contract)
        self.assertEqual(self.installation.state, "covered")
        self.assertFalse(self.installation.activity_ids)
        # phone and remote help on working days 08:00-16:00, changes of law included
        self.assertTrue(contract.includes_updates)
        self.assertEqual(
            contract.coverage_ids.calendar_id.name, "Working Days 08:00-16:00"
        )
