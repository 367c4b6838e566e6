"""The run: day after day people read their phones, write, pay, fall ill and die, and the systems around fail and return.

A day has a few moments at which things happen; between them nobody does anything, and the clock is set on. Invariant:
members, BPJS, the bank and the office act only as they could outside: by a chat, a button, a command.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from random import Random

from bench.lives import chances, reading
from bench.lives.diary import Act, ClaimGoesOn, CoverChanges, Diary, PayBill, PayCode
from bench.lives.outages import Outages
from bench.lives.people import Person
from bench.lives.phones import ACCOUNT, NAME, Phones
from bench.lives.sources import Sources
from bench.lives.wishes import OPENINGS, PHOTO, Wish, answer, is_asked, paying
from bot.handlers.contract import Arrival
from bot.talk.heard import Said, Shown
from db import claim_sending
from rules.quiet import WITA
from tests.world import World

MOMENTS = (time(2), time(8), time(9, 30), time(12), time(16), time(21, 30))
"""02:00 the reconciliation, 08:00 the reminders; people act at the others."""
NIGHT, REMINDERS, LATE = MOMENTS[0], MOMENTS[1], MOMENTS[-1]
MESSAGES_MAX = 60
"""Of one conversation."""
BETWEEN = timedelta(seconds=9)
"""What somebody says and what they say next."""
TICK, TICKS_MAX = timedelta(seconds=40), 40
"""After an outage what waits is tried again, as long as something does."""
JPEG = b"\xff\xd8\xff a paper of %d"


class Visit:
    """Somebody at a phone with a wish: what they say next."""

    def __init__(self, phone: str, wish: Wish, *, opening: bool = True) -> None:
        self.phone, self.wish, self._is_opened = phone, wish, not opening

    def says(self, heard: str) -> str | None:
        """None: nothing more."""
        if not self._is_opened:
            self._is_opened = True
            return OPENINGS[self.wish.kind]
        return answer(self.wish, heard)


class Run:
    """`day` after day. What people did and couldn't do is counted in `counted`."""

    def __init__(self, world: World, phones: Phones, people: list[Person], sources: Sources, seed: int) -> None:
        self.world, self.phones, self.people, self.sources = world, phones, people, sources
        self.chance, self.diary, self.counted = Random(seed), Diary(), Counter[str]()
        self.on_phone: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self.on_phone[person.phone].append(person)
        self.outages = Outages(world, self.chance)
        self.receipts: list[reading.Receipt] = []
        self.stopped: dict[str, datetime] = {}
        self.died: dict[str, datetime] = {}
        self.at_a_loss: list[str] = []
        self.late_promises: list[str] = []
        self._wishes: dict[str, list[Wish]] = defaultdict(list)
        self._last: dict[str, Wish] = {}
        self._numbers = itertools.count(1)

    async def day(self, day: date) -> None:
        self._plan(day)
        for moment in MOMENTS:
            at = datetime.combine(day, moment, WITA)
            self.world.clock.now = max(self.world.clock.now, at)
            if await self.outages.switch(at):
                await self._drain()
            await self._office(at)
            await self.diary.do(self.world, at)
            await self.world.settle()
            if moment not in (NIGHT, REMINDERS):
                await self._people(is_late=moment == LATE)
            self._read_all()
        self.late_promises += await self.sources.promises_passed(self.world.clock.now)

    async def night(self, day: date) -> None:
        """Only what the service does by itself."""
        for moment in (NIGHT, REMINDERS, LATE):
            self.world.clock.now = max(self.world.clock.now, datetime.combine(day, moment, WITA))
            await self.world.settle()
            self._read_all()

    async def end(self) -> None:
        """Everything is up, and everything that waits is done."""
        await self.outages.over()
        await self._drain()

    # -- the day's chances ------------------------------------------------------------------------------------------

    def _plan(self, day: date) -> None:
        for person in self.people:
            if person.joins == day:
                self._wish(Wish("enrol", person, months=self.chance.choice((1, 1, 3, 3, 6))))
            if person.is_gone or not person.kpj:
                continue
            if person.pays_on is not None and person.pays_on <= day:
                person.pays_on, person.way = day + timedelta(days=9), chances.way(self.chance)
                self._wish(paying(person, everybody=self.chance.random() < 0.3, anew=self.chance.random() < 0.02))
            self._strike(person, day)

    def _strike(self, person: Person, day: date) -> None:
        chance, is_covered = self.chance, person.until is not None and person.until >= day
        if chance.random() < chances.ACCIDENT * (1 if is_covered else 0.1):
            self._wish(Wish("accident", person, papers=chance.choice((9, 9, 9, 2, 0))))
        elif chance.random() < chances.DEATH:
            self._die(person)
        elif chance.random() < chances.ERASURE:
            self._wish(Wish("erase", person))
            person.is_gone = True
        elif chance.random() < chances.COVER_CHANGED and person.until is not None:
            until = chance.choice((None, day - timedelta(days=1), person.until + timedelta(days=30)))
            self._act(CoverChanges(person.kpj, until, self._is_told()), day, days=0)
        elif chance.random() < chances.ASKS_STATUS:
            self._wish(Wish("status", person))

    def _die(self, person: Person) -> None:
        person.is_gone = True
        heir = "Andi Rala" if self.chance.random() < 0.15 else ""
        wish = Wish("death", person, papers=self.chance.choice((9, 9, 3)), heir=heir)
        if self.chance.random() < 0.2:
            wish.by_number = True
            self._wish(wish, phone=f"family-{person.number}")
        else:
            self._wish(wish)

    def _is_told(self) -> bool:
        return self.chance.random() >= chances.LOST

    def _act(self, act: Act, day: date, *, days: int) -> None:
        moment = self.chance.choice(MOMENTS[2:-1])
        self.diary.add(datetime.combine(day + timedelta(days=days), moment, WITA), act)

    def _wish(self, wish: Wish, phone: str = "") -> None:
        self._wishes[phone or wish.person.phone].append(wish)

    # -- the office, and BPJS at its desk ---------------------------------------------------------------------------

    async def _office(self, at: datetime) -> None:
        if at.weekday() >= 5 or at.time() != MOMENTS[2]:
            return
        for number in await self.sources.claims_to_check():
            if self.chance.random() < chances.OFFICE_CLEARS:
                await self.world.service.writer.run(_cleared(number))
        for reference in self.sources.claims_at_bpjs():
            if self.chance.random() < chances.BPJS_GOES_ON:
                self._act(ClaimGoesOn(reference, self._is_told()), at.date(), days=0)

    # -- people and their phones ------------------------------------------------------------------------------------

    async def _people(self, *, is_late: bool) -> None:
        """Who has a wish writes; who was asked something answers. At night few do."""
        self._read_all()
        visits: list[Visit] = []
        for phone, wishes in self._wishes.items():
            if wishes and not (is_late and self.chance.random() > chances.WRITES_AT_NIGHT):
                visits.append(Visit(phone, wishes.pop(0)))
        self.counted["conversations"] += len(visits)
        await self._talk(visits)

    async def _talk(self, visits: Iterable[Visit]) -> None:
        here = dict.fromkeys(visits, "")
        for _message in range(MESSAGES_MAX):
            saying = [(visit, said) for visit, heard in here.items() if (said := visit.says(heard)) is not None]
            if not saying:
                break
            self.world.clock.now += BETWEEN
            await asyncio.gather(*(self._say(visit, said) for visit, said in saying))
            await self._answered()
            here = {visit: self._heard(visit) for visit, _said in saying}
        await self.world.settle()

    async def _answered(self) -> None:
        """What was said is answered, as far as it can be now; without a look at everything that goes by the clock."""
        service = self.world.service
        while sum([await one.run_due() for one in (service.runner, *service.channels.runners)]):
            pass

    async def _say(self, visit: Visit, said: str) -> None:
        number = next(self._numbers)
        heard, photo = (Shown(0), JPEG % number) if said == PHOTO else (Said(said), None)
        arrival = Arrival(NAME, ACCOUNT, visit.phone, f"m{number}", heard, photo)
        again = self.chance.random() < chances.SAID_TWICE
        self.counted["messages"] += 1
        if said == "stop":
            self.stopped.setdefault(visit.phone, self.world.clock.now)
        self._last[visit.phone] = visit.wish
        await self.world.service.writer.arrive(arrival)
        if again:
            self.counted["delivered twice"] += 1
            await self.world.service.writer.arrive(arrival)

    def _heard(self, visit: Visit) -> str:
        """What has come since, all of it."""
        texts = self._read(visit.phone, visit.wish)
        last = texts[-1] if texts else ""
        if is_asked(last) and answer(visit.wish, last) is None:
            self.at_a_loss.append(last)
        if visit.wish.kind == "death" and "tercatat" in "\n".join(texts):
            self.died.setdefault(visit.wish.person.name, self.world.clock.now)
        return "\n".join(texts)

    def _read_all(self) -> None:
        for phone in sorted(self.phones.unread):
            self._read(phone, None)

    def _read(self, phone: str, wish: Wish | None) -> list[str]:
        people = self.on_phone.get(phone) or ([wish.person] if wish else [self._last[phone].person])
        rang = self.phones.read(phone)
        for one in rang:
            for read in reading.read(one, people):
                self._understand(read, phone, people)
            if "STOP untuk berhenti diingatkan" in one.text:
                self.counted["reminders"] += 1
                if phone not in self.stopped and chances.stops(people[0], self.chance):
                    self._wish(Wish("stop", people[0]), phone)
        return [one.text for one in rang]

    def _understand(self, read: reading.Read, phone: str, people: list[Person]) -> None:
        today = self.world.clock.now.astimezone(WITA).date()
        match read:
            case reading.Receipt(person, until=until):
                self.receipts.append(read)
                person.until = until
                person.pays_on = chances.pays_next(person.temper, until, self.chance)
            case reading.Code(person, code, amount, is_first):
                person.code, person.amount = code, amount
                if is_first:
                    person.way = chances.way(self.chance)
                    person.pays_on = today + timedelta(days=5)
                if is_first and person.way != "code":
                    self._wish(paying(person), phone)
                elif person.way == "code":
                    self._pays(PayCode(code), amount, today)
            case reading.NoBank(person, code):
                self._pays(PayCode(code), person.amount, today)
            case reading.Bill(person, number):
                self._pays(PayBill(number), person.amount, today, also=person.code)
            case reading.ClaimNews():
                self._claim_news(read, phone, people)

    def _pays(self, act: PayCode | PayBill, amount: int, today: date, also: str = "") -> None:
        how = chances.paying(self.chance)
        if how.days is None:
            return
        if isinstance(act, PayCode):
            act = PayCode(act.code, amount + how.amount_off if how.amount_off else None, how.told)
        else:
            act = PayBill(act.number, how.how)
            if also and how.also:
                self._act(PayCode(also, told=how.told), today, days=max(0, how.days))
        self._act(act, today, days=how.days)

    def _claim_news(self, news: reading.ClaimNews, phone: str, people: list[Person]) -> None:
        """Somebody writes "klaim", sooner or later, when there is something to do."""
        person = self._last[phone].person if phone in self._last else people[0]
        wish = Wish("claim", person, claim=news.number, papers=self.chance.choice((9, 9, 0)),
                    agrees=self.chance.random() < 0.9)  # fmt: skip
        wanted = ("Ketik klaim", "ketik klaim", "ditolak BPJS", "sudah dibayar", "Masih kurang", "belum lengkap")
        if any(one in news.text for one in wanted) and self.chance.random() < 0.8:
            if not any(one.kind == "claim" for one in self._wishes[phone]):
                self._wish(wish, phone)

    # -- what waited for an outage to end ---------------------------------------------------------------------------

    async def _drain(self) -> None:
        for _tick in range(TICKS_MAX):
            await self.world.settle()
            if not await self.sources.waits(self.world.clock.now + 10 * TICK, self.outages.lanes_up()):
                return
            self.world.clock.now += TICK


def _cleared(number: int) -> Callable[..., object]:
    async def clear(unit: object) -> bool:
        return await claim_sending.clear(unit, number, "Nurul")  # type: ignore[arg-type]

    return clear
