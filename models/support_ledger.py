# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, file_open

from ..tools import allocation
from ..tools import quantity as quantities

#: columns of an entry that the doors write; the rest is the triggers' and the ORM's
ENTRY_COLUMNS = {
    "ledger_id": "int4",
    "kind": "varchar",
    "quantity": "numeric",
    "day": "date",
    "first_day": "date",
    "last_day": "date",
    "lot_id": "int4",
    "reversal_of_id": "int4",
    "allotment_id": "int4",
    "ticket_id": "int4",
    "intervention_id": "int4",
    "unit_value": "numeric",
    "topup_id": "int4",
    "reason": "varchar",
    "key": "varchar",
}


def wait_in_line(cursor):
    """Begin the next transaction of ``cursor`` by waiting until nobody posts.

    A transaction that is tried again has as old a snapshot as the first one, if it
    waits for a busy ledger: after five tries Odoo would tell the user about it. This
    lock is taken before there is a snapshot (LOCK TABLE needs none), lets readers
    through, and keeps away whoever locks ledgers until the transaction ends.
    """
    execute = partial(type(cursor).execute, cursor)

    def execute_in_line(*args, **kwargs):
        cursor.__dict__.pop("execute", None)
        execute("LOCK TABLE support_ledger IN EXCLUSIVE MODE")
        return execute(*args, **kwargs)

    cursor.execute = execute_in_line


class LockedLedger(NamedTuple):
    """A ledger as it stands under its lock: exact balance and reserved quantity,
    decimals of its unit, warning levels of its contract."""

    balance: Decimal
    reserved: Decimal
    digits: int
    levels: list


class SupportLedger(models.Model):
    """A balance of one contract in one unit, for some work modes or for all.

    The balance moves only by entries, in the database's trigger, behind CHECKs
    (``models/sql``). Two doors post: :meth:`_credit`, :meth:`_debit` and the entries'
    ``_reverse`` for single postings, and :meth:`_post_set` for whole sets. Both lock
    the ledgers in ascending order first. A lock alone would double-spend, because
    the snapshot of a transaction is older than its locks; the update of the locked
    row is what makes a stale transaction fail and be tried again (``trust.md``
    section 3).
    """

    _name = "support.ledger"
    _description = "Support Ledger"
    _inherit = ["support.unit.mixin"]
    _order = "contract_id, id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        comodel_name="support.contract",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    company_id = fields.Many2one(
        related="contract_id.company_id", store=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        related="contract_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
    )
    contract_state = fields.Selection(related="contract_id.state")
    unit = fields.Selection(readonly=True)
    currency_id = fields.Many2one(readonly=True)
    work_mode_ids = fields.Many2many(
        comodel_name="support.work.mode",
        string="Work Modes",
        readonly=True,
        ondelete="restrict",
        help="The ledger serves these work modes only. Empty: all of them.",
    )
    scope = fields.Char(
        compute="_compute_scope",
        store=True,
        export_string_translation=False,
        help="Technical key of the work modes.",
    )
    label = fields.Char(
        compute="_compute_label",
        groups="base.group_user",
        help="What the ledger is called where its contract is known.",
    )
    balance = fields.Float(
        digits=(16, 4),
        required=True,
        readonly=True,
        copy=False,
        aggregator=None,
        default=0.0,
    )
    reserved = fields.Float(
        digits=(16, 4),
        required=True,
        readonly=True,
        copy=False,
        aggregator=None,
        default=0.0,
    )
    usable = fields.Float(
        digits=(16, 4),
        compute="_compute_usable",
        help="What can be used today: the lots that are valid, less what is reserved.",
    )
    granted = fields.Float(
        digits=(16, 4),
        compute="_compute_usable",
        help="What the lots held at first that have something left, and the newest "
        "one: what the usable quantity is compared with.",
    )
    next_expiry = fields.Date(
        compute="_compute_usable",
        help="Last day of use of the lot that ends first.",
    )
    entry_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="ledger_id",
        string="Entries",
        readonly=True,
    )
    reservation_ids = fields.One2many(
        comodel_name="support.ledger.reservation",
        inverse_name="ledger_id",
        string="Reservations",
        readonly=True,
        groups="base.group_user",
    )

    _scope_unique = models.UniqueIndex(
        "(contract_id, unit, scope)",
        "A contract has one ledger for each unit and set of work modes.",
    )
    _balance_limit = models.Constraint(
        "CHECK (balance >= 0 AND balance < 1e12)",
        "The balance does not cover this, and it can never fall below zero.",
    )
    _reserved_limit = models.Constraint(
        "CHECK (reserved >= 0 AND reserved < 1e12)",
        "What is reserved on a ledger cannot fall below zero.",
    )
    _currency_of_money = models.Constraint(
        "CHECK ((unit = 'money') = (currency_id IS NOT NULL))",
        "A ledger of money has a currency, and no other ledger has one.",
    )
    # declared so that the trigger's refusal has a message that a person understands
    _guard = models.Constraint(
        "CHECK (TRUE)",
        "The balance of a ledger is moved by its entries only, and a ledger keeps its "
        "contract, unit and work modes: post an entry or a correction.",
    )

    def init(self):
        result = super().init()
        with file_open("support_contract/models/sql/support_ledger.sql") as script:
            self.env.cr.execute(script.read())
        return result

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("unit", "work_mode_ids.name")
    @api.depends_context("lang")
    def _compute_label(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        for ledger in self:
            label = units.get(ledger.unit) or ""
            modes = ", ".join(ledger.work_mode_ids.mapped("name"))
            ledger.label = (
                self.env._("%(unit)s (%(work_modes)s)", unit=label, work_modes=modes)
                if modes
                else label
            )

    @api.depends("contract_id.name", "label")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for ledger in self:
            # what a ledger is called is no secret of those who may read it
            ledger.display_name = f"{ledger.contract_id.name} · {ledger.sudo().label}"

    @api.depends("work_mode_ids")
    def _compute_scope(self):
        for ledger in self:
            ledger.scope = ",".join(
                str(mode_id) for mode_id in sorted(ledger.work_mode_ids.ids)
            )

    @api.depends("balance", "reserved", "contract_id.state")
    def _compute_usable(self):
        rows = {}
        if self.ids:
            days = {company.id: company._support_day() for company in self.company_id}
            self.env["support.ledger.entry"].flush_model()
            query = SQL(
                """
                SELECT lot.ledger_id,
                       sum(lot.remaining) FILTER (WHERE lot.remaining > 0),
                       sum(lot.quantity) FILTER (
                           WHERE lot.remaining > 0 OR lot.id = lot.newest_id),
                       min(lot.last_day) FILTER (WHERE lot.remaining > 0)
                  FROM (SELECT entry.*, max(entry.id)
                                   OVER (PARTITION BY entry.ledger_id) AS newest_id
                          FROM support_ledger_entry entry
                         WHERE entry.lot_id IS NULL) lot
                  JOIN support_ledger ledger ON ledger.id = lot.ledger_id
                  JOIN unnest(%s, %s) AS today(company_id, day)
                    ON today.company_id = ledger.company_id
                 WHERE lot.ledger_id = ANY(%s)
                   AND lot.lot_id IS NULL
                   AND lot.first_day <= today.day
                   AND (lot.last_day IS NULL OR lot.last_day >= today.day)
                 GROUP BY lot.ledger_id
                """,
                list(days),
                list(days.values()),
                self.ids,
            )
            rows = {row[0]: row[1:] for row in self.env.execute_query(query)}
        for ledger in self:
            remaining, granted, next_expiry = rows.get(ledger.id, (0, 0, False))
            usable = max((remaining or 0.0) - ledger.reserved, 0.0)
            terminated = ledger.contract_id.state == "terminated"
            ledger.usable = 0.0 if terminated else usable
            ledger.granted = granted or 0.0
            ledger.next_expiry = next_expiry or False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def copy(self, default=None):
        if self:
            raise ValidationError(self.env._("A ledger cannot be copied."))
        return super().copy(default)

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    def _lock(self):
        """Lock the ledgers, waiting, in the one order that cannot deadlock. A ledger
        that moved since this transaction began makes it fail with a serialization
        error, and its caller (Odoo's RPC layer, or a job) tries again.

        :return: ``{ledger id: LockedLedger}``
        """
        self.env.flush_all()
        query = SQL(
            """
            SELECT ledger.id, ledger.balance::text, ledger.reserved::text,
                   COALESCE(currency.decimal_places, 0),
                   ARRAY(SELECT threshold.quantity::text
                           FROM support_contract_threshold threshold
                          WHERE threshold.contract_id = ledger.contract_id
                            AND threshold.unit = ledger.unit)
              FROM support_ledger ledger
              LEFT JOIN res_currency currency ON currency.id = ledger.currency_id
             WHERE ledger.id = ANY(%s)
             ORDER BY ledger.id
               FOR NO KEY UPDATE OF ledger
            """,
            self.ids,
        )
        try:
            rows = self.env.execute_query(query)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            cursor = self.env.cr
            cursor.postrollback.add(partial(wait_in_line, cursor))
            raise
        self.invalidate_recordset(["balance", "reserved", "usable"], flush=False)
        return {
            ledger_id: LockedLedger(
                Decimal(balance),
                Decimal(reserved),
                digits,
                [Decimal(level) for level in levels],
            )
            for ledger_id, balance, reserved, digits, levels in rows
        }

    def _exact_locked(self, value, locked):
        """``value`` as an exact Decimal above zero in the unit of the locked ledger.

        :raise ValidationError: if it is none
        """
        try:
            return quantities.exact_positive(value, locked.digits)
        except quantities.QuantityError as error:
            raise ValidationError(
                self._quantity_message(error, self.env._("Quantity"))
            ) from error

    def _lock_lots(self, day):
        """Lots of the ledgers that are usable on ``day``, locked in the order of use.

        :return: ``{ledger id: [allocation.Lot, ...]}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger_id, id, remaining::text, first_day, last_day
                  FROM support_ledger_entry
                 WHERE ledger_id = ANY(%s) AND remaining > 0
                   AND first_day <= %s AND (last_day IS NULL OR last_day >= %s)
                 ORDER BY ledger_id, last_day NULLS LAST, first_day, id
                   FOR NO KEY UPDATE
                """,
                self.ids,
                day,
                day,
            )
        )
        lots = {ledger_id: [] for ledger_id in self.ids}
        for ledger_id, lot_id, remaining, first_day, last_day in rows:
            lots[ledger_id].append(
                allocation.Lot(lot_id, Decimal(remaining), first_day, last_day)
            )
        return lots

    # ------------------------------------------------------------------
    # The door for single postings
    # ------------------------------------------------------------------

    def _credit(self, quantity, kind, day, first_day, last_day=None, **origin):
        """Add a lot.

        :param quantity: minutes, tickets or untaxed amount, above zero
        :param str kind: a crediting kind of ``support.ledger.entry``
        :param date day: day of the posting
        :param date first_day: first day of use; ``last_day`` None never ends
        :param origin: further fields of the entry (``key``, ``reason`` ...), among
            them ``unit_value``: what was paid for a minute or a ticket, untaxed, in the
            company's currency
        :raise ValidationError: if the quantity is none; nothing is posted
        :return: the entry
        """
        self.ensure_one()
        locked = self._lock()[self.id]
        return self._insert(
            [
                {
                    "ledger_id": self.id,
                    "kind": kind,
                    "quantity": self._exact_locked(quantity, locked),
                    "day": day,
                    "first_day": first_day,
                    "last_day": last_day,
                    **origin,
                }
            ]
        )

    def _debit(self, quantity, kind, day, own=None, **origin):
        """Take from the lots that are usable on ``day``, as far as they go.

        What others have reserved is not touched. ``own`` reservations belong to the
        work that is posted and are used up by it.

        :param quantity: minutes, tickets or untaxed amount, above zero
        :param str kind: a debiting kind of ``support.ledger.entry``
        :param date day: day of the work, which decides what is usable
        :param own: ``support.ledger.reservation`` of the same work
        :param origin: further fields of the entries; of several entries the second
            and later ones get a number appended to the ``key``
        :raise ValidationError: if the quantity is none; nothing is posted
        :return: ``(entries, left over as Decimal)``
        """
        self.ensure_one()
        locked = self._lock()[self.id]
        quantity = self._exact_locked(quantity, locked)
        held = locked.reserved
        for reservation in own or ():
            if reservation.ledger_id == self and reservation.state == "held":
                held -= self._decimal(reservation.quantity)
                reservation._use()
        lots = self._lock_lots(day)[self.id]
        if held > 0:
            held -= self._get_held_elsewhere(lots, day)
        parts, left_over = allocation.allocate(
            lots, quantity, day, held=max(held, Decimal(0))
        )
        key = origin.pop("key", None)
        entries = self._insert(
            [
                {
                    "ledger_id": self.id,
                    "kind": kind,
                    "quantity": -part,
                    "day": day,
                    "lot_id": lot_id,
                    "key": f"{key}:{index}" if key and index else key,
                    **origin,
                }
                for index, (lot_id, part) in enumerate(parts)
            ]
        )
        after = locked.balance - quantity + left_over
        if any(locked.balance > level >= after for level in locked.levels):
            self._announce_low()
        return entries, left_over

    def _get_held_elsewhere(self, lots, day):
        """How much of what is reserved finds its stock in lots that work of a past
        ``day`` cannot use anyway: that much need not be kept back from it."""
        today = self.company_id._support_day()
        if day >= today:
            return Decimal(0)
        past = {lot.id for lot in lots}
        return sum(
            (
                lot.remaining
                for lot in self._lock_lots(today)[self.id]
                if lot.id not in past
            ),
            Decimal(0),
        )

    @api.model
    def _insert(self, rows, skip_known=False):
        """Insert entries in one statement; the triggers do the rest.

        :param rows: list of dicts with values of ``ENTRY_COLUMNS``
        :param bool skip_known: leave out rows whose key is there already
        :return: the new entries
        """
        if not rows:
            return self.env["support.ledger.entry"]
        names = [
            name
            for name in ENTRY_COLUMNS
            if any(row.get(name) not in (None, False) for row in rows)
        ]
        posted = self.env.execute_query(
            SQL(
                """
                INSERT INTO support_ledger_entry (
                    %(columns)s, create_uid, create_date, write_uid, write_date)
                SELECT %(columns)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(arrays)s) AS rows(%(columns)s)
                %(conflict)s
                RETURNING id
                """,
                columns=SQL(", ").join(SQL.identifier(name) for name in names),
                uid=self.env.uid,
                arrays=SQL(", ").join(
                    SQL(
                        f"%s::{ENTRY_COLUMNS[name]}[]",
                        [row.get(name) or None for row in rows],
                    )
                    for name in names
                ),
                conflict=SQL("ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING")
                if skip_known
                else SQL(),
            )
        )
        self._forget_moved(rows)
        return self.env["support.ledger.entry"].browse(
            [entry_id for [entry_id] in posted]
        )

    @api.model
    def _forget_moved(self, rows):
        """Drop from the cache what the triggers moved behind the ORM."""
        self.env["support.ledger.entry"].invalidate_model(
            ["remaining", "reversal_ids"], flush=False
        )
        self.browse({row["ledger_id"] for row in rows}).invalidate_recordset(
            ["balance", "reserved", "usable", "granted", "next_expiry", "entry_ids"],
            flush=False,
        )
        self.env["helpdesk.ticket"].invalidate_model(
            ["support_entry_ids", "support_cover_left"], flush=False
        )
        self.env["support.intervention"].invalidate_model(
            ["entry_ids", "drawn"], flush=False
        )
        self.env["support.topup"].invalidate_model(
            ["entry_ids", "credited", "remaining"], flush=False
        )

    def _reserve(self, quantity, day, **origin):
        """Hold a quantity that is usable on ``day``, or refuse: two bookings cannot
        both get the last two hours.

        :return: the reservation
        :raise ValidationError: if less than the whole quantity is usable
        """
        self.ensure_one()
        locked = self._lock()[self.id]
        quantity = self._exact_locked(quantity, locked)
        usable = self._get_usable_locked(locked, day)
        if usable < quantity:
            raise ValidationError(
                self.env._(
                    "%(ledger)s: %(wanted)s cannot be reserved, only %(usable)s can "
                    "be used.",
                    ledger=self.display_name,
                    wanted=self._format_quantity(quantity),
                    usable=self._format_quantity(max(usable, 0)),
                )
            )
        return self._hold(quantity, **origin)

    def _reserve_part(self, quantity, day, **origin):
        """Hold as much of a quantity as is usable on ``day``.

        :return: ``(reservation, which may be empty, left over as Decimal)``
        """
        self.ensure_one()
        locked = self._lock()[self.id]
        quantity = self._exact_locked(quantity, locked)
        part = min(max(self._get_usable_locked(locked, day), Decimal(0)), quantity)
        if not part:
            return self.env["support.ledger.reservation"], quantity
        return self._hold(part, **origin), quantity - part

    def _get_usable_locked(self, locked, day):
        """What can be used on ``day`` of a ledger that is locked: below zero if more
        is reserved than the lots of that day hold."""
        lots = allocation.usable_on(self._lock_lots(day)[self.id], day)
        return sum((lot.remaining for lot in lots), Decimal(0)) - locked.reserved

    def _hold(self, quantity, **origin):
        reservation = self.env["support.ledger.reservation"].create(
            {"ledger_id": self.id, "quantity": float(quantity), **origin}
        )
        self.env.flush_all()
        self.invalidate_recordset(["reserved", "usable"])
        return reservation

    # ------------------------------------------------------------------
    # The door for sets
    # ------------------------------------------------------------------

    @api.model
    def _post_set(self, rows):
        """Post many entries in one statement; those whose key is there already are
        left out, so that a job may run twice.

        :param rows: list of dicts with values of ``ENTRY_COLUMNS``; every row has a
            key
        :return: the entries that were new
        """
        if not rows:
            return self.env["support.ledger.entry"]
        self.browse({row["ledger_id"] for row in rows})._lock()
        return self._insert(rows, skip_known=True)

    def _expire_due(self, today=None):
        """Post the expiry of every lot whose last day and days of grace are over.

        :param date today: for tests and simulations; default: each company's today
        """
        rows, locked = [], self._lock()
        for company in self.company_id:
            day = today or company._support_day()
            limit = fields.Date.subtract(day, days=company.support_grace_days)
            ledgers = self.filtered(lambda ledger, c=company: ledger.company_id == c)
            rows += [
                {
                    "ledger_id": ledger_id,
                    "kind": "expiry",
                    "quantity": -Decimal(remaining),
                    "day": fields.Date.add(last_day, days=1),
                    "lot_id": lot_id,
                    "key": f"expire:{lot_id}:{refill}",
                }
                for ledger_id, lot_id, remaining, last_day, refill in (
                    ledgers._get_expired_lots(limit)
                )
            ]
        after = {ledger_id: row.balance for ledger_id, row in locked.items()}
        for entry in self._post_set(rows):
            after[entry.ledger_id.id] += self._decimal(entry.quantity)
        self.browse(
            ledger_id
            for ledger_id, row in locked.items()
            if any(row.balance > level >= after[ledger_id] for level in row.levels)
        )._announce_low()

    def _get_expired_lots(self, limit):
        """Lots with something left whose last day lies before ``limit``, with the id
        of the last reversal that refilled each (0: none): the second part of the
        expiry's key, so that a refilled lot can expire again."""
        return self.env.execute_query(
            SQL(
                """
                SELECT lot.ledger_id, lot.id, lot.remaining::text, lot.last_day,
                       COALESCE((SELECT max(refill.id) FROM support_ledger_entry refill
                                  WHERE refill.lot_id = lot.id
                                    AND refill.quantity > 0), 0)
                  FROM support_ledger_entry lot
                 WHERE lot.ledger_id = ANY(%s) AND lot.remaining > 0
                   AND lot.last_day < %s
                 ORDER BY lot.ledger_id, lot.last_day, lot.id
                """,
                self.ids,
                limit,
            )
        )

    # ------------------------------------------------------------------
    # Low balance
    # ------------------------------------------------------------------

    def _announce_low(self):
        """Tell the customer that a debit took the balance from above a warning level
        to it or below. Each level so fires once and arms again when a credit lifts
        the balance over it; a debit that crosses three sends one message."""
        template = self.env.ref(
            "support_contract.mail_template_ledger_low", raise_if_not_found=False
        )
        # technicians draw balances down, but do not write to customers about them
        for ledger in self.sudo():
            ledger.contract_id.message_post(
                body=self.env._(
                    "%(ledger)s has fallen to %(balance)s.",
                    ledger=ledger.display_name,
                    balance=ledger._format_quantity(ledger.balance),
                ),
                subtype_xmlid="mail.mt_note",
            )
            if template:
                template.sudo().send_mail(ledger.id)

    # ------------------------------------------------------------------
    # Statement
    # ------------------------------------------------------------------

    def _get_statement(self, first_day, last_day):
        """Opening balance, entries and closing balance between two days, inclusive.

        :return: dict with ``opening``, ``entries`` (recordset by day) and ``closing``
        """
        self.ensure_one()
        opening = sum(
            quantity or 0.0
            for [quantity] in self.env["support.ledger.entry"]._read_group(
                [("ledger_id", "=", self.id), ("day", "<", first_day)],
                [],
                ["quantity:sum"],
            )
        )
        entries = self.env["support.ledger.entry"].search(
            [
                ("ledger_id", "=", self.id),
                ("day", ">=", first_day),
                ("day", "<=", last_day),
            ],
            order="day, id",
        )
        digits = self._unit_digits()
        closing = opening + sum(entries.mapped("quantity"))
        return {
            "opening": round(opening, digits),
            "entries": entries,
            "closing": round(closing, digits),
        }

    def _get_bounds(self):
        """Days of the first and of the last entry, or False."""
        self.ensure_one()
        first, last = self.env["support.ledger.entry"]._read_group(
            [("ledger_id", "=", self.id)], [], ["day:min", "day:max"]
        )[0]
        return first, last

    def action_view_entries(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "support_contract.support_ledger_entry_action"
        )
        return action | {"domain": [("ledger_id", "=", self.id)], "context": {}}

    def _parse_quantity(self, text):
        """A quantity as people write it in an import, in the ledger's unit.

        :raise QuantityError: if it is none
        """
        self.ensure_one()
        if self.unit == "time":
            return quantities.parse_minutes(text)
        return quantities.exact((text or "").replace(",", "."), self._unit_digits())
