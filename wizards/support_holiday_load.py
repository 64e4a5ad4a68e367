# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..tools import public_holidays


class SupportHolidayLoad(models.TransientModel):
    """Close coverage hours on the public holidays of a country or region."""

    _name = "support.holiday.load"
    _description = "Load Public Holidays"

    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Coverage Hours",
        required=True,
        domain=[("support_coverage", "=", True)],
    )
    country_id = fields.Many2one(
        comodel_name="res.country",
        compute="_compute_country_id",
        precompute=True,
        store=True,
        readonly=False,
        required=True,
        domain=lambda self: [("code", "in", public_holidays.country_codes())],
    )
    state_id = fields.Many2one(
        comodel_name="res.country.state",
        string="Region",
        compute="_compute_state_id",
        precompute=True,
        store=True,
        readonly=False,
        domain="[('country_id', '=', country_id)]",
        help="Empty: the holidays of the whole country.",
    )
    has_regions = fields.Boolean(compute="_compute_has_regions")
    year_from = fields.Integer(
        string="From Year",
        required=True,
        default=lambda self: self.env.company._support_day().year,
    )
    year_to = fields.Integer(
        string="To Year",
        required=True,
        default=lambda self: self.env.company._support_day().year + 1,
    )
    keep_loaded = fields.Boolean(
        string="Keep Next Year Loaded",
        compute="_compute_keep_loaded",
        precompute=True,
        store=True,
        readonly=False,
        help="A job loads the holidays of the present and the next year. A year that "
        "was loaded once is left as you change it.",
    )
    problem = fields.Char(compute="_compute_problem")
    line_ids = fields.One2many(
        comodel_name="support.holiday.load.line",
        inverse_name="load_id",
        string="Public Holidays",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    _years_in_order = models.Constraint(
        "CHECK (year_from >= 1990 AND year_from <= year_to AND year_to < 2100 "
        "AND year_to < year_from + 10)",
        "Years: enter the first and the last year to load, at most ten of them.",
    )

    @api.depends("calendar_id")
    def _compute_country_id(self):
        """The country that was loaded before, that of the time zone, or the
        company's."""
        countries = self.env["res.country"]
        for load in self:
            calendar = load.calendar_id
            code = public_holidays.find_country(calendar.tz)
            load.country_id = (
                calendar.support_holiday_country_id
                or countries.search([("code", "=", code)], limit=1)
                or (calendar.company_id or self.env.company).country_id
            )

    @api.depends("country_id")
    def _compute_state_id(self):
        for load in self:
            state = load.state_id or load.calendar_id.support_holiday_state_id
            load.state_id = state if state.country_id == load.country_id else False

    @api.depends("country_id")
    def _compute_has_regions(self):
        known = public_holidays.country_codes()
        for load in self:
            code = load.country_id.code
            load.has_regions = code in known and public_holidays.has_regions(code)

    @api.depends("calendar_id")
    def _compute_keep_loaded(self):
        for load in self:
            load.keep_loaded = load.calendar_id.support_holiday_auto

    @api.depends("calendar_id", "country_id", "state_id", "year_from", "year_to")
    def _compute_problem(self):
        for load in self:
            load.problem = False
            try:
                load._list_holidays()
            except UserError as error:
                load.problem = str(error)

    @api.depends("calendar_id", "country_id", "state_id", "year_from", "year_to")
    def _compute_line_ids(self):
        for load in self:
            lines = [] if load.problem else load._prepare_lines()
            load.line_ids = [Command.clear(), *map(Command.create, lines)]

    def _get_years(self):
        """The years to load, none if they are out of order."""
        if not 1990 <= self.year_from <= self.year_to < min(2100, self.year_from + 10):
            return []
        return list(range(self.year_from, self.year_to + 1))

    def _list_holidays(self):
        if not (self.calendar_id and self.country_id and self._get_years()):
            return []
        return self.calendar_id._support_list_holidays(
            self.country_id, self.state_id, self._get_years()
        )

    def _prepare_lines(self):
        found = self._list_holidays()
        loaded = self.calendar_id._support_find_loaded(
            self.country_id, [(day, hour, 24.0) for day, _name, hour in found]
        )
        return [
            {
                "day": day,
                "name": name,
                "hour_from": hour,
                "hour_to": 24.0,
                "loaded": is_loaded,
            }
            for (day, name, hour), is_loaded in zip(found, loaded, strict=True)
        ]

    def action_load(self):
        """Put the holidays on the calendar that are neither left out nor there, and
        remember country and region if the next years are to be kept loaded.

        :raise UserError: if the library does not know the region
        :raise AccessError: for everybody who may not change these coverage hours
        """
        self.ensure_one()
        calendar, country, state = self.calendar_id, self.country_id, self.state_id
        calendar.check_access("write")
        self._list_holidays()
        calendar._support_load_holidays(
            country,
            [
                (line.day, line.name, line.hour_from, line.hour_to)
                for line in self.line_ids
                if not line.left_out
            ],
        )
        calendar._support_mark_years(country, state, self._get_years())
        if self.keep_loaded:
            calendar.write(
                {
                    "support_holiday_country_id": country.id,
                    "support_holiday_state_id": state.id,
                    "support_holiday_auto": True,
                }
            )
        elif calendar.support_holiday_country_id == country:
            calendar.support_holiday_auto = False
        return {"type": "ir.actions.act_window_close"}


class SupportHolidayLoadLine(models.TransientModel):
    """A holiday to load, as people want it."""

    _name = "support.holiday.load.line"
    _description = "Public Holiday to Load"
    _order = "day, id"

    load_id = fields.Many2one(
        comodel_name="support.holiday.load",
        required=True,
        ondelete="cascade",
        index=True,
    )
    day = fields.Date(required=True)
    name = fields.Char(required=True)
    hour_from = fields.Float(
        string="Closed From",
        required=True,
        help="In the time zone of the coverage hours.",
    )
    hour_to = fields.Float(string="Closed Until", required=True, default=24)
    half_day = fields.Boolean(compute="_compute_half_day")
    loaded = fields.Boolean(readonly=True, help="The calendar is closed then already.")
    left_out = fields.Boolean(string="Leave Out")

    _hours_in_order = models.Constraint(
        "CHECK (hour_from >= 0 AND hour_from < hour_to AND hour_to <= 24)",
        "Closed from, closed until: enter hours of the day, for example 13:00 and "
        "24:00.",
    )

    @api.depends("hour_from", "hour_to")
    def _compute_half_day(self):
        for line in self:
            line.half_day = line.hour_to - line.hour_from < 24
