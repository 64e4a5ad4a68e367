# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models


class SupportContractReinstatement(models.Model):
    _name = "support.contract.reinstatement"
    _description = "Step back after a Lapse, of a Contract"
    _inherit = ["support.contract.line.mixin", "support.reinstatement.mixin"]

    _product_needed = models.Constraint(
        "CHECK (kind = 'free' OR product_id IS NOT NULL)",
        "A fee or a licence needs its product, which gives its taxes and account.",
    )
    _numbers_limit = models.Constraint(
        "CHECK (until_day >= 0 AND until_day <= 36600 "
        "AND amount >= 0 AND amount < 1e12)",
        "A step lasts a number of days from 0 up, and its price is a number from 0 up.",
    )

    @api.model
    def _get_parent_field(self):
        return "contract_id"

    @api.model
    def _get_bookkeeping_fields(self):
        return super()._get_bookkeeping_fields() | {"sort_day"}

    def _get_price(self):
        """What the step costs, untaxed, in the contract's currency."""
        self.ensure_one()
        step = self.sudo()  # callers show it to those who may see prices
        contract = step.contract_id
        if step.amount or not step.product_id:
            return step.amount
        product = step.product_id.with_company(contract.company_id)
        price = contract.pricelist_id._get_product_price(
            product, 1.0, currency=contract.currency_id
        )
        return contract.currency_id.round(
            product.product_tmpl_id._support_get_untaxed(price, contract.company_id)
        )
