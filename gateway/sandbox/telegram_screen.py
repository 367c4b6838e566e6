"""The phones of an imitated Telegram over HTTP, as JSON, for a page that draws one per chat.

Invariant: an address does nothing that `Phone` can't; it serves a machine of one's own and asks for no password.

GET  /_phone/chats                      [{id, name, group}]
GET  /_phone/chats/{id}                 {messages: [{id, from_bot, text, edited, at, kind, photo, document, file_name,
                                          buttons}],
                                         keyboard, action, answer, blocked}; photo and document are addresses
GET  /_phone/chats/{id}/{message}/file  the bytes of the photo or document, as what it was sent if a browser can open it
GET  /_phone/state                      {violations, floods, pending, lost}
GET  /_phone/mischief                   {repeats, shuffled, held, planned}
POST /_phone/mischief                   {repeats?, shuffled?, held?, too_many?}; `too_many`: the next text that is sent
                                        is refused with 429 and so many seconds to wait
POST /_phone/people                     {id, first_name, language_code?, last_name?, username?}
POST /_phone/groups                     {id, title, person}
POST /_phone/chats/{person}/{deed}      {…} as DEEDS tells
POST /_phone/chats/{person}/photo       raw bytes, ?caption=&album=
POST /_phone/chats/{person}/document    raw bytes, ?caption=&album=&name=
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.nested import read_json
from gateway.sandbox.telegram_limits import UPLOAD_BYTES_MAX
from gateway.sandbox.telegram_mischief import Mischief, TooMany
from gateway.sandbox.telegram_phone import Phone, Seen, on_screen
from gateway.sandbox.telegram_wire import Json
from gateway.sandbox.telegram_world import Chat, World

ACTION_S = 5  # bots/api#sendchataction: "5 seconds or less"
REPEATS_MAX = 10
ID_DIGITS_MAX = 15
ID_MAX = 2**52  # bots/api#user: "at most 52 significant bits"
OPENED = ("application/pdf", "application/json", "image/png", "image/jpeg")
"""Documents that the page opens."""
KINDS = ("voice", "sticker", "location", "contact", "photo", "document")
"""What a message may be besides text."""
WRONG = JSONResponse({"error": "malformed"}, 422)
UNKNOWN = JSONResponse({"error": "unknown"}, 404)

Deed = Callable[[Phone, Json, Chat | None], object]

DEEDS: dict[str, Deed] = {
    "say": lambda phone, told, group: phone.says(told["text"], group, reply_to=told.get("reply_to")),
    "start": lambda phone, told, _: phone.start(told.get("payload", "")),
    "press": lambda phone, told, group: phone.presses(told["message_id"], told["data"], group),
    "edit": lambda phone, told, group: phone.edits(told["message_id"], told["text"], group),
    "location": lambda phone, told, _: phone.sends_location(told["latitude"], told["longitude"]),
    "contact": lambda phone, told, _: phone.sends_contact(
        told["phone_number"], told["first_name"], told.get("user_id")
    ),
    "own-contact": lambda phone, told, _: phone.shares_own_contact(told["phone_number"]),
    "voice": lambda phone, _, __: phone.sends_voice(),
    "sticker": lambda phone, told, _: phone.sends_sticker(told.get("emoji", "👍")),
    "block": lambda phone, _, __: phone.blocks(),
    "unblock": lambda phone, _, __: phone.unblocks(),
    "other": lambda phone, told, _: phone.brings(told["kind"], told["body"]),
}
"""What a POST of JSON does; `group` in the JSON is the id of the group it is done in."""


class _Person(Struct, forbid_unknown_fields=True):
    id: Annotated[int, Meta(gt=0, lt=ID_MAX)]
    first_name: str
    language_code: str = "id"
    last_name: str = ""
    username: str = ""


class _Group(Struct, forbid_unknown_fields=True):
    id: Annotated[int, Meta(gt=-ID_MAX, lt=0)]
    title: str
    person: int


def screen_routes(world: World) -> list[Route]:
    async def chats(_: Request) -> Response:
        return JSONResponse([_listed(chat) for chat in list(world.chats.values())])

    async def chat(request: Request) -> Response:
        found = world.chats.get(_id(request, "chat"))
        return JSONResponse(_screen(world, found)) if found else UNKNOWN

    async def file(request: Request) -> Response:
        found = _stored(world, _id(request, "chat"), _id(request, "message"))
        return Response(found[0], media_type=found[1]) if found else UNKNOWN

    async def state(_: Request) -> Response:
        violations = [msgspec.to_builtins(one) for one in world.violations]
        counts = {"floods": world.floods, "pending": world.updates.pending(), "lost": world.updates.lost}
        return JSONResponse({"violations": violations, **counts})

    async def mischief(request: Request) -> Response:
        if request.method == "POST":
            return await _told(request, lambda told: _set(world.mischief, told))
        now = world.mischief
        return JSONResponse(
            {"repeats": now.repeats, "shuffled": now.shuffled, "held": now.held, "planned": now.planned()}
        )

    async def people(request: Request) -> Response:
        return await _told(request, lambda told: _joins(world, msgspec.convert(told, _Person)))

    async def groups(request: Request) -> Response:
        return await _told(request, lambda told: _founds(world, msgspec.convert(told, _Group)))

    async def photo(request: Request) -> Response:
        asked = request.query_params
        caption, album = asked.get("caption", ""), asked.get("album")
        return await _sent(world, request, lambda phone, content: phone.sends_photo(content, caption, album=album))

    async def document(request: Request) -> Response:
        asked, kind = request.query_params, request.headers.get("content-type", "image/jpeg")
        name, caption, album = asked.get("name", "ktp.jpg"), asked.get("caption", ""), asked.get("album")
        return await _sent(
            world, request, lambda phone, content: phone.sends_document(content, name, kind, caption, album=album)
        )

    async def deed(request: Request) -> Response:
        wanted = DEEDS.get(request.path_params["deed"])
        if wanted is None:
            return UNKNOWN
        person = _id(request, "chat")
        return await _told(
            request, lambda told: wanted(_phone(world, person), told, world.chats.get(told.get("group", 0)))
        )

    return [
        Route("/_phone/chats", chats),
        Route("/_phone/chats/{chat}", chat),
        Route("/_phone/chats/{chat}/{message}/file", file),
        Route("/_phone/state", state),
        Route("/_phone/mischief", mischief, methods=["GET", "POST"]),
        Route("/_phone/people", people, methods=["POST"]),
        Route("/_phone/groups", groups, methods=["POST"]),
        Route("/_phone/chats/{chat}/photo", photo, methods=["POST"]),
        Route("/_phone/chats/{chat}/document", document, methods=["POST"]),
        Route("/_phone/chats/{chat}/{deed}", deed, methods=["POST"]),
    ]


def _joins(world: World, new: _Person) -> Phone:
    named = {name: words for name, words in (("last_name", new.last_name), ("username", new.username)) if words}
    return Phone(world, new.id, new.first_name, new.language_code, **named)


def _founds(world: World, new: _Group) -> Chat:
    return _phone(world, new.person).adds_bot(new.id, new.title)


def _id(request: Request, part: str) -> int:
    """The number in the address; 0, which nothing has, for what is none."""
    text = str(request.path_params[part])
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ID_DIGITS_MAX else 0


async def _told(request: Request, does: Callable[[Json], object]) -> Response:
    """Do it; what it gave (a message's id, a callback's id) as `id`."""
    try:
        told = read_json(await request.body() or b"{}")
        done = does(told) if isinstance(told, dict) else WRONG
    except (ValueError, LookupError, TypeError, AttributeError):  # no JSON, a name lacks or holds something else
        return WRONG
    if done is WRONG:
        return WRONG
    return JSONResponse({"id": done if isinstance(done, int | str) else None})


def _set(mischief: Mischief, told: Json) -> None:
    mischief.repeats = min(max(int(told.get("repeats", mischief.repeats)), 1), REPEATS_MAX)
    mischief.shuffled = bool(told.get("shuffled", mischief.shuffled))
    mischief.held = bool(told.get("held", mischief.held))
    if "too_many" in told:
        mischief.next(TooMany(int(told["too_many"])), method="sendMessage")


async def _sent(world: World, request: Request, sends: Callable[[Phone, bytes], int]) -> Response:
    """Raw bytes from the page as a photo or document."""
    content = await request.body()
    chat = world.chats.get(_id(request, "chat"))
    if chat is None or chat.person is None or not 0 < len(content) <= UPLOAD_BYTES_MAX:
        return WRONG
    return JSONResponse({"id": sends(_phone(world, chat.chat_id), content)})


def _phone(world: World, person_id: int) -> Phone:
    person = world.chats[person_id].person
    if person is None:
        raise LookupError("a group has no phone")
    names = {name: told for name, told in person.items() if name not in ("id", "is_bot")}
    return Phone(world, person["id"], **names)


def _listed(chat: Chat) -> Json:
    return {"id": chat.chat_id, "name": chat.told.get("title") or chat.told["first_name"], "group": chat.person is None}


def _screen(world: World, chat: Chat) -> Json:
    """As drawn: what was said, the open keyboard, what the bot is doing, what the last press was answered."""
    shown = [one for one in world.actions if one.chat_id == chat.chat_id]
    doing = bool(shown) and (world.clock() - shown[-1].at).total_seconds() < ACTION_S
    answers = [one for one in world.answered if one.text and world.presses[one.callback_id].chat_id == chat.chat_id]
    return {
        "messages": [_line(chat, seen) for seen in on_screen(world, chat)],
        "keyboard": msgspec.to_builtins(_phone(world, chat.chat_id).keyboard()) if chat.person else [],
        "action": shown[-1].action if doing else None,
        "answer": {"text": answers[-1].text, "alert": answers[-1].alert} if answers else None,
        "blocked": chat.out is not None,
    }


def _line(chat: Chat, seen: Seen) -> Json:
    address = f"/_phone/chats/{chat.chat_id}/{seen.message_id}/file"
    message = chat.messages[seen.message_id]
    return {
        "id": seen.message_id,
        "from_bot": seen.from_bot,
        "text": seen.text,
        "edited": seen.edited,
        "at": message["date"],
        "kind": next((kind for kind in KINDS if kind in message), "text"),
        "photo": address if seen.photo is not None else None,
        "document": address if seen.document is not None else None,
        "file_name": seen.file_name,
        "buttons": msgspec.to_builtins(seen.buttons),
    }


def _stored(world: World, chat_id: int, message_id: int) -> tuple[bytes, str] | None:
    """The bytes, and as what a browser may take them: what could be a page of ours is only kept."""
    chat = world.chats.get(chat_id)
    message: dict[str, Any] = chat.messages.get(message_id, {}) if chat else {}
    told = message["photo"][-1] if "photo" in message else message.get("document")
    stored = world.files.by_id(told["file_id"]) if told else None
    if told is None or stored is None:
        return None
    kind = told.get("mime_type")
    return stored.content, kind if kind in OPENED else "application/octet-stream"
