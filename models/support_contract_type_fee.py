# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import models


class SupportContractType(models.Model):
    """What a contract of a type costs, before there is one."""

    _inherit = "support.contract.type"

    def _get_fee(self, company, currency):
        """Fee of a period as a new contract takes it, in ``currency``."""
        self.ensure_one()
        if not self.product_id:
            return 0.0
        pricelist = self.pricelist_id.with_company(company)
        return pricelist._get_product_price(
            self.product_id.with_company(company), 1.0, currency=currency
        )
