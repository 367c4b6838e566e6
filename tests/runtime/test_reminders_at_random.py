"""Whatever people do: nobody is uncovered without a warning, and nobody is reminded who shouldn't be.

Random histories of some chats through the real runtime on SQLite, a day at a time, on a clock that stands. BPJS
protects to the end of the last month paid, as its sandbox does.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, field

from bot.settings import Settings
from rules.month import Month
from rules.quiet import EVENING, MORNING, WITA
from rules.reminding import MONTHLY_MAX, WARNING_DAYS
from tests.runtime.village import HOW_TO, Village
from tests.world import World

BEGINS = date(2026, 11, 21)
DAYS = 150
EXAMPLES = 12
NAMES = ("HASNA", "LA BACO", "NURDIN")
CHATS = {"hasna": NAMES[:1], "rina": NAMES[1:]}
HOURS = (6, 9, 14, 23)
"""When the service works on a day: before the morning, in the day, at night."""


class Deed(Struct, frozen=True):
    """What somebody does on a day: pays for some months, or writes something in their chat."""

    day: int
    who: int
    pays: int = 0
    writes: str = ""


GAPS = st.integers(1, 30)
ACTIONS = st.sampled_from(["1", "1", "1", "1", "3", "5", "stop", "yes"])
"""Months to pay for, or what is written."""


def _life(who: int, steps: list[tuple[int, str]]) -> list[Deed]:
    """What somebody does, one thing some days after the other."""
    days = accumulate(gap for gap, _action in steps)
    return [
        Deed(day, who, pays=int(action)) if action.isdigit() else Deed(day, who, writes=action)
        for day, (_gap, action) in zip(days, steps, strict=True)
    ]


LIVES = st.lists(st.tuples(GAPS, ACTIONS), min_size=2, max_size=8)
DEEDS = st.tuples(*[LIVES] * len(NAMES)).map(
    lambda lives: [deed for who, steps in enumerate(lives) for deed in _life(who, steps)]
)


class History(Struct):
    """What happened, as the tests need it: days on which a chat agreed, and until when somebody is protected."""

    village: Village
    chats: dict[str, int] = field(default_factory=dict)
    agrees: dict[str, bool] = field(default_factory=dict)
    protected: dict[str, list[tuple[date, date]]] = field(default_factory=lambda: defaultdict(list))
    """By name: on which day it was told that the cover lasts until which."""
    stopped_on: dict[str, set[date]] = field(default_factory=lambda: defaultdict(set))

    async def live(self, deeds: list[Deed]) -> None:
        for who, names in CHATS.items():
            self.chats[who] = await self.village.chat(who, *names, until=None, registered_on=BEGINS)
            self.agrees[who] = True
        for passed in range(1, DAYS + 1):
            day = BEGINS + timedelta(days=passed)
            for hour in HOURS:
                self.village.world.clock.now = datetime.combine(day, time(hour), WITA)
                if hour == HOURS[2]:
                    for deed in deeds:
                        if deed.day == passed:
                            await self._do(deed, day)
                await self.village.world.service.reminders.run_due()
            for who, agrees in self.agrees.items():
                if not agrees:
                    self.stopped_on[who].add(day)

    async def _do(self, deed: Deed, day: date) -> None:
        name = NAMES[deed.who]
        who = next(chat for chat, names in CHATS.items() if name in names)
        if deed.pays:
            last = max((until for _day, until in self.protected[name]), default=None)
            first = Month.of(day) if last is None or last < day else Month.of(last) + 1
            until = (first + (deed.pays - 1)).last_day
            await self.village.protects(name, until)
            self.protected[name].append((day, until))
        elif deed.writes == "stop":
            await self.village.change(f"UPDATE consents SET withdrawn_at = 1 WHERE chat_id = {self.chats[who]}")
            self.agrees[who] = False
        else:
            await self.village.change(f"UPDATE consents SET withdrawn_at = NULL WHERE chat_id = {self.chats[who]}")
            self.agrees[who] = True

    def until(self, name: str, moment: date) -> date | None:
        """Until when this member was protected, as known at the end of that day."""
        return max((until for day, until in self.protected[name] if day <= moment), default=None)


async def _lived(make: Callable[[str], Settings], deeds: list[Deed]) -> tuple[History, list[tuple[str, datetime, str]]]:
    with TemporaryDirectory() as folder:
        place = Path(folder)
        async with World(make(f"sqlite+aiosqlite:///{place / 'siaga.db'}"), place) as world:
            history = History(Village(world))
            await history.live(deeds)
            told = []
            for who, chat in history.chats.items():
                lines = await world.service.transcript.lines(chat, 0, 1_000)
                told += [(who, line.at.astimezone(WITA), line.text) for line in lines if HOW_TO in line.text]
            return history, told


def test_nobody_is_reminded_who_should_not_be_and_everybody_is_warned(settings_of: Callable[[str], Settings]) -> None:
    @settings(max_examples=EXAMPLES)
    @given(DEEDS)
    def holds(deeds: list[Deed]) -> None:
        history, told = asyncio.run(_lived(settings_of, deeds))

        _at_most_one_a_day_and_three_a_month(told)
        for who, at, words in told:
            assert MORNING <= at.time() < EVENING
            assert at.date() not in history.stopped_on[who]
            for name in _named(words):
                _is_true(history, name, at.date(), words)
        _everybody_was_warned(history, told)

    holds()


def _at_most_one_a_day_and_three_a_month(told: list[tuple[str, datetime, str]]) -> None:
    assert max(Counter((who, at.date()) for who, at, _words in told).values(), default=0) <= 1
    monthly = Counter((name, Month.of(at.date())) for _who, at, words in told for name in _named(words))
    assert max(monthly.values(), default=0) <= MONTHLY_MAX


def _named(words: str) -> list[str]:
    return [name for name in NAMES if name.title() in words]


def _is_true(history: History, name: str, day: date, words: str) -> None:
    """Nobody is reminded of a cover that a payment has prolonged. Reminders go out in the morning, payments later."""
    until = history.until(name, day - timedelta(days=1))
    (line,) = [line for line in words.splitlines() if name.title() in line]
    if until is None:
        assert "terdaftar" in line
    elif until > day + timedelta(days=WARNING_DAYS):
        raise AssertionError(f"reminded though protected until {until}: {line}")
    else:
        assert ("habis" in line or "tidak aktif" in line) == (until < day)


def _everybody_was_warned(history: History, told: list[tuple[str, datetime, str]]) -> None:
    """Before every month without cover its member was warned two weeks ahead, unless the cover was shorter: then the
    receipt has just said until when it lasts."""
    for name in NAMES:
        who = next(chat for chat, names in CHATS.items() if name in names)
        for paid_on, until in history.protected[name]:
            warned_on = until - timedelta(days=WARNING_DAYS)
            prolonged = any(paid_on <= day <= warned_on and later > until for day, later in history.protected[name])
            if warned_on <= paid_on or warned_on > BEGINS + timedelta(days=DAYS) or prolonged:
                continue
            if {warned_on, warned_on - timedelta(days=1)} & history.stopped_on[who]:
                continue
            assert any(one == who and at.date() == warned_on and name.title() in words for one, at, words in told), (
                f"{name} was not warned on {warned_on}"
            )
