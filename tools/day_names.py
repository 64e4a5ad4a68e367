# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Days and months in words, in the order that each language has for them."""

import re

from babel import Locale
from babel.dates import format_date, format_skeleton, get_date_format

#: vendors and customers are Europeans, whatever English they read
ENGLISH = "EEEE d MMMM y"


def format_weekday(day, lang, with_year=False):
    """A day with its name: "Monday 13 April", in Hungarian "április 13., hétfő".

    :param date day:
    :param str lang: code of the language, "hu_HU"
    :param bool with_year: also the year; without it, it is known
    """
    locale = Locale.parse(lang)
    pattern = get_date_format("full", locale=locale).pattern
    if locale.language == "en":
        pattern = ENGLISH
    if not with_year:
        pattern = re.sub(r"^y+\.?\s*|[,\s]*\by+\.?$", "", pattern)
    return format_date(day, pattern, locale=locale)


def format_month(day, lang):
    """A month and its year: "April 2026", in Hungarian "2026. április".

    :param date day: a day of it
    :param str lang: code of the language
    """
    return format_skeleton("yMMMM", day, locale=lang)
