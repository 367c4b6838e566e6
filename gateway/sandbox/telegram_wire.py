"""The wire of the Bot API: a request's fields and files from query, form, multipart or JSON, and the two answers.

Invariant: what comes out is what was sent, not yet judged; a refusal has the real API's shape.
Source: core.telegram.org/bots/api#making-requests.
"""

from __future__ import annotations

import re
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import JSONResponse

from gateway.sandbox.nested import read_json
from gateway.sandbox.telegram_limits import UPLOAD_BYTES_MAX

Json = dict[str, Any]
"""An object of the Bot API."""

BODY_BYTES_MAX = UPLOAD_BYTES_MAX + 1024 * 1024
FIELDS_MAX = 100
FORM = "application/x-www-form-urlencoded"


class Upload(Struct, frozen=True):
    """A file that came with a request."""

    name: str
    media_type: str
    content: bytes


class Question(Struct, frozen=True):
    """A method with its fields, as text (query, form, multipart) or as JSON values, and its files by part name."""

    method: str
    fields: Json
    files: dict[str, Upload]


class Refusal(Struct, frozen=True):
    """`description` is what follows the status' own words, e.g. `chat not found` after `Bad Request: `."""

    status: int
    description: str = ""
    retry_after_s: int | None = None


class Violation(Struct, frozen=True):
    """What the bot did against one of the two descriptions. Names of parameters only, no values."""

    method: str
    fault: str


WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
}


def accept(result: Any) -> JSONResponse:
    return JSONResponse({"ok": True, "result": result})


def refuse(refusal: Refusal) -> JSONResponse:
    """bots/api#making-requests: ok, error_code, description and sometimes parameters."""
    words = [WORDS[refusal.status], refusal.description]
    told: Json = {"ok": False, "error_code": refusal.status, "description": ": ".join(filter(None, words))}
    if refusal.retry_after_s is None:
        return JSONResponse(told, refusal.status)
    told["description"] += f": retry after {refusal.retry_after_s}"
    told["parameters"] = {"retry_after": refusal.retry_after_s}
    return JSONResponse(told, refusal.status, headers={"Retry-After": str(refusal.retry_after_s)})


async def read_question(request: Request, method: str) -> Question | Refusal:
    """Everything that was sent; later sources win (query, then body)."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            return Refusal(413)
    fields: Json = dict(request.query_params)
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", FORM)
    content = bytes(body)
    files: dict[str, Upload] = {}
    match kind.get_content_type():
        case "application/json":
            told = _parsed(content)
            if not isinstance(told, dict):
                return Refusal(400, "can't parse JSON object")
            fields |= told
        case "multipart/form-data":
            texts, files = _parts(content, kind.get_boundary("").encode())
            fields |= texts
        case _:
            pairs = parse_qsl(content.decode(errors="replace"), keep_blank_values=True, max_num_fields=FIELDS_MAX)
            fields |= dict(pairs)
    return Question(method, fields, files)


def _parsed(content: bytes) -> Any:
    try:
        return read_json(content or b"{}")
    except ValueError:
        return None


def _parts(body: bytes, boundary: bytes) -> tuple[dict[str, str], dict[str, Upload]]:
    """RFC 7578. A part with a file name is a file."""
    texts: dict[str, str] = {}
    files: dict[str, Upload] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary)[1:FIELDS_MAX]:
        head, found, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found:  # the closing dashes
            continue
        headers = _headers(head.decode(errors="replace"))
        name = _named(headers, "name")
        file_name = _named(headers, "filename")
        if file_name is not None:
            files[name or ""] = Upload(file_name, headers.get("content-type", "application/octet-stream"), content)
        else:
            texts[name or ""] = content.decode(errors="replace")
    return texts, files


def _headers(head: str) -> dict[str, str]:
    lines = (line.partition(":") for line in head.split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _named(headers: dict[str, str], name: str) -> str | None:
    found = re.search(rf'(?:^|[;\s]){name}="?([^";]*)"?', headers.get("content-disposition", ""))
    return found[1] if found else None
