# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import json
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

#: a change of these may change what stands still or what is promised
SLA_INPUTS = {
    "stage_id",
    "team_id",
    "user_id",
    "company_id",
    "active",
    "duplicate_id",
    "support_contract_id",
    "support_warranty_policy_id",
    "support_rejected",
}


class Terms(NamedTuple):
    """What is promised on a ticket for one target; ``stages`` as a clock keeps
    them."""

    kind: str
    target_id: int
    seconds: int
    calendar_id: int | bool
    hours_from: str
    stages: list


class HelpdeskTicket(models.Model):
    """What was promised on a ticket, and how much of the time is left."""

    _inherit = "helpdesk.ticket"

    support_opened_on = fields.Datetime(
        string="Opened On",
        readonly=True,
        copy=False,
        help="When help was asked for: promised times count from here.",
    )
    support_clock_ids = fields.One2many(
        comodel_name="support.sla.clock",
        inverse_name="ticket_id",
        string="Clocks",
        readonly=True,
        groups="base.group_user",
    )
    support_deadline = fields.Datetime(
        string="Next Deadline",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The next promised time that still runs, or the one already missed.",
    )
    support_risk_at = fields.Datetime(
        string="At Risk From",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="From this moment on the ticket comes first in the queue.",
    )
    support_responded_on = fields.Datetime(
        string="First Response",
        readonly=True,
        copy=False,
        help="First message to the customer, logged call or start of work.",
    )
    support_stage_before_id = fields.Many2one(
        comodel_name="helpdesk.ticket.stage",
        string="Stage Before Waiting",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Where the ticket goes back to when the customer answers.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        now = self.env["res.company"]._support_now()
        fresh = {
            # named, so that no default of the caller's context or own takes effect
            "support_opened_on": now,
            "support_deadline": False,
            "support_risk_at": False,
            "support_responded_on": False,
            "support_stage_before_id": False,
        }
        tickets = super().create([vals | fresh for vals in vals_list])
        tickets._support_start_clocks(now)
        return tickets

    def write(self, vals):
        if not self.env.su:
            self._support_refuse_fields(
                {
                    "support_opened_on",
                    "support_deadline",
                    "support_risk_at",
                    "support_responded_on",
                    "support_stage_before_id",
                }.intersection(vals)
            )
        if not SLA_INPUTS & vals.keys():
            return super().write(vals)
        before = {ticket.id: ticket._support_sla_inputs() for ticket in self}
        result = super().write(vals)
        self._support_follow_sla(before)
        return result

    def _support_sla_inputs(self):
        """What the clocks hang on: status, stage, contract or warranty, team and
        company."""
        self.ensure_one()
        return (
            self._support_get_status(),
            self.stage_id,
            # internal field, compared only
            (self.support_contract_id.id, self.sudo().support_warranty_policy_id.id),
            self.team_id.id,
            self.company_id.id,
        )

    def _support_get_status(self):
        """``running``, ``waiting`` for the customer, ``resolved`` or ``closed``
        without being resolved."""
        self.ensure_one()
        if not self.active or self.support_rejected or self.duplicate_id:
            return "closed"
        return self.stage_id._support_get_status()

    def _support_follow_sla(self, before):
        """Let the clocks follow what changed since ``before``."""
        now = self.env["res.company"]._support_now()
        moved, attached, elsewhere = self.browse(), self.browse(), self.browse()
        for ticket in self:
            old, new = before[ticket.id], ticket._support_sla_inputs()
            if old[0] != new[0]:
                moved += ticket
                if new[0] == "waiting":
                    # where it comes from is the system's to remember
                    ticket.sudo().support_stage_before_id = old[1]
            if old[2] != new[2]:
                attached += ticket
            elif old[3:] != new[3:]:
                elsewhere += ticket
        if attached:
            attached._support_attach(now)
        if elsewhere:
            elsewhere._support_redecide_hours()
        if moved:
            moved._support_follow_status(now)

    def _support_follow_status(self, now):
        """Pause, go on, end, cancel or reopen the clocks as the stages say."""
        # measured by the system, whoever moves the ticket
        tickets = self.sudo()
        clocks = tickets._support_read_clocks()
        clocks._follow_status(
            {ticket: ticket._support_get_status() for ticket in tickets}, now
        )
        tickets._support_update_deadline(clocks)

    def _support_read_clocks(self):
        """All clocks of the tickets, in one query."""
        return self.env["support.sla.clock"].search_fetch(
            [("ticket_id", "in", self.ids)]
        )

    def _support_update_deadline(self, clocks=None):
        """Keep the next deadline and the moment of risk for lists and queue.

        :param clocks: all clocks of the tickets, if the caller has them
        """
        if clocks is None:
            clocks = self._support_read_clocks()
        by_ticket = clocks.filtered("since").grouped("ticket_id")
        for ticket in self:
            own = by_ticket.get(ticket, [])
            deadlines = [
                clock.deadline for clock in own if clock.deadline and not clock.paused
            ]
            risks = [clock.risk_at for clock in own if clock.risk_at]
            values = {
                "support_deadline": min(deadlines, default=False),
                "support_risk_at": min(risks, default=False),
            }
            if any(ticket[name] != value for name, value in values.items()):
                ticket.write(values)

    # ------------------------------------------------------------------
    # What is promised
    # ------------------------------------------------------------------

    def _support_start_clocks(self, now):
        """Start the clocks of tickets that have just been opened."""
        # terms and clocks are the system's; what the caller may read does not matter
        tickets = self.sudo()
        asked = [
            (ticket, terms, now, ticket._support_get_status())
            for ticket, terms_list in tickets._support_read_terms(now).items()
            for terms in terms_list
        ]
        if asked:
            clocks = tickets.env["support.sla.clock"]._start(asked)
            clocks.ticket_id._support_update_deadline(clocks)

    def _support_read_terms(self, now, kept=None):
        """What is promised on the tickets, in one statement: the targets of the
        contract's own policy or of the warranty's, and for each the hours that count:
        the target's own, else the warranty's or the contract's for the ticket's
        channel, else the team's, else the company's.

        :param dict kept: ``{ticket: target ids}`` to keep, whatever the contract says
            now
        :return: ``{ticket: [Terms, ...]}``
        """
        asked = [
            {
                "id": ticket.id or 0,  # one that is only thought of
                "contract": ticket.support_contract_id.id or None,
                "warranty": ticket.support_warranty_policy_id.id or None,
                "team": ticket.team_id.id or None,
                "company": ticket.company_id.id,
                "channel": ticket.channel_id.id or None,
                "priority": ticket.priority or "",
                "kept": kept[ticket] if kept else None,
            }
            for ticket in self
            if kept or ticket.support_contract_id or ticket.support_warranty_policy_id
        ]
        if not asked:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (asked.id, target.kind)
                       asked.id, target.kind, target.id, target.minutes * 60,
                       CASE target.measure WHEN 'coverage' THEN COALESCE(
                           own.id, free_hours.id, agreed.id, team_hours.id,
                           company_hours.id
                       ) END,
                       CASE WHEN target.measure = 'elapsed' THEN 'elapsed'
                            WHEN own.id IS NOT NULL THEN 'target'
                            WHEN free_hours.id IS NOT NULL THEN 'warranty'
                            WHEN agreed.id IS NOT NULL THEN 'contract'
                            WHEN team_hours.id IS NOT NULL THEN 'team'
                            WHEN company_hours.id IS NOT NULL THEN 'company'
                            ELSE 'none' END,
                       stages.list
                  FROM json_to_recordset(%s) AS asked(
                           id integer, contract integer, warranty integer,
                           team integer, company integer, channel integer,
                           priority text, kept json
                       )
                  LEFT JOIN support_contract contract ON contract.id = asked.contract
                  LEFT JOIN support_warranty_policy warranty
                    ON warranty.id = asked.warranty
                  LEFT JOIN resource_calendar free_hours
                    ON free_hours.id = warranty.calendar_id
                   AND free_hours.schedule_type <> 'flexible'
                  JOIN support_sla_target target
                    ON CASE WHEN json_typeof(asked.kept) = 'array'
                            THEN target.id IN (
                                SELECT value::integer
                                  FROM json_array_elements_text(asked.kept)
                            )
                            ELSE target.policy_id = COALESCE(
                                     contract.sla_policy_id, warranty.sla_policy_id)
                             AND COALESCE(target.priority, asked.priority)
                                 = asked.priority
                       END
                  LEFT JOIN resource_calendar own
                    ON own.id = target.calendar_id
                   AND own.schedule_type <> 'flexible'
                  LEFT JOIN LATERAL (
                       SELECT calendar.id
                         FROM support_contract_coverage coverage
                         JOIN resource_calendar calendar
                           ON calendar.id = coverage.calendar_id
                          AND calendar.schedule_type <> 'flexible'
                        WHERE coverage.contract_id = asked.contract
                          AND COALESCE(coverage.channel_id, asked.channel, 0)
                              = COALESCE(asked.channel, 0)
                        ORDER BY coverage.channel_id NULLS LAST
                        LIMIT 1
                       ) agreed ON TRUE
                  LEFT JOIN helpdesk_ticket_team team ON team.id = asked.team
                  LEFT JOIN resource_calendar team_hours
                    ON team_hours.id = team.support_calendar_id
                   AND team_hours.schedule_type <> 'flexible'
                  JOIN res_company company ON company.id = asked.company
                  LEFT JOIN resource_calendar company_hours
                    ON company_hours.id = company.resource_calendar_id
                   AND company_hours.schedule_type <> 'flexible'
                  LEFT JOIN LATERAL (
                       SELECT json_agg(
                                  json_build_array(stage.id, stage.at, stage.is_miss)
                                  ORDER BY stage.at, stage.is_miss, stage.sequence,
                                           stage.id
                              ) AS list
                         FROM (SELECT id, sequence, action = 'missed' AS is_miss,
                                      CASE basis WHEN 'time' THEN minutes * 60
                                      ELSE target.minutes * 60 * percent / 100 END AS at
                                 FROM support_sla_stage
                                WHERE target_id = target.id) stage
                       ) stages ON TRUE
                 ORDER BY asked.id, target.kind DESC, target.priority NULLS LAST
                """,
                json.dumps(asked),
            )
        )
        tickets = {ticket.id or 0: ticket for ticket in self}
        terms = {}
        for ticket_id, *values in rows:
            values[3] = values[3] or False
            terms.setdefault(tickets[ticket_id], []).append(Terms(*values))
        return self._support_without_closed_hours(terms, now)

    @api.model
    def _support_without_closed_hours(self, terms, now):
        """A calendar without any hours to come would promise nothing for ever: time
        then counts as it passes, and the clock says so."""
        clocks = self.env["support.sla.clock"]
        every = [item for items in terms.values() for item in items]
        hours = clocks._read_hours(clocks._get_calendars(every))
        closed = {
            calendar_id
            for calendar_id, working_time in hours.items()
            if calendar_id and not working_time.next_opening(now)
        }
        return {
            ticket: [
                item._replace(calendar_id=False, hours_from="none")
                if item.calendar_id in closed
                else item
                for item in items
            ]
            for ticket, items in terms.items()
        }

    def _support_attach(self, now):
        """Another contract covers the tickets: what ran is kept as it ran, the rest
        counts under its terms. A promise that is new counts from the opening, since
        that is what the customer was promised."""
        tickets = self.sudo()  # as in _support_start_clocks
        found = tickets._support_read_terms(now)
        existing = tickets._support_read_clocks()
        changes, late = {}, []
        for ticket in tickets:
            terms = {item.kind: item for item in found.get(ticket, [])}
            own = existing.filtered(lambda clock, own=ticket: clock.ticket_id == own)
            changes |= {clock: terms.get(clock.kind) for clock in own}
            if ticket._support_get_status() not in ("resolved", "closed"):
                late += [
                    (ticket, item, ticket.support_opened_on or now, "running")
                    for kind, item in terms.items()
                    if kind not in own.mapped("kind")
                ]
        # a promise that had ended with the old contract is alive again
        existing.filtered(
            lambda clock: clock.ended_by == "terms" and changes[clock]
        )._revive(now)
        existing._change_terms(changes, now)
        if late:
            existing._start(late)._catch_up(now)
        tickets._support_update_deadline()

    def _support_read_stage_changes(self, now):
        """What the tickets went through, as far as the chatter has kept it:
        ``{ticket: (first status, [(moment, status), ...])}``, oldest first."""
        self.env.flush_all()
        field = self.env["ir.model.fields"]._get(self._name, "stage_id")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT message.res_id, value.create_date,
                       value.old_value_integer, value.new_value_integer
                  FROM mail_tracking_value value
                  JOIN mail_message message ON message.id = value.mail_message_id
                 WHERE value.field_id = %s
                   AND message.model = 'helpdesk.ticket'
                   AND message.res_id = ANY(%s)
                 ORDER BY value.id
                """,
                field.id,
                self.ids,
            )
        )
        stages = self.env["helpdesk.ticket.stage"].browse(
            {stage_id for row in rows for stage_id in row[2:] if stage_id}
        )
        statuses = {stage.id: stage._support_get_status() for stage in stages.exists()}
        past = {ticket: (ticket.stage_id._support_get_status(), []) for ticket in self}
        for ticket_id, moment, old, new in rows:
            first, changes = past[self.browse(ticket_id)]
            if not changes:
                first = statuses.get(old, first)
            moment = min(moment.replace(microsecond=0), now)
            changes.append((moment, statuses.get(new, "running")))
            past[self.browse(ticket_id)] = (first, changes)
        return past

    def _support_redecide_hours(self):
        """Team, company or hours have changed: the targets stay, what remains counts
        in the hours that are right now."""
        now = self.env["res.company"]._support_now()
        tickets = self.sudo()  # as in _support_start_clocks
        clocks = tickets._support_read_clocks().filtered("since")
        kept = {ticket: [] for ticket in clocks.ticket_id}
        for clock in clocks:
            kept[clock.ticket_id].append(clock.target_id.id)
        found = clocks.ticket_id._support_read_terms(now, kept)
        terms = {
            (ticket, item.kind): item
            for ticket, items in found.items()
            for item in items
        }
        clocks._change_terms(
            {clock: terms[clock.ticket_id, clock.kind] for clock in clocks}, now
        )
        clocks.ticket_id._support_update_deadline()

    # ------------------------------------------------------------------
    # First response, and answers of the customer
    # ------------------------------------------------------------------

    def _support_respond(self, moment=None, by="call"):
        """The customer has been answered: the first one counts.

        :param datetime moment: naive UTC, default: now; may lie in the past, for work
            that is logged afterwards
        :param by: ``message``, ``call`` or ``work``
        """
        moment = (moment or self.env["res.company"]._support_now()).replace(
            microsecond=0
        )
        # kept by the system: whoever answers need not be allowed to write the ticket
        for ticket in self.sudo():
            first = max(moment, ticket.support_opened_on or moment)
            if ticket.support_responded_on and ticket.support_responded_on <= first:
                continue
            ticket.support_responded_on = first
            clocks = ticket.support_clock_ids
            clocks.filtered(lambda clock: clock.kind == "response")._reach(first, by)
            ticket._support_update_deadline(clocks)

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        """See whom a message reaches: an answer to the customer is the first response,
        an answer of the customer ends the wait."""
        recipients = super()._notify_thread(message, msg_vals=msg_vals, **kwargs)
        if self and not self._is_notification_scheduled(kwargs.get("scheduled_date")):
            self._support_follow_message(message, recipients)
        return recipients

    def _support_follow_message(self, message, recipients):
        self.ensure_one()
        message = message.sudo()  # who wrote it and of which kind, nothing is shown
        author = message.author_id
        if message.mail_activity_type_id.category == "phonecall":
            self._support_respond()
            return
        if (
            message.message_type not in ("comment", "email")
            or message.is_internal
            or not message.subtype_id
            or message.subtype_id.internal
        ):
            return
        if author and not author.partner_share:
            system = author == self.env.ref("base.partner_root")
            if not system and self._support_reaches_customer(recipients):
                self._support_respond(by="message")
        elif self._support_is_customer(author, message.email_from):
            self._support_customer_answered()

    def _support_reaches_customer(self, recipients):
        """Whether somebody outside is told, and of this ticket's customer if that is
        known."""
        partners = self.env["res.partner"].sudo()  # whose contact, nothing else
        outside = [data for data in recipients or [] if data.get("share", True)]
        customer = self.sudo().commercial_partner_id
        if not customer:
            return bool(outside)
        return any(
            data.get("id")
            and partners.browse(data["id"]).commercial_partner_id == customer
            for data in outside
        )

    def _support_is_customer(self, author, email):
        ticket = self.sudo()  # compared, not shown
        if author:
            return author == ticket.partner_id or (
                bool(ticket.commercial_partner_id)
                and author.commercial_partner_id == ticket.commercial_partner_id
            )
        address = email_normalize(email)
        return bool(address) and address == email_normalize(ticket.partner_email)

    def _support_customer_answered(self):
        """The customer has answered: a ticket that waited for it goes on by itself."""
        # a customer may not move tickets, his answer does
        ticket = self.sudo()
        if not ticket.stage_id.support_waiting:
            return
        going_on = ticket._support_get_open_stages()
        before = ticket.support_stage_before_id
        attended = going_on.filtered(lambda stage: not stage.unattended)
        stage = before if before in going_on else (attended or going_on)[:1]
        if stage:
            ticket.stage_id = stage
