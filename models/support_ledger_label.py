# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models


class SupportLedger(models.Model):
    """What a ledger is called where its contract is known."""

    _inherit = "support.ledger"

    label = fields.Char(compute="_compute_label", groups="base.group_user")

    @api.depends("unit", "work_mode_ids.name")
    @api.depends_context("lang")
    def _compute_label(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        for ledger in self:
            label = units.get(ledger.unit) or ""
            modes = ", ".join(ledger.work_mode_ids.mapped("name"))
            ledger.label = (
                self.env._("%(unit)s (%(work_modes)s)", unit=label, work_modes=modes)
                if modes
                else label
            )
