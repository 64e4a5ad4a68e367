# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import quantity as quantities


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
        self.write(
            {
                "xlsx": base64.b64encode(self._render_xlsx()),
                "xlsx_filename": "%s %s.xlsx"
                % (
                    self.ledger_id.display_name.replace("/", "-"),
                    fields.Date.to_string(self.last_day),
                ),
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/xlsx"
            f"?download=true&filename_field=xlsx_filename",
            "target": "self",
        }

    def _render_xlsx(self):
        """The statement as a workbook. Time is in hours as [h]:mm, so that the columns
        add up in the spreadsheet."""
        self.ensure_one()
        output = io.BytesIO()
        # texts of customers are texts, not formulas or links
        workbook = xlsxwriter.Workbook(
            output,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        )
        sheet = workbook.add_worksheet(self.env._("Statement"))
        bold = workbook.add_format({"bold": True})
        header = workbook.add_format({"bold": True, "bottom": 1})
        day_format = workbook.add_format({"num_format": "yyyy-mm-dd"})
        number = workbook.add_format({"num_format": self._get_number_format()})
        total = workbook.add_format(
            {"num_format": self._get_number_format(), "bold": True}
        )
        sheet.write(0, 0, self.ledger_id.display_name, bold)
        sheet.write(1, 0, self.partner_id.display_name)
        titles = [
            self.env._("Day"),
            self.env._("What"),
            self.env._("Ticket"),
            self.env._("Work"),
            self.env._("Usable until"),
            self.env._("Quantity"),
            self.env._("Balance"),
        ]
        for column, title in enumerate(titles):
            sheet.write(3, column, title, header)
        row, balance = 4, self.opening
        sheet.write_datetime(row, 0, self.first_day, day_format)
        sheet.write(row, 1, self.env._("Opening balance"), bold)
        sheet.write_number(row, 6, self._get_cell_value(balance), total)
        for entry in self.entry_ids.sorted(lambda entry: (entry.day, entry.id)):
            row += 1
            balance += entry.quantity
            sheet.write_datetime(row, 0, entry.day, day_format)
            sheet.write_string(row, 1, entry.description or "")
            sheet.write_string(row, 2, entry.ticket_id.display_name or "")
            sheet.write_string(row, 3, entry.intervention_id.name or "")
            if entry.last_day:
                sheet.write_datetime(row, 4, entry.last_day, day_format)
            sheet.write_number(row, 5, self._get_cell_value(entry.quantity), number)
            sheet.write_number(row, 6, self._get_cell_value(balance), number)
        row += 1
        sheet.write_datetime(row, 0, self.last_day, day_format)
        sheet.write(row, 1, self.env._("Closing balance"), bold)
        sheet.write_number(row, 6, self._get_cell_value(self.closing), total)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 3, 34)
        sheet.set_column(4, 6, 14)
        workbook.close()
        return output.getvalue()

    def _get_number_format(self):
        if self.unit == "time":
            return "[h]:mm;-[h]:mm"
        digits = self.ledger_id._unit_digits()
        return "#,##0" + ("." + "0" * digits if digits else "")

    def _get_cell_value(self, quantity):
        """Spreadsheets keep time as parts of a day."""
        if self.unit == "time":
            return quantity / quantities.MINUTES_OF_DAY
        return round(quantity, self.ledger_id._unit_digits())
