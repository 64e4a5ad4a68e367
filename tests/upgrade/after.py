# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of the present version, after the update: what it has become.
# ruff: noqa: F821
import json

contract = env["support.contract"].search([("type_id.name", "=", "Old Hours")])
ticket = env["helpdesk.ticket"].search([("name", "=", "Old ticket")])
new = ticket.copy({"name": "New ticket"})
stages = {
    name: env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{name}")
    for name in ("awaiting", "done")
}
result = {
    "version": env.ref("base.module_support_contract").latest_version,
    "sound": env["support.ledger.check"]._find(),
    "balance": contract.ledger_ids.balance,
    "contract_promise": contract.sla_policy_id.name,
    "awaiting": stages["awaiting"].support_waiting,
    "done": stages["done"].support_resolved,
    "opened": bool(ticket.support_opened_on)
    and (ticket.support_opened_on - ticket.create_date).total_seconds() <= 0,
    "clocks": len(ticket.support_clock_ids),
    "pack_promise": env.ref("support_contract.type_ticket_pack").sla_policy_id.name,
    "pack_hours": env.ref(
        "support_contract.type_ticket_pack"
    ).coverage_ids.calendar_id.mapped("name"),
    "own_promise": env.ref("support_contract.type_sla_monthly").sla_policy_id.name,
    "own_name": env.ref("support_contract.type_sla_monthly").name,
    "without_code": env["support.contract"].search_count(
        [("support_code", "=", False)]
    ),
    "job": bool(
        env.ref("support_contract.ir_cron_sla_stages", raise_if_not_found=False)
    ),
    "phone_hours": env.ref("support_contract.type_phone").coverage_ids.calendar_id.tz,
    "new_ticket_covered": new.support_contract_id == contract,
}
print("RESULT " + json.dumps(result, default=str))
env.cr.rollback()
