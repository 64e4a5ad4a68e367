# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Travel and material: what is charged beside the hours."""

from odoo import Command
from odoo.tests import Form, tagged

from .test_surcharges import HoursCase


class VisitCase(HoursCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.call_out = cls.env["product.product"].create(
            {
                "name": "Call-out fee",
                "type": "service",
                "list_price": 45,
                "taxes_id": [Command.clear()],
            }
        )
        cls.cable = cls.env["product.product"].create(
            {"name": "Cable", "list_price": 7.5, "taxes_id": [Command.clear()]}
        )

    def _contract(self, minutes=600, **vals):
        return self._create_contract(
            self._create_time_type(minutes, **{"overage": "charge", **vals}),
            date_start="2026-03-01",
        )

    def _visit(self, minutes=60, travel=30, clock=(10, 0), ticket=None, **vals):
        ticket = ticket or self._create_ticket()
        vals.setdefault("mode", self.on_site)
        return self._work_at(ticket, clock, minutes, travel_minutes=travel, **vals)

    def _charges(self, work):
        return [
            (charge.kind, charge.product_id, charge.quantity, charge.amount)
            for charge in work.charge_ids.sorted("id")
        ]


@tagged("post_install", "-at_install")
class TestTravel(VisitCase):
    def test_by_time(self):
        """drawn from the balance after the work, at half the price where charged"""
        contract = self._contract(70, travel_charge="time", travel_percent=50)
        work = self._visit()
        self.assertEqual(
            self._parts(work),
            [
                ("work", "inside", 60, 100, 60, 0, 0),
                ("travel", "inside", 30, 50, 10, 20, 20),
            ],
        )
        self.assertEqual(self._balances(contract), [0])
        self.assertEqual(self._charges(work), [("travel", self.product_on_site, 1, 20)])
        self.assertEqual((work.overage_minutes, work.overage_amount), (20, 20))
        self.assertEqual(work.billable_minutes, 60)

    def test_surcharge_and_travel_never_both(self):
        """the greater one counts"""
        self._contract(
            1, travel_charge="time", travel_percent=120, outside_surcharge=50
        )
        work = self._visit(clock=(18, 0))
        self.assertEqual(work.part_ids.mapped("percent"), [150, 150])
        work = self._visit(clock=(10, 0))
        self.assertEqual(work.part_ids.mapped("percent"), [100, 120])

    def test_on_time_too(self):
        contract = self._contract(
            600, travel_charge="time", travel_percent=50, surcharge_on_time=True
        )
        self._visit()
        self.assertEqual(self._balances(contract), [600 - 60 - 15])

    def test_once_for_each_visit(self):
        """a call-out fee, also if the hours are covered"""
        self._contract(travel_charge="flat", travel_product_id=self.call_out.id)
        for minutes in (0, 40):
            work = self._visit(travel=minutes)
            self.assertEqual(self._charges(work), [("travel", self.call_out, 1, 45)])
            self.assertEqual(work.part_ids.mapped("kind"), ["work"])

    def test_fee_from_the_agreed_rates(self):
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Agreed",
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": product.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for product, price in ((self.call_out, 30), (self.cable, 5))
                ],
            }
        )
        self._contract(
            travel_charge="flat",
            travel_product_id=self.call_out.id,
            pricelist_id=pricelist.id,
        )
        work = self._visit(material_ids=[Command.create({"product_id": self.cable.id})])
        self.assertEqual(
            self._charges(work),
            [("travel", self.call_out, 1, 30), ("material", self.cable, 1, 5)],
        )

    def test_none(self):
        self._contract(1)
        work = self._visit(mode=self.on_site)
        self.assertEqual(work.part_ids.mapped("kind"), ["work"])

    def test_only_where_the_work_is_a_visit(self):
        for charge in ("time", "flat"):
            self._contract(travel_charge=charge, travel_product_id=self.call_out.id)
            work = self._visit(mode=self.remote)
            self.assertEqual(work.part_ids.mapped("kind"), ["work"])
            self.assertFalse(work.charge_ids)

    def test_goodwill(self):
        """nothing billed by hand: no travel either"""
        contract = self._contract(
            travel_charge="flat", travel_product_id=self.call_out.id
        )
        work = self._visit(billable_by_hand=True, manual_reason="our own mistake")
        self.assertFalse(work.part_ids or work.charge_ids or work.entry_ids)
        self.assertEqual(self._balances(contract), [600])

    def test_on_call(self):
        self.company.write(
            {
                "support_on_call": True,
                "support_travel_charge": "time",
                "support_travel_percent": 50,
            }
        )
        work = self._visit()
        self.assertEqual(work.part_ids.mapped("amount"), [120, 30])
        self.company.write(
            {
                "support_travel_charge": "flat",
                "support_travel_product_id": self.call_out.id,
            }
        )
        work = self._visit()
        self.assertEqual(
            self._charges(work),
            [("work", self.product_on_site, 1, 120), ("travel", self.call_out, 1, 45)],
        )

    def test_not_negative(self):
        self._contract()
        with self._assert_refused("cannot be negative"):
            self._visit(travel=-5)


@tagged("post_install", "-at_install")
class TestMaterial(VisitCase):
    def test_charged_apart(self):
        """at the price of the day, also if the time is covered"""
        self._contract()
        work = self._visit(
            material_ids=[
                Command.create({"product_id": self.cable.id, "quantity": 3}),
                Command.create(
                    {"product_id": self.cable.id, "name": "Gift", "free": True}
                ),
            ]
        )
        self.assertEqual(self._charges(work), [("material", self.cable, 3, 22.5)])
        self.assertEqual(work.material_ids.mapped("amount"), [22.5, 0])
        self.assertIn("Cable", work.charge_ids.name)

    def test_cheap_material_with_taxes_included(self):
        """a rounded cent: 1000 at 0.10 with 22 % in it are 81.97 untaxed, not 80"""
        country = self.env.ref("base.it")
        group = self.env["account.tax.group"].create(
            {
                "name": "22 %",
                "company_id": self.company.id,
                "country_id": country.id,
            }
        )
        tax = self.env["account.tax"].create(
            {
                "tax_group_id": group.id,
                "country_id": country.id,
                "name": "22 % included",
                "amount": 22,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
                "type_tax_use": "sale",
            }
        )
        screw = self.env["product.product"].create(
            {
                "name": "Screw",
                "list_price": 0.1,
                "company_id": self.company.id,
                "taxes_id": [Command.set(tax.ids)],
            }
        )
        self._contract()
        work = self._visit(
            material_ids=[Command.create({"product_id": screw.id, "quantity": 1000})]
        )
        charge = work.charge_ids.filtered(lambda item: item.kind == "material")
        self.assertEqual(charge.amount, 81.97)

    def test_without_a_price(self):
        self._contract()
        self.cable.list_price = 0
        with self._assert_refused("Cable has no price"):
            self._visit(material_ids=[Command.create({"product_id": self.cable.id})])

    def test_quantities_that_are_none(self):
        self._contract()
        work = self._visit(done=False)
        for quantity in (0, -1, float("nan"), float("inf")):
            with self._assert_refused():
                work.material_ids = [
                    Command.create({"product_id": self.cable.id, "quantity": quantity})
                ]

    def test_technician_takes_it_along_without_prices(self):
        self._contract()
        work = self._visit(done=False).with_user(self.technician)
        work.material_ids = [Command.create({"product_id": self.cable.id})]
        for name in ("price_unit", "amount"):
            with self._assert_refused():
                work.material_ids.write({name: 1})
            with self._assert_refused():
                work.material_ids = [
                    Command.create({"product_id": self.cable.id, name: 1})
                ]
        work.action_done()
        self.assertEqual(work.sudo().material_ids.amount, 7.5)
        # what is done stands
        for change in (
            Command.create({"product_id": self.cable.id}),
            Command.update(work.material_ids.id, {"quantity": 5}),
            Command.delete(work.material_ids.id),
        ):
            with self._assert_refused("undo it first"):
                work.material_ids = [change]
        with self._assert_refused("undo it first"):
            work.material_ids.write({"free": True})
        work._undo("forgot one")
        work.material_ids.quantity = 2
        work.action_done()
        charges = work.sudo().charge_ids.filtered(lambda c: c.state == "open")
        self.assertEqual(charges.amount, 15)

    def test_form(self):
        """what technician and contract user see and fill in"""
        self._contract(travel_charge="time", travel_percent=50)
        work = self._visit(done=False)
        with Form(work.with_user(self.technician)) as form:
            form.travel_minutes = 15
            with form.material_ids.new() as line:
                line.product_id = self.cable
                line.quantity = 2
            self.assertNotIn("charge_ids", form._view["fields"])
        self.assertEqual(work.travel_minutes, 15)
        self.assertEqual(
            (work.material_ids.name, work.material_ids.quantity), ("Cable", 2)
        )
        work.with_user(self.technician).action_done()
        form = Form(work.with_user(self.contract_user))
        self.assertEqual(len(form.charge_ids), 1)
        self.assertEqual(len(form.part_ids), 2)
        Form(work.with_user(self.technician))

    def test_of_a_colleague(self):
        own = self._create_user("own", "helpdesk_mgmt.group_helpdesk_user_own")
        self._contract()
        work = self._visit(done=False)
        with self._assert_refused():
            self.env["support.intervention.material"].with_user(own).create(
                {"intervention_id": work.id, "product_id": self.cable.id}
            )
