# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64

from odoo import api, fields, models
from odoo.exceptions import UserError


class SupportLedgerStatement(models.TransientModel):
    """Statement of one ledger for a period: what it opened with, every entry with its
    ticket and work, what expired, what it closed with. On screen and as XLSX."""

    _name = "support.ledger.statement"
    _description = "Statement of a Ledger"

    ledger_id = fields.Many2one(comodel_name="support.ledger", required=True)
    contract_id = fields.Many2one(related="ledger_id.contract_id", related_sudo=False)
    partner_id = fields.Many2one(
        related="ledger_id.contract_id.partner_id", related_sudo=False
    )
    unit = fields.Selection(related="ledger_id.unit", related_sudo=False)
    currency_id = fields.Many2one(related="ledger_id.currency_id", related_sudo=False)
    first_day = fields.Date(
        string="From",
        compute="_compute_days",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    last_day = fields.Date(
        string="To",
        compute="_compute_days",
        compute_sudo=False,
        precompute=True,
        store=True,
        readonly=False,
        required=True,
    )
    opening = fields.Float(digits=(16, 4), compute="_compute_statement")
    closing = fields.Float(digits=(16, 4), compute="_compute_statement")
    entry_ids = fields.Many2many(
        comodel_name="support.ledger.entry",
        string="Entries",
        compute="_compute_statement",
    )
    xlsx = fields.Binary(string="Spreadsheet", readonly=True, attachment=False)
    xlsx_filename = fields.Char(readonly=True)

    _days_in_order = models.Constraint(
        "CHECK (first_day <= last_day)",
        "The statement cannot end before it starts.",
    )

    @api.depends("ledger_id")
    def _compute_days(self):
        for statement in self:
            ledger = statement.ledger_id
            today = (ledger.company_id or self.env.company)._support_day()
            bounds = ledger._get_bounds() if ledger else (False, False)
            statement.first_day = min(bounds[0] or today, today)
            statement.last_day = max(bounds[1] or today, today)

    @api.constrains("ledger_id")
    def _check_ledger_access(self):
        """The ledger must be open to the user, whom Odoo replaces by the superuser
        while it checks constraints."""
        self.sudo(False).ledger_id.check_access("read")

    @api.depends("ledger_id", "first_day", "last_day")
    def _compute_statement(self):
        for statement in self:
            if not (statement.ledger_id and statement.first_day and statement.last_day):
                statement.opening = statement.closing = 0.0
                statement.entry_ids = False
                continue
            values = statement.ledger_id._get_statement(
                statement.first_day, statement.last_day
            )
            statement.opening = values["opening"]
            statement.closing = values["closing"]
            statement.entry_ids = values["entries"]

    def action_download(self):
        """Write the spreadsheet and send it to the browser."""
        self.ensure_one()
        if self.first_day > self.last_day:
            raise UserError(self.env._("The statement cannot end before it starts."))
        name = self.ledger_id._get_statement_filename(self.last_day)
        content = self.ledger_id._render_statement_xlsx(
            self.first_day, self.last_day, self.env.user
        )
        self.write({"xlsx": base64.b64encode(content), "xlsx_filename": f"{name}.xlsx"})
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/xlsx"
            f"?download=true&filename_field=xlsx_filename",
            "target": "self",
        }
