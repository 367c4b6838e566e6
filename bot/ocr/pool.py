"""Reads photos, looks at them, cuts parts out of them and binds them, in other processes, so that the web process
neither waits for nor loads what that needs.

Invariants: no photo keeps a worker longer than `limit_s`; a worker that hangs is killed together with its Tesseract;
one that dies is replaced, and its photo tried once more. Work files live in a private folder in memory where the
machine has one, and are gone with the worker, however it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date
from pathlib import Path
from typing import ParamSpec, TypeVar

from bot.ocr import Limits, read
from rules.card import Card, Fault, Unusable

TRIES = 2
"""A photo is given to at most this many workers; one that kills two of them is given up."""

START_LIMIT_S = 60.0
"""For a worker to start and load OpenCV, on a machine that is busy."""

QUICK_LIMIT_S = 10.0
"""For one photo to be looked at, or a part to be cut out of it."""

LIMITS = Limits()

_MEMORY = Path("/dev/shm")  # noqa: S108 - not a shared folder: each worker makes a private one in it

Read = Callable[[bytes, date, Limits], Card | Unusable | None]
Box = tuple[int, int, int, int]
P = ParamSpec("P")
T = TypeVar("T")


class CardReader:
    """The card reader of a process; `workers` photos are read at once, the others wait. One event loop, one reader.

    `limit_s` is the time for one photo in a worker, in seconds. Nothing is started before the first photo.
    """

    def __init__(
        self, *, workers: int, limit_s: float = 20.0, limits: Limits = LIMITS, how: Read | None = None
    ) -> None:
        self._idle: asyncio.LifoQueue[_Worker] = asyncio.LifoQueue()
        self._how = how or read_in_worker
        self._workers = [_Worker(_begin_reading) for _ in range(workers)]
        self._quick, self._one_by_one = _Worker(_begin), asyncio.Lock()
        self._limit_s, self._limits = limit_s, limits
        self._closed = False
        for worker in self._workers:
            self._idle.put_nowait(worker)

    async def read(self, photo: bytes, today: date) -> Card | Unusable | None:
        """The card, or the photo's fault; None if it wasn't read in time, which says nothing about the photo."""
        if len(photo) > self._limits.photo_bytes_max:
            return Unusable("too-large")  # without sending it through a pipe
        return await self._slow(self._how, photo, today, self._limits)

    async def bind(self, photos: Sequence[bytes]) -> bytes | None:
        """See `bot.ocr.bind.bind`; None also if it wasn't done in time. It waits behind cards that are still to be
        read. ValueError for more than `limits.pages_max` photos."""
        if len(photos) > self._limits.pages_max:
            raise ValueError(f"{len(photos)} photos are too many to bind")
        fitting = [photo for photo in photos if len(photo) <= self._limits.photo_bytes_max]
        return await self._slow(bind_in_worker, fitting, self._limits)

    async def cut(self, photo: bytes, box: Box, turn: int) -> bytes | None:
        """See `bot.ocr.crop.cut`; None also if it wasn't done in time."""
        return await self._quickly_done(cut_in_worker, photo, box, turn, self._limits)

    async def look(self, photo: bytes) -> Fault | None:
        """See `bot.ocr.paper.look`; None, which is no objection, also if it wasn't done in time."""
        if len(photo) > self._limits.photo_bytes_max:
            return "too-large"  # without sending it through a pipe
        return await self._quickly_done(look_in_worker, photo, self._limits)

    async def close(self) -> None:
        """Ends all workers; what they were at, and what still waits, is answered with None."""
        self._closed = True
        for worker in (*self._workers, self._quick):
            worker.kill()

    async def _quickly_done(self, how: Callable[P, T], *given: P.args, **more: P.kwargs) -> T | None:
        """By a worker of its own: who is asked about a photo doesn't wait behind those whose cards are still to be
        read."""
        async with self._one_by_one:
            if self._closed:
                return None
            try:
                return await self._quick.run(QUICK_LIMIT_S, how, *given, **more)
            except BrokenProcessPool:
                self._quick.kill()
                return None
            except BaseException:  # the one who asked has gone: the worker may still be at it
                self._quick.kill()
                raise

    async def _slow(self, how: Callable[P, T], *given: P.args, **more: P.kwargs) -> T | None:
        worker = await self._idle.get()
        try:
            return await self._tried(worker, how, *given, **more)
        finally:
            self._idle.put_nowait(worker)

    async def _tried(self, worker: _Worker, how: Callable[P, T], *given: P.args, **more: P.kwargs) -> T | None:
        for _ in range(TRIES):
            if self._closed:
                break
            try:
                return await worker.run(self._limit_s, how, *given, **more)
            except BrokenProcessPool:
                worker.kill()
            except BaseException:  # the time is over, or the one who asked has gone: the worker may still be at it
                worker.kill()
                raise
        return None


class _Worker:
    """One process; started when it is first needed and again after it was killed. `begin`: what it begins with, given
    its folder."""

    def __init__(self, begin: Callable[[str], None]) -> None:
        self._begin = begin
        self._pool: ProcessPoolExecutor | None = None
        self._pid: int | None = None
        self._folder: Path | None = None

    async def run(self, limit_s: float, how: Callable[P, T], *given: P.args, **more: P.kwargs) -> T | None:
        """What `how` returns; None if that takes longer than `limit_s`."""
        try:
            pool = await self._started()
            async with asyncio.timeout(limit_s):
                return await asyncio.wrap_future(pool.submit(how, *given, **more))
        except TimeoutError:
            self.kill()
            return None

    def kill(self) -> None:
        """The worker and the Tesseract it waits for, at once; then its work files."""
        if self._pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._pid, signal.SIGKILL)
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        self._pool = self._pid = self._folder = None

    async def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._folder = Path(tempfile.mkdtemp(prefix="siaga-ktp-", dir=_memory()))
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(
                1, mp_context=spawn, initializer=self._begin, initargs=(str(self._folder),)
            )
            async with asyncio.timeout(START_LIMIT_S):
                self._pid = await asyncio.wrap_future(self._pool.submit(os.getpid))
        return self._pool


def _memory() -> Path | None:
    return _MEMORY if _MEMORY.is_dir() else None  # None: the machine's usual temporary folder


def read_in_worker(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    """`bot.ocr.read`, as a pool can call it."""
    return read(photo, today=today, limits=limits)


def cut_in_worker(photo: bytes, box: Box, turn: int, limits: Limits) -> bytes | None:
    """`bot.ocr.crop.cut`, as a pool can call it."""
    from bot.ocr.crop import cut  # noqa: PLC0415 - here and not in the web process

    return cut(photo, box, turn, limits)


def look_in_worker(photo: bytes, limits: Limits) -> Fault | None:
    """`bot.ocr.paper.look`, as a pool can call it."""
    from bot.ocr.paper import look  # noqa: PLC0415 - here and not in the web process

    return look(photo, limits)


def bind_in_worker(photos: Sequence[bytes], limits: Limits) -> bytes | None:
    """`bot.ocr.bind.bind`, as a pool can call it."""
    from bot.ocr.bind import bind  # noqa: PLC0415 - here and not in the web process

    return bind(photos, limits)


def _begin(folder: str) -> None:
    """In the worker: a group of its own that ends with the parent, one thread, a private folder for work files."""
    os.setsid()
    os.environ["OMP_THREAD_LIMIT"] = "1"
    tempfile.tempdir = folder
    threading.Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _begin_reading(folder: str) -> None:
    _begin(folder)
    import cv2  # noqa: PLC0415 - here and not in the web process

    cv2.setNumThreads(1)


def _end_with_parent(folder: str) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        shutil.rmtree(folder, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)
