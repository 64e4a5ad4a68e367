# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""HTML for print that fetches nothing: what prints it would ask the addresses in it,
from inside the server's network (``trust.md``, rule 11)."""

from lxml import html
from markupsafe import Markup

#: elements that load or run something, and have no place in a contract
LOADING = (
    *("script", "style", "link", "meta", "base", "iframe", "frame", "object"),
    *("embed", "audio", "video", "source", "svg", "form", "input", "button"),
)
#: attributes that name what is to be loaded
ADDRESSES = ("src", "srcset", "background", "poster", "data", "lowsrc")


def without_fetches(text):
    """``text`` without whatever would be fetched; pictures stay that are part of it
    (``data:``).

    :param text: HTML, or nothing
    :return: :class:`Markup`
    """
    if not text or not str(text).strip():
        return Markup()
    root = html.fragment_fromstring(str(text), create_parent="div")
    for element in list(root.iter()):
        if element is root:
            continue
        if not isinstance(element.tag, str) or element.tag in LOADING:
            element.drop_tree()
            continue
        _strip_attributes(element)
    inner = [html.tostring(child, encoding="unicode") for child in root]
    return Markup(str(Markup.escape(root.text or "")) + "".join(inner))


def _strip_attributes(element):
    for name, value in list(element.attrib.items()):
        value = value.strip().lower()
        loads = name in ADDRESSES and not value.startswith("data:image/")
        styled = name == "style" and ("url" in value or "\\" in value or "@" in value)
        if loads or styled or name.startswith("on"):
            del element.attrib[name]
