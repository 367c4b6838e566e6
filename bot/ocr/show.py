"""What the stages of the reader saw, drawn: the seam that `reading` hands down, and the pictures for a folder.

Invariant: who reads without being watched (`unseen`) pays nothing for it, and a watched reading gives the same card.
The pictures show a person's card, so only the owner may open them (mode 600).
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, get_args

import cv2
import numpy as np

from bot.ocr.engine import Engine, Pixels, Quad, Said
from bot.ocr.labels import Found
from bot.ocr.layout import PITCH, VALUE_LEFT
from bot.ocr.locate import CANONICAL, corners_onto

PICTURES_MAX = 12
"""Of one stage; what comes after them isn't drawn."""
QUALITY = 92
"""Of the JPEG files, 0 to 100."""

GREEN, RED, WHITE = (0, 150, 40), (200, 0, 60), (255, 255, 255)

Stage = Literal["opened", "text", "labels", "straight", "rows", "nik"]
STAGES: tuple[Stage, ...] = get_args(Stage)

Mark = tuple[str, Quad]
"""What was found at a place of the picture, or "" for the place alone."""


class Show(Protocol):
    """Is told what a stage saw: its picture (RGB) and what it found there. A stage may tell several pictures."""

    def __call__(self, stage: Stage, picture: Pixels, marks: Sequence[Mark] = ()) -> None: ...


def unseen(stage: Stage, picture: Pixels, marks: Sequence[Mark] = ()) -> None:
    """Nobody watches."""


class Album:
    """Draws what it is told into `folder`, as 1-opened.jpg, 2-text.jpg, 2-text-2.jpg and so on. The pictures that
    an earlier album left there go; nothing else is touched. Raises OSError where the folder can't be written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._drawn = folder, Counter[Stage]()
        for stage in STAGES:
            for number in range(1, PICTURES_MAX + 1):
                (folder / _file_name(stage, number)).unlink(missing_ok=True)

    def __call__(self, stage: Stage, picture: Pixels, marks: Sequence[Mark] = ()) -> None:
        self._drawn[stage] += 1
        if self._drawn[stage] <= PICTURES_MAX:
            _write(self._folder / _file_name(stage, self._drawn[stage]), drawn(picture, marks))

    def names(self) -> list[str]:
        """The files, in the order of the stages."""
        counts = ((stage, min(PICTURES_MAX, self._drawn[stage])) for stage in STAGES)
        return [_file_name(stage, number) for stage, count in counts for number in range(1, count + 1)]


class Watched:
    """An `Engine` that shows where the one behind it found text."""

    def __init__(self, engine: Engine, show: Show) -> None:
        self._engine, self._show = engine, show

    def detect(self, picture: Pixels, side: int) -> list[Quad]:
        quads = self._engine.detect(picture, side)
        self._show("text", picture, [("", quad) for quad in quads])
        return quads

    def read(self, lines: Sequence[Pixels], *alphabets: str) -> list[tuple[Said, ...]]:
        return self._engine.read(lines, *alphabets)


def marks_of(found: Found) -> list[Mark]:
    """The card's outline in the photo, and the labels that told it."""
    marks = [("", corners_onto(found.matrix, CANONICAL))]
    for label in found.labels:
        left, right, half = label.left, max(label.left + 1.0, VALUE_LEFT - 40.0), PITCH * 0.4
        corners = np.array(
            [[left, label.middle - half], [right, label.middle - half],
             [right, label.middle + half], [left, label.middle + half]], np.float32
        )  # fmt: skip
        marks.append((label.row.label, corners_onto(found.matrix, corners)))
    return marks


def drawn(picture: Pixels, marks: Sequence[Mark]) -> Pixels:
    """A copy of the picture with a frame around each mark and its text right of it: above and below stand others."""
    copy = np.ascontiguousarray(picture).copy()
    thick = max(1, round(max(copy.shape[:2]) / 700))
    for text, quad in marks:
        cv2.polylines(copy, [np.round(quad).astype(np.int32)], True, GREEN, thick, cv2.LINE_AA)
        at = round(float(quad[2, 0])) + 4 * thick, round(float(quad[2, 1])) - 6 * thick
        for colour, wide in ((WHITE, 3 * thick), (RED, thick)):  # a white rim, on whatever stands there
            cv2.putText(copy, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42 * thick, colour, wide, cv2.LINE_AA)
    return np.asarray(copy, np.uint8)


def _file_name(stage: Stage, number: int) -> str:
    return f"{STAGES.index(stage) + 1}-{stage}{'' if number == 1 else f'-{number}'}.jpg"


def _write(path: Path, picture: Pixels) -> None:
    _done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    # O_EXCL: never through a link that somebody laid there
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(jpeg.tobytes())
