# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import float_round, format_date

from ..tools import renewal
from ..tools.periods import ONE_DAY


class SupportContract(models.Model):
    """Renewal by a quotation: confirming the order renews the contract, and the order
    charges the first fee of the new term."""

    _inherit = "support.contract"

    def _get_renewal_fee(self):
        """The fee of the next term, untaxed: as the terms of its first day say, with
        the price index where that day is an anniversary of the contract."""
        self.ensure_one()
        contract = self.sudo()  # who may see the contract's fee may see the next one
        if not contract.date_end:
            return contract.fee_amount
        day = contract.date_end + ONE_DAY
        terms = contract._get_terms_on(day)
        for change in contract.change_ids.filtered(
            lambda item: item.state == "planned" and item.first_day <= day
        ).sorted(lambda item: (item.first_day, item.id)):
            terms |= change.values or {}
        fee = terms["fee_amount"]
        if not contract.next_index_day or contract.next_index_day > day:
            return fee
        if terms["fee_index"] == "percent":
            fee += fee * terms["fee_index_percent"] / 100
        elif terms["fee_index"] == "amount":
            fee += terms["fee_index_amount"]
        return float_round(
            max(fee, 0.0),
            precision_digits=contract.currency_id.decimal_places,
            rounding_method="HALF-UP",
        )

    def _quote_renewal(self, months=0, fee=None, count=None):
        """A quotation for the next term.

        :param int months: length of the term, 0: that of later terms
        :param fee: untaxed fee of a period, per contract or activation; None: the
            agreed one with the price index
        :param int count: activations; None: as they are
        :raise UserError: if the contract cannot be renewed or has no fee product
        :return: the ``sale.order``, a draft
        """
        self.ensure_one()
        self.check_access("read")
        contract = self.sudo()  # terms only; who may sell quotes them
        contract._sync_ended()  # a late night decides nothing
        contract._check_renewable()
        product = contract.product_id or contract.type_id.product_id
        if not product:
            raise UserError(
                self.env._(
                    "Contract %s has no fee product, so there is nothing to quote: "
                    "renew it at once, or choose a fee product on its type.",
                    self.name,
                )
            )
        months = months or contract.later_term_months
        first_day, last_day = renewal.next_term(contract.date_end, months)
        pieces = count or contract.activation_count
        if contract.fee_basis != "activation":
            pieces = 1
        customer = self.with_context(lang=contract.partner_id.lang)
        price = contract._get_renewal_fee() if fee is None else fee
        order = (
            self.env["sale.order"]
            .with_company(contract.company_id)
            .create(
                {
                    "partner_id": contract.partner_id.id,
                    "company_id": contract.company_id.id,
                    # the one who quotes, else nobody could who sells his own only
                    "user_id": contract.user_id.id if self.env.su else self.env.uid,
                    "origin": contract.name,
                    "client_order_ref": contract.customer_reference,
                }
            )
        )
        # what the line agrees nobody else may set
        order.sudo().order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "name": customer.env._(
                        "%(product)s\n%(contract)s: renewal, %(first)s to %(last)s",
                        contract=contract.name,
                        product=product.with_context(
                            lang=customer.env.lang
                        ).display_name,
                        first=format_date(customer.env, first_day),
                        last=format_date(customer.env, last_day),
                    ),
                    "product_uom_qty": pieces,
                    "price_unit": contract._get_order_price(product, price, order),
                    "support_contract_id": contract.id,
                    "support_deal": "renewal",
                    "support_start": first_day,
                    "support_months": months,
                }
            )
        ]
        contract.renewal_state = "quoted"
        contract.message_post(
            body=self.env._("Renewal quoted with %s.", order._get_html_link())
        )
        return order

    def _get_order_price(self, product, amount, order):
        """What ``order``, which may be one that is not stored, charges for ``amount``.

        :param amount: untaxed, in the contract's currency
        :return: in the order's currency, in the way that the product's taxes have it
        """
        self.ensure_one()
        price = self.currency_id._convert(
            amount, order.currency_id, self.company_id, order.date_order.date()
        )
        return product.product_tmpl_id._support_get_priced(
            price, self.company_id, order.currency_id, order.partner_id
        )

    def _forget_quotation(self):
        """A quotation is gone: the renewal is open again, if there is no other."""
        quoted = self.sudo().filtered(  # follows from the orders, whoever changes them
            lambda contract: contract.renewal_state == "quoted"
        )
        still = self.env["sale.order.line"].sudo()  # see above
        still = still.search(
            [
                ("support_contract_id", "in", quoted.ids),
                ("support_deal", "=", "renewal"),
                ("state", "in", ("draft", "sent")),
            ]
        ).support_contract_id
        (quoted - still).renewal_state = "open"

    # ------------------------------------------------------------------
    # Another type
    # ------------------------------------------------------------------

    def _make_follower(self, contract_type, day=None, **values):
        """The contract of ``contract_type`` that takes the place of this one, a draft
        from the day after its end.

        :param contract_type: ``support.contract.type`` that is sold
        :param date day: its first day, if not the one after the end
        :raise UserError: if this contract cannot be followed, or the type is withdrawn
        """
        self.ensure_one()
        self.check_access("read")
        contract = self.sudo()  # copied, not shown; the draft is made by the user
        bar = contract._get_renewal_bar()
        if bar and bar != contract._get_type_bar() and contract.state != "lapsed":
            raise UserError(bar)
        if contract_type.withdrawn:
            raise UserError(
                self.env._("Contract type %s is withdrawn.", contract_type.name)
            )
        today = contract.company_id._support_day()
        values = {
            "type_id": contract_type.id,
            "partner_id": contract.partner_id.id,
            "company_id": contract.company_id.id,
            "currency_id": contract.currency_id.id,
            "user_id": contract.user_id.id,
            "signatory_id": contract.signatory_id.id,
            "orderer_ids": [Command.set(contract.orderer_ids.ids)],
            "caller_ids": [Command.set(contract.caller_ids.ids)],
            "payment_term_id": contract.payment_term_id.id,
            "fiscal_position_id": contract.fiscal_position_id.id,
            "activation_count": contract.activation_count,
            "date_start": day or max(contract.date_end + ONE_DAY, today),
        } | values
        follower = self.create(values)
        follower.sudo().renewal_of_id = contract  # a link that nobody else may set
        contract.message_post(
            body=self.env._(
                "%s is meant to follow this contract.", follower._get_html_link()
            )
        )
        return follower

    @api.constrains("renewal_of_id", "partner_id", "company_id")
    def _check_follows(self):
        """What is carried over stays with its customer."""
        for contract in self.sudo().filtered("renewal_of_id"):  # only compared
            before = contract.renewal_of_id
            if (contract.commercial_partner_id, contract.company_id) != (
                before.commercial_partner_id,
                before.company_id,
            ):
                raise ValidationError(
                    self.env._(
                        "Contract %(contract)s follows %(before)s: its customer and "
                        "company must be the same.",
                        contract=contract.name,
                        before=before.name,
                    )
                )

    def action_activate(self):
        for contract in self:
            before = contract.sudo().renewal_of_id  # only its days and state
            if before.state in ("active", "suspended") and (
                before.date_end >= contract.date_start
            ):
                # it ends a running contract before its time
                contract._require_manager()
        result = super().action_activate()
        self._follow_due()
        return result

    def _update_states(self):
        result = super()._update_states()
        self._follow_due()
        return result

    def _follow_due(self, today=None):
        """A contract that follows another one and has begun: the other one ends, its
        installations and what is carried over come along. Once."""
        contracts = self.sudo().filtered(  # part of activating, or of a job
            lambda contract: (
                contract.renewal_of_id
                and contract.renewal_of_id.renewal_state != "agreed"
                and contract.state == "active"
                and contract.date_start <= (today or contract.company_id._support_day())
            )
        )
        for contract in contracts.sorted("id"):
            contract._follow()

    def _follow(self):
        self.ensure_one()
        old = self.renewal_of_id
        (self | old)._lock_rows()
        if old.renewal_state == "agreed":
            return
        old.installation_ids.contract_id = self
        # nights that were missed grant first, or what they grant would stay behind
        old._grant_due(self.date_start - ONE_DAY)
        old.ledger_ids._carry_to(self)
        if not (old.terminated_on and old.terminated_on <= self.date_start) and (
            old.date_end >= self.date_start
        ):
            ends = {old: old.terminated_on}
            old.terminated_on = self.date_start
            old._set_state(
                "terminated",
                self.date_start,
                self.env._("Followed by %s", self.name),
            )
            old._reopen_fees(ends)
        old.renewal_state = "agreed"
        old.activity_unlink(["support_contract.mail_activity_type_renewal"])
        old.message_post(body=self.env._("Followed by %s.", self._get_html_link()))
