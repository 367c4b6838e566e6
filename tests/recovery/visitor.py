"""One person at the web chat, as the page behaves: an id for each message, repeated until it is answered 200.

Invariant: the person never says anything twice by intention of the script; a repeat has the id of what it repeats.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import httpx

from tests.ktp.samples import FOLDER as SAMPLES
from tests.recovery.script import LAST_WORDS, Person, Step

ANSWER_S = 20.0
"""A request that takes longer is given up and made again."""
AGAIN_S = (0.03, 0.15)
LOOK_S = (0.05, 0.15)
"""How long until a request is repeated, and how often the page asks for new lines."""
DOUBLED = 0.1
"""Chance that a message which was acknowledged is sent once more, as a page does that was reloaded too early."""
CARD, REGISTRATION, LATER = "card being read", "registration under way", "BPJS to answer later"
THINKING, SENDING = "thinking", "sending"
Line = dict[str, Any]


class ContractError(Exception):
    """The service answered what it must never answer."""


class Visitor:
    """`enrol` is the whole script. `seen` are the lines in the order in which the page got them; `said` the ids of
    the messages; `doing` tells where the person is at this moment."""

    def __init__(self, person: Person, address: str, chance: Random, pause_s: float) -> None:
        self.person, self._chance, self._pause_s = person, chance, pause_s
        # a client each, since each has a jar of cookies
        self._http = httpx.AsyncClient(base_url=address, timeout=ANSWER_S, verify=False)  # loopback
        self.seen: list[Line] = []
        self.said: list[str] = []
        self.step, self.doing = "page", SENDING
        self.repeats = self.lost_acks = self.doubled = 0
        self.done = False

    async def enrol(self) -> None:
        await self._ask("GET", "/")
        for step in self.person.steps:
            await self._hear(step.after)
            self.doing = THINKING
            await asyncio.sleep(self._chance.uniform(0, self._pause_s))
            self.step, self.doing = step.name, SENDING
            await self._say(step)
            self.doing = self._waits_for(step)
        await self._hear(LAST_WORDS)
        self.done = True

    async def close(self) -> None:
        await self._http.aclose()

    async def all_lines(self) -> list[Line]:
        """The chat from its beginning, as a page shows it that was opened anew."""
        lines: list[Line] = (await self._ask("GET", "/chat/lines?after=1")).json()["lines"]
        return lines

    def _waits_for(self, step: Step) -> str:
        if step.name == "send":
            return LATER if self.person.is_slow else REGISTRATION
        return CARD if step.photo else THINKING

    async def _say(self, step: Step) -> None:
        number = f"p{self.person.number:03}-{len(self.said):02}"
        self.said.append(number)
        tries = self.repeats
        is_new = await self._post(step, number)
        self.lost_acks += not is_new
        if not is_new and self.repeats == tries:
            raise ContractError(f"{number} was sent once and is called a repeat")
        if self._chance.random() < DOUBLED:
            self.doubled += 1
            if await self._post(step, number):
                raise ContractError(f"{number} was acknowledged and is taken for new when it is repeated")

    async def _post(self, step: Step, number: str) -> bool:
        if step.photo:
            headers = {"X-Siaga": "1", "X-Message-Id": number}
            photo = (SAMPLES / step.photo).read_bytes()
            answer = await self._ask("POST", "/chat/photos", headers=headers, content=photo)
        else:
            body = {"id": number, "text": step.says}
            answer = await self._ask("POST", "/chat/messages", headers={"X-Siaga": "1"}, json=body)
        return bool(answer.json()["new"])

    async def _hear(self, words: str) -> None:
        """Wait until the bot has said this since the person's last message."""
        while words and not self._heard(words):
            last = self.seen[-1]["id"] if self.seen else "1"
            new = (await self._ask("GET", f"/chat/lines?after={last}")).json()["lines"]
            self.seen += new
            if not new:
                await asyncio.sleep(self._chance.uniform(*LOOK_S))

    def _heard(self, words: str) -> bool:
        """The person's own lines come back from the service, so no word is taken for an answer to what came later."""
        mine = [place for place, line in enumerate(self.seen) if line["mine"]]
        if len(mine) < len(self.said):
            return False
        since = self.seen[mine[-1] + 1 :] if mine else self.seen
        return any(words in line["text"] for line in since)

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Again and again, until the service answers; only no answer and "come again" are answers to repeat after."""
        while True:
            try:
                answer = await self._http.request(method, path, **more)
            except httpx.TransportError:
                pass
            else:
                if answer.status_code == 200:
                    return answer
                if answer.status_code != 503:
                    raise ContractError(f"{method} {path.partition('?')[0]} was answered {answer.status_code}")
            self.repeats += method == "POST"
            await asyncio.sleep(self._chance.uniform(*AGAIN_S))
