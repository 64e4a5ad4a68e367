# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import public_holidays

_logger = logging.getLogger(__name__)


class ResourceCalendar(models.Model):
    """Public holidays of coverage hours, loaded from a library."""

    _inherit = "resource.calendar"

    support_holiday_country_id = fields.Many2one(
        comodel_name="res.country",
        string="Holidays of",
        domain=lambda self: [("code", "in", public_holidays.country_codes())],
    )
    support_holiday_state_id = fields.Many2one(
        comodel_name="res.country.state",
        string="Region of the Holidays",
        domain="[('country_id', '=', support_holiday_country_id)]",
    )
    support_holiday_auto = fields.Boolean(
        string="Keep Next Year Loaded",
        copy=False,
        help="A job loads the public holidays of the present and the next year. A year "
        "that was loaded once is left as people change it.",
    )
    support_holiday_years = fields.Json(
        string="Loaded Years",
        copy=False,
        readonly=True,
        export_string_translation=False,
        help='Technical: years loaded so far, each as "IT:MI:2026".',
    )

    @api.onchange("support_holiday_country_id")
    def _onchange_support_holiday_country_id(self):
        if self.support_holiday_state_id.country_id != self.support_holiday_country_id:
            self.support_holiday_state_id = False

    # ------------------------------------------------------------------
    # Loading
    # ------------------------------------------------------------------

    @api.model
    def _support_list_holidays(self, country, state, years):
        """Public holidays of a country, or of one of its regions, with names in the
        user's language if the library has them.

        :return: list of :class:`public_holidays.PublicHoliday`
        :raise UserError: if the library knows neither the country nor the region
        """
        if country.code not in public_holidays.country_codes():
            raise UserError(
                self.env._(
                    "No public holidays are known for %(country)s. Enter them on the "
                    "calendar by hand.",
                    country=country.name or "?",
                )
            )
        region = None
        if state:
            region = public_holidays.find_region(country.code, state.code, state.name)
            if not region:
                raise UserError(
                    self.env._(
                        "No public holidays are known for %(region)s alone. Leave the "
                        "region empty to load those of all %(country)s, and add its "
                        "own by hand.",
                        region=state.name,
                        country=country.name,
                    )
                )
        return public_holidays.list_holidays(
            country.code, region, years, language=self.env.lang
        )

    @api.model
    def _support_get_holiday_key(self, country, day):
        """What tells a loaded holiday from what people enter."""
        return f"{country.code}:{fields.Date.to_string(day)}"

    def _support_get_moment(self, day, hour):
        """The naive UTC moment of an hour of a local day; 24 is its last second, as
        Odoo writes it."""
        self.ensure_one()
        if hour >= 24:
            local = datetime.combine(day, time(23, 59, 59))
        else:
            local = datetime.combine(day, time()) + timedelta(minutes=round(hour * 60))
        zone = pytz.timezone(self.tz)
        return zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def _support_find_loaded(self, country, spans):
        """Which of the holidays ``(day, hour from, hour to)`` are on the calendar
        already: loaded before, or closed then anyway."""
        self.ensure_one()
        # a leave that the user may not see must not be loaded twice either
        leaves = self.sudo().leave_ids.filtered(lambda leave: not leave.resource_id)
        keys = set(leaves.mapped("support_holiday_key"))
        closed = [
            (leave.date_from, leave.date_to)
            for leave in leaves
            if leave.time_type == "leave"
        ]
        found = []
        for day, hour_from, hour_to in spans:
            start = self._support_get_moment(day, hour_from)
            end = self._support_get_moment(day, hour_to)
            found.append(
                self._support_get_holiday_key(country, day) in keys
                or any(first <= start and end <= last for first, last in closed)
            )
        return found

    def _support_load_holidays(self, country, holidays):
        """Close the calendar on ``holidays``, tuples (day, name, hour from, hour to),
        but for those that are there already.

        :return: the new leaves
        """
        self.ensure_one()
        spans = [(day, first, last) for day, _name, first, last in holidays]
        loaded = self._support_find_loaded(country, spans)
        return self.env["resource.calendar.leaves"].create(
            [
                {
                    "name": name,
                    "calendar_id": self.id,
                    "date_from": self._support_get_moment(day, hour_from),
                    "date_to": self._support_get_moment(day, hour_to),
                    "support_holiday_key": self._support_get_holiday_key(country, day),
                }
                for (day, name, hour_from, hour_to), is_loaded in zip(
                    holidays, loaded, strict=True
                )
                if not is_loaded
            ]
        )

    # ------------------------------------------------------------------
    # Every year
    # ------------------------------------------------------------------

    @api.model
    def _support_get_year_mark(self, country, state, year):
        return f"{country.code}:{state.code or ''}:{year}"

    def _support_mark_years(self, country, state, years):
        """Remember that people have decided about these years."""
        for calendar in self:
            marks = {
                self._support_get_year_mark(country, state, year) for year in years
            }
            marks.update(calendar.support_holiday_years or [])
            calendar.support_holiday_years = sorted(marks)

    def _support_get_due_years(self):
        """The present and the next year, unless they were loaded once."""
        self.ensure_one()
        company = self.company_id or self.env.company
        year = company._support_day().year
        country, state = self.support_holiday_country_id, self.support_holiday_state_id
        done = self.support_holiday_years or []
        return [
            due
            for due in (year, year + 1)
            if self._support_get_year_mark(country, state, due) not in done
        ]

    def _support_load_due_holidays(self):
        """Load the years that are due, with names in the company's language."""
        self.ensure_one()
        years = self._support_get_due_years()
        if not years:
            return
        company = self.company_id or self.env.company
        calendar = self.with_context(lang=company.partner_id.lang or self.env.lang)
        country, state = self.support_holiday_country_id, self.support_holiday_state_id
        found = calendar._support_list_holidays(country, state, years)
        calendar._support_load_holidays(
            country, [(day, name, hour, 24.0) for day, name, hour in found]
        )
        self._support_mark_years(country, state, years)

    @api.model
    def _cron_load_holidays(self):
        """Job: load what is due, a calendar at a time. One that fails leaves its error
        in the log, and is due again at the next run; the others go on."""
        cron, jobs = self.env["ir.cron"], self.env["support.job.mixin"]
        calendars = self.search(
            [
                ("support_coverage", "=", True),
                ("support_holiday_auto", "=", True),
                ("support_holiday_country_id", "!=", False),
            ]
        ).filtered(lambda calendar: calendar._support_get_due_years())
        cron._commit_progress(remaining=len(calendars))
        for calendar in calendars:
            error = jobs._try_commit(calendar._support_load_due_holidays)
            if error:
                _logger.error(
                    "no public holidays loaded on %s", calendar, exc_info=error
                )
            if not cron._commit_progress(1):
                return
