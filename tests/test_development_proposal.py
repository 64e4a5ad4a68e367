# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S5: "Development. Knowing your organisation well, we propose how the system can be
developed"; "Add-ons: new printouts, reports or functions"."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SupportCommon
from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestDevelopmentProposal(ServiceCommon):
    def setUp(self):
        super().setUp()
        with self._at("2026-01-12"):
            self.contract = self._sell("sla_monthly")
            self.ticket = self._ask("remote", "development", name="A new printout")

    def test_from_a_ticket(self):
        self._assert_covered(
            self.ticket, self.contract, "this request type is quoted first"
        )
        ticket = self.ticket.with_user(self.contract_user)
        action = ticket.action_support_propose_development()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertRecordValues(
            order,
            [
                {
                    "state": "draft",
                    "partner_id": self.contact.id,
                    "company_id": self.company.id,
                    "user_id": self.contract_user.id,
                    "origin": self.ticket.number,
                    "support_ticket_id": self.ticket.id,
                    "support_contract_id": self.contract.id,
                }
            ],
        )
        self.assertIn("A new printout", order.order_line.name)
        self.assertEqual(ticket.support_proposal_ids, order)
        self.assertEqual(ticket.support_proposal_count, 1)
        self.assertIn(order.name, ticket.message_ids[0].body)
        self.assertEqual(ticket.action_support_view_proposals()["res_id"], order.id)
        contract = self.contract.with_user(self.contract_user)
        self.assertEqual((contract.proposal_ids, contract.proposal_count), (order, 1))
        self.assertEqual(order.action_view_support_ticket()["res_id"], self.ticket.id)
        self.assertEqual(
            order.action_view_support_contract()["res_id"], self.contract.id
        )

    def test_from_a_contract(self):
        contract = self.contract.with_user(self.contract_user)
        for number in (1, 2):
            contract.action_propose_development()
            self.assertEqual(contract.proposal_count, number)
        orders = contract.proposal_ids
        self.assertFalse(orders.support_ticket_id)
        self.assertEqual(orders.partner_id, self.customer)
        domain = contract.action_view_proposals()["domain"]
        self.assertEqual(self.env["sale.order"].search(domain), orders)

    def test_it_is_sold_like_any_quotation(self):
        self.contract.with_user(self.contract_user).action_propose_development()
        order = self.contract.proposal_ids
        order.order_line.create(
            {
                "order_id": order.id,
                "product_id": self.product_remote.id,
                "product_uom_qty": 10,
            }
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        twin = order.copy()
        self.assertFalse(twin.support_contract_id)

    def test_in_the_customers_language(self):
        self.env["res.lang"]._activate_lang("it_IT")
        self.contact.lang = "it_IT"
        action = self.ticket.with_user(
            self.contract_user
        ).action_support_propose_development()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertIn("A new printout", order.order_line.name)

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.technician).action_support_propose_development()
        with self.assertRaises(AccessError):
            self.contract.with_user(self.technician).action_propose_development()
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.technician).read(["support_proposal_ids"])
        with self.assertRaises(AccessError):
            self.ticket.with_user(self.portal_user).action_support_propose_development()

    def test_of_another_customer(self):
        with SupportCommon._assert_refused(self, "is not one of Beta"):
            self.env["sale.order"].create(
                {
                    "partner_id": self.other_customer.id,
                    "company_id": self.company.id,
                    "support_contract_id": self.contract.id,
                }
            )

    def test_unknown_customer(self):
        ticket = self.ticket.copy({"partner_id": False, "name": "By mail"})
        with SupportCommon._assert_refused(self, "choose the contact first"):
            ticket.with_user(self.contract_user).action_support_propose_development()
