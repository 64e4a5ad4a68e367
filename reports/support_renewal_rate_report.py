# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL

#: rate: what was renewed, what was lost
RATES = {
    "rate:avg": ("renewed_count", "lost_count"),
    "value_rate:avg": ("renewed_value", "lost_value"),
}


class SupportRenewalRateReport(models.Model):
    """What became of the terms of recurring contracts that have ended, by their last
    day (that of a termination, if it came before): renewed, followed by another
    contract, lost, or open while it may still be renewed.

    The rate is renewed of renewed and lost, by number and by the monthly fee of the
    last day.
    """

    _name = "support.renewal.rate.report"
    _description = "Renewal Rate"
    _inherit = ["support.recurring.mixin"]
    _auto = False
    _order = "day desc, id desc"

    day = fields.Date(string="End", readonly=True, help="Last day of the term.")
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type", string="Contract Type", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Owner", readonly=True)
    churn_reason_id = fields.Many2one(
        comodel_name="support.churn.reason",
        string="Reason for Leaving",
        readonly=True,
        help="Of what was lost.",
    )
    outcome = fields.Selection(
        selection=[
            ("renewed", "Renewed"),
            ("followed", "Followed by another contract"),
            ("lost", "Lost"),
            ("open", "Open"),
        ],
        readonly=True,
    )
    value = fields.Monetary(
        string="Monthly Fee",
        readonly=True,
        help="Fee of a month on the last day, untaxed, in the company's currency.",
    )
    renewed_count = fields.Integer(string="Renewed", readonly=True)
    lost_count = fields.Integer(string="Lost", readonly=True)
    renewed_value = fields.Monetary(string="Monthly Fee Renewed", readonly=True)
    lost_value = fields.Monetary(string="Monthly Fee Lost", readonly=True)
    rate = fields.Float(
        string="Renewal Rate (%)",
        digits=(16, 1),
        aggregator="avg",
        readonly=True,
        help="Renewed of renewed and lost, by number.",
    )
    value_rate = fields.Float(
        string="Renewal Rate by Value (%)",
        digits=(16, 1),
        aggregator="avg",
        readonly=True,
        help="Renewed of renewed and lost, by monthly fee.",
    )

    @property
    def _table_query(self):
        self._run_uncompiled()
        return SQL(
            """
            WITH %(life)s,
            ended AS (
                SELECT term.id, ending.day, life.id AS contract_id, %(fee)s AS value,
                       CASE WHEN next.id IS NOT NULL THEN 'renewed'
                            WHEN term.last_day = life.last_day
                             AND life.gone > life.today
                            THEN 'open'
                            WHEN last.is_last AND life.followed_by_id IS NOT NULL
                            THEN 'followed'
                            ELSE 'lost' END AS outcome
                  FROM life
                  JOIN support_contract_term term
                    ON term.contract_id = life.id AND term.first_day < life.gone
                  LEFT JOIN support_contract_term next
                         ON next.contract_id = life.id
                        AND next.first_day = term.last_day + 1
                        AND next.first_day < life.gone
                  CROSS JOIN LATERAL (
                       SELECT LEAST(term.last_day, life.gone - 1) AS day
                       ) ending
                  CROSS JOIN LATERAL (
                       SELECT NOT EXISTS (
                              SELECT FROM support_contract_term later
                               WHERE later.contract_id = life.id
                                 AND later.first_day > term.last_day
                                 AND later.first_day < life.gone) AS is_last
                       ) last
                  %(steps)s
                 WHERE ending.day < life.today
            )
            SELECT ended.id, ended.day, life.company_id, life.currency_id,
                   ended.contract_id, life.type_id, life.commercial_partner_id,
                   life.user_id, ended.outcome, ended.value,
                   CASE WHEN ended.outcome = 'lost' AND result.is_final
                        THEN life.churn_reason_id END AS churn_reason_id,
                   result.renewed AS renewed_count, result.lost AS lost_count,
                   result.renewed * ended.value AS renewed_value,
                   result.lost * ended.value AS lost_value,
                   CASE WHEN ended.outcome <> 'open'
                        THEN 100.0 * result.renewed END AS rate,
                   CASE WHEN ended.outcome <> 'open' AND ended.value > 0
                        THEN 100.0 * result.renewed END AS value_rate
              FROM ended
              JOIN life ON life.id = ended.contract_id
              CROSS JOIN LATERAL (
                   SELECT (ended.outcome IN ('renewed', 'followed'))::int AS renewed,
                          (ended.outcome = 'lost')::int AS lost,
                          ended.day >= life.gone - 1 AS is_final
                   ) result
            """,
            life=self._get_life_sql(),
            fee=self._get_fee_sql(self._get_term_months_sql()),
            steps=self._get_steps_sql(SQL("ending.day")),
        )

    def _read_group_select(self, aggregate_spec, query):
        """The rate of a group is not the average of its rows."""
        if aggregate_spec not in RATES:
            return super()._read_group_select(aggregate_spec, query)
        renewed, lost = (
            self._field_to_sql(self._table, name, query)
            for name in RATES[aggregate_spec]
        )
        return SQL(
            "100.0 * SUM(%(renewed)s) / NULLIF(SUM(%(renewed)s) + SUM(%(lost)s), 0)",
            renewed=renewed,
            lost=lost,
        )
