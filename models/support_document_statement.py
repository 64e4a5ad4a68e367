# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from .support_ledger_portal import PRINT_LIMIT


class SupportDocument(models.Model):
    """The statement of a ledger for a period."""

    _inherit = "support.document"

    kind = fields.Selection(
        selection_add=[("statement", "Statement")], ondelete={"statement": "cascade"}
    )
    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
        groups="base.group_user",
    )
    first_day = fields.Date(string="From", readonly=True, groups="base.group_user")
    last_day = fields.Date(string="To", readonly=True, groups="base.group_user")

    def _get_statement_report(self):
        return "support_contract.report_ledger_statement", self

    def _get_statement_key(self):
        return self.ledger_id._get_statement_key(self.first_day, self.last_day)

    def _get_statement_back_url(self):
        return self.ledger_id._get_portal_url()

    def _get_statement_values(self):
        """What the statement prints, as the portal shows it to all of the customer:
        dict of texts, with ``rows`` and, if there are more, how many were ``left``."""
        self.ensure_one()
        ledger = self.ledger_id
        values = ledger._get_portal_statement(self.first_day, self.last_day)
        rows = ledger._get_portal_rows(
            self.first_day, self.last_day, self.env.user, limit=PRINT_LIMIT
        )
        return values | {"rows": rows, "left": values["count"] - len(rows)}
