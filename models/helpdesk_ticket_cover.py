# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from dataclasses import replace

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..tools import cover
from .helpdesk_ticket import IssuedNumber
from .support_cover import CoverRequest
from .support_terms_mixin import TREATMENTS

#: what cover is decided from
COVER_INPUTS = {
    "partner_id",
    "company_id",
    "team_id",
    "category_id",
    "support_work_mode_id",
    "support_installation_id",
}

#: what only the decision itself sets
COVER_RESULTS = {
    "support_contract_id",
    "support_warranty_policy_id",
    "support_cover",
    "support_treatment",
    "support_cover_reasons",
    "support_cover_chosen",
    "support_rank",
    "support_rejected",
    "support_rejection_reason",
}

#: on-call help and tickets without cover come last in the queue
RANK_ON_CALL, RANK_NONE = 900, 1000


class HelpdeskTicket(models.Model):
    """What covers a ticket and why (``design.md``, "Cover")."""

    _inherit = "helpdesk.ticket"

    support_work_mode_id = fields.Many2one(
        comodel_name="support.work.mode",
        string="Work Mode",
        check_company=True,
        help="How help is asked for; it decides which balance is drawn on.",
    )
    support_phone = fields.Char(string="Phone", help="Number to call back.")
    support_contract_id = fields.Many2one(
        comodel_name="support.contract",
        string="Support Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    support_warranty_policy_id = fields.Many2one(
        comodel_name="support.warranty.policy",
        string="Warranty",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
        help="Policy of the warranty that covers the ticket: its promises and rank "
        "count.",
    )
    support_cover = fields.Selection(
        selection=[
            (cover.WARRANTY, "Warranty"),
            (cover.CONTRACT, "Contract"),
            (cover.ON_CALL, "On call"),
            (cover.NONE, "Not covered"),
        ],
        string="Cover",
        readonly=True,
        copy=False,
    )
    support_treatment = fields.Selection(
        selection=TREATMENTS,
        string="Request Treatment",
        readonly=True,
        copy=False,
    )
    support_cover_confirmed = fields.Boolean(
        string="Cover Confirmed",
        default=True,
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="A ticket that came by mail only proposes its cover: nothing is drawn or "
        "reserved before a person confirms it.",
    )
    support_cover_chosen = fields.Boolean(
        string="Chosen by Hand", readonly=True, copy=False, groups="base.group_user"
    )
    support_cover_reasons = fields.Json(
        string="Cover Reasons", readonly=True, copy=False, groups="base.group_user"
    )
    support_cover_why = fields.Html(
        string="Why",
        compute="_compute_support_cover_why",
        groups="base.group_user",
        sanitize=False,
    )
    support_cover_left = fields.Char(
        string="What Is Left",
        compute="_compute_support_cover_left",
        groups="base.group_user",
    )
    support_stranger = fields.Boolean(
        compute="_compute_support_stranger",
        groups="base.group_user",
        help="The contract names who may ask for help, and this contact is not one.",
    )
    support_rank = fields.Integer(
        string="Contract Rank",
        readonly=True,
        copy=False,
        default=RANK_NONE,
        aggregator=None,
        index=True,
        groups="base.group_user",
        help="The lower, the earlier in the queue.",
    )
    support_rejected = fields.Boolean(string="Rejected", readonly=True, copy=False)
    support_rejection_reason = fields.Char(
        string="Rejection Reason", readonly=True, copy=False
    )
    support_entry_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="ticket_id",
        string="Ledger Entries",
        readonly=True,
    )
    support_reservation_ids = fields.One2many(
        comodel_name="support.ledger.reservation",
        inverse_name="ticket_id",
        string="Reservations",
        readonly=True,
        groups="base.group_user",
    )
    support_intervention_ids = fields.One2many(
        comodel_name="support.intervention",
        inverse_name="ticket_id",
        string="Work",
    )
    support_minutes = fields.Integer(
        string="Billable Time",
        compute="_compute_support_minutes",
        help="Billable minutes of the work done.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("support_cover_reasons")
    @api.depends_context("lang")
    def _compute_support_cover_why(self):
        for ticket in self:
            lines = self.env["support.cover"]._explain(
                ticket.support_cover_reasons or []
            )
            ticket.support_cover_why = Markup(
                "<ul class='list-unstyled mb-0'>%s</ul>"
            ) % (
                Markup("").join(
                    Markup("<li><i class='fa fa-fw %s'></i> <b>%s</b> %s</li>")
                    % (
                        "fa-check text-success"
                        if line["covers"]
                        else "fa-times text-muted",
                        line["contract"],
                        line["text"],
                    )
                    for line in lines
                )
            )

    @api.depends("support_contract_id.ledger_ids.balance", "support_work_mode_id")
    def _compute_support_cover_left(self):
        for ticket in self:
            # a technician of another team may see the ticket but not the contract
            ledgers = ticket.sudo().support_contract_id._get_ledgers_for(
                ticket.support_work_mode_id
            )
            ticket.support_cover_left = ", ".join(
                ledger._format_quantity(ledger.usable) for ledger in ledgers
            )

    @api.depends("partner_id", "support_contract_id.caller_ids")
    def _compute_support_stranger(self):
        for ticket in self:
            # only whether the contact is one of them is told
            callers = ticket.sudo().support_contract_id.caller_ids
            ticket.support_stranger = bool(callers) and ticket.partner_id not in callers

    @api.depends("support_intervention_ids.state")
    def _compute_support_minutes(self):
        minutes = {
            ticket.id: total
            for ticket, total in self.env["support.intervention"]._read_group(
                [("ticket_id", "in", self.ids), ("state", "=", "done")],
                ["ticket_id"],
                ["billable_minutes:sum"],
            )
        }
        for ticket in self:
            ticket.support_minutes = minutes.get(ticket.id, 0)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # named, so that no default of the caller's context or own takes effect
        initial = dict.fromkeys(COVER_RESULTS, False) | {
            "support_rank": RANK_NONE,
            "support_cover_confirmed": True,
        }
        if not self.env.su:
            for vals in vals_list:
                self._support_check_results(vals)
        vals_list = [initial | vals for vals in vals_list]
        holds_list = self._support_prepare_cover(vals_list)
        tickets = super().create(vals_list)
        tickets._support_hold_in_turn(holds_list)
        return tickets

    def write(self, vals):
        if not self.env.su:
            self._support_check_results(vals)
        before = {}
        if COVER_INPUTS & vals.keys():
            before = {ticket.id: ticket._support_inputs() for ticket in self}
        result = super().write(vals)
        changed = self.filtered(
            lambda ticket: ticket.id in before
            and before[ticket.id] != ticket._support_inputs()
        )
        if changed:
            changed._support_check_frozen(before)
            changed._support_follow_inputs(before)
        if "stage_id" in vals or "active" in vals:
            self.filtered(
                lambda ticket: ticket.closed or not ticket.active
            )._support_release()
        return result

    def _support_follow_inputs(self, before):
        """Decide anew where something changed that the cover hangs on. A cover that a
        person chose stays, unless it was chosen for another customer."""
        partners = self.env["res.partner"].sudo()  # whose customer, nothing else
        moved = self.filtered(
            lambda ticket: (
                partners.browse(before[ticket.id][0] or []).commercial_partner_id,
                before[ticket.id][1],
            )
            != (ticket.sudo().partner_id.commercial_partner_id, ticket.company_id.id)
        )
        # another customer's contract must not stay on the ticket
        moved.sudo().write(
            {
                "support_cover": False,
                "support_cover_chosen": False,
                "support_cover_reasons": [],
                "support_contract_id": False,
                "support_warranty_policy_id": False,
                "support_treatment": False,
            }
        )
        self.filtered(
            lambda ticket: not ticket._support_is_posted()
            and not ticket.sudo().support_cover_chosen
            and not ticket.support_rejected
            and not ticket.closed
        )._support_redecide()

    def _prepare_ticket_number(self, values):
        """Ticket codes of the company's own, such as TK130512 (S3)."""
        company = self.env["res.company"].browse(
            values.get("company_id") or self.env.company.id
        )
        # any user may open a ticket, but not read sequences
        sequence = company.sudo().support_ticket_sequence_id
        if sequence:
            return IssuedNumber(sequence.next_by_id())
        return super()._prepare_ticket_number(values)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """A sender's address is no identity: the cover is only proposed."""
        values = dict(custom_values or {}, support_cover_confirmed=False)
        return super().message_new(msg_dict, custom_values=values)

    def _support_check_results(self, vals):
        names = COVER_RESULTS & vals.keys()
        if "support_cover_confirmed" in vals and vals["support_cover_confirmed"]:
            names = names | {"support_cover_confirmed"}
        names = {name for name in names if vals[name]} if not self else names
        if names:
            raise UserError(
                self.env._(
                    "These values of a ticket are decided by its cover: %s. Use "
                    "“Choose Cover” on the ticket instead.",
                    ", ".join(
                        sorted(
                            self._fields[name]._description_string(self.env)
                            for name in names
                        )
                    ),
                )
            )

    def _support_inputs(self):
        """What cover was decided from."""
        self.ensure_one()
        return (
            self.partner_id.id,
            self.company_id.id,
            self.category_id.id,
            self.support_work_mode_id.id,
            # internal field, compared only
            self.sudo().support_installation_id.id,
        )

    def _support_check_frozen(self, before):
        """After the first entry customer, company and installation stay: what was
        drawn belongs to them. "Change Cover" reverses and posts anew."""
        for ticket in self:
            old, new = before[ticket.id], ticket._support_inputs()
            if old[:2] != new[:2] and ticket._support_is_posted():
                raise UserError(
                    self.env._(
                        "Ticket %s has drawn on a balance: its contact and company "
                        "cannot change any more.",
                        ticket.number,
                    )
                )
            if old[-1] != new[-1] and ticket._support_is_posted():
                raise UserError(
                    self.env._(
                        "Work on ticket %s is done: a contract manager may name "
                        "another installation with “Change Cover”.",
                        ticket.number,
                    )
                )

    def _support_is_posted(self):
        """Whether work is done or something drawn for the ticket, and not undone."""
        self.ensure_one()
        # what is done and drawn counts whoever asks
        ticket = self.sudo()
        if ticket.support_intervention_ids.filtered(lambda work: work.state == "done"):
            return True
        entries = ticket.support_entry_ids
        return bool(
            entries.filtered(lambda entry: entry.quantity < 0)
            - (entries.reversal_of_id)
        )

    # ------------------------------------------------------------------
    # Decision
    # ------------------------------------------------------------------

    @api.model
    def _support_prepare_cover(self, vals_list):
        """Decide the cover of tickets about to be created and add it to their values.

        :return: for each ticket what it is to hold
        """
        requests, positions, holds_list = [], [], []
        for vals in vals_list:
            # what a default names counts like what the caller names
            vals |= self.default_get(sorted(COVER_INPUTS - vals.keys()))
        self._support_fill_installations(vals_list)
        for position, vals in enumerate(vals_list):
            holds_list.append(())
            company = self._support_company_of(vals)
            mode = self.env["support.work.mode"].browse(
                vals.get("support_work_mode_id")
            )
            if "support_work_mode_id" not in vals:
                # a default of the company that anybody's ticket gets
                mode = company.sudo().support_work_mode_id.sudo(self.env.su)
                vals["support_work_mode_id"] = mode.id
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            if not partner:
                vals |= self._support_unknown_values()
                continue
            positions.append(position)
            requests.append(
                CoverRequest(
                    partner,
                    company,
                    mode,
                    company._support_day(),
                    self.env["helpdesk.ticket.category"].browse(
                        vals.get("category_id")
                    ),
                    installation=self.env["support.installation"].browse(
                        vals.get("support_installation_id")
                    ),
                )
            )
        decisions = self.env["support.cover"]._decide(requests)
        for position, decision in zip(positions, decisions, strict=True):
            vals = vals_list[position]
            vals |= self._support_cover_values(decision)
            if vals.get("support_cover_confirmed", True):
                holds_list[position] = decision.holds
            else:
                vals["support_cover_reasons"] += [["unconfirmed", 0, {}]]
        return holds_list

    @api.model
    def _support_company_of(self, vals):
        """The company that a new ticket will have: helpdesk_mgmt takes the team's."""
        team = self.env["helpdesk.ticket.team"].browse(vals.get("team_id"))
        # the team's company is what helpdesk_mgmt will write, whoever creates
        return (
            team.sudo().company_id.sudo(self.env.su)
            or self.env["res.company"].browse(vals.get("company_id"))
            or self.env.company
        )

    @api.model
    def _support_unknown_values(self):
        return {
            "support_cover": False,
            "support_contract_id": False,
            "support_warranty_policy_id": False,
            "support_cover_confirmed": False,
            "support_rank": RANK_NONE,
            "support_cover_reasons": [["unknown_customer", 0, {}]],
        }

    @api.model
    def _support_cover_values(self, decision):
        """A decision as values of a ticket."""
        ranks = {cover.ON_CALL: RANK_ON_CALL, cover.NONE: RANK_NONE}
        contract = self.env["support.contract"].browse(decision.contract_id or [])
        policy = self.env["support.warranty.policy"].browse(decision.policy_id or [])
        source = contract or policy
        return {
            "support_cover": decision.kind,
            "support_contract_id": contract.id,
            "support_warranty_policy_id": policy.id,
            "support_treatment": decision.treatment if contract else False,
            # the rank is not secret, but not everybody may read contract and policy
            "support_rank": source.sudo().rank if source else ranks[decision.kind],
            "support_cover_reasons": [
                [reason.code, reason.contract_id, reason.params]
                for reason in decision.reasons
            ],
        }

    def _support_get_request(
        self, gate=True, contract=None, day=None, mode=None, work=None
    ):
        """The ticket as cover is asked for it, or for ``work`` on it."""
        self.ensure_one()
        return CoverRequest(
            self.partner_id,
            self.company_id,
            self.support_work_mode_id if mode is None else mode,
            day or self.company_id._support_day(),
            self.category_id,
            gate,
            contract,
            self,
            work,
            # internal field; whose warranty it is is part of the decision
            self.sudo().support_installation_id,
        )

    def _support_redecide(self):
        """Decide again from what the ticket says now; what it held is released."""
        if not self:
            return
        self._support_release()
        known = self.filtered("partner_id")
        # the rule's result, not what the user may write
        (self - known).sudo().write(self._support_unknown_values())
        holds_list = []
        decisions = self.env["support.cover"]._decide(
            [ticket._support_get_request() for ticket in known]
        )
        for ticket, decision in zip(known, decisions, strict=True):
            values = self._support_cover_values(decision)
            # internal field; the portal form comes here too
            if not ticket.sudo().support_cover_confirmed:
                values["support_cover_reasons"] += [["unconfirmed", 0, {}]]
            # the result of a rule, not of what the user may write
            ticket.sudo().write(values)
            confirmed = ticket.sudo().support_cover_confirmed
            holds_list.append(decision.holds if confirmed else ())
        known._support_hold_in_turn(holds_list)

    def _support_hold_in_turn(self, holds_list):
        """Hold for several tickets that were decided together. One that finds its
        ledger drawn on by another of them is decided again: what was enough for each
        may not be enough for all. A ticket that comes in closed is history."""
        touched = set()
        for ticket, holds in zip(self, holds_list, strict=True):
            ledgers = {hold.ledger_id for hold in holds}
            if ticket.closed:
                continue
            if ledgers & touched:
                ticket._support_redecide()
            else:
                ticket._support_hold(holds)
            touched |= ledgers

    def _support_lock(self):
        """Make the tickets' own changes wait for each other. A lock alone would let a
        transaction with an older snapshot decide from what is no longer true; writing
        the row makes it fail and be tried again."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE helpdesk_ticket SET write_date = write_date "
                "WHERE id IN (SELECT id FROM helpdesk_ticket WHERE id = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )

    def _support_check_workable(self):
        """:raise UserError: if the ticket was rejected as invalid"""
        for ticket in self:
            if ticket.support_rejected:
                raise UserError(
                    self.env._("Ticket %s was rejected as invalid.", ticket.number)
                )

    def _support_hold(self, holds):
        """Reserve what a gate asks for, take a ticket off its pack. The decision and
        this belong to one transaction: if a balance moved in between, the ledger's
        lock fails it and everything is decided again."""
        self.ensure_one()
        # the customer's portal form and technicians hold without any right to ledgers;
        # what is held is what the decision said
        ledgers = self.env["support.ledger"].sudo()
        day = self.company_id._support_day()
        for hold in sorted(holds):
            ledger = ledgers.browse(hold.ledger_id)
            if hold.unit == "ticket":
                # counts the ticket's own entries for the key, shows none
                taken = len(
                    self.sudo().support_entry_ids.filtered(
                        lambda entry: entry.kind == "ticket"
                    )
                )
                entries, left_over = ledger._debit(
                    hold.quantity,
                    "ticket",
                    day,
                    ticket_id=self.id,
                    key=f"ticket:{self.id}:{taken}",
                )
                if left_over:
                    raise ValidationError(
                        self.env._("%s: no ticket is left.", ledger.display_name)
                    )
            elif self.active and not self.closed:
                ledger._reserve(hold.quantity, day, ticket_id=self.id)

    def _support_release(self):
        """Give free what the tickets hold."""
        # whoever closes a ticket need not have a right to reservations
        self.sudo().support_reservation_ids._release()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_support_confirm_cover(self):
        """Confirm the cover that a mail proposed: now it is reserved or taken."""
        self.check_access("write")
        self._support_lock()
        for ticket in self.filtered(
            lambda ticket: not ticket.sudo().support_cover_confirmed
        ):
            ticket._support_check_workable()
            if not ticket.partner_id:
                raise UserError(
                    self.env._(
                        "Ticket %s: choose the contact first, its cover follows.",
                        ticket.number,
                    )
                )
            # the right to write the ticket is checked above
            ticket.sudo().support_cover_confirmed = True
            if not (ticket._support_is_posted() or ticket.sudo().support_cover_chosen):
                ticket._support_redecide()

    def action_support_choose_cover(self):
        """Open the form to choose another cover, with a reason."""
        self.ensure_one()
        return self._support_open_wizard(
            "support.ticket.cover",
            self.env._("Change Cover")
            if self._support_is_posted()
            else self.env._("Choose Cover"),
        )

    def action_support_reject(self):
        """Open the form to reject the ticket as invalid, with a reason."""
        self.ensure_one()
        return self._support_open_wizard(
            "support.ticket.reject", self.env._("Reject as Invalid")
        )

    def action_support_log_work(self):
        """Open the form to log work done on the ticket."""
        self.ensure_one()
        action = self._support_open_wizard(
            "support.intervention", self.env._("Log Work")
        )
        return action | {
            "context": {
                "default_ticket_id": self.id,
                "form_view_ref": "support_contract.support_intervention_view_form_log",
            }
        }

    def _support_open_wizard(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def _support_write_installation(self, installation):
        """Another installation, without deciding the cover anew."""
        return super().write({"support_installation_id": installation.id})

    def _support_choose_cover(
        self, contract, reason, warranty=False, installation=None
    ):
        """Let ``contract`` (empty: on call) pay, for ``reason``.

        What was drawn already is reversed and drawn anew; only managers may do that,
        and only they may choose a contract that its own rule would refuse.

        :param bool warranty: let the warranty of the installation pay instead
        :param installation: ``support.installation`` that the ticket is really about;
            may be empty; None: as it is
        :raise UserError: without a reason or a right, or if the contract is not one
            of the customer's that gives cover today, or there is no warranty today
        """
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why another cover is chosen."))
        self._support_lock()
        self._support_check_workable()
        manager = self.env.user.has_group("support_contract.group_support_manager")
        posted = self._support_is_posted()
        if posted and not manager:
            raise UserError(
                self.env._(
                    "Ticket %s has drawn on a balance: only a contract manager may "
                    "change its cover.",
                    self.number,
                )
            )
        # the whole ticket is moved, also colleagues' work; rights are checked above
        work = self.sudo().support_intervention_ids.filtered(
            lambda done: done.state == "done"
        )
        reason = reason.strip()
        if posted:
            self._support_get_open_entries()._reverse(reason)
            work._take_back(reason)
        self._support_release()
        if installation is not None and installation != self.support_installation_id:
            # what was drawn has been given back: the guard of `write` is answered,
            # and its decision is the one below
            self._support_write_installation(installation)
        # decided after what was drawn has been given back
        decision = self._support_get_choice(contract, manager, warranty)
        values = self._support_cover_values(decision)
        values["support_cover_reasons"] = [
            *values["support_cover_reasons"],
            [
                "chosen",
                contract.id or 0,
                {"user": self.env.user.name, "reason": reason},
            ],
        ]
        # checked above; the values are the decision's
        self.sudo().write(
            values | {"support_cover_chosen": True, "support_cover_confirmed": True}
        )
        self._support_hold(
            hold for hold in decision.holds if not work or hold.unit == "ticket"
        )
        for intervention in work:
            intervention._draw()
        # whoever may choose the cover has seen the contract's name
        self.message_post(
            body=self.env._(
                "Cover changed to %(cover)s: %(reason)s",
                cover=self.env._("warranty")
                if warranty
                else contract.sudo().display_name or self.env._("on call"),
                reason=reason,
            ),
            subtype_xmlid="mail.mt_note",
        )

    def _support_decide_work(self, day, mode, work=None):
        """The :class:`cover.Decision` for work in ``mode`` on the local ``day``: the
        cover that a person chose, the pack that the ticket was taken off, else what
        the rule says. A chosen contract that gives no cover then gives none at all.

        :param work: ``support.intervention`` whose own reservations count as usable
        """
        self.ensure_one()
        chosen = self.sudo().support_cover_chosen  # internal; only whether
        if chosen and self.support_cover == cover.ON_CALL:
            return cover.Decision(cover.ON_CALL)
        # not always the contract that covered the ticket when it was opened
        if taken := self._support_get_taken()[:1]:
            return cover.Decision(cover.CONTRACT, taken.contract_id.id, cover.FREE)
        [decision] = self.env["support.cover"]._decide(
            [
                self._support_get_request(
                    gate=False,
                    # internal; the decision reads what it needs itself
                    contract=self.sudo().support_contract_id or None
                    if chosen
                    else None,
                    day=day,
                    mode=mode,
                    work=work,
                )
            ]
        )
        if chosen and decision.kind != self.support_cover:
            return replace(decision, kind=cover.NONE, contract_id=0, policy_id=0)
        return decision

    def _support_get_choice(self, contract, manager, warranty=False):
        """The decision for a cover that a person chose."""
        self.ensure_one()
        if warranty:
            return self._support_get_warranty_choice()
        if not contract:
            if not self.company_id.support_on_call:
                raise UserError(
                    self.env._("The company gives no help without a contract.")
                )
            if not manager:
                self._support_check_lapsed()
            return cover.Decision(cover.ON_CALL)
        [decision] = self.env["support.cover"]._decide(
            [self._support_get_request(gate=not manager, contract=contract)]
        )
        if decision.kind != cover.CONTRACT:
            lines = self.env["support.cover"]._explain(
                [list(reason) for reason in decision.reasons[:1]]
            )
            raise UserError(
                self.env._(
                    "Contract %(contract)s does not cover ticket %(ticket)s: "
                    "%(reason)s",
                    contract=contract.name,
                    ticket=self.number,
                    reason=lines[0]["text"] if lines else "",
                )
            )
        return decision

    def _support_get_warranty_choice(self):
        """The decision for the warranty, which a person chose.

        :raise UserError: if there is none today; says why
        """
        [decision] = self.env["support.cover"]._decide(
            [self._support_get_request(gate=False)]
        )
        if decision.kind != cover.WARRANTY:
            reasons = [
                list(reason)
                for reason in decision.reasons
                if reason.code.startswith("warranty")
            ]
            lines = self.env["support.cover"]._explain(reasons)
            raise UserError(
                self.env._(
                    "No warranty covers ticket %(ticket)s: %(reason)s",
                    ticket=self.number,
                    reason=lines[0]["text"]
                    if lines
                    else self.env._("name an installation that has one"),
                )
            )
        return decision

    def _support_check_lapsed(self):
        """:raise UserError: if a lapsed contract bars help, with the way back (S9);
        only a manager helps nevertheless"""
        [decision] = self.env["support.cover"]._decide(
            [self._support_get_request(gate=False)]
        )
        barring = [
            list(reason)
            for reason in decision.reasons
            if reason.code == "lapsed_barring"
        ]
        if decision.kind == cover.NONE and barring:
            [line] = self.env["support.cover"]._explain(barring[:1])
            raise UserError(
                self.env._(
                    "Contract %(contract)s %(reason)s",
                    contract=line["contract"],
                    reason=line["text"],
                )
            )

    def _support_reject(self, reason):
        """Reject as invalid: a ticket that was taken is given back (S3).

        :raise UserError: without a reason, or if work has been done
        """
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why the ticket is rejected."))
        self._support_lock()
        self._support_check_workable()
        if self.support_intervention_ids.filtered(lambda work: work.state == "done"):
            raise UserError(
                self.env._(
                    "Ticket %s cannot be rejected: work has been done on it.",
                    self.number,
                )
            )
        # the right to write the ticket is checked above; what it took is given back by
        # this method alone
        self._support_get_open_entries()._reverse(reason)
        self._support_release()
        self.sudo().write(
            {"support_rejected": True, "support_rejection_reason": reason.strip()}
        )
        rejected = self.env.ref(
            "helpdesk_mgmt.helpdesk_ticket_stage_rejected", raise_if_not_found=False
        )
        closing = self._support_get_stages().filtered("closed")
        if closing:
            self.stage_id = rejected if rejected in closing else closing[:1]
        self.message_post(
            body=self.env._("Rejected as invalid: %s", reason.strip()),
            subtype_xmlid="mail.mt_comment",
        )
