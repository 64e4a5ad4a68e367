# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import grants, periods, renewal


class DueAllotment(NamedTuple):
    """An allotment as the granting job reads it; quantity as exact text, terms as
    ``((first day, last day), ...)``, oldest first. ``package_fee`` is what was paid
    for the quantity, as exact text, if it is the contract's package."""

    id: int
    ledger_id: int
    quantity: str
    next_grant_day: date
    company_id: int
    terminated_on: date | None
    digits: int
    currency_id: int
    package_fee: str | None
    rule: grants.Rule
    terms: tuple

    def get_rows(self, day):
        """Rows for ``support.ledger._post_set``: every grant due on ``day`` that is
        not there yet, oldest first."""
        return [
            {
                "ledger_id": self.ledger_id,
                "kind": "grant",
                "quantity": quantity,
                "day": grant.first_day,
                "first_day": grant.first_day,
                "last_day": grant.last_day,
                "allotment_id": self.id,
                "key": f"grant:{self.id}:{grant.first_day}",
            }
            for first_day, last_day in self.terms
            for grant in grants.due_grants(
                self.rule, first_day, last_day, self.next_grant_day, day
            )
            if (quantity := grant.quantity(self.quantity, self.digits))
        ]

    def get_next_grant_day(self, day):
        """First day after ``day`` on which something is to be granted, or None."""
        return grants.next_grant_day(self.rule, self.terms, day)


class SupportContract(models.Model):
    """What happens to contracts at night. Each job finds what is due by its data and
    works in committed batches (``support.job.mixin``)."""

    _inherit = "support.contract"

    def _get_grant_domain(self):
        """Contracts that may have something to grant: fees, grants and expiry go on
        while a contract is suspended."""
        return Domain("state", "in", ("active", "suspended", "expired"))

    @api.model
    def _cron_update_states(self):
        """Enter the states whose day has come, apply the changes of terms that were
        planned for it, and end the terms that are over."""
        # the latest local date that any company may already have
        tomorrow = fields.Date.add(fields.Date.today(), days=1)
        self.env.flush_all()
        changed = self.env.execute_query(
            SQL(
                """
                SELECT contract.id
                  FROM support_contract contract
                  JOIN LATERAL (
                       SELECT status.state FROM support_contract_status status
                        WHERE status.contract_id = contract.id
                          AND status.first_day <= %(tomorrow)s
                        ORDER BY status.id DESC LIMIT 1
                       ) status ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT max(allotment.end_days) AS end_days
                         FROM support_contract_allotment allotment
                        WHERE allotment.contract_id = contract.id
                          AND allotment.end_policy = 'usable'
                       ) allotments ON contract.date_end < %(tomorrow)s
                 WHERE contract.state IN ('active', 'suspended', 'expired')
                   AND (status.state <> contract.state
                        OR contract.terminated_on <= %(tomorrow)s
                        OR EXISTS (SELECT FROM support_contract_change change
                                    WHERE change.contract_id = contract.id
                                      AND change.state = 'planned'
                                      AND change.first_day <= %(tomorrow)s)
                        OR contract.state = 'active'
                           AND contract.date_end < %(tomorrow)s
                        OR contract.state = 'active'
                           AND contract.date_start <= %(tomorrow)s
                           AND EXISTS (SELECT FROM support_contract before
                                        WHERE before.id = contract.renewal_of_id
                                          AND before.renewal_state <> 'agreed')
                        OR contract.date_end + GREATEST(
                               contract.grace_days, allotments.end_days
                           ) < %(tomorrow)s)
                 ORDER BY contract.id
                """,
                tomorrow=tomorrow,
            )
        )
        contracts = self.browse([contract_id for [contract_id] in changed])
        contracts._run_job("_update_states")

    def _update_states(self):
        self._sync_states()
        # every job of a contract ends in the same place, whichever comes first
        self._grant_due()
        self._sync_ended()

    def _sync_ended(self):
        """A contract whose last term is over has expired the day after, unless it was
        suspended by then, and lapsed after its days of grace. What was planned for
        later days does not count: a night that was missed ends where it would have
        ended."""
        self._renew_due()
        for contract in self:
            if not contract.date_end or (
                contract.date_end >= contract.company_id._support_day()
            ):
                continue
            day_after = fields.Date.add(contract.date_end, days=1)
            states = (contract.state, contract._get_state_on(day_after))
            if "active" in states and "terminated" not in states:
                contract._set_state("expired", day_after)
            contract._sync_lapsed()

    def _sync_lapsed(self):
        """Nobody has renewed it in its days of grace: it gives nothing any more."""
        self.ensure_one()
        lapses_on = self._get_lapse_day()
        if (
            self.state in ("expired", "suspended")
            and lapses_on <= self.company_id._support_day()
            and self._get_state_on(lapses_on) not in ("terminated", "lapsed")
        ):
            self._set_state("lapsed", lapses_on)

    def _get_lapse_day(self):
        """The first day on which the contract gives nothing any more, unless it is
        renewed before."""
        self.ensure_one()
        usable = self.allotment_ids.filtered(lambda item: item.end_policy == "usable")
        return renewal.lapse_day(
            self.date_end,
            self.grace_days,
            max(usable.mapped("end_days"), default=0),
        )

    @api.model
    def _cron_grant(self):
        """Grant what is due, in committed batches. A night that was missed is caught
        up: every period is granted once, oldest first."""
        # the latest local date that any company may already have
        latest = fields.Date.add(fields.Date.today(), days=1)
        contracts = self.search(
            self._get_grant_domain()
            & Domain("allotment_ids.next_grant_day", "<=", latest),
            order="id",
        )
        contracts._run_job("_grant_due")

    def _grant_due(self, today=None):
        """Post all grants that are due and not yet there.

        :param date today: for tests and simulations; default: each company's today
        """
        if not self:
            return
        # part of every decision, whoever asks; posts only what is agreed
        model = self.sudo()
        model.env["support.contract.change"].search(
            [("contract_id", "in", self.ids), ("state", "=", "planned")]
        )._apply_due(today)
        model._post_grants(today)

    def _post_grants(self, today):
        """Post the grants that are due under the terms as they stand."""
        model = self
        days = {
            company.id: today or company._support_day() for company in model.company_id
        }
        rows, granted = [], defaultdict(list)
        for allotment in model._get_due_allotments(max(days.values())):
            day = days[allotment.company_id]
            if allotment.terminated_on:
                day = min(day, allotment.terminated_on - periods.ONE_DAY)
            if allotment.next_grant_day <= day:
                unit_value = model._get_package_unit_value(allotment)
                rows += [
                    row | {"unit_value": unit_value} for row in allotment.get_rows(day)
                ]
                granted[allotment.get_next_grant_day(day)].append(allotment.id)
        model.env["support.ledger"]._post_set(rows)
        for next_day, ids in granted.items():
            self.env.cr.execute(
                SQL(
                    "UPDATE support_contract_allotment SET next_grant_day = %s "
                    "WHERE id = ANY(%s)",
                    next_day,
                    ids,
                )
            )
        if granted:
            self.env["support.contract.allotment"].invalidate_model(
                ["next_grant_day"], flush=False
            )

    def _get_package_unit_value(self, allotment):
        """What a minute or ticket of a package cost, untaxed, in the company's
        currency as text; None for what comes with a fee."""
        fee = Decimal(allotment.package_fee or 0)
        if not fee:
            return None
        company = self.env["res.company"].browse(allotment.company_id)
        currency = self.env["res.currency"].browse(allotment.currency_id)
        rate = currency._get_conversion_rate(
            currency, company.currency_id, company, allotment.terms[0][0]
        )
        value = fee / Decimal(allotment.quantity) * Decimal(str(rate))
        return str(round(value, 6)) if round(value, 6) > 0 else None

    def _get_due_allotments(self, day):
        """The contracts' allotments that may have something to grant on ``day``, with
        their terms, in one statement: a night has thousands of them."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT allotment.id, allotment.ledger_id, allotment.quantity::text,
                       allotment.next_grant_day, contract.company_id,
                       contract.terminated_on,
                       CASE allotment.unit WHEN 'money' THEN currency.decimal_places
                            ELSE 0 END,
                       contract.currency_id,
                       CASE WHEN allotment.unit <> 'money'
                             AND allotment.unit = package.support_unit
                             AND allotment.quantity = package.support_quantity
                             AND allotment.recurrence = 'once'
                            THEN contract.fee_total::text END,
                       allotment.recurrence, allotment.rollover,
                       allotment.rollover_periods, allotment.validity_months,
                       allotment.end_policy, allotment.end_days,
                       COALESCE(contract.hours_prorated, FALSE),
                       ARRAY(SELECT term.first_day FROM support_contract_term term
                              WHERE term.contract_id = contract.id
                              ORDER BY term.first_day),
                       ARRAY(SELECT term.last_day FROM support_contract_term term
                              WHERE term.contract_id = contract.id
                              ORDER BY term.first_day)
                  FROM support_contract_allotment allotment
                  JOIN support_contract contract
                    ON contract.id = allotment.contract_id
                  JOIN res_currency currency ON currency.id = contract.currency_id
                  LEFT JOIN product_product product ON product.id = contract.package_id
                  LEFT JOIN product_template package
                    ON package.id = product.product_tmpl_id
                 WHERE allotment.contract_id = ANY(%s)
                   AND allotment.ledger_id IS NOT NULL
                   AND allotment.next_grant_day <= %s
                 ORDER BY contract.id, allotment.id
                """,
                self.ids,
                day,
            )
        )
        return [
            DueAllotment(
                *row[:9], grants.Rule(*row[9:16]), tuple(zip(*row[16:], strict=True))
            )
            for row in rows
        ]

    @api.model
    def _cron_expire(self):
        """Post what has expired and what a rollover limit cuts, after the days of
        grace, in committed batches."""
        latest = fields.Date.add(fields.Date.today(), days=1)
        lots = self.env["support.ledger.entry"]._read_group(
            [("remaining", ">", 0), ("last_day", "<", latest)],
            [],
            ["ledger_id:array_agg_distinct"],
        )[0][0]
        ledgers = self.env["support.ledger"].browse(lots or [])
        cut = self.env["support.contract.allotment"].search(
            [("next_cut_day", "<=", latest), ("ledger_id", "!=", False)]
        )
        contracts = self.browse(
            sorted({*ledgers.contract_id.ids, *cut.contract_id.ids})
        )
        contracts._run_job("_expire_due")

    def _expire_due(self, today=None):
        """Cut what is over a rollover limit, then expire lots, oldest first.

        :param date today: for tests and simulations; default: each company's today
        """
        contracts = self.sudo()  # a job, or part of a posting; posts what is agreed
        # a limit is applied to what was granted: a late night grants first
        contracts._grant_due(today)
        contracts.allotment_ids.filtered("next_cut_day")._cut_due(today)
        contracts.ledger_ids._expire_due(today)
