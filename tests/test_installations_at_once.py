# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Sales and offers seen by several workers at once, with real connections: one
installation for each sale, one mail for each customer and end of a warranty."""

from datetime import date

from odoo.tests import tagged

from .common import SupportCommon
from .scratch import ScratchCase
from .test_concurrency import call
from .test_kill import at

TODAY = date(2026, 3, 10)
LINES, WORKERS = 5, 5


def prepare(database):
    """Five tills are ordered, and five more have a warranty that ends soon."""
    at(TODAY)
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        env = vendor.env
        vendor.customer.email = "info@alpha.example.com"
        policy = env["support.warranty.policy"].create(
            {"name": "A year", "company_id": vendor.company.id}
        )
        till = vendor._create_hour_product(
            "Till",
            1000,
            uom_id=env.ref("uom.product_uom_unit").id,
            support_is_software=True,
            support_warranty_policy_id=policy.id,
        )
        env["sale.order"].create(
            {
                "partner_id": vendor.customer.id,
                "company_id": vendor.company.id,
                "order_line": [
                    (0, 0, {"product_id": till.id, "product_uom_qty": 1})
                    for _number in range(LINES)
                ],
            }
        ).action_confirm()
        env["support.installation"].create(
            [
                {
                    "product_id": till.id,
                    "partner_id": vendor.customer.id,
                    "company_id": vendor.company.id,
                    "sale_date": f"2025-03-1{number}",
                }
                for number in range(1, LINES + 1)
            ]
        )


def deliver(env, line_ids):
    """What a person does who enters what is delivered."""
    env["sale.order.line"].browse(line_ids).qty_delivered = 1
    return 1


def enter(database, line_ids):
    at(TODAY)
    return call(database, deliver, line_ids)


def offer(database):
    at(TODAY)
    with database.env() as env:
        env["support.installation"]._cron_offer_contracts()
        env["support.installation"]._cron_update_installations()


@tagged("post_install", "-at_install")
class TestInstallationsAtOnce(ScratchCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database.run(prepare)

    def test_one_installation_for_each_sale(self):
        """safe for several workers: nothing twice, nothing lost"""
        ids = [
            line_id
            for [line_id] in self.database.sql(
                "SELECT id FROM sale_order_line WHERE state = 'sale' ORDER BY id"
            )
        ]
        self.assertEqual(len(ids), LINES)
        orders = [ids if number % 2 else ids[::-1] for number in range(WORKERS)]
        workers = [self.database.start(enter, order) for order in orders]
        self.assertEqual([worker.wait() for worker in workers], [1] * WORKERS)
        rows = self.database.sql(
            "SELECT sale_key, activations_sold, state FROM support_installation "
            "WHERE sale_key IS NOT NULL ORDER BY sale_line_id"
        )
        self.assertEqual(
            [tuple(row) for row in rows],
            [(f"sale:{line_id}", 1, "warranty") for line_id in ids],
        )

    def test_one_mail_for_each_end(self):
        """run twice at once, and again: one offer with all installations"""
        workers = [self.database.start(offer) for _number in range(WORKERS)]
        for worker in workers:
            worker.wait()
        self.database.run(offer)
        [[offers, lines, mails]] = self.database.sql(
            """
            SELECT (SELECT count(*) FROM support_warranty_offer),
                   (SELECT count(*) FROM support_warranty_offer_line),
                   (SELECT count(*) FROM mail_message
                     WHERE subject LIKE '%your warranty ends%')
            """
        )
        self.assertEqual((offers, lines, mails), (1, LINES, 1))
