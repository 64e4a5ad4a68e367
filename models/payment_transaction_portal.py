# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import str2bool


class PaymentTransaction(models.Model):
    """An order of the portal that is paid gets its invoice, which the payment then
    settles. The invoice credits, never the payment."""

    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """An order that is paid and cannot be confirmed any more (renewed or ended in
        the meantime) does not keep the money from being booked: a person decides."""
        confirmed = self.env["sale.order"]
        for transaction in self:
            try:
                with self.env.cr.savepoint():
                    confirmed |= super(
                        PaymentTransaction, transaction
                    )._check_amount_and_confirm_order()
            except UserError as error:
                contracts = transaction._support_get_contracts()
                if not contracts:
                    raise
                contracts._tell_unconfirmed(transaction, error.args[0])
        self._support_tell_unconfirmed()
        self._support_invoice_portal_orders()
        return confirmed

    def _support_tell_unconfirmed(self):
        """Money for an order that was cancelled in the meantime: Odoo books it and says
        nothing, and nothing would be credited for it."""
        # a provider's notification has no user; a person decides
        for transaction in self.sudo():
            if transaction.state != "done" or transaction.operation == "validation":
                continue
            orders = transaction.sale_order_ids.filtered(
                lambda order: order.support_ordered_by_id and order.state == "cancel"
            )
            contracts = transaction._support_get_contracts()
            if orders and contracts:
                contracts._tell_unconfirmed(
                    transaction, self.env._("The order was cancelled before.")
                )
            if not contracts:
                orders._support_tell_unconfirmed(transaction)

    def _support_invoice_portal_orders(self):
        """Invoice what is paid in full and not invoiced yet. Notifications may come
        any number of times."""
        # a provider's notification has no user; the amount decides
        transactions = self.sudo()
        automatic = str2bool(
            self.env["ir.config_parameter"]
            .sudo()  # a setting
            .get_param("sale.automatic_invoice")
        )
        if automatic:
            return  # Odoo does it for all orders
        for transaction in transactions:
            if transaction.state != "done" or transaction.operation == "validation":
                continue
            orders = transaction.sale_order_ids.filtered(
                lambda order: order.support_ordered_by_id and order._is_paid()
            )
            invoices = orders._support_invoice_portal()
            if invoices:
                transaction.invoice_ids = [
                    Command.link(invoice.id) for invoice in invoices
                ]
                invoices._support_send_later()
