# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models


class ProductProduct(models.Model):
    """What a piece costs a customer of support: material, a visit."""

    _inherit = "product.product"

    def _support_get_unit_price(self, pricelist, count, currency, day, company):
        """Untaxed price of one unit of this product when ``count`` are taken.

        :param pricelist: ``product.pricelist``, empty for the product's sales price
        :param currency: currency of the result
        :param date day: day of the work; pricelists and rates may change over time
        :param company: whose taxes and currency rates apply
        :return: Decimal, 6 digits
        """
        self.ensure_one()
        product = self.with_company(company)
        price = pricelist._get_product_price(
            product, count, currency=currency, uom=product.uom_id, date=day
        )
        price = product.product_tmpl_id._support_get_untaxed(price, company)
        return Decimal(str(round(price, 6)))
