"""Public holidays of a country or region, from the library ``holidays``."""

import re
from datetime import date
from typing import NamedTuple

import holidays
import pytz
from holidays.constants import HALF_DAY, PUBLIC

#: when a half day begins unless its name says so, in hours of the local day
NOON = 12.0
HOUR_IN_NAME = re.compile(r"\bfrom (\d{1,2})(?::(\d\d))? ?(am|pm)\b")


class PublicHoliday(NamedTuple):
    """A day that is free from ``hour_from`` (0: the whole day) until its end."""

    day: date
    name: str
    hour_from: float


def country_codes():
    """ISO codes of the countries that the library knows."""
    return sorted(holidays.list_supported_countries(include_aliases=False))


def find_country(zone):
    """ISO code of the country of a time zone, None if it has none or is not known to
    the library."""
    codes = (code for code, zones in pytz.country_timezones.items() if zone in zones)
    return next((code for code in codes if code in country_codes()), None)


def has_regions(country):
    """Whether regions of the country have holidays of their own."""
    return bool(holidays.country_holidays(country).subdivisions)


def find_region(country, code, name):
    """The library's code of a region.

    :param str code: ISO 3166-2 code without the country
    :param str name: in any of the spellings that the library knows
    :return: None if the library does not know the region
    """
    known = holidays.country_holidays(country)
    if code in known.subdivisions:
        return code
    return known.subdivisions_aliases.get(name)


def list_holidays(country, region, years, language=None):
    """Public holidays and half days of years, in order. A day has one entry: whole days
    go before half ones, and several names stand together.

    :param str region: code as :func:`find_region` gives it, or None
    :param str language: like ``it_IT``; the country's own if the library has no names
        in it
    """
    categories = holidays.country_holidays(country).supported_categories
    asked = {"subdiv": region, "years": years}
    named = {**asked, "language": _find_language(country, language)}
    found = {
        day: PublicHoliday(day, name, 0.0)
        for day, name in holidays.country_holidays(
            country, categories=PUBLIC, **named
        ).items()
    }
    if HALF_DAY in categories:
        english = {**asked, "language": _find_language(country, "en_US")}
        hours = holidays.country_holidays(country, categories=HALF_DAY, **english)
        for day, name in holidays.country_holidays(
            country, categories=HALF_DAY, **named
        ).items():
            hour = _find_hour(hours.get(day, ""))
            found.setdefault(day, PublicHoliday(day, name, hour))
    return [found[day] for day in sorted(found)]


def _find_language(country, language):
    """The library's name of the language, else the country's own: what the library
    takes without a name depends on the machine."""
    known = holidays.country_holidays(country)
    short = (language or "").split("_")[0]
    names = {name.split("_")[0]: name for name in known.supported_languages}
    names.update((name, name) for name in known.supported_languages)
    return names.get(language) or names.get(short) or known.default_language


def _find_hour(name):
    """Hour of the local day at which a half day begins, from its English name."""
    match = HOUR_IN_NAME.search(name)
    if not match:
        return NOON
    hour, minutes, half = match.groups()
    return int(hour) % 12 + int(minutes or 0) / 60 + (12 if half == "pm" else 0)
