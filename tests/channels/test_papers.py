"""Papers on Telegram and WhatsApp: a file with its name and its words, and words alone where there can be no file."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.settings import Settings
from gateway.sandbox.telegram_mischief import Fails
from gateway.sandbox.telegram_phone import Seen
from gateway.sandbox.whatsapp_template import Template
from tests.channels.players import TelegramPlayer, WhatsAppPlayer, without_pictures
from tests.channels.scenes import OnTelegram, OnWhatsApp, Opens, Scene
from tests.papering import CODE, DATA, OWNERS, PAPERING, THESE, never
from tests.plays.player import Player
from tests.world import World

ASKED = "Ini berkasnya.\nMau berkas apa?\n1 Surat"
GONE = "Berkas surat-pengantar.pdf tidak bisa dikirim. Minta lagi nanti, atau ketik petugas."
LINK = re.compile(r"http://siaga\.test(/b/\S+)")


PLAY = """Hasna asks for papers.

hasna:  berkas
bot:    Mau berkas apa?
        1 Surat
        2 Kode
        3 Data
        4 Milik orang
        5 Tak dikenal
        6 Besar

hasna:  surat
bot:    [Berkas: surat-pengantar.pdf]
        Ini berkasnya.
        Mau berkas apa?
        1 Surat
        2 Kode
        3 Data
        4 Milik orang
        5 Tak dikenal
        6 Besar

(restart)

hasna:  sepasang
bot:    [Berkas: kode-bayar.png]
bot:    [Berkas: surat-pengantar.pdf]
        Ini kodenya.
        Ini suratnya.
        Sudah diterima?
        1 Ya
        2 Tidak
"""


class File:
    """The newest file that the bot sent: its name ("" of a photo), its bytes, and the words below it."""

    def __init__(self, it: Scene) -> None:
        if isinstance(it, OnTelegram):
            seen: Seen = next(one for one in reversed(it.phone().hears()) if one.photo or one.document)
            self.name, self.content, self.words = seen.file_name or "", seen.document or seen.photo or b"", seen.text
        elif isinstance(it, OnWhatsApp):
            bubble = next(one for one in reversed(it.phone().messages) if one.media is not None)
            assert bubble.media is not None
            self.name, self.content, self.words = bubble.filename, bubble.media.content, bubble.text


def files(it: Scene) -> int:
    if isinstance(it, OnTelegram):
        return sum(1 for one in it.phone().hears() if one.photo or one.document)
    assert isinstance(it, OnWhatsApp)
    return sum(1 for one in it.phone().messages if one.media is not None)


@pytest.fixture(autouse=True)
def letters() -> Iterator[None]:
    """A letter for whom either channel calls Hasna."""
    before = {of: set(owners) for of, owners in OWNERS.items()}
    OWNERS["7001"] |= {"7001", "ID.13491208655302747001"}
    yield
    OWNERS.clear()
    OWNERS.update(before)


async def test_a_letter_is_a_file_with_its_name_and_the_question_comes_after_it(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("berkas")

        answer = await it.hears("surat")

        file = File(it)
        assert file.name == "surat-pengantar.pdf"
        assert "Hasna Dg. Ma’né" in pypdfium2.PdfDocument(file.content)[0].get_textpage().get_text_range()
        assert answer.startswith(ASKED)
        assert files(it) == 1


async def test_a_code_is_a_photo_that_a_camera_reads(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("berkas")

        await it.hears("kode")

        file = File(it)
        shown = cv2.imdecode(np.frombuffer(file.content, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert shown is not None
        assert cv2.QRCodeDetector().detectAndDecode(shown)[0] == CODE
        assert file.name == ""


async def test_data_come_as_they_are(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("berkas")

        await it.hears("data")

        file = File(it)
        assert (file.name, file.content) == ("data-saya.json", DATA)


async def test_two_at_once_come_in_order_and_the_last_with_the_words_and_the_buttons(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        answer = await it.hears("sepasang")

        assert files(it) == 2
        assert File(it).name == "surat-pengantar.pdf"
        assert File(it).words == answer == "Ini kodenya.\nIni suratnya.\nSudah diterima?\n1 Ya\n2 Tidak"
        it.presses("Ya")
        assert "Apa yang bisa dibantu?" not in await it.answer()


async def test_a_paper_below_which_nothing_is_asked_has_its_words_as_caption(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("terakhir")

        file = File(it)
        assert (file.name, file.words) == ("surat-pengantar.pdf", "Ini suratnya. Selesai.")


@pytest.mark.parametrize("wanted", ["milik orang", "tak dikenal", "besar"])
async def test_what_this_chat_has_no_right_to_and_what_cannot_be_made_is_said_kindly(scene: Opens, wanted: str) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("berkas")

        with capture_logs():
            answer = await it.hears(wanted)

        assert answer.startswith(f"{GONE}\n{ASKED}")
        assert files(it) == 0


async def test_a_file_that_the_channel_refuses_is_said_kindly_and_the_question_is_asked(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        await it.hears("terakhir")
        before = files(it)
        if isinstance(it, OnTelegram):
            it.telegram.mischief.next(Fails(413), 1, "sendDocument")
        elif isinstance(it, OnWhatsApp):
            it.whatsapp.troubles.plan(100, on="media")

        with capture_logs() as logged:
            answer = await it.hears("terakhir")

        assert answer == f"{GONE}\nIni suratnya. Selesai."
        assert files(it) == before
        assert [line["kind"] for line in logged if line["event"] == "paper-refused"] == ["letter"]


async def test_what_takes_too_long_to_make_is_tried_again(scene: Opens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.runtime.papers.MAKE_S", 0.05)
    makers = {**THESE, "letter": never}
    async with scene(parts=replace(PAPERING, makers=makers)) as it:
        it.says("terakhir")
        await it.deliver()
        await it.world.service.run_due()
        nothing = it.new()
        makers["letter"] = THESE["letter"]
        monkeypatch.setattr("bot.runtime.papers.MAKE_S", 10)
        await it.world.pass_time(timedelta(minutes=1))
        answer = await it.answer()

        assert nothing == []
        assert answer == "Ini suratnya. Selesai."
        assert files(it) == 1


async def test_a_service_that_closes_while_it_makes_one_sends_it_after_the_next_start(on_telegram_only: Opens) -> None:
    makers = {**THESE, "letter": never}
    async with on_telegram_only(parts=replace(PAPERING, makers=makers)) as it:
        it.says("terakhir")
        await it.deliver()
        it.world.service.start()
        await asyncio.sleep(0.3)
        nothing = it.new()
        makers["letter"] = THESE["letter"]
        await it.world.restart()
        it.clock.now += timedelta(seconds=1)
        answer = await it.answer()

        assert (nothing, answer) == ([], "Ini suratnya. Selesai.")
        assert files(it) == 1


async def test_outside_the_window_the_words_go_by_template_and_say_how_to_get_it(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only(parts=PAPERING) as it:
        assert isinstance(it, OnWhatsApp)
        it.whatsapp.world.approves(Template("kabar", "Kabar dari Siaga: {{1}}"))
        it.says("terakhir")
        await it.deliver()
        it.phone().lets_window_close()
        it.clock.now += timedelta(hours=25)
        answer = await it.answer()

        assert files(it) == 0
        assert "Berkas surat-pengantar.pdf belum bisa dikirim. Balas pesan ini, lalu minta lagi." in answer


async def test_where_a_chat_may_not_show_it_the_words_lead_to_our_page(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only(parts=PAPERING, identity_in_chat=False) as it:
        await it.hears("berkas")

        answer = await it.hears("surat")

        assert files(it) == 0
        assert LINK.search(answer)
        assert "Mau berkas apa?" in answer
        assert "Hasna" not in answer


async def test_what_is_nobodys_secret_is_sent_there_too(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only(parts=PAPERING, identity_in_chat=False) as it:
        await it.hears("berkas")

        answer = await it.hears("kode")

        assert files(it) == 1
        assert not LINK.search(answer)


async def test_a_play_shows_a_paper_as_a_line(settings: Settings, tmp_path: Path) -> None:
    async with World(settings, tmp_path, parts=PAPERING) as world:
        assert await Player(world).play(PLAY) == PLAY


async def test_the_same_play_goes_on_every_channel(scene: Opens) -> None:
    async with scene(parts=PAPERING) as it:
        player: Player
        if isinstance(it, OnTelegram):
            player = TelegramPlayer(it.world, it.telegram, times=3)
        else:
            assert isinstance(it, OnWhatsApp)
            player = WhatsAppPlayer(it.world, it.whatsapp, times=3)

        played = await player.play(PLAY)

    assert without_pictures(played) == without_pictures(PLAY)
