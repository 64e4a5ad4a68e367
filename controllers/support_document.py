# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Documents for customers: prepared by a job, then served as they were kept."""

from odoo.http import request, route

from .support_portal import SupportPortal

#: seconds after which the page that waits looks again
LOOK_AGAIN = 5


class SupportDocumentPortal(SupportPortal):
    @route(
        "/my/support/documents/<int:document_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_support_document(self, document_id, **kw):
        """The file, or a page that says that it is being prepared."""
        document = self._get_support_record("support.document", document_id)
        if not document:
            return request.redirect("/my")
        if document.state == "ready":
            stream = request.env["ir.binary"]._get_stream_from(
                document.attachment_id, "raw"
            )
            return stream.get_response(as_attachment=False)
        response = request.render(
            "support_contract.portal_document_waiting",
            self._prepare_support_values(
                "support_document",
                name=document.name,
                back=document._get_portal_back_url(),
                failed=bool(document.job_error),
            ),
        )
        if not document.job_error:
            response.headers["Refresh"] = str(LOOK_AGAIN)
        return response
