"""The files of an imitated Telegram, in memory: what people and the bot sent, and the sizes Telegram makes of a photo.

Invariant: a file's bytes never change; the same bytes have the same `file_unique_id`, each upload its own `file_id`.
Source: core.telegram.org/bots/api#photosize, #getfile; core.telegram.org/api/files (sizes of a photo).
"""

from __future__ import annotations

import hashlib
import io
import itertools
from pathlib import PurePath

from msgspec import Struct
from PIL import Image, UnidentifiedImageError

from gateway.sandbox.telegram_wire import Json

SIDES = (90, 320, 800)
"""Longest sides in pixels of the smaller copies: api/files, types s (here 90), m, x."""
SIDE_MAX = 1280
"""Type y of api/files: what an app sends as a photo is reduced to it."""
JPEG_QUALITY = 87
NO_PICTURE = (1280, 960)
"""Told of bytes that are no picture: a real app would not send them as a photo, a hostile one might."""


class StoredFile(Struct, frozen=True):
    file_id: str
    path: str
    content: bytes
    told: Json
    """What a message tells of it beside the name: file_id, file_unique_id, file_size, and its own fields."""


class Files:
    def __init__(self, side_max: int | None = SIDE_MAX) -> None:
        """`side_max` in pixels; None keeps every photo as it is."""
        self._side_max = side_max
        self._numbers = itertools.count(1)
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def by_id(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def by_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)

    def keep(self, content: bytes, folder: str, name: str, **told: object) -> Json:
        """Store a file; what a message tells of it. `folder` is Telegram's word: photos, documents, voice, stickers."""
        number = next(self._numbers)
        unique = hashlib.sha256(content).hexdigest()[:16]
        file_id = f"AgAC{number:06d}{unique}"
        whole: Json = {"file_id": file_id, "file_unique_id": unique, "file_size": len(content), **told}
        path = f"{folder}/file_{number}{PurePath(name).suffix}"
        stored = StoredFile(file_id, path, content, whole)
        self._by_id[file_id] = self._by_path[path] = stored
        return whole

    def keep_photo(self, content: bytes) -> list[Json]:
        """PhotoSizes, the largest last; what is no larger than `side_max` keeps its bytes."""
        image = opened(content)
        if image is None:
            width, height = NO_PICTURE
            return [self.keep(content, "photos", "photo.jpg", width=width, height=height)]
        longest = max(image.size)
        sides = [side for side in SIDES if side < min(longest, self._side_max or longest)]
        sizes = [self._reduced(image, side) for side in sides]
        if self._side_max is not None and longest > self._side_max:
            return [*sizes, self._reduced(image, self._side_max)]
        return [*sizes, self.keep(content, "photos", "photo.jpg", width=image.width, height=image.height)]

    def sizes_of(self, file_id: str) -> list[Json] | None:
        """A photo sent again by its id."""
        stored = self._by_id.get(file_id)
        return [stored.told] if stored and stored.path.startswith("photos/") else None

    def _reduced(self, image: Image.Image, side: int) -> Json:
        copy = image.convert("RGB")
        copy.thumbnail((side, side))
        jpeg = io.BytesIO()
        copy.save(jpeg, "JPEG", quality=JPEG_QUALITY)
        return self.keep(jpeg.getvalue(), "photos", "photo.jpg", width=copy.width, height=copy.height)


def opened(content: bytes) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(content))
    except (UnidentifiedImageError, OSError):
        return None
