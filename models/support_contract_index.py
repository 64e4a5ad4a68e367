# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import float_round


class SupportContract(models.Model):
    """The price index: the fee rises on each anniversary of the contract's own start,
    by a percentage or an amount, once for each (``edge_cases.md``, "Money and
    periods"). It is a dated change like any other."""

    _inherit = "support.contract"

    next_index_day = fields.Date(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Anniversary on which the price index applies next.",
    )

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {"next_index_day"}

    def _start_fees(self, since):
        result = super()._start_fees(since)
        for contract in self:
            contract.next_index_day = contract._get_anniversary(since)
        return result

    def _get_anniversary(self, day):
        """The first anniversary of the start on or after ``day``: counted from the
        start itself, so that 29 February comes back every fourth year."""
        self.ensure_one()
        years = max(day.year - self.date_start.year, 1)
        anniversary = self.date_start + relativedelta(years=years)
        if anniversary < day:
            anniversary = self.date_start + relativedelta(years=years + 1)
        return anniversary

    def _apply_index(self, today=None):
        """Raise the fees whose anniversary has come, all that were missed, oldest
        first.

        :param date today: for tests and simulations; default: each company's today
        """
        contracts = self.sudo()  # a job, or part of charging; applies what is agreed
        for contract in contracts.filtered("next_index_day"):
            day = today or contract.company_id._support_day()
            while contract._has_index_day(day):
                anniversary = contract.next_index_day
                contract._raise_fee(anniversary)
                # some days more: a term may begin before the very anniversary
                contract.next_index_day = contract._get_anniversary(
                    fields.Date.add(anniversary, days=10)
                )
            if contract.state in ("lapsed", "terminated") and (
                contract.next_index_day <= day
            ):
                # nothing rises any more; coming back sets it again
                contract.next_index_day = False

    def _has_index_day(self, day):
        """Whether the next anniversary has come by ``day`` and lies in a term."""
        anniversary = self.next_index_day
        if anniversary > day or (
            self.terminated_on and self.terminated_on <= anniversary
        ):
            return False
        return any(
            first <= anniversary <= last for first, last in self._get_term_days()
        )

    def _raise_fee(self, anniversary):
        """Change the fee from ``anniversary`` on, as the terms of that day say. A fee
        that was agreed with the renewal of that day stands as it was agreed."""
        self.ensure_one()
        if self.change_ids.filtered(
            lambda change: (
                change.is_renewal
                and change.first_day == anniversary
                and change.state != "cancelled"
                and "fee_amount" in (change.values or {})
            )
        ):
            return
        terms = self._get_terms_on(anniversary)
        fee = terms["fee_amount"]
        if terms["fee_index"] == "percent":
            rise = fee * terms["fee_index_percent"] / 100
        elif terms["fee_index"] == "amount":
            rise = terms["fee_index_amount"]
        else:
            return
        raised = float_round(
            max(fee + rise, 0.0),
            precision_digits=self.currency_id.decimal_places,
            rounding_method="HALF-UP",
        )
        if raised == fee:
            return
        self.env["support.contract.change"].create(
            {
                "contract_id": self.id,
                "first_day": anniversary,
                # without figures: everybody who follows the contract reads it
                "reason": self.env._("Price index"),
                "values": {"fee_amount": raised},
                "allotment_quantities": {},
                "is_index": True,
            }
        )._apply_due(anniversary)
