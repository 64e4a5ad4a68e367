# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import SQL


class SupportLedgerReport(models.Model):
    """Ledger entries for analysis, with a column for each unit, so that no total ever
    adds minutes to euros. Amounts are in the ledger's currency: group by it."""

    _name = "support.ledger.report"
    _description = "Ledger Analysis"
    _auto = False
    _order = "day desc"

    day = fields.Date(readonly=True)
    kind = fields.Selection(
        selection=lambda self: self.env["support.ledger.entry"]
        ._fields["kind"]
        ._description_selection(self.env),
        readonly=True,
    )
    unit = fields.Selection(
        selection=lambda self: self.env["support.ledger"]
        ._fields["unit"]
        ._description_selection(self.env),
        readonly=True,
    )
    ledger_id = fields.Many2one(comodel_name="support.ledger", readonly=True)
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    type_id = fields.Many2one(comodel_name="support.contract.type", readonly=True)
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    ticket_id = fields.Many2one(comodel_name="helpdesk.ticket", readonly=True)
    work_mode_id = fields.Many2one(comodel_name="support.work.mode", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Technician", readonly=True
    )
    hours = fields.Float(readonly=True)
    tickets = fields.Integer(readonly=True)
    amount = fields.Monetary(readonly=True)

    @api.model
    def _table_query_columns(self):
        return SQL(
            """
            entry.id, entry.day, entry.kind, ledger.unit, entry.ledger_id,
            ledger.contract_id, contract.type_id, contract.commercial_partner_id,
            contract.company_id, ledger.currency_id, entry.ticket_id,
            work.work_mode_id, work.user_id,
            CASE WHEN ledger.unit = 'time' THEN entry.quantity / 60.0 END AS hours,
            CASE WHEN ledger.unit = 'ticket' THEN entry.quantity::int END AS tickets,
            CASE WHEN ledger.unit = 'money' THEN entry.quantity END AS amount
            """
        )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT %s
              FROM support_ledger_entry entry
              JOIN support_ledger ledger ON ledger.id = entry.ledger_id
              JOIN support_contract contract ON contract.id = ledger.contract_id
              LEFT JOIN support_intervention work ON work.id = entry.intervention_id
            """,
            self._table_query_columns(),
        )
