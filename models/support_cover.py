# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from collections import defaultdict
from typing import NamedTuple

from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ..tools import cover

_logger = logging.getLogger(__name__)

#: how long an ended contract is still named as the reason why nothing covers
ENDED_DAYS = 366


class CoverRequest(NamedTuple):
    """What cover is decided for.

    ``partner`` any contact of the customer, ``mode`` a ``support.work.mode`` (may be
    empty), ``day`` the local day of the work, ``category`` the request type (may be
    empty), ``gate`` whether the minimum cover applies (when help is asked for, not
    when work is posted), ``contract`` restricts the choice to one contract,
    ``ticket`` whose own reservations count as usable, except what is held for other
    planned work of it than ``work`` (may be empty), ``installation`` that the work is
    for (may be empty).
    """

    partner: models.Model
    company: models.Model
    mode: models.Model
    day: object
    category: models.Model
    gate: bool = True
    contract: models.Model | None = None
    ticket: models.Model | None = None
    work: models.Model | None = None
    installation: models.Model | None = None


class SupportCover(models.AbstractModel):
    """Decides what pays for help: reads the contracts as they stand on the day, asks
    the pure rule of ``tools/cover.py`` and puts its reasons into words. The number of
    queries does not depend on how many contracts a customer has."""

    _name = "support.cover"
    _description = "Cover of Support"

    @api.model
    def _decide(self, requests):
        """One :class:`cover.Decision` for each request, in their order.

        Reads as superuser, because a decision must not depend on what the person who
        asks may see; it gives back a decision, not records.
        """
        model = self.sudo()
        groups = defaultdict(list)
        for position, request in enumerate(requests):
            groups[request.company, request.day].append((position, request))
        decisions = [None] * len(requests)
        for (company, day), members in groups.items():
            contracts = model._get_contracts(company, day, members)
            balances = model._get_balances(contracts, company, day)
            installations = model._get_installations(members)
            prices = {}
            for position, request in members:
                installation = installations.get(
                    request.installation.id if request.installation else 0
                )
                candidates = [
                    model._get_candidate(request, row, balances, prices, installation)
                    for row in contracts.get(
                        # only which customer it is
                        request.partner.sudo().commercial_partner_id.id,
                        [],
                    )
                    if not request.contract or row["id"] == request.contract.id
                ]
                decisions[position] = cover.decide(
                    candidates,
                    on_call=company.support_on_call,
                    # a contract that was chosen pays instead
                    warranty=None
                    if request.contract
                    else model._get_warranty(request, installation),
                )
        return decisions

    @api.model
    def _get_installations(self, members):
        """The installations that are named, with the warranty of each: one statement,
        and none if no installation is named.

        :return: ``{installation id: row dict}``
        """
        ids = {
            request.installation.id for _, request in members if request.installation
        }
        if not ids:
            return {}
        self.env.flush_all()
        cursor = self.env.cr
        cursor.execute(
            SQL(
                """
                SELECT installation.id, installation.name, installation.active,
                       installation.commercial_partner_id, installation.contract_id,
                       installation.warranty_start, installation.warranty_end,
                       installation.warranty_policy_id,
                       (SELECT array_agg(category.helpdesk_ticket_category_id)
                          FROM support_warranty_policy_category_rel category
                         WHERE category.support_warranty_policy_id
                               = installation.warranty_policy_id) AS categories,
                       (SELECT array_agg(mode.support_work_mode_id)
                          FROM support_warranty_policy_work_mode_rel mode
                         WHERE mode.support_warranty_policy_id
                               = installation.warranty_policy_id) AS modes
                  FROM support_installation installation
                 WHERE installation.id = ANY(%s)
                """,
                list(ids),
            )
        )
        return {row["id"]: row for row in cursor.dictfetchall()}

    @api.model
    def _get_warranty(self, request, row):
        """The warranty of an installation's row as the pure rule takes it. What was
        taken back (a credit note archives it) has none, nor has another customer's."""
        if (
            not row
            or not row["warranty_end"]
            or not row["active"]
            or row["commercial_partner_id"]
            != request.partner.sudo().commercial_partner_id.id  # compared only
        ):
            return None
        return cover.Warranty(
            row["warranty_policy_id"],
            row["name"],
            request.day,
            row["warranty_start"],
            row["warranty_end"],
            not row["categories"] or request.category.id in row["categories"],
            not row["modes"] or request.mode.id in row["modes"],
        )

    @api.model
    def _get_contracts(self, company, day, members):
        """The customers' contracts with the latest term begun and the state on
        ``day``.

        :return: ``{commercial partner id: [row dict, ...]}``
        """
        partners = {
            request.partner.sudo().commercial_partner_id.id for _, request in members
        }
        partners.discard(False)
        if not partners:
            return {}
        rows = self._read_contracts(company, day, members, partners)
        due = [
            row["id"]
            for row in rows
            if row["changes_due"] or row["grants_due"] or row["renewal_due"]
        ]
        if due:
            self._catch_up(self.env["support.contract"].browse(due))
            rows = self._read_contracts(company, day, members, partners)
        contracts = defaultdict(list)
        for row in rows:
            row |= row["before"] or {}
            # what bars help once it has lapsed does so without any limit
            if (day - row["last_day"]).days > ENDED_DAYS and not row["lapse_bars"]:
                continue
            contracts[row["commercial_partner_id"]].append(row)
        return contracts

    @api.model
    def _catch_up(self, contracts):
        """A night's job may be late; a customer does not wait for it. A contract that
        the job would leave behind does not keep its customer from asking either."""
        for contract in contracts:
            try:
                with self.env.cr.savepoint():
                    contract._renew_due()
                    contract._grant_due()
            except (UserError, IntegrityError) as error:
                _logger.error("%s is left behind: %s", contract, error)

    @api.model
    def _read_contracts(self, company, day, members, partners):
        """One row for each contract of the partners that has a term on or shortly
        before ``day``; ``before`` holds terms that a later change replaced."""
        self.env.flush_all()
        categories = {request.category.id for _, request in members}
        cursor = self.env.cr
        cursor.execute(
            SQL(
                """
                SELECT contract.id, contract.commercial_partner_id, contract.rank,
                       contract.overage, contract.gate_minutes, contract.pricelist_id,
                       contract.currency_id, contract.allows_on_call,
                       contract.other_requests, contract.partner_id,
                       contract.fee_pays_help,
                       contract.terminated_on, term.last_day, status.state,
                       status.first_day AS since, contract.grace_days,
                       contract.grace_cover,
                       -- the customer has come back with another contract
                       contract.lapse_bars AND contract.renewal_state <> 'agreed'
                           AS lapse_bars,
                       EXISTS (SELECT FROM support_installation installation
                                WHERE installation.contract_id = contract.id
                              ) AS has_installations,
                       allotments.end_days, allotments.count AS allotment_count,
                       (SELECT array_agg(fee.support_work_mode_id)
                          FROM support_contract_support_work_mode_rel fee
                         WHERE fee.support_contract_id = contract.id) AS fee_modes,
                       (SELECT jsonb_object_agg(
                                   term.key, term.value
                                   ORDER BY change.first_day DESC, change.id DESC)
                          FROM support_contract_change change,
                               jsonb_each(change.before) term
                         WHERE change.contract_id = contract.id
                           AND change.state = 'applied'
                           AND change.first_day > %(day)s) AS before,
                       EXISTS (SELECT FROM support_contract_change change
                                WHERE change.contract_id = contract.id
                                  AND change.state = 'planned'
                                  AND change.first_day <= %(today)s) AS changes_due,
                       contract.state IN ('active', 'suspended', 'expired')
                       AND EXISTS (SELECT FROM support_contract_allotment allotment
                                    WHERE allotment.contract_id = contract.id
                                      AND allotment.next_grant_day <= %(due)s
                                  ) AS grants_due,
                       contract.renewal = 'automatic'
                       AND contract.state IN ('active', 'expired')
                       AND contract.renewal_state IN ('open', 'quoted')
                       AND contract.terminated_on IS NULL
                       AND contract.date_end < %(due)s AS renewal_due,
                       (SELECT jsonb_object_agg(request.category_id, request.treatment)
                          FROM support_contract_request request
                         WHERE request.contract_id = contract.id
                           AND request.category_id = ANY(%(categories)s)) AS treatments
                  FROM support_contract contract
                  JOIN LATERAL (
                       SELECT max(term.last_day) AS last_day
                         FROM support_contract_term term
                        WHERE term.contract_id = contract.id
                          AND term.first_day <= %(day)s
                       ) term ON term.last_day IS NOT NULL
                  LEFT JOIN LATERAL (
                       SELECT status.state, status.first_day
                         FROM support_contract_status status
                        WHERE status.contract_id = contract.id
                          AND status.first_day <= %(day)s
                        ORDER BY status.id DESC LIMIT 1
                       ) status ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT count(*) AS count,
                              COALESCE(max(allotment.end_days) FILTER (
                                  WHERE allotment.end_policy = 'usable'), 0) AS end_days
                         FROM support_contract_allotment allotment
                        WHERE allotment.contract_id = contract.id
                       ) allotments ON TRUE
                 WHERE contract.commercial_partner_id = ANY(%(partners)s)
                   AND contract.company_id = %(company)s
                   AND contract.state NOT IN ('draft', 'offered', 'signed')
                   AND (term.last_day >= %(day)s::date - %(ended)s
                        OR status.state = 'lapsed')
                """,
                categories=[category or 0 for category in categories],
                day=day,
                today=company._support_day(),
                due=min(day, company._support_day()),
                partners=list(partners),
                company=company.id,
                ended=ENDED_DAYS,
            )
        )
        return cursor.dictfetchall()

    @api.model
    def _get_balances(self, contracts, company, day):
        """What can be used on ``day`` of all ledgers of the contracts, with the work
        modes of each and what each ticket and planned work holds on it. ``elsewhere``
        is stock of today that work of a past ``day`` cannot use anyway: what is
        reserved finds its stock there first.

        :return: ``{contract id: [row dict, ...]}``
        """
        ids = [row["id"] for rows in contracts.values() for row in rows]
        if not ids:
            return {}
        cursor = self.env.cr
        cursor.execute(
            SQL(
                """
                SELECT ledger.id, ledger.contract_id, ledger.unit, ledger.reserved,
                       COALESCE(lots.remaining, 0) AS remaining,
                       string_to_array(NULLIF(ledger.scope, ''), ',')::int[] AS modes,
                       COALESCE(today.remaining, 0) AS elsewhere, held.by_owner
                  FROM support_ledger ledger
                  LEFT JOIN LATERAL (
                       SELECT sum(lot.remaining) AS remaining
                         FROM support_ledger_entry lot
                        WHERE lot.ledger_id = ledger.id AND lot.remaining > 0
                          AND lot.first_day <= %(day)s
                          AND (lot.last_day IS NULL OR lot.last_day >= %(day)s)
                       ) lots ON TRUE
                  LEFT JOIN LATERAL (
                       SELECT sum(lot.remaining) AS remaining
                         FROM support_ledger_entry lot
                        WHERE lot.ledger_id = ledger.id AND lot.remaining > 0
                          AND lot.first_day <= %(today)s
                          AND (lot.last_day IS NULL OR lot.last_day >= %(today)s)
                          AND NOT (lot.first_day <= %(day)s
                                   AND COALESCE(lot.last_day >= %(day)s, TRUE))
                       ) today ON ledger.reserved > 0 AND %(day)s < %(today)s
                  LEFT JOIN LATERAL (
                       SELECT jsonb_object_agg(own.owner, own.quantity) AS by_owner
                         FROM (SELECT CONCAT(hold.ticket_id, ':',
                                             hold.intervention_id) AS owner,
                                      sum(hold.quantity) AS quantity
                                 FROM support_ledger_reservation hold
                                WHERE hold.ledger_id = ledger.id
                                  AND hold.state = 'held'
                                  AND hold.ticket_id IS NOT NULL
                                GROUP BY 1) own
                       ) held ON ledger.reserved > 0
                 WHERE ledger.contract_id = ANY(%(ids)s)
                """,
                day=day,
                today=company._support_day(),
                ids=ids,
            )
        )
        balances = defaultdict(list)
        for row in cursor.dictfetchall():
            balances[row["contract_id"]].append(row)
        return balances

    @api.model
    def _get_candidate(self, request, row, balances, prices, installation=None):
        """A contract's row as the pure rule takes it.

        :param installation: row of the installation that is named, if any
        """
        digits = self.env["res.currency"].browse(row["currency_id"]).decimal_places
        usable = []
        for ledger in balances.get(row["id"], []):
            modes = ledger["modes"] or []
            if modes and request.mode.id not in modes:
                continue
            held = ledger["by_owner"] or {}
            own = sum(held.get(owner, 0) for owner in self._get_owners(request))
            held = max(ledger["reserved"] - own - ledger["elsewhere"], 0)
            quantity = ledger["remaining"] - held
            usable.append(
                cover.Balance(
                    ledger["id"],
                    ledger["unit"],
                    max(self.env["support.unit.mixin"]._decimal(quantity), 0),
                    bool(modes),
                )
            )
        barred, since = self._get_bar(row, request.day)
        flat = not row["allotment_count"]
        pays = row["fee_pays_help"]
        names_mode = request.mode.id in (row["fee_modes"] or [])
        needs_price = any(balance.unit == "money" for balance in usable)
        return cover.Candidate(
            contract_id=row["id"],
            rank=row["rank"] or 0,
            last_day=row["last_day"],
            barred_by=barred,
            barred_since=since,
            after_term=row["last_day"] < request.day
            and not self._is_in_grace(row, request.day),
            names_installation=bool(installation)
            and installation["contract_id"] == row["id"],
            bars=bool(row["lapse_bars"]),
            bars_on_call=bool(row["lapse_bars"])
            and not (installation and row["has_installations"]),
            treatment=(row["treatments"] or {}).get(
                str(request.category.id), row["other_requests"]
            ),
            flat=flat and pays and (names_mode or not row["fee_modes"]),
            fee_names_mode=flat and pays and names_mode,
            charged=flat and not pays,
            balances=tuple(usable),
            overage=row["overage"],
            gate_minutes=(row["gate_minutes"] or 0) if request.gate else 0,
            hourly_price=self._get_price(request, row, prices) if needs_price else None,
            digits=digits,
            allows_on_call=bool(row["allows_on_call"]),
        )

    @api.model
    def _get_owners(self, request):
        """Whose reservations count as usable, as keys of what :meth:`_get_balances`
        found."""
        if not request.ticket:
            return []
        owners = [f"{request.ticket.id}:"]
        if request.work:
            owners.append(f"{request.ticket.id}:{request.work.id}")
        return owners

    @api.model
    def _get_bar(self, row, day):
        """``(code, since)`` if the contract gives no cover on ``day``."""
        if row["terminated_on"] and row["terminated_on"] <= day:
            return "terminated", row["terminated_on"]
        if row["state"] in ("suspended", "lapsed"):
            return row["state"], row["since"]
        if row["state"] not in ("active", "expired"):
            return "not_started", row["since"]
        if (day - row["last_day"]).days > (row["end_days"] or 0) and not (
            self._is_in_grace(row, day)
        ):
            return "ended", row["last_day"]
        return "", None

    @api.model
    def _is_in_grace(self, row, day):
        """Whether the contract covers as before although its term is over."""
        days = (day - row["last_day"]).days
        return bool(row["grace_cover"]) and 0 < days <= (row["grace_days"] or 0)

    @api.model
    def _get_price(self, request, row, prices):
        """The contract's hourly price, asked once per work mode and pricelist."""
        if not request.mode:
            return None
        key = (request.mode.id, row["pricelist_id"], row["currency_id"])
        if key not in prices:
            prices[key] = request.mode._get_hourly_price(
                self.env["product.pricelist"].browse(row["pricelist_id"] or []),
                self.env["res.currency"].browse(row["currency_id"]),
                request.day,
                request.company,
            )
        return prices[key]

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    @api.model
    def _explain(self, reasons):
        """The stored reasons in the reader's language.

        :param reasons: ``[[code, contract id, params], ...]`` as stored on a ticket
        :return: list of dicts with ``text``, ``contract_id`` and ``covers``
        """
        contracts = (
            self.env["support.contract"]
            .sudo()
            .browse(
                sorted({contract_id for _, contract_id, _ in reasons if contract_id})
            )
            .exists()
        )
        # only the number of a contract is shown, to people who may read the ticket
        names = {contract.id: contract.name for contract in contracts}
        currencies = {contract.id: contract.currency_id for contract in contracts}
        return [
            {
                "code": code,
                "contract_id": contract_id,
                "contract": names.get(contract_id, ""),
                "covers": code in COVERING_CODES,
                "text": self._explain_one(code, params, currencies.get(contract_id)),
            }
            for code, contract_id, params in reasons
        ]

    @api.model
    def _explain_one(self, code, params, currency):
        unit_model = self.env["support.unit.mixin"]

        def minutes(value):
            return unit_model._format_in_unit(value, "time", currency)

        def money(value):
            return unit_model._format_in_unit(float(value), "money", currency)

        def day(value):
            return format_date(self.env, value) if value else ""

        texts = {
            "suspended": lambda: self.env._(
                "suspended since %s", day(params.get("since"))
            ),
            "warranty": lambda: self.env._(
                "%(installation)s is in warranty until %(day)s",
                installation=params.get("installation", ""),
                day=day(params.get("day")),
            ),
            "warranty_over": lambda: self.env._(
                "the warranty of %(installation)s ended on %(day)s",
                installation=params.get("installation", ""),
                day=day(params.get("day")),
            ),
            "warranty_to_come": lambda: self.env._(
                "the warranty of %(installation)s begins on %(day)s",
                installation=params.get("installation", ""),
                day=day(params.get("day")),
            ),
            "warranty_without_request": lambda: self.env._(
                "the warranty of %s does not include this request type",
                params.get("installation", ""),
            ),
            "warranty_without_mode": lambda: self.env._(
                "the warranty of %s does not include this work mode",
                params.get("installation", ""),
            ),
            "lapsed": lambda: self.env._("lapsed on %s", day(params.get("since"))),
            "lapsed_barring": lambda: self.env._(
                "lapsed on %s: no help until it is reinstated or a new licence is "
                "bought",
                day(params.get("since")),
            ),
            "terminated": lambda: self.env._(
                "terminated on %s", day(params.get("since"))
            ),
            "ended": lambda: self.env._(
                "the term ended on %s", day(params.get("since"))
            ),
            "not_started": lambda: self.env._("not active on that day"),
            "request_excluded": lambda: self.env._("this request type is not included"),
            "free": lambda: self.env._("this request type is free"),
            "quoted": lambda: self.env._("this request type is quoted first"),
            "flat": lambda: self.env._("the fee pays for all help"),
            "tickets": lambda: self.env._(
                "%s left before this one",
                unit_model._format_in_unit(params["left"], "ticket", currency),
            ),
            "no_tickets": lambda: self.env._("no tickets are left"),
            "mode_not_included": lambda: self.env._("this work mode is not included"),
            "no_price": lambda: self.env._("no hourly price is set for this work mode"),
            "time": lambda: self.env._("%s can be used", minutes(params["minutes"])),
            "money": lambda: self.env._("the wallet holds %s", money(params["amount"])),
            "gate_money": lambda: self.env._(
                "the wallet holds %(held)s, but %(time)s of this work cost %(price)s",
                held=money(params["amount"]),
                time=minutes(params["minutes"]),
                price=money(params["price"]),
            ),
            "gate_time": lambda: self.env._(
                "%(left)s can be used, but help needs %(minimum)s",
                left=minutes(params["left"]),
                minimum=minutes(params["minutes"]),
            ),
            "charged": lambda: self.env._("help is charged at the agreed rate"),
            "overage": lambda: self.env._(
                "nothing is left; further work is charged at the agreed rate"
            ),
            "used_up": lambda: self.env._("nothing is left"),
            "no_on_call": lambda: self.env._(
                "the company gives no help without a contract"
            ),
            "on_call_barred": lambda: self.env._(
                "this contract rules out on-call help"
            ),
            "on_call": lambda: self.env._("help at the on-call tariff"),
            "chosen": lambda: self.env._(
                "chosen by %(user)s: %(reason)s",
                user=params.get("user", ""),
                reason=params.get("reason", ""),
            ),
            "unknown_customer": lambda: self.env._(
                "the customer is not known: choose one"
            ),
            "unconfirmed": lambda: self.env._(
                "came by mail: a person must confirm the cover"
            ),
        }
        return texts[code]() if code in texts else code


#: codes of reasons that say why something covers, not why it does not
COVERING_CODES = {
    "warranty",
    "charged",
    "free",
    "quoted",
    "flat",
    "tickets",
    "time",
    "money",
    "overage",
    "on_call",
    "chosen",
}
