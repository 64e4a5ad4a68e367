# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The steps in which a customer signs an offer: logged in to the portal, or through
the link that was sent to the signatory."""

from typing import NamedTuple

from odoo.exceptions import UserError
from odoo.http import request, route

from ..models.support_contract_signing import REASON_LENGTH
from ..tools import signature as signatures
from .support_document import serve, show_waiting
from .support_portal import SupportPortal
from .support_sign import HEADERS, TOKEN_LENGTH
from .tools import parse_record_id, speak, strip_nul

STEPS = ("activations", "type", "contract", "conditions")
ACTIONS = (*STEPS, "refuse", "paper", "document")

LINK = "/support/contracts/<string:number>/sign/<string:token>"


class Way(NamedTuple):
    """How somebody came to the page."""

    #: of the page
    url: str
    #: who is logged in, None through a link
    partner: object
    #: whether he is the one who signs
    may_act: bool

    @property
    def by_link(self):
        return self.partner is None


class SupportContractSignPortal(SupportPortal):
    @route(
        "/my/support-contracts/<int:contract_id>/sign",
        type="http",
        auth="user",
        website=True,
        methods=["GET", "POST"],
    )
    def portal_sign_contract(self, contract_id, **kw):
        """The steps, in the portal. Who does not sign may read."""
        contract = self._get_priced_contract(contract_id)
        if not contract:
            return request.redirect("/my")
        user = request.env.user
        may_act = user._is_portal() and contract._may_sign(user.partner_id)
        way = Way(f"{contract.access_url}/sign", user.partner_id, may_act)
        return self._answer_sign(contract, way, kw)

    @route(
        LINK,
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET", "POST"],
    )
    def link_sign_contract(self, number, token, **kw):
        """The steps, for whoever holds the link; without the account of the session.

        Colleagues of the vendor do not sign, whatever link they hold.
        """
        contract = request.env["support.contract"]._find_by_sign_link(
            parse_record_id(number) or 0, token[:TOKEN_LENGTH]
        )
        if not contract:
            raise request.not_found()
        if request.env.user._is_internal():
            return request.render(
                "support_contract.link_sign_internal",
                {
                    **self._get_link_layout(),
                    "name": contract.name,
                    "user_name": request.env.user.name,
                },
                headers=HEADERS,
                status=403,
            )
        public = request.env.ref("base.public_user")
        request.update_env(user=public.id)
        signatory = contract.signatory_id or contract.partner_id
        speak(signatory.lang or contract.env.lang)
        # the link was checked, as for any other holder
        contract = contract.with_env(request.env).sudo()
        way = Way(f"/support/contracts/{contract.id}/sign/{token}", None, True)
        if request.httprequest.method == "GET" and kw.get("document"):
            return self._show_link_document(contract, way, kw["document"])
        response = self._answer_sign(contract, way, kw)
        response.headers.update(HEADERS)
        return response

    @route(
        "/support/contract-signed",
        type="http",
        auth="public",
        website=True,
        sitemap=False,
        methods=["GET"],
    )
    def link_sign_thanks(self, **kw):
        """Thanks; tells nothing about anything."""
        return request.render(
            "support_contract.link_sign_thanks",
            self._get_link_layout(),
            headers=HEADERS,
        )

    # ------------------------------------------------------------------
    # Answers
    # ------------------------------------------------------------------

    def _show_link_document(self, contract, way, document_id):
        """The contract to print, for whoever holds the link; the page to sign for
        whatever else is asked for."""
        document = contract._find_document(parse_record_id(document_id) or 0)
        if not document:
            response = request.redirect(way.url)
            response.headers.update(HEADERS)
            return response
        if document.state == "ready":
            return serve(document, HEADERS)
        return show_waiting(
            "support_contract.link_document_waiting",
            document,
            {**self._get_link_layout(), "back": way.url},
            HEADERS,
        )

    def _get_link_layout(self):
        return {"no_header": True, "no_footer": True}

    def _answer_sign(self, contract, way, kw):
        kw = {
            name: strip_nul(value) if isinstance(value, str) else value
            for name, value in kw.items()
        }
        if request.httprequest.method != "POST":
            return self._show_sign(contract, way, kw, step=kw.get("step"))
        action = kw.get("action")
        if action not in ACTIONS:
            return request.redirect(way.url)
        shown = {
            "step": action if action in STEPS else None,
            "open_form": action if action not in STEPS else None,
        }

        def act():
            if not way.may_act:
                raise UserError(
                    request.env._("Only the signatory of the contract signs it.")
                )
            try:
                return getattr(self, f"_sign_{action}")(contract, way, kw)
            except signatures.SignatureError as refusal:
                raise UserError(self._get_refusal_text(refusal.code)) from refusal

        def show_error(message):
            return self._show_sign(contract, way, kw, error=message, **shown)

        response = self._submit_once(kw, act, show_error)
        if way.by_link and response.location:
            # the secret is in no table: what was stored is the page without it
            page, _, query = response.location.partition("?")
            if page.endswith("/sign"):
                response.location = f"{way.url}?{query}"
        return response

    def _get_page_url(self, contract, way, **query):
        """Where to go on, as it is stored with the form: without the link's secret."""
        base = way.url if not way.by_link else f"/support/contracts/{contract.id}/sign"
        return f"{base}?" + "&".join(f"{key}={value}" for key, value in query.items())

    def _show_sign(self, contract, way, kw, step=None, error=None, open_form=None):
        page = contract._get_sign_page(step, way.may_act)
        if not page:
            return request.redirect(contract.access_url)
        if error:
            # what was entered stays
            for name in ("signer", "role"):
                page[name] = str(kw.get(name) or page[name])[:100]
        notices = {
            "paper": request.env._("Thank you. We look at the scan and tell you."),
            "refused": request.env._("Thank you for telling us. We come back to you."),
        }
        values = {
            "page": page,
            "url": way.url,
            "by_link": way.by_link,
            "error": error,
            "notice": notices.get(kw.get("done")) if not error else None,
            "open_form": open_form,
            "reason": str(kw.get("reason") or "")[:REASON_LENGTH],
        }
        if way.by_link:
            values = {
                "submission_key": self._prepare_support_key(),
                **self._get_link_layout(),
                **values,
            }
            return request.render("support_contract.link_sign_contract", values)
        crumbs = [
            (contract.name, contract.access_url),
            (request.env._("Sign"), None),
        ]
        return request.render(
            "support_contract.portal_sign_contract",
            self._prepare_support_values("support_sign", crumbs=crumbs, **values),
        )

    def _prepare_support_key(self):
        return self._prepare_support_values("support_sign")["submission_key"]

    def _get_refusal_text(self, code):
        return {
            "name": request.env._(
                "Please enter your name, with %(least)s to %(most)s characters.",
                least=signatures.NAME_LENGTHS[0],
                most=signatures.NAME_LENGTHS[1],
            ),
            "role": request.env._("Please enter your role in the company."),
            "size": request.env._("The drawing is too large: please sign again."),
            "stamp": request.env._("Stamp: please choose a picture, PNG or JPEG."),
            "stamp_size": request.env._(
                "Stamp: this picture is too large. Up to 2 MB are possible."
            ),
            "scan": request.env._("Scan: please choose a PDF, PNG or JPEG file."),
            "scan_size": request.env._(
                "Scan: this file is too large. Up to 10 MB are possible."
            ),
        }.get(code) or request.env._("Please sign in the box.")

    # ------------------------------------------------------------------
    # What the forms ask for
    # ------------------------------------------------------------------

    def _get_signer_name(self, contract, way):
        """Who acts, in the notes for the vendor."""
        return way.partner.name if way.partner else contract._get_link_holder()

    def _read_upload(self, kw, name, limit):
        """The bytes of a file that was sent, one more than ``limit`` at most; None
        without a file."""
        upload = kw.get(name)
        if not upload or not hasattr(upload, "read"):
            return None
        return upload.read(limit + 1) or None

    def _sign_activations(self, contract, way, kw):
        numbers = {
            number: parse_record_id(kw.get(f"count_{number}"))
            for number in contract.installation_ids.ids or [0]
        }
        contract._sign_activations(numbers, self._get_signer_name(contract, way))
        return self._get_next_url(contract, way, "activations")

    def _sign_type(self, contract, way, kw):
        chosen = parse_record_id(kw.get("type"))
        contract_type = contract._get_sign_choices().filtered(
            lambda item: item.id == chosen
        )
        if not contract_type:
            raise UserError(request.env._("Choose one of the types that are offered."))
        contract._sign_choose_type(contract_type, self._get_signer_name(contract, way))
        return self._get_next_url(contract, way, "type")

    def _sign_contract(self, contract, way, kw):
        return self._sign_text(contract, way, kw, "contract")

    def _sign_conditions(self, contract, way, kw):
        return self._sign_text(contract, way, kw, "conditions")

    def _sign_text(self, contract, way, kw, part):
        signed = contract._sign_part(
            part,
            kw.get("digest") or "",
            kw.get("signer") or "",
            kw.get("role") or "",
            kw.get("signature"),
            stamp=self._read_upload(kw, "stamp", signatures.STAMP_BYTES),
            partner=way.partner,
            ip=request.httprequest.remote_addr or "",
            user_agent=request.httprequest.user_agent.string,
        )
        if not signed:
            return self._get_next_url(contract, way, part)
        if way.by_link:
            return "/support/contract-signed"
        return self._get_page_url(contract, way, step="done")

    def _get_next_url(self, contract, way, step):
        keys = [key for key, _done in contract._get_sign_steps({})]
        following = keys[keys.index(step) + 1 :] if step in keys else keys
        return self._get_page_url(contract, way, step=following[0] if following else "")

    def _sign_refuse(self, contract, way, kw):
        contract._sign_refuse(
            kw.get("reason") or "",
            self._get_signer_name(contract, way),
            way.partner,
        )
        return self._get_page_url(contract, way, done="refused")

    def _sign_paper(self, contract, way, kw):
        data = self._read_upload(kw, "scan", signatures.SCAN_BYTES)
        contract._upload_paper(data or b"", kw.get("signer") or "", way.partner)
        return self._get_page_url(contract, way, done="paper")

    def _sign_document(self, contract, way, kw):
        document = contract._ask_document(way.partner)
        if way.by_link:
            # there is no login that might open the documents of the portal
            return self._get_page_url(contract, way, document=document.id)
        return document._get_portal_url()
