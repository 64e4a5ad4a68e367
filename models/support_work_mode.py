# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SupportWorkMode(models.Model):
    """How help is given: by phone, in a remote session, on site. The product gives
    the price of an hour, through pricelists."""

    _name = "support.work.mode"
    _description = "Support Work Mode"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(comodel_name="res.company")
    product_id = fields.Many2one(
        comodel_name="product.product",
        string="Billing Product",
        required=True,
        check_company=True,
        ondelete="restrict",
        domain="[('type', '=', 'service')]",
        help="Service sold by the hour. Its price, through the pricelist of the "
        "contract or of on-call help, is the price of an hour in this work mode.",
    )
    minimum_minutes = fields.Integer(
        string="Minimum",
        help="Least time billed for one intervention, in minutes.",
    )
    step_minutes = fields.Integer(
        string="Step",
        default=1,
        help="Time is billed in multiples of this many minutes, rounded up.",
    )

    on_site = fields.Boolean(
        string="At the Customer's",
        help="Work of this mode takes a visit: travel is entered and charged.",
    )
    channel_id = fields.Many2one(
        comodel_name="helpdesk.ticket.channel",
        string="Hours of Channel",
        ondelete="restrict",
        groups="base.group_user",
        help="Work outside the coverage hours of this channel gets the surcharge. "
        "Empty: the channel of the ticket.",
    )

    _minutes_positive = models.Constraint(
        "CHECK (minimum_minutes >= 0 AND step_minutes >= 1)",
        "The minimum of a work mode cannot be negative and its step must be at least "
        "one minute.",
    )

    @api.constrains("product_id")
    def _check_product_uom(self):
        hour = self.env.ref("uom.product_uom_hour")
        for mode in self:
            if not mode.product_id.uom_id._has_common_reference(hour):
                raise ValidationError(
                    self.env._(
                        "Work mode %(mode)s: the billing product must be sold in a "
                        "unit of time such as Hours, but %(product)s is sold in "
                        "%(unit)s.",
                        mode=mode.name,
                        product=mode.product_id.display_name,
                        unit=mode.product_id.uom_id.name,
                    )
                )

    def _get_hourly_price(self, pricelist, currency, day, company, partner=None):
        """Untaxed price of one hour in this work mode: the agreed one of a
        contract's pricelist or the on-call one of the company's.

        :param pricelist: ``product.pricelist``, empty for the product's sales price
        :param currency: currency of the result
        :param date day: day of the work; pricelists and rates may change over time
        :param company: whose taxes and currency rates apply
        :param partner: whose fiscal position applies, if it is known
        :return: Decimal, or None if no price is set (a price of zero is none: it
            would let every gate pass)
        """
        self.ensure_one()
        # technicians may not read prices, but the gate needs them; nothing of what
        # is read here leaves this method but one number
        product = self.sudo().product_id.with_company(company)
        # not env.ref(), which asks the database for each work mode
        hour_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "uom.product_uom_hour", raise_if_not_found=True
        )
        hour = self.env["uom.uom"].browse(hour_id)
        price = pricelist.sudo()._get_product_price(
            product, 1.0, currency=currency, uom=hour, date=day
        )
        price = product.product_tmpl_id._support_get_untaxed(price, company)
        price = Decimal(str(round(price, 6)))
        return price if price > 0 else None
