"""The imitated PLKK on a real port, and our client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from random import Random

import httpx

from gateway.partner import Means
from gateway.plkk import Plkk
from gateway.sandbox.plkk import create_app
from rules.nik import Nik
from rules.phone import Phone
from rules.plkk import AccidentNotice
from tests.gateway.conftest import CLIENT_ID, SECRET, Clock, Partner, Sandbox, nonces, served

JAMPU = "73.12.02.2005"


@contextmanager
def serving_plkk(database: Path, clock: Clock, receiver: Partner) -> Iterator[Sandbox]:
    app = create_app(
        database=database,
        client_id=CLIENT_ID,
        secret=SECRET,
        webhook_url=f"{receiver.url}/webhooks/plkk",
        clock=clock,
        nonce=nonces("plkk"),
        sleep=clock.sleep,
        tick_s=0.01,
    )
    with served(app) as url:
        yield Sandbox(url, database, clock, receiver)


def client(http: httpx.AsyncClient, url: str, clock: Callable[[], datetime], secret: str = SECRET) -> Plkk:
    means = Means(http, clock, Random(1), nonces("siaga"), _at_once, try_s_max=5.0)
    return Plkk(means, url, client_id=CLIENT_ID, secret=secret)


async def _at_once(_seconds: float) -> None:
    """Quick retries wait for nothing."""


def notice(serial: str = "9901", clinic: str = "contoh-10") -> AccidentNotice:
    """An invented woman on her way to an invented clinic; `serial` are the last four digits of her NIK."""
    return AccidentNotice(
        claim="SIAGA-17",
        clinic=clinic,
        kpj="31754442421",
        name="HASNA KARANGAN",
        nik=Nik(f"731204520579{serial}"),
        protected_until=date(2027, 1, 31),
        on=date(2026, 11, 21),
        part_of_day="morning",
        place="workplace",
        village_code=JAMPU,
        story="Jatuh dari pohon kelapa.",
        agent_phone=Phone("+6281234567890"),
    )
