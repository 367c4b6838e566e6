"""People writing to the bot: many at once, each the next thing when the last is answered.

Invariant: what is said goes through the door of a channel and the writer, sometimes twice; what is heard is what rang.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from random import Random

from bot.handlers.contract import ACCOUNT, Arrival
from bot.talk.heard import Said, Shown
from tests.lives import chances
from tests.lives.people import Person
from tests.lives.phones import NAME, Phones, Rang
from tests.lives.wishes import OPENINGS, PHOTO, Wish, answer, is_asked
from tests.world import World

MESSAGES_MAX = 60
"""Of one conversation."""
BETWEEN = timedelta(seconds=9)
"""What somebody says and what they say next."""
JPEG = b"\xff\xd8\xff a paper, number %d"
CONSENT = "Bolehkah kami mengirim pengingat"
REPORTED = "tercatat"
STOP = OPENINGS["stop"]


class Visit:
    """Somebody at a phone with a wish: what they say next."""

    def __init__(self, phone: str, wish: Wish) -> None:
        self.phone, self.wish, self._is_opened = phone, wish, False

    def says(self, heard: str) -> str | None:
        """None: nothing more."""
        if not self._is_opened:
            self._is_opened = True
            return OPENINGS[self.wish.kind]
        return answer(self.wish, heard)


class Visits:
    """`talk` carries conversations on to their ends. `read` takes note of what rang on a phone, given the person that
    somebody spoke of there last. `stopped` and `died`: since when somebody wants no reminders, or is known to be dead.
    `at_a_loss`: questions that nobody understood."""

    def __init__(
        self, world: World, phones: Phones, chance: Random, read: Callable[[str, Person, list[Rang]], None]
    ) -> None:
        self._world, self._phones, self._chance, self._take_note = world, phones, chance, read
        self.counted = Counter[str]()
        self.stopped: dict[str, datetime] = {}
        self.died: dict[str, datetime] = {}
        self.at_a_loss: list[str] = []
        self._spoken_of: dict[str, Person] = {}
        self._numbers = itertools.count(1)

    async def talk(self, visits: Iterable[Visit]) -> None:
        """At one phone there is one visit at a time."""
        here = dict.fromkeys(visits, "")
        self.counted["conversations"] += len(here)
        for _message in range(MESSAGES_MAX):
            saying = {visit: said for visit, heard in here.items() if (said := visit.says(heard)) is not None}
            if not saying:
                break
            self._world.clock.now += BETWEEN
            self._agree(visit.phone for visit, said in saying.items() if CONSENT in here[visit] and said == "ya")
            await asyncio.gather(*(self._say(visit, said) for visit, said in saying.items()))
            await self._answered()
            here = {visit: self._heard(visit) for visit in saying}

    def read_all(self) -> None:
        """Everybody looks at the phone."""
        for phone in sorted(self._phones.unread):
            self._read(phone)

    async def _say(self, visit: Visit, said: str) -> None:
        number = next(self._numbers)
        heard, photo = (Shown(0), JPEG % number) if said == PHOTO else (Said(said), None)
        arrival = Arrival(NAME, ACCOUNT, visit.phone, f"m{number}", heard, photo)
        times = 2 if self._chance.random() < chances.SAID_TWICE else 1
        self.counted["messages"] += 1
        self.counted["delivered twice"] += times - 1
        if said == STOP:
            self.stopped.setdefault(visit.phone, self._world.clock.now)
        self._spoken_of[visit.phone] = visit.wish.person
        for _time in range(times):
            await self._world.service.writer.arrive(arrival)

    def _agree(self, phones: Iterable[str]) -> None:
        """Who enrols somebody and agrees to reminders has them again, in spite of an earlier STOP."""
        for phone in phones:
            self.stopped.pop(phone, None)

    async def _answered(self) -> None:
        """What was said is answered, as far as it can be now; without a look at everything that goes by the clock."""
        service = self._world.service
        while sum([await one.run_due() for one in (service.runner, *service.channels.runners)]):
            pass

    def _heard(self, visit: Visit) -> str:
        """What has come since, all of it."""
        texts = self._read(visit.phone)
        if texts and is_asked(texts[-1]) and answer(visit.wish, texts[-1]) is None:
            self.at_a_loss.append(texts[-1])
        if visit.wish.kind == "death" and any(REPORTED in one for one in texts):
            self.died.setdefault(visit.wish.person.name, self._world.clock.now)
        return "\n".join(texts)

    def _read(self, phone: str) -> list[str]:
        rang = self._phones.read(phone)
        self._take_note(phone, self._spoken_of[phone], rang)
        return [one.text for one in rang]
