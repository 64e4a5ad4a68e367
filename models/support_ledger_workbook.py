# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import io

import xlsxwriter

from odoo import fields, models

from ..tools import quantity as quantities


class SupportLedger(models.Model):
    """The statement of a ledger as a spreadsheet, for colleagues and customers."""

    _inherit = "support.ledger"

    def _get_statement_filename(self, last_day):
        """Contract, ledger and last day, without the extension."""
        self.ensure_one()
        name = f"{self.display_name} {fields.Date.to_string(last_day)}"
        return "".join(char if char not in '/\\:*?"<>|' else "-" for char in name)

    def _render_statement_xlsx(self, first_day, last_day, reader):
        """The statement as a workbook. Time is in hours as [h]:mm, so that the columns
        add up in the spreadsheet.

        The caller has checked that ``reader`` may read the ledger.

        :param date first_day: in the zone of the ledger's company, inclusive
        :param date last_day: likewise
        :param reader: ``res.users``; sees the subjects of those tickets and works
            that he may read, and the numbers of the others
        :return: bytes
        """
        self.ensure_one()
        values = self._get_statement(first_day, last_day)
        entries = values["entries"]
        tickets, works = entries._get_readable(reader)
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
        number_format = self._get_number_format()
        number = workbook.add_format({"num_format": number_format})
        total = workbook.add_format({"num_format": number_format, "bold": True})
        sheet.write(0, 0, self.display_name, bold)
        sheet.write(1, 0, self.contract_id.partner_id.display_name)
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
        row, balance = 4, values["opening"]
        sheet.write_datetime(row, 0, first_day, day_format)
        sheet.write(row, 1, self.env._("Opening balance"), bold)
        sheet.write_number(row, 6, self._get_cell_value(balance), total)
        for entry in entries:
            row += 1
            balance += entry.quantity
            ticket, work = entry.ticket_id, entry.intervention_id
            sheet.write_datetime(row, 0, entry.day, day_format)
            sheet.write_string(row, 1, entry.description or "")
            sheet.write_string(row, 2, tickets.get(ticket.id) or "")
            sheet.write_string(row, 3, works.get(work.id) or "")
            if entry.last_day:
                sheet.write_datetime(row, 4, entry.last_day, day_format)
            sheet.write_number(row, 5, self._get_cell_value(entry.quantity), number)
            sheet.write_number(row, 6, self._get_cell_value(balance), number)
        row += 1
        sheet.write_datetime(row, 0, last_day, day_format)
        sheet.write(row, 1, self.env._("Closing balance"), bold)
        sheet.write_number(row, 6, self._get_cell_value(values["closing"]), total)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 3, 34)
        sheet.set_column(4, 6, 14)
        workbook.close()
        return output.getvalue()

    def _get_number_format(self):
        if self.unit == "time":
            return "[h]:mm;-[h]:mm"
        digits = self._unit_digits()
        return "#,##0" + ("." + "0" * digits if digits else "")

    def _get_cell_value(self, quantity):
        """Spreadsheets keep time as parts of a day."""
        if self.unit == "time":
            return quantity / quantities.MINUTES_OF_DAY
        return round(quantity, self._unit_digits())


class SupportLedgerEntry(models.Model):
    """What of its ticket and work a reader of the ledger may see."""

    _inherit = "support.ledger.entry"

    def _get_readable_ids(self, reader):
        """Which tickets and works of the entries ``reader`` may read, with a constant
        number of queries for any number of them.

        :param reader: ``res.users``
        :return: ``(ticket ids, intervention ids)``, both sets
        """
        found = []
        entries = self.sudo()  # which of them the reader may read is asked below
        for records in (entries.ticket_id, entries.intervention_id):
            if reader._is_portal():
                # what the rules for customers say, without looking up all its people
                customer = reader.commercial_partner_id
                own = records.filtered(
                    lambda record, customer=customer: (
                        record.commercial_partner_id == customer
                    )
                )
            else:
                own = records.with_user(reader).sudo(False)._filtered_access("read")
            found.append(set(own.ids))
        return tuple(found)

    def _get_readable(self, reader):
        """Names of the tickets and works of the entries, as ``reader`` may see them.

        :return: ``({ticket id: name}, {intervention id: name})``; a ticket that the
            reader may not read has its number as name, such a work has none
        """
        ticket_ids, work_ids = self._get_readable_ids(reader)
        entries = self.sudo()  # numbers of tickets are no secret of a customer's ledger
        return (
            {
                ticket.id: ticket.display_name
                if ticket.id in ticket_ids
                else ticket.number
                for ticket in entries.ticket_id
            },
            {
                work.id: work.name
                for work in entries.intervention_id
                if work.id in work_ids
            },
        )
