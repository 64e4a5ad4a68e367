# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the portal's routes do with text that comes from outside, and in which language
they answer."""

from odoo.http import request

MAX_RECORD_ID = 2**31 - 1


def parse_record_id(value):
    """Return the number of a possible record, or None for anything else.

    Everything else would end as an error 500: int() refuses most of it and PostgreSQL
    the numbers that do not fit its integers.
    """
    text = str(value or "")
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        return None
    number = int(text)
    return number if 0 < number <= MAX_RECORD_ID else None


def strip_nul(text):
    """Return the text without NUL bytes, which PostgreSQL cannot store or compare; a
    file that was posted in its place is no text."""
    if text and not isinstance(text, str):
        return ""
    return text.replace("\0", "") if text else text


def speak(lang):
    """Go on in this language: on this page, and on those after it, which do not know
    whose link it was."""
    request.update_context(lang=lang)
    code = request.env["ir.http"].get_nearest_lang(lang)
    if code:
        request.future_response.set_cookie("frontend_lang", code)
