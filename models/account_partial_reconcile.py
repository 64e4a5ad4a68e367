# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    def unlink(self):
        """A payment that is taken back takes back what it paid for: no hook of Odoo
        tells about it."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        result = super().unlink()
        moves._support_sync()
        return result
