"""When BPJS and the bank don't answer: for hours, and once for two days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from tests.lives.chances import LONG_OUTAGE, OUTAGE_HOURS, OUTAGES_A_MONTH, Who
from tests.world import World

DAYS_A_MONTH, MOMENTS_A_DAY = 30, 6
_OF_BPJS = ("Register", "GetPaymentCode", "GetDuesCode", "SendClaim", "PostPayment", "CheckPayment")
LANES: dict[str, Who] = {**dict.fromkeys(_OF_BPJS, "bpjs"), "GetBankBill": "bank"}
"""Which errands need whom."""


class Outages:
    """`switch` before each moment of a day."""

    def __init__(self, world: World, chance: Random, long_one: date | None = None) -> None:
        self._world, self._chance, self.long_one = world, chance, long_one
        self._until: dict[Who, datetime] = {}
        self.count = 0

    async def switch(self, at: datetime) -> bool:
        """Whether somebody has come back."""
        back = [who for who, until in self._until.items() if until <= at]
        for who in back:
            await self._set(who, down=False)
        if at.date() == self.long_one:
            self.long_one = None
            await self._begin("bpjs", at + LONG_OUTAGE)
        for who, a_month in OUTAGES_A_MONTH.items():
            if self._chance.random() < a_month / DAYS_A_MONTH / MOMENTS_A_DAY:
                await self._begin(who, at + timedelta(hours=self._chance.randint(*OUTAGE_HOURS)))
        return bool(back)

    async def over(self) -> None:
        """Nobody is down any more."""
        for who in list(self._until):
            await self._set(who, down=False)

    def lanes_up(self) -> list[str]:
        return [lane for lane, who in LANES.items() if who not in self._until]

    async def _begin(self, who: Who, until: datetime) -> None:
        if who not in self._until:
            self.count += 1
            await self._set(who, down=True)
        self._until[who] = max(until, self._until.get(who, until))

    async def _set(self, who: Who, *, down: bool) -> None:
        if not down:
            del self._until[who]
        press = self._world.bpjs if who == "bpjs" else self._world.bank
        await press("POST", "/sandbox/down" if down else "/sandbox/up")
