"""Files of the Cloud API in memory: uploaded by the business or sent by people, found by id, fetched by a short URL.

Invariant: a file is given out only under an address that is at most five minutes old.
Source: developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/media (kinds, sizes,
five minutes, thirty days for what was uploaded, seven for what people sent).
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from email import message_from_bytes
from random import Random

import msgspec

from gateway.sandbox.whatsapp_faults import INVALID, Fault, broken

MIB = 1024 * 1024
MEDIA_BYTES_MAX = 100 * MIB
PARTS_MAX = 10
ADDRESS_S = 5 * 60
UPLOADED_DAYS = 30
RECEIVED_DAYS = 7

TEXTS = ("text/plain", "application/pdf")
OFFICE = "application/vnd.openxmlformats-officedocument."
KINDS: dict[str, tuple[tuple[str, ...], int]] = {
    "image": (("image/jpeg", "image/png"), 5 * MIB),
    "document": (
        (*TEXTS, "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint",
         f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet", f"{OFFICE}presentationml.presentation"),
        100 * MIB,
    ),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MIB),
    "video": (("video/mp4", "video/3gpp"), 16 * MIB),
    "sticker": (("image/webp",), 500 * 1024),
}  # fmt: skip
"""What the business may send as which kind: MIME types and bytes at most."""


class Media(msgspec.Struct, frozen=True):
    id: str
    content: bytes
    mime_type: str
    filename: str
    ends_at: datetime

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.content).digest()


class Part(msgspec.Struct, frozen=True):
    """One field of a multipart body; `content_type` is empty for plain text."""

    content: bytes
    filename: str
    content_type: str


class MediaShelf:
    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._files: dict[str, Media] = {}
        self._addresses: dict[str, tuple[str, datetime]] = {}

    def put(self, content: bytes, mime_type: str, filename: str, *, now: datetime, days: int) -> Media:
        number = str(self._chance.randrange(10**14, 10**15))
        media = Media(number, content, mime_type, filename, now + timedelta(days=days))
        self._files[number] = media
        return media

    def upload(self, fields: dict[str, Part], now: datetime) -> Media | Fault:
        """What was posted to `/{phone_number_id}/media`: file, type, messaging_product."""
        unknown = set(fields) - {"file", "type", "messaging_product", "ttl_minutes"}
        if unknown:
            return broken(INVALID, f"Unexpected key {min(unknown)}")
        file, product = fields.get("file"), fields.get("messaging_product")
        if file is None or product is None or product.content != b"whatsapp":
            return broken(INVALID, "The parameters messaging_product and file are required")
        if not _fits(file):
            return broken(INVALID, "Param file must be a file of a supported type and size")
        return self.put(file.content, file.content_type, file.filename, now=now, days=UPLOADED_DAYS)

    def get(self, number: str, now: datetime) -> Media | None:
        media = self._files.get(number)
        return media if media is not None and now < media.ends_at else None

    def drop(self, number: str) -> None:
        self._files.pop(number, None)

    def address(self, media: Media, now: datetime) -> str:
        """A key that opens the file for five minutes."""
        key = self._chance.randbytes(16).hex()
        self._addresses[key] = media.id, now + timedelta(seconds=ADDRESS_S)
        return key

    def at(self, key: str, now: datetime) -> Media | None:
        number, ends_at = self._addresses.get(key, ("", now))
        return self.get(number, now) if now < ends_at else None


def fits_kind(media: Media, kind: str) -> bool:
    types, most = KINDS[kind]
    return media.mime_type.partition(";")[0] in types and len(media.content) <= most


def _fits(file: Part) -> bool:
    mime_type = file.content_type.partition(";")[0]
    return any(mime_type in types and 0 < len(file.content) <= most for types, most in KINDS.values())


def read_form(content_type: str, body: bytes) -> dict[str, Part] | None:
    """The fields of a multipart/form-data body (RFC 7578); None if it is none."""
    kind = message_from_bytes(b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n")
    boundary = kind.get_boundary()
    if kind.get_content_type() != "multipart/form-data" or not boundary:
        return None
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"), PARTS_MAX + 1)
    fields: dict[str, Part] = {}
    for part in parts[1:]:
        if part.startswith(b"--"):
            return fields
        head, found, content = part.partition(b"\r\n\r\n")
        headers = message_from_bytes(head.removeprefix(b"\r\n") + b"\r\n\r\n")
        name = headers.get_param("name", header="content-disposition")
        if not found or not isinstance(name, str):
            return None
        mime_type = headers.get_content_type() if "content-type" in headers else ""
        fields[name] = Part(content, headers.get_filename("") or "", mime_type)
    return None
