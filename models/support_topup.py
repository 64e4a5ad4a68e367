# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [
    ("topup", "Top-up"),
    ("contract", "Contract"),
    ("activation", "New activations"),
]

STATES = [
    ("pending", "Pending"),
    ("credited", "Credited"),
    ("taken_back", "Taken back"),
    ("cancelled", "Cancelled"),
]


class SupportTopup(models.Model):
    """What was sold for a contract, and whether the customer has it: hours, tickets
    or money, new activations, or the contract itself.

    There is one record for each invoice line, and one for what is ordered and not
    invoiced yet (``key``). Its quantity is fixed when the invoice is posted; what of
    it is credited follows the invoice, see ``support_topup_sync.py``.

    Nobody has a right to write it: it follows orders and invoices.
    """

    _name = "support.topup"
    _description = "Support Top-Up"
    _inherit = ["support.unit.mixin", "support.job.mixin"]
    _order = "id desc"
    _check_company_auto = True

    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="What was sold: makes sure that it is credited once.",
    )
    kind = fields.Selection(
        selection=KINDS, string="Sold", required=True, readonly=True
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="pending", index=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
    )
    user_id = fields.Many2one(
        related="contract_id.user_id",
        string="Owner",
        help="Is told when something needs a decision.",
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    order_id = fields.Many2one(related="sale_line_id.order_id", string="Order")
    invoice_line_id = fields.Many2one(
        comodel_name="account.move.line",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    invoice_id = fields.Many2one(related="invoice_line_id.move_id", string="Invoice")
    credit_when = fields.Selection(
        selection=lambda self: self.env["product.template"]
        ._fields["support_credit_when"]
        ._description_selection(self.env),
        string="Credited When",
        required=True,
        readonly=True,
    )
    unit = fields.Selection(required=False, readonly=True, default=False)
    currency_id = fields.Many2one(
        readonly=True, help="Currency of the wallet that is topped up."
    )
    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    pieces = fields.Float(digits=(16, 4), readonly=True, required=True, aggregator=None)
    piece_quantity = fields.Float(
        string="Quantity per Piece",
        digits=(16, 4),
        readonly=True,
        aggregator=None,
        help="As it was when it was sold.",
    )
    quantity = fields.Float(
        digits=(16, 4),
        readonly=True,
        aggregator=None,
        help="What the customer gets for it, once it is credited.",
    )
    sale_currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    amount = fields.Monetary(
        currency_field="sale_currency_id",
        readonly=True,
        help="What it was sold for, untaxed.",
    )
    credited = fields.Float(
        digits=(16, 4),
        compute="_compute_credited",
        help="What was credited, less what was taken back.",
    )
    remaining = fields.Float(
        digits=(16, 4),
        compute="_compute_credited",
        help="What of it has not been used yet.",
    )
    owed_quantity = fields.Float(
        string="Owed",
        digits=(16, 4),
        readonly=True,
        copy=False,
        aggregator=None,
        help="What was used of it though it is not paid (any more).",
    )
    credited_on = fields.Date(readonly=True, copy=False)
    told = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="The owner knows that what was started is not paid any more.",
    )
    entry_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="topup_id",
        string="Entries",
        readonly=True,
    )
    charge_ids = fields.One2many(
        comodel_name="support.charge",
        inverse_name="topup_id",
        string="Charges",
        readonly=True,
    )

    _key_unique = models.UniqueIndex("(key)", "This has been sold already.")
    _quantity_limit = models.Constraint(
        "CHECK (pieces >= 0 AND pieces < 1e12 AND quantity >= 0 AND quantity < 1e12 "
        "AND owed_quantity >= 0 AND owed_quantity < 1e12 "
        "AND amount > -1e12 AND amount < 1e12)",
        "The quantities of a top-up must be numbers from 0 up.",
    )

    @api.depends("product_id", "contract_id")
    def _compute_display_name(self):
        for topup in self:
            topup.display_name = (
                f"{topup.product_id.display_name} · {topup.contract_id.name}"
            )

    @api.depends("entry_ids")
    def _compute_credited(self):
        sums = {
            topup.id: (quantity, remaining)
            for topup, quantity, remaining in self.env[
                "support.ledger.entry"
            ]._read_group(
                [("topup_id", "in", self.ids)],
                ["topup_id"],
                ["quantity:sum", "remaining:sum"],
            )
        }
        for topup in self:
            topup.credited, topup.remaining = sums.get(topup.id, (0.0, 0.0))

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A top-up cannot be copied."))
        return super().copy(default)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        for topup in self:
            if topup.entry_ids or topup.credited_on:
                raise UserError(
                    self.env._(
                        "%s has been credited: it cannot be deleted.",
                        topup.display_name,
                    )
                )

    def _get_job_owner_record(self):
        """An error is told on the contract."""
        return self.contract_id

    def action_view_document(self):
        """Open the invoice, or the order that is not invoiced yet."""
        self.ensure_one()
        document = self.invoice_id or self.order_id
        if not document:
            raise UserError(self.env._("Its invoice has been deleted."))
        return document.get_formview_action()

    # ------------------------------------------------------------------
    # Made from what was ordered and invoiced
    # ------------------------------------------------------------------

    @api.model
    def _take_sale_lines(self, lines):
        """Keep what is ordered and not on a posted invoice yet.

        :param lines: confirmed ``sale.order.line`` of top-ups and activations
        :return: their top-ups, of orders and of invoices
        """
        topups = self.sudo()  # nobody writes top-ups: they follow the orders
        rows = []
        siblings_of = topups.search([("sale_line_id", "in", lines.ids)]).grouped(
            "sale_line_id"
        )
        for line in lines:
            siblings = siblings_of.get(line, topups)
            own_key = topups._get_sale_key(line)
            known = siblings.filtered(lambda topup, key=own_key: topup.key == key)
            source = (known or siblings)[:1]
            product = line.product_id
            values = topups._prepare_values(
                product,
                line.support_contract_id,
                source.credit_when or product.support_credit_when,
            )
            pieces = line.product_uom_id._compute_quantity(
                line.product_uom_qty, product.uom_id, round=False
            )
            part = 1.0
            if pieces and values["credit_when"] != "order":
                invoiced = sum(
                    topup.pieces
                    for topup in siblings
                    if topup.invoice_id.state == "posted"
                )
                part = max(pieces - invoiced, 0.0) / pieces
            if not part or not pieces:
                known.unlink()
                continue
            values |= topups._prepare_quantities(
                values["unit"],
                source.piece_quantity if source else product.support_quantity,
                pieces * part,
                line.price_subtotal * part,
                line.currency_id,
                topups.env["res.currency"].browse(values["currency_id"] or []),
                line.company_id,
                line.company_id._support_day(line.order_id.date_order),
            )
            if known:
                known.write(
                    {name: values[name] for name in ("pieces", "quantity", "amount")}
                )
            else:
                rows.append(
                    values
                    | {
                        "key": topups._get_sale_key(line),
                        "sale_line_id": line.id,
                        "company_id": line.company_id.id,
                    }
                )
        topups.create(rows)
        return topups.search([("sale_line_id", "in", lines.ids)])

    @api.model
    def _take_invoice_lines(self, lines):
        """Keep what stands on posted invoices.

        :param lines: posted ``account.move.line`` whose product sells a top-up or
            activations for their contract
        """
        topups = self.sudo()  # nobody writes top-ups: they follow the invoices
        known = {
            topup.invoice_line_id: topup
            for topup in topups.search([("invoice_line_id", "in", lines.ids)])
        }
        ordered_of = {
            topup.sale_line_id: topup
            for topup in topups.search(
                [
                    ("key", "=like", "topup:sale:%"),
                    ("sale_line_id", "in", lines.sale_line_ids.ids),
                ]
            )
        }
        rows = []
        for line in lines:
            sale_line = line.sale_line_ids[:1]
            ordered = ordered_of.get(sale_line, topups)
            product = line.product_id
            values = topups._prepare_values(
                product,
                line.support_contract_id,
                ordered.credit_when or product.support_credit_when,
            )
            if values["credit_when"] == "order" or line.quantity <= 0:
                continue
            source = known.get(line) or ordered
            values |= topups._prepare_quantities(
                values["unit"],
                source.piece_quantity if source else product.support_quantity,
                line.product_uom_id._compute_quantity(
                    line.quantity, product.uom_id, round=False
                ),
                line.price_subtotal,
                line.currency_id,
                topups.env["res.currency"].browse(values["currency_id"] or []),
                line.company_id,
                line.move_id.invoice_date or line.date,
            )
            if line in known:
                sold = known[line]
                if (sold.pieces, sold.amount) != (values["pieces"], values["amount"]):
                    # else it stays as it was posted, at the rate of that day
                    sold.write(
                        {
                            name: values[name]
                            for name in ("pieces", "quantity", "amount")
                        }
                    )
            else:
                rows.append(
                    values
                    | {
                        "key": f"topup:{line.id}",
                        "invoice_line_id": line.id,
                        "sale_line_id": sale_line.id,
                        "company_id": line.company_id.id,
                    }
                )
        topups.create(rows)

    @api.model
    def _get_sale_key(self, line):
        return f"topup:sale:{line.id}"

    @api.model
    def _prepare_values(self, product, contract, credit_when):
        unit = product.support_unit if product.support_sells == "topup" else False
        return {
            "kind": product.support_sells,
            "product_id": product.id,
            "contract_id": contract.id,
            "unit": unit,
            "currency_id": contract.currency_id.id if unit == "money" else False,
            "credit_when": credit_when,
        }

    @api.model
    def _prepare_quantities(
        self, unit, piece_quantity, pieces, amount, currency, wallet, company, day
    ):
        """What ``pieces`` sold for an untaxed ``amount`` are worth in the unit of the
        ledger: money is converted on the day of the invoice and rounded in the
        wallet's currency; minutes and tickets are whole."""
        if unit == "money":
            quantity = currency._convert(amount, wallet, company, day)
        elif unit:
            quantity = float(int(pieces * piece_quantity + 0.5))
        else:
            quantity = 0.0
        return {
            "pieces": pieces,
            "piece_quantity": piece_quantity,
            "quantity": max(quantity, 0.0),
            "sale_currency_id": currency.id,
            "amount": amount,
        }
