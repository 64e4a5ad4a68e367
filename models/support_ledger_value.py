# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from odoo import models
from odoo.tools import SQL


class UnusedValue(NamedTuple):
    """What was left on a ledger at the end of a day, in its unit, and what it was
    worth in the company's currency: ``value`` was paid for, ``info`` is what the rest
    would cost at the agreed price of an hour."""

    quantity: Decimal
    value: Decimal
    info: Decimal
    last_day: object


class SupportLedger(models.Model):
    """What the vendor owes: the value of what was prepaid and not used."""

    _inherit = "support.ledger"

    def _get_unused_values(self, day):
        """What was left at the end of ``day``, as the books stood then: entries that
        were posted later do not count, whatever day they are about, so that the
        answer for a past day never changes.

        Money is its own value. An hour or a ticket is worth what was paid for it, as
        its credit says (``unit_value``); what came with a fee was not paid for by the
        hour, and is valued for information only.

        :param date day: in the zone of each ledger's company
        :return: ``{ledger: UnusedValue}`` of those that had something left
        :raise AccessError: without a right to read the ledgers
        """
        self.check_access("read")
        found = {}
        for company, ledgers in self.grouped("company_id").items():
            lots = ledgers._get_lots_left(company._support_get_day_end(day), day)
            prices = {}
            for ledger in ledgers:
                if left := lots.get(ledger.id):
                    found[ledger] = ledger._value_lots(left, day, prices)
        return found

    def _get_lots_left(self, until, day):
        """``{ledger id: [(left, value of a unit or None, last day)]}`` of the lots
        that had not expired on ``day``, from what was posted before ``until``."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT lot.ledger_id,
                       (lot.quantity + COALESCE(drawn.quantity, 0))::text,
                       lot.unit_value::text, lot.last_day
                  FROM support_ledger_entry lot
                  LEFT JOIN LATERAL (
                       SELECT sum(entry.quantity) AS quantity
                         FROM support_ledger_entry entry
                        WHERE entry.lot_id = lot.id AND entry.create_date < %(until)s
                       ) drawn ON TRUE
                 WHERE lot.ledger_id = ANY(%(ids)s)
                   AND lot.lot_id IS NULL
                   AND lot.create_date < %(until)s
                   AND (lot.last_day IS NULL OR lot.last_day >= %(day)s)
                   AND lot.quantity + COALESCE(drawn.quantity, 0) > 0
                 ORDER BY lot.ledger_id, lot.last_day, lot.id
                """,
                ids=self.ids,
                until=until,
                day=day,
            )
        )
        lots = defaultdict(list)
        for ledger_id, left, unit_value, last_day in rows:
            value = Decimal(unit_value) if unit_value else None
            lots[ledger_id].append((Decimal(left), value, last_day))
        return lots

    def _value_lots(self, lots, day, prices):
        self.ensure_one()
        company = self.company_id
        quantity = sum((left for left, _value, _last in lots), Decimal(0))
        paid = sum((left * value for left, value, _last in lots if value), Decimal(0))
        free = sum((left for left, value, _last in lots if not value), Decimal(0))
        info = Decimal(0)
        if self.unit == "money":
            paid = self._convert_value(quantity, self.currency_id, day)
        elif self.unit == "time" and free:
            info = free / 60 * self._get_hour_value(day, prices)
        currency = company.currency_id
        return UnusedValue(
            quantity,
            Decimal(str(currency.round(float(paid)))),
            Decimal(str(currency.round(float(info)))),
            min((last for _left, _value, last in lots if last), default=None),
        )

    def _get_hour_value(self, day, prices):
        """The agreed price of an hour on ``day``, in the company's currency.

        :param dict prices: what was found for other ledgers: most contracts share
            pricelist and work mode
        """
        contract = self.contract_id
        company = self.company_id
        mode = self.work_mode_ids[:1] or company.support_work_mode_id
        if not mode:
            return Decimal(0)
        pricelist_id = contract._get_terms_on(day)["pricelist_id"]
        key = (mode.id, pricelist_id, contract.currency_id.id)
        if key not in prices:
            price = mode._get_hourly_price(
                self.env["product.pricelist"].browse(pricelist_id or []),
                contract.currency_id,
                day,
                company,
            )
            prices[key] = self._convert_value(price or 0, contract.currency_id, day)
        return prices[key]

    def _convert_value(self, amount, currency, day):
        company = self.company_id
        converted = currency._convert(
            float(amount), company.currency_id, company, day, round=False
        )
        return Decimal(str(round(converted, 6)))
