# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A customer looks at its contract, in a real browser."""

from odoo.tests import tagged

from .common_contract_page import ContractPageCase


class ContractTourCase(ContractPageCase):
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

    def _look(self):
        self.contract.sudo()._write({"compare_activations": True})
        ticket = self._create_ticket(
            self.portal_user.partner_id,
            support_contract_id=self.contract.id,
            name="A title without any space: " + "x" * 60,
        )
        self._log_work(ticket, 90, name="A summary: https://example.com/" + "x" * 60)
        self.start_tour(
            self.url, "support_contract_page_tour", login=self.portal_user.login
        )
        self.assertEqual(self.installation.activations_stated, 7)
        self.assertEqual(
            len(
                self.contract.message_ids.filtered(
                    lambda note: "looked at the support code" in note.body
                )
            ),
            1,
        )


@tagged("post_install", "-at_install")
class TestContractTour(ContractTourCase):
    def test_on_a_desktop(self):
        self._look()


@tagged("post_install", "-at_install")
class TestContractTourPhone(ContractTourCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_on_a_telephone(self):
        self._look()
