# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

_logger = logging.getLogger(__name__)

#: what a manager sets, with what each starts with
SETTINGS = {
    "auto_topup": "no",
    "auto_topup_product_id": False,
    "auto_topup_pieces": 1,
    "auto_topup_level": 0.0,
    "auto_topup_limit": 1,
    "payment_token_id": False,
}

#: states of a transaction that may still bring money
WAITING = ("draft", "pending", "authorized")


class SupportContract(models.Model):
    """Automatic top-ups: below a level the job orders more, or orders and pays with
    the customer's saved payment method.

    Nothing is ordered or paid twice: an order carries the contract, the month and a
    number that is unique in the database, and the provider is asked to charge only
    after it was committed that it will be asked. A run that is killed in between
    leaves a transaction without an answer: it blocks the next top-up until a person
    has looked at it.
    """

    _inherit = "support.contract"

    auto_topup = fields.Selection(
        selection=[
            ("no", "None"),
            ("order", "By quotation"),
            ("token", "Paid by saved payment method"),
        ],
        string="Automatic Top-Up",
        required=True,
        default="no",
        copy=False,
        groups="support_contract.group_support_user",
        help="What happens when the balance falls below the level.",
    )
    auto_topup_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Top-Up",
        check_company=True,
        copy=False,
        ondelete="restrict",
        domain="[('support_sells', '=', 'topup')]",
        groups="support_contract.group_support_user",
    )
    auto_topup_unit = fields.Selection(
        related="auto_topup_product_id.support_unit",
        groups="support_contract.group_support_user",
    )
    auto_topup_pieces = fields.Integer(
        string="Pieces",
        default=1,
        copy=False,
        groups="support_contract.group_support_user",
    )
    auto_topup_level = fields.Float(
        string="Below",
        digits=(16, 4),
        copy=False,
        groups="support_contract.group_support_user",
        help="In the unit of the balance: minutes (shown as hours), tickets, money.",
    )
    auto_topup_limit = fields.Integer(
        string="At Most per Month",
        default=1,
        copy=False,
        groups="support_contract.group_support_user",
    )
    payment_token_id = fields.Many2one(
        comodel_name="payment.token",
        string="Saved Payment Method",
        check_company=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
    )
    auto_topup_stopped = fields.Boolean(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
    )
    auto_topup_stop_reason = fields.Char(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
    )

    _auto_topup_limit_positive = models.Constraint(
        "CHECK (auto_topup = 'no' OR auto_topup_pieces >= 1 AND auto_topup_limit >= 1 "
        "AND auto_topup_level > 0 AND auto_topup_level < 1e12 "
        "AND auto_topup_product_id IS NOT NULL)",
        "An automatic top-up needs a product, at least one piece, a level above zero "
        "and a limit of at least one a month.",
    )
    _auto_topup_idx = models.Index("(id) WHERE auto_topup <> 'no'")

    @api.constrains("auto_topup", "auto_topup_product_id", "payment_token_id")
    def _check_auto_topup(self):
        for contract in self.sudo():  # compares, and shows nothing of it
            if contract.auto_topup == "no":
                continue
            if contract.auto_topup_product_id.support_sells != "topup":
                raise ValidationError(
                    self.env._(
                        "Automatic top-up of %s: choose a product that sells a top-up.",
                        contract.name,
                    )
                )
            if contract.auto_topup != "token":
                continue
            token = contract.payment_token_id
            if not token:
                raise ValidationError(
                    self.env._(
                        "Automatic top-up of %s: choose a saved payment method.",
                        contract.name,
                    )
                )
            if token.partner_id.commercial_partner_id != contract.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "The saved payment method is not one of %s.",
                        contract.commercial_partner_id.display_name,
                    )
                )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "auto_topup_stopped",
            "auto_topup_stop_reason",
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_auto_topup_right(
                {
                    name
                    for name, value in SETTINGS.items()
                    if vals.get(name, value) != value
                }
            )
        return super().create(vals_list)

    def write(self, vals):
        self._check_auto_topup_right(SETTINGS.keys() & vals.keys())
        return super().write(vals)

    def _check_auto_topup_right(self, names):
        """:raise UserError: if others than managers set automatic top-ups"""
        if (
            names
            and not self.env.su
            and not self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise UserError(
                self.env._("Only a contract manager sets up automatic top-ups.")
            )

    def action_restart_auto_topup(self):
        """Go on after a stop, once the reason is settled."""
        self._require_manager()
        # checked above; nobody writes the stop
        self.sudo().write({"auto_topup_stopped": False, "auto_topup_stop_reason": ""})

    def _stop_auto_topup(self, reason):
        """No more automatic top-ups until a manager has looked: the owner and the
        customer are told, once.

        :param str reason: why, for the owner
        """
        template = self.env.ref(
            "support_contract.mail_template_auto_topup_stopped",
            raise_if_not_found=False,
        )
        # the job, or a provider's notification, which has no user
        for contract in self.sudo():
            if contract.auto_topup_stopped or contract.auto_topup == "no":
                continue
            contract.write(
                {"auto_topup_stopped": True, "auto_topup_stop_reason": reason}
            )
            contract._tell_auto_topup(self.env._("Automatic top-ups stopped"), reason)
            if template:
                # the system's own mail, whoever's payment failed
                template.sudo().send_mail(contract.id)

    def _tell_auto_topup(self, summary, note):
        """An activity for the owner, once as long as it is open."""
        for contract in self.sudo():  # as above
            if summary not in contract.activity_ids.mapped("summary"):
                contract.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    note=note,
                    user_id=contract.user_id.id or self.env.uid,
                )

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _cron_auto_topup(self):
        """Order what is due, contract by contract, then pay what is to be paid by
        token: once each, see above."""
        contracts = self.search(
            [
                ("auto_topup", "!=", "no"),
                ("auto_topup_stopped", "=", False),
                ("state", "=", "active"),
            ],
            order="id",
        )
        contracts._run_job("_auto_topup", batch_size=1)
        orders = self.env["sale.order"].search([("support_auto_key", "!=", False)])
        transactions = orders._get_auto_transactions().filtered(
            lambda tx: tx.state == "draft" and not tx.support_asked_on
        )
        for transaction in transactions:
            self._ask_provider(transaction)

    @api.model
    def _ask_provider(self, transaction):
        """Charge the token, once: what is asked is committed before, so that neither
        a killed run nor a conflict asks again."""
        now = self.env["res.company"]._support_now()
        error = self._try_commit(partial(transaction.write, {"support_asked_on": now}))
        if error is not None:
            _logger.error("%s is not charged: %s", transaction, error)
            return
        try:
            transaction._charge_with_token()
            # what the provider answered must survive what comes after it
            self.env.cr.flush()
            self.env.cr.commit()  # pylint: disable=invalid-commit
        except Exception:  # pylint: disable=broad-except
            self.env.cr.rollback()
            # whether money moved is not known: the next run tells a person
            _logger.exception("no answer for %s", transaction)
            return
        post_process = self.env.ref(
            "payment.cron_post_process_payment_tx", raise_if_not_found=False
        )
        if post_process and transaction.state == "done":
            # only wakes Odoo's own job
            post_process.sudo()._trigger()

    def _auto_topup(self):
        """Order what is due now, at most one order for each contract."""
        for contract in self.sudo():  # a job; orders what the manager has set up
            token = contract.payment_token_id
            if contract.auto_topup == "token" and not (
                token.active and token.provider_id.state != "disabled"
            ):
                contract._stop_auto_topup(
                    self.env._("The saved payment method is not valid any more.")
                )
            elif contract._is_auto_topup_due():
                contract._order_auto_topup()

    def _is_auto_topup_due(self):
        """Whether the usable balance is below the level, nothing is under way, and
        the month's limit is not reached."""
        self.ensure_one()
        product = self.auto_topup_product_id
        ledger = self._find_topup_ledger(product)
        if (ledger.usable if ledger else 0.0) >= self.auto_topup_level:
            return False
        if self.topup_ids.filtered(
            lambda topup: (
                topup.state == "pending"
                and topup.kind == "topup"
                and topup.unit == product.support_unit
            )
        ):
            return False
        orders = self._get_auto_orders()
        if orders.filtered(lambda order: order.state in ("draft", "sent")):
            return False
        waiting = orders._get_auto_transactions().filtered(
            lambda tx: tx.state in WAITING
        )
        self._tell_unanswered(waiting)
        month = self._get_auto_prefix(self.company_id._support_day())
        count = len(
            orders.filtered(lambda order: order.support_auto_key.startswith(month))
        )
        return not waiting and count < self.auto_topup_limit

    def _tell_unanswered(self, transactions):
        """A payment that was asked for and has no answer for a day."""
        limit = self.env["res.company"]._support_now() - timedelta(days=1)
        for transaction in transactions:
            if transaction.support_asked_on and transaction.support_asked_on <= limit:
                self._tell_auto_topup(
                    self.env._("Payment %s has no answer", transaction.reference),
                    self.env._(
                        "It is not known whether the customer was charged: look at the "
                        "provider's account. There is no automatic top-up until the "
                        "payment is confirmed or cancelled."
                    ),
                )

    def _get_auto_prefix(self, day):
        self.ensure_one()
        return f"auto:{self.id}:{day:%Y-%m}:"

    def _get_auto_orders(self):
        self.ensure_one()
        return self.env["sale.order"].search(
            [("support_auto_key", "=like", f"auto:{self.id}:%")]
        )

    def _order_auto_topup(self):
        self.ensure_one()
        prefix = self._get_auto_prefix(self.company_id._support_day())
        numbers = [
            int(key.removeprefix(prefix))
            for key in self._get_auto_orders().mapped("support_auto_key")
            if key.startswith(prefix)
        ]
        order = self._order_topup(
            self.auto_topup_product_id,
            self.auto_topup_pieces,
            # one that was deleted leaves a gap
            support_auto_key=f"{prefix}{max(numbers, default=0) + 1}",
        )
        if self.auto_topup == "order":
            self._tell_auto_topup(
                self.env._("Automatic top-up: quotation %s", order.name),
                self.env._("The balance is low: send the quotation to the customer."),
            )
            return
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        if invoice.currency_id.is_zero(invoice.amount_residual):
            return
        token = self.payment_token_id
        self.env["payment.transaction"].create(
            {
                "provider_id": token.provider_id.id,
                "payment_method_id": token.payment_method_id.id,
                "token_id": token.id,
                "reference": self.env["payment.transaction"]._compute_reference(
                    token.provider_id.code, prefix=invoice.name
                ),
                "amount": invoice.amount_residual,
                "currency_id": invoice.currency_id.id,
                "partner_id": token.partner_id.id,
                "operation": "offline",
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
