# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The contract types on offer: side by side, one by one, and asked for."""

from odoo import SUPERUSER_ID
from odoo.http import request, route

from .support_portal import SupportPortal
from .tools import parse_record_id


class SupportOffersPortal(SupportPortal):
    def _get_offered_types(self):
        """What the user's company offers, with all rights: portal users read no
        types, and see of these what the methods for the portal give. Technicians see
        no prices, and so none of them."""
        company = request.env.company
        types = request.env["support.contract.type"].with_user(SUPERUSER_ID)
        if request.env["support.contract"]._hides_prices(request.env.user):
            return types
        return types.with_company(company)._get_portal_types(company)

    def _get_chosen_types(self, types, chosen):
        """Those of ``types`` that the page names, all of them if it names none.

        :param chosen: what was sent, with any number of ``types``
        """
        wanted = {parse_record_id(value) for value in chosen.getlist("types")}
        return types.filtered(lambda item: item.id in wanted) or types

    def _get_offered_type(self, type_id):
        """One of the types on offer; empty for any other number."""
        return self._get_offered_types().filtered(lambda item: item.id == type_id)

    def _may_request(self):
        user = request.env.user
        return user._is_portal() and request.env.company._support_may_buy(
            user.partner_id
        )

    @route(
        "/my/support/offers", type="http", auth="user", website=True, methods=["GET"]
    )
    def portal_offers(self, **kw):
        """The types side by side; ``types`` narrows them to some."""
        types = self._get_offered_types()
        shown = self._get_chosen_types(types, request.httprequest.args)
        partner = request.env.user.partner_id
        offers = shown._get_portal_offers(
            request.env.company, partner.with_user(SUPERUSER_ID)
        )
        return request.render(
            "support_contract.portal_offers",
            self._prepare_support_values(
                "support_offers",
                crumbs=[(request.env._("Offers"), None)],
                choices=[(item.id, item.name, item in shown) for item in types],
                # the vendor's own people look, and ask for nothing
                may_print=request.env.user._is_portal(),
                offers=offers,
                titles=types._get_offer_titles(offers),
            ),
        )

    @route(
        "/my/support/offers/<int:type_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_offer(self, type_id, **kw):
        """One type with all its terms, to order or ask for."""
        contract_type = self._get_offered_type(type_id)
        if not contract_type:
            return request.redirect("/my")
        return self._show_offer(contract_type)

    @route(
        "/my/support/offers/<int:type_id>/request",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_request_contract(self, type_id, **kw):
        """Order it, or ask for it: the form only names the type and the package."""
        contract_type = self._get_offered_type(type_id)
        if not contract_type or not request.env.user._is_portal():
            return request.redirect("/my")
        product_id = parse_record_id(kw.get("product"))
        company = request.env.company.with_user(SUPERUSER_ID)
        partner = request.env.user.partner_id.with_user(SUPERUSER_ID)

        def ask():
            [offer] = contract_type._get_portal_offers(company, partner)
            self._check_shown(kw, offer["products"])
            # may he? asked there, with what the form cannot change
            return contract_type._portal_request(company, partner, product_id)

        return self._submit_once(
            kw,
            ask,
            lambda error: self._show_offer(contract_type, error, product_id),
        )

    @route(
        "/my/support/offers/<int:type_id>/sample",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_sample_contract(self, type_id, **kw):
        """The sample contract as PDF, in the reader's language."""
        contract_type = self._get_offered_type(type_id)
        if not contract_type:
            return request.redirect("/my")
        user = request.env.user
        return self._submit_once(
            kw,
            lambda: contract_type._ask_sample(
                request.env.lang or user.lang or "en_US",
                user.partner_id.with_user(SUPERUSER_ID),
            )._get_portal_url(),
            lambda error: self._show_offer(contract_type, error),
        )

    @route(
        "/my/support/offers/comparison",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_compare_offers(self, **kw):
        """The types of the page side by side as PDF, in the reader's language."""
        user = request.env.user
        company = request.env.company.with_user(SUPERUSER_ID)
        # what is on offer is for every customer to see
        types = company.env["support.contract.type"]._get_portal_types(company)
        if not types or not user._is_portal():
            return request.redirect("/my/support/offers")
        types = self._get_chosen_types(types, request.httprequest.form)
        return self._submit_once(
            kw,
            lambda: types._ask_comparison(
                company,
                user.partner_id.with_user(SUPERUSER_ID),
                request.env.lang or user.lang or "en_US",
            )._get_portal_url(),
            lambda error: request.redirect("/my/support/offers"),
        )

    def _show_offer(self, contract_type, error=None, product_id=None):
        company = request.env.company.with_user(SUPERUSER_ID)
        partner = request.env.user.partner_id.with_user(SUPERUSER_ID)
        [offer] = contract_type._get_portal_offers(company, partner)
        asked_for = contract_type._get_portal_requests(
            company, partner.commercial_partner_id
        )
        asked, asked_url = asked_for.get(contract_type, ("", None))
        return request.render(
            "support_contract.portal_offer",
            self._prepare_support_values(
                "support_offer",
                crumbs=[
                    (request.env._("Offers"), "/my/support/offers"),
                    (offer["name"], None),
                ],
                offer=offer,
                shown_key=self._get_shown_key(offer["products"]),
                rates=contract_type._get_sample_contract(company)._get_offer_rates(),
                asked=asked,
                asked_url=asked_url,
                bar="" if self._may_request() else contract_type._get_buy_bar(),
                chosen=product_id,
                error=error,
            ),
        )
