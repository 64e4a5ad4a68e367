# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


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
            contract = line.support_contract_id
            fee, count = line._support_get_agreed(contract)
            contract._renew(line.support_months, fee=fee, count=count, sale_line=line)

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
        owner decides, and the fee that the order would have charged is due."""
        terms = self.env["support.contract.term"].search(
            [("sale_line_id", "in", self.ids)]
        )
        for term in terms:
            contract = term.contract_id
            term.sale_line_id = False
            contract._charge_again(term)
            contract._tell_renewal(
                self.env._("Order of the renewal cancelled"),
                self.env._(
                    "The contract goes on until %s, and the fee is charged: terminate "
                    "it if it shall not.",
                    term.last_day,
                ),
            )
        quoted = (self - terms.sale_line_id).support_contract_id.filtered(
            lambda contract: contract.renewal_state == "quoted"
        )
        quoted.renewal_state = "open"
