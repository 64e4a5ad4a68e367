# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Back after a lapse: the row "reinstated late" of the edge cases."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import html2plaintext

from .common_sale import SaleCommon

STEPS = [
    {"until_day": 60, "kind": "free"},
    {"until_day": 120, "kind": "fee", "amount": 150},
    {"until_day": 0, "kind": "licence"},
]


class ReinstatementCommon(SaleCommon):
    """A contract of the year 2026 with ten days of grace that nobody renewed: free
    until day 60 (1 March 2027), EUR 150 until day 120 (30 April 2027), then a licence
    for EUR 900."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract = cls._create_lapsed()

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls.fee_product = cls._create_product("Yearly fee", 1200)
        cls.back = cls._create_product("Reinstatement", 200)
        cls.licence = cls._create_product("New licence", 900)
        return result

    @classmethod
    def _create_lapsed(cls, steps=None, **vals):
        steps = STEPS if steps is None else steps
        products = {"fee": cls.back.id, "licence": cls.licence.id}
        vals = {
            "product_id": cls.fee_product.id,
            "grace_days": 10,
            "reinstatement_ids": [
                Command.create({"product_id": products.get(step["kind"])} | step)
                for step in steps
            ],
            **vals,
        }
        with freeze_time("2026-01-01 10:00:00"):
            contract = cls._create_contract(cls._create_type(**vals))
        with freeze_time("2027-01-11 10:00:00"):
            contract._update_states()
        return contract

    def _night(self, day):
        with freeze_time(f"{day} 03:00:00"):
            contracts = self.env["support.contract"].search(
                [("company_id", "=", self.company.id)]
            )
            contracts._follow_end()
            contracts._update_states()
            contracts._charge_fees()
            self.env["support.reinstatement"].search([])._compare()

    def _terms(self, contract=None):
        return [
            (str(term.first_day), str(term.last_day))
            for term in (contract or self.contract).term_ids.sorted("first_day")
        ]

    def _fees(self, contract=None):
        return [
            (charge.kind, str(charge.date), str(charge.first_day), charge.amount)
            for charge in self.env["support.charge"].search(
                [("contract_id", "=", (contract or self.contract).id)],
                order="date, id",
            )
            if str(charge.date) >= "2027"
        ]

    def _summaries(self, contract=None):
        return (contract or self.contract).activity_ids.mapped("summary")


@tagged("post_install", "-at_install")
class TestSteps(ReinstatementCommon):
    def test_lapsed(self):
        self.assertEqual(self.contract.state, "lapsed")
        self.assertEqual(
            self.contract.reinstatement_ids.mapped("until_day"), [60, 120, 0]
        )

    def test_step_of_the_day(self):
        """reinstated late: free until day n, then a fee, then a new licence"""
        for day, kind, price in [
            ("2027-01-11", "free", 0),
            ("2027-03-01", "free", 0),
            ("2027-03-02", "fee", 150),
            ("2027-04-30", "fee", 150),
            ("2027-05-01", "licence", 900),
            ("2035-01-01", "licence", 900),
        ]:
            with self.subTest(day=day):
                step = self.contract._get_reinstatement_step(date.fromisoformat(day))
                self.assertEqual((step.kind, step._get_price()), (kind, price))

    def test_order_of_the_steps(self):
        line = self.contract.type_id.reinstatement_ids[0]
        for values, reason in [
            ({"until_day": 120}, "two steps end on the same day"),
            ({"until_day": 0}, "two steps end on the same day"),
            ({"kind": "licence", "product_id": self.back.id}, "the last step"),
            ({"kind": "fee"}, "needs its product"),
            ({"until_day": -1}, "from 0 up"),
        ]:
            with self.subTest(values=values), self._assert_refused(reason):
                line.write(values)

    def test_agreed_steps_do_not_change(self):
        with self._assert_refused("its terms are agreed"):
            self.contract.reinstatement_ids[0].until_day = 90

    def test_form_copies_the_steps_of_the_type(self):
        contracts = self.env["support.contract"].with_user(self.contract_user)
        draft = contracts.new({"partner_id": self.customer.id})
        draft.type_id = self.contract.type_id
        draft._onchange_type_id()
        self.assertEqual(
            [(line.until_day, line.kind) for line in draft.reinstatement_ids],
            [(60, "free"), (120, "fee"), (0, "licence")],
        )
        created = contracts.create(
            {"type_id": self.contract.type_id.id, "partner_id": self.customer.id}
        )
        self.assertEqual(
            created.reinstatement_ids.mapped("kind"), ["free", "fee", "licence"]
        )

    def test_one_sentence(self):
        for day, words in [
            ("2027-02-01", "until 03/01/2027 renewing it brings it back"),
            ("2027-03-10", "until 04/30/2027 it is reinstated for a fee"),
            ("2027-06-01", "comes back only with a new licence"),
        ]:
            with freeze_time(day):
                self.contract.invalidate_recordset(["way_back"])
                self.assertIn(words, self.contract.with_user(self.technician).way_back)
        with freeze_time("2027-03-10"):
            # the price stands beside it, for those who see prices
            self.assertNotIn("150.00", self.contract._get_way_back())
            step = self.contract._get_reinstatement_step()
            line, _fee = self.contract._price_return(step)
            self.assertEqual(line.price_subtotal, 150)
        running = self._create_contract(self._create_type())
        self.assertEqual(running._get_way_back(), "")

    @freeze_time("2027-02-01")
    def test_type_without_steps(self):
        contract = self._create_lapsed([])
        self.assertIn("a new contract is needed", contract._get_way_back())
        with self._assert_refused("cannot be reinstated any more"):
            contract._reinstate_at_once()

    @freeze_time("2027-02-01")
    def test_withdrawn_type(self):
        """a type that is withdrawn cannot be renewed, nor reinstated"""
        self.contract.type_id.write(
            {
                "withdrawn": True,
                "successor_id": self._create_type(name="New support").id,
            }
        )
        self.assertIn("“New support” is needed", self.contract._get_way_back())
        with self._assert_refused("offer its successor New support"):
            self.contract._reinstate_at_once()

    @freeze_time("2027-02-01")
    def test_only_what_has_lapsed(self):
        contract = self._create_contract(self._create_type())
        with self._assert_refused("it is Active"):
            contract._reinstate_at_once()


@tagged("post_install", "-at_install")
class TestFree(ReinstatementCommon):
    @freeze_time("2027-02-10 10:00:00")
    def test_from_the_old_end(self):
        """reinstated late: the new term starts from the old end"""
        self.contract.with_user(self.manager)._reinstate_at_once()
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self._terms()[-1], ("2027-01-01", "2027-12-31"))
        # the days between count as covered
        self.assertEqual(self.contract._get_state_on(date(2027, 1, 20)), "active")
        self.assertEqual(self._fees(), [("fee", "2027-01-01", "2027-01-01", 1200)])
        self._night("2027-02-11")
        self.assertEqual(len(self._fees()), 1)
        self.assertTrue(self._get_mails("%is reinstated until%"))
        self.assertFalse(self.contract.way_back)

    @freeze_time("2027-02-10 10:00:00")
    def test_from_today(self):
        """reinstated late: the new term starts from today, and no anniversary or grant
        of the days without contract comes after"""
        contract = self._create_lapsed(
            reinstatement_start="today",
            fee_index="percent",
            fee_index_percent=10,
            allotment_ids=[
                Command.create({"unit": "time", "quantity": 60, "recurrence": "month"})
            ],
        )
        contract._reinstate_at_once()
        self.assertEqual(self._terms(contract)[-1], ("2027-02-10", "2028-02-09"))
        self.assertEqual(contract._get_state_on(date(2027, 1, 20)), "lapsed")
        self.assertEqual(
            self._fees(contract), [("fee", "2027-02-10", "2027-02-10", 1200)]
        )
        grants = contract.ledger_ids.entry_ids.filtered(
            lambda entry: entry.kind == "grant" and entry.first_day >= date(2027, 1, 1)
        )
        self.assertEqual(grants.mapped("first_day"), [date(2027, 2, 10)])
        self.assertEqual(contract.next_index_day, date(2028, 1, 1))
        self._assert_sound()

    @freeze_time("2027-02-10 10:00:00")
    def test_index_of_the_old_end_counts(self):
        contract = self._create_lapsed(fee_index="percent", fee_index_percent=10)
        contract._reinstate_at_once()
        self.assertEqual(
            self._fees(contract), [("fee", "2027-01-01", "2027-01-01", 1320)]
        )

    @freeze_time("2030-03-05 10:00:00")
    def test_years_late_from_the_old_end(self):
        """no day is without a contract, so every term that was missed is paid"""
        contract = self._create_lapsed([{"kind": "free"}])
        contract._reinstate_at_once()
        self.assertEqual(
            self._terms(contract)[1:],
            [(f"{year}-01-01", f"{year}-12-31") for year in range(2027, 2031)],
        )
        self.assertEqual(len(self._fees(contract)), 4)
        self.assertEqual(contract.state, "active")

    @freeze_time("2027-02-10 10:00:00")
    def test_manager_only(self):
        with self._assert_refused("contract manager"):
            self.contract.with_user(self.contract_user)._reinstate_at_once()

    @freeze_time("2027-02-10 10:00:00")
    def test_wizard(self):
        action = self.contract.with_user(self.manager).action_reinstate()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.manager)
            .with_context(**action["context"])
            .create({})
        )
        self.assertIn("Until 03/01/2027", wizard.explanation)
        self.assertEqual(wizard.first_day, date(2027, 1, 1))
        self.assertEqual(wizard.fee_amount, 1200)
        wizard.months = 6
        wizard.action_reinstate()
        self.assertEqual(self._terms()[-1], ("2027-01-01", "2027-06-30"))

    @freeze_time("2027-02-10 10:00:00")
    def test_declined_comes_back(self):
        contract = self.contract
        contract.sudo().write(
            {
                "renewal_state": "declined",
                "churn_reason_id": self.env.ref(
                    "support_contract.churn_reason_price"
                ).id,
            }
        )
        contract._reinstate_at_once()
        self.assertEqual(contract.renewal_state, "open")
        self.assertFalse(contract.churn_reason_id)


@tagged("post_install", "-at_install")
class TestCharge(ReinstatementCommon):
    def setUp(self):
        super().setUp()
        freezer = freeze_time("2027-03-10 10:00:00")
        freezer.start()
        self.addCleanup(freezer.stop)

    def _charge(self):
        item = self.contract.with_user(self.manager)._charge_reinstatement()
        return item.sudo()

    def _invoice_charge(self, item):
        moves = item.charge_id._invoice_open()
        moves.filtered(lambda move: move.state == "draft").action_post()
        return moves

    def test_paid(self):
        item = self._charge()
        self.assertEqual(item.charge_id.amount, 150)
        self.assertEqual(self.contract.waiting_return_id, item)
        self.assertIn("when its reinstatement is paid", self.contract.way_back)
        invoice = self._invoice_charge(item)
        self.assertEqual(self.contract.state, "lapsed")
        self._pay(invoice, 100)
        self.assertEqual(self.contract.state, "lapsed")
        self._pay(invoice)
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self._terms()[-1], ("2027-01-01", "2027-12-31"))
        self.assertEqual(
            self._fees(),
            [
                ("fee", "2027-01-01", "2027-01-01", 1200),
                ("reinstatement", "2027-03-10", "False", 150),
            ],
        )

    def test_once(self):
        """hooks that come again, and the nightly comparison, add nothing"""
        item = self._charge()
        invoice = self._invoice_charge(item)
        self._pay(invoice)
        invoice._invoice_paid_hook()
        item._sync()
        self._night("2027-03-11")
        self.assertEqual(len(self._terms()), 2)
        self.assertEqual(len(self._fees()), 2)
        self.assertEqual(len(self._get_mails("%is reinstated until%")), 1)

    def test_asked_twice(self):
        item = self._charge()
        with self._assert_refused("waits for the payment"):
            self._charge()
        with self._assert_refused("waits for the payment"):
            item.copy_data()
            item.create(
                {
                    name: item._fields[name].convert_to_write(item[name], item)
                    for name in ("contract_id", "kind", "way", "months", "asked_on")
                }
                | {"old_end": item.old_end}
            )

    def test_given_up(self):
        item = self._charge()
        self.contract.with_user(self.manager).action_cancel_reinstatement()
        self.assertEqual((item.state, item.charge_id.state), ("cancelled",) * 2)
        self.assertFalse(self.contract.waiting_return_id)
        self.assertEqual(self._charge().state, "waiting")

    def test_given_up_by_managers_only(self):
        self._charge()
        with self._assert_refused("contract manager"):
            self.contract.with_user(self.contract_user).action_cancel_reinstatement()
        with self._assert_refused("contract manager"):
            self.contract.with_user(self.contract_user)._charge_reinstatement()

    def test_payment_taken_back(self):
        item = self._charge()
        invoice = self._invoice_charge(item)
        self._pay(invoice)
        lines = invoice.line_ids.filtered("reconciled")
        lines.remove_move_reconcile()
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self._summaries().count("Not paid any more"), 1)
        self._night("2027-03-12")
        self.assertEqual(self._summaries().count("Not paid any more"), 1)
        self._pay(invoice)
        self.assertFalse(item.told)

    def test_late_payment_keeps_the_step(self):
        """charged while it was a fee, paid when it would be a licence"""
        item = self._charge()
        invoice = self._invoice_charge(item)
        with freeze_time("2027-06-01 10:00:00"):
            self._pay(invoice)
        self.assertEqual(self.contract.state, "active")

    def test_paid_after_a_follower_began(self):
        """who pays is never refused; the owner is told once"""
        item = self._charge()
        invoice = self._invoice_charge(item)
        follower = self.contract._make_follower(self._create_type(name="Other"))
        follower.action_activate()
        self._pay(invoice)
        item._sync()
        self.assertEqual(self.contract.state, "lapsed")
        self.assertEqual(self._summaries().count("Paid, but not reinstated"), 1)

    def test_comparison_finds_what_a_hook_missed(self):
        item = self._charge()
        invoice = self._invoice_charge(item)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move SET payment_state = 'paid', amount_residual = 0 "
            "WHERE id = %s",
            [invoice.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self.contract.state, "lapsed")
        self._night("2027-03-11")
        self.assertEqual(self.contract.state, "active")
        self.assertIn("Put right by the nightly comparison", self._summaries())

    def test_no_price(self):
        self.back.list_price = 0
        contract = self._create_lapsed([{"kind": "fee"}])
        with self._assert_refused("has no price"):
            contract._charge_reinstatement()
        self.assertEqual(contract._charge_reinstatement(amount=70).charge_id.amount, 70)

    def test_licence_is_no_charge(self):
        with freeze_time("2027-06-01 10:00:00"):
            with self._assert_refused("sold with an order"):
                self._charge()


@tagged("post_install", "-at_install")
class TestOrder(ReinstatementCommon):
    def setUp(self):
        super().setUp()
        freezer = freeze_time("2027-03-10 10:00:00")
        freezer.start()
        self.addCleanup(freezer.stop)

    def _quote(self, contract=None, **vals):
        contract = (contract or self.contract).with_user(self.contract_user)
        return contract._quote_reinstatement(**vals).sudo()

    def test_paid(self):
        order = self._quote()
        self.assertEqual(order.order_line.mapped("price_subtotal"), [150, 1200])
        self.assertIn("when order", self.contract.way_back)
        order.action_confirm()
        invoice = self._invoice(order)
        self.assertEqual(self.contract.state, "lapsed")
        self._pay(invoice)
        self.assertEqual(self.contract.state, "active")
        self.assertEqual(self._terms()[-1], ("2027-01-01", "2027-12-31"))
        # the order charges the first fee of the term
        self.assertEqual(self._fees(), [])
        self._night("2027-12-30")
        self.assertEqual(self._fees(), [])

    def test_agreed_fee(self):
        order = self._quote(fee=1000, months=24)
        order.action_confirm()
        self._pay(self._invoice(order))
        self.assertEqual(self.contract.fee_amount, 1000)
        self.assertEqual(self._terms()[-1], ("2027-01-01", "2028-12-31"))
        self._night("2028-01-01")
        self.assertEqual(self._fees(), [("fee", "2028-01-01", "2028-01-01", 1000)])

    def test_confirmed_too_late(self):
        order = self._quote()
        with freeze_time("2027-05-01 10:00:00"):
            with self._assert_refused("make a new quotation"):
                order.action_confirm()
            order._action_cancel()
            self.assertFalse(self.contract.waiting_return_id)
            order = self._quote()
            self.assertEqual(order.order_line[0].product_id, self.licence)

    def test_confirmed_in_time_paid_and_changed_late(self):
        order = self._quote()
        order.action_confirm()
        with freeze_time("2027-05-20 10:00:00"):
            order.order_line[1].price_unit = 1100
            self._pay(self._invoice(order))
        self.assertEqual(self.contract.fee_amount, 1100)
        self.assertEqual(self.contract.state, "active")

    def test_licence(self):
        """reinstated late: with a new licence, from the day of payment"""
        with freeze_time("2027-05-01 10:00:00"):
            software = self._create_product("Ledger", 0, support_is_software=True)
            installation = self.env["support.installation"].create(
                {
                    "product_id": software.id,
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "contract_id": self.contract.id,
                    "licence_key": "OLD-KEY",
                }
            )
            order = self._quote()
            order.action_confirm()
            invoice = self._invoice(order)
        with freeze_time("2027-05-20 10:00:00"):
            self._pay(invoice)
        self.assertEqual(self._terms()[-1], ("2027-05-20", "2028-05-19"))
        self.assertEqual(self.contract._get_state_on(date(2027, 5, 19)), "lapsed")
        self.assertFalse(installation.licence_key)
        self.assertIn("OLD-KEY", installation.message_ids.mapped("body")[0])
        self.assertTrue(installation.activity_ids)

    def test_cancelled_and_confirmed_again(self):
        order = self._quote()
        order.action_confirm()
        item = self.contract.waiting_return_id
        order._action_cancel()
        self.assertEqual(item.state, "cancelled")
        order.action_draft()
        order.action_confirm()
        self.assertEqual(item.state, "waiting")

    def test_given_up(self):
        order = self._quote()
        self.contract.with_user(self.contract_user).action_cancel_reinstatement()
        self.assertEqual(order.state, "cancel")
        self.assertFalse(self.contract.waiting_return_id)

    def test_given_up_after_it_was_invoiced(self):
        order = self._quote()
        order.action_confirm()
        self._invoice(order)
        with self._assert_refused("credit its invoice first"):
            self.contract.action_cancel_reinstatement()

    def test_deleted(self):
        order = self._quote()
        order.unlink()
        self.assertFalse(self.contract.waiting_return_id)

    def test_credited_later(self):
        order = self._quote()
        order.action_confirm()
        invoice = self._invoice(order)
        self._pay(invoice)
        self._refund(invoice)
        self.assertEqual(self.contract.state, "active")
        self.assertIn("Not paid any more", self._summaries())

    def test_cancelled_after_it_was_paid(self):
        """the fee was invoiced and paid: it is not charged again"""
        order = self._quote()
        order.action_confirm()
        self._pay(self._invoice(order))
        order._action_cancel()
        self._night("2027-03-11")
        self.assertEqual(self._fees(), [])
        self.assertIn("Not paid any more", self._summaries())

    def test_nobody_sells_it_by_hand(self):
        order = self._create_order(self.back, confirm=False)
        order.order_line.support_deal = "reinstatement"
        with self._assert_refused("from its contract only"):
            order.action_confirm()

    def test_activations(self):
        contract = self._create_lapsed(fee_basis="activation")
        order = self._quote(contract, count=3)
        self.assertEqual(order.order_line[1].product_uom_qty, 3)
        order.action_confirm()
        self._pay(self._invoice(order))
        self.assertEqual(contract.activation_count, 3)
        self.assertEqual(self._fees(contract), [])


@tagged("post_install", "-at_install")
class TestCallDesk(ReinstatementCommon):
    def _open(self):
        call = (
            self.env["support.call"]
            .with_user(self.technician)
            ._log("search", self.contact, company=self.company)
        )
        return call._get_desk_values()["contracts"]

    @freeze_time("2027-06-01 10:00:00")
    def test_the_way_back(self):
        """the call desk says so in one sentence with the way back"""
        [shown] = self._open()
        self.assertEqual(shown["state"], "lapsed")
        self.assertIn("only with a new licence", shown["way_back"])
        self.assertNotIn("900", shown["way_back"])

    @freeze_time("2027-06-01 10:00:00")
    def test_what_was_followed_is_history(self):
        follower = self.contract._make_follower(self._create_type(name="Other"))
        self.assertEqual(len(self._open()), 1)
        follower.action_activate()
        self.env.invalidate_all()
        self.assertEqual([shown["id"] for shown in self._open()], follower.ids)
        self.assertEqual(self.contract._get_way_back(), "")

    @freeze_time("2027-06-01 10:00:00")
    def test_warning_after_the_code(self):
        call = (
            self.env["support.call"]
            .with_user(self.technician)
            ._log(
                "code",
                self.contact,
                company=self.company,
                contract_id=self.contract.id,
            )
        )
        self.assertIn("only with a new licence", call._get_desk_warnings()[0])


@tagged("post_install", "-at_install")
class TestWhoMay(ReinstatementCommon):
    @freeze_time("2027-03-10 10:00:00")
    def test_technician_makes_nothing(self):
        contract = self.contract.with_user(self.technician)
        with self.assertRaises(AccessError):
            contract._quote_reinstatement()
        with self.assertRaises(AccessError):
            self.env["support.contract.reinstate"].with_user(self.technician).create(
                {"contract_id": contract.id}
            )

    @freeze_time("2027-03-10 10:00:00")
    def test_nobody_writes_it(self):
        item = self.contract._charge_reinstatement()
        for user in (self.contract_user, self.manager):
            with self.assertRaises(AccessError):
                item.with_user(user).write({"state": "done"})
        with self._assert_refused("set by the contract's own actions"):
            self.contract.with_user(self.manager).write({"return_ids": []})
        with self._assert_refused("cancel it instead"):
            item.unlink()

    def test_type_of_another_order(self):
        with self.assertRaises(ValidationError):
            self._create_type(
                reinstatement_ids=[
                    Command.create({"kind": "free"}),
                    Command.create({"kind": "free"}),
                ]
            )


@tagged("post_install", "-at_install")
class TestPortal(HttpCase, ReinstatementCommon):
    def test_new_ticket_says_the_way_back(self):
        """lapsed: no support, and the portal says so in one sentence with the way
        back"""
        contract = self._create_lapsed(lapse_bars=True)
        sentence = contract._get_way_back()
        self.assertTrue(sentence)
        self.authenticate(self.portal_user.login, self.portal_user.login)
        self.assertIn(sentence, html2plaintext(self.url_open("/new/ticket").text))
        self.authenticate(self.other_portal_user.login, self.other_portal_user.login)
        self.assertNotIn(
            contract.name, html2plaintext(self.url_open("/new/ticket").text)
        )
