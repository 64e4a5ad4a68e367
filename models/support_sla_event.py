# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportSlaEvent(models.Model):
    """A stage that a clock has reached. The unique key stands behind the promise that
    each stage happens once, also if the job is killed or run twice."""

    _name = "support.sla.event"
    _description = "SLA Event"
    _order = "happened_on desc, id desc"

    clock_id = fields.Many2one(
        comodel_name="support.sla.clock",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    stage_id = fields.Many2one(
        comodel_name="support.sla.stage",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    due_on = fields.Datetime(
        string="Reached", readonly=True, help="When the clock reached the stage."
    )
    happened_on = fields.Datetime(
        string="Handled", readonly=True, help="When the job came to it."
    )
    skipped = fields.Boolean(
        readonly=True,
        help="Several stages had been reached when the job came to them: only the last "
        "one was announced.",
    )

    _stage_unique = models.Constraint(
        "UNIQUE (clock_id, stage_id)",
        "A stage happens only once for each clock.",
    )
