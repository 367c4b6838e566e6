"""People with claims around a service: members whom BPJS knows, the chats that speak for them, and short ways to
report, to send papers and to see what became of it.
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import text

from bot.flows.claim_asks import ClaimsHere, KeepPapers, OpenClaim, ReportClaim
from bot.handlers.contract import Arrival
from bot.talk.heard import Said, Shown
from db import claims
from db.tables import chat_people, consents, enrolments, memberships, people
from db.unit import Unit
from rules.bpjs import Registered
from rules.claim_report import About, Accident, Death, Relation, Report, Reporter, Scholarship
from rules.phone import Phone
from tests.gateway.conftest import worker
from tests.world import World

COVERED_UNTIL = date(2026, 12, 31)
BORN = date(1979, 5, 12)
PHONE = "81234567890"
FALL = Accident(date(2026, 11, 20), "morning", "workplace", "73.12.02.2005", "Jatuh dari pohon", "Kaki kanan", "")
DEATH = Death(date(2026, 11, 20), "other")
SCHOOL = Scholarship("ANDI", date(2015, 5, 12), "primary", "SDN 1 JAMPU")


class Claimants:
    """Invented people around one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[int, str] = {}
        self._numbers = itertools.count(1)

    async def chat(self, who: str) -> int:
        """A chat of the page in which somebody has said hello."""
        arrival = Arrival("web", "main", who, f"{who}-{next(self._numbers)}", Said("halo"))
        return (await self.world.service.writer.arrive(arrival)).chat

    async def member(self, chat: int, name: str = "HASNA", serial: str = "9901", *, heir: str = "") -> int:
        """A member whom BPJS knows, for whom this chat speaks and is reminded. The serial of the NIK chooses at the
        imitated BPJS what becomes of claims."""
        registration = worker(serial, name)
        answer = await self.world.service.claims._bpjs.register(registration, f"member-{serial}")
        assert isinstance(answer, Registered)
        kpj = answer.kpj

        async def write(unit: Unit) -> int:
            person = unit.ids.next()
            unit.add(
                people, id=person, nik_index=unit.vault.index(registration.nik),
                nik=unit.vault.seal(registration.nik.digits.encode(), f"nik {person}"), name=name,
                birth_place="SOPPENG", birth_date=BORN, sex="female", address="DUSUN LAPPA",
                village_code="73.12.02.2005", created_at=unit.now,
            )  # fmt: skip
            unit.add(
                memberships, person_id=person, kpj=kpj, covered_from=date(2026, 11, 1),
                protected_until=COVERED_UNTIL, stated_at=unit.now,
            )  # fmt: skip
            unit.add(
                enrolments, id=unit.ids.next(), person_id=person, chat_id=chat, conversation_id=1, entered_by="helper",
                state="registered", occupation="x", sector="other", income_band=1, heir_name=heir or "SITTI",
                heir_relation="spouse", first_month="2026-11", months=1, amount=8_400, doubts="", created_at=unit.now,
            )  # fmt: skip
            unit.add(
                consents, id=unit.ids.next(), chat_id=chat, conversation_id=1, purpose="reminders", version=1,
                words="", given_by="self", given_at=unit.now,
            )  # fmt: skip
            unit.add(chat_people, chat_id=chat, person_id=person, role="helper", since=unit.now)
            return person

        person = await self.world.service.writer.run(write)
        self.names[person] = name
        return person

    async def kpj(self, person: int) -> str:
        ((kpj,),) = await self.rows(f"SELECT kpj FROM memberships WHERE person_id = {person}")
        return str(kpj)

    async def reports(
        self, chat: int, person: int, about: About = FALL, *, by: str = "SITTI", relation: Relation = "child",
        doubts: tuple[str, ...] = (),
    ) -> OpenClaim:  # fmt: skip
        """A report, as the flow writes it."""
        reporter = Reporter(by, relation, Phone(f"+62{PHONE}"))
        asked = ReportClaim(person, Report(await self.kpj(person), reporter, about), doubts)
        return await self.world.service.writer.run(lambda unit: claims.report(unit, chat, asked))

    async def photo(self, chat: int, who: str, content: bytes | None = None) -> int:
        """A photo that this chat has sent; its id."""
        number = next(self._numbers)
        photo = content or b"\xff\xd8\xff a paper %d" % number
        await self.world.service.writer.arrive(Arrival("web", "main", who, f"photo-{number}", Shown(0), photo))
        ((found,),) = await self.rows(f"SELECT max(id) FROM photos WHERE chat_id = {chat}")
        return int(found)

    async def keeps(self, chat: int, claim: OpenClaim, *photos: tuple[str, int]) -> OpenClaim | None:
        asked = KeepPapers(claim.claim, photos)
        return await self.world.service.writer.run(lambda unit: claims.keep_papers(unit, chat, asked))

    async def sends(self, chat: int, who: str, claim: OpenClaim, *kinds: str) -> OpenClaim | None:
        """A photo of each of these papers, all that are missing if none is named."""
        photos = [(kind, await self.photo(chat, who)) for kind in kinds or claim.missing]
        return await self.keeps(chat, claim, *photos)

    async def now(self, chat: int, number: int) -> OpenClaim | None:
        """How the claim of this number stands; None once it is closed."""
        found = await self.world.service.writer.run(lambda unit: claims.here(unit, chat, ClaimsHere("")))
        return next((one for one in found if one.number == number), None)

    async def at_bpjs(self) -> list[dict[str, Any]]:
        """The claims that BPJS has, the newest first."""
        found: list[dict[str, Any]] = (await self.world.bpjs("GET", "/sandbox/claims")).json()
        return found

    async def bpjs_goes_on(self, claim: int, *, told: bool = True) -> None:
        """BPJS takes the next step with this claim, a moment later."""
        ((reference,),) = await self.rows(f"SELECT reference FROM claims WHERE id = {claim}")
        self.world.clock.now += timedelta(seconds=1)
        await self.world.bpjs("POST", f"/sandbox/claims/{reference}/next{'' if told else '?told=false'}")
        await self.world.settle()

    async def heard(self, chat: int) -> list[str]:
        """Everything unasked that this chat was told."""
        rows = await self.rows(
            f"SELECT id, body FROM outbox WHERE chat_id = {chat} AND kind IN ('notice', 'reminder') ORDER BY id"
        )
        vault = self.world.service.desk.vault
        return [_words(vault.open(bytes(body), f"outbox {number}")) for number, body in rows]

    async def rows(self, sql: str) -> list[Any]:
        async with self.world.service.transcript._engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(sql))]


def _words(body: bytes) -> str:
    return str(msgspec.json.decode(body)["text"])
