"""Who restarts the service and who watches it learn how it is, and nothing about people."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from bot.settings import Settings
from tests.plays.player import Player
from tests.runtime.outage import unwritable
from tests.world import World

SCRIPT = Path(__file__).parent.parent / "plays" / "scripts" / "a_farmer_is_enrolled_from_a_photo.chat"
PERSONAL = ("hasna", "la baco", "7312", "81234567890", "lappa")


async def get(world: World, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(world.service.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://siaga.test") as http:
        return await http.get(path)


async def figures(world: World) -> dict[str, float]:
    text = (await get(world, "/metrics")).text
    return {name: float(value) for name, value in re.findall(r"^(siaga_\S+) (\S+)$", text, re.MULTILINE)}


async def test_healthy_while_the_database_can_be_written(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        well = await get(world, "/healthz")
        async with unwritable(settings.database.url):
            ill = await get(world, "/healthz")
        again = await get(world, "/healthz")

    assert (well.status_code, well.json()) == (200, {"database": "ok"})
    assert (ill.status_code, ill.json()) == (503, {"database": "not writable"})
    assert again.status_code == 200


async def test_metrics_answer_though_the_database_does_not(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world, unwritable(settings.database.url):
        assert (await get(world, "/metrics")).status_code == 200


async def test_the_figures_move(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        before = await figures(world)
        await Player(world).play("hasna:  halo")
        await world.bpjs("POST", "/sandbox/down")
        after = await figures(world)
        async with unwritable(settings.database.url):
            await get(world, "/healthz")
        ill = await figures(world)

    assert after["siaga_commits_total"] > before["siaga_commits_total"]
    assert after["siaga_chats_answered_total"] == before["siaga_chats_answered_total"] + 1
    assert after["siaga_batch_size_count"] > before["siaga_batch_size_count"]
    assert ill['siaga_failures_total{kind="not-stored"}'] == 1


async def test_what_waits_in_the_outbox_is_counted_by_lane(settings: Settings, tmp_path: Path) -> None:
    written = SCRIPT.read_text(encoding="utf-8")
    async with World(settings, tmp_path) as world:
        await world.bpjs("POST", "/sandbox/down")
        await Player(world).play(written.partition("\nhasna:  ya\nbot:    Selamat")[0] + "\nhasna:  ya\n")

        assert (await figures(world))['siaga_outbox_waiting{lane="Register"}'] == 1


async def test_nothing_personal_is_told(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path) as world:
        await Player(world).play(SCRIPT.read_text(encoding="utf-8"))

        told = "".join([(await get(world, path)).text.lower() for path in ("/metrics", "/healthz")])

    words = re.sub(r"(?m) [0-9.e+-]+$", "", told)  # a measured value may hold the same four digits by chance
    assert [word for word in PERSONAL if word in words] == []
    assert re.search(r"\d{11,}", words) is None
