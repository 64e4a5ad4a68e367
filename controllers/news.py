# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What has just been done is said once, on the page that follows.

The session keeps which text it is. A link, a bookmark or the page loaded again say
nothing.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

from odoo.http import request

SESSION_KEY = "support_said"


def tell_next(url):
    """Keep for the next page what ``url`` says was done (``said=...``).

    :return: the URL without it
    """
    parts = urlsplit(url)
    arguments = dict(parse_qsl(parts.query))
    said = arguments.pop("said", None)
    if not said:
        return url
    request.session[SESSION_KEY] = [parts.path, said]
    return parts._replace(query=urlencode(arguments)).geturl()


def get_told():
    """What was done just before this page was opened; None if nothing was, or if it
    was said already."""
    path, said = request.session.get(SESSION_KEY) or (None, None)
    if not said or path != request.httprequest.path:
        return None
    del request.session[SESSION_KEY]
    return said
