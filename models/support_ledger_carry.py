# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from decimal import Decimal

from odoo import models
from odoo.tools import SQL


class SupportLedger(models.Model):
    """What is left goes along to the contract that follows, where it was agreed to be
    carried to the renewal (``edge_cases.md``, "rollover at the end of the
    contract")."""

    _inherit = "support.ledger"

    def _carry_to(self, contract):
        """Move what may be used after the old contract's end to ``contract``: one
        pair of entries for each lot, once.

        What has no balance of its kind there stays, and the owner is told.

        :param contract: the ``support.contract`` that follows, its ledgers open
        """
        day = contract.date_start
        (self | contract.ledger_ids).sorted("id")._lock()
        rows, left = [], self.browse()
        for ledger in self.sorted("id"):
            lots = ledger._read_carried(day)
            if not lots:
                continue
            target = (
                contract.ledger_ids.filtered(
                    lambda item, own=ledger: (
                        (item.unit, item.currency_id, item.scope)
                        == (own.unit, own.currency_id, own.scope)
                    )
                )[:1]
                or contract.ledger_ids.filtered(
                    lambda item, own=ledger: (
                        (item.unit, item.currency_id) == (own.unit, own.currency_id)
                        and not item.scope
                    )
                )[:1]
            )
            if not target:
                left |= ledger
                continue
            for lot_id, remaining, last_day, unit_value in lots:
                rows += [
                    {
                        "ledger_id": ledger.id,
                        "kind": "carry",
                        "quantity": -Decimal(remaining),
                        "day": day,
                        "lot_id": lot_id,
                        "key": f"carry:{lot_id}:out",
                    },
                    {
                        "ledger_id": target.id,
                        "kind": "carry",
                        "quantity": Decimal(remaining),
                        "day": day,
                        "first_day": day,
                        "last_day": last_day,
                        "unit_value": unit_value,
                        "key": f"carry:{lot_id}:in",
                    },
                ]
        entries = self._insert(rows)
        for ledger in left:
            contract._tell_renewal(
                self.env._("Not carried over"),
                self.env._(
                    "%(quantity)s of %(ledger)s of the contract before have no balance "
                    "to go to: correct the balance by hand, or refund them.",
                    quantity=ledger._format_quantity(ledger.balance),
                    ledger=ledger.display_name,
                ),
            )
        return entries

    def _read_carried(self, day):
        """``[(lot id, what is left of it as exact text, last day, value of a unit),
        ...]`` of the lots that may still be used on ``day``."""
        self.ensure_one()
        return self.env.execute_query(
            SQL(
                """
                SELECT id, remaining::text, last_day, unit_value
                  FROM support_ledger_entry
                 WHERE ledger_id = %s AND lot_id IS NULL AND remaining > 0
                   AND (last_day IS NULL OR last_day >= %s)
                 ORDER BY id
                   FOR NO KEY UPDATE
                """,
                self.id,
                day,
            )
        )
