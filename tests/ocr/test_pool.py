"""Reading in other processes: what hangs is ended, what dies is replaced, and the web process stays small."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.ocr import Limits
from bot.ocr.pool import CardReader
from rules.card import Card, Unusable
from tests.ktp.samples import FOLDER, SERIALS, people

TODAY = date(2026, 11, 21)


def _hangs(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    """A worker whose Tesseract never ends; the photo says where to leave that process's number."""
    if photo == b"quick":
        return Unusable("not-an-image")
    asleep = subprocess.Popen(["sleep", "600"])
    Path(photo.decode()).write_text(str(asleep.pid))
    asleep.wait()
    return None


def _dies(photo: bytes, today: date, limits: Limits) -> Card | Unusable | None:
    """A worker that dies until the file named by the photo holds as many lines as its first line says."""
    seen = Path(photo.decode())
    with seen.open("a") as note:
        note.write("died\n")
    if len(seen.read_text().splitlines()) <= int(seen.suffix[1:]):
        os.kill(os.getpid(), signal.SIGKILL)
    return Unusable("dark")


async def test_several_photos_are_read_at_once() -> None:
    reader = CardReader(workers=2)

    cards = await asyncio.gather(*(reader.read((FOLDER / f"{name}.jpg").read_bytes(), TODAY) for name in SERIALS))
    await reader.close()

    numbers = [card.nik.value if isinstance(card, Card) and card.nik else None for card in cards]
    assert numbers == [people()[name].nik for name in SERIALS]


async def test_closing_answers_those_who_wait(tmp_path: Path) -> None:
    reader = CardReader(workers=1, how=_hangs)
    notes = [tmp_path / "first", tmp_path / "second"]
    waiting = [asyncio.create_task(reader.read(str(note).encode(), TODAY)) for note in notes]
    while not notes[0].exists():  # noqa: ASYNC110 - another process makes it
        await asyncio.sleep(0.02)

    await reader.close()

    assert await asyncio.gather(*waiting) == [None, None]


async def test_what_hangs_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    reader = CardReader(workers=1, limit_s=1.0, how=_hangs)
    note = tmp_path / "pid"

    assert await reader.read(str(note).encode(), TODAY) is None
    assert await _gone(int(note.read_text()))
    assert await reader.read(b"quick", TODAY) == Unusable("not-an-image")
    await reader.close()


@pytest.mark.parametrize(("deaths", "answer"), [(1, Unusable("dark")), (2, None)])
async def test_a_photo_is_tried_twice_and_no_more(tmp_path: Path, deaths: int, answer: Unusable | None) -> None:
    reader = CardReader(workers=1, how=_dies)
    note = tmp_path / f"deaths.{deaths}"

    assert await reader.read(str(note).encode(), TODAY) == answer
    assert len(note.read_text().splitlines()) == 2
    await reader.close()


async def test_too_many_bytes_start_no_worker() -> None:
    reader = CardReader(workers=1, limits=Limits(photo_bytes_max=10))

    assert await reader.read(bytes(11), TODAY) == Unusable("too-large")


def test_handing_over_photos_loads_nothing_heavy() -> None:
    heavy = "{'cv2', 'numpy', 'PIL', 'pytesseract', 'rapidfuzz'}"
    code = f"import sys, bot.ocr.pool; print(sorted({heavy} & set(sys.modules)))"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"


async def _gone(pid: int) -> bool:
    for _ in range(250):
        if not _runs(pid):
            return True
        await asyncio.sleep(0.02)
    return False


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
