# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Domain

#: what decides about the hours
TERMS = {
    "calendar_id",
    "company_id",
    "date_from",
    "date_to",
    "resource_id",
    "time_type",
}


class ResourceCalendarLeaves(models.Model):
    _inherit = "resource.calendar.leaves"

    support_holiday_key = fields.Char(
        string="Loaded Public Holiday",
        copy=False,
        readonly=True,
        groups="support_contract.group_support_manager",
        export_string_translation=False,
        help="Technical: country and day of a public holiday that was loaded.",
    )

    _support_holiday_once = models.UniqueIndex(
        "(calendar_id, support_holiday_key) WHERE support_holiday_key IS NOT NULL",
        "This public holiday is on the calendar already.",
    )

    def _compute_company_id(self):
        """Holidays of coverage hours are of their company, or of none as they are."""
        result = super()._compute_company_id()
        for leave in self:
            calendar = leave.calendar_id
            if calendar.support_coverage and not leave.resource_id:
                leave.company_id = calendar.company_id
        return result

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        calendars = leaves._support_get_calendars()
        calendars._support_keep_hours(without=leaves)
        calendars._support_renew_version()
        return leaves

    def write(self, vals):
        if TERMS.isdisjoint(vals):
            return super().write(vals)
        before = self._support_get_calendars()
        before._support_keep_hours()
        result = super().write(vals)
        after = self._support_get_calendars()
        after._support_keep_hours(without=self)
        (before | after)._support_renew_version()
        if vals.keys() & {"calendar_id", "resource_id"}:
            # whoever may change leaves of some calendars or people only may neither
            # move them to others nor make them everybody's
            self.check_access("write")
        return result

    def unlink(self):
        calendars = self._support_get_calendars()
        calendars._support_keep_hours()
        result = super().unlink()
        calendars._support_renew_version()
        return result

    def _support_get_calendars(self, untied=False):
        """The calendars, also archived ones, that these leaves may close: none for time
        off of a person or a machine. A leave without a calendar closes all calendars
        of its company, or all if it has none.

        :param untied: as if the leaves had no calendar
        """
        # a leave closes calendars that its author may not read
        leaves = self.sudo().filtered(
            lambda leave: not leave.resource_id and leave.time_type == "leave"
        )
        tied = leaves.browse() if untied else leaves.filtered("calendar_id")
        calendars = tied.calendar_id
        if everywhere := leaves - tied:
            domain = Domain.TRUE
            if all(leave.company_id for leave in everywhere):
                domain = Domain("company_id", "in", everywhere.company_id.ids)
            calendars |= calendars.with_context(active_test=False).search(domain)
        return calendars.sudo(self.env.su)
