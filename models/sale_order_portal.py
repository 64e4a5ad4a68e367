# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)

#: what only the portal's own methods set
PORTAL_FIELDS = {"support_ordered_by_id", "support_portal_key"}


class SaleOrder(models.Model):
    """What customers order in the portal for their contracts: paid online first, or on
    invoice, as the company says. Odoo's own pages show it and take the payment.

    A payment confirms the order and is followed by the invoice
    (``payment_transaction_portal.py``); what is credited follows the invoice.
    """

    _inherit = "sale.order"

    support_ordered_by_id = fields.Many2one(
        comodel_name="res.partner",
        string="Ordered in the Portal by",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
    )
    support_portal_key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="What was asked for: one open order for each.",
    )

    _support_portal_key_unique = models.UniqueIndex(
        "(support_portal_key) WHERE support_portal_key IS NOT NULL "
        "AND state IN ('draft', 'sent')",
        "There is an open order for this already.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        # also what a default of the caller's context says
        if not self.env.su and any(
            order.support_ordered_by_id or order.support_portal_key for order in orders
        ):
            self._support_refuse_portal()
        return orders

    def write(self, vals):
        if not self.env.su and PORTAL_FIELDS & vals.keys():
            self._support_refuse_portal()
        return super().write(vals)

    def _support_refuse_portal(self):
        raise UserError(
            self.env._("Only the portal says who has ordered in the portal.")
        )

    # ------------------------------------------------------------------
    # Ordered
    # ------------------------------------------------------------------

    def _support_place(self, partner, key=False, until=None):
        """``partner`` orders what stands in this draft.

        The caller has checked that he may, and that everything in it comes from the
        server.

        :param partner: the person, a portal user's contact
        :param str key: makes sure that there is one open order for it
        :param date until: last day on which what it agrees can be had
        :raise UserError: if it costs nothing: then nobody has set its price
        :return: the page to go on: to pay, or to see what was ordered
        """
        self.ensure_one()
        order = self.sudo()  # see above
        if order.currency_id.compare_amounts(order.amount_total, 0) <= 0:
            raise UserError(
                self.env._("There is no price for this yet: please ask us for it.")
            )
        order.write({"support_ordered_by_id": partner.id, "support_portal_key": key})
        order.message_post(
            body=order.with_context(
                lang=order.user_id.lang or order.company_id.partner_id.lang
            ).env._("Ordered in the portal."),
            author_id=partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_note",
        )
        if order.company_id._support_pays_first(
            partner, order.amount_total, order.currency_id
        ):
            if until:
                order.validity_date = min(order.validity_date or until, until)
            order.write(
                {
                    "require_payment": True,
                    "prepayment_percent": 1.0,
                    "require_signature": False,
                }
            )
            order.action_quotation_sent()
        else:
            order.action_confirm()
            order._support_invoice_portal().action_post()
            order.invoice_ids._support_send_later()
        return order.access_url

    def _support_invoice_portal(self):
        """The invoices of these confirmed portal orders, drafts; none of what was
        invoiced before."""
        orders = self.filtered(
            lambda order: order.support_ordered_by_id and order.state == "sale"
        )
        # all of it, whatever the products say about delivery: it was all paid for
        orders._force_lines_to_invoice_policy_order()
        invoices = self.env["account.move"]
        for order in orders.with_context(raise_if_nothing_to_invoice=False):
            # one for each: a payment is for its order
            invoices |= order.with_company(order.company_id)._create_invoices(
                final=True
            )
        for invoice in invoices:
            # or the customer's page would write it, at the same time as a job
            invoice._portal_ensure_token()
        return invoices

    def _support_is_guarded(self):
        """Whether this order is for a support contract: Odoo lets every user of a
        customer accept, decline and pay his company's orders, contracts only those
        whom they name."""
        self.ensure_one()
        return any(
            line.support_contract_id
            or line.support_deal
            or line.product_id.support_sells
            for line in self.order_line
        )

    def _support_get_accept_bar(self, user):
        """Why ``user``, who may be nobody logged in, does not accept, decline or pay
        this order, as a sentence; empty if he does.

        Called on an order with all rights, after a check that he may read it.
        """
        self.ensure_one()
        if not self._support_is_guarded():
            return ""
        if user._is_public():
            # a link proves nothing about who holds it; where nobody who may order has
            # a login, it is all there is
            if self.support_ordered_by_id or self._support_has_login():
                return self.env._("Please log in to accept, decline or pay this order.")
            return ""
        if self._support_may_pay(user.partner_id):
            return ""
        return self.env._("Only those named in the contract order and pay for it.")

    def _support_has_login(self):
        """Whether anybody who may order this has a login."""
        self.ensure_one()
        customer = self.partner_id.commercial_partner_id
        users = self.env["res.users"].search(
            [("partner_id.commercial_partner_id", "=", customer.id)]
        )
        return any(self._support_may_pay(user.partner_id) for user in users)

    def _support_refuse_payment_under_way(self):
        """Before these orders are cancelled: money that comes afterwards would be for
        nothing.

        :raise UserError: if a payment of one of them is under way
        """
        for order in self:
            if any(
                transaction.state in ("pending", "authorized")
                for transaction in order.transaction_ids
            ):
                raise UserError(
                    self.env._(
                        "A payment of order %s is under way: please wait until it is "
                        "done, or talk to us.",
                        order.name,
                    )
                )

    def _support_give_way(self):
        """Cancel these orders, whose place something else takes."""
        self._support_refuse_payment_under_way()
        self._action_cancel()

    def _support_may_pay(self, partner):
        """Whether ``partner`` may pay this order: who may order on its contracts, or
        who may ask for a contract."""
        self.ensure_one()
        order = self.sudo()  # only compared
        contracts = order.order_line.support_contract_id
        if contracts:
            return all(contract._may_order(partner) for contract in contracts)
        customer = order.partner_id.commercial_partner_id
        return (
            partner.commercial_partner_id == customer
            and order.company_id._support_may_buy(partner)
        )

    def _support_tell_unconfirmed(self, transaction):
        """Money came for orders of a contract that was never made: their sellers find
        out, once."""
        for order in self:
            summary = self.env._(
                "Payment %s came, and its order cannot be confirmed",
                transaction.reference,
            )
            if summary not in order.activity_ids.mapped("summary"):
                order.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    user_id=order.user_id.id or self.env.ref("base.user_root").id,
                )

    def _support_is_open(self):
        """Whether this order still waits for its payment."""
        self.ensure_one()
        return self.state in ("draft", "sent") and not self.is_expired

    # ------------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------------

    def _send_order_notification_mail(self, mail_template, allow_deferred_sending=True):
        """A customer who pays in the portal waits for no PDF: a job prints and sends
        the mail (``trust.md``, rule 10)."""
        self.ensure_one()
        order = self.sudo()  # whoever pays
        if not (
            mail_template and allow_deferred_sending and order.support_ordered_by_id
        ):
            return super()._send_order_notification_mail(
                mail_template, allow_deferred_sending=allow_deferred_sending
            )
        order.pending_email_template_id = mail_template
        # starts the job, nothing else
        self.env.ref("support_contract.ir_cron_order_mails").sudo()._trigger()
        return None

    def _support_send_waiting_mail(self):
        """Send it once: Odoo's own job may find it at the same moment."""
        self.ensure_one()
        if not self.try_lock_for_update():
            return
        self.invalidate_recordset(["pending_email_template_id"])
        template = self.pending_email_template_id
        if template:
            self._send_order_notification_mail(template, allow_deferred_sending=False)
            self.pending_email_template_id = False

    @api.model
    def _cron_support_order_mails(self):
        """Send the mails of portal orders that wait, one commit for each."""
        orders = self.search(
            Domain("pending_email_template_id", "!=", False)
            & Domain("support_ordered_by_id", "!=", False),
            order="id",
        )
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        for order in orders:
            order = order.with_prefetch()
            try:
                with self.env.cr.savepoint():
                    order._support_send_waiting_mail()
            except Exception:  # pylint: disable=broad-except
                # the others get theirs; this one is tried again with the next run
                _logger.exception("no mail sent for order %s", order.id)
            if not self.env["ir.cron"]._commit_progress(1):
                break
