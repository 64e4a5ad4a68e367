# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


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

    def _get_portal_back_url(self):
        self.ensure_one()
        if self.ledger_id:
            return self.ledger_id._get_portal_url()
        return super()._get_portal_back_url()
