# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Buying in a real browser, on a desktop and on a telephone."""

from odoo.tests import tagged

from .test_portal_topup import BuyCase


class BuyTours(BuyCase):
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
            cls._create_product(
                f"Package of {hours} hours",
                hours * 70,
                support_sells="package",
                support_contract_type_id=cls.packages.id,
                support_quantity=hours * 60,
                support_validity_months=6,
            )

    def _check_topup(self):
        self.start_tour(
            f"/my/support-contracts/{self.contract.id}/topup",
            "support_topup_tour",
            login=self.portal_user.login,
        )
        order = self._orders()
        self.assertEqual((order.state, order.amount_total), ("sent", 1600))

    def _check_offers(self, tour):
        self.start_tour("/my/support/offers", tour, login=self.portal_user.login)
        order = self._orders()
        self.assertEqual((order.state, order.amount_total), ("sent", 280))


@tagged("post_install", "-at_install")
class TestBuyTours(BuyTours):
    def test_topup(self):
        self._check_topup()

    def test_offers(self):
        self._check_offers("support_offers_tour")


@tagged("post_install", "-at_install")
class TestBuyPhoneTours(BuyTours):
    browser_size = "375x667"
    touch_enabled = True

    def test_topup(self):
        self._check_topup()

    def test_offers(self):
        self._check_offers("support_offers_phone_tour")
