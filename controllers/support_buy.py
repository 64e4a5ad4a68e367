# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Topping up a contract: choose, order once, and pay on Odoo's own page."""

from odoo.http import request, route

from .support_portal import SupportPortal
from .tools import parse_record_id


class SupportBuyPortal(SupportPortal):
    def _get_contract_crumbs(self, contract, text):
        return [(contract.name, contract.access_url), (text, None)]

    @route(
        "/my/support-contracts/<int:contract_id>/topup",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
    )
    def portal_topup(self, contract_id, **kw):
        """What is on offer, and what is under way."""
        contract = self._get_priced_contract(contract_id)
        if not contract:
            return request.redirect("/my")
        return self._show_topup(contract)

    @route(
        "/my/support-contracts/<int:contract_id>/topup",
        type="http",
        auth="user",
        website=True,
        methods=["POST"],
    )
    def portal_order_topup(self, contract_id, **kw):
        """Order a top-up: the form only names the product and how many."""
        contract = self._get_priced_contract(contract_id)
        if not contract:
            return request.redirect("/my")
        product_id = parse_record_id(kw.get("product"))
        pieces = parse_record_id(kw.get("pieces"))

        def order():
            self._check_shown(kw, contract._get_buy_topups())
            return contract._portal_order_topup(
                product_id, pieces, request.env.user.partner_id
            )

        return self._submit_once(
            kw,
            order,
            lambda error: self._show_topup(contract, error, product_id, pieces),
        )

    def _show_topup(self, contract, error=None, product_id=None, pieces=None):
        topups = contract._get_buy_topups()
        if product_id not in [topup["id"] for topup in topups]:
            product_id = topups[0]["id"] if len(topups) == 1 else None
        max_pieces = contract.company_id.support_portal_pieces
        return request.render(
            "support_contract.portal_topup",
            self._prepare_support_values(
                "support_topup",
                crumbs=self._get_contract_crumbs(contract, request.env._("Top Up")),
                contract_name=contract.name,
                type_name=contract.type_id.name,
                url=f"{contract.access_url}/topup",
                back=contract.access_url,
                balances=contract._get_buy_balances(),
                topups=topups,
                shown_key=self._get_shown_key(topups),
                pending=contract._get_buy_pending(),
                bar=contract._get_order_bar(request.env.user.partner_id),
                chosen=product_id,
                debt=contract._get_topup_debt(),
                pieces=pieces if pieces and pieces <= max_pieces else 1,
                max_pieces=max_pieces,
                error=error,
            ),
        )
