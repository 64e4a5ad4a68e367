"""Records that the benchmarks measure on. The database is thrown away afterwards."""

import time
from contextlib import contextmanager

from dateutil.relativedelta import relativedelta


class Stopwatch:
    """Seconds and queries of the block that ran inside it."""

    seconds = 0.0
    queries = 0


@contextmanager
def measure(env):
    """Measure a block: wall time and the queries of ``env``'s cursor."""
    watch = Stopwatch()
    env.flush_all()
    queries = env.cr.sql_log_count
    start = time.perf_counter()
    yield watch
    env.flush_all()
    watch.seconds = time.perf_counter() - start
    watch.queries = env.cr.sql_log_count - queries


def best(measurements):
    """The quickest of several measurements: the one least disturbed."""
    return min(measurements, key=lambda watch: watch.seconds)


def make_work_mode(env):
    product = env["product.product"].create(
        {
            "name": "Bench hour",
            "type": "service",
            "list_price": 70,
            "uom_id": env.ref("uom.product_uom_hour").id,
        }
    )
    mode = env["support.work.mode"].create(
        {"name": "Bench phone", "product_id": product.id}
    )
    env.company.support_work_mode_id = mode
    return mode


def make_type(env, **values):
    allotment = {
        "unit": "time",
        "quantity": 600,
        "recurrence": "month",
        "rollover": "unlimited",
    }
    return env["support.contract.type"].create(
        {
            "name": "Bench type",
            "overage": "charge",
            "allotment_ids": [(0, 0, allotment | values.pop("allotment", {}))],
            **values,
        }
    )


def make_contract(env, contract_type, months_ago=1, **values):
    partner = env["res.partner"].create({"name": "Bench customer", "is_company": True})
    contract = env["support.contract"].create(
        {
            "type_id": contract_type.id,
            "partner_id": partner.id,
            "date_start": env.company._support_day()
            - relativedelta(months=months_ago, days=5),
            **values,
        }
    )
    contract.action_activate()
    env.flush_all()
    return contract


def multiply(env, contract, count):
    """``count`` more contracts like ``contract``, as plain SQL: same customer, term,
    history, allotment and ledger, nothing granted yet."""
    env.flush_all()
    clone = f"""
        SELECT *, row_number() OVER () AS position
          FROM support_contract, generate_series(1, {int(count)})
         WHERE id = {contract.id}
    """

    def columns(table, **replaced):
        env.cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND column_name <> 'id'",
            [table],
        )
        names = sorted(name for [name] in env.cr.fetchall())
        values = [replaced.get(name, f'source."{name}"') for name in names]
        return ", ".join(f'"{name}"' for name in names), ", ".join(values)

    names, values = columns(
        "support_contract",
        name="'B' || source.position + (SELECT max(id) FROM support_contract)",
        support_code="NULL",
        access_token="NULL",
    )
    env.cr.execute(
        f"INSERT INTO support_contract ({names}) SELECT {values} FROM ({clone}) source "
        "RETURNING id"
    )
    ids = [contract_id for [contract_id] in env.cr.fetchall()]
    for table in ("support_contract_term", "support_contract_status", "support_ledger"):
        names, values = columns(table, contract_id="copies.id")
        env.cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} source, "
            f"unnest(%s) AS copies(id) WHERE source.contract_id = %s",
            [ids, contract.id],
        )
    names, values = columns(
        "support_contract_allotment",
        contract_id="copies.id",
        ledger_id="ledger.id",
        next_grant_day=f"'{contract.date_start}'",
    )
    env.cr.execute(
        f"INSERT INTO support_contract_allotment ({names}) SELECT {values} "
        "FROM support_contract_allotment source, unnest(%s) AS copies(id) "
        "JOIN support_ledger ledger ON ledger.contract_id = copies.id "
        "WHERE source.contract_id = %s",
        [ids, contract.id],
    )
    for table in (
        "support_contract",
        "support_contract_term",
        "support_contract_status",
        "support_ledger",
        "support_contract_allotment",
    ):
        env.cr.execute(f"ANALYZE {table}")
    env.invalidate_all()
    return env["support.contract"].browse(ids)
