# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportThresholdMixin(models.AbstractModel):
    """A level at which a low balance is announced."""

    _name = "support.threshold.mixin"
    _description = "Low Balance Warning"
    _inherit = ["support.unit.mixin"]
    _order = "unit, quantity desc, id"

    quantity = fields.Float(
        string="Level",
        digits=(16, 4),
        required=True,
        aggregator=None,
        help="A message goes out when a balance of this unit falls to this level.",
    )

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {
            "unit": self.unit,
            "quantity": self.quantity,
        }
