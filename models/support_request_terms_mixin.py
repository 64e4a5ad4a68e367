# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from ..tools import cover
from .support_terms_mixin import TREATMENTS


class SupportRequestTermsMixin(models.AbstractModel):
    """How one request type is treated."""

    _name = "support.request.terms.mixin"
    _description = "Terms of a Request Type"

    category_id = fields.Many2one(
        comodel_name="helpdesk.ticket.category",
        string="Request Type",
        required=True,
        ondelete="restrict",
    )
    treatment = fields.Selection(
        selection=TREATMENTS, required=True, default=cover.DRAWN
    )

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {"category_id": self.category_id.id, "treatment": self.treatment}
