"""People enrol at the same time while the service is killed at random moments, and started again.

Invariant: the people stop only when they are done; kills stop after their number, and everything ends by `LIMIT_S`.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

from msgspec import Struct

from tests.recovery.evidence import Left, left_by
from tests.recovery.script import Person, people
from tests.recovery.service import Siaga, siaga
from tests.recovery.visitor import CARD, LATER, REGISTRATION, SENDING, ContractError, Visitor

AT_ONCE = 10
"""People enrolling at the same time; who is done is followed by another, until the last kill."""
PEOPLE_MAX = 400
LIFE_S = (0.05, 0.6)
"""How long the service lives after it answers, before the next kill."""
PAUSE_S = 0.3
"""People think for up to this long."""
AIM_EVERY = 4
"""Each fourth kill waits until somebody's registration or photo is on its way, and comes right then."""
AIM_S_MAX, AIM_LOOK_S, AIMED_S = 3.0, 0.002, 0.08
STARTING_CHANCE = 0.1
"""Kills that come while the service is still starting."""
STARTING_S = (0.05, 1.2)
LIMIT_S = 900.0
"""For the whole of it. People who are not done by then are told in the verdict."""


class Hit(Struct, frozen=True):
    """What one kill fell into: steps of the messages without an answer, and what the people were doing."""

    starting: bool
    sending: tuple[str, ...]
    errands: tuple[str, ...]


class Storm(Struct, frozen=True):
    """What was done, and what is left of it. `unfinished` are the people who were not done in time,
    `faults` answers that the service must never give."""

    people: tuple[Person, ...]
    hits: tuple[Hit, ...]
    messages: int
    repeats: int
    lost_acks: int
    doubled: int
    unfinished: tuple[str, ...]
    faults: tuple[str, ...]
    seconds: float
    left: Left

    def phases(self) -> Counter[str]:
        """How many kills fell into which step: "sending X", an errand under way, or the start."""
        counted: Counter[str] = Counter()
        for hit in self.hits:
            counted.update({f"sending {step}" for step in hit.sending} | set(hit.errands))
            counted["starting"] += hit.starting
            counted["nobody's message or errand"] += not (hit.starting or hit.sending or hit.errands)
        return counted


async def storm(
    database: str, folder: Path, *, kills: int, seed: int, at_once: int = AT_ONCE, limit_s: float = LIMIT_S
) -> Storm:
    """Kill the service on this empty database so many times, while so many people enrol at once."""
    began = time.monotonic()
    async with siaga(database, folder) as service:
        crowd = _Crowd(service, seed, PAUSE_S)
        lanes = [asyncio.create_task(crowd.lane(number)) for number in range(at_once)]
        hits: list[Hit] = []
        try:
            async with asyncio.timeout(limit_s):
                await _kill(service, crowd, kills, Random(f"kills {seed}"), hits)
                crowd.closing = True
                await asyncio.gather(*lanes)
        except TimeoutError:
            pass  # who is not done is told
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)
        return await _told(service, crowd, hits, began)


async def calm(database: str, folder: Path, who: Sequence[Person], seed: int, limit_s: float = LIMIT_S) -> Left:
    """The same people at a service that nobody disturbs."""
    async with siaga(database, folder) as service:
        crowd = _Crowd(service, seed, 0, who)
        async with asyncio.timeout(limit_s):
            await asyncio.gather(*(crowd.lane(number) for number in range(AT_ONCE)))
        return (await _told(service, crowd, [], time.monotonic())).left


class _Crowd:
    """`AT_ONCE` lanes of people. `visitors` is everybody who has come."""

    def __init__(self, service: Siaga, seed: int, pause_s: float, who: Sequence[Person] | None = None) -> None:
        self._service, self._seed, self._pause_s = service, seed, pause_s
        self._coming = iter(who) if who is not None else itertools.islice(people(seed), PEOPLE_MAX)
        self.visitors: list[Visitor] = []
        self.faults: list[str] = []
        self.closing = False

    async def lane(self, number: int) -> None:
        """One person after the other; the first ones come a little apart."""
        await asyncio.sleep(number * self._pause_s)
        while not self.closing and (person := next(self._coming, None)) is not None:
            chance = Random(f"visitor {self._seed} {person.number}")
            visitor = Visitor(person, self._service.address, chance, self._pause_s)
            self.visitors.append(visitor)
            try:
                await visitor.enrol()
            except ContractError as fault:
                self.faults.append(f"person {person.number}: {fault}")

    def under_way(self) -> list[Visitor]:
        return [visitor for visitor in self.visitors if not visitor.done]

    def hit(self, *, starting: bool) -> Hit:
        sending = tuple(one.step for one in self.under_way() if one.doing == SENDING)
        errands = tuple(one.doing for one in self.under_way() if one.doing in (CARD, REGISTRATION, LATER))
        return Hit(starting, () if starting else sending, errands)


async def _kill(service: Siaga, crowd: _Crowd, kills: int, chance: Random, hits: list[Hit]) -> None:
    for number in range(kills):
        starting = number > 0 and chance.random() < STARTING_CHANCE
        if starting:
            await asyncio.sleep(chance.uniform(*STARTING_S))
        else:
            await _life(service, crowd, chance, aimed=number % AIM_EVERY == AIM_EVERY - 1)
        hits.append(crowd.hit(starting=starting))
        service.kill()
        service.start()
    await service.well()


async def _life(service: Siaga, crowd: _Crowd, chance: Random, *, aimed: bool) -> None:
    """Until the service answers, then for a while."""
    await service.well()
    await asyncio.sleep(chance.uniform(*LIFE_S))
    if not aimed:
        return
    before = {id(one) for one in crowd.under_way() if _sends_off(one)}
    end = time.monotonic() + AIM_S_MAX
    while time.monotonic() < end and not any(_sends_off(one) and id(one) not in before for one in crowd.under_way()):  # noqa: ASYNC110
        await asyncio.sleep(AIM_LOOK_S)  # people come and go; an event each would say no more
    await asyncio.sleep(chance.uniform(0, AIMED_S))


def _sends_off(visitor: Visitor) -> bool:
    return visitor.step in ("send", "photo")


async def _told(service: Siaga, crowd: _Crowd, hits: list[Hit], began: float) -> Storm:
    try:
        left = await left_by(service, crowd.visitors)
    finally:
        for one in crowd.visitors:
            await one.close()
    return Storm(
        people=tuple(one.person for one in crowd.visitors),
        hits=tuple(hits),
        messages=sum(len(one.said) for one in crowd.visitors),
        repeats=sum(one.repeats for one in crowd.visitors),
        lost_acks=sum(one.lost_acks for one in crowd.visitors),
        doubled=sum(one.doubled for one in crowd.visitors),
        unfinished=tuple(f"person {one.person.number} at {one.step}" for one in crowd.under_way()),
        seconds=time.monotonic() - began,
        faults=tuple(crowd.faults),
        left=left,
    )
