# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Counted activations from files, as licence servers and people write them."""

import base64
import io
from datetime import datetime

import openpyxl
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .test_activation import ActivationCommon

HEADER = "Contract;Customer;Installation;Licence Key;Counted;Day"


@tagged("post_install", "-at_install")
class TestImport(ActivationCommon):
    def setUp(self):
        super().setUp()
        self.contract = self._run()
        self.other = self._run(partner=self.other_customer)
        self.customer.write({"ref": "C-77", "vat": "IT12345670017"})
        self.enterContext(freeze_time("2026-03-10 10:00:00"))

    def _wizard(self, content, user=None, filename="counts.csv"):
        if isinstance(content, str):
            content = content.encode()
        return (
            self.env["support.activation.import"]
            .with_user(user or self.contract_user)
            .create({"file": base64.b64encode(content), "filename": filename})
        )

    def _csv(self, *rows, header=HEADER):
        return "\n".join([header, *(";".join(row) for row in rows)])

    def _xlsx(self, *rows):
        output = io.BytesIO()
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(output)
        return output.getvalue()

    def _read_xlsx(self, wizard):
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.xlsx))).active
        return [list(row) for row in sheet.iter_rows(values_only=True)]

    def _reasons(self, wizard):
        return {
            line.line: line.reason for line in wizard.line_ids if line.state == "bad"
        }

    def _name(self, number="15", day="2026-03-01", **texts):
        """A row of the file, by default of the first contract."""
        row = {"contract": self.contract.name, "customer": "", "installation": ""}
        row |= {"licence_key": ""} | texts | {"number": number, "day": day}
        return list(row.values())

    def test_good_rows_are_kept_and_bad_ones_reported(self):
        """dates that do not exist ("31/2020"): refused on input and on import with
        the row and the reason; the other rows are imported"""
        terminated = self._run(partner=self._create_customer("Gamma"))
        terminated._change_state("terminated", self._day("2026-03-01"), "Left")
        wizard = self._wizard(
            self._csv(
                self._name(),
                self._name(contract=self.other.name, number="11", day="05.03.2026"),
                self._name(day="31/2020"),
                self._name(day="31.02.2026"),
                self._name(number="1.5"),
                self._name(number="-3"),
                self._name(number="1000001"),
                self._name(number=""),
                self._name(day=""),
                self._name(day="2026-03-11"),
                self._name(contract="SC99999"),
                self._name(contract=""),
                self._name(number="16"),
                self._name(number="=15"),
                self._name(contract="=HYPERLINK(1)"),
                self._name(contract=terminated.name),
                self._name(customer="nobody"),
                self._name(contract=self.other.name, customer="C-77"),
                self._name(installation="None of his"),
            )
        )
        wizard.action_preview()
        self.assertEqual(wizard.state, "preview")
        self.assertEqual((wizard.good_count, wizard.bad_count), (2, 17))
        reasons = self._reasons(wizard)
        for line, text in {
            4: "“31/2020” is not a day that exists",
            5: "“31.02.2026” is not a day that exists",
            6: "“1.5” is not a whole number",
            7: "cannot be negative",
            8: "more than 1000000",
            9: "number is missing",
            10: "day is missing",
            11: "future",
            12: "no contract “SC99999”",
            13: "Name the contract or the customer",
            14: "Row 2 counts the same on this day already",
            15: "formula",
            16: "formula",
            17: "is over",
            18: "“nobody” is not the reference or VAT number",
            19: "is not one of Alpha",
            20: "no installation “None of his”",
        }.items():
            self.assertIn(text, reasons[line])
        self.assertEqual(self.contract.activations_counted, 12, "only looked at")
        wizard.action_import()
        self.assertEqual((wizard.state, wizard.good_count), ("done", 2))
        self.assertEqual(self.contract.activations_counted, 15)
        self.assertEqual(str(self.other.activations_counted_on), "2026-03-05")
        count = self.contract.activation_count_ids.sorted("id")[-1]
        self.assertEqual((count.source, count.user_id), ("import", self.contract_user))

    def test_refused_rows_are_given_back(self):
        wizard = self._wizard(
            self._csv(
                self._name(),
                self._name(number="many"),
                self._name(contract="=HYPERLINK(1)", day="31/2020"),
            )
        )
        wizard.action_import()
        action = wizard.action_download_refused()
        self.assertIn(f"/{wizard.id}/xlsx", action["url"])
        rows = self._read_xlsx(wizard)
        self.assertEqual(rows[0], ["Contract", "Counted", "Day", "Row", "Reason"])
        self.assertEqual(rows[1][:4], [self.contract.name, "many", "2026-03-01", 3])
        self.assertIn("not a whole number", rows[1][4])
        self.assertEqual(rows[2][0], "=HYPERLINK(1)")
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(wizard.xlsx)))
        self.assertEqual(sheet.active["A3"].data_type, "s", "no formula any more")
        # corrected, it is imported as it is
        rows[1][1] = 18
        again = self._wizard(self._xlsx(*rows[:2]))
        again.action_import()
        self.assertEqual((again.good_count, again.bad_count), (1, 0))

    def test_the_same_file_twice_counts_once(self):
        content = self._csv(self._name(), self._name(contract=self.other.name))
        for expected in ((2, 0), (0, 2)):
            wizard = self._wizard(content)
            wizard.action_import()
            self.assertEqual((wizard.good_count, wizard.known_count), expected)
        self.assertEqual(len(self.contract.activation_count_ids), 2)

    def test_spreadsheet(self):
        wizard = self._wizard(
            self._xlsx(
                ["day", "LICENCE  key", "number", "contract", "Remark"],
                [datetime(2026, 3, 1), None, 15, self.contract.name, "x"],
                [46082, None, 15, self.contract.name],
                [datetime(2026, 3, 2), None, "=5+5", self.contract.name],
                [],
                [datetime(2026, 3, 2), None, 2.5, self.contract.name],
            )
        )
        wizard.action_preview()
        self.assertEqual(
            wizard.line_ids.mapped(lambda line: (line.line, line.state)),
            [(2, "good"), (3, "bad"), (4, "bad"), (6, "bad")],
        )
        self.assertIn("formula", self._reasons(wizard)[4])
        self.assertEqual(str(wizard.line_ids[0].day), "2026-03-01")

    def test_a_customer_instead_of_a_contract(self):
        rows = [
            self._name(contract="", customer="C-77"),
            self._name(contract="", customer="it 123.456-70017", day="2026-03-02"),
        ]
        wizard = self._wizard(self._csv(*rows))
        wizard.action_preview()
        self.assertEqual(self._reasons(wizard), {})
        self.assertEqual(wizard.line_ids.contract_id, self.contract)
        second = self._run()
        wizard.action_preview()
        self.assertIn("has 2 contracts", self._reasons(wizard)[2])
        second._change_state("terminated", self._day("2026-03-10"), "Left")
        wizard.action_preview()
        self.assertEqual(self._reasons(wizard), {})
        self.other_customer.ref = "C-77"
        wizard.action_preview()
        self.assertIn("exactly one customer", self._reasons(wizard)[2])
        # a contact with the same number is the same customer
        self.other_customer.ref = False
        self.contact.ref = "C-77"
        wizard.action_preview()
        self.assertEqual(self._reasons(wizard), {})
        self.contract._change_state("terminated", self._day("2026-03-10"), "Left")
        wizard.action_preview()
        self.assertIn("has no contract by activations", self._reasons(wizard)[2])

    def test_installations_by_name_and_key(self):
        one = self._install(name="Office", licence_key="K-1")
        two = self._install(name="Office", licence_key="K-2")
        other = self._install(self.other_customer, name="Shop", licence_key="K-3")
        one.contract_id = self.contract
        wizard = self._wizard(
            self._csv(
                self._name(licence_key="K-1"),
                self._name(contract="", licence_key="K-1", day="2026-03-02"),
                self._name(contract="", licence_key="K-2"),
                self._name(installation="Office", licence_key="K-2", day="2026-03-02"),
                self._name(installation="Office"),
                self._name(installation="Shop"),
                self._name(licence_key="K-3"),
                self._name(contract=self.other.name, installation="Shop"),
                self._name(licence_key="K-9"),
            )
        )
        wizard.action_preview()
        reasons = self._reasons(wizard)
        self.assertEqual(sorted(reasons), [6, 7, 8, 10])
        self.assertIn("several installations", reasons[6])
        self.assertIn("no installation", reasons[7])
        self.assertEqual(
            wizard.line_ids.filtered(lambda line: line.state == "good").mapped(
                "installation_id"
            ),
            one | two | other,
        )
        wizard.action_import()
        self.assertEqual(one.activations_counted, 15)
        second = self._run()
        wizard = self._wizard(
            self._csv(self._name(contract=second.name, licence_key="K-1"))
        )
        wizard.action_preview()
        self.assertIn("covered by contract", self._reasons(wizard)[2])

    def test_another_company(self):
        """a contract of another company"""
        company = self.env["res.company"].create({"name": "Other vendor"})
        self.contract_user.company_ids |= company
        wizard = self._wizard(self._csv(self._name()))
        both = (company | self.company).ids
        wizard = wizard.with_context(allowed_company_ids=both)
        wizard.action_preview()
        self.assertIn("belongs to another company", self._reasons(wizard)[2])
        wizard = wizard.with_context(allowed_company_ids=company.ids)
        wizard.action_preview()
        self.assertIn("There is no contract", self._reasons(wizard)[2])

    def test_files_that_cannot_be_read(self):
        name = self.contract.name
        for content, text in [
            (b" \n ", "empty"),
            (b"Contract;Counted;Day\n", "no row below"),
            (f"{name};15;2026-03-01\n{name};16;2026-03-02", "Missing: Contract"),
            ("Contract;Day\nx;y", "Missing: Counted"),
            ("Installation;Counted;Day\nx;1;2026-01-01", "Missing: Contract"),
            ("Contract;Counted;counted;Day\nx;1;1;2026-01-01", "two columns"),
            (b"PK\x03\x04rest", "neither a CSV nor an XLSX"),
            (b"\xd0\xcf\x11\xe0rest", "old Excel"),
            (b"Contract;Counted\x00;Day\n", "save the file as CSV in UTF-8"),
            ("Contract;Counted;Day\n" + "x;1;2\n" * 10_001, "too many rows"),
            (b"x" * (5 * 1024 * 1024 + 1), "too large"),
        ]:
            with self.subTest(text=text):
                wizard = self._wizard(content)
                wizard.action_preview()
                self.assertEqual(wizard.state, "file")
                self.assertIn(text, wizard.problem)
                self.assertFalse(wizard.line_ids)
                with self.assertRaisesRegex(UserError, text):
                    wizard.action_import()
        with self.assertRaisesRegex(UserError, "Choose a file"):
            self.env["support.activation.import"].create({}).action_import()

    def test_separators_and_encodings(self):
        self.customer.ref = "Caffè-1"
        for separator, encoding in (",", "utf-8"), (";", "cp1252"), ("\t", "utf-16"):
            with self.subTest(separator=separator):
                rows = [["Customer", "Counted", "Day"], ["Caffè-1", "15", "01.03.2026"]]
                text = "\r\n".join(separator.join(row) for row in rows)
                wizard = self._wizard(text.encode(encoding))
                wizard.action_preview()
                self.assertEqual(self._reasons(wizard), {})

    def test_slashes_follow_the_language(self):
        content = self._csv(self._name(day="03/02/2026"))
        for language, day in (("en_US", "2026-03-02"), ("it_IT", "2026-02-03")):
            self.env["res.lang"]._activate_lang(language)
            self.contract_user.lang = language
            wizard = self._wizard(content)
            wizard.action_preview()
            self.assertEqual(str(wizard.line_ids.day), day)

    def test_template(self):
        wizard = self.env["support.activation.import"].with_user(self.contract_user)
        wizard = wizard.create({})
        wizard.action_download_template()
        [header] = self._read_xlsx(wizard)
        row = [self.contract.name, None, None, None, 15, datetime(2026, 3, 1)]
        filled = self._wizard(self._xlsx(header, row))
        filled.action_import()
        self.assertEqual(filled.good_count, 1)

    def test_only_contract_users_and_only_their_own(self):
        wizard = self._wizard(self._csv(self._name()))
        wizard.action_preview()
        with self.assertRaises(AccessError):
            self._wizard(b"x", user=self.technician)
        for record in (wizard, wizard.line_ids):
            with self.assertRaises(AccessError):
                record.with_user(self.manager).read(["display_name"])
        with self.assertRaises(AccessError):
            wizard.line_ids[0].with_user(self.contract_user).write({"number": 99})

    def test_another_file(self):
        wizard = self._wizard(self._csv(self._name(number="x")))
        wizard.action_preview()
        wizard.action_back()
        self.assertFalse(wizard.line_ids)
        self.assertEqual(wizard.state, "file")

    def test_queries_do_not_grow_with_the_rows(self):
        customers = [self._create_customer(f"Shop {number}") for number in range(20)]
        contracts = [self._run(partner=customer) for customer in customers]

        def count(contracts):
            wizard = self._wizard(
                self._csv(*(self._name(contract=item.name) for item in contracts))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard.action_preview()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(contracts[:2])
        self.assertLessEqual(count(contracts[2:]), count(contracts[:2]) + 2)

    def test_languages_name_the_columns(self):
        self.assertEqual(
            set(self.env["support.activation.count"]._get_known_labels().values()),
            {"contract", "customer", "installation", "licence_key", "number", "day"},
        )
        self.contract_user.company_ids = [Command.set(self.company.ids)]
        wizard = self._wizard(
            self._csv(self._name(), header="contract;customer;x;y;number;day")
        )
        wizard.action_preview()
        self.assertEqual(wizard.good_count, 1)
