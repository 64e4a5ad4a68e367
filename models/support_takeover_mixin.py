# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import date

from odoo import models
from odoo.exceptions import UserError


class SupportTakeoverMixin(models.AbstractModel):
    """How rows that come out of a spreadsheet as text are read. A model that uses it
    has ``customer`` and ``company_id``."""

    _name = "support.takeover.mixin"
    _description = "Row of a Spreadsheet to Take Over"

    def _find_partner(self):
        text = (self.customer or "").strip()
        for field in ("ref", "vat", "name"):
            partners = self.env["res.partner"].search(
                [
                    (field, "=", text),
                    ("parent_id", "=", False),
                    ("company_id", "in", [False, self.company_id.id]),
                ],
                limit=2,
            )
            if len(partners) == 1:
                return partners
            if len(partners) > 1:
                break
        raise UserError(
            self.env._(
                "Customer: “%s” is not the reference, VAT number or name of exactly "
                "one customer.",
                text,
            )
        )

    def _parse_day(self, name):
        """A day of the row; days that do not exist are refused with the field."""
        text = (self[name] or "").strip()
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(field)s: “%(text)s” is not a date that exists; write it as "
                    "year-month-day, such as 2026-03-31.",
                    field=self._fields[name]._description_string(self.env),
                    text=text,
                )
            ) from error
