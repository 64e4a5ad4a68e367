# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL

#: amounts of the end and of the start of a month, of which a group has the last and
#: the first
STOCKS = {"mrr_end:sum": "max", "mrr_start:sum": "min"}


class SupportRecurringRevenueReport(models.Model):
    """Monthly recurring revenue: one row for each contract and month in which it has a
    fee, or had one the month before. What counts is the last day of the month (today
    in the present one).

    In every group, start + new + reinstated + changed contract + expansion +
    contraction + churned = end; what is lost is negative.

    A contract that goes on without a fee while it is suspended is contraction and comes
    back as expansion: its customer has not left. One of another type that follows takes
    the amount of the old one over; the difference is expansion or contraction.
    """

    _name = "support.recurring.revenue.report"
    _description = "Recurring Revenue"
    _inherit = ["support.recurring.mixin"]
    _auto = False
    _order = "month desc, id desc"

    month = fields.Date(readonly=True, help="First day of the month.")
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
        help="Of what was churned.",
    )
    movement = fields.Selection(
        selection=[
            ("none", "Unchanged"),
            ("new", "New"),
            ("reinstated", "Reinstated"),
            ("moved", "Changed contract"),
            ("expansion", "Expansion"),
            ("contraction", "Contraction"),
            ("churned", "Churned"),
        ],
        readonly=True,
    )
    mrr_start = fields.Monetary(
        string="Start",
        readonly=True,
        help="Monthly recurring revenue at the end of the month before.",
    )
    mrr_new = fields.Monetary(
        string="New", readonly=True, help="Of contracts that have begun."
    )
    mrr_reinstated = fields.Monetary(
        string="Reinstated",
        readonly=True,
        help="Of contracts that had ended and live again.",
    )
    mrr_moved = fields.Monetary(
        string="Changed Contract",
        readonly=True,
        help="Taken over by the contract that follows: nothing in total, less for the "
        "old contract and its type, more for the new one.",
    )
    mrr_expansion = fields.Monetary(
        string="Expansion",
        readonly=True,
        help="More activations, a higher fee, the price index, a dearer type, the end "
        "of a suspension without a fee.",
    )
    mrr_contraction = fields.Monetary(
        string="Contraction",
        readonly=True,
        help="Fewer activations, a lower fee, a cheaper type, a suspension without a "
        "fee.",
    )
    mrr_churned = fields.Monetary(
        string="Churned", readonly=True, help="Of contracts that have ended."
    )
    mrr_end = fields.Monetary(
        string="Recurring Revenue",
        readonly=True,
        help="Monthly recurring revenue at the end of the month: fees divided by their "
        "months, untaxed, in the company's currency at the rate of the contract's "
        "first day. Of several months the last one counts.",
    )

    @api.model
    def _get_cell_sql(self):
        """Common table expression ``cell``: contract, month and its fee, one row for
        each month on whose last day (or today) the contract goes on."""
        return SQL(
            """
            cell AS (
                SELECT life.id, month.day::date AS month,
                       CASE WHEN NOT life.fee_while_suspended
                             AND 'suspended' = (
                                 SELECT status.state FROM support_contract_status status
                                  WHERE status.contract_id = life.id
                                    AND status.first_day <= point.day
                                  ORDER BY status.id DESC LIMIT 1)
                            THEN 0 ELSE %(fee)s END AS amount
                  FROM life
                  JOIN support_contract_term term ON term.contract_id = life.id
                  CROSS JOIN LATERAL (
                       SELECT LEAST(life.today, life.gone - 1,
                                    CASE WHEN term.last_day < life.last_day
                                         THEN term.last_day END) AS last_day
                       ) span
                  CROSS JOIN LATERAL generate_series(
                       date_trunc('month', term.first_day::timestamp),
                       date_trunc('month', span.last_day::timestamp),
                       interval '1 month') month (day)
                  CROSS JOIN LATERAL (
                       SELECT LEAST((month.day + interval '1 month')::date - 1,
                                    life.today) AS day
                       ) point
                  %(steps)s
                 WHERE point.day BETWEEN term.first_day AND span.last_day
            )
            """,
            fee=self._get_fee_sql(self._get_term_months_sql()),
            steps=self._get_steps_sql(SQL("point.day")),
        )

    @property
    def _table_query(self):
        self._run_uncompiled()
        return SQL(
            """
            WITH %(life)s, %(cell)s,
            near AS (
                SELECT cell.id, cell.month, cell.amount,
                       lag(cell.month) OVER contract AS month_before,
                       lag(cell.amount) OVER contract AS amount_before,
                       lead(cell.month) OVER contract AS month_after
                  FROM cell
                WINDOW contract AS (PARTITION BY cell.id ORDER BY cell.month)
            ),
            change AS (
                SELECT near.id, near.month, TRUE AS here,
                       near.month_before IS NULL AS is_first,
                       near.month_before = near.month - interval '1 month' AS goes_on,
                       CASE WHEN near.month_before = near.month - interval '1 month'
                            THEN near.amount_before ELSE 0 END AS before,
                       near.amount AS after
                  FROM near
                 UNION ALL
                SELECT near.id, (near.month + interval '1 month')::date, FALSE,
                       FALSE, TRUE, near.amount, 0
                  FROM near
                  JOIN life ON life.id = near.id
                 WHERE near.month_after IS DISTINCT FROM
                       (near.month + interval '1 month')::date
                   AND near.month < date_trunc('month', life.today::timestamp)
            ),
            moved AS (
                SELECT change.*, old.amount AS taken, heir.id IS NOT NULL AS given,
                       past.month < change.month AS returns
                  FROM change
                  JOIN life ON life.id = change.id
                  LEFT JOIN near heir
                         ON heir.id = life.followed_by_id
                        AND heir.month = change.month AND heir.month_before IS NULL
                  LEFT JOIN near past
                         ON past.id = life.renewal_of_id AND past.month_before IS NULL
                  LEFT JOIN life former
                         ON former.id = life.renewal_of_id
                        AND former.followed_by_id = life.id AND change.is_first
                  LEFT JOIN cell old
                         ON old.id = former.id
                        AND old.month = change.month - interval '1 month'
                 WHERE change.before <> 0 OR change.after <> 0
            ),
            split AS (
                SELECT moved.id, moved.month, moved.before, moved.after,
                       CASE WHEN NOT moved.here AND moved.given THEN 'out'
                            WHEN NOT moved.here THEN 'churned'
                            WHEN moved.goes_on THEN 'change'
                            WHEN moved.taken <> 0 THEN 'in'
                            WHEN NOT moved.is_first OR moved.returns THEN 'reinstated'
                            ELSE 'new' END AS kind,
                       moved.after - moved.before - CASE WHEN moved.here
                            THEN COALESCE(moved.taken, 0) ELSE 0 END AS difference,
                       moved.taken
                  FROM moved
            )
            SELECT split.id * 10000::bigint
                   + (EXTRACT(YEAR FROM split.month)::int - 1900) * 12
                   + EXTRACT(MONTH FROM split.month)::int AS id,
                   split.month, life.company_id, life.currency_id,
                   split.id AS contract_id, life.type_id, life.commercial_partner_id,
                   life.user_id,
                   CASE WHEN split.kind = 'churned'
                        THEN life.churn_reason_id END AS churn_reason_id,
                   CASE WHEN split.kind IN ('in', 'out') THEN 'moved'
                        WHEN split.kind <> 'change' THEN split.kind
                        WHEN split.difference > 0 THEN 'expansion'
                        WHEN split.difference < 0 THEN 'contraction'
                        ELSE 'none' END AS movement,
                   split.before AS mrr_start,
                   CASE WHEN split.kind = 'new'
                        THEN split.difference ELSE 0 END AS mrr_new,
                   CASE WHEN split.kind = 'reinstated'
                        THEN split.difference ELSE 0 END AS mrr_reinstated,
                   CASE split.kind WHEN 'in' THEN split.taken
                        WHEN 'out' THEN split.difference ELSE 0 END AS mrr_moved,
                   CASE WHEN split.kind IN ('change', 'in')
                        THEN GREATEST(split.difference, 0) ELSE 0 END AS mrr_expansion,
                   CASE WHEN split.kind IN ('change', 'in')
                        THEN LEAST(split.difference, 0) ELSE 0 END AS mrr_contraction,
                   CASE WHEN split.kind = 'churned'
                        THEN split.difference ELSE 0 END AS mrr_churned,
                   split.after AS mrr_end
              FROM split
              JOIN life ON life.id = split.id
            """,
            life=self._get_life_sql(),
            cell=self._get_cell_sql(),
        )

    def _read_group_select(self, aggregate_spec, query):
        """What there is at the end of a year is not the sum of its months: of a group
        the last month counts, or the first one for what there was before."""
        if aggregate_spec not in STOCKS:
            return super()._read_group_select(aggregate_spec, query)
        name = aggregate_spec.split(":")[0]
        return SQL(
            """
            (SELECT SUM(stock.amount)
               FROM UNNEST(ARRAY_AGG(%(amount)s), ARRAY_AGG(%(month)s))
                    stock (amount, month)
              WHERE stock.month = %(edge)s(%(month)s))
            """,
            amount=self._field_to_sql(self._table, name, query),
            month=self._field_to_sql(self._table, "month", query),
            edge=SQL(STOCKS[aggregate_spec].upper()),  # pylint: disable=sql-injection
        )
