# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A contract's pages in the portal, as its customer opens them."""

import uuid
from datetime import timedelta

from lxml import html

from odoo import Command
from odoo.http import Request
from odoo.tests import HttpCase
from odoo.tools import SQL

from .common_phone import PhoneCommon


class ContractPageCase(PhoneCommon, HttpCase):
    """``contract`` of ``customer`` with 10 h, phone and rates; ``portal_user`` may
    order and call, ``colleague`` of the same customer may neither."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.colleague = cls._create_portal_user("alpha_colleague", cls.customer)
        person = cls.portal_user.partner_id
        person.name = "Paula Portal"
        cls.contract.write(
            {
                "orderer_ids": [Command.set(person.ids)],
                "caller_ids": [Command.set((person | cls.contact).ids)],
                "signatory_id": cls.contact.id,
            }
        )
        cls.url = cls.contract.access_url
        cls.ledger = cls.contract.ledger_ids

    def setUp(self):
        super().setUp()
        self._login(self.portal_user)

    def _login(self, user):
        self.authenticate(user.login, user.login)

    def _post(self, url, csrf=True, **vals):
        values = {"submission_key": str(uuid.uuid4()), **vals}
        if csrf:
            values["csrf_token"] = Request.csrf_token(self)
        return self.url_open(url, data=values)

    def _page(self, url=None):
        response = self.url_open(url or self.url)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.content)

    def _text(self, page, path="//main"):
        if not isinstance(page, html.HtmlElement):
            page = html.fromstring(page.content)
        text = " ".join(
            " ".join(node.text_content().split()) for node in page.xpath(path)
        )
        return text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\xa0", " ")

    def _count_queries(self, url):
        """How many queries the page takes, once everything is warm."""
        self.url_open(url)
        self.env.flush_all()
        before = self.cr.sql_log_count
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return self.cr.sql_log_count - before

    def _make_history(self, tickets, entries):
        """So many tickets and entries more, written as they would be after years."""
        ticket = self._create_ticket(
            self.portal_user.partner_id, support_contract_id=self.contract.id
        )
        work = self._log_work(ticket, 10)
        self.env.flush_all()
        self._copy_rows(ticket, tickets, number="'C' || number.i")
        self._copy_rows(work, min(tickets, entries))
        lot = self._credit(self.ledger, entries, "2026-01-01")
        first = self._day("2026-01-01")
        self.ledger._insert(
            [
                {
                    "ledger_id": self.ledger.id,
                    "kind": "work",
                    "quantity": -1,
                    "day": first + timedelta(days=number % 60),
                    "lot_id": lot.id,
                    "ticket_id": ticket.id,
                    "intervention_id": work.id,
                }
                for number in range(entries)
            ]
        )
        self.env.invalidate_all()

    def _copy_rows(self, record, count, **columns):
        """``count`` copies of a record's row, with SQL for the columns that differ."""
        names = [
            name
            for name, field in record._fields.items()
            if field.store and field.column_type and name not in ("id", "access_token")
        ]
        self.env.execute_query(
            SQL(
                "INSERT INTO %(table)s (%(names)s) "
                "SELECT %(values)s FROM %(table)s old, "
                "generate_series(1, %(count)s) AS number(i) "
                "WHERE old.id = %(id)s RETURNING id",
                table=SQL.identifier(record._table),
                names=SQL(", ").join(map(SQL.identifier, names)),
                values=SQL(", ").join(
                    # expressions that the tests write themselves
                    SQL(columns[name])  # pylint: disable=sql-injection
                    if name in columns
                    else SQL.identifier("old", name)
                    for name in names
                ),
                count=count,
                id=record.id,
            )
        )
