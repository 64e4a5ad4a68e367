# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import cover

PERCENT = "margin_percent:avg"


class SupportProfitabilityReport(models.Model):
    """What contracts earn: margin = revenue - cost of hours.

    Revenue are the posted invoice lines of charges, untaxed and in the currency of the
    company as they are in the books; credit notes are negative. Costs are the
    timesheet lines of the work. On-call help and help in the warranty stand under
    their customer, without a contract.

    Technicians are no dimension on purpose: the cost of an employee's hour is HR's.
    """

    _name = "support.profitability.report"
    _description = "Profitability of Contracts"
    _auto = False
    _order = "day desc, id desc"

    kind = fields.Selection(
        selection=[("revenue", "Revenue"), ("cost", "Cost of hours")], readonly=True
    )
    day = fields.Date(readonly=True, help="Accounting date, or day of the work.")
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type", string="Contract Type", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    cover = fields.Selection(
        selection=[
            (cover.WARRANTY, "Warranty"),
            (cover.CONTRACT, "Contract"),
            (cover.ON_CALL, "On call"),
        ],
        readonly=True,
    )
    work_mode_id = fields.Many2one(comodel_name="support.work.mode", readonly=True)
    revenue = fields.Monetary(
        readonly=True, help="Untaxed, of posted invoices less credit notes."
    )
    cost = fields.Monetary(
        string="Cost of Hours", readonly=True, help="Hours worked at their cost."
    )
    margin = fields.Monetary(readonly=True, help="Revenue less cost of hours.")
    margin_percent = fields.Float(
        string="Margin (%)",
        digits=(16, 1),
        aggregator="avg",
        readonly=True,
        help="Margin divided by revenue, of everything in the group; empty without "
        "revenue.",
    )
    hours = fields.Float(readonly=True, help="Hours worked, as in the timesheets.")

    # ------------------------------------------------------------------
    # Parts: each selects the columns of _get_columns, in that order
    # ------------------------------------------------------------------

    @api.model
    def _get_columns(self):
        return (
            *("id", "kind", "day", "company_id", "contract_id"),
            *("commercial_partner_id", "work_mode_id", "cover"),
            *("revenue", "cost", "hours"),
        )

    @api.model
    def _get_revenue_sql(self):
        """Invoice lines of charges and of what orders sold for a contract, and the
        credit notes of both; their ids are made even numbers."""
        return SQL(
            """
            SELECT line.id * 2, 'revenue', line.date, line.company_id,
                   COALESCE(charge.contract_id, line.support_contract_id),
                   COALESCE(charge.commercial_partner_id, move.commercial_partner_id),
                   work.work_mode_id, COALESCE(work.cover, 'contract'),
                   -line.balance, 0.0, 0.0
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN support_charge charge
                ON charge.id = line.support_origin_charge_id
              LEFT JOIN support_intervention work ON work.id = charge.intervention_id
             WHERE line.parent_state = 'posted'
               AND (line.support_origin_charge_id IS NOT NULL
                    OR line.support_contract_id IS NOT NULL)
               AND line.display_type = 'product'
               AND move.move_type IN ('out_invoice', 'out_refund', 'out_receipt')
            """
        )

    @api.model
    def _get_cost_sql(self):
        """Timesheet lines of work, by month: one of them alone would tell the cost of
        a colleague's hour, which is the business of Human Resources. Ids are made odd
        numbers."""
        return SQL(
            """
            SELECT min(line.id) * 2 + 1, 'cost',
                   date_trunc('month', line.date)::date, line.company_id,
                   work.contract_id, work.commercial_partner_id,
                   work.work_mode_id, work.cover,
                   0.0, -sum(line.amount), sum(line.unit_amount)
              FROM account_analytic_line line
              JOIN support_intervention work
                ON work.id = line.support_intervention_id
             GROUP BY 3, line.company_id, work.contract_id,
                      work.commercial_partner_id, work.work_mode_id, work.cover
            """
        )

    @api.model
    def _get_parts(self):
        """Every source of rows."""
        return [self._get_revenue_sql(), self._get_cost_sql()]

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT part.*, contract.type_id, company.currency_id,
                   part.revenue - part.cost AS margin,
                   CASE WHEN part.revenue > 0
                        THEN 100.0 * (part.revenue - part.cost) / part.revenue
                    END AS margin_percent
              FROM (%(parts)s) part (%(columns)s)
              JOIN res_company company ON company.id = part.company_id
              LEFT JOIN support_contract contract ON contract.id = part.contract_id
            """,
            parts=SQL(" UNION ALL ").join(self._get_parts()),
            columns=SQL(", ").join(
                SQL.identifier(name) for name in self._get_columns()
            ),
        )

    def _read_group_select(self, aggregate_spec, query):
        """A percentage of a group is not the average of its rows."""
        if aggregate_spec != PERCENT:
            return super()._read_group_select(aggregate_spec, query)
        revenue = self._field_to_sql(self._table, "revenue", query)
        margin = self._field_to_sql(self._table, "margin", query)
        return SQL(
            "CASE WHEN SUM(%(revenue)s) > 0 "
            "THEN 100.0 * SUM(%(margin)s) / SUM(%(revenue)s) END",
            revenue=revenue,
            margin=margin,
        )
