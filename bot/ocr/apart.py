"""HEIC, PDF and very large JPEG -> picture, made by `render` in a process of its own with limits.

Invariant: whatever a file does to the libraries that read it, this process neither crashes, nor fills its memory, nor
waits for ever: the child has `Limits.apart_s` and `Limits.apart_bytes_max`, and is given no environment. It is in
the group of its parent, so that `pool` kills both.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from bot.ocr.limits import Limits
from bot.ocr.render import TOO_LARGE, Kind, Made
from rules.card import Unusable

PROGRAM = Path(__file__).with_name("render.py")
WAIT = 2
"""So many times `Limits.apart_s` by the clock on the wall, for a machine that is busy."""
HEAD_MAX = 64
"""Bytes of the line before the pixels."""


def make_apart(file: bytes, kind: Kind, side: int, pixels_max: int, limits: Limits) -> Made | Unusable:
    """The picture as RGB, no side longer than `side`, and how many pixels wide it is in the file."""
    allowed = (side, pixels_max, limits.apart_bytes_max, limits.apart_s)
    try:
        done = subprocess.run(  # noqa: S603 - our own program; what the stranger sent goes to its stdin
            [sys.executable, "-I", str(PROGRAM), kind, *map(str, allowed)],
            input=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=WAIT * limits.apart_s,
            env={"MALLOC_ARENA_MAX": "1"}, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Unusable("too-large")
    if done.returncode in (TOO_LARGE, -signal.SIGXCPU, -signal.SIGKILL):
        return Unusable("too-large")
    return picture_from(done.stdout, side) if done.returncode == 0 else Unusable("not-an-image")


def picture_from(made: bytes, side: int) -> Made | Unusable:
    """What the child wrote. It has read a stranger's file, so it isn't believed blindly."""
    head, _, pixels = made.partition(b"\n")
    try:
        width, wide, high = map(int, head[:HEAD_MAX].split())
    except ValueError:
        return Unusable("not-an-image")
    if not (0 < wide <= side and 0 < high <= side and wide <= width and len(pixels) == wide * high * 3):
        return Unusable("not-an-image")
    return Image.frombytes("RGB", (wide, high), pixels), width
