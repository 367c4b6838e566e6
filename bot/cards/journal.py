"""What has been read so far, on disk: a line for each file in OUT.part, turned into OUT at the end.

Invariants: a row that was added is never lost and never doubled, wherever the process is killed; a half-written last
line counts as not written; OUT is either the old file or the new one, whole. One process at a time. Mode 600.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec
from msgspec import Struct

from bot.cards import CardsError
from bot.cards.row import Row

PRIVATE = 0o600
AGAIN = "Yang sudah terbaca tersimpan; beri tempat, lalu jalankan lagi perintah yang sama."

_AT_ONCE = 1 << 20  # bytes read or written at once


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    file: str
    row: Row


class Journal:
    """The rows of OUT and of an earlier run that was ended; `add` puts one on disk, `finish` writes OUT."""

    def __init__(self, out: Path) -> None:
        self._out, self._part = out, out.with_name(f"{out.name}.part")
        self._part_fd = _locked(self._part)
        try:
            self.rows = _finished(out) | self._continued()
        except BaseException:
            self.close()
            raise

    def add(self, file: str, row: Row) -> None:
        """Stored when it returns. Raises CardsError if the disk doesn't take it; then nothing of it is left there."""
        before = os.fstat(self._part_fd).st_size
        try:
            _write(self._part_fd, msgspec.json.encode(_Entry(file, row)) + b"\n")
            os.fsync(self._part_fd)
        except OSError as error:
            os.ftruncate(self._part_fd, before)
            raise CardsError(f"{self._part} tidak bisa ditulis: {error.strerror}. {AGAIN}") from error
        self.rows[file] = row

    def finish(self) -> None:
        """All rows in OUT, by name; what was beside it goes."""
        ordered = dict(sorted(self.rows.items()))
        write_whole(self._out, msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")
        self._part.unlink()

    def close(self) -> None:
        """Leaves no empty file behind."""
        if os.fstat(self._part_fd).st_nlink and not os.fstat(self._part_fd).st_size:
            self._part.unlink()
        os.close(self._part_fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _continued(self) -> dict[str, Row]:
        """What an earlier run left; its half-written last line is cut off, so that the next one starts anew."""
        with os.fdopen(os.dup(self._part_fd), "rb") as file:
            file.seek(0)
            left = file.read()
        whole = left[: left.rfind(b"\n") + 1]
        try:
            entries = [msgspec.json.decode(line, type=_Entry) for line in whole.splitlines()]
        except msgspec.DecodeError as error:
            raise CardsError(_not_ours(self._part)) from error
        os.ftruncate(self._part_fd, len(whole))
        return {entry.file: entry.row for entry in entries}


def write_whole(path: Path, content: bytes) -> None:
    """`path` holds all of it or what it held before. Raises CardsError if the disk doesn't take it."""
    beside = path.with_name(f".{path.name}.siaga")
    try:
        beside.unlink(missing_ok=True)
        new = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        try:
            _write(new, content)
            os.fsync(new)
        finally:
            os.close(new)
        beside.replace(path)
        _keep(path.parent)
    except OSError as error:
        raise CardsError(f"{path} tidak bisa ditulis: {error.strerror}. {AGAIN}") from error


def _locked(part: Path) -> int:
    try:
        part_fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        raise CardsError(
            f"{part} tidak bisa ditulis: {error.strerror}. Pilih tempat lain untuk hasilnya dengan --out."
        ) from error
    try:
        fcntl.flock(part_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        gone = not os.fstat(part_fd).st_nlink  # the other process finished between the two calls
    except BlockingIOError:
        gone = True
    if gone:
        os.close(part_fd)
        raise CardsError(f"{part} sedang dipakai perintah lain. Tunggu sampai selesai, atau pilih --out yang lain.")
    os.fchmod(part_fd, PRIVATE)
    _keep(part.parent)
    return part_fd


def _keep(folder: Path) -> None:
    """The names in the folder outlive a power cut, too."""
    folder_fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(folder_fd)
    finally:
        os.close(folder_fd)


def _finished(out: Path) -> dict[str, Row]:
    try:
        return msgspec.json.decode(out.read_bytes(), type=dict[str, Row])
    except FileNotFoundError:
        return {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CardsError(_not_ours(out)) from error
    except OSError as error:
        raise CardsError(f"{out} tidak bisa dibaca: {error.strerror}. Pilih nama lain dengan --out.") from error


def _not_ours(path: Path) -> str:
    return f"{path} sudah ada dan bukan hasil perintah ini. Pindahkan berkas itu, atau pilih nama lain dengan --out."


def _write(to: int, content: bytes) -> None:
    """All of it: a call may take less than it is given."""
    left = memoryview(content)
    while left:
        left = left[os.write(to, left[:_AT_ONCE]) :]
