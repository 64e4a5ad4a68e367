# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models
from odoo.tools import SQL


class SupportRenewalReport(models.Model):
    """Renewals: every contract whose term ends, or is over and in its days of grace,
    with what its next term would be worth in a year and what has become of it.

    One row for each contract, with the id of the contract. Days are those of the
    company's zone.
    """

    _name = "support.renewal.report"
    _description = "Renewals"
    _inherit = ["support.recurring.mixin"]
    _auto = False
    _rec_name = "contract_id"
    _order = "date_end, id"

    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type", string="Contract Type", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    user_id = fields.Many2one(comodel_name="res.users", string="Owner", readonly=True)
    state = fields.Selection(
        selection=[
            ("active", "Active"),
            ("suspended", "Suspended"),
            ("expired", "Expired"),
        ],
        readonly=True,
    )
    renewal = fields.Selection(
        selection=lambda self: self._get_renewals(), readonly=True
    )
    stage = fields.Selection(
        selection=[
            ("open", "Open"),
            ("quoted", "Quoted"),
            ("automatic", "Renews by itself"),
            ("agreed", "Followed by another contract"),
            ("declined", "Will not renew"),
        ],
        string="Renewal Status",
        readonly=True,
        group_expand=True,
    )
    decided = fields.Boolean(
        readonly=True, help="Whether another contract follows, or notice was given."
    )
    date_end = fields.Date(string="End", readonly=True, help="Last day of the term.")
    days_left = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Days to the end of the term; less than 0 in the days of grace.",
    )
    value = fields.Monetary(
        string="Yearly Value",
        readonly=True,
        help="Fee of a year of the next term, with the price index, untaxed, in the "
        "company's currency at today's rate.",
    )

    def _get_renewals(self):
        return (
            self.env["support.contract"]
            ._fields["renewal"]
            ._description_selection(self.env)
        )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT contract.id, contract.id AS contract_id, contract.company_id,
                   company.currency_id, contract.type_id,
                   contract.commercial_partner_id, contract.user_id, contract.state,
                   contract.renewal,
                   CASE WHEN contract.renewal_state IN ('declined', 'agreed')
                        THEN contract.renewal_state
                        WHEN follower.follows THEN 'agreed'
                        WHEN contract.renewal_state = 'quoted' THEN 'quoted'
                        WHEN contract.renewal = 'automatic'
                             AND contract.state <> 'suspended'
                             AND type.withdrawn IS NOT TRUE THEN 'automatic'
                        ELSE 'open' END AS stage,
                   contract.renewal_state IN ('declined', 'agreed')
                   OR follower.follows AS decided,
                   contract.date_end, contract.date_end - today.day AS days_left,
                   ROUND(%(fee)s
                         * CASE contract.fee_basis WHEN 'activation'
                                THEN COALESCE(
                                     (planned.terms ->> 'activation_count')::int,
                                     contract.activation_count)
                                ELSE 1 END
                         * %(rate)s * 12
                         / CASE contract.fee_period WHEN 'month' THEN 1
                                WHEN 'quarter' THEN 3 WHEN 'year' THEN 12
                                ELSE COALESCE(
                                     (planned.terms ->> 'later_term_months')::int,
                                     contract.later_term_months) END,
                         currency.decimal_places) AS value
              FROM support_contract contract
              JOIN %(today)s today (company_id, day)
                ON today.company_id = contract.company_id
              JOIN res_company company ON company.id = contract.company_id
              JOIN res_currency currency ON currency.id = company.currency_id
              JOIN res_currency own ON own.id = contract.currency_id
              JOIN support_contract_type type ON type.id = contract.type_id
              CROSS JOIN LATERAL (
                   SELECT EXISTS (
                          SELECT FROM support_contract other
                           WHERE other.renewal_of_id = contract.id
                             AND other.state NOT IN (
                                 'draft', 'offered', 'terminated')) AS follows
                   ) follower
              CROSS JOIN LATERAL (
                   SELECT jsonb_object_agg(
                              term.key, term.value
                              ORDER BY change.first_day, change.id) AS terms
                     FROM support_contract_change change,
                          jsonb_each(change."values") term
                    WHERE change.contract_id = contract.id
                      AND change.state = 'planned'
                      AND change.first_day <= contract.date_end + 1
                   ) planned
              CROSS JOIN LATERAL (
                   SELECT COALESCE((planned.terms ->> 'fee_amount')::numeric,
                                   contract.fee_amount) AS fee,
                          CASE WHEN contract.next_index_day <= contract.date_end + 1
                               THEN COALESCE(planned.terms ->> 'fee_index',
                                             contract.fee_index)
                               ELSE 'none' END AS kind,
                          COALESCE((planned.terms ->> 'fee_index_percent')::numeric,
                                   contract.fee_index_percent, 0) AS percent,
                          COALESCE((planned.terms ->> 'fee_index_amount')::numeric,
                                   contract.fee_index_amount, 0) AS amount
                   ) next
             WHERE contract.state IN ('active', 'suspended', 'expired')
               AND contract.terminated_on IS NULL
               AND contract.active
               AND NOT (contract.date_end < today.day
                        AND contract.renewal_state IN ('agreed', 'declined'))
            """,
            # the same as _get_renewal_fee of the contract
            fee=SQL(
                """
                CASE next.kind
                     WHEN 'percent' THEN ROUND(GREATEST(
                          next.fee + next.fee * next.percent / 100, 0),
                          own.decimal_places)
                     WHEN 'amount' THEN ROUND(GREATEST(
                          next.fee + next.amount, 0), own.decimal_places)
                     ELSE next.fee END
                """
            ),
            rate=self._get_rate_sql(SQL("today.day")),
            today=self._get_today_sql(),
        )

    def action_renew(self):
        """Open the form to renew the contract."""
        self.ensure_one()
        return self.contract_id.action_renew()

    def action_decline_renewal(self):
        """Open the form to record that the contract will not be renewed."""
        self.ensure_one()
        return self.contract_id.action_decline_renewal()

    def action_quote_renewals(self):
        """Open the form that makes quotations for all these renewals."""
        return self.contract_id.action_quote_renewals()
