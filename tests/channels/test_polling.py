"""A laptop with nothing but a token: Telegram is asked for messages; everything works in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import ChannelSettings, Settings
from gateway.sandbox.telegram_phone import Phone
from gateway.sandbox.telegram_world import World as Telegram
from rules.card import Card, Unusable
from tests.gateway.telegram_served import TOKEN, telegram_served
from tests.ktp.samples import FOLDER as SAMPLES
from tests.world import Clock, Readings, World

PATIENCE_S = 15.0
HASNA = (SAMPLES / "hasna.jpg").read_bytes()
REPLIES = {
    "Apa yang bisa dibantu": "daftar", "Untuk siapa": "1", "Setuju": "setuju", "Benar?": "iye'",
    "pekerjaan": "petani padi", "penghasilan": "1", "Nomor HP": "(contact)", "nama ahli waris": "La Baco",
    "siapanya": "1", "berapa bulan": "3", "pengingat": "ya", "Semua benar?": "ya",
}  # fmt: skip
"""By words of what the bot asked last."""


class Now(Clock):
    """The real time."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class AlwaysHasna(Readings):
    """Telegram makes photos smaller, so they are not known by their bytes."""

    async def read(self, photo: bytes, today: date) -> Card | Unusable | None:
        return await super().read(HASNA, today)


@pytest.fixture
async def telegram(settings: Settings, tmp_path: Path) -> AsyncIterator[Telegram]:
    """A service at work, which no webhook can reach."""
    with telegram_served(Now(), flood=True) as made:  # type: ignore[arg-type]  # a clock that runs
        given = {"telegram": ChannelSettings(url=made.url, token=SecretStr(TOKEN))}
        changed = settings.model_copy(update={"channels": given})
        async with World(changed, tmp_path, clock=Now(), reader=AlwaysHasna()) as world:
            world.service.start()
            yield made.world
        assert made.world.violations == []
        assert made.world.floods == 0


async def test_a_token_is_all_that_an_enrolment_needs(telegram: Telegram) -> None:
    hasna = Phone(telegram, 7001, "Hasna")
    hasna.start()

    last = await _next(hasna, lambda text: True, 0)
    while "Kode bayar" not in last:
        heard = len(hasna.hears())
        if "foto KTP" in last:
            hasna.sends_photo(HASNA)
        elif (reply := next(reply for words, reply in REPLIES.items() if words in last)) == "(contact)":
            hasna.shares_own_contact("6281234567890")
        else:
            hasna.says(reply)
        last = await _next(hasna, lambda text: "Sebentar" not in text and "belum menjawab" not in text, heard)

    assert "Selamat, Hasna terdaftar" in last
    assert "typing" in hasna.actions()


async def _next(phone: Phone, wanted: Callable[[str], bool], heard: int) -> str:
    """What the bot says after that many messages, if it is something of this kind."""
    async with asyncio.timeout(PATIENCE_S):
        while not (new := [one.text for one in phone.hears()[heard:] if wanted(one.text)]):  # noqa: ASYNC110  # another thread
            await asyncio.sleep(0.05)
    return new[-1]
