"""What the ledgers cost, each beside a floor in the same run."""

import time

import psycopg2

from odoo.tools import config

from . import common

GRANTS = 10_000
DEBITS = 60


def run(env):
    """:return: rows of ``(what, measured, floor, ratio)``"""
    common.make_work_mode(env)
    return [*bench_grants(env), *bench_debits(env)]


def bench_grants(env):
    """10,000 monthly grants, one for each of as many contracts, against the bare
    insert of the same rows into a table with the same indexes and foreign keys."""
    contract = common.make_contract(env, common.make_type(env), months_ago=0)
    contracts = common.multiply(env, contract, GRANTS)
    env.cr.commit()
    with common.measure(env) as job:
        contracts._grant_due()
    env.cr.execute("SELECT count(*) FROM support_ledger_entry")
    assert env.cr.fetchone()[0] == GRANTS + 1
    rows = env["support.ledger.entry"].search(
        [("ledger_id.contract_id", "in", contracts.ids)]
    )
    allotments = contracts.allotment_ids
    allotments.write({"next_grant_day": contract.date_start})
    env.flush_all()
    floor = _bare_insert(env, rows.ids)
    env.cr.rollback()
    env.cr.execute("SELECT count(*) FROM support_ledger_entry")
    with common.measure(env) as prepared:
        day = env.company._support_day()
        values = [
            line
            for allotment in contracts._get_due_allotments(day)
            for line in allotment.get_rows(day)
        ]
    with common.measure(env) as posted:
        env["support.ledger"]._post_set(values)
    env.cr.commit()
    return [
        (
            f"{GRANTS} grants, whole job",
            _ms(job.seconds),
            _ms(floor),
            job.seconds / floor,
        ),
        (
            f"{GRANTS} grants, the posting alone ({posted.queries} queries)",
            _ms(posted.seconds),
            _ms(floor),
            posted.seconds / floor,
        ),
        ("... preparing the rows", _ms(prepared.seconds), "", ""),
    ]


def _bare_insert(env, ids):
    """Seconds to insert the same rows into a twin table without triggers."""
    cursor = env.cr
    cursor.execute("CREATE TABLE bench_entry (LIKE support_ledger_entry INCLUDING ALL)")
    cursor.execute(
        """
        SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE conrelid = 'support_ledger_entry'::regclass AND contype = 'f'
        """
    )
    for name, definition in cursor.fetchall():
        definition = definition.replace(
            "REFERENCES support_ledger_entry(", "REFERENCES bench_entry("
        )
        cursor.execute(
            f'ALTER TABLE bench_entry ADD CONSTRAINT "bench_{name}" {definition}'
        )
    cursor.execute(
        "CREATE TEMP TABLE bench_rows AS SELECT * FROM support_ledger_entry "
        "WHERE id = ANY(%s)",
        [ids],
    )
    start = time.perf_counter()
    cursor.execute("INSERT INTO bench_entry SELECT * FROM bench_rows")
    return time.perf_counter() - start


def bench_debits(env):
    """One debit with its commit, on a ledger with few and with many lots and entries,
    against the same steps in bare psycopg2."""
    rows = []
    floor = _bare_debit(env)
    for label, months in (("2 lots", 2), ("60 lots, 1,000 entries", 60)):
        contract = common.make_contract(
            env, common.make_type(env, first_term_months=120), months_ago=months
        )
        ledger = contract.ledger_ids
        day = env.company._support_day()
        if months > 2:
            for _number in range(1000):
                ledger._debit(1, "work", day)
        env.cr.commit()
        watches = []
        for _number in range(DEBITS):
            env.invalidate_all()
            with common.measure(env) as watch:
                ledger._debit(1, "work", day)
                env.cr.commit()
            watches.append(watch)
        watches.sort(key=lambda watch: watch.seconds)
        median = watches[len(watches) // 2]
        rows.append(
            (
                f"debit, {label} ({max(watch.queries for watch in watches)} queries)",
                _ms(median.seconds),
                _ms(floor),
                median.seconds / floor,
            )
        )
    return rows


def _bare_debit(env):
    """Median seconds of lock, pick the lot, insert, update, commit in psycopg2."""
    connection = psycopg2.connect(
        dbname=env.cr.dbname,
        host=config["db_host"] or None,
        port=config["db_port"] or None,
        user=config["db_user"] or None,
        password=config["db_password"] or None,
    )
    connection.set_session(isolation_level="REPEATABLE READ")
    cursor = connection.cursor()
    cursor.execute(
        """
        CREATE TABLE bench_ledger (id serial PRIMARY KEY, balance numeric);
        CREATE TABLE bench_line (id serial PRIMARY KEY, ledger_id int REFERENCES
            bench_ledger, lot_id int REFERENCES bench_line, quantity numeric,
            remaining numeric, last_day date);
        INSERT INTO bench_ledger (balance) VALUES (100000);
        INSERT INTO bench_line (ledger_id, quantity, remaining, last_day)
            SELECT 1, 50000, 50000, current_date FROM generate_series(1, 2);
        """
    )
    connection.commit()
    times = []
    for _number in range(DEBITS * 3):
        start = time.perf_counter()
        cursor.execute(
            "SELECT balance FROM bench_ledger WHERE id = 1 FOR NO KEY UPDATE"
        )
        cursor.execute(
            "SELECT id, remaining FROM bench_line WHERE ledger_id = 1 "
            "AND remaining > 0 ORDER BY last_day, id FOR NO KEY UPDATE"
        )
        lot = cursor.fetchall()[0][0]
        cursor.execute(
            "INSERT INTO bench_line (ledger_id, lot_id, quantity, remaining) "
            "VALUES (1, %s, -1, 0)",
            [lot],
        )
        cursor.execute(
            "UPDATE bench_line SET remaining = remaining - 1 WHERE id = %s", [lot]
        )
        cursor.execute("UPDATE bench_ledger SET balance = balance - 1 WHERE id = 1")
        connection.commit()
        times.append(time.perf_counter() - start)
    connection.close()
    return sorted(times)[len(times) // 2]


def _ms(seconds):
    return f"{seconds * 1000:.1f} ms"
