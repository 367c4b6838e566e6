"""One signed question over HTTP to a partner's system, and its answer or the reason to try later.

Invariant: whatever the network or the partner does ends as a value, in bounded time and size; the reason holds
nothing that was sent or received, only our own words, a status and the name of a fault.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import TypeVar

import httpx
from msgspec import Struct

from gateway.breaker import Breaker, backoff_s
from gateway.signing import CLIENT_ID, signed_headers
from rules.bpjs import TryLater

TRIES_MAX = 3
"""Quick tries within one call; the patient ones are the outbox's."""

TRY_S_MAX = 15.0
"""One try from first to last byte, also when the bytes come in drops."""

TIME_LIMITS = httpx.Timeout(connect=3.0, read=10.0, write=10.0, pool=3.0)
ANSWER_BYTES_MAX = 256 * 1024
"""A page of a statement is the longest."""
RETRY_AFTER_S_MAX = 24 * 3600.0

IDEMPOTENCY_KEY = "Idempotency-Key"

T = TypeVar("T")


class Nonsense(Struct, frozen=True):
    """The answer doesn't follow the contract; `where` names the field at most, never its value."""

    where: str


class _Failed(Struct, frozen=True):
    """A try without an answer. `down`: the partner as a whole seems to be; `again`: a quick second try may help."""

    why: str
    after_s: float | None = None
    down: bool = True
    again: bool = False


class _Question(Struct, frozen=True):
    method: str
    path: str
    body: bytes
    key: str
    content_type: str
    try_s: float


class _Heard(Struct, frozen=True):
    status: int
    retry_after: str
    body: bytes | None  # None: too long, or packed though we asked for plain


class Partner:
    """A partner's system behind one base URL, such as "https://bpjs.example/api". The caller closes `http`."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        base_url: str,
        *,
        name: str,
        client_id: str,
        secret: str,
        clock: Callable[[], datetime],
        chance: Random,
        nonce: Callable[[], str],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        breaker: Breaker | None = None,
        try_s_max: float = TRY_S_MAX,
    ) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._name = name
        self._client_id = client_id
        self._secret = secret
        self._clock = clock
        self._chance = chance
        self._nonce = nonce
        self._sleep = sleep
        self._breaker = breaker or Breaker()
        self._try_s_max = try_s_max

    async def ask(
        self, method: str, path: str, parse: Callable[[bytes], T | Nonsense], *, body: bytes = b"", key: str = "",
        content_type: str = "application/json", try_s: float | None = None,
    ) -> T | TryLater:  # fmt: skip
        """Ask until there is an answer, but at most `TRIES_MAX` times. `key` is the idempotency key: a question that
        changes something may reach the partner twice. `try_s`: one try may take so long, for a body of megabytes."""
        question = _Question(method, path, body, key, content_type, try_s or self._try_s_max)
        failed: TryLater | None = None
        for tries in range(1, TRIES_MAX + 1):
            if not self._breaker.lets_through(self._clock()):
                return failed or self._rests()
            answer = await self._try(question, parse)
            if not isinstance(answer, _Failed):
                self._breaker.answered()
                return answer
            self._note(answer)
            failed = TryLater(answer.why, answer.after_s)
            if not answer.again or tries == TRIES_MAX:
                return failed
            await self._sleep(backoff_s(tries, self._chance))
        raise AssertionError("the last try returns")

    def _rests(self) -> TryLater:
        rest_s = self._breaker.rest_s(self._clock())
        return TryLater(f"{self._name} rests after failures in a row", rest_s, tried=False)

    def _note(self, failed: _Failed) -> None:
        if failed.down:
            self._breaker.failed(self._clock())
        else:
            self._breaker.answered()

    async def _try(self, question: _Question, parse: Callable[[bytes], T | Nonsense]) -> T | _Failed:
        try:
            async with asyncio.timeout(question.try_s):
                heard = await self._exchange(question)
        except (httpx.RequestError, TimeoutError) as fault:
            return _Failed(f"{self._name} can't be reached: {type(fault).__name__}", again=True)
        if heard.status not in (200, 201, 202):
            return self._unanswered(heard)
        answer = parse(heard.body) if heard.body is not None else Nonsense("the whole: too long or packed")
        if isinstance(answer, Nonsense):
            return _Failed(f"nonsense from {self._name}: the answer breaks the contract at {answer.where}")
        return answer

    async def _exchange(self, question: _Question) -> _Heard:
        method, body = question.method, question.body
        request = self._http.build_request(method, self._base_url + question.path, content=body, timeout=TIME_LIMITS)
        request.headers["Accept-Encoding"] = "identity"
        if body:
            request.headers["Content-Type"] = question.content_type
        if question.key:
            request.headers[IDEMPOTENCY_KEY] = question.key
        request.headers[CLIENT_ID] = self._client_id
        target = request.url.raw_path.decode("ascii")
        request.headers.update(
            signed_headers(self._secret, method, target, body, now=self._clock(), nonce=self._nonce())
        )
        response = await self._http.send(request, stream=True, follow_redirects=False)
        try:
            return _Heard(response.status_code, response.headers.get("Retry-After", ""), await _bounded(response))
        finally:
            await response.aclose()

    def _unanswered(self, heard: _Heard) -> _Failed:
        after_s = retry_after_s(heard.retry_after, self._clock())
        status = f"{self._name} answered {heard.status}"
        if heard.status >= 500:
            return _Failed(status, after_s, again=after_s is None)
        if heard.status in (401, 403):
            return _Failed(
                f"{status}: our signature is refused; check this machine's clock, the shared secret and the client id",
                after_s,
                down=False,
            )
        if heard.status == 429:
            return _Failed(f"{status}: too many questions", after_s, down=False)
        return _Failed(f"{status}: it doesn't take our question; compare the contract", after_s, down=False)


def retry_after_s(header: str, now: datetime) -> float | None:
    """The partner's wish in seconds, from seconds or an HTTP date (RFC 9110, 10.2.3); None if there is none."""
    if re.fullmatch(r"[0-9]{1,9}", header):
        return min(float(header), RETRY_AFTER_S_MAX)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), RETRY_AFTER_S_MAX)


async def _bounded(response: httpx.Response) -> bytes | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > ANSWER_BYTES_MAX:
            return None
    return bytes(body)
