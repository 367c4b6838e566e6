"""The channels that push, as the operator set them up: each with its wire, its hook, and the runner that sends for it.

Invariant: a channel that isn't set up is not even loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from secrets import token_hex

import structlog
from msgspec import Struct
from starlette.routing import Route

from bot.handlers.contract import (
    ACCOUNT,
    Access,
    Channel,
    Elsewhere,
    Pulled,
    Pushed,
    SettingError,
    Wire,
)
from bot.handlers.hook import Hook, Told
from bot.runtime.pace import Pace
from bot.runtime.runner import Runner
from bot.settings import ChannelSettings, Settings, SettingsError
from db.vault import Vault

log = structlog.get_logger()


class SetUp(Struct, frozen=True):
    """A channel that the operator set up."""

    channel: Pushed
    access: Access
    wire: Wire
    in_chat: bool

    @property
    def lane(self) -> str:
        """Under which its messages lie in the outbox."""
        return f"{self.channel.name}:{ACCOUNT}"


def set_up(offered: Sequence[Channel], settings: Settings, vault: Vault) -> list[SetUp]:
    """The channels that are to run; SettingsError for one that can't."""
    known = {channel.name: channel for channel in offered if not isinstance(channel, Pulled)}
    unknown = settings.channels.keys() - known.keys()
    if unknown:
        raise SettingsError(
            "\n".join(f"Setting channels.{name}: there is no such channel." for name in sorted(unknown))
        )
    return [_set_up(_loaded(known[name]), given, settings, vault) for name, given in settings.channels.items()]


def _loaded(channel: Pushed | Elsewhere) -> Pushed:
    if isinstance(channel, Pushed):
        return channel
    found: Pushed = import_module(channel.module).CHANNEL
    return found


def _set_up(channel: Pushed, given: ChannelSettings, settings: Settings, vault: Vault) -> SetUp:
    name, public = channel.name, settings.web.public_url.rstrip("/")
    secret = given.secret.get_secret_value()
    if not secret and channel.makes_secret:
        secret = vault.derived(f"hook of {name}".encode())
    access = Access(
        given.url, secret, given.token.get_secret_value(), given.number, given.handshake.get_secret_value(),
        given.template, f"{public}/hooks/{name}" if public else "",
    )  # fmt: skip
    in_chat = channel.identity_in_chat if given.identity_in_chat is None else given.identity_in_chat
    if not in_chat and not public:
        raise SettingsError(
            f"Setting web.public_url: {name} may not ask for identity numbers in its chats, so people are led to our "
            "own page: set the address under which they reach this server."
        )
    try:
        return SetUp(channel, access, channel.connect(access), in_chat)
    except SettingError as error:
        raise SettingsError(
            f"Setting channels.{name}.{error.name}: {error.words} "
            f"(environment: SIAGA_CHANNELS__{name.upper()}__{error.name.upper()})"
        ) from None


class AtWork:
    """The channels while the service runs. `runner(lane, wire, pace)` makes who sends for an account."""

    def __init__(
        self,
        channels: Sequence[SetUp],
        told: Told,
        count: Callable[[str, str], None],
        runner: Callable[[SetUp], Runner],
    ) -> None:
        self._channels = channels
        self._hooks = [Hook(one.channel, one.access, one.wire, told, count) for one in channels]
        self.runners = [runner(one) for one in channels]

    def routes(self) -> list[Route]:
        return [hook.route() for hook in self._hooks]

    async def open(self) -> None:
        """Say hello to every gateway; SettingsError with its words if one doesn't let us in."""
        for one in self._channels:
            try:
                await one.wire.open()
            except ConnectionRefusedError as error:
                raise SettingsError(f"Setting channels.{one.channel.name}: {error}") from None
            log.info("channel-on", channel=one.channel.name, hook=one.access.hook or "none: we ask")

    def start(self) -> None:
        for runner in self.runners:
            runner.start(at_once=False)
        for hook in self._hooks:
            hook.start()

    async def close(self) -> None:
        for hook in self._hooks:
            await hook.close()
        for runner in self.runners:
            await runner.close()

    async def hang_up(self) -> None:
        """After everything else: nothing is sent any more."""
        for one in self._channels:
            await one.wire.close()


def pace_of(one: SetUp, clock: Callable[[], float]) -> Pace:
    return Pace(one.channel.limits.per_s, one.channel.limits.gap_s, clock)


def process_name() -> str:
    """Tells this process from others on the same database."""
    return token_hex(8)
