# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Buying, renewing and coming back in a real browser."""

from odoo import Command
from odoo.tests import HttpCase, tagged

from .common_release import ReleaseCommon
from .common_tour import OnTelephone, PortalTour
from .test_portal_renew import TermCase
from .test_portal_topup import BuyCase


@tagged("post_install", "-at_install")
class TestBuyTours(PortalTour, BuyCase):
    #: types are columns where there is room, and cards where there is not
    offers_tour = "support_offers_tour"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_provider()
        cls.env["support.contract.type"].search([]).portal_shown = False
        cls.packages = cls._create_type(
            name="Packages", portal_shown=True, renewal="none"
        )
        cls._create_time_type(900, name="Fifteen hours", portal_shown=True)
        for hours in (4, 15):
            cls._create_package(cls.packages, hours)

    def test_topup(self):
        """ordered, paid with Odoo's form, and credited"""
        url = f"/my/support-contracts/{self.contract.id}/topup"
        before = self.ledger.balance
        self._assert_words(url, "What would you like to add?", "How many")
        self.start_tour(url, "support_topup_tour", login=self.portal_user.login)
        order = self._orders()
        self.assertEqual((order.state, order.amount_total), ("sale", 1600))
        self.assertEqual(self.ledger.balance, before + 1200)

    def test_offers(self):
        url = "/my/support/offers"
        self._assert_words(url, "Our support contracts", "Comparison (PDF)")
        self._assert_words(f"{url}/{self.packages.id}", "Compare with the others")
        self.start_tour(url, self.offers_tour, login=self.portal_user.login)
        order = self._orders()
        self.assertEqual((order.state, order.amount_total), ("sent", 280))


@tagged("post_install", "-at_install")
class TestBuyToursOnTelephone(OnTelephone, TestBuyTours):
    offers_tour = "support_offers_phone_tour"


@tagged("post_install", "-at_install")
class TestTermTours(PortalTour, TermCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["support.contract.type"].search([]).portal_shown = False
        cls.better = cls._create_time_type(900, name="More hours", portal_shown=True)
        ticket = cls._create_ticket(support_work_mode_id=cls.remote.id)
        cls._log_work(ticket, 60)

    def test_renew(self):
        self._assert_words(self._url("renew"), "Renewal", "Do not renew")
        self._assert_words(self.yearly.access_url, "Balance")
        self.start_tour(
            self.yearly.access_url,
            "support_renew_tour",
            login=self.portal_user.login,
        )
        self.assertEqual(self._orders().state, "sale")
        self.assertEqual(len(self.yearly.term_ids), 2)

    def test_change_type(self):
        self._assert_words(self._url("change-type"), "Which contract type suits you?")
        self.start_tour(
            self._url("change-type"),
            "support_change_type_tour",
            login=self.portal_user.login,
        )
        self.assertEqual(self.yearly.renewed_by_ids.type_id, self.better)

    def test_reinstate(self):
        """the lapsed contract lives as soon as it is paid"""
        self._set_up_provider()
        fee = self._create_product("Back again", 200)
        lapsed = self._create_fee_contract(
            14,
            lapsed=True,
            name="Gone",
            grace_days=10,
            reinstatement_ids=[
                Command.create({"kind": "fee", "until_day": 300, "product_id": fee.id}),
            ],
        )
        self._assert_words(self._url("reinstate", lapsed), "Reinstatement")
        self.start_tour(
            "/my/support", "support_reinstate_tour", login=self.portal_user.login
        )
        self.assertEqual(self._orders().amount_total, 1400)
        self.assertEqual(lapsed.state, "active")


@tagged("post_install", "-at_install")
class TestTermToursOnTelephone(OnTelephone, TestTermTours):
    pass


@tagged("post_install", "-at_install")
class TestReleaseTour(PortalTour, ReleaseCommon, HttpCase):
    def test_download(self):
        contract = self._create_contract(self._create_type(includes_updates=True))
        covered = self._create_installation(contract=contract, name="Shop Rome")
        self._create_installation(name="Shop Milan")
        release = self._create_release()
        self.start_tour(
            "/my/support", "support_releases_tour", login=self.portal_user.login
        )
        log = self.env["support.release.download"].search([])
        self.assertEqual(
            (log.user_id, log.release_id, log.installation_id),
            (self.portal_user, release, covered),
        )
        self.authenticate(self.portal_user.login, self.portal_user.login)
        self._assert_words("/my/support/releases", "Included", "Not included")


@tagged("post_install", "-at_install")
class TestReleaseTourOnTelephone(OnTelephone, TestReleaseTour):
    lang = "pl_PL"
