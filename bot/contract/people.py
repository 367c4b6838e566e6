"""What people's browsers ask: the chat page and all below it, our own page for private questions, the sample photos."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from bot.contract.operation import (
    BUSY,
    BYTES,
    JPEG,
    JSON,
    LINE_ID,
    NOTHING_THERE,
    STRING,
    Answer,
    Body,
    Operation,
    Parameter,
    page,
    refusal,
)
from bot.handlers.page_out import WireStage
from bot.handlers.webchat_in import BUTTON_DATA_MAX
from bot.handlers.webchat_out import WireLine
from bot.talk.message import BUTTON_LABEL_MAX

MESSAGE_ID = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "maxLength": 64}


class Received(Struct, frozen=True):
    """Stored; `new` is False for what had come before."""

    new: bool


class Lines(Struct, frozen=True):
    """A hundred at most, the oldest first."""

    lines: list[WireLine]


class Opened(Struct, frozen=True):
    open: bool


class Heard(Struct, frozen=True):
    heard: bool


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "additionalProperties": False, "properties": properties}


_NULL = {"type": "null"}
MESSAGE = {
    "oneOf": [
        _object(
            ["id", "text"], id=MESSAGE_ID, text={"type": "string", "minLength": 1}, data=_NULL, label={"type": "string"}
        ),
        _object(
            ["id", "data"], id=MESSAGE_ID, text=_NULL,
            data={"type": "string", "minLength": 1, "maxLength": BUTTON_DATA_MAX},
            label={"type": "string", "maxLength": BUTTON_LABEL_MAX},
        ),
    ]
}  # fmt: skip
"""What somebody wrote, or the button that was pressed. The id is the page's own, and the same when it is sent again."""

PHOTO = Body("application/octet-stream", BYTES, "The photo as it is; its kind is found out, whatever is said of it")
OWN_PAGE = (
    Parameter("X-Siaga", "header", "Our own page sends it; no other site can", {"type": "string", "enum": ["1"]}, True),
    Parameter("Origin", "header", "Of our own page, if the browser tells it"),
    Parameter("Sec-Fetch-Site", "header", "same-origin, if the browser tells it"),
)
PHOTO_ID = Parameter("X-Message-Id", "header", "As the id of a message", MESSAGE_ID, required=True)
FOREIGN = refusal("Something else than our own page asks")
UNREADABLE, TOO_LONG, TOO_SLOW = refusal("Empty, or not as agreed"), refusal("Too long"), refusal("Too slow")
REFUSED = {400: UNREADABLE, 403: FOREIGN, 503: BUSY}
STORED = Answer("Stored", JSON, Received)
AFTER = Parameter("after", "query", "The id of the last line that is there already; 0: none")
ONE_OF_MINE = {"type": "integer", "minimum": 0}
PIECE = {503: BUSY, 404: NOTHING_THERE}


def _line(summary: str, path: str, name: str, answer: Answer) -> Operation:
    mine = Parameter(name, "path", "Its id, in this visitor's chat", ONE_OF_MINE)
    return Operation("GET", path, summary, {200: answer, **PIECE}, (mine,))


CHAT = (
    Operation("GET", "/", "The chat page; gives a new visitor the cookie", {200: page("The page")}),
    Operation(
        "POST", "/chat/messages", "Write, or press a button", {200: STORED, **REFUSED, 408: TOO_SLOW, 413: TOO_LONG},
        OWN_PAGE, Body(JSON, MESSAGE),
    ),
    Operation(
        "POST", "/chat/photos", "Send a photo; one that can't be used is heard as such",
        {200: STORED, **REFUSED, 408: TOO_SLOW}, (*OWN_PAGE, PHOTO_ID), PHOTO,
    ),
    _line("A photo that the visitor sent", "/chat/photos/{photo}", "photo", Answer("The photo")),
    _line(
        "What a line shows of a photo", "/chat/crops/{line}", "line", Answer("A part of it", JPEG, BYTES)
    ),
    _line("A paper that was said", "/chat/papers/{line}", "line", Answer("The file")),
    Operation(
        "GET", "/chat/lines", "What was said in the visitor's chat",
        {200: Answer("The lines", JSON, Lines), 400: refusal("No id of a line")},
        (Parameter("after", "query", AFTER.words, LINE_ID),),
    ),
    Operation(
        "GET", "/chat/events", "The same as it happens: server-sent events, each a line as in /chat/lines",
        {200: Answer("The stream", "text/event-stream", STRING), 204: Answer("There is no chat yet"), 503: BUSY},
        (AFTER, Parameter("Last-Event-ID", "header", "As `after`, by a browser that comes back")),
    ),
    Operation("GET", "/contoh", "Sample photos, for trying", {200: page("The page"), 404: NOTHING_THERE}),
    Operation(
        "GET", "/contoh/{name}", "One of them", {200: Answer("The photo", JPEG, BYTES), 404: NOTHING_THERE},
        (Parameter("name", "path", "Its file name"),),
    ),
    Operation(
        "GET", "/chat/static/{file}", "Scripts, styles and drawings", {200: Answer("The file"), 404: NOTHING_THERE},
        (Parameter("file", "path", "Its file name"),),
    ),
)  # fmt: skip

TOKEN = Parameter("token", "path", "Of a link that the bot gave")
OF = Parameter("of", "query", "The id of the question that is answered or shown")
NO_LINK, CLOSED = refusal("No link of ours"), refusal("Too old, used up, or another browser's")
NO_ENTRY = {403: refusal("Not opened in this browser yet, or not our own page"), 404: NO_LINK, 410: CLOSED, 503: BUSY}
HEARD = {200: Answer("Heard in the chat", JSON, Heard), 400: UNREADABLE, **NO_ENTRY, 408: TOO_SLOW}
MOVED_ON = {409: refusal("Another question is open by now")}
OWN = (
    Operation(
        "GET", "/b/{token}", "The page behind a link; looking at it uses nothing up",
        {
            200: page("The page"), 404: page("No link of ours"), 410: page("Too old, used up, or another browser's"),
            503: page("Too much at once"),
        },
        (TOKEN,),
    ),
    Operation(
        "POST", "/b/{token}/open", "Go on: from now on the link is this browser's",
        {200: Answer("It is", JSON, Opened), **NO_ENTRY}, (TOKEN, *OWN_PAGE),
    ),
    Operation(
        "GET", "/b/{token}/now", "The open question, as soon as it is another one than `besides`; within half a minute",
        {200: Answer("What happens in the chat", JSON, WireStage), **NO_ENTRY},
        (TOKEN, *OWN_PAGE, Parameter("besides", "query", "The id of the question that is shown already")),
    ),
    Operation(
        "POST", "/b/{token}/messages", "Answer the open question", {**HEARD, **MOVED_ON, 413: TOO_LONG},
        (TOKEN, *OWN_PAGE, OF), Body(JSON, MESSAGE),
    ),
    Operation(
        "POST", "/b/{token}/photos", "Answer it with a photo", {**HEARD, **MOVED_ON},
        (TOKEN, *OWN_PAGE, OF, PHOTO_ID), PHOTO,
    ),
    Operation(
        "GET", "/b/{token}/picture", "What stands above the open question", {200: Answer("A picture"), **PIECE},
        (TOKEN, OF),
    ),
    Operation(
        "GET", "/b/{token}/paper", "The paper that the link is for", {200: Answer("The file"), **PIECE}, (TOKEN,)
    ),
)  # fmt: skip
