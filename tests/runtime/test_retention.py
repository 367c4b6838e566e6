"""Photos die on their day, old transcripts with them; a request that isn't answered in time is not forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from prometheus_client import generate_latest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.settings import Settings
from db.columns import from_micros
from db.engine import sqlite_file
from tests.db.conftest import SCRIPT
from tests.db.test_photos import PHOTO, copied, opened_from
from tests.plays.player import Player
from tests.world import World

ASKS = "hasna:  data saya\n\nhasna:  2\n\nhasna:  nama\n\nhasna:  Hasnah\n\nhasna:  ya\n\nhasna:  (photo hasna.jpg)"
PERSONAL = ("hasna", "7312", "81234567890", "lappa")


class Office(Struct):
    """A service with a member, and what is asked of it."""

    world: World
    play: Callable[[str], Awaitable[str]]

    async def rows(self, query: str) -> list[Any]:
        async with self.world.service.transcript._engine.connect() as connection:
            return list((await connection.execute(text(query))).all())

    async def photo(self) -> bytes | None:
        ((chat, photo),) = await self.rows("SELECT chat_id, min(id) FROM photos GROUP BY chat_id")
        return await self.world.service.transcript.photo(chat, photo)

    async def pass_days(self, days: float) -> None:
        self.world.clock.now += timedelta(days=days)
        await self.world.settle()


@pytest.fixture
async def office(settings: Settings, tmp_path: Path) -> AsyncIterator[Office]:
    async with World(settings, tmp_path) as world:
        player = Player(world)
        await player.play(SCRIPT.read_text(encoding="utf-8"))
        yield Office(world, player.play)


async def test_a_photo_dies_thirty_days_after_bpjs_accepted_and_its_row_says_so(office: Office) -> None:
    ((decided,),) = await office.rows("SELECT decided_at FROM enrolments")

    await office.pass_days(29.9)
    assert await office.photo() == PHOTO
    await office.pass_days(0.2)

    assert await office.photo() is None
    ((key, at, why),) = await office.rows("SELECT key, destroyed_at, why FROM photo_keys")
    assert (key, why) == (None, "30 days after BPJS accepted")
    assert timedelta(days=30) <= from_micros(at) - from_micros(decided) < timedelta(days=30, hours=3)


async def test_no_backup_opens_it_either(office: Office, tmp_path: Path) -> None:
    file = sqlite_file(office.world.settings.database.url)
    if file is None:
        return  # a dump of PostgreSQL is the same case
    before = copied(file, tmp_path / "before.db", "photo_keys")
    ((chat, photo),) = await office.rows("SELECT chat_id, id FROM photos")

    await office.pass_days(31)

    after = copied(file, tmp_path / "after.db")
    for backup in (before, after):
        assert await opened_from(backup, office.world, chat, photo) is None


async def test_who_asks_has_it_destroyed_at_once_and_no_backup_opens_it(office: Office, tmp_path: Path) -> None:
    await office.play("hasna:  hapus foto saya\n\nhasna:  ya")

    assert await office.photo() is None
    assert await office.rows("SELECT key, why FROM photo_keys") == [(None, "asked")]
    file = sqlite_file(office.world.settings.database.url)
    if file is not None:
        ((chat, photo),) = await office.rows("SELECT chat_id, id FROM photos")
        assert await opened_from(copied(file, tmp_path / "after.db"), office.world, chat, photo) is None


async def test_the_operator_sets_how_long(settings: Settings, tmp_path: Path) -> None:
    photos = settings.photos.model_copy(update={"keep_days": 3})
    async with World(settings.model_copy(update={"photos": photos}), tmp_path) as world:
        player = Player(world)
        await player.play(SCRIPT.read_text(encoding="utf-8"))
        short = Office(world, player.play)

        await short.pass_days(3.1)

        assert await short.rows("SELECT why FROM photo_keys") == [("3 days after BPJS accepted",)]


async def test_a_photo_of_who_never_finished_dies_after_ninety_days(office: Office) -> None:
    begun = "dania:  daftar\n\ndania:  1\n\ndania:  setuju\n\ndania:  (photo farmer.jpg)"
    await office.play(begun)

    await office.pass_days(89)
    assert await office.rows("SELECT count(*) FROM photo_keys WHERE key IS NOT NULL") == [(1,)]
    await office.pass_days(1.1)

    assert await office.rows("SELECT why FROM photo_keys ORDER BY photo_id DESC LIMIT 1") == [("nothing came of it",)]


async def test_evidence_dies_thirty_days_after_the_decision(office: Office) -> None:
    await office.play(f"{ASKS}\n\n(the office accepts the correction)")

    await office.pass_days(30.2)

    whys = [why for (why,) in await office.rows("SELECT why FROM photo_keys ORDER BY photo_id")]
    assert whys == ["30 days after BPJS accepted", "30 days after the decision"]


async def test_what_was_said_is_forgotten_after_two_years_and_a_message_is_still_known(office: Office) -> None:
    ((heard, said),) = await office.rows("SELECT (SELECT count(*) FROM inbound), (SELECT count(*) FROM outbox)")
    assert said > 0

    await office.pass_days(731)

    left = "SELECT (SELECT count(*) FROM inbound), (SELECT count(*) FROM inbound WHERE body IS NOT NULL)"
    assert await office.rows(left) == [(heard, 0)]
    old = await office.rows("SELECT created_at FROM outbox")
    assert all(from_micros(at) > office.world.clock() - timedelta(days=730) for (at,) in old)
    told = await office.play("hasna:  status")
    assert "Hasna" in told


async def test_a_day_before_the_time_is_over_the_operator_hears_of_it_without_a_name(office: Office) -> None:
    await office.play(ASKS)

    with capture_logs() as logs:
        await office.pass_days(1.9)
        assert [one for one in logs if one["event"] == "request-nearly-late"] == []
        await office.pass_days(0.2)
        await office.pass_days(0.2)

    (alarm,) = [one for one in logs if one["event"] == "request-nearly-late"]
    assert (alarm["log_level"], alarm["kind"]) == ("error", "correction")
    assert 20 <= alarm["left_h"] <= 24
    assert [word for word in PERSONAL if word in str(logs).lower()] == []
    figures = generate_latest(office.world.service.metrics.registry).decode()
    assert 'siaga_data_requests{kind="correction",left="soon"} 1.0' in figures


async def test_when_it_is_over_the_person_is_told_and_it_climbs_once(office: Office) -> None:
    await office.play(ASKS)

    office.world.clock.now += timedelta(days=3, hours=1)
    told = await office.play("(1 hour passes)\n\n(1 hour passes)")

    assert told.count("belum selesai pada waktunya") == 1
    climbed = await office.rows("SELECT kind FROM tasks WHERE done_at IS NULL ORDER BY id")
    assert climbed == [("correction",), ("late-correction",)]


async def test_who_is_done_in_time_raises_no_alarm(office: Office) -> None:
    await office.play(f"{ASKS}\n\n(the office accepts the correction)\n\nhasna:  hapus data\n\nhasna:  ya")

    with capture_logs() as logs:
        await office.pass_days(4)

    assert [one for one in logs if one["event"].startswith("request-")] == []


async def test_a_restart_repeats_no_alarm(office: Office) -> None:
    await office.play(ASKS)
    await office.pass_days(2.1)

    with capture_logs() as logs:
        await office.world.restart()
        await office.world.settle()

    assert [one for one in logs if one["event"] == "request-nearly-late"] == []
