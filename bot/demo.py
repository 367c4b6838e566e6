"""`siaga demo`: the service with three channels, everybody else imitated, and the phones side by side on one page.

Invariant: it begins anew at every start, in a folder of its own, with secrets invented at that start; no other database
is ever opened, and nobody outside this machine is reached. All of them have the same clock, shifted or not.
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, time, timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from bot import logs
from bot.app import Outside, now
from bot.serving import (
    PLKK_FILE,
    SAMPLES,
    SANDBOX_FILE,
    Sandbox,
    bpjs_sandbox,
    claim,
    own_address,
    plkk_sandbox,
    sandboxes,
    serve,
)
from bot.settings import Settings, SettingsError, load
from rules.quiet import WITA

FOLDER = Path("var/demo")
PHONES = "http://127.0.0.1:8100"
TELEGRAM, WHATSAPP, BANK = "http://127.0.0.1:8102", "http://127.0.0.1:8103", "http://127.0.0.1:8106"
DATABASE, SECRET = "siaga.db", "secret.key"
BANK_FILE, BANK_KEYS = "sandbox-bank.db", "bank-keys"
TEMPORARY = ("", "-wal", "-shm")
"""Files that SQLite keeps beside a database."""
BOT_NUMBER = 700_000_001
PHONE_NUMBER_ID = "106540352242922"
AHEAD = "SIAGA_SANDBOX_AHEAD_S"
"""How the imitations are told by how much to shift their clock (gateway/sandbox/served.py)."""


class Keys(Struct, frozen=True):
    """What the service and the imitations know of each other."""

    bpjs: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    bank: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    plkk: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    telegram: str = msgspec.field(default_factory=lambda: f"{BOT_NUMBER}:{secrets.token_hex(16)}")
    whatsapp: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    app_secret: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    handshake: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))


async def demo(folder: Path = FOLDER, phones: str = PHONES, at: str = "") -> None:
    """Until Ctrl-C. SettingsError if a port is taken, DatabaseBusyError if another demo runs in the folder: then
    nothing is started. The ports come from the settings; `phones` is the address of the page. `at`: which hour it is
    to be, such as "10:00", for at night the bot doesn't ring; "" for the real one."""
    shift = ahead(at, now())
    os.environ[AHEAD] = str(shift.total_seconds())
    keys = Keys()
    settings = _settings(folder, phones, keys)
    logs.set_up(settings.log.level)
    claim(settings)
    _clear(folder)
    web = own_address(settings)
    beside = [
        bpjs_sandbox(settings, f"{web}/webhooks/bpjs", folder / SANDBOX_FILE),
        plkk_sandbox(settings, f"{web}/webhooks/plkk", folder / PLKK_FILE),
        _bank(settings, folder, web, keys),
        *_channels(settings, keys),
    ]
    async with sandboxes(*beside, _phones(settings, phones), besides={"web.port": web}):
        await serve(settings, hello=_hello(settings, phones), outside=Outside(clock=lambda: now() + shift))


def ahead(at: str, real: datetime) -> timedelta:
    """How far the clock is shifted to make it this hour of the same day in Soppeng; nothing for "". SettingsError for
    what is no time of day."""
    if not at:
        return timedelta(0)
    try:
        hour = time.fromisoformat(at.replace(".", ":"))
    except ValueError:
        raise SettingsError(f"--at {at}: that is no time of day; one looks like 10:00.") from None
    return datetime.combine(real.astimezone(WITA).date(), hour.replace(tzinfo=None), WITA) - real


def _settings(folder: Path, phones: str, keys: Keys) -> Settings:
    """As the operator set them, but for what makes the demo safe: own files, invented secrets."""
    os.environ.setdefault("SIAGA_CHAT__SAMPLES", str(SAMPLES))
    os.environ.setdefault("SIAGA_LOG__LEVEL", "error")
    os.environ.setdefault("SIAGA_CHANNELS__TELEGRAM__URL", TELEGRAM)
    os.environ.setdefault("SIAGA_CHANNELS__WHATSAPP__URL", WHATSAPP)
    os.environ.setdefault("SIAGA_BANK__URL", BANK)
    os.environ |= {
        "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{folder / DATABASE}",
        "SIAGA_SECRET__FILE": str(folder / SECRET),
        "SIAGA_BPJS__SECRET": keys.bpjs,
        "SIAGA_PLKK__SECRET": keys.plkk,
        "SIAGA_CHANNELS__TELEGRAM__TOKEN": keys.telegram,
        "SIAGA_CHANNELS__TELEGRAM__SECRET": "",
        "SIAGA_CHANNELS__WHATSAPP__TOKEN": keys.whatsapp,
        "SIAGA_CHANNELS__WHATSAPP__SECRET": keys.app_secret,
        "SIAGA_CHANNELS__WHATSAPP__HANDSHAKE": keys.handshake,
        "SIAGA_CHANNELS__WHATSAPP__NUMBER": PHONE_NUMBER_ID,
        "SIAGA_WEB__FRAMED_BY": phones,
        **_names(folder, keys),
    }
    settings = load()
    here = settings.web.model_copy(update={"public_url": own_address(settings)})
    return settings.model_copy(update={"web": here})


def _names(folder: Path, keys: Keys) -> dict[str, str]:
    """What the imitated bank and we call each other (docs/bank.md)."""
    given = {
        "CLIENT_ID": "siaga", "PARTNER_ID": "siaga", "CHANNEL_ID": "95051", "SERVICE_ID": "8808",
        "MERCHANT_ID": "MERCHANT-1", "SECRET": keys.bank, "KEY_FILE": str(folder / BANK_KEYS / "siaga.pem"),
        "BANK_CLIENT_ID": "bank-tiruan", "BANK_PARTNER_ID": "bank-tiruan",
        "BANK_KEY_FILE": str(folder / BANK_KEYS / "bank.pub.pem"),
    }  # fmt: skip
    return {f"SIAGA_BANK__{name}": value for name, value in given.items()}


def _bank(settings: Settings, folder: Path, web: str, keys: Keys) -> Sandbox:
    """It makes the keys of both sides as it starts, before the service reads its own."""
    told = ("--database", str(folder / BANK_FILE), "--keys", str(folder / BANK_KEYS), "--office-url", web)
    return Sandbox("gateway.sandbox.bank", "bank.url", settings.bank.url, told, {"SIAGA_BANK_SECRET": keys.bank})


def _channels(settings: Settings, keys: Keys) -> list[Sandbox]:
    telegram, whatsapp = (settings.channels[name].url for name in ("telegram", "whatsapp"))
    hook = f"{settings.web.public_url}/hooks/whatsapp"  # Telegram is told its own by the service
    known = {
        "SIAGA_WHATSAPP_TOKEN": keys.whatsapp,
        "SIAGA_WHATSAPP_APP_SECRET": keys.app_secret,
        "SIAGA_WHATSAPP_VERIFY_TOKEN": keys.handshake,
    }
    return [
        Sandbox(
            "gateway.sandbox.telegram", "channels.telegram.url", telegram, (), {"SIAGA_TELEGRAM_TOKEN": keys.telegram}
        ),
        Sandbox(
            "gateway.sandbox.whatsapp", "channels.whatsapp.url", whatsapp,
            ("--webhook-url", hook, "--phone-number-id", PHONE_NUMBER_ID), known,
        ),
    ]  # fmt: skip


def _phones(settings: Settings, address: str) -> Sandbox:
    others = {name: settings.channels[name].url for name in ("telegram", "whatsapp")}
    others |= {"web": settings.web.public_url, "bpjs": settings.bpjs.url}
    told = [word for name, url in others.items() for word in (f"--{name}", url)]
    return Sandbox("gateway.sandbox.phones", "--phones", address, tuple(told))


def _clear(folder: Path) -> None:
    """Forget the demo before: the imitations count their messages from the beginning again, and what came before would
    be taken for a repeat."""
    for database in (DATABASE, SANDBOX_FILE, PLKK_FILE, BANK_FILE):
        for ending in TEMPORARY:
            (folder / f"{database}{ending}").unlink(missing_ok=True)


def _hello(settings: Settings, phones: str) -> str:
    return (
        f"\n  Tiga HP:       {phones}/\n  Chat saja:     {settings.web.public_url}/\n"
        f"  BPJS (tiruan): {settings.bpjs.url}/\n  Klinik tiruan: {settings.plkk.url}/\n"
        f"  Bank (tiruan): {settings.bank.url}/\n  Ctrl-C untuk berhenti.\n\n"
    )
