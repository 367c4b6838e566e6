"""Claims between the conversations: sent to BPJS, moved by its word, and spoken of when a promise passes.

Invariant: whatever moves a claim, its reporter is told in the same transaction; no promise passes without a message.
On a phone that serves several people a message that nobody asked for names neither the claim nor what happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from bot.flows import claim_status, notices
from bot.flows.claim_asks import SendClaim
from bot.handlers.contract import Transcript
from bot.runtime.batch import Desk, notify
from bot.runtime.errands import Reads
from bot.runtime.settling import Outcome, Settled
from bot.runtime.writer import Writer
from db import claim_news, claim_sending, claims, outbox
from db.claim_rows import Claim, by_id
from db.claim_sending import Parcel
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
from rules.claim_report import Accident
from rules.words import Text, lines

LATE_AT_ONCE_MAX = 200
"""Promises that have passed, in one look."""
PARCELS_MAX = 20
"""Of one try. Whoever goes on sending photos meanwhile has the rest sent a moment later."""
KEY_CHARS = 20
NEWS = notices.claim_news()


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
        for _parcel in range(PARCELS_MAX):
            parcel = await self._writer.run(lambda unit: self._next(unit, row, number))
            if parcel is None:
                return Settled()
            later = await self._send(parcel)
            if later is not None:
                return later
        return TryLater("more photos came while others were sent")

    async def _next(self, unit: Unit, row: Taken, number: int) -> Parcel | None:
        """What is to be sent next. If that is nothing, the errand is settled in the same transaction, so that a photo
        that comes in this moment is either seen here or asks for an errand of its own."""
        parcel = await claim_sending.parcel(unit, number)
        if parcel is None:
            outbox.settle(unit, row.id, "done")
            await self._tell(unit, await claim_sending.handed_in(unit, number))
        return parcel

    async def _send(self, parcel: Parcel) -> TryLater | None:
        claim = parcel.claim
        if claim.reference is None:
            return await self._report(claim)
        for kind in dict.fromkeys(kind for kind, _photo in parcel.photos):
            photos = [photo for one, photo in parcel.photos if one == kind]
            later = await self._send_paper(claim, claim.reference, kind, photos)
            if later is not None:
                return later
        return None

    async def _report(self, claim: Claim) -> TryLater | None:
        answer = await self._bpjs.claim(claim.report, f"siaga-claim-{claim.id}")
        match answer:
            case TryLater():
                return answer
            case ClaimReceived(reference):
                await self._writer.run(lambda unit: self._referred(unit, claim.id, reference))
            case ClaimRefused():
                await self._writer.run(lambda unit: self._refused(unit, claim.id, answer))
        return None

    async def _referred(self, unit: Unit, claim: int, reference: str) -> None:
        found = await claim_sending.refer(unit, claim, reference)
        if found is not None:
            await self._notify(unit, found, [notices.claim_arrived(found.number)])

    async def _refused(self, unit: Unit, claim: int, answer: ClaimRefused) -> None:
        await self._tell(unit, await claim_sending.report_refused(unit, claim, answer))

    async def _send_paper(self, claim: Claim, reference: str, kind: str, photos: Sequence[int]) -> TryLater | None:
        """One paper. What can't be opened, and what BPJS doesn't take, is asked for again."""
        began = self._desk.clock()
        opened = [await self._photos.photo(claim.chat, photo) for photo in photos]
        document = await self._reader.bind([photo for photo in opened if photo is not None])
        answer: DocumentTaken | ClaimRefused | TryLater = ClaimRefused("unreadable", "")
        if document is not None:
            answer = await self._bpjs.claim_document(reference, kind, document, _key(claim, kind, document))
        match answer:
            case TryLater():
                return answer
            case DocumentTaken():

                async def sent(unit: Unit) -> None:
                    claim_sending.paper_sent(unit, claim.id, photos, began)

                await self._writer.run(sent)
            case ClaimRefused(_reason, words):
                await self._writer.run(lambda unit: self._unfit(unit, claim.id, kind, photos, words))
        return None

    async def _unfit(self, unit: Unit, number: int, kind: str, photos: Sequence[int], words: str) -> None:
        claim = await claim_sending.paper_refused(unit, number, photos)
        if claim is not None:
            waiting = claim_status.waiting(await claims.told(unit, claim))
            await self._notify(unit, claim, [*claim_status.unfit(kind, claim.number, words), waiting])

    async def clear(self, unit: Unit, number: int, by: str) -> bool:
        """What was doubtful is all right, says the office; False if nothing of this number waited for that. Of an
        accident the reporter hears when BPJS has it, of the others now, if papers are wanted."""
        claim = await claim_sending.clear(unit, number, by)
        if claim is not None and not isinstance(claim.report.about, Accident) and claim.progress.holder == "you":
            _state, *more = claim_status.news(await claims.told(unit, claim))
            await self._notify(unit, claim, [notices.claim_checked(number), *more])
        return claim is not None

    # -- by BPJS --------------------------------------------------------------------------------------------------

    async def said(self, unit: Unit, event: ClaimTaken | ClaimChanged | ClaimStatus) -> None:
        """BPJS's word. LookupError for a claim that isn't ours."""
        await self._tell(unit, await claim_news.bpjs_said(unit, event))

    async def tell(self, unit: Unit, number: int, words: Text) -> None:
        """Tell who reported this claim."""
        claim = await by_id(unit, number)
        if claim is not None:
            await self._notify(unit, claim, [words])

    async def _tell(self, unit: Unit, claim: Claim | None) -> None:
        """How a claim stands that has moved."""
        if claim is not None:
            await self._notify(unit, claim, claim_status.news(await claims.told(unit, claim)))

    async def _notify(self, unit: Unit, claim: Claim, words: list[Text], shared: Text = NEWS) -> None:
        if await claims.is_shared(unit, claim):
            words = [shared]
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
            await self._notify(unit, claim, [notices.claim_closed(claim.number)], shared=notices.one_closed())
            return
        told = await claims.told(unit, claim)
        is_helped = claim.progress.climbed == 1 and claim.progress.holder == "agent"
        what = notices.claim_helped if is_helped else notices.claim_late
        await self._notify(unit, claim, [what(told.number), claim_status.waiting(told)])


def _key(claim: Claim, kind: str, document: bytes) -> str:
    """The same document is the same for BPJS, however often it is sent; another one of this kind replaces it."""
    digest = hashlib.sha256(kind.encode() + b"\0" + document).hexdigest()
    return f"siaga-{claim.id}-{digest[:KEY_CHARS]}"
