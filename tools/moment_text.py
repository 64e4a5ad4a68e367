# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Moments as people read them."""

from odoo import fields
from odoo.tools import format_date, format_time


def format_moment(env, moment, tz=None):
    """A moment to the minute: "11/23/2026 10:10 AM".

    Its day is written like every other day of the language. Odoo's ``format_datetime``
    has either seconds, which nobody promises, or years without their century.

    :param env: whose language it is
    :param datetime moment: in UTC; nothing is the empty text
    :param str tz: name of a time zone; without one, the reader's
    """
    if not moment:
        return ""
    reader = env.user.with_context(tz=tz) if tz else env.user
    local = fields.Datetime.context_timestamp(reader, moment)
    time = format_time(env, local.time(), time_format="short")
    return f"{format_date(env, local.date())} {time}"
