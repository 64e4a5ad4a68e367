"""What deciding the cover adds to opening a ticket."""

from unittest.mock import patch

from . import common

TICKETS = 30


def run(env):
    """:return: rows of ``(what, measured, floor, ratio)``"""
    common.make_work_mode(env)
    contract = common.make_contract(env, common.make_type(env))
    team = env["helpdesk.ticket.team"].create({"name": "Bench"})
    bare = _open_tickets(env, contract.partner_id, team, bare=True)
    rows = [_row("bare helpdesk_mgmt ticket", bare, bare)]
    one = _open_tickets(env, contract.partner_id, team)
    rows.append(_row("covered by hours, 1 contract", one, bare))
    copies = common.multiply(env, contract, 999)
    copies._grant_due()
    env.cr.commit()
    many = _open_tickets(env, contract.partner_id, team)
    rows.append(_row("covered by hours, 1,000 contracts", many, bare))
    wallet = common.make_contract(
        env,
        common.make_type(
            env,
            gate_minutes=120,
            allotment={"unit": "money", "quantity": 90000, "recurrence": "once"},
        ),
    )
    gate = _open_tickets(env, wallet.partner_id, team)
    rows.append(_row("wallet with gate, reserved", gate, bare))
    packs = common.make_contract(
        env,
        common.make_type(
            env, allotment={"unit": "ticket", "quantity": 900, "recurrence": "once"}
        ),
    )
    pack = _open_tickets(env, packs.partner_id, team)
    rows.append(_row("ticket pack, one taken", pack, bare))
    return rows


def _open_tickets(env, partner, team, bare=False):
    model = env.registry["helpdesk.ticket"]
    watches = []
    for number in range(TICKETS):
        env.cr.commit()
        env.invalidate_all()
        # what every request has read before it comes here
        (env.user.partner_id | env.company.partner_id | partner).mapped("name")
        team.mapped("name")
        patches = []
        if bare:
            patches = [
                patch.object(
                    model,
                    "_support_prepare_cover",
                    lambda self, vals_list: [()] * len(vals_list),
                )
            ]
        for item in patches:
            item.start()
        with common.measure(env) as watch:
            env["helpdesk.ticket"].create(
                {
                    "name": f"Bench {number}",
                    "description": "Bench",
                    "partner_id": partner.id,
                    "team_id": team.id,
                }
            )
        for item in patches:
            item.stop()
        watches.append(watch)
    env.cr.commit()
    watches.sort(key=lambda watch: watch.seconds)
    return watches[len(watches) // 2]


def _row(label, watch, bare):
    return (
        f"{label} ({watch.queries} queries, {watch.queries - bare.queries:+d})",
        f"{watch.seconds * 1000:.1f} ms",
        f"{bare.seconds * 1000:.1f} ms",
        watch.seconds / bare.seconds,
    )
