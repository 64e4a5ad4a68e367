# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models
from odoo.tools import SQL


class SupportRecurringMixin(models.AbstractModel):
    """What the reports on recurring fees have in common: what a contract costs each
    month on a day, and how long it goes on.

    - Recurring is what may be renewed. What simply ends (packages, wallets bought once)
      is not, unless it could be renewed once.
    - The fee of a month is the fee of a period divided by its months, times the
      activations; a fee for a term is divided by the months of that term. Dated changes
      and the price index count from their day.
    - Amounts are in the company's currency, at the rate of the contract's first day: a
      rate that moves makes no customer pay more or less.
    - A contract in its days of grace goes on as long as it may be renewed. Once it has
      lapsed, it has left on the day after its term. One that follows within the days of
      grace takes its place.
    """

    _name = "support.recurring.mixin"
    _description = "Recurring Fees"

    @api.model
    def _get_today_sql(self):
        """Rows (company, its today) as a table expression."""
        # every company: which of them the user may see is the record rule's business
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return SQL(
            "(VALUES %s)",
            SQL(", ").join(
                SQL("(%s, %s::date)", company.id, company._support_day())
                for company in companies.search([])
            ),
        )

    @api.model
    def _run_uncompiled(self):
        """The planner guesses millions of rows where there are thousands: it would take
        longer to compile the statement than to run it."""
        self.env.cr.execute("SET LOCAL jit = off")

    @api.model
    def _get_rate_sql(self, day):
        """Factor from the currency of ``contract`` to that of ``company`` on ``day``,
        as ``res.currency`` has it."""

        def rate(currency):
            return SQL(
                """
                COALESCE(
                    (SELECT rate.rate FROM res_currency_rate rate
                      WHERE rate.currency_id = %(currency)s
                        AND rate.name <= %(day)s
                        AND (rate.company_id IS NULL OR rate.company_id = %(root)s)
                      ORDER BY rate.company_id, rate.name DESC LIMIT 1),
                    (SELECT rate.rate FROM res_currency_rate rate
                      WHERE rate.currency_id = %(currency)s
                        AND (rate.company_id IS NULL OR rate.company_id = %(root)s)
                      ORDER BY rate.company_id, rate.name LIMIT 1),
                    1.0)
                """,
                currency=currency,
                day=day,
                root=SQL("split_part(company.parent_path, '/', 1)::int"),
            )

        return SQL(
            "CASE WHEN contract.currency_id = company.currency_id THEN 1.0 "
            "ELSE %s / %s END",
            rate(SQL("company.currency_id")),
            rate(SQL("contract.currency_id")),
        )

    @api.model
    def _get_term_months_sql(self):
        """Months of ``term``, of which one that does not consist of whole months has a
        part."""
        months = SQL(
            "((EXTRACT(YEAR FROM term.last_day + 1)"
            " - EXTRACT(YEAR FROM term.first_day)) * 12"
            " + EXTRACT(MONTH FROM term.last_day + 1)"
            " - EXTRACT(MONTH FROM term.first_day))::int"
        )
        return SQL(
            "CASE WHEN (term.first_day + make_interval(months => %(months)s))::date"
            " = term.last_day + 1 THEN %(months)s::numeric"
            " ELSE (term.last_day + 1 - term.first_day) * 12 / 365.25 END",
            months=months,
        )

    @api.model
    def _get_fee_sql(self, months):
        """Fee of ``life`` in a month, from the joined steps ``fee`` and ``number``."""
        return SQL(
            """
            ROUND(COALESCE(fee.amount, life.fee_amount)
                  * CASE life.fee_basis WHEN 'activation'
                         THEN COALESCE(number.amount, life.activation_count)
                         ELSE 1 END
                  * life.rate
                  / CASE life.fee_period WHEN 'month' THEN 1 WHEN 'quarter' THEN 3
                         WHEN 'year' THEN 12 ELSE %s END,
                  life.decimal_places)
            """,
            months,
        )

    @api.model
    def _get_steps_sql(self, day):
        """Join what was agreed on ``day``, where a later change replaced it."""
        return SQL(
            """
            LEFT JOIN step fee
                   ON fee.contract_id = life.id AND fee.name = 'fee_amount'
                  AND %(day)s < fee.to_day
                  AND (fee.from_day IS NULL OR fee.from_day <= %(day)s)
            LEFT JOIN step number
                   ON number.contract_id = life.id AND number.name = 'activation_count'
                  AND %(day)s < number.to_day
                  AND (number.from_day IS NULL OR number.from_day <= %(day)s)
            """,
            day=day,
        )

    @api.model
    def _get_life_sql(self):
        """Common table expressions: ``step`` (what a later change replaced, with the
        days from and to which it counted), ``follower`` (the contract that follows) and
        ``life`` (each recurring contract that has begun, ``gone`` its first day
        without it)."""
        return SQL(
            """
            today (company_id, day) AS %(today)s,
            step AS (
                SELECT change.contract_id, term.key AS name,
                       (term.value #>> '{}')::numeric AS amount,
                       lag(change.first_day) OVER (
                           PARTITION BY change.contract_id, term.key
                           ORDER BY change.first_day, change.id) AS from_day,
                       change.first_day AS to_day
                  FROM support_contract_change change, jsonb_each(change.before) term
                 WHERE change.state = 'applied'
                   AND term.key IN ('fee_amount', 'activation_count')
            ),
            follower AS (
                SELECT DISTINCT ON (renewal_of_id) renewal_of_id, id, date_start
                  FROM support_contract
                 WHERE renewal_of_id IS NOT NULL
                   AND state NOT IN ('draft', 'offered', 'signed')
                 ORDER BY renewal_of_id, id
            ),
            life AS (
                SELECT contract.id, contract.company_id, contract.type_id,
                       contract.commercial_partner_id, contract.user_id,
                       contract.churn_reason_id, contract.renewal_of_id,
                       contract.fee_amount, contract.fee_basis, contract.fee_period,
                       contract.activation_count, contract.fee_while_suspended,
                       contract.terminated_on,
                       company.currency_id, currency.decimal_places,
                       today.day AS today, terms.last_day,
                       %(rate)s AS rate,
                       CASE WHEN follower.date_start
                                 <= ending.day + contract.grace_days
                            THEN follower.id END AS followed_by_id,
                       CASE WHEN follower.date_start
                                 <= ending.day + contract.grace_days
                            THEN follower.date_start
                            WHEN ending.day <= today.day
                                 AND contract.state IN (
                                     'active', 'suspended', 'expired')
                                 AND contract.renewal_state IN ('open', 'quoted')
                                 AND contract.renewal <> 'none'
                                 AND contract.terminated_on IS NULL
                            THEN today.day + 1
                            ELSE ending.day END AS gone
                  FROM support_contract contract
                  JOIN today ON today.company_id = contract.company_id
                  JOIN res_company company ON company.id = contract.company_id
                  JOIN res_currency currency ON currency.id = company.currency_id
                  JOIN (SELECT contract_id, max(last_day) AS last_day
                          FROM support_contract_term GROUP BY contract_id
                       ) terms ON terms.contract_id = contract.id
                  CROSS JOIN LATERAL (
                       SELECT LEAST(terms.last_day + 1, contract.terminated_on) AS day
                       ) ending
                  LEFT JOIN follower ON follower.renewal_of_id = contract.id
                 WHERE contract.state NOT IN ('draft', 'offered', 'signed')
                   AND (contract.renewal <> 'none'
                        OR EXISTS (SELECT FROM support_contract_change change
                                    WHERE change.contract_id = contract.id
                                      AND change.state = 'applied'
                                      AND change.before ->> 'renewal' <> 'none'))
            )
            """,
            today=SQL("(SELECT * FROM %s rows)", self._get_today_sql()),
            rate=self._get_rate_sql(SQL("contract.date_start")),
        )

    def action_view_contract(self):
        """Open the contract of the row."""
        self.ensure_one()
        return self.contract_id.get_formview_action()
