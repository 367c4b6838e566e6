"""Where the card lies in the photo, told by its printed labels: they stand on every card in the same places.

This finds flat scans, photocopies and cards on busy cloth, whose edges nothing else shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import cv2
import numpy as np
from msgspec import Struct

from bot.ocr.columns import left_column
from bot.ocr.engine import Engine, Pixels, Quad
from bot.ocr.layout import PITCH, ROWS, VALUE_LEFT
from bot.ocr.locate import CANONICAL, Matrix, back_of, corners_onto, onto
from bot.ocr.rows import LABELS_MIN, Label, find_labels
from bot.ocr.slant import height, length, slope_of
from bot.ocr.upright import Text, find_text, said_in, upside_down
from bot.ocr.views import View, views

SIDES = (736, 1280)
"""The photo's long side, in pixels, while labels are searched; the larger one if the card is small in it."""
ENOUGH = 8
"""Different labels with which it is not worth looking again; a card seen worse may show its lower half only."""
SHORT = 9.0
"""Length by height of the longest mark that may be a label alone."""
OFF_MAX = 12.0
"""Pixels of the photo that a label may be off."""
PAIRS_MIN = 5
DEPTH_MAX = 2.0
"""The farthest corner of a card by the nearest one, in their distances from the camera."""
BESIDE, SAME_ROW = 2.5, 0.45
"""Heights of a label: a mark at least so far right of its beginning, and at most so far above or below it."""
COLON = 18
"""The colon stands this many pixels of the canonical card before the values."""

Pair = tuple[tuple[float, float], tuple[float, float]]


class Found(Struct, frozen=True):
    """A card in the photo. `matrix` leads from the canonical card to the photo, `labels` lie on the canonical card and
    `lines`, all lines of text, in the photo; `others` is how many further cards there seem to be."""

    matrix: Matrix
    labels: tuple[Label, ...]
    lines: tuple[Quad, ...]
    others: int


def find_card(photo: Pixels, engine: Engine) -> Found | None:
    """The card by its labels, whichever way up; None if there are too few of them."""
    best: tuple[View, Text, list[Label]] | None = None
    for view, text in _texts(photo, engine):
        labels = _labels(view, text, engine)
        more = _names(labels) > _names(best[2]) if best is not None else _names(labels) >= LABELS_MIN
        if more and _go_down(labels):
            best = view, text, labels
        if best is not None and _names(best[2]) >= ENOUGH:
            break
    return _found(*best) if best is not None else None


def _texts(photo: Pixels, engine: Engine) -> Iterator[tuple[View, Text]]:
    """The photo's lines as they may be seen and stand, the likeliest first."""
    for view in views(photo):
        for side in SIDES if view.is_photo else SIDES[-1:]:
            upright = find_text(view.picture, side, engine)
            yield view, upright
            yield view, upside_down(view.picture, upright)


def _names(labels: Sequence[Label]) -> int:
    return len({label.row.name for label in labels})


def _labels(view: View, text: Text, engine: Engine) -> list[Label]:
    short = [quad for quad in text.quads if length(quad) < SHORT * height(quad)]
    column = left_column(short)
    lines = said_in(view.picture, text, column.marks, engine)
    if find_labels(lines):
        return find_labels(lines + said_in(view.picture, text, column.others, engine))
    # a photo of much that is no card isn't read again in every view
    return find_labels(said_in(view.picture, text, short, engine)) if view.is_photo else []


def _go_down(labels: Sequence[Label]) -> bool:
    """Whether they stand in their order from top to bottom: the engine reads some of them upside down, too."""
    at = [ROWS.index(label.row) for label in labels]
    return bool(np.polyfit(at, [label.middle for label in labels], 1)[0] > 0)


def _found(view: View, text: Text, labels: list[Label]) -> Found | None:
    lies = _lies(labels, text.quads)
    if lies is None:
        return None
    back = back_of(lies)
    placed = [_placed(label, back) for label in labels]
    mine: dict[str, Label] = {}
    for label in placed:
        near = mine.get(label.row.name)
        if near is None or abs(label.middle - label.row.middle) < abs(near.middle - near.row.middle):
            mine[label.row.name] = label
    seen = view.matrix @ text.matrix
    lines = tuple(corners_onto(seen, quad) for quad in text.quads)
    return Found(seen @ lies, tuple(mine.values()), lines, len(placed) - len(mine))


def _placed(label: Label, back: Matrix) -> Label:
    ((x, y),) = onto(back, np.array([[label.left, label.middle]]))
    return Label(label.row, float(x), float(y), label.height, label.value)


def _lies(labels: Sequence[Label], quads: Sequence[Quad]) -> Matrix | None:
    """From the canonical card to the upright frame. Rows are made level and columns upright; how far apart the rows
    are is taken from the photo, since a long value moves what is below it."""
    heights = _heights(labels)
    pairs = [((float(label.row.left), heights[label.row.name]), (label.left, label.middle)) for label in labels]
    slope = slope_of(quads)
    colons = list(_colons(labels, heights, quads, slope))
    if len(colons) >= PAIRS_MIN:
        view = _fitted(pairs + colons)
        if view is not None:
            return view
    should, stand = (np.array(points, np.float64) for points in zip(*pairs, strict=True))
    moved, _ = cv2.estimateAffinePartial2D(should, stand, method=cv2.RANSAC, ransacReprojThreshold=OFF_MAX)
    return None if moved is None else np.vstack([np.asarray(moved, np.float64), [0.0, 0.0, 1.0]])


def _fitted(pairs: Sequence[Pair]) -> Matrix | None:
    should, stand = (np.array(points, np.float64) for points in zip(*pairs, strict=True))
    view, _ = cv2.findHomography(should, stand, cv2.RANSAC, OFF_MAX)
    if view is None:
        return None
    found = np.asarray(view, np.float64)
    return found if _is_seen_so(found) else None


def _is_seen_so(view: Matrix) -> bool:
    """Whether a camera can see a card so: no corner much farther away than another."""
    far = np.column_stack([CANONICAL, np.ones(len(CANONICAL))]) @ view[2]
    return bool(far.min() * DEPTH_MAX > far.max() > 0)


def _heights(labels: Sequence[Label]) -> dict[str, float]:
    """Where each label's row lies on the canonical card: as in the photo, with the usual pitch made PITCH."""
    best = {label.row.name: label for label in labels}
    rows = [(at, best[row.name]) for at, row in enumerate(ROWS) if row.name in best]
    steps = [(below.middle - above.middle) / (to - at) for (at, above), (to, below) in pairwise(rows) if at > 0]
    pitch = float(np.median([step for step in steps if step > 0] or [PITCH]))
    scaled = {label.row.name: label.middle * PITCH / pitch for _, label in rows}
    shift = float(np.median([label.row.middle - scaled[label.row.name] for _, label in rows]))
    return {name: height + shift for name, height in scaled.items()}


def _colons(
    labels: Sequence[Label], heights: dict[str, float], quads: Sequence[Quad], slope: Callable[[float], float]
) -> Iterator[Pair]:
    """Where the colons should stand and where they do: at the left edge of the mark beside each label."""
    marks = [(float(quad[[0, 3], 0].mean()), float(quad[[0, 3], 1].mean())) for quad in quads]
    for label in labels:
        beside = [
            (left, middle) for left, middle in marks
            if left > label.left + BESIDE * label.height
            and abs(middle - label.middle - slope(label.middle) * (left - label.left)) < SAME_ROW * label.height
        ]  # fmt: skip
        if beside and label.row.name != "nik":  # its digits are larger and start elsewhere
            yield (VALUE_LEFT - COLON, heights[label.row.name]), min(beside)
