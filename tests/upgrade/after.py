# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
# Runs in a shell of the present version, after the update: what it has become.
# ruff: noqa: F821
import json

contracts = env["support.contract"]
running, ended = contracts.search(
    [("type_id.name", "=", "Old Hours")], order="date_start desc"
)
package = contracts.search([("package_id", "!=", False)])
ticket = env["helpdesk.ticket"].search([("name", "=", "Old ticket")])
new = ticket.copy({"name": "New ticket"})
charges = env["support.charge"].search_count([])
every = running | ended | package
every._follow_end()
every._update_states()
every._charge_fees()
jobs = ("cron_renew",)
result = {
    "version": env.ref("base.module_support_contract").latest_version,
    "sound": env["support.ledger.check"]._find(),
    "balance": running.ledger_ids.balance,
    "renewals": [running.renewal, ended.renewal, package.renewal],
    "states": [running.state, ended.state, package.state],
    "terms": [len(contract.term_ids) for contract in every],
    "charged": env["support.charge"].search_count([]) - charges,
    "shipped": env.ref("support_contract.type_sla_monthly").renewal,
    "reminders": env.ref("support_contract.type_sla_monthly").notice_ids.mapped("days"),
    "booking": [
        env.ref("support_contract.type_plafond").portal_booking,
        env.ref("support_contract.type_presidio").portal_booking,
        running.portal_booking,
        running.portal_change_hours,
    ],
    "own_name": env.ref("support_contract.type_presidio").name,
    "jobs": all(
        env.ref(f"support_contract.{name}", raise_if_not_found=False) for name in jobs
    ),
    "new_ticket_covered": new.support_contract_id in every,
}
print("RESULT " + json.dumps(result, default=str))
env.cr.rollback()
