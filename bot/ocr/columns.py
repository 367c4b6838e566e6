"""Which marks of a photo stand in a column: labels do, below each other, with the values in a column beside them.

Read first what is most likely a label, then leave out what stands where the values are: half of the reading is spared.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from bot.ocr.engine import Quad

ASIDE, BELOW = 1.8, 5.0
"""Heights of a mark: how far aside, for labels are indented, and how far below the next one of its column stands."""
COLUMN_MIN = 5
"""Marks of a column."""
VALUES = (4.0, 12.0)
"""Heights of a label from its left edge to that of its value, least and most."""
SAME_ROW = 0.6

Floats = NDArray[np.float64]


class Column(Struct, frozen=True):
    """Marks below each other, and all others that don't stand where their values would."""

    marks: tuple[Quad, ...]
    others: tuple[Quad, ...]


def left_column(marks: Sequence[Quad]) -> Column:
    """The leftmost column. Without any, all marks are others."""
    left, middle, height = _places(marks)
    columns = [column for column in _columns(left, middle, height) if len(column) >= COLUMN_MIN]
    if not columns:
        return Column((), tuple(marks))
    mine = min(columns, key=lambda column: float(np.median(left[column])))
    others = [
        at for at in range(len(marks))
        if at not in mine and not _is_value(left[at], middle[at], left[mine], middle[mine], height[mine])
    ]  # fmt: skip
    return Column(tuple(marks[at] for at in mine), tuple(marks[at] for at in others))


def _places(marks: Sequence[Quad]) -> tuple[Floats, Floats, Floats]:
    left = np.array([quad[[0, 3], 0].mean() for quad in marks], np.float64)
    middle = np.array([quad[[0, 3], 1].mean() for quad in marks], np.float64)
    height = np.array([np.linalg.norm(quad[3] - quad[0]) for quad in marks], np.float64)
    return left, middle, height


def _columns(left: Floats, middle: Floats, height: Floats) -> list[list[int]]:
    """Marks that are linked from one to the next."""
    aside, below = np.abs(left[:, None] - left), np.abs(middle[:, None] - middle)
    linked = (aside < ASIDE * height[:, None]) & (below < BELOW * height[:, None])
    waiting, columns = set(range(len(left))), list[list[int]]()
    while waiting:
        column, ends = list[int](), [waiting.pop()]
        while ends:
            at = ends.pop()
            column.append(at)
            near = [other for other in waiting if linked[at, other]]
            waiting.difference_update(near)
            ends += near
        columns.append(sorted(column))
    return columns


def _is_value(left: float, middle: float, lefts: Floats, middles: Floats, heights: Floats) -> bool:
    """Whether a mark stands where a label of the column has its value."""
    right_of = (left - lefts) / heights
    beside = np.abs(middle - middles) < SAME_ROW * heights
    return bool(np.any(beside & (right_of > VALUES[0]) & (right_of < VALUES[1])))
