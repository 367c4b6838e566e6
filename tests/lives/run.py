"""The run: day after day people read their phones, write, pay, fall ill and die, and the systems around fail and come
back.

A day has a few moments at which things happen; between them nobody does anything, and the clock is set on. Invariant:
members, BPJS, the bank and the office act only as they could outside: by a chat, a button, a command.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from random import Random

from db import claim_sending
from db.unit import Unit
from rules.quiet import WITA
from tests.lives import chances, reading
from tests.lives.diary import Act, ClaimGoesOn, CoverChanges, Diary, PayBill, PayCode
from tests.lives.outages import Outages
from tests.lives.people import Person
from tests.lives.phones import Phones, Rang
from tests.lives.sources import Sources
from tests.lives.visits import Visit, Visits
from tests.lives.wishes import Wish, paying
from tests.world import World

NIGHT, REMINDERS, OPENS, NOON, AFTERNOON, LATE = time(2), time(8), time(9, 30), time(12), time(16), time(21, 30)
MOMENTS = (NIGHT, REMINDERS, OPENS, NOON, AFTERNOON, LATE)
"""02:00 the reconciliation, 08:00 the reminders; people act at the others, few of them late."""
COUNTERS_OPEN = (OPENS, NOON, AFTERNOON)
TICK, TICKS_MAX = timedelta(seconds=40), 40
"""After an outage what waits is tried again, as long as something does."""
SOON = timedelta(minutes=7)
"""What is to be tried within this time is waited for."""
ASKS_AGAIN = timedelta(days=9)
"""Who wanted to pay and hasn't."""
REMINDS = "STOP untuk berhenti diingatkan"
TO_DO = ("Ketik klaim", "ketik klaim", "ditolak BPJS", "sudah dibayar", "Masih kurang", "belum lengkap")
"""News of a claim on which somebody acts."""
WRITES_OF_CLAIM = 0.8


class Run:
    """`day` after day, then `end`, and `night` for a day on which nobody does anything. `hardship`: so many times as
    much as in `chances` befalls people."""

    def __init__(
        self, world: World, phones: Phones, people: list[Person], sources: Sources, chance: Random, hardship: float = 1
    ) -> None:
        self.world, self.phones, self.people = world, phones, people
        self._sources, self._chance, self._hardship = sources, chance, hardship
        self.on_phone: dict[str, list[Person]] = defaultdict(list)
        for person in people:
            self.on_phone[person.phone].append(person)
        self.diary, self.outages = Diary(), Outages(world, self._chance)
        self.visits = Visits(world, phones, self._chance, self._take_note)
        self.receipts: list[reading.Receipt] = []
        self.late_promises: list[str] = []
        self._wishes: dict[str, list[Wish]] = defaultdict(list)

    @property
    def counted(self) -> Counter[str]:
        return self.visits.counted

    async def day(self, day: date) -> None:
        self._plan(day)
        for moment in MOMENTS:
            at = datetime.combine(day, moment, WITA)
            await self._comes(at)
            if moment not in (NIGHT, REMINDERS):
                await self._people(is_late=moment == LATE)
            self.visits.read_all()
        self.late_promises += await self._sources.promises_passed(self.world.clock.now)

    async def night(self, day: date) -> None:
        """Only what the service does by itself."""
        for moment in (NIGHT, REMINDERS, LATE):
            self.world.clock.now = max(self.world.clock.now, datetime.combine(day, moment, WITA))
            await self.world.settle()
            self.visits.read_all()

    async def end(self) -> None:
        """Everything is up, and everything that waits is done."""
        await self.outages.over()
        await self._drain()

    async def _comes(self, at: datetime) -> None:
        """A moment comes: whoever was down is back, or the other way, and what is due is done. Between morning and
        evening the service is let alone if nobody does anything."""
        self.world.clock.now = max(self.world.clock.now, at)
        if await self.outages.switch(at):
            await self._drain()
        if at.time() == OPENS and at.isoweekday() <= 5:
            await self._office(at.date())
        if await self.diary.do(self.world, at) or at.time() in (NIGHT, REMINDERS, LATE):
            await self.world.settle()

    async def _drain(self) -> None:
        for _tick in range(TICKS_MAX):
            await self.world.settle()
            if not await self._sources.waits(self.world.clock.now + SOON, self.outages.lanes_up()):
                return
            self.world.clock.now += TICK

    # -- the day's chances --------------------------------------------------------------------------------------------

    def _plan(self, day: date) -> None:
        for person in self.people:
            if person.joins == day:
                self._wish(Wish("enrol", person, months=self._chance.choice((1, 1, 3, 3, 6))))
            if person.kpj and not person.is_gone:
                self._pay_or_not(person, day)
                self._strike(person, day)

    def _pay_or_not(self, person: Person, day: date) -> None:
        if person.pays_on is None or person.pays_on > day:
            return
        person.pays_on, person.way = day + ASKS_AGAIN, chances.way(self._chance)
        self._wish(paying(person, everybody=self._happens(0.3), anew=self._happens(0.02)))

    def _strike(self, person: Person, day: date) -> None:
        """What befalls somebody."""
        is_covered = person.until is not None and person.until >= day
        if not self._happens(self._hardship * chances.ANYTHING):
            return
        what = self._chance.choices(list(chances.BEFALLS), list(chances.BEFALLS.values()))[0]
        if what == "accident" and (is_covered or self._happens(0.1)):
            self._wish(Wish("accident", person, papers=self._chance.choice((9, 9, 9, 2, 0))))
        elif what == "death":
            self._die(person)
        elif what == "erasure":
            person.is_gone = True
            self._wish(Wish("erase", person))
        elif what == "cover" and person.until is not None:
            until = self._chance.choice((None, day - timedelta(days=1), person.until + timedelta(days=30)))
            self._act(CoverChanges(person.kpj, until, not self._happens(chances.LOST)), day)
        elif what == "status":
            self._wish(Wish("status", person))

    def _die(self, person: Person) -> None:
        person.is_gone = True
        heir = "Andi Rala" if self._happens(0.15) else ""
        by_number = self._happens(0.2)
        wish = Wish("death", person, papers=self._chance.choice((9, 9, 3)), heir=heir, by_number=by_number)
        self._wish(wish, f"family-{person.number}" if by_number else "")

    def _happens(self, chance: float) -> bool:
        return self._chance.random() < chance

    def _wish(self, wish: Wish, phone: str = "") -> None:
        self._wishes[phone or wish.person.phone].append(wish)

    def _act(self, act: Act, day: date, days: int = 0) -> None:
        """At BPJS or at the bank, so many days later."""
        moment = self._chance.choice(COUNTERS_OPEN)
        self.diary.add(datetime.combine(day + timedelta(days=days), moment, WITA), act)

    # -- the office, and BPJS at its desk -----------------------------------------------------------------------------

    async def _office(self, day: date) -> None:
        for number in await self._sources.claims_to_check():
            if self._happens(chances.OFFICE_CLEARS):
                await self._clear(number)
        for reference in self._sources.claims_at_bpjs():
            if self._happens(chances.BPJS_GOES_ON):
                self._act(ClaimGoesOn(reference, not self._happens(chances.LOST)), day)

    async def _clear(self, number: int) -> None:
        async def clear(unit: Unit) -> bool:
            return await claim_sending.clear(unit, number, "Nurul") is not None

        await self.world.service.writer.run(clear)

    # -- people and their phones --------------------------------------------------------------------------------------

    async def _people(self, *, is_late: bool) -> None:
        """Who has a wish writes; at night few do."""
        self.visits.read_all()
        visits = [
            Visit(phone, wishes.pop(0))
            for phone, wishes in self._wishes.items()
            if wishes and not (is_late and not self._happens(chances.WRITES_AT_NIGHT))
        ]
        if visits:
            await self.visits.talk(visits)
            await self.world.settle()

    def _take_note(self, phone: str, person: Person, rang: list[Rang]) -> None:
        people = self.on_phone.get(phone) or [person]
        for one in rang:
            for read in reading.read(one, people):
                self._understand(read, phone, person)
            if REMINDS in one.text:
                self.counted["reminders"] += 1
                if phone not in self.visits.stopped and chances.stops(people[0], self._chance):
                    self._wish(Wish("stop", people[0]), phone)

    def _understand(self, read: reading.Read, phone: str, spoken_of: Person) -> None:
        today = self.world.clock.now.astimezone(WITA).date()
        match read:
            case reading.Receipt(person, until=until):
                self.receipts.append(read)
                person.until, person.pays_on = until, chances.pays_next(person.temper, until, self._chance)
            case reading.Code():
                self._has_code(read, phone, today)
            case reading.NoBank(person, code):
                self._pays(PayCode(code), person.amount, today)
            case reading.Bill(person, number):
                self._pays(PayBill(number), person.amount, today, also=person.code)
            case reading.ClaimNews():
                self._claim_news(read, phone, spoken_of)

    def _has_code(self, read: reading.Code, phone: str, today: date) -> None:
        person = read.person
        person.code, person.amount = read.code, read.amount
        if read.is_first:
            person.way, person.pays_on = chances.way(self._chance), today + ASKS_AGAIN
        if person.way == "code":
            self._pays(PayCode(read.code), read.amount, today)
        elif read.is_first:
            self._wish(paying(person), phone)  # for a bill at the bank

    def _pays(self, act: PayCode | PayBill, amount: int, today: date, also: str = "") -> None:
        how = chances.paying(self._chance)
        if how.days is None:
            return
        if isinstance(act, PayCode):
            act = PayCode(act.code, amount + how.amount_off if how.amount_off else None, how.told)
        else:
            act = PayBill(act.number, how.how)
        self._act(act, today, how.days)
        if also and how.also:
            self._act(PayCode(also, told=how.told), today, how.days)

    def _claim_news(self, news: reading.ClaimNews, phone: str, person: Person) -> None:
        """Somebody writes "klaim" when there is something to do."""
        is_wished = any(one.kind == "claim" for one in self._wishes[phone])
        if is_wished or not any(one in news.text for one in TO_DO) or not self._happens(WRITES_OF_CLAIM):
            return
        papers, agrees = self._chance.choice((9, 9, 0)), self._happens(0.9)
        self._wish(Wish("claim", person, claim=news.number, papers=papers, agrees=agrees), phone)
