"""Who performs which errand: the card reader and BPJS. One line an errand.

Invariant: an errand is performed with a key made of its row, so doing it twice is one case for the partner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Protocol

import structlog

from bot.flows.asks import CheckPayment, GetDuesCode, GetPaymentCode, ReadCard, Register
from bot.flows.paper_asks import LookAtPaper
from bot.handlers.contract import Transcript
from bot.runtime.batch import WITA
from bot.runtime.settling import Done, Outcome, Performer
from bot.talk.awaited import Errand
from db.outbox import Taken
from gateway.bpjs import Bpjs
from rules.bpjs import Accepted, TryLater
from rules.card import Card, Fault, Unusable

log = structlog.get_logger()

HANDS = 2
"""For one reader: the photo that is read, and the next one."""


class Reads(Protocol):
    """Reads cards, such as `bot.ocr.pool.CardReader`."""

    async def read(self, photo: bytes, today: date) -> Card | Unusable | None:
        """The card, the photo's fault, or None when it wasn't read in time."""

    async def cut(self, photo: bytes, box: tuple[int, int, int, int], turn: int) -> bytes | None:
        """A JPEG of a part of the photo, turned so many quarters clockwise; None if it can't be done."""

    async def look(self, photo: bytes) -> Fault | None:
        """What keeps a person from reading a photographed paper; None if nothing does, or it took too long."""

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        """Photographed papers as one JPEG or PDF; None if none could be opened, or not in time."""


class Errands:
    """Performs the errands of the flows. `hands`: photos unsealed at the same time; the others wait sealed."""

    def __init__(
        self, photos: Transcript, reader: Reads, bpjs: Bpjs, clock: Callable[[], datetime], *, hands: int = HANDS
    ) -> None:
        self._photos, self._reader, self._bpjs, self._clock = photos, reader, bpjs, clock
        self._hands = asyncio.Semaphore(hands)

    def performers(self) -> dict[str, Performer]:
        """By the name of the errand; complete, or the service doesn't start."""
        by_kind: dict[type[Errand[object]], Performer] = {
            ReadCard: self._read_card,
            LookAtPaper: self._look_at_paper,
            Register: self._register,
            GetPaymentCode: self._payment_code,
            GetDuesCode: self._payment_code,
            CheckPayment: self._payment,
        }
        return {kind.__name__: performer for kind, performer in by_kind.items()}

    async def _read_card(self, row: Taken) -> Outcome:
        assert isinstance(row.body, ReadCard)
        async with self._hands:
            photo = await self._photos.photo(row.chat, row.body.photo)
            if photo is None:
                return Done(Unusable("not-an-image"))  # destroyed in the meantime
            today = self._clock().astimezone(WITA).date()
            return Done(await self._reader.read(photo, today))

    async def _look_at_paper(self, row: Taken) -> Outcome:
        assert isinstance(row.body, LookAtPaper)
        async with self._hands:
            photo = await self._photos.photo(row.chat, row.body.photo)
            return Done("not-an-image" if photo is None else await self._reader.look(photo))

    async def _register(self, row: Taken) -> Outcome:
        assert isinstance(row.body, Register)
        if row.reference is not None:
            return _outcome(await self._bpjs.registration(row.reference))
        return _outcome(await self._bpjs.register(row.body.registration, _key(row)))

    async def _payment_code(self, row: Taken) -> Outcome:
        assert isinstance(row.body, GetPaymentCode | GetDuesCode)
        body = row.body
        return _outcome(await self._bpjs.payment_code(body.kpj, body.months, body.amount, _key(row)))

    async def _payment(self, row: Taken) -> Outcome:
        assert isinstance(row.body, CheckPayment)
        return _outcome(await self._bpjs.payment(row.body.code))


def _key(row: Taken) -> str:
    return f"siaga-{row.id}"


def _outcome(answer: object) -> Outcome:
    return answer if isinstance(answer, TryLater | Accepted) else Done(answer)
