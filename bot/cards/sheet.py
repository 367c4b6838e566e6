"""The rows as an Excel sheet for the office.

Invariants: every cell is text, so no digit of a NIK is lost and nothing that begins with = + - @ is ever computed;
what the reader isn't sure of is coloured.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import xlsxwriter

from bot.cards import words
from bot.cards.row import KEYS, MAY_MISS, Row
from rules.card import SURE

MARK = "siaga read-cards"
"""The title in the file's properties, by which we know our own."""
WIDTH_MIN, WIDTH_MAX = 6, 60
"""Of a column, in characters."""
ROOM = 4
"""Characters beside the text: the button of the filter."""
DOUBTED, REFUSED = "#FFE699", "#F4B6B6"

FILE, NOTES, REASON = "Berkas", "Perlu diperiksa", "Ditolak karena"
HEADS = (FILE, *(words.TITLES[key] for key in KEYS), NOTES, REASON)

_CORE = "docProps/core.xml"
_CORE_BYTES_MAX = 100_000
_TIMES = re.compile(r"<dcterms:(?:created|modified)[^>]*>([^<]+)<")

_Cell = tuple[str, str | None]  # its text and its colour


def workbook(rows: Mapping[str, Row]) -> bytes:
    """An .xlsx file: a row a file, by name; the header stays in sight and has filters."""
    lines = [list(_cells(file, row)) for file, row in sorted(rows.items())]
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": MARK})
        # "@": stays text when somebody edits the cell; the prefix: stays text when it is copied
        plain = {"num_format": "@", "quote_prefix": True}
        formats = {None: book.add_format(plain)} | {
            colour: book.add_format({**plain, "bg_color": colour}) for colour in (DOUBTED, REFUSED)
        }
        sheet = book.add_worksheet("KTP")
        sheet.write_row(0, 0, HEADS, book.add_format({"bold": True, "bottom": 1}))
        for at, line in enumerate(lines, 1):
            for column, (text, colour) in enumerate(line):
                sheet.write_string(at, column, text, formats[colour])
        for column, head in enumerate(HEADS):
            longest = max([len(head), *(len(line[column][0]) for line in lines)])
            sheet.set_column(column, column, min(WIDTH_MAX, max(WIDTH_MIN, longest) + ROOM))
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(lines)), len(HEADS) - 1)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{len(lines) + 1}"})
    return file.getvalue()


def is_untouched(path: Path) -> bool:
    """Whether the file is one of ours that nobody has changed since: what people correct by hand isn't written over."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_CORE) as part:
            core = part.read(_CORE_BYTES_MAX).decode()
    except (zipfile.BadZipFile, zlib.error, KeyError, UnicodeDecodeError, NotImplementedError, RuntimeError):
        return False
    times = _TIMES.findall(core)
    return f">{MARK}<" in core and len(times) == 2 and times[0] == times[1]


def _cells(file: str, row: Row) -> Iterator[_Cell]:
    yield file, None
    for key in KEYS:
        yield row.fields.get(key) or "", DOUBTED if _is_doubted(row, key) else None
    yield words.flags(row.flags), None
    yield words.reason(row.rejected) if row.rejected else "", REFUSED if row.rejected else None


def _is_doubted(row: Row, key: str) -> bool:
    if row.rejected or (key in MAY_MISS and row.fields.get(key) is None):
        return False
    return row.confidence.get(key, 0.0) < SURE
