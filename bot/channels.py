"""The channels that push, as the operator set them up: each with its wire, its hook, and the runner that sends for it.

Invariant: a channel that isn't set up, or not wholly, is not even loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib import import_module
from secrets import token_hex

import structlog
from msgspec import Struct
from pydantic import SecretStr
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
from bot.settings import ChannelSettings, Settings, SettingsError, variable, wrong
from db.vault import Vault

log = structlog.get_logger()

NEEDED: Mapping[str, tuple[str, ...]] = {
    "telegram": ("token",),
    "whatsapp": ("token", "number", "secret", "handshake"),
}
"""Without which settings a channel can't begin; each channel refuses by itself what is wrong in them."""
NO_TELEPHONE: Mapping[str, str] = {
    "whatsapp": "it is a telephone number; needed is the phone number ID, which stands at developers.facebook.com,"
    " your app, WhatsApp, API Setup",
}
"""What is said where `number` is a telephone number and may not be one."""
TELEPHONE = ("0", "+")
"""How a telephone number begins. One that begins with 62 can't be told from an ID."""


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
    refused = [told for name, given in settings.channels.items() if (told := _refused(name, given, known.keys()))]
    if refused:
        raise SettingsError("\n".join(refused))
    return [_set_up(_loaded(known[name]), given, settings, vault) for name, given in settings.channels.items()]


def _refused(name: str, given: ChannelSettings, known: Collection[str]) -> str:
    """Why a channel can't even be loaded; "" if it can."""
    if name not in known:
        return f"Setting channels.{name}: there is no such channel; there is {' and '.join(sorted(known))}."
    missing = [variable(f"channels.{name}.{one}") for one in NEEDED.get(name, ()) if not _is_given(given, one)]
    if missing:
        return (
            f"Setting channels.{name}: it is only half set up and lacks {' and '.join(missing)}; docs/{name}.md says "
            "where to find them."
        )
    if name in NO_TELEPHONE and given.number.strip().startswith(TELEPHONE):
        return wrong(f"channels.{name}.number", NO_TELEPHONE[name])
    return ""


def _is_given(given: ChannelSettings, setting: str) -> bool:
    value = getattr(given, setting)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)


def _loaded(channel: Pushed | Elsewhere) -> Pushed:
    if isinstance(channel, Pushed):
        return channel
    found: Pushed = import_module(channel.module).CHANNEL
    return found


def _demand_https(channel: Pushed, given: ChannelSettings, public: str) -> None:
    """SettingsError for a public address to which the channel's gateway won't post.

    Telegram posts to HTTPS alone (core.telegram.org/bots/webhooks, core.telegram.org/bots/api#setwebhook), and so does
    Meta, which wants a valid certificate besides (developers.facebook.com/documentation/business-messaging/whatsapp/
    webhooks/create-webhook-endpoint). A server of one's own, named by the channel's `url`, may do without: an
    imitation, or a local Bot API server (core.telegram.org/bots/api#using-a-local-bot-api-server).
    """
    if given.url or not public.startswith("http://"):
        return
    instead = "; or leave it empty, and it is asked for messages" if channel.poll else ""
    raise SettingsError(
        wrong(
            "web.public_url",
            f"it begins with http://, and {channel.name} posts to https:// alone. Put a web server with a certificate "
            f"before Siaga and give its address{instead}",
        )
    )


def _address_needed(channel: Pushed) -> str:
    """Why there must be a public address where a chat may not ask for identity numbers."""
    name, address = channel.name, "set the address under which they reach this server"
    if channel.identity_in_chat:
        why = f"channels.{name}.identity_in_chat is false, so people are led to our own page"
        return wrong("web.public_url", f"{why}: {address}, or don't set identity_in_chat")
    why = f"{name} may not ask for identity numbers in its chats, so people are led to our own page"
    return wrong("web.public_url", f"{why}: {address}")


def _set_up(channel: Pushed, given: ChannelSettings, settings: Settings, vault: Vault) -> SetUp:
    name, public = channel.name, settings.web.public_url.rstrip("/")
    _demand_https(channel, given, public)
    secret = given.secret.get_secret_value()
    if not secret and channel.makes_secret:
        secret = vault.derived(f"hook of {name}".encode())
    access = Access(
        given.url, secret, given.token.get_secret_value(), given.number, given.handshake.get_secret_value(),
        given.template, given.templates.reminder, f"{public}/hooks/{name}" if public else "",
    )  # fmt: skip
    in_chat = channel.identity_in_chat if given.identity_in_chat is None else given.identity_in_chat
    if not in_chat and not public:
        raise SettingsError(_address_needed(channel))
    try:
        return SetUp(channel, access, channel.connect(access), in_chat)
    except SettingError as error:
        raise SettingsError(wrong(f"channels.{name}.{error.name}", error.words.removesuffix("."))) from None


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
            tell_of_reminders(one)

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


def tell_of_reminders(one: SetUp) -> None:
    """A reminder is seldom within a channel's window: without approved words it reaches nobody."""
    name, access = one.channel.name, one.access
    if one.channel.limits.window_h is not None and not access.reminder_template:
        log.warning(
            "no-template-for-reminders", channel=name, instead=access.template or "none: they are not sent",
            what_to_do=f"Set {variable(f'channels.{name}.templates.reminder')}; docs/{name}.md says how.",
        )  # fmt: skip


def pace_of(one: SetUp, clock: Callable[[], float]) -> Pace:
    return Pace(one.channel.limits.per_s, one.channel.limits.gap_s, clock)


def process_name() -> str:
    """Tells this process from others on the same database."""
    return token_hex(8)
