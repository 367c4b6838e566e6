"""A service started as `make run` starts it, and Debian's Chromium as a small phone in front of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from msgspec import Struct
from playwright.sync_api import Browser, Page, sync_playwright

from tests.ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PHONE = (320, 568)
START_S, STOP_S = 60.0, 15.0


class Siaga(Struct, frozen=True):
    """Where it can be reached, and the file with what it prints."""

    web: str
    bpjs: str
    printed: Path


@pytest.fixture
def siaga(tmp_path: Path) -> Iterator[Siaga]:
    """Runs `python -m bot try` on ports of its own. Afterwards Ctrl-C must end it and its sandbox."""
    web_port, bpjs_port, plkk_port = free_ports(3)
    made = Siaga(f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{bpjs_port}", tmp_path / "printed.txt")
    given = {
        "SIAGA_DATABASE__URL": f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}",
        "SIAGA_SECRET__FILE": str(tmp_path / "secret.key"),
        "SIAGA_WEB__PORT": str(web_port),
        "SIAGA_BPJS__URL": made.bpjs,
        "SIAGA_PLKK__URL": f"http://127.0.0.1:{plkk_port}",
    }
    with started(["try"], given, made):
        yield made
    assert not answers(made.bpjs), "the sandbox outlives the service"


@contextmanager
def started(command: list[str], given: dict[str, str], siaga: Siaga) -> Iterator[None]:
    """`python -m bot …` with these settings and no others. Ctrl-C must end it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIAGA_")} | given
    with siaga.printed.open("w") as printed:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *command],
            cwd=ROOT,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_well(siaga, process)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            ended = _ended(process)
    assert ended == 0, f"Ctrl-C ended it with {ended}:\n{siaga.printed.read_text()}"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET, headless=True)
        yield chromium
        chromium.close()


@pytest.fixture
def phone(browser: Browser, siaga: Siaga) -> Page:
    """A page the size of a small phone, before it has been anywhere."""
    context = browser.new_context(viewport={"width": PHONE[0], "height": PHONE[1]}, base_url=siaga.web, locale="id-ID")
    return context.new_page()


def _wait_until_well(siaga: Siaga, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_S
    while not answers(f"{siaga.web}/healthz"):
        if process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"the service doesn't start:\n{siaga.printed.read_text()}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    """Whether somebody is there."""
    try:
        return httpx.get(address, timeout=2).status_code < 500
    except httpx.TransportError:
        return False


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    try:
        return process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return None
