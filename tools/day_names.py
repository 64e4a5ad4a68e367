# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Days and months in words, in the order that each language has for them."""

import re

from babel.dates import format_date, format_skeleton, get_date_format


def format_weekday(day, locale):
    """A day of a known year: "Monday, April 13", in Hungarian "április 13., hétfő".

    :param date day:
    :param locale: of babel
    """
    pattern = get_date_format("full", locale=locale).pattern
    pattern = re.sub(r"^y+\.?\s*|[,\s]*\by+\.?$", "", pattern)
    return format_date(day, pattern, locale=locale)


def format_month(day, locale):
    """A month and its year: "April 2026", in Hungarian "2026. április"."""
    return format_skeleton("yMMMM", day, locale=locale)
