# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools.periods import ONE_DAY

#: what a line agrees for its contract, set by the contract's own methods
DEAL_FIELDS = {"support_deal", "support_months"}


class SaleOrderLine(models.Model):
    """Lines that renew a running contract when their order is confirmed."""

    _inherit = "sale.order.line"

    support_deal = fields.Selection(
        selection=[("renewal", "Renewal")],
        string="For the Contract",
        copy=False,
        groups="base.group_user",
        help="What confirming the order does for the contract of this line.",
    )
    support_months = fields.Integer(
        string="Months of the Term",
        copy=False,
        groups="base.group_user",
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # also what a default of the caller's context says
        if not self.env.su and any(
            line.support_deal or line.support_months for line in lines
        ):
            self._support_refuse_deal()
        return lines

    def write(self, vals):
        if not self.env.su and (
            DEAL_FIELDS & vals.keys()
            or {"support_contract_id", "support_start"} & vals.keys()
            and any(line.support_deal for line in self)
        ):
            self._support_refuse_deal()
        return super().write(vals)

    def unlink(self):
        # who may delete the quotation takes back that it was made
        contracts = self.sudo().filtered("support_deal").support_contract_id
        result = super().unlink()
        contracts._forget_quotation()
        return result

    def _support_refuse_deal(self):
        raise UserError(
            self.env._("A renewal or reinstatement is quoted from its contract only.")
        )

    def _support_sell(self):
        """What these confirmed lines agree for a contract, then what they sell."""
        deals = self.sudo().filtered("support_deal")  # as for what is sold
        deals._support_renew()
        return super(SaleOrderLine, self - deals)._support_sell()

    def _support_renew(self):
        """Renew the contracts of these lines, once for each line.

        :raise UserError: if a contract cannot be renewed (any more)
        """
        terms = self.env["support.contract.term"].search(
            [("sale_line_id", "in", self.ids)]
        )
        for line in self.filtered(lambda line: line.support_deal == "renewal"):
            if line in terms.sale_line_id or not line.support_contract_id:
                continue
            if line.product_uom_qty <= 0:
                raise UserError(
                    self.env._("“%s”: enter a quantity above zero.", line.name)
                )
            contract = line.support_contract_id
            fee, count = line._support_get_agreed(contract)
            contract._renew(
                line.support_months,
                fee=fee,
                count=count,
                sale_line=line,
                after=line.support_start and line.support_start - ONE_DAY,
            )

    def _support_get_agreed(self, contract):
        """``(fee, activations)`` that the line agrees for ``contract``: untaxed fee of
        a period in its currency; activations None where the fee does not count them."""
        self.ensure_one()
        fee = self.currency_id._convert(
            self.price_subtotal / (self.product_uom_qty or 1),
            contract.currency_id,
            self.company_id,
            self.order_id.date_order.date(),
        )
        pieces = max(round(self.product_uom_qty), 1)
        return fee, pieces if contract.fee_basis == "activation" else None

    def _support_cancel_deals(self):
        """The order of a renewal is cancelled. A term that was agreed goes on: its
        owner decides, and the fee that the order would have charged is due, unless it
        was invoiced by then."""
        terms = self.env["support.contract.term"].search(
            [("sale_line_id", "in", self.ids)]
        )
        for term in terms:
            contract = term.contract_id
            summary = self.env._("Order of the renewal cancelled")
            if term.sale_line_id.qty_invoiced > 0:
                note = self.env._(
                    "The contract goes on until %s, and its fee was invoiced: credit "
                    "the invoice and terminate the contract if it shall not.",
                    format_date(self.env, term.last_day),
                )
            else:
                term.sale_line_id = False
                contract._charge_again(term)
                note = self.env._(
                    "The contract goes on until %s, and the fee is charged: terminate "
                    "it if it shall not.",
                    format_date(self.env, term.last_day),
                )
            contract._tell_renewal(summary, note)
        self.support_contract_id._forget_quotation()
