# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: what decides about the hours; the duration moves the hours
TERMS = {
    "calendar_id",
    "dayofweek",
    "week_type",
    "hour_from",
    "hour_to",
    "duration_hours",
    "day_period",
    "display_type",
}


class ResourceCalendarAttendance(models.Model):
    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        """Lines without a name are named after their day."""
        names = dict(self._fields["dayofweek"]._description_selection(self.env))
        default = self.default_get(["dayofweek"])
        vals_list = [
            vals
            if vals.get("name")
            else vals | {"name": names.get((default | vals)["dayofweek"])}
            for vals in vals_list
        ]
        lines = super().create(vals_list)
        lines.calendar_id._support_keep_hours(without=lines)
        lines.calendar_id._support_renew_version()
        return lines

    def write(self, vals):
        if TERMS.isdisjoint(vals):
            return super().write(vals)
        before = self.calendar_id
        before._support_keep_hours()
        result = super().write(vals)
        self.calendar_id._support_keep_hours(without=self)
        (before | self.calendar_id)._support_renew_version()
        if "calendar_id" in vals:
            # whoever may change some calendars only may not move lines to others
            self.check_access("write")
        return result

    def unlink(self):
        calendars = self.calendar_id
        calendars._support_keep_hours()
        result = super().unlink()
        calendars._support_renew_version()
        return result
