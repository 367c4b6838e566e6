"""One signed question over HTTP to a partner's system, and its answer or the reason to try later.

How it is signed is the partner's own: `Sign` gives the headers of one try.

Invariant: whatever the network or the partner does ends as a value, in bounded time and size; the reason holds
nothing that was sent or received, only our own words, a status and the name of a fault.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import TypeVar

import httpx
import msgspec
from msgspec import Struct
from msgspec.structs import replace

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
ANSWERED = frozenset((200, 201, 202))
"""The statuses with which an answer of the contract comes, if a partner has no others."""

T = TypeVar("T")


class Nonsense(Struct, frozen=True):
    """The answer doesn't follow the contract; `where` names the field at most, never its value."""

    where: str


class Failed(Struct, frozen=True):
    """A try without an answer. `down`: the partner as a whole seems to be; `again`: a quick second try may help."""

    why: str
    after_s: float | None = None
    down: bool = True
    again: bool = False


class Question(Struct, frozen=True):
    """One question. `target` is path and query as sent; `key` tells a question that changes something from others, and
    is the same at each try; a try may take `try_s` seconds."""

    method: str
    target: str
    body: bytes
    key: str
    content_type: str
    try_s: float


Sign = Callable[[Question], Mapping[str, str]]
"""The headers of one try of a question."""


class Means(Struct, frozen=True):
    """What the client of any partner needs. `http` is shared and closed by the caller; `clock` is aware; `nonce` never
    gives the same twice; one try takes at most `try_s_max` seconds."""

    http: httpx.AsyncClient
    clock: Callable[[], datetime]
    chance: Random
    nonce: Callable[[], str]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    try_s_max: float = TRY_S_MAX


class Heard(Struct, frozen=True):
    status: int
    retry_after: str
    body: bytes | None  # None: too long, or packed though we asked for plain


class Partner:
    """A partner's system behind one base URL, such as "https://bpjs.example/api"."""

    def __init__(
        self, means: Means, base_url: str, *, name: str, sign: Sign, answered: frozenset[int] = ANSWERED,
        answer_bytes_max: int = ANSWER_BYTES_MAX, breaker: Breaker | None = None,
    ) -> None:  # fmt: skip
        self._means = means
        self._base_url = base_url.rstrip("/")
        self._name = name
        self._sign = sign
        self._answered = answered
        self._answer_bytes_max = answer_bytes_max
        self._breaker = breaker or Breaker()

    async def ask(
        self, method: str, path: str, parse: Callable[[bytes], T | Nonsense], *, body: bytes = b"", key: str = "",
        content_type: str = "application/json", try_s: float | None = None,
    ) -> T | TryLater:  # fmt: skip
        """Ask until there is an answer, but at most `TRIES_MAX` times. `key` is the idempotency key: a question that
        changes something may reach the partner twice. `try_s`: one try may take so long, for a body of megabytes."""
        question = Question(method, path, body, key, content_type, try_s or self._means.try_s_max)
        failed: TryLater | None = None
        for tries in range(1, TRIES_MAX + 1):
            if not self._breaker.lets_through(self._means.clock()):
                return failed or self._rests()
            answer = await self._try(question, parse)
            if not isinstance(answer, Failed):
                self._breaker.answered()
                return answer
            self._note(answer)
            failed = TryLater(answer.why, answer.after_s, at_least=answer.after_s is not None)
            if not answer.again or tries == TRIES_MAX:
                return failed
            await self._means.sleep(backoff_s(tries, self._means.chance))
        raise AssertionError("the last try returns")

    def _rests(self) -> TryLater:
        rest_s = self._breaker.rest_s(self._means.clock())
        return TryLater(f"{self._name} rests after failures in a row", rest_s)

    def _note(self, failed: Failed) -> None:
        if failed.down:
            self._breaker.failed(self._means.clock())
        else:
            self._breaker.answered()

    async def _try(self, question: Question, parse: Callable[[bytes], T | Nonsense]) -> T | Failed:
        try:
            async with asyncio.timeout(question.try_s):
                heard = await self._exchange(question)
        except (httpx.RequestError, TimeoutError) as fault:
            return Failed(f"{self._name} can't be reached: {type(fault).__name__}", again=True)
        if heard.status not in self._answered:
            return self._unanswered(heard)
        answer = parse(heard.body) if heard.body is not None else Nonsense("the whole: too long or packed")
        if isinstance(answer, Nonsense):
            return Failed(f"nonsense from {self._name}: the answer breaks the contract at {answer.where}")
        return answer

    async def _exchange(self, question: Question) -> Heard:
        url = self._base_url + question.target
        request = self._means.http.build_request(question.method, url, content=question.body, timeout=TIME_LIMITS)
        if question.body:
            request.headers["Content-Type"] = question.content_type
        signed = replace(question, target=request.url.raw_path.decode("ascii"))
        request.headers.update(self._sign(signed))
        return await self._send(request)

    async def _send(self, request: httpx.Request) -> Heard:
        request.headers["Accept-Encoding"] = "identity"
        response = await self._means.http.send(request, stream=True, follow_redirects=False)
        try:
            body = await _bounded(response, self._answer_bytes_max)
            return Heard(response.status_code, response.headers.get("Retry-After", ""), body)
        finally:
            await response.aclose()

    def _unanswered(self, heard: Heard) -> Failed:
        after_s = retry_after_s(heard.retry_after, self._means.clock())
        status = f"{self._name} answered {heard.status}"
        if heard.status >= 500:
            return Failed(status, after_s, again=after_s is None)
        if heard.status in (401, 403):
            return Failed(
                f"{status}: our signature is refused; check this machine's clock, the shared secret and the client id",
                after_s,
                down=False,
            )
        if heard.status == 429:
            return Failed(f"{status}: too many questions", after_s, down=False)
        return Failed(f"{status}: it doesn't take our question; compare the contract", after_s, down=False)


def by_secret(client_id: str, secret: str, means: Means) -> Sign:
    """Signs as `gateway.signing` does, with a shared secret; the key is an idempotency key."""

    def sign(question: Question) -> Mapping[str, str]:
        signed = signed_headers(
            secret, question.method, question.target, question.body, now=means.clock(), nonce=means.nonce()
        )
        named = {IDEMPOTENCY_KEY: question.key} if question.key else {}
        return {**named, CLIENT_ID: client_id, **signed}

    return sign


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


def decoded(decode: Callable[[bytes], T], body: bytes) -> T | Nonsense:
    """What a decoder of msgspec makes of a body."""
    try:
        return decode(body)
    except msgspec.ValidationError as fault:
        # The message may quote the foreign value; only its last part, the path of the field, is ours.
        return Nonsense(str(fault).rpartition(" - at ")[2].strip("`") if " - at " in str(fault) else "the whole")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Nonsense("the whole: not JSON")
    except RecursionError:  # of a field that isn't ours, and holds lists in lists without end
        return Nonsense("the whole: too deep")


async def _bounded(response: httpx.Response, bytes_max: int) -> bytes | None:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        return None
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > bytes_max:
            return None
    return bytes(body)
