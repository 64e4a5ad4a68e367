# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bring shipped data along that nobody has touched: the helpdesk's stages, and the
promises and coverage hours of the shipped contract types. Running contracts keep what
was agreed."""

from odoo import SUPERUSER_ID, api

PROMISES = {
    "type_ticket_pack": ("sla_policy_4_8", "calendar_office_9_18"),
    "type_sla_monthly": ("sla_policy_24_elapsed", None),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    flags = {"awaiting": "support_waiting", "done": "support_resolved"}
    for name, flag in flags.items():
        stage = env.ref(
            f"helpdesk_mgmt.helpdesk_ticket_stage_{name}", raise_if_not_found=False
        )
        # a closed "Awaiting" or a reopened "Done" is somebody's own idea
        if stage and stage.closed == (name == "done"):
            stage[flag] = True
    for name, (policy, calendar) in PROMISES.items():
        contract_type = env.ref(f"support_contract.{name}", raise_if_not_found=False)
        if not contract_type or contract_type.write_uid.id != SUPERUSER_ID:
            continue
        contract_type.sla_policy_id = env.ref(f"support_contract.{policy}")
        if calendar:
            contract_type.coverage_ids = [
                (0, 0, {"calendar_id": env.ref(f"support_contract.{calendar}").id})
            ]
    # promised times count from the opening of a ticket
    cr.execute(
        "UPDATE helpdesk_ticket "
        "SET support_opened_on = date_trunc('second', create_date) "
        "WHERE support_opened_on IS NULL"
    )
