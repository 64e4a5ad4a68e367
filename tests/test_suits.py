# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which type suits? For the type that a customer really had, the comparison says what
was really charged, to the cent, and what was really lost."""

from collections import Counter
from contextlib import ExitStack
from datetime import date, time, timedelta
from decimal import Decimal

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_year import YearCommon


class SuitsCase(YearCommon):
    """Work outside 9:00 to 17:00 costs half as much again, on days off twice as much.
    The vendor's prices are EUR 1350 a year for S1, 500 as the first payment of S2, 180
    and 400 for 10 and 25 tickets, 220 a month for S5, 320 to 1000 for the packages."""

    first_day, last_day = date(2026, 1, 12), date(2027, 1, 11)
    #: after the year and its days of grace
    nights = ("2027-01-12", "2027-01-18")

    @classmethod
    def _set_up_vendor(cls):
        result = super()._set_up_vendor()
        cls._set_price("fee_presidio", 1350)
        cls._set_price("fee_plafond", 500)
        cls._set_price("fee_sla_monthly", 220)
        cls._set_price("tickets_10", 180)
        cls._set_price("tickets_25", 400)
        for hours, price in ((4, 320), (7, 525), (10, 720), (15, 1000)):
            cls._set_price(f"package_{hours}h", price)
        cls.types = cls.env["support.contract.type"].search(
            [("company_id", "=", False)]
        )
        cls.types.write({"outside_surcharge": 50, "day_off_surcharge": 100})
        cls.company.write(
            {"support_outside_surcharge": 25, "support_day_off_surcharge": 75}
        )
        cls.cable = cls.env["product.product"].create(
            {
                "name": "Cable",
                "list_price": 7.35,
                "taxes_id": [Command.set(cls.company.account_sale_tax_id.ids)],
            }
        )
        cls.call_out = cls._create_hour_product(
            "Call-out", 45, taxes_id=[Command.set(cls.company.account_sale_tax_id.ids)]
        )
        return result

    def _compare(self, types=None, first_day=None, last_day=None, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["support.suits"]._compare(
            self.customer,
            self.company,
            first_day or self.first_day,
            last_day or self.last_day,
            self.types if types is None else types,
            **options,
        )

    def _get_row(self, kind, **options):
        """The row of a shipped type, None for on call."""
        wanted = self.env["support.contract.type"]
        if kind:
            wanted = self.env.ref(f"support_contract.type_{kind}")
        [row] = [row for row in self._compare(**options) if row.contract_type == wanted]
        return row

    def _start(self, kind, package=None, **vals):
        self.contract = self._sell(kind, package, **vals)

    def _charges(self, *kinds):
        return self.env["support.charge"].search(
            [
                ("commercial_partner_id", "=", self.customer.id),
                ("company_id", "=", self.company.id),
                ("cancelled", "=", False),
                ("kind", "in", kinds),
            ]
        )

    def _assert_as_charged(self, kind, **options):
        """The row of the type that the customer had says what really happened."""
        row = self._get_row(kind, **options)
        self.assertTrue(row.own)
        outcome = row.outcome
        # a contract that has renewed by itself goes on after the time compared
        until = options.get("last_day") or self.last_day
        fees = self._charges("fee", "activation").filtered(
            lambda charge: charge.first_day <= until
        )
        works = self._charges("work", "travel", "material")
        self.assertEqual(float(outcome.fee), round(sum(fees.mapped("amount")), 2))
        self.assertEqual(float(outcome.work), round(sum(works.mapped("amount")), 2))
        charged = Counter()
        for charge in works:
            charged[charge.intervention_id.id] += Decimal(str(charge.amount))
        found = {key: amount for key, amount in outcome.amounts.items() if amount}
        self.assertEqual(found, dict(charged))
        contracts = self.env["support.contract"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        for unit in ("time", "money", "ticket"):
            ledgers = contracts.ledger_ids.filtered(lambda item, u=unit: item.unit == u)
            for kinds, quantity in (
                (("expiry", "forfeit"), outcome.lost(unit)),
                (("work", "ticket"), outcome.drawn(unit)),
            ):
                entries = ledgers.entry_ids.filtered(lambda e, k=kinds: e.kind in k)
                self.assertAlmostEqual(
                    float(quantity), -sum(entries.mapped("quantity")), 2, (unit, kinds)
                )
        return outcome

    def _visit(self, clock, minutes, travel=0, cable=0, **vals):
        """Work on site with travel and material, by the technician."""
        self._go_to(self.today, clock)
        ticket = self._ask("on_site", **vals)
        start = self._moment(self.today, time.fromisoformat(clock))
        end = start + timedelta(minutes=minutes)
        self.clock.move_to(end)
        work = (
            self.env["support.intervention"]
            .with_user(self.technician)
            .create(
                {
                    "name": "Visit",
                    "ticket_id": ticket.id,
                    "start": start,
                    "end": end,
                    "travel_minutes": travel,
                    "material_ids": [
                        Command.create({"product_id": self.cable.id, "quantity": cable})
                    ]
                    if cable
                    else [],
                }
            )
        )
        work.action_done()
        return work.with_env(self.env)


@tagged("post_install", "-at_install")
class TestSuitsAsCharged(SuitsCase):
    def test_presidio(self):
        """S1: two balances, work beyond them, surcharge, travel, material, hours that
        were lost"""
        self.env.ref("support_contract.type_presidio").write(
            {"travel_charge": "time", "travel_percent": 50}
        )
        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("presidio"),
                "2026-02-02": lambda: self._help("phone", "10:00", 18),
                "2026-02-16": lambda: self._visit("16:10", 95, 50, 3),
                "2026-03-07": lambda: self._help("remote", "10:00", 70),
                "2026-04-30": lambda: self._help("remote", "09:00", 480),
                "2026-05-04": lambda: self._help(
                    "remote", "09:00", 40, category="legal"
                ),
                "2026-06-30": lambda: self._help("remote", "11:00", 437),
                "2026-07-15": lambda: self._help("phone", "18:00", 33),
                "2026-09-01": lambda: self._help(
                    "remote", "10:00", 61, category="development", accept=0
                ),
                "2026-11-02": lambda: self._visit("09:00", 61, 20, 2.5),
            },
            nights=self.nights,
        )
        outcome = self._assert_as_charged("presidio")
        self.assertEqual(outcome.fee, 1350)
        self.assertGreater(outcome.work, 0)
        self.assertGreater(outcome.lost("time"), 0)
        self.assertFalse(outcome.refusals)

    def test_on_call(self):
        """S7: no contract; what the customer accepted is what he pays"""
        self.company.write(
            {
                "support_travel_charge": "flat",
                "support_travel_product_id": self.call_out.id,
            }
        )

        def dearer():
            ticket = self._ask("remote")
            self._accept(ticket, "remote")
            self.tariff.item_ids.filtered(
                lambda item: item.product_id == self.modes["remote"].product_id
            ).fixed_price = 99
            self._help("remote", "16:00", 100, ticket)

        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._help("phone", "10:00", 18, accept=0),
                "2026-02-02": dearer,
                "2026-05-02": lambda: self._help("remote", "10:00", 47, accept=0),
            },
        )
        charged = sum(self._charges("work").mapped("amount"))
        row = self._get_row(None)
        self.assertTrue(row.own)
        self.assertEqual((row.outcome.fee, float(row.outcome.total)), (0, charged))

    def test_plafond(self):
        """S2: the gate refuses what the wallet does not cover for two hours, until it
        is topped up; what is kept for one ticket is not there for the other"""
        tickets = {}

        def ask(name, mode="on_site"):
            tickets[name] = self._ask(mode)

        def top_up():
            product = self.env.ref("support_contract.product_topup_wallet")
            order = self._order(product, 1, self.contract, price=250)
            self._pay(self._bill(order))

        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("plafond"),
                "2026-02-02": lambda: self._help("remote", "10:00", 200),
                # what is left is kept for the visit, and the caller has to wait
                "2026-03-02": lambda: ask("visit"),
                "2026-03-03": lambda: ask("kept", "remote"),
                "2026-03-04": lambda: self._help(
                    "on_site", "15:00", 150, tickets["visit"]
                ),
                "2026-03-05": lambda: ask("refused"),
                "2026-04-01": top_up,
                "2026-04-02": lambda: self._help(
                    "phone", "09:00", 37, category="legal"
                ),
                "2026-04-03": lambda: self._help("remote", "12:00", 280),
                "2026-05-04": lambda: ask("empty", "phone"),
            },
            nights=self.nights,
        )
        self.assertEqual(tickets["visit"].support_cover, "contract")
        refused = self.env["helpdesk.ticket"].search(
            [("partner_id", "=", self.contact.id), ("support_cover", "=", "none")]
        )
        self.assertIn(tickets["empty"], refused)
        outcome = self._get_row("plafond").outcome
        self.assertEqual({item.ticket for item in outcome.refusals}, set(refused.ids))
        codes = {reason.code for item in outcome.refusals for reason in item.reasons}
        self.assertEqual(codes, {"gate_money", "on_call_barred"})
        # the top-up was sold by an order
        fees = self._charges("fee")
        self.assertEqual(float(outcome.fee), sum(fees.mapped("amount")) + 250)
        works = self._charges("work")
        self.assertAlmostEqual(float(outcome.work), sum(works.mapped("amount")))
        entries = self.contract.ledger_ids.entry_ids
        drawn = entries.filtered(lambda entry: entry.kind == "work")
        self.assertEqual(float(outcome.drawn("money")), -sum(drawn.mapped("quantity")))
        self.assertEqual(float(outcome.uses[0].left), self.contract.ledger_ids.balance)
        self.assertEqual(
            self.env["support.suits"]._get_charged(
                self.customer, self.company, self.first_day, self.last_day
            ),
            (outcome.fee, outcome.work),
        )

    def test_ticket_pack(self):
        """S3: a ticket is taken when it is opened, whatever the work; what is not used
        is lost"""

        def reject():
            ticket = self._ask("phone")
            ticket.with_user(self.technician)._support_reject("Not our software")

        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("ticket_pack", "tickets_10"),
                "2026-02-02": lambda: self._help("phone", "10:00", 18),
                "2026-02-03": lambda: self._help("remote", "10:00", 300),
                "2026-02-04": reject,
                "2026-03-02": lambda: self._ask("phone"),
                "2026-04-01": lambda: self._help(
                    "on_site", "15:00", 150, category="training", accept=0
                ),
                "2026-05-01": lambda: self._ask("phone", category="hardware"),
            },
            nights=self.nights,
        )
        row = self._get_row("ticket_pack")
        self.assertEqual(row.outcome.refused, 1)
        self.assertEqual(row.outcome.drawn("ticket"), 3)
        self.assertEqual(row.outcome.lost("ticket"), 7)
        self.assertEqual(row.outcome.fee, 180)
        works = self._charges("work")
        self.assertAlmostEqual(float(row.outcome.work), sum(works.mapped("amount")))
        self.assertGreater(row.outcome.work, 0)
        entries = self.contract.ledger_ids.entry_ids
        expired = entries.filtered(lambda entry: entry.kind == "expiry")
        self.assertEqual(sum(expired.mapped("quantity")), -7)
        [promise] = row.outcome.promised
        self.assertEqual((promise.kind, promise.minutes), ("response", 480))

    def test_sla_monthly(self):
        """S5: hours move on from month to month, the fee is monthly"""
        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("sla_monthly"),
                "2026-01-31": lambda: self._help("remote", "10:00", 100),
                "2026-02-12": lambda: self._help("remote", "10:00", 300),
                "2026-03-13": lambda: self._help("phone", "16:30", 44),
                "2026-05-20": lambda: self._help("on_site", "09:00", 470),
                "2026-06-10": lambda: self._help("on_site", "09:00", 470),
                "2026-06-11": lambda: self._help("on_site", "13:00", 345),
                "2026-06-12": lambda: self._help("remote", "16:00", 90),
                "2026-09-01": lambda: self._help(
                    "remote", "10:00", 61, category="development", accept=0
                ),
            },
            nights=self.nights,
        )
        outcome = self._assert_as_charged("sla_monthly")
        self.assertEqual(outcome.fee, 12 * 220)
        self.assertGreater(outcome.work, 92)
        self.assertEqual(outcome.lost("time"), 0)

    def test_rollover_up_to_a_quantity(self):
        """two hours of what is left at the end of a month move on, the rest is cut
        after the days of grace, also where work of the new month has drawn on it; fees
        in arrears; surcharges take more time"""
        contract_type = self.env.ref("support_contract.type_sla_monthly")
        contract_type.write({"fee_timing": "arrears", "surcharge_on_time": True})
        contract_type.allotment_ids.write(
            {
                "rollover": "quantity",
                "rollover_quantity": 120,
                "end_policy": "forfeited",
            }
        )
        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("sla_monthly"),
                "2026-01-31": lambda: self._help("remote", "10:00", 100),
                # after the change of month, before the cut
                "2026-02-13": lambda: self._help("remote", "10:00", 170),
                "2026-03-13": lambda: self._help("phone", "16:30", 44),
                "2026-05-20": lambda: self._help("on_site", "13:00", 470),
                "2026-06-01": lambda: self._help("remote", "10:00", 400),
            },
            nights=(
                *(
                    f"2026-{month:02}-{day}"
                    for month in range(2, 13)
                    for day in (12, 17)
                ),
                *self.nights,
            ),
        )
        kinds = set(self.contract.ledger_ids.entry_ids.mapped("kind"))
        self.assertLessEqual({"forfeit", "expiry"}, kinds)
        outcome = self._assert_as_charged("sla_monthly")
        self.assertEqual(outcome.fee, 12 * 220)

    def test_packages(self):
        """S6: one package after the other, and occasional help in between"""
        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("package", "package_4h"),
                "2026-02-02": lambda: self._help("remote", "10:00", 200),
                "2026-02-03": lambda: self._help("remote", "10:00", 30),
                "2026-02-04": lambda: self._help("remote", "10:00", 55, accept=0),
                "2026-03-02": lambda: self._start("package", "package_7h"),
                "2026-03-03": lambda: self._help("on_site", "15:00", 200),
                "2026-10-05": lambda: self._help("phone", "10:00", 20, accept=0),
            },
            nights=("2026-04-20", "2026-09-10", *self.nights),
        )
        outcome = self._assert_as_charged("package")
        self.assertEqual(outcome.fee, 320 + 525)
        self.assertGreater(outcome.work, 0)
        self.assertEqual(outcome.lost("time"), 660 - 240 - 210)

    def test_phone(self):
        """S4: the fee pays for calls; all else is help on call, or quoted"""
        self._set_price("fee_phone", 290)
        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("phone"),
                "2026-02-02": lambda: self._help("phone", "10:00", 100),
                "2026-02-03": lambda: self._help("remote", "12:20", 80, accept=0),
                "2026-02-06": lambda: self._help(
                    "phone", "16:30", 50, category="training", accept=0
                ),
            },
            nights=self.nights,
        )
        outcome = self._assert_as_charged("phone")
        self.assertEqual(outcome.fee, 290)
        self.assertGreater(outcome.work, 0)

    def test_changes_inside_the_year(self):
        """dated changes: dearer hours, another fee, a suspension; what was done before
        keeps its terms. A price of the list that begins in summer counts from then"""
        remote = self.modes["remote"].product_id
        dearer = self._create_pricelist("Dearer", {"remote": 77, "phone": 66})
        self.agreed.item_ids.filtered(
            lambda item: item.product_id == remote
        ).date_end = "2026-05-31 00:00:00"
        self.agreed.item_ids = [
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": remote.id,
                    "compute_price": "fixed",
                    "fixed_price": 64,
                    "date_start": "2026-06-01 00:00:00",
                }
            )
        ]

        def change():
            self._change(
                self.contract,
                "2026-08-01",
                "Dearer",
                pricelist_id=dearer.id,
                outside_surcharge=80,
            )

        def suspend():
            self.contract.with_user(self.manager)._change_state(
                "suspended", date(2026, 10, 1), "Not paid"
            )

        def resume():
            self.contract.with_user(self.manager).action_resume()

        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("sla_monthly"),
                "2026-02-02": lambda: self._help("remote", "09:00", 450),
                "2026-05-31": lambda: self._help("remote", "10:00", 1200),
                "2026-06-01": lambda: self._help("remote", "09:00", 450),
                "2026-07-20": change,
                "2026-07-31": lambda: self._help("remote", "16:00", 470),
                "2026-08-01": lambda: self._help("remote", "09:00", 420),
                "2026-08-03": lambda: self._help("remote", "15:00", 420),
                "2026-10-01": suspend,
                "2026-10-05": lambda: self._help("remote", "15:00", 90, accept=0),
                "2026-11-02": resume,
                "2026-11-03": lambda: self._help("remote", "10:00", 95),
            },
            nights=self.nights,
        )
        self.assertEqual(len(self.contract.change_ids), 1)
        self._assert_as_charged("sla_monthly")

    def test_more_activations(self):
        """a fee for each activation, two more in the middle of a period, charged for
        the days left; the end of the contract gives the days not served back"""
        contract_type = self.env.ref("support_contract.type_presidio")
        contract_type.write(
            {"fee_basis": "activation", "fee_period": "quarter", "refund_on_end": True}
        )

        def start():
            self._start("presidio", activation_count=3)

        def add():
            self._change(self.contract, self.today, "Two more", activation_count=5)

        def end():
            self.contract.with_user(self.manager)._change_state(
                "terminated", date(2026, 9, 15), "Closed"
            )

        self._play(
            "2027-01-20",
            {
                "2026-01-12": start,
                "2026-02-20": add,
                "2026-03-03": lambda: self._help("remote", "09:00", 450),
                "2026-09-15": end,
                "2026-10-05": lambda: self._help("remote", "10:00", 90, accept=0),
            },
            nights=self.nights,
        )
        row = self._get_row("presidio")
        charges = self._charges("fee", "activation", "refund")
        self.assertIn("refund", charges.mapped("kind"))
        self.assertEqual(
            float(row.outcome.fee), round(sum(charges.mapped("amount")), 2)
        )
        works = self._charges("work")
        self.assertAlmostEqual(float(row.outcome.work), sum(works.mapped("amount")))
        self.assertEqual(
            self.env["support.suits"]._get_charged(
                self.customer, self.company, self.first_day, self.last_day
            ),
            (row.outcome.fee, row.outcome.work),
        )

    def test_a_part_of_the_term(self):
        """a period that begins inside the term takes over what was left then, and
        counts what is due and done in it only"""
        self._play(
            "2026-08-20",
            {
                "2026-01-12": lambda: self._start("sla_monthly"),
                "2026-02-02": lambda: self._help("remote", "09:00", 240),
                "2026-03-02": lambda: self._help("remote", "09:00", 480),
                "2026-06-02": lambda: self._help("remote", "09:00", 460),
                "2026-07-02": lambda: self._help("on_site", "10:00", 480),
                "2026-07-03": lambda: self._help("on_site", "10:00", 460),
            },
        )
        first_day, last_day = date(2026, 3, 1), date(2026, 7, 31)
        row = self._get_row("sla_monthly", first_day=first_day, last_day=last_day)
        fees = self._charges("fee").filtered(
            lambda charge: first_day <= charge.date <= last_day
        )
        self.assertEqual(float(row.outcome.fee), sum(fees.mapped("amount")))
        self.assertEqual(row.outcome.fee, 5 * 220)
        works = self._charges("work").filtered(lambda charge: charge.date >= first_day)
        self.assertGreater(sum(works.mapped("amount")), 0)
        self.assertAlmostEqual(float(row.outcome.work), sum(works.mapped("amount")))
        entries = self.contract.ledger_ids.entry_ids.filtered(
            lambda entry: entry.kind == "work" and entry.day >= first_day
        )
        self.assertEqual(
            float(row.outcome.drawn("time")), -sum(entries.mapped("quantity"))
        )
        self.assertEqual(
            self.env["support.suits"]._get_charged(
                self.customer, self.company, first_day, last_day
            ),
            (row.outcome.fee, row.outcome.work),
        )

    def test_chosen_by_hand(self):
        """what a person chose for a ticket counts for what the customer really had"""
        self.company.write(
            {
                "support_travel_charge": "flat",
                "support_travel_product_id": self.call_out.id,
            }
        )

        def choose():
            ticket = self._ask("on_site")
            ticket.with_user(self.manager)._support_choose_cover(
                self.env["support.contract"], "Not part of it"
            )
            self._help("on_site", "10:00", 90, ticket, accept=0)

        self._play(
            "2027-01-20",
            {
                "2026-01-12": lambda: self._start("presidio"),
                "2026-02-02": choose,
                "2026-02-03": lambda: self._help("on_site", "10:00", 90),
            },
            nights=self.nights,
        )
        outcome = self._assert_as_charged("presidio")
        # an hour and a half at 110, and the call-out fee
        self.assertEqual(outcome.work, 165 + 45)


@tagged("post_install", "-at_install")
class TestSuitsTwins(SuitsCase):
    """Customers who ask for the same at the same moments under different contracts:
    what the comparison says about one of them is what the others have really paid."""

    KINDS = (
        ("presidio", None),
        ("sla_monthly", None),
        ("plafond", None),
        ("ticket_pack", "tickets_10"),
        ("package", "package_15h"),
        ("phone", None),
    )

    def _begin(self):
        for kind, package in self.KINDS:
            self.twins[kind] = self._create_customer(kind)
            self._sell(kind, package, partner=self.twins[kind])

    def _ask_all(self, mode, clock, minutes, category="fault"):
        """All of them ask, and those who are not refused get help."""
        for partner in (self.contact, *self.twins.values()):
            self._go_to(self.today, clock)
            ticket = self._ask(mode, category, partner)
            if ticket.support_cover == "none":
                continue
            end = self._moment(self.today, time.fromisoformat(clock))
            self.clock.move_to(end + timedelta(minutes=minutes))
            self._work(ticket, minutes)
            ticket.stage_id = self.env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")

    def test_twins(self):
        self._set_price("fee_phone", 290)
        self.types.pricelist_id = self.agreed
        self.twins = {}

        def ask(*args):
            return lambda: self._ask_all(*args)

        self._play(
            "2027-01-20",
            {
                "2026-01-12": self._begin,
                "2026-01-20": ask("remote", "10:00", 100),
                "2026-02-17": ask("remote", "15:20", 170, "information"),
                "2026-03-03": ask("phone", "16:50", 18),
                "2026-03-28": ask("remote", "11:00", 60),
                "2026-04-14": ask("remote", "09:30", 95, "legal"),
                "2026-05-12": ask("on_site", "14:00", 130),
                "2026-06-10": ask("remote", "10:00", 45, "development"),
                "2026-08-20": ask("on_site", "09:00", 110),
                "2026-12-01": ask("phone", "18:10", 65),
            },
            nights=self.nights,
        )
        rows = {row.contract_type: row.outcome for row in self._compare(recharge=False)}
        suits = self.env["support.suits"]
        span = (self.first_day, self.last_day)
        for kind, twin in self.twins.items():
            with self.subTest(kind=kind):
                found = rows[self.env.ref(f"support_contract.type_{kind}")]
                self.assertEqual(
                    (found.fee, found.work),
                    suits._get_charged(twin, self.company, *span),
                )
                refused = self.env["helpdesk.ticket"].search_count(
                    [
                        ("commercial_partner_id", "=", twin.id),
                        ("support_cover", "=", "none"),
                    ]
                )
                self.assertEqual(found.refused, refused)
                ledgers = self.env["support.ledger"].search(
                    [("commercial_partner_id", "=", twin.id)]
                )
                for unit in ("time", "ticket", "money"):
                    lost = ledgers.entry_ids.filtered(
                        lambda entry, unit=unit: (
                            entry.unit == unit and entry.kind in ("expiry", "forfeit")
                        )
                    )
                    rest = found.lost(unit)
                    if found.bought:
                        # bought when it was needed, so that it lasts a little longer
                        rest += sum(use.left for use in found.uses if use.unit == unit)
                    self.assertEqual(float(rest), -sum(lost.mapped("quantity")))
        # the customer himself had help on call
        self.assertEqual(
            (0, rows[self.env["support.contract.type"]].work),
            suits._get_charged(self.customer, self.company, *span),
        )
        self.assertGreater(
            rows[self.env.ref("support_contract.type_plafond")].refused, 0
        )


@tagged("post_install", "-at_install")
class TestSuitsWizard(SuitsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # the year is the same for every test
        year = cls()
        with ExitStack() as stack:
            year.addCleanup = stack.callback
            year._play(
                "2027-01-11",
                {
                    "2026-01-12": lambda: year._start("presidio"),
                    "2026-02-02": lambda: year._help("remote", "10:00", 300),
                    "2026-03-02": lambda: year._help("phone", "10:00", 45),
                    "2026-04-01": lambda: year._help("on_site", "10:00", 150),
                    "2026-05-04": lambda: year._help(
                        "remote", "10:00", 60, category="hardware"
                    ),
                },
            )
            cls.env.flush_all()
        cls.contract, cls.today = year.contract, year.today

    def setUp(self):
        super().setUp()
        freezer = freeze_time(self._moment(self.today, time(23)))
        self.clock = freezer.start()
        self.addCleanup(freezer.stop)
        self.env.invalidate_all()

    def _open(self, user=None):
        customer = self.customer.with_user(user or self.contract_user)
        action = customer.with_company(self.company).action_support_compare_types()
        self.env.flush_all()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _get_line(self, comparison, kind):
        wanted = self.env["support.contract.type"]
        if kind:
            wanted = self.env.ref(f"support_contract.type_{kind}")
        return comparison.line_ids.filtered(lambda line: line.type_id == wanted)

    def test_table(self):
        """all types that are sold and help on call, in the contract user's words"""
        comparison = self._open()
        self.assertEqual(
            (comparison.first_day, comparison.last_day), (self.first_day, self.last_day)
        )
        sold = self.env["support.contract.type"].search(
            [("company_id", "in", (False, self.company.id))]
        )
        self.assertEqual(comparison.line_ids.type_id, sold)
        self.assertEqual(len(comparison.line_ids), len(sold) + 1)
        self.assertEqual(comparison.charged_total, 1350)
        line = self._get_line(comparison, "presidio")
        self.assertEqual(comparison.line_ids.filtered("own"), line)
        self.assertEqual((line.fee, line.work, line.total), (1350, 0, 1350))
        self.assertEqual((line.refused, line.promise), (0, "No guaranteed time"))
        self.assertEqual((line.drawn_minutes, line.lost_minutes), (555, 945))
        line = self._get_line(comparison, "sla_monthly")
        # hardware is not part of it, and helped on call: 90 for a remote hour
        self.assertEqual((line.fee, line.work, line.refused), (12 * 220, 90, 0))
        self.assertEqual(
            line.promise,
            "First answer no later than 24 hours after you ask, day and night.",
        )
        # 4 of 4 tickets but hardware
        self.assertIn("3 tickets", line.details)
        line = self._get_line(comparison, None)
        # 5 hours remote, 45 minutes by phone, 2:30 on site, one hour remote
        self.assertEqual(line.work, 5 * 90 + 0.75 * 85 + 2.5 * 110 + 90)
        self.assertEqual((line.name, line.fee), ("On call, no contract", 0))
        cheapest = comparison.line_ids.filtered("best")
        self.assertEqual(cheapest, self._get_line(comparison, "package"))

    def test_packages(self):
        """the cheapest packages that cover the year, each said with its day: 5 hours in
        February, then 0:45, 2:30 and 1:00 until May"""
        line = self._get_line(self._open(), "package")
        self.assertEqual((line.fee, line.work, line.refused), (720, 0, 0))
        self.assertEqual(
            line.package_id, self.env.ref("support_contract.product_package_10h")
        )
        self.assertIn("02/02/2026: Package of 10 Hours", line.details)
        self.assertEqual(line.lost_minutes, 600 - 555)

    def test_wallet(self):
        """a wallet is recharged by its first payment, or refuses"""
        comparison = self._open()
        line = self._get_line(comparison, "plafond")
        self.assertEqual((line.fee, line.refused), (1000, 0))
        self.assertIn("Recharge of the wallet", line.details)
        comparison.recharge = False
        comparison.action_compare()
        line = self._get_line(comparison, "plafond")
        self.assertEqual((line.fee, line.refused), (500, 1))
        self.assertIn("of this work cost", self._plain(line.details))
        self.assertFalse(line.best)

    def test_refused_work_is_said(self):
        """phone support pays for calls only, and nobody helps on call"""
        self.company.support_on_call = False
        line = self._get_line(self._open(), "phone")
        self.assertEqual((line.work, line.refused), (0, 3))
        self.assertIn("this work mode is not included", line.details)
        tickets = self.env["helpdesk.ticket"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(
            sum(number in line.details for number in tickets.mapped("number")), 3
        )

    def test_chart(self):
        comparison = self._open()
        action = comparison.action_view_chart()
        costs = self.env[action["res_model"]].with_user(self.contract_user)
        found = costs._read_group(action["domain"], ["line_id", "kind"], ["amount:sum"])
        self.assertEqual(
            {(line, kind): amount for line, kind, amount in found},
            {
                (line, kind): line[kind]
                for line in comparison.line_ids
                for kind in ("fee", "work")
            },
        )

    def test_make_the_offer(self):
        comparison = self._open()
        for kind, package in (("sla_monthly", None), ("package", "package_10h")):
            line = self._get_line(comparison, kind)
            action = line.with_user(self.contract_user).action_make_offer()
            contract = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual(
                (contract.type_id, contract.partner_id, contract.state),
                (line.type_id, self.customer, "draft"),
            )
            if package:
                product = self.env.ref(f"support_contract.product_{package}")
                self.assertEqual(contract.package_id, product)

    def test_from_a_contract(self):
        contract = self.contract.with_user(self.contract_user)
        action = contract.with_company(self.company).action_compare_types()
        comparison = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(comparison.partner_id, self.customer)
        self.assertTrue(comparison.line_ids)

    def test_refusals_of_the_form(self):
        comparison = self._open()
        line = self._get_line(comparison, None)
        with self.assertRaisesRegex(UserError, "needs no contract"):
            line.action_make_offer()
        line = self._get_line(comparison, "presidio")
        line.type_id.withdrawn = True
        with self.assertRaisesRegex(UserError, "withdrawn"):
            line.action_make_offer()
        for first_day, last_day, text in (
            ("2026-05-02", "2026-05-01", "cannot lie after"),
            ("2026-05-02", "2027-01-12", "cannot be compared"),
            ("2023-05-02", "2027-01-11", "at most"),
        ):
            comparison.write({"first_day": first_day, "last_day": last_day})
            with self.assertRaisesRegex(UserError, text):
                comparison.action_compare()

    def test_rights(self):
        """prices are not for technicians, and a comparison is its user's own"""
        with self.assertRaises(AccessError):
            self._open(self.technician)
        comparison = self._open()
        for records in (comparison, comparison.line_ids, comparison.line_ids.cost_ids):
            with self.assertRaises(AccessError):
                records.with_user(self.technician).read(["display_name"])
            with self.assertRaises(AccessError):
                records.with_user(self.manager).read(["display_name"])
        with self.assertRaises(AccessError):
            comparison.line_ids[0].with_user(self.contract_user).write({"total": 1})

    def test_other_company(self):
        comparison = self._open().with_user(self.contract_user)
        other = self.env["res.company"].create({"name": "Other vendor"})
        comparison.sudo().company_id = other
        with self.assertRaises(AccessError):
            comparison.with_company(self.company).action_compare()

    def test_withdrawn_types(self):
        """types that are not sold any more are compared for those who have them"""
        self.env.ref("support_contract.type_presidio").withdrawn = True
        self.env.ref("support_contract.type_plafond").withdrawn = True
        comparison = self._open()
        self.assertTrue(self._get_line(comparison, "presidio"))
        self.assertFalse(self._get_line(comparison, "plafond"))

    def test_queries_do_not_grow_with_history(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._compare()
            return self.env.cr.sql_log_count - before

        def help_more(times):
            for minutes in range(20, 20 + times):
                cable = self.env["product.product"].create(
                    {"name": f"Cable {minutes}", "list_price": minutes}
                )
                ticket = self._ask("remote")
                self._log_work(
                    ticket,
                    minutes,
                    "2026-06-15",
                    self.modes["remote"],
                    material_ids=[
                        Command.create(
                            {"product_id": cable.id, "quantity": minutes, "free": True}
                        )
                    ],
                )

        help_more(2)
        count()  # compiles hours, which are then kept
        few = count()
        help_more(12)
        count()
        self.assertLessEqual(count(), few)
