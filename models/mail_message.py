# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re

from odoo import api, models
from odoo.tools import html2plaintext

from ..tools import moment_text

#: characters of a message by which it is known in a list
EXCERPT_LENGTH = 60


class MailMessage(models.Model):
    _inherit = "mail.message"

    @api.depends_context("support_excerpt", "lang", "tz")
    def _compute_display_name(self):
        """In the form that splits a ticket, messages are told apart by when they came,
        from whom, and how they begin. The context key only changes words."""
        super()._compute_display_name()
        if not self.env.context.get("support_excerpt"):
            return
        for message in self:
            text = " ".join(html2plaintext(message.body or "").split())
            if len(text) > EXCERPT_LENGTH:
                text = f"{text[:EXCERPT_LENGTH]}…"
            moment = moment_text.format_moment(self.env, message.date)
            # who wrote it stands beside the message for everybody who reads it
            author = message.sudo().author_id.name or message.email_from or ""
            message.display_name = f"{moment} · {author} · {text}"

    def _support_get_files(self):
        """Files sent with the message, without pictures inside its text, such as the
        logo of a mail's signature."""
        self.ensure_one()
        shown = {
            int(attachment_id)
            for attachment_id in re.findall(
                r"/web/(?:image|content)/(\d+)", self.body or ""
            )
        }
        return self.attachment_ids.filtered(
            lambda attachment: attachment.id not in shown
        )
