# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S7, occasional help: "You decide yourself when to contact us. The reaction time is
not guaranteed. It is the dearest option." """

from odoo.tests import tagged

from .common_service import AGREED, ON_CALL, ServiceCommon


@tagged("post_install", "-at_install")
class TestServiceOnCall(ServiceCommon):
    def setUp(self):
        super().setUp()
        freezer = self._at("2026-03-02", hour=18)
        freezer.start()
        self.addCleanup(freezer.stop)

    def test_no_contract_is_needed(self):
        ticket = self._ask()
        self.assertEqual(ticket.support_cover, "on_call")
        self.assertFalse(ticket.support_contract_id)
        self.assertEqual(self._why(ticket), ["help at the on-call tariff"])

    def test_it_is_billed_by_the_hour_and_is_the_dearest(self):
        for mode, price in ON_CALL.items():
            work = self._work(self._ask(mode), 60)
            self.assertEqual(work.cover, "on_call")
            self.assertEqual(work.overage_minutes, 60)
            self.assertEqual(work.overage_amount, price)
            self.assertGreater(price, AGREED[mode])
        # by minimum and step of the work mode: an hour for a short visit
        self.assertEqual(self._work(self._ask("on_site"), 20).overage_amount, 110)
        self.assertEqual(self._work(self._ask("remote"), 31).overage_amount, 67.5)

    def test_the_same_work_costs_less_with_a_contract(self):
        ticket = self._ask()
        before = self._work(ticket, 60)
        contract = self._sell("plafond")
        after = self._work(self._ask(), 60)
        self.assertEqual(before.overage_amount, 90)
        self.assertEqual((after.contract_id, self._drawn(after)), (contract, "60.00 €"))

    def test_it_is_served_last(self):
        ticket = self._ask()
        ranks = self.env["support.contract.type"].search([]).mapped("rank")
        self.assertGreater(ticket.support_rank, max(ranks))
        for kind, package in (
            ("sla_monthly", None),
            ("presidio", None),
            ("plafond", None),
            ("ticket_pack", "tickets_10"),
            ("package", "package_4h"),
        ):
            customer = self._create_customer(kind)
            self._sell(kind, package, partner=customer)
            self.assertLess(
                self._ask(partner=customer).support_rank, ticket.support_rank
            )

    def test_a_vendor_may_give_none(self):
        self.company.support_on_call = False
        ticket = self._ask()
        self._assert_refused(ticket, "the company gives no help without a contract")
        self._assert_cannot_work(ticket, 30, "Nothing covers")

    def test_without_a_price_no_work_is_done(self):
        self.tariff.item_ids.unlink()
        self.modes["remote"].product_id.list_price = 0
        self._assert_cannot_work(self._ask(), 30, "no hourly price")
