# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import hashlib
from fractions import Fraction

from odoo import fields, models
from odoo.tools import SQL, format_date
from odoo.tools.misc import get_lang

from ..tools import day_names, grants, periods, usage
from ..tools import quantity as quantities

#: entries on a page of the statement
PAGE_SIZE = 30

#: entries of a print view: a longer statement is for a spreadsheet
PRINT_LIMIT = 2000


class SupportLedger(models.Model):
    """A ledger as its customer sees it in the portal.

    All methods are called on records with all rights, after the page has checked that
    its reader may read the contract; what they return are texts in the reader's
    language.
    """

    _inherit = "support.ledger"

    # ------------------------------------------------------------------
    # Balance bars
    # ------------------------------------------------------------------

    def _get_portal_bars(self):
        """What is left, of how much, until when: one bar for each ledger.

        :return: list of dicts of texts; ``percent`` is a number from 0 to 100
        """
        bars = []
        for ledger in self:
            granted = max(ledger.granted, ledger.usable)
            percent = round(100 * ledger.usable / granted) if granted else 0
            bars.append(
                {
                    "label": ledger.label,
                    "usable": ledger._format_quantity(ledger.usable),
                    "granted": granted and ledger._format_quantity(granted),
                    "percent": percent,
                    "low": percent <= 20,
                    "next_expiry": format_date(self.env, ledger.next_expiry),
                    "reserved": ledger.reserved
                    and ledger._format_quantity(ledger.reserved),
                    "url": ledger._get_portal_url(),
                }
            )
        return bars

    def _get_portal_url(self):
        """Its statement."""
        self.ensure_one()
        return f"{self.contract_id.access_url}/ledgers/{self.id}"

    # ------------------------------------------------------------------
    # Statement
    # ------------------------------------------------------------------

    def _get_portal_presets(self):
        """Periods that a customer may choose by one click: ``{name: (first day, last
        day)}``, with the term of today, or the last one."""
        self.ensure_one()
        today = self.company_id._support_day()
        this_month = today.replace(day=1)
        last_month = (this_month - periods.ONE_DAY).replace(day=1)
        terms = self.contract_id.term_ids.sorted("first_day")
        term = terms.filtered(lambda term: term.first_day <= today)[-1:] or terms[:1]
        return {
            "term": (
                term.first_day or self.contract_id.date_start,
                # what is usable after the term is entered after it
                max(term.last_day or today, today),
            ),
            "month": (this_month, periods.term_end(this_month, 1)),
            "last_month": (last_month, periods.term_end(last_month, 1)),
        }

    def _get_portal_totals(self, first_day, last_day):
        """The sums of a statement, in one statement to the database.

        :return: dict with the numbers ``opening``, ``credits``, ``debits``,
            ``closing`` and ``count`` (entries in the period), and ``since`` (day of
            the ledger's first entry, None without any)
        """
        self.ensure_one()
        self.env["support.ledger.entry"].flush_model()
        [row] = self.env.execute_query(
            SQL(
                """
                SELECT COALESCE(sum(quantity) FILTER (WHERE day < %(first)s), 0),
                       COALESCE(sum(quantity) FILTER (
                           WHERE quantity > 0
                             AND day BETWEEN %(first)s AND %(last)s), 0),
                       COALESCE(sum(quantity) FILTER (
                           WHERE quantity < 0
                             AND day BETWEEN %(first)s AND %(last)s), 0),
                       COALESCE(sum(quantity) FILTER (WHERE day <= %(last)s), 0),
                       count(*) FILTER (WHERE day BETWEEN %(first)s AND %(last)s),
                       min(day)
                  FROM support_ledger_entry
                 WHERE ledger_id = %(ledger)s
                """,
                ledger=self.id,
                first=first_day,
                last=last_day,
            )
        )
        names = ("opening", "credits", "debits", "closing", "count", "since")
        return dict(zip(names, row, strict=True))

    def _get_portal_rows(self, first_day, last_day, reader, offset=0, limit=PAGE_SIZE):
        """Entries of the statement with the balance after each, by day.

        :param reader: ``res.users``; tickets that he may read are linked
        :return: list of dicts of texts
        """
        self.ensure_one()
        entries = self.env["support.ledger.entry"]
        entries.flush_model()
        balances = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT id, balance
                      FROM (SELECT id, day,
                                   sum(quantity) OVER (ORDER BY day, id) AS balance
                              FROM support_ledger_entry
                             WHERE ledger_id = %(ledger)s AND day <= %(last)s) entry
                     WHERE day >= %(first)s
                     ORDER BY day, id
                     LIMIT %(limit)s OFFSET %(offset)s
                    """,
                    ledger=self.id,
                    first=first_day,
                    last=last_day,
                    limit=limit,
                    offset=offset,
                )
            )
        )
        entries = entries.browse(balances)
        readable, works = entries._get_readable_ids(reader)
        return [
            {
                "day": format_date(self.env, entry.day),
                "text": entry.description,
                "url": f"/my/ticket/{entry.ticket_id.id}"
                if entry.ticket_id.id in readable
                else "",
                "work": entry.intervention_id.name
                if entry.intervention_id.id in works
                else "",
                "last_day": format_date(self.env, entry.last_day),
                "quantity": self._format_signed(entry.quantity),
                "credit": entry.quantity > 0,
                "balance": self._format_quantity(balances[entry.id]),
            }
            for entry in entries
        ]

    def _format_signed(self, quantity):
        """With a sign, so that nobody has to tell credits by their colour."""
        text = self._format_quantity(quantity)
        return f"+{text}" if quantity > 0 else text

    def _get_portal_statement(self, first_day, last_day):
        """What stands around the entries of a statement.

        :return: dict of texts, and the numbers ``count`` and ``since`` (a date)
        """
        self.ensure_one()
        totals = self._get_portal_totals(first_day, last_day)
        texts = {
            name: self._format_quantity(totals[name]) for name in ("opening", "closing")
        }
        first_text = format_date(self.env, first_day)
        # what will stand there on a day to come, nobody knows yet
        closing_text = format_date(
            self.env, min(last_day, self.company_id._support_day())
        )
        return {
            **texts,
            "label": self.label,
            "opening_label": self.env._("Balance before %s", first_text),
            "closing_label": self.env._("Balance after %s", closing_text),
            "credits": self._format_signed(totals["credits"]),
            "debits": self._format_signed(totals["debits"]),
            "first_text": first_text,
            "last_text": format_date(self.env, last_day),
            "closing_text": closing_text,
            "count": totals["count"],
            "since": totals["since"],
        }

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------

    def _read_use(self, first_day):
        """What was used since ``first_day``: ``{day: quantity}``. What was taken back
        counts as not used on the day on which it had been."""
        self.ensure_one()
        self.env["support.ledger.entry"].flush_model()
        return dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT COALESCE(origin.day, entry.day) AS used_on,
                           -sum(entry.quantity)
                      FROM support_ledger_entry entry
                      LEFT JOIN support_ledger_entry origin
                        ON origin.id = entry.reversal_of_id
                     WHERE entry.ledger_id = %s
                       AND COALESCE(origin.kind, entry.kind) IN ('work', 'ticket')
                       AND COALESCE(origin.day, entry.day) >= %s
                     GROUP BY used_on
                    """,
                    self.id,
                    first_day,
                )
            )
        )

    def _get_portal_use(self, since):
        """The use of the last twelve months, and for how long the balance will do.

        :param date since: day of the ledger's first entry, None without any
        :return: dict with ``months`` (list of dicts ``month``, ``text``, ``percent``
            of the highest) and the sentence ``forecast``; empty if nothing was used
        """
        self.ensure_one()
        today = self.company_id._support_day()
        months = usage.last_months(today)
        used = self._read_use(months[0]) if since else {}
        sums = dict.fromkeys(months, Fraction(0))
        for day, quantity in used.items():
            if day <= today:
                sums[day.replace(day=1)] += Fraction(quantity)
        highest = max(sums.values())
        if highest <= 0:
            return {}
        return {
            "months": [
                {
                    "short": format_date(self.env, month, date_format="LLL"),
                    "letter": format_date(self.env, month, date_format="LLLLL"),
                    "month": day_names.format_month(month, get_lang(self.env).code),
                    "text": self._format_quantity(float(quantity)),
                    "percent": max(round(100 * quantity / highest), 0),
                }
                for month, quantity in sums.items()
            ],
            "forecast": self._get_portal_forecast(used, since, today),
        }

    def _get_portal_forecast(self, used, since, today):
        """For how long the balance will do at the use of late, as a sentence; empty
        if nothing was used of late or the contract gives nothing more."""
        first = fields.Date.subtract(today, days=usage.USE_DAYS - 1)
        late = sum(quantity for day, quantity in used.items() if first <= day <= today)
        per_day = usage.daily_use(late, since, today)
        contract = self.contract_id
        if not per_day or contract.state not in ("active", "suspended", "expired"):
            return ""
        until = contract.date_end
        day = usage.exhaustion_day(
            self._get_lots_to_come(today),
            per_day,
            today,
            until,
            Fraction(self.reserved),
        )
        average = self._format_quantity(round(float(per_day * 30), self._unit_digits()))
        if day:
            return self.env._(
                "At the average of the last %(days)s days, %(average)s a month, the "
                "balance will be used up about %(day)s.",
                days=usage.USE_DAYS,
                average=average,
                day=format_date(self.env, day),
            )
        if until <= today:
            return ""
        last_day = min(until, fields.Date.add(today, days=usage.HORIZON_DAYS))
        return self.env._(
            "At the average of the last %(days)s days, %(average)s a month, the "
            "balance will do until %(day)s at least.",
            days=usage.USE_DAYS,
            average=average,
            day=format_date(self.env, last_day),
        )

    def _get_lots_to_come(self, today):
        """What is there, and what the contract will grant until its end, as the pure
        functions of ``tools/usage.py`` take it."""
        lots = [
            usage.Lot(Fraction(str(quantity)), first_day, last_day)
            for quantity, first_day, last_day in self.env.execute_query(
                SQL(
                    """
                    SELECT remaining, first_day, last_day
                      FROM support_ledger_entry
                     WHERE ledger_id = %s AND remaining > 0
                       AND (last_day IS NULL OR last_day >= %s)
                    """,
                    self.id,
                    today,
                )
            )
        ]
        allotments = self.contract_id.allotment_ids.filtered(
            lambda item: item.ledger_id == self and item.next_grant_day
        )
        terms = self.contract_id.term_ids if allotments else ()
        for allotment in allotments:
            digits = allotment._unit_digits()
            whole = quantities.exact(round(allotment.quantity, digits), digits)
            lots += [
                usage.Lot(
                    Fraction(grant.quantity(whole, digits)),
                    grant.first_day,
                    grant.last_day,
                )
                for term in terms
                for grant in grants.due_grants(
                    allotment._get_rule(),
                    term.first_day,
                    term.last_day,
                    allotment.next_grant_day,
                    term.last_day,
                )
            ]
        return lots

    # ------------------------------------------------------------------
    # Month-end documents
    # ------------------------------------------------------------------

    def _get_portal_months(self, since):
        """The months whose statement can be had as PDF: those that are over.

        :param date since: day of the ledger's first entry, None without any
        :return: list of dicts ``value`` (2026-03) and ``text``, newest first
        """
        self.ensure_one()
        if not since:
            return []
        today = self.company_id._support_day()
        return [
            {
                "value": month.strftime("%Y-%m"),
                "first_day": month,
                "text": day_names.format_month(month, get_lang(self.env).code),
            }
            for month in usage.closed_months(since, today)
        ]

    def _ask_statement(self, first_day, last_day, partner):
        """The statement of a period as PDF, made by a job if it is not there.

        The caller has checked that ``partner`` may read the ledger. Work that is
        logged late changes a month that is over: what the statement says is part of
        the key.

        :return: ``support.document``
        """
        self.ensure_one()
        lang = self.env.lang or partner.lang
        ledger = self.with_company(self.company_id).with_context(lang=lang)
        return self.env["support.document"]._ask(
            ledger._get_statement_key(first_day, last_day),
            {
                "name": ledger._get_statement_filename(last_day),
                "kind": "statement",
                "company_id": self.company_id.id,
                "commercial_partner_id": self.commercial_partner_id.id,
                "contract_id": self.contract_id.id,
                "ledger_id": self.id,
                "first_day": first_day,
                "last_day": last_day,
                "lang": lang,
            },
            partner,
        )

    def _get_statement_key(self, first_day, last_day):
        """What tells whether a period's statement still says what was printed, in the
        language of the environment. Entries never change: their ids tell them."""
        self.ensure_one()
        contract = self.contract_id
        says = repr(
            (
                self._get_portal_statement(first_day, last_day),
                self._get_statement(first_day, last_day)["entries"].ids,
                contract.partner_id._support_get_letter_lines(),
                (contract.name, contract.type_id.name),
            )
        )
        digest = hashlib.sha256(says.encode()).hexdigest()[:16]
        return f"statement:{self.id}:{first_day}:{last_day}:{self.env.lang}:{digest}"
