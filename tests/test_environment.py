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
    """Pages load their scripts and styles: a missing one is an error in the browser."""

    succeed_if_styled = """
        const sheets = [...document.styleSheets].filter((s) => s.cssRules.length);
        if (sheets.length) {
            console.log("test successful");
        } else {
            console.error("no style sheet was loaded");
        }
    """

    def test_public_pages(self):
        self.browser_js(
            "/web/login",
            self.succeed_if_styled,
            ready="document.querySelector('.oe_login_form:not(.d-none)') !== null",
        )

    def test_backend_pages(self):
        self.browser_js(
            "/odoo",
            self.succeed_if_styled,
            ready="document.querySelector('.o_main_navbar') !== null",
            login="admin",
        )
