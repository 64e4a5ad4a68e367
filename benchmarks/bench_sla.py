"""What promised times add to opening and moving a ticket, beside helpdesk_mgmt_sla.

The peer is installed at the end, on the same database, with three policies on a team
of its own; what each adds is the difference to the same work without promises.
"""

from datetime import timedelta

from odoo import api, fields
from odoo.tools import SQL

from . import common

TICKETS = 60
STAGES = [
    {"percent": 50, "action": "remind"},
    {"percent": 75, "action": "warn"},
]


def run(env):
    """:return: rows of ``(what, measured, floor, added)``"""
    common.make_work_mode(env)
    promised = _make_contract(env)
    plain = common.make_contract(env, common.make_type(env))
    team = env["helpdesk.ticket.team"].create({"name": "Bench"})
    rows = []
    without = _measure(env, plain.partner_id, team)
    with_sla = _measure(env, promised.partner_id, team)
    for name, label in [
        ("open", "open a ticket, two targets with three stages each"),
        ("move", "move it to another stage"),
        ("wait", "let it wait for the customer"),
        ("go_on", "go on after the wait"),
    ]:
        rows.append(_row(f"ours: {label}", with_sla[name], without[name]))
    rows += _measure_job(env, promised)
    env = _install_peer(env)
    peer_without = _measure(env, plain.partner_id, _make_team(env, 0))
    peer = _measure(env, plain.partner_id, _make_team(env, 3))
    for name, label in [
        ("open", "open a ticket, three policies"),
        ("move", "move it to another stage"),
    ]:
        rows.append(_row(f"helpdesk_mgmt_sla: {label}", peer[name], peer_without[name]))
    return rows


def _make_contract(env):
    policy = env["support.sla.policy"].create(
        {
            "name": "Bench",
            "target_ids": [
                (
                    0,
                    0,
                    {
                        "kind": kind,
                        "minutes": minutes,
                        "stage_ids": [(0, 0, stage) for stage in STAGES],
                    },
                )
                for kind, minutes in [("response", 480), ("resolution", 2400)]
            ],
        }
    )
    contract_type = common.make_type(env, sla_policy_id=policy.id)
    return common.make_contract(env, contract_type)


def _measure(env, partner, team):
    """Medians of opening a ticket, moving it on, letting it wait and going on."""
    stages = env["helpdesk.ticket.stage"]
    new, progress, waiting = (
        stages.browse(env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}").id)
        for name in ("new", "in_progress", "awaiting")
    )
    watches = {"open": [], "move": [], "wait": [], "go_on": []}
    for number in range(TICKETS):
        ticket = env["helpdesk.ticket"]
        for step in watches:
            env.cr.commit()
            env.invalidate_all()
            # what every request has read before it comes here
            (env.user.partner_id | env.company.partner_id | partner).mapped("name")
            (new | progress | waiting).mapped("closed")
            team.mapped("name")
            ticket.mapped("stage_id.name")
            with common.measure(env) as watch:
                if step == "open":
                    ticket = ticket.create(
                        {
                            "name": f"Bench {number}",
                            "description": "Bench",
                            "partner_id": partner.id,
                            "team_id": team.id,
                            "stage_id": new.id,
                        }
                    )
                else:
                    ticket.stage_id = waiting if step == "wait" else progress
            watches[step].append(watch)
    env.cr.commit()
    return {
        step: sorted(found, key=lambda watch: watch.seconds)[len(found) // 2]
        for step, found in watches.items()
    }


def _row(label, watch, floor):
    return (
        f"{label} ({watch.queries} queries, {watch.queries - floor.queries:+d})",
        f"{watch.seconds * 1000:.1f} ms",
        f"{floor.seconds * 1000:.1f} ms",
        f"{(watch.seconds - floor.seconds) * 1000:+.1f} ms",
    )


def _measure_job(env, contract):
    """The job with 50 clocks due among few and many open ones."""
    ticket = env["helpdesk.ticket"].create(
        {
            "name": "Bench",
            "description": "Bench",
            "partner_id": contract.partner_id.id,
        }
    )
    env.cr.commit()
    rows = []
    for many in (1000, 20000):
        _multiply_clocks(env, ticket, many)
        _make_due(env, 50)
        env.invalidate_all()
        with common.measure(env) as watch:
            env["support.sla.clock"]._cron_fire_stages()
        rows.append(
            (
                f"stages job: 50 due among {many:,} open ({watch.queries} queries)",
                f"{watch.seconds * 1000:.0f} ms",
                "",
                "",
            )
        )
    return rows


def _multiply_clocks(env, ticket, wanted):
    """Open tickets like ``ticket`` with their clocks, as plain SQL."""
    env.flush_all()
    for table, count in [("helpdesk_ticket", wanted // 2), ("support_sla_clock", 1)]:
        env.cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND column_name <> 'id'",
            [table],
        )
        names = sorted(name for [name] in env.cr.fetchall())
        columns = SQL(", ").join(SQL.identifier(name) for name in names)
        if table == "helpdesk_ticket":
            env.cr.execute(
                SQL(
                    "INSERT INTO helpdesk_ticket (%(columns)s) SELECT %(columns)s "
                    "FROM helpdesk_ticket, generate_series(1, %(count)s) "
                    "WHERE id = %(id)s RETURNING id",
                    columns=columns,
                    count=count,
                    id=ticket.id,
                )
            )
            ids = [ticket_id for [ticket_id] in env.cr.fetchall()]
        else:
            values = SQL(", ").join(
                SQL("copies.id") if name == "ticket_id" else SQL.identifier(name)
                for name in names
            )
            env.cr.execute(
                SQL(
                    "INSERT INTO support_sla_clock (%s) SELECT %s "
                    "FROM support_sla_clock, unnest(%s) AS copies(id) "
                    "WHERE ticket_id = %s",
                    columns,
                    values,
                    ids,
                    ticket.id,
                )
            )
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()


def _make_due(env, count):
    """The first stage of the latest clocks was reached an hour ago."""
    now = fields.Datetime.now()
    env.cr.execute(
        SQL(
            "UPDATE support_sla_clock "
            "SET calendar_id = NULL, since = %s, next_due = %s "
            "WHERE id IN (SELECT id FROM support_sla_clock "
            "WHERE kind = 'response' AND handled = 0 ORDER BY id DESC LIMIT %s)",
            now - timedelta(hours=5),
            now - timedelta(hours=1),
            count,
        )
    )
    env.cr.commit()
    env.invalidate_all()


def _install_peer(env):
    env.cr.commit()
    module = env["ir.module.module"].search([("name", "=", "helpdesk_mgmt_sla")])
    module.button_immediate_install()
    env.cr.commit()
    return api.Environment(env.cr, env.uid, {})


def _make_team(env, policies):
    team = env["helpdesk.ticket.team"].create(
        {
            "name": f"Bench, {policies} policies",
            "use_sla": bool(policies),
            "resource_calendar_id": env.company.resource_calendar_id.id,
        }
    )
    done = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_done")
    waiting = env.ref("helpdesk_mgmt.helpdesk_ticket_stage_awaiting")
    for hours in range(4, 4 + policies):
        env["helpdesk.sla"].create(
            {
                "name": f"Within {hours} h",
                "hours": hours,
                "team_ids": [(6, 0, team.ids)],
                "stage_id": done.id,
                "ignore_stage_ids": [(6, 0, waiting.ids)],
            }
        )
    return team
