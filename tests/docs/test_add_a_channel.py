"""docs/add-a-channel.md: with its file and its line people talk by SMS, through a gateway on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.app import CHANNELS, Parts, opened
from bot.handlers.contract import Channel
from bot.settings import BpjsSettings, ChannelSettings, Settings, SettingsError
from bot.talk.heard import FromPerson, Said
from bot.talk.message import Line
from db.vault import Vault
from tests.docs.gateway import SECRET, Gateway, gateway
from tests.docs.tutorial import Tutorial
from tests.plays.player import Player
from tests.world import World

HOOK = "/hooks/sms"
RIGHT = {"authorization": f"Bearer {SECRET}"}
HASNA = {"id": "g1", "from": "hasna", "text": "daftar"}


class SmsPlayer(Player):
    """Speaks through the gateway and hears what the gateway took. Every SMS is posted `times` times."""

    def __init__(self, world: World, sms: Gateway, *, times: int = 1, restarts: bool = False) -> None:
        super().__init__(world, restarts=restarts)
        self._sms, self._times, self._read = sms, times, 0

    async def _hand_in(self, who: str, message_id: str, heard: FromPerson, photo: bytes | None) -> None:
        assert isinstance(heard, Said)
        for _time in range(self._times):
            posted = {"id": message_id, "from": who, "text": heard.text}
            response = await self._world.post(HOOK, json=posted, headers=RIGHT)
            assert response.status_code == 200

    async def _new_lines(self, who: str) -> list[Line]:
        new, self._read = self._sms.taken[self._read :], len(self._sms.taken)
        assert {sms["to"] for sms in new} <= {who}
        return [Line(0, self._world.clock.now, False, sms["text"]) for sms in new]


@pytest.fixture
def tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tutorial:
    return Tutorial("add-a-channel.md", tmp_path, monkeypatch)


@pytest.fixture
def channels(tutorial: Tutorial) -> tuple[Channel, ...]:
    """The channels with the file and the line of the page."""
    tutorial.add_file("bot.handlers.sms")
    changed: tuple[Channel, ...] = tutorial.changed("bot/app.py", "bot.app").CHANNELS
    return changed


@pytest.fixture
async def sms() -> AsyncIterator[Gateway]:
    async with gateway() as made:
        yield made


@pytest.fixture
async def world(
    settings: Settings, tmp_path: Path, channels: tuple[Channel, ...], sms: Gateway
) -> AsyncIterator[World]:
    """A service on which SMS is set up."""
    set_up = {"sms": ChannelSettings(url=sms.url, secret=SecretStr(SECRET))}
    with_sms = settings.model_copy(update={"channels": set_up})
    async with World(with_sms, tmp_path, parts=Parts(channels=channels)) as made:
        yield made


def test_a_file_and_a_line_add_one_channel(channels: tuple[Channel, ...]) -> None:
    assert [channel.name for channel in channels] == [*(channel.name for channel in CHANNELS), "sms"]


async def test_goes_as_the_page_shows(tutorial: Tutorial, world: World, sms: Gateway) -> None:
    played = await SmsPlayer(world, sms).play(tutorial.block("text"))

    assert played == tutorial.block("text")


async def test_an_sms_posted_twice_has_effect_once(tutorial: Tutorial, world: World, sms: Gateway) -> None:
    played = await SmsPlayer(world, sms, times=2).play(tutorial.block("text"))

    assert played == tutorial.block("text")


async def test_with_restarts(tutorial: Tutorial, world: World, sms: Gateway) -> None:
    played = await SmsPlayer(world, sms, restarts=True).play(tutorial.block("text"))

    assert played == tutorial.block("text")


async def test_the_web_chat_works_beside_it(world: World, sms: Gateway) -> None:
    played = await Player(world).play("hasna:  daftar\n")

    assert "bot:    Untuk siapa" in played
    assert sms.taken == []


async def test_what_the_gateway_cannot_take_now_is_sent_later_and_once(world: World, sms: Gateway) -> None:
    sms.statuses = [503, 429]

    await _post(world, HASNA)
    await world.settle()
    assert sms.taken == []
    await world.pass_time(timedelta(minutes=1))

    assert len(sms.taken) == 1
    assert sms.statuses == []


@pytest.mark.parametrize("status", [400, 410, 500])
async def test_what_is_refused_or_unknown_is_not_sent_again(world: World, sms: Gateway, status: int) -> None:
    sms.statuses = [status]

    await _post(world, HASNA)
    await world.pass_time(timedelta(minutes=10))

    assert sms.taken == []
    assert sms.statuses == []


async def test_only_the_gateway_is_listened_to(world: World, sms: Gateway) -> None:
    forged = await _post(world, HASNA, headers={"authorization": "Bearer guessed"})
    nobody = await _post(world, HASNA, headers={})
    await world.settle()

    assert (forged.status_code, nobody.status_code) == (401, 401)
    assert sms.taken == []


async def test_what_is_no_sms_changes_nothing(world: World, sms: Gateway) -> None:
    nonsense = await world.post(HOOK, content=b"\xff{", headers=RIGHT)
    huge = await world.post(HOOK, content=b"a" * 4_000_000, headers=RIGHT)
    await world.settle()

    assert (nonsense.status_code, huge.status_code) == (400, 413)
    assert sms.taken == []


async def test_without_its_setting_it_is_off(settings: Settings, tmp_path: Path, channels: tuple[Channel, ...]) -> None:
    async with World(settings, tmp_path, parts=Parts(channels=channels)) as world:
        assert (await _post(world, HASNA)).status_code == 404


@pytest.mark.parametrize(
    ("half", "lacks"),
    [
        (ChannelSettings(url="http://127.0.0.1:1"), "SIAGA_CHANNELS__SMS__SECRET"),
        (ChannelSettings(secret=SecretStr(SECRET)), "SIAGA_CHANNELS__SMS__URL"),
    ],
)
def test_with_the_line_in_needed_the_start_says_what_is_missing(
    tutorial: Tutorial, channels: tuple[Channel, ...], half: ChannelSettings, lacks: str
) -> None:
    changed = tutorial.changed("bot/channels.py", "bot.channels")
    settings = Settings(bpjs=BpjsSettings(secret=SecretStr(SECRET)), channels={"sms": half})

    with pytest.raises(SettingsError, match=rf"channels\.sms: it is only half set up and lacks {lacks};"):
        changed.set_up(channels, settings, Vault(bytes(32)))


async def test_a_channel_that_nobody_knows_stops_the_start(settings: Settings) -> None:
    unknown = {"fax": ChannelSettings(url="http://127.0.0.1:1", secret=SecretStr(SECRET))}

    with pytest.raises(SettingsError, match=r"channels\.fax"):
        async with opened(settings.model_copy(update={"channels": unknown})):
            pass


async def _post(world: World, sms: dict[str, str], headers: dict[str, Any] = RIGHT) -> httpx.Response:
    return await world.post(HOOK, json=sms, headers=headers)
