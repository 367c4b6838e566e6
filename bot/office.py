"""The office at the command line: what people ask to have corrected, and the decision.

It needs the database for itself where that is a SQLite file: stop the service first, or use PostgreSQL. Invariant: a
NIK is shown masked here too; who has to compare it looks at the paper.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.app import CHANNELS, Parts, Service, opened
from bot.handlers.contract import Pulled
from bot.runtime.corrections import REASON_MAX
from bot.settings import Settings
from db.correcting import Decided, Problem, Waiting
from rules.nik import Nik
from rules.quiet import WITA

NOTHING = "Tidak ada perbaikan yang menunggu.\n"
HOW = f"Tulis --accept atau --refuse ALASAN (paling banyak {REASON_MAX} huruf), salah satu saja.\n"
PROBLEMS: dict[Problem, str] = {
    "unknown": "Nomor itu tidak ada.",
    "decided": "Perbaikan itu sudah diputuskan.",
    "same-person": "Yang meminta tidak boleh memutuskan sendiri.",
    "nik-taken": "NIK itu milik peserta lain. Perbaikan ini hanya bisa ditolak.",
}


async def list_corrections(settings: Settings, by: str, folder: Path | None) -> str:
    """A paragraph each; the photos that are evidence go into the folder. That `by` has seen them is written down."""
    async with _service(settings) as service:
        waiting = await service.corrections.waiting(by)
        for one in waiting if folder is not None else ():
            photo = await service.transcript.photo(one.chat, one.photo) if one.photo else None
            if photo is not None and folder is not None:
                await asyncio.to_thread(_keep, folder / f"{one.number}.jpg", photo)
    return "\n".join(map(_told, waiting)) or NOTHING


def _keep(file: Path, photo: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as new:
        new.write(photo)


async def decide_correction(
    settings: Settings, number: int, by: str, *, accept: bool, refuse: str
) -> tuple[str, bool]:  # fmt: skip
    """What is to be printed, and whether it was decided."""
    if accept == bool(refuse.strip()) or len(refuse.strip()) > REASON_MAX or not by.strip():
        return HOW, False
    async with _service(settings) as service:
        office = service.corrections
        decided = await (office.accept(number, by) if accept else office.refuse(number, refuse, by))
    if isinstance(decided, Decided):
        return "Sudah diputuskan, dan dikabarkan ke yang meminta.\n", True
    return f"{PROBLEMS[decided]}\n", False


@asynccontextmanager
async def _service(settings: Settings) -> AsyncIterator[Service]:
    """With no channel that would have to be greeted: what is told waits in the outbox for the service."""
    pulled = Parts(channels=tuple(channel for channel in CHANNELS if isinstance(channel, Pulled)))
    async with opened(settings.model_copy(update={"channels": {}}), parts=pulled) as service:
        yield service


def _told(one: Waiting) -> str:
    due = one.due_at.astimezone(WITA)
    evidence = f"foto {one.photo}" if one.photo else "tanpa foto"
    return (
        f"{one.number}  {one.field}  peserta {one.person}  paling lambat {due:%d-%m-%Y %H.%M} WITA  {evidence}\n"
        f"    sekarang: {_value(one, one.now)}\n    menjadi:  {_value(one, one.wanted)}\n"
    )


def _value(one: Waiting, values: tuple[str, ...]) -> str:
    if one.field == "nik" and values:
        return str(Nik(values[0]))
    return ", ".join(values) or "-"
