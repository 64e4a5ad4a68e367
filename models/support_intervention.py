# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import math

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import cover, rounding
from .support_terms_mixin import TREATMENTS


class SupportIntervention(models.Model):
    """Work done for a ticket. Once done, it is drawn from the ledgers of what covers
    it on its day; what they do not cover is kept as overage with its price."""

    _name = "support.intervention"
    _description = "Support Intervention"
    _inherit = ["mail.thread"]
    _order = "start desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Summary", required=True)
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        check_company=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="ticket_id.company_id", store=True, index=True, precompute=True
    )
    partner_id = fields.Many2one(
        related="ticket_id.partner_id", string="Customer", store=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Company of the Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
    )
    work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        compute="_compute_work_mode_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        check_company=True,
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Technician",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
    )
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    end = fields.Datetime(required=True, default=fields.Datetime.now)
    day = fields.Date(
        compute="_compute_day",
        store=True,
        precompute=True,
        help="Local date of the start, in the company's support time zone.",
    )
    raw_minutes = fields.Integer(
        string="Time Worked",
        compute="_compute_raw_minutes",
        store=True,
        precompute=True,
        help="Minutes from start to end, begun minutes count.",
    )
    billable_minutes = fields.Integer(
        string="Billable Time",
        compute="_compute_billable_minutes",
        store=True,
        precompute=True,
        help="After the minimum and the step of the work mode, or as set by hand.",
    )
    billable_by_hand = fields.Boolean(string="Set by Hand", tracking=True)
    manual_minutes = fields.Integer(string="Billable Time by Hand", tracking=True)
    manual_reason = fields.Char(
        string="Reason", tracking=True, groups="base.group_user"
    )
    description = fields.Text(string="What Was Done")
    state = fields.Selection(
        selection=[("draft", "To do"), ("done", "Done")],
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        tracking=True,
        index=True,
    )
    cover = fields.Selection(
        selection=[(cover.CONTRACT, "Contract"), (cover.ON_CALL, "On call")],
        readonly=True,
        copy=False,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
    )
    treatment = fields.Selection(selection=TREATMENTS, readonly=True, copy=False)
    entry_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="intervention_id",
        string="Ledger Entries",
        readonly=True,
    )
    drawn = fields.Char(
        compute="_compute_drawn", help="What was drawn from the contract's balances."
    )
    overage_minutes = fields.Integer(
        string="Beyond the Balance",
        readonly=True,
        copy=False,
        help="Minutes that no balance covers.",
    )
    overage_amount = fields.Monetary(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Untaxed price of what no balance covers.",
    )
    hourly_price = fields.Monetary(
        readonly=True,
        copy=False,
        groups="support_contract.group_support_user",
        help="Untaxed price of an hour that was applied.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", readonly=True, copy=False
    )

    _end_after_start = models.Constraint(
        'CHECK (start <= "end")', "The end of the work cannot lie before its start."
    )
    _minutes_positive = models.Constraint(
        "CHECK (manual_minutes >= 0)",
        "The billable time set by hand cannot be negative.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("ticket_id")
    def _compute_work_mode_id(self):
        for work in self:
            # the usual work mode is no secret; users need not read companies
            work.work_mode_id = (
                work.work_mode_id
                or work.ticket_id.support_work_mode_id
                or work.ticket_id.company_id.sudo().support_work_mode_id.sudo(False)
            )

    @api.depends("ticket_id.partner_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: a contact who changes employer does not take along what
        was done for the old one."""
        for work in self:
            work.commercial_partner_id = work.ticket_id.partner_id.commercial_partner_id

    @api.depends("start", "ticket_id.company_id")
    def _compute_day(self):
        for work in self:
            company = work.ticket_id.company_id or self.env.company
            work.day = work.start and company._support_day(work.start)

    @api.depends("start", "end")
    def _compute_raw_minutes(self):
        for work in self:
            seconds = 0
            if work.start and work.end:
                seconds = (work.end - work.start).total_seconds()
            work.raw_minutes = max(math.ceil(seconds / 60), 0)

    @api.depends(
        "raw_minutes",
        "work_mode_id",
        "billable_by_hand",
        "manual_minutes",
        "ticket_id.support_contract_id",
    )
    def _compute_billable_minutes(self):
        for work in self:
            if work.state == "done":
                # what was drawn stands, whatever the ticket's contract becomes
                work.billable_minutes = work.billable_minutes
            elif work.billable_by_hand:
                work.billable_minutes = work.manual_minutes
            else:
                contract = work.contract_id or work.ticket_id.support_contract_id
                # only the minimum and step are read
                work.billable_minutes = work._round(contract.sudo())

    def _round(self, contract):
        """Minutes worked after the minimum and step that ``contract`` (may be empty)
        has agreed for the work mode, else the work mode's own."""
        self.ensure_one()
        terms = contract.work_mode_terms_ids.filtered(
            lambda terms: terms.work_mode_id == self.work_mode_id
        )
        source = terms[:1] or self.work_mode_id
        return rounding.billable_minutes(
            self.raw_minutes, source.minimum_minutes, source.step_minutes
        )

    @api.depends("entry_ids.quantity")
    def _compute_drawn(self):
        for work in self:
            # money and minutes are shown apart, never added up
            totals = {}
            for entry in work.sudo().entry_ids:
                ledger = entry.ledger_id
                totals[ledger] = totals.get(ledger, 0.0) - entry.quantity
            work.drawn = ", ".join(
                ledger._format_quantity(total)
                for ledger, total in totals.items()
                if round(total, 4)
            )

    # ------------------------------------------------------------------
    # Constraints and CRUD
    # ------------------------------------------------------------------

    @api.constrains("billable_by_hand", "manual_reason")
    def _check_manual_reason(self):
        for work in self:
            if work.billable_by_hand and not (work.manual_reason or "").strip():
                raise ValidationError(
                    self.env._("Billable time set by hand needs a reason.")
                )

    @api.model
    def _get_protected_fields(self):
        """Fields that only the work's own methods set."""
        return {
            "state",
            "cover",
            "contract_id",
            "treatment",
            "overage_minutes",
            "overage_amount",
            "hourly_price",
            "currency_id",
            *self._get_computed_fields(),
        }

    @api.model
    def _get_computed_fields(self):
        """Stored fields that follow from others, which nobody may set."""
        return {
            "company_id",
            "partner_id",
            "commercial_partner_id",
            "day",
            "raw_minutes",
            "billable_minutes",
        }

    @api.model_create_multi
    def create(self, vals_list):
        if self.env.su:
            return super().create(vals_list)
        computed = self._get_computed_fields()
        prepared = []
        for vals in vals_list:
            self._check_protected(
                {
                    name: value
                    for name, value in vals.items()
                    if value and (name, value) != ("state", "draft")
                }
            )
            # named, so that no default of the caller's context or own takes effect
            initial = {
                name: False
                for name in self._get_protected_fields() - computed
                if self._has_field_access(self._fields[name], "write")
            }
            prepared.append(vals | initial | {"state": "draft"})
        works = super().create(prepared)
        for name in computed:
            self.env.add_to_compute(self._fields[name], works)
        # work belongs to whoever may work on the ticket
        works.ticket_id.check_access("write")
        return works

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
            if {
                "ticket_id",
                "work_mode_id",
                "user_id",
                "start",
                "end",
                "billable_by_hand",
                "manual_minutes",
            } & vals.keys():
                self._check_draft()
        result = super().write(vals)
        if "ticket_id" in vals:
            self.ticket_id.check_access("write")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_done(self):
        self._check_draft()

    def _check_protected(self, vals):
        names = self._get_protected_fields() & vals.keys()
        if names:
            raise UserError(
                self.env._(
                    "These fields are set when the work is done or undone: %s",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )

    def _check_draft(self):
        for work in self:
            if work.state == "done":
                raise UserError(
                    self.env._(
                        "“%s” is done and has been drawn from the balance: undo it "
                        "first.",
                        work.name,
                    )
                )

    # ------------------------------------------------------------------
    # Done and undone
    # ------------------------------------------------------------------

    def action_done(self):
        """The work is done: draw it from what covers it on its day.

        :raise UserError: if nothing covers it, if it lies in the future, has no
            duration, or the contract refuses what its balance does not cover; nothing
            is drawn then
        """
        self.check_access("write")
        for work in self:
            work._lock()
            work._check_draft()
            work.ticket_id._support_check_workable()
            if not (work.raw_minutes or work.billable_by_hand):
                raise UserError(
                    self.env._(
                        "“%s”: enter when the work started and ended.", work.name
                    )
                )
            if work.end > fields.Datetime.now():
                raise UserError(
                    self.env._("“%s”: work cannot be done in the future.", work.name)
                )
            work._draw()
            work.sudo().state = "done"  # checked above, and set by this method alone
            work.ticket_id._support_respond(work.start, "work")

    def _lock(self):
        """The ticket decides: it is locked before any ledger (``design.md``, 8)."""
        self.ticket_id.check_access("write")
        self.ticket_id._support_lock()
        self.invalidate_recordset(["state"])

    def _draw(self):
        """Decide the cover for the day and work mode of this work, and draw on it."""
        self.ensure_one()
        decision = self._decide()
        contract = (
            self.env["support.contract"].sudo().browse(decision.contract_id or [])
        )
        # a technician draws without any right to ledgers or prices: what is drawn is
        # what the decision and the minutes say
        work = self.sudo()
        if not work.billable_by_hand:
            work.billable_minutes = work._round(contract)
        values = {
            "cover": decision.kind,
            "contract_id": contract.id,
            "treatment": decision.treatment if contract else False,
            "currency_id": (contract or work.company_id).currency_id.id,
            "overage_minutes": 0,
            "overage_amount": 0.0,
            "hourly_price": 0.0,
        }
        minutes, amount, price = work._draw_from(contract, decision)
        if minutes:
            values |= {
                "overage_minutes": minutes,
                "overage_amount": float(amount),
                "hourly_price": float(price),
            }
        work.write(values)

    def _decide(self):
        """The cover of this work: the one that a person chose for the ticket, else
        what the rule says for its day and work mode."""
        self.ensure_one()
        ticket = self.ticket_id
        chosen = ticket.sudo().support_cover_chosen
        if chosen and ticket.support_cover == cover.ON_CALL:
            return cover.Decision(cover.ON_CALL)
        if not ticket.partner_id:
            raise UserError(
                self.env._("Ticket %s: choose the contact first.", ticket.number)
            )
        if not ticket.sudo().support_cover_confirmed:
            raise UserError(
                self.env._(
                    "Ticket %s: confirm its cover before logging work.", ticket.number
                )
            )
        if taken := self._get_ticket_entry():
            return cover.Decision(cover.CONTRACT, taken.contract_id.id, cover.FREE)
        [decision] = self.env["support.cover"]._decide(
            [
                ticket._support_get_request(
                    gate=False,
                    contract=ticket.sudo().support_contract_id if chosen else None,
                    day=self.day,
                    mode=self.work_mode_id,
                )
            ]
        )
        if decision.kind == cover.NONE or (chosen and decision.kind != cover.CONTRACT):
            reasons = self.env["support.cover"]._explain(
                [list(reason) for reason in decision.reasons]
            )
            raise UserError(
                self.env._(
                    "Nothing covers “%(work)s” on %(day)s: %(reasons)s. Choose another "
                    "cover on the ticket.",
                    work=self.name,
                    day=fields.Date.to_string(self.day),
                    reasons="; ".join(
                        f"{line['contract']} {line['text']}".strip() for line in reasons
                    ),
                )
            )
        return decision

    def _get_ticket_entry(self):
        """The entry that took the ticket off a pack, which pays for all work on it:
        not always the contract that covered the ticket when it was opened."""
        return self.ticket_id._support_get_taken()[:1]

    def _draw_from(self, contract, decision):
        """Draw on the contract's ledgers, time first, then money where the contract
        says so.

        :return: ``(minutes, untaxed amount, hourly price)`` of what is left over
        """
        self.ensure_one()
        minutes = self.billable_minutes
        if not minutes:  # goodwill, by hand and with a reason
            return 0, 0, 0
        if decision.kind == cover.ON_CALL:
            return self._price(minutes, None)
        if decision.treatment == cover.QUOTED:
            return self._price(minutes, contract)
        if decision.treatment == cover.FREE or contract._fee_pays(self.work_mode_id):
            return 0, 0, 0
        if any(hold.unit == "ticket" for hold in decision.holds):
            # a pack bought after the ticket was opened: the ticket is taken now
            self.ticket_id._support_hold(decision.holds)
            return 0, 0, 0
        ledgers = contract._get_ledgers_for(self.work_mode_id).filtered(
            lambda ledger: ledger.unit != "ticket"
        )
        own = self.ticket_id.support_reservation_ids.filtered(
            lambda held: held.state == "held"
        )
        (ledgers | own.ledger_id).sorted("id")._lock()
        times = ledgers.filtered(lambda ledger: ledger.unit == "time")
        for ledger in times:
            if minutes:
                _, left = ledger._debit(
                    minutes, "work", self.day, own, **self._get_origin_values()
                )
                minutes = int(left)
        wallets = ledgers - times
        if minutes and wallets and (not times or decision.overage == cover.WALLET):
            minutes, amount, price = self._draw_money(contract, wallets, minutes, own)
        elif minutes and decision.overage != cover.REFUSE:
            minutes, amount, price = self._price(minutes, contract)
        else:
            amount, price = 0, 0
        if minutes and decision.overage == cover.REFUSE:
            self._refuse_overage(contract, minutes)
        # the work that was reserved for has come; what it did not need is free again
        own._release()
        return minutes, amount, price

    def _draw_money(self, contract, wallets, minutes, own):
        minutes, cost, price = self._price(minutes, contract)
        unpaid = cost
        for wallet in wallets:
            if unpaid:
                _, unpaid = wallet._debit(
                    unpaid, "work", self.day, own, **self._get_origin_values()
                )
        left = rounding.minutes_unpaid(minutes, cost, cost - unpaid)
        return left, unpaid, price

    def _refuse_overage(self, contract, minutes):
        raise UserError(
            self.env._(
                "Contract %(contract)s does not cover “%(work)s”: %(missing)s are "
                "missing, and it allows no work beyond its balance.",
                contract=contract.name,
                work=self.name,
                missing=self.env["support.unit.mixin"]._format_in_unit(
                    minutes, "time", None
                ),
            )
        )

    def _price(self, minutes, contract):
        """``minutes`` at the agreed rate of ``contract``, or at the on-call tariff.

        :raise UserError: if no price is set
        """
        self.ensure_one()
        company = self.company_id
        currency = contract.currency_id if contract else company.currency_id
        pricelist = company.support_on_call_pricelist_id
        if contract:
            pricelist = pricelist.browse(
                contract._get_terms_on(self.day)["pricelist_id"] or []
            )
        price = self.work_mode_id._get_hourly_price(
            pricelist, currency, self.day, company, self.partner_id
        )
        if price is None:
            raise UserError(
                self.env._(
                    "Work mode %(mode)s has no hourly price: set the price of its "
                    "product or of the pricelist.",
                    mode=self.work_mode_id.name,
                )
            )
        amount = rounding.price_of_minutes(price, minutes, currency.decimal_places)
        return minutes, amount, price

    def _get_origin_values(self):
        return {
            "ticket_id": self.ticket_id.id,
            "intervention_id": self.id,
        }

    def action_undo(self):
        """Open the form to undo the work, with a reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Undo"),
            "res_model": "support.intervention.undo",
            "view_mode": "form",
            "target": "new",
            "context": {"default_intervention_id": self.id},
        }

    def _undo(self, reason):
        """Reverse what was drawn and open the work for changes.

        :raise UserError: without a reason, or if it is not done
        """
        self.check_access("write")
        for work in self:
            work._lock()
            if work.state != "done":
                raise UserError(self.env._("“%s” is not done.", work.name))
            # checked above: who may write the work undoes all it drew
            entries = work.sudo().entry_ids
            drawn = entries.filtered(lambda entry: entry.quantity < 0)
            (drawn - entries.reversal_of_id)._reverse(reason)
            # checked above; only this method takes the work back
            work.sudo().write(
                {
                    "state": "draft",
                    "cover": False,
                    "contract_id": False,
                    "treatment": False,
                    "overage_minutes": 0,
                    "overage_amount": 0.0,
                    "hourly_price": 0.0,
                }
            )
            work.message_post(body=self.env._("Undone: %s", reason))
