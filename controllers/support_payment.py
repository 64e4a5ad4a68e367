# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's pages of an order, for orders of contracts: who may accept and pay, and that
the amount is the server's."""

from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import CustomerPortal, PaymentPortal


def get_readable_order(controller, order_id, access_token):
    """The order with all rights, or None: then Odoo gives its own answer."""
    try:
        return controller._document_check_access("sale.order", order_id, access_token)
    except (AccessError, MissingError):
        return None


class SupportOrderPortal(CustomerPortal):
    @route()
    def portal_quote_accept(
        self, order_id, access_token=None, name=None, signature=None
    ):
        """Who accepts an order for a contract agrees for his company."""
        token = access_token or request.httprequest.args.get("access_token")
        order = get_readable_order(self, order_id, token)
        bar = order and order._support_get_accept_bar(request.env.user)
        if bar:
            return {"error": bar}
        return super().portal_quote_accept(
            order_id, access_token=access_token, name=name, signature=signature
        )

    @route()
    def portal_quote_decline(
        self, order_id, access_token=None, decline_message=None, **kwargs
    ):
        order = get_readable_order(self, order_id, access_token)
        if order and order._support_get_accept_bar(request.env.user):
            return request.redirect(
                order.get_portal_url(query_string="&message=cant_reject")
            )
        return super().portal_quote_decline(
            order_id,
            access_token=access_token,
            decline_message=decline_message,
            **kwargs,
        )


class SupportPaymentPortal(PaymentPortal):
    @route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Odoo takes amount, kind and landing page of a payment from the browser
        (``trust.md``, h10). An order of the portal is paid as a whole, by whom its
        contract names, and leads back to itself."""
        order = get_readable_order(self, order_id, access_token)
        bar = order and order._support_get_accept_bar(request.env.user)
        if bar:
            raise ValidationError(bar)
        if order and order.support_ordered_by_id:
            kwargs |= self._get_support_payment(order)
            kwargs.pop("is_validation", None)
        return super().portal_order_transaction(order_id, access_token, **kwargs)

    def _get_support_payment(self, order):
        """What the server decides of the payment of ``order``.

        :raise ValidationError: if there is nothing to pay
        """
        if not order._has_to_be_paid():
            raise ValidationError(
                request.env._("There is nothing to pay for order %s.", order.name)
            )
        return {
            "amount": order.amount_total - order.amount_paid,
            "landing_route": order.get_portal_url(),
        }
