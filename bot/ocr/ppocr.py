"""PP-OCR v6 (small) through ONNX Runtime: where text stands in a picture, and what it says.

The models are files inside the wheel of `rapidocr` (Apache-2.0); nothing is downloaded. Detection: Liao et al.,
Real-time Scene Text Detection with Differentiable Binarization (2020); recognition: CTC. Invariant: the same picture
gives the same text; no picture whatever makes it raise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from bot.ocr.engine import Letter, Pixels, Quad, Said
from bot.ocr.faint import FAINT, faint_between
from bot.ocr.slant import as_long_line

Probabilities = NDArray[np.float32]

INK_MIN, LINE_MIN = 0.3, 0.5
"""Probability from which a pixel counts as text, and mean probability of a line that is kept."""
GROWN = 1.6
"""The model marks the core of a line; the line is this much larger (area by circumference)."""
LINES_MAX = 160
AREA_MAX = 840_000
"""Pixels of the picture that is searched: each costs about 180 bytes while it is."""
STRIDE = 32
"""Sides of the picture that is searched are multiples of this."""
SHORT_MIN = 3.0
LINE_HEIGHT, LINE_WIDTH_MAX = 48, 1600
"""Pixels of a line as the recogniser wants it."""
BATCH, BATCH_WIDTH_MAX = 4, 3200
"""Lines that are read at once, and their width in pixels, all made as wide as the widest: it is what memory costs."""


class PpOcr:
    """Both models, loaded once; `threads` of the machine for one call."""

    def __init__(self, threads: int) -> None:
        folder = models()
        self._detector = _session(folder / "PP-OCRv6_det_small.onnx", threads)
        self._recogniser = _session(folder / "PP-OCRv6_rec_small.onnx", threads)
        names = self._recogniser.get_modelmeta().custom_metadata_map["character"].split("\n")
        self._letters = ["", *names, " "]
        self._known: dict[str, list[int]] = {}

    def detect(self, picture: Pixels, side: int) -> list[Quad]:
        """The lines of text in a picture (RGB), searched with its long side made `side` pixels, or less."""
        ratio = min(side / max(picture.shape[:2]), (AREA_MAX / (picture.shape[0] * picture.shape[1])) ** 0.5)
        height, width = (max(STRIDE, round(length * ratio / STRIDE) * STRIDE) for length in picture.shape[:2])
        small = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
        ink = self._detector.run(None, {"x": _normal(np.asarray(small, np.uint8))[None]})[0][0, 0]
        scale = np.array([picture.shape[1] / width, picture.shape[0] / height], np.float32)
        return [quad * scale for quad in _lines(ink)]

    def read(self, lines: Sequence[Pixels], *alphabets: str) -> list[tuple[Said, ...]]:
        """What each straight picture of one line says, once in letters of each of the alphabets."""
        order = sorted(range(len(lines)), key=lambda at: lines[at].shape[1])
        said: list[tuple[Said, ...]] = [()] * len(lines)
        for some in _batches(order, [line.shape[1] for line in lines]):
            for at, probable in zip(some, self._probable([lines[at] for at in some]), strict=True):
                said[at] = tuple(self._said(probable, alphabet) for alphabet in alphabets)
        return said

    def _probable(self, lines: Sequence[Pixels]) -> Iterator[Probabilities]:
        """For each line its steps x letters; what a shorter line was filled up with is left out."""
        width = max(line.shape[1] for line in lines)
        batch = np.zeros((len(lines), 3, LINE_HEIGHT, width), np.float32)
        for place, line in enumerate(lines):
            batch[place, :, :, : line.shape[1]] = _normal(line)
        for line, probable in zip(lines, self._recogniser.run(None, {"x": batch})[0], strict=True):
            yield probable[: max(1, round(len(probable) * line.shape[1] / width))]

    def _said(self, probable: Probabilities, alphabet: str) -> Said:
        columns = self._columns(alphabet)
        return _letters(probable[:, columns], [self._letters[column] for column in columns])

    def _columns(self, alphabet: str) -> list[int]:
        if alphabet not in self._known:
            wanted = set(alphabet)
            self._known[alphabet] = [0, *(at for at, letter in enumerate(self._letters) if letter in wanted)]
        return self._known[alphabet]


def _batches(order: Sequence[int], widths: Sequence[int]) -> Iterator[list[int]]:
    """Lines, from the narrowest to the widest, by their numbers."""
    some: list[int] = []
    for at in order:
        if some and (len(some) == BATCH or (len(some) + 1) * widths[at] > BATCH_WIDTH_MAX):
            yield some
            some = []
        some.append(at)
    if some:
        yield some


def models() -> Path:
    """The folder with the models, inside the wheel."""
    found = find_spec("rapidocr")
    assert found is not None and found.origin is not None, "rapidocr is a dependency"
    return Path(found.origin).parent / "models"


def line_picture(picture: Pixels, quad: Quad, wider: float = 1.0) -> Pixels:
    """The line, straight, LINE_HEIGHT pixels high. Made `wider`, narrow letters and stops get more of its steps."""
    wide = float(np.linalg.norm(quad[1] - quad[0]) + np.linalg.norm(quad[2] - quad[3])) / 2
    tall = float(np.linalg.norm(quad[3] - quad[0]) + np.linalg.norm(quad[2] - quad[1])) / 2
    width = int(np.clip(round(wider * wide * LINE_HEIGHT / max(tall, 1.0)), 8, LINE_WIDTH_MAX))
    goal = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT], [0, LINE_HEIGHT]], np.float32)
    view = cv2.getPerspectiveTransform(quad.astype(np.float32), goal)
    flat = cv2.warpPerspective(
        picture, view, (width, LINE_HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.uint8)


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.enable_cpu_mem_arena = options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _normal(picture: Pixels) -> NDArray[np.float32]:
    """Channels first, blue before red, -1 to 1, as the models were trained."""
    return np.ascontiguousarray((picture[..., ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1))


def _lines(ink: Probabilities) -> list[Quad]:
    mask = cv2.dilate((ink > INK_MIN).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = (_line(np.asarray(contour, np.int32), ink) for contour in contours[:LINES_MAX])
    return [quad for quad in found if quad is not None]


def _line(contour: NDArray[np.int32], ink: Probabilities) -> Quad | None:
    middle, (wide, tall), angle = cv2.minAreaRect(contour)
    if min(wide, tall) < SHORT_MIN:
        return None
    x, y, width, height = cv2.boundingRect(contour)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [contour - np.array([x, y])], 1)
    if cv2.mean(ink[y : y + height, x : x + width], inside)[0] < LINE_MIN:
        return None
    grown = wide * tall * GROWN / (2 * (wide + tall))
    return as_long_line(np.asarray(cv2.boxPoints((middle, (wide + 2 * grown, tall + 2 * grown), angle)), np.float32))


def _letters(probable: Probabilities, names: Sequence[str]) -> Said:
    """CTC: the best letter of each step; repeats, and the blank in column 0, are left out, and what is faint between
    two letters is looked for again."""
    best, sure = probable.argmax(axis=1), probable.max(axis=1)
    said: list[Letter] = []
    last = 0
    for letter, run in groupby(range(len(best)), key=lambda step: int(best[step])):
        steps = list(run)
        if not letter:
            continue
        following = names[letter]
        faint = faint_between(said, following, _sights(probable[last : steps[0] + 1], names)) if said else None
        if faint is not None:
            said.append(Letter(*faint, (last + steps[0] + 1) / 2 / len(best)))
        said.append(Letter(following, float(sure[steps].max()), (steps[0] + 0.5) / len(best)))
        last = steps[-1]
    return tuple(said)


def _sights(between: Probabilities, names: Sequence[str]) -> dict[str, float]:
    """How well each of the faint letters is seen at its best step."""
    return {name: float(between[:, names.index(name)].max()) for name in FAINT if name in names}
