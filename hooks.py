# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tools import SQL

FUNCTIONS = [
    "support_ledger_guard",
    "support_ledger_entry_guard",
    "support_ledger_entry_post",
    "support_ledger_entry_prepare",
    "support_ledger_reservation_move",
    "support_release_download_guard",
]


def uninstall_hook(env):
    """Leave no trigger and no function behind: tables go with the models, functions
    would stay."""
    for name in FUNCTIONS:
        env.cr.execute(
            SQL("DROP FUNCTION IF EXISTS %s() CASCADE", SQL.identifier(name))
        )
