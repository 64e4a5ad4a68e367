# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Documents for customers: prepared by a job, then served as they were kept."""

from odoo.http import request, route

from .support_portal import SupportPortal

#: seconds after which the page that waits looks again
LOOK_AGAIN = 5


def serve(document, headers=None):
    """The file of a document, as it was kept. Its caller has checked who reads it."""
    stream = request.env["ir.binary"]._get_stream_from(document.attachment_id, "raw")
    response = stream.get_response(as_attachment=False)
    response.headers.update(headers or {})
    return response


def show_waiting(template, document, values, headers=None):
    """The page that waits for a document. It asks again by itself, until the document
    is there or has failed."""
    response = request.render(
        template,
        {**values, "name": document.name, "failed": bool(document.job_error)},
        headers=headers,
    )
    if not document.job_error:
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response


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
            return serve(document)
        contract = document.contract_id
        crumbs = [(contract.name, contract.access_url)] if contract else []
        return show_waiting(
            "support_contract.portal_document_waiting",
            document,
            self._prepare_support_values(
                "support_document",
                back=document._get_portal_back_url(),
                crumbs=[*crumbs, (document.name, None)],
            ),
        )
