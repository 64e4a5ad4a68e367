# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import clean_context

from ..tools import cover, moment_text, rounding
from .support_intervention import LIVE_STATES

#: what people plan with
PLAN_INPUTS = {
    "planned_start",
    "planned_end",
    "estimate_minutes",
    "user_id",
    "work_mode_id",
    "ticket_id",
}
#: what the plan, its appointment and what is held for it follow
PLAN_FIELDS = PLAN_INPUTS | {"name", "start", "end", "state"}


class Plan(NamedTuple):
    """What an appointment and a reservation hang on."""

    state: str
    user_id: int
    day: object
    start: object
    end: object
    estimate: int
    mode_id: int
    ticket_id: int
    partner_id: int
    name: str

    @property
    def is_live(self):
        """Whether work is still to come or going on at a planned time."""
        return bool(self.start) and self.state in ("planned", "progress")

    @property
    def hold_key(self):
        """What is held changes when one of these does."""
        return (
            self.is_live,
            self.day,
            self.estimate,
            self.mode_id,
            self.ticket_id,
        )

    @property
    def span(self):
        return self.end - self.start if self.start and self.end else timedelta()


class SupportIntervention(models.Model):
    """Work is asked for, planned, started, stopped and cancelled. Planned work has an
    appointment in the calendars of technician and customer, and holds its estimate on
    the ledgers."""

    _inherit = "support.intervention"

    planned_start = fields.Datetime(copy=False, tracking=True, index="btree_not_null")
    planned_end = fields.Datetime(copy=False, tracking=True)
    estimate_minutes = fields.Integer(
        string="Estimate",
        copy=False,
        tracking=True,
        aggregator="sum",
        help="Minutes that the work will probably take. They are reserved when it is "
        "planned. Empty: the planned time.",
    )
    requested_on = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the work was asked for: the contract's notice counts from here.",
    )
    requested_by = fields.Many2one(
        comodel_name="res.users",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    cancel_reason = fields.Char(
        readonly=True, copy=False, tracking=True, groups="base.group_user"
    )
    event_ids = fields.One2many(
        comodel_name="calendar.event",
        inverse_name="support_intervention_id",
        string="Appointments",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    event_id = fields.Many2one(
        comodel_name="calendar.event",
        string="Appointment",
        compute="_compute_event_id",
        groups="base.group_user",
        help="In the calendars of the technician and of the customer.",
    )
    reservation_ids = fields.One2many(
        comodel_name="support.ledger.reservation",
        inverse_name="intervention_id",
        string="Reservations",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )
    held = fields.Char(
        string="Reserved",
        compute="_compute_held",
        groups="base.group_user",
        help="What is held for this work on the contract's balances.",
    )
    plan_warning = fields.Text(
        compute="_compute_plan_warning",
        groups="base.group_user",
        help="What speaks against the planned time and yet does not forbid it.",
    )

    _planned_both = models.Constraint(
        "CHECK ((planned_start IS NULL) = (planned_end IS NULL))",
        "Planned work has a start and an end: enter both or none.",
    )
    _planned_in_order = models.Constraint(
        "CHECK (planned_start < planned_end)",
        "The planned end must lie after the planned start.",
    )
    _estimate_positive = models.Constraint(
        "CHECK (estimate_minutes >= 0 AND estimate_minutes <= 44640)",
        "The estimate cannot be negative, nor longer than a month.",
    )
    _technician_needed = models.Constraint(
        "CHECK (user_id IS NOT NULL OR state IN ('requested', 'cancelled'))",
        "Technician: choose who does the work.",
    )
    # Two technicians cannot be told apart by "=" without a database extension: a range
    # of a single id stands for it. Work that has ended claims no time any more, even
    # if it was not recorded as done yet.
    _no_overlap = models.Constraint(
        "EXCLUDE USING gist (int4range(user_id, user_id, '[]') WITH &&, "
        "tsrange(planned_start, planned_end) WITH &&) "
        "WHERE (state IN ('planned', 'progress') AND planned_start IS NOT NULL "
        'AND "end" IS NULL)',
        "The technician has other planned work at that time: choose another time or "
        "technician.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("event_ids")
    def _compute_event_id(self):
        for work in self:
            work.event_id = work.event_ids[:1]

    @api.depends("reservation_ids.state", "reservation_ids.quantity")
    def _compute_held(self):
        for work in self:
            # how much is held for his work may be known to who may read the work
            held = work.sudo().reservation_ids.filtered(lambda row: row.state == "held")
            work.held = ", ".join(
                row.ledger_id._format_quantity(row.quantity)
                for row in held.sorted("id")
            )

    @api.depends("planned_start", "planned_end", "user_id", "ticket_id", "state")
    def _compute_plan_warning(self):
        for work in self:
            warnings = []
            if work.state in LIVE_STATES and work.user_id:
                warnings = work._get_plan_warnings(
                    work.user_id, work.planned_start, work.planned_end
                )
            work.plan_warning = "\n".join(warnings) or False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        return super()._get_protected_fields() | {
            "requested_on",
            "requested_by",
            "cancel_reason",
        }

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("planned_start") and vals.get("planned_end"):
                # both are set by who is asked for the work; defaults come later
                self.browse()._check_technician_free(
                    vals.get("user_id", self.env.uid),
                    fields.Datetime.to_datetime(vals["planned_start"]),
                    fields.Datetime.to_datetime(vals["planned_end"]),
                )
        works = super().create(vals_list)
        now = self.env["res.company"]._support_now()
        for work, vals in zip(works, vals_list, strict=True):
            values = {"requested_on": now, "requested_by": self.env.uid}
            if self.env.su:
                # who moves history or demo data says it himself
                values |= {name: vals[name] for name in values if vals.get(name)}
            if work.planned_start and not work.estimate_minutes:
                values["estimate_minutes"] = work._get_planned_minutes()
            if work.state == "requested":
                values["state"] = work._get_first_state(
                    {"start": work.start, "planned_start": work.planned_start}
                )
            # set by the system, whoever creates the work
            super(SupportIntervention, work.sudo()).write(values)
        planned = works.filtered("planned_start")
        if planned:
            planned.ticket_id._support_lock()
            if not self.env.su:
                planned._check_notice({})
            planned._follow_plan({})
        return works

    def write(self, vals):
        if not PLAN_FIELDS & vals.keys():
            return super().write(vals)
        if PLAN_INPUTS & vals.keys():
            if not self.env.su:
                self._check_draft()
                self._check_not_cancelled()
            if self:
                self.ticket_id._support_lock()
        elif "start" in vals and not self.env.su:
            self._check_not_cancelled()
        before = {work.id: work._get_plan() for work in self}
        self._check_new_plan(vals, before)
        result = super().write(vals)
        self._follow_state(vals)
        self._follow_span(vals, before)
        if not self.env.su:
            self._check_notice(before)
        self._follow_plan(before)
        return result

    def unlink(self):
        self._release_estimate()
        # the appointment is removed with the work, whoever's it is
        self.sudo().event_ids._support_remove()
        return super().unlink()

    def _get_plan(self):
        self.ensure_one()
        return Plan(
            self.state,
            self.user_id.id,
            self.day,
            self.planned_start,
            self.planned_end,
            self.estimate_minutes,
            self.work_mode_id.id,
            self.ticket_id.id,
            self.ticket_id.partner_id.id,
            self.name,
        )

    def _get_planned_minutes(self):
        self.ensure_one()
        if not (self.planned_start and self.planned_end):
            return 0
        return int((self.planned_end - self.planned_start).total_seconds() // 60)

    def _check_not_cancelled(self):
        for work in self:
            if work.state == "cancelled":
                raise UserError(
                    self.env._(
                        "“%s” was cancelled: ask for new work on its ticket.", work.name
                    )
                )

    def _check_new_plan(self, vals, before):
        """Look before the database does, so that the message can name the other
        work."""
        if not {"planned_start", "planned_end", "user_id"} & vals.keys():
            return
        for work in self:
            start = fields.Datetime.to_datetime(
                vals.get("planned_start", before[work.id].start)
            )
            end = fields.Datetime.to_datetime(
                vals.get("planned_end", before[work.id].end)
            )
            if work.state in LIVE_STATES and not work.end and start and end:
                work._check_technician_free(
                    vals.get("user_id", before[work.id].user_id), start, end
                )

    def _check_technician_free(self, user_id, start, end):
        """:raise ValidationError: if the technician has other live planned work
        between ``start`` and ``end`` (naive UTC)"""
        other = self._get_overlapping(user_id, start, end)[:1]
        if not other:
            return
        name = self.env._("other work")
        if other.with_user(self.env.user).has_access("read"):
            name = self.env._(
                "“%(work)s” on ticket %(ticket)s",
                work=other.name,
                ticket=other.ticket_id.number,
            )
        raise ValidationError(
            self.env._(
                "%(technician)s has planned %(work)s from %(start)s to %(end)s: choose "
                "another time or technician.",
                technician=other.user_id.name,
                work=name,
                start=other._format_planned(other.planned_start),
                end=other._format_planned(other.planned_end),
            )
        )

    def _get_overlapping(self, user_id, start, end):
        """Other live planned work of a technician between two moments."""
        if not user_id or start >= end:
            return self.sudo().browse()
        # what other companies planned takes his time as well; its name is told to
        # nobody who may not read it
        return self.sudo().search(
            [
                ("user_id", "=", user_id),
                ("state", "in", ("planned", "progress")),
                ("end", "=", False),
                ("planned_start", "<", end),
                ("planned_end", ">", start),
                ("id", "not in", self._origin.ids),
            ],
            order="planned_start, id",
        )

    def _format_planned(self, moment):
        """A moment as people of the company read it."""
        tz = (self.company_id or self.env.company).support_tz
        return moment_text.format_moment(self.env, moment, tz)

    # ------------------------------------------------------------------
    # Notice
    # ------------------------------------------------------------------

    def _get_earliest_start(self):
        """The first moment (naive UTC) that the contract's notice leaves, counted
        from the request, or False."""
        self.ensure_one()
        # only how far ahead it must be asked for
        contract = self.sudo().ticket_id.support_contract_id
        if not contract.notice_hours:
            return False
        asked = self.requested_on or self.env["res.company"]._support_now()
        return asked + timedelta(hours=contract.notice_hours)

    def _is_short_notice(self, start):
        self.ensure_one()
        earliest = self._get_earliest_start()
        return bool(earliest and start and start < earliest)

    def _check_notice(self, before):
        """The customer gets what was agreed, and so do the others whose week is
        planned (S2: asked for at least 48 hours ahead). Planned work may be moved to a
        later time, even inside the notice.

        :raise UserError: if the work is planned too early
        """
        for work in self:
            plan, old = work._get_plan(), before.get(work.id)
            if plan.state != "planned" or not work._is_short_notice(plan.start):
                continue
            if old and old.is_live and old.start <= plan.start:
                continue
            raise UserError(work._get_notice_message())

    def _get_notice_message(self):
        self.ensure_one()
        # the contract's own term, told to who plans under it
        contract = self.sudo().ticket_id.support_contract_id
        return self.env._(
            "Contract %(contract)s asks for %(hours)s hours' notice: “%(work)s” was "
            "asked for on %(asked)s and can be planned from %(earliest)s on. A "
            "contract manager can make an exception with “Plan”, and a reason.",
            contract=contract.name,
            hours=contract.notice_hours,
            work=self.name,
            asked=self._format_planned(self.requested_on),
            earliest=self._format_planned(self._get_earliest_start()),
        )

    # ------------------------------------------------------------------
    # What follows from a change
    # ------------------------------------------------------------------

    def _follow_state(self, vals):
        """Work with a start is in progress, work with a planned start is planned."""
        if not {"start", "planned_start", "planned_end"} & vals.keys():
            return
        for work in self:
            state = work._get_first_state(
                {"start": work.start, "planned_start": work.planned_start}
            )
            if work.state in LIVE_STATES and work.state != state:
                # follows from what was written, and is nobody's to set
                super(SupportIntervention, work.sudo()).write({"state": state})

    def _follow_span(self, vals, before):
        """A planned time that becomes longer or shorter is a new estimate."""
        if "estimate_minutes" in vals or not {"planned_start", "planned_end"} & (
            vals.keys()
        ):
            return
        for work in self:
            old, plan = before[work.id], work._get_plan()
            resized = old.start and plan.start and old.span != plan.span
            if plan.start and (resized or not plan.estimate):
                # follows from the plan, which the user was let to change
                super(SupportIntervention, work.sudo()).write(
                    {"estimate_minutes": work._get_planned_minutes()}
                )

    def _follow_plan(self, before):
        """Let reservation and appointment follow what changed since ``before``
        (``{id: Plan}``, empty for new work)."""
        for work in self:
            old, plan = before.get(work.id), work._get_plan()
            if old == plan or not (plan.is_live or (old and old.is_live)):
                continue
            if plan.state == "done":
                continue
            if not plan.is_live:
                work._release_estimate()
            elif not work.end and (not old or old.hold_key != plan.hold_key):
                work._hold_estimate()
            work._sync_event(plan.is_live, old)

    # ------------------------------------------------------------------
    # Reservation
    # ------------------------------------------------------------------

    def _release_estimate(self):
        """Give free what is held for this work."""
        # who plans or cancels need not have a right to reservations
        self.sudo().reservation_ids._release()

    def _hold_estimate(self):
        """Reserve the estimate on what covers the work on its planned day, in the
        order in which the work will be drawn: hours, then the wallet. What the ticket
        held for whatever came first passes to this work. One step with its locks, so
        that two bookings cannot both get the last two hours.

        :raise UserError: if nothing covers the work on that day, or the contract
            refuses work beyond its balance and the balance does not cover the estimate
        """
        self.ensure_one()
        # who plans need not have a right to ledgers: what is held is what the decision
        # and the estimate say
        work = self.sudo()
        try:
            decision = self._decide()
        except UserError:
            if not work._awaits_grant():
                raise
            # the hours of that day are not granted yet; its work will find them
            work._get_own_reservations()._release()
            return
        contract = work.env["support.contract"].browse(decision.contract_id or [])
        own = work._get_own_reservations()
        minutes = work._get_estimate(contract)
        if (
            not minutes
            or decision.kind != cover.CONTRACT
            or decision.treatment in (cover.FREE, cover.QUOTED)
            or contract._fee_pays(work.work_mode_id)
            or any(hold.unit == "ticket" for hold in decision.holds)
        ):
            own._release()
            return
        ledgers = contract._get_ledgers_for(work.work_mode_id).filtered(
            lambda ledger: ledger.unit != "ticket"
        )
        (ledgers | own.ledger_id).sorted("id")._lock()
        own._release()
        left = work._hold_minutes(contract, ledgers, minutes, decision)
        if left and decision.overage == cover.REFUSE and not work._awaits_grant():
            self._refuse_overage(contract, left)

    def _hold_minutes(self, contract, ledgers, minutes, decision):
        """Hold ``minutes`` on hours and wallets; what none of them covers is given
        back in minutes."""
        origin = {"ticket_id": self.ticket_id.id, "intervention_id": self.id}
        times = ledgers.filtered(lambda ledger: ledger.unit == "time")
        for ledger in times:
            if minutes:
                _, left = ledger._reserve_part(minutes, self.day, **origin)
                minutes = int(left)
        wallets = ledgers - times
        if minutes and wallets and (not times or decision.overage == cover.WALLET):
            # surcharges depend on when the work really is: they are not held
            unpaid = cost = rounding.price_of_minutes(
                self._get_hour(contract), minutes, contract.currency_id.decimal_places
            )
            for wallet in wallets:
                if unpaid:
                    _, unpaid = wallet._reserve_part(unpaid, self.day, **origin)
            minutes = rounding.minutes_unpaid(minutes, cost, cost - unpaid)
        return minutes

    def _get_estimate(self, contract):
        """The estimate after the minimum and step of the work mode: what will be
        drawn if it takes that long."""
        self.ensure_one()
        terms = contract.work_mode_terms_ids.filtered(
            lambda terms: terms.work_mode_id == self.work_mode_id
        )
        source = terms[:1] or self.work_mode_id
        return rounding.billable_minutes(
            self.estimate_minutes, source.minimum_minutes, source.step_minutes
        )

    def _awaits_grant(self):
        """Whether the customer's contract will grant something by the planned day that
        it has not granted yet, as next month's hours."""
        self.ensure_one()
        contract = self.ticket_id.support_contract_id
        if not contract or contract.state != "active" or contract.date_end < self.day:
            return False
        return any(
            allotment.next_grant_day
            and self.company_id._support_day() < allotment.next_grant_day <= self.day
            and (
                not allotment.work_mode_ids
                or self.work_mode_id in allotment.work_mode_ids
            )
            for allotment in contract.allotment_ids
        )

    def _hold_again(self):
        """The ticket's cover was decided anew: hold the estimates of its planned work
        on it. What cannot be held stays planned, and says so."""
        for work in self:
            # only whether anything is held
            if work.sudo().reservation_ids.filtered(lambda row: row.state == "held"):
                continue
            try:
                with self.env.cr.savepoint():
                    work._hold_estimate()
            except UserError as error:
                # the system's note about what it could not do
                work.sudo().message_post(
                    body=self.env._("Nothing is reserved for this work: %s", error),
                    subtype_xmlid="mail.mt_note",
                )

    # ------------------------------------------------------------------
    # Appointment
    # ------------------------------------------------------------------

    def _prepare_event_values(self):
        self.ensure_one()
        ticket = self.ticket_id
        return {
            "name": f"{ticket.number} {self.name}",
            "start": self.planned_start,
            "stop": self.planned_end,
            "user_id": self.user_id.id,
            "partner_ids": [
                fields.Command.set((self.user_id.partner_id | ticket.partner_id).ids)
            ],
        }

    def _sync_event(self, is_live, old=None):
        """Make, move or remove the appointment, so that it says what the plan says.
        Only what differs is written, which is why nothing goes round in circles.

        :param Plan old: what the appointment was made for
        """
        self.ensure_one()
        # the appointment is the technician's, whoever plans
        work = self.sudo()
        event = work.event_ids[:1]
        if not is_live:
            event._support_remove()
            return
        values = work._prepare_event_values()
        if not event:
            # nothing of the screen on which the plan was made
            context = {
                name: value
                for name, value in clean_context(self.env.context).items()
                if not name.startswith("active_")
            }
            context["skip_contact_description"] = True
            event.with_env(event.env(context=context)).create(
                values
                | {
                    "support_intervention_id": work.id,
                    "allday": False,
                    "description": False,
                    "res_id": False,
                    "res_model_id": False,
                    "location": work._get_event_location(),
                }
            )
            return
        different = {
            name: value
            for name, value in values.items()
            if name not in ("partner_ids", "user_id") and event[name] != value
        }
        # people who were invited besides stay invited
        guests = event.partner_ids
        if event.user_id != work.user_id:
            different["user_id"] = values["user_id"]
            guests += work.user_id.partner_id
            guests -= event.user_id.partner_id
        customer = work.ticket_id.partner_id
        if old and old.partner_id != customer.id:
            guests = self._replace_customer(guests, old.partner_id, customer)
        if guests != event.partner_ids:
            different["partner_ids"] = [fields.Command.set(guests.ids)]
        if old and (old.partner_id, old.mode_id) != (customer.id, work.work_mode_id.id):
            different["location"] = work._get_event_location()
        if different:
            if event.allday:
                different["allday"] = False
            event.write(different)

    @api.model
    def _replace_customer(self, guests, old_id, customer):
        """The guests when the ticket is another contact's: nobody of another company
        keeps an invitation that is no longer meant for him."""
        old = guests.browse(old_id or [])
        company = old.commercial_partner_id
        if company != customer.commercial_partner_id:
            old += guests.filtered(lambda guest: guest.commercial_partner_id == company)
        return guests - old + customer

    def _get_event_location(self):
        """Where the technician goes."""
        self.ensure_one()
        if not self.work_mode_id.on_site:
            return False
        address = self.ticket_id.partner_id._display_address(without_company=True)
        return ", ".join(line.strip() for line in address.splitlines() if line.strip())

    def _move_from_event(self, start, stop):
        """The appointment was moved in a calendar: so is the work, with the rights of
        who moved it."""
        self.ensure_one()
        if (start, stop) != (self.planned_start, self.planned_end):
            self.write({"planned_start": start, "planned_end": stop})

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_plan(self):
        """Open the form to choose technician and time.

        :raise UserError: if the work is over or cancelled
        """
        self.ensure_one()
        self.check_access("write")
        self._check_plannable()
        window = self.env["support.intervention.plan"].create(
            {"intervention_id": self.id}
        )
        return window._reopen()

    def _check_plannable(self):
        self._check_draft()
        self._check_not_cancelled()
        for work in self:
            if work.start:
                raise UserError(
                    self.env._("“%s” has started: it cannot be planned.", work.name)
                )
            work.ticket_id._support_check_workable()

    def _plan(self, user, start, end, estimate=0, exception=None):
        """Plan the work for a technician.

        :param datetime start: naive UTC, as ``end``
        :param int estimate: minutes to reserve; 0: the planned time
        :param str exception: why the contract's notice does not count this time; only
            a contract manager may give a reason
        :raise UserError: if the technician has other planned work, the notice is too
            short, nothing covers the work, or its balance does not cover the estimate;
            nothing is planned then
        """
        self.ensure_one()
        self.check_access("write")
        self._check_plannable()
        exception = (exception or "").strip()
        short = self._is_short_notice(start)
        if short and not (
            exception
            and self.env.user.has_group("support_contract.group_support_manager")
        ):
            raise UserError(self._get_notice_message())
        values = {
            "user_id": user.id,
            "planned_start": start,
            "planned_end": end,
            "estimate_minutes": estimate or int((end - start).total_seconds() // 60),
        }
        if short:
            # the exception right is checked above; write would refuse it
            self.sudo().write(values)
            self.message_post(
                body=self.env._("Planned without the agreed notice: %s", exception),
                subtype_xmlid="mail.mt_note",
            )
        else:
            self.write(values)

    def action_start(self):
        """Work begins now; who starts work that nobody is to do does it himself.

        :raise UserError: if it has begun or is over
        """
        self.check_access("write")
        now = self.env["res.company"]._support_now()
        for work in self:
            work._check_draft()
            work._check_not_cancelled()
            if work.start:
                raise UserError(self.env._("“%s” has started already.", work.name))
            work.ticket_id._support_check_workable()
            work._check_accepted(now)
            values = {"start": now}
            if not work.user_id:
                values["user_id"] = self.env.uid
            work.write(values)
            work.ticket_id._support_respond(now, "work")

    def action_stop(self):
        """Work ends now; what was done can still be written down before it is drawn.

        :raise UserError: if it is not going on
        """
        self.check_access("write")
        now = self.env["res.company"]._support_now()
        for work in self:
            if work.state != "progress" or not work.start or work.end:
                raise UserError(self.env._("“%s” is not going on.", work.name))
            work.end = now

    def action_done(self):
        """Done now, if the clock still runs."""
        self.check_access("write")
        self._check_not_cancelled()
        now = self.env["res.company"]._support_now()
        for work in self:
            if work.state == "progress" and work.start and not work.end:
                work.end = now
            if work.state in LIVE_STATES and not (work.start and work.end):
                raise UserError(
                    self.env._(
                        "“%s”: enter when the work started and ended.", work.name
                    )
                )
        result = super().action_done()
        # what the work did not need is free again
        self._release_estimate()
        return result

    def action_cancel(self):
        """Open the form to cancel the work, with a reason."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Work"),
            "res_model": "support.intervention.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_intervention_id": self.id},
        }

    def _cancel(self, reason):
        """The work will not be done: what is held for it is free, its appointment is
        removed and the people invited are told.

        :raise UserError: without a reason, or if it is done or cancelled
        """
        self.check_access("write")
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Reason: say why the work is cancelled."))
        for work in self:
            work._lock()
            work._check_draft()
            work._check_not_cancelled()
            # the right is checked above; only this method cancels
            work.sudo().write({"state": "cancelled", "cancel_reason": reason})
            work.message_post(
                body=self.env._("Cancelled: %s", reason),
                subtype_xmlid="mail.mt_note",
            )

    def _cancel_removed(self):
        """The appointment was removed from a calendar: the work is cancelled, with the
        rights of who removed it."""
        if self:
            self._cancel(self.env._("the appointment was removed from the calendar"))

    def action_view_event(self):
        """Open the appointment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "calendar.event",
            "res_id": self.event_id.id,
            "view_mode": "form",
        }
