"""How fast a backlog of errands drains once BPJS is back, in the order of asking, each of them once.

Thousands of registrations wait in the outbox of a whole service, BPJS's sandbox (a process of its own, over loopback)
is switched off, the service tries in vain, and then it is switched on. An errand counts as overtaken if the try of it
that got through was begun after that of one that was asked for later; the first that gets through doesn't count, for
somebody has to find out. What is under way at the same time may arrive in any order. Whether something is doubled or
lost is read from the sandbox's own file. Exit code 1 on any.

Run: python -m bench.backlog [--errands N] [--store sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import httpx
from pydantic import SecretStr

from bench.sending import Nobody
from bench.updates import stores
from bot import logs
from bot.app import Outside, Service, opened
from bot.flows.asks import Register
from bot.handlers.contract import ACCOUNT
from bot.serving import bpjs_sandbox, sandboxes
from bot.settings import BpjsSettings, Database, Secret, Settings
from db import outbox, talks
from db.unit import Unit
from gateway.breaker import REST
from gateway.partner import IDEMPOTENCY_KEY
from rules.bpjs import Registration
from rules.month import Month
from rules.nik import Nik
from tests.ports import free_ports

AT_A_TIME = 250
"""Errands written in one transaction."""
OUTAGE_S = 5.0
"""So long the service tries in vain."""
LOOK_S = 0.1
SLOWEST_S = 0.1
"""Nobody waits longer than so for each errand, beside the rest."""
FIRST_BIRTHDAY = date(1970, 1, 1)
A_BIRTHDAY = 70
"""Workers born on the same day; their NIKs end with 9900 to 9969, which the sandbox registers at once."""


def worker(number: int) -> Registration:
    """An invented man."""
    day, serial = FIRST_BIRTHDAY + timedelta(days=number // A_BIRTHDAY), 9900 + number % A_BIRTHDAY
    return Registration(
        nik=Nik(f"731204{day:%d%m%y}{serial}"), name="LA BACO", birth_place="SOPPENG", birth_date=day, sex="male",
        address="DUSUN LAPPA", village_code="73.12.02.2005", occupation="petani-padi", sector="other", income_band=1,
        phone=None, heir_name="BESSE", heir_relation="spouse", first_month=Month(2026, 12), months=1,
    )  # fmt: skip


class Begun(httpx.AsyncHTTPTransport):
    """Remembers, by the idempotency key of each question, when its last try was begun."""

    def __init__(self) -> None:
        super().__init__(verify=False)
        self.last: dict[str, int] = {}
        self._count = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._count += 1
        self.last[request.headers.get(IDEMPOTENCY_KEY, "")] = self._count
        return await super().handle_async_request(request)


async def drained(settings: Settings, sandbox: Path, errands: int, begun: Begun) -> tuple[float, list[int]]:
    """Seconds from the first errand that got through to the last, and the errands in the order of asking."""
    async with sandboxes(bpjs_sandbox(settings, "", sandbox)), httpx.AsyncClient(base_url=settings.bpjs.url) as http:
        await http.post("/sandbox/down")
        async with opened(settings, Outside(reader=Nobody(), transport=begun)) as service:
            for first in range(0, errands, AT_A_TIME):
                some = range(first, min(first + AT_A_TIME, errands))
                await service.writer.run(partial(_ask, numbers=some))
            asked = await service.writer.run(partial(_waiting, most=errands))
            service.start()
            await asyncio.sleep(OUTAGE_S)
            await http.post("/sandbox/up")
            return await _until_done(service, errands), asked


async def _ask(unit: Unit, numbers: Sequence[int]) -> None:
    doors = {number: ("web", ACCOUNT, f"worker {number}") for number in numbers}
    chats = await talks.chat_ids(unit, dict.fromkeys(doors.values(), ()), "id")
    for number, door in doors.items():
        outbox.send(unit, chats[door], 1, f"register{number}", Register(1, worker(number)), at_once=False)


async def _until_done(service: Service, errands: int) -> float:
    began, left = 0.0, errands
    async with asyncio.timeout(2 * REST.total_seconds() + SLOWEST_S * errands):
        while left:
            await asyncio.sleep(LOOK_S)
            left = (await service.writer.run(outbox.waiting)).get(Register.__name__, 0)
            began = began or (time.perf_counter() if left < errands else 0.0)
    return time.perf_counter() - began


async def _waiting(unit: Unit, most: int) -> list[int]:
    rows = await outbox.untouched(unit, Register.__name__, unit.now + timedelta(minutes=1), 0, most)
    return [row.id for row in rows]


def taken(sandbox: Path) -> tuple[int, int]:
    """How many errands the sandbox took, and how many registrations were too many."""
    with closing(sqlite3.connect(sandbox)) as db:
        (count,) = db.execute("select count(*) from answers").fetchone()
        (doubled,) = db.execute("select count(*) - count(distinct nik) from registrations").fetchone()
    return int(count), int(doubled)


def overtaken(asked: Sequence[int], begun: Begun) -> int:
    """How many were begun after one that was asked for later."""
    _found_out, *rest = sorted(asked, key=lambda number: begun.last[f"siaga-{number}"])
    latest, late = 0, 0
    for number in rest:
        late += number < latest
        latest = max(latest, number)
    return late


def main() -> None:
    options = argparse.ArgumentParser(description="Draining a backlog once BPJS is back.")
    options.add_argument("--errands", type=int, default=5_000)
    options.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    given = options.parse_args()
    logs.set_up("critical")  # the outage is meant
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended with us
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="siaga-bench-")))
        ((store, url),) = stores(given.store, stack).items()
        (port,) = free_ports(1)
        settings = Settings(
            database=Database(url=url), secret=Secret(file=folder / "secret.key"),
            bpjs=BpjsSettings(url=f"http://127.0.0.1:{port}", secret=SecretStr("a secret of the bench")),
        )  # fmt: skip
        begun = Begun()
        seconds, asked = asyncio.run(drained(settings, folder / "bpjs.db", given.errands, begun))
        took, doubled = taken(folder / "bpjs.db")
    lost, wrong = given.errands - took, overtaken(asked, begun)
    print(
        f"{store}: {given.errands:,} errands in {seconds:.1f} s, {given.errands / seconds:.0f} a second; "
        f"overtaken {wrong}, doubled {doubled}, lost {lost}"
    )
    sys.exit(1 if wrong or doubled or lost else 0)


if __name__ == "__main__":
    main()
