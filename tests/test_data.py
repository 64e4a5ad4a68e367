# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is shipped says what the vendors' pages say, in numbers."""

from datetime import date, datetime

from odoo.tests import TransactionCase, tagged
from odoo.tools.convert import convert_file

from ..tools.moment import Moment

TYPES = [
    "presidio",
    "plafond",
    "ticket_pack",
    "sla_monthly",
    "package",
    "phone",
    "activation_call",
    "activation_12",
    "activation_24",
    "follow_up",
]
DATA = [
    "product_data",
    "product_pricelist_data",
    "support_work_mode_data",
    "helpdesk_ticket_category_data",
    "support_contract_type_data",
    "support_warranty_policy_data",
    "product_package_data",
    "product_topup_data",
]


@tagged("post_install", "-at_install")
class TestData(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = {kind: cls._ref(f"type_{kind}") for kind in TYPES}

    @classmethod
    def _ref(cls, name):
        return cls.env.ref(f"support_contract.{name}")

    def _allotments(self, kind):
        return [
            (
                line.unit,
                line.quantity,
                sorted(line.work_mode_ids.mapped("name")),
                line.recurrence,
                line.rollover,
                line.end_policy,
            )
            for line in self.types[kind].allotment_ids
        ]

    def _treatments(self, kind):
        contract_type = self.types[kind]
        prefix = "support_contract.category_"
        listed = {
            line.category_id.get_external_id()[line.category_id.id].removeprefix(
                prefix
            ): line.treatment
            for line in contract_type.request_ids
        }
        return listed | {"": contract_type.other_requests}

    def test_presidio(self):
        self.assertEqual(
            self._allotments("presidio"),
            [
                (
                    "time",
                    15 * 60,
                    ["Phone", "Remote session"],
                    "year",
                    "none",
                    "forfeited",
                ),
                ("time", 10 * 60, ["On site"], "year", "none", "forfeited"),
            ],
        )
        presidio = self.types["presidio"]
        self.assertEqual(presidio.fee_period, "year")
        self.assertEqual(presidio.first_term_months, 12)
        self.assertEqual(presidio.overage, "charge")
        self.assertTrue(presidio.product_id)

    def test_booking(self):
        """dates are found with those who plan work, not with those who answer"""
        self.assertEqual(
            {kind: self.types[kind].portal_booking for kind in TYPES},
            dict.fromkeys(TYPES, "ask")
            | dict.fromkeys(["presidio", "plafond", "sla_monthly"], "book")
            | dict.fromkeys(["ticket_pack", "phone"], "none"),
        )

    def test_plafond(self):
        self.assertEqual(
            self._allotments("plafond"),
            [("money", 500, [], "once", "none", "carried")],
        )
        plafond = self.types["plafond"]
        self.assertEqual(plafond.gate_minutes, 120)
        self.assertEqual(plafond.first_term_months, 12)
        self.assertFalse(plafond.allows_on_call)
        self.assertTrue(plafond.threshold_ids)
        self.assertEqual(plafond.notice_hours, 48)
        self.assertEqual(plafond.portal_change_hours, 48)
        self.assertEqual(
            self._treatments("plafond"),
            {
                "information": "drawn",
                "fault": "drawn",
                "hardware": "drawn",
                "training": "drawn",
                "installation": "free",
                "legal": "free",
                "development": "quoted",
                "": "drawn",
            },
        )

    def test_ticket_packs(self):
        pack = self.types["ticket_pack"]
        self.assertFalse(pack.allotment_ids)
        self.assertFalse(pack.product_id)
        self.assertFalse(pack.allows_on_call)
        self.assertEqual(pack.overage, "refuse")
        self.assertEqual(
            self._packages("ticket_pack"),
            [("ticket", 10, 12), ("ticket", 25, 12)],
        )
        self.assertEqual(
            self._treatments("ticket_pack"),
            {
                "information": "drawn",
                "installation": "drawn",
                "fault": "drawn",
                "legal": "drawn",
                "training": "quoted",
                "development": "quoted",
                "hardware": "excluded",
                "": "drawn",
            },
        )

    def test_monthly_hours(self):
        self.assertEqual(
            self._allotments("sla_monthly"),
            [("time", 5 * 60, [], "month", "unlimited", "carried")],
        )
        sla = self.types["sla_monthly"]
        self.assertEqual(sla.fee_period, "month")
        self.assertEqual(sla.overage, "charge")
        self.assertEqual(
            self._treatments("sla_monthly"),
            {
                "information": "drawn",
                "fault": "drawn",
                "training": "drawn",
                "installation": "free",
                "legal": "free",
                "development": "quoted",
                "hardware": "excluded",
                "": "drawn",
            },
        )

    def test_phone(self):
        phone = self.types["phone"]
        self.assertFalse(phone.allotment_ids)
        self.assertEqual(phone.fee_period, "year")
        self.assertTrue(phone.product_id)
        self.assertEqual(phone.fee_work_mode_ids, self._ref("work_mode_phone"))
        self.assertTrue(phone.callback_out_of_hours)
        [line] = phone.coverage_ids
        self.assertEqual(
            line.channel_id,
            self.env.ref("helpdesk_mgmt.helpdesk_ticket_channel_phone"),
        )
        hours = [
            (attendance.dayofweek, attendance.hour_from, attendance.hour_to)
            for attendance in line.calendar_id.attendance_ids
            if attendance.day_period != "lunch"
        ]
        self.assertEqual(
            sorted(hours),
            [
                (str(day), start, end)
                for day in range(5)
                for start, end in ((10.0, 12.5), (15.0, 17.0))
            ],
        )
        self.assertEqual(
            self._treatments("phone"),
            {
                "information": "drawn",
                "installation": "drawn",
                "fault": "drawn",
                "legal": "drawn",
                "training": "quoted",
                "development": "quoted",
                "hardware": "excluded",
                "": "drawn",
            },
        )

    def test_maintenance_per_activation(self):
        """S9: on call, SLA 12 h and SLA 24 h"""
        included = {
            "information": "drawn",
            "fault": "drawn",
            "installation": "free",
            "legal": "free",
            "training": "quoted",
            "development": "quoted",
            "hardware": "excluded",
            "": "drawn",
        }
        for kind, minutes, treatments in [
            ("activation_call", [], included | {"training": "drawn"}),
            ("activation_12", [12 * 60], included),
            ("activation_24", [24 * 60], included),
        ]:
            contract_type = self.types[kind]
            with self.subTest(kind=kind):
                self.assertFalse(contract_type.allotment_ids)
                self.assertTrue(contract_type.product_id)
                self.assertEqual(
                    (contract_type.fee_basis, contract_type.fee_period),
                    ("activation", "year"),
                )
                self.assertEqual(contract_type.fee_pays_help, bool(minutes))
                self.assertTrue(contract_type.signature_required)
                self.assertTrue(contract_type.compare_activations)
                self.assertTrue(contract_type.covers_installations)
                self.assertTrue(contract_type.includes_updates)
                self.assertEqual(contract_type.renewal, "manual")
                self.assertTrue(contract_type.lapse_bars)
                self.assertEqual(contract_type.grace_days, 0)
                targets = contract_type.sla_policy_id.target_ids
                self.assertEqual(
                    targets.mapped(lambda target: (target.kind, target.measure)),
                    [("response", "coverage")] * len(minutes),
                )
                self.assertEqual(targets.mapped("minutes"), minutes)
                self.assertEqual(self._treatments(kind), treatments)
        self.assertEqual(self._ref("product_activation").support_sells, "activation")

    def test_packages(self):
        packages = self._packages("package")
        self.assertEqual(
            [(unit, quantity) for unit, quantity, _ in packages],
            [("time", hours * 60) for hours in (4, 7, 10, 15)],
        )
        # each is used within a period that depends on the package
        months = [validity for *_, validity in packages]
        self.assertEqual(months, sorted(set(months)))
        package = self.types["package"]
        self.assertTrue(package.allows_on_call)
        self.assertEqual(package.overage, "refuse")

    def _packages(self, kind):
        return [
            (
                product.support_unit,
                product.support_quantity,
                product.support_validity_months,
            )
            for product in self.types[kind].package_ids.sorted("support_quantity")
        ]

    def test_warranty_and_follow_up(self):
        """S8: free within a year of the sale; phone and internet, consulting, changes
        of law; working days 08:00-16:00"""
        policy = self._ref("warranty_policy_year")
        self.assertEqual((policy.months, policy.start_from), (12, "sale"))
        self.assertEqual(policy.offer_days, 30)
        self.assertTrue(policy.includes_updates)
        self.assertEqual(
            policy.work_mode_ids.mapped("name"), ["Phone", "Remote session"]
        )
        free = ("information", "fault", "hardware", "installation", "legal")
        self.assertEqual(
            set(policy.category_ids), {self._ref(f"category_{name}") for name in free}
        )
        follow_up = self.types["follow_up"]
        self.assertEqual(policy.type_ids, follow_up)
        self.assertEqual(
            self._treatments("follow_up"),
            {
                **dict.fromkeys(free, "drawn"),
                "training": "quoted",
                "development": "quoted",
                "": "drawn",
            },
        )
        self.assertFalse(follow_up.allotment_ids)
        self.assertEqual(follow_up.fee_work_mode_ids, policy.work_mode_ids)
        self.assertEqual(follow_up.coverage_ids.calendar_id, policy.calendar_id)
        self.assertTrue(follow_up.covers_installations)
        self.assertTrue(follow_up.includes_updates)
        hours = policy.calendar_id.attendance_ids
        self.assertEqual(
            {(line.hour_from, line.hour_to) for line in hours}, {(8.0, 16.0)}
        )
        self.assertEqual(set(hours.mapped("dayofweek")), set("01234"))

    def test_priority(self):
        ranks = {kind: contract_type.rank for kind, contract_type in self.types.items()}
        self.assertEqual(min(ranks, key=ranks.get), "sla_monthly")
        self.assertEqual(max(ranks, key=ranks.get), "package")
        self.assertLess(max(ranks.values()), 900)

    def test_types_are_explained_and_for_every_company(self):
        for contract_type in self.types.values():
            self.assertTrue(contract_type.description)
            self.assertFalse(contract_type.company_id)
        for mode in ("phone", "remote", "on_site"):
            self.assertFalse(self._ref(f"work_mode_{mode}").company_id)
        categories = self.env["helpdesk.ticket.category"].browse(
            self._ref(f"category_{name}").id
            for name in (
                "information",
                "fault",
                "hardware",
                "training",
                "installation",
                "development",
                "legal",
            )
        )
        self.assertFalse(categories.company_id)
        self.assertTrue(all(categories.mapped("show_in_portal")))
        self.assertFalse(self._ref("pricelist_on_call").company_id)

    def test_work_modes(self):
        hour = self.env.ref("uom.product_uom_hour")
        for mode, minimum, step in (
            ("phone", 5, 5),
            ("remote", 15, 15),
            ("on_site", 60, 30),
        ):
            work_mode = self._ref(f"work_mode_{mode}")
            self.assertEqual(
                (work_mode.minimum_minutes, work_mode.step_minutes), (minimum, step)
            )
            self.assertEqual(work_mode.product_id.uom_id, hour)
            self.assertEqual(work_mode.product_id.type, "service")

    def test_updating_keeps_what_the_vendor_has_set(self):
        presidio = self.types["presidio"]
        presidio.name = "Our Presidio"
        presidio.allotment_ids[0].quantity = 20 * 60
        product = self._ref("product_hour_remote")
        product.list_price = 77
        count = self.env["support.contract.type"].search_count([])
        for name in DATA:
            convert_file(
                self.env,
                "support_contract",
                f"data/{name}.xml",
                {},
                mode="update",
                noupdate=False,
            )
        self.assertEqual(presidio.name, "Our Presidio")
        self.assertEqual(presidio.allotment_ids.mapped("quantity"), [20 * 60, 10 * 60])
        self.assertEqual(product.list_price, 77)
        self.assertEqual(self.env["support.contract.type"].search_count([]), count)

    def test_only_the_demo_data_can_move_the_day(self):
        company = self.env.company
        company.support_tz = "UTC"
        past = datetime(2020, 2, 3, 4, 5)
        for moment in (past, "2020-02-03 04:05:00", past.timestamp(), [2020, 2, 3]):
            moved = company.with_context(support_moment=moment)
            self.assertEqual(moved._support_day(), company._support_day())
        moment = Moment.combine(past.date(), past.time())
        moved = company.with_context(support_moment=moment)
        self.assertEqual(moved._support_day(), date(2020, 2, 3))

    def test_views_of_others_are_found_in_every_language(self):
        """by their structure: words are translated, and a page that looks for them
        is none in another language"""
        shipped = self.env["ir.model.data"].search(
            [("module", "=", "support_contract"), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].search(
            [
                ("id", "in", shipped.mapped("res_id")),
                ("inherit_id", "!=", False),
                ("arch_db", "like", "text()"),
            ]
        )
        self.assertEqual(views.mapped("xml_id"), [])
