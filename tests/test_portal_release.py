# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Releases in the portal: of one's own software, by entitlement, every download
logged."""

from lxml import html

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from .common_release import CONTENT, ReleaseCommon

URL = "/my/support/releases"


@tagged("post_install", "-at_install")
class TestReleases(ReleaseCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_contract(cls._create_type(includes_updates=True))
        cls.covered = cls._create_installation(contract=cls.contract, name="Shop Rome")
        cls.bare = cls._create_installation(name="Shop Milan")
        cls.release = cls._create_release()
        cls.foreign = cls._create_release(
            "9.9", product_tmpl_id=cls.other_software.product_tmpl_id.id
        )
        cls.other_till = cls._create_installation(
            cls.other_customer, product_id=cls.other_software.id
        )
        cls.draft = cls._create_release("3.0", publish=False)

    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _text(self, response):
        page = html.fromstring(response.content)
        return " ".join(page.xpath("//main")[0].text_content().split())

    def _download(self, release, file=None, csrf=True, **kw):
        file = file or release.file_ids
        data = {"csrf_token": Request.csrf_token(self)} if csrf else {"x": 1}
        response = self.url_open(f"{URL}/{release.id}/files/{file.id}", data=data, **kw)
        self.env.invalidate_all()
        return response

    def _log(self):
        return self.env["support.release.download"].search([])

    def _assert_home(self, response):
        self.assertTrue(response.url.rstrip("/").endswith("/my"), response.url)

    def test_page(self):
        text = self._text(self.url_open(URL))
        for part in (
            "Ledger 2.0",
            "All new",
            "setup.zip",
            "Shop Rome: Included",
            "Shop Milan: Not included",
            "a support contract brings updates",
        ):
            self.assertIn(part, text)
        self.assertNotIn("9.9", text)
        self.assertNotIn("3.0", text)
        self.assertFalse(self._log())

    def test_download(self):
        response = self._download(self.release)
        self.assertEqual(response.content, CONTENT)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        log = self._log()
        self.assertEqual(
            (log.user_id, log.release_id, log.installation_id, log.contract_id),
            (self.portal_user, self.release, self.covered, self.contract),
        )
        # again: another download, which works and is logged
        self.assertEqual(self._download(self.release).content, CONTENT)
        self.assertEqual(len(self._log()), 2)

    def test_only_by_post(self):
        url = f"{URL}/{self.release.id}/files/{self.release.file_ids.id}"
        self.assertEqual(self.url_open(url).status_code, 405)
        self.assertEqual(self._download(self.release, csrf=False).status_code, 400)
        self.assertFalse(self._log())

    def test_not_entitled(self):
        self.covered.active = False
        response = self.url_open(URL)
        self.assertNotIn("/files/", response.text, "no button for what cannot be had")
        response = self._download(self.release)
        self.assertIn("You cannot download", self._text(response))
        self.assertFalse(self._log())

    def test_of_others(self):
        """somebody else's software, drafts, and files of another release"""
        for release in (self.foreign, self.draft):
            self._assert_home(self._download(release))
        self._assert_home(self._download(self.release, file=self.foreign.file_ids))
        self._assert_home(
            self.url_open(
                f"{URL}/99999999/files/1",
                data={"csrf_token": Request.csrf_token(self)},
            )
        )
        self._login(self.other_portal_user)
        text = self._text(self.url_open(URL))
        self.assertIn("9.9", text)
        self.assertNotIn("Ledger 2.0", text)
        self.assertNotIn("Shop Rome", text)
        self._assert_home(self._download(self.release))
        self.assertFalse(self._log())

    def test_nothing_installed(self):
        self._login(self._create_portal_user("gamma", self._create_customer("Gamma")))
        self.assertIn("no software of ours", self._text(self.url_open(URL)))
        self._assert_home(self._download(self.release))

    def test_withdrawn(self):
        self.release.action_withdraw()
        self.assertIn("no release", self._text(self.url_open(URL)))
        self._assert_home(self._download(self.release))

    def test_other_pages(self):
        for page in ("0", "1", "2", "999999999999999999999"):
            self.assertEqual(self.url_open(f"{URL}/page/{page}").status_code, 200, page)

    def test_queries(self):
        """at most 25, however many releases and installations there are"""

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(self.url_open(URL).status_code, 200)
            return self.cr.sql_log_count - before

        count()
        few = count()
        for number in range(15):
            self._create_release(f"4.{number}")
            self._create_installation(contract=self.contract, name=f"Shop {number}")
        many = count()
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 25)
