# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SaleOrderLine(models.Model):
    """Lines that bring a lapsed contract back when their order is paid."""

    _inherit = "sale.order.line"

    support_deal = fields.Selection(
        selection_add=[("reinstatement", "Reinstatement")],
        ondelete={"reinstatement": "set null"},
    )

    def _support_get_returns(self):
        """The reinstatements that these lines sell."""
        # what follows from an order needs no right of who changes it
        return (
            self.env["support.reinstatement"]
            .sudo()
            .search(
                Domain("sale_line_id", "in", self.ids)
                | Domain("fee_line_id", "in", self.ids)
            )
        )

    def _support_renew(self):
        result = super()._support_renew()
        self.filtered(
            lambda line: line.support_deal == "reinstatement"
        )._support_ask_return()
        return result

    def _support_ask_return(self):
        """The order is confirmed: what was quoted is asked for. A quotation that is
        confirmed after its step has passed would give a licence for a fee.

        :raise UserError: if the contract cannot be reinstated, or not so any more
        """
        items = self._support_get_returns()
        if self - items.sale_line_id - items.fee_line_id:
            raise UserError(
                self.env._("A reinstatement is quoted from its contract only.")
            )
        for item in items.filtered(lambda item: not item.agreed_on):
            contract = item.contract_id
            contract._lock_rows()
            if item.state == "cancelled":
                # the order was cancelled and comes again
                contract._check_reinstatable()
            elif bar := contract._get_return_bar():
                raise UserError(bar)
            step = contract._get_reinstatement_step()
            if step.kind != item.kind:
                raise UserError(
                    self.env._(
                        "Contract %(name)s: what this order sells was possible "
                        "earlier, not %(days)s days after its end; make a new "
                        "quotation.",
                        name=contract.name,
                        days=contract._get_lapsed_days(),
                    )
                )
            item.write(
                {"state": "waiting", "agreed_on": contract.company_id._support_day()}
            )
        items._sync()

    def _support_cancel_deals(self):
        result = super()._support_cancel_deals()
        self._support_get_returns()._sync()
        return result

    def unlink(self):
        items = self._support_get_returns()
        result = super().unlink()
        items._sync()
        return result
