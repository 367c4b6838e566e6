"""Telegram's Bot API as cheaply as it can be imitated: constant bytes for each method, nothing is looked at or kept.

For benches in which Telegram itself must cost nothing. It also says 200 to whatever else is asked, so that a load can
be measured against a server that does nothing. Run by bench/webhooks.py, until its standard input ends.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

PHOTO = b"\xff\xd8\xff" + bytes(1_000)
READ_BYTES = 65_536
ANSWERED: dict[bytes, Any] = {
    b"getMe": {"id": 42, "is_bot": True, "first_name": "Siaga", "username": "siaga_bot"},
    b"getFile": {"file_id": "f", "file_unique_id": "u", "file_size": len(PHOTO), "file_path": "photos/f.jpg"},
    b"sendMessage": {"message_id": 1, "date": 1795222800, "chat": {"id": 1, "type": "private"}, "text": "ok"},
    b"sendPhoto": {"message_id": 1, "date": 1795222800, "chat": {"id": 1, "type": "private"}},
}
"""Every other method is answered with true."""


def _answer(body: bytes, kind: bytes = b"application/json") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (kind, len(body), body)


def _told(result: Any) -> bytes:
    return _answer(json.dumps({"ok": True, "result": result}).encode())


_METHODS = {method: _told(result) for method, result in ANSWERED.items()}
_TRUE, _FILE = _told(True), _answer(PHOTO, b"application/octet-stream")


class Door(asyncio.Protocol):
    """One connection, kept open."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._out: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (length := whole(self._heard)) is not None:
            first = bytes(self._heard[: self._heard.find(b"\r\n")])
            del self._heard[:length]
            self._out.write(_reply(first))


def whole(heard: bytearray) -> int | None:
    """How many bytes the first request or answer in here has; None as long as it isn't complete."""
    head = heard.find(b"\r\n\r\n")
    if head < 0:
        return None
    headers = bytes(heard[:head]).lower()
    if b"transfer-encoding: chunked" in headers:
        end = heard.find(b"0\r\n\r\n", head)
        return None if end < 0 else end + 5
    _before, stated, after = headers.partition(b"content-length:")
    length = head + 4 + (int(after.partition(b"\r\n")[0]) if stated else 0)
    return length if len(heard) >= length else None


def _reply(first: bytes) -> bytes:
    path = first.split(b" ")[1]
    return _FILE if path.startswith(b"/file/") else _METHODS.get(path.rpartition(b"/")[2], _TRUE)


async def serve(port: int) -> None:
    """Says on the standard output when it listens."""
    server = await asyncio.get_running_loop().create_server(Door, "127.0.0.1", port)
    async with server:
        print("listening", flush=True)
        await asyncio.to_thread(_until_input_ends)


def _until_input_ends() -> None:
    while os.read(sys.stdin.fileno(), READ_BYTES):
        pass
