"""Claims in a database: who reports them, and short ways to move them as BPJS, the office and the clock do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.flows.claim_asks import (
    AnswerClaim,
    OpenClaim,
)
from db import claim_news, claim_sending, claims
from db.claim_rows import Claim
from rules.bpjs import ClaimChanged, ClaimState, ClaimStatus
from rules.money import Rupiah
from tests.claimants import Claimants

REFERENCE = "CLM-1"
MONEY = Rupiah(42_000_000)


class House(Claimants):
    """Hasna and La Baco in one chat, and one chat that speaks for nobody."""

    chat_: int
    other: int
    hasna: int
    baco: int

    async def answers(self, chat: int, claim: OpenClaim, words: str) -> bool:
        return await self.world.service.writer.run(
            lambda unit: claims.answer(unit, chat, AnswerClaim(claim.claim, words))
        )

    async def is_at_bpjs(self, claim: OpenClaim, reference: str = REFERENCE) -> Claim | None:
        return await self.world.service.writer.run(lambda unit: claim_sending.refer(unit, claim.claim, reference))

    async def bpjs_says(self, state: ClaimState, later_s: float = 1, **more: Any) -> Claim | None:
        """BPJS's word, stated so much after now."""
        amount = MONEY if state in ("approved", "paid") else None
        status = ClaimStatus(REFERENCE, state, **{"amount": amount, **more})
        event = ClaimChanged("event", status, self.world.clock.now + timedelta(seconds=later_s))
        return await self.world.service.writer.run(lambda unit: claim_news.bpjs_said(unit, event))

    async def passes(self, **span: float) -> list[Claim | None]:
        """Time, and what the clock does then."""
        self.world.clock.now += timedelta(**span)

        async def look(unit: Any) -> list[Claim | None]:
            return [await claim_news.pass_promise(unit, one) for one in await claim_news.late(unit, 10)]

        return await self.world.service.writer.run(look)

    async def tasks(self) -> list[str]:
        return [kind for (kind,) in await self.rows("SELECT kind FROM tasks WHERE done_at IS NULL ORDER BY id")]

    async def errands(self) -> int:
        ((many,),) = await self.rows("SELECT count(*) FROM outbox WHERE lane = 'SendClaim' AND done_at IS NULL")
        return int(many)

    async def steps(self, claim: OpenClaim) -> list[tuple[str, str | None, str]]:
        found = await self.rows(f"SELECT state, holder, actor FROM claim_steps WHERE claim_id = {claim.claim}"
                                " ORDER BY id")  # fmt: skip
        return [(state, holder, actor.partition(" ")[0]) for state, holder, actor in found]


async def unsent(house: House, claim: OpenClaim) -> list[tuple[str, int]]:
    parcel = await house.world.service.writer.run(lambda unit: claim_sending.parcel(unit, claim.claim))
    return parcel.photos if parcel else []


async def sent(house: House, claim: OpenClaim, *photos: int) -> None:
    at = house.world.clock.now

    async def write(unit: Any) -> None:
        claim_sending.paper_sent(unit, claim.claim, photos, at)

    await house.world.service.writer.run(write)


async def complete(house: House) -> OpenClaim:
    """Hasna's accident, all of it with BPJS."""
    claim = await house.reports(house.chat_, house.hasna)
    photos = [(kind, await house.photo(house.chat_, "hasna")) for kind in claim.missing]
    await house.keeps(house.chat_, claim, *photos)
    await house.is_at_bpjs(claim)
    await sent(house, claim, *(photo for _kind, photo in photos))
    await house.world.service.writer.run(lambda unit: claim_sending.handed_in(unit, claim.claim))
    assert (await house.steps(claim))[-1] == ("sent", "bpjs", "bpjs")
    return claim
