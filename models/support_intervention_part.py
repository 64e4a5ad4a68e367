# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models

from ..tools import work_parts


class SupportInterventionPart(models.Model):
    """A stretch of work that is done: how long, at which percentage, who pays it.

    Written when the work is done and deleted when it is undone; nobody has a right to
    change it.
    """

    _name = "support.intervention.part"
    _description = "Part of Support Work"
    _order = "intervention_id, sequence, id"

    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="intervention_id.company_id", store=True, index=True, precompute=True
    )
    sequence = fields.Integer(required=True, readonly=True)
    kind = fields.Selection(
        selection=[(work_parts.WORK, "Work"), (work_parts.TRAVEL, "Travel")],
        required=True,
        readonly=True,
    )
    when = fields.Selection(
        selection=[
            (work_parts.INSIDE, "Normal"),
            (work_parts.OUTSIDE, "Outside the hours"),
            (work_parts.DAY_OFF, "Day off"),
        ],
        string="Hours",
        required=True,
        readonly=True,
    )
    minutes = fields.Integer(string="Time", required=True, readonly=True)
    percent = fields.Float(
        string="Rate (%)",
        digits=(6, 2),
        required=True,
        readonly=True,
        aggregator=None,
        help="Percent of the price of an hour that an hour of this part costs.",
    )
    drawn_minutes = fields.Integer(
        string="Covered", readonly=True, help="Minutes that the cover has paid."
    )
    charged_minutes = fields.Integer(
        string="Charged", readonly=True, help="Minutes that no balance covers."
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    hourly_price = fields.Monetary(
        readonly=True,
        aggregator=None,
        groups="support_contract.group_support_user",
        help="Untaxed price of an hour of this part, with its surcharge.",
    )
    amount = fields.Monetary(
        readonly=True,
        groups="support_contract.group_support_user",
        help="Untaxed price of what is charged.",
    )

    @api.depends("kind", "minutes")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for part in self:
            minutes = self.env["support.unit.mixin"]._format_in_unit(
                part.minutes, "time", None
            )
            part.display_name = f"{kinds.get(part.kind, '')} {minutes}"
