"""Nothing of a person, and no token, is in a line of the log or in a figure, however a whole enrolment goes."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from bot import logs
from gateway.sandbox.telegram_mischief import Fails, TooMany
from tests.channels.conftest import WHATSAPP_TOKEN
from tests.channels.scenes import HASNA_NIK, OnTelegram, OnWhatsApp, Opens, Scene, photo
from tests.gateway.telegram_served import TOKEN
from tests.gateway.whatsapp_served import APP_SECRET, VERIFY_TOKEN

WORDS = ("Watansoppeng", "Kenanga", "La Baco", "0812 3456 7890", "081234567890", "81234567890")
ENROLMENT = ("daftar", "1", "setuju")
AFTER_PHOTO = ("benar", "petani padi", "1", "0812 3456 7890", "La Baco", "1", "3", "ya", "ya")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """All that is logged, by anybody, as the operator has it; afterwards logging is as it was."""
    root, told = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    loud = {name: logging.getLogger(name).level for name in ("httpx", "telegram", "pywa", "aiogram", "aiohttp")}
    root.handlers = []
    monkeypatch.setattr(sys, "stderr", told)
    logs.set_up("debug")
    structlog.configure(cache_logger_on_first_use=False)  # or the loggers would write here for ever
    root.setLevel(logging.INFO)
    yield told
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in loud.items():
        logging.getLogger(name).setLevel(before)


async def enrolled(it: Scene) -> None:
    """A whole enrolment, with what may go wrong on the way."""
    await it.says_all(ENROLMENT)
    it.shows(photo())
    await it.settle()
    if isinstance(it, OnTelegram):
        it.telegram.mischief.next(TooMany(1), 1, "sendMessage")
        it.telegram.mischief.next(Fails(502), 1, "sendMessage")
    elif isinstance(it, OnWhatsApp):
        it.whatsapp.troubles.plan(131016, times=2, on="/messages", status=503)
        it.whatsapp.troubles.plan(131009, times=1, on="/messages")
    await it.says_all(AFTER_PHOTO)
    await it.settle()


async def test_no_line_and_no_figure_tells_of_a_person(scene: Opens, written: io.StringIO) -> None:
    async with scene() as it:
        await enrolled(it)
        forged = await it.world.post(f"/hooks/{it.channel}", content=f'{{"text": "{HASNA_NIK} La Baco"}}')
        figures = await it.world.web.get("http://siaga.test/metrics")

        assert forged.status_code == 401
        assert written.getvalue().count('"turn"') > len(AFTER_PHOTO)
        assert await it.rows("SELECT count(*) FROM enrolments") == [(1,)]
        told = written.getvalue() + figures.text
        names = ["Hasna", "HASNA", it.phone().person["first_name"] if isinstance(it, OnTelegram) else it.phone().name]  # type: ignore[attr-defined]
        secrets = [TOKEN, TOKEN.partition(":")[2], WHATSAPP_TOKEN, APP_SECRET, VERIFY_TOKEN]
        who = [it.address()] if isinstance(it, OnTelegram) else [it.address(), it.phone().wa_id]  # type: ignore[attr-defined]
        for personal in (HASNA_NIK, "7312 0252", *WORDS, *names, *secrets):
            assert personal not in told
        for address in who:
            assert f'"{address}"' not in told
            assert f"chat_id={address}" not in told


async def test_there_is_a_line_for_each_turn(scene: Opens, written: io.StringIO) -> None:
    async with scene() as it:
        await it.says_all(ENROLMENT)

        lines = [json.loads(line) for line in written.getvalue().splitlines() if line.startswith("{")]
        turns = [(line["channel"], line["to"]) for line in lines if line["event"] == "turn"]
        assert turns == [(it.channel, "who"), (it.channel, "consent"), (it.channel, "ktp.photo1")]
