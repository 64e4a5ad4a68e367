# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models


class SupportCoverageMixin(models.AbstractModel):
    """The hours in which help is given through one channel, or through all of them."""

    _name = "support.coverage.mixin"
    _description = "Coverage Hours"
    _order = "channel_id, id"

    channel_id = fields.Many2one(
        comodel_name="helpdesk.ticket.channel",
        string="Channel",
        ondelete="restrict",
        help="Empty: every channel that has no line of its own.",
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Coverage Hours",
        required=True,
        ondelete="restrict",
        domain="[('schedule_type', '=', 'fully_fixed')]",
    )

    def _prepare_copy_values(self):
        """Values of the same line on another record."""
        self.ensure_one()
        return {"channel_id": self.channel_id.id, "calendar_id": self.calendar_id.id}

    def _get_calendar(self, channel):
        """The hours of ``channel`` (may be empty) among these lines, else those of the
        line without a channel, else none."""
        own = self.filtered(lambda line: channel and line.channel_id == channel)
        return (own or self.filtered(lambda line: not line.channel_id))[:1].calendar_id
