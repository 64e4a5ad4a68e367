# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer's pages in a real browser: each flow runs on a desktop in English, and
on a telephone in another language."""

import re
from functools import cache
from pathlib import Path

import polib
from lxml import html

from odoo.addons.support_contract import __path__ as addon_path

MARKUP = re.compile(r"<[^>]*>|%(?:\(\w+\))?s")
SHOWN = (
    "//body//text()[not(ancestor::script or ancestor::style)]"
    "|//body//@aria-label|//body//@title|//body//@placeholder|//body//@alt"
)


@cache
def read_translations(lang):
    """``{English: translation}`` of the addon for a language like ``it_IT``."""
    path = Path(addon_path[0]) / "i18n" / f"{lang.partition('_')[0]}.po"
    return {join(entry.msgid): join(entry.msgstr) for entry in polib.pofile(str(path))}


def join(text):
    return " ".join(text.split())


@cache
def get_english_pieces(lang):
    """What no page in ``lang`` may show: whole texts, and pieces of three words and
    more of texts that have values or markup in them."""
    texts, pieces = set(), set()
    for source, translation in read_translations(lang).items():
        if source == translation:
            continue
        if not MARKUP.search(source):
            texts.add(source)
            continue
        for piece in MARKUP.split(source):
            piece = piece.strip(" .,:;")
            if len(piece.split()) > 2 and piece not in translation:
                pieces.add(piece)
    return texts, pieces


class PortalTour:
    """For a class of tests with ``portal_user``: put before the other classes."""

    lang = "en_US"
    #: names that tests give to their records, and a card of Odoo's own: English words
    #: of the addon as well
    own_names = (
        *("Phone", "Remote", "On site", "On call", "Question", "Support", "Packages"),
        "Timesheets",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang(cls.lang)
        # Odoo's own pages make room for a name, but not for every name
        cls.portal_user.write({"lang": cls.lang, "name": "Anna"})
        cls.manager.name = "Marta"
        cls.technician.name = "Tiziano Tecnico"

    def _translate(self, text):
        return text if self.lang == "en_US" else read_translations(self.lang)[text]

    def _assert_words(self, url, *words):
        """The page says ``words`` in the reader's language, and nothing in English
        that there is a translation of."""
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200, url)
        page = html.fromstring(response.content)
        if self.lang != "en_US":
            chosen = page.xpath(
                "//a[contains(@class, 'js_change_lang')][contains(@class, 'active')]"
            )
            # pages without a footer offer no choice
            found = {link.get("data-url_code") for link in chosen}
            self.assertLessEqual(found, {self.lang[:2]}, url)
        shown = [join(text) for text in page.xpath(SHOWN)]
        text = join(page.xpath("//body")[0].text_content())
        for word in words:
            self.assertIn(self._translate(word), text, url)
        if self.lang == "en_US":
            return
        texts, pieces = get_english_pieces(self.lang)
        left = [
            text
            for text in shown
            if (text in texts and text not in self.own_names)
            or any(piece in text for piece in pieces)
        ]
        self.assertEqual(left, [], f"{url} in English")


class OnTelephone:
    """The same flow, as most customers do it."""

    browser_size = "375x667"
    touch_enabled = True
    lang = "it_IT"
