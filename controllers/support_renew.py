# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The end of a term: renew, give notice, choose another type, come back."""

from functools import partial

from odoo.http import request, route

from ..models.support_contract_buy_term import NOTE_LENGTH
from .support_portal import SupportPortal
from .tools import parse_record_id, strip_nul

BASE = "/my/support-contracts/<int:contract_id>"


def page_route(path, method="GET"):
    return route(
        f"{BASE}/{path}", type="http", auth="user", website=True, methods=[method]
    )


class SupportRenewPortal(SupportPortal):
    def _act_on_term(self, contract_id, kw, act, show):
        """Do ``act(contract, partner)`` once; ``show(contract, error)`` shows its page
        again."""
        contract = self._get_priced_contract(contract_id)
        if not contract:
            return request.redirect("/my")
        return self._submit_once(
            kw,
            # may he? asked by the contract's own method
            partial(act, contract, request.env.user.partner_id),
            partial(show, contract),
        )

    def _show_on_contract(self, contract_id, show, **values):
        contract = self._get_priced_contract(contract_id)
        return show(contract, **values) if contract else request.redirect("/my")

    def _prepare_term_values(self, page_name, contract, text, **values):
        return self._prepare_support_values(
            page_name,
            crumbs=[(contract.name, contract.access_url), (text, None)],
            contract_name=contract.name,
            type_name=contract.type_id.name,
            back=contract.access_url,
            bar=contract._get_order_bar(request.env.user.partner_id),
            **values,
        )

    # ------------------------------------------------------------------
    # Renew, or not
    # ------------------------------------------------------------------

    @page_route("renew")
    def portal_renewal(self, contract_id, asked=None, **kw):
        return self._show_on_contract(
            contract_id, self._show_renewal, asked=asked == "1"
        )

    @page_route("renew", "POST")
    def portal_renew(self, contract_id, **kw):
        return self._act_on_term(
            contract_id,
            kw,
            partial(self._renew, kw),
            self._show_renewal,
        )

    def _renew(self, kw, contract, partner):
        self._check_shown(kw, contract._get_buy_renewal_page()["terms"])
        return contract._portal_renew(partner)

    @page_route("decline", "POST")
    def portal_decline(self, contract_id, **kw):
        reason_id = parse_record_id(kw.get("reason"))
        note = (strip_nul(kw.get("note")) or "").strip()
        return self._act_on_term(
            contract_id,
            kw,
            lambda contract, partner: contract._portal_decline(
                partner, reason_id, note
            ),
            partial(self._show_renewal, reason=reason_id, note=note),
        )

    def _show_renewal(self, contract, error=None, asked=False, reason=None, note=""):
        renewal = contract._get_buy_renewal_page()
        return request.render(
            "support_contract.portal_renewal",
            self._prepare_term_values(
                "support_renewal",
                contract,
                request.env._("Renewal"),
                renewal=renewal,
                shown_key=self._get_shown_key(renewal["terms"]),
                reasons=contract._get_buy_reasons(),
                renew_url=f"{contract.access_url}/renew",
                decline_url=f"{contract.access_url}/decline",
                change_url=f"{contract.access_url}/change-type",
                asked=asked,
                reason=reason,
                note=note[:NOTE_LENGTH],
                note_length=NOTE_LENGTH,
                error=error,
            ),
        )

    # ------------------------------------------------------------------
    # Another type
    # ------------------------------------------------------------------

    @page_route("change-type")
    def portal_types(self, contract_id, **kw):
        return self._show_on_contract(contract_id, self._show_types)

    @page_route("change-type", "POST")
    def portal_change_type(self, contract_id, **kw):
        type_id = parse_record_id(kw.get("type"))
        return self._act_on_term(
            contract_id,
            kw,
            lambda contract, partner: contract._portal_change_type(partner, type_id),
            self._show_types,
        )

    def _show_types(self, contract, error=None):
        first_day, last_day, rows = contract._get_buy_comparison()
        follower = contract._get_buy_follower()
        return request.render(
            "support_contract.portal_change_type",
            self._prepare_term_values(
                "support_change_type",
                contract,
                request.env._("Another Contract Type"),
                url=f"{contract.access_url}/change-type",
                compared=request.env._(
                    "What you asked for from %(first)s to %(last)s would have cost "
                    "this much with each contract, without taxes.",
                    first=first_day,
                    last=last_day,
                ),
                rows=rows,
                asked=follower
                and request.env._(
                    "You asked for “%s”: we prepare our offer.", follower.type_id.name
                ),
                asked_url=follower.access_url if follower.state == "offered" else None,
                change_bar=contract._get_change_bar(),
                error=error,
            ),
        )

    # ------------------------------------------------------------------
    # Back after a lapse
    # ------------------------------------------------------------------

    @page_route("reinstate")
    def portal_reinstatement(self, contract_id, asked=None, **kw):
        return self._show_on_contract(
            contract_id, self._show_reinstatement, asked=asked == "1"
        )

    @page_route("reinstate", "POST")
    def portal_reinstate(self, contract_id, **kw):
        return self._act_on_term(
            contract_id,
            kw,
            partial(self._reinstate, kw),
            self._show_reinstatement,
        )

    def _reinstate(self, kw, contract, partner):
        self._check_shown(kw, contract._get_buy_return_page()["prices"])
        return contract._portal_reinstate(partner)

    def _show_reinstatement(self, contract, error=None, asked=False):
        way = contract._get_buy_return_page()
        return request.render(
            "support_contract.portal_reinstatement",
            self._prepare_term_values(
                "support_reinstatement",
                contract,
                request.env._("Reinstatement"),
                url=f"{contract.access_url}/reinstate",
                way=way,
                shown_key=self._get_shown_key(way["prices"]),
                asked=asked,
                error=error,
            ),
        )
