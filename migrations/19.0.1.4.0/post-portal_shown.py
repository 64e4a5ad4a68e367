# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Offer the shipped contract types in the portal, as a new database does. Those that
somebody has changed stay as they are: their owner decides what customers see."""

from odoo import SUPERUSER_ID, api

NAMES = (
    *("type_sla_monthly", "type_presidio", "type_plafond", "type_ticket_pack"),
    *("type_package", "type_follow_up", "type_phone"),
    *("type_activation_call", "type_activation_12", "type_activation_24"),
)


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in NAMES:
        contract_type = env.ref(f"support_contract.{name}", raise_if_not_found=False)
        if (
            contract_type
            and contract_type.write_uid.id == SUPERUSER_ID
            and not contract_type.withdrawn
        ):
            contract_type.portal_shown = True
