# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What people see, in a real browser."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestTours(SupportCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["support.contract.type"].create(
            {
                "name": "Tour Hours",
                "company_id": cls.company.id,
                "allotment_ids": [Command.create({"unit": "time", "quantity": 600})],
            }
        )

    def test_contract_to_balance(self):
        """A contract is sold and activated, a ticket opened and worked on, and the
        balance falls."""
        self.start_tour(
            "/odoo/support-contracts",
            "support_contract_tour",
            login=self.manager.login,
        )
        contract = self.env["support.contract"].search(
            [("type_id.name", "=", "Tour Hours")]
        )
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.gate_minutes, 90)
        self.assertEqual(contract.ledger_ids.balance, 450)
        self.assertEqual(contract.ledger_ids.reserved, 0)
        self.assertEqual(contract.ticket_ids.support_intervention_ids.state, "done")
