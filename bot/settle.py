"""`siaga settle FILE`: a bank's settlement beside what we booked, for a person to read.

Days are the bank's, which are Jakarta's; times are told in WITA. Invariant: it only reads, so it may be run as often as
one likes; nothing of a person is printed, only numbers of bills.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from db.bank import BOOKED
from db.engine import reader_engine
from gateway.settlement_file import NotAFile, SettlementFile, read
from gateway.snap import JAKARTA
from rules.money import Rupiah
from rules.quiet import WITA
from rules.settlement import Booked, Settled, Settlement, reconcile

LINES_MAX = 50
"""Of one kind of difference; the others are counted."""
AT_ONCE_MAX = 10_000
"""Payments of one look at the database: PostgreSQL takes 32,767 values."""


class SettleError(Exception):
    """The file can't be used; the message says why."""


async def settle(file: Path, database_url: str, day: str = "") -> tuple[str, bool]:
    """What is to be printed, and whether both sides are alike. `day`, such as "2026-11-20", is looked at whatever the
    file says of it. SettleError."""
    found, asked = _read(file), _day(day)
    if not (found.rows or found.broken or asked):
        raise SettleError(f"Berkas {file} tidak berisi satu pembayaran pun. Sebut harinya juga: --day 2026-11-20.")
    engine = reader_engine(database_url)
    try:
        balance = reconcile(found.rows, await _booked(engine, found.rows, asked))
    except DBAPIError as error:
        why = type(error.orig).__name__
        raise SettleError(f"Basis data tidak bisa dibaca ({why}). Jalankan dulu: migrate.") from None
    finally:
        await engine.dispose()
    return "\n".join(_told(found, balance)) + "\n", balance.is_even and not found.broken


def _read(file: Path) -> SettlementFile:
    try:
        found = read(file.read_bytes())
    except FileNotFoundError:
        raise SettleError(f"Berkas {file} tidak ada.") from None
    except OSError as error:
        raise SettleError(f"Berkas {file} tidak bisa dibaca ({type(error).__name__}).") from None
    if isinstance(found, NotAFile):
        raise SettleError(f"Berkas {file} bukan berkas penyelesaian bank: {found.why}.")
    return found


def _day(given: str) -> set[date]:
    try:
        return {date.fromisoformat(given)} if given else set()
    except ValueError:
        raise SettleError(f"{given} bukan tanggal. Contoh: --day 2026-11-20.") from None


async def _booked(engine: AsyncEngine, rows: Sequence[Settled], asked: set[date]) -> list[Booked]:
    """What we have of the bank's days from the first to the last, and of these payments whenever it was."""
    days = sorted(asked | {row.at.astimezone(JAKARTA).date() for row in rows})
    if not days:
        return []
    since = datetime.combine(days[0], time(), JAKARTA)
    until = datetime.combine(days[-1] + timedelta(days=1), time(), JAKARTA) - timedelta(microseconds=1)
    requests = [row.request for row in rows]
    found: dict[str, Booked] = {}
    async with engine.connect() as connection:
        for start in range(0, max(1, len(requests)), AT_ONCE_MAX):
            wanted = {"since": since, "until": until, "requests": requests[start : start + AT_ONCE_MAX]}
            for row in await connection.execute(BOOKED, wanted):
                found[row.request] = Booked(row.request, row.number, Rupiah(row.amount))
    return list(found.values())


def _told(found: SettlementFile, balance: Settlement) -> Iterator[str]:
    yield f"Menurut bank: {balance.at_bank} dari {len(found.rows)} pembayaran, biaya {balance.fees}."
    ours = len(balance.matched) + len(balance.other_amount) + len(balance.only_with_us)
    yield f"Menurut kita: {balance.with_us} dari {ours} pembayaran."
    yield f"Cocok: {len(balance.matched)}."
    yield from _listed("Jumlahnya lain", [
        f"{_row(pair.at_bank)}, di kita {pair.with_us.amount}" for pair in balance.other_amount
    ])  # fmt: skip
    yield from _listed("Hanya di bank", [_row(one) for one in balance.only_at_bank])
    yield from _listed("Dibayar dua kali", [_row(one) for one in balance.twice])
    yield from _listed("Hanya di kita", [f"{one.number}: {one.amount}" for one in balance.only_with_us])
    yield from _listed("Baris yang tidak terbaca", [f"baris {one.line}: {one.why}" for one in found.broken])
    yield "Semua cocok." if balance.is_even and not found.broken else "Ada yang perlu diperiksa."


def _row(row: Settled) -> str:
    return f"{row.number}: {row.amount}, {row.reference}, {row.at.astimezone(WITA):%d-%m-%Y %H.%M} WITA"


def _listed(title: str, lines: Sequence[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"{title}: {len(lines)}"
    yield from (f"  {line}" for line in lines[:LINES_MAX])
    if len(lines) > LINES_MAX:
        yield f"  dan {len(lines) - LINES_MAX} lagi"
