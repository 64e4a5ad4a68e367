# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Odoo's payment of an order, for orders of the portal: the amount is the server's."""

from odoo.exceptions import AccessError, MissingError, ValidationError
from odoo.http import request, route

from odoo.addons.sale.controllers.portal import PaymentPortal


class SupportPaymentPortal(PaymentPortal):
    @route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Odoo takes amount, kind and landing page of a payment from the browser
        (``trust.md``, h10). An order of the portal is paid as a whole, by whom its
        contract names, and leads back to itself."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            order = None  # Odoo's answer
        if order and order.support_ordered_by_id:
            kwargs |= self._get_support_payment(order)
            kwargs.pop("is_validation", None)
        return super().portal_order_transaction(order_id, access_token, **kwargs)

    def _get_support_payment(self, order):
        """What the server decides of the payment of ``order``.

        :raise ValidationError: if there is nothing to pay, or the user may not
        """
        user = request.env.user
        if not user._is_public() and not order._support_may_pay(user.partner_id):
            raise ValidationError(
                request.env._("Only those named in the contract order and pay for it.")
            )
        if not order._has_to_be_paid():
            raise ValidationError(
                request.env._("There is nothing to pay for order %s.", order.name)
            )
        return {
            "amount": order.amount_total - order.amount_paid,
            "landing_route": order.get_portal_url(),
        }
