# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def write(self, vals):
        """A payment without a journal entry matches nothing, so no hook tells when it
        pays an invoice or is taken back."""
        invoices = self.invoice_ids if "invoice_ids" in vals else self.browse().move_id
        result = super().write(vals)
        if {"state", "invoice_ids", "amount"} & vals.keys():
            (invoices | self.invoice_ids)._support_sync()
        return result
