# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bring shipped contract types along that nobody has touched: how they renew, and what
comes with them. Running contracts keep what was agreed: none renews by itself that did
not before."""

from odoo import SUPERUSER_ID, api

YEARLY = ((90, False), (60, True), (30, True))
UPDATES = {"includes_updates": True, "covers_installations": True}
#: by name of the type: its terms, and reminders as (days, whether to the customer)
RENEWALS = {
    "type_sla_monthly": (
        UPDATES
        | {
            "renewal": "automatic",
            "cancellation_days": 30,
            "installs_updates": True,
        },
        ((90, False), (60, True), (31, False)),
    ),
    "type_presidio": (UPDATES, YEARLY),
    "type_plafond": ({"includes_updates": True}, YEARLY),
    "type_phone": ({}, YEARLY),
    "type_ticket_pack": ({"renewal": "none"}, ((30, True),)),
    "type_package": ({"renewal": "none"}, ((14, True),)),
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, (values, reminders) in RENEWALS.items():
        contract_type = env.ref(f"support_contract.{name}", raise_if_not_found=False)
        if not contract_type or contract_type.write_uid.id != SUPERUSER_ID:
            continue
        contract_type.write(
            values
            | {
                "notice_ids": [
                    (0, 0, {"days": days, "to_customer": to_customer})
                    for days, to_customer in reminders
                ]
            }
        )
    # what is sold for a term and used up within it does not renew
    cr.execute(
        "UPDATE support_contract SET renewal = 'none' WHERE package_id IS NOT NULL"
    )
