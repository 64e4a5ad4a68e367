# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files of counted activations: whatever people hand in is read or refused with a
code, never a crash."""

import calendar
import io
from datetime import date, datetime
from unittest import TestCase

import openpyxl
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from ..tools import activation_rows as rows

HEADER = ["Contract", "Counted", "Day"]


def xlsx(lines):
    output = io.BytesIO()
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(output)
    return output.getvalue()


class TestFiles(TestCase):
    def _refused(self, content):
        with self.assertRaises(rows.BadFile) as caught:
            rows.read_rows(content)
        return caught.exception.code

    def test_separators_and_encodings(self):
        expected = [(1, HEADER), (2, ["Caffè 1", "15", "2026-03-31"])]
        for separator in ";,\t":
            text = "\r\n".join(separator.join(cells) for _, cells in expected)
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
                with self.subTest(separator=separator, encoding=encoding):
                    found = rows.read_rows(text.encode(encoding))
                    self.assertEqual(found, expected)

    def test_separator_named_by_the_file(self):
        found = rows.read_rows(b"sep=;\nContract;Counted\nA,B;15\n")
        self.assertEqual(found, [(2, ["Contract", "Counted"]), (3, ["A,B", "15"])])

    def test_quotes_and_empty_lines(self):
        found = rows.read_rows(b'\n"A; B";Counted\n;;\n"two\nlines";3\n')
        self.assertEqual(found, [(2, ["A; B", "Counted"]), (4, ["two\nlines", "3"])])

    def test_spreadsheet(self):
        day = datetime(2026, 3, 31)
        content = xlsx([HEADER, ["SC1", 15, day], [], ["SC2", 3.5, "=1+1"]])
        found = rows.read_rows(content)
        self.assertEqual([line for line, _ in found], [1, 2, 4])
        self.assertEqual(found[1][1][:3], ["SC1", 15, day])
        self.assertIsInstance(found[2][1][2], rows.Formula)

    def test_what_is_no_file_of_counts(self):
        self.assertEqual(self._refused(b""), "empty")
        self.assertEqual(self._refused(b" \r\n\t "), "empty")
        self.assertEqual(self._refused(b";;;\n;;"), "empty")
        self.assertEqual(self._refused(b"\xd0\xcf\x11\xe0rest"), "old_excel")
        self.assertEqual(self._refused(b"PK\x03\x04 but no archive"), "unreadable")
        self.assertEqual(self._refused(b"a\x00b;c"), "encoding")
        self.assertEqual(self._refused(b"\x81\x8d;\x90"), "encoding")
        self.assertEqual(self._refused(b"\xff\xfea"), "encoding")
        self.assertEqual(self._refused(b'"' + b"x" * 200_000), "unreadable")

    def test_limits(self):
        self.assertEqual(self._refused(b"x" * (rows.MAX_BYTES + 1)), "too_large")
        self.assertEqual(self._refused(b"a;b\n" * (rows.MAX_ROWS + 2)), "too_many")
        self.assertEqual(
            len(rows.read_rows(b"a;b\n" * (rows.MAX_ROWS + 1))), rows.MAX_ROWS + 1
        )
        self.assertEqual(
            self._refused(b"a;b\n" + b"\n" * rows.MAX_LINES + b"c;d\n"), "too_many"
        )
        # a cell far down makes a small file with a great many rows
        output = io.BytesIO()
        with xlsxwriter.Workbook(output) as book:
            book.add_worksheet().write(1_000_000, 0, "far")
        self.assertEqual(self._refused(output.getvalue()), "too_many")

    def test_what_unpacks_to_too_much(self):
        output = io.BytesIO()
        with xlsxwriter.Workbook(output) as book:
            sheet = book.add_worksheet()
            for line in range(1700):
                sheet.write(line, 0, "x" * 32_000 + str(line))
        self.assertLess(len(output.getvalue()), rows.MAX_BYTES)
        self.assertEqual(self._refused(output.getvalue()), "too_large")

    def test_columns(self):
        labels = {"Contract": "contract", "Licence Key": "key", "Counted": "number"}
        self.assertEqual(
            rows.find_columns([" licence  KEY ", None, "counted", "Other"], labels),
            {"key": 0, "number": 2},
        )
        with self.assertRaises(rows.BadFile) as caught:
            rows.find_columns(["Counted", "COUNTED"], labels)
        self.assertEqual(caught.exception.code, "column_twice")

    @given(st.binary(max_size=300))
    @settings(max_examples=300, deadline=None)
    def test_any_bytes(self, content):
        for start in (b"", b"PK\x03\x04"):
            try:
                found = rows.read_rows(start + content)
            except rows.BadFile:
                continue
            self.assertTrue(all(cells for _, cells in found))


class TestValues(TestCase):
    def _refused(self, function, *values):
        with self.assertRaises(rows.BadValue) as caught:
            function(*values)
        return caught.exception.code

    def test_numbers(self):
        for value in (15, 15.0, "15", " 15 ", "0015"):
            self.assertEqual(rows.to_number(value), 15)
        self.assertEqual(rows.to_number(0), 0)
        for value, code in [
            ("", "no_number"),
            (None, "no_number"),
            (1.5, "not_whole"),
            ("1.5", "not_whole"),
            ("1,5", "not_whole"),
            ("1.000", "not_whole"),
            ("1e3", "not_whole"),
            ("٣", "not_whole"),
            (True, "not_whole"),
            (float("nan"), "not_whole"),
            (float("inf"), "not_whole"),
            ("+5", "not_whole"),
            (-1, "negative"),
            ("-3", "negative"),
            (rows.MAX_NUMBER + 1, "huge"),
            (1e30, "huge"),
            (1e300, "too_long"),
            ("9" * 150, "huge"),
            ("9" * 5000, "too_long"),
            (rows.Formula("=15"), "formula"),
            ("=15", "formula"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(self._refused(rows.to_number, value), code)

    def test_days(self):
        day = date(2026, 3, 4)
        for value in (
            day,
            datetime(2026, 3, 4),
            "2026-03-04",
            "2026-3-4",
            "2026-03-04 00:00:00",
            "04.03.2026",
            "4.3.2026",
            "04/03/2026",
            "04-03-2026",
        ):
            with self.subTest(value=value):
                self.assertEqual(rows.to_day(value), day)
        self.assertEqual(rows.to_day("03/04/2026", month_first=True), day)
        self.assertEqual(rows.to_day("04.03.2026", month_first=True), day)

    def test_days_that_do_not_exist(self):
        """dates that do not exist ("31/2020")"""
        for value, code in [
            ("31/2020", "not_a_day"),
            ("31.02.2026", "not_a_day"),
            ("2026-02-29", "not_a_day"),
            ("2026-13-01", "not_a_day"),
            ("31/12/20", "not_a_day"),
            ("4.3/2026", "not_a_day"),
            ("tomorrow", "not_a_day"),
            (46082, "not_a_day"),
            (46082.5, "not_a_day"),
            (True, "not_a_day"),
            ("", "no_day"),
            (None, "no_day"),
            ("1999-12-31", "long_ago"),
            ("01.03.0026", "long_ago"),
            (rows.Formula("=TODAY()"), "formula"),
        ]:
            with self.subTest(value=value):
                self.assertEqual(self._refused(rows.to_day, value), code)

    def test_texts(self):
        self.assertEqual(rows.to_text(" SC 1 "), "SC 1")
        self.assertEqual(rows.to_text(1234.0), "1234")
        self.assertEqual(rows.to_text(None), "")
        self.assertEqual(self._refused(rows.to_text, "x" * 201), "too_long")
        self.assertEqual(self._refused(rows.to_text, "=cmd|'/c'!A1"), "formula")

    @given(
        st.one_of(
            st.text(alphabet="0123456789./-", max_size=12),
            st.builds(
                "{1}{0}{2}{0}{3}".format,
                st.sampled_from("./-"),
                st.integers(0, 32),
                st.integers(0, 13),
                st.integers(1990, 2110),
            ),
        ),
    )
    @settings(max_examples=500, deadline=None)
    def test_only_days_that_exist(self, text):
        """against a slow model that takes the text apart with a calendar"""
        try:
            found = rows.to_day(text)
        except rows.BadValue:
            found = None
        self.assertEqual(found, slow_day(text))

    @given(st.dates(rows.FIRST_DAY, date(2100, 12, 31)), st.sampled_from("./-"))
    def test_written_days_are_read(self, day, separator):
        text = f"{day.day}{separator}{day.month}{separator}{day.year}"
        self.assertEqual(rows.to_day(text), day)

    @given(st.integers(-(10**9), 10**9))
    def test_whole_numbers(self, number):
        for value in (number, str(number), float(number)):
            if 0 <= number <= rows.MAX_NUMBER:
                self.assertEqual(rows.to_number(value), number)
            else:
                self._refused(rows.to_number, value)


def slow_day(text):
    for separator in "./-":
        parts = text.split(separator)
        if len(parts) != 3 or not all(part.isdigit() for part in parts):
            continue
        if separator == "-" and len(parts[0]) == 4:
            parts.reverse()
        day, month, year = map(int, parts)
        if len(parts[2]) != 4 or not all(len(part) <= 2 for part in parts[:2]):
            continue
        if 1 <= month <= 12 and 2000 <= year:
            if 1 <= day <= calendar.monthrange(year, month)[1]:
                return date(year, month, day)
    return None
