# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import str2bool

PARAMETER = "support_contract.allow_uninstall"


class IrModuleModule(models.Model):
    _inherit = "ir.module.module"

    def button_uninstall(self):
        """Uninstalling drops what customers have paid for: refused while a ledger has
        entries, also when a module that this one depends on is uninstalled."""
        removed = self | self.downstream_dependencies()
        if "support_contract" in removed.mapped("name"):
            self._check_support_ledgers()
        return super().button_uninstall()

    def _check_support_ledgers(self):
        # administrators of modules need not have a right to ledgers
        allowed = self.env["ir.config_parameter"].sudo().get_param(PARAMETER)
        if str2bool(allowed or "", default=False):
            return
        if self.env["support.ledger.entry"].sudo().search_count([], limit=1):
            raise UserError(
                self.env._(
                    "Support Contracts cannot be uninstalled: its ledgers have entries,"
                    " which would be lost. To lose them on purpose, set the system "
                    "parameter %s to True first.",
                    PARAMETER,
                )
            )
