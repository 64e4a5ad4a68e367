# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from babel.dates import get_day_names

from odoo import models
from odoo.tools import babel_locale_parse, format_list
from odoo.tools.misc import get_lang


class SupportCoverageMixin(models.AbstractModel):
    """Coverage hours as a table."""

    _inherit = "support.coverage.mixin"

    def _get_week_cells(self, groups):
        """From when until when, from Monday to Sunday: seven lists of texts.

        :param groups: a week, as of :meth:`_get_weeks`
        """
        cells = [[] for _weekday in range(7)]
        for runs, hours in groups:
            texts = [self._describe_interval(*pair) for pair in hours]
            for first, last in runs:
                for weekday in range(first, last + 1):
                    cells[weekday] = texts
        return cells


class SupportTermsMixin(models.AbstractModel):
    """The hours in which help is given, as a table: what the offer's sentences say of
    them, where there is room for it."""

    _inherit = "support.terms.mixin"

    def _get_hours_table(self):
        """The coverage hours, in the language of the environment.

        :return: None without any; else a dict with ``columns`` (names of the channels),
            ``rows`` as ``(day of the week, [[texts of a column], ...])`` and ``notes``,
            sentences on time zones and public holidays
        """
        self.ensure_one()
        coverage = self.env["support.coverage.mixin"]
        columns, cells, named = [], [], []
        for label, calendar in self._get_hours_columns():
            # who reads the terms reads the hours in them, and nothing else from here
            calendar = calendar.sudo()
            weeks = [
                coverage._get_week_cells(week) for week in coverage._get_weeks(calendar)
            ]
            if len(weeks) == 2 and weeks[0] == weeks[1]:
                weeks.pop()
            labels = [label]
            if len(weeks) == 2:
                labels = [
                    self.env._("%s, one week", label),
                    self.env._("%s, the other week", label),
                ]
            columns += labels
            cells += weeks
            named.append((label, calendar))
        if not columns:
            return None
        locale = babel_locale_parse(get_lang(self.env).code)
        names = get_day_names("wide", context="stand-alone", locale=locale)
        return {
            "columns": columns,
            "rows": [
                (names[weekday].capitalize(), [week[weekday] for week in cells])
                for weekday in range(7)
            ],
            "notes": [
                *self._get_zone_notes(named),
                *self._get_holiday_notes(named),
            ],
        }

    def _get_hours_columns(self):
        """``(name, calendar)`` of what has hours of its own; channels of the same hours
        together."""
        lines = self._get_hours_lines()
        together = {}
        for channel, calendar in lines:
            together.setdefault(calendar, []).append(channel)
        alone = len(lines) == 1 and not lines[0][0]
        return [
            (
                self.env._("Our hours")
                if alone
                else format_list(
                    self.env,
                    [name or self.env._("all other channels") for name in channels],
                ),
                calendar,
            )
            for calendar, channels in together.items()
        ]

    def _get_zone_notes(self, named):
        zones = {calendar.tz for _label, calendar in named}
        if len(zones) == 1:
            return [self.env._("All times are those of %s.", *zones)]
        return [
            self.env._(
                "%(channel)s: all times are those of %(zone)s.",
                channel=label,
                zone=calendar.tz,
            )
            for label, calendar in named
        ]

    def _get_holiday_notes(self, named):
        notes = [(label, self._get_holiday_note(calendar)) for label, calendar in named]
        if len({note for _label, note in notes}) == 1:
            return [notes[0][1]]
        return [f"{label}: {note}" for label, note in notes]

    def _get_holiday_note(self, calendar):
        if not calendar._support_has_closings():
            return self.env._("These hours apply on public holidays, too.")
        country = calendar.support_holiday_country_id.name
        if country:
            return self.env._("Closed on the public holidays of %s.", country)
        return self.env._("Closed on public holidays.")
