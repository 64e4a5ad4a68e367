# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Give every contract that has none a support code."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    contracts = env["support.contract"].search([("support_code", "=", False)])
    contracts._make_support_codes()
