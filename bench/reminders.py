"""How long one day's reminders take to plan, by how many members there are and how many of them are due.

Members, chats, enrolments, consents and older reminders are written by PostgreSQL itself; then the day is planned as
the service does, in transactions of a few hundred people, each reminder sealed in the outbox. A day on which so many
are due would take Telegram hours to send, at 30 a second: planning must not be what is waited for.

Run: python -m bench.reminders [--members N …] [--due N …]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
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
from db.ids import Ids, first_at
from db.migrate import migrate
from db.store import store
from db.vault import Vault
from locales import catalogues
from rules.quiet import WITA

DAY = date(2026, 12, 24)
KINDS = 3
"""Of those who are due a third is told that the cover ends, a third that it has ended, and a third never paid."""
SOON_END, PAST_END, OTHER_END = DAY + timedelta(days=7), DAY - timedelta(days=3), DAY + timedelta(days=160)
REGISTERED, LONG_AGO = DAY - timedelta(days=7), DAY - timedelta(days=200)
NEVER_PAID_PERCENT = 5
"""Of the members who are not due: registered long ago, and never paid."""
STEP = "(:members / :due)"
"""Every so many members one is due; by its number divided by that one knows what of."""
IS_DUE, KIND = f"n % {STEP} = 0", f"n / {STEP} % {KINDS}"
WRITE = (
    "INSERT INTO people (id, nik_index, nik, name, birth_place, birth_date, sex, address, village_code, created_at) "
    "SELECT n, n::text, ''::bytea, 'HASNA', 'SOPPENG', '1979-05-12', 'female', 'DUSUN LAPPA', '73.12.02.2005', 0 "
    "FROM generate_series(1, :members) n",
    "INSERT INTO chats (id, channel, account, address, language, created_at) "
    "SELECT n, 'telegram', 'main', n::text, 'id', 0 FROM generate_series(1, :members) n",
    "INSERT INTO chat_people (chat_id, person_id, role, since) "
    "SELECT n, n, 'self', 0 FROM generate_series(1, :members) n",
    "INSERT INTO memberships (person_id, kpj, protected_until, stated_at) "
    f"SELECT n, lpad(n::text, 11, '0'), CASE WHEN {IS_DUE} THEN CASE {KIND} WHEN 0 THEN DATE :soon_end "
    f"WHEN 1 THEN DATE :past_end END WHEN n % 100 >= {NEVER_PAID_PERCENT} THEN DATE :other_end END, 0 "
    "FROM generate_series(1, :members) n",
    "INSERT INTO enrolments (id, person_id, chat_id, conversation_id, entered_by, state, occupation, sector, "
    "income_band, heir_name, heir_relation, first_month, months, amount, doubts, created_at) "
    f"SELECT CASE WHEN {IS_DUE} AND {KIND} = 2 THEN :registered ELSE :long_ago END + n, n, n, n, 'self', "
    "'registered', 'x', 'other', 1, '', 'spouse', '2026-11', 1, 8400, '', 0 FROM generate_series(1, :members) n",
    "INSERT INTO consents (id, chat_id, conversation_id, purpose, version, words, given_by, given_at) "
    "SELECT n, n, n, 'reminders', 1, '', 'self', 0 FROM generate_series(1, :members) n",
    "INSERT INTO outbox (id, kind, lane, chat_id, body, state, due_at, tries, created_at, done_at) "
    "SELECT 10 * n + m, 'reminder', 'telegram:main', n, ''::bytea, 'done', 0, 1, 1, 1 "
    "FROM generate_series(1, :members) n, generate_series(1, 2) m",
    "INSERT INTO reminders (chat_id, person_id, day, kind, notice) SELECT n, n, DATE :long_ago_day + m, 'ended', "
    "10 * n + m FROM generate_series(1, :members) n, generate_series(1, 2) m",
    "ANALYZE",
)
"""Everybody was reminded twice before, and nobody ever answered: those who aren't protected are to be visited, too."""


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
    told = (await Reminders(writer, desk, clock).plan(DAY)).chats
    took = time.perf_counter() - began
    await writer.close()
    await of_this.close()
    if told != due:
        sys.exit(f"{told} chats were reminded, {due} were due")
    return took


def _at_nine() -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, 9, tzinfo=WITA).astimezone(UTC)


def _first_of(day: date) -> int:
    return first_at(datetime.combine(day, time_of_day(9), WITA))


async def _write(url: str, members: int, due: int) -> None:
    await migrate(url)
    engine = writer_engine(url)
    async with engine.begin() as connection:
        for statement in WRITE:
            await _run(connection, statement, members, due)
    await engine.dispose()


async def _run(connection: AsyncConnection, statement: str, members: int, due: int) -> None:
    values = {
        ":members": str(members), ":soon_end": f"'{SOON_END}'", ":past_end": f"'{PAST_END}'",
        ":other_end": f"'{OTHER_END}'", ":registered": str(_first_of(REGISTERED)), ":due": str(due),
        ":long_ago_day": f"'{DAY - timedelta(days=60)}'", ":long_ago": str(_first_of(LONG_AGO)),
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
