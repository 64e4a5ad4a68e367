# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL

TRIGGERS = {
    "support_ledger": ["support_ledger_guard"],
    "support_ledger_entry": [
        "support_ledger_entry_guard",
        "support_ledger_entry_no_truncate",
        "support_ledger_entry_post",
        "support_ledger_entry_prepare",
    ],
    "support_ledger_reservation": [
        "support_ledger_reservation_move",
        "support_ledger_reservation_no_truncate",
    ],
    "support_release_download": [
        "support_release_download_guard",
        "support_release_download_no_truncate",
    ],
}

CONSTRAINTS = [
    "support_ledger_balance_limit",
    "support_ledger_currency_of_money",
    "support_ledger_reserved_limit",
    "support_ledger_entry_kind_sign",
    "support_ledger_entry_lot_days",
    "support_ledger_entry_quantity_limit",
    "support_ledger_entry_remaining_limit",
    "support_ledger_reservation_quantity_limit",
    "support_contract_term_no_overlap",
    "support_intervention_no_overlap",
]

UNIQUE_INDEXES = [
    "support_ledger_scope_unique",
    "support_ledger_entry_key_unique",
    "support_ledger_entry_reversal_unique",
]


class SupportLedgerCheck(models.AbstractModel):
    """Compares what the ledgers say with what their entries add up to, and looks
    whether the database still guards them. It reports and repairs nothing."""

    _name = "support.ledger.check"
    _description = "Check of the Support Ledgers"

    @api.model
    def _cron_check(self):
        """Tell the contract managers about every difference found."""
        findings = self._find()
        if not findings:
            return
        managers = self.env.ref("support_contract.group_support_manager")
        self.env["mail.thread"].message_notify(
            partner_ids=managers.all_user_ids.partner_id.ids,
            subject=self.env._("The support ledgers do not add up"),
            body=self._format_findings(findings),
        )

    @api.model
    def _format_findings(self, findings):
        return Markup("<p>%s</p><ul>%s</ul>") % (
            self.env._("The nightly check found differences and repaired nothing:"),
            Markup("").join(Markup("<li>%s</li>") % text for text in findings),
        )

    @api.model
    def _find(self):
        """All differences, as sentences; empty if everything holds."""
        self.env.flush_all()
        return [
            *self._find_balances(),
            *self._find_lots(),
            *self._find_reservations(),
            *self._find_guards(),
        ]

    def _find_balances(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger.id, ledger.balance, COALESCE(sum(entry.quantity), 0),
                       COALESCE(sum(entry.remaining), 0)
                  FROM support_ledger ledger
                  LEFT JOIN support_ledger_entry entry ON entry.ledger_id = ledger.id
                 GROUP BY ledger.id
                HAVING ledger.balance <> COALESCE(sum(entry.quantity), 0)
                    OR ledger.balance <> COALESCE(sum(entry.remaining), 0)
                 ORDER BY ledger.id
                """
            )
        )
        return [
            self.env._(
                "%(ledger)s: its balance is %(balance)s, its entries add up to "
                "%(entries)s and its lots to %(lots)s",
                ledger=self.env["support.ledger"].browse(ledger_id).display_name,
                balance=balance,
                entries=entries,
                lots=lots,
            )
            for ledger_id, balance, entries, lots in rows
        ]

    def _find_lots(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot.id, lot.ledger_id, lot.remaining,
                       lot.quantity + COALESCE(sum(moved.quantity), 0)
                  FROM support_ledger_entry lot
                  LEFT JOIN support_ledger_entry moved ON moved.lot_id = lot.id
                 WHERE lot.lot_id IS NULL
                 GROUP BY lot.id
                HAVING lot.remaining <> lot.quantity + COALESCE(sum(moved.quantity), 0)
                 ORDER BY lot.id
                """
            )
        )
        return [
            self.env._(
                "%(ledger)s, lot %(lot)s: %(remaining)s remain, but its entries leave "
                "%(entries)s",
                ledger=self.env["support.ledger"].browse(ledger_id).display_name,
                lot=lot_id,
                remaining=remaining,
                entries=entries,
            )
            for lot_id, ledger_id, remaining, entries in rows
        ]

    def _find_reservations(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT ledger.id, ledger.reserved, COALESCE(sum(held.quantity), 0)
                  FROM support_ledger ledger
                  LEFT JOIN support_ledger_reservation held
                    ON held.ledger_id = ledger.id AND held.state = 'held'
                 GROUP BY ledger.id
                HAVING ledger.reserved <> COALESCE(sum(held.quantity), 0)
                 ORDER BY ledger.id
                """
            )
        )
        return [
            self.env._(
                "%(ledger)s: %(reserved)s are reserved, but its reservations hold "
                "%(held)s",
                ledger=self.env["support.ledger"].browse(ledger_id).display_name,
                reserved=reserved,
                held=held,
            )
            for ledger_id, reserved, held in rows
        ]

    def _find_guards(self):
        """Triggers that are missing or switched off, constraints and unique indexes
        that are missing: one that fails to be made is only a line in the log."""
        triggers = dict(
            self.env.execute_query(
                SQL(
                    "SELECT tgname, tgenabled FROM pg_trigger "
                    "WHERE NOT tgisinternal AND tgrelid = ANY(%s::regclass[])",
                    list(TRIGGERS),
                )
            )
        )
        constraints = {
            name
            for [name] in self.env.execute_query(
                SQL(
                    "SELECT conname FROM pg_constraint WHERE conname = ANY(%s)",
                    CONSTRAINTS,
                )
            )
        }
        indexes = {
            name
            for [name] in self.env.execute_query(
                SQL(
                    "SELECT class.relname FROM pg_index index "
                    "JOIN pg_class class ON class.oid = index.indexrelid "
                    "WHERE class.relname = ANY(%s) AND index.indisunique "
                    "AND index.indisvalid",
                    UNIQUE_INDEXES,
                )
            )
        }
        findings = [
            self.env._("The database's trigger %s is missing or switched off", name)
            for names in TRIGGERS.values()
            for name in names
            if triggers.get(name) not in ("O", "A")
        ]
        findings += [
            self.env._("The database's constraint %s is missing", name)
            for name in CONSTRAINTS
            if name not in constraints
        ]
        findings += [
            self.env._("The database's unique index %s is missing", name)
            for name in UNIQUE_INDEXES
            if name not in indexes
        ]
        return findings
