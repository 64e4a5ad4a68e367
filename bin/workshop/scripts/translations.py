"""Compare what people see with the translations in i18n/.

The template must hold every term of the addon and no other; each translation must hold
every term of the template, translated. With a third argument the template is written
anew, terms that are gone are taken out of the translations, and new ones put in.
"""

import io
import sys
from pathlib import Path

import polib

from odoo.tools.translate import trans_export

SHOWN = 10


def main(env, addon, folder, fix=""):
    folder = Path(folder)
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    terms = polib.pofile(buffer.getvalue().decode(), wrapwidth=78)
    template = folder / f"{addon}.pot"
    if fix:
        template.write_bytes(buffer.getvalue())
        for path in sorted(folder.glob("*.po")):
            write_anew(path, terms)
    found = compare(template.name, {entry.msgid for entry in terms}, read(template))
    for path in sorted(folder.glob("*.po")):
        entries = read(path)
        found += compare(path.name, {entry.msgid for entry in terms}, entries)
        found += listing(
            path.name,
            "not translated",
            {entry.msgid for entry in entries if not entry.msgstr or entry.fuzzy},
        )
    for line in found:
        print(line)
    if found:
        sys.exit(1)


def read(path):
    return [entry for entry in polib.pofile(str(path)) if not entry.obsolete]


def compare(name, terms, entries):
    known = {entry.msgid for entry in entries}
    return [
        *listing(name, "missing", terms - known),
        *listing(name, "stale", known - terms),
    ]


def listing(name, problem, terms):
    if not terms:
        return []
    shown = sorted(terms)[:SHOWN]
    rest = len(terms) - len(shown)
    return [
        f"{name}: {len(terms)} {problem}",
        *(f"    {' '.join(term.split())[:100]}" for term in shown),
        *([f"    and {rest} more"] if rest else []),
    ]


def write_anew(path, terms):
    old = polib.pofile(str(path), wrapwidth=78)
    translated = {entry.msgid: entry.msgstr for entry in old if not entry.fuzzy}
    new = polib.POFile(wrapwidth=78)
    new.header = old.header
    new.metadata = old.metadata
    for entry in terms:
        new.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgstr=translated.get(entry.msgid, ""),
                occurrences=entry.occurrences,
                comment=entry.comment,
                flags=entry.flags,
            )
        )
    new.save(str(path))
