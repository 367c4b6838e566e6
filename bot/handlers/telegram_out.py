"""What goes out to Telegram: how a message becomes a call of python-telegram-bot's, and what its error means.

Invariant: a message is sent again only if it certainly did not arrive. Of what Telegram says only words that we know
are handed on, none of them a person's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError

from bot.handlers.contract import Delivered, Gone, Limits, Peer, Refused, Sent, Slow, Unknown
from bot.handlers.over_http import NOT_SENT
from bot.talk.message import Button, Message
from rules.bpjs import TryLater

NAME = "telegram"
LIMITS = Limits(text=4096, caption=1024, papers=True, buttons=100, button_label=40, per_s=30, gap_s=1.0)
"""core.telegram.org/bots/api#sendmessage, #sendphoto, #senddocument; speed:
core.telegram.org/bots/faq#broadcasting-to-users."""
SHORT_LABEL, SHORT_IN_ROW = 12, 3
"""Buttons whose labels all have at most so many characters stand side by side."""
TOKEN_PAUSE_S = 60.0
"""Until a refused token is tried again."""
NOBODY = ("chat not found", "user not found", "peer_id_invalid", "input_user_deactivated", "user is deactivated")
REASONS = (
    "message text is empty", "message is too long", "message caption is too long", "reply markup is too long",
    "button_text_invalid", "button_data_invalid", "file must be non-empty", "file is too big", "image_process_failed",
    "photo_invalid_dimensions", "not enough rights",
)  # fmt: skip
"""What Telegram may say of a message that it refuses, none of it a person's words."""
COMMANDS = {
    "daftar": "Daftar BPJS Ketenagakerjaan",
    "status": "Lihat status pendaftaran",
    "menu": "Lihat semua pilihan",
    "bantuan": "Cara memakai chat ini",
    "petugas": "Bicara dengan petugas",
}
DECLINED = (
    "Halo! Saya hanya bisa dipakai untuk chat berdua, supaya data Anda tidak terlihat orang lain. "
    "Silakan chat saya di https://t.me/{username}"
)
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Call(Struct, frozen=True):
    """A method of python-telegram-bot's bot with what it is given."""

    method: Literal["send_message", "send_photo", "send_document"]
    values: Mapping[str, Any]


class StatusError(NetworkError):
    """An HTTP status that python-telegram-bot has no exception for, and forgets."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class FloodError(TelegramError):
    """Status 429. PTB's own `RetryAfter` warns of a change of its type whenever it is made (telegram/error.py), and
    its rate limiter logs it as an error; ours is a matter of course."""

    def __init__(self, after_s: float) -> None:
        super().__init__("status 429")
        self.after_s = after_s


def encode(message: Message, enclosed: bytes | None, to: Peer) -> Call | None:
    """The call that sends the message, as plain text; None if there is nothing to be seen. A paper goes as a document,
    one that is a picture as a photo."""
    values: dict[str, Any] = {"chat_id": int(to.address)}
    if message.buttons:
        values["reply_markup"] = InlineKeyboardMarkup(_rows(message.buttons))
    caption = {"caption": message.text or None}
    if enclosed is not None and message.paper is not None and message.paper.media != "image/png":
        return Call("send_document", values | {"document": enclosed, "filename": message.paper.name} | caption)
    if enclosed is not None:
        return Call("send_photo", values | {"photo": enclosed} | caption)
    if not message.text:
        return None
    return Call("send_message", values | {"text": message.text, "link_preview_options": NO_PREVIEW})


def judge(error: Exception | None, ref: str = "") -> Sent:
    """What became of a message: `error` is what its call raised, `ref` what Telegram calls it."""
    match error:
        case None:
            return Delivered(ref)
        case FloodError():
            return Slow(error.after_s)
        case Forbidden() | ChatMigrated():
            return Gone()
        case BadRequest():
            return _refused(error.message.lower())
        case InvalidToken():  # 401, and 404 of a token that is no token
            return TryLater("token", TOKEN_PAUSE_S)
        case Conflict():
            return TryLater("conflict")
        case StatusError(status=status):
            return _by_status(status)
        case NetworkError() if isinstance(error.__cause__, NOT_SENT):
            return TryLater(type(error.__cause__).__name__)
        case NetworkError():
            return Unknown(type(error.__cause__ or error).__name__)
        case _:
            return Unknown(type(error).__name__)


def _rows(buttons: Sequence[Button]) -> list[list[InlineKeyboardButton]]:
    wide = SHORT_IN_ROW if all(len(button.label) <= SHORT_LABEL for button in buttons) else 1
    shown = [InlineKeyboardButton(button.label, callback_data=button.data) for button in buttons]
    return [shown[first : first + wide] for first in range(0, len(shown), wide)]


def _refused(said: str) -> Sent:
    if any(words in said for words in NOBODY):
        return Gone()
    return Refused(next((words for words in REASONS if words in said), "bad request"))


def _by_status(status: int) -> Sent:
    """A server that failed may have sent it before; one that sends us elsewhere is not Telegram's."""
    if status >= 500:
        return Unknown(f"status {status}")
    return Refused(f"status {status}") if status >= 400 else TryLater(f"status {status}")
