# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from ..tools import renewal
from .support_contract_renewal import NewTerm
from .support_reinstatement_mixin import KINDS

#: how long the nightly comparison looks whether a payment was taken back
SETTLED_DAYS = 366

STATES = [
    ("waiting", "Waiting for payment"),
    ("done", "Reinstated"),
    ("cancelled", "Cancelled"),
]


class SupportReinstatement(models.Model):
    """A lapsed contract that is to live again: asked for, and done once what it costs
    is paid in full.

    Payments come, are matched, taken back and refunded, so nothing here counts events:
    whatever happens calls :meth:`_sync`, which compares and may be called any number of
    times (as for ``support.topup``). Nobody has a right to write it.
    """

    _name = "support.reinstatement"
    _description = "Reinstatement of a Lapsed Contract"
    _inherit = ["support.job.mixin"]
    _order = "id desc"
    _check_company_auto = True

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id", string="Customer"
    )
    user_id = fields.Many2one(
        related="contract_id.user_id",
        string="Owner",
        help="Is told when something needs a decision.",
    )
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="waiting", index=True
    )
    kind = fields.Selection(
        selection=KINDS, string="Step", required=True, readonly=True
    )
    way = fields.Selection(
        selection=[
            ("at_once", "At once"),
            ("charge", "By a charge"),
            ("order", "By an order"),
        ],
        required=True,
        readonly=True,
    )
    from_old_end = fields.Boolean(
        readonly=True,
        help="The new term follows the old one. Otherwise it begins on the day of "
        "payment.",
    )
    months = fields.Integer(readonly=True, required=True, aggregator=None)
    asked_on = fields.Date(readonly=True, required=True)
    agreed_on = fields.Date(
        readonly=True,
        copy=False,
        help="When the customer was charged, or the order confirmed: from then on the "
        "step stays as it is, whenever it is paid.",
    )
    old_end = fields.Date(
        readonly=True, required=True, help="Last day of the term that was not renewed."
    )
    done_on = fields.Date(string="Reinstated on", readonly=True, copy=False)
    first_day = fields.Date(string="From", readonly=True, copy=False)
    last_day = fields.Date(string="To", readonly=True, copy=False)
    charge_id = fields.Many2one(
        comodel_name="support.charge",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        groups="support_contract.group_support_user",
    )
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Order Line",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
        help="Sells the reinstatement.",
    )
    fee_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        string="Fee of the New Term",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups="support_contract.group_support_user",
    )
    order_id = fields.Many2one(
        related="sale_line_id.order_id",
        string="Order",
        groups="support_contract.group_support_user",
    )
    told = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="The owner knows that the payment and the contract do not agree.",
    )

    _waiting_once = models.UniqueIndex(
        "(contract_id) WHERE state = 'waiting'",
        "This contract waits for the payment of a reinstatement already.",
    )
    _done_once = models.UniqueIndex(
        "(contract_id, old_end) WHERE state = 'done'",
        "This contract has been reinstated after this end already.",
    )
    _months_limit = models.Constraint(
        "CHECK (months >= 1 AND months <= 1200)",
        "A term has 1 to 1200 months.",
    )

    @api.depends("contract_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for item in self:
            item.display_name = f"{item.contract_id.name} · {kinds.get(item.kind, '')}"

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A reinstatement cannot be copied."))
        return super().copy(default)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_any(self):
        raise UserError(
            self.env._("A reinstatement cannot be deleted: cancel it instead.")
        )

    def _get_job_owner_record(self):
        """An error is told on the contract."""
        return self.contract_id

    # ------------------------------------------------------------------
    # Compared with what is paid
    # ------------------------------------------------------------------

    def _sync(self):
        """Reinstate what is paid, give up what is not asked for any more, and tell the
        owner of what was paid and is not any more. Idempotent.

        Who confirms, invoices or pays has been checked where they did so; what follows
        from it needs no further right.

        :return: those for which something changed
        """
        items = self.sudo().exists()  # see above
        items._lock_rows()
        changed = items.browse()
        for item in items.sorted("id"):
            if item._sync_one():
                changed |= item
        return changed

    def _lock_rows(self):
        """Contracts first, then these: of two who hear of a payment at once one waits,
        is tried again, and finds it done."""
        if self:
            self.contract_id._lock_rows()
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE support_reinstatement SET write_date = write_date
                     WHERE id IN (SELECT id FROM support_reinstatement
                                   WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
                    """,
                    self.ids,
                )
            )
            self.invalidate_recordset()

    def _get_due(self):
        """``(claimed, due)``: whether the customer is asked for what it costs, and
        whether all of it is paid."""
        self.ensure_one()
        if self.way == "at_once":
            return True, True
        if self.way == "charge":
            return self._get_charge_due()
        line = self.sale_line_id
        claimed = line.order_id.state in ("draft", "sent", "sale")
        if not claimed or line.product_uom_qty <= 0:
            return False, False
        for item in line | self.fee_line_id:
            quantity, due = item._support_get_due("paid")
            if line.order_id.state != "sale" or due < quantity:
                return True, False
        return True, True

    def _get_charge_due(self):
        charge = self.charge_id
        if not charge or charge.cancelled or charge.refund_ids:
            return False, False
        lines = charge.invoice_line_ids.filtered(
            lambda line: line.parent_state == "posted"
        )
        paid = bool(lines) and all(move._support_is_paid() for move in lines.move_id)
        # given back by a credit note
        credited = charge._get_credited().get(charge, 0.0) > 0
        return True, paid and not credited

    def _sync_one(self):
        self.ensure_one()
        claimed, due = self._get_due()
        if self.state == "waiting" and due:
            return self._reinstate()
        if self.state == "waiting" and not claimed:
            return self._drop()
        if self.state == "done":
            return self._tell_if(
                not due,
                self.env._("Not paid any more"),
                self.env._(
                    "The contract was reinstated on %s and that is not paid any more. "
                    "It goes on until you suspend or terminate it.",
                    format_date(self.env, self.done_on),
                ),
            )
        if self.state == "cancelled":
            return self._tell_if(
                due,
                self.env._("Paid after it was cancelled"),
                self.env._(
                    "A reinstatement that was cancelled has been paid: refund it, or "
                    "reinstate the contract."
                ),
            )
        return False

    def _tell_if(self, wrong, summary, note):
        """Tell the owner once that something is wrong, until it is right again."""
        if wrong == self.told:
            return False
        self.told = wrong
        if wrong:
            self.contract_id._tell_payment(summary, note)
        return wrong

    def _drop(self):
        self.write({"state": "cancelled", "agreed_on": False})
        self.contract_id.message_post(body=self.env._("The reinstatement is given up."))
        return True

    # ------------------------------------------------------------------
    # Alive again
    # ------------------------------------------------------------------

    def _reinstate(self):
        """Let the contract live again. Who has paid is never refused: what is in the
        way is told to the owner.

        :return: whether anything changed
        """
        self.ensure_one()
        bar = self.contract_id._get_return_bar()
        if not bar:
            try:
                with self.env.cr.savepoint():
                    self._add_terms()
            except UserError as error:
                bar = str(error)
        if bar:
            return self._tell_if(True, self.env._("Paid, but not reinstated"), bar)
        self._mail_reinstated()
        return True

    def _add_terms(self):
        contract = self.contract_id
        today = contract.company_id._support_day()
        line = self.fee_line_id
        terms = renewal.reinstated_terms(
            contract.date_end,
            self.months,
            contract.later_term_months,
            today,
            self.from_old_end,
        )
        for number, days in enumerate(terms):
            # the order charges the first fee of the first of them
            ordered = line if not number else line.browse()
            contract._add_terms([NewTerm(contract, *days, ordered)], reinstated=True)
        first_day = terms[0][0]
        if line:
            contract._agree_from(first_day, *line._support_get_agreed(contract))
        if self.kind == renewal.LICENCE:
            contract.installation_ids._take_new_licence(self)
        contract.write({"churn_reason_id": False})
        self.write(
            {
                "state": "done",
                "done_on": today,
                "first_day": first_day,
                "last_day": contract.date_end,
                "told": False,
            }
        )
        contract.activity_unlink(["support_contract.mail_activity_type_renewal"])
        contract._grant_due()
        contract._sync_ended()
        contract._charge_fees()
        self.env.flush_all()

    def _mail_reinstated(self):
        template = self.env.ref(
            "support_contract.mail_template_contract_reinstated",
            raise_if_not_found=False,
        )
        if template:
            template.send_mail(self.contract_id.id)

    # ------------------------------------------------------------------
    # Given up
    # ------------------------------------------------------------------

    def action_cancel(self):
        """Give up what is not paid yet: its charge is taken back, or its order
        cancelled.

        :raise UserError: if it is done, or its order is invoiced
        :raise AccessError: for who may not change the order, or not the contract
        """
        for item in self:
            item.check_access("read")
            waiting = item.sudo()  # each way is checked below
            if waiting.state != "waiting":
                raise UserError(
                    self.env._("%s: it waits for nothing.", item.display_name)
                )
            if waiting.way == "charge":
                item.contract_id._require_manager()
                waiting.charge_id._withdraw(self.env._("Reinstatement given up"))
            else:
                order = item.order_id
                order.check_access("write")
                posted = order.sudo().invoice_ids.filtered(  # only whether
                    lambda move: move.state == "posted"
                )
                if waiting._get_due()[0] and any(
                    line._support_get_claimed(False) > 0
                    for line in posted.invoice_line_ids.filtered("support_contract_id")
                    if line.move_id.move_type == "out_invoice"
                ):
                    raise UserError(
                        self.env._(
                            "Order %s has been invoiced: credit its invoice first.",
                            order.name,
                        )
                    )
                order.action_cancel()
            waiting._sync()

    # ------------------------------------------------------------------
    # The job that compares
    # ------------------------------------------------------------------

    @api.model
    def _cron_compare(self):
        """Compare the contracts that are to live again with what is paid, both ways: a
        hook may never have been called, or its transaction failed. What was done over
        a year ago is settled."""
        settled = fields.Date.subtract(fields.Date.today(), days=SETTLED_DAYS)
        self.search(
            Domain("state", "=", "waiting")
            | Domain("state", "=", "done") & Domain("done_on", ">", settled),
            order="id",
        )._run_job("_compare")

    def _compare(self):
        """Put right what differs, and tell the owner."""
        for item in self._sync():
            if item.state == "done" and not item.told:
                item.contract_id._tell_payment(
                    self.env._("Put right by the nightly comparison"),
                    self.env._(
                        "The contract is reinstated: what it costs had been paid."
                    ),
                )
