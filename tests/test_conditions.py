# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""General conditions: versions, and which one a contract keeps."""

from unittest import TestCase

from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, tagged

from odoo.addons.support_contract.tools.frozen_html import without_fetches

from .common import SupportCommon


class TestFrozenHtml(TestCase):
    def test_what_stays(self):
        text = '<p style="color: red">A &amp; <b>B</b></p><img src="data:image/png;,x">'
        self.assertEqual(str(without_fetches(text)), text)
        self.assertEqual(str(without_fetches("1 < 2 <b>x</b>")), "1 &lt; 2 <b>x</b>")
        for empty in (None, False, "", "  "):
            self.assertEqual(without_fetches(empty), "")

    def test_what_goes(self):
        """nothing that is fetched or run is left, and the text is"""
        for text in (
            "<img src='http://10.0.0.1/x'>",
            "<img src='file:///etc/passwd'>",
            "<p style='background: URL(http://10.0.0.1/x)'>a</p>",
            "<p style='background: u\\72l(http://10.0.0.1/x)'>a</p>",
            "<style>@import url(http://10.0.0.1/x)</style>",
            "<link rel='stylesheet' href='http://10.0.0.1/x'>",
            "<iframe src='http://10.0.0.1/x'></iframe>",
            "<table background='http://10.0.0.1/x'><tr><td>a</td></tr></table>",
            "<object data='http://10.0.0.1/x'></object>",
            "<svg><image href='http://10.0.0.1/x'/></svg>",
            "<p onclick='x(\"http://10.0.0.1/x\")'>a</p>",
            "<!-- http://10.0.0.1/x -->",
        ):
            with self.subTest(text=text):
                found = str(without_fetches(f"<p>before</p>{text}<p>after</p>"))
                self.assertNotIn("10.0.0.1", found)
                self.assertNotIn("passwd", found)
                self.assertTrue(found.startswith("<p>before</p>"))
                self.assertTrue(found.endswith("<p>after</p>"))


@tagged("post_install", "-at_install")
class TestConditions(SupportCommon, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.conditions = (
            cls.env["support.conditions"]
            .with_user(cls.manager)
            .create({"name": "Terms", "body": "<p>One</p>", "company_id": False})
        )

    def test_published_stays(self):
        conditions = self.conditions
        conditions.body = "<p>Another</p>"
        conditions.action_publish()
        self.assertEqual(conditions.published_on, self.company._support_day())
        self.env["res.lang"]._activate_lang("it_IT")
        for user in (self.manager, self.env.user):
            record = conditions.with_user(user)
            for values in ({"body": "<p>x</p>"}, {"name": "x"}):
                with self._assert_refused("new version|nuova versione"):
                    record.write(values)
                with self._assert_refused("new version|nuova versione"):
                    record.with_context(lang="it_IT").write(values)
            with self._assert_refused("new version|nuova versione"):
                record.update_field_translations("name", {"it_IT": "Condizioni"})
            with self._assert_refused("new version|nuova versione"):
                record.update_field_translations(
                    "body", {"it_IT": {"Another": "Altro"}}
                )
            with self._assert_refused("new version|nuova versione"):
                record.unlink()
        with self._assert_refused("is published"):
            conditions.action_publish()

    def test_set_by_actions_only(self):
        for values in (
            {"state": "published"},
            {"version": 5},
            {"origin_id": self.conditions.id},
            {"published_on": "2026-01-01"},
        ):
            with self._assert_refused("own actions only"):
                self.conditions.write(values)
            with self._assert_refused("own actions only"):
                self.conditions.create({"name": "x", **values})
        made = self.conditions.with_context(
            default_state="published", default_version=9
        ).create({"name": "x"})
        self.assertEqual((made.state, made.version), ("draft", 1))

    def test_no_text(self):
        self.conditions.body = "<p><br></p>"
        with self._assert_refused("has no text"):
            self.conditions.action_publish()

    def test_versions(self):
        """types take the new version over, contracts keep theirs"""
        first = self.conditions
        first.action_publish()
        contract_type = self._create_time_type(conditions_id=first.id)
        contract = self._create_contract(contract_type, activate=False)
        self.assertEqual(contract.conditions_id, first)
        action = first.action_new_version()
        second = first.browse(action["res_id"])
        self.assertEqual((second.version, second.state), (2, "draft"))
        self.assertEqual(second.body, first.body)
        second.body = "<p>Two</p>"
        second.action_publish()
        self.assertEqual(first.state, "withdrawn")
        self.assertEqual(contract_type.conditions_id, second)
        self.assertEqual(contract.conditions_id, first)
        third = first.browse(second.action_new_version()["res_id"])
        self.assertEqual(third.version, 3)
        self.assertEqual(third.origin_id, first)
        with self._assert_refused("is used by Support"):
            second.action_withdraw()
        contract_type.conditions_id = False
        second.action_withdraw()
        self.assertEqual(second.state, "withdrawn")
        with self._assert_refused("is not published"):
            third.action_withdraw()

    def test_agreed(self):
        """a contract that is signed keeps its conditions"""
        self.conditions.action_publish()
        contract = self._create_contract(self._create_time_type())
        with self._assert_refused():
            contract.conditions_id = self.conditions

    def test_rights(self):
        for user in (self.technician, self.contract_user):
            with self.assertRaises(AccessError):
                self.conditions.with_user(user).action_publish()
            with self.assertRaises(AccessError):
                self.conditions.with_user(user).name = "x"

    def test_shipped(self):
        conditions = self.env.ref("support_contract.conditions_supply")
        self.assertEqual(conditions.state, "published")
        types = [
            self.env.ref(f"support_contract.type_activation_{name}")
            for name in ("call", "12", "24")
        ]
        for contract_type in types:
            self.assertEqual(contract_type.conditions_id, conditions)
            others = {item.id for item in types} - {contract_type.id}
            self.assertEqual(set(contract_type.alternative_ids.ids), others)
