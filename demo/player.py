# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Plays events at past moments, each by the person who would have done it, with the
methods that people and the nightly jobs use."""

import heapq
from datetime import datetime, time, timedelta

import pytz
from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.tools import SQL

from ..tools.moment import Moment
from .books import MODULE
from .life import Life
from .money import Money
from .planning import Planning

#: tables whose rows show when they were made; ledger entries have a day of their own
DATED_TABLES = [
    "account_analytic_line",
    "account_move",
    "account_payment",
    "calendar_event",
    "helpdesk_ticket",
    "mail_message",
    "sale_order",
    "support_charge",
    "support_contract",
    "support_contract_status",
    "support_intervention",
    "support_ledger_reservation",
    "support_price_acceptance",
    "support_sla_clock",
    "support_topup",
    "support_call",
    "support_callback",
    "support_callback_attempt",
]

MORE_DATES = {"mail_message": ["date"], "helpdesk_ticket": ["last_stage_update"]}

SUMMARIES = {"phone": "Call", "remote": "Remote session", "on_site": "Visit"}


class Player(Life, Money, Planning):
    """Events are told in any order and played in the order of their moments. Before
    the first event of a day, the jobs of the night before have run."""

    def __init__(self, env, today=None):
        self.company = env.ref("base.main_company")
        self.env = env(
            context={
                "allowed_company_ids": self.company.ids,
                # no chatter that says "created just now", and nothing is sent
                "tracking_disable": True,
                "mail_create_nosubscribe": True,
                "mail_post_autofollow": False,
                "mail_notify_force_send": False,
            }
        )
        self.today = today or self.company._support_day()
        self.moment = None
        self.events = []
        self.count = 0
        # records are kept without their moment: a living environment of each would
        # make every new one slower
        self.contracts = {}
        self.tickets = {}
        self.works = {}
        self.installations = {}
        self.releases = {}
        # who works on a ticket, and how customers pay
        self.people = {}
        self.habits = {}

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    def first_of(self, months):
        """First day of the month ``months`` ago (to come, if below zero)."""
        return (self.today - relativedelta(months=months)).replace(day=1)

    def back(self, days):
        """The day ``days`` ago, or the Friday before a weekend."""
        return self.weekday(self.today - timedelta(days=days))

    @staticmethod
    def weekday(day):
        return day - timedelta(days=max(day.weekday() - 4, 0))

    def at(self, day, clock):
        """The moment of a local time such as "9:30"."""
        zone = pytz.timezone(self.company.support_tz)
        hour, minute = clock.split(":")
        local = zone.localize(datetime.combine(day, time(int(hour), int(minute))))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    # ------------------------------------------------------------------
    # Playing
    # ------------------------------------------------------------------

    def tell(self, moment, action, *args):
        """Have ``action`` happen at ``moment``; while playing, too."""
        self.count += 1
        heapq.heappush(self.events, (moment, self.count, action, args))

    def play(self):
        """Play all events up to today, then leave the database as of now."""
        last_ids = {table: self._last_id(table) for table in DATED_TABLES}
        last_mail = self._last_id("mail_mail")
        night = None
        while self.events:
            moment, _count, action, args = heapq.heappop(self.events)
            day = self.company._support_day(moment)
            if day != night:
                self._night(day)
                night = day
                self._date_rows(last_ids)
            self._move(moment)
            self._fire_stages()
            action(*args)
            self._date_rows(last_ids)
        self._night(self.today)
        self._move(max(self.company._support_now(), self.moment))
        self._fire_stages()
        self._date_rows(last_ids)
        # invented people get no mail, whatever server is set up later
        self.env["mail.mail"].search([("id", ">", last_mail)]).write(
            {"state": "cancel"}
        )
        self.env.invalidate_all()

    def _night(self, day):
        """What the jobs do in the night, without their commits: the whole history is
        one transaction."""
        # what was computed for the day before does not hold any more
        self.env.invalidate_all()
        self._move(self.at(day, "0:20"))
        contracts = self._as_system()["support.contract"].browse(
            contract.id for contract in self.contracts.values()
        )
        contracts = contracts.filtered_domain(contracts._get_grant_domain())
        contracts._follow_end()
        contracts._update_states()
        contracts._grant_due()
        contracts._expire_due()
        everything = contracts.browse()
        everything.search([("next_fee_day", "<=", day)])._charge_fees()
        followed = everything.search(
            ["|", ("overdue_days", ">", 0), ("overdue_since", "!=", False)]
        )
        if followed:
            followed._follow_overdue()
        env = self._as_system()
        env["support.contract"]._get_taking()._take_installations()
        env["support.installation"].search([])._update_states()
        env["support.installation"]._read_offers_due()._offer_contracts()

    def _fire_stages(self):
        """What the job of promised times does at its next run."""
        clocks = self._as_system()["support.sla.clock"]
        clocks.search([("next_due", "<=", self.moment)])._fire_due()

    def _move(self, moment):
        self.moment = Moment.combine(moment.date(), moment.time())

    def _as(self, role):
        """The environment of ``user_<role>`` of the demo data at the moment."""
        return self.env(
            user=self.env.ref(f"{MODULE}.user_{role}").id,
            su=False,
            context=dict(self.env.context, support_moment=self.moment),
        )

    def _as_system(self):
        return self.env(context=dict(self.env.context, support_moment=self.moment))

    def _last_id(self, table):
        [[last_id]] = self.env.execute_query(
            SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table))
        )
        return last_id

    def _date_rows(self, last_ids):
        """Give the rows made since ``last_ids`` the moment as their time."""
        self.env.flush_all()
        updates, maxima = [], []
        for table, last_id in last_ids.items():
            columns = ["create_date", "write_date", *MORE_DATES.get(table, [])]
            updates.append(
                SQL(
                    "%s AS (UPDATE %s SET %s WHERE id > %s RETURNING id)",
                    SQL.identifier(f"new_{table}"),
                    SQL.identifier(table),
                    SQL(", ").join(
                        SQL("%s = %s", SQL.identifier(column), self.moment)
                        for column in columns
                    ),
                    last_id,
                )
            )
            maxima.append(
                SQL("(SELECT max(id) FROM %s)", SQL.identifier(f"new_{table}"))
            )
        [new_ids] = self.env.execute_query(
            SQL("WITH %s SELECT %s", SQL(", ").join(updates), SQL(", ").join(maxima))
        )
        for table, new_id in zip(list(last_ids), new_ids, strict=True):
            last_ids[table] = new_id or last_ids[table]

    def _date_ticket(self, ticket, *names):
        """Dates that the helpdesk itself takes from the clock."""
        self.env.flush_all()
        for name in names:
            self.env.execute_query(
                SQL(
                    "UPDATE helpdesk_ticket SET %s = %s WHERE id = %s RETURNING id",
                    SQL.identifier(name),
                    self.moment,
                    ticket.id,
                )
            )
        ticket.invalidate_recordset()

    # ------------------------------------------------------------------
    # Contracts
    # ------------------------------------------------------------------

    def contract(self, key, contact, kind, start, upto="active", **values):
        """Sell a contract of type ``kind`` that starts on ``start``.

        :param str upto: the last step: draft, offered, signed or active
        :param values: ``package`` for types that sell packages; ``agreed``, a function
            that changes the draft
        """
        latest = self.today + timedelta(days=5)
        signed = self.env.ref(f"{MODULE}.type_{kind}").signature_required
        drafted = self.weekday(min(start, latest) - timedelta(days=14))
        self.tell(
            self.at(drafted, "10:05"), self._draft, key, contact, kind, start, values
        )
        if upto == "draft":
            return
        offered = self.weekday(drafted + timedelta(days=2))
        self.tell(self.at(offered, "11:40"), self._offer, key)
        if upto == "offered":
            return
        if upto == "signed" or signed:
            day = self.weekday(drafted + timedelta(days=5))
            self.tell(self.at(day, "15:20"), self._sign, key)
        if upto == "active":
            self.tell(self.at(start, "8:00"), self._activate, key)

    def _draft(self, key, contact, kind, start, values):
        env = self._as("seller")
        person = env.ref(f"{MODULE}.contact_{contact}")
        package = values.get("package")
        contract = env["support.contract"].create(
            {
                "type_id": env.ref(f"{MODULE}.type_{kind}").id,
                "package_id": package and env.ref(f"{MODULE}.product_{package}").id,
                "partner_id": person.commercial_partner_id.id,
                "signatory_id": person.id,
                "orderer_ids": [Command.set(person.ids)],
                "date_start": start,
                "company_id": self.company.id,
                "user_id": env.ref(f"{MODULE}.user_manager").id,
            }
        )
        if "agreed" in values:
            values["agreed"](contract)
        self.contracts[key] = contract.with_env(self.env)

    def _contract(self, role, key):
        return self.contracts[key].with_env(self._as(role))

    def _offer(self, key):
        self._contract("seller", key).action_mark_offered()

    def _sign(self, key):
        contract = self._contract("manager", key)
        contract._record_signature(
            self.company._support_day(self.moment), contract.signatory_id.name
        )

    def _activate(self, key):
        self._contract("manager", key).action_activate()

    def change(self, key, days, state, reason):
        """Suspend or terminate a contract, ``days`` ago."""
        self.tell(self.at(self.back(days), "9:10"), self._change, key, state, reason)

    def _change(self, key, state, reason):
        self._contract("manager", key)._change_state(
            state, self.company._support_day(self.moment), reason
        )

    def correct(self, key, days, mode, quantity, reason, clock="12:15"):
        """Correct the only ledger of a contract; ``mode`` as in the wizard. To
        reverse, ``quantity`` is that of the last correction."""
        self.tell(
            self.at(self.back(days), clock), self._correct, key, mode, quantity, reason
        )

    def _correct(self, key, mode, quantity, reason):
        ledger = self._contract("manager", key).ledger_ids[:1]
        values = {"ledger_id": ledger.id, "mode": mode, "reason": reason}
        if mode == "reverse":
            entry = ledger.entry_ids.filtered(
                lambda entry: entry.kind == "correction" and entry.quantity == quantity
            ).sorted("id")[-1:]
            values["entry_ids"] = [Command.set(entry.ids)]
        else:
            values["quantity"] = quantity
        ledger.env["support.ledger.correct"].create(values).action_confirm()

    # ------------------------------------------------------------------
    # Tickets and work
    # ------------------------------------------------------------------

    def ticket(self, contact, days, clock, mode, category, title, *work, **options):
        """A ticket opened ``days`` ago and the work on it.

        :param work: (days after the opening, minutes) or (days, minutes, mode)
        :param options: ``text`` of the customer, ``answer`` of the technician, ``by``
            (who), ``key`` to come back to it, ``stage`` in the end (default: done after
            work, else new), ``channel`` (default: phone for calls, else web),
            ``rejected`` with a reason, ``travel`` and ``material`` of the first work
        """
        opening = self.at(self.back(days), clock)
        key = options.get("key") or (contact, days, clock)
        self.people[key] = options.get("by") or ("tech2" if days % 3 else "tech")
        self.tell(opening, self._open, key, contact, mode, category, title, options)
        moment = opening
        for index, (after, minutes, *other) in enumerate(work):
            work_mode = other[0] if other else mode
            start = self.at(self.back(days - after), "9:30")
            if not after or start <= moment:
                start = moment + timedelta(minutes=5 if work_mode == "phone" else 25)
            moment = start + timedelta(minutes=minutes)
            costs = {} if index else options
            self.tell(moment, self._work, key, index, start, work_mode, title, costs)
        stage = options.get("stage", "done" if work else None)
        if "rejected" in options:
            self.tell(
                moment + timedelta(minutes=50), self._reject, key, options["rejected"]
            )
        elif stage:
            answer = options.get("answer")
            self.tell(moment + timedelta(minutes=5), self._finish, key, stage, answer)

    def callback(self, contact, days, clock, topic, *attempts):
        """A call-back asked for in the portal ``days`` ago.

        :param attempts: (time of that day, outcome) or, for the one that reached the
            customer, (time, note)
        """
        day = self.back(days)
        key = (contact, topic)
        self.tell(self.at(day, clock), self._ask_callback, key, contact, topic)
        for at, outcome in attempts:
            self.tell(self.at(day, at), self._call_back, key, topic, outcome)

    def _ask_callback(self, key, contact, topic):
        person = self.env.ref(f"{MODULE}.contact_{contact}")
        callbacks = self._as("tech")["support.callback"]
        callback = callbacks.create(
            {
                "topic": topic,
                "number": person.phone or person.commercial_partner_id.phone,
                "partner_id": person.id,
                "contract_id": self._contract_of(person).id,
                "company_id": self.company.id,
            }
        )
        self.tickets[key] = callback.with_env(self.env)

    def _contract_of(self, person):
        return self.env["support.contract"].search(
            [
                ("commercial_partner_id", "=", person.commercial_partner_id.id),
                ("state", "=", "active"),
            ],
            limit=1,
        )

    def _call_back(self, key, topic, outcome):
        callback = self.tickets[key].with_env(self._as("tech"))
        if outcome == "no_answer":
            callback.action_no_answer()
        else:
            ticket = callback._reach(
                callback.partner_id, topic, callback.ticket_id, outcome
            )
            self._date_ticket(ticket, "assigned_date")
            self._enter(ticket, "done")

    def live_ticket(self, contact, spent, mode, category, title, text, **options):
        """A ticket still open, whenever the demo data is installed: by now ``spent``
        minutes of the office hours of ticket packs have passed since it was opened.

        :param options: ``asked``, to wait for the customer since half of that time
        """
        calendar = self.env.ref(f"{MODULE}.calendar_office_9_18")
        now = self.company._support_now()
        hours = calendar._support_working_time()

        def back(minutes):
            """The latest covered moment since which ``minutes`` have passed."""
            low, high = now - timedelta(days=30), now
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                if hours.seconds_between(middle, now) >= minutes * 60:
                    low = middle
                else:
                    high = middle
            return low.replace(second=0, microsecond=0)

        key = (contact, title)
        options |= {"text": text}
        self.tell(back(spent), self._open, key, contact, mode, category, title, options)
        if asked := options.get("asked"):
            self.tell(back(spent / 2), self._finish, key, "awaiting", asked)

    def _open(self, key, contact, mode, category, title, options):
        env = self._as("tech")
        person = env.ref(f"{MODULE}.contact_{contact}")
        channel = options.get("channel") or ("phone" if mode == "phone" else "web")
        ticket = env["helpdesk.ticket"].create(
            {
                "name": title,
                "description": f"<p>{options.get('text') or title + '.'}</p>",
                "partner_id": person.id,
                "partner_name": person.name,
                "partner_email": person.email,
                "support_phone": person.commercial_partner_id.phone,
                "category_id": env.ref(f"{MODULE}.category_{category}").id,
                "support_work_mode_id": env.ref(f"{MODULE}.work_mode_{mode}").id,
                "channel_id": env.ref(
                    f"helpdesk_mgmt.helpdesk_ticket_channel_{channel}"
                ).id,
                "team_id": env.ref(f"{MODULE}.team_support").id,
                "user_id": False,  # the first technician who is free takes it
            }
        )
        self.tickets[key] = ticket.with_env(self.env)

    def _ticket(self, role, key):
        return self.tickets[key].with_env(self._as(role))

    def _enter(self, ticket, stage):
        ticket.stage_id = ticket.env.ref(f"helpdesk_mgmt.helpdesk_ticket_stage_{stage}")
        self._date_ticket(
            ticket, "last_stage_update", *(["closed_date"] if ticket.closed else [])
        )

    def _get_person(self, key):
        """The technician who works on a ticket."""
        return self.people.get(key, "tech")

    def _work(self, key, index, start, mode, title, costs):
        ticket = self._take(key)
        work_mode = ticket.env.ref(f"{MODULE}.work_mode_{mode}")
        self._agree_on_price(ticket, work_mode, start)
        work = ticket.env["support.intervention"].create(
            {
                "ticket_id": ticket.id,
                "name": f"{SUMMARIES[mode]}: {title}",
                "work_mode_id": work_mode.id,
                "start": start,
                "end": self.moment,
            }
        )
        self._add_costs(work, costs)
        work.action_done()
        self.works[key, index] = work.with_env(self.env)

    def _take(self, key):
        """The ticket, taken by the technician."""
        ticket = self._ticket(self._get_person(key), key)
        if not ticket.user_id:
            ticket.user_id = ticket.env.user
            self._date_ticket(ticket, "assigned_date")
            self._enter(ticket, "in_progress")
        return ticket

    def _finish(self, key, stage, answer):
        ticket = self._take(key)
        if answer:
            ticket.message_post(
                body=answer,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=ticket.partner_id.ids,
            )
        self._enter(ticket, stage)

    def _reject(self, key, reason):
        ticket = self._take(key)
        ticket.env["support.ticket.reject"].create(
            {"ticket_id": ticket.id, "reason": reason}
        ).action_confirm()
        self._date_ticket(ticket, "closed_date", "last_stage_update")

    def redo(self, key, index, days, clock, minutes, reason, role="tech"):
        """Undo work that was logged wrongly, and log it with other ``minutes``."""
        self.tell(
            self.at(self.back(days), clock),
            self._redo,
            key,
            index,
            minutes,
            reason,
            role,
        )

    def _redo(self, key, index, minutes, reason, role):
        work = self.works[key, index].with_env(self._as(role))
        work.env["support.intervention.undo"].create(
            {"intervention_id": work.id, "reason": reason}
        ).action_confirm()
        work.end = work.start + timedelta(minutes=minutes)
        work.action_done()
