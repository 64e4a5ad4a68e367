# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportWorkModeTermsMixin(models.AbstractModel):
    """Minimum and step where they differ from the work mode's own."""

    _name = "support.work.mode.terms.mixin"
    _description = "Terms of a Work Mode"

    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode", required=True, ondelete="restrict"
    )
    minimum_minutes = fields.Integer(string="Minimum")
    step_minutes = fields.Integer(string="Step", default=1)

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {
            "work_mode_id": self.work_mode_id.id,
            "minimum_minutes": self.minimum_minutes,
            "step_minutes": self.step_minutes,
        }
