"""Telegram: one update of the Bot API, made into arrivals.

Invariant: only a private chat is listened to; a group is declined. The id of an update, which Telegram keeps over
repeats and between webhook and polling, is the id of the message. What nobody uses is named by its kind alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from aiogram.types import CallbackQuery, ChatMemberUpdated, Document, Message, PhotoSize, Update
from aiogram.types import Contact as SharedContact

from bot.handlers.contract import ACCOUNT, Arrival, Post, Presence
from bot.handlers.telegram_out import NAME
from bot.handlers.words import cleaned
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread
from bot.talk.question import TEXT_CHARS_MAX

USED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that Telegram is asked for."""
FILE_BYTES_MAX = 20_000_000
"""A larger file is not handed out to a bot (core.telegram.org/bots/api#getfile)."""
COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@[a-z0-9_]{1,32})?(?:\s+(.+))?", re.IGNORECASE | re.DOTALL | re.ASCII)
PDF = "application/pdf"
PRIVATE = "private"
SERVICE = {
    "pinned_message", "message_auto_delete_timer_changed", "chat_background_set", "write_access_allowed",
    "left_chat_member", "migrate_to_chat_id", "migrate_from_chat_id",
}  # fmt: skip
"""Messages that nobody wrote: Telegram tells what was done in a chat."""
KINDS = tuple(kind for kind in Update.model_fields if kind != "update_id")
"""Of updates, as far as aiogram knows them."""
MEMBER = {"member", "administrator", "restricted"}


def read(update: Update) -> Post:
    """What an update says."""
    if update.message:
        return _message(update.update_id, update.message)
    if update.edited_message:
        return _edited(update.update_id, update.edited_message)
    if update.callback_query:
        return _pressed(update.update_id, update.callback_query)
    if update.my_chat_member:
        return _moved(update.my_chat_member)
    if update.channel_post:
        return Post(groups=(str(update.channel_post.chat.id),))
    kinds = (kind for kind in KINDS if getattr(update, kind) is not None)
    return _ignored(next(kinds, "unknown"))


def _message(update_id: int, message: Message) -> Post:
    if message.content_type in SERVICE:
        return _ignored("service")
    if message.chat.type != PRIVATE:
        passed_on = message.is_automatic_forward or message.forward_origin
        return _ignored("forwarded") if passed_on else Post(groups=(str(message.chat.id),))
    heard, file = _heard(message)
    arrival = Arrival(
        NAME, ACCOUNT, str(message.chat.id), str(update_id), heard, sent_at=message.date, place=message.message_id,
        album=message.media_group_id or "", file=file,
    )  # fmt: skip
    return Post((arrival,))


def _edited(update_id: int, message: Message) -> Post:
    """Only words are heard again: a shared position is "edited" every few seconds."""
    if message.chat.type != PRIVATE or message.text is None:
        return _ignored("edited_message")
    text = cleaned(message.text)
    heard = Edited(text, str(message.message_id)) if len(text) <= TEXT_CHARS_MAX else Unread("too-long")
    at = message.date if message.edit_date is None else datetime.fromtimestamp(message.edit_date, UTC)
    return Post((Arrival(NAME, ACCOUNT, str(message.chat.id), str(update_id), heard, sent_at=at, place=update_id),))


def _pressed(update_id: int, query: CallbackQuery) -> Post:
    if query.message is None or query.data is None:  # of a game, or of a message sent through another bot
        return _ignored("callback_query")
    chat = query.message.chat
    if chat.type != PRIVATE:
        return Post(groups=(str(chat.id),))
    heard = Pressed(cleaned(query.data), cleaned(_label(query)))
    arrival = Arrival(NAME, ACCOUNT, str(chat.id), str(update_id), heard, place=update_id, token=query.id)
    return Post((arrival,))


def _label(query: CallbackQuery) -> str:
    """What stood on the button; "" if the message is too old for Telegram to show it to us."""
    keyboard = query.message.reply_markup if isinstance(query.message, Message) else None
    buttons = [button for row in keyboard.inline_keyboard for button in row] if keyboard else []
    return next((button.text for button in buttons if button.callback_data == query.data), "")


def _moved(change: ChatMemberUpdated) -> Post:
    """The bot was blocked, let in again, or put into a group."""
    address, status = str(change.chat.id), change.new_chat_member.status
    if change.chat.type != PRIVATE and status in MEMBER:
        return Post(groups=(address,))
    if change.chat.type == PRIVATE and status in ("kicked", "member"):
        return Post(presences=(Presence(address, status == "kicked"),))
    return _ignored("my_chat_member")


def _ignored(kind: str) -> Post:
    return Post(ignored=(kind,))


def _heard(message: Message) -> tuple[FromPerson, str]:
    """What a private message says, and the file of its photo."""
    match message.content_type:
        case "text":
            return _said(message.text or "", str(message.message_id)), ""
        case "photo" | "live_photo":
            return _photo(message.photo or [])
        case "document" if message.document is not None:
            return _document(message.document)
        case "contact" if message.contact is not None:
            return _contact(message.contact, message.from_user.id if message.from_user else None), ""
        case "animation":
            return Unread("animation"), ""
        case "voice" | "audio":
            return Unread("voice"), ""
        case "video" | "video_note":
            return Unread("video"), ""
        case "sticker":
            return Unread("sticker"), ""
        case "location" | "venue":
            return Unread("location"), ""
        case _:
            return Unread("unknown"), ""


def _said(typed: str, ref: str) -> FromPerson:
    text = cleaned(typed)
    if not text:
        return Unread("unknown")
    return Said(_without_slash(text), ref) if len(text) <= TEXT_CHARS_MAX else Unread("too-long")


def _without_slash(text: str) -> str:
    """A command as the person would type it. What a link t.me/…?start=… carries comes as "/start …"."""
    command = COMMAND.fullmatch(text)
    if command is None:
        return text
    word, rest = command[1], command[2] or ""
    if word.lower() == "start":
        return rest or "/start"
    return f"{word} {rest}".rstrip()


def _photo(sizes: Sequence[PhotoSize]) -> tuple[FromPerson, str]:
    fitting = [size for size in sizes if (size.file_size or 0) <= FILE_BYTES_MAX]
    if not fitting:
        return Unread("photo-too-large"), ""
    return Shown(0), max(fitting, key=lambda size: size.width * size.height).file_id


def _document(document: Document) -> tuple[FromPerson, str]:
    """A photo sent as a file, for which people use the paper clip; what it really is its first bytes will tell."""
    kind = document.mime_type or ""
    if not kind.startswith("image/") and kind != PDF:
        return Unread("document"), ""
    if (document.file_size or 0) > FILE_BYTES_MAX:
        return Unread("photo-too-large"), ""
    return Shown(0), document.file_id


def _contact(contact: SharedContact, sender: int | None) -> Contact:
    """Telegram itself fills the user of a contact in, and gives one's own number without its plus."""
    phone, own = cleaned(contact.phone_number)[:TEXT_CHARS_MAX], sender is not None and contact.user_id == sender
    return Contact(f"+{phone}" if own and phone.isdecimal() else phone, own)
