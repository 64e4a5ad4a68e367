# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Moments as the reader's language writes them."""

from datetime import datetime

from odoo.tests import TransactionCase, tagged

from ..tools import moment_text

#: in winter, when it is an hour later in Rome
MOMENT = datetime(2026, 11, 23, 22, 59, 58)


@tagged("post_install", "-at_install")
class TestMomentText(TransactionCase):
    def _format(self, lang, tz="Europe/Rome"):
        self.env["res.lang"]._activate_lang(lang)
        env = self.env(context={**self.env.context, "lang": lang})
        text = moment_text.format_moment(env, MOMENT, tz)
        # a narrow space keeps English hours and their half of the day together
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ")

    def test_minutes_and_whole_years(self):
        self.assertEqual(self._format("en_US"), "11/23/2026 11:59 PM")
        self.assertEqual(self._format("it_IT"), "23/11/2026 23:59")
        self.assertEqual(self._format("pl_PL"), "23.11.2026 23:59")
        self.assertEqual(self._format("hu_HU"), "2026.11.23 23:59")

    def test_day_of_the_zone(self):
        self.assertEqual(self._format("it_IT", "Europe/Athens"), "24/11/2026 00:59")

    def test_zone_of_the_reader(self):
        self.env.user.tz = "Europe/Athens"
        self.assertEqual(self._format("it_IT", None), "24/11/2026 00:59")

    def test_nothing(self):
        self.assertEqual(moment_text.format_moment(self.env, False), "")
