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
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
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
    _keep_headings(root)
    inner = [html.tostring(child, encoding="unicode") for child in root]
    return Markup(str(Markup.escape(root.text or "")) + "".join(inner))


def _keep_headings(root):
    """No heading alone at the foot of a page: it is kept with what follows it. Many
    printing programs know how to keep one element together, and nothing else."""
    for heading in root.xpath(" | ".join(f"./{name}" for name in HEADINGS)):
        following = heading.getnext()
        if (
            following is None
            or following.tag in HEADINGS
            or (heading.tail or "").strip()
        ):
            continue
        kept = html.Element("div", style="page-break-inside: avoid")
        heading.addprevious(kept)
        heading.tail, kept.tail, following.tail = None, following.tail, None
        kept.extend([heading, following])


def _strip_attributes(element):
    for name, value in list(element.attrib.items()):
        value = value.strip().lower()
        loads = name in ADDRESSES and not value.startswith("data:image/")
        styled = name == "style" and ("url" in value or "\\" in value or "@" in value)
        if loads or styled or name.startswith("on"):
            del element.attrib[name]
