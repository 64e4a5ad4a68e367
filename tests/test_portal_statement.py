# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The statement of a ledger in the portal."""

import io
import uuid
from unittest.mock import patch
from zipfile import ZipFile

from odoo.tests import tagged

from .common_contract_page import ContractPageCase


@tagged("post_install", "-at_install")
class TestStatementPage(ContractPageCase):
    def setUp(self):
        super().setUp()
        self.statement_url = f"{self.url}/ledgers/{self.ledger.id}"
        # 10 h from the contract, for the term that began today
        self.assertEqual(self.ledger.balance, 600)

    def _debit(self, minutes, day, **vals):
        entries, _left = self.ledger._debit(minutes, "work", self._day(day), **vals)
        return entries

    def _rows(self, page):
        return [
            [" ".join(cell.text_content().split()) for cell in row.xpath("td|th")]
            for row in page.xpath("//tr[@class='o_support_entry']")
        ]

    def _sums(self, page):
        return [
            self._text(page, f"//tr[@name='{name}']/th[last()]")
            for name in ("opening", "closing")
        ]

    # ------------------------------------------------------------------
    # What it shows
    # ------------------------------------------------------------------

    def test_what_it_shows(self):
        ticket = self._create_ticket(
            self.portal_user.partner_id, support_contract_id=self.contract.id
        )
        self._log_work(ticket, 90, name="<i>Set up</i>")
        page = self._page(self.statement_url)
        rows = self._rows(page)
        self.assertEqual(len(rows), 2)
        self.assertIn("Granted, usable from", rows[0][1])
        self.assertEqual(rows[0][3:], ["+10:00 h", "10:00 h"])
        self.assertIn(f"Work on ticket {ticket.number} <i>Set up</i>", rows[1][1])
        self.assertEqual(rows[1][3:], ["-1:30 h", "8:30 h"])
        self.assertEqual(self._sums(page), ["0:00 h", "8:30 h"])
        link = page.xpath("//tr[@class='o_support_entry']//a/@href")
        self.assertEqual(link, [f"/my/ticket/{ticket.id}"])
        self.assertIn("In: +10:00 h · Out: -1:30 h", self._text(page))

    def test_nothing_internal(self):
        """reasons of corrections and keys are for colleagues"""
        entry = self._debit(30, "2026-03-02", reason="He was angry")
        entry._reverse("Our own fault")
        text = self.url_open(f"{self.statement_url}?period=term").text
        self.assertIn("Reversal", text)
        for word in ("angry", "fault", "grant:", str(entry.id) + "<"):
            self.assertNotIn(word, text)

    def test_ticket_of_nobody_is_not_linked(self):
        """a number, no link, where the reader may not read the ticket"""
        ticket = self._create_ticket(self.other_customer)
        self._debit(5, "2026-03-02", ticket_id=ticket.id)
        page = self._page(self.statement_url)
        self.assertIn(ticket.number, self._rows(page)[1][1])
        self.assertFalse(page.xpath("//tr[@class='o_support_entry']//a"))

    def test_periods(self):
        self._debit(60, "2026-03-05")
        self._debit(30, "2026-04-01")
        self._go_to("2026-04-10", 11)
        self._login(self.portal_user)
        for query, opening, closing, count in [
            ("", "0:00 h", "8:30 h", 3),
            ("?period=month", "9:00 h", "8:30 h", 1),
            ("?period=last_month", "10:00 h", "9:00 h", 1),
            ("?period=term", "0:00 h", "8:30 h", 3),
            ("?from=2026-03-03&to=2026-03-31", "10:00 h", "9:00 h", 1),
            ("?from=2026-03-06", "9:00 h", "8:30 h", 1),
            ("?to=2026-03-04", "0:00 h", "10:00 h", 1),
            ("?from=2026-03-06&to=2026-03-06", "9:00 h", "9:00 h", 0),
        ]:
            with self.subTest(query=query):
                page = self._page(self.statement_url + query)
                self.assertEqual(self._sums(page), [opening, closing])
                self.assertEqual(len(self._rows(page)), count)

    def test_what_is_no_period(self):
        for query, text in [
            ("from=x&to=2026-01-01", "enter days that exist"),
            ("from=2026-02-30", "enter days that exist"),
            ("from=0001-01-01", "enter days that exist"),
            ("to=9999-12-31", "enter days that exist"),
            ("from=%00&to=%27", "enter days that exist"),
            ("from=2026-03-02&to=2026-03-01", "cannot end before it starts"),
        ]:
            for path in ("", "/xlsx"):
                with self.subTest(query=query, path=path):
                    page = self._page(f"{self.statement_url}{path}?{query}")
                    self.assertIn(text, self._text(page, "//*[@role='alert']"))
        self._page(f"{self.statement_url}?period=<script>&print=x")
        self._page(f"{self.statement_url}/page/999999?period=term")

    def test_running_balance_on_every_page(self):
        for day in range(1, 29):
            for minutes in (1, 2):
                self._debit(minutes, f"2026-04-{day:02}")
        query = "?from=2026-04-02&to=2026-04-30"
        first = self._page(self.statement_url + query)
        second = self._page(f"{self.statement_url}/page/2{query}")
        self.assertEqual(self._sums(first), self._sums(second))
        self.assertEqual(self._sums(first), ["9:57 h", "8:36 h"])
        rows = self._rows(first) + self._rows(second)
        self.assertEqual(len(rows), 54)
        balance = 597
        for number, row in enumerate(rows):
            balance -= 1 + number % 2
            self.assertEqual(row[4], f"{balance // 60}:{balance % 60:02} h")
        links = first.xpath("//ul[contains(@class, 'pagination')]//a/@href")
        self.assertIn(
            f"{self.statement_url}/page/2?from=2026-04-02&to=2026-04-30", links
        )
        # on paper all of them
        printed = self._page(f"{self.statement_url}{query}&print=1")
        self.assertEqual(len(self._rows(printed)), 54)
        self.assertFalse(printed.xpath("//header|//footer|//form"))
        path = "odoo.addons.support_contract.controllers.support_contract_page"
        with patch(f"{path}.PRINT_LIMIT", 10):
            printed = self._page(f"{self.statement_url}{query}&print=1")
        self.assertEqual(len(self._rows(printed)), 10)
        self.assertIn("download the spreadsheet", self._text(printed))

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def test_others_get_nothing(self):
        """neither by their own contract's address"""
        foreign = self.other_contract.ledger_ids
        urls = [
            f"{self.url}/ledgers/{foreign.id}",
            f"{self.other_contract.access_url}/ledgers/{foreign.id}",
            f"{self.other_contract.access_url}/ledgers/{self.ledger.id}",
            f"{self.url}/ledgers/{2**70}",
        ]
        for url in urls:
            for path in ("", "/xlsx", "/page/1", "?print=1"):
                response = self.url_open(url + path, allow_redirects=False)
                self.assertEqual(response.status_code, 303)
            response = self._post(f"{url}/pdf", month="2026-02")
            self.assertTrue(response.url.endswith("/my"))

    def test_colleague_reads(self):
        self._login(self.colleague)
        self.assertEqual(len(self._rows(self._page(self.statement_url))), 1)

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def test_spreadsheet(self):
        self._debit(90, "2026-03-02")
        response = self.url_open(f"{self.statement_url}/xlsx?period=term")
        self.assertIn(".xlsx", response.headers["Content-Disposition"])
        self.assertIn("attachment", response.headers["Content-Disposition"])
        with ZipFile(io.BytesIO(response.content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
            words = book.read("xl/sharedStrings.xml").decode()
        self.assertIn(f"<v>{510 / 1440:.16g}</v>"[:9], sheet)
        self.assertIn("Closing balance", words)
        self.assertNotIn("grant:", words)

    def test_month_end_documents(self):
        self._debit(60, "2026-03-05")
        self._go_to("2026-05-10", 11)
        self._login(self.portal_user)
        page = self._page(self.statement_url)
        self.assertEqual(
            page.xpath("//select[@name='month']/option/@value"),
            ["2026-04", "2026-03", "2026-02", "2026-01"],
        )
        key = str(uuid.uuid4())
        render = "odoo.addons.base.models.ir_actions_report.IrActionsReport"
        with patch(f"{render}._render_qweb_pdf", side_effect=AssertionError):
            for month in ("2026-03", "2026-03", "2026-04"):
                response = self._post(
                    f"{self.statement_url}/pdf", month=month, submission_key=key
                )
        documents = self.env["support.document"].search(
            [("ledger_id", "=", self.ledger.id)], order="first_day"
        )
        self.assertEqual(
            [(str(item.first_day), str(item.last_day)) for item in documents],
            [("2026-03-01", "2026-03-31"), ("2026-04-01", "2026-04-30")],
        )
        self.assertEqual(set(documents.mapped("kind")), {"statement"})
        self.assertIn(documents[1]._get_portal_url(), response.url)
        for month in ("2026-05", "2025-12", "x", "", "2026-03-01"):
            response = self._post(f"{self.statement_url}/pdf", month=month)
            self.assertIn("Choose a month that is over.", self._text(response))
        # work that is logged late is on a new one
        self._debit(10, "2026-03-31")
        self._post(f"{self.statement_url}/pdf", month="2026-03")
        self.assertEqual(
            self.env["support.document"].search_count(
                [("ledger_id", "=", self.ledger.id)]
            ),
            3,
        )
        self.assertEqual(self.url_open(f"{self.statement_url}/pdf").status_code, 405)

    # ------------------------------------------------------------------
    # Use
    # ------------------------------------------------------------------

    def test_use_and_forecast(self):
        self.assertFalse(self._page(self.statement_url).xpath("//*[@id='use']"))
        self._debit(60, "2026-03-05")
        self._debit(180, "2026-04-01")
        self._debit(30, "2026-04-02")._reverse("Not his work")
        self._go_to("2026-04-10", 11)
        self._login(self.portal_user)
        page = self._page(self.statement_url)
        table = [
            [cell.text_content() for cell in row.xpath("th|td")]
            for row in page.xpath("//*[@id='use']//tbody/tr")
        ]
        self.assertEqual(len(table), 12)
        self.assertEqual(
            table[-2:], [["March 2026", "1:00 h"], ["April 2026", "3:00 h"]]
        )
        columns = page.xpath("//*[@class='o_support_column']/@style")
        self.assertEqual(columns[-2:], ["height: 33%", "height: 100%"])
        # 240 minutes in 90 days: 360 more last for 135 days
        self.assertEqual(
            self._text(page, "//*[@name='forecast']"),
            "At the average of the last 90 days, 1:20 h a month, the balance will be "
            "used up about 08/24/2026.",
        )

    def test_forecast_with_grants_to_come(self):
        contract = self._create_phone_contract(
            self.customer,
            type_id=self._create_type(
                allotments=[{"unit": "time", "quantity": 300, "recurrence": "month"}]
            ).id,
        )
        ledger = contract.ledger_ids
        ledger._debit(240, "work", self._day("2026-03-30"))
        self._go_to("2026-04-01", 11)
        self._login(self.portal_user)
        # nothing is left today, and five hours more come every month
        text = self._text(self._page(f"{contract.access_url}/ledgers/{ledger.id}"))
        self.assertIn("1:20 h a month, the balance will do until 12/31/2026", text)

    # ------------------------------------------------------------------
    # How many queries
    # ------------------------------------------------------------------

    def test_queries(self):
        """the same number after years"""
        url = f"{self.statement_url}?from=2026-01-01&to=2026-12-31"
        self._make_history(6, 6)
        few = self._count_queries(url)
        self._make_history(1000, 1000)
        many = self._count_queries(url)
        self.assertEqual(len(self._rows(self._page(url))), 30)
        self.assertLessEqual(many, few)
        self.assertLessEqual(many, 25)
