# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta
from psycopg2.errors import UniqueViolation

from odoo import models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Command, Date, Domain
from odoo.tools import format_amount, format_date

from ..tools import renewal
from ..tools.periods import ONE_DAY
from .support_contract_renewal import RENEWABLE

#: what a comparison of types replays at most, so that no page takes for ever
MONTHS_COMPARED = 12
TICKETS_COMPARED = 500

#: length of a customer's note
NOTE_LENGTH = 500


class SupportContract(models.Model):
    """What a customer decides in the portal at the end of a term: renew, give notice,
    choose another type, or bring a lapsed contract back. As in
    ``support_contract_buy.py``, ``_get_buy`` gives plain values of a record that was
    checked, and ``_portal`` asks whether ``partner`` may."""

    _inherit = "support.contract"

    # ------------------------------------------------------------------
    # Renew
    # ------------------------------------------------------------------

    def _get_buy_deals(self, deal):
        """Open orders that agree ``deal`` for this contract, newest first."""
        self.ensure_one()
        lines = self.env["sale.order.line"].search(
            Domain("support_contract_id", "=", self.id)
            & Domain("support_deal", "=", deal)
            & Domain("state", "in", ("draft", "sent")),
            order="id desc",
        )
        return lines.order_id

    def _get_renew_bar(self):
        """Why the customer cannot renew it, as a sentence; empty if he can."""
        self.ensure_one()
        if self.renewal == "automatic" and self.state in RENEWABLE:
            if bar := self._get_renewal_bar():
                return bar
            return self.env._("There is nothing to do: it goes on by itself.")
        return self._get_renewal_bar()

    def _get_buy_renewal_page(self):
        """The next term, what it costs, and what can be done about it.

        :return: dict: ``end``, ``sentences``, ``bar``, ``terms`` (label, text),
            ``order`` (an open quotation or None), ``prepared`` (one is being prepared),
            ``ask``: there is no price, so the owner is asked; ``decline``: whether
            notice can be given, and ``decline_bar``: why not
        """
        self.ensure_one()
        bar = self._get_renew_bar()
        product = self.product_id or self.type_id.product_id
        fee = self._get_renewal_fee()
        orders = self._get_buy_deals("renewal")
        order = orders.filtered(
            lambda item: item.state == "sent" and item._support_is_open()
        )[:1]
        page = {
            "end": format_date(self.env, self.date_end),
            "sentences": self._get_buy_renewal(),
            "bar": bar,
            "terms": [],
            "order": order and {"name": order.name, "url": order.access_url},
            "prepared": any(item.state == "draft" for item in orders),
            "ask": not product or not fee,
            "decline_bar": self._get_decline_bar(),
            "declined": self.renewal_state == "declined",
        }
        if bar and self.renewal != "automatic" or self._get_renewal_bar():
            return page
        first_day, last_day = renewal.next_term(self.date_end, self.later_term_months)
        page["terms"].append(
            (
                self.env._("Next term"),
                self.env._(
                    "%(first)s to %(last)s",
                    first=format_date(self.env, first_day),
                    last=format_date(self.env, last_day),
                ),
            )
        )
        if not page["ask"]:
            page["terms"] += self._describe_next_fee(product, fee)
        if self.renewal == "automatic":
            page["terms"].append(
                (
                    self.env._("Notice until"),
                    format_date(self.env, self.notice_deadline),
                )
            )
        return page

    def _describe_next_fee(self, product, fee):
        """The fee of the next term as rows: label, text."""
        pieces = self.activation_count if self.fee_basis == "activation" else 1
        line = self._price_fee_line(product, fee, pieces)
        rows = [(self.env._("First fee"), self._describe_line_price(line))]
        if pieces > 1:
            rows.append((self.env._("Activations"), str(pieces)))
        periods = dict(self._fields["fee_period"]._description_selection(self.env))
        rows.append((self.env._("Due for each"), periods[self.fee_period]))
        return rows

    def _price_fee_line(self, product, fee, pieces):
        """An order line, not stored, with what :meth:`_quote_renewal` would sell."""
        order = self._new_buy_order()
        order.order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "product_uom_qty": pieces,
                    "price_unit": self._get_order_price(product, fee, order),
                }
            )
        ]
        return order.order_line

    def _new_buy_order(self):
        """An order for this contract that is not stored: it says what the real one
        would charge."""
        self.ensure_one()
        return (
            self.env["sale.order"]
            .with_company(self.company_id)
            .new({"partner_id": self.partner_id.id, "company_id": self.company_id.id})
        )

    def _describe_line_price(self, line):
        """The price of an order line in words, with its taxes where there are any."""
        price = self._describe_buy_price(line)
        if not price["taxed"]:
            return price["price"]
        return self.env._(
            "%(price)s (%(taxed)s with taxes)",
            price=price["price"],
            taxed=price["taxed"],
        )

    def _portal_renew(self, partner):
        """``partner`` renews: by the open quotation, or by a new order.

        :raise UserError: if he may not, or it cannot be renewed
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        self._lock_rows()
        if bar := self._get_renew_bar():
            raise UserError(bar)
        page = self._get_buy_renewal_page()
        if page["order"]:
            return page["order"]["url"]
        if page["prepared"]:
            raise UserError(
                self.env._("We prepare your quotation: you get it by mail.")
            )
        if page["ask"]:
            self._tell_portal_request(
                partner,
                lambda env: env._("The customer wants to renew, and has no price"),
            )
            return f"{self.access_url}/renew?asked=1"
        # one of the portal that expired gives way
        self._get_buy_deals("renewal").filtered(
            "support_ordered_by_id"
        )._support_give_way()
        # ordered by who may; terms and price come from the contract
        order = self.sudo()._quote_renewal()
        return order._support_place(
            partner, until=self.date_end + relativedelta(days=self.grace_days)
        )

    # ------------------------------------------------------------------
    # Do not renew
    # ------------------------------------------------------------------

    def _get_decline_bar(self):
        """Why no notice can be given, as a sentence; empty if it can."""
        self.ensure_one()
        if self.state not in RENEWABLE or self.terminated_on:
            return self.env._("This contract has ended.")
        if self.renewal == "none":
            return self.env._("It ends with its term.")
        if self.renewal_state == "declined":
            return self.env._(
                "Notice was given: it ends on %s.",
                format_date(self.env, self.date_end),
            )
        if self.renewal_state == "agreed":
            return self.env._("Another contract follows it.")
        today = self.company_id._support_day()
        if self.renewal == "automatic" and today > self.notice_deadline:
            return self.env._(
                "Notice had to be given until %s: please talk to us.",
                format_date(self.env, self.notice_deadline),
            )
        if max(self.term_ids.mapped("first_day"), default=today) > today:
            return self.env._(
                "It has been renewed already, until %s: please talk to us.",
                format_date(self.env, self.date_end),
            )
        return ""

    def _get_buy_reasons(self):
        """Reasons that a customer may give for leaving: ``[(id, name)]``."""
        self.ensure_one()
        ours = self.env.ref(
            "support_contract.churn_reason_vendor", raise_if_not_found=False
        )
        reasons = self.env["support.churn.reason"].search(
            [("company_id", "in", (False, self.company_id.id))]
        )
        if ours:
            reasons -= ours
        return [(reason.id, reason.name) for reason in reasons]

    def _portal_decline(self, partner, reason_id, note):
        """``partner`` gives notice: the contract ends with its term.

        :param reason_id: one of :meth:`_get_buy_reasons`
        :param str note: what else he says, may be empty
        :raise UserError: if he may not, it is too late, or without a reason
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        self._lock_rows()
        if bar := self._get_decline_bar():
            raise UserError(bar)
        if reason_id not in [reason for reason, _name in self._get_buy_reasons()]:
            raise UserError(self.env._("Why: choose a reason."))
        if len(note or "") > NOTE_LENGTH:
            raise UserError(
                self.env._("Your note: at most %s characters.", NOTE_LENGTH)
            )
        text = self.env._("given in the portal by %s", partner.name)
        if note:
            text = f"{text}: {note}"
        # he may give notice for his company; managers only record it
        contract = self.sudo()
        contract._decline_renewal(
            contract.company_id._support_day(),
            text,
            self.env["support.churn.reason"].browse(reason_id),
        )
        contract._get_buy_deals("renewal").filtered(
            "support_ordered_by_id"
        )._support_give_way()
        contract._tell_portal_request(
            partner, lambda env: env._("The customer gave notice"), note or ""
        )
        return f"{self.access_url}/renew"

    # ------------------------------------------------------------------
    # Another type
    # ------------------------------------------------------------------

    def _get_buy_types(self):
        """The types that may follow this contract: those on offer but its own."""
        self.ensure_one()
        types = self.env["support.contract.type"]._get_portal_types(self.company_id)
        return types - self.type_id

    def _get_change_bar(self):
        """Why no other type can follow, as a sentence; empty if one can."""
        self.ensure_one()
        bar = self._get_renewal_bar()
        if bar and bar != self._get_type_bar() and self.state != "lapsed":
            return bar
        return ""

    def _get_buy_comparison(self):
        """What the requests of the last twelve months (fewer if there were many) would
        have cost with each type.

        :return: ``(first day, last day, rows)``; rows are dicts ``id``, ``name``,
            ``own``, ``fee``, ``work``, ``total``, ``refused``, ``promise``, ``best``
        """
        self.ensure_one()
        company = self.company_id
        last_day = company._support_day()
        first_day = last_day - relativedelta(months=MONTHS_COMPARED) + ONE_DAY
        many = self.env["helpdesk.ticket"].search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("company_id", "=", company.id),
            ],
            order="support_opened_on desc, id desc",
            offset=TICKETS_COMPARED,
            limit=1,
        )
        if many:
            opened = company._support_day(many.support_opened_on) + ONE_DAY
            first_day = min(max(first_day, opened), last_day)
        types = self._get_buy_types() | self.type_id
        rows = self.env["support.suits"]._compare(
            self.commercial_partner_id, company, first_day, last_day, types
        )
        values = self.env["support.type.comparison.line"]._prepare_rows(rows)
        currency = company.currency_id

        def money(amount):
            return format_amount(self.env, amount, currency)

        return (
            format_date(self.env, first_day),
            format_date(self.env, last_day),
            [
                {
                    "id": row["type_id"],
                    "name": row["name"],
                    "own": row["own"],
                    "fee": money(row["fee"]),
                    "work": money(row["work"]),
                    "total": money(row["total"]),
                    "refused": row["refused"],
                    "promise": row["promise"],
                    "best": row["best"],
                }
                for row in values
            ],
        )

    def _get_follow_key(self):
        self.ensure_one()
        return f"follow:{self.id}"

    def _get_buy_follower(self):
        """The contract of another type that the customer has asked for."""
        self.ensure_one()
        return self.search(
            Domain("portal_request_key", "=", self._get_follow_key())
            & Domain("state", "in", ("draft", "offered")),
            limit=1,
        )

    def _portal_change_type(self, partner, type_id):
        """``partner`` asks for an offer of another type, which follows this contract:
        a draft for its owner, one at a time.

        :raise UserError: if he may not, or the type is not on offer
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        if bar := self._get_change_bar():
            raise UserError(bar)
        contract_type = self._get_buy_types().filtered(lambda item: item.id == type_id)
        if not contract_type:
            raise UserError(self.env._("Choose one of the contracts on offer."))
        url = f"{self.access_url}/change-type"
        if self._get_buy_follower():
            return url
        try:
            with self.env.cr.savepoint():
                # made for the customer, whose person may ask
                follower = self.sudo()._make_follower(
                    contract_type, portal_request_key=self._get_follow_key()
                )
        except UniqueViolation as violation:
            # a colleague asked a moment earlier; repeated, this finds his request
            raise ConcurrencyError("Another type asked for twice") from violation
        follower._tell_portal_request(
            partner,
            lambda env: env._("Asked for in the portal: %s", contract_type.name),
        )
        return url

    # ------------------------------------------------------------------
    # Back after a lapse
    # ------------------------------------------------------------------

    def _get_buy_return_page(self):
        """The way back of a lapsed contract.

        :return: dict: ``sentence``, ``bar``, ``prices`` (label, text), ``order``
            (that waits for its payment, or None) and ``ask``: there is no price
        """
        self.ensure_one()
        waiting = self.waiting_return_id
        order = waiting.order_id
        page = {
            "sentence": self._get_way_back(),
            "bar": self._get_reinstatement_bar(),
            "prices": [],
            "order": None,
            "ask": False,
        }
        if order and order.state == "sent" and order._support_is_open():
            page["order"] = {"name": order.name, "url": order.access_url}
        if self._is_return_expired():
            # asked for, never paid and too late: it may be asked for again
            page["bar"] = self._get_return_bar() or self._get_type_bar()
        if page["bar"]:
            return page
        step = self._get_reinstatement_step()
        if not step:
            return page
        step_line, fee_line = self._price_return(step)
        if step.kind != renewal.FREE:
            page["ask"] = not step_line
            page["prices"].append(
                (
                    step.product_id.name,
                    self._describe_line_price(step_line)
                    if step_line
                    else self.env._("please ask us"),
                )
            )
        if fee_line:
            page["prices"].append(
                (
                    self.env._("First fee of the new term"),
                    self._describe_line_price(fee_line),
                )
            )
        return page

    def _price_return(self, step):
        """The lines that :meth:`_quote_reinstatement` would sell, not stored.

        :return: ``(line of the step, line of the first fee)``, each may be empty
        """
        self.ensure_one()
        order = self._new_buy_order()
        lines = []
        price = step._get_price() if step.kind != renewal.FREE else 0
        if price:
            lines.append(
                self._prepare_step_line(step, self._check_return_price(step, price))
            )
        fee = self._prepare_fee_line(step, None, None)
        order.order_line = [
            Command.create(self._price_order_line(values, order))
            for values in lines + fee
        ]
        nothing = self.env["sale.order.line"]
        sold = order.order_line
        return (
            sold[:1] if price else nothing,
            sold[-1:] if fee else nothing,
        )

    def _is_return_expired(self):
        """Whether a reinstatement that was ordered in the portal waits for an order
        that cannot be paid any more."""
        self.ensure_one()
        order = self.waiting_return_id.order_id
        return bool(
            order.support_ordered_by_id
            and order.state in ("draft", "sent")
            and order.is_expired
        )

    def _portal_reinstate(self, partner):
        """``partner`` asks for the contract back: at once where it costs nothing and
        nothing is due, else by an order.

        :raise UserError: if he may not, or it cannot come back
        :return: the page to go on
        """
        self.ensure_one()
        self._check_may_order(partner)
        self._lock_rows()
        contract = self.sudo()  # asked for by who may; price and days from the contract
        page = contract._get_buy_return_page()
        if page["order"]:
            return page["order"]["url"]
        if contract._is_return_expired():
            contract.waiting_return_id.order_id._support_give_way()
            contract.invalidate_recordset()
        contract._check_reinstatable()
        if page["ask"]:
            contract._tell_portal_request(
                partner,
                lambda env: env._("The customer wants the contract back: no price"),
            )
            return f"{self.access_url}/reinstate?asked=1"
        step = contract._get_reinstatement_step()
        _step_line, fee = contract._price_return(step)
        if step.kind == renewal.FREE and not (
            fee
            and contract.company_id._support_pays_first(
                partner, fee.price_total, fee.order_id.currency_id
            )
        ):
            contract._reinstate_at_once()
            return self.access_url
        until = None
        if step.until_day:
            until = Date.add(contract.date_end, days=step.until_day)
        return contract._quote_reinstatement()._support_place(partner, until=until)
