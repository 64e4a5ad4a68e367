"""Public holidays as the library gives them."""

import unittest
from datetime import date
from unittest.mock import patch

from odoo.addons.support_contract.tools import public_holidays


class TestListHolidays(unittest.TestCase):
    def _days(self, *args):
        return {
            holiday.day: holiday for holiday in public_holidays.list_holidays(*args)
        }

    def test_vendors_countries(self):
        """Italy, Hungary, Romania, Poland: days that everybody there knows"""
        for country, month, day in (
            ("IT", 6, 2),
            ("IT", 8, 15),
            ("HU", 8, 20),
            ("RO", 12, 1),
            ("PL", 11, 11),
        ):
            found = self._days(country, None, [2026, 2027])
            for year in (2026, 2027):
                with self.subTest(country=country, year=year):
                    self.assertEqual(found[date(year, month, day)].hour_from, 0)
        easter = self._days("IT", None, [2026])[date(2026, 4, 6)]
        self.assertEqual(easter.name, "Lunedì dell'Angelo")

    def test_years_in_order_and_no_others(self):
        found = public_holidays.list_holidays("IT", None, [2027, 2026])
        days = [holiday.day for holiday in found]
        self.assertEqual(days, sorted(set(days)))
        self.assertEqual({day.year for day in days}, {2026, 2027})

    def test_region(self):
        """Saint Ambrose in Milan only"""
        day = date(2026, 12, 7)
        self.assertNotIn(day, self._days("IT", None, [2026]))
        self.assertIn(day, self._days("IT", "MI", [2026]))
        self.assertEqual(public_holidays.find_region("IT", "MI", "x"), "MI")
        self.assertEqual(public_holidays.find_region("IT", "x", "Milano"), "MI")
        self.assertIsNone(public_holidays.find_region("ES", "B", "Barcelona"))
        self.assertTrue(public_holidays.has_regions("IT"))
        self.assertFalse(public_holidays.has_regions("HU"))

    def test_country_of_a_zone(self):
        for zone, country in (
            ("Europe/Rome", "IT"),
            ("Europe/Budapest", "HU"),
            ("Europe/Warsaw", "PL"),
            ("Australia/Lord_Howe", "AU"),
            ("UTC", None),
            (False, None),
        ):
            with self.subTest(zone=zone):
                self.assertEqual(public_holidays.find_country(zone), country)

    def test_half_days(self):
        """with the hour that the name says, else from noon; a day has one entry"""
        iceland = self._days("IS", None, [2026], "is_IS")
        self.assertEqual(iceland[date(2026, 12, 24)].hour_from, 13)
        self.assertEqual(iceland[date(2026, 12, 25)].hour_from, 0)
        greece = self._days("GR", None, [2026])
        self.assertEqual(greece[date(2026, 12, 31)].hour_from, 12)
        self.assertEqual(
            self._days("AU", "SA", [2026])[date(2026, 12, 24)].hour_from, 19
        )
        for name, hour in (
            ("Eve (from 12pm)", 12),
            ("Eve (from 6:30 pm)", 18.5),
            ("Eve (from 11am)", 11),
            ("Eve", 12),
        ):
            self.assertEqual(public_holidays._find_hour(name), hour, name)

    def test_names(self):
        """in the language asked for, whatever region of it, else the country's own,
        whatever the machine speaks"""
        day = date(2026, 12, 25)
        for machine in ("de_DE.UTF-8", "C"):
            with patch.dict("os.environ", {"LANGUAGE": machine, "LANG": machine}):
                for language, name in (
                    ("it_IT", "Natale"),
                    ("it_CH", "Natale"),
                    ("en_US", "Christmas Day"),
                    ("en_GB", "Christmas Day"),
                    ("de_DE", "Natale"),
                    (None, "Natale"),
                ):
                    with self.subTest(machine=machine, language=language):
                        found = self._days("IT", None, [2026], language)
                        self.assertEqual(found[day].name, name)

    def test_every_country(self):
        """the library answers for all that it lists"""
        for country in public_holidays.country_codes():
            with self.subTest(country=country):
                public_holidays.list_holidays(country, None, [2026], "en_US")
