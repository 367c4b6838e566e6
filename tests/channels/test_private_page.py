"""WhatsApp forbids asking for identity numbers in its chats: the enrolment goes by our own page, and back."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.sandbox.whatsapp import Sandbox
from gateway.sandbox.whatsapp_phone import Phone
from tests.channels.conftest import Staged
from tests.channels.players import WhatsAppPlayer
from tests.handlers.page.browsing import HASNA, PageBrowser
from tests.world import World

LINK = re.compile(r"http://siaga\.test(/b/\S+)")
NIK = re.compile(r"\d{4} ?\d{4} ?\d{4} ?\d{4}")
REST = ("petani padi", "1", "0812 3456 7890", "La Baco", "1", "3", "ya", "ya")
"""What follows the NIK: work, income, phone, heir, relation, months, reminders, send."""


async def test_from_the_greeting_to_the_payment_code(on_whatsapp: Staged, whatsapp: tuple[str, Sandbox]) -> None:
    async with on_whatsapp() as world:
        player = WhatsAppPlayer(world, whatsapp[1], times=3)
        hasna = player.phone("hasna")
        await _say(world, player, hasna, ("daftar", "1", "1"))

        page = PageBrowser(world.service, _link(hasna))
        await page.goes_on()
        asked = await page.now()
        await page.shows(HASNA, asked)
        await world.settle()
        confirmed = await page.now(asked["id"])
        in_chat = _said(hasna)
        await page.taps("Benar", confirmed)
        await world.settle()
        done = await page.now(confirmed["id"])
        await page.http.aclose()
        await _say(world, player, hasna, REST)

    assert "NIK 7312 0252 0579 9901: perempuan" in confirmed["words"]
    assert done["stage"] == "done"
    assert sum("http" in words for words in in_chat) == 1  # who answers on the page is sent no second link
    assert "Selamat, Hasna terdaftar" in _said(hasna)[-1]
    assert [words for words in _said(hasna) if NIK.search(words)] == []


async def test_who_left_the_page_is_sent_the_link_again(on_whatsapp: Staged, whatsapp: tuple[str, Sandbox]) -> None:
    async with on_whatsapp() as world:
        player = WhatsAppPlayer(world, whatsapp[1])
        hasna = player.phone("hasna")
        await _say(world, player, hasna, ("daftar", "1", "1"))
        page = PageBrowser(world.service, _link(hasna))
        await page.goes_on()
        await page.shows(HASNA, await page.now())
        await world.settle()
        await page.http.aclose()

        await _say(world, player, hasna, ("halo",))

    assert "http" in _said(hasna)[-1]


async def test_a_card_sent_into_the_chat_all_the_same_is_read(
    on_whatsapp: Staged, whatsapp: tuple[str, Sandbox]
) -> None:
    async with on_whatsapp() as world:
        player = WhatsAppPlayer(world, whatsapp[1])
        hasna = player.phone("hasna")
        await _say(world, player, hasna, ("daftar", "1", "1"))

        hasna.sends_image(HASNA)
        await player.deliver()
        await world.settle()
        page = PageBrowser(world.service, _link(hasna))
        await page.goes_on()
        confirmed = await page.now()
        await page.http.aclose()

    assert "Benar?" in confirmed["words"]
    assert [words for words in _said(hasna) if NIK.search(words)] == []


async def _say(world: World, player: WhatsAppPlayer, phone: Phone, words: Sequence[str]) -> None:
    for each in words:
        phone.says(each)
        await player.deliver()
        await world.settle()


def _said(phone: Phone) -> list[str]:
    return [one.text for one in phone.messages if not one.mine]


def _link(phone: Phone) -> str:
    """The newest."""
    return next(match[1] for words in reversed(_said(phone)) if (match := LINK.search(words)))
