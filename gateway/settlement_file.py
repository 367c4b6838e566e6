"""A bank's settlement file: CSV, a line of titles, then a line for each payment of a day.

The columns, in any order: trxDateTime (ISO 8601 with zone), channel (va or qris), billNo (the virtual account, or our
reference of the QR code), paymentRequestId (the bank's id of the payment), referenceNo (on the payer's receipt), amount
and fee (rupiah with two decimals, "33600.00"). Others are passed over. Invariant: a line that is broken is reported
with its number and harms no other; a report holds nothing of the line.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from gateway.signing import aware
from gateway.snap_wire import rupiah
from rules.bank import Kind
from rules.money import Rupiah
from rules.settlement import Settled

COLUMNS = ("trxDateTime", "channel", "billNo", "paymentRequestId", "referenceNo", "amount", "fee")
FILE_BYTES_MAX = 20_000_000
ROWS_MAX = 200_000
YEARS = range(2020, 2100)
KINDS: dict[str, Kind] = {"va": "va", "qris": "qris"}
_TEXT = re.compile(r"[!-~]{1,128}")


class Broken(Struct, frozen=True):
    """A line that can't be read, counted from 1 with the titles, and the column or the reason in Indonesian."""

    line: int
    why: str


class SettlementFile(Struct, frozen=True):
    """The rows that can be read, in order, and the lines that can't."""

    rows: tuple[Settled, ...]
    broken: tuple[Broken, ...] = ()


class NotAFile(Struct, frozen=True):
    """Nothing of it can be read. `why`: in Indonesian."""

    why: str


def read(content: bytes) -> SettlementFile | NotAFile:
    """The file, line by line."""
    if len(content) > FILE_BYTES_MAX:
        return NotAFile(f"lebih dari {FILE_BYTES_MAX} byte")
    lines = content.decode("utf-8-sig", "replace").splitlines()
    titles = _cells(lines[0]) if lines else None
    missing = [one for one in COLUMNS if titles is None or one not in titles]
    if titles is None or missing:
        return NotAFile(f"baris pertamanya tanpa kolom {', '.join(missing)}")
    if len(lines) > ROWS_MAX + 1:
        return NotAFile(f"lebih dari {ROWS_MAX} baris")
    rows: list[Settled] = []
    broken: list[Broken] = []
    for number, line in enumerate(lines[1:], 2):
        row = _row(titles, line) if line.strip() else None
        if isinstance(row, Settled):
            rows.append(row)
        elif row is not None:
            broken.append(Broken(number, row))
    return SettlementFile(tuple(rows), tuple(broken))


def _row(titles: list[str], line: str) -> Settled | str:
    """The row, or the column that is wrong."""
    cells = _cells(line)
    if cells is None or len(cells) != len(titles):
        return "jumlah isinya tidak sama dengan jumlah kolom"
    named = dict(zip(titles, (cell.strip() for cell in cells), strict=True))
    kind, at = KINDS.get(named["channel"].lower()), _time(named["trxDateTime"])
    amount, fee = rupiah(named["amount"]), rupiah(named["fee"])
    if kind is None or at is None or amount is None or fee is None or not amount:
        return _first_wrong(kind, at, amount, fee)
    texts = _texts(named)
    return texts if isinstance(texts, str) else Settled(at, kind, *texts, amount, fee)


def _time(text: str) -> datetime | None:
    """None also for what stands where a time is missing, such as the year 1 or 9999."""
    at = aware(text)
    return at if at is not None and at.year in YEARS else None


def _first_wrong(kind: Kind | None, at: datetime | None, amount: Rupiah | None, fee: Rupiah | None) -> str:
    if at is None:
        return "trxDateTime"
    if kind is None:
        return "channel"
    return "fee" if amount and fee is None else "amount"


def _texts(named: Mapping[str, str]) -> tuple[str, str, str] | str:
    """Number, request and reference; or the column that is wrong."""
    for column in ("billNo", "paymentRequestId", "referenceNo"):
        if _TEXT.fullmatch(named[column]) is None:
            return column
    return named["billNo"], named["paymentRequestId"], named["referenceNo"]


def _cells(line: str) -> list[str] | None:
    """A line by itself, so that a quote which never ends takes no other line with it."""
    try:
        return next(csv.reader([line], strict=True), None)
    except csv.Error:
        return None
