"""A service whose Telegram and WhatsApp are imitations on real ports of loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr

from bot.settings import ChannelSettings, Settings, Templates, Web
from gateway.sandbox.telegram_world import World as Telegram
from gateway.sandbox.whatsapp import Sandbox, create_app
from tests.channels.scenes import Opens, opens
from tests.gateway.conftest import served
from tests.gateway.telegram_served import TOKEN, telegram_served
from tests.gateway.whatsapp_served import APP_SECRET, BUSINESS, VERIFY_TOKEN
from tests.world import Clock, World

PUBLIC = "http://siaga.test"
WHATSAPP_TOKEN = "EAAG-invented-for-the-tests"
Staged = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Imitated:
    """Where an imitation is, and what it is."""

    def __init__(self, url: str, app: Any) -> None:
        self.url, self.app = url, app


@pytest.fixture
def telegram(clock: Clock) -> Iterator[tuple[str, Telegram]]:
    """Telegram's address, and the people behind it. Photos stay as they are."""
    with telegram_served(clock, photo_side_max=None, flood=True) as made:  # type: ignore[arg-type]  # a clock that stands
        yield made.url, made.world
        assert made.world.violations == []
        assert made.world.floods == 0


@pytest.fixture
def whatsapp(clock: Clock) -> Iterator[tuple[str, Sandbox]]:
    """The Cloud API's address, and the people behind it."""
    app = create_app(
        business=BUSINESS, token=WHATSAPP_TOKEN, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN,
        webhook_url=f"{PUBLIC}/hooks/whatsapp", clock=clock, chance=Random(1), tick_s=None,
    )  # fmt: skip
    with served(app) as url:
        yield url, app
        assert app.world.violations == []


@pytest.fixture
def on_telegram(settings: Settings, tmp_path: Path, clock: Clock, telegram: tuple[str, Telegram]) -> Staged:
    """A world whose people write on Telegram."""
    given = ChannelSettings(url=telegram[0], token=SecretStr(TOKEN))
    return _staged(settings, tmp_path, clock, {"telegram": given})


@pytest.fixture
def on_whatsapp(settings: Settings, tmp_path: Path, clock: Clock, whatsapp: tuple[str, Sandbox]) -> Staged:
    """A world whose people write on WhatsApp. `identity_in_chat` as the setting."""
    given = ChannelSettings(
        url=whatsapp[0], token=SecretStr(WHATSAPP_TOKEN), secret=SecretStr(APP_SECRET),
        handshake=SecretStr(VERIFY_TOKEN), number=BUSINESS.phone_number_id, template="kabar",
        templates=Templates(reminder="pengingat"),
    )  # fmt: skip
    return _staged(settings, tmp_path, clock, {"whatsapp": given})


def _staged(settings: Settings, folder: Path, clock: Clock, channels: dict[str, ChannelSettings]) -> Staged:
    @asynccontextmanager
    async def stage(*, identity_in_chat: bool | None = None, **more: Any) -> AsyncIterator[World]:
        given = {name: one.model_copy(update={"identity_in_chat": identity_in_chat}) for name, one in channels.items()}
        changed = settings.model_copy(update={"channels": given, "web": Web(public_url=PUBLIC)})
        async with World(changed, folder, clock=clock, **more) as world:
            yield world

    return stage


@pytest.fixture(params=["telegram", "whatsapp"])
def scene(request: pytest.FixtureRequest, settings: Settings) -> Opens:
    """Opens a scene; the test runs once on each channel."""
    return opens(request, request.param)


@pytest.fixture
def on_telegram_only(request: pytest.FixtureRequest, settings: Settings) -> Opens:
    """Opens a scene on Telegram, for what it alone has."""
    return opens(request, "telegram")


@pytest.fixture
def on_whatsapp_only(request: pytest.FixtureRequest, settings: Settings) -> Opens:
    """Opens a scene on WhatsApp, for what it alone has."""
    return opens(request, "whatsapp")
