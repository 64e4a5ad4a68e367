# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What people see, in a real browser."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SupportCommon
from .common_tour import OnTelephone, PortalTour


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

    def test_incoming_calls_from_the_keyboard(self):
        """S4: the code and Enter, the topic and Enter, and the ticket is there"""
        self.company.country_id = self.env.ref("base.it")
        self.company.resource_calendar_id = False
        self.contact.phone = "+39 06 4567 8901"
        contract = self._create_contract(self._create_time_type())
        contract.support_code = "482913060"
        self.start_tour(
            "/odoo/incoming-call",
            "support_call_desk_tour",
            login=self.technician.login,
        )
        calls = self.env["support.call"].search([], order="id")
        self.assertEqual(calls.mapped("identified_by"), ["code", "phone", "search"])
        self.assertEqual(
            calls.mapped("outcome"), ["ticket_new", "ticket_note", "callback"]
        )
        self.assertEqual(calls.user_id, self.technician)
        ticket = calls[0].ticket_id
        self.assertEqual(ticket.name, "The till is dark")
        self.assertEqual(ticket.support_contract_id, contract)
        self.assertEqual(calls[1].ticket_id, ticket)
        callback = calls[2].callback_id
        self.assertEqual(
            (callback.topic, callback.partner_id, callback.contract_id),
            ("The till again", self.contact, contract),
        )


@tagged("post_install", "-at_install")
class TestSignHere(PortalTour, SupportCommon, HttpCase):
    """The customer signs on the technician's device: what it reads is in the customer's
    language, whatever the technician's."""

    def test_hand_over(self):
        """handed over, read, drawn with a finger, and nobody is logged in any more"""
        self.customer.lang = self.contact.lang = self.lang
        self._create_contract(self._create_time_type())
        work = self._log_work(
            self._create_ticket(),
            90,
            name="A summary that is much longer than the width of a telephone",
            description="Cash desk repaired\n" + "https://example.com/" + "x" * 80,
        )
        url = work.with_user(self.technician)._make_sign_link()
        path = url.removeprefix(work.get_base_url())
        self._assert_words(path, "Your remarks", "Kind of work")
        self._assert_words("/support/signed", "Thank you, the sheet is signed.")
        self.start_tour(path, "support_sign_tour", login=self.technician.login)
        work.invalidate_recordset()
        self.assertEqual(work.signed_by, "Anna Alpha")
        self.assertEqual(work.signed_remark, "All is well")
        self.assertIn("HeadlessChrome", work.signature_user_agent)
        self.assertTrue(work.signature)


@tagged("post_install", "-at_install")
class TestSignHereOnTelephone(OnTelephone, TestSignHere):
    lang = "pl_PL"
