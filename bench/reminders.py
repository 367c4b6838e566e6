"""How long one day's reminders take to plan, by how many members there are and how many of them are due.

Members, chats and consents are written by PostgreSQL itself; then the day is planned as the service does, in
transactions of a few hundred people, each reminder sealed in the outbox. A day on which so many are due would take
Telegram hours to send, at 30 a second: planning must not be what is waited for.

Run: python -m bench.reminders [--members N …] [--due N …]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from random import Random

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bench.updates import stores
from bot.flows import HOUSE
from bot.handlers.contract import Limits
from bot.runtime.batch import Desk
from bot.runtime.reminders import Reminders
from bot.runtime.writer import Writer
from bot.serving import spare_the_collector
from db.engine import writer_engine
from db.ids import Ids
from db.migrate import migrate
from db.store import store
from db.vault import Vault
from locales import catalogues
from rules.quiet import WITA

DAY = date(2026, 12, 24)
DUE_END = DAY + timedelta(days=7)
"""Whose cover ends then is reminded on the day."""
OTHER_END = DAY + timedelta(days=160)
WRITE = (
    "INSERT INTO people (id, nik_index, nik, name, birth_place, birth_date, sex, address, village_code, created_at) "
    "SELECT n, n::text, ''::bytea, 'HASNA', 'SOPPENG', '1979-05-12', 'female', 'DUSUN LAPPA', '73.12.02.2005', 0 "
    "FROM generate_series(1, :members) n",
    "INSERT INTO chats (id, channel, account, address, language, created_at) "
    "SELECT n, 'telegram', 'main', n::text, 'id', 0 FROM generate_series(1, :members) n",
    "INSERT INTO chat_people (chat_id, person_id, role, since) "
    "SELECT n, n, 'self', 0 FROM generate_series(1, :members) n",
    "INSERT INTO memberships (person_id, kpj, protected_until, stated_at) "
    "SELECT n, lpad(n::text, 11, '0'), CASE WHEN n % (:members / :due) = 0 THEN DATE :due_end ELSE DATE :other_end END,"
    " 0 FROM generate_series(1, :members) n",
    "INSERT INTO consents (id, chat_id, conversation_id, purpose, version, words, given_by, given_at) "
    "SELECT n, n, n, 'reminders', 1, '', 'self', 0 FROM generate_series(1, :members) n",
    "ANALYZE",
)


async def planned(url: str, members: int, due: int) -> float:
    """Seconds. A failure unless exactly those are reminded who are due."""
    await _write(url, members, due)
    clock, chance = _at_nine, Random(1)
    desk = Desk(
        HOUSE, catalogues(), Vault(bytes(32)), Ids(clock, chance), clock, frozenset(),
        pushed={"telegram": Limits(text=4_096)},
    )  # fmt: skip
    of_this = store(url)
    writer = Writer(of_this, desk)
    writer.start()
    spare_the_collector()
    began = time.perf_counter()
    told = await Reminders(writer, desk, clock).plan(DAY)
    took = time.perf_counter() - began
    await writer.close()
    await of_this.close()
    if told != due:
        sys.exit(f"{told} chats were reminded, {due} were due")
    return took


def _at_nine() -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=WITA).astimezone(UTC)


async def _write(url: str, members: int, due: int) -> None:
    await migrate(url)
    engine = writer_engine(url)
    async with engine.begin() as connection:
        for statement in WRITE:
            await _run(connection, statement, members, due)
    await engine.dispose()


async def _run(connection: AsyncConnection, statement: str, members: int, due: int) -> None:
    values = {
        ":members": str(members), ":due_end": f"'{DUE_END}'", ":other_end": f"'{OTHER_END}'", ":due": str(due)
    }  # fmt: skip  # numbers and days of this file
    for name, value in values.items():
        statement = statement.replace(name, value)
    await connection.execute(text(statement.replace("::", "\\:\\:")))


def main() -> None:
    asked = argparse.ArgumentParser(description="Planning one day's reminders on PostgreSQL.")
    asked.add_argument("--members", type=int, nargs="+", default=[100_000, 1_000_000])
    asked.add_argument("--due", type=int, nargs="+", default=[1_000, 10_000])
    options = asked.parse_args()
    print(f"{'members':>10} {'due':>8} {'seconds':>8} {'µs for each due':>16}")
    for members in options.members:
        for due in options.due:
            with ExitStack() as stack:
                (url,) = stores("postgresql", stack).values()
                took = asyncio.run(planned(url, members, due))
            print(f"{members:>10,} {due:>8,} {took:>8.2f} {1e6 * took / due:>16.0f}", flush=True)


if __name__ == "__main__":
    main()
