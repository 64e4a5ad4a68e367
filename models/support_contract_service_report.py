# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from datetime import datetime, time, timedelta
from statistics import median

import pytz

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date
from odoo.tools.misc import get_lang

from ..tools import day_names, periods, sla

#: what ends a clock because its target was reached
REACHED_BY = ("message", "call", "work", "resolved")

#: states that a contract reaches by being agreed only
AGREED_STATES = ("active", "suspended", "expired", "lapsed", "terminated")

#: rows of a balance in the report, with the kinds of entries that they add up
MOVEMENTS = {
    "granted": ("opening", "grant"),
    "bought": ("topup", "takeback"),
    "used": ("work", "ticket"),
    "expired": ("expiry", "forfeit"),
    "corrected": ("correction", "carry"),
}


class SupportContract(models.Model):
    """What happened under a contract in a month, for its customer.

    The values hold what the customer may read anyhow: no internal notes, no prices,
    no margins. Texts are plain; whoever prints them escapes them.
    """

    _inherit = "support.contract"

    monthly_report = fields.Boolean(
        string="Monthly Service Report",
        default=True,
        groups="base.group_user",
        help="Send the service report of each month to those who may order, else to "
        "the customer.",
    )
    company_monthly_report = fields.Boolean(
        related="company_id.support_monthly_report", groups="base.group_user"
    )
    service_report_ids = fields.One2many(
        comodel_name="support.service.report",
        inverse_name="contract_id",
        string="Service Reports",
        readonly=True,
        groups="support_contract.group_support_user",
    )

    def _get_report_recipients(self):
        """Who gets the service report: those who may order, else the customer."""
        self.ensure_one()
        return self.orderer_ids or self.partner_id

    def _get_report_lang(self):
        """The language of the service report: that of its first recipient."""
        self.ensure_one()
        return self._get_report_recipients()[:1].lang or self.env.lang

    def _get_reported_domain(self, first_day, last_day):
        """Contracts that were in force on a day between ``first_day`` and
        ``last_day``."""
        return (
            Domain("state", "in", AGREED_STATES)
            & Domain("term_ids.first_day", "<=", last_day)
            & Domain("date_end", ">=", first_day)
            & (
                Domain("terminated_on", "=", False)
                | Domain("terminated_on", ">", first_day)
            )
        )

    # ------------------------------------------------------------------
    # Month by month
    # ------------------------------------------------------------------

    @api.model
    def _cron_queue_monthly_reports(self):
        """Ask for last month's reports where the company sends them, in committed
        batches."""
        due = self.browse()
        for company in self.env["res.company"].search(
            [("support_monthly_report", "=", True)]
        ):
            if first_day := company._support_get_reported_month():
                due += self.search(self._get_unreported_domain(company, first_day))
        due._run_job("_queue_monthly_report")

    def _get_unreported_domain(self, company, first_day):
        """Contracts of ``company`` whose report of the month is neither asked for nor
        sent."""
        return (
            self._get_reported_domain(first_day, periods.term_end(first_day, 1))
            & Domain("company_id", "=", company.id)
            & Domain("monthly_report", "=", True)
            & ~Domain(
                "service_report_ids",
                "any",
                [("first_day", "=", first_day), ("state", "!=", "draft")],
            )
        )

    def _queue_monthly_report(self):
        """Ask for the reports of the month that each company sends now."""
        reports = self.env["support.service.report"]
        for company in self.company_id:
            first_day = company._support_get_reported_month()
            contracts = self.search(
                self._get_unreported_domain(company, first_day)
                & Domain("id", "in", self.ids)
            )
            reports._get_or_create(contracts, first_day).state = "queued"

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def _get_service_report_values(self, first_day, last_day):
        """What the service report of these contracts says, in the language of the
        environment, with as many queries for a hundred contracts as for one.

        Promises count in the month in which they were kept or missed, work in that of
        its day, quantities in that of their entry. Days and times are those of the
        company's support time zone.

        :param date first_day: first day of the report; ``last_day`` is inclusive
        :raise AccessError: if the user may not read the contracts
        :return: ``{contract: dict}``; times, quantities and days as people read them
        """
        self.check_access("read")
        # the document is the customer's and the same for everybody who prints it
        contracts = self.sudo()
        tickets = contracts._read_report_tickets(first_day, last_day)
        decided = contracts._read_report_clocks(first_day, last_day)
        works = contracts._read_report_works(first_day, last_day)
        balances = contracts._read_report_balances(first_day, last_day)
        values = {}
        for contract in contracts:
            today = contract.company_id._support_day()
            own = works.get(contract, self.env["support.intervention"])
            ledgers = [
                self._prepare_report_ledger(ledger, *balances[ledger.id])
                for ledger in contract.ledger_ids.sorted("id")
            ]
            values[contract] = {
                "month": day_names.format_month(first_day, get_lang(self.env).code),
                "opening_label": self.env._(
                    "Balance before %s", format_date(self.env, first_day)
                ),
                "closing_label": self.env._(
                    "Balance after %s", format_date(self.env, min(last_day, today))
                ),
                "printed": format_date(self.env, today),
                "state": self._prepare_report_state(contract, last_day),
                "zone": contract.company_id.support_tz,
                "promises": self._prepare_report_promises(decided.get(contract, [])),
                "tickets": [
                    self._prepare_report_ticket(ticket)
                    for ticket in tickets.get(contract, [])
                ],
                "works": [self._prepare_report_work(work) for work in own],
                "work_total": self._format_report_minutes(
                    sum(own.mapped("billable_minutes"))
                ),
                "ledgers": ledgers,
                "movements": self._prepare_report_movements(ledgers),
            }
        return values

    def _get_report_bounds(self, first_day, last_day):
        """The days as moments: ``{company: (start, end)}`` in naive UTC, the end not
        included."""
        bounds = {}
        for company in self.company_id:
            zone = pytz.timezone(company.support_tz or "UTC")
            bounds[company] = tuple(
                zone.localize(datetime.combine(day, time()))
                .astimezone(pytz.utc)
                .replace(tzinfo=None)
                for day in (first_day, last_day + timedelta(days=1))
            )
        return bounds

    def _get_report_domain(self, first_day, last_day, path, get_domain):
        """Records of the contracts that ``get_domain`` finds between the days.

        :param str path: the field that leads to the contract
        :param get_domain: function ``(between) -> domain``; ``between(name)`` is the
            domain of a moment between the days of its contract's company
        """
        domain = Domain.FALSE
        for company, (start, end) in self._get_report_bounds(
            first_day, last_day
        ).items():
            own = self.filtered(
                lambda item, company=company: item.company_id == company
            )
            domain |= Domain(path, "in", own.ids) & get_domain(
                lambda name, start=start, end=end: (
                    Domain(name, ">=", start) & Domain(name, "<", end)
                )
            )
        return domain

    def _read_report_tickets(self, first_day, last_day):
        """``{contract: tickets}``, oldest first: those that were opened, answered or
        closed, were worked on, or had a promise kept or missed."""
        work = Domain("state", "=", "done") & Domain("day", ">=", first_day)
        work &= Domain("day", "<=", last_day)
        domain = self._get_report_domain(
            first_day,
            last_day,
            "support_contract_id",
            lambda between: (
                between("support_opened_on")
                | between("support_responded_on")
                | between("closed_date")
                | Domain("support_intervention_ids", "any", work)
                | Domain(
                    "support_clock_ids",
                    "any",
                    between("ended_on") | between("missed_on"),
                )
            ),
        )
        # a proposed cover is no cover, and a duplicate is told with its original
        domain &= Domain("support_cover_confirmed", "=", True)
        domain &= Domain("duplicate_id", "=", False)
        tickets = self.env["helpdesk.ticket"].search(
            domain, order="support_opened_on, id"
        )
        return tickets.grouped("support_contract_id")

    def _read_report_clocks(self, first_day, last_day):
        """``{contract: clocks}``: the promises kept or missed between the days."""
        clocks = self.env["support.sla.clock"].search(
            self._get_report_domain(
                first_day,
                last_day,
                "target_id.policy_id.contract_id",
                lambda between: (
                    Domain("state", "=", sla.MET) & between("ended_on")
                    | Domain("state", "=", sla.MISSED) & between("missed_on")
                ),
            )
        )
        return clocks.grouped(lambda clock: clock.target_id.policy_id.contract_id)

    def _read_report_works(self, first_day, last_day):
        """``{contract: work done}``, oldest first."""
        works = self.env["support.intervention"].search(
            [
                ("contract_id", "in", self.ids),
                ("state", "=", "done"),
                ("day", ">=", first_day),
                ("day", "<=", last_day),
            ],
            order="start, id",
        )
        return works.grouped("contract_id")

    def _read_report_balances(self, first_day, last_day):
        """What the entries of each ledger up to ``last_day`` add up to, as
        ``support.ledger._get_statement`` has it, and what is left of which lots.

        :return: ``{ledger id: (sums, lots)}``; sums by ``before``, the names of
            ``MOVEMENTS``; lots as ``[(last day or None, quantity), ...]``
        """
        ledgers = self.ledger_ids
        self.env["support.ledger.entry"].flush_model()
        sums = {ledger_id: defaultdict(float) for ledger_id in ledgers.ids}
        names = {kind: name for name, kinds in MOVEMENTS.items() for kind in kinds}
        for ledger_id, kind, quantity in self.env.execute_query(
            SQL(
                """
                SELECT entry.ledger_id,
                       CASE WHEN entry.day >= %s
                            THEN COALESCE(origin.kind, entry.kind) END AS kind,
                       sum(entry.quantity)
                  FROM support_ledger_entry entry
                  LEFT JOIN support_ledger_entry origin
                    ON origin.id = entry.reversal_of_id
                 WHERE entry.ledger_id = ANY(%s) AND entry.day <= %s
                 GROUP BY 1, 2
                """,
                first_day,
                ledgers.ids,
                last_day,
            )
        ):
            sums[ledger_id][names[kind] if kind else "before"] += quantity
        lots = {ledger_id: [] for ledger_id in ledgers.ids}
        for ledger_id, day, quantity in self.env.execute_query(
            SQL(
                """
                SELECT lot.ledger_id, lot.last_day, sum(lot.quantity + drawn.quantity)
                  FROM support_ledger_entry lot
                  JOIN LATERAL (
                       SELECT COALESCE(sum(entry.quantity), 0) AS quantity
                         FROM support_ledger_entry entry
                        WHERE entry.lot_id = lot.id AND entry.day <= %s
                       ) drawn ON TRUE
                 WHERE lot.ledger_id = ANY(%s) AND lot.lot_id IS NULL
                   AND lot.day <= %s
                 GROUP BY lot.ledger_id, lot.last_day
                HAVING sum(lot.quantity + drawn.quantity) > 0
                 ORDER BY lot.ledger_id, lot.last_day NULLS LAST
                """,
                last_day,
                ledgers.ids,
                last_day,
            )
        ):
            lots[ledger_id].append((day, quantity))
        return {
            ledger_id: (sums[ledger_id], lots[ledger_id]) for ledger_id in ledgers.ids
        }

    # ------------------------------------------------------------------
    # As people read them
    # ------------------------------------------------------------------

    @api.model
    def _format_report_minutes(self, minutes):
        return self.env["support.unit.mixin"]._format_in_unit(minutes, "time", None)

    @api.model
    def _prepare_report_state(self, contract, last_day):
        """The state at the end of the report, and until when the contract runs."""
        states = dict(self._fields["state"]._description_selection(self.env))
        state = states[contract._get_state_on(last_day) or contract.state]
        if not contract.date_end:
            return state
        return self.env._(
            "%(state)s, term until %(day)s",
            state=state,
            day=format_date(self.env, contract.date_end),
        )

    @api.model
    def _prepare_report_promises(self, clocks):
        """Promises decided, by kind: how many were kept, and how long it took."""
        kinds = self.env["support.sla.clock"]._fields["kind"]
        rows = []
        for kind, label in kinds._description_selection(self.env):
            own = [clock for clock in clocks if clock.kind == kind]
            if not own:
                continue
            kept = sum(clock.state == sla.MET for clock in own)
            times = [clock.used for clock in own if clock.ended_by in REACHED_BY]
            rows.append(
                {
                    "kind": label,
                    "kept": kept,
                    "missed": len(own) - kept,
                    "share": self.env._("%s %%", round(100 * kept / len(own))),
                    "median": self._format_report_minutes(median(times) / 60)
                    if times
                    else "",
                }
            )
        return rows

    @api.model
    def _prepare_report_ticket(self, ticket):
        clocks = {clock.kind: clock for clock in ticket.support_clock_ids}
        resolution = clocks.get("resolution")
        resolved_on = False
        if ticket._support_get_status() == "resolved":
            resolved_on = (
                (resolution and resolution.ended_on)
                or ticket.closed_date
                or ticket.last_stage_update
            )
        return {
            "number": ticket.number,
            "name": ticket.name,
            "requester": ticket.partner_name or ticket.partner_id.name or "",
            "opened": ticket._support_format_moment(ticket.support_opened_on),
            "rejected": ticket.support_rejected,
            "guaranteed": bool(clocks),
            "response": self._prepare_report_promise(
                ticket, clocks.get("response"), ticket.support_responded_on
            ),
            "resolution": self._prepare_report_promise(ticket, resolution, resolved_on),
        }

    @api.model
    def _prepare_report_promise(self, ticket, clock, moment):
        """One promise of a ticket: ``moment`` when it was reached, ``state`` and
        ``text`` of what had been promised."""
        values = {"moment": ticket._support_format_moment(moment), "state": ""}
        if not clock or clock.state == sla.CANCELLED:
            return values | {"text": ""}
        if clock.state == sla.MET:
            return values | {"state": "kept", "text": self.env._("kept")}
        if clock.state == sla.MISSED:
            return values | {
                "state": "missed",
                "text": self.env._(
                    "missed: promised by %s",
                    ticket._support_format_moment(clock.missed_on),
                ),
            }
        if clock.paused:
            text = self.env._("we wait for your answer")
        else:
            text = self.env._(
                "promised by %s", ticket._support_format_moment(clock.deadline)
            )
        return values | {"state": "open", "text": text}

    @api.model
    def _prepare_report_work(self, work):
        drawn = [work.drawn] if work.drawn else []
        if work.overage_minutes:
            drawn.append(
                self.env._(
                    "%s beyond the balance",
                    self._format_report_minutes(work.overage_minutes),
                )
            )
        return {
            "day": format_date(self.env, work.day),
            "name": work.name,
            "description": work.description or "",
            "ticket": work.ticket_id.number,
            "mode": work.work_mode_id.name,
            "time": self._format_report_minutes(work.billable_minutes),
            "drawn": ", ".join(drawn) or self.env._("included"),
        }

    @api.model
    def _prepare_report_ledger(self, ledger, sums, lots):
        digits = ledger._unit_digits()
        used = ("used", "expired")

        def text(name):
            quantity = round(sums[name], digits) * (-1 if name in used else 1)
            return ledger._format_quantity(quantity) if quantity else ""

        return {
            "label": ledger.label,
            "opening": ledger._format_quantity(sums["before"]),
            **{name: text(name) for name in MOVEMENTS},
            "closing": ledger._format_quantity(
                round(sum(sums[name] for name in ("before", *MOVEMENTS)), digits)
            ),
            "lots": [self._prepare_report_lot(ledger, *lot) for lot in lots],
        }

    @api.model
    def _prepare_report_lot(self, ledger, day, quantity):
        if not day:
            return self.env._("%s without an end", ledger._format_quantity(quantity))
        return self.env._(
            "%(quantity)s to be used by %(day)s",
            quantity=ledger._format_quantity(quantity),
            day=format_date(self.env, day),
        )

    @api.model
    def _prepare_report_movements(self, ledgers):
        """The rows between the first and the last balance in which anything moved."""
        labels = {
            "granted": self.env._("+ Granted"),
            "bought": self.env._("+ Bought"),
            "used": self.env._("− Used"),
            "expired": self.env._("− Expired"),
            "corrected": self.env._("± Corrected"),
        }
        return [
            {"label": label, "quantities": [ledger[name] for ledger in ledgers]}
            for name, label in labels.items()
            if any(ledger[name] for ledger in ledgers)
        ]
