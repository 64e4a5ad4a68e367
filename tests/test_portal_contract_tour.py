# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A customer looks at its contract, in a real browser."""

from odoo.tests import tagged

from .common_contract_page import ContractPageCase
from .common_tour import OnTelephone, PortalTour


@tagged("post_install", "-at_install")
class TestContractTour(PortalTour, ContractPageCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract.sudo().support_code = "482913060"
        product = cls.env["product.product"].create(
            {"name": "Ledger for shops and their many branches", "taxes_id": False}
        )
        product.support_is_software = True
        cls.installation = cls.env["support.installation"].create(
            {
                "product_id": product.id,
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "contract_id": cls.contract.id,
                "version": "7.1",
            }
        )
        cls.contract.with_user(cls.manager).user_id = cls.manager

    def test_from_the_first_page_to_the_statement(self):
        self.contract.sudo()._write({"compare_activations": True})
        ticket = self._create_ticket(
            self.portal_user.partner_id,
            support_contract_id=self.contract.id,
            name="A title without any space: " + "x" * 60,
        )
        self._log_work(ticket, 90, name="A summary: https://example.com/" + "x" * 60)
        self.start_tour(
            "/my", "support_contract_page_tour", login=self.portal_user.login
        )
        self.assertEqual(self.installation.activations_stated, 7)
        self.assertNotEqual(self.contract.sudo().support_code, "482913060")
        # the note is for the owner, who speaks English, not for the customer
        notes = self.contract.message_ids.filtered(
            lambda note: "Anna looked at the support code in the portal." in note.body
        )
        self.assertEqual(len(notes), 2)
        self._assert_words("/my", "Your contracts, balances and interventions")
        self._assert_words("/my/support", "New ticket", "Contracts")
        self._assert_words(
            self.url, "Balance", "Installations", "Prepare the contract as PDF"
        )
        self._assert_words(f"{self.url}/terms", "Hourly rates, without taxes")
        self._assert_words(
            f"{self.url}/ledgers/{self.ledger.id}",
            "Opening balance",
            "Use of the last twelve months",
        )


@tagged("post_install", "-at_install")
class TestContractTourOnTelephone(OnTelephone, TestContractTour):
    pass
