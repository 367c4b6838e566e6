"""People who enrol on Telegram as fast as they are answered: Telegram's webhooks over 64 kept connections.

Each sends the next of their messages (bench/stories.py) once the last was answered 200 and, where the standard input
tells it (a line with the number of whoever was answered), once the bot has said something to it. Bodies are prepared,
the HTTP is the least that does, so that what is measured is the server. Prints one line: updates/s, the milliseconds
to a 200 in the median and at the 99th percentile, and the microseconds of processor time that the server spent on an
update, which say more than the clock where the machine is shared. Anything but a 200 ends it.

Run by bench/webhooks.py, a process of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections import Counter
from pathlib import Path

from bench.bot_api import whole
from bench.stories import FIRST, SENT_AT, STORIES, WARM_UP, Story, updates

IN_FLIGHT = WARM_UP
PATH, SECRET = "/hooks/telegram", "a-secret-of-the-bench"
START_S, RUN_S = 60.0, 600.0


class Line(asyncio.Protocol):
    """One connection, one request at a time."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._answer: asyncio.Future[int]
        self._out: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._out = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if hasattr(self, "_answer") and not self._answer.done():
            self._answer.set_exception(ConnectionResetError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._heard += data
        length = whole(self._heard)
        if length is not None:
            status = int(self._heard[9:12])
            del self._heard[:length]
            self._answer.set_result(status)

    def post(self, request: bytes) -> asyncio.Future[int]:
        """Its status, once it is answered."""
        self._answer = asyncio.get_running_loop().create_future()
        self._out.write(request)
        return self._answer


class Answers(asyncio.Protocol):
    """Who was answered, and how often."""

    def __init__(self) -> None:
        self._count: Counter[int] = Counter()
        self._waiting: dict[int, tuple[int, asyncio.Future[None]]] = {}
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for person in map(int, lines):
            self._count[person] += 1
            wanted, answered = self._waiting.get(person, (0, None))
            if answered is not None and self._count[person] >= wanted:
                del self._waiting[person]
                answered.set_result(None)

    async def wait(self, person: int, times: int) -> None:
        if self._count[person] < times:
            answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[person] = times, answered
            await answered


class Crowd:
    """`answers`: None where a 200 means that the answer is given, too."""

    def __init__(self, lines: list[Line], answers: Answers | None, story: Story) -> None:
        self._lines, self._answers, self._updates = lines, answers, updates(story)
        self.took_s: list[float] = []

    async def enrol(self, first: int, people: int) -> float:
        """Updates a second. The people are numbered from `first`."""
        self.took_s = []
        prepared = {
            person: [_request(body) for body in self._updates(person)] for person in range(first, first + people)
        }
        waiting = iter(prepared.items())

        async def one_after_another(line: Line) -> None:
            for person, requests in waiting:
                await self._one(line, person, requests)

        began = time.perf_counter()
        await asyncio.gather(*map(one_after_another, self._lines))
        return len(self.took_s) / (time.perf_counter() - began)

    async def _one(self, line: Line, person: int, requests: list[bytes]) -> None:
        for number, request in enumerate(requests, 1):
            began = time.perf_counter()
            status = await line.post(request.replace(b"%d" % SENT_AT, b"%d" % time.time()))
            self.took_s.append(time.perf_counter() - began)
            if status != 200:
                raise RuntimeError(f"message {number} was answered {status}")
            if self._answers is not None:
                await self._answers.wait(person, number)


def _request(body: bytes) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _lines(port: int) -> list[Line]:
    """Connections to the server, once it is up."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(START_S):
        while True:
            try:
                return [(await loop.create_connection(Line, "127.0.0.1", port))[1] for _ in range(IN_FLIGHT)]
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)


def _worked_s(pid: int) -> float:
    """Seconds of processor time that a process has used, all its threads together; Linux tells them in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def main() -> None:
    """With the arguments of the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, required=True)
    asked.add_argument("--pid", type=int, required=True, help="of the server")
    asked.add_argument("--people", type=int, default=512)
    asked.add_argument("--story", choices=STORIES, required=True)
    asked.add_argument("--answers", action="store_true", help="the standard input tells who was answered")
    options = asked.parse_args()
    answers: Answers | None = None
    if options.answers:
        _pipe, answers = await asyncio.get_running_loop().connect_read_pipe(Answers, sys.stdin)
    async with asyncio.timeout(RUN_S):
        crowd = Crowd(await _lines(options.port), answers, STORIES[options.story])
        await crowd.enrol(1, WARM_UP)  # to warm up
        worked_s = _worked_s(options.pid)
        rate = await crowd.enrol(FIRST, options.people)
        worked_s = _worked_s(options.pid) - worked_s
    took_ms = sorted(1000 * took for took in crowd.took_s)
    print(rate, took_ms[len(took_ms) // 2], took_ms[len(took_ms) * 99 // 100], 1e6 * worked_s / len(took_ms))
