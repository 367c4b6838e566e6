"""A whole run, from the first day to the accounts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from bot.app import PARTS
from bot.settings import ChannelSettings, Settings
from rules.month import Month
from rules.quiet import WITA
from tests.lives.books import Books, books
from tests.lives.broken import broken
from tests.lives.people import invented
from tests.lives.phones import NAME, Phones
from tests.lives.run import Run
from tests.lives.sources import Sources
from tests.world import Clock, World, with_bank

RESTARTS_ON = 15
"""The day of each month on which the service is ended and started again."""
AFTERWARDS = timedelta(days=2)
"""At the end, in which nobody does anything any more, and the nights still compare."""


class Span(Struct, frozen=True):
    """How many people, from which day to which; what befalls them, and how often more than usual."""

    people: int
    first: date
    last: date
    seed: int = 1
    hardship: float = 1


class Outcome(Struct, frozen=True):
    """The accounts, what must not be, and what happened."""

    books: Books
    broken: dict[str, list[str]]
    counted: dict[str, int]

    @property
    def is_well(self) -> bool:
        return self.books.balance and not any(self.broken.values())


async def lived(
    settings: Settings, folder: Path, span: Span, on_month: Callable[[Month, Counter[str]], None]
) -> Outcome:
    """Live it. `on_month` is told of each month that has passed."""
    clock = Clock(datetime.combine(span.first, datetime.min.time(), WITA))
    phones, chance = Phones(clock), Random(span.seed)
    people = invented(span.people, span.first, (span.last - span.first).days, chance)
    settings = with_bank(settings, folder, merchant_id="TIRUAN000000001")
    settings = settings.model_copy(update={"channels": {NAME: ChannelSettings()}})
    parts = replace(PARTS, channels=(*PARTS.channels, phones.channel()))
    async with World(settings, folder, seed=span.seed, parts=parts, clock=clock) as world:
        sources = Sources(settings.database.url, folder)
        run = Run(world, phones, people, sources, chance, span.hardship)
        run.outages.long_one = span.first + (span.last - span.first) / 3
        await _live(run, span, on_month)
        told = await books(world, sources, run.receipts, span.first, span.last + AFTERWARDS)
        outcome = Outcome(told, await broken(run, sources), _counted(run))
        await sources.close()
    return outcome


async def _live(run: Run, span: Span, on_month: Callable[[Month, Counter[str]], None]) -> None:
    day = span.first
    while day <= span.last:
        if day.day == RESTARTS_ON:
            await run.world.restart()
        await run.day(day)
        if (day + timedelta(days=1)).month != day.month or day == span.last:
            on_month(Month.of(day), run.counted)
        day += timedelta(days=1)
    await run.end()
    while day <= span.last + AFTERWARDS:
        await run.night(day)
        day += timedelta(days=1)


def _counted(run: Run) -> dict[str, int]:
    return {
        "people": len(run.people), **run.counted, "messages rang": len(run.phones.rang),
        "things done at BPJS and the bank": run.diary.done, "outages": run.outages.count,
        "deaths reported": len(run.visits.died), "phones that wrote stop": len(run.visits.stopped),
    }  # fmt: skip
