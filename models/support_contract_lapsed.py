# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import float_round, format_date

from ..tools import renewal
from ..tools.periods import ONE_DAY


class SupportContract(models.Model):
    """A contract that nobody renewed, and its way back (``edge_cases.md``, "reinstated
    late"): free until day n, then for a fee, then with a new licence."""

    _inherit = "support.contract"

    reinstatement_ids = fields.One2many(
        comodel_name="support.contract.reinstatement",
        inverse_name="contract_id",
        string="Back after a Lapse",
        copy=True,
        groups="base.group_user",
    )
    return_ids = fields.One2many(
        comodel_name="support.reinstatement",
        inverse_name="contract_id",
        string="Reinstatements",
        readonly=True,
        groups="base.group_user",
    )
    waiting_return_id = fields.Many2one(
        comodel_name="support.reinstatement",
        compute="_compute_waiting_return_id",
        string="Waiting for Payment",
        groups="base.group_user",
    )
    way_back = fields.Char(
        compute="_compute_way_back",
        groups="base.group_user",
        help="What it takes to use the contract again, in one sentence.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"return_ids"}

    @api.depends("return_ids.state")
    def _compute_waiting_return_id(self):
        for contract in self:
            contract.waiting_return_id = contract.return_ids.filtered(
                lambda item: item.state == "waiting"
            )[:1]

    @api.depends("state", "date_end", "return_ids.state", "reinstatement_ids")
    @api.depends_context("lang")
    def _compute_way_back(self):
        for contract in self:
            contract.way_back = contract._get_way_back()

    # ------------------------------------------------------------------
    # What it takes
    # ------------------------------------------------------------------

    def _get_lapsed_days(self, day=None):
        """Days since the last day of the contract."""
        self.ensure_one()
        return ((day or self.company_id._support_day()) - self.date_end).days

    def _get_reinstatement_step(self, day=None):
        """The step by which the contract comes back on ``day`` (default: today), may
        be empty.

        :return: ``support.contract.reinstatement``
        """
        self.ensure_one()
        steps = self.sudo().reinstatement_ids  # what was agreed
        return (
            renewal.reinstatement_step(steps, self._get_lapsed_days(day))
            or steps.browse()
        )

    def _get_return_bar(self):
        """Why the contract cannot live again though it is paid, as a sentence; empty
        if it can."""
        self.ensure_one()
        contract = self.sudo()  # only whether, and the number of the follower
        if contract.state != "lapsed" or contract.terminated_on:
            return self.env._(
                "Contract %(name)s cannot be reinstated: it is %(state)s.",
                name=contract.name,
                state=dict(self._fields["state"]._description_selection(self.env))[
                    "terminated" if contract.terminated_on else contract.state
                ],
            )
        follower = contract.renewed_by_ids.filtered(
            lambda item: item.state not in ("draft", "offered")
        )
        if follower:
            return self.env._(
                "Contract %(name)s is followed by %(other)s already.",
                name=contract.name,
                other=", ".join(follower.mapped("name")),
            )
        return ""

    def _get_reinstatement_bar(self):
        """Why nobody can ask for a reinstatement today, as a sentence; empty if
        somebody can."""
        self.ensure_one()
        bar = self._get_return_bar() or self._get_type_bar()
        if bar:
            return bar
        if self.sudo().waiting_return_id:  # only whether
            return self.env._(
                "Contract %s waits for the payment of its reinstatement already.",
                self.name,
            )
        if not self._get_reinstatement_step():
            return self.env._(
                "Contract %(name)s cannot be reinstated any more, %(days)s days after "
                "its end: make a new contract.",
                name=self.name,
                days=self._get_lapsed_days(),
            )
        return ""

    def _check_reinstatable(self):
        """:raise UserError: with the reason, if nobody can ask for a reinstatement"""
        for contract in self:
            bar = contract._get_reinstatement_bar()
            if bar:
                raise UserError(bar)

    def _get_way_back(self):
        """What it takes to use a lapsed contract again: one sentence, the same for the
        customer's portal, the call desk and the reasons of cover; empty if the contract
        has not lapsed, or another one has taken its place.

        The caller shows it to those who may know that the contract has lapsed.
        """
        self.ensure_one()
        contract = self.sudo()  # see above
        if contract.state != "lapsed" or contract.renewal_state == "agreed":
            return ""
        if contract.waiting_return_id:
            order = contract.waiting_return_id.order_id
            if order:
                return self.env._(
                    "Contract %(name)s has lapsed; it lives again when order %(order)s "
                    "is paid.",
                    name=contract.name,
                    order=order.name,
                )
            return self.env._(
                "Contract %s has lapsed; it lives again when its reinstatement is "
                "paid.",
                contract.name,
            )
        step = contract._get_reinstatement_step()
        if contract._get_return_bar() or contract._get_type_bar() or not step:
            successor = contract.type_id.withdrawn and contract.type_id.successor_id
            if successor:
                return self.env._(
                    "Contract %(name)s has lapsed and cannot be reinstated: a new "
                    "contract “%(successor)s” is needed.",
                    name=contract.name,
                    successor=successor.name,
                )
            return self.env._(
                "Contract %s has lapsed and cannot be reinstated: a new contract is "
                "needed.",
                contract.name,
            )
        return contract._describe_way_back(step)

    def _describe_way_back(self, step):
        values = {"name": self.name}
        if step.until_day:
            values["day"] = format_date(
                self.env, fields.Date.add(self.date_end, days=step.until_day)
            )
        texts = {
            (renewal.FREE, False): self.env._(
                "Contract %(name)s has lapsed: renewing it brings it back."
            ),
            (renewal.FREE, True): self.env._(
                "Contract %(name)s has lapsed: until %(day)s renewing it brings it "
                "back."
            ),
            (renewal.FEE, False): self.env._(
                "Contract %(name)s has lapsed: it is reinstated for a fee."
            ),
            (renewal.FEE, True): self.env._(
                "Contract %(name)s has lapsed: until %(day)s it is reinstated for a "
                "fee."
            ),
            (renewal.LICENCE, False): self.env._(
                "Contract %(name)s has lapsed: it comes back only with a new licence."
            ),
            (renewal.LICENCE, True): self.env._(
                "Contract %(name)s has lapsed: until %(day)s it comes back with a new "
                "licence."
            ),
        }
        return texts[step.kind, "day" in values] % values

    # ------------------------------------------------------------------
    # Asked for
    # ------------------------------------------------------------------

    def action_reinstate(self):
        """Open the form to reinstate a lapsed contract."""
        self.ensure_one()
        self.check_access("read")
        return self._open_wizard(
            "support.contract.reinstate", self.env._("Reinstate the Contract")
        )

    def action_cancel_reinstatement(self):
        """Give up the reinstatement that is not paid yet."""
        for contract in self:
            contract.check_access("read")
            contract.waiting_return_id.action_cancel()

    def _starts_from_old_end(self, step):
        """A new licence counts from its payment, whatever else is agreed."""
        self.ensure_one()
        return self.reinstatement_start == "old_end" and step.kind != renewal.LICENCE

    def _get_reinstatement_fee(self, first_day):
        """The fee of the term that begins on ``first_day``, untaxed: with the price
        index where that day is an anniversary. Anniversaries of days without a contract
        do not count."""
        self.ensure_one()
        contract = self.sudo()  # who may see the contract's fee may see the next one
        terms = contract._get_terms_on(first_day)
        fee = terms["fee_amount"]
        if contract._get_anniversary(first_day) != first_day or (
            contract.next_index_day and contract.next_index_day > first_day
        ):
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

    def _prepare_return_values(self, step, way, months):
        self.ensure_one()
        return {
            "contract_id": self.id,
            "kind": step.kind,
            "way": way,
            "from_old_end": self._starts_from_old_end(step),
            "months": months or self.later_term_months,
            "asked_on": self.company_id._support_day(),
            # what is charged is agreed; an order when it is confirmed
            "agreed_on": way != "order" and self.company_id._support_day(),
            "old_end": self.date_end,
        }

    def _ask_return(self, months=0):
        """Lock the contract and look which step applies.

        :return: ``(contract, step)`` as superuser
        :raise UserError: with the reason, if it cannot be reinstated
        """
        self.ensure_one()
        contract = self.sudo()  # the callers check who may do it
        contract._lock_rows()
        contract._check_reinstatable()
        return contract, contract._get_reinstatement_step()

    def _reinstate_at_once(self, months=0):
        """Reinstate today, where that costs nothing. The fee of the new term is charged
        like any other.

        :param int months: length of the new term, 0: that of later terms
        :raise UserError: for everybody but managers, or if it is not free
        :return: the ``support.reinstatement``
        """
        self._require_manager()
        contract, step = self._ask_return()
        if step.kind != renewal.FREE:
            raise UserError(
                self.env._("Contract %s: its reinstatement costs something.", self.name)
            )
        item = contract.return_ids.create(
            contract._prepare_return_values(step, "at_once", months)
        )
        item._lock_rows()
        item._add_terms()
        item._mail_reinstated()
        return item

    def _charge_reinstatement(self, months=0, amount=None):
        """Charge what the step costs: the contract lives again when the invoice of the
        charge is paid in full, and charges its fee then.

        :param amount: untaxed, in the contract's currency; None: the step's price
        :raise UserError: for everybody but managers, or if the step is no fee, or has
            no price
        :return: the ``support.reinstatement``
        """
        self._require_manager()
        contract, step = self._ask_return()
        if step.kind != renewal.FEE:
            raise UserError(
                self.env._(
                    "Contract %s: only a fee can be charged; a licence is sold with an "
                    "order.",
                    self.name,
                )
            )
        amount = contract._check_return_price(step, amount)
        item = contract.return_ids.create(
            contract._prepare_return_values(step, "charge", months)
        )
        customer = contract.with_context(lang=contract.partner_id.lang)
        item.charge_id = self.env["support.charge"]._add(
            [
                {
                    "key": f"reinstatement:{item.id}",
                    "kind": "reinstatement",
                    "name": customer.env._(
                        "%(contract)s %(product)s: reinstatement",
                        contract=contract.name,
                        product=step.product_id.with_context(
                            lang=customer.env.lang
                        ).name,
                    ),
                    "company_id": contract.company_id.id,
                    "currency_id": contract.currency_id.id,
                    "partner_id": contract.partner_id.id,
                    "contract_id": contract.id,
                    "date": contract.company_id._support_day(),
                    "product_id": step.product_id.id,
                    "quantity": 1.0,
                    "price_unit": amount,
                    "amount": amount,
                }
            ]
        )
        contract.message_post(
            body=self.env._(
                "Reinstatement charged: the contract lives again when it is paid."
            )
        )
        return item

    def _check_return_price(self, step, amount):
        """``amount``, or the price of ``step``, rounded.

        :raise UserError: if there is none
        """
        amount = step._get_price() if amount is None else amount
        amount = self.currency_id.round(amount)
        if not 0 < amount < 1e12:
            raise UserError(
                self.env._(
                    "“%s” has no price: set one on the product, or enter what the "
                    "reinstatement costs.",
                    step.product_id.display_name,
                )
            )
        return amount

    # ------------------------------------------------------------------
    # By an order
    # ------------------------------------------------------------------

    def _quote_reinstatement(self, months=0, amount=None, fee=None, count=None):
        """A quotation for the reinstatement and the first fee of the new term: the
        contract lives again when all of it is paid.

        :param int months: length of the new term, 0: that of later terms
        :param amount: of the step, untaxed, in the contract's currency; None: its price
        :param fee: untaxed fee of a period, per contract or activation; None: the
            agreed one
        :param int count: activations; None: as they are
        :raise UserError: with the reason, if the contract cannot be reinstated, or
            there is nothing to sell
        :return: the ``sale.order``, a draft
        """
        self.ensure_one()
        self.check_access("read")
        contract, step = self._ask_return()
        lines = []
        if step.kind != renewal.FREE:
            lines.append(
                contract._prepare_step_line(
                    step, contract._check_return_price(step, amount)
                )
            )
        fee_line = contract._prepare_fee_line(step, fee, count)
        if not lines and not fee_line:
            raise UserError(
                self.env._(
                    "Contract %s has no fee product and comes back for nothing: a "
                    "manager reinstates it at once.",
                    self.name,
                )
            )
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
        # what the lines agree nobody else may set
        order.sudo().order_line = [
            Command.create(contract._price_order_line(values, order))
            for values in lines + fee_line
        ]
        sold = order.order_line.sudo()  # links that nobody else may set
        contract.return_ids.create(
            contract._prepare_return_values(step, "order", months)
            | {
                "sale_line_id": sold[0].id,
                "fee_line_id": sold[-1].id if fee_line else False,
            }
        )
        contract.message_post(
            body=self.env._("Reinstatement quoted with %s.", order._get_html_link())
        )
        return order

    def _prepare_step_line(self, step, amount):
        """Values of the order line that sells ``step``, price in the contract's
        currency."""
        self.ensure_one()
        customer = self.with_context(lang=self.partner_id.lang)
        return {
            "product_id": step.product_id.id,
            "name": customer.env._(
                "%(contract)s %(product)s: reinstatement",
                contract=self.name,
                product=step.product_id.with_context(lang=customer.env.lang).name,
            ),
            "product_uom_qty": 1,
            "price_unit": amount,
        }

    def _prepare_fee_line(self, step, fee, count):
        """The same for the first fee of the new term, as a list: empty where there is
        no fee."""
        self.ensure_one()
        product = self.product_id or self.type_id.product_id
        today = self.company_id._support_day()
        if self._starts_from_old_end(step):
            first_day = self.date_end + ONE_DAY
            since = format_date(
                self.with_context(lang=self.partner_id.lang).env, first_day
            )
        else:
            first_day, since = today, ""
        price = self._get_reinstatement_fee(first_day) if fee is None else fee
        if not product or not price:
            return []
        customer = self.with_context(lang=self.partner_id.lang)
        name = product.with_context(lang=customer.env.lang).display_name
        text = (
            customer.env._(
                "%(product)s\n%(contract)s: first fee from %(day)s",
                contract=self.name,
                product=name,
                day=since,
            )
            if since
            else customer.env._(
                "%(product)s\n%(contract)s: first fee from the day of payment",
                contract=self.name,
                product=name,
            )
        )
        pieces = count or self.activation_count
        return [
            {
                "product_id": product.id,
                "name": text,
                "product_uom_qty": pieces if self.fee_basis == "activation" else 1,
                "price_unit": price,
            }
        ]

    def _price_order_line(self, values, order):
        """``values`` of an order line with the price as ``order`` takes it."""
        self.ensure_one()
        product = self.env["product.product"].browse(values["product_id"])
        return values | {
            "price_unit": self._get_order_price(product, values["price_unit"], order),
            "support_contract_id": self.id,
            "support_deal": "reinstatement",
        }

    # ------------------------------------------------------------------
    # Payments
    # ------------------------------------------------------------------

    def _tell_payment(self, summary, note):
        """An activity for the owner about a payment, once as long as it is open."""
        for contract in self:
            if summary not in contract.activity_ids.mapped("summary"):
                contract.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    note=note,
                    user_id=contract.user_id.id or self.env.uid,
                )
