# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models


class ProductProduct(models.Model):
    """What a piece costs a customer of support: material, a visit."""

    _inherit = "product.product"

    def _support_get_unit_price(self, pricelist, count, currency, day, company):
        """Untaxed price of one unit of this product when ``count`` are taken; see
        :meth:`_support_get_unit_prices`."""
        self.ensure_one()
        return self._support_get_unit_prices(pricelist, count, currency, day, company)[
            self.id
        ]

    def _support_get_unit_prices(self, pricelist, count, currency, day, company):
        """Untaxed price of one unit of each product when ``count`` of it are taken.

        :param pricelist: ``product.pricelist``, empty for the products' sales prices
        :param currency: currency of the result
        :param date day: day of the work; pricelists and rates may change over time
        :param company: whose taxes and currency rates apply
        :return: ``{product id: Decimal with 6 digits}``
        """
        products = self.with_company(company)
        prices = pricelist._compute_price_rule(
            products, count, currency=currency, date=day
        )
        return {
            product.id: Decimal(
                str(
                    round(
                        product.product_tmpl_id._support_get_untaxed(
                            prices[product.id][0], company
                        ),
                        6,
                    )
                )
            )
            for product in products
        }
