# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models

from ..tools import fees, grants, suits, work_parts
from .support_terms_mixin import TERMS_TO_CHANGE


class SupportTermsMixin(models.AbstractModel):
    """The terms of a type or a contract as ``tools/suits.py`` takes them: plain
    values."""

    _inherit = "support.terms.mixin"

    def _get_suits_terms(self, prices, fee=0.0, count=1, values=None, more=()):
        """The terms as :class:`suits.Terms`.

        :param prices: ``SupportPrices`` that finds the rates of each pricelist
        :param fee: untaxed fee of a period, of one activation
        :param int count: how often it is due
        :param dict values: terms of an earlier day, by name of the field
        :param more: further :class:`suits.Allotment`: a package's
        """
        self.ensure_one()
        values = {
            name: self[name].id if self._fields[name].type == "many2one" else self[name]
            for name in TERMS_TO_CHANGE
            if name in self._fields
        } | (values or {})
        tariff = work_parts.Tariff(
            outside=Decimal(str(values["outside_surcharge"] or 0)),
            day_off=Decimal(str(values["day_off_surcharge"] or 0)),
            on_time=self.surcharge_on_time,
            travel=self.travel_charge,
            travel_percent=Decimal(str(self.travel_percent)),
            travel_product=self.travel_product_id.id or 0,
            pricelist=values["pricelist_id"] or 0,
        )
        return suits.Terms(
            rank=values["rank"] or 0,
            treatments={
                line.category_id.id: line.treatment for line in self.request_ids
            },
            other_requests=values["other_requests"],
            allotments=(*self._get_suits_allotments(), *more),
            fee_modes=frozenset(self.fee_work_mode_ids.ids),
            overage=values["overage"],
            gate_minutes=values["gate_minutes"] or 0,
            allows_on_call=values["allows_on_call"],
            rates=prices.get_rates(tariff, self._get_suits_currency(prices)),
            steps={
                line.work_mode_id.id: (line.minimum_minutes, line.step_minutes)
                for line in self.work_mode_terms_ids
            },
            coverage={
                line.channel_id.id or 0: line.calendar_id.id
                for line in self.coverage_ids
                if line.calendar_id.schedule_type != "flexible"
            },
            fee=Decimal(str(fee or 0)),
            count=count,
            fee_rule=fees.Rule(self.fee_period, self.fee_timing, self.fee_prorated),
            promises=tuple(
                suits.Promise(
                    target.kind, target.minutes, target.measure, target.priority or ""
                )
                for target in self.env["support.sla.policy"]
                .browse(values["sla_policy_id"] or [])
                .target_ids
            ),
        )

    def _get_suits_currency(self, prices):
        """A type has no currency of its own: its contracts are in the company's."""
        return prices.company.currency_id

    def _get_suits_allotments(self):
        self.ensure_one()
        return [
            suits.Allotment(
                allotment.unit,
                allotment._decimal(allotment.quantity),
                frozenset(allotment.work_mode_ids.ids),
                grants.Rule(
                    allotment.recurrence,
                    allotment.rollover,
                    allotment.rollover_periods,
                    allotment.validity_months,
                    allotment.end_policy,
                    allotment.end_days,
                    self.hours_prorated,
                ),
                allotment._decimal(allotment.rollover_quantity)
                if allotment.rollover == "quantity"
                else None,
            )
            for allotment in self.allotment_ids
        ]


class SupportContract(models.Model):
    """A contract of the customer as ``tools/suits.py`` takes it."""

    _inherit = "support.contract"

    def _get_suits_currency(self, prices):
        return self.currency_id

    def action_compare_types(self):
        """Compare contract types by what the customer asked for in the last twelve
        months."""
        self.ensure_one()
        company = self.company_id
        comparison = self.env["support.type.comparison"].create(
            {
                "partner_id": self.commercial_partner_id.id,
                "company_id": company.id,
                "last_day": company._support_day(),
            }
        )
        return comparison.action_compare()

    def _get_suits_agreement(self, prices, last_day, credits, granted_since):
        """The contract with its real terms, states and changes as
        :class:`suits.Agreement`.

        :param date last_day: until when time is lived through
        :param credits: :class:`suits.Credit` of its top-ups and corrections
        :param date granted_since: day of its first grant, None if there is none yet:
            a contract that was taken over brought along what was granted before
        """
        self.ensure_one()
        company = prices.company
        changes = self.change_ids.filtered(lambda change: change.state == "applied")
        first_day = min(self.term_ids.mapped("first_day"))
        days = {first_day, *changes.mapped("first_day")}
        steps = []
        for day in sorted(days):
            values = self._get_terms_on(day)
            count = values["activation_count"] if self.fee_basis == "activation" else 1
            terms = self._get_suits_terms(prices, values["fee_amount"], count, values)
            steps.append((day, terms))
        decisions = self.status_ids.sorted("id")
        ended = decisions.filtered(lambda row: row.state == "terminated")[-1:]
        return suits.Agreement(
            self.id,
            tuple(steps),
            self._get_term_days(),
            tuple((row.first_day, row.state) for row in decisions),
            terminated_on=self.terminated_on or None,
            ended_known=company._support_day(ended.create_date) if ended else None,
            granted_since=granted_since or fees.FOREVER,
            credits=tuple(credits),
            fee_while_suspended=self.fee_while_suspended,
            refund_on_end=self.refund_on_end,
            exchange=prices.get_exchange(self.currency_id, last_day),
        )
