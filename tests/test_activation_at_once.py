# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The same counts and the same decision at once, with real connections: once each."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SupportCommon
from .scratch import ScratchCase
from .test_concurrency import call

WORKERS, CONTRACTS = 4, 5


def prepare(database):
    """Running contracts by activations, counted as stated."""
    with database.env() as env:
        vendor = SupportCommon.in_environment(env)
        product = vendor._create_hour_product("Fee per activation", 365)
        contract_type = vendor._create_type(
            product_id=product.id, fee_basis="activation", fee_period="term"
        )
        contracts = [
            vendor._create_contract(contract_type, activation_count=10)
            for _number in range(CONTRACTS)
        ]
        return vendor.company.id, [contract.name for contract in contracts]


def send(env, company_id, names, number):
    company = env["res.company"].browse(company_id)
    rows = [
        {"contract": name, "number": number, "day": str(company._support_day())}
        for name in names
    ]
    counts = env["support.activation.count"].with_company(company)
    return counts.count_activations(rows)["counted"]


def accept(env, name):
    try:
        env["support.contract"].search([("name", "=", name)])._accept_counted()
    except UserError:
        return 0  # somebody was faster
    return 1


def work(database, company_id, names, number):
    """Every worker sends the same counts, then accepts every difference."""
    counted = call(database, send, company_id, names, number)
    return counted, sum(call(database, accept, name) for name in names)


@tagged("post_install", "-at_install")
class TestActivationsAtOnce(ScratchCase):
    def test_counted_and_accepted_once(self):
        company_id, names = self.database.run(prepare)
        processes = [
            self.database.start(work, company_id, names, 12) for _ in range(WORKERS)
        ]
        results = [process.wait() for process in processes]
        self.assertEqual(sum(counted for counted, _ in results), CONTRACTS)
        self.assertEqual(sum(accepted for _, accepted in results), CONTRACTS)
        self.assertEqual(
            self.database.sql(
                "SELECT kind, quantity::int, amount::int, count(*)::int "
                "FROM support_charge GROUP BY 1, 2, 3 ORDER BY 1"
            ),
            [
                ("activation", 2, 730, CONTRACTS),
                ("fee", 10, 3650, CONTRACTS),
            ],
        )
        self.assertEqual(
            self.database.sql(
                "SELECT count(*)::int, max(revision) FROM support_activation_count"
            ),
            [(CONTRACTS, 1)],
        )
