# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, file_open

from ..tools import allocation
from ..tools import quantity as quantities

#: columns that both doors write; everything else is the database's or the ORM's
ENTRY_COLUMNS = {
    "ledger_id": "int4",
    "kind": "varchar",
    "quantity": "numeric",
    "day": "date",
    "first_day": "date",
    "last_day": "date",
    "lot_id": "int4",
    "allotment_id": "int4",
    "key": "varchar",
}


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
        help="The ledger serves these work modes only. Empty: all of them.",
    )
    scope = fields.Char(
        compute="_compute_scope",
        store=True,
        export_string_translation=False,
        help="Technical key of the work modes.",
    )
    balance = fields.Float(
        digits=(16, 4), readonly=True, copy=False, aggregator=None, default=0.0
    )
    reserved = fields.Float(
        digits=(16, 4), readonly=True, copy=False, aggregator=None, default=0.0
    )
    usable = fields.Float(
        digits=(16, 4),
        compute="_compute_usable",
        help="What can be used today: the lots that are valid, less what is reserved.",
    )
    granted = fields.Float(
        digits=(16, 4),
        compute="_compute_usable",
        help="Everything that was ever credited to the lots that still count.",
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
        super().init()
        with file_open("support_contract/models/sql/support_ledger.sql") as script:
            self.env.cr.execute(script.read())

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_id.name", "unit", "work_mode_ids.name")
    def _compute_display_name(self):
        units = dict(self._fields["unit"]._description_selection(self.env))
        for ledger in self:
            modes = ", ".join(ledger.work_mode_ids.mapped("name"))
            label = f"{units.get(ledger.unit)} ({modes})" if modes else None
            ledger.display_name = (
                f"{ledger.contract_id.name} · {label or units.get(ledger.unit)}"
            )

    @api.depends("work_mode_ids")
    def _compute_scope(self):
        for ledger in self:
            ledger.scope = ",".join(
                str(mode_id) for mode_id in sorted(ledger.work_mode_ids.ids)
            )

    @api.depends("balance", "reserved")
    def _compute_usable(self):
        rows = {}
        if self.ids:
            days = {
                company.id: company._support_day() for company in self.company_id
            }
            self.env["support.ledger.entry"].flush_model()
            query = SQL(
                """
                SELECT lot.ledger_id,
                       sum(lot.remaining) FILTER (WHERE lot.remaining > 0),
                       sum(lot.quantity),
                       min(lot.last_day) FILTER (WHERE lot.remaining > 0)
                  FROM support_ledger_entry lot
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
            ledger.usable = max((remaining or 0.0) - ledger.reserved, 0.0)
            ledger.granted = granted or 0.0
            ledger.next_expiry = next_expiry or False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def copy(self, default=None):
        raise ValidationError(self.env._("A ledger cannot be copied."))

    # ------------------------------------------------------------------
    # Locks
    # ------------------------------------------------------------------

    def _lock(self):
        """Lock the ledgers, waiting, in the one order that cannot deadlock. A ledger
        that moved since this transaction began makes it fail with a serialization
        error, and its caller (Odoo's RPC layer, or a job) tries again."""
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "SELECT id FROM support_ledger WHERE id = ANY(%s) ORDER BY id "
                "FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.invalidate_recordset(["balance", "reserved"])

    def _lock_lots(self, day):
        """Lots of the ledgers that are usable on ``day``, locked in the order of use.

        :return: ``{ledger id: [allocation.Lot, ...]}``
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger_id, id, remaining, first_day, last_day
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
                allocation.Lot(lot_id, self._decimal(remaining), first_day, last_day)
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
        :param origin: further fields of the entry (``key``, ``reason`` ...)
        :raise ValidationError: if the quantity is none; nothing is posted
        :return: the entry
        """
        self.ensure_one()
        quantity = self._exact(quantity, self.env._("Quantity"))
        self._lock()
        return self._insert(
            [
                {
                    "ledger_id": self.id,
                    "kind": kind,
                    "quantity": float(quantity),
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
        quantity = self._exact(quantity, self.env._("Quantity"))
        self._lock()
        if own:
            own.filtered(lambda held: held.ledger_id == self)._use()
        lots = self._lock_lots(day)[self.id]
        parts, left_over = allocation.allocate(
            lots, quantity, day, held=self._decimal(self.reserved)
        )
        key = origin.pop("key", None)
        before = self.balance
        entries = self._insert(
            [
                {
                    "ledger_id": self.id,
                    "kind": kind,
                    "quantity": -float(part),
                    "day": day,
                    "lot_id": lot_id,
                    "key": f"{key}:{index}" if key and index else key,
                    **origin,
                }
                for index, (lot_id, part) in enumerate(parts)
            ]
        )
        if entries:
            self._announce_low({self.id: before})
        return entries, left_over

    def _insert(self, vals_list):
        """Insert entries; the triggers do the rest."""
        entries = self.env["support.ledger.entry"].create(vals_list)
        self.env.flush_all()
        self.env["support.ledger.entry"].invalidate_model(["remaining"])
        self.invalidate_recordset(["balance", "reserved", "usable"])
        return entries

    def _reserve(self, quantity, day, **origin):
        """Hold a quantity that is usable on ``day``, or refuse: two bookings cannot
        both get the last two hours.

        :return: the reservation
        :raise ValidationError: if less than the whole quantity is usable
        """
        self.ensure_one()
        quantity = self._exact(quantity, self.env._("Quantity"))
        self._lock()
        lots = allocation.usable_on(self._lock_lots(day)[self.id], day)
        usable = sum(lot.remaining for lot in lots) - self._decimal(self.reserved)
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
        :return: ids of the entries that were new
        """
        if not rows:
            return []
        ledgers = self.browse(sorted({row["ledger_id"] for row in rows}))
        ledgers._lock()
        columns = SQL(", ").join(SQL.identifier(name) for name in ENTRY_COLUMNS)
        arrays = SQL(", ").join(
            SQL("%s::" + cast + "[]", [row.get(name) for row in rows])
            for name, cast in ENTRY_COLUMNS.items()
        )
        posted = self.env.execute_query(
            SQL(
                """
                INSERT INTO support_ledger_entry (
                    %(columns)s, create_uid, create_date, write_uid, write_date)
                SELECT %(columns)s, %(uid)s, now() AT TIME ZONE 'UTC',
                       %(uid)s, now() AT TIME ZONE 'UTC'
                  FROM unnest(%(arrays)s) AS rows(%(columns)s)
                ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING
                RETURNING id
                """,
                columns=columns,
                uid=self.env.uid,
                arrays=arrays,
            )
        )
        self.env["support.ledger.entry"].invalidate_model()
        ledgers.invalidate_recordset(["balance", "reserved", "usable", "entry_ids"])
        return [row[0] for row in posted]

    def _expire_due(self, today=None):
        """Post the expiry of every lot whose last day and days of grace are over.

        :param date today: for tests and simulations; default: each company's today
        """
        rows = []
        for company in self.company_id:
            day = today or company._support_day()
            limit = fields.Date.subtract(day, days=company.support_grace_days)
            ledgers = self.filtered(lambda ledger, c=company: ledger.company_id == c)
            ledgers._lock()
            rows += [
                {
                    "ledger_id": ledger_id,
                    "kind": "expiry",
                    "quantity": -remaining,
                    "day": fields.Date.add(last_day, days=1),
                    "lot_id": lot_id,
                    "key": f"expire:{lot_id}:{refill}",
                }
                for ledger_id, lot_id, remaining, last_day, refill in (
                    ledgers._get_expired_lots(limit)
                )
            ]
        before = {ledger.id: ledger.balance for ledger in self}
        self._post_set(rows)
        self._announce_low(before)

    def _get_expired_lots(self, limit):
        """Lots with something left whose last day lies before ``limit``, with the id
        of the last reversal that refilled each (0: none): the second part of the
        expiry's key, so that a refilled lot can expire again."""
        return self.env.execute_query(
            SQL(
                """
                SELECT lot.ledger_id, lot.id, lot.remaining, lot.last_day,
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

    def _announce_low(self, before):
        """Tell the customer when a debit takes a balance from above a warning level
        to it or below. Each level so fires once and arms again when a credit lifts
        the balance over it; a debit that crosses three sends one message.

        :param dict before: ``{ledger id: balance before}``
        """
        crossed = []
        for ledger in self.sudo().filtered("contract_id.threshold_ids"):
            levels = [
                threshold.quantity
                for threshold in ledger.contract_id.threshold_ids
                if threshold.unit == ledger.unit
                and before.get(ledger.id, 0.0) > threshold.quantity >= ledger.balance
            ]
            if levels:
                crossed.append(ledger)
        template = crossed and self.env.ref(
            "support_contract.mail_template_ledger_low", raise_if_not_found=False
        )
        for ledger in crossed:
            ledger.contract_id.message_post(
                body=self.env._(
                    "%(ledger)s has fallen to %(balance)s.",
                    ledger=ledger.display_name,
                    balance=ledger._format_quantity(ledger.balance),
                ),
                subtype_xmlid="mail.mt_note",
            )
            if template:
                template.send_mail(ledger.id)

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
