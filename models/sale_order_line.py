# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: states of contracts that can be topped up
RUNNING = ("active", "suspended")


class SaleOrderLine(models.Model):
    """Lines that sell contracts, packages, top-ups and activations."""

    _inherit = "sale.order.line"

    support_contract_id = fields.Many2one(
        comodel_name="support.contract",
        compute="_compute_support_contract_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
        help="The contract that is topped up; on a confirmed order also the contract "
        "that was made.",
    )
    support_sells = fields.Selection(
        related="product_id.support_sells", groups="base.group_user"
    )
    support_commercial_partner_id = fields.Many2one(
        related="order_partner_id.commercial_partner_id",
        string="Company of the Customer",
        groups="base.group_user",
    )
    support_start = fields.Date(
        string="Support Starts",
        copy=False,
        groups="base.group_user",
        help="First day of the contract that is sold. Empty: the day on which it is "
        "credited.",
    )
    support_topup_ids = fields.One2many(
        comodel_name="support.topup",
        inverse_name="sale_line_id",
        string="Top-Ups",
        readonly=True,
        groups="base.group_user",
    )

    @api.depends("product_id", "order_id.partner_id", "order_id.company_id")
    def _compute_support_contract_id(self):
        """The running contract, where only one fits."""
        for line in self:
            sells = line.product_id.support_sells
            if line.state not in (False, "draft", "sent"):
                continue
            if line.support_deal:
                continue
            if sells not in ("topup", "activation"):
                line.support_contract_id = False
                continue
            partner = line.order_id.partner_id.commercial_partner_id
            contract = line.support_contract_id
            if contract and contract.commercial_partner_id == partner:
                continue
            contracts = contract.search(
                [
                    ("commercial_partner_id", "=", partner.id),
                    ("company_id", "=", line.order_id.company_id.id),
                    ("state", "in", RUNNING),
                ]
            )
            fitting = contracts.filtered(
                lambda item, product=line.product_id: item._fits_product(product)
            )
            line.support_contract_id = fitting if len(fitting) == 1 else False

    @api.depends("support_contract_id")
    def _compute_price_unit(self):
        return super()._compute_price_unit()

    @api.constrains("support_contract_id", "product_id")
    def _check_support_contract_id(self):
        for line in self.filtered("support_contract_id"):
            contract = line.support_contract_id.sudo()  # only compared
            customer = line.order_id.partner_id.commercial_partner_id
            if contract.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "Contract %(contract)s is not one of %(customer)s: choose a "
                        "contract of this customer.",
                        contract=contract.name,
                        customer=customer.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Price
    # ------------------------------------------------------------------

    def _get_display_price(self):
        """An hour of a top-up costs what was agreed in the contract, if the product
        says so."""
        price = self._support_get_agreed_price()
        return super()._get_display_price() if price is None else price

    def _support_get_agreed_price(self):
        """The price of a piece at the contract's agreed rate, in the order's currency
        and in the way that the product's taxes have it; None where the product has a
        price of its own or no rate is agreed.

        Who may sell the product may know what it costs."""
        self.ensure_one()
        product = self.sudo().product_id  # see above
        contract = self.sudo().support_contract_id
        mode = product.support_work_mode_id
        if product.support_sells != "topup" or not mode or not contract:
            return None
        company = self.company_id
        day = company._support_day(self.order_id.date_order or None)
        price = mode._get_hourly_price(
            contract.pricelist_id.browse(
                contract._get_terms_on(day)["pricelist_id"] or []
            ),
            self.currency_id,
            day,
            company,
            self.order_id.partner_id,
        )
        if price is None:
            return None
        # the agreed price is untaxed; this product's price may hold its taxes
        return product.product_tmpl_id._support_get_priced(
            float(price) * product.support_quantity / 60,
            company,
            self.currency_id,
            self.order_id.partner_id,
        )

    # ------------------------------------------------------------------
    # Sold
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.filtered(lambda line: line.state == "sale")._support_sell()
        return lines

    def write(self, vals):
        if "support_contract_id" in vals:
            self._support_check_unsold(vals["support_contract_id"])
        result = super().write(vals)
        if {
            "product_uom_qty",
            "price_unit",
            "discount",
            "product_uom_id",
        } & vals.keys():
            self.filtered(lambda line: line.state == "sale")._support_sell()
        return result

    def _support_check_unsold(self, contract_id):
        """:raise UserError: if the contract of a line changes that has been sold"""
        for line in self:
            sold = line.sudo()  # only compared
            if (
                sold.support_topup_ids
                and sold.support_contract_id
                and sold.support_contract_id.id != (contract_id or False)
            ):
                raise UserError(
                    self.env._(
                        "“%s” has been sold for its contract: cancel the order to "
                        "choose another one.",
                        line.name,
                    )
                )

    def _support_sell(self):
        """Keep what these confirmed lines sell, make the contracts, and credit what
        is due at once. Idempotent.

        Who may confirm an order may sell what stands in it.

        :raise UserError: if a top-up has no contract that it can go to, or a number
            of contracts is not whole
        """
        lines = self.sudo().filtered(  # see above
            lambda line: line.product_id.support_sells and not line.display_type
        )
        if not lines:
            return
        simple = lines.filtered(
            lambda line: line.product_id.support_sells in ("topup", "activation")
        )
        for line in simple:
            line._support_check_contract()
        topups = lines.env["support.topup"]._take_sale_lines(simple)
        for line in lines - simple:
            line._support_make_contracts()
        (topups | (lines - simple).support_topup_ids)._sync()

    def _support_check_contract(self):
        self.ensure_one()
        contract = self.support_contract_id
        if not contract:
            raise UserError(
                self.env._("“%s”: choose the contract for which it is sold.", self.name)
            )
        if contract.state not in RUNNING and not self.support_topup_ids:
            raise UserError(
                self.env._(
                    "“%(line)s”: contract %(contract)s is %(state)s; only a running "
                    "contract can be topped up.",
                    line=self.name,
                    contract=contract.name,
                    state=dict(
                        contract._fields["state"]._description_selection(self.env)
                    )[contract.state],
                )
            )
        if self.product_id.support_sells == "topup":
            contract._find_topup_ledger(self.product_id)
        elif self.product_uom_qty != round(self.product_uom_qty):
            raise UserError(
                self.env._("“%s”: activations are whole numbers.", self.name)
            )

    def _support_make_contracts(self):
        """The contracts that the line sells: one for each piece, or one for all
        activations where the fee is due for each of them."""
        self.ensure_one()
        quantity = self.product_uom_qty
        if quantity != round(quantity) or quantity < 0:
            raise UserError(
                self.env._("“%s”: contracts are sold in whole pieces.", self.name)
            )
        rows = self.support_topup_ids.sorted("id")
        contract_type = self.product_id.support_contract_type_id
        if contract_type.fee_basis == "activation":
            pieces = [quantity] if quantity and not rows else []
            if rows and rows.contract_id.state in ("draft", "offered"):
                rows.write({"pieces": quantity, "amount": self.price_subtotal})
                rows.contract_id.activation_count = max(int(quantity), 1)
        else:
            pieces = [1.0] * (int(quantity) - len(rows))
        contracts = self.env["support.contract"].create(
            [self._prepare_support_contract_values(count) for count in pieces]
        )
        contracts._set_state("offered")
        topups = self.env["support.topup"]
        topups.create(
            [
                topups._prepare_values(
                    self.product_id, contract, self.product_id.support_credit_when
                )
                | {
                    "kind": "contract",
                    "key": f"contract:{contract.id}",
                    "company_id": self.company_id.id,
                    "sale_line_id": self.id,
                    "pieces": count,
                    "sale_currency_id": self.currency_id.id,
                    "amount": self.price_subtotal * count / quantity,
                }
                for contract, count in zip(contracts, pieces, strict=True)
            ]
        )
        for contract in rows.contract_id:
            if not contract.active:
                # the order was cancelled and confirmed again
                contract.active = True
                contract._set_state("offered")
        if not self.support_contract_id:
            self.support_contract_id = (rows.contract_id | contracts)[:1]

    def _prepare_support_contract_values(self, count):
        order = self.order_id
        product = self.product_id
        contract_type = product.support_contract_type_id
        today = self.company_id._support_day()
        unit_price = self.price_subtotal / self.product_uom_qty
        values = {
            "type_id": contract_type.id,
            "partner_id": order.partner_id.id,
            "company_id": order.company_id.id,
            "currency_id": self.currency_id.id,
            "user_id": (order.user_id or self.env.user).id,
            "date_start": self.support_start or today,
            "sale_line_id": self.id,
            "fee_amount": unit_price,
        }
        if product.support_sells == "package":
            values["package_id"] = product.id
        elif not contract_type.product_id:
            values["product_id"] = product.id
        if contract_type.fee_basis == "activation":
            values["activation_count"] = int(count)
        return values

    def _support_get_due(self, credit_when):
        """``(claimed, due)`` pieces of a line that sells contracts."""
        self.ensure_one()
        quantity = self.product_uom_qty if self.state == "sale" else 0.0
        if credit_when == "order":
            return quantity, quantity
        due = 0.0
        for line in self.invoice_lines:
            move = line.move_id
            if move.state != "posted" or move.move_type != "out_invoice":
                continue
            if credit_when == "invoiced" or move._support_is_paid():
                due += line.product_uom_id._compute_quantity(
                    line.quantity, self.product_uom_id, round=False
                ) * float(line._support_get_claimed(False))
        return quantity, due

    def _prepare_invoice_line(self, **optional_values):
        values = super()._prepare_invoice_line(**optional_values)
        contract = self.sudo().support_contract_id  # goes to the invoice, unread
        if contract and not self.display_type:
            values["support_contract_id"] = contract.id
        return values
