# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""S7, S8, S9: help that nothing covers has a price that the customer accepts before
the work begins."""

from datetime import datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .test_surcharges import HoursCase

NOW = datetime(2026, 3, 20, 22, 0)


class PriceCase(HoursCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.support_on_call = True
        cls.ticket = cls._create_ticket()

    def _todo(self, minutes=60, clock=(10, 0), **vals):
        """Work that is not done yet, as the technician has it."""
        work = self._work_at(self.ticket, clock, minutes, done=False, **vals)
        return work.with_user(self.technician)

    def _done(self, *args, **vals):
        work = self._todo(*args, **vals)
        work.action_done()
        return work.sudo()

    def _accept(self, clock=(9, 0), limit=0, **vals):
        return self._accept_price(
            self.ticket.with_user(self.technician),
            moment=self._moment("2026-03-20", time(*clock)),
            limit=limit,
            **vals,
        )


@tagged("post_install", "-at_install")
class TestAcceptance(PriceCase):
    def test_no_work_without_it(self):
        """S7: the dearest; the price is accepted before billable work starts"""
        self.assertTrue(self.ticket.support_price_needed)
        work = self._todo()
        with self._assert_refused("has not accepted the price of Remote.*Offer Price"):
            work.action_done()
        with self._assert_refused("has not accepted"):
            work._check_accepted(work.start)
        acceptance = self._accept()
        work._check_accepted(work.start)
        work.action_done()
        work = work.sudo()
        self.assertEqual(work.acceptance_id, acceptance.sudo())
        self.assertEqual((work.overage_amount, work.charge_ids.amount), (80, 80))
        self.assertFalse(self.ticket.support_price_needed)

    def test_too_late(self):
        """accepted_on must not lie after the start"""
        self._accept(clock=(10, 1))
        work = self._todo()
        with self._assert_refused("only after the work had begun"):
            work.action_done()
        with self._assert_refused("only after"):
            work._check_accepted(work.start)
        # it was accepted earlier, by phone, and is recorded afterwards
        self._accept(clock=(10, 0))
        work.action_done()
        self.assertEqual(work.state, "done")

    def test_not_in_the_future(self):
        with self._assert_refused("cannot be accepted in the future"):
            self._accept_price(self.ticket, moment=NOW + timedelta(minutes=1))
        with self._assert_refused("who has accepted"):
            self.ticket._support_accept_by_phone(self.remote, " ", NOW)

    def test_up_to_three_hours(self):
        acceptance = self._accept(limit=180)
        self._done(120)
        self.assertEqual(acceptance._get_room(), 60)
        with self._assert_refused("1:30 h are to be charged.*only 1:00 h are left"):
            self._done(90, (14, 0))
        last = self._done(60, (14, 0))
        self.assertEqual(acceptance._get_room(), 0)
        self.assertTrue(self.ticket.support_price_needed)
        work = self._todo(10, (15, 30))
        with self._assert_refused("only 0:00 h"):
            work._check_accepted(work.start)
        # what is undone frees its part
        last.with_user(self.technician)._undo("not needed")
        self.assertEqual(acceptance._get_room(), 60)
        work.action_done()
        # and more may be accepted
        self._accept(clock=(15, 0), limit=60)
        self._done(60, (16, 0))

    def test_billed_less_by_hand(self):
        self._accept(limit=30)
        work = self._done(
            60, billable_by_hand=True, manual_minutes=30, manual_reason="agreed"
        )
        self.assertEqual(work.overage_amount, 40)

    def test_goodwill(self):
        """0 billable minutes by hand need no price"""
        work = self._todo(billable_by_hand=True, manual_reason="our mistake")
        work._check_accepted(work.start)
        work.action_done()
        self.assertFalse(work.sudo().charge_ids or work.sudo().acceptance_id)

    def test_each_work_mode_has_its_own(self):
        self._accept(mode=self.phone)
        with self._assert_refused("the price of Remote"):
            self._done()
        self.assertEqual(self._done(mode=self.phone).overage_amount, 60)

    def test_a_later_price_does_not_matter(self):
        """the accepted price is the one charged, with its surcharges"""
        self.company.support_outside_surcharge = 50
        acceptance = self._accept()
        self.product_remote.list_price = 200
        self.company.write(
            {"support_outside_surcharge": 100, "support_travel_charge": "flat"}
        )
        work = self._done(120, (16, 0))
        self.assertEqual((work.hourly_price, work.overage_amount), (80, 80 + 120))
        self.assertEqual(acceptance.terms, "outside the hours +50 %")

    def test_the_newest_with_room_counts(self):
        self._accept()
        self.product_remote.list_price = 100
        self._accept(clock=(9, 30), limit=60)
        self.assertEqual(self._done(60).overage_amount, 100)
        self.assertEqual(self._done(60, (11, 0)).overage_amount, 80)

    def test_the_visit_is_part_of_it(self):
        product = self.env["product.product"].create(
            {"name": "Call-out", "type": "service", "list_price": 45, "taxes_id": []}
        )
        self.company.write(
            {
                "support_travel_charge": "flat",
                "support_travel_product_id": product.id,
            }
        )
        acceptance = self._accept(mode=self.on_site)
        self.assertIn("45.00", acceptance.terms)
        product.list_price = 90
        work = self._done(mode=self.on_site)
        self.assertEqual(sorted(work.charge_ids.mapped("amount")), [45, 120])

    def test_quoted(self):
        """a request that the contract quotes first"""
        request = self.env["helpdesk.ticket.category"].create(
            {"name": "Development", "company_id": self.company.id}
        )
        # accepted on call: another price
        self._accept()
        contract = self._create_contract(
            self._create_time_type(
                600,
                request_ids=[
                    Command.create({"category_id": request.id, "treatment": "quoted"})
                ],
            ),
            date_start="2026-03-01",
        )
        self.ticket.category_id = request
        self.assertEqual(self.ticket.support_treatment, "quoted")
        self.assertTrue(self.ticket.support_price_needed)
        with self._assert_refused("has not accepted"):
            self._done()
        acceptance = self._accept().sudo()
        self.assertFalse(self.ticket.support_price_needed)
        self.assertEqual(acceptance.contract_id, contract)
        work = self._done()
        self.assertEqual((work.contract_id, work.overage_amount), (contract, 80))
        self.assertEqual(work.charge_ids.contract_id, contract)

    def test_nothing_to_accept(self):
        self._create_contract(self._create_time_type(600), date_start="2026-03-01")
        ticket = self._create_ticket()
        self.assertFalse(ticket.support_price_needed)
        with self._assert_refused("is covered by a contract"):
            ticket._support_offer_price(self.remote)
        self.company.support_on_call = False
        for contract in ticket.support_contract_id:
            contract._change_state("terminated", self._day("2026-03-02"), "over")
        ticket = self._create_ticket()
        with self._assert_refused("gives no help without a contract"):
            ticket._support_offer_price(self.remote)

    def test_manager_changes_the_cover_of_work_done(self):
        """it is too late to ask: the manager answers for it"""
        contract = self._create_contract(
            self._create_time_type(600), date_start="2026-03-01"
        )
        ticket = self._create_ticket()
        work = self._work_at(ticket, (10, 0), 60)
        self.assertEqual(work.contract_id, contract)
        ticket.with_user(self.manager)._support_choose_cover(
            self.env["support.contract"], "agreed with the customer"
        )
        self.assertEqual((work.cover, work.overage_amount), ("on_call", 80))


@tagged("post_install", "-at_install")
class TestOffer(PriceCase):
    def _offer(self, **vals):
        return self.ticket.with_user(self.technician)._support_offer_price(
            self.remote, **vals
        )

    def test_customer_is_told(self):
        self.company.support_outside_surcharge = 50
        self.contact.email = "anna@example.com"
        offer = self._offer(limit=180)
        message = self.ticket.message_ids.filtered(
            lambda message: self.contact in message.partner_ids
        )
        body = str(message.body).replace("\N{NO-BREAK SPACE}", " ")
        for text in ("80.00", "outside the hours +50 %", "up to 3:00 h"):
            self.assertIn(text, body)
        self.assertEqual(offer.state, "offered")
        with self._assert_refused("has not accepted"):
            self._done()

    def test_accepted_by_phone_at_the_offered_price(self):
        offer = self._offer()
        self.product_remote.list_price = 200
        self.assertEqual(self._accept(limit=60), offer)
        self.assertEqual((offer.hourly_price, offer.limit_minutes), (80, 60))
        self.assertEqual(
            (offer.accepted_by, offer.channel, offer.recorded_by_id),
            ("Anna Alpha", "phone", self.technician),
        )

    def test_a_new_offer_replaces_the_old_one(self):
        first = self._offer()
        second = self._offer()
        self.assertEqual((first.state, second.state), ("declined", "offered"))

    def test_answered_once(self):
        offer = self._offer()
        offer.action_decline()
        self.assertEqual(offer.state, "declined")
        with self._assert_refused("answered already"):
            offer.action_decline()
        with self._assert_refused("answered already"):
            offer._accept("phone", "Anna", NOW)

    def test_accepted_in_the_reserved_area(self):
        offer = self._offer()
        offer.sudo().with_user(self.portal_user).sudo()._accept_by_customer(limit=60)
        self.assertEqual(
            (offer.state, offer.channel, offer.limit_minutes),
            ("accepted", "portal", 60),
        )
        self.assertEqual(offer.accepted_partner_id, self.portal_user.partner_id)
        self.assertEqual(offer.accepted_on, NOW)

    def test_not_by_others(self):
        """neither another customer nor the vendor's people accept for a customer"""
        offer = self._offer().sudo()
        for user in (self.other_portal_user, self.technician, self.manager):
            for method in ("_accept_by_customer", "_decline_by_customer"):
                with self.assertRaises(AccessError):
                    getattr(offer.with_user(user).sudo(), method)()
        self.assertEqual(offer.state, "offered")

    def _offer_on_contract(self, **vals):
        """A price for what the customer's contract quotes first, as his login sees
        it."""
        request = self.env["helpdesk.ticket.category"].create(
            {"name": "Development", "company_id": self.company.id}
        )
        self._create_contract(
            self._create_time_type(
                600,
                request_ids=[
                    Command.create({"category_id": request.id, "treatment": "quoted"})
                ],
            ),
            date_start="2026-03-01",
            **vals,
        )
        self.ticket.category_id = request
        return self._offer().sudo().with_user(self.portal_user).sudo()

    def test_only_those_who_may_order(self):
        offer = self._offer_on_contract(orderer_ids=[Command.set(self.contact.ids)])
        with self.assertRaises(AccessError):
            offer._accept_by_customer()
        offer.contract_id.orderer_ids += self.portal_user.partner_id
        offer._accept_by_customer()
        self.assertEqual(offer.state, "accepted")

    def test_signatory(self):
        """who signs for a customer accepts its prices; where he alone is named, no
        colleague does"""
        offer = self._offer_on_contract(signatory_id=self.contact.id)
        with self.assertRaises(AccessError):
            offer._accept_by_customer()
        offer.contract_id.signatory_id = self.portal_user.partner_id
        offer.contract_id.orderer_ids = self.contact
        offer._accept_by_customer()
        self.assertEqual(offer.state, "accepted")

    def test_forms(self):
        """what the technician sees and presses"""
        ticket = self.ticket.with_user(self.technician)
        form = Form.from_action(self.env, ticket.action_support_offer_price())
        self.assertEqual((form.hourly_price, form.obstacle), (80, False))
        form.limit_minutes = 120
        form.save().with_user(self.technician).action_confirm()
        offer = self.ticket.support_acceptance_ids
        self.assertEqual((offer.state, offer.limit_minutes), ("offered", 120))
        self.product_remote.list_price = 200
        form = Form.from_action(self.env, ticket.action_support_accept_price())
        self.assertEqual((form.hourly_price, form.limit_minutes), (80, 120))
        self.assertEqual(form.accepted_partner_id, self.contact)
        self.assertEqual(form.accepted_on, NOW)
        form.save().with_user(self.technician).action_confirm()
        self.assertEqual(
            (offer.state, offer.accepted_by), ("accepted", self.contact.name)
        )
        form = Form.from_action(self.env, ticket.action_support_accept_price())
        form.work_mode_id = self.phone
        form.accepted_by = "The boss"
        form.accepted_on = "2026-03-20 08:00:00"
        form.save().with_user(self.technician).action_confirm()
        newest = self.ticket.support_acceptance_ids.sorted("id")[-1:]
        self.assertEqual(
            (newest.accepted_by, newest.accepted_partner_id.id, newest.hourly_price),
            ("The boss", False, 60),
        )

    def test_banner(self):
        """the ticket says that a price is to be accepted, and then which one was"""
        form = Form(self.ticket.with_user(self.technician))
        self.assertTrue(form.support_price_needed)
        acceptance = self._accept()
        form = Form(self.ticket.with_user(self.technician))
        self.assertFalse(form.support_price_needed)
        self.assertEqual(len(form.support_acceptance_ids), 1)
        form = Form(acceptance.with_user(self.technician))
        self.assertEqual(form.hourly_price, 80)

    def test_only_who_may_work_on_the_ticket(self):
        """the price is told to whoever may write the ticket, nobody else"""
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self.ticket.user_id = self.technician
        with self.assertRaises(AccessError):
            self.ticket.with_user(own)._support_offer_price(self.remote)
        offer = self._offer()
        with self.assertRaises(AccessError):
            offer.with_user(own).action_decline()

    def test_moment_of_the_context_is_no_way_around(self):
        with freeze_time("2026-03-20 06:00:00"), self._assert_refused("future"):
            self._accept(clock=(9, 0))
