"""What the customers' pages cost: with hardly anything on them and after years, beside
the portal's empty home and Odoo's own list of orders in the same run.

Whole requests, from the session to the printed page, through Odoo's own application; no
network, no browser.
"""

import re
import threading
import time
from datetime import timedelta

from werkzeug.test import Client

from odoo import http
from odoo.tools import SQL, config

from . import common

LOGIN = "bench_portal"
ADDRESS = {"REMOTE_ADDR": "127.0.0.1"}
#: how many tickets, pieces of work, entries and orders there are after years
YEARS = 1000
TIMES = 7
NEVER_COPIED = ("id", "access_token", "message_main_attachment_id")


def run(env):
    """:return: rows of ``(what, measured, floor, ratio)``"""
    config["db_name"], config["dbfilter"] = [env.cr.dbname], ""
    common.make_work_mode(env)
    contract = common.make_contract(env, common.make_type(env, portal_shown=True))
    user = _make_portal_user(env, contract)
    ticket = _make_history(env, contract, user)
    env.cr.commit()
    pages = {
        "overview": "/my/support",
        "contract": contract.access_url,
        "statement": f"{contract.access_url}/ledgers/{contract.ledger_ids.id}",
        "tickets": "/my/tickets",
        "ticket": f"/my/ticket/{ticket.id}",
        "interventions": "/my/support/interventions",
        "offers": "/my/support/offers",
    }
    client = _log_in()
    few = {name: _get(client, url) for name, url in pages.items()}
    _multiply(env, contract, ticket)
    env.cr.commit()
    home = _get(client, "/my")
    peer = _get(client, "/my/orders")
    rows = [
        _row("portal's home", home, home),
        _row(f"Odoo's list of {YEARS:,} orders", peer, home),
    ]
    for name, url in pages.items():
        rows.append(_row(name, few[name], home))
        rows.append(_row(f"{name}, {YEARS:,} of each", _get(client, url), home))
    return rows


def _make_portal_user(env, contract):
    person = env["res.partner"].create(
        {"name": "Bench person", "parent_id": contract.partner_id.id}
    )
    contract.signatory_id = person
    return env["res.users"].create(
        {
            "login": LOGIN,
            "password": LOGIN,
            "partner_id": person.id,
            "group_ids": [(6, 0, env.ref("base.group_portal").ids)],
        }
    )


def _make_history(env, contract, user):
    """One of each: a ticket with work on it, and an order."""
    env["hr.employee"].create({"name": "Bench", "user_id": env.user.id})
    team = env["helpdesk.ticket.team"].create({"name": "Bench"})
    ticket = env["helpdesk.ticket"].create(
        {
            "name": "Bench",
            "description": "Bench",
            "partner_id": user.partner_id.id,
            "team_id": team.id,
        }
    )
    start = env.company._support_now() - timedelta(hours=1)
    work = env["support.intervention"].create(
        {
            "ticket_id": ticket.id,
            "work_mode_id": env.company.support_work_mode_id.id,
            "start": start,
            "end": start + timedelta(minutes=10),
            "name": "Bench",
            "user_id": env.user.id,
        }
    )
    work.action_done()
    order = env["sale.order"].create({"partner_id": contract.partner_id.id})
    order.action_confirm()
    return ticket


def _multiply(env, contract, ticket):
    """What is there after years, as plain SQL."""
    ledger = contract.ledger_ids
    work = env["support.intervention"].search([("ticket_id", "=", ticket.id)])
    order = env["sale.order"].search([("partner_id", "=", contract.partner_id.id)])
    env.flush_all()
    _copy(env, ticket, number=SQL("'B' || copy"))
    _copy(env, work)
    _copy(env, order, name=SQL("'B' || copy"))
    day = contract.date_start
    lot = ledger._credit(YEARS, "correction", day, day, reason="Bench")
    ledger._insert(
        [
            {
                "ledger_id": ledger.id,
                "kind": "work",
                "quantity": -1,
                "day": day + timedelta(days=number % 30),
                "lot_id": lot.id,
                "ticket_id": ticket.id,
                "intervention_id": work.id,
            }
            for number in range(YEARS)
        ]
    )
    for record in (ticket, work, order, ledger.entry_ids):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(record._table)))
    env.invalidate_all()


def _copy(env, record, **columns):
    names = [
        name
        for name, field in record._fields.items()
        if field.store and field.column_type and name not in NEVER_COPIED
    ]
    env.cr.execute(
        SQL(
            "INSERT INTO %(table)s (%(names)s) SELECT %(values)s "
            "FROM %(table)s old, generate_series(1, %(count)s) AS copy "
            "WHERE old.id = %(id)s",
            table=SQL.identifier(record._table),
            names=SQL(", ").join(map(SQL.identifier, names)),
            values=SQL(", ").join(
                columns.get(name) or SQL.identifier("old", name) for name in names
            ),
            count=YEARS,
            id=record.id,
        )
    )


def _log_in():
    client = Client(http.root)
    page = client.get("/web/login", environ_base=ADDRESS).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    client.post(
        "/web/login",
        data={"login": LOGIN, "password": LOGIN, "csrf_token": token},
        environ_base=ADDRESS,
    )
    return client


def _get(client, url):
    """The quickest of some requests, caches being warm."""
    watches = []
    for _number in range(TIMES):
        watch = common.Stopwatch()
        start = time.perf_counter()
        response = client.get(url, environ_base=ADDRESS)
        response.get_data()
        watch.seconds = time.perf_counter() - start
        # Odoo counts for each request in the thread that serves it
        watch.queries = threading.current_thread().query_count
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status}")
        watches.append(watch)
    return common.best(watches)


def _row(label, watch, floor):
    return (
        f"{label} ({watch.queries} queries)",
        f"{watch.seconds * 1000:.1f} ms",
        f"{floor.seconds * 1000:.1f} ms",
        watch.seconds / floor.seconds,
    )
