# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.tools import format_date, format_time
from odoo.tools.misc import get_lang

from ..tools import cover, day_names, moment_text


class HelpdeskTicket(models.Model):
    """What people read about promised times."""

    _inherit = "helpdesk.ticket"

    support_promise = fields.Char(
        string="Promise",
        compute="_compute_support_promise",
        help="What the customer may count on, in words.",
    )
    support_clock_bars = fields.Json(
        string="Promised Times",
        compute="_compute_support_clock_bars",
        groups="base.group_user",
        export_string_translation=False,
        help="The clocks as the bars on the form draw them; all moments in UTC.",
    )

    @api.depends(
        "support_clock_ids.state",
        "support_clock_ids.deadline",
        "support_clock_ids.ended_on",
        "support_cover",
        "stage_id",
    )
    @api.depends_context("lang", "tz")
    def _compute_support_promise(self):
        for ticket in self:
            # a customer has no right to clocks; what is said is his own promise
            ticket.support_promise = ticket.sudo()._support_get_promise()

    def _support_get_promise(self):
        self.ensure_one()
        if not self.support_cover_confirmed or self._support_get_status() == "closed":
            return ""
        running = self.support_clock_ids.filtered("since").sorted(
            lambda clock: (clock.kind != "response", clock.id)
        )
        if running:
            return running[0]._get_promise()
        if self.support_clock_ids or self.support_cover not in (
            cover.WARRANTY,
            cover.CONTRACT,
            cover.ON_CALL,
        ):
            return ""
        return self.env._("No guaranteed time")

    def _compute_support_clock_bars(self):
        now = self.env["res.company"]._support_now()
        for ticket in self:
            clocks = ticket.support_clock_ids
            hours = clocks.sudo()._get_hours()  # hours are no secret
            ticket.support_clock_bars = [
                clock._prepare_bar(hours, now) for clock in clocks
            ]

    def _support_format_moment(self, moment, tz=None):
        """A moment in the reader's language, in the company's support time zone unless
        ``tz`` says otherwise."""
        self.ensure_one()
        zone = tz or self.sudo().company_id.support_tz  # the zone is no secret
        return moment_text.format_moment(self.env, moment, zone)

    def _support_format_created(self):
        """The day on which the ticket was opened, in the same zone."""
        self.ensure_one()
        # the zone is no secret
        tz = self.env.context.get("tz") or self.sudo().company_id.support_tz
        return format_date(self.with_context(tz=tz).env, self.create_date)

    def _support_format_promise(self, moment):
        """A moment as one promises it, "Tuesday, 24 November, 10:40": in the reader's
        time zone if he has one, else in the company's."""
        self.ensure_one()
        # the zone is no secret
        tz = self.env.context.get("tz") or self.sudo().company_id.support_tz
        local = fields.Datetime.context_timestamp(self.with_context(tz=tz), moment)
        day = day_names.format_weekday(local.date(), get_lang(self.env).code)
        return f"{day}, {format_time(self.env, local.time(), time_format='short')}"
