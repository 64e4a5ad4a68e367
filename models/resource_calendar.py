# TEMPORARY STAND-IN
from odoo import fields, models
from odoo.tools import ormcache

from ..tools.working_time import WorkingTime


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    support_version = fields.Char()

    def _support_working_times(self):
        return {c: c._support_compiled(c.support_version) for c in self}

    @ormcache("self.id", "version")
    def _support_compiled(self, version):
        c = self.sudo()
        lines = [
            (int(a.dayofweek), None, int(a.hour_from * 60), int(a.hour_to * 60))
            for a in c.attendance_ids
        ]
        leaves = [(x.date_from, x.date_to) for x in c.leave_ids]
        return WorkingTime(c.tz, lines, False, leaves)

    def _support_working_time(self):
        return self._support_working_times()[self]
