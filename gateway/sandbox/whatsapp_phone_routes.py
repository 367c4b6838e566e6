"""The people's side over HTTP: what a page that draws phones needs, as JSON below `/_phone/`.

Invariant: nothing here exists at Meta's; it needs no token, so the sandbox is for loopback only.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, TypeVar

import httpx
import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.whatsapp_faults import KNOWN, Json
from gateway.sandbox.whatsapp_media import KINDS
from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_post import TIMEOUT_S, Post
from gateway.sandbox.whatsapp_seen import Seen
from gateway.sandbox.whatsapp_template import Template
from gateway.sandbox.whatsapp_trouble import Troubles
from gateway.sandbox.whatsapp_world import World

MESSAGES_SHOWN_MAX = 200
REPEATS_MAX = 10

Wanted = TypeVar("Wanted")


class NewPerson(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    wa_id: str = ""
    hides_number: bool = False


class Text(msgspec.Struct, forbid_unknown_fields=True):
    text: str


class Press(msgspec.Struct, forbid_unknown_fields=True):
    """`message` is the id of the bubble, `choice` the id of what is pressed on it."""

    message: str
    choice: str


class Edit(msgspec.Struct, forbid_unknown_fields=True):
    """`message` is the id of an own bubble."""

    message: str
    text: str


class State(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of a phone; `window_open` can only be False: a message opens it."""

    blocks: bool | None = None
    online: bool | None = None
    window_open: Literal[False] | None = None


class Mischief(msgspec.Struct, forbid_unknown_fields=True):
    """How webhooks go out, and `error`: the code with which the next message that is sent is refused."""

    repeats: Annotated[int, msgspec.Meta(ge=1, le=REPEATS_MAX)] | None = None
    shuffles: bool | None = None
    together: bool | None = None
    error: int | None = None


class PhoneRoutes:
    def __init__(self, world: World, post: Post, troubles: Troubles, clock: Callable[[], datetime]) -> None:
        self._world, self._post, self._troubles, self._clock = world, post, troubles, clock

    def routes(self) -> list[Route]:
        return [
            Route("/_phone/people", self._people),
            Route("/_phone/people", self._joins, methods=["POST"]),
            Route("/_phone/templates", self._approves, methods=["POST"]),
            Route("/_phone/violations", self._violations),
            Route("/_phone/mischief", self._mischief),
            Route("/_phone/mischief", self._plans, methods=["POST"]),
            Route("/_phone/handshake", self._handshake, methods=["POST"]),
            Route("/_phone/media/{number}", self._media),
            Route("/_phone/{who}/messages", self._messages),
            Route("/_phone/{who}/says", self._says, methods=["POST"]),
            Route("/_phone/{who}/file", self._sends_file, methods=["POST"]),
            Route("/_phone/{who}/presses", self._presses, methods=["POST"]),
            Route("/_phone/{who}/edits", self._edits, methods=["POST"]),
            Route("/_phone/{who}/reads", self._reads, methods=["POST"]),
            Route("/_phone/{who}/state", self._changes, methods=["POST"]),
        ]

    async def _people(self, _: Request) -> Response:
        return JSONResponse([_shown_person(phone) for phone in self._world.phones])

    async def _joins(self, request: Request) -> Response:
        wanted = await _read(request, NewPerson)
        phone = self._world.person(wanted.name, wa_id=wanted.wa_id, hides_number=wanted.hides_number)
        return JSONResponse(_shown_person(phone), 201)

    async def _approves(self, request: Request) -> Response:
        """`{name, body, language?, category?, header?, footer?, quick_replies?, link?: [label, address]}`"""
        self._world.approves(await _read(request, Template))
        return Response(status_code=204)

    async def _violations(self, _: Request) -> Response:
        return JSONResponse(self._world.violations)

    async def _mischief(self, _: Request) -> Response:
        post = self._post
        how = {"repeats": post.repeats, "shuffles": post.shuffles, "together": post.together}
        return JSONResponse({**how, "planned": self._troubles.planned(), "waiting": len(post.waiting)})

    async def _plans(self, request: Request) -> Response:
        wanted, post = await _read(request, Mischief), self._post
        post.repeats = post.repeats if wanted.repeats is None else wanted.repeats
        post.shuffles = post.shuffles if wanted.shuffles is None else wanted.shuffles
        post.together = post.together if wanted.together is None else wanted.together
        if wanted.error is not None:
            if wanted.error not in KNOWN:
                raise HTTPException(422)
            self._troubles.plan(wanted.error)
        return Response(status_code=204)

    async def _handshake(self, _: Request) -> Response:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as http:
            return JSONResponse({"verified": await self._post.handshake(http)})

    async def _media(self, request: Request) -> Response:
        media = self._world.shelf.get(request.path_params["number"], self._clock())
        if media is None:
            raise HTTPException(404)
        return Response(media.content, media_type=media.mime_type, headers={"X-Content-Type-Options": "nosniff"})

    async def _messages(self, request: Request) -> Response:
        """The last bubbles of both sides; drawing them is not yet reading them."""
        phone = self._phone(request)
        bubbles = [_shown(seen, phone) for seen in phone.thread[-MESSAGES_SHOWN_MAX:]]
        state = {"online": phone.online, "blocks": phone.blocks, "missed": phone.missed}
        return JSONResponse({"messages": bubbles, "typing": phone.typing, "window_open": phone.window_open, **state})

    async def _says(self, request: Request) -> Response:
        return _sent(self._phone(request).says((await _read(request, Text)).text))

    async def _sends_file(self, request: Request) -> Response:
        """The body is the file, its Content-Type chooses photo, video, sticker or document; `?caption=&filename=`."""
        phone, mime_type = self._phone(request), request.headers.get("content-type", "")
        caption, filename = request.query_params.get("caption", ""), request.query_params.get("filename", "file")
        content = await request.body()
        if mime_type in KINDS["image"][0]:
            return _sent(phone.sends_image(content, mime_type, caption=caption))
        if mime_type.partition(";")[0] in KINDS["audio"][0]:
            return _sent(phone.sends_voice(content, mime_type))
        if mime_type in KINDS["video"][0]:
            return _sent(phone.sends_video(content, mime_type, caption=caption))
        return _sent(phone.sends_document(content, mime_type, filename, caption=caption))

    async def _presses(self, request: Request) -> Response:
        phone, press = self._phone(request), await _read(request, Press)
        for seen in phone.messages:
            if seen.id == press.message and any(choice.id == press.choice for choice in seen.choices):
                return _sent(phone.presses(press.choice, seen))
        raise HTTPException(404)

    async def _edits(self, request: Request) -> Response:
        phone, edit = self._phone(request), await _read(request, Edit)
        if not any(seen.id == edit.message and seen.mine and seen.kind == "text" for seen in phone.thread):
            raise HTTPException(404)
        return _sent(phone.edits(edit.message, edit.text))

    async def _changes(self, request: Request) -> Response:
        phone, wanted = self._phone(request), await _read(request, State)
        if wanted.blocks is not None:
            phone.blocks = wanted.blocks
        if wanted.window_open is False:
            phone.lets_window_close()
        if wanted.online is False:
            phone.online = False
        elif wanted.online:
            phone.comes_online()
        return Response(status_code=204)

    async def _reads(self, request: Request) -> Response:
        self._phone(request).reads()
        return Response(status_code=204)

    def _phone(self, request: Request) -> Phone:
        phone = self._world.phone(request.path_params["who"])
        if phone is None:
            raise HTTPException(404)
        return phone


def _sent(number: str) -> Response:
    return JSONResponse({"id": number}, 201)


async def _read(request: Request, kind: type[Wanted]) -> Wanted:
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.MsgspecError as fault:
        raise HTTPException(422) from fault


def _shown_person(phone: Phone) -> Json:
    return {"id": phone.user_id, "name": phone.name, "wa_id": phone.wa_id, "hides_number": phone.hides_number}


def _shown(seen: Seen, phone: Phone) -> Json:
    """As `Seen`, the file by its id, and `read`: whether the business has read what the person wrote."""
    shown: Json = msgspec.to_builtins(msgspec.structs.replace(seen, media=None))
    file = {"id": seen.media.id, "mime_type": seen.media.mime_type} if seen.media else None
    return {**shown, "media": file, "read": seen.id in phone.read_by_business}
