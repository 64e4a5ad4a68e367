# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a night costs: all daily jobs over many active contracts, first with nothing
due, then with some of them due to renew, to grant hours and to charge a fee.

The floor of a quiet night is one indexed read for each job.
"""

from dateutil.relativedelta import relativedelta

from odoo.tools import SQL

from . import common

SIZES = (1000, 10000)
DUE = (50, 250, 500)


def run(env):
    """:return: rows of ``(what, measured, queries, for each)``"""
    product = env["product.product"].create(
        {"name": "Bench fee", "type": "service", "list_price": 100}
    )
    contract_type = common.make_type(
        env,
        product_id=product.id,
        fee_period="month",
        renewal="automatic",
        cancellation_days=30,
        notice_ids=[(0, 0, {"days": days}) for days in (90, 60, 31)],
    )
    first = common.make_contract(env, contract_type)
    # what activating has made due is done
    _night(env)
    rows, contracts = [], first
    for size in SIZES:
        contracts |= _add(env, first, size - len(contracts))
        jobs = _measure_jobs(env)
        total = sum(watch.queries for _name, watch in jobs)
        seconds = sum(watch.seconds for _name, watch in jobs)
        rows.append(
            (
                f"nothing due, {size:,} active contracts, {len(jobs)} jobs",
                f"{seconds * 1000:.0f} ms",
                f"{total} queries",
                _dearest(jobs),
            )
        )
    start = 0
    for count in DUE:
        due = contracts.sorted("id")[start : start + count]
        start += count
        _make_due(env, due)
        jobs = _measure_jobs(env)
        total = sum(watch.queries for _name, watch in jobs)
        seconds = sum(watch.seconds for _name, watch in jobs)
        renewed = len(due.term_ids) - count
        rows.append(
            (
                f"{count} of {SIZES[-1]:,} due: {renewed} renewed, charged, granted",
                f"{seconds:.1f} s",
                f"{total} queries",
                f"{seconds * 1000 / count:.1f} ms, {total / count:.1f} queries each",
            )
        )
    return rows


def _dearest(jobs):
    name, watch = max(jobs, key=lambda job: job[1].queries)
    return f"most: {name.removeprefix('_cron_')} {watch.queries}"


def _get_jobs(env):
    """``[(model, method), ...]`` of the addon's daily jobs, in their order."""
    data = env["ir.model.data"].search(
        [("module", "=", "support_contract"), ("model", "=", "ir.cron")]
    )
    crons = env["ir.cron"].browse(data.mapped("res_id")).exists()
    daily = crons.filtered(
        lambda cron: cron.interval_type == "days" and cron.interval_number == 1
    )
    return [
        (cron.model_id.model, cron.code.removeprefix("model.").removesuffix("()"))
        for cron in daily.sorted(lambda cron: (cron.nextcall, cron.id))
    ]


def _measure_jobs(env):
    jobs = _get_jobs(env)
    env.cr.commit()
    env.invalidate_all()
    found = []
    for model, name in jobs:
        env.invalidate_all()
        with common.measure(env) as watch:
            getattr(env[model], name)()
        found.append((name, watch))
    env.cr.commit()
    return found


def _night(env):
    for model, name in _get_jobs(env):
        getattr(env[model], name)()
    env.cr.commit()


def _add(env, first, count):
    """More contracts like ``first`` that have nothing due either."""
    copies = common.multiply(env, first, count)
    env.execute_query(
        SQL(
            """
            INSERT INTO support_contract_notice (
                   contract_id, days, to_customer, to_owner)
            SELECT copies.id, notice.days, notice.to_customer, notice.to_owner
              FROM support_contract_notice notice, unnest(%s) AS copies(id)
             WHERE notice.contract_id = %s
            RETURNING id
            """,
            copies.ids,
            first.id,
        )
    )
    env.cr.execute(
        SQL(
            "UPDATE support_contract_allotment SET next_grant_day = %s "
            "WHERE contract_id = ANY(%s)",
            first.allotment_ids.next_grant_day,
            copies.ids,
        )
    )
    env.cr.execute("ANALYZE support_contract_notice")
    env.cr.commit()
    env.invalidate_all()
    return copies


def _make_due(env, contracts):
    """Their term ends in four weeks: the last reminder is over, they renew tonight;
    hours and a fee are due as well."""
    today = env.company._support_day()
    end = today + relativedelta(days=28)
    env.cr.execute(
        SQL(
            "UPDATE support_contract_term SET first_day = %s, last_day = %s "
            "WHERE contract_id = ANY(%s)",
            end - relativedelta(months=12, days=-1),
            end,
            contracts.ids,
        )
    )
    env.cr.execute(
        SQL(
            "UPDATE support_contract SET date_end = %s, date_start = %s, "
            "next_fee_day = %s WHERE id = ANY(%s)",
            end,
            end - relativedelta(months=12, days=-1),
            end - relativedelta(months=1, days=-1),
            contracts.ids,
        )
    )
    env.cr.execute(
        SQL(
            "UPDATE support_contract_allotment SET next_grant_day = %s "
            "WHERE contract_id = ANY(%s)",
            end - relativedelta(months=1, days=-1),
            contracts.ids,
        )
    )
    env.cr.commit()
    env.invalidate_all()
