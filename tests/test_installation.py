# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The installed base: what sales make, states, and what contracts cover."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .common_sale import SaleCommon


class InstalledBase(SaleCommon):
    """It is 10 March 2026. A till with a year of warranty, sold for 1,000."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-03-10 12:00:00"))
        cls.policy = cls.env["support.warranty.policy"].create(
            {"name": "A year", "company_id": cls.company.id}
        )
        cls.software = cls._create_product(
            "Till",
            1000,
            support_is_software=True,
            support_warranty_policy_id=cls.policy.id,
        )

    @classmethod
    def _get_installations(cls, **values):
        cls.env.cr.flush()
        cls.env.invalidate_all()
        return (
            cls.env["support.installation"]
            .with_context(active_test=False)
            .search(
                [("commercial_partner_id", "=", cls.customer.id)]
                + [(name, "=", value) for name, value in values.items()]
            )
        )

    @classmethod
    def _create_installation(cls, partner=None, **vals):
        return cls.env["support.installation"].create(
            {
                "product_id": cls.software.id,
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "user_id": cls.manager.id,
                **vals,
            }
        )

    def _run_jobs(self):
        """What the nightly job does, without its commits."""
        contracts = self.env["support.contract"]._get_taking()
        contracts._take_installations()
        model = self.env["support.installation"]
        model._set_states(model._read_changed_states())
        self.env.flush_all()
        self.env.invalidate_all()

    def _assert_installation(self, installation, **expected):
        self.env.cr.flush()
        self.env.invalidate_all()
        self.assertEqual({name: installation[name] for name in expected}, expected)


@tagged("post_install", "-at_install")
class TestSoldInstallation(InstalledBase):
    def test_invoiced(self):
        order = self._create_order(self.software)
        self.assertFalse(self._get_installations())
        self._invoice(order)
        installation = self._get_installations()
        self._assert_installation(
            installation,
            product_id=self.software,
            commercial_partner_id=self.customer,
            place_id=self.customer,
            company_id=self.company,
            user_id=self.manager,
            sale_date=date(2026, 3, 10),
            delivery_date=False,
            warranty_policy_id=self.policy,
            warranty_start=date(2026, 3, 10),
            warranty_end=date(2027, 3, 9),
            state="warranty",
            activations_stated=1,
            sale_line_id=order.order_line,
            active=True,
        )
        self.assertIn(order.name, installation.message_ids[0].body)

    def test_delivered(self):
        order = self._create_order(self.software)
        with freeze_time("2026-03-12 23:30:00"):
            order.order_line.qty_delivered = 1
            installation = self._get_installations()
        # half past midnight in Rome
        self._assert_installation(
            installation, sale_date=date(2026, 3, 10), delivery_date=date(2026, 3, 13)
        )
        self._invoice(order)
        self.assertEqual(self._get_installations(), installation)
        self._assert_installation(installation, activations_sold=1)

    def test_delivered_by_a_computation(self):
        """However it is delivered: stock and timesheets compute the quantity."""
        order = self._create_order(self.software)
        line = order.order_line
        line.qty_delivered_method = "analytic"
        self.env["account.analytic.line"].create(
            {
                "name": "Delivered",
                "account_id": self.env["account.analytic.account"]
                .create(
                    {
                        "name": "Order",
                        "plan_id": self.env["account.analytic.plan"]
                        .create({"name": "Orders"})
                        .id,
                    }
                )
                .id,
                "so_line": line.id,
                "unit_amount": 2,
                "product_uom_id": line.product_uom_id.id,
            }
        )
        installation = self._get_installations()
        self._assert_installation(installation, activations_sold=2)

    def test_several_pieces_are_activations(self):
        """A line is one installation with as many activations as pieces."""
        order = self._create_order(self.software, 5)
        invoice = self._invoice(order)
        installation = self._get_installations()
        self._assert_installation(installation, activations_stated=5)
        # the customer has stated two more since then
        installation.activations_stated = 7
        credit = self._refund(invoice, 2)
        self._assert_installation(
            installation, activations_sold=3, activations_stated=5, active=True
        )
        credit.button_draft()
        self._assert_installation(
            installation, activations_sold=5, activations_stated=7
        )

    def test_credit_note_takes_back(self):
        order = self._create_order(self.software)
        invoice = self._invoice(order)
        installation = self._get_installations()
        order.order_line.qty_delivered = 1
        credit = self._refund(invoice)
        self._assert_installation(installation, active=False, activations_sold=0)
        self.assertIn("Taken back", installation.message_ids[0].body)
        ticket = self._create_ticket(support_installation_id=installation.id)
        self.assertEqual(ticket.support_cover, "none")
        # the credit note was a mistake
        credit.button_draft()
        self._assert_installation(installation, active=True, activations_sold=1)
        credit.action_post()
        self._assert_installation(installation, active=False)
        # invoiced anew
        order.order_line.qty_to_invoice = 1
        self._invoice(order)
        self._assert_installation(installation, active=True, activations_sold=1)
        self.assertEqual(len(self._get_installations()), 1)

    def test_discount_takes_nothing_back(self):
        invoice = self._invoice(self._create_order(self.software))
        installation = self._get_installations()
        refund = invoice._reverse_moves([{"date": invoice.date}])
        refund.invoice_line_ids.price_unit = 100
        refund.action_post()
        self._assert_installation(installation, active=True, activations_sold=1)

    def test_invoice_set_back(self):
        invoice = self._invoice(self._create_order(self.software))
        installation = self._get_installations()
        invoice.button_draft()
        self._assert_installation(installation, active=False)
        invoice.button_cancel()
        self._assert_installation(installation, active=False)

    def test_order_cancelled(self):
        order = self._create_order(self.software)
        order.order_line.qty_delivered = 1
        installation = self._get_installations()
        order._action_cancel()
        self._assert_installation(installation, active=False)
        order.action_draft()
        order.action_confirm()
        self._assert_installation(installation, active=True)

    def test_invoice_without_an_order(self):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "invoice_date": "2026-02-27",
                "invoice_user_id": self.manager.id,
                "invoice_line_ids": [
                    Command.create({"product_id": self.software.id, "quantity": 2})
                ],
            }
        )
        self.assertFalse(self._get_installations())
        invoice.action_post()
        installation = self._get_installations()
        self._assert_installation(
            installation,
            sale_date=date(2026, 2, 27),
            activations_sold=2,
            user_id=self.manager,
        )
        self._refund(invoice, 1)
        self._assert_installation(installation, activations_sold=1)
        self._refund(invoice, 1)
        self._assert_installation(installation, active=False)

    def test_what_a_person_put_aside_stays_there(self):
        order = self._create_order(self.software)
        invoice = self._invoice(order)
        installation = self._get_installations()
        installation.active = False
        order.order_line.qty_delivered = 1
        invoice._support_sync()
        self._assert_installation(installation, active=False)

    def test_again_and_again(self):
        """Idempotent; and the database itself allows no second one."""
        order = self._create_order(self.software)
        invoice = self._invoice(order)
        for _count in range(3):
            invoice._support_sync()
            order.order_line._support_sync_software()
        installation = self._get_installations()
        self.assertEqual(len(installation), 1)
        with self._assert_refused("has made its installation already"):
            self._create_installation(sale_key=installation.sale_key)

    def test_other_products_make_none(self):
        self._sell(self._create_product("Paper", 5))
        self.assertFalse(self._get_installations())

    def test_a_sale_that_no_hook_has_seen(self):
        product = self._create_product("Stock keeping", 500)
        self._sell(product)
        self.assertFalse(self._get_installations())
        product.support_is_software = True
        missed = self.env["support.installation"]._find_missed()
        self.assertEqual(missed.product_id, product)
        missed._support_sync_software()
        self.assertEqual(self._get_installations().product_id, product)
        self.assertFalse(self.env["support.installation"]._find_missed())

    def test_a_salesperson_needs_no_right_to_installations(self):
        salesperson = self._create_user(
            "sales", "sales_team.group_sale_salesman,account.group_account_invoice"
        )
        order = self._create_order(self.software, confirm=False, user_id=salesperson.id)
        order = order.with_user(salesperson)
        order.action_confirm()
        self._invoice(order)
        self.assertEqual(self._get_installations().user_id, salesperson)

    def test_warranty_from_the_delivery_or_the_go_live(self):
        """a setting of the product"""
        for start, field in (("delivery", "delivery_date"), ("golive", "golive_date")):
            with self.subTest(start=start):
                product = self._create_product(
                    f"From {start}",
                    10,
                    support_is_software=True,
                    support_warranty_policy_id=self.policy.id,
                )
                product.support_warranty_from = start
                product.support_warranty_months = 6
                self._sell(product)
                installation = self._get_installations(product_id=product.id)
                self._assert_installation(
                    installation, warranty_end=False, state="uncovered"
                )
                installation[field] = "2025-08-31"
                self._assert_installation(
                    installation,
                    warranty_end=date(2026, 2, 27),
                    state="uncovered",
                )
                installation[field] = "2025-09-30"
                self._assert_installation(
                    installation, warranty_end=date(2026, 3, 29), state="warranty"
                )


@tagged("post_install", "-at_install")
class TestInstallationState(InstalledBase):
    def test_the_state_follows_the_day(self):
        installation = self._create_installation(sale_date="2025-03-11")
        contract = self._create_contract(self._create_type())
        covered = self._create_installation(
            sale_date="2025-03-11", contract_id=contract.id
        )
        both = installation | covered
        self.assertEqual(both.mapped("state"), ["warranty"] * 2)
        with freeze_time("2026-03-10 22:59:00"):  # the last minute in Rome
            self._run_jobs()
            self.assertEqual(both.mapped("state"), ["warranty"] * 2)
        with freeze_time("2026-03-10 23:00:00"):
            self._run_jobs()
            self.assertEqual(both.mapped("state"), ["uncovered", "covered"])

    def test_the_state_follows_the_contract(self):
        contract = self._create_contract(
            self._create_type(grace_days=10, grace_cover=True)
        )
        installation = self._create_installation(contract_id=contract.id)
        self._assert_installation(installation, state="covered")
        contract._change_state("suspended", date(2026, 3, 10), "unpaid")
        self._assert_installation(installation, state="uncovered")
        contract.action_resume()
        self._assert_installation(installation, state="covered")
        with freeze_time("2027-03-19 12:00:00"):
            contract._update_states()
            self._run_jobs()
            self.assertEqual(contract.state, "expired")
            self._assert_installation(installation, state="covered")
        with freeze_time("2027-03-20 12:00:00"):
            contract._update_states()
            self._run_jobs()
            if contract.state != "lapsed":
                self._assert_installation(installation, state="uncovered")
                contract._set_state("lapsed")
            self._assert_installation(installation, state="lapsed")

    def test_terminated_and_not_begun(self):
        contract = self._create_contract(self._create_type(), date_start="2026-04-01")
        installation = self._create_installation(contract_id=contract.id)
        self._assert_installation(installation, state="uncovered")
        with freeze_time("2026-04-01 12:00:00"):
            self._run_jobs()
            self._assert_installation(installation, state="covered")
            contract._change_state("terminated", date(2026, 5, 1), "sold")
            self._assert_installation(installation, state="covered")
        with freeze_time("2026-05-01 12:00:00"):
            self._run_jobs()
            self._assert_installation(installation, state="uncovered")

    def test_a_night_with_nothing_due(self):
        """Constant, however many there are."""
        counts = []
        for number in (3, 30):
            for _index in range(number):
                self._create_installation(sale_date="2025-03-11")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(self.env["support.installation"]._read_changed_states())
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
        self.assertLessEqual(counts[0], 3)

    def test_the_job_itself(self):
        installation = self._create_installation(sale_date="2025-03-11")
        with (
            freeze_time("2026-03-11 12:00:00"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(
                "support_contract.cron_update_installations"
            ).method_direct_trigger()
        self._assert_installation(installation, state="uncovered")

    def test_nobody_writes_what_follows(self):
        installation = self._create_installation()
        for vals in ({"state": "covered"}, {"activations_sold": 3}, {"sale_key": "x"}):
            with self.subTest(vals=vals):
                with self._assert_refused("follow from the sale"):
                    installation.with_user(self.manager).write(vals)
                with self._assert_refused("follow from the sale"):
                    self._create_installation_as(self.manager, **vals)
        # nor by a default of the caller's
        made = self._create_installation_as(
            self.manager, context={"default_state": "covered"}
        )
        self.assertEqual(made.state, "uncovered")

    def _create_installation_as(self, user, context=None, **vals):
        model = self.env["support.installation"].with_user(user)
        return model.with_context(**(context or {})).create(
            {
                "product_id": self.software.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                **vals,
            }
        )


@tagged("post_install", "-at_install")
class TestTakenInstallations(InstalledBase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.follow_up = cls._create_type(covers_installations=True)

    def test_a_contract_takes_what_no_other_one_covers(self):
        other = self._create_contract(self._create_type())
        kept = self._create_installation(contract_id=other.id)
        free = self._create_installation()
        strange = self._create_installation(self.other_customer)
        gone = self._create_installation(active=False)
        old = self._create_contract(self._create_type())
        old._change_state("terminated", date(2026, 3, 10), "over")
        left = self._create_installation(contract_id=old.id)
        contract = self._create_contract(self.follow_up)
        self.assertEqual(contract.installation_ids, free | left)
        self.assertEqual(kept.contract_id, other)
        self.assertFalse((strange | gone).contract_id)
        self.assertEqual((free | left).mapped("state"), ["covered"] * 2)
        self.assertEqual(contract.installation_count, 2)

    def test_a_lapsed_contract_that_bars_help_keeps_its_own(self):
        """Another contract is no way around the reinstatement (S9)."""
        lapsed = self._create_contract(self._create_type(lapse_bars=True))
        plain = self._create_contract(self._create_type())
        kept = self._create_installation(contract_id=lapsed.id)
        free = self._create_installation(contract_id=plain.id)
        (lapsed | plain)._set_state("lapsed")
        contract = self._create_contract(self.follow_up)
        self.assertEqual(contract.installation_ids, free)
        self.assertEqual((kept.contract_id, kept.state), (lapsed, "lapsed"))

    def test_another_type_takes_none(self):
        free = self._create_installation()
        self._create_contract(self._create_type())
        self.assertFalse(free.contract_id)

    def test_what_it_was_offered_for(self):
        free = self._create_installation()
        named = self._create_installation()
        contract = self._create_contract(
            self.follow_up,
            activate=False,
            offered_installation_ids=[Command.set(named.ids)],
        )
        self.assertFalse(named.contract_id)
        contract.action_activate()
        self.assertEqual(named.contract_id, contract)
        self.assertFalse(free.contract_id)

    def test_a_contract_that_begins_later(self):
        free = self._create_installation()
        contract = self._create_contract(self.follow_up, date_start="2026-04-01")
        self._run_jobs()
        self.assertFalse(free.contract_id)
        with freeze_time("2026-03-31 22:30:00"):  # 1 April in Rome
            self._run_jobs()
            self.assertEqual(free.contract_id, contract)
            self.assertEqual(free.state, "covered")
            # once: what is taken off later stays off
            free.contract_id = False
            self._run_jobs()
            self.assertFalse(free.contract_id)

    def test_another_customers_installation(self):
        contract = self._create_contract(self.follow_up)
        with self._assert_refused("not one of"):
            self._create_installation(self.other_customer, contract_id=contract.id)
