# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class PaymentTransaction(models.Model):
    """A transaction by itself never credits: the invoice does, when it is paid. Two
    things must be told: money for a transaction that was cancelled, which Odoo does
    not book, and an automatic top-up that was not paid."""

    _inherit = "payment.transaction"

    support_asked_on = fields.Datetime(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="When the provider was asked to charge the token for an automatic top-up; "
        "it is asked once.",
    )

    def _set_done(self, *, state_message=None, extra_allowed_states=()):
        done = super()._set_done(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )
        self.filtered(lambda tx: tx.state == "cancel")._support_tell_late_money()
        return done

    def _set_canceled(self, state_message=None, extra_allowed_states=()):
        cancelled = super()._set_canceled(
            state_message=state_message, extra_allowed_states=extra_allowed_states
        )
        cancelled._support_stop_auto_topup()
        return cancelled

    def _set_error(self, state_message, extra_allowed_states=()):
        failed = super()._set_error(
            state_message, extra_allowed_states=extra_allowed_states
        )
        failed._support_stop_auto_topup()
        return failed

    def _support_get_contracts(self):
        # a provider's notification has no user; only the contracts' owners are told
        transaction = self.sudo()
        lines = transaction.sale_order_ids.order_line
        return (
            transaction.invoice_ids._support_get_contracts() | lines.support_contract_id
        )

    def _support_tell_late_money(self):
        """Money has come for a cancelled transaction: nothing is credited for it, and
        the owners of the contracts find out, once."""
        for transaction in self:
            for contract in transaction._support_get_contracts():
                summary = self.env._(
                    "Money came for cancelled payment %s", transaction.reference
                )
                if summary in contract.activity_ids.mapped("summary"):
                    continue
                contract.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    note=self.env._(
                        "Nothing was booked or credited for it: look at the provider's "
                        "account, then register the payment or refund it."
                    ),
                    user_id=contract.user_id.id or self.env.uid,
                )

    def _support_stop_auto_topup(self):
        """A payment by token that failed stops the automatic top-ups."""
        for transaction in self.sudo():  # as above
            orders = transaction.invoice_ids.line_ids.sale_line_ids.order_id.filtered(
                "support_auto_key"
            )
            orders.order_line.support_contract_id._stop_auto_topup(
                self.env._(
                    "Payment %(reference)s failed: %(reason)s",
                    reference=transaction.reference,
                    reason=transaction.state_message or transaction.state,
                )
            )
