"""A channel's libraries are loaded only where the channel is set up: aiogram alone is seconds and 100 MB."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIBRARIES = {"aiogram", "telegram", "pywa"}
SET_UP = """
import asyncio, sys
from pydantic import SecretStr
from bot import app, channels
from bot.settings import BpjsSettings, ChannelSettings, Settings, Web
from db.vault import Vault

word = SecretStr("invented-for-the-tests")
given = {
    "telegram": ChannelSettings(token=SecretStr("700000001:invented-for-the-tests")),
    "whatsapp": ChannelSettings(token=word, secret=word, handshake=word, number="106540352242922"),
}

async def main():
    settings = Settings(
        bpjs=BpjsSettings(secret=word), web=Web(public_url="https://siaga.test"),
        channels={name: given[name] for name in sys.argv[1:]},
    )
    for one in channels.set_up(app.CHANNELS, settings, Vault(bytes(32))):
        await one.wire.close()

asyncio.run(main())
print(*sys.modules)
"""


@pytest.mark.parametrize(
    ("channels", "loaded"),
    [((), set()), (("telegram",), {"aiogram", "telegram"}), (("whatsapp",), {"pywa"})],
    ids=["web only", "telegram only", "whatsapp only"],
)
def test_only_the_libraries_of_what_is_set_up_are_loaded(channels: tuple[str, ...], loaded: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", SET_UP, *channels], check=True, capture_output=True, text=True)

    assert LIBRARIES & set(done.stdout.split()) == loaded
