# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Give shipped contract types that nobody has touched the general conditions that are
shipped with them, and the other types that their customers may choose."""

from odoo import SUPERUSER_ID, api

TYPES = ("type_activation_call", "type_activation_12", "type_activation_24")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    conditions = env.ref("support_contract.conditions_supply", False)
    types = env["support.contract.type"]
    for name in TYPES:
        contract_type = env.ref(f"support_contract.{name}", raise_if_not_found=False)
        if contract_type and contract_type.write_uid.id == SUPERUSER_ID:
            types |= contract_type
    for contract_type in types:
        values = {"alternative_ids": [(6, 0, (types - contract_type).ids)]}
        if conditions and not contract_type.conditions_id:
            values["conditions_id"] = conditions.id
        contract_type.write(values)
