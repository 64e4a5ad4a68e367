# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files that customers add to the conversation on a ticket.

Core takes as many files of any kind and size as anybody sends who may post. On
tickets, people outside the company have the limits of the ticket's form.
"""

from datetime import timedelta

from odoo.http import request, route

from odoo.addons.mail.controllers.attachment import AttachmentController

from .tools import strip_nul
from .uploads import FILE_NAME_MAX_LENGTH, check_uploads, get_upload_limits

#: files that are sent, but not yet part of a message, are counted for so long
PENDING_HOURS = 24


class SupportAttachmentController(AttachmentController):
    @route()
    def mail_attachment_upload(
        self, ufile, thread_id, thread_model, is_pending=False, **kwargs
    ):
        if thread_model == "helpdesk.ticket" and not request.env.user._is_internal():
            ufile.filename = strip_nul(ufile.filename or "")[-FILE_NAME_MAX_LENGTH:]
            error = check_uploads([ufile]) or self._check_pending_files()
            if error:
                return request.make_json_response({"error": error})
        return super().mail_attachment_upload(
            ufile, thread_id, thread_model, is_pending=is_pending, **kwargs
        )

    def _check_pending_files(self):
        """Say in words that a message may carry no more files, or return False."""
        user = request.env.user
        if user._is_public():
            return False  # many people share this user
        count = get_upload_limits()["count"]
        # only counted: files that this very user has sent
        pending = (
            request.env["ir.attachment"]
            .sudo()
            .search_count(
                [
                    ("res_model", "=", "mail.compose.message"),
                    ("res_id", "=", 0),
                    ("create_uid", "=", user.id),
                    (
                        "create_date",
                        ">",
                        request.env.cr.now() - timedelta(hours=PENDING_HOURS),
                    ),
                ],
                limit=count,
            )
        )
        if pending < count:
            return False
        return request.env._(
            "Please attach at most %(count)s files to a message.", count=count
        )
