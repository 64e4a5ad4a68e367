# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, models

#: a sale that is found so many days later was delivered nobody knows when
LATE_DAYS = 90

#: lines whose delivered quantity was computed anew in this transaction
DELIVERED = "support_contract.delivered"


class SaleOrderLine(models.Model):
    """Lines that sell supported software make installations."""

    _name = "sale.order.line"
    _inherit = ["sale.order.line", "support.software.line.mixin"]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered("qty_delivered")._support_sync_software()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if {"qty_delivered", "product_id"} & vals.keys():
            self._support_sync_software()
        return result

    def _compute_qty_delivered(self):
        """However it is delivered (stock, timesheets, expenses ...), the quantity is
        computed: what follows is done before the commit."""
        result = super()._compute_qty_delivered()
        software = self.sudo().filtered(  # only what it is
            lambda line: line.id and line.product_id.support_is_software
        )
        if software:
            precommit = self.env.cr.precommit
            if DELIVERED not in precommit.data:
                precommit.data[DELIVERED] = set()
                precommit.add(self.env["sale.order.line"]._support_sync_delivered)
            precommit.data[DELIVERED].update(software.ids)
        return result

    def _support_sync_delivered(self):
        ids = self.env.cr.precommit.data.pop(DELIVERED, set())
        self.browse(sorted(ids)).exists()._support_sync_software()

    def _support_sync_software(self):
        """Bring the installations of these lines to what is sold now."""
        software = self.sudo().filtered(  # only what it is
            # what brings a lapsed contract back is no new installation
            lambda line: line.product_id.support_is_software and not line.support_deal
        )
        if software:
            self.env["support.installation"]._sync_lines(
                software, self.env["account.move.line"]
            )

    def _support_get_sold(self):
        """Pieces that are delivered or invoiced, less those that posted credit notes
        take back."""
        self.ensure_one()
        invoiced = refunded = 0.0
        for line in self.invoice_lines:
            if line.parent_state != "posted":
                continue
            quantity = line.product_uom_id._compute_quantity(
                line._support_get_taken(), self.product_uom_id, round=False
            )
            if quantity > 0:
                refunded += line._support_limit_by_amount(
                    quantity,
                    self.price_subtotal,
                    self.product_uom_qty,
                    self.currency_id,
                )
            else:
                invoiced -= quantity
        delivered = self.qty_delivered if self.state == "sale" else 0.0
        return self.product_uom_id._compute_quantity(
            max(delivered, invoiced) - refunded, self.product_id.uom_id, round=False
        )

    def _support_get_delivery_day(self):
        """The local day of the delivery, None if nothing is delivered yet."""
        self.ensure_one()
        if self.state != "sale" or self.qty_delivered <= 0:
            return None
        order = self.order_id
        # with deliveries of stock the order knows their day
        moment = "effective_date" in order._fields and order.effective_date
        today = order.company_id._support_day()
        ordered = order.company_id._support_day(order.date_order or None)
        if not moment and (today - ordered).days > LATE_DAYS:
            # found long after the sale: delivered when is not known
            return ordered
        return order.company_id._support_day(moment or None)

    def _support_tell_missed(self, error):
        """Tell the salesman that this line made no installation, once."""
        self.ensure_one()
        order = self.order_id
        summary = self.env._("No installation was made")
        if summary not in order.activity_ids.mapped("summary"):
            order.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                note=str(error),
                user_id=order.user_id.id or self.env.uid,
            )

    def _support_get_origin(self):
        return self.order_id.name

    def _prepare_installation_values(self):
        """What an order line tells about the installation that it makes."""
        self.ensure_one()
        order = self.order_id
        place = order.partner_shipping_id
        customer = order.partner_id.commercial_partner_id
        return {
            "product_id": self.product_id.id,
            "partner_id": order.partner_id.id,
            "place_id": place.id if place.commercial_partner_id == customer else False,
            "company_id": order.company_id.id,
            "user_id": order.user_id.id or self._support_get_internal_user(),
            "sale_date": order.company_id._support_day(order.date_order or None),
            "delivery_date": self._support_get_delivery_day(),
            "sale_line_id": self.id,
        }
