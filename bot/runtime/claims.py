"""Claims between the conversations: sent to BPJS, moved by its word, and spoken of when a promise passes.

Invariant: whatever moves a claim, its reporter is told in the same transaction; no promise passes without a message.
On a phone that serves several people a message that nobody asked for names neither the claim nor what happened.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.flows import claim_status, notices
from bot.flows.claim_asks import SendClaim
from bot.handlers.contract import Transcript
from bot.runtime.batch import Desk, notify
from bot.runtime.errands import Reads
from bot.runtime.settling import Outcome, Settled
from bot.runtime.writer import Writer
from db import claim_news, claims, outbox
from db.claim_rows import Claim, by_id
from db.outbox import Taken
from db.unit import Unit
from gateway.bpjs import Bpjs
from rules.bpjs import (
    ClaimChanged,
    ClaimReceived,
    ClaimRefused,
    ClaimStatus,
    ClaimTaken,
    DocumentTaken,
    TryLater,
)  # fmt: skip
from rules.words import Text, lines

LATE_AT_ONCE_MAX = 200
"""Promises that have passed, in one look."""


class Claims:
    """`perform` sends one claim, `said` is BPJS's word, `run_due` looks at the promises."""

    def __init__(self, writer: Writer, desk: Desk, bpjs: Bpjs, photos: Transcript, reader: Reads) -> None:
        self._writer, self._desk, self._bpjs, self._photos, self._reader = writer, desk, bpjs, photos, reader

    # -- to BPJS --------------------------------------------------------------------------------------------------

    async def perform(self, row: Taken) -> Outcome:
        """Report the claim if BPJS doesn't have it, then send each paper that it doesn't have. What it has is written
        down paper by paper, so a second try goes on where the first one ended."""
        assert isinstance(row.body, SendClaim)
        number = row.body.claim
        found = await self._writer.run(lambda unit: claim_news.to_send(unit, number))
        if found is None:
            return await self._ended(row)
        claim, unsent = found
        answer: ClaimReceived | ClaimRefused | TryLater
        answer = ClaimReceived(claim.reference) if claim.reference else await self._report(claim)
        if isinstance(answer, TryLater):
            return answer
        if isinstance(answer, ClaimReceived):
            later = await self._send_papers(claim, answer.reference, unsent)
            if later is not None:
                return later
        await self._writer.run(lambda unit: self._received(unit, row, claim, answer))
        return Settled()

    async def _report(self, claim: Claim) -> ClaimReceived | ClaimRefused | TryLater:
        answer = await self._bpjs.claim(claim.report, f"siaga-claim-{claim.id}")
        if isinstance(answer, ClaimReceived):
            await self._writer.run(lambda unit: claim_news.refer(unit, claim.id, answer.reference))
        return answer

    async def _send_papers(self, claim: Claim, reference: str, unsent: Sequence[tuple[str, int]]) -> TryLater | None:
        for kind in dict.fromkeys(kind for kind, _photo in unsent):
            photos = [photo for one, photo in unsent if one == kind]
            answer = await self._send_paper(claim, reference, kind, photos)
            if isinstance(answer, TryLater):
                return answer
        return None

    async def _send_paper(self, claim: Claim, reference: str, kind: str, photos: list[int]) -> TryLater | None:
        """One paper. What can't be opened, and what BPJS doesn't take, is asked for again."""
        sealed = [await self._photos.photo(claim.chat, photo) for photo in photos]
        document = await self._reader.bind([photo for photo in sealed if photo is not None])
        taken: DocumentTaken | ClaimRefused | TryLater = ClaimRefused("unreadable", "")
        if document is not None:
            key = f"siaga-claim-{claim.id}-{max(photos)}"
            taken = await self._bpjs.claim_document(reference, kind, document, key)
        if isinstance(taken, TryLater):
            return taken
        fit = isinstance(taken, DocumentTaken)
        await self._writer.run(lambda unit: claim_news.paper_sent(unit, claim.id, photos, fit=fit))
        return None

    async def _received(self, unit: Unit, row: Taken, claim: Claim, answer: ClaimReceived | ClaimRefused) -> None:
        outbox.settle(unit, row.id, "done")
        moved = await claim_news.received(unit, claim.id, answer, is_new=claim.reference is None)
        if moved is not None:
            await self._tell(unit, moved)

    async def _ended(self, row: Taken) -> Outcome:
        async def settle(unit: Unit) -> None:
            outbox.settle(unit, row.id, "done")

        await self._writer.run(settle)
        return Settled()

    # -- by BPJS --------------------------------------------------------------------------------------------------

    async def said(self, unit: Unit, event: ClaimTaken | ClaimChanged | ClaimStatus) -> None:
        """BPJS's word. LookupError for a claim that isn't ours."""
        moved = await claim_news.bpjs_said(unit, event)
        if moved is not None:
            await self._tell(unit, moved)

    async def tell(self, unit: Unit, number: int, words: Text) -> None:
        """Tell who reported this claim."""
        claim = await by_id(unit, number)
        if claim is not None:
            await self._notify(unit, claim, [words])

    async def _tell(self, unit: Unit, claim: Claim) -> None:
        if claim.progress.state == "closed":
            await self._notify(unit, claim, [notices.claim_closed(claim.number)])
        else:
            await self._notify(unit, claim, claim_status.standing(await claims.told(unit, claim)))

    async def _notify(self, unit: Unit, claim: Claim, words: list[Text]) -> None:
        if await claims.is_shared(unit, claim):
            words = [notices.claim_news()]
        await notify(unit, self._desk, claim.chat, lines(words))

    # -- by the clock ---------------------------------------------------------------------------------------------

    async def run_due(self) -> int:
        """Say so where a promise has passed; how many."""
        late = await self._writer.run(lambda unit: claim_news.late(unit, LATE_AT_ONCE_MAX))
        for claim in late:
            await self._writer.run(lambda unit: self._passed(unit, claim))  # noqa: B023
        return len(late)

    async def _passed(self, unit: Unit, number: int) -> None:
        claim = await claim_news.pass_promise(unit, number)
        if claim is None:
            return
        if claim.progress.state == "closed":
            await self._tell(unit, claim)
        else:
            told = await claims.told(unit, claim)
            await self._notify(unit, claim, [notices.claim_late(told.number), claim_status.waiting(told)])
