"""What Telegram allows: lengths, counts, sizes and how many messages a second.

Invariant: nothing above one of these numbers is ever stored as sent.
Sources: core.telegram.org/bots/api, core.telegram.org/bots/faq, tdlib/telegram-bot-api, and where Telegram says
nothing, python-telegram-bot's telegram/constants.py, which collects what its users ran into.
"""

from __future__ import annotations

import math
from collections import deque

TEXT_CHARS_MAX = 4096  # bots/api#sendmessage: "1-4096 characters after entities parsing"
CAPTION_CHARS_MAX = 1024  # bots/api#sendphoto
CALLBACK_DATA_BYTES_MAX = 64  # bots/api#inlinekeyboardbutton: "1-64 bytes"
BUTTONS_MAX = 100  # telegram/constants.py InlineKeyboardMarkupLimit, undocumented
BUTTONS_IN_ROW_MAX = 8  # as above
ANSWER_CHARS_MAX = 200  # bots/api#answercallbackquery
PHOTO_BYTES_MAX = 10 * 1024**2  # bots/api#sendphoto: "at most 10 MB"; its refusal says 10485760 bytes
PHOTO_SIDES_MAX = 10_000  # bots/api#sendphoto: "width and height must not exceed 10000 in total"
PHOTO_RATIO_MAX = 20  # bots/api#sendphoto: "Width and height ratio must be at most 20"
UPLOAD_BYTES_MAX = 50 * 10**6  # bots/api#senddocument: "up to 50 MB"
DOWNLOAD_BYTES_MAX = 20 * 10**6  # bots/api#getfile: "download files of up to 20MB in size"
UPDATES_AT_ONCE_MAX = 100  # bots/api#getupdates
POLL_S_MAX = 50  # tdlib/telegram-bot-api Client.h LONG_POLL_MAX_TIMEOUT
UPDATE_KEPT_S = 24 * 3600  # bots/api#getting-updates: "will not be kept longer than 24 hours"
CONNECTIONS_MAX = 100  # bots/api#setwebhook
CONNECTIONS = 40  # bots/api#setwebhook: "Defaults to 40"
COMMANDS_MAX = 100  # bots/api#setmycommands
COMMAND_DESCRIPTION_CHARS_MAX = 256  # bots/api#botcommand
ALBUM_MAX = 10  # bots/api#sendmediagroup
# Telegram doesn't say how long a press may be answered. People report 10 to 20 seconds
# (eternnoir/pyTelegramBotAPI issue 1615): the stricter end is taken.
PRESS_S_MAX = 10

MESSAGES_A_SECOND = 30  # bots/faq: "about 30 messages per second"
MESSAGES_A_SECOND_IN_CHAT = 1  # bots/faq: "avoid sending more than one message per second" in one chat
MESSAGES_A_MINUTE_IN_GROUP = 20  # bots/faq: "not more than 20 messages per minute" in one group
MINUTE_S = 60.0


class Flood:
    """Counts what was sent in the last second and minute. The real one forgives short bursts, this one doesn't."""

    def __init__(self) -> None:
        self._all: deque[float] = deque()
        self._chats: dict[int, deque[float]] = {}

    def wait_s(self, chat_id: int, now: float) -> int | None:
        """None: may be sent, and is counted. Otherwise whole seconds to wait. A negative id is a group's."""
        in_chat = self._chats.setdefault(chat_id, deque())
        waits = [_wait(self._all, MESSAGES_A_SECOND, 1.0, now)]
        if chat_id < 0:
            waits.append(_wait(in_chat, MESSAGES_A_MINUTE_IN_GROUP, MINUTE_S, now))
        else:
            waits.append(_wait(in_chat, MESSAGES_A_SECOND_IN_CHAT, 1.0, now))
        if any(waits):
            return max(1, math.ceil(max(waits)))
        self._all.append(now)
        in_chat.append(now)
        return None


def _wait(sent: deque[float], allowed: int, span_s: float, now: float) -> float:
    while sent and sent[0] <= now - span_s:
        sent.popleft()
    return sent[0] + span_s - now if len(sent) >= allowed else 0.0
