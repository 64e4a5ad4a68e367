# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from .res_company_phone import PHONE_LENGTH

TOPIC_LENGTH, NAME_LENGTH = 200, 100

#: a number that cannot be brought into international form, such as an extension
PLAIN_NUMBER = re.compile(r"^[+\d][\d\s()./-]{1,30}\d$")


class SupportCallback(models.Model):
    """A promise to call back: when it is due, by when, who tried, what came of it.

    It is due when the phone opens next, or at once by the operator on duty if the
    contract promises help out of hours (S4); never before the time that the customer
    wished. From then on its own clock runs: the company's minutes, counted in the phone
    hours.
    """

    _name = "support.callback"
    _description = "Call-Back"
    _inherit = ["mail.thread", "mail.activity.mixin", "support.job.mixin"]
    _order = "due_from, id"
    _rec_name = "topic"
    _check_company_auto = True

    topic = fields.Char(required=True, help="What the customer asks for, in one line.")
    number = fields.Char(string="Phone Number", required=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    caller_name = fields.Char(
        string="Name",
        compute="_compute_caller_name",
        precompute=True,
        store=True,
        readonly=False,
        help="Whom to ask for.",
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
    )
    contract_id = fields.Many2one(
        comodel_name="support.contract",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('state', 'in', ('signed', 'active', 'suspended', 'expired')),"
        " ('commercial_partner_id', '=?', commercial_partner_id)]",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    wanted_from = fields.Datetime(
        string="Not Before", help="The customer wishes no call before this time."
    )
    wanted_until = fields.Datetime(
        string="Not After",
        help="The customer wishes the call until then, if the phone hours allow it.",
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="waiting",
        index=True,
    )
    due_from = fields.Datetime(
        string="Due",
        readonly=True,
        copy=False,
        help="From this moment on the customer is called.",
    )
    due_after = fields.Datetime(
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the plan counts from: when the call was asked for, or when it is "
        "tried again.",
    )
    deadline = fields.Datetime(
        string="Call Until",
        readonly=True,
        copy=False,
        help="The call is promised until then.",
    )
    out_of_hours = fields.Boolean(
        readonly=True,
        copy=False,
        help="The phone is closed, and the contract promises a call nevertheless.",
    )
    late = fields.Boolean(compute="_compute_clock", groups="base.group_user")
    clock = fields.Char(
        compute="_compute_clock",
        groups="base.group_user",
        help="How much time is left, or since when the call is late.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Assigned To",
        readonly=True,
        copy=False,
        index=True,
        groups="base.group_user",
    )
    attempt_ids = fields.One2many(
        comodel_name="support.callback.attempt",
        inverse_name="callback_id",
        string="Attempts",
        readonly=True,
        groups="base.group_user",
    )
    attempt_count = fields.Integer(
        string="Number of Attempts",
        compute="_compute_attempt_count",
        groups="base.group_user",
    )
    missed_on = fields.Datetime(
        string="Missed",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The deadline passed without an attempt.",
    )
    cancel_reason = fields.Char(readonly=True, copy=False, groups="base.group_user")
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        check_company=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="The ticket that the call is about, or that came of it.",
    )
    call_id = fields.Many2one(
        comodel_name="support.call",
        string="Asked for in",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )
    submission_key = fields.Char(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
        help="User and rendered portal form that this came from: posting the same form "
        "again asks for no second call.",
    )

    _due = models.Index("(deadline) WHERE state = 'waiting' AND missed_on IS NULL")
    _submission_key_unique = models.UniqueIndex(
        "(submission_key) WHERE submission_key IS NOT NULL",
        "This form has already been sent.",
    )
    _wanted_order = models.Constraint(
        "CHECK (wanted_until IS NULL OR wanted_from IS NULL"
        " OR wanted_from < wanted_until)",
        "Not After: it must be later than Not Before.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("partner_id")
    def _compute_caller_name(self):
        for callback in self:
            callback.caller_name = callback.partner_id.name or callback.caller_name

    @api.depends("partner_id", "contract_id")
    def _compute_commercial_partner_id(self):
        """Not a related field: a contact who changes employer does not take the
        call-back along."""
        for callback in self:
            # whose it is does not depend on who looks at it
            one = callback.sudo()
            callback.commercial_partner_id = (
                one.contract_id.commercial_partner_id
                or one.partner_id.commercial_partner_id
            )

    @api.depends("state", "due_from", "deadline")
    def _compute_clock(self):
        now = self.env.company._support_now()
        for callback in self:
            waiting = callback.state == "waiting" and callback.deadline
            callback.late = bool(waiting) and callback.deadline < now
            if not waiting:
                callback.clock = False
            elif callback.late:
                callback.clock = self.env._(
                    "late by %s", self._format_time(now - callback.deadline)
                )
            elif callback.due_from > now:
                callback.clock = self.env._(
                    "due %s",
                    callback.company_id._support_describe_moment(callback.due_from),
                )
            else:
                callback.clock = self.env._(
                    "%s left", self._format_time(callback.deadline - now)
                )

    @api.model
    def _format_time(self, delta):
        return self.env["support.unit.mixin"]._format_in_unit(
            int(delta.total_seconds() // 60), "time", None
        )

    @api.depends("attempt_ids")
    def _compute_attempt_count(self):
        counts = {
            callback.id: count
            for callback, count in self.env["support.callback.attempt"]._read_group(
                [("callback_id", "in", self.ids)], ["callback_id"], ["__count"]
            )
        }
        for callback in self:
            callback.attempt_count = counts.get(callback.id, 0)

    # ------------------------------------------------------------------
    # Constraints and onchanges
    # ------------------------------------------------------------------

    @api.constrains("number")
    def _check_number(self):
        for callback in self:
            if len(callback.number) > PHONE_LENGTH or not (
                PLAIN_NUMBER.match(callback.number)
            ):
                raise ValidationError(
                    self.env._(
                        "Phone Number: %s is none. Enter it with its prefix, such as "
                        "+39 06 1234567.",
                        callback.number,
                    )
                )

    @api.constrains("topic", "caller_name")
    def _check_length(self):
        for callback in self:
            if len(callback.topic) > TOPIC_LENGTH:
                raise ValidationError(
                    self.env._("Topic: use at most %s characters.", TOPIC_LENGTH)
                )
            if len(callback.caller_name or "") > NAME_LENGTH:
                raise ValidationError(
                    self.env._("Name: use at most %s characters.", NAME_LENGTH)
                )

    @api.constrains("partner_id", "contract_id", "ticket_id", "caller_name")
    def _check_customer(self):
        for callback in self:
            if not (callback.commercial_partner_id or callback.caller_name):
                raise ValidationError(
                    self.env._("Contact or Name: say who is called back.")
                )
            customer = callback.commercial_partner_id
            # whose they are does not depend on who may read them
            one = callback.sudo()
            others = one.partner_id.commercial_partner_id
            others |= one.contract_id.commercial_partner_id
            others |= one.ticket_id.commercial_partner_id
            if others - customer:
                raise ValidationError(
                    self.env._(
                        "Contact, contract and ticket of a call-back must belong to "
                        "one customer."
                    )
                )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        if self.partner_id.phone and not self.number:
            self.number = self.partner_id.phone
        customer = self.contract_id.commercial_partner_id
        if self.partner_id and customer != self.partner_id.commercial_partner_id:
            self.contract_id = self.env["support.contract"].search(
                Domain(
                    "commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                )
                & Domain("company_id", "=", self.company_id.id)
                & Domain("state", "=", "active"),
                order="date_end, id",
                limit=1,
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _get_protected_fields(self):
        """Fields that only the call-back's own methods set, never a form or RPC."""
        return {
            "state",
            "due_after",
            "due_from",
            "deadline",
            "out_of_hours",
            "user_id",
            "attempt_ids",
            "missed_on",
            "cancel_reason",
            "commercial_partner_id",
            "job_error",
            "job_error_method",
        }

    @api.model
    def _get_plan_fields(self):
        """Fields that decide when a call-back is due."""
        return {"contract_id", "wanted_from", "wanted_until", "company_id"}

    def _check_protected(self, vals):
        names = self._get_protected_fields() & vals.keys()
        if not self:
            start = (False, None, "waiting", [])
            names = {name for name in names if vals[name] not in start}
        if names:
            raise UserError(
                self.env._(
                    "These fields are set by the call-back's own actions only: %s",
                    ", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in sorted(names)
                    ),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Calls back as soon as promised, and ends the call in which it was asked
        for."""
        # named, so that no default of the caller's context or own takes effect
        initial = {
            name: [] if self._fields[name].type == "one2many" else False
            for name in self._get_protected_fields() - {"commercial_partner_id"}
        } | {"state": "waiting"}
        if not self.env.su:
            for vals in vals_list:
                self._check_protected(vals)
        vals_list = [
            self._clean_number(vals) | ({} if self.env.su else initial)
            for vals in vals_list
        ]
        callbacks = super().create(vals_list)
        self.env.add_to_compute(self._fields["commercial_partner_id"], callbacks)
        for callback in callbacks:
            if callback.call_id:
                callback.call_id._take()
                callback.call_id._end("callback", callback_id=callback.id)
        callbacks._plan()
        callbacks._call_duty()
        return callbacks

    def write(self, vals):
        if not self.env.su:
            self._check_protected(vals)
            if vals.keys() - {"ticket_id"}:
                self._require_waiting()
        result = super().write(self._clean_number(vals))
        if self._get_plan_fields() & vals.keys():
            self._plan()
        return result

    @api.model
    def _clean_number(self, vals):
        """Bring a number into its international form, if it has one."""
        if not vals.get("number"):
            return vals
        company = self.env["res.company"].browse(
            vals.get("company_id") or self.company_id[:1].id or self.env.company.id
        )
        number = " ".join(str(vals["number"]).split())
        return vals | {"number": company._support_format_phone(number) or number}

    # ------------------------------------------------------------------
    # When it is due
    # ------------------------------------------------------------------

    def _plan(self, after=None):
        """Decide when the call is due and by when, and wake the job at the deadline.

        :param datetime after: not before this moment (naive UTC), default: now
        """
        for callback in self.filtered(lambda one: one.state == "waiting"):
            callback._set_plan(after or callback.company_id._support_now())
        self._wake_job()

    def _set_plan(self, after):
        due_from, deadline, out_of_hours = self._get_plan(after)
        # the rule's result, not what the user may write
        self.sudo().write(
            {
                "due_after": after,
                "due_from": due_from,
                "deadline": deadline,
                "out_of_hours": out_of_hours,
            }
        )

    def _wake_job(self):
        """Wake the job at the deadlines; a regular run comes anyway."""
        waiting = self.filtered(lambda callback: callback.state == "waiting")
        deadlines = sorted(set(waiting.mapped("deadline")))
        job = self.env.ref("support_contract.cron_callbacks", raise_if_not_found=False)
        if job and deadlines:
            # waking the system's job is no right of the user
            job.sudo()._trigger(at=deadlines)

    @api.model
    def _follow_hours(self, before):
        """Hours of calendars have changed (``edge_cases.md``, "holiday added later"):
        what is open counts in the new ones, what is late stays late. A new deadline
        never lies in the past already.

        :param before: ids of these calendars
        """
        now = self.env["res.company"]._support_now()
        moved = self.search(
            Domain("state", "=", "waiting") & Domain("deadline", ">", now)
        ).filtered(
            lambda callback: callback.company_id._support_get_phone_calendar(
                callback.contract_id
            ).id
            in before
        )
        for callback in moved:
            due_from, deadline, _out_of_hours = callback._get_plan(callback.due_after)
            if (due_from, deadline) != (callback.due_from, callback.deadline):
                callback._set_plan(callback.due_after if deadline > now else now)
        moved._wake_job()

    def _get_plan(self, after):
        """When a call is due that is asked for at ``after``, and by when (naive UTC),
        and whether that is out of hours."""
        self.ensure_one()
        # its hours are a term that decides, whoever asks
        company, contract = self.company_id, self.sudo().contract_id
        start = max(after, self.wanted_from or after)
        allowed = timedelta(minutes=company.support_callback_minutes)
        hours = company._support_get_phone_hours(contract)
        out_of_hours = False
        due_from, deadline = start, start + allowed
        if hours:
            covered = hours.is_covered(start)
            out_of_hours = not covered and self._is_promised_out_of_hours()
            if not out_of_hours:
                due_from = start if covered else hours.next_opening(start) or start
                deadline = hours.deadline(due_from, int(allowed.total_seconds()))
                deadline = deadline or due_from + allowed
        if self.wanted_until and due_from < self.wanted_until < deadline:
            deadline = self.wanted_until
        return due_from, deadline, out_of_hours

    def _is_promised_out_of_hours(self):
        # a term of the contract, whoever asks
        contract = self.sudo().contract_id
        return contract.state == "active" and contract.callback_out_of_hours

    def _get_promise(self):
        """When we call, in words for the customer; "" once that is over."""
        self.ensure_one()
        if self.state != "waiting":
            return ""
        company = self.company_id
        now = company._support_now()
        if self.due_from > now:
            return self.env._(
                "We call you from %s.",
                company._support_describe_moment(self.due_from, now),
            )
        if self.deadline > now:
            return self.env._(
                "We call you by %s.",
                company._support_describe_moment(self.deadline, now),
            )
        return self.env._("We call you as soon as we can.")

    # ------------------------------------------------------------------
    # Who is told
    # ------------------------------------------------------------------

    def _call_duty(self):
        """Give what is due out of hours to the operator on duty, who is told."""
        for callback in self.filtered("out_of_hours"):
            duty = callback.company_id.sudo().support_duty_user_id
            if not callback._can_work(duty):
                continue
            # who is on duty is the company's decision, not the caller's
            callback.sudo().user_id = duty
            callback._tell(duty, "mail_activity_type_callback", callback.topic)

    def _can_work(self, user):
        """Whether the user may read this call-back, so that telling him makes sense."""
        self.ensure_one()
        if not user or not user.active or self.company_id not in user.company_ids:
            return False
        # as that user, in this company, whatever companies are chosen just now
        record = self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids
        )
        return record.has_access("read")

    def _tell(self, user, activity_type, note):
        self.ensure_one()
        # who is told does not depend on what the current user may assign
        self.sudo().with_context(
            mail_activity_automation_skip=False, mail_activity_quick_update=False
        ).activity_schedule(
            f"support_contract.{activity_type}", user_id=user.id, note=note
        )

    def _untell(self):
        """The call is taken or over: what colleagues were told is done."""
        # activities of colleagues too
        self.sudo().activity_unlink(
            [
                "support_contract.mail_activity_type_callback",
                "support_contract.mail_activity_type_callback_missed",
            ]
        )

    # ------------------------------------------------------------------
    # Missed deadlines
    # ------------------------------------------------------------------

    @api.model
    def _get_missed_domain(self):
        now = self.env["res.company"]._support_now()
        return (
            Domain("state", "=", "waiting")
            & Domain("missed_on", "=", False)
            & Domain("deadline", "<=", now)
        )

    @api.model
    def _cron_callbacks(self):
        """Mark the call-backs whose deadline has passed, and tell who answers for
        them. Woken at each deadline; the regular run finds what a missed night left."""
        missed = self.search(self._get_missed_domain(), order="deadline, id")
        missed._run_job("_mark_missed")

    def _mark_missed(self):
        """Mark what is missed, once, and tell its owner and the leader of his team."""
        missed = self.filtered_domain(self._get_missed_domain())
        missed.missed_on = self.env["res.company"]._support_now()
        # before anybody is told: of two runs at once one fails here and tells nobody
        missed.flush_recordset(["missed_on"])
        for callback in missed:
            for user in callback._get_responsible():
                callback._tell(
                    user,
                    "mail_activity_type_callback_missed",
                    self.env._(
                        "%(customer)s should have been called by %(deadline)s: "
                        "%(topic)s",
                        customer=callback.commercial_partner_id.name
                        or callback.caller_name,
                        deadline=callback.company_id._support_describe_moment(
                            callback.deadline
                        ),
                        topic=callback.topic,
                    ),
                )

    def _get_responsible(self):
        """Who is told of a missed call-back: its owner and the leaders of his teams,
        else the operator on duty, else the owner of the contract."""
        self.ensure_one()
        owner = self.user_id
        leaders = (self.ticket_id.team_id or owner.helpdesk_team_ids).user_id
        for users in (
            owner | leaders,
            self.company_id.support_duty_user_id,
            self.contract_id.user_id,
        ):
            able = users.filtered(self._can_work)
            if able:
                return able
        return self.env["res.users"]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def _require_waiting(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        for callback in self:
            if callback.state != "waiting":
                raise UserError(
                    self.env._(
                        "Call-back “%(topic)s” is not open any more: it is %(state)s.",
                        topic=callback.topic,
                        state=states[callback.state].lower(),
                    )
                )

    def _hold(self):
        """Make changes of the same call-backs wait for each other: of two operators at
        once the second sees what the first one did."""
        self.check_access("write")
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE support_callback SET write_date = write_date "
                "WHERE id IN (SELECT id FROM support_callback WHERE id = ANY(%s) "
                "ORDER BY id FOR NO KEY UPDATE)",
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "user_id"])
        self._require_waiting()

    def action_take(self):
        """Take call-backs that nobody has.

        :raise UserError: if a colleague was faster, or it is not open any more
        """
        self._hold()
        for callback in self:
            if callback.user_id and callback.user_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(user)s has already taken the call-back “%(topic)s”.",
                        user=callback.user_id.name,
                        topic=callback.topic,
                    )
                )
        # checked above: open, and nobody else's
        self.sudo().user_id = self.env.user

    def action_release(self):
        """Give call-backs back, so that a colleague can take them: one's own, or as a
        contract manager anybody's."""
        self._hold()
        manager = self.env.user.has_group("support_contract.group_support_manager")
        if not manager and self.user_id - self.env.user:
            raise UserError(
                self.env._(
                    "Only who has taken a call-back, or a contract manager, gives it "
                    "back."
                )
            )
        self._untell()
        # checked above
        self.sudo().user_id = False

    def action_no_answer(self):
        """Count an attempt without an answer; the call is due again later."""
        self._try("no_answer")

    def action_busy(self):
        """Count an attempt that found the line busy; the call is due again later."""
        self._try("busy")

    def action_voicemail(self):
        """Count an attempt that reached a voicemail; the call is due again later."""
        self._try("voicemail")

    def _try(self, outcome):
        """An attempt that did not reach the customer."""
        self._hold()
        self._add_attempt(outcome)
        for callback in self:
            company = callback.company_id
            retry = timedelta(minutes=company.support_callback_retry_minutes)
            callback._plan(company._support_now() + retry)

    def _add_attempt(self, outcome, note=None):
        # attempts are added by the call-back's own actions alone, after _hold()
        self.env["support.callback.attempt"].sudo().create(
            [
                {
                    "callback_id": callback.id,
                    "date": callback.company_id._support_now(),
                    "user_id": self.env.uid,
                    "outcome": outcome,
                    "note": note,
                }
                for callback in self
            ]
        )
        unassigned = self.filtered(lambda callback: not callback.user_id)
        # who calls has taken it
        unassigned.sudo().user_id = self.env.user

    def action_reached(self):
        """Open the form for what came of the call."""
        self.ensure_one()
        self.check_access("write")
        self._require_waiting()
        return self._open_wizard("support.callback.reached", self.env._("Reached"))

    def _reach(self, partner, topic, ticket, note):
        """The customer was reached: the call becomes a ticket or joins one.

        :param partner: contact who was reached
        :param ticket: the ticket that it joins; empty: a new one about ``topic``
        :return: the ticket
        """
        self.ensure_one()
        self._hold()
        call = self.env["support.call"]._log(
            "callback",
            partner,
            company=self.company_id,
            direction="out",
            number=self.number,
            callback_id=self.id,
            contract_id=self.contract_id.id,
        )
        if self.commercial_partner_id - call.partner_id:
            raise UserError(
                self.env._(
                    "Contact: choose one of %s.", self.commercial_partner_id.name
                )
            )
        if ticket:
            call._add_to_ticket(ticket, note)
        else:
            # the note is read in the call's line in the chatter
            call.sudo().note = note
            ticket = call._open_ticket(topic)
        self._add_attempt("reached", note and note[:200])
        self._untell()
        # checked above: open, and the user may write it
        self.sudo().write(
            {"state": "done", "ticket_id": ticket.id, "partner_id": partner.id}
        )
        return ticket

    def action_cancel(self):
        """Open the form to cancel, with a reason."""
        self.ensure_one()
        self.check_access("write")
        self._require_waiting()
        return self._open_wizard("support.callback.cancel", self.env._("Cancel"))

    def _cancel(self, reason):
        """:raise UserError: without a reason"""
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Reason: say why nobody calls."))
        self._hold()
        self._untell()
        # checked above: open, and the user may write it
        self.sudo().write({"state": "cancelled", "cancel_reason": reason})

    def action_view_ticket(self):
        """Open the ticket of the call-back."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "helpdesk.ticket",
            "res_id": self.ticket_id.id,
            "view_mode": "form",
        }

    def _open_wizard(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_callback_id": self.id},
        }
