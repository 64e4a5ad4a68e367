# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import fees
from ..tools.periods import ONE_DAY


class SupportContract(models.Model):
    """The fees of a contract: charged once for each period, in advance or in arrears,
    under the terms of the period's first day (``edge_cases.md``, "Money and
    periods")."""

    _inherit = "support.contract"

    next_fee_day = fields.Date(
        string="Next Fee",
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Day on which the next fee becomes due.",
    )
    customer_reference = fields.Char(
        copy=False,
        help="Order number or the like of the customer, printed on the invoices.",
    )
    payment_term_id = fields.Many2one(
        comodel_name="account.payment.term",
        string="Payment Terms",
        check_company=True,
        groups="support_contract.group_support_user",
        help="Empty: those of the customer.",
    )
    fiscal_position_id = fields.Many2one(
        comodel_name="account.fiscal.position",
        check_company=True,
        groups="support_contract.group_support_user",
        help="Empty: the one that follows from the customer.",
    )
    charge_count = fields.Integer(
        compute="_compute_charge_count",
        groups="support_contract.group_support_user",
    )

    _next_fee_idx = models.Index("(next_fee_day) WHERE next_fee_day IS NOT NULL")

    def _compute_charge_count(self):
        counts = {
            contract.id: count
            for contract, count in self.env["support.charge"]._read_group(
                [("contract_id", "in", self.ids)], ["contract_id"], ["__count"]
            )
        }
        for contract in self:
            contract.charge_count = counts.get(contract.id, 0)

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"next_fee_day"}

    # ------------------------------------------------------------------
    # Calendar of fees
    # ------------------------------------------------------------------

    def _get_fee_rule(self):
        self.ensure_one()
        return fees.Rule(self.fee_period, self.fee_timing, self.fee_prorated)

    def _get_term_days(self):
        """``((first day, last day), ...)`` of the terms, oldest first."""
        self.ensure_one()
        terms = self.term_ids.sorted("first_day")
        return tuple((term.first_day, term.last_day) for term in terms)

    def _start_fees(self, since):
        """Charge fees from now on: those of periods that begin on or after ``since``
        (the first day of a new contract; of one that was taken over, the first day
        that the older system did not charge)."""
        for contract in self:
            rule, terms = contract._get_fee_rule(), contract._get_term_days()
            days = [
                fee.due
                for fee in fees.due_fees(rule, terms, fees.date.min, fees.FOREVER)
                if fee.first_day >= since
            ]
            contract.next_fee_day = min(days, default=False)

    # ------------------------------------------------------------------
    # Charging
    # ------------------------------------------------------------------

    @api.model
    def _cron_charge_fees(self):
        """Charge the fees that are due, in committed batches. A night that was missed
        is caught up: every period is charged once, oldest first."""
        # the latest local date that any company may already have
        latest = fields.Date.add(fields.Date.today(), days=1)
        contracts = self.search(
            [
                (
                    "state",
                    "in",
                    ("active", "suspended", "expired", "lapsed", "terminated"),
                ),
                "|",
                "|",
                ("next_fee_day", "<=", latest),
                ("next_index_day", "<=", latest),
                "&",
                ("next_fee_day", "!=", False),
                ("terminated_on", "<=", latest),
            ],
            order="id",
        )
        contracts._run_job("_charge_fees")

    def _charge_fees(self, today=None):
        """Charge every fee that is due and not charged yet.

        :param date today: for tests and simulations; default: each company's today
        :raise UserError: if a fee has no product that gives its taxes
        :return: the new charges
        """
        contracts = self.sudo()  # a job, or part of a change of state: what is agreed
        # fees follow the terms of their first day: a change whose day has come first
        contracts._grant_due(today)
        contracts._apply_index(today)
        rows = []
        for contract in contracts:
            day = today or contract.company_id._support_day()
            ended = contract.terminated_on
            ended = ended if ended and ended <= day else None
            if not contract.next_fee_day or not (contract.next_fee_day <= day or ended):
                continue
            rule, terms = contract._get_fee_rule(), contract._get_term_days()
            since = contract.next_fee_day
            first_days = {
                fee.first_day for fee in fees.due_fees(rule, terms, since, fees.FOREVER)
            }
            if ended:
                # the end may have moved what is due in arrears to an earlier day
                since = min(since, ended)
            for fee in fees.due_fees(rule, terms, since, day, contract.terminated_on):
                # but not what was charged by an order or an older system
                if fee.first_day not in first_days:
                    continue
                if fee.first_day in contract._get_ordered_days():
                    rows += contract._prepare_unordered_rows(fee)
                else:
                    rows += contract._prepare_fee_rows(fee)
            contract.next_fee_day = fees.next_due(
                rule, terms, day, contract.terminated_on
            )
        return self.env["support.charge"]._add(rows)

    def _prepare_unordered_rows(self, fee):
        """The charge for activations that were added between the order that charges
        this period and its first day: a list of one or none."""
        self.ensure_one()
        terms = self._get_terms_on(fee.first_day)
        term = self.term_ids.filtered(lambda item: item.first_day == fee.first_day)
        line = term.sale_line_id or self.sale_line_id
        added = terms["activation_count"] - round(line.product_uom_qty)
        if self.fee_basis != "activation" or added <= 0:
            return []
        amount = self._prorate(terms["fee_amount"], fee.days, fee.full_days, added)
        if not amount:
            return []
        return [
            self._prepare_charge_values(
                "activation",
                f"added:{self.id}:{fee.first_day}",
                amount,
                quantity=added,
                date=fee.due,
                first_day=fee.first_day,
                last_day=fee.last_day,
            )
        ]

    def _get_ordered_days(self):
        """First days of the fee periods that an order charges: the first one of a
        contract that was sold with one, and those with which a renewal began."""
        self.ensure_one()
        days = {term.first_day for term in self.term_ids if term.sale_line_id}
        return days | {self.date_start} if self.sale_line_id else days

    def _charge_again(self, term):
        """The order that was to charge the first fee of ``term`` does not: it is due
        like any other."""
        self.ensure_one()
        fee = fees.period_of(
            self._get_fee_rule(), self._get_term_days(), term.first_day
        )
        if not self.next_fee_day or fee.due < self.next_fee_day:
            self.next_fee_day = fee.due

    def _prepare_fee_rows(self, fee):
        """The charge of one period, as a list: empty if there is nothing to pay."""
        self.ensure_one()
        if not self._has_fee_on(fee.first_day):
            return []
        terms = self._get_terms_on(fee.first_day)
        count = terms["activation_count"] if self.fee_basis == "activation" else 1
        amount = self._prorate(terms["fee_amount"], fee.days, fee.full_days, count)
        if not amount:
            return []
        return [
            self._prepare_charge_values(
                "fee",
                f"fee:{self.id}:{fee.first_day}",
                amount,
                date=fee.due,
                first_day=fee.first_day,
                last_day=fee.last_day,
                quantity=count,
            )
        ]

    def _has_fee_on(self, day):
        """Whether a period that begins on ``day`` costs a fee."""
        self.ensure_one()
        return self.fee_while_suspended or self._get_state_on(day) != "suspended"

    def _prorate(self, amount, days, full_days, count=1):
        """``count`` times ``amount``, exactly, for ``days`` of ``full_days``."""
        return float(
            fees.prorate(
                Decimal(str(amount)) * count,
                days,
                full_days,
                self.currency_id.decimal_places,
            )
        )

    def _prepare_charge_values(self, kind, key, amount, quantity=1, **values):
        """Values of a charge of this contract for its fee product."""
        self.ensure_one()
        product = self.product_id or self.type_id.product_id
        if not product:
            raise UserError(
                self.env._(
                    "Contract %(contract)s has a fee but no fee product, which gives "
                    "its taxes and account: choose one on contract type %(type)s.",
                    contract=self.name,
                    type=self.type_id.name,
                )
            )
        charge = self.with_context(lang=self.partner_id.lang)
        return {
            "key": key,
            "kind": kind,
            "name": charge._describe_fee(kind, product, **values),
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "contract_id": self.id,
            "product_id": product.id,
            "quantity": quantity,
            "price_unit": amount / quantity,
            "amount": amount,
        } | values

    def _describe_fee(self, kind, product, first_day, last_day, **values):
        """Text of the invoice line, in the language of the context."""
        texts = {
            "fee": self.env._("fee"),
            "activation": self.env._("new activations"),
            "refund": self.env._("refund of days not served"),
        }
        return self.env._(
            "%(contract)s %(product)s: %(what)s, %(first)s to %(last)s",
            contract=self.name,
            product=product.with_context(lang=self.env.lang).name,
            what=texts[kind],
            first=format_date(self.env, first_day),
            last=format_date(self.env, last_day),
        )

    # ------------------------------------------------------------------
    # Changes inside a period
    # ------------------------------------------------------------------

    def _charge_change(self, change):
        """What a dated change costs in the period that its day lies in: more
        activations are charged for the days left, fewer count from the next period
        on. A new price counts from the next period, or from this one if the change
        falls on its first day.

        :param change: ``support.contract.change`` that was just applied
        """
        self.ensure_one()
        if change.topup_id or not (
            {"activation_count", "fee_amount"} & (change.values or {}).keys()
        ):
            # activations that were sold are charged by their order
            return self.env["support.charge"]
        rule, terms = self._get_fee_rule(), self._get_term_days()
        end = self.terminated_on
        fee = fees.period_of(rule, terms, change.first_day, end)
        if not fee or (end and end <= change.first_day):
            return self.env["support.charge"]
        if change.is_renewal and fee.first_day in self._get_ordered_days():
            return self.env["support.charge"]  # the order charges what was agreed
        after = self._get_terms_on(change.first_day)
        before = after | (change.before or {})
        counts = [
            self._get_paid_count(fee, change, before),
            after["activation_count"] if self.fee_basis == "activation" else 1,
        ]
        prices = [Decimal(str(values["fee_amount"])) for values in (before, after)]
        if change.first_day == fee.first_day:
            # without the end, which would move what is due in arrears
            due = fees.period_of(rule, terms, change.first_day).due
            if (self.next_fee_day and self.next_fee_day <= due) or (
                not self._has_fee_on(fee.first_day)
            ):
                # the fee itself will be the new one, or there is none
                return self.env["support.charge"]
            amount = prices[1] * max(counts) - prices[0] * counts[0]
        else:
            amount = prices[1] * max(counts[1] - counts[0], 0)
        days = (fee.last_day - change.first_day).days + 1
        full_days = fee.full_days if self.fee_prorated else fee.days
        amount = self._prorate(amount, days, full_days)
        if not amount:
            return self.env["support.charge"]
        return self.env["support.charge"]._add(
            [
                self._prepare_charge_values(
                    "activation" if counts[1] > counts[0] else "fee",
                    f"change:{change.id}",
                    amount,
                    quantity=max(counts[1] - counts[0], 0) or 1,
                    date=change.first_day,
                    first_day=change.first_day,
                    last_day=fee.last_day,
                    reason=change.reason,
                )
            ]
        )

    def _get_paid_count(self, fee, change, before):
        """How many activations the period of ``fee`` has been charged for before
        ``change``: fewer count from the next period on only."""
        self.ensure_one()
        if self.fee_basis != "activation":
            return 1
        charged = self.env["support.charge"].search(
            [("key", "=", f"fee:{self.id}:{fee.first_day}")]
        )
        counts = [before["activation_count"], *charged.mapped("quantity")]
        if not charged and fee.first_day < change.first_day:
            counts.append(self._get_terms_on(fee.first_day)["activation_count"])
        for other in self.change_ids - change:
            if other.state == "applied" and (
                fee.first_day < other.first_day <= change.first_day
            ):
                counts.append((other.values or {}).get("activation_count", 0))
        return int(max(counts))

    # ------------------------------------------------------------------
    # An end that is moved
    # ------------------------------------------------------------------

    def action_resume(self):
        ends = {contract: contract.terminated_on for contract in self}
        result = super().action_resume()
        self._reopen_fees(ends)
        return result

    def _change_state(self, state, day, reason, churn_reason=None):
        ends = {contract: contract.terminated_on for contract in self}
        result = super()._change_state(state, day, reason, churn_reason)
        self._reopen_fees(ends)
        return result

    def _reopen_fees(self, ends):
        """A termination that was planned is taken back, or planned for a later day:
        the fees that it has stopped are due again, and the rest of the one that it
        has cut.

        :param dict ends: by contract, the first day without it until now, if any
        """
        rows = []
        # whoever may move the end causes what is owed for it
        for contract in self.sudo():
            old, new = ends[contract], contract.terminated_on
            if not old or (new and new <= old):
                continue
            rule, terms = contract._get_fee_rule(), contract._get_term_days()
            days = [
                fee.due
                for fee in fees.due_fees(rule, terms, fees.date.min, fees.FOREVER, new)
                if fee.first_day >= old
            ]
            cut = fees.period_of(rule, terms, old - ONE_DAY, new)
            if contract.next_fee_day:
                moved = rule.timing == "arrears" and contract.next_fee_day == old
                days.append(cut.due if cut and moved else contract.next_fee_day)
            contract.next_fee_day = min(days, default=False)
            if cut and cut.last_day >= old:
                rows += contract._prepare_rest_rows(cut, old)
        self.env["support.charge"]._add(rows)

    def _prepare_rest_rows(self, fee, first_day):
        """The charge for the days of ``fee`` from ``first_day`` on, as a list: empty
        if its first days were not charged as ending there."""
        self.ensure_one()
        charged = self.env["support.charge"].search(
            [
                ("contract_id", "=", self.id),
                ("key", "=like", f"fee:{self.id}:%"),
                ("first_day", ">=", fee.first_day),
                ("last_day", "<", first_day),
            ]
        )
        if first_day - ONE_DAY not in charged.mapped("last_day"):
            return []
        terms = self._get_terms_on(fee.first_day)
        count = terms["activation_count"] if self.fee_basis == "activation" else 1
        amount = self.currency_id.round(
            self._prorate(terms["fee_amount"], fee.days, fee.full_days, count)
            - sum(charged.mapped("amount"))
        )
        if not amount:
            return []
        return [
            self._prepare_charge_values(
                "fee",
                f"fee:{self.id}:{first_day}",
                amount,
                date=self.company_id._support_day(),
                first_day=first_day,
                last_day=fee.last_day,
                quantity=count,
            )
        ]

    # ------------------------------------------------------------------
    # Early end
    # ------------------------------------------------------------------

    def _refund_unserved(self):
        """A contract that ends inside periods already charged gives the fee of the
        days not served back, if it says so. Once for each charge.

        :return: the refunds
        """
        charges = self.env["support.charge"].search(
            [
                ("contract_id", "in", self.filtered("refund_on_end").ids),
                ("kind", "in", ("fee", "activation")),
                ("cancelled", "=", False),
                ("last_day", "!=", False),
            ]
        )
        credited = charges._get_credited()
        rows = []
        for charge in charges:
            contract, end = charge.contract_id, charge.contract_id.terminated_on
            if not end or charge.last_day < end:
                continue
            first = max(end, charge.first_day)
            days = (charge.last_day - first).days + 1
            full_days = (charge.last_day - charge.first_day).days + 1
            amount = contract._prorate(charge.amount, days, full_days)
            if charge.amount > 0:
                # what a credit note gave back by hand is not given back again
                left = charge.amount - credited.get(charge, 0.0)
                amount = charge.currency_id.round(max(min(amount, left), 0.0))
            if amount:
                rows.append(
                    contract._prepare_charge_values(
                        "refund",
                        f"unserved:{charge.id}",
                        -amount,
                        quantity=-1,
                        date=end,
                        first_day=first,
                        last_day=charge.last_day,
                        refund_of_id=charge.id,
                    )
                )
        for contract in self.filtered("refund_on_end"):
            rows += contract._prepare_order_refunds()
        return self.env["support.charge"]._add(rows)

    def _prepare_order_refunds(self):
        """The same for the periods that an order has charged, the first one and those
        with which a renewal began: rows of charges."""
        self.ensure_one()
        ordered = [(self.sale_line_id, self.date_start, f"unserved:order:{self.id}")]
        ordered += [
            (term.sale_line_id, term.first_day, f"unserved:term:{term.id}")
            for term in self.term_ids
        ]
        rows = []
        for line, first_day, key in ordered:
            if line.qty_invoiced > 0:
                rows += self._prepare_order_refund(line, first_day, key)
        return rows

    def _prepare_order_refund(self, line, first_day, key):
        """The refund of the period that begins on ``first_day``, of what ``line`` has
        invoiced for it less its credit notes: a list of one row or none."""
        self.ensure_one()
        end = self.terminated_on
        fee = fees.period_of(self._get_fee_rule(), self._get_term_days(), first_day)
        if not (end and fee) or fee.last_day < end:
            return []
        first = max(end, fee.first_day)
        terms = self._get_terms_on(fee.first_day)
        count = terms["activation_count"] if self.fee_basis == "activation" else 1
        part = min(count / (line.product_uom_qty or 1), 1)
        invoiced = line.currency_id._convert(
            line.untaxed_amount_invoiced * part,
            self.currency_id,
            self.company_id,
            line.order_id.date_order.date(),
        )
        amount = self._prorate(invoiced, (fee.last_day - first).days + 1, fee.days)
        if amount <= 0:
            return []
        return [
            self._prepare_charge_values(
                "refund",
                key,
                -amount,
                quantity=-1,
                date=end,
                first_day=first,
                last_day=fee.last_day,
            )
        ]

    def _sync_states(self):
        result = super()._sync_states()
        # what is owed and what is given back follows from the end that a manager set
        ended = self.filtered(lambda contract: contract.state == "terminated").sudo()
        ended._charge_fees()
        ended._refund_unserved()
        return result

    def action_activate(self):
        """The first fee is due at once, if it is due in advance."""
        result = super().action_activate()
        # charged for what was agreed, by whoever may activate
        self.sudo()._charge_fees()
        return result

    def action_invoice(self):
        """See what is due for the contract, and invoice it.

        :raise UserError: for everybody but contract managers
        """
        self.ensure_one()
        self._require_manager()
        self.sudo()._charge_fees()  # checked above
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_charge_invoice_action"
        )
        return action | {
            "context": {
                "dialog_size": "extra-large",
                "default_company_id": self.company_id.id,
                "default_contract_id": self.id,
            }
        }

    def _add_first_term(self):
        result = super()._add_first_term()
        for contract in self:
            since = contract.date_start
            if contract.sale_line_id:
                since += ONE_DAY  # the order charges the first period
            contract._start_fees(since)
        return result

    def _take_over(self, first_day, last_day, reference):
        result = super()._take_over(first_day, last_day, reference)
        # the older system has charged the period that runs today
        contract = self.sudo()  # super() lets managers only
        contract._start_fees(
            max(first_day, contract.company_id._support_day() + ONE_DAY)
        )
        return result

    def action_view_charges(self):
        """The charges of the contract."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_charge_action"
        )
        return action | {
            "domain": [("contract_id", "=", self.id)],
            "context": {},
        }
