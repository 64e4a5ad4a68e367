# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open, format_date

KINDS = [
    ("opening", "Opening balance"),
    ("grant", "Granted"),
    ("topup", "Top-up"),
    ("takeback", "Top-up taken back"),
    ("work", "Work"),
    ("ticket", "Ticket opened"),
    ("expiry", "Expired"),
    ("forfeit", "Forfeited"),
    ("carry", "Carried over"),
    ("correction", "Correction"),
    ("reversal", "Reversal"),
]


class SupportLedgerEntry(models.Model):
    """One line of a ledger, never changed or deleted: the database refuses it to
    everybody. A credit that draws on nothing is a lot; what of it is left stands in
    ``remaining``. A mistake is corrected by a reversal.

    Nobody has a right to create entries: the ledger's methods do it, after they have
    checked what there is to check.
    """

    _name = "support.ledger.entry"
    _description = "Support Ledger Entry"
    _order = "day desc, id desc"

    ledger_id = fields.Many2one(
        comodel_name="support.ledger",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    contract_id = fields.Many2one(
        related="ledger_id.contract_id", search="_search_contract_id"
    )
    unit = fields.Selection(related="ledger_id.unit")
    currency_id = fields.Many2one(related="ledger_id.currency_id")
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    quantity = fields.Float(
        digits=(16, 4),
        required=True,
        readonly=True,
        aggregator=None,
        help="Credits are positive, debits negative.",
    )
    remaining = fields.Float(
        digits=(16, 4),
        readonly=True,
        required=True,
        default=0.0,
        copy=False,
        aggregator=None,
        help="What of a credit has not been used yet.",
    )
    day = fields.Date(
        required=True,
        readonly=True,
        help="Day of the work, or the day from which the entry counts.",
    )
    first_day = fields.Date(string="Usable from", readonly=True)
    last_day = fields.Date(string="Usable until", readonly=True)
    unit_value = fields.Float(
        digits=(16, 6),
        readonly=True,
        aggregator=None,
        groups="support_contract.group_support_user",
        help="What was paid for a minute or a ticket of this credit, untaxed, in the "
        "company's currency. Empty: it came with a fee, or is money.",
    )
    lot_id = fields.Many2one(
        comodel_name="support.ledger.entry",
        string="Drawn on",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_of_id = fields.Many2one(
        comodel_name="support.ledger.entry",
        string="Reversal of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    reversal_ids = fields.One2many(
        comodel_name="support.ledger.entry",
        inverse_name="reversal_of_id",
        string="Reversed by",
        readonly=True,
    )
    allotment_id = fields.Many2one(
        comodel_name="support.contract.allotment",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    ticket_id = fields.Many2one(
        comodel_name="helpdesk.ticket",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    intervention_id = fields.Many2one(
        comodel_name="support.intervention",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    topup_id = fields.Many2one(
        comodel_name="support.topup",
        string="Top-Up",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        groups="base.group_user",
    )
    reason = fields.Char(
        readonly=True,
        groups="base.group_user",
        help="Why a person corrected or reversed.",
    )
    key = fields.Char(
        readonly=True,
        copy=False,
        groups="base.group_user",
        export_string_translation=False,
        help="Makes sure that what is automatic is posted once.",
    )
    description = fields.Char(compute="_compute_description")

    _open_lots_idx = models.Index(
        "(ledger_id, last_day, first_day, id) WHERE remaining > 0"
    )
    _key_unique = models.UniqueIndex(
        "(key) WHERE key IS NOT NULL", "This has been posted already."
    )
    _reversal_unique = models.UniqueIndex(
        "(reversal_of_id) WHERE reversal_of_id IS NOT NULL",
        "This entry has been reversed already.",
    )
    _quantity_limit = models.Constraint(
        "CHECK (quantity <> 0 AND quantity > -1e12 AND quantity < 1e12)",
        "The quantity of an entry must be a number other than zero.",
    )
    _remaining_limit = models.Constraint(
        "CHECK (remaining >= 0 AND remaining <= GREATEST(quantity, 0))",
        "Not enough is left: part of it has been used or has expired.",
    )
    _kind_sign = models.Constraint(
        """CHECK (CASE
            WHEN kind IN ('opening', 'grant', 'topup')
                THEN quantity > 0 AND lot_id IS NULL AND reversal_of_id IS NULL
            WHEN kind IN ('work', 'ticket', 'expiry', 'forfeit', 'takeback')
                THEN quantity < 0 AND lot_id IS NOT NULL AND reversal_of_id IS NULL
            WHEN kind IN ('correction', 'carry')
                THEN (quantity < 0) = (lot_id IS NOT NULL) AND reversal_of_id IS NULL
            WHEN kind = 'reversal'
                THEN lot_id IS NOT NULL AND reversal_of_id IS NOT NULL
            ELSE FALSE END)""",
        "Credits add a lot, debits draw on one, and a reversal names what it reverses.",
    )
    _lot_days = models.Constraint(
        "CHECK ((lot_id IS NULL) = (first_day IS NOT NULL) "
        "AND (last_day IS NULL OR last_day >= first_day))",
        "A credit has a first day of use, not after its last one; a debit has none.",
    )
    _unit_value_limit = models.Constraint(
        "CHECK (unit_value IS NULL OR (lot_id IS NULL AND unit_value > 0 "
        "AND unit_value < 1e12))",
        "The value of a unit is an amount above zero, and credits alone have one.",
    )
    # declared so that the triggers' refusals have messages that a person understands
    _guard = models.Constraint(
        "CHECK (TRUE)",
        "Ledger entries can never be changed or deleted: post a reversal instead.",
    )
    _whole_reversal = models.Constraint(
        "CHECK (TRUE)",
        "An entry can only be reversed as a whole, once, and a reversal not at all.",
    )
    _own_lot = models.Constraint(
        "CHECK (TRUE)",
        "An entry can only draw on a lot of its own ledger.",
    )

    def init(self):
        result = super().init()
        with file_open(
            "support_contract/models/sql/support_ledger_entry.sql"
        ) as script:
            self.env.cr.execute(script.read())
        return result

    @api.model
    def _search_contract_id(self, operator, value):
        return [("ledger_id.contract_id", operator, value)]

    @api.depends("kind", "quantity", "ticket_id", "last_day", "reversal_of_id")
    @api.depends_context("lang")
    def _compute_description(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for entry in self:
            entry.description = entry._describe() or kinds.get(entry.kind)

    def _describe(self):
        """The entry in words, from its code and parameters, in the reader's language;
        empty where the kind alone says it."""
        self.ensure_one()
        if self.kind == "grant" and self.last_day:
            return self.env._(
                "Granted, usable from %(first)s to %(last)s",
                first=format_date(self.env, self.first_day),
                last=format_date(self.env, self.last_day),
            )
        if self.kind == "expiry":
            return self.env._(
                "Expired with %s unused",
                self.ledger_id._format_quantity(-self.quantity),
            )
        if self.kind == "forfeit":
            return self.env._(
                "Forfeited by the rollover limit: %s",
                self.ledger_id._format_quantity(-self.quantity),
            )
        if self.kind == "takeback":
            return self.env._(
                "Top-up taken back: %s",
                self.ledger_id._format_quantity(-self.quantity),
            )
        if self.kind == "carry":
            if self.quantity < 0:
                return self.env._("Carried over to the contract that follows")
            return self.env._("Carried over from the contract before")
        if self.kind in ("work", "ticket") and self.ticket_id:
            # a reader of the ledger may not be one of the ticket; its number is no
            # secret of a customer's own ledger
            number = self.ticket_id.sudo().number
            if self.kind == "ticket":
                return self.env._("Ticket %s opened", number)
            return self.env._("Work on ticket %s", number)
        if self.kind == "reversal":
            return self.env._(
                "Reversal: %s",
                self.reversal_of_id._describe()
                or dict(self._fields["kind"]._description_selection(self.env))[
                    self.reversal_of_id.kind
                ],
            )
        return ""

    @api.depends("ledger_id", "day", "kind")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = (
                f"{entry.ledger_id.display_name} · {format_date(self.env, entry.day)}"
                f" · {entry.ledger_id._format_quantity(entry.quantity)}"
            )

    def copy(self, default=None):
        if self:
            raise UserError(self.env._("A ledger entry cannot be copied."))
        return super().copy(default)

    def _reverse(self, reason, day=None):
        """Undo whole entries, each once. A lot that has expired in the meantime gets
        the quantity back and expires at once, both entries visible.

        :param str reason: why; kept on the reversal
        :param date day: day of the reversal, default: each company's today
        :raise UserError: if the reason is missing, an entry is reversed already, or a
            credit has been used
        :return: the reversals
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why the entry is reversed."))
        ledgers = self.ledger_id.sorted("id")
        ledgers._lock()
        self.invalidate_recordset(["remaining"])
        for entry in self:
            if entry.kind == "reversal" or entry.reversal_ids:
                raise UserError(
                    self.env._(
                        "%s has been reversed already or is a reversal itself.",
                        entry.display_name,
                    )
                )
            # whoever reverses may read the entry; what was sold follows its invoice
            if entry.sudo().topup_id:
                raise UserError(
                    self.env._(
                        "%s follows its invoice: credit or cancel the invoice, and it "
                        "is taken back by itself.",
                        entry.display_name,
                    )
                )
            if not entry.lot_id and entry.remaining != entry.quantity:
                raise UserError(
                    self.env._(
                        "%(entry)s cannot be reversed: only %(left)s of it is left. "
                        "Post a correction for what is left.",
                        entry=entry.display_name,
                        left=entry.ledger_id._format_quantity(entry.remaining),
                    )
                )
        reversals = ledgers._insert(
            [
                {
                    "ledger_id": entry.ledger_id.id,
                    "kind": "reversal",
                    "quantity": -entry._decimal_quantity(),
                    "day": day or entry.ledger_id.company_id._support_day(),
                    "lot_id": (entry.lot_id or entry).id,
                    "reversal_of_id": entry.id,
                    "ticket_id": entry.ticket_id.id,
                    "intervention_id": entry.intervention_id.id,
                    "reason": reason.strip(),
                }
                for entry in self
            ]
        )
        self.invalidate_recordset(["reversal_ids"])
        ledgers._expire_due()
        return reversals

    def _decimal_quantity(self):
        """The quantity as exact Decimal."""
        self.ensure_one()
        return self.env["support.unit.mixin"]._decimal(self.quantity)

    def action_reverse(self):
        """Open the form for the mandatory reason."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reverse"),
            "res_model": "support.ledger.correct",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_mode": "reverse",
                "default_ledger_id": self.ledger_id[:1].id,
                "default_entry_ids": [fields.Command.set(self.ids)],
            },
        }
