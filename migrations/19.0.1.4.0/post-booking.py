# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bring shipped contract types along that nobody has touched: how customers come to a
date in the portal. Running contracts get the default: customers ask for a date."""

from odoo import SUPERUSER_ID, api

#: by name of the type
BOOKINGS = {
    "type_presidio": {"portal_booking": "book"},
    "type_plafond": {"portal_booking": "book", "portal_change_hours": 48},
    "type_sla_monthly": {"portal_booking": "book"},
    "type_ticket_pack": {"portal_booking": "none"},
    "type_phone": {"portal_booking": "none"},
}


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name, values in BOOKINGS.items():
        contract_type = env.ref(f"support_contract.{name}", raise_if_not_found=False)
        if contract_type and contract_type.write_uid.id == SUPERUSER_ID:
            contract_type.write(values)
