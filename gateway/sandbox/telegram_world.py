"""The world of an imitated Telegram, in memory: people, groups, their messages, files, presses and the one bot.

Invariant: a message is stored once and told the same to bot and people; its buttons are those it has now.
Shapes: core.telegram.org/bots/api#available-types. Phones are in telegram_phone, the bot's deeds in telegram_methods.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from msgspec import Struct

from gateway.sandbox.telegram_files import SIDE_MAX, Files
from gateway.sandbox.telegram_limits import PRESS_S_MAX, Flood
from gateway.sandbox.telegram_mischief import Mischief
from gateway.sandbox.telegram_updates import Updates
from gateway.sandbox.telegram_wire import Json, Refusal, Violation

BOT_NAME = "Siaga"
USERNAME = "siaga_bot"
LOG_MAX = 100_000
NAMES: tuple[str, ...] = ("id", "first_name", "last_name", "username")
"""What a private chat tells of its person."""

BLOCKED = Refusal(403, "bot was blocked by the user")
KICKED = Refusal(403, "bot was kicked from the group chat")
NO_CHAT = Refusal(400, "chat not found")


class Action(Struct, frozen=True):
    """What sendChatAction showed, e.g. `typing`."""

    chat_id: int
    action: str
    at: datetime


class Answered(Struct, frozen=True):
    callback_id: str
    text: str | None
    alert: bool
    at: datetime


class Press(Struct, frozen=True):
    chat_id: int
    at: datetime


@dataclass
class Chat:
    """A private chat (positive id, the person's) or a group (negative id)."""

    told: Json
    """As the API tells it: id, type, names."""
    person: Json | None = None
    """Of a private chat: the person as the API's User."""
    out: Refusal | None = None
    """Why the bot can't write here."""
    messages: dict[int, Json] = field(default_factory=dict)
    shown: dict[int, set[str]] = field(default_factory=dict)
    """Every callback_data that a message ever showed: an old screen can still press them."""
    keyboard: Json | None = None
    """The reply keyboard that is open."""

    @property
    def chat_id(self) -> int:
        return int(self.told["id"])


class World:
    """`flood`: refuse what is faster than Telegram's limits. Used from any thread; `lock` is held for each change."""

    def __init__(
        self,
        *,
        token: str,
        clock: Callable[[], datetime],
        chance: Random,
        flood: bool = False,
        press_s_max: float = PRESS_S_MAX,
        photo_side_max: int | None = SIDE_MAX,
    ) -> None:
        self.token = token
        self.clock = clock
        self.press_s_max = press_s_max
        self.lock = threading.RLock()
        self.mischief = Mischief(chance)
        self.files = Files(photo_side_max)
        self.flood = Flood() if flood else None
        self.floods = 0
        """How often the flood limits refused."""
        self.violations: list[Violation] = []
        self.updates = Updates(clock, self.mischief, self.violations)
        self.chats: dict[int, Chat] = {}
        self.actions: list[Action] = []
        self.answered: list[Answered] = []
        self.presses: dict[str, Press] = {}
        self.commands: list[Json] = []
        self.asked: list[str] = []
        """The methods the bot called, in order, the latest LOG_MAX."""
        self.bot: Json = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": BOT_NAME,
            "username": USERNAME,
        }
        self._message_ids = itertools.count(1)
        self._press_ids = itertools.count(4_000_000_001)

    def open_person(self, person: Json) -> Chat:
        """Their private chat with the bot; the same one if it was opened before."""
        with self.lock:
            told = {name: person[name] for name in NAMES if name in person} | {"type": "private"}
            chat = self.chats.setdefault(person["id"], Chat(told))
            chat.person = person
            return chat

    def open_group(self, group_id: int, title: str) -> Chat:
        """A group without the bot. `group_id` is negative."""
        if group_id >= 0:
            raise ValueError("a group's id is negative")
        with self.lock:
            told = {"id": group_id, "title": title, "type": "group"}
            return self.chats.setdefault(group_id, Chat(told, out=KICKED))

    def store(self, chat: Chat, sender: Json, content: Json) -> Json:
        """A new message of the chat; `content` is what makes it a text, a photo, …"""
        with self.lock:
            message_id = next(self._message_ids)
            message = {"message_id": message_id, "from": sender, "chat": chat.told, "date": self.now_s(), **content}
            self.put(chat, message)
            return message

    def put(self, chat: Chat, message: Json) -> None:
        """Store a message that is new or changed."""
        with self.lock:
            chat.messages[message["message_id"]] = message
            chat.shown.setdefault(message["message_id"], set()).update(callback_data(message))

    def tell(self, kind: str, body: Json, chat: Chat, *, always: bool = False) -> int | None:
        """An update for the bot; its id, or None if the bot didn't ask for that kind."""
        return self.updates.add(kind, body, chat.chat_id, always=always)

    def press(self, chat: Chat) -> str:
        with self.lock:
            callback_id = str(next(self._press_ids))
            self.presses[callback_id] = Press(chat.chat_id, self.clock())
            return callback_id

    def writable(self, chat_id: int | str) -> Chat | Refusal:
        """The chat, if the bot may write there. A name (@channel) is never known here."""
        chat = self.chats.get(chat_id) if isinstance(chat_id, int) else None
        if chat is None:
            return NO_CHAT
        return chat.out or chat

    def too_fast(self, chat: Chat) -> Refusal | None:
        with self.lock:
            wait_s = self.flood.wait_s(chat.chat_id, self.clock().timestamp()) if self.flood else None
            if wait_s is None:
                return None
            self.floods += 1
            return Refusal(429, retry_after_s=wait_s)

    def now_s(self) -> int:
        return int(self.clock().timestamp())


def rows(message: Json) -> list[list[Json]]:
    """The inline buttons that a message shows now."""
    found: list[list[Json]] = message.get("reply_markup", {}).get("inline_keyboard", [])
    return found


def callback_data(message: Json) -> list[str]:
    return [button["callback_data"] for row in rows(message) for button in row if "callback_data" in button]
