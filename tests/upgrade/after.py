# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of the present version, after the update: what it has become.
# ruff: noqa: F821
import json

from dateutil.relativedelta import relativedelta

contract = env["support.contract"].search([("type_id.name", "=", "Old Hours")])
ticket = env["helpdesk.ticket"].search([("name", "=", "Old ticket")])
new = ticket.copy({"name": "New ticket"})
work = env["support.intervention"].search([("name", "=", "Old work")])
following = contract.date_start + relativedelta(months=1)
jobs = ("cron_charge_fees", "cron_invoice", "cron_compare_topups", "cron_overdue")
result = {
    "version": env.ref("base.module_support_contract").latest_version,
    "sound": env["support.ledger.check"]._find(),
    "balance": contract.ledger_ids.balance,
    "contract_notice": contract.notice_hours,
    "work": work.state,
    "charges": env["support.charge"].search_count([]),
    "next_fee": "next period"
    if contract.next_fee_day == following
    else str(contract.next_fee_day),
    "notice": env.ref("support_contract.type_plafond").notice_hours,
    "on_site": env.ref("support_contract.work_mode_on_site").on_site,
    "package": env.ref("support_contract.product_package_4h").support_sells,
    "jobs": all(
        env.ref(f"support_contract.{name}", raise_if_not_found=False) for name in jobs
    ),
    "topups": env["product.template"].search_count([("support_sells", "=", "topup")]),
    "own_name": env.ref("support_contract.type_sla_monthly").name,
    "own_mode": env.ref("support_contract.work_mode_phone").name,
    "new_ticket_covered": new.support_contract_id == contract,
}
print("RESULT " + json.dumps(result, default=str))
env.cr.rollback()
