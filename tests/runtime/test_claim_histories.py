"""Whatever happens to claims, and in whatever order: each has a holder, nobody waits in vain, the dead are let rest.

Random histories of reports, papers, answers, BPJS's steps (some of its webhooks lost), outages and time, in a real
service with the imitated BPJS.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from pydantic import SecretStr

from bot.flows.claim_asks import AnswerClaim, ClaimsHere, OpenClaim
from bot.settings import BpjsSettings, Database, Secret, Settings
from db import claims
from rules.quiet import EVENING, MORNING, WITA
from tests.claimants import DEATH, FALL, SCHOOL, Claimants
from tests.conftest import BPJS_SECRET
from tests.runtime.test_claims import BROKEN, Blind
from tests.world import World

HISTORIES = int(os.environ.get("SIAGA_HISTORIES", "20"))
MOVES_MAX = 25
ABOUT = (FALL, DEATH, SCHOOL)
ANSWERS = ("received", "missing-money", "accepted", "explained", "withdrawn")
BEGINS = datetime(2026, 12, 12, 9, 0, tzinfo=WITA)
"""The members' cover ends in December: days of reminders lie ahead."""
FATES = ("9901", "9971", "9972")
"""Of the member's claims at BPJS: paid, refused, a paper wanted anew."""
OF_A_CLAIM = (
    "Klaim ", "Maaf, kabarnya kurang baik.", "Foto ",
    "BPJS sudah menerima laporan ", "Dokumen klaim ", "Maaf, kabar klaim ", "Ada kabar dari Siaga.",
)  # fmt: skip

_move = st.tuples(
    st.sampled_from(("report", "report", "paper", "papers", "papers", "broken-paper", "bpjs", "bpjs", "bpjs",
                     "bpjs-unheard", "outage", "answer", "answer", "hours", "days", "days")),
    st.integers(0, 1_000),
)  # fmt: skip


class Notice(Struct, frozen=True):
    """Something unasked that a chat was told, or is to be told from `due` on."""

    chat: int
    words: str
    made: int
    due: datetime


@settings(max_examples=HISTORIES)
@given(st.sampled_from(FATES), st.lists(_move, min_size=5, max_size=MOVES_MAX))
def test_no_history_loses_a_claim(
    tmp_path_factory: pytest.TempPathFactory, fate: str, moves: list[tuple[str, int]]
) -> None:
    asyncio.run(_live(tmp_path_factory.mktemp("history"), fate, moves))


async def _live(folder: Path, fate: str, moves: Sequence[tuple[str, int]]) -> None:
    service = Settings(
        database=Database(url=f"sqlite+aiosqlite:///{folder / 'siaga.db'}"), secret=Secret(file=folder / "secret.key"),
        bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr(BPJS_SECRET)),
    )  # fmt: skip
    async with World(service, folder, reader=Blind()) as world:
        history = _History(Claimants(world))
        await history.begin(fate)
        for kind, chance in moves:
            await history.move(kind, chance)
            await history.check()
        await history.end()


class _History:
    """Rina's phone serves two people, Hasna has one of her own, an heir has none of them."""

    def __init__(self, people: Claimants) -> None:
        self._people, self._world = people, people.world
        self._chats: dict[str, int] = {}
        self._members: list[int] = []

    async def begin(self, fate: str) -> None:
        self._world.clock.now = BEGINS
        for who in ("rina", "hasna", "heir"):
            self._chats[who] = await self._people.chat(who)
        self._members = [
            await self._people.member(self._chats["hasna"], "HASNA", fate),
            await self._people.member(self._chats["rina"], "LA BACO", "9902"),
            await self._people.member(self._chats["rina"], "NURDIN", "9903"),
        ]

    async def move(self, kind: str, chance: int) -> None:
        who = list(self._chats)[chance % 3]
        match kind:
            case "report":
                await self._report(who, chance)
            case "paper" | "papers" | "broken-paper":
                await self._papers(who, kind, chance)
            case "bpjs" | "bpjs-unheard":
                await self._bpjs(chance, told=kind == "bpjs")
            case "outage":
                await self._world.bpjs("POST", "/sandbox/down" if chance % 2 else "/sandbox/up")
            case "answer":
                await self._answer(who, ANSWERS[chance % len(ANSWERS)])
            case _:
                self._world.clock.now += timedelta(**{kind: 1 + chance % 9})
        self._world.clock.now += timedelta(seconds=3)
        await self._world.settle()

    async def _report(self, who: str, chance: int) -> None:
        member, doubts = self._members[chance // 3 % 3], ("not-protected",) if chance % 5 == 0 else ()
        await self._people.reports(self._chats[who], member, ABOUT[chance // 9 % 3], doubts=doubts)

    async def _open(self, who: str) -> OpenClaim | None:
        chat = self._chats[who]
        found = await self._world.service.writer.run(lambda unit: claims.here(unit, chat, ClaimsHere("")))
        return found[0] if found else None

    async def _papers(self, who: str, kind: str, chance: int) -> None:
        claim, chat = await self._open(who), self._chats[who]
        if claim is None or not claim.needed:
            return
        if kind == "papers":
            await self._people.sends(chat, who, claim)
            return
        photo = await self._people.photo(chat, who, BROKEN if kind == "broken-paper" else None)
        await self._people.keeps(chat, claim, (claim.needed[chance % len(claim.needed)], photo))

    async def _bpjs(self, chance: int, *, told: bool) -> None:
        there = await self._people.at_bpjs()
        if there:
            reference = there[chance % len(there)]["reference"]
            await self._world.bpjs("POST", f"/sandbox/claims/{reference}/next?told={str(told).lower()}")

    async def _answer(self, who: str, words: str) -> None:
        claim, chat = await self._open(who), self._chats[who]
        if claim is not None:
            given = AnswerClaim(claim.claim, words)
            await self._world.service.writer.run(lambda unit: claims.answer(unit, chat, given))

    # -- what always holds --------------------------------------------------------------------------------------

    async def check(self) -> None:
        notices = await self._notices()
        await self._check_clocks()
        await self._check_promises(notices)
        await self._check_the_dead(notices)
        for notice in notices:
            assert MORNING <= notice.due.time() < EVENING, notice

    async def _check_clocks(self) -> None:
        """One holder and one clock while it is open, which hasn't passed unseen; neither once it is closed."""
        now = (self._world.clock.now - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        for state, holder, promised in await self._people.rows("SELECT state, holder, promised_at FROM claims"):
            assert (holder is None, promised is None) == (state == "closed",) * 2
            assert promised is None or promised > now

    async def _check_promises(self, notices: Sequence[Notice]) -> None:
        """A promise that passed was told in that chat in the same moment, and is the office's, too."""
        told = {(notice.chat, notice.made) for notice in notices}
        tasks = {(step, at) for step, at in await self._people.rows("SELECT step, created_at FROM tasks")}
        passed = await self._people.rows(
            "SELECT s.claim_id, c.chat_id, s.at, s.state FROM claim_steps s JOIN claims c ON c.id = s.claim_id "
            "WHERE s.actor = 'clock'"
        )
        for claim, chat, at, state in passed:
            assert (chat, at) in told
            assert state == "closed" or (str(claim), at) in tasks

    async def _check_the_dead(self, notices: Sequence[Notice]) -> None:
        for person, since in await self._people.rows("SELECT person_id, reported_at FROM deaths"):
            name = self._people.names[person].title()
            about = [one.words for one in notices if one.made > since and name in one.words]
            assert [words for words in about if not words.startswith(OF_A_CLAIM)] == []

    async def _notices(self) -> list[Notice]:
        vault = self._world.service.desk.vault
        rows = await self._people.rows(
            "SELECT id, chat_id, body, created_at, due_at FROM outbox WHERE kind IN ('notice', 'reminder')"
        )
        return [
            Notice(chat, msgspec.json.decode(vault.open(bytes(body), f"outbox {number}"))["text"], made,
                   datetime.fromtimestamp(due / 1e6, UTC).astimezone(WITA))
            for number, chat, body, made, due in rows
        ]  # fmt: skip

    async def end(self) -> None:
        """Once BPJS is there again it has each claim that may go, once, with all its papers."""
        await self._world.bpjs("POST", "/sandbox/up")
        self._world.clock.now += timedelta(minutes=10)
        await self._world.settle()
        sent = await self._people.rows("SELECT reference FROM claims WHERE reference IS NOT NULL")
        assert sorted(one["reference"] for one in await self._people.at_bpjs()) == sorted(one for (one,) in sent)
        left = await self._people.rows(
            "SELECT p.kind FROM claim_papers p JOIN claims c ON c.id = p.claim_id WHERE c.reference IS NOT NULL "
            "AND c.state <> 'closed' AND p.sent_at IS NULL AND p.unfit_at IS NULL"
        )
        assert left == []
        forgotten = await self._people.rows(
            "SELECT id FROM claims WHERE reference IS NULL AND kind = 'accident' AND doubts = '' AND state <> 'closed'"
        )
        assert forgotten == []
