"""`siaga read-cards`: every file of a folder and its sub-folders -> a row each, in a JSON file and, if wished, Excel.

Invariants: exactly one row a file, whatever the file is and whatever happened to what read it; a file that was read
or rejected isn't read again, one that couldn't be is; what Ctrl-C leaves is taken up by the next run.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter

from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cards import CardsError, sheet
from bot.cards.interrupt import until_interrupted
from bot.cards.journal import Journal, write_whole
from bot.cards.places import check_places, files_of
from bot.cards.row import NOT_READ, UNREADABLE, Row, rejected, row_of
from bot.ocr import tesseract
from bot.ocr.pool import LIMITS, CardReader, Read, read_in_worker

PHOTO_LIMIT_S = 60.0
"""For one photo in a worker. Nobody waits for this one, and all cores are busy."""


class Run(Struct, frozen=True):
    """What is asked. `workers` photos are read at once, each in a process that needs about 350 MB."""

    folder: Path
    out: Path
    excel: Path | None
    today: date
    workers: int
    limit_s: float = PHOTO_LIMIT_S
    how: Read = read_in_worker


def read_cards(run: Run) -> tuple[str, bool]:
    """What to print, and whether all was done or Ctrl-C ended it. Raises CardsError with what has to be changed."""
    if run.workers < 1:
        raise CardsError("--workers paling sedikit 1.")
    check_places(run.folder, run.out, run.excel)
    files, closed = files_of(run.folder)
    need = tesseract.available()
    if need is not None:
        raise CardsError(need)
    with Journal(run.out) as journal:
        new = {name: path for name, path in files.items() if not _is_settled(journal.rows.get(name))}
        before = len(files) - len(new)
        if new and not asyncio.run(until_interrupted(_read_all(run, new, before, journal))):
            stored = sum(name in journal.rows for name in files)
            return (
                f"Dihentikan. {stored} dari {len(files)} berkas tersimpan; perintah yang sama meneruskannya.\n",
                False,
            )
        journal.finish()
        if run.excel is not None:
            write_whole(run.excel, sheet.workbook(journal.rows))
        gone = len(journal.rows) - len(files)
        told = _told(run, [journal.rows[name] for name in files], before, gone, closed)
    return "\n".join(told) + "\n", True


def _is_settled(row: Row | None) -> bool:
    """Whether a file has a row that says something about it: one that couldn't be opened may be opened today."""
    return row is not None and row.rejected not in (NOT_READ, UNREADABLE)


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def _read_all(run: Run, files: Mapping[str, Path], before: int, journal: Journal) -> None:
    """As many photos at once as there are workers; each row is stored before that worker's next photo."""
    waiting = iter(files.items())
    workers = max(1, min(run.workers, len(files)))

    async def lane(reader: CardReader, step: Callable[[], None]) -> None:
        for name, path in waiting:
            journal.add(name, await _row(path, reader, run.today))
            step()

    with _bar(before, before + len(files)) as step:
        async with _reader(workers, run) as reader:
            lanes = [asyncio.create_task(lane(reader, step)) for _ in range(workers)]
            try:
                await asyncio.gather(*lanes)
            finally:
                for one in lanes:
                    one.cancel()
                await asyncio.gather(*lanes, return_exceptions=True)


@asynccontextmanager
async def _reader(workers: int, run: Run) -> AsyncIterator[CardReader]:
    """One thread for each photo: with all cores at work on photos of their own, more threads only wait."""
    reader = CardReader(workers=workers, limit_s=run.limit_s, limits=replace(LIMITS, threads=1), how=run.how)
    try:
        yield reader
    finally:
        await reader.close()


@contextmanager
def _bar(before: int, total: int) -> Iterator[Callable[[], None]]:
    """On the screen only; where the output goes into a file it would be noise."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Membaca KTP", total=total, completed=before)
        yield lambda: progress.advance(task)


async def _row(path: Path, reader: CardReader, today: date) -> Row:
    start = perf_counter()
    photo = await asyncio.to_thread(_content, path)
    if isinstance(photo, str):
        return rejected(photo, perf_counter() - start)
    try:
        return row_of(await reader.read(photo, today), perf_counter() - start)
    except Exception as error:  # noqa: BLE001 - a bug that one photo meets stops no other photo; its row names it
        return rejected(NOT_READ, perf_counter() - start, (f"error: {type(error).__name__}",))


def _content(path: Path) -> bytes | str:
    """The file's bytes, or why it is rejected. Only of files: a pipe would be waited for without end."""
    try:
        seen = path.stat()
        if not stat.S_ISREG(seen.st_mode):
            return "not-an-image"
        return "too-large" if seen.st_size > LIMITS.photo_bytes_max else path.read_bytes()
    except OSError:
        return UNREADABLE


def _told(run: Run, rows: Sequence[Row], before: int, gone: int, closed: Sequence[str]) -> Iterator[str]:
    refused = sum(row.rejected is not None for row in rows)
    doubted = sum(row.rejected is None and row.flags != () for row in rows)
    read = len(rows) - refused - doubted
    counts = f"{read} terbaca, {doubted} diragukan, {refused} ditolak ({before} sudah dari sebelumnya)"
    yield f"{len(rows)} berkas: {counts}."
    if gone:
        yield f"{gone} baris lama tetap disimpan, walaupun berkasnya tidak ada lagi di folder."
    if closed:
        yield f"{len(closed)} sub-folder tidak bisa dibuka, jadi isinya tidak dibaca."
    where = f"{run.out} dan {run.excel}" if run.excel is not None else f"{run.out}"
    yield f"Hasilnya di {where}. Isinya data pribadi; hanya Anda yang bisa membukanya (izin 600)."
