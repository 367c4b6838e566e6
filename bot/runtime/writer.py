"""The one writer: takes what is queued, in one transaction, and answers when it is committed.

Group commit without a timer: a batch forms while the previous commit runs, so an idle service answers after one commit
and a busy one shares its fsync. A few batches may be under way side by side, if no chat is in two of them. Turns are
taken while the database is busy with the batch before, or with the first steps of their own transaction, as far as they
need nothing of it; what was foreseen is checked in its own transaction. Invariant: nobody is told that something is
stored before the commit; and one poisonous message harms only itself, because a failed batch is repeated one by one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import Any, TypeVar, cast

import structlog
from msgspec.structs import replace
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    DBAPIError,
    IntegrityError,
    ProgrammingError,
)

from bot.handlers.contract import Arrival, NotStoredError, Receipt
from bot.runtime.batch import Batch, Desk, UnforeseenError, park_waiting
from bot.runtime.hands import Hands, NoHands
from bot.runtime.lane import Note
from bot.runtime.works import Answered, Fetched, HandBack, Job, Release, StillFetching, Work, chats_of
from db import audit
from db.store import Store
from db.talks import Door
from db.unit import Unit

log = structlog.get_logger()

T = TypeVar("T")
BATCH_MAX = 256
OUR_FAULT = (DataError, IntegrityError, ProgrammingError)
"""The database is well and refuses what we ask: trying again would not help, so the message is parked."""
QUEUE_MAX = 10_000
"""More than this waiting means that the database doesn't keep up; a channel is told to come again."""


HandedIn = tuple[Work, asyncio.Future[Any]]
Chats = set[int | Door]


class Writer:
    """`start`, then `arrive`, `answered` and `run` from anywhere in the loop, then `close`."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store, self._desk = store, desk
        self._queue: asyncio.Queue[HandedIn | None] = asyncio.Queue(QUEUE_MAX + 1)  # one more for the end
        self._task: asyncio.Task[None] | None = None
        self.on_commit: list[Callable[[Unit], None]] = []
        self.hands: Hands = NoHands()
        self.on_batch: Callable[[int], None] = _ignore
        self.on_failure: Callable[[str], None] = _ignore
        self.on_turns: Callable[[list[Note], float], None] = _no_notes

    def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="writer")

    async def close(self) -> None:
        """Write what is queued, then stop."""
        if self._task is not None:
            await self._queue.put(None)
            await self._task
            self._task = None

    async def arrive(self, arrival: Arrival) -> Receipt:
        """Store and answer a message. NotStoredError if the database can't."""
        return cast(Receipt, await self._hand_in(arrival))

    async def answered(self, answered: Answered) -> None:
        """Hear the result, or the delay, of an errand."""
        await self._hand_in(answered)

    async def fetched(self, fetched: Fetched) -> None:
        """Store a photo that was fetched, and hear what waited for it."""
        await self._hand_in(fetched)

    async def still_fetching(self, late: StillFetching) -> None:
        """Tell, once, who waits for a photo that takes longer."""
        await self._hand_in(late)

    async def release(self, chat: int) -> None:
        """Hear what waits in a chat, if it is ripe."""
        await self._hand_in(Release(chat))

    async def hand_back(self, chat: int) -> None:
        """Answer again in a chat that the office had taken."""
        await self._hand_in(HandBack(chat))

    async def run(self, job: Callable[[Unit], Awaitable[T]]) -> T:
        """Run a job of ours in the next transaction."""
        return cast(T, await self._hand_in(Job(job)))

    async def _hand_in(self, work: Work) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if self._queue.qsize() >= QUEUE_MAX:
            raise NotStoredError("the writer's queue is full")
        self._queue.put_nowait((work, future))
        return await future

    async def _work(self) -> None:
        """Take the turns of one batch while those before it are written."""
        under_way: dict[asyncio.Task[None], Chats] = {}
        while (handed_in := await self._next()) is not None:
            works = [work for work, _future in handed_in]
            batch, chats = self._foreseen(works), self._chats(works)
            while self._must_wait(chats, under_way.values()):
                done, _others = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del under_way[task]
                chats = self._chats(works)  # a new chat is known by its id once its first batch is committed
            under_way[asyncio.create_task(self._settle(handed_in, batch), name="commit")] = chats
            await asyncio.sleep(0)  # those who were just answered go first, and may hand in more
        if under_way:
            await asyncio.wait(under_way)

    def _chats(self, works: list[Work]) -> Chats:
        return {chat for work in works for chat in chats_of(work, self._desk.doors)}

    def _must_wait(self, chats: Chats, under_way: Collection[Chats]) -> bool:
        """Whether there is no room beside what is under way, or a chat of it would be spoken in twice at once."""
        if len(under_way) >= self._store.side_by_side:
            return True
        return any(not chats.isdisjoint(others) for others in under_way)

    async def _next(self) -> list[HandedIn] | None:
        """All that is queued, at most BATCH_MAX; None when the end was asked for."""
        first = await self._queue.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < BATCH_MAX and not self._queue.empty():
            more = self._queue.get_nowait()
            if more is None:
                self._queue.put_nowait(None)
                break
            batch.append(more)
        return batch

    def _foreseen(self, works: list[Work]) -> Batch:
        """A batch whose turns are being taken, as far as can be without the database."""
        batch = self._batch()
        try:
            batch.foresee(works)
        except Exception:  # noqa: BLE001  # it comes again in the transaction, where it is told and parked
            return self._batch()
        return batch

    def _batch(self) -> Batch:
        desk = self._desk
        return Batch(Unit(self._store.dialect, desk.vault, desk.ids, desk.clock()), desk, self.hands)

    async def _settle(self, handed_in: list[HandedIn], batch: Batch) -> None:
        works, began = [work for work, _future in handed_in], time.perf_counter()
        try:
            try:
                results = await self._transact(batch, works)
            except UnforeseenError:
                batch = self._batch()
                results = await self._transact(batch, works)
        except Exception as error:  # noqa: BLE001  # the loop that keeps the process alive
            if len(handed_in) > 1:
                for one in handed_in:
                    await self._settle([one], self._batch())
            else:
                await self._failed(*handed_in[0], error)
            return
        self.on_batch(len(handed_in))
        self.on_turns(batch.notes, time.perf_counter() - began)
        for (_work, future), result in zip(handed_in, results, strict=True):
            if not future.done():
                future.set_result(result)

    async def _transact(self, batch: Batch, works: list[Work]) -> list[Any]:
        try:
            async with self._store.begin() as trips:
                unit = batch.unit.within(trips)
                results = await batch.do(works)
                await audit.write(unit)
                await unit.finish()
        except BaseException:
            batch.give_up()
            raise
        self._committed(batch)
        return results

    def _committed(self, batch: Batch) -> None:
        batch.remember()
        for listener in self.on_commit:
            listener(batch.unit)
        batch.hands.begin(batch.taken)

    async def _failed(self, work: Work, future: asyncio.Future[Any], error: Exception) -> None:
        if isinstance(error, DBAPIError | OSError) and not isinstance(error, OUR_FAULT):
            self.on_failure("not-stored")
            log.error("not-stored", why=_reason(error), what_to_do=_advice(error))
            outcome: Exception | Receipt = NotStoredError(_reason(error))
        elif isinstance(work, Fetched | Release) and work.most > 1:
            await self._hear_apart(work, future)
            return
        else:
            self.on_failure("parked")
            log.error("parked", work=type(work).__name__, error=type(error).__name__, where=_where(error))
            outcome = error
            if isinstance(work, Arrival):
                outcome = await self._park(work, error)
            elif isinstance(work, Release):
                await self._park_waiting(work.chat, future, error)
                return
        if not future.done():
            if isinstance(outcome, Exception):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    async def _hear_apart(self, work: Fetched | Release, future: asyncio.Future[Any]) -> None:
        """One of those that waited can't be handled: keep the photo, and hear them one after the other."""
        alone = replace(work, most=1 if isinstance(work, Release) else 0)
        await self._settle([(alone, future)], self._batch())

    async def _park_waiting(self, chat: int, future: asyncio.Future[Any], error: Exception) -> None:
        async def park(unit: Unit) -> None:
            await park_waiting(unit, self._desk, chat, f"{type(error).__name__} at {_where(error)}")

        await self._settle([(Job(park), future)], self._batch())

    async def _park(self, arrival: Arrival, error: Exception) -> Exception | Receipt:
        """Keep the message with the reason, and tell the person; its conversation stays as it was."""
        try:
            async with self._store.begin() as trips:
                batch = self._batch()
                unit = batch.unit.within(trips)
                receipt = await batch.park(arrival, f"{type(error).__name__} at {_where(error)}")
                await audit.write(unit)
                await unit.finish()
        except Exception as failed:  # noqa: BLE001  # the loop that keeps the process alive
            log.error("not-parked", error=type(failed).__name__, where=_where(failed))
            return NotStoredError(_reason(failed))
        self._committed(batch)
        return receipt


def _ignore(_what: object) -> None:
    """Nobody counts."""


def _no_notes(_notes: list[Note], _seconds: float) -> None:
    """Nobody takes notes."""


def _reason(error: Exception) -> str:
    """The driver's own words about its state, without its details of rows and values, which may be personal."""
    if not isinstance(error, DatabaseError) or isinstance(error, OUR_FAULT) or error.orig is None:
        return type(error).__name__
    return str(error.orig.args[0]) if error.orig.args else type(error.orig).__name__


def _advice(error: Exception) -> str:
    reason = _reason(error).lower()
    if "full" in reason:
        return "The disk is full: free space, then people's messages come in again by themselves."
    if "locked" in reason:
        return "Another program holds the database: close it (a backup, a shell), then nothing more is needed."
    if "malformed" in reason or "not a database" in reason:
        return "The database file is damaged: stop Siaga, put back the last backup, and keep the damaged file."
    if "readonly" in reason or "unable to open" in reason:
        return "The database file can't be written: check its owner and its folder."
    return "The database doesn't answer: check that it runs and that the address in the settings is right."


def _where(error: Exception) -> str:
    """File and line in our code, without values."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
