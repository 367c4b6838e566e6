"""The imitated Telegram: what people do there, as the bot is told it, and that both libraries understand every word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramConflictError

from gateway.sandbox.telegram_judge import strangers
from gateway.sandbox.telegram_phone import Phone
from gateway.sandbox.telegram_wire import Json
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import HASNA, TOKEN, Served, aio, jpeg

BUTTONS = {"inline_keyboard": [[{"text": "Benar", "callback_data": "benar"}, {"text": "BPJS", "url": "https://x.id"}]]}


Api = Callable[..., Json]


@pytest.fixture
def api(telegram: Served) -> Iterator[Api]:
    """The Bot API without a library between: the whole answer."""
    with httpx.Client(base_url=f"{telegram.url}/bot{TOKEN}/", verify=False) as http:
        yield lambda method, **asked: json.loads(http.post(method, json=asked).content)


DEEDS: dict[str, tuple[Callable[[Phone], object], str]] = {
    "a text": (lambda phone: phone.says("halo"), "message"),
    "a link": (lambda phone: phone.start("poktan-12"), "message"),
    "a photo": (lambda phone: phone.sends_photo(jpeg(), "KTP saya"), "message"),
    "a photo as file": (lambda phone: phone.sends_document(jpeg()), "message"),
    "a voice": (lambda phone: phone.sends_voice(), "message"),
    "a sticker": (lambda phone: phone.sends_sticker(), "message"),
    "a place": (lambda phone: phone.sends_location(-4.35, 119.88), "message"),
    "the own number": (lambda phone: phone.shares_own_contact("+6281234567890"), "message"),
    "another's number": (lambda phone: phone.sends_contact("+6281234567891", "Rahman"), "message"),
    "a reply": (lambda phone: phone.says("ini", reply_to=phone.says("halo")), "message"),
    "an edit": (lambda phone: phone.edits(phone.says("hal"), "halo"), "edited_message"),
    "a block": (lambda phone: phone.blocks(), "my_chat_member"),
    "an unblock": (lambda phone: phone.unblocks(), "my_chat_member"),
    "a group": (lambda phone: phone.adds_bot(-500), "message"),
    "a removal": (lambda phone: phone.removes_bot(phone.adds_bot(-500)), "my_chat_member"),
    "words in a group": (lambda phone: phone.says("halo", phone.adds_bot(-500)), "message"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_both_libraries_understand_every_kind_of_update(telegram: Served, api: Api, deed: str) -> None:
    does, kind = DEEDS[deed]

    does(Phone(telegram.world, HASNA, "Hasna", last_name="Karangan", username="hasna"))
    updates = api("getUpdates")["result"]

    assert list(updates[-1]) == ["update_id", kind]
    assert [strangers("Update", update) for update in updates] == [[] for _ in updates]


def test_both_libraries_understand_every_answer(telegram: Served, api: Api) -> None:
    hasna = telegram.hasna()
    photo = hasna.sends_photo(jpeg(1600, 1000))
    sizes = hasna.chat.messages[photo]["photo"]
    file_id = sizes[-1]["file_id"]
    message_id = api("sendMessage", chat_id=HASNA, text="Benar?", reply_markup=BUTTONS)["result"]["message_id"]
    place: Json = {"chat_id": HASNA, "message_id": message_id}
    hasna.presses(message_id, "benar")

    assert [strangers("PhotoSize", size) for size in sizes] == [[], [], [], []]
    for kind, method, asked in (
        ("User", "getMe", {}),
        ("WebhookInfo", "getWebhookInfo", {}),
        ("File", "getFile", {"file_id": file_id}),
        ("Message", "sendMessage", {"chat_id": HASNA, "text": "x", "reply_parameters": {"message_id": photo}}),
        ("Message", "sendPhoto", {"chat_id": HASNA, "photo": file_id, "caption": "x", "reply_markup": BUTTONS}),
        ("Message", "editMessageText", {**place, "text": "Betul?", "reply_markup": BUTTONS}),
        ("Message", "editMessageReplyMarkup", place),
    ):
        assert strangers(kind, api(method, **asked)["result"]) == [], method
    [_, press] = api("getUpdates")["result"]
    assert strangers("Update", press) == []
    assert telegram.world.violations == []


def test_a_webhook_that_failed_is_told_as_both_libraries_understand(telegram: Served, api: Api) -> None:
    api("setWebhook", url="http://127.0.0.1:1/telegram", allowed_updates=["message"], max_connections=3)
    telegram.world.updates.webhook.error = "Connection refused"
    assert strangers("WebhookInfo", api("getWebhookInfo")["result"]) == []


async def test_an_update_is_told_until_it_is_confirmed(telegram: Served, listener: Bot) -> None:
    hasna = telegram.hasna()
    for words in ("satu", "dua", "tiga"):
        hasna.says(words)

    first = await listener.get_updates(limit=2)
    again = await listener.get_updates()
    rest = await listener.get_updates(offset=again[1].update_id + 1)
    last = await listener.get_updates(offset=-1)

    assert [update.message.text for update in first if update.message] == ["satu", "dua"]
    assert [update.update_id for update in again] == [first[0].update_id + step for step in range(3)]
    assert [update.message.text for update in [*rest, *last] if update.message] == ["tiga", "tiga"]
    assert telegram.world.updates.pending() == 1
    assert telegram.world.violations == []


async def test_a_waiting_poll_hears_at_once_and_a_second_poll_ends_it(telegram: Served) -> None:
    async with aio(telegram.url) as listener:
        waiting = asyncio.create_task(listener.get_updates(timeout=20))
        await telegram.was_asked(1)
        telegram.hasna().says("halo")
        assert len(await waiting) == 1

        waiting = asyncio.create_task(listener.get_updates(offset=800_000, timeout=20))
        await telegram.was_asked(2)
        assert await listener.get_updates() == []
        with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
            await waiting


async def test_nobody_polls_while_a_webhook_is_set(telegram: Served, listener: Bot) -> None:
    telegram.hasna().says("halo")
    await listener.set_webhook("http://127.0.0.1:1/telegram", secret_token="invented")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await listener.get_updates()
    with pytest.raises(TelegramBadRequest, match="secret token contains unallowed characters"):
        await listener.set_webhook("http://127.0.0.1:1/telegram", secret_token="not allowed!")

    await listener.delete_webhook()
    assert len(await listener.get_updates()) == 1
    await listener.delete_webhook(drop_pending_updates=True)
    assert await listener.get_updates() == []


async def test_only_what_was_asked_for_is_told_and_the_unknown_always(
    telegram: Served, listener: Bot, api: Api
) -> None:
    hasna = telegram.hasna()
    await listener.get_updates(allowed_updates=["callback_query"])

    hasna.says("halo")
    hasna.brings("message_reaction_count", {"chat": hasna.chat.told, "message_id": 1, "date": 1, "reactions": []})
    hasna.brings("dream", {"of": "rain"})

    assert [list(update)[1] for update in api("getUpdates")["result"]] == ["message_reaction_count", "dream"]
    await listener.get_updates(allowed_updates=[])
    hasna.says("halo")
    assert len(await listener.get_updates()) == 3


async def test_updates_are_forgotten_after_a_day(telegram: Served, listener: Bot, clock: Clock) -> None:
    telegram.hasna().says("halo")
    clock.passes(timedelta(days=1).total_seconds())
    assert await listener.get_updates() == []
    assert telegram.world.updates.lost == 1


async def test_photos_of_an_album_are_updates_of_their_own(telegram: Served, listener: Bot) -> None:
    telegram.hasna().sends_album([jpeg(), jpeg(500, 300)], "depan dan belakang")

    messages = [update.message for update in await listener.get_updates()]

    assert [(one.media_group_id, one.caption) for one in messages if one] == [
        ("album-1", "depan dan belakang"),
        ("album-1", None),
    ]


async def test_a_photo_is_downloaded_as_the_phone_reduced_it(telegram: Served, listener: Bot) -> None:
    hasna, small = telegram.hasna(), jpeg()
    hasna.sends_photo(small)
    hasna.sends_photo(jpeg(3000, 2000))

    photos = [update.message.photo for update in await listener.get_updates() if update.message]
    assert photos[0] is not None
    assert photos[1] is not None
    whole = await listener.download(photos[0][-1])

    assert whole is not None
    assert whole.read() == small
    assert [(size.width, size.height) for size in photos[1]] == [(90, 60), (320, 213), (800, 533), (1280, 853)]


async def test_a_file_over_20_megabytes_is_not_downloaded(telegram: Served, listener: Bot) -> None:
    hasna = telegram.hasna()
    hasna.sends_document(bytes(20_000_001), "ktp.tiff", "image/tiff")
    [update] = await listener.get_updates()
    assert update.message is not None
    assert update.message.document is not None

    with pytest.raises(TelegramBadRequest, match="file is too big"):
        await listener.get_file(update.message.document.file_id)
    with pytest.raises(TelegramBadRequest, match="invalid file_id"):
        await listener.get_file("invented")


def test_a_text_that_is_too_long_arrives_in_pieces(telegram: Served, api: Api) -> None:
    telegram.hasna().says("x" * 5000)
    assert [len(update["message"]["text"]) for update in api("getUpdates")["result"]] == [4096, 904]


def test_people_edit_only_their_own_texts(telegram: Served, api: Api) -> None:
    hasna = telegram.hasna()
    from_bot = api("sendMessage", chat_id=HASNA, text="Benar?")["result"]["message_id"]
    with pytest.raises(LookupError):
        hasna.edits(from_bot, "Salah")
