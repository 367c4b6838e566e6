"""Messages that the bot sends and edits in an imitated Telegram, under Telegram's rules for texts, files and buttons.

Invariant: what is stored is what a person would see; a refused message isn't stored and isn't counted.
The words of a refusal are those that bots are told: tdlib/telegram-bot-api, Client.cpp, or the servers behind it.
"""

from __future__ import annotations

from typing import Any

from gateway.sandbox.telegram_files import opened
from gateway.sandbox.telegram_limits import (
    BUTTONS_IN_ROW_MAX,
    BUTTONS_MAX,
    CALLBACK_DATA_BYTES_MAX,
    CAPTION_CHARS_MAX,
    PHOTO_BYTES_MAX,
    PHOTO_RATIO_MAX,
    PHOTO_SIDES_MAX,
    TEXT_CHARS_MAX,
    UPLOAD_BYTES_MAX,
)
from gateway.sandbox.telegram_wire import Json, Refusal, Upload
from gateway.sandbox.telegram_world import NO_CHAT, Chat, World

Result = Any
"""The API's Message as JSON, or a Refusal."""

NO_TEXT = Refusal(400, "message text is empty")
NOT_MODIFIED = Refusal(
    400,
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message",
)
NO_FILE = Refusal(400, "wrong file identifier/HTTP URL specified")
BUTTON_DOES = ("callback_data", "url", "web_app", "login_url", "copy_text", "switch_inline_query", "pay")
"""One of these: bots/api#inlinekeyboardbutton, "exactly one of the fields other than text"."""


def send(world: World, asked: Json, kind: str) -> Result:
    """`kind`: text, photo or document."""
    chat = world.writable(asked["chat_id"])
    if isinstance(chat, Refusal):
        return chat
    with world.lock:
        reply = _reply(chat, asked)
        if isinstance(reply, Refusal):
            return reply
        refusal = _wrong_buttons(asked.get("reply_markup"))
        content = refusal or _content(world, asked, kind)
        if isinstance(content, Refusal):
            return content
        # A file that is refused now was given an id that nobody hears of.
        return world.too_fast(chat) or world.store(
            chat, world.bot, {**content, **reply, **_markup(chat, asked.get("reply_markup"))}
        )


def edit_message_text(world: World, asked: Json) -> Result:
    text = asked["text"].strip()
    if refusal := _wrong_text(text):
        return refusal
    found = _to_edit(world, asked)
    if isinstance(found, Refusal):
        return found
    chat, message = found
    if "text" not in message:
        return Refusal(400, "there is no text in the message to edit")
    return _edit(world, chat, message, {"text": text}, asked.get("reply_markup"))


def edit_message_reply_markup(world: World, asked: Json) -> Result:
    found = _to_edit(world, asked)
    if isinstance(found, Refusal):
        return found
    return _edit(world, *found, {}, asked.get("reply_markup"))


def _edit(world: World, chat: Chat, message: Json, change: Json, markup: Json | None) -> Result:
    """Buttons that aren't sent again are taken away, as by the real one."""
    if refusal := _wrong_buttons(markup):
        return refusal
    rest = {name: value for name, value in message.items() if name not in ("reply_markup", "edit_date")}
    buttons = {"reply_markup": markup} if markup and markup.get("inline_keyboard") else {}
    edited = {**rest, **change, **buttons}
    if edited == {name: value for name, value in message.items() if name != "edit_date"}:
        return NOT_MODIFIED
    edited["edit_date"] = world.now_s()
    world.put(chat, edited)
    return edited


def _to_edit(world: World, asked: Json) -> tuple[Chat, Json] | Refusal:
    if "chat_id" not in asked:
        return Refusal(400, "chat_id is empty")
    chat = world.writable(asked["chat_id"])
    if isinstance(chat, Refusal):
        return chat
    message = chat.messages.get(asked.get("message_id", 0))
    if message is None:
        return Refusal(400, "message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        return Refusal(400, "message can't be edited")
    return chat, message


def _content(world: World, asked: Json, kind: str) -> Json | Refusal:
    if kind == "text":
        text = asked["text"].strip()
        return _wrong_text(text) or {"text": text}
    caption = asked.get("caption", "").strip()
    if len(caption) > CAPTION_CHARS_MAX:
        return Refusal(400, "message caption is too long")
    told = _photo(world, asked["photo"]) if kind == "photo" else _document(world, asked["document"])
    if isinstance(told, Refusal):
        return told
    return {kind: told, **({"caption": caption} if caption else {})}


def _wrong_text(text: str) -> Refusal | None:
    if not text:
        return NO_TEXT
    return Refusal(400, "message is too long") if len(text) > TEXT_CHARS_MAX else None


def _photo(world: World, sent: Upload | str) -> list[Json] | Refusal:
    if isinstance(sent, str):
        return world.files.sizes_of(sent) or NO_FILE
    if not sent.content:
        return Refusal(400, "file must be non-empty")
    if (size := len(sent.content)) > PHOTO_BYTES_MAX:
        return Refusal(
            400, f"file of size {size} bytes is too big for a photo; the maximum size is {PHOTO_BYTES_MAX} bytes"
        )
    image = opened(sent.content)
    if image is None:
        return Refusal(400, "IMAGE_PROCESS_FAILED")
    if sum(image.size) > PHOTO_SIDES_MAX or max(image.size) > PHOTO_RATIO_MAX * min(image.size):
        return Refusal(400, "PHOTO_INVALID_DIMENSIONS")
    return world.files.keep_photo(sent.content)


def _document(world: World, sent: Upload | str) -> Json | Refusal:
    if isinstance(sent, str):
        stored = world.files.by_id(sent)
        return stored.told if stored and stored.path.startswith("documents/") else NO_FILE
    if not sent.content:
        return Refusal(400, "file must be non-empty")
    if len(sent.content) > UPLOAD_BYTES_MAX:
        return Refusal(413)
    return world.files.keep(
        sent.content, "documents", sent.name, file_name=sent.name, mime_type=sent.media_type
    )  # fmt: skip


def _reply(chat: Chat, asked: Json) -> Json | Refusal:
    wanted = asked.get("reply_parameters")
    if wanted is None:
        return {}
    if wanted.get("chat_id", chat.chat_id) != chat.chat_id:
        return NO_CHAT
    message = chat.messages.get(wanted.get("message_id", 0))
    if message is None:
        return {} if wanted.get("allow_sending_without_reply") else Refusal(400, "message to be replied not found")
    return {"reply_to_message": {name: value for name, value in message.items() if name != "reply_to_message"}}


def _markup(chat: Chat, markup: Json | None) -> Json:
    """Inline buttons stay with the message; a reply keyboard is opened or closed on the phone."""
    if markup is None:
        return {}
    if "inline_keyboard" in markup:
        return {"reply_markup": markup} if markup["inline_keyboard"] else {}
    chat.keyboard = markup if "keyboard" in markup else None
    return {}


def _wrong_buttons(markup: Json | None) -> Refusal | None:
    rows = (markup or {}).get("inline_keyboard", [])
    if sum(map(len, rows)) > BUTTONS_MAX or any(len(row) > BUTTONS_IN_ROW_MAX for row in rows):
        return Refusal(400, "reply markup is too long")
    refusals = (_wrong_button(button) for row in rows for button in row)
    return next(filter(None, refusals), None)


def _wrong_button(button: Json) -> Refusal | None:
    if not button["text"].strip():
        return Refusal(400, "BUTTON_TEXT_INVALID")  # the real words aren't known to us
    does = [name for name in BUTTON_DOES if button.get(name) is not None]
    if len(does) != 1:
        return Refusal(400, "text buttons are unallowed in the inline keyboard")
    callback = button.get("callback_data")
    if callback is not None and not 1 <= len(callback.encode()) <= CALLBACK_DATA_BYTES_MAX:
        return Refusal(400, "BUTTON_DATA_INVALID")
    return None
