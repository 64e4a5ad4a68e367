# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

KINDS = [
    ("fee", "Fee"),
    ("activation", "New activations"),
    ("work", "Work"),
    ("travel", "Travel"),
    ("material", "Material"),
    ("topup", "Used before it was paid"),
    ("reinstatement", "Reinstatement"),
    ("refund", "Refund"),
    ("note", "Covered work"),
]


class SupportCharge(models.Model):
    """An amount to invoice, once: a fee, work beyond the balance, a refund (negative).

    What is due is known by the charge's key, which is unique in the database, and
    what has become of it by its invoice line: the state follows that line by itself.
    An invoice that is deleted, cancelled or set back opens its charges again, and the
    database lets no charge have two lines that count (``edge_cases.md``, "Money and
    periods").

    Nobody has a right to write charges; :meth:`_add` makes them, invoicing takes them.
    """

    _name = "support.charge"
    _description = "Support Charge"
    _inherit = ["support.job.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Text", required=True, readonly=True, help="Line of the invoice."
    )
    key = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Makes sure that what is due is charged once.",
    )
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("open", "To invoice"),
            ("draft", "Draft invoice"),
            ("invoiced", "Invoiced"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        index=True,
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Company of the Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
        precompute=True,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: on-call help.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Owner",
        compute="_compute_user_id",
        help="Answers for the contract: is told when invoicing fails.",
    )
    date = fields.Date(
        string="Due", required=True, readonly=True, help="Day from which it is due."
    )
    first_day = fields.Date(string="From", readonly=True)
    last_day = fields.Date(string="To", readonly=True)
    product_id = fields.Many2one(
        comodel_name="product.product",
        readonly=True,
        ondelete="restrict",
        help="Gives taxes and account.",
    )
    minutes = fields.Integer(string="Time", readonly=True)
    quantity = fields.Float(
        digits=(16, 4), required=True, readonly=True, default=1.0, aggregator=None
    )
    price_unit = fields.Float(
        string="Unit Price",
        digits=(16, 6),
        readonly=True,
        aggregator=None,
        help="Untaxed price of one unit of the quantity.",
    )
    amount = fields.Monetary(
        required=True,
        readonly=True,
        help="Untaxed. Negative: a refund.",
    )
    reason = fields.Char(readonly=True, groups="base.group_user")
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    refund_of_id = fields.Many2one(
        comodel_name="support.charge",
        string="Refund of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    cancelled = fields.Boolean(readonly=True, copy=False)
    invoice_line_ids = fields.One2many(
        comodel_name="account.move.line",
        inverse_name="support_charge_id",
        string="Invoice Lines",
        readonly=True,
    )
    invoice_id = fields.Many2one(
        comodel_name="account.move", string="Invoice", compute="_compute_invoice_id"
    )

    _key_unique = models.UniqueIndex("(key)", "This has been charged already.")
    _amount_limit = models.Constraint(
        "CHECK (amount > -1e12 AND amount < 1e12 AND (amount <> 0 OR kind = 'note') "
        "AND quantity > -1e12 AND quantity < 1e12 AND quantity <> 0)",
        "The amount and the quantity of a charge must be numbers other than zero.",
    )
    _open_idx = models.Index(
        "(company_id, commercial_partner_id, date) WHERE state = 'open'"
    )

    @api.depends("cancelled", "invoice_line_ids.parent_state")
    def _compute_state(self):
        for charge in self:
            # what became of a charge is no secret of those who may see it
            states = charge.sudo().invoice_line_ids.mapped("parent_state")
            if charge.cancelled:
                charge.state = "cancelled"
            elif "posted" in states:
                charge.state = "invoiced"
            elif "draft" in states:
                charge.state = "draft"
            else:
                charge.state = "open"

    @api.depends("invoice_line_ids.parent_state")
    def _compute_invoice_id(self):
        for charge in self:
            lines = charge.invoice_line_ids
            alive = lines.filtered(lambda line: line.parent_state != "cancel")
            charge.invoice_id = (alive or lines)[-1:].move_id

    @api.depends("partner_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: see the contract's own."""
        for charge in self:
            charge.commercial_partner_id = charge.partner_id.commercial_partner_id

    @api.depends("contract_id.user_id")
    def _compute_user_id(self):
        for charge in self:
            charge.user_id = charge.contract_id.user_id

    # ------------------------------------------------------------------
    # Made and taken back
    # ------------------------------------------------------------------

    @api.model
    def _add(self, rows):
        """Charge what is due and not charged yet.

        The caller has checked who may cause it; nobody has a right to make charges.

        :param rows: list of dicts with values of this model, ``key`` among them;
            ``amount`` untaxed and rounded in the currency
        :return: the charges that are new, rows whose key is known are left out
        """
        charges = self.sudo()  # see above
        keys = [row["key"] for row in rows]
        known = {
            key
            for [key] in charges._read_group(
                [("key", "in", keys)], groupby=["key"], aggregates=[]
            )
        }
        return charges.create([row for row in rows if row["key"] not in known])

    def _withdraw(self, reason):
        """Take charges back: one that is not on a posted invoice is cancelled (and
        leaves its draft invoice), an invoiced one gets a refund of the same amount.

        The caller has checked who may cause it.

        :param str reason: why; kept on the charge, or the refund
        :raise UserError: without a reason
        :return: the refunds
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why the charge is taken back."))
        charges = self.sudo().filtered(lambda charge: not charge.cancelled)  # see above
        charges._lock_rows()
        invoiced = charges.filtered(lambda charge: charge.state == "invoiced")
        rest = charges - invoiced
        drafts = rest.invoice_line_ids.filtered(
            lambda line: line.parent_state == "draft"
        )
        drafts.unlink()
        credited = invoiced._get_credited()
        left = {
            charge: charge.currency_id.round(charge.amount - credited.get(charge, 0.0))
            for charge in invoiced
        }
        # what a credit note gave back by hand is not given back again
        rest |= invoiced.filtered(lambda charge: left[charge] * charge.amount <= 0)
        rest.write({"cancelled": True, "reason": reason.strip()})
        return self._add(
            [
                charge._prepare_refund_values(reason.strip(), left[charge])
                for charge in invoiced - rest
            ]
        )

    def _get_credited(self):
        """``{charge: untaxed amount}`` that posted credit notes, made from invoices
        by hand, gave back of these charges. They claim no charge of their own."""
        lines = self.env["account.move.line"].search(
            [
                ("support_origin_charge_id", "in", self.ids),
                ("support_charge_id", "=", False),
                ("parent_state", "=", "posted"),
            ]
        )
        credited = {}
        for line in lines:
            charge = line.support_origin_charge_id
            if line.currency_id == charge.currency_id:
                sign = 1 if line.move_id.move_type == "out_refund" else -1
                credited[charge] = credited.get(charge, 0) + sign * line.price_subtotal
        return credited

    def _lock_rows(self):
        """Wait for whoever invoices these charges just now; a charge that changed
        since this transaction began makes it fail and be tried again."""
        if self:
            self.env.flush_all()
            self.env.execute_query(
                SQL(
                    "SELECT id FROM support_charge WHERE id = ANY(%s) ORDER BY id "
                    "FOR NO KEY UPDATE",
                    self.ids,
                )
            )
            self.invalidate_recordset(["state", "cancelled", "invoice_line_ids"])

    def _prepare_refund_values(self, reason, amount):
        """Values of the refund of ``amount`` of this charge, all of it or a part."""
        self.ensure_one()
        values = {
            "key": f"refund:{self.id}",
            "kind": "refund",
            "name": self.env._("Refund: %s", self.name),
            "reason": reason,
            "date": self.company_id._support_day(),
            "refund_of_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "partner_id": self.partner_id.id,
            "contract_id": self.contract_id.id,
            "ticket_id": self.ticket_id.id,
            "intervention_id": self.intervention_id.id,
            "product_id": self.product_id.id,
            "first_day": self.first_day,
            "last_day": self.last_day,
            "minutes": -self.minutes,
            "quantity": -self.quantity,
            "price_unit": self.price_unit,
            "amount": -self.amount,
        }
        if self.currency_id.compare_amounts(amount, self.amount):
            values |= {
                "minutes": -round(self.minutes * amount / self.amount),
                "quantity": -1.0 if amount > 0 else 1.0,
                "price_unit": abs(amount),
                "amount": -amount,
            }
        return values

    @api.ondelete(at_uninstall=False)
    def _unlink_except_any(self):
        raise UserError(
            self.env._("Charges are not deleted: take them back with a reason.")
        )

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A charge cannot be copied."))
        return super().copy(default)

    def _get_job_owner_record(self):
        """An error is told on the contract, or on the customer."""
        return self.contract_id or self.partner_id

    def _clear_job_error(self, method):
        on_call = self.filtered(lambda charge: not charge.contract_id)
        super(SupportCharge, on_call)._clear_job_error(method)
        return super(SupportCharge, self - on_call)._clear_job_error(method)
