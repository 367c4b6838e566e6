"""The imitated Telegram: what the bot does there, spoken by python-telegram-bot and aiogram over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from aiogram import Bot
from telegram import (
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, NetworkError, RetryAfter
from telegram.ext import ExtBot

from gateway.sandbox.telegram_phone import Button
from gateway.sandbox.telegram_wire import Json, Violation
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import HASNA, TOKEN, Served, jpeg, ptb, telegram_served


@pytest.fixture
async def bot(telegram: Served) -> AsyncIterator[ExtBot[None]]:
    async with ptb(telegram.url) as bot:
        yield bot


def buttons(*data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(one.title(), callback_data=one)] for one in data])


async def test_both_clients_learn_who_the_bot_is(telegram: Served, bot: ExtBot[None], listener: Bot) -> None:
    assert (await bot.get_me()).username == (await listener.get_me()).username == "siaga_bot"
    assert telegram.world.violations == []


async def test_a_text_with_buttons_is_seen_pressed_and_changed(
    telegram: Served, bot: ExtBot[None], listener: Bot
) -> None:
    hasna = telegram.hasna()

    sent = await bot.send_message(HASNA, "Untuk siapa?", reply_markup=buttons("saya", "lain"))
    [seen] = hasna.hears()
    assert (seen.text, seen.buttons) == ("Untuk siapa?", ((Button("Saya", "saya"),), (Button("Lain", "lain"),)))

    hasna.presses(sent.message_id, "saya")
    [update] = await listener.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "saya"
    await bot.answer_callback_query(update.callback_query.id, "Baik")
    assert telegram.world.answered[0].text == "Baik"

    await bot.edit_message_text("Untuk Anda sendiri.", HASNA, sent.message_id)
    [seen] = hasna.hears()
    assert (seen.text, seen.buttons, seen.edited) == ("Untuk Anda sendiri.", (), True)
    assert telegram.world.violations == []


async def test_buttons_are_taken_away_and_an_old_screen_still_presses_them(
    telegram: Served, bot: ExtBot[None], listener: Bot
) -> None:
    hasna = telegram.hasna()
    sent = await bot.send_message(HASNA, "Benar?", reply_markup=buttons("benar"))

    await bot.edit_message_reply_markup(HASNA, sent.message_id)
    assert hasna.hears()[0].buttons == ()

    hasna.presses(sent.message_id, "benar")
    [update] = await listener.get_updates()
    assert update.callback_query is not None
    with pytest.raises(LookupError):
        hasna.presses(sent.message_id, "never shown")


async def test_a_photo_and_a_document_arrive_whole(telegram: Served, bot: ExtBot[None]) -> None:
    hasna, picture = telegram.hasna(), jpeg()

    sent = await bot.send_photo(HASNA, picture, caption="Contoh foto")
    await bot.send_photo(HASNA, sent.photo[-1].file_id)
    paper = await bot.send_document(HASNA, b"%PDF-1.7\r\n--not a boundary\r\n", filename="bukti.pdf")

    first, again, third = hasna.hears()
    assert (first.photo, first.text, again.photo) == (picture, "Contoh foto", picture)
    assert (third.document, third.file_name) == (b"%PDF-1.7\r\n--not a boundary\r\n", "bukti.pdf")
    assert paper.document is not None
    assert paper.document.mime_type == "application/pdf"
    assert telegram.world.violations == []


async def test_a_reply_keyboard_is_open_until_it_is_removed(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    asking = ReplyKeyboardMarkup([[KeyboardButton("Kirim nomor saya", request_contact=True)]])

    await bot.send_message(HASNA, "Nomor HP?", reply_markup=asking)
    assert hasna.keyboard() == ((Button("Kirim nomor saya", asks="contact"),),)

    await bot.send_message(HASNA, "Terima kasih.", reply_markup=ReplyKeyboardRemove())
    assert hasna.keyboard() == ()


async def test_the_bot_types_answers_a_message_and_names_its_commands(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    asked = hasna.says("halo")

    await bot.send_chat_action(HASNA, "typing")
    reply = await bot.send_message(HASNA, "Halo, Hasna.", reply_parameters=ReplyParameters(asked))
    await bot.set_my_commands([BotCommand("daftar", "Mendaftar")])

    assert hasna.actions() == ["typing"]
    assert reply.reply_to_message is not None
    assert reply.reply_to_message.message_id == asked
    assert telegram.world.commands == [{"command": "daftar", "description": "Mendaftar"}]
    assert telegram.world.violations == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"chat_id": HASNA, "text": " \n "}, "Message text is empty"),
        ({"chat_id": HASNA, "text": "x" * 4097}, "Message is too long"),
        ({"chat_id": 9999, "text": "halo"}, "Chat not found"),
        ({"chat_id": "@channel", "text": "halo"}, "Chat not found"),
        ({"chat_id": HASNA, "text": "x", "reply_markup": buttons("x" * 65)}, "Button_data_invalid"),
        ({"chat_id": HASNA, "text": "x", "reply_markup": buttons(*map(str, range(101)))}, "Reply markup is too long"),
        ({"chat_id": HASNA, "text": "x", "reply_parameters": ReplyParameters(999)}, "Message to be replied not found"),
    ],
)
async def test_what_telegram_would_not_send_is_refused(
    telegram: Served, bot: ExtBot[None], fields: Json, words: str
) -> None:
    hasna = telegram.hasna()

    with pytest.raises(BadRequest, match=words):
        await bot.send_message(**fields)
    assert hasna.hears() == []


async def test_4096_letters_and_64_bytes_are_not_too_many(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    await bot.send_message(HASNA, "é" * 4096, reply_markup=buttons("é" * 32))
    assert len(hasna.hears()[0].text) == 4096


async def test_captions_and_pictures_have_their_own_limits(telegram: Served, bot: ExtBot[None]) -> None:
    telegram.hasna()
    with pytest.raises(BadRequest, match="caption is too long"):
        await bot.send_photo(HASNA, jpeg(), caption="x" * 1025)
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(HASNA, b"no picture")
    with pytest.raises(BadRequest, match="Photo_invalid_dimensions"):
        await bot.send_photo(HASNA, jpeg(2100, 100))
    with pytest.raises(BadRequest, match="Wrong file identifier"):
        await bot.send_photo(HASNA, "no-such-file")


async def test_an_edit_that_changes_nothing_is_refused(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    sent = await bot.send_message(HASNA, "Benar?", reply_markup=buttons("benar"))

    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_text("Benar?", HASNA, sent.message_id, reply_markup=buttons("benar"))
    with pytest.raises(BadRequest, match="Message is not modified"):
        await bot.edit_message_reply_markup(HASNA, sent.message_id, reply_markup=buttons("benar"))
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Benar?", HASNA, 999)
    with pytest.raises(BadRequest, match="can't be edited"):
        await bot.edit_message_text("Benar?", HASNA, hasna.says("halo"))


async def test_a_press_can_be_answered_for_ten_seconds(telegram: Served, bot: ExtBot[None], clock: Clock) -> None:
    hasna = telegram.hasna()
    sent = await bot.send_message(HASNA, "Benar?", reply_markup=buttons("benar"))
    press = hasna.presses(sent.message_id, "benar")

    clock.passes(10)
    assert await bot.answer_callback_query(press)

    clock.passes(1)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query(press)
    with pytest.raises(BadRequest, match="Query is too old"):
        await bot.answer_callback_query("invented")


async def test_who_blocked_the_bot_is_not_written_to(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    hasna.blocks()
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await bot.send_message(HASNA, "halo")

    hasna.unblocks()
    assert await bot.send_message(HASNA, "halo")


async def test_a_group_is_left(telegram: Served, bot: ExtBot[None]) -> None:
    hasna = telegram.hasna()
    group = hasna.adds_bot(-500)

    await bot.send_message(-500, "Saya hanya bekerja di chat pribadi.")
    await bot.leave_chat(-500)

    assert hasna.sees(group)[-1].text == "Saya hanya bekerja di chat pribadi."
    with pytest.raises(Forbidden, match="kicked from the group"):
        await bot.send_message(-500, "halo")


async def test_a_wrong_token_and_an_unknown_method_are_refused(telegram: Served, http: httpx.AsyncClient) -> None:
    async with ptb(telegram.url, token="700000001:wrong") as stranger:
        with pytest.raises(InvalidToken):
            await stranger.get_me()

    wrong = await http.post(f"{telegram.url}/bot700000001:wrong/getMe")
    unknown = await http.post(f"{telegram.url}/bot{TOKEN}/sendTelegram")
    nowhere = await http.get(f"{telegram.url}/file/bot{TOKEN}/photos/file_9.jpg")

    assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert (unknown.status_code, unknown.json()["description"]) == (404, "Not Found: method not found")
    assert nowhere.json() == {"ok": False, "error_code": 404, "description": "Not Found"}


@pytest.mark.parametrize(
    ("method", "body", "fault"),
    [
        ("sendMessage", {"chat_id": HASNA}, "parameter text is missing"),
        ("sendMessage", {"chat_id": HASNA, "text": "x", "colour": "red"}, "aiogram knows no parameter colour"),
        (
            "sendMessage",
            {"chat_id": HASNA, "text": "x", "receiver_user_id": 1},
            "python-telegram-bot knows no parameter receiver_user_id",
        ),
        ("sendMessage", {"chat_id": [1], "text": "x"}, "chat_id is ill-typed at int, str"),
        ("sendMessage", {"chat_id": HASNA, "text": 5}, "text is ill-typed at its root"),
        ("sendMessage", {"chat_id": HASNA, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
        (
            "sendMessage",
            {"chat_id": HASNA, "text": "x", "reply_markup": {"inline_keyboard": [[{"text": "a", "datum": "b"}]]}},
            "reply_markup.inline_keyboard.datum is unknown",
        ),
        ("getUpdates", {"offset": "soon"}, "can't parse offset JSON object"),
        ("sendPhoto", {"chat_id": HASNA, "photo": "attach://nothing"}, "the file attached as photo is missing"),
        ("editMessageText", {"chat_id": HASNA, "message_id": 1}, "parameter text is missing"),
    ],
)
async def test_a_request_that_the_libraries_do_not_know_is_refused_and_kept(
    telegram: Served, http: httpx.AsyncClient, method: str, body: Json, fault: str
) -> None:
    answer = await http.post(f"{telegram.url}/bot{TOKEN}/{method}", json=body)

    assert answer.json() == {"ok": False, "error_code": 400, "description": f"Bad Request: {fault}"}
    assert telegram.world.violations == [Violation(method, fault)]


async def test_what_is_not_imitated_says_so(telegram: Served, bot: ExtBot[None]) -> None:
    telegram.hasna()
    with pytest.raises(NetworkError, match="this imitation doesn't know parse_mode"):
        await bot.send_message(HASNA, "<b>halo</b>", parse_mode="HTML")
    with pytest.raises(NetworkError, match="this imitation doesn't know the method"):
        await bot.send_dice(HASNA)
    assert len(telegram.world.violations) == 2


async def test_query_form_and_json_are_read_alike(telegram: Served, http: httpx.AsyncClient) -> None:
    hasna = telegram.hasna()
    url = f"{telegram.url}/bot{TOKEN}/sendMessage"

    await http.get(url, params={"chat_id": HASNA, "text": "dari alamat"})
    await http.post(url, data={"chat_id": HASNA, "text": "dari formulir"})
    await http.post(url, json={"chat_id": HASNA, "text": "dari JSON"})
    await http.post(url, data={"chat_id": HASNA, "text": "12"}, files={})

    assert [seen.text for seen in hasna.hears()] == ["dari alamat", "dari formulir", "dari JSON", "12"]


async def test_too_many_messages_a_second_are_refused_and_counted(clock: Clock) -> None:
    with telegram_served(clock, flood=True) as telegram:
        people = [telegram.hasna()]
        people += [type(people[0])(telegram.world, 8000 + number, "Tani") for number in range(30)]
        async with ptb(telegram.url) as bot:
            await bot.send_message(HASNA, "satu")
            with pytest.raises(RetryAfter, match="Retry in 0:00:01"):
                await bot.send_message(HASNA, "dua")
            for phone in people[1:30]:
                await bot.send_message(phone.person["id"], "halo")
            with pytest.raises(RetryAfter):
                await bot.send_message(people[30].person["id"], "halo")
            assert telegram.world.floods == 2

            clock.passes(1)
            assert await bot.send_message(HASNA, "dua")
    assert [len(phone.hears()) for phone in (people[0], people[30])] == [2, 0]


async def test_twenty_messages_a_minute_are_enough_for_a_group(clock: Clock) -> None:
    with telegram_served(clock, flood=True) as telegram:
        telegram.hasna().adds_bot(-500)
        async with ptb(telegram.url) as bot:
            for _ in range(20):
                await bot.send_message(-500, "halo")
            clock.passes(15)
            with pytest.raises(RetryAfter, match="Retry in 0:00:45"):
                await bot.send_message(-500, "halo")


async def test_a_photo_has_at_most_10_megabytes(telegram: Served, bot: ExtBot[None]) -> None:
    telegram.hasna()
    with pytest.raises(BadRequest, match="too big for a photo; the maximum size is 10485760 bytes"):
        await bot.send_photo(HASNA, jpeg() + bytes(10 * 1024**2))
