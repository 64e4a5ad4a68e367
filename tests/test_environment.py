# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the other tests rely on without saying so."""

import shutil

from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import find_in_path

from odoo.addons.support_contract import __path__ as addon_path


@tagged("post_install", "-at_install")
class TestPrograms(BaseCase):
    def test_printing_program_is_found(self):
        self.assertTrue(find_in_path("wkhtmltopdf"))

    def test_browser_is_found(self):
        names = ["google-chrome", "chromium", "chromium-browser"]
        self.assertTrue(any(shutil.which(name) for name in names))

    def test_addon_has_its_name_in_any_folder(self):
        self.assertTrue(addon_path[0].endswith("/support_contract"))


@tagged("post_install", "-at_install")
class TestBrowser(HttpCase):
    def test_login_page_runs_scripts_and_has_styles(self):
        self.browser_js(
            "/web/login",
            """
            const sheets = [...document.styleSheets].filter(s => s.cssRules.length);
            if (sheets.length === 0) {
                console.error("no style sheet was loaded");
            } else {
                console.log("test successful");
            }
            """,
        )
