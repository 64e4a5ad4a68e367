# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import periods


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
        """Enter the states whose day has come and end the terms that are over."""
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
                 WHERE contract.state IN ('active', 'suspended', 'expired')
                   AND (status.state <> contract.state
                        OR contract.terminated_on <= %(tomorrow)s
                        OR contract.state = 'active'
                           AND contract.date_end < %(tomorrow)s)
                 ORDER BY contract.id
                """,
                tomorrow=tomorrow,
            )
        )
        contracts = self.browse([contract_id for [contract_id] in changed])
        contracts._run_job("_update_states")

    def _update_states(self):
        self._sync_states()
        self._sync_ended()

    def _sync_ended(self):
        """A contract whose last term is over has expired the day after."""
        for contract in self.filtered(lambda contract: contract.state == "active"):
            if contract.date_end < contract.company_id._support_day():
                contract._set_state(
                    "expired", fields.Date.add(contract.date_end, days=1)
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
        allotments = (
            self.env["support.contract.allotment"]
            .sudo()  # part of every decision, whoever asks; posts only what is agreed
            .search(
                [
                    ("contract_id", "in", self.ids),
                    ("ledger_id", "!=", False),
                    ("next_grant_day", "!=", False),
                ],
                order="contract_id, id",
            )
        )
        rows, next_days = [], defaultdict(allotments.browse)
        days = {
            company: today or company._support_day()
            for company in allotments.contract_id.company_id
        }
        for allotment in allotments:
            contract = allotment.contract_id
            day = days[contract.company_id]
            if contract.terminated_on:
                day = min(day, contract.terminated_on - periods.ONE_DAY)
            if allotment.next_grant_day <= day:
                terms = [(term.first_day, term.last_day) for term in contract.term_ids]
                rows += allotment._prepare_grants(terms, day)
                next_days[allotment._next_grant_day(terms, day)] |= allotment
        self.env["support.ledger"].sudo()._post_set(rows)
        for next_day, granted in next_days.items():
            granted.write({"next_grant_day": next_day})

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
        contracts = self.browse(sorted({*ledgers.contract_id.ids, *cut.contract_id.ids}))
        contracts._run_job("_expire_due")

    def _expire_due(self, today=None):
        """Cut what is over a rollover limit, then expire lots, oldest first.

        :param date today: for tests and simulations; default: each company's today
        """
        contracts = self.sudo()  # a job, or part of a posting; posts what is agreed
        contracts.allotment_ids.filtered("next_cut_day")._cut_due(today)
        contracts.ledger_ids._expire_due(today)
