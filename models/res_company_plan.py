# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import fields, models

WEEKDAYS = [
    ("none", "Never"),
    ("0", "On Monday"),
    ("1", "On Tuesday"),
    ("2", "On Wednesday"),
    ("3", "On Thursday"),
    ("4", "On Friday"),
    ("5", "On Saturday"),
    ("6", "On Sunday"),
]


class ResCompany(models.Model):
    """When technicians get the plan of the week to come."""

    _inherit = "res.company"

    support_plan_weekday = fields.Selection(
        selection=WEEKDAYS,
        string="Weekly Plan by E-Mail",
        required=True,
        default="4",
        help="On this day each technician gets the plan of the coming week.",
    )

    def _support_get_planned_week(self):
        """Monday of the week whose plans are sent now, or False: from the day of the
        week that is set until Sunday it is the week to come. A job that missed the day
        catches up until then; later nobody wants the plan any more."""
        self.ensure_one()
        today = self._support_day()
        weekday = self.support_plan_weekday
        if weekday == "none" or today.weekday() < int(weekday):
            return False
        return today + timedelta(days=7 - today.weekday())
