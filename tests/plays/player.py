"""Plays a transcript against a service and writes down what happened.

A file begins with a sentence of prose. Then come lines of speakers (`hasna:  daftar`), stage directions in brackets,
and what the bot answered (`bot:`) or did (`~`), which the player writes anew. Input in brackets after a speaker:
(photo FILE), (photo FILE, unsure: FIELD FIELD), (tap LABEL), (tap old LABEL), (voice), (sticker), (document),
(animation), (long text), (photo too large). A code that was drawn (CODE-1, MOVE-1) is spoken as it was heard.
Stage directions: (N seconds|minutes|hours|days pass), (restart), (BPJS is down), (PLKK is back), (bank is down);
(BPJS: the code is paid), (BPJS: CODE-1 is paid), (BPJS: CODE-1 is paid with Rp8.000), (bank: CODE-1 is paid), where
CODE-1 is the virtual account that ends with it; (BPJS goes on with the claim), (the clinic goes on with the treatment);
(the office clears claim N),
(the office accepts the correction), (the office refuses the correction: WHY).
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.handlers.contract import Arrival, Receipt
from bot.handlers.terminal import words
from bot.runtime.works import Answered
from bot.runtime.writer import Writer
from bot.talk.heard import FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import Line
from tests.ktp.samples import FOLDER as SAMPLES
from tests.world import UNSURE, World

LINES_MAX = 100
_SPEAKER = re.compile(r"([a-z]+):  (.*)")
_DIRECTION = re.compile(r"\((.+)\)")
_PASSES = re.compile(r"(\d+) (second|minute|hour|day)s? pass(?:es)?")
_TROUBLE = re.compile(r"(BPJS|PLKK) is (down|back)")
_PAID = re.compile(r"BPJS: (?:the code|(CODE-\d+)) is paid(?: with Rp([\d.]+))?")
_OFFICE = re.compile(r"the office (?:accepts the correction|refuses the correction: (.+))")
_BANK_PAID = re.compile(r"bank: (CODE-\d+) is paid")
_CLEARED = re.compile(r"the office clears claim (\d+)")
_CODE = re.compile(r"(?<!\d)(?:8808)?(88\d{13})(?!\d)")
_DRAWN = {"CODE": _CODE, "MOVE": re.compile(r"(?<![\d.])(?<!\d )\d{3} \d{3}(?!\d| \d)")}
"""What is drawn anew in every performance; in the transcript it has the name of its turn."""
_SENT: dict[str, FromPerson] = {
    "voice": Unread("voice"), "sticker": Unread("sticker"), "document": Unread("document"),
    "animation": Unread("animation"), "photo too large": Unread("photo-too-large"), "long text": Said("a" * 10_000),
}  # fmt: skip


class DoublingWriter(Writer):
    """Hands in every event twice, at once."""

    async def arrive(self, arrival: Arrival) -> Receipt:
        first, _second = await asyncio.gather(super().arrive(arrival), super().arrive(arrival))
        return first

    async def answered(self, answered: Answered) -> None:
        await asyncio.gather(super().answered(answered), super().answered(answered))


class Player:
    """One performance. `restarts`: the service is ended and started between any two lines."""

    def __init__(self, world: World, *, restarts: bool = False) -> None:
        self._world, self._restarts = world, restarts
        self._told: dict[str, int] = {}
        self._lines: dict[str, list[Line]] = {}
        self._codes: dict[str, dict[str, str]] = {kind: {} for kind in _DRAWN}
        self._count = 0

    async def play(self, script: str) -> str:
        """The transcript as it turned out."""
        blocks = [await self._block(block.split("\n")) for block in script.strip("\n").split("\n\n")]
        return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"

    async def _block(self, lines: Sequence[str]) -> list[str]:
        spoken = _SPEAKER.fullmatch(lines[0])
        direction = _DIRECTION.fullmatch(lines[0])
        if spoken and spoken[1] != "bot":
            await self._speak(spoken[1], spoken[2])
            return [lines[0], *await self._heard(spoken[1])]
        if direction:
            await self._direct(direction[1])
            return [lines[0], *await self._heard("")]
        return list(lines)

    async def _speak(self, who: str, spoken: str) -> None:
        self._world.clock.now += timedelta(seconds=5)
        self._count += 1
        self._lines.setdefault(who, [])
        heard, photo = self._sent(who, spoken)
        await self._hand_in(who, f"m{self._count}", heard, photo)
        if self._restarts:
            await self._world.restart()
        await self._world.settle()

    async def _hand_in(self, who: str, message_id: str, heard: FromPerson, photo: bytes | None) -> None:
        await self._world.service.writer.arrive(Arrival("web", "main", who, message_id, heard, photo))

    def _sent(self, who: str, spoken: str) -> tuple[FromPerson, bytes | None]:
        direction = _DIRECTION.fullmatch(spoken)
        if direction is None:
            return Said(self._with_chance(spoken)), None
        kind, _space, rest = direction[1].partition(" ")
        if direction[1] in _SENT:
            return _SENT[direction[1]], None
        if kind == "photo":
            name, _comma, unsure = rest.partition(", unsure: ")
            return Shown(0), (SAMPLES / name).read_bytes() + (UNSURE + unsure.encode() if unsure else b"")
        if kind == "tap":
            return self._tapped(who, rest), None
        raise ValueError(f"no such stage direction: {spoken}")

    def _tapped(self, who: str, label: str) -> Pressed:
        old = label.startswith("old ")
        wanted = label.removeprefix("old ")
        lines = self._lines[who] if old else self._lines[who][::-1]
        return next(
            Pressed(button.data, button.label) for line in lines for button in line.buttons if button.label == wanted
        )

    async def _direct(self, direction: str) -> None:
        passes = _PASSES.fullmatch(direction)
        if passes:
            await self._world.pass_time(timedelta(**{passes[2] + "s": int(passes[1])}))
        elif trouble := _TROUBLE.fullmatch(direction):
            press = self._world.bpjs if trouble[1] == "BPJS" else self._world.plkk
            await press("POST", "/sandbox/down" if trouble[2] == "down" else "/sandbox/up")
        elif paid := _PAID.fullmatch(direction):
            code = self._with_chance(paid[1]) if paid[1] else self._newest_code()
            sum_paid = f"?amount={paid[2].replace('.', '')}" if paid[2] else ""
            await self._world.bpjs("POST", f"/sandbox/payments/{code}/paid{sum_paid}")
        elif direction == "BPJS goes on with the claim":
            (latest, *_older) = (await self._world.bpjs("GET", "/sandbox/claims")).json()
            await self._world.bpjs("POST", f"/sandbox/claims/{latest['reference']}/next")
        elif direction == "the clinic goes on with the treatment":
            (latest, *_older) = (await self._world.plkk("GET", "/sandbox/treatments")).json()
            await self._world.plkk("POST", f"/sandbox/treatments/{latest['reference']}/next")
        elif decides := _OFFICE.fullmatch(direction):
            await self._decide(decides[1])
        elif direction in ("bank is down", "bank is back"):
            await self._world.bank("POST", "/sandbox/down" if direction.endswith("down") else "/sandbox/up")
        elif at_bank := _BANK_PAID.fullmatch(direction):
            await self._world.bank("POST", f"/sandbox/bills/8808{self._with_chance(at_bank[1])}/paid")
        elif cleared := _CLEARED.fullmatch(direction):
            number, service = int(cleared[1]), self._world.service
            await service.writer.run(lambda unit: service.claims.clear(unit, number, "Ibu Sari"))
        elif direction == "restart":
            await self._world.restart()
        else:
            raise ValueError(f"no such stage direction: ({direction})")
        await self._world.settle()

    async def _decide(self, refusal: str | None) -> None:
        """A person of the office decides the correction that waits."""
        office = self._world.service.corrections
        (waiting,) = await office.waiting("Nurul")
        await (office.refuse(waiting.number, refusal, "Nurul") if refusal else office.accept(waiting.number, "Nurul"))

    def _newest_code(self) -> str:
        said = [line.text for lines in self._lines.values() for line in lines]
        return next(match[1] for text in reversed(said) if (match := _CODE.search(text)))

    async def _heard(self, speaker: str) -> list[str]:
        """What the bot said since, to everybody, as lines of the transcript."""
        out: list[str] = []
        for who in self._lines:
            for line in await self._new_lines(who):
                first, *more = self._without_chance(words(line)).split("\n")
                name = "bot:" if who == speaker or len(self._lines) == 1 else f"bot to {who}:"
                out += [f"{name:<7} {first}".rstrip(), *(f"        {one}".rstrip() for one in more)]
        return out

    def _without_chance(self, text: str) -> str:
        """With the names of the codes in it."""
        for kind, pattern in _DRAWN.items():
            names = self._codes[kind]
            for code in pattern.findall(text):
                text = text.replace(code, names.setdefault(code, f"{kind}-{len(names) + 1}"))
        return text

    def _with_chance(self, spoken: str) -> str:
        """With the codes themselves."""
        for names in self._codes.values():
            for code, name in names.items():
                spoken = re.sub(rf"\b{name}\b", code, spoken)
        return spoken

    async def _new_lines(self, who: str) -> list[Line]:
        transcript = self._world.service.transcript
        chat = await transcript.chat("web", "main", who)
        if chat is None:
            return []
        lines: Any = await transcript.lines(chat, self._told.get(who, 1), LINES_MAX)
        if lines:
            self._told[who] = lines[-1].id
        said = [line for line in lines if not line.mine]
        self._lines[who] += said
        return said
