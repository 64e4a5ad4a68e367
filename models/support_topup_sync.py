# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import ROUND_HALF_UP, Decimal

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools import periods


class SupportTopup(models.Model):
    """Brings what is credited to what should be. "Paid" is not one event: payments
    come, are matched, taken back, refunded. So nothing here counts events; whatever
    happens calls :meth:`_sync`, which compares and may be called any number of times
    (``design.md``, "Money").

    Three quantities decide. *Claimed* is what the order or invoice still asks the
    customer to pay for, less posted credit notes. *Due* is what the customer should
    have: all that is claimed once it is paid, else nothing. *Credited* is what the
    customer was given so far. What is credited and not due goes back as far as it is
    unused; what was used is owed, by the invoice as far as it claims it, else by a
    charge.
    """

    _inherit = "support.topup"

    def _sync(self):
        """Credit what is due, take back what is not. Idempotent.

        Who confirms, invoices or pays has been checked where they did so; what
        follows from it needs no further right.

        :return: the top-ups for which something changed
        """
        topups = self.sudo()  # see above
        topups._lock_rows()
        topups._find_ledgers()
        changed = topups.browse()
        for topup in topups.sorted("id"):
            if getattr(topup, f"_sync_{topup.kind}")():
                changed |= topup
        return changed

    def _find_ledgers(self):
        """Lock the ledgers of all top-ups at once, in ascending order."""
        for topup in self:
            if topup.kind == "topup" and not topup.ledger_id and topup._get_due()[1]:
                topup.ledger_id = topup.contract_id._open_topup_ledger(topup.product_id)
        if self.ledger_id:
            self.ledger_id.sorted("id")._lock()
            self.invalidate_recordset(["credited", "remaining", "entry_ids"])

    def _lock_rows(self):
        """Wait for whoever credits these top-ups just now; one that changed since
        this transaction began makes it fail and be tried again."""
        self.env.flush_all()
        if self:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE support_topup SET write_date = write_date
                     WHERE id IN (SELECT id FROM support_topup WHERE id = ANY(%s)
                                   ORDER BY id FOR NO KEY UPDATE)
                    """,
                    self.ids,
                )
            )
            self.invalidate_recordset()

    # ------------------------------------------------------------------
    # What should be
    # ------------------------------------------------------------------

    def _get_due(self):
        """``(claimed, due)`` in the unit of the ledger, or in pieces where there is
        none, as exact Decimals."""
        self.ensure_one()
        none = Decimal(0)
        whole = self._decimal(self.quantity if self.unit else self.pieces)
        if self.key == self._get_sale_key(self.sale_line_id):
            claimed = whole if self.order_id.state == "sale" else none
            return claimed, claimed if self.credit_when == "order" else none
        line = self.invoice_line_id
        if not line or line.parent_state != "posted":
            return none, none
        claimed = self._round(whole * line._support_get_claimed(self.unit == "money"))
        due = self.credit_when == "invoiced" or line.move_id._support_is_paid()
        return claimed, claimed if due else none

    def _round(self, quantity):
        """``quantity`` rounded half up to the decimals of the unit."""
        digits = self._unit_digits() if self.unit else 4
        return quantity.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)

    # ------------------------------------------------------------------
    # Hours, tickets, money
    # ------------------------------------------------------------------

    def _sync_topup(self):
        """Bring the ledger to what is due.

        :return: whether anything was posted or charged
        """
        self.ensure_one()
        claimed, due = self._get_due()
        credited = self._decimal(self.credited)
        posted = due != credited
        if due > credited:
            self._credit_more(due - credited)
        elif due < credited:
            posted = bool(self._take_back(credited - due))
        credited = self._decimal(self.credited)
        used = credited - self._get_expired()
        charged = self._sync_charge(max(used - claimed, Decimal(0)))
        owed = float(max(used - due, Decimal(0)))
        state = "cancelled"
        if due:
            state = "credited"
        elif self.credited_on:
            state = "taken_back"
        elif claimed:
            state = "pending"
        if (self.state, self.owed_quantity) != (state, owed):
            self.write({"state": state, "owed_quantity": owed})
        return posted or charged

    def _credit_more(self, quantity):
        """Add a lot. What comes back after a take-back keeps the days of the first."""
        lots = self._get_lots()
        today = self.company_id._support_day()
        first_day, last_day = today, None
        if lots:
            first_day, last_day = lots[0].first_day, lots[0].last_day or None
        elif self.product_id.support_validity_months:
            last_day = periods.term_end(today, self.product_id.support_validity_months)
        self.ledger_id._credit(
            quantity,
            "topup",
            today,
            first_day,
            last_day,
            topup_id=self.id,
            key=f"{self.key}:{len(lots)}" if lots else self.key,
            unit_value=self._get_unit_value(),
        )
        self.invalidate_recordset(["credited", "remaining", "entry_ids"])
        if not self.credited_on:
            self.credited_on = today
        if self.contract_id.state in ("expired", "terminated"):
            self._tell_owner(
                self.env._("Paid after the end of the contract"),
                self.env._(
                    "%(topup)s has been credited, but the contract is over: refund it "
                    "or renew the contract.",
                    topup=self.display_name,
                ),
            )

    def _get_unit_value(self):
        """What a minute or ticket of it cost, untaxed, in the company's currency; None
        for money, which is worth itself."""
        if self.unit == "money" or not self.quantity:
            return None
        currency = self.company_id.currency_id
        amount = self.sale_currency_id._convert(
            self.amount,
            currency,
            self.company_id,
            self.company_id._support_day(),
            round=False,
        )
        return round(amount / self.quantity, 6) or None

    def _get_lots(self):
        return self.entry_ids.filtered(lambda entry: entry.kind == "topup").sorted("id")

    def _take_back(self, quantity):
        """Take back what is left of the lots, up to ``quantity``.

        :return: the entries
        """
        rows = []
        count = len(self.entry_ids.filtered(lambda entry: entry.kind == "takeback"))
        locked = self.ledger_id._lock()[self.ledger_id.id]
        # the order in which work draws, turned round: the customer keeps what ends
        # first
        for lot_id, remaining in self.env.execute_query(
            SQL(
                """
                SELECT id, remaining::text FROM support_ledger_entry
                 WHERE topup_id = %s AND lot_id IS NULL AND remaining > 0
                 ORDER BY last_day DESC NULLS FIRST, first_day DESC, id DESC
                   FOR NO KEY UPDATE
                """,
                self.id,
            )
        ):
            part = min(Decimal(remaining), quantity)
            if part <= 0:
                break
            quantity -= part
            rows.append(
                {
                    "ledger_id": self.ledger_id.id,
                    "kind": "takeback",
                    "quantity": -part,
                    "day": self.company_id._support_day(),
                    "lot_id": lot_id,
                    "topup_id": self.id,
                    "key": f"takeback:{self.id}:{count + len(rows)}",
                }
            )
        entries = self.ledger_id._insert(rows)
        after = locked.balance + sum(row["quantity"] for row in rows)
        if any(locked.balance > level >= after for level in locked.levels):
            self.ledger_id._announce_low()
        self.invalidate_recordset(["credited", "remaining", "entry_ids"])
        return entries

    def _get_expired(self):
        """How much of the lots expired: it was not used, so it is not owed."""
        lots = self._get_lots()
        if not lots:
            return Decimal(0)
        [[expired]] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(-sum(entry.quantity), 0)::text
                  FROM support_ledger_entry entry
                  LEFT JOIN support_ledger_entry origin
                    ON origin.id = entry.reversal_of_id
                 WHERE entry.lot_id = ANY(%s)
                   AND COALESCE(origin.kind, entry.kind) IN ('expiry', 'forfeit')
                """,
                lots.ids,
            )
        )
        return Decimal(expired)

    def _sync_charge(self, used):
        """Charge what was used and is claimed by no invoice, in proportion; take the
        charge back when the invoice claims it again.

        :param Decimal used: in the unit of the ledger
        :return: whether anything changed
        """
        amount = 0.0
        if used and self.quantity:
            amount = self.sale_currency_id.round(
                self.amount * float(used) / self.quantity
            )
        charges = self.charge_ids.filtered(lambda charge: not charge.refund_of_id)
        live = charges.filtered(
            lambda charge: not charge.cancelled and not charge.refund_ids
        )
        if not self.sale_currency_id.compare_amounts(
            sum(live.mapped("amount")), amount
        ):
            return False
        live._withdraw(
            self.env._("%s is claimed by its invoice again.", self.display_name)
            if not amount
            else self.env._("More or less of it was used.")
        )
        if amount:
            self.env["support.charge"]._add(
                [self._prepare_charge_values(used, amount, len(charges))]
            )
        self.invalidate_recordset(["charge_ids"])
        return True

    def _prepare_charge_values(self, used, amount, number):
        contract = self.contract_id
        return {
            "key": f"topup:{self.id}:{number}",
            "kind": "topup",
            "name": self.env._(
                "%(product)s: %(used)s used before it was paid",
                product=self.product_id.display_name,
                used=self._format_quantity(used),
            ),
            "topup_id": self.id,
            "company_id": self.company_id.id,
            "currency_id": self.sale_currency_id.id,
            "partner_id": contract.partner_id.id,
            "contract_id": contract.id,
            "date": self.company_id._support_day(),
            "product_id": self.product_id.id,
            "minutes": int(used) if self.unit == "time" else 0,
            "quantity": 1.0,
            "price_unit": amount,
            "amount": amount,
        }

    # ------------------------------------------------------------------
    # Contracts and activations
    # ------------------------------------------------------------------

    def _sync_contract(self):
        """Start the contract that was sold once enough of its line is paid."""
        self.ensure_one()
        line = self.sale_line_id
        siblings = self.search(
            [("sale_line_id", "=", line.id), ("kind", "=", "contract")], order="id"
        )
        before = sum(topup.pieces for topup in siblings if line and topup.id <= self.id)
        claimed, due = line._support_get_due(self.credit_when) if line else (0, 0)
        return self._start(claimed >= before > 0, due >= before > 0)

    def _sync_activation(self):
        """Count the new activations from the day on which they are due."""
        self.ensure_one()
        claimed, due = self._get_due()
        pieces = self._decimal(self.pieces)
        return self._start(bool(claimed), pieces > 0 and due >= pieces)

    def _start(self, claimed, due):
        """Start what was sold when it is due. What was started is not stopped by
        itself when it is not paid any more: the owner decides.

        :return: whether anything changed
        """
        started = self.state == "credited"
        if due and not started:
            getattr(self, f"_start_{self.kind}")()
            self.write(
                {
                    "state": "credited",
                    "credited_on": self.company_id._support_day(),
                    "told": False,
                }
            )
            return True
        if started:
            if due and self.told:
                self.told = False
            elif not due and not self.told:
                self.told = True
                self._tell_owner(
                    self.env._("Not paid any more"),
                    self.env._(
                        "%(topup)s was started on %(day)s and is not paid any more. "
                        "It goes on until you suspend or change the contract.",
                        topup=self.display_name,
                        day=format_date(self.env, self.credited_on),
                    ),
                )
                return True
            return False
        state = "pending" if claimed else "cancelled"
        if self.state != state:
            self.state = state
            return True
        return False

    def _start_contract(self):
        contract = self.contract_id
        if contract.state not in ("draft", "offered", "signed"):
            return  # a person was faster
        if not self.product_id.support_contract_state == "active":
            self._tell_owner(
                self.env._("Ready to be activated"),
                self.env._("%s has been paid for.", self.display_name),
            )
            return
        if contract.signature_required and not contract.signed_on:
            self._tell_owner(
                self.env._("Signature missing"),
                self.env._(
                    "%s has been paid for: activate the contract when it is signed.",
                    self.display_name,
                ),
            )
            return
        if not self.sale_line_id.support_start:
            # agreed when it was sold: it starts when it is credited
            contract._write_agreed({"date_start": self.company_id._support_day()})
        try:
            with self.env.cr.savepoint():
                contract.action_activate()
        except UserError as error:
            # who pays must not be refused because the contract is not ready
            self._tell_owner(self.env._("Paid, but not activated"), str(error))

    def _start_activation(self):
        """A dated change of the contract, for today."""
        contract = self.contract_id
        today = self.company_id._support_day()
        count = contract.activation_count + round(self.pieces)
        if contract.state in ("draft", "offered"):
            contract.activation_count = count
            return
        change = self.env["support.contract.change"].create(
            {
                "contract_id": contract.id,
                "first_day": today,
                "reason": self.env._("Sold: %s", self.display_name),
                "values": {"activation_count": count},
                "topup_id": self.id,
            }
        )
        change._apply_due()

    def _tell_owner(self, summary, note):
        """An activity on the contract, once as long as it is open."""
        for topup in self:
            contract = topup.contract_id
            known = contract.activity_ids.filtered(
                lambda activity, title=summary: activity.summary == title
            )
            if not known:
                contract.activity_schedule(
                    "support_contract.mail_activity_type_topup",
                    summary=summary,
                    note=note,
                    user_id=contract.user_id.id or self.env.uid,
                )

    # ------------------------------------------------------------------
    # The job that compares
    # ------------------------------------------------------------------

    @api.model
    def _cron_compare(self):
        """Compare what is credited with what is paid, both ways, and put right what
        differs: a hook may never have been called, or its transaction failed."""
        lines = self.env["account.move.line"].search(
            [
                ("support_contract_id", "!=", False),
                ("parent_state", "=", "posted"),
                ("support_topup_ids", "=", False),
                ("move_id.move_type", "in", ("out_invoice", "out_receipt")),
                ("product_id.support_sells", "in", ("topup", "activation")),
            ]
        )
        self._take_invoice_lines(lines)
        open_or_credited = self.search(
            [
                "|",
                ("state", "in", ("pending", "credited", "taken_back")),
                ("invoice_line_id.parent_state", "=", "posted"),
            ],
            order="id",
        )
        open_or_credited._run_job("_compare")

    def _compare(self):
        """Put right what differs, and tell the owner."""
        for topup in self._sync():
            topup._tell_owner(
                self.env._("Put right by the nightly comparison"),
                self.env._(
                    "%(topup)s was not what its payment says: it is now %(state)s, "
                    "with %(credited)s credited.",
                    topup=topup.display_name,
                    state=dict(topup._fields["state"]._description_selection(self.env))[
                        topup.state
                    ],
                    credited=topup._format_quantity(topup.credited)
                    if topup.unit
                    else format_date(self.env, topup.credited_on) or "-",
                ),
            )
