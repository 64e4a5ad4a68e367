# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import base64
import io

import xlsxwriter

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.support_activation_count_rows import COLUMNS
from ..tools import activation_rows


class SupportActivationImport(models.TransientModel):
    """Counted activations from a CSV or XLSX file of the present company: looked at
    row by row before anything is kept. Bad rows are given back with their reason."""

    _name = "support.activation.import"
    _description = "Import Counted Activations"

    file = fields.Binary(attachment=False)
    filename = fields.Char()
    state = fields.Selection(
        selection=[("file", "File"), ("preview", "Preview"), ("done", "Imported")],
        required=True,
        readonly=True,
        default="file",
    )
    problem = fields.Char(readonly=True)
    line_ids = fields.One2many(
        comodel_name="support.activation.import.line",
        inverse_name="import_id",
        string="Rows",
        readonly=True,
    )
    good_count = fields.Integer(compute="_compute_counts")
    known_count = fields.Integer(compute="_compute_counts")
    bad_count = fields.Integer(compute="_compute_counts")
    xlsx = fields.Binary(string="Spreadsheet", readonly=True, attachment=False)
    xlsx_filename = fields.Char(readonly=True)

    def _compute_counts(self):
        counts = {
            (wizard.id, state): count
            for wizard, state, count in self.env[
                "support.activation.import.line"
            ]._read_group(
                [("import_id", "in", self.ids)], ["import_id", "state"], ["__count"]
            )
        }
        for wizard in self:
            wizard.good_count = counts.get((wizard.id, "good"), 0)
            wizard.known_count = counts.get((wizard.id, "known"), 0)
            wizard.bad_count = counts.get((wizard.id, "bad"), 0)

    def action_preview(self):
        """Read the file and show what each row would do. Nothing is kept yet."""
        self.ensure_one()
        try:
            cells, found = self._read_file()
        except UserError as error:
            self._remake_lines([], {})
            # what the form shows of itself, not for people to write
            self.sudo().write({"state": "file", "problem": str(error)})
            return self._reopen()
        self._remake_lines(found, cells)
        # readonly on the form: what this method alone says
        self.sudo().write({"state": "preview", "problem": False})
        return self._reopen()

    def action_import(self):
        """Keep the good rows; the bad ones stay in the list with their reasons.

        :raise AccessError: for everybody but contract users
        :raise UserError: if the file as a whole cannot be read
        """
        self.ensure_one()
        counts = self.env["support.activation.count"]
        counts._require_count_right()
        cells, found = self._read_file()
        counts._count([row.get_count() for row in found if not row.reason], "import")
        self._remake_lines(found, cells)
        # as above
        self.sudo().write({"state": "done", "problem": False})
        return self._reopen()

    def action_back(self):
        """Choose another file."""
        self.ensure_one()
        self._remake_lines([], {})
        # as above
        self.sudo().write({"state": "file", "problem": False, "file": False})
        return self._reopen()

    def action_download_refused(self):
        """The bad rows as a spreadsheet, with the reason of each; corrected it can be
        imported as it is."""
        self.ensure_one()
        labels = self.env["support.activation.count"]._get_labels()
        lines = self.line_ids.filtered(lambda line: line.state == "bad")
        names = [
            name for name in COLUMNS if any(line.cells.get(name) for line in lines)
        ]
        rows = [
            [labels[name] for name in names]
            + [self.env._("Row"), self.env._("Reason")],
            *(
                [line.cells.get(name, "") for name in names] + [line.line, line.reason]
                for line in lines
            ),
        ]
        return self._download(rows, self.env._("refused rows"))

    def action_download_template(self):
        """An empty file with the columns that are understood."""
        self.ensure_one()
        labels = self.env["support.activation.count"]._get_labels()
        return self._download(
            [[labels[name] for name in COLUMNS]], self.env._("activations")
        )

    def action_review(self):
        """What is to be reviewed now."""
        return self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_contract_action_activations"
        )

    # ------------------------------------------------------------------
    # The file
    # ------------------------------------------------------------------

    def _read_file(self):
        """``({line: {column: cell}}, [found row, ...])``.

        :raise UserError: if the file as a whole cannot be read
        """
        if not self.file:
            raise UserError(self.env._("Choose a file first."))
        counts = self.env["support.activation.count"]
        try:
            rows = activation_rows.read_rows(base64.b64decode(self.file))
            columns = activation_rows.find_columns(
                rows[0][1], counts._get_known_labels()
            )
        except activation_rows.BadFile as error:
            raise UserError(self._explain_file(error)) from error
        self._check_columns(columns)
        cells = {
            line: {
                name: values[position]
                for name, position in columns.items()
                if position < len(values)
            }
            for line, values in rows[1:]
        }
        if not cells:
            raise UserError(self.env._("The file has no row below its header."))
        return cells, counts._read_rows(list(cells.items()))

    def _check_columns(self, columns):
        labels = self.env["support.activation.count"]._get_labels()
        missing = [labels[name] for name in ("number", "day") if name not in columns]
        if not columns.keys() & {"contract", "customer", "licence_key"}:
            missing.insert(
                0,
                self.env._(
                    "%(contract)s (or %(customer)s, or %(key)s)",
                    contract=labels["contract"],
                    customer=labels["customer"],
                    key=labels["licence_key"],
                ),
            )
        if missing:
            raise UserError(
                self.env._(
                    "The first line names the columns. Missing: %s.",
                    ", ".join(missing),
                )
            )

    def _explain_file(self, error):
        params = error.params
        return {
            "empty": lambda: self.env._("The file is empty."),
            "too_large": lambda: self.env._(
                "The file is too large: at most %s MB.", params["limit"]
            ),
            "too_many": lambda: self.env._(
                "The file has too many rows: at most %s at a time.", params["limit"]
            ),
            "old_excel": lambda: self.env._(
                "This is a file of an old Excel: save it as XLSX or CSV."
            ),
            "unreadable": lambda: self.env._("This is neither a CSV nor an XLSX file."),
            "encoding": lambda: self.env._(
                "The text cannot be read: save the file as CSV in UTF-8, or as XLSX."
            ),
            "column_twice": lambda: self.env._(
                "There are two columns “%s”.", params["label"]
            ),
        }[error.code]()

    def _remake_lines(self, found, cells):
        """Show ``found`` instead of the rows shown so far."""
        lines = [
            {
                "line": row.line,
                "cells": {
                    name: _printable(value) for name, value in cells[row.line].items()
                },
                "contract_id": row.contract.id,
                "installation_id": row.installation.id,
                "number": row.number or 0,
                "day": row.day,
                "state": "bad" if row.reason else "known" if row.known else "good",
                "reason": row.reason,
            }
            for row in found
        ]
        # nobody writes the rows but this method, from the user's own file
        self.sudo().line_ids = [Command.clear(), *map(Command.create, lines)]

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Counted Activations"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _download(self, rows, name):
        output = io.BytesIO()
        # what was in the file is text, no formula and no link
        with xlsxwriter.Workbook(
            output,
            {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
        ) as book:
            sheet = book.add_worksheet()
            bold = book.add_format({"bold": True})
            for number, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    style = None if number else bold
                    if isinstance(cell, int):
                        sheet.write_number(number, column, cell, style)
                    else:
                        sheet.write_string(number, column, cell or "", style)
            sheet.set_column(0, len(rows[0]), 20)
        # as above
        self.sudo().write(
            {
                "xlsx": base64.b64encode(output.getvalue()),
                "xlsx_filename": f"{name}.xlsx",
            }
        )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/xlsx"
            "?download=true&filename_field=xlsx_filename",
            "target": "self",
        }


def _printable(value):
    """A cell as it is shown and given back."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        value = value.isoformat().removesuffix("T00:00:00")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)[: activation_rows.MAX_TEXT]
