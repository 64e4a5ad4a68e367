# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models

from ..tools.work_parts import Tariff


class SupportContract(models.Model):
    """What an hour of work costs under a contract beside its price, and the account
    that carries its cost."""

    _inherit = "support.contract"

    def _get_tariff(self, day):
        """The agreed :class:`Tariff` for work on ``day``.

        :param date day: local day of the work; later changes count from their day on
        """
        self.ensure_one()
        terms = self._get_terms_on(day)
        return Tariff(
            outside=Decimal(str(terms["outside_surcharge"] or 0)),
            day_off=Decimal(str(terms["day_off_surcharge"] or 0)),
            on_time=self.surcharge_on_time,
            travel=self.travel_charge,
            travel_percent=Decimal(str(self.travel_percent)),
            travel_product=self.travel_product_id.id or 0,
            pricelist=terms["pricelist_id"] or 0,
        )

    def _get_analytic_account(self):
        """The account of the contract's cost and revenue, made if there is none."""
        self.ensure_one()
        # technicians log hours without a right to accounts or running contracts
        contract = self.sudo()
        if not contract.analytic_account_id:
            plan, _others = contract.env["account.analytic.plan"]._get_all_plans()
            contract.analytic_account_id = contract.env[
                "account.analytic.account"
            ].create(
                {
                    "name": contract.name,
                    "code": contract.name,
                    "partner_id": contract.partner_id.id,
                    "company_id": contract.company_id.id,
                    "plan_id": plan.id,
                }
            )
        return contract.analytic_account_id
