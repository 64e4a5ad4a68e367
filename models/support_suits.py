# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import cover, suits
from ..tools.periods import ONE_DAY, term_end

#: lines of a pricelist may be based on another list, which may be based on another
DEPTH = 5

#: kinds of entries that credit a balance beside the allotments
CREDITS = ("opening", "topup", "correction")


class Comparison(NamedTuple):
    """One row of the comparison. ``contract_type`` empty: on call. ``own``: it is what
    the customer really had."""

    contract_type: models.Model
    own: bool
    outcome: suits.Outcome
    #: ``support.sla.target`` of what is promised
    targets: models.Model
    currency: models.Model


class History(NamedTuple):
    """What happened, as ``tools/suits.py`` takes it."""

    tickets: list
    works: list
    calendars: models.Model


class SupportPrices:
    """Prices of hours and pieces over a span of days as steps.

    A price changes only where a line of a pricelist begins or ends, or where a rate of
    exchange changes: so it is asked once for each such stretch, not for each day on
    which somebody worked."""

    def __init__(self, company, modes, first_day, last_day, pieces):
        """:param modes: all work modes
        :param pieces: ``{(product id, quantity), ...}`` that are charged by the piece
        """
        self.company, self.env = company, company.env
        self.modes = modes
        self.first_day, self.last_day = first_day, last_day
        self.pieces = pieces
        self.found, self.exchange = {}, {}

    def get_rates(self, tariff, currency):
        """:class:`suits.Rates` under ``tariff``."""
        key = (tariff.pricelist, currency.id)
        pieces = set(self.pieces)
        if tariff.travel_product:
            pieces.add((tariff.travel_product, Decimal(1)))
        if key not in self.found:
            pricelist = self.env["product.pricelist"].browse(tariff.pricelist or [])
            items = self._get_items(pricelist)
            self.found[key] = (
                pricelist,
                items,
                days := self._get_days(pricelist, items, currency),
                self._get_hours(pricelist, currency, days),
                {},
            )
        pricelist, items, days, hours, units = self.found[key]
        missing = pieces - units.keys()
        if missing:
            units |= self._get_units(pricelist, items, currency, days, missing)
        return suits.Rates(tariff, hours, units, currency.decimal_places)

    def get_exchange(self, currency, day):
        """What an amount in ``currency`` is in the company's."""
        if currency not in self.exchange:
            rate = currency._get_conversion_rate(
                currency, self.company.currency_id, self.company, day
            )
            self.exchange[currency] = Decimal(str(rate))
        return self.exchange[currency]

    def _get_items(self, pricelist):
        items = pricelist.item_ids
        for _level in range(DEPTH):
            items |= items.base_pricelist_id.item_ids
        return items

    def _get_days(self, pricelist, items, currency):
        """The days on which a price may change, the first one included."""
        days = {self.first_day}
        for moment in [*items.mapped("date_start"), *items.mapped("date_end")]:
            if moment:
                days |= {moment.date(), moment.date() + ONE_DAY}
        currencies = currency | self.company.currency_id
        currencies |= (pricelist | items.base_pricelist_id).currency_id
        if len(currencies) > 1:
            days.update(
                self.env["res.currency.rate"]
                .search(
                    [
                        ("currency_id", "in", currencies.ids),
                        ("name", ">", self.first_day),
                        ("name", "<=", self.last_day),
                    ]
                )
                .mapped("name")
            )
        return sorted(day for day in days if self.first_day <= day <= self.last_day)

    def _get_hours(self, pricelist, currency, days):
        return {
            mode.id: tuple(
                (
                    day,
                    mode._get_hourly_price(pricelist, currency, day, self.company),
                )
                for day in days
            )
            for mode in self.modes
        }

    def _get_units(self, pricelist, items, currency, days, pieces):
        """Prices by (product, quantity). A line may ask for a least quantity, so that
        all quantities between two of those cost the same."""
        least = sorted({0.0, *items.mapped("min_quantity")})
        levels = defaultdict(list)
        for product_id, quantity in pieces:
            level = max(value for value in least if value <= max(float(quantity), 0.0))
            levels[level].append((product_id, quantity))
        steps = defaultdict(list)
        for level, members in levels.items():
            products = self.env["product.product"].browse(
                sorted({product_id for product_id, _quantity in members})
            )
            for day in days:
                # a quantity of nothing would be no quantity at all
                prices = products._support_get_unit_prices(
                    pricelist, level or 1e-6, currency, day, self.company
                )
                for product_id, quantity in members:
                    steps[product_id, quantity].append((day, prices[product_id]))
        return {piece: tuple(found) for piece, found in steps.items()}


class SupportSuits(models.AbstractModel):
    """Which type suits? Reads what a customer asked for and got, and replays it under
    the terms of contract types (``tools/suits.py``). The number of queries does not
    depend on how much happened."""

    _name = "support.suits"
    _description = "Comparison of Contract Types"

    @api.model
    def _compare(self, partner, company, first_day, last_day, types, recharge=True):
        """What the customer's requests from ``first_day`` to ``last_day`` (inclusive,
        local to the company) would have cost under each of ``types`` and on call.

        A type that the customer really had is replayed with his own contracts; others
        begin on the first day. Reads as superuser, because a comparison of what a user
        may see would be wrong; the callers check who may ask.

        :param bool recharge: wallets are filled again when they do not suffice
        :return: list of :class:`Comparison`, the types in their order, on call last
        """
        model = self.sudo()
        customer = partner.sudo().commercial_partner_id
        company, types = company.sudo(), types.sudo()
        had = model._get_contracts(customer, company, first_day, last_day)
        contracts = had.filtered(lambda contract: contract.type_id in types)
        start = min([first_day, *contracts.term_ids.mapped("first_day")])
        history = model._read_history(customer, company, start, last_day)
        prices = SupportPrices(
            company,
            model.env["support.work.mode"]
            .with_context(active_test=False)
            .search([("company_id", "in", (False, company.id))]),
            start,
            last_day,
            {
                (material.product, material.quantity)
                for work in history.works
                for material in work.materials
            },
        )
        sources = [*types, *contracts]
        calendars = history.calendars
        for source in sources:
            calendars |= source.coverage_ids.calendar_id
        world = model._get_world(company, prices, calendars)
        credits = model._read_credits(contracts)
        granted = model._read_first_grants(contracts)
        recent = model._get_recent(world, history, first_day)
        span = (first_day, last_day)
        rows = []
        for contract_type in types:
            own = contracts.filtered(
                lambda contract, kind=contract_type: contract.type_id == kind
            )
            if own:
                agreements = [
                    contract._get_suits_agreement(
                        prices,
                        last_day,
                        credits[contract.id],
                        granted.get(contract.id),
                    )
                    for contract in own
                ]
                outcome = suits.replay(
                    world, history.tickets, history.works, agreements, *span, own=True
                )
            else:
                outcome = model._replay_type(
                    contract_type, prices, world, recent, span, recharge
                )
            policies = own.sla_policy_id or contract_type.sla_policy_id
            rows.append(
                Comparison(
                    contract_type,
                    bool(own),
                    outcome,
                    policies[:1].target_ids,
                    company.currency_id,
                )
            )
        outcome = suits.replay(world, *recent, [], *span, own=not had)
        none = types.browse()
        targets = none.sla_policy_id.target_ids
        rows.append(Comparison(none, not had, outcome, targets, company.currency_id))
        return rows

    # ------------------------------------------------------------------
    # Types
    # ------------------------------------------------------------------

    @api.model
    def _replay_type(self, contract_type, prices, world, recent, span, recharge):
        """A type that the customer did not have, from the first day on."""
        first_day, last_day = span
        packages = contract_type.package_ids.product_variant_ids
        if packages:
            return suits.replay_packages(
                world,
                *recent,
                [
                    self._get_package(contract_type, package, prices)
                    for package in packages
                ],
                *span,
            )
        terms = contract_type._get_suits_terms(
            prices, self._get_fee(contract_type, contract_type.product_id, prices)
        )
        wallet = [item for item in terms.allotments if item.unit == "money"]
        agreement = suits.Agreement(
            1,
            ((first_day, terms),),
            tuple(self._get_periods(contract_type, *span)),
            ((first_day, "active"),),
            recharge=wallet[0].quantity if recharge and wallet else Decimal(0),
        )
        return suits.replay(world, *recent, [agreement], *span)

    @api.model
    def _get_periods(self, contract_type, first_day, last_day):
        """The terms of a contract that is renewed as long as the comparison goes."""
        months = contract_type.first_term_months
        while first_day <= last_day:
            last = term_end(first_day, months)
            yield first_day, last
            first_day, months = last + ONE_DAY, contract_type.later_term_months

    @api.model
    def _get_fee(self, contract_type, product, prices):
        """The fee of a contract that is made today, as such a contract says."""
        if not product:
            return 0.0
        return contract_type.pricelist_id._get_product_price(
            product.with_company(prices.company),
            1.0,
            currency=prices.company.currency_id,
        )

    @api.model
    def _get_package(self, contract_type, package, prices):
        unit = package.support_unit
        quantity = self.env["support.unit.mixin"]._decimal(package.support_quantity)
        terms = contract_type._get_suits_terms(
            prices,
            self._get_fee(contract_type, package, prices),
            more=[suits.Allotment(unit, quantity)],
        )
        # a package is paid once
        terms = suits.replace(terms, fee_rule=terms.fee_rule._replace(period="term"))
        return suits.Package(
            package.id, unit, quantity, package.support_validity_months, terms
        )

    # ------------------------------------------------------------------
    # History
    # ------------------------------------------------------------------

    @api.model
    def _get_contracts(self, customer, company, first_day, last_day):
        """The contracts that ran within the span."""
        return self.env["support.contract"].search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", company.id),
                ("state", "not in", ("draft", "offered", "signed")),
                ("term_ids", "any", [("first_day", "<=", last_day)]),
                ("date_end", ">=", first_day),
                "|",
                ("terminated_on", "=", False),
                ("terminated_on", ">", first_day),
            ],
            order="id",
        )

    @api.model
    def _read_history(self, customer, company, first_day, last_day):
        """Tickets and work done from ``first_day`` to ``last_day``, oldest first."""
        works = self.env["support.intervention"].search_fetch(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", company.id),
                ("state", "=", "done"),
                ("day", ">=", first_day),
                ("day", "<=", last_day),
            ],
            [
                "ticket_id",
                "start",
                "end",
                "work_mode_id",
                "raw_minutes",
                "billable_by_hand",
                "manual_minutes",
                "travel_minutes",
                "acceptance_id",
            ],
            order="id",
        )
        opened = Domain("commercial_partner_id", "=", customer.id)
        opened &= Domain("company_id", "=", company.id)
        opened &= Domain(
            "support_opened_on", ">=", company._support_get_day_end(first_day - ONE_DAY)
        )
        opened &= Domain(
            "support_opened_on", "<", company._support_get_day_end(last_day)
        )
        tickets = (
            self.env["helpdesk.ticket"]
            .with_context(active_test=False)
            .search_fetch(
                opened | Domain("id", "in", works.ticket_id.ids),
                [
                    "support_opened_on",
                    "create_date",
                    "support_work_mode_id",
                    "category_id",
                    "priority",
                    "closed_date",
                    "stage_id",
                    "channel_id",
                    "team_id",
                    "support_cover",
                    "support_cover_chosen",
                    "support_contract_id",
                    "support_rejected",
                    "duplicate_id",
                ],
                order="id",
            )
        )
        materials = self._read_materials(works)
        calendars = {
            ticket.id: self._get_calendar(ticket.team_id, company) for ticket in tickets
        }
        merged = {ticket.id: ticket.duplicate_id.id for ticket in tickets}
        known = set(tickets.ids)
        return History(
            [
                self._get_ticket(ticket)
                for ticket in tickets
                if not ticket.support_rejected and not ticket.duplicate_id
            ],
            [
                self._get_work(work, calendars, materials, merged)
                for work in works
                if work.ticket_id.id in known
            ],
            self.env["resource.calendar"].union(*calendars.values()),
        )

    @api.model
    def _get_calendar(self, team, company):
        """The hours that count where a contract has none for the channel."""
        for calendar in (team.support_calendar_id, company.resource_calendar_id):
            if calendar and calendar.schedule_type != "flexible":
                return calendar
        return self.env["resource.calendar"]

    @api.model
    def _get_ticket(self, ticket):
        opened = ticket.support_opened_on or ticket.create_date
        chosen = None
        if ticket.support_cover_chosen:
            chosen = ticket.support_contract_id.id or 0
        closed = None
        if ticket.closed:
            # a ticket that came in closed has no date of its own
            closed = ticket.closed_date or opened
        return suits.Ticket(
            ticket.id,
            opened,
            ticket.support_work_mode_id.id or 0,
            ticket.category_id.id or 0,
            ticket.priority or "",
            closed,
            chosen,
            ticket.support_cover == cover.NONE,
        )

    @api.model
    def _get_work(self, work, calendars, materials, merged):
        ticket, mode = work.ticket_id, work.work_mode_id
        price = work.acceptance_id
        accepted = None
        if price:
            accepted = suits.Accepted(
                price.contract_id.id or 0,
                Decimal(str(price.hourly_price)),
                price._get_tariff(),
                Decimal(str(price.travel_price)),
            )
        return suits.Work(
            work.id,
            merged.get(ticket.id) or ticket.id,
            work.start,
            work.end,
            mode.id,
            work.raw_minutes,
            work.manual_minutes if work.billable_by_hand else None,
            work.travel_minutes,
            mode.channel_id.id or ticket.channel_id.id or 0,
            calendars[ticket.id].id or 0,
            tuple(materials[work.id]),
            accepted,
        )

    @api.model
    def _read_materials(self, works):
        found = defaultdict(list)
        for line in self.env["support.intervention.material"].search_fetch(
            [("intervention_id", "in", works.ids)],
            ["intervention_id", "product_id", "quantity", "free"],
        ):
            found[line.intervention_id.id].append(
                suits.Material(
                    line.product_id.id,
                    Decimal(str(round(line.quantity, 6))),
                    line.free,
                )
            )
        return found

    @api.model
    def _get_recent(self, world, history, first_day):
        """What happened since ``first_day``, for contracts that begin on it."""
        works = [work for work in history.works if world.day(work.start) >= first_day]
        used = {work.ticket for work in works}
        tickets = [
            ticket
            for ticket in history.tickets
            if ticket.id in used or world.day(ticket.opened) >= first_day
        ]
        return tickets, works

    @api.model
    def _read_credits(self, contracts):
        """What was credited beside the allotments, and taken away again.

        :return: ``{contract id: [suits.Credit, ...]}``
        """
        found = defaultdict(list)
        if not contracts:
            return found
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger.contract_id, ledger.unit, ledger.scope,
                       (entry.quantity + COALESCE(back.quantity, 0))::text,
                       COALESCE(entry.first_day, entry.day), entry.last_day,
                       CASE WHEN entry.kind = 'topup' THEN topup.amount::text END
                  FROM support_ledger_entry entry
                  JOIN support_ledger ledger ON ledger.id = entry.ledger_id
                  LEFT JOIN support_topup topup ON topup.id = entry.topup_id
                  LEFT JOIN LATERAL (
                       SELECT sum(later.quantity) AS quantity
                         FROM support_ledger_entry later
                         LEFT JOIN support_ledger_entry origin
                           ON origin.id = later.reversal_of_id
                        WHERE later.reversal_of_id = entry.id
                           OR later.lot_id = entry.id
                          AND COALESCE(origin.kind, later.kind) = 'takeback'
                       ) back ON TRUE
                 WHERE ledger.contract_id = ANY(%s) AND entry.kind = ANY(%s)
                   AND entry.quantity + COALESCE(back.quantity, 0) <> 0
                 ORDER BY entry.id
                """,
                contracts.ids,
                list(CREDITS),
            )
        )
        for contract_id, unit, scope, quantity, first_day, last_day, paid in rows:
            modes = frozenset(int(mode) for mode in (scope or "").split(",") if mode)
            found[contract_id].append(
                suits.Credit(
                    unit,
                    modes,
                    Decimal(quantity),
                    first_day,
                    last_day,
                    Decimal(paid or 0),
                )
            )
        return found

    @api.model
    def _read_first_grants(self, contracts):
        """``{contract id: first day of what it granted first}``"""
        if not contracts:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger.contract_id, min(entry.first_day)
                  FROM support_ledger_entry entry
                  JOIN support_ledger ledger ON ledger.id = entry.ledger_id
                 WHERE ledger.contract_id = ANY(%s) AND entry.kind = 'grant'
                 GROUP BY ledger.contract_id
                """,
                contracts.ids,
            )
        )
        return dict(rows)

    @api.model
    def _get_world(self, company, prices, calendars):
        """What holds whatever is agreed."""
        tariff = company._support_get_tariff()
        fixed = calendars.filtered(lambda item: item.schedule_type != "flexible")
        return suits.World(
            zone=company.support_tz or "UTC",
            on_call=company.support_on_call,
            rates=prices.get_rates(tariff, company.currency_id),
            grace=company.support_grace_days,
            digits=company.currency_id.decimal_places,
            modes={
                mode.id: suits.Mode(
                    mode.minimum_minutes, mode.step_minutes, mode.on_site
                )
                for mode in prices.modes
            },
            calendars={
                calendar.id: suits.Hours(calendar.tz, hours.intervals)
                for calendar, hours in fixed._support_working_times().items()
            },
        )

    # ------------------------------------------------------------------
    # What was really charged
    # ------------------------------------------------------------------

    @api.model
    def _get_charged(self, partner, company, first_day, last_day):
        """What was really charged for the span, untaxed: fees (with what orders have
        sold) and work, each less its refunds.

        :return: ``(fees, work)`` in the company's currency
        """
        model = self.sudo()  # the callers check who may ask
        customer = partner.sudo().commercial_partner_id
        own = Domain("commercial_partner_id", "=", customer.id)
        own &= Domain("company_id", "=", company.id)
        due = Domain("date", ">=", first_day) & Domain("date", "<=", last_day)
        # a fee in arrears is due the day after what it pays for
        late = Domain("contract_id.fee_timing", "=", "arrears")
        late_due = Domain("date", ">", first_day)
        late_due &= Domain("date", "<=", last_day + ONE_DAY)
        fee = Domain("kind", "in", ("fee", "activation"))
        work = Domain("kind", "in", ("work", "travel", "material", "topup"))
        charges = model.env["support.charge"].search(
            own
            & Domain("cancelled", "=", False)
            & ((fee & late & late_due) | (fee & ~late & due) | (work & due))
        )
        refunds = model.env["support.charge"].search(
            [("refund_of_id", "in", charges.ids), ("cancelled", "=", False)]
        )
        sums = {"fee": Decimal(0), "work": Decimal(0)}
        for charge in charges | refunds:
            kind = (charge.refund_of_id or charge).kind
            part = "fee" if kind in ("fee", "activation") else "work"
            sums[part] += model._convert(
                charge.amount, charge.currency_id, company, last_day
            )
        topups = model.env["support.topup"].search(
            own
            & Domain("kind", "=", "topup")
            & Domain("entry_ids", "!=", False)
            & Domain("credited_on", ">=", first_day)
            & Domain("credited_on", "<=", last_day)
        )
        for topup in topups:
            sums["fee"] += model._convert(
                topup.amount, topup.sale_currency_id, company, last_day
            )
        ordered = model.env["support.contract"].search(
            own
            & Domain("sale_line_id", "!=", False)
            & Domain("date_start", ">=", first_day)
            & Domain("date_start", "<=", last_day)
        )
        for line in ordered.sale_line_id:
            sums["fee"] += model._convert(
                line.price_subtotal, line.currency_id, company, last_day
            )
        return sums["fee"], sums["work"]

    @api.model
    def _convert(self, amount, currency, company, day):
        return Decimal(
            str(currency._convert(amount, company.currency_id, company, day))
        )
