"""The updates of an imitated Telegram: kept until getUpdates confirms them or a webhook answers 2xx.

Invariant: `update_id` grows by one; nothing is forgotten before it is confirmed, answered 2xx, or 24 hours old; within
a chat the order is that in which it happened. Source: core.telegram.org/bots/api#getting-updates.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from gateway.sandbox.telegram_limits import CONNECTIONS, POLL_S_MAX, UPDATE_KEPT_S, UPDATES_AT_ONCE_MAX
from gateway.sandbox.telegram_mischief import Mischief
from gateway.sandbox.telegram_wire import WORDS, Json, Refusal, Violation

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  bots/api#setwebhook
FIRST_ID = 700_001
RETRY_S_MAX = 60.0  # tdlib/telegram-bot-api WebhookActor.h: WEBHOOK_MAX_RESEND_TIMEOUT
ONLY_IF_ASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # bots/api#getupdates
ERROR_CHARS_MAX = 100
LOOK_S = 0.05
"""How soon a waiting getUpdates sees that what was held back is free."""

WEBHOOK_IS_SET = Refusal(
    409, "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
POLLED_TWICE = Refusal(
    409, "terminated by other getUpdates request; make sure that only one bot instance is running"
)  # fmt: skip


@dataclass
class Pending:
    update: Json
    lane: int
    at: float
    due_at: float
    tries: int = 0


@dataclass
class Webhook:
    url: str = ""
    secret: str | None = None
    connections: int = CONNECTIONS
    error: str | None = None
    error_at: float = 0.0


@dataclass
class Updates:
    clock: Callable[[], datetime]
    mischief: Mischief
    violations: list[Violation]
    webhook: Webhook = field(default_factory=Webhook)
    allowed: tuple[str, ...] = ()
    lost: int = 0
    """Updates that waited longer than Telegram keeps them."""

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._ids = itertools.count(FIRST_ID)
        self._pending: list[Pending] = []
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._polls = 0

    def add(self, kind: str, body: Json, lane: int, *, always: bool = False) -> int | None:
        """The update's id; None if the bot didn't ask for that kind. `lane` is the chat."""
        wanted = kind in self.allowed if self.allowed else kind not in ONLY_IF_ASKED
        if not (wanted or always):
            return None
        now = self._now()
        with self._lock:
            update_id = next(self._ids)
            self._pending.append(Pending({"update_id": update_id, kind: body}, lane, now, now))
        self._wake()
        return update_id

    def pending(self) -> int:
        """How many were neither confirmed nor answered 2xx."""
        now = self._now()
        with self._lock:
            fresh = [one for one in self._pending if one.at > now - UPDATE_KEPT_S]
            self.lost += len(self._pending) - len(fresh)
            self._pending = fresh
            return len(fresh)

    def drop(self) -> None:
        with self._lock:
            self._pending.clear()

    async def poll(
        self, offset: int | None, limit: int | None, timeout_s: int | None, allowed: list[str] | None
    ) -> list[Json] | Refusal:
        """getUpdates. The time-out passes by the real clock: a client really waits."""
        if self.webhook.url:
            return WEBHOOK_IS_SET
        if allowed is not None:
            self.allowed = tuple(allowed)
        self._confirm(offset or 0)
        self._polls = poll = self._polls + 1
        self._wake()  # whoever polled before learns that it isn't alone
        event = asyncio.Event()
        waiter = (asyncio.get_running_loop(), event)
        self._waiting.add(waiter)
        try:
            async with asyncio.timeout(min(timeout_s or 0, POLL_S_MAX)):
                while not (batch := self._batch(limit)):
                    await _soon(event)
                    if poll != self._polls:
                        return POLLED_TWICE
                return batch
        except TimeoutError:
            return []
        finally:
            self._waiting.discard(waiter)

    async def deliver(self, http: httpx.AsyncClient) -> int:
        """Once: post what is due to the webhook, chats side by side, a chat in order. How many were answered 2xx.
        Not to be awaited twice at the same time."""
        self.pending()
        if not self.webhook.url or self.mischief.held:
            return 0
        now = self._now()
        places = asyncio.Semaphore(self.webhook.connections)
        lanes: dict[int, list[Pending]] = {}
        with self._lock:
            for one in self._in_order(self._pending):
                lanes.setdefault(one.lane, []).append(one)
        counts = [self._deliver_lane(http, lane, places, now) for lane in lanes.values()]
        return sum(await asyncio.gather(*counts))

    async def _deliver_lane(
        self, http: httpx.AsyncClient, lane: list[Pending], places: asyncio.Semaphore, now: float
    ) -> int:
        for count, one in enumerate(lane):
            if one.due_at > now:
                return count
            async with places:
                posts = [self._post(http, one) for _ in range(self.mischief.repeats)]
                faults = [fault for fault in await asyncio.gather(*posts) if fault]
            if faults:
                self._failed(one, faults[0])
                return count
            with self._lock:
                if one in self._pending:  # not dropped meanwhile
                    self._pending.remove(one)
        return len(lane)

    async def _post(self, http: httpx.AsyncClient, one: Pending) -> str | None:
        """None: answered 2xx. Otherwise what getWebhookInfo will tell."""
        headers = {SECRET_HEADER: self.webhook.secret} if self.webhook.secret else {}
        try:
            response = await http.post(self.webhook.url, json=one.update, headers=headers)
        except httpx.TimeoutException:
            return "Read timeout expired"
        except httpx.HTTPError:
            return "Connection refused"
        if not response.is_success:
            words = WORDS.get(response.status_code, response.reason_phrase)
            return f"Wrong response from the webhook: {response.status_code} {words}"[:ERROR_CHARS_MAX]
        if b'"method"' in response.content:
            self.violations.append(Violation("webhook", "answered with a method: this imitation doesn't perform it"))
        return None

    def _failed(self, one: Pending, error: str) -> None:
        now = self._now()
        one.tries += 1
        one.due_at = now + min(2.0 ** (one.tries - 1), RETRY_S_MAX)
        self.webhook.error, self.webhook.error_at = error, now

    def _confirm(self, offset: int) -> None:
        with self._lock:
            if offset < 0:  # bots/api: "starting from -offset update from the end; previous will be forgotten"
                self._pending = self._pending[offset:]
            else:
                self._pending = [one for one in self._pending if one.update["update_id"] >= offset]

    def _batch(self, limit: int | None) -> list[Json]:
        self.pending()
        if self.mischief.held:
            return []
        most = min(max(limit or UPDATES_AT_ONCE_MAX, 1), UPDATES_AT_ONCE_MAX)
        with self._lock:
            told = self._in_order(self._pending[:most])
        return [one.update for one in told for _ in range(self.mischief.repeats)]

    def _in_order(self, found: Iterable[Pending]) -> list[Pending]:
        found = list(found)
        if not self.mischief.shuffled:
            return found
        lanes: dict[int, list[Pending]] = {}
        for one in found:
            lanes.setdefault(one.lane, []).append(one)
        places = [one.lane for one in found]
        self.mischief.chance.shuffle(places)
        return [lanes[lane].pop(0) for lane in places]

    def _wake(self) -> None:
        for loop, event in tuple(self._waiting):
            loop.call_soon_threadsafe(event.set)

    def _now(self) -> float:
        return self.clock().timestamp()


async def _soon(event: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), LOOK_S)
    event.clear()
