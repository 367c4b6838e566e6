"""What is sent to Telegram, and what its answers mean for a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut

from bot.handlers.contract import Access, Delivered, Gone, Peer, Refused, Sent, SettingError, Slow, Unknown
from bot.handlers.telegram_out import TOKEN_REFUSED, Call, FloodError, StatusError, TelegramWire, connect, encode, judge
from bot.talk.message import Button, Drawing, Message, Picture
from gateway.sandbox.telegram_mischief import Fails, Fault, HangsUp, TimesOut, TooMany
from rules.bpjs import TryLater
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import HASNA, TOKEN, Served, jpeg, telegram_served

HELLO = Message("Halo Hasna")
TO_HASNA = Peer(str(HASNA))
PICTURE = Picture("contoh foto KTP", Drawing("ktp-upright"))
QUESTION = Message("Untuk siapa?", (Button("Saya sendiri", "1.ab.self"), Button("Orang lain", "1.ab.other")))
STRANGER = "700000002:of-another-bot"
NOWHERE = "http://127.0.0.1:1"
"""Nobody listens there: port 1 is for tcpmux (IANA), which no system of today serves."""


@pytest.fixture
def telegram() -> Iterator[Served]:
    with telegram_served(Clock()) as telegram:
        yield telegram


@pytest.fixture
def access(telegram: Served) -> Access:
    return Access(url=telegram.url, token=TOKEN)


@pytest.fixture
async def wire(access: Access) -> AsyncIterator[TelegramWire]:
    async with wired(access) as wire:
        yield wire


@asynccontextmanager
async def wired(
    access: Access, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> AsyncIterator[TelegramWire]:
    wire = TelegramWire(access, sleep)
    try:
        yield wire
    finally:
        await wire.close()


async def send(wire: TelegramWire, message: Message = HELLO, image: bytes | None = None) -> Sent:
    return await wire.send(message, image, TO_HASNA, "siaga-1")


def ref(sent: Sent) -> str:
    assert isinstance(sent, Delivered)
    return sent.ref


def rows(*labels: str) -> list[list[str]]:
    call = encode(Message("Untuk siapa?", tuple(Button(label, f"1.ab.{label}") for label in labels)), None, TO_HASNA)
    assert call is not None
    return [[button.text for button in row] for row in call.values["reply_markup"].inline_keyboard]


def test_a_text_is_sent_as_it_stands() -> None:
    assert encode(Message("Halo *Hasna* <b>_1_</b> https://x.test"), None, TO_HASNA) == Call(
        "send_message",
        {
            "chat_id": 7001,
            "text": "Halo *Hasna* <b>_1_</b> https://x.test",
            "link_preview_options": LinkPreviewOptions(is_disabled=True),
        },
    )


def test_options_stand_under_the_text_as_buttons() -> None:
    call = encode(Message("Benar?", (Button("Saya sendiri", "1.ab.self"),)), None, TO_HASNA)

    assert call is not None
    assert call.values["reply_markup"] == InlineKeyboardMarkup(
        [[InlineKeyboardButton("Saya sendiri", callback_data="1.ab.self")]]
    )


def test_short_options_share_a_row_and_long_ones_do_not() -> None:
    assert rows("Ya", "Tidak") == [["Ya", "Tidak"]]
    assert rows("1", "2", "3", "4", "5", "6", "7") == [["1", "2", "3"], ["4", "5", "6"], ["7"]]
    assert rows("x" * 12, "Ya") == [["x" * 12, "Ya"]]
    assert rows("x" * 13, "Ya") == [["x" * 13], ["Ya"]]


def test_a_picture_carries_the_text_and_its_buttons() -> None:
    message = Message("Kirim foto KTP.", (Button("Nanti", "1.ab.later"),), picture=PICTURE)

    call = encode(message, b"PNG", TO_HASNA)
    assert call is not None
    assert call.method == "send_photo"
    assert (call.values["photo"], call.values["caption"]) == (b"PNG", "Kirim foto KTP.")
    assert "reply_markup" in call.values

    assert encode(Message("", picture=PICTURE), b"PNG", TO_HASNA) == Call(
        "send_photo", {"chat_id": 7001, "photo": b"PNG", "caption": None}
    )


def test_a_picture_that_could_not_be_made_leaves_the_text() -> None:
    call = encode(Message("Kirim foto KTP.", picture=PICTURE), None, TO_HASNA)

    assert call is not None
    assert call.method == "send_message"
    assert encode(Message("", picture=PICTURE), None, TO_HASNA) is None


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "fate"),
    [
        (FloodError(7), Slow(7)),
        (Forbidden("Forbidden: bot was blocked by the user"), Gone()),
        (Forbidden("Forbidden: user is deactivated"), Gone()),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), Gone()),
        (BadRequest("Bad Request: chat not found"), Gone()),
        (BadRequest("Bad Request: user not found"), Gone()),
        (BadRequest("Bad Request: PEER_ID_INVALID"), Gone()),
        (ChatMigrated(-1004002), Gone()),
        (BadRequest("Bad Request: message is too long"), Refused("message is too long")),
        (BadRequest("Bad Request: IMAGE_PROCESS_FAILED"), Refused("image_process_failed")),
        (BadRequest("Bad Request: HASNA is no entity"), Refused("bad request")),
        (StatusError(413), Refused("status 413")),
        (InvalidToken(), TryLater("token", 60)),
        (Conflict("Conflict: terminated"), TryLater("conflict")),
        (StatusError(302), TryLater("status 302")),
        (caused(NetworkError("x"), httpx.ConnectError("x")), TryLater("ConnectError")),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), TryLater("ConnectTimeout")),
        (caused(TimedOut(), httpx.PoolTimeout("x")), TryLater("PoolTimeout")),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Unknown("ReadTimeout")),
        (caused(TimedOut(), httpx.WriteTimeout("x")), Unknown("WriteTimeout")),
        (caused(NetworkError("x"), httpx.ReadError("x")), Unknown("ReadError")),
        (caused(NetworkError("x"), httpx.RemoteProtocolError("x")), Unknown("RemoteProtocolError")),
        (StatusError(500), Unknown("status 500")),
        (StatusError(502), Unknown("status 502")),
        (TimeoutError(), Unknown("TimeoutError")),
        (NetworkError(f"https://api.telegram.org/bot{TOKEN}/sendMessage"), Unknown("NetworkError")),
    ],
)
def test_only_what_certainly_did_not_arrive_is_sent_again(error: Exception, fate: Sent) -> None:
    assert judge(error) == fate


def test_what_telegram_took_has_its_name() -> None:
    assert judge(None, "56") == Delivered("56")


@pytest.mark.parametrize(
    ("access", "setting"),
    [
        (Access(), "token"),
        (Access(token="no token"), "token"),
        (Access(token=TOKEN, hook="https://siaga.test/hooks/telegram"), "secret"),
        (Access(token=TOKEN, hook="https://siaga.test/hooks/telegram", secret="rahasia kita"), "secret"),
    ],
)
def test_settings_that_cannot_work_are_named_before_anything_is_sent(access: Access, setting: str) -> None:
    with pytest.raises(SettingError) as refused:
        connect(access)

    assert refused.value.name == setting
    assert not access.secret or access.secret not in refused.value.words
    assert not access.token or access.token not in refused.value.words


async def test_a_text_with_buttons_is_seen_and_its_buttons_are_taken_off(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()

    name = ref(await send(wire, QUESTION))
    [seen] = hasna.hears()
    assert (seen.text, str(seen.message_id)) == (QUESTION.text, name)
    assert [[button.data for button in row] for row in seen.buttons] == [["1.ab.self", "1.ab.other"]]

    await wire.retire(TO_HASNA.address, name)
    await wire.retire(TO_HASNA.address, name)  # "message is not modified"
    assert [seen.buttons for seen in hasna.hears()] == [()]
    assert telegram.world.violations == []


async def test_a_picture_is_seen_with_its_words_or_alone(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()
    message = Message("Kirim foto KTP.", picture=Picture("contoh", Drawing("ktp-upright")))

    await send(wire, message, jpeg())
    await send(wire, replace(message, text=""), jpeg())
    assert await send(wire, replace(message, text="")) == Delivered()

    assert [(seen.text, seen.photo is not None) for seen in hasna.hears()] == [("Kirim foto KTP.", True), ("", True)]
    assert telegram.world.violations == []


@pytest.mark.parametrize(
    ("fault", "fate", "seen"),
    [
        (TooMany(17), Slow(17), 0),
        (Fails(500), Unknown("status 500"), 0),
        (Fails(502), Unknown("status 502"), 0),
        (HangsUp(done=False), Unknown("RemoteProtocolError"), 0),
        (HangsUp(done=True), Unknown("RemoteProtocolError"), 1),
    ],
)
async def test_what_goes_wrong_on_the_way_is_named(
    telegram: Served, wire: TelegramWire, fault: Fault, fate: Sent, seen: int
) -> None:
    hasna = telegram.hasna()
    telegram.world.mischief.next(fault)

    assert await send(wire) == fate
    assert len(hasna.hears()) == seen
    assert ref(await send(wire))


async def test_an_answer_that_does_not_come_leaves_it_open_whether_it_arrived(
    telegram: Served, wire: TelegramWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.telegram_out.SEND_S", 0.2)
    telegram.hasna()
    telegram.world.mischief.next(TimesOut(done=True))

    assert await send(wire) == Unknown("TimeoutError")


async def test_what_never_left_is_tried_again() -> None:
    async with wired(Access(url=NOWHERE, token=TOKEN)) as wire:
        assert await send(wire) == TryLater("ConnectError")


async def test_who_is_gone_and_what_is_refused(telegram: Served, wire: TelegramWire) -> None:
    assert await send(wire) == Gone()  # nobody wrote from there: "chat not found"

    hasna = telegram.hasna()
    assert await send(wire, Message("a" * 5000)) == Refused("message is too long")
    assert await send(wire, HELLO, b"no picture") == Refused("image_process_failed")

    hasna.blocks()
    assert await send(wire) == Gone()


async def test_a_token_that_is_refused_is_told_once(access: Access) -> None:
    async with wired(replace(access, token=STRANGER)) as wire:
        with capture_logs() as logged:
            assert await send(wire) == await send(wire) == TryLater("token", 60)

    assert [line["words"] for line in logged] == [TOKEN_REFUSED]
