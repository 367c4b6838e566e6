"""Messages that are edited, old buttons that are pressed, contacts that are handed over, and what can't be used."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.talk.phrases import EDIT_UNUSED
from gateway.sandbox.telegram_mischief import Fails
from tests.channels.scenes import OnTelegram, OnWhatsApp, Opens, Scene, photo

ASKED = "Tadi Anda jawab Saya sendiri. Ganti jadi Orang lain?\n1 Ya\n2 Tidak"
ATTEST = "Apakah orangnya tahu, setuju, dan KTP-nya ada di dekat Anda?"
TO_PHONE = ("daftar", "1", "setuju", "1", "7312025205799901", "benar", "Hasna", "Soppeng", "Dusun Lappa", "Jampu",
            "petani padi", "1")  # fmt: skip
NUMBER = "6281234567890"


async def answered(it: Scene) -> object:
    """She answered for whom it is; the message."""
    await it.says_all(["daftar"])
    message = it.says("1")
    await it.settle()
    it.new()
    return message


# -- edited -----------------------------------------------------------------------------------------------------------


async def test_an_answer_that_is_edited_is_asked_about(scene: Opens) -> None:
    async with scene() as it:
        it.edits(await answered(it), "2")
        asked = await it.answer()

        assert asked == ASKED
        assert (await it.hears("ya")).startswith(ATTEST)


async def test_the_change_may_be_declined(scene: Opens) -> None:
    async with scene() as it:
        it.edits(await answered(it), "2")
        await it.answer()

        assert (await it.hears("tidak")).startswith("Data KTP dan HP dikirim")
        assert await it.journal() == {"who": "self"}


async def test_an_edit_that_changes_nothing_asks_nothing_new(scene: Opens) -> None:
    async with scene() as it:
        it.edits(await answered(it), "saya sendiri")

        assert (await it.answer()).startswith("Data KTP dan HP dikirim")


async def test_edited_twice_the_last_counts(scene: Opens) -> None:
    async with scene() as it:
        message = await answered(it)
        it.edits(message, "orang lain")
        await it.answer()
        it.edits(message, "1")
        again = await it.answer()

        assert again.startswith("Data KTP dan HP dikirim")
        assert await it.journal() == {"who": "self"}


async def test_an_edit_that_comes_three_times_is_asked_about_once(scene: Opens) -> None:
    async with scene() as it:
        message = await answered(it)
        it.repeats(3)
        it.edits(message, "2")

        assert await it.answer() == ASKED


async def test_what_was_not_understood_may_be_edited(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        message = it.says("sya sndri qq")
        await it.settle()
        it.new()
        it.edits(message, "saya sendiri")

        assert (await it.answer()).startswith("Data KTP dan HP dikirim")


async def test_what_is_edited_before_it_is_heard_counts_as_edited(scene: Opens) -> None:
    """It was typed and edited offline."""
    async with scene() as it:
        await it.says_all(["daftar"])
        message = it.says("1")
        it.edits(message, "2")
        it.clock.now += timedelta(minutes=1)
        answer = await it.answer()

        assert answer.startswith(ATTEST)


async def test_an_edit_of_something_old_changes_nothing(scene: Opens) -> None:
    async with scene() as it:
        old = it.says("daftar")
        await it.settle()
        await it.says_all(["1", "setuju"])
        it.edits(old, "menu")

        assert (await it.answer()).startswith(EDIT_UNUSED.msgid)
        assert await it.journal() == {"who": "self", "consent": True}


async def test_an_edit_where_nothing_is_under_way_begins_nothing(scene: Opens) -> None:
    async with scene() as it:
        old = it.says("daftar")
        await it.settle()
        await it.says_all(["batal", "ya"])
        it.edits(old, "daftar")

        assert await it.answer() == EDIT_UNUSED.msgid
        assert await it.stack() == []


# -- old buttons ------------------------------------------------------------------------------------------------------


async def test_an_old_button_is_asked_about(scene: Opens) -> None:
    async with scene() as it:
        await answered(it)
        it.presses("Setuju")
        await it.answer()
        press_old(it, "Orang lain")

        assert await it.answer() == ASKED


def press_old(it: Scene, label: str) -> None:
    """From a screen that was not refreshed since."""
    if isinstance(it, OnWhatsApp):
        it.presses(label)
    elif isinstance(it, OnTelegram):
        chat = it.phone().chat
        first = min(number for number, shown in chat.shown.items() if len(shown) == 2)
        data = next(one for one in chat.shown[first] if one.endswith("helper"))
        it.phone().presses(first, data)


async def test_telegram_takes_the_buttons_off_a_message_once_the_next_goes_out(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar", "1", "setuju"])

        assert [bool(buttons) for _message, buttons in it.shown() if buttons] == [True]
        assert it.shown()[-1][1]


async def test_a_press_is_acknowledged_and_answered(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        it.repeats(3)
        await it.says_all(["daftar"])
        it.presses("Saya sendiri")
        answer = await it.answer()

        assert answer.startswith("Data KTP dan HP dikirim")
        assert {one.text for one in it.telegram.answered} == {None}
        assert it.telegram.answered


async def test_a_press_behind_a_photo_on_its_way_is_heard_before_what_was_written_after_it(
    on_telegram_only: Opens,
) -> None:
    """Telegram gives messages a time, in whole seconds, and presses none (core.telegram.org/bots/api#callbackquery)."""
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar"])
        it.telegram.mischief.next(Fails(502), 3, "getFile")
        it.clock.now = it.clock.now.replace(microsecond=0) + timedelta(seconds=1, milliseconds=200)
        it.shows(photo())
        await it.deliver()
        it.clock.now += timedelta(milliseconds=500)
        it.presses("Saya sendiri")
        await it.deliver()
        it.clock.now += timedelta(milliseconds=100)
        it.says("setuju")
        await it.settle()
        await it.world.pass_time(timedelta(seconds=30))

        assert await it.journal() == {"who": "self", "consent": True}


# -- contacts ---------------------------------------------------------------------------------------------------------


async def test_her_own_contact_answers_the_question_and_is_kept_sealed(scene: Opens) -> None:
    async with scene() as it:
        assert (await it.says_all(TO_PHONE)).startswith("Nomor HP Anda?")
        it.shares_contact(NUMBER, own=True)
        answer = await it.answer()

        ((sealed,),) = await it.rows("SELECT phone FROM chats")
        assert answer.startswith("Siapa nama ahli waris")
        number = it.world.service.desk.vault.open(bytes(sealed), f"chat phone {await it.chat()}").decode()
        assert number.endswith(it.phone().wa_id[2:] if isinstance(it, OnWhatsApp) else NUMBER[2:])


async def test_somebody_else_s_contact_is_only_a_number(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(TO_PHONE)
        it.shares_contact(NUMBER, own=False)
        answer = await it.answer()

        assert answer.startswith("Siapa nama ahli waris")
        assert "81234567890" in str((await it.journal())["phone"])
        assert await it.rows("SELECT phone FROM chats") == [(None,)]


async def test_a_contact_where_none_is_asked_for_gets_kind_words(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        it.shares_contact(NUMBER, own=False)

        assert await it.answer() == (
            "Maaf, saya belum memakai kartu kontak.\nUntuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"
        )


# -- what can't be used -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("sends_voice", "Maaf, saya belum bisa mendengar pesan suara. Ketik jawabannya, atau balas angkanya."),
        ("sends_sticker", "Maaf, saya tidak mengerti stiker."),
        ("sends_location", "Maaf, saya belum memakai lokasi."),
    ],
)
async def test_what_can_not_be_used_is_answered_with_how_to_go_on(scene: Opens, kind: str, words: str) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        given = {"sends_location": (-4.35, 119.88), "sends_sticker": (), "sends_voice": ()}[kind]
        phone = it.phone()  # type: ignore[attr-defined]  # both have one
        getattr(phone, kind)(*(given or (() if isinstance(it, OnTelegram) else (b"RIFF",))))

        assert await it.answer() == f"{words}\nUntuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"
