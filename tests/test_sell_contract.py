# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts, packages and activations that are sold with orders."""

from datetime import date

from freezegun import freeze_time

from odoo.tests import Form, tagged

from .common_sale import SaleCommon


class SellCase(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 10:00:00"))
        cls.type = cls._create_time_type(900)
        cls.product = cls._create_product(
            "Annual hours",
            1200,
            support_sells="contract",
            support_contract_type_id=cls.type.id,
        )
        cls.package = cls._create_product(
            "Ten hours in six months",
            700,
            support_contract_type_id=cls._create_type(name="Packages").id,
            support_quantity=600,
            support_validity_months=6,
        )


@tagged("post_install", "-at_install")
class TestProduct(SellCase):
    def test_package_by_type(self):
        """a product with a contract type is a package, unless it says otherwise"""
        self.assertEqual(self.package.support_sells, "package")
        self.assertEqual(self.product.support_sells, "contract")
        self.assertFalse(self.type.package_ids)
        self.assertTrue(self.package.support_contract_type_id.package_ids)

    def test_form(self):
        with Form(self.env["product.template"].with_user(self.env.user)) as form:
            form.name = "Hours"
            form.type = "service"
            form.support_sells = "topup"
            form.support_unit = "time"
            form.support_quantity = 60
        product = form.record
        self.assertEqual(product.support_credit_when, "paid")

    def test_checks(self):
        for message, values in {
            "type of the contract": {"support_sells": "contract"},
            "quantity above zero": {"support_sells": "topup", "support_quantity": 0},
            "whole numbers": {"support_sells": "topup", "support_quantity": 1.5},
            "price of an hour": {
                "support_sells": "topup",
                "support_unit": "money",
                "support_work_mode_id": self.remote.id,
            },
            "only a service": {"support_sells": "activation", "type": "consu"},
            "at least one month": {
                "support_contract_type_id": self.type.id,
                "support_quantity": 60,
            },
        }.items():
            with self.subTest(message=message), self._assert_refused(message):
                self._create_product("Bad", 1, **values)

    def test_shipped(self):
        """the shipped top-ups: hours in two kinds, money, tickets"""
        found = {
            name: (
                self.env.ref(f"support_contract.product_topup_{name}").support_unit,
                self.env.ref(f"support_contract.product_topup_{name}").support_quantity,
            )
            for name in ("remote", "on_site", "wallet", "tickets")
        }
        self.assertEqual(
            found,
            {
                "remote": ("time", 60),
                "on_site": ("time", 60),
                "wallet": ("money", 0),
                "tickets": ("ticket", 5),
            },
        )


@tagged("post_install", "-at_install")
class TestContract(SellCase):
    def test_active_when_paid(self):
        order = self._create_order(self.product, user_id=self.contract_user.id)
        contract = order.order_line.support_contract_id
        self.assertEqual(
            (contract.state, contract.type_id, contract.partner_id, contract.user_id),
            ("offered", self.type, self.customer, self.contract_user),
        )
        self.assertEqual(
            (contract.fee_amount, contract.product_id, contract.sale_line_id),
            (1200, self.product, order.order_line),
        )
        invoice = self._invoice(order)
        self.assertEqual(contract.state, "offered")
        with freeze_time("2026-03-20 10:00:00"):
            self._pay(invoice)
        self.assertEqual(
            (contract.state, contract.date_start), ("active", date(2026, 3, 20))
        )
        self.assertEqual(contract.ledger_ids.balance, 900)
        self._assert_topup(contract.topup_ids, kind="contract", state="credited")

    def test_start_set(self):
        order = self._create_order(self.package, support_start="2026-04-01")
        contract = order.order_line.support_contract_id
        self._pay(self._invoice(order))
        self.assertEqual(
            (
                contract.state,
                contract.date_start,
                contract.date_end,
                contract.package_id,
            ),
            ("active", date(2026, 4, 1), date(2026, 9, 30), self.package),
        )

    def test_at_once(self):
        self.product.support_credit_when = "order"
        order = self._create_order(self.product)
        self.assertEqual(order.order_line.support_contract_id.state, "active")

    def test_offered(self):
        """a person activates it"""
        self.product.support_contract_state = "offered"
        self._sell(self.product)
        contract = self.env["support.contract"].search([("type_id", "=", self.type.id)])
        self.assertEqual(contract.state, "offered")
        self.assertEqual(contract.activity_ids.summary, "Ready to be activated")

    def test_signature_missing(self):
        self.type.signature_required = True
        self._sell(self.product)
        contract = self.env["support.contract"].search([("type_id", "=", self.type.id)])
        self.assertEqual(contract.state, "offered")
        self.assertEqual(contract.activity_ids.summary, "Signature missing")

    def test_not_ready(self):
        """who pays is not refused because the contract cannot be activated"""
        order = self._create_order(self.product)
        self.type.withdrawn = True
        self._pay(self._invoice(order))
        contract = order.order_line.support_contract_id
        self.assertEqual(contract.state, "offered")
        self.assertIn("withdrawn", contract.activity_ids.note)

    def test_several(self):
        """one contract for each piece, as many active as pieces are paid"""
        order = self._create_order(self.package, 2)
        contracts = order.order_line.support_topup_ids.contract_id
        self.assertEqual(len(contracts), 2)
        self.assertEqual(contracts.mapped("fee_amount"), [700, 700])
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.quantity = 1
        invoice.action_post()
        self._pay(invoice)
        self.assertEqual(sorted(contracts.mapped("state")), ["active", "offered"])
        self._pay(self._invoice(order))
        self.assertEqual(contracts.mapped("state"), ["active", "active"])
        with self._assert_refused("whole pieces"):
            self._create_order(self.package, 1.5)

    def test_per_activation(self):
        self.type.fee_basis = "activation"
        order = self._create_order(self.product, 4)
        contract = order.order_line.support_contract_id
        self.assertEqual(
            (contract.activation_count, contract.fee_amount, contract.fee_total),
            (4, 1200, 4800),
        )
        self._pay(self._invoice(order))
        self.assertEqual(contract.state, "active")

    def test_not_paid_any_more(self):
        """not deactivated by itself: the owner gets an activity, once"""
        invoice = self._sell(self.product)
        contract = self.env["support.contract"].search([("type_id", "=", self.type.id)])
        invoice.matched_payment_ids.action_cancel()
        contract.topup_ids._sync()
        self.assertEqual(contract.state, "active")
        self.assertEqual(contract.activity_ids.summary, "Not paid any more")
        self.assertTrue(contract.topup_ids.told)
        self._pay(invoice)
        self.assertFalse(contract.topup_ids.told)

    def test_order_cancelled(self):
        """an order that is cancelled leaves no offer behind"""
        order = self._create_order(self.product)
        contract = order.order_line.support_contract_id
        order.action_cancel()
        self.assertEqual((contract.state, contract.active), ("draft", False))
        order.action_draft()
        order.action_confirm()
        self.assertEqual((contract.state, contract.active), ("offered", True))
        self.assertEqual(order.order_line.support_topup_ids.contract_id, contract)

    def test_salesman_without_support(self):
        """who may confirm an order sells what stands in it"""
        salesman = self._create_user("salesman", "sales_team.group_sale_salesman")
        order = self._create_order(
            self.product, confirm=False, user_id=salesman.id
        ).with_user(salesman)
        order.action_confirm()
        self.assertEqual(order.sudo().order_line.support_contract_id.user_id, salesman)


@tagged("post_install", "-at_install")
class TestActivation(SellCase):
    def test_dated_change(self):
        """new activations count from the day they are credited"""
        contract = self._create_contract(
            self._create_time_type(fee_basis="activation"),
            date_start="2026-01-01",
            activation_count=3,
        )
        product = self._create_product("Activation", 50, support_sells="activation")
        order = self._create_order(product, 2)
        self.assertEqual(order.order_line.support_contract_id, contract)
        invoice = self._invoice(order)
        self.assertEqual(contract.activation_count, 3)
        with freeze_time("2026-03-20 10:00:00"):
            self._pay(invoice)
            invoice._invoice_paid_hook()
        self.assertEqual(contract.activation_count, 5)
        change = contract.change_ids
        self.assertEqual(
            (change.first_day, change.state, change.topup_id.invoice_id),
            (date(2026, 3, 20), "applied", invoice),
        )
        self.assertEqual(
            contract._get_terms_on(date(2026, 3, 19))["activation_count"], 3
        )
        invoice.matched_payment_ids.action_cancel()
        self.assertEqual(contract.activation_count, 5)
        self.assertEqual(contract.activity_ids.summary, "Not paid any more")


@tagged("post_install", "-at_install")
class TestButton(SellCase):
    def test_order_form(self):
        """on a quotation the only contract that fits is chosen, another one can be"""
        first = self._create_contract(self._create_time_type(), date_start="2026-01-01")
        with Form(self.env["sale.order"].with_user(self.contract_user)) as form:
            form.partner_id = self.contact
            with form.order_line.new() as line:
                line.product_id = self.topup_hours
                self.assertEqual(line.support_contract_id, first)
            self.assertTrue(form.support_has_lines)
        second = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        with Form(form.record) as form, form.order_line.edit(0) as line:
            line.support_contract_id = second
        self.assertEqual(form.record.order_line.support_contract_id, second)

    def test_sell_topup(self):
        contract = self._create_contract(
            self._create_time_type(), date_start="2026-01-01"
        )
        contract.orderer_ids = self.contact
        action = contract.with_user(self.contract_user).action_sell_topup()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.contract_user)
            .with_context(**action["context"])
        )
        form.product_id = self.topup_hours
        form.pieces = 3
        order = self.env["sale.order"].browse(form.save().action_confirm()["res_id"])
        self.assertEqual(
            (order.state, order.amount_untaxed, order.order_line.support_contract_id),
            ("draft", 2400, contract),
        )
        for pieces in (0, -1, 1.5, float("nan")):
            with self.subTest(pieces=pieces), self._assert_refused("Pieces"):
                contract._order_topup(self.topup_hours, pieces)
        with self._assert_refused("neither a top-up"):
            contract._order_topup(self.product, 1)
