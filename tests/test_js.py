# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The unit tests of what runs in the browser."""

from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestJs(HttpCase):
    def test_unit(self):
        """those in ``static/tests/unit``, and none of other addons"""
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={self._get_suite_id('@support_contract')}",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )

    def _get_suite_id(self, name):
        """The name's hash, by which Odoo's test runner finds a suite."""
        number = 0
        for char in name:
            number = (31 * number + ord(char)) & 0xFFFFFFFF
        return f"{number:08x}"
