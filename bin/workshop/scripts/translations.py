"""Compare what people see with the translations in i18n/.

The template must hold every term of the addon and no other; each translation must hold
every term of the template, translated. What the OCA helpdesk shows beside it and has
not translated itself stands in i18n_extra/, and nothing else. With a third argument the
template is written anew, terms that are gone are taken out of the translations, and new
ones put in.
"""

import io
import sys
from pathlib import Path

import polib

from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export

SHOWN = 10
HELPDESK = "helpdesk_mgmt"
# What is neither on a page nor in a mail; and code, which only its own addon translates
UNSEEN = ("code:", "model:ir.model.fields,help:", "model:ir.model,name:")


def main(env, addon, folder, fix=""):
    folder = Path(folder)
    exported = export(env, addon)
    terms = polib.pofile(exported, wrapwidth=78)
    template = folder / f"{addon}.pot"
    if fix:
        template.write_text(exported, encoding="utf-8")
        for path in sorted(folder.glob("*.po")):
            write_anew(path, terms)
    found = compare(template.name, {entry.msgid for entry in terms}, read(template))
    shown = get_shown(polib.pofile(export(env, HELPDESK)))
    for path in sorted(folder.glob("*.po")):
        found += check(path, terms)
        lacking = get_lacking(shown, path.name)
        extra = folder.parent / "i18n_extra" / path.name
        if not lacking and not extra.exists():
            continue
        if fix:
            write_anew(extra, lacking)
        found += check(extra, lacking)
    for line in found:
        print(line)
    if found:
        sys.exit(1)


def export(env, addon):
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    return buffer.getvalue().decode()


def get_shown(terms):
    """Those of ``terms`` that people see, each with the places where they do."""
    shown = []
    for entry in terms:
        entry.occurrences = [
            place for place in entry.occurrences if not place[0].startswith(UNSEEN)
        ]
        if entry.occurrences:
            shown.append(entry)
    return shown


def get_lacking(shown, name):
    """Those of ``shown`` that the OCA helpdesk has not translated."""
    own = read(file_path(f"{HELPDESK}/i18n/{name}"))
    known = {entry.msgid for entry in own if entry.msgstr and not entry.fuzzy}
    return [entry for entry in shown if entry.msgid not in known]


def check(path, terms):
    entries = read(path) if path.exists() else []
    name = f"{path.parent.name}/{path.name}"
    return [
        *compare(name, {entry.msgid for entry in terms}, entries),
        *listing(
            name,
            "not translated",
            {entry.msgid for entry in entries if not entry.msgstr or entry.fuzzy},
        ),
    ]


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
    path.parent.mkdir(exist_ok=True)
    path.touch()
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
