# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What windows may tell: their values are read with the rights of who opens them."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .test_planning import PlanningCase


@tagged("post_install", "-at_install")
class TestWindows(PlanningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.apprentice = cls._create_user(
            "apprentice", "helpdesk_mgmt.group_helpdesk_user_own"
        )

    def setUp(self):
        super().setUp()
        self._contract()
        self.own = self._create_ticket(user_id=self.apprentice.id)
        self.foreign = self._create_ticket(
            name="Secret of another team", user_id=self.colleague.id
        )
        with self.assertRaises(AccessError):
            self.foreign.with_user(self.apprentice).check_access("read")

    def _open(self, model, **vals):
        # what a server reads from the database each time
        self.env.invalidate_all()
        window = self.env[model].with_user(self.apprentice).create(vals)
        window.env.flush_all()
        return window

    def test_message_of_another(self):
        """a message that the user may not read is no text to split off"""
        window = self._open(
            "support.ticket.split", ticket_id=self.own.id, name="x", description="y"
        )
        secret = self.env["mail.message"].create(
            {"body": "Salary of Mario", "message_type": "user_notification"}
        )
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            window.message_id = secret
            window.env.flush_all()
        with self.assertRaises(AccessError):
            window.browse().onchange(
                {"ticket_id": self.own.id, "message_id": secret.id},
                ["message_id"],
                {"ticket_id": {}, "message_id": {}, "description": {}},
            )

    def test_ticket_of_another(self):
        for model in (
            "support.intervention.request",
            "support.ticket.price",
            "support.ticket.split",
        ):
            vals = {"ticket_id": self.foreign.id}
            if model == "support.ticket.split":
                vals |= {"name": "x", "description": "y"}
            if model == "support.ticket.price":
                vals["work_mode_id"] = self.foreign.support_work_mode_id.id
            with self.subTest(model=model), self.assertRaises(AccessError):
                self._open(model, **vals)

    def test_work_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other vendor"})
        work = self._request()
        self.apprentice.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        with self.assertRaises(AccessError):
            self._open("support.intervention.plan", intervention_id=work.id)
