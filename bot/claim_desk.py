"""Claims at the office's command line, until there is a console: which are open, how one got there, and clearing one.

Invariant: no name and no NIK is shown. A list only reads, so it works beside the service; who clears writes, so on
SQLite the service must not be running.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.app import CHANNELS, Parts, opened
from bot.flows.claim_status import STATES
from bot.flows.claim_words import NAMES
from bot.handlers.contract import Pulled
from bot.settings import Settings
from db import claim_list
from db.claim_list import Listed
from db.engine import reader_engine
from rules.claims import Holder, State
from rules.quiet import WITA
from rules.words import Text

BY_CHARS_MAX = 40
HOLDERS: dict[Holder, str] = {"you": "pelapor", "agent": "penyuluh", "office": "petugas", "bpjs": "BPJS"}
DOUBTS = {
    "not-protected": "tidak terlindungi pada hari itu",
    "reported-late": "dilaporkan lewat 2 x 24 jam",
    "reported-before": "pernah dilaporkan",
    "no-death-reported": "pesertanya belum dilaporkan meninggal",
    "not-an-heir": "pelapor bukan ahli waris",
    "a-nearer-heir-lives": "masih ada ahli waris yang lebih dekat",
    "another-heir-was-named": "ahli warisnya lain dari yang didaftarkan",
}
"""What is doubtful, in the office's words."""
NOTHING, UNKNOWN = "Tidak ada klaim yang terbuka.", "Tidak ada klaim nomor {number}."
CLEARED = "Klaim nomor {number} diteruskan ke BPJS begitu lengkap; kecelakaan langsung dilaporkan."
NOT_CLEARED = "Klaim nomor {number} tidak menunggu pemeriksaan."
WHO = f"Siapa yang memeriksa? --by NAMA, paling banyak {BY_CHARS_MAX} huruf."


class ClaimDeskError(Exception):
    """What was asked for can't be done; the message says why."""


async def open_claims(settings: Settings) -> str:
    """All that are open, a line each, the oldest promise first."""
    async with _reading(settings) as connection:
        listed = await claim_list.listed(connection)
    return "\n".join(map(_line, listed)) if listed else NOTHING


async def one_claim(settings: Settings, number: int) -> str:
    """One claim, and each step that it took. ClaimDeskError: no such claim."""
    async with _reading(settings) as connection:
        claim = await claim_list.one(connection, number)
        steps = await claim_list.steps(connection, number)
    if claim is None:
        raise ClaimDeskError(UNKNOWN.format(number=number))
    return "\n".join([_line(claim), *(f"       {_at(one.at)}  {_state(one.state)} ({one.actor})" for one in steps)])


async def clear(settings: Settings, number: int, by: str) -> str:
    """What was doubtful is all right. ClaimDeskError: nothing to clear, or nobody named who does it. DatabaseBusyError
    while a service has the SQLite file."""
    if not (by.strip() and by.isprintable() and len(by) <= BY_CHARS_MAX):
        raise ClaimDeskError(WHO)
    alone = settings.model_copy(update={"channels": {}})  # no gateway is spoken to: whoever serves says what was said
    parts = Parts(channels=tuple(channel for channel in CHANNELS if isinstance(channel, Pulled)))
    async with opened(alone, parts=parts) as service:
        is_cleared = await service.writer.run(lambda unit: service.claims.clear(unit, number, by.strip()))
    if not is_cleared:
        raise ClaimDeskError(NOT_CLEARED.format(number=number))
    return CLEARED.format(number=number)


@asynccontextmanager
async def _reading(settings: Settings) -> AsyncIterator[AsyncConnection]:
    engine = reader_engine(settings.database.url)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


def _line(claim: Listed) -> str:
    waits = f", menunggu {HOLDERS[claim.holder]}" if claim.holder else ""
    promise = f", janji {_at(claim.promised_at)}" if claim.promised_at else ""
    climbed = f", naik {claim.climbed} kali" if claim.climbed else ""
    doubts = f", periksa: {'; '.join(DOUBTS.get(doubt, doubt) for doubt in claim.doubts)}" if claim.doubts else ""
    what = f"{_told(NAMES[claim.kind])}, {_state(claim.state)}"
    return f"{claim.number:>5}  {what}{waits}{promise}{climbed}{doubts}"


def _state(state: State) -> str:
    return _told(STATES[state])


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(WITA):%d-%m-%Y %H.%M}"


def _told(words: Text) -> str:
    return words.tell("id", str)
