"""The office decides corrections that people asked for. On the command line for now.

Invariant: who asked is told what became of it, in the transaction in which it is decided; the words of a refusal are
told and not kept.
"""

from __future__ import annotations

from bot.flows import notices
from bot.runtime.batch import Desk, notify
from bot.runtime.writer import Writer
from db import correcting
from db.correcting import Decided, Problem, Waiting
from db.held import READ
from db.unit import Unit

REASON_MAX = 100
"""Characters, so that the message stays short."""


class Corrections:
    """What waits, and how it is decided. `by` is the name under which it is written down in the audit."""

    def __init__(self, writer: Writer, desk: Desk) -> None:
        self._writer, self._desk = writer, desk

    async def waiting(self, by: str) -> list[Waiting]:
        """What waits for the office, the most urgent first. Each that is seen is written down."""

        async def look(unit: Unit) -> list[Waiting]:
            found = await correcting.waiting(unit)
            for one in found:
                unit.did(by, READ, f"person {one.person}", correction=one.number)
            return found

        return await self._writer.run(look)

    async def accept(self, number: int, by: str) -> Decided | Problem:
        """Write the new value, and tell."""
        return await self._decide(number, by, None)

    async def refuse(self, number: int, reason: str, by: str) -> Decided | Problem:
        """Leave it as it is, and tell why. ValueError for a reason that is empty or too long."""
        if not 0 < len(reason.strip()) <= REASON_MAX:
            raise ValueError(f"a reason of 1 to {REASON_MAX} characters is needed")
        return await self._decide(number, by, reason.strip())

    async def _decide(self, number: int, by: str, refusal: str | None) -> Decided | Problem:
        async def decide(unit: Unit) -> Decided | Problem:
            decided = await correcting.decide(unit, number, accepted=refusal is None, by=by)
            if isinstance(decided, Decided):
                told = notices.corrected(decided.field) if refusal is None else notices.not_corrected(
                    decided.field, refusal
                )  # fmt: skip
                await notify(unit, self._desk, decided.chat, told)
            return decided

        return await self._writer.run(decide)
