# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page on which a customer signs an intervention sheet through a one-time link."""

from odoo import http
from odoo.http import request, route

from ..tools import signature as signatures
from .tools import parse_record_id, speak

#: longer than any token that was ever made
TOKEN_LENGTH = 200

#: the address is the secret: nobody else gets it, nothing keeps it
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}

LINK = "/support/sign/<string:work>/<string:token>"


def get_signature_error(code):
    """Why something is no signature, in words for who signs.

    :param str code: of a :class:`signature.SignatureError`
    """
    if code == "name":
        return request.env._(
            "Please enter your name, with %(least)s to %(most)s characters.",
            least=signatures.NAME_LENGTHS[0],
            most=signatures.NAME_LENGTHS[1],
        )
    if code == "size":
        return request.env._("The drawing is too large: please sign again.")
    return request.env._("Please sign in the box.")


def get_changed_error():
    """What who signs is told when the sheet is no longer the one he has read."""
    return request.env._(
        "The sheet has been changed since you opened it: please read it again."
    )


class SupportSignController(http.Controller):
    @route(LINK, type="http", auth="public", website=True, sitemap=False)
    def support_sign(self, work, token, **kw):
        """The sheet and the pad. POST signs, once; the link is dead afterwards.

        The page belongs to whoever holds the link and is shown without the account of
        the session: an internal user first hands the device over.
        """
        found = self._find(work, token)
        if request.env.user._is_internal():
            return self._show_hand_over(found, work, token)
        found = self._become_public(found)
        if request.httprequest.method != "POST":
            return self._show_sheet(found)
        return self._take_signature(found, token, kw)

    @route(
        f"{LINK}/hand-over",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
    )
    def support_sign_hand_over(self, work, token, **kw):
        """Log this device out, so that the customer who gets it is in nobody's
        session, and go on to the page."""
        self._find(work, token)
        request.session.logout(keep_db=True)
        return self._redirect(f"/support/sign/{work}/{token}")

    @route(
        "/support/signed",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
    )
    def support_signed(self, **kw):
        """Thanks; tells nothing about anything."""
        return request.render(
            "support_contract.sign_thanks", self._get_layout(), headers=HEADERS
        )

    # ------------------------------------------------------------------
    # Who, and what
    # ------------------------------------------------------------------

    def _find(self, work, token):
        """The work that the link may sign.

        :raise NotFound: for whatever is wrong with the link
        """
        found = request.env["support.intervention"]._find_by_sign_link(
            parse_record_id(work) or 0, token[:TOKEN_LENGTH]
        )
        if not found:
            raise request.not_found()
        return found

    def _become_public(self, work):
        """Go on as nobody, in the customer's language."""
        public = request.env.ref("base.public_user")
        request.update_env(user=public.id)
        speak(work._get_sheet_lang())
        # the link was checked, as for any other holder
        return work.with_env(request.env).sudo()

    def _redirect(self, url):
        response = request.redirect(url, code=303)
        response.headers.update(HEADERS)
        return response

    # ------------------------------------------------------------------
    # Pages
    # ------------------------------------------------------------------

    def _get_layout(self):
        return {"no_header": True, "no_footer": True}

    def _show_sheet(self, work, error=None, signer="", remark="", status=200):
        _lang, values = work._get_sheet()
        company = work.company_id
        return request.render(
            "support_contract.sign_page",
            {
                **self._get_layout(),
                "values": values,
                # a name, a number: nothing of the record itself reaches the page
                "company_name": company.name,
                "company_logo": f"/web/binary/company_logo?company={company.id}",
                "digest": work._get_sheet_digest(),
                "error": error,
                "signer": signer,
                "remark": remark,
                "name_lengths": signatures.NAME_LENGTHS,
                "remark_length": signatures.REMARK_LENGTH,
            },
            headers=HEADERS,
            status=status,
        )

    def _show_hand_over(self, work, number, token):
        posted = request.httprequest.method == "POST"
        return request.render(
            "support_contract.sign_hand_over",
            {
                **self._get_layout(),
                "user_name": request.env.user.name,
                "work_name": work.name,
                "action": f"/support/sign/{number}/{token}/hand-over",
            },
            headers=HEADERS,
            status=403 if posted else 200,
        )

    def _take_signature(self, work, token, kw):
        signer, remark = kw.get("signer") or "", kw.get("remark") or ""
        again = {"signer": signer[:100], "remark": remark[: signatures.REMARK_LENGTH]}
        if kw.get("digest") != work._get_sheet_digest():
            return self._show_sheet(work, get_changed_error(), status=409, **again)
        try:
            signed = work._sign_by_link(
                token[:TOKEN_LENGTH],
                signer,
                kw.get("signature"),
                remark=remark,
                ip=request.httprequest.remote_addr or "",
                user_agent=request.httprequest.user_agent.string,
            )
        except signatures.SignatureError as refusal:
            error = get_signature_error(refusal.code)
            return self._show_sheet(work, error, status=422, **again)
        if not signed:
            raise request.not_found()
        return self._redirect("/support/signed")
