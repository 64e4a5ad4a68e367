# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Counted activations as they come out of a file: CSV or XLSX, one row for each count.

Plain functions from bytes to values. What is wrong is raised as a code with
parameters, so that whoever asks can put it into the reader's language. A day is a
local date; nothing here knows a time zone.
"""

import csv
import io
import re
import zipfile
from datetime import date, datetime, time

import openpyxl

#: a file may have this much, else it is refused as a whole
MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_ROWS = 10_000
MAX_LINES = 100_000
MAX_COLUMNS = 50
MAX_TEXT = 200

#: more activations than any customer has: a slip of the finger
MAX_NUMBER = 1_000_000

#: no licence was counted before; "01.03.0026" is a slip of the finger
FIRST_DAY = date(2000, 1, 1)

SEPARATORS = ";,\t"

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]00:00(?::00)?)?", re.ASCII)
_LOCAL_DAY = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})", re.ASCII)
_WHOLE = re.compile(r"-?\d+", re.ASCII)


class BadFile(ValueError):
    """The file as a whole cannot be read: ``code`` and what it is about."""

    def __init__(self, code, **params):
        super().__init__(code)
        self.code = code
        self.params = params


class BadValue(ValueError):
    """A value that is not what its column asks for: ``code`` and the text."""

    def __init__(self, code, value=""):
        super().__init__(code)
        self.code = code
        self.value = str(value)[:MAX_TEXT]


class Formula(str):
    """What a spreadsheet would calculate: never taken for a value."""

    __slots__ = ()


def read_rows(content):
    """The rows of a CSV or XLSX file that are not empty: ``[(line, [cell, ...]),
    ...]``, lines counted from 1 as people see them.

    :param bytes content: the file
    :raise BadFile: if it is empty, too large, or neither CSV nor XLSX
    """
    if not content.strip():
        raise BadFile("empty")
    if len(content) > MAX_BYTES:
        raise BadFile("too_large", limit=MAX_BYTES // 1024 // 1024)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile("old_excel")
    lines = _read_xlsx if content.startswith(b"PK\x03\x04") else _read_csv
    rows = []
    for line, cells in enumerate(lines(content), start=1):
        if line > MAX_LINES:
            raise BadFile("too_many", limit=MAX_ROWS)
        if any(cell not in (None, "") for cell in cells):
            rows.append((line, cells))
            if len(rows) > MAX_ROWS + 1:  # and the header
                raise BadFile("too_many", limit=MAX_ROWS)
    if not rows:
        raise BadFile("empty")
    return rows


def find_columns(cells, labels):
    """Which column holds what.

    :param list cells: the header
    :param dict labels: ``{label as people may write it: name}``
    :return: ``{name: position}``; columns with other labels are left out
    :raise BadFile: if two columns hold the same
    """
    names = {_fold(label): name for label, name in labels.items()}
    columns = {}
    for position, cell in enumerate(cells):
        name = names.get(_fold(str(cell or "")))
        if not name:
            continue
        if name in columns:
            raise BadFile("column_twice", label=str(cell).strip())
        columns[name] = position
    return columns


def to_text(value):
    """A cell as text: a whole number without decimals, blanks around it taken off.

    :raise BadValue: for a formula, or more text than any of this has
    """
    if value is None or value is False:
        return ""
    if isinstance(value, Formula):
        raise BadValue("formula", value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).strip()
    if len(text) > MAX_TEXT:
        raise BadValue("too_long", text)
    if text.startswith("="):
        raise BadValue("formula", text)
    return text


def to_number(value):
    """A whole number from 0 up to :data:`MAX_NUMBER`.

    :raise BadValue: for everything else, ``1.5`` and ``1.000`` too
    """
    if isinstance(value, bool):
        raise BadValue("not_whole", value)
    if isinstance(value, float) and value != value // 1:  # also not-a-number
        raise BadValue("not_whole", value)
    text = to_text(value)
    if not text:
        raise BadValue("no_number")
    if not _WHOLE.fullmatch(text):
        raise BadValue("not_whole", text)
    if text.startswith("-"):
        raise BadValue("negative", text)
    # Python refuses to read thousands of digits, so look at their number first
    if len(text.lstrip("0")) > len(str(MAX_NUMBER)) or int(text) > MAX_NUMBER:
        raise BadValue("huge", text)
    return int(text)


def to_day(value, month_first=False):
    """A day: a date of a spreadsheet, ``2026-03-31``, or ``31.03.2026`` and
    ``31/03/2026``.

    :param bool month_first: whether ``03/31/2026`` is written with slashes
    :raise BadValue: for days that do not exist (``31/2020``, ``31.02.2026``) and
        those before :data:`FIRST_DAY`
    """
    if isinstance(value, datetime):
        value = value.date()
    if not isinstance(value, date):
        if isinstance(value, (bool, int, float, time)):
            raise BadValue("not_a_day", value)
        value = _parse_day(to_text(value), month_first)
    if value < FIRST_DAY:
        raise BadValue("long_ago", value.isoformat())
    return value


def _parse_day(text, month_first):
    if not text:
        raise BadValue("no_day")
    if match := _ISO_DAY.fullmatch(text):
        year, month, day = match.groups()
    elif match := _LOCAL_DAY.fullmatch(text):
        day, separator, month, year = match.groups()
        if month_first and separator == "/":
            day, month = month, day
    else:
        raise BadValue("not_a_day", text)
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise BadValue("not_a_day", text) from error


def _fold(label):
    return " ".join(label.replace("_", " ").split()).casefold()


def _read_csv(content):
    text = _decode(content)
    separator = None
    first, _, rest = text.partition("\n")
    if re.fullmatch(rf"sep=[{SEPARATORS}]\r?", first, re.IGNORECASE):
        separator, text = first[4], "\n" + rest  # the line still counts
    separator = separator or _find_separator(text)
    try:
        yield from csv.reader(
            io.StringIO(text, newline=""), delimiter=separator, strict=True
        )
    except csv.Error as error:
        raise BadFile("unreadable") from error


def _decode(content):
    """UTF-8, UTF-16 with its mark, or what older spreadsheets of Europe write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\x00-\x08\x0e-\x1f]", text):
            break
        return text
    raise BadFile("encoding")


def _find_separator(text):
    """The separator that makes the most columns of the first line with text."""
    first = next((line for line in text.splitlines() if line.strip()), "")

    def count(separator):
        try:
            return len(next(csv.reader([first], delimiter=separator)))
        except (csv.Error, StopIteration):
            return 0

    return max(SEPARATORS, key=count)


def _read_xlsx(content):
    """The cells of the first sheet. The packed size says nothing about what comes out
    of it, so the unpacked one is looked at first."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MAX_UNPACKED:
            raise BadFile("too_large", limit=MAX_BYTES // 1024 // 1024)
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, keep_links=False
        )
        sheet = book.worksheets[0]
        # what the file says about its own size need not be true
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=MAX_COLUMNS):
            yield [_get_cell(cell) for cell in row]
    except BadFile:
        raise
    except Exception as error:  # pylint: disable=broad-except
        # whatever the library stumbles over, the file is not a spreadsheet
        raise BadFile("unreadable") from error


def _get_cell(cell):
    if cell.data_type == "f":
        return Formula(cell.value)
    return cell.value
