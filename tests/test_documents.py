# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Documents for customers: what each prints, made once, by a job."""

import io
from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger
from odoo.tools.pdf import PdfReader

from ..tools import day_names
from ..tools.frozen_html import without_fetches
from .common import SupportCommon


@tagged("post_install", "-at_install")
class TestDocuments(SupportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contract_type = cls._create_time_type(900, name="Annual hours")
        cls.contract = cls._create_contract(cls.contract_type)
        cls.partner = cls.contact
        cls.ledger = cls.contract.ledger_ids[:1]

    def _html(self, report, records, **data):
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, records.ids, data=data
        )
        return html.decode()

    def _ask_statement(self):
        return self.ledger._ask_statement(
            self.contract.date_start, self.contract.date_end, self.partner
        )

    def _print(self, document, **data):
        report, records = document._get_report()
        return self._html(report, records, **data)

    def _render(self, *failing):
        """The job, without the printing program."""

        def pdf(report, report_ref, res_ids=None, data=None):
            if report_ref in failing:
                raise ValueError("no printer")
            return b"%PDF-1.4", "pdf"

        reports = self.env.registry["ir.actions.report"]
        with (
            self.enter_registry_test_mode(),
            patch.object(reports, "_render_qweb_pdf", pdf),
            mute_logger("odoo.addons.support_contract.models.support_job_mixin"),
        ):
            job = self.env.ref("support_contract.ir_cron_documents")
            job.method_direct_trigger()
        self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What is printed
    # ------------------------------------------------------------------

    def test_offer_becomes_contract(self):
        offer = self._create_contract(self.contract_type, activate=False)
        self.assertEqual(offer._get_document_values()["title"], "Offer")
        values = self.contract._get_document_values()
        self.assertEqual(values["title"], "Support contract")
        titles = [title for title, _lines in values["sections"]]
        for title in ("Included", "What we promise", "Term", "Renewal", "People"):
            self.assertIn(title, titles)

    def test_changed_terms_make_a_new_contract(self):
        first = self.contract._ask_document(self.partner)
        self.assertEqual(self.contract._ask_document(self.partner), first)
        self.contract_type.sudo().description = "<p>New words</p>"
        self.assertNotEqual(self.contract._ask_document(self.partner), first)

    def test_support_code_is_not_for_all_of_the_customer(self):
        """the portal's document is read by those who may not ask for help too"""
        self.env["ir.actions.report"].flush_model()
        code = "7777 8888"
        contracts = self.env.registry["support.contract"]
        with patch.object(contracts, "_get_offer_support_code", lambda self: code):
            report = "support_contract.report_support_contract_offer"
            self.assertIn(code, self._html(report, self.contract))
            self.assertNotIn(
                code, self._html(report, self.contract, document_lang="en_US")
            )

    def test_conditions_are_an_annex_with_their_own_signature(self):
        conditions = self.env["support.conditions"].create(
            {"name": "Our conditions", "body": "<p>Paragraph one</p>"}
        )
        contract = self._create_contract(self.contract_type, activate=False)
        contract.conditions_id = conditions
        html = self._html("support_contract.report_support_contract_offer", contract)
        self.assertIn("Paragraph one", html)
        self.assertIn("page-break-before: always", html)
        self.assertEqual(html.count('name="signatures"'), 2)

    def test_statement_is_the_ledgers(self):
        html = self._print(self._ask_statement())
        self.assertIn("Statement", html)
        self.assertIn("15:00 h", html)
        self.assertNotIn('name="signatures"', html)

    def test_sample_is_for_nobody(self):
        document = self.contract_type._ask_sample("en_US", self.partner)
        self.assertEqual(self.contract_type._ask_sample("en_US"), document)
        self.assertFalse(document.commercial_partner_id)
        html = self._print(document)
        self.assertIn("data:image/svg+xml;base64,", html)
        self.assertIn("Sample contract", html)
        self.assertIn("15:00 h in each term.", html)
        self.assertNotIn(self.customer.name, html)
        self.contract_type.first_term_months = 24
        self.assertNotEqual(self.contract_type._ask_sample("en_US"), document)

    def test_days_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("hu_HU")
        document = self.ledger.with_context(lang="hu_HU")._ask_statement(
            self.contract.date_start, self.contract.date_end, self.partner
        )
        self.assertEqual(document.lang, "hu_HU")
        html = self._print(document)
        self.assertIn(self.contract.date_start.strftime("%Y.%m.%d"), html)

    def test_nothing_is_fetched(self):
        """trust.md, rule 11"""
        text = (
            '<p>Words<img src="http://inner.example/x.png"></p>'
            '<div style="background:url(http://inner.example/y)">More</div>'
            '<img src="data:image/png;base64,AAAA">'
        )
        printed = without_fetches(text)
        self.assertNotIn("inner.example", printed)
        for kept in ("Words", "More", "data:image/png"):
            self.assertIn(kept, printed)
        self.contract_type.sudo().description = text
        html = self._html(
            "support_contract.report_support_contract_offer", self.contract
        )
        self.assertNotIn("inner.example", html)

    def test_hours_are_a_table(self):
        office = self.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "Europe/Rome",
                "company_id": self.company.id,
                "attendance_ids": [Command.clear()]
                + [
                    Command.create(
                        {
                            "name": "Hours",
                            "dayofweek": str(day),
                            "hour_from": first,
                            "hour_to": last,
                        }
                    )
                    for day in range(5)
                    for first, last in ((9, 13), (14, 18))
                ],
            }
        )
        self.contract_type.coverage_ids = [Command.create({"calendar_id": office.id})]
        contract = self._create_contract(self.contract_type, activate=False)
        table = contract._get_hours_table()
        self.assertEqual(table["columns"], ["Our hours"])
        days = [
            [text.replace("\u202f", " ") for text in row[1][0]] for row in table["rows"]
        ]
        self.assertEqual(days, [["9:00 AM–1:00 PM", "2:00 PM–6:00 PM"]] * 5 + [[], []])
        self.assertEqual([row[0] for row in table["rows"]][::6], ["Monday", "Sunday"])
        self.assertEqual(
            table["notes"],
            [
                "All times are those of Europe/Rome.",
                "These hours apply on public holidays, too.",
            ],
        )
        for html in (
            self._html("support_contract.report_support_contract_offer", contract),
            contract._get_sign_text("contract"),
        ):
            self.assertIn("Sunday", html)
            self.assertNotIn("Monday to Friday", html)
        # the sentence stays where there is no room for a table
        self.assertIn("Monday to Friday", str(contract.promises))
        # one hour of one channel, others of all others
        channel = self.env["helpdesk.ticket.channel"].create({"name": "Telex"})
        night = office.copy({"name": "Night", "tz": "UTC"})
        contract.coverage_ids = [
            Command.create({"calendar_id": night.id, "channel_id": channel.id})
        ]
        table = contract._get_hours_table()
        self.assertEqual(table["columns"], ["Telex", "all other channels"])
        self.assertIn("Telex: all times are those of UTC.", table["notes"])

    def test_headings_stay_with_their_text(self):
        printed = without_fetches("<h3>One</h3> <p>First</p>and<h3>Two</h3>")
        self.assertEqual(
            printed,
            '<div style="page-break-inside: avoid"><h3>One</h3><p>First</p></div>and'
            "<h3>Two</h3>",
        )

    def test_every_row_can_begin_a_page(self):
        """the head of a table is on top of every page, and no row is cut"""
        self._log_work(self._create_ticket(), 30, mode=self.remote)
        document = self._ask_statement()
        rows = document._get_statement_values()["rows"]
        self.assertGreater(len(rows), 1)
        html = self._print(document)
        self.assertEqual(html.count('class="o_support_row_head"'), len(rows))

    def test_days_and_months_in_words(self):
        day = date(2026, 4, 13)
        for code, weekday, month in (
            ("en_US", "Monday 13 April", "April 2026"),
            ("it_IT", "lunedì 13 aprile", "aprile 2026"),
            ("pl_PL", "poniedziałek, 13 kwietnia", "kwiecień 2026"),
            ("hu_HU", "április 13., hétfő", "2026. április"),
        ):
            self.assertEqual(day_names.format_weekday(day, code), weekday)
            self.assertEqual(day_names.format_month(day, code), month)
        for code, text in (
            ("en_US", "Monday 13 April 2026"),
            ("hu_HU", "2026. április 13., hétfő"),
        ):
            self.assertEqual(day_names.format_weekday(day, code, True), text)

    def test_only_managers_try_again(self):
        document = self._ask_statement()
        document.with_user(self.manager).action_retry()
        with self.assertRaises(AccessError):
            document.with_user(self.contract_user).action_retry()

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    def test_one_that_fails_waits_and_others_go_on(self):
        bad = self._ask_statement()
        good = self.contract_type._ask_sample("en_US")
        failing = "support_contract.report_ledger_statement"
        self._render(failing)
        self.assertEqual(bad.state, "waiting")
        self.assertIn("no printer", bad.job_error)
        self.assertFalse(bad.attachment_id)
        self.assertEqual(good.state, "ready")
        self._render()
        self.assertEqual(bad.state, "ready")
        self.assertFalse(bad.job_error)

    def _ask_each(self):
        """A document of every kind that changes with what it prints."""
        return {
            "contract": self.contract._ask_document(self.partner),
            "sample": self.contract_type._ask_sample("en_US", self.partner),
            "comparison": self.contract_type._ask_comparison(
                self.company, self.partner, "en_US"
            ),
            "statement": self._ask_statement(),
            "intervention": self.work._ask_sheet(self.portal_user),
        }

    def test_found_again_once_it_is_made(self):
        self.work = self._log_work(self._create_ticket(), 30, mode=self.remote)
        documents = self._ask_each()
        keys = {kind: document.key for kind, document in documents.items()}
        self._render()
        for kind, document in documents.items():
            self.assertEqual((document.kind, document.state), (kind, "ready"))
            self.assertEqual(document.key, keys[kind])
        self.assertEqual(self._ask_each(), documents)

    def test_changed_before_it_is_made(self):
        """what is kept under a key is what the key says"""
        self.work = self._log_work(self._create_ticket(), 30, mode=self.remote)
        before = self._ask_each()
        keys = {kind: document.key for kind, document in before.items()}
        self.contract_type.sudo().first_term_months = 24
        self.contract_type.sudo().description = "<p>New words</p>"
        self._log_work(self._create_ticket(), 15, mode=self.remote)
        self.customer.street = "New Street 1"
        self._render()
        for kind, document in before.items():
            self.assertEqual(document.state, "ready")
            self.assertNotEqual(document.key, keys[kind], kind)
        # found again under what they say
        self.assertEqual(self._ask_each(), before)
        # and not under what they would have said
        self.contract_type.sudo().description = False
        again = self._ask_each()
        self.assertNotEqual(again["contract"], before["contract"])

    def test_changed_into_another_one(self):
        """two that say the same: both are made, the first one is found"""
        first = self.contract._ask_document(self.partner)
        self.contract_type.sudo().description = "<p>New words</p>"
        second = self.contract._ask_document(self.partner)
        self.assertNotEqual(first, second)
        self._render()
        self.assertEqual((first | second).mapped("state"), ["ready", "ready"])
        self.assertEqual(self.contract._ask_document(self.partner), second)

    def test_told_once(self):
        self.partner.email = "anna@alpha.example.com"
        document = self._ask_statement()
        self.assertEqual(self._ask_statement(), document)
        documents = self.env.registry["support.document"]
        told = []
        with patch.object(
            documents, "_tell_ready", lambda document: told.append(document.id)
        ):
            self._render()
            self._render()
        self.assertEqual(told, [document.id])
        self.assertEqual(document.partner_ids, self.partner)


@tagged("post_install", "-at_install")
class TestPrinted(HttpCase, SupportCommon):
    """One real document, by the printing program, with the style sheets and fonts that
    the server gives it."""

    def test_text_can_be_searched(self):
        self.env["ir.config_parameter"].set_param("report.url", self.base_url())
        document = self._create_time_type(900, name="Annual hours")._ask_sample("en_US")
        document.with_context(force_report_rendering=True)._render()
        self.assertEqual(document.state, "ready")
        raw = document.attachment_id.raw
        [page] = PdfReader(io.BytesIO(raw)).pages
        self.assertIn("Annual hours", " ".join(page.extract_text().split()))
        self.assertLess(len(raw), 200_000)
