# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The offer on paper, and the mails that go with a contract."""

from odoo import Command
from odoo.tests import tagged

from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestOffer(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        fee = cls._create_hour_product("Annual fee", 1350)
        contract_type = cls._create_type(
            name="Annual hours",
            product_id=fee.id,
            gate_minutes=120,
            overage="charge",
            allotments=[
                {
                    "unit": "time",
                    "quantity": 900,
                    "work_mode_ids": [Command.set((cls.phone | cls.remote).ids)],
                },
                {
                    "unit": "time",
                    "quantity": 300,
                    "recurrence": "month",
                    "rollover": "periods",
                    "rollover_periods": 1,
                    "end_policy": "carried",
                },
            ],
        )
        cls.contract = cls._create_contract(contract_type, activate=False)

    def _print(self):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "support_contract.report_contract_offer", self.contract.ids
        )
        return html.decode()

    def test_terms_in_words(self):
        lines = dict(self.contract._get_offer_lines())
        self.assertEqual(len(lines["Fee"]), 1)
        self.assertIn("1,350.00", lines["Fee"][0])
        self.assertEqual(
            lines["Included"],
            [
                "15:00 h in each term. For: Phone, Remote. To be used by the end of "
                "the term. What is left at the end of the term is forfeited.",
                "5:00 h every month. What is left at the end of a period can be used "
                "for one more period. What is left at the end of the term is carried "
                "to the renewal.",
            ],
        )
        self.assertIn("at least 2:00 h", lines["Beyond the balance"][0])
        self.assertIn("hourly rates", lines["Beyond the balance"][1])

    def test_nothing_is_drawn_without_a_balance(self):
        """S4, S9: what the fee pays for is included; on call it is charged"""
        contract = self._create_contract(
            self.env["support.contract.type"].create({"name": "Maintenance"}),
            activate=False,
        )
        fault = self.env.ref("support_contract.category_fault")
        contract.request_ids = [
            Command.create({"category_id": fault.id, "treatment": "drawn"})
        ]

        def requests():
            return dict(contract._get_offer_lines())["Requests"]

        self.assertEqual(
            requests(),
            ["Fault: Included in the fee", "All others: Included in the fee"],
        )
        contract.fee_work_mode_ids = self.remote
        self.assertIn("for the work modes named above", requests()[0])
        contract.fee_pays_help = False
        self.assertEqual(requests()[0], "Fault: Charged at the agreed rate")

    def test_rates_of_each_work_mode(self):
        self.on_site.minimum_minutes = 60
        rates = {rate["mode"]: rate for rate in self.contract._get_offer_rates()}
        self.assertIn("120.00", rates["On site"]["price"])
        self.assertEqual(rates["On site"]["minimum"], "1:00 h")

    def test_nothing_typed_is_printed_as_html(self):
        self.customer.write({"name": "<b>Alpha</b>", "street": "<i>Main</i> 1"})
        html = self._print()
        self.assertNotIn("<b>Alpha</b>", html)
        self.assertNotIn("<i>Main</i>", html)
        self.assertIn("&lt;b&gt;Alpha&lt;/b&gt;", html)

    def test_offer_goes_to_the_signatory(self):
        self.contact.email = "anna@alpha.example.com"
        self.contract.signatory_id = self.contact
        template = self.env.ref("support_contract.mail_template_contract_offer")
        mail = self.env["mail.mail"].browse(template.send_mail(self.contract.id))
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertEqual(len(mail.attachment_ids), 1)

    def test_low_balance_goes_to_those_who_may_order(self):
        self.contract.orderer_ids = self.contact
        self.contract.action_activate()
        ledger = self.contract.ledger_ids.filtered("work_mode_ids")
        template = self.env.ref("support_contract.mail_template_ledger_low")
        mail = self.env["mail.mail"].browse(template.send_mail(ledger.id))
        self.assertEqual(mail.recipient_ids, self.contact)
        self.assertIn("15:00 h", mail.subject)
        self.assertIn("Hours (Phone, Remote)", mail.body_html)
