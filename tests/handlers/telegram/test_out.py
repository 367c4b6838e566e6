"""What is sent to Telegram, and what its answers mean for a message."""

from __future__ import annotations

import httpx
import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut

from bot.handlers.contract import Access, Delivered, Gone, Refused, Sent, SettingError, Slow, Unknown
from bot.handlers.telegram_out import Call, FloodError, StatusError, encode, judge
from bot.handlers.telegram_wire import connect
from bot.talk.message import Button, Drawing, Message, Picture
from rules.bpjs import TryLater
from tests.gateway.telegram_served import TOKEN
from tests.handlers.telegram_wired import TO_HASNA

PICTURE = Picture("contoh foto KTP", Drawing("ktp-upright"))


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
