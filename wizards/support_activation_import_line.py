# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..models.support_activation_count_rows import COLUMNS


class SupportActivationImportLine(models.TransientModel):
    """A row of the file, as it was understood."""

    _name = "support.activation.import.line"
    _description = "Row of Counted Activations"
    _order = "line, id"

    import_id = fields.Many2one(
        comodel_name="support.activation.import",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    line = fields.Integer(string="Row", readonly=True, aggregator=None)
    cells = fields.Json(readonly=True, help="What the file says, by column.")
    text = fields.Char(string="In the File", compute="_compute_text")
    contract_id = fields.Many2one(comodel_name="support.contract", readonly=True)
    partner_id = fields.Many2one(related="contract_id.partner_id", related_sudo=False)
    installation_id = fields.Many2one(
        comodel_name="support.installation", readonly=True
    )
    number = fields.Integer(string="Counted", readonly=True, aggregator=None)
    day = fields.Date(string="Counted On", readonly=True)
    state = fields.Selection(
        selection=[
            ("good", "Good"),
            ("known", "Counted already"),
            ("bad", "Refused"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True)

    @api.depends("cells")
    def _compute_text(self):
        for line in self:
            cells = line.cells or {}
            line.text = " · ".join(cells[name] for name in COLUMNS if cells.get(name))
