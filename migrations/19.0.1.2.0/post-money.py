# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Bring shipped data along that nobody has touched, and start the fees of running
contracts: what has fallen due until today was invoiced by hand."""

from odoo import SUPERUSER_ID, api
from odoo.tools.date_utils import add


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    wallet = env.ref("support_contract.type_plafond", raise_if_not_found=False)
    if wallet and wallet.write_uid.id == SUPERUSER_ID:
        wallet.notice_hours = 48
    on_site = env.ref("support_contract.work_mode_on_site", raise_if_not_found=False)
    if on_site and on_site.write_uid.id == SUPERUSER_ID:
        on_site.on_site = True
    cr.execute(
        "UPDATE support_intervention SET requested_on = create_date "
        "WHERE requested_on IS NULL"
    )
    contracts = env["support.contract"].search(
        [("state", "in", ("active", "suspended"))]
    )
    for contract in contracts:
        contract._start_fees(add(contract.company_id._support_day(), days=1))
