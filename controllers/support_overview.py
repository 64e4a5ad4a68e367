# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The card on the portal's home, and the overview behind it."""

from odoo.http import request, route

from .support_portal import SupportPortal

#: a customer with more contracts finds the others through his requests
CONTRACTS = 100


class SupportOverviewPortal(SupportPortal):
    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "support_todo_count" in counters:
            contracts = request.env["support.contract"]
            count = 0
            if contracts.has_access("read"):
                found = contracts.search(self._get_overview_domain(), limit=CONTRACTS)
                # found with the user's own rights
                todos = found.sudo()._get_portal_todos(request.env.user.partner_id)
                count = sum(map(len, todos.values()))
            values["support_todo_count"] = count
        return values

    @route("/my/support", type="http", auth="user", website=True, methods=["GET"])
    def portal_my_support(self, **kw):
        """What matters now: things to do, promises, balances."""
        contracts = request.env["support.contract"]
        if not contracts.has_access("read"):
            return request.redirect("/my")
        found = contracts.search(self._get_overview_domain(), limit=CONTRACTS)
        # found with the user's own rights; types are not his to read
        overview = found.sudo()._get_portal_overview(request.env.user)
        return request.render(
            "support_contract.portal_my_support",
            self._prepare_support_values("support_overview", overview=overview),
        )

    def _get_overview_domain(self):
        """Colleagues who open the portal see their own company's contracts only."""
        customer = request.env.user.commercial_partner_id
        return [("commercial_partner_id", "=", customer.id)]
