"""A person's phone with an imitated Telegram: what they write, send, press and see.

Invariant: it can do only what an app can do: press what was shown, edit what is its own, see what is stored.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from gateway.sandbox.telegram_limits import ALBUM_MAX, TEXT_CHARS_MAX
from gateway.sandbox.telegram_wire import Json
from gateway.sandbox.telegram_world import BLOCKED, KICKED, Chat, World, rows

COMMAND = re.compile(r"/\w{1,32}(@\w+)?")
STICKER_SIDE = 512
MEMBER, LEFT, BANNED = {"status": "member"}, {"status": "left"}, {"status": "kicked", "until_date": 0}


class Button(Struct, frozen=True):
    """`data` of a button that calls back, or `url`; neither: a button of a reply keyboard."""

    text: str
    data: str | None = None
    url: str | None = None
    asks: str | None = None
    """`contact` or `location`: what a reply keyboard's button sends."""


class Seen(Struct, frozen=True):
    """A message as it stands on the screen now."""

    message_id: int
    from_bot: bool
    text: str
    """The text or the caption."""
    buttons: tuple[tuple[Button, ...], ...] = ()
    photo: bytes | None = None
    document: bytes | None = None
    file_name: str | None = None
    edited: bool = False


class Phone:
    """`person` is the API's User. Where a method takes a `group`, None is the private chat with the bot."""

    def __init__(self, world: World, person_id: int, first_name: str, language_code: str = "id", **more: str) -> None:
        """`more`: last_name, username."""
        self.world = world
        self.person: Json = {
            "id": person_id, "is_bot": False, "first_name": first_name, **more, "language_code": language_code
        }  # fmt: skip
        self.chat = world.open_person(self.person)

    def start(self, payload: str = "") -> int:
        """Follow a link t.me/bot?start=payload."""
        return self.says(f"/start {payload}".strip())

    def says(self, text: str, group: Chat | None = None, *, reply_to: int | None = None) -> int:
        """The message's id; a text that is too long is split, as apps do, and the last id is given."""
        text = text.strip()
        pieces = [text[begin : begin + TEXT_CHARS_MAX] for begin in range(0, len(text), TEXT_CHARS_MAX)]
        if not pieces:
            raise ValueError("an app sends no empty text")
        chat = group or self.chat
        reply = {} if reply_to is None else {"reply_to_message": _bare(chat.messages[reply_to])}
        return [self._sends({"text": piece, **_entities(piece), **reply}, chat) for piece in pieces][-1]

    def sends_photo(
        self, content: bytes, caption: str = "", *, album: str | None = None, group: Chat | None = None
    ) -> int:
        """Photos with the same `album` belong together, each its own update."""
        photo = self.world.files.keep_photo(content)
        return self._sends({"photo": photo, **_caption(caption), **_album(album)}, group)

    def sends_album(self, photos: Sequence[bytes], caption: str = "", *, album: str = "album-1") -> list[int]:
        """An album has its caption on the first photo."""
        if len(photos) > ALBUM_MAX:
            raise ValueError("an album has at most ten photos")
        captions = [caption, *[""] * len(photos)]
        return [self.sends_photo(one, words, album=album) for one, words in zip(photos, captions, strict=False)]

    def sends_document(
        self,
        content: bytes,
        file_name: str = "ktp.jpg",
        media_type: str = "image/jpeg",
        caption: str = "",
        *,
        album: str | None = None,
    ) -> int:
        told = self.world.files.keep(content, "documents", file_name, file_name=file_name, mime_type=media_type)
        return self._sends({"document": told, **_caption(caption), **_album(album)})

    def sends_voice(self, content: bytes = b"OggS", seconds: int = 3) -> int:
        told = self.world.files.keep(content, "voice", "voice.oga", duration=seconds, mime_type="audio/ogg")
        return self._sends({"voice": told})

    def sends_sticker(self, emoji: str = "👍", content: bytes = b"RIFF") -> int:
        size = {"width": STICKER_SIDE, "height": STICKER_SIDE, "is_animated": False, "is_video": False}
        told = self.world.files.keep(content, "stickers", "sticker.webp", type="regular", emoji=emoji, **size)
        return self._sends({"sticker": told})

    def sends_location(self, latitude: float, longitude: float) -> int:
        return self._sends({"location": {"latitude": latitude, "longitude": longitude}})

    def shares_own_contact(self, phone_number: str) -> int:
        """By the button that asks for it: Telegram puts the sender's own user_id in."""
        return self.sends_contact(phone_number, self.person["first_name"], self.person["id"])

    def sends_contact(self, phone_number: str, first_name: str, user_id: int | None = None) -> int:
        """Of someone else's: `user_id` if that person is on Telegram."""
        told: Json = {"phone_number": phone_number, "first_name": first_name}
        return self._sends({"contact": told if user_id is None else {**told, "user_id": user_id}})

    def presses(self, message_id: int, data: str, group: Chat | None = None) -> str:
        """The callback's id. A button that was shown once can be pressed from an old screen."""
        chat = group or self.chat
        if data not in chat.shown[message_id]:
            raise LookupError("that message never showed that button")
        callback_id = self.world.press(chat)
        query = {
            "id": callback_id, "from": self.person, "message": chat.messages[message_id],
            "chat_instance": str(chat.chat_id), "data": data,
        }  # fmt: skip
        self.world.tell("callback_query", query, chat)
        return callback_id

    def edits(self, message_id: int, text: str, group: Chat | None = None) -> None:
        chat = group or self.chat
        message = chat.messages[message_id]
        if message["from"]["id"] != self.person["id"] or "text" not in message:
            raise LookupError("people edit own texts only")
        rest = {name: value for name, value in message.items() if name not in ("text", "entities")}
        edited = {**rest, "edit_date": self.world.now_s(), "text": text.strip(), **_entities(text.strip())}
        self.world.put(chat, edited)
        self.world.tell("edited_message", edited, chat)

    def blocks(self) -> None:
        self.chat.out = BLOCKED
        self._bot_became(BANNED, MEMBER, self.chat)

    def unblocks(self) -> None:
        self.chat.out = None
        self._bot_became(MEMBER, BANNED, self.chat)

    def adds_bot(self, group_id: int, title: str = "Kelompok tani") -> Chat:
        """Adds the bot to a group, which is made if there is none: two updates, as from the real one."""
        group = self.world.open_group(group_id, title)
        group.out = None
        self._bot_became(MEMBER, LEFT, group)
        self._sends({"new_chat_members": [self.world.bot]}, group)
        return group

    def removes_bot(self, group: Chat) -> None:
        group.out = KICKED
        self._bot_became(BANNED, MEMBER, group)

    def brings(self, kind: str, body: Json) -> int | None:
        """An update of any kind, even of one that nobody knows yet."""
        return self.world.tell(kind, body, self.chat, always=True)

    def sees(self, group: Chat | None = None) -> list[Seen]:
        """The chat as it is on the screen now, the oldest message first."""
        return on_screen(self.world, group or self.chat)

    def hears(self) -> list[Seen]:
        """What the bot wrote in the private chat."""
        return [seen for seen in self.sees() if seen.from_bot]

    def keyboard(self) -> tuple[tuple[Button, ...], ...]:
        """The reply keyboard that is open now."""
        found = (self.chat.keyboard or {}).get("keyboard", [])
        return tuple(tuple(_button(one) for one in row) for row in found)

    def actions(self) -> list[str]:
        """What the bot was seen doing in the private chat, e.g. `typing`, in order."""
        return [one.action for one in self.world.actions if one.chat_id == self.person["id"]]

    def _sends(self, content: Json, chat: Chat | None = None) -> int:
        chat = chat or self.chat
        message = self.world.store(chat, self.person, content)
        if chat.out is None:
            self.world.tell("message", message, chat)
        return int(message["message_id"])

    def _bot_became(self, new: Json, old: Json, chat: Chat) -> None:
        told = {
            "chat": chat.told, "from": self.person, "date": self.world.now_s(),
            "old_chat_member": {"user": self.world.bot, **old}, "new_chat_member": {"user": self.world.bot, **new},
        }  # fmt: skip
        self.world.tell("my_chat_member", told, chat)


def on_screen(world: World, chat: Chat) -> list[Seen]:
    """A chat as whoever is in it sees it, the oldest message first."""
    with world.lock:
        return [_seen(world, message) for message in chat.messages.values()]


def _seen(world: World, message: Json) -> Seen:
    photo, document = message.get("photo"), message.get("document")
    return Seen(
        message_id=message["message_id"],
        from_bot=message["from"]["is_bot"],
        text=message.get("text") or message.get("caption", ""),
        buttons=tuple(tuple(_button(one) for one in row) for row in rows(message)),
        photo=_content(world, photo[-1]) if photo else None,
        document=_content(world, document) if document else None,
        file_name=document.get("file_name") if document else None,
        edited="edit_date" in message,
    )


def _content(world: World, told: Json) -> bytes | None:
    stored = world.files.by_id(told["file_id"])
    return stored.content if stored else None


def _button(told: Json | str) -> Button:
    if isinstance(told, str):  # bots/api#keyboardbutton: "String can be used instead of this object"
        return Button(told)
    asks = next((what for what in ("contact", "location") if told.get(f"request_{what}")), None)
    return Button(told["text"], told.get("callback_data"), told.get("url"), asks)


def _entities(text: str) -> Json:
    found = COMMAND.match(text)
    return {"entities": [{"type": "bot_command", "offset": 0, "length": found.end()}]} if found else {}


def _caption(caption: str) -> Json:
    return {"caption": caption} if caption else {}


def _album(album: str | None) -> Json:
    return {"media_group_id": album} if album else {}


def _bare(message: Json) -> Json:
    """bots/api#message, reply_to_message: "will not contain further reply_to_message fields"."""
    return {name: value for name, value in message.items() if name != "reply_to_message"}
