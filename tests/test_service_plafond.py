# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S2, Plafond: "a rechargeable wallet which is used each time that a call for help is
made. To have help, the wallet must hold an amount that covers at least two hours of
the help that is asked for." """

from odoo.tests import tagged

from .common_service import ServiceCommon


@tagged("post_install", "-at_install")
class TestServicePlafond(ServiceCommon):
    """An hour costs EUR 55 by phone, 60 in a remote session and 70 on site."""

    def setUp(self):
        super().setUp()
        freezer = self._at("2026-02-02")
        freezer.start()
        self.addCleanup(freezer.stop)

    def test_each_call_draws_on_the_wallet(self):
        contract = self._sell("plafond")
        self.assertEqual(self._balance(contract), "500.00 €")
        session = self._ask("remote")
        self._assert_covered(session, contract, "the wallet holds 500.00 €")
        self.assertEqual(self._drawn(self._work(session, 80)), "90.00 €")
        self._close(session)
        visit = self._ask("on_site")
        self.assertEqual(self._drawn(self._work(visit, 100)), "140.00 €")
        self._close(visit)
        self.assertEqual(self._balance(contract), "270.00 €")
        self._assert_sound()

    def test_one_euro_below_two_hours_is_refused(self):
        contract = self._sell("plafond", amount=139)
        ticket = self._ask("on_site")
        self._assert_refused(
            ticket,
            "the wallet holds 139.00 €, but 2:00 h of this work cost 140.00 €",
            "this contract rules out on-call help",
        )
        self.assertFalse(contract.ledger_ids.reserved)
        self.assertEqual(ticket.support_rank, 1000)
        # two hours on the phone cost 110
        self._assert_covered(self._ask("phone"), contract)
        self._assert_sound()

    def test_exactly_two_hours_are_accepted_and_reserved(self):
        contract = self._sell("plafond", amount=140)
        ticket = self._ask("on_site")
        self._assert_covered(ticket, contract, "the wallet holds 140.00 €")
        ledger = self._flushed(contract.ledger_ids)
        self.assertEqual((ledger.balance, ledger.reserved), (140, 140))
        self.assertEqual(ticket.support_reservation_ids.quantity, 140)
        # they are kept for this ticket: nobody else gets them
        self._assert_refused(
            self._ask("phone"),
            "the wallet holds 0.00 €, but 2:00 h of this work cost 110.00 €",
            "this contract rules out on-call help",
        )
        self.assertEqual(self._drawn(self._work(ticket, 120)), "140.00 €")
        ledger = self._flushed(contract.ledger_ids)
        self.assertEqual((ledger.balance, ledger.reserved), (0, 0))
        self._assert_sound()

    def test_what_was_reserved_and_not_used_is_free_again(self):
        contract = self._sell("plafond", amount=200)
        ticket = self._ask("on_site")
        self.assertEqual(self._balance(contract), "60.00 €")
        self._close(ticket)
        self.assertEqual(self._balance(contract), "200.00 €")
        self._assert_covered(self._ask("on_site"), contract)

    def test_a_recharge_opens_the_gate(self):
        contract = self._sell("plafond", amount=139)
        self.assertEqual(self._ask("on_site").support_cover, "none")
        self.env["support.ledger.correct"].with_user(self.manager).create(
            {
                "ledger_id": contract.ledger_ids.id,
                "mode": "add",
                "quantity": 1,
                "reason": "Recharged",
            }
        ).action_confirm()
        self._assert_covered(self._ask("on_site"), contract)

    def test_work_beyond_the_wallet_is_charged(self):
        contract = self._sell("plafond", amount=140)
        work = self._work(self._ask("on_site"), 180)
        self.assertEqual(self._drawn(work), "140.00 €")
        self.assertEqual((work.overage_minutes, work.overage_amount), (60, 70))
        self.assertEqual(self._balance(contract), "0.00 €")

    def test_changes_of_law_come_even_with_an_empty_wallet(self):
        contract = self._sell("plafond", amount=1)
        for category in ("legal", "installation"):
            ticket = self._ask("remote", category)
            self._assert_covered(ticket, contract, "this request type is free")
            self.assertFalse(self._drawn(self._work(ticket, 45)))
        self.assertEqual(self._balance(contract), "1.00 €")

    def test_the_wallet_outlives_the_year(self):
        contract = self._sell("plafond")
        with self._at("2027-03-01"):
            self._nightly_jobs()
            self.assertEqual(contract.state, "expired")
            self.assertEqual(self._balance(contract), "500.00 €")

    def _close(self, ticket):
        ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
