# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta
from functools import partial

from odoo import api, fields, models

from ..tools import sla
from .support_sla_target import KINDS

STATES = [
    (sla.RUNNING, "Running"),
    (sla.PAUSED, "Paused"),
    (sla.MET, "Kept"),
    (sla.MISSED, "Missed"),
    (sla.CANCELLED, "Cancelled"),
]

#: where the hours that count come from, the first that is set (``design.md``, "SLA")
HOURS_FROM = [
    ("elapsed", "Elapsed time"),
    ("target", "The target"),
    ("contract", "The contract"),
    ("warranty", "The warranty"),
    ("team", "The team"),
    ("company", "The company"),
    ("none", "None set: elapsed time"),
]

#: what ended a clock
ENDED_BY = [
    ("message", "Message to the customer"),
    ("call", "Logged call"),
    ("work", "Start of work"),
    ("resolved", "Ticket resolved"),
    ("closed", "Ticket closed"),
    ("terms", "No promise any more"),
]

#: at risk from this share of the target on, if no stage comes before it
RISK_PERCENT = 75


class SupportSlaClock(models.Model):
    """The running measurement of one promise on one ticket. ``tools/sla.py`` computes
    it; this model keeps it and wakes the job at the next stage."""

    _name = "support.sla.clock"
    _description = "SLA Clock"
    _inherit = ["support.job.mixin"]
    _order = "ticket_id desc, kind desc, id"

    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    target_id = fields.Many2one(
        comodel_name="support.sla.target",
        string="Promise",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    kind = fields.Selection(
        selection=KINDS, string="Kind of Promise", required=True, readonly=True
    )
    state = fields.Selection(selection=STATES, required=True, readonly=True)
    seconds = fields.Integer(
        required=True, readonly=True, aggregator=None, help="Promised time, in seconds."
    )
    calendar_id = fields.Many2one(
        comodel_name="resource.calendar",
        string="Hours",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The hours that count. Empty: elapsed time.",
    )
    hours_from = fields.Selection(selection=HOURS_FROM, required=True, readonly=True)
    started_on = fields.Datetime(required=True, readonly=True)
    since = fields.Datetime(
        string="Open Since",
        readonly=True,
        help="Start of the stretch that is still open; empty once the clock has ended.",
    )
    paused = fields.Boolean(readonly=True)
    used = fields.Integer(
        string="Counted",
        readonly=True,
        aggregator=None,
        help="Seconds counted in the segments.",
    )
    waited = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Seconds in the segments in which the ticket waited for the customer.",
    )
    outside = fields.Integer(
        string="Outside Hours",
        readonly=True,
        aggregator=None,
        help="Seconds in the segments in which the hours that count were closed.",
    )
    segments = fields.Json(
        readonly=True,
        help="What the clock went through: [kind, start, end] in UTC, oldest first.",
    )
    deadline = fields.Datetime(
        readonly=True,
        help="Until when the promise can be kept, or by when it should have been. A "
        "paused clock has none.",
    )
    risk_at = fields.Datetime(string="At Risk From", readonly=True)
    missed_on = fields.Datetime(readonly=True, help="The deadline that passed.")
    ended_on = fields.Datetime(readonly=True)
    ended_by = fields.Selection(selection=ENDED_BY, readonly=True)
    stages = fields.Json(
        readonly=True,
        help="The stages of the target as they were when the clock started: "
        "[id, counted seconds, whether it marks the miss], in order.",
    )
    handled = fields.Integer(
        readonly=True,
        aggregator=None,
        help="How many of the stages have been handled.",
    )
    next_due = fields.Datetime(
        string="Next Stage", readonly=True, help="When the job has to look again."
    )
    event_ids = fields.One2many(
        comodel_name="support.sla.event",
        inverse_name="clock_id",
        string="Events",
        readonly=True,
    )
    user_id = fields.Many2one(related="ticket_id.user_id", string="Technician")

    _kind_unique = models.Constraint(
        "UNIQUE (ticket_id, kind)",
        "A ticket has one clock of each kind.",
    )
    _next_due_idx = models.Index("(next_due) WHERE next_due IS NOT NULL")

    @api.depends("kind", "ticket_id.number")
    @api.depends_context("lang")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for clock in self:
            clock.display_name = f"{clock.ticket_id.number} {kinds.get(clock.kind, '')}"

    # ------------------------------------------------------------------
    # Between the database and the calculation
    # ------------------------------------------------------------------

    def _get_hours(self):
        """``{calendar id: working time}`` of the clocks."""
        return self._read_hours(self.calendar_id)

    @api.model
    def _read_hours(self, calendars):
        """``{calendar id: working time}``. Elapsed time is None, also under a calendar
        that has been made flexible since."""
        fixed = calendars.filtered(lambda item: item.schedule_type != "flexible")
        times = fixed._support_working_times()
        hours = {calendar.id: times.get(calendar) for calendar in calendars}
        return hours | {False: None}

    @api.model
    def _get_calendars(self, terms_list):
        return self.env["resource.calendar"].browse(
            {terms.calendar_id for terms in terms_list if terms and terms.calendar_id}
        )

    def _get_clock(self, hours):
        """The clock as ``tools/sla.py`` takes it.

        :param dict hours: see :meth:`_get_hours`
        """
        self.ensure_one()
        to_moment = fields.Datetime.to_datetime
        return sla.Clock(
            seconds=self.seconds,
            hours=hours[self.calendar_id.id],
            state=self.state,
            since=self.since or None,
            paused=self.paused,
            used=self.used,
            segments=tuple(
                sla.Segment(kind, to_moment(start), to_moment(end))
                for kind, start, end in self.segments or []
            ),
            deadline=self.deadline or None,
            missed_on=self.missed_on or None,
            ended_on=self.ended_on or None,
        )

    @api.model
    def _prepare_clock_values(self, clock):
        """The calculated clock as values of this model."""
        to_string = fields.Datetime.to_string
        return {
            "seconds": clock.seconds,
            "state": clock.state,
            "since": clock.since,
            "paused": clock.paused,
            "used": clock.used,
            "waited": sla.total(clock.segments, sla.WAITING),
            "outside": sla.total(clock.segments, sla.OUTSIDE),
            "segments": [
                [kind, to_string(start), to_string(end)]
                for kind, start, end in clock.segments
            ],
            "deadline": clock.deadline,
            "missed_on": clock.missed_on,
            "ended_on": clock.ended_on,
        }

    @api.model
    def _prepare_due_values(self, clock, stages, handled):
        """When the job has to look at ``clock``, and from when it is at risk.

        The miss is due one second after the deadline: at the deadline itself the
        promise can still be kept.
        """
        values = {"next_due": False}
        if not clock.is_open:
            return values | {"risk_at": False}
        if clock.paused:
            # a missed promise stays one; one that stands still is not at risk
            return values | {"risk_at": clock.missed_on or False}
        if handled < len(stages):
            _stage_id, seconds, is_miss = stages[handled]
            due = sla.reached_on(clock, seconds)
            if due and is_miss:
                due = max(due, clock.deadline or due) + timedelta(seconds=1)
            values["next_due"] = due or False
        warnings = [seconds for _id, seconds, is_miss in stages if not is_miss]
        threshold = min([*warnings, clock.seconds * RISK_PERCENT // 100])
        if not warnings:
            threshold = clock.seconds * RISK_PERCENT // 100
        risk_at = sla.reached_on(clock, min(threshold, clock.seconds))
        return values | {"risk_at": clock.missed_on or risk_at or False}

    def _apply(self, change, hours=None, ended_by=False):
        """Calculate and store.

        :param change: function ``(record, clock) -> clock``, see ``tools/sla.py``
        :param dict hours: working times by calendar id, if other than today's
        :param ended_by: what ended the clocks that the change ends
        :return: the clocks that changed
        """
        changed = self.browse()
        hours = hours or self._get_hours()
        for record in self:
            before = record._get_clock(hours)
            after = change(record, before)
            if after == before:
                continue
            changed += record
            values = self._prepare_clock_values(after)
            values |= self._prepare_due_values(after, record.stages, record.handled)
            if after.ended_on != before.ended_on:
                values["ended_by"] = ended_by if after.ended_on else False
            record.write(values)
        changed._wake_job()
        return changed

    # ------------------------------------------------------------------
    # What happens to tickets
    # ------------------------------------------------------------------

    @api.model
    def _start(self, asked):
        """Start clocks.

        :param asked: ``[(ticket, terms, moment, status), ...]``; terms as
            ``helpdesk.ticket._support_read_terms`` reads them, status as
            ``_support_get_status``
        """
        hours = self._read_hours(self._get_calendars(terms for _, terms, _, _ in asked))
        vals_list = []
        for ticket, terms, moment, status in asked:
            clock = sla.start(
                terms.seconds,
                hours[terms.calendar_id],
                moment,
                paused=status == "waiting",
            )
            ended_by = False
            if status == "resolved":
                clock, ended_by = sla.end(clock, moment), "resolved"
            elif status == "closed":
                clock, ended_by = sla.cancel(clock, moment), "closed"
            vals_list.append(
                {
                    "ticket_id": ticket.id,
                    "target_id": terms.target_id,
                    "kind": terms.kind,
                    "calendar_id": terms.calendar_id,
                    "hours_from": terms.hours_from,
                    "started_on": moment,
                    "stages": terms.stages,
                    "handled": 0,
                    "ended_by": ended_by,
                    **self._prepare_clock_values(clock),
                    **self._prepare_due_values(clock, terms.stages, 0),
                }
            )
        clocks = self.create(vals_list)
        clocks._wake_job()
        return clocks

    def _catch_up(self, now):
        """Let clocks that start late, but from the opening of their ticket, go through
        what happened since: waits for the customer, closings, the first response."""
        past = self.ticket_id._support_read_stage_changes(now)

        def replay(record, clock):
            first, changes = past[record.ticket_id]
            if first == "waiting":
                clock = sla.pause(clock, record.started_on)
            for moment, status in changes:
                clock = sla.follow(clock, status, max(moment, record.started_on))
            responded = record.ticket_id.support_responded_on
            if record.kind == "response" and responded:
                clock = sla.end(clock, responded)
            return clock

        self._apply(replay, ended_by="message")

    def _revive(self, moment):
        """Promises that had ended with another contract are given again."""
        self._apply(
            lambda record, clock: sla.reopen(
                clock, moment, record.ticket_id._support_get_status() == "waiting"
            )
        )

    def _follow_status(self, statuses, moment):
        """Pause, go on, end, cancel or reopen, as the tickets' stages say.

        :param dict statuses: ``{ticket: status}``, see ``_support_get_status``
        """
        for status, records in self.grouped(
            lambda record: statuses[record.ticket_id]
        ).items():
            records._apply(
                partial(self._follow_one, status=status, moment=moment),
                ended_by=status,
            )

    @api.model
    def _follow_one(self, record, clock, status, moment):
        if not clock.is_open and (
            record.ended_by not in ("resolved", "closed")
            or (record.kind == "response" and record.ticket_id.support_responded_on)
        ):
            # what something else has ended does not come back with the ticket
            return clock
        return sla.follow(clock, status, moment)

    def _reach(self, moment, ended_by):
        """The targets are reached at ``moment``. It may lie before what had ended them
        already: work is often logged after the message that told of it."""

        def reach(record, clock):
            reached = max(moment, record.started_on)
            if not clock.is_open:
                answered = record.ended_by in ("message", "call", "work", "resolved")
                if not answered or clock.ended_on <= reached:
                    return clock
                clock = sla.reopen(clock, clock.ended_on)
            return sla.end(clock, reached)

        self._apply(reach, ended_by=ended_by)

    def _change_terms(self, terms_by_clock, moment):
        """Count what remains under new terms; clocks without any are cancelled.

        :param dict terms_by_clock: ``{clock: terms or None}``
        """
        old = self._get_hours()
        new = self._read_hours(self._get_calendars(terms_by_clock.values()))
        for record in self.filtered("since"):
            terms = terms_by_clock[record]
            if not terms:
                record._apply(
                    lambda _record, clock: sla.cancel(clock, moment),
                    old,
                    ended_by="terms",
                )
                continue
            same_target = record.target_id.id == terms.target_id
            if same_target and record.calendar_id.id == terms.calendar_id:
                continue
            clock = sla.change(
                record._get_clock(old),
                moment,
                terms.seconds,
                new[terms.calendar_id],
            )
            stages, handled = record.stages, record.handled
            if not same_target:
                stages, handled = record._get_stages_to_come(terms.stages), 0
            record.write(
                {
                    "target_id": terms.target_id,
                    "calendar_id": terms.calendar_id,
                    "hours_from": terms.hours_from,
                    "stages": stages,
                    "handled": handled,
                    **self._prepare_clock_values(clock),
                    **self._prepare_due_values(clock, stages, handled),
                }
            )
        self._wake_job()

    def _get_stages_to_come(self, stages):
        """Of the stages of another target those that have not happened yet: a clock can
        be missed only once, and may come back to a target that it had before."""
        self.ensure_one()
        happened = self.event_ids.stage_id
        missed = "missed" in happened.mapped("action")
        return [
            [stage_id, seconds, is_miss]
            for stage_id, seconds, is_miss in stages
            if stage_id not in happened.ids and not (is_miss and missed)
        ]

    @api.model
    def _follow_hours(self, before):
        """Coverage hours or holidays have changed: what ran is kept as it ran, open
        clocks count the rest by the new hours, ended ones do not move
        (``edge_cases.md``, "holiday added later").

        :param dict before: ``{calendar id: working time}`` as it was
        """
        now = self.env["res.company"]._support_now()
        clocks = self.search(
            [
                ("calendar_id", "in", list(before)),
                ("since", "!=", False),
                ("paused", "=", False),
            ]
        )
        after = clocks._get_hours()
        clocks._apply(
            lambda record, clock: sla.change(
                clock,
                max(now, clock.since),
                clock.seconds,
                after[record.calendar_id.id],
            ),
            before | {False: None},
        )
        clocks.ticket_id._support_update_deadline()
        # flexible hours cannot be counted: the next ones that are set take their place
        clocks.filtered(
            lambda clock: clock.calendar_id.schedule_type == "flexible"
        ).ticket_id._support_redecide_hours()
        # called just before a commit, after everything else has been written
        self.env.flush_all()

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def _wake_job(self):
        """Wake the job at the next stage of these clocks; a regular run comes anyway.

        The trigger is made directly: reading the job first would cost every new
        ticket a query.
        """
        moments = [moment for moment in self.mapped("next_due") if moment]
        if not moments:
            return
        job = self.env["ir.model.data"]._xmlid_to_res_id(
            "support_contract.ir_cron_sla_stages"
        )
        # nobody has a right to triggers; what is called is this job alone
        self.env["ir.cron.trigger"].sudo().create(
            {"cron_id": job, "call_at": min(moments)}
        )

    @api.model
    def _cron_fire_stages(self):
        """Handle the stages that have been reached, in committed batches, oldest
        first. The partial index holds only clocks that still have a stage to come, and
        only those that are due are read."""
        now = self.env["res.company"]._support_now()
        clocks = self.search([("next_due", "<=", now)], order="next_due, id")
        clocks._run_job("_fire_due", batch_size=50)
        upcoming = self.search([("next_due", ">", now)], order="next_due", limit=1)
        upcoming._wake_job()

    def _get_job_owner_record(self):
        return self.ticket_id

    def _fire_due(self):
        """Handle what is due: every miss is marked, every priority raised and every
        ticket handed over; of the notices only those of the last threshold go out, so
        that a night of missed runs ends in one message for each clock and not in a
        storm."""
        now = self.env["res.company"]._support_now()
        due = self.filtered(lambda clock: clock.next_due and clock.next_due <= now)
        hours = due._get_hours()
        stage_model = self.env["support.sla.stage"]
        events, plan = [], []
        for record in due:
            clock = record._get_clock(hours)
            reached = []
            for stage_id, seconds, is_miss in record.stages[record.handled :]:
                moment = sla.reached_on(clock, seconds)
                if moment is None or moment > now or (is_miss and moment == now):
                    break
                reached.append((stage_model.browse(stage_id), seconds, moment))
            if not reached:
                continue
            handled = record.handled + len(reached)
            clock = sla.passed(clock, now)
            record.write(
                self._prepare_clock_values(clock)
                | self._prepare_due_values(clock, record.stages, handled)
                | {"handled": handled}
            )
            notices = [item for item in reached if item[0]._is_notice()]
            last = notices[-1][1] if notices else None
            skipped = {stage for stage, seconds, _ in notices if seconds != last}
            stages = [stage for stage, _, _ in reached]
            plan.append((record, stages, skipped))
            events += [
                {
                    "clock_id": record.id,
                    "stage_id": stage.id,
                    "due_on": moment,
                    "happened_on": now,
                    "skipped": stage in skipped,
                }
                for stage, _, moment in reached
            ]
        # before the notices: a second run fails here and says nothing
        self.env["support.sla.event"].create(events)
        self.env.flush_all()
        due.ticket_id._support_update_deadline()
        for record, stages, skipped in plan:
            told = any(
                stage._tells_people() for stage in stages if stage not in skipped
            )
            for stage in stages:
                if stage in skipped:
                    # nobody is told of it any more, but the ticket goes where it
                    # would have gone
                    if stage.action == "escalate":
                        stage._hand_over(record)
                # a miss needs no note of its own where another one tells of it
                elif not (told and stage.action == "missed"):
                    stage._perform(record)

    # ------------------------------------------------------------------
    # Explaining
    # ------------------------------------------------------------------

    def _rebuild(self):
        """The clock as its segments alone tell it: ``(counted seconds, deadline)``.
        A missed or ended clock keeps the deadline that it had."""
        self.ensure_one()
        clock = self._get_clock(self._get_hours())
        used = sla.counted(clock.segments)
        if clock.missed_on or not clock.is_open:
            return used, clock.deadline
        return used, sla.reached_on(clock._replace(used=used), clock.seconds)
