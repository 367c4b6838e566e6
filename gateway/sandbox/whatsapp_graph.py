"""The Graph API's side of the sandbox: messages, uploads, downloads, with the token before everything.

Invariant: without the token nothing is read or stored.
Sources below developers.facebook.com/documentation/business-messaging/whatsapp/:
reference/whatsapp-business-phone-number/message-api, business-phone-numbers/media.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.sandbox.whatsapp_faults import INVALID, TOKEN, UNKNOWN_PATH, Fault, as_answer, broken, no_such_object
from gateway.sandbox.whatsapp_media import MEDIA_BYTES_MAX, MIB, read_form
from gateway.sandbox.whatsapp_schema import ReadMark, read_request
from gateway.sandbox.whatsapp_world import World

MESSAGE_BYTES_MAX = 256 * 1024
UPLOAD_BYTES_MAX = MEDIA_BYTES_MAX + MIB

_version = re.compile(r"v\d{1,2}\.\d")

Handler = Callable[[Request], Awaitable[Response]]


class Graph:
    """The routes. `token` is the one bearer token that is let in."""

    def __init__(self, world: World, *, token: str, clock: Callable[[], datetime]) -> None:
        self._world, self._token, self._clock = world, token, clock

    def routes(self) -> list[Route]:
        return [
            Route("/_media/{key}", self._guarded(self._download)),
            Route("/{version}/{number}/messages", self._guarded(self._messages), methods=["POST"]),
            Route("/{version}/{number}/media", self._guarded(self._upload), methods=["POST"]),
            Route("/{version}/{number}", self._guarded(self._look_up), methods=["GET"]),
            Route("/{version}/{number}", self._guarded(self._delete), methods=["DELETE"]),
            Route("/{path:path}", self._guarded(self._unknown), methods=["GET", "POST", "PUT", "DELETE"]),
        ]

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given.encode(), f"Bearer {self._token}".encode()):
                return self._refusal(Fault(TOKEN))
            version = request.path_params.get("version")
            if version is not None and not _version.fullmatch(version):
                return self._refusal(broken(UNKNOWN_PATH, "no version in the path"))
            return await handler(request)

        return guarded

    async def _messages(self, request: Request) -> Response:
        raw = await _body(request, MESSAGE_BYTES_MAX)
        if self._foreign(request) or raw is None:
            return self._refusal(no_such_object() if raw is not None else broken(INVALID, "the body is too long"))
        wanted = read_request(raw)
        if isinstance(wanted, Fault):
            return self._refusal(wanted)
        outcome = self._world.mark_read(wanted) if isinstance(wanted, ReadMark) else self._world.accept(wanted)
        return self._answer(outcome) if isinstance(outcome, Fault) else JSONResponse(outcome)

    async def _upload(self, request: Request) -> Response:
        raw = await _body(request, UPLOAD_BYTES_MAX)
        if self._foreign(request) or raw is None:
            return self._refusal(no_such_object() if raw is not None else broken(INVALID, "the file is too long"))
        fields = read_form(request.headers.get("content-type", ""), raw)
        if fields is None:
            return self._refusal(broken(INVALID, "the body is not multipart/form-data"))
        media = self._world.shelf.upload(fields, self._clock())
        return self._refusal(media) if isinstance(media, Fault) else JSONResponse({"id": media.id})

    async def _look_up(self, request: Request) -> Response:
        business, number, now = self._world.business, request.path_params["number"], self._clock()
        if number == business.phone_number_id:
            shown = {"verified_name": business.name, "display_phone_number": business.display_phone_number}
            return JSONResponse({**shown, "quality_rating": "GREEN", "id": number})
        media = self._world.shelf.get(number, now)
        if media is None or self._asks_other(request):
            return self._refusal(no_such_object())
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "url": f"{request.base_url}_media/{self._world.shelf.address(media, now)}",
                "mime_type": media.mime_type,
                "sha256": media.digest.hex(),  # in webhooks it is base64
                "file_size": len(media.content),
                "id": media.id,
            }
        )

    async def _delete(self, request: Request) -> Response:
        number = request.path_params["number"]
        if self._world.shelf.get(number, self._clock()) is None or self._asks_other(request):
            return self._refusal(no_such_object())
        self._world.shelf.drop(number)
        return JSONResponse({"success": True})

    async def _download(self, request: Request) -> Response:
        media = self._world.shelf.at(request.path_params["key"], self._clock())
        if media is None:
            return Response(status_code=404)
        return Response(media.content, media_type=media.mime_type)

    async def _unknown(self, _: Request) -> Response:
        return self._refusal(broken(UNKNOWN_PATH, "this sandbox has no such path"))

    def _foreign(self, request: Request) -> bool:
        return bool(request.path_params["number"] != self._world.business.phone_number_id)

    def _asks_other(self, request: Request) -> bool:
        mine = self._world.business.phone_number_id
        return request.query_params.get("phone_number_id", mine) != mine

    def _refusal(self, fault: Fault) -> Response:
        self._world.note(fault)
        return self._answer(fault)

    def _answer(self, fault: Fault) -> Response:
        return JSONResponse(as_answer(fault, self._world.new_trace()), fault.http_status)


async def _body(request: Request, most: int) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)
