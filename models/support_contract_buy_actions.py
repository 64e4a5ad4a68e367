# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from .sale_order_line import RUNNING
from .support_contract_renewal import RENEWABLE

#: days before the end in which renewing is a thing to do
RENEW_DAYS = 60

#: unpaid orders and invoices that are listed for a contract
TODOS = 5


class SupportContract(models.Model):
    """What the pages of a contract lead to, and what waits to be done about buying:
    for those who may order."""

    _inherit = "support.contract"

    def _get_portal_actions(self, partner):
        actions = super()._get_portal_actions(partner)
        if self._may_order(partner):
            actions += self._get_buy_actions()
        if self.includes_updates and self.state in RUNNING:
            actions.append(self._link_to("releases", self.env._("Releases"), False))
        return actions

    def _link_to(self, page, text, primary):
        self.ensure_one()
        base = "/my/support" if page == "releases" else self.access_url
        return {"text": text, "url": f"{base}/{page}", "primary": primary}

    def _get_buy_actions(self):
        self.ensure_one()
        actions = []
        if self.state == "lapsed":
            if self.renewal_state != "agreed":
                actions.append(
                    self._link_to("reinstate", self.env._("Bring it back"), True)
                )
            return actions
        if self._can_top_up():
            actions.append(self._link_to("topup", self.env._("Top up"), False))
        if self.state in RENEWABLE and not self.terminated_on:
            if self.renewal != "none":
                actions.append(
                    self._link_to(
                        "renew", self.env._("Renewal"), self._is_renewal_near()
                    )
                )
            actions.append(
                self._link_to("change-type", self.env._("Which type suits?"), False)
            )
        return actions

    def _can_top_up(self):
        """Whether a top-up may be on offer: its page says what is, and asks for it no
        query of every other page."""
        self.ensure_one()
        return self.state in RUNNING and (
            self.fee_basis == "activation" or bool(self.ledger_ids)
        )

    def _is_renewal_near(self):
        """Whether the customer should decide about the next term now."""
        self.ensure_one()
        today = self.company_id._support_day()
        return (
            self.renewal == "manual"
            and self.state in ("active", "expired")
            and not self.terminated_on
            and self.renewal_state in ("open", "quoted")
            and self.date_end <= today + timedelta(days=RENEW_DAYS)
        )

    def _get_portal_todos(self, partner):
        """Orders and invoices to pay, and terms that end soon."""
        todos = super()._get_portal_todos(partner)
        own = self.filtered(lambda contract: contract._may_order(partner))
        orders = own._get_open_orders()
        invoices = own._get_unpaid_invoices() if own else {}
        seen = self.env["account.move"]
        for contract in own:
            for order in orders[contract][:TODOS]:
                todos[contract.id].append(contract._ask_to_pay(order))
            # an invoice for several contracts is told once
            for invoice in (invoices[contract] - seen)[:TODOS]:
                todos[contract.id].append(contract._tell_overdue(invoice))
            seen |= invoices[contract]
            deals = orders[contract].order_line.mapped("support_deal")
            if contract._is_renewal_near() and "renewal" not in deals:
                todos[contract.id].append(
                    {
                        "kind": "renew",
                        "text": contract.env._(
                            "Renew %(contract)s: it ends on %(day)s",
                            contract=contract.name,
                            day=format_date(contract.env, contract.date_end),
                        ),
                        "url": f"{contract.access_url}/renew",
                    }
                )
        return todos

    def _get_open_orders(self):
        """``{contract: orders that were sent and can be accepted, newest first}``."""
        orders = defaultdict(self.env["sale.order"].browse)
        lines = self.env["sale.order.line"].search_fetch(
            Domain("support_contract_id", "in", self.ids)
            & Domain("state", "=", "sent"),
            ["order_id", "support_contract_id"],
            order="id desc",
        )
        for line in lines:
            if line.order_id._support_is_open():
                orders[line.support_contract_id] |= line.order_id
        return orders

    def _ask_to_pay(self, order):
        self.ensure_one()
        values = {
            "order": order.name,
            "amount": format_amount(self.env, order.amount_total, order.currency_id),
        }
        return {
            "kind": "pay",
            "text": self.env._("Pay order %(order)s: %(amount)s", **values)
            if order._has_to_be_paid()
            else self.env._("Accept quotation %(order)s: %(amount)s", **values),
            "url": order.access_url,
        }

    def _tell_overdue(self, invoice):
        self.ensure_one()
        return {
            "kind": "pay",
            "text": self.env._(
                "Pay invoice %(invoice)s: %(amount)s, due since %(day)s",
                invoice=invoice.name,
                amount=format_amount(
                    self.env, invoice.amount_residual, invoice.currency_id
                ),
                day=format_date(self.env, invoice.invoice_date_due),
            ),
            "url": invoice.access_url,
        }
