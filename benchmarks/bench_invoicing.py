# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Invoicing the due fees of contracts, beside a bare batch and OCA's contract.

One customer, one monthly fee, one invoice for each contract. The floor creates the
same invoices in one batch and nothing else; the peer is installed at the end, on the
same database, and runs its own job.
"""

from dateutil.relativedelta import relativedelta

from odoo import api

from . import common

SIZES = (100, 1000, 5000)
PEER_SIZE = 1000


def run(env):
    """:return: rows of ``(what, measured, for each, queries for each)``"""
    env["account.chart.template"].try_loading("generic_coa", company=env.company)
    env.company.support_invoice_auto = True
    product = env["product.product"].create(
        {"name": "Bench fee", "type": "service", "list_price": 100}
    )
    contract_type = common.make_type(env, product_id=product.id, fee_period="month")
    rows = []
    for size in SIZES:
        contracts = _make_contracts(env, contract_type, size)
        rows.append(_row(f"ours: {size:,} contracts due", _measure(env), size))
        if size == PEER_SIZE:
            charges = env["support.charge"].search(
                [("contract_id", "in", contracts.ids), ("state", "=", "draft")]
            )
            floor = _measure_floor(env, charges.invoice_id)
            rows.append(_row(f"floor: the same {size:,} invoices", floor, size))
    env = _install_peer(env)
    _make_peer(env, product, PEER_SIZE)
    with common.measure(env) as watch:
        env["contract.contract"].cron_recurring_create_invoice()
        env.cr.commit()
    rows.append(_row(f"OCA contract: {PEER_SIZE:,} contracts due", watch, PEER_SIZE))
    return rows


def _row(label, watch, size):
    return (
        label,
        f"{watch.seconds:.1f} s",
        f"{watch.seconds * 1000 / size:.1f} ms",
        f"{watch.queries / size:.1f} queries",
    )


def _make_customers(env, count):
    return env["res.partner"].create(
        [{"name": f"Bench {number}", "is_company": True} for number in range(count)]
    )


def _make_contracts(env, contract_type, count):
    """Contracts whose second monthly fee is due, and nothing else."""
    today = env.company._support_day()
    contracts = env["support.contract"].create(
        [
            {
                "type_id": contract_type.id,
                "partner_id": partner.id,
                "date_start": today - relativedelta(months=1),
                "allotment_ids": [],
            }
            for partner in _make_customers(env, count)
        ]
    )
    contracts.action_activate()
    env.flush_all()
    # what activating has charged is out of the way
    env.cr.execute(
        "UPDATE support_charge SET state = 'cancelled', cancelled = TRUE, "
        "key = key || ':' || id WHERE contract_id = ANY(%s)",
        [contracts.ids],
    )
    env.cr.execute(
        "UPDATE support_contract SET next_fee_day = %s WHERE id = ANY(%s)",
        [today, contracts.ids],
    )
    env.cr.commit()
    env.invalidate_all()
    return contracts


def _measure(env):
    """The two nightly jobs: charge the fees, invoice the charges."""
    with common.measure(env) as watch:
        env["support.contract"]._cron_charge_fees()
        env["support.charge"]._cron_invoice()
        env.cr.commit()
    env.invalidate_all()
    return watch


def _measure_floor(env, moves):
    """The same invoices, created in one batch."""
    values = [
        {
            "move_type": move.move_type,
            "partner_id": move.partner_id.id,
            "currency_id": move.currency_id.id,
            "company_id": move.company_id.id,
            "invoice_origin": move.invoice_origin,
            "invoice_line_ids": [
                (
                    0,
                    0,
                    {
                        "name": line.name,
                        "product_id": line.product_id.id,
                        "quantity": line.quantity,
                        "price_unit": line.price_unit,
                    },
                )
                for line in move.invoice_line_ids
            ],
        }
        for move in moves
    ]
    env.cr.commit()
    env.invalidate_all()
    with common.measure(env) as watch:
        env["account.move"].create(values)
        env.cr.commit()
    env.invalidate_all()
    return watch


def _install_peer(env):
    env.cr.commit()
    module = env["ir.module.module"].search([("name", "=", "contract")])
    module.button_immediate_install()
    env.cr.commit()
    return api.Environment(env.cr, env.uid, {})


def _make_peer(env, product, count):
    today = env.company._support_day()
    env["contract.contract"].create(
        [
            {
                "name": f"Bench {partner.id}",
                "partner_id": partner.id,
                "line_recurrence": False,
                "recurring_rule_type": "monthly",
                "date_start": today,
                "contract_line_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": product.id,
                            "name": "Fee",
                            "quantity": 1,
                            "uom_id": product.uom_id.id,
                            "price_unit": 100,
                            "date_start": today,
                            "recurring_next_date": today,
                            "recurring_rule_type": "monthly",
                        },
                    )
                ],
            }
            for partner in _make_customers(env, count)
        ]
    )
    env.cr.commit()
    env.invalidate_all()
