# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL

#: aggregates that no aggregate function of Odoo's gives, and their percentile
PERCENTILES = {"median_hours:avg": 0.5, "percentile_hours:avg": 0.9}


class SupportSlaReport(models.Model):
    """Promises for analysis, one row per clock.

    A promise is decided when it is kept or missed; what runs or was cancelled counts
    for neither. Times are those of clocks whose target was reached, so that a missed
    promise that was never fulfilled does not look like a quick one. Every total is
    computed from its rows, never from other totals: an average of averages would be
    wrong, and so would a median of medians.
    """

    _name = "support.sla.report"
    _description = "Promise Analysis"
    _auto = False
    _order = "day desc, id desc"

    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", readonly=True)
    policy_id = fields.Many2one(
        comodel_name="support.sla.policy",
        string="SLA Policy",
        readonly=True,
        help="The policy that the contract's own one was copied from.",
    )
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    type_id = fields.Many2one(
        comodel_name="support.contract.type", string="Contract Type", readonly=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    team_id = fields.Many2one(comodel_name="helpdesk.ticket.team", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Technician", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env["support.sla.clock"]
        ._fields["kind"]
        ._description_selection(self.env),
        string="Promise",
        readonly=True,
    )
    state = fields.Selection(
        selection=lambda self: self.env["support.sla.clock"]
        ._fields["state"]
        ._description_selection(self.env),
        readonly=True,
    )
    priority = fields.Selection(
        selection=lambda self: self.env["helpdesk.ticket"]
        ._fields["priority"]
        ._description_selection(self.env),
        readonly=True,
    )
    category_id = fields.Many2one(
        comodel_name="helpdesk.ticket.category", string="Request Type", readonly=True
    )
    channel_id = fields.Many2one(comodel_name="helpdesk.ticket.channel", readonly=True)
    day = fields.Date(
        string="Opened", readonly=True, help="In the company's support time zone."
    )
    decided_day = fields.Date(
        string="Decided",
        readonly=True,
        help="When the promise was kept, or when its time was over; in the company's "
        "support time zone.",
    )
    reached_on = fields.Datetime(
        readonly=True,
        help="When the customer was answered, or the ticket resolved, in time or not.",
    )
    kept = fields.Integer(readonly=True)
    missed = fields.Integer(readonly=True)
    share_kept = fields.Float(
        string="Kept (%)",
        digits=(5, 1),
        aggregator="avg",
        readonly=True,
        help="Of the promises that are decided.",
    )
    promised_hours = fields.Float(
        string="Promised Time", aggregator=None, readonly=True
    )
    counted_hours = fields.Float(
        string="Counted Time",
        aggregator="avg",
        readonly=True,
        help="Time that counted until the target was reached; totals show the average.",
    )
    median_hours = fields.Float(
        string="Counted Time, Median",
        aggregator="avg",
        readonly=True,
        help="Half of the targets were reached in less time.",
    )
    percentile_hours = fields.Float(
        string="Counted Time, 90th Percentile",
        aggregator="avg",
        readonly=True,
        help="Nine of ten targets were reached in less time.",
    )
    waiting_hours = fields.Float(
        string="Waiting for the Customer",
        aggregator="avg",
        readonly=True,
        help="Until the target was reached; totals show the average.",
    )
    outside_hours = fields.Float(
        aggregator="avg",
        readonly=True,
        help="Time until the target was reached in which help was not covered; totals "
        "show the average.",
    )

    _depends = {
        "support.sla.clock": [
            "ticket_id",
            "target_id",
            "kind",
            "state",
            "seconds",
            "started_on",
            "used",
            "waited",
            "outside",
            "missed_on",
            "ended_on",
            "ended_by",
        ],
        "support.sla.target": ["policy_id"],
        "support.sla.policy": ["contract_id", "origin_id"],
        "support.contract": ["type_id", "commercial_partner_id"],
        "helpdesk.ticket": [
            "support_contract_id",
            "team_id",
            "user_id",
            "company_id",
            "priority",
            "category_id",
            "channel_id",
        ],
        "res.company": ["support_tz"],
    }

    @api.model
    def _table_query_columns(self):
        return SQL(
            """
            clock.id, clock.ticket_id, clock.kind, clock.state,
            COALESCE(policy.origin_id, policy.id) AS policy_id,
            contract.id AS contract_id, contract.type_id,
            contract.commercial_partner_id,
            ticket.team_id, ticket.user_id, ticket.company_id, ticket.priority,
            ticket.category_id, ticket.channel_id,
            %(day)s AS day,
            CASE clock.state WHEN 'met' THEN %(ended_day)s
                             WHEN 'missed' THEN %(missed_day)s END AS decided_day,
            (clock.state = 'met')::int AS kept,
            (clock.state = 'missed')::int AS missed,
            CASE clock.state WHEN 'met' THEN 100.0
                             WHEN 'missed' THEN 0.0 END AS share_kept,
            clock.seconds / 3600.0 AS promised_hours,
            reached.reached_on,
            reached.counted_hours,
            reached.counted_hours AS median_hours,
            reached.counted_hours AS percentile_hours,
            reached.waiting_hours,
            reached.outside_hours
            """,
            day=self._table_query_day("started_on"),
            ended_day=self._table_query_day("ended_on"),
            missed_day=self._table_query_day("missed_on"),
        )

    @api.model
    def _table_query_day(self, column):
        """A moment of the clock as the company's local date, see
        ``res.company._support_day``."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE company.support_tz)::date",
            SQL.identifier("clock", column),
        )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT %s
              FROM support_sla_clock clock
              JOIN helpdesk_ticket ticket ON ticket.id = clock.ticket_id
              JOIN res_company company ON company.id = ticket.company_id
              JOIN support_sla_target target ON target.id = clock.target_id
              JOIN support_sla_policy policy ON policy.id = target.policy_id
              LEFT JOIN support_contract contract
                ON contract.id
                   = COALESCE(policy.contract_id, ticket.support_contract_id)
              LEFT JOIN LATERAL (
                   SELECT clock.ended_on AS reached_on,
                          clock.used / 3600.0 AS counted_hours,
                          clock.waited / 3600.0 AS waiting_hours,
                          clock.outside / 3600.0 AS outside_hours
                    WHERE clock.state IN ('met', 'missed')
                      AND clock.ended_by IN ('message', 'call', 'work', 'resolved')
                   ) reached ON TRUE
            """,
            self._table_query_columns(),
        )

    def _read_group_select(self, aggregate_spec, query):
        share = PERCENTILES.get(aggregate_spec)
        if share is None:
            # the share kept is an average over the decided rows: others are empty
            return super()._read_group_select(aggregate_spec, query)
        name = aggregate_spec.split(":")[0]
        return SQL(
            "percentile_cont(%s) WITHIN GROUP (ORDER BY %s)",
            share,
            self._field_to_sql(self._table, name, query),
        )

    def action_view_ticket(self):
        """Open the ticket of a row."""
        self.ensure_one()
        return self.ticket_id._get_records_action(target="current")
