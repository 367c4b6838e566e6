"""The card made straight: its picture, its lines of text, and the rows in which they stand.

The labels found in the photo say roughly how the card lies; the lines of the straight card then say how much it still
leans, and show labels that were missed.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from bot.ocr.engine import LATIN, Engine, Line, Pixels, Quad, middle_of
from bot.ocr.labels import Found
from bot.ocr.layout import NIK, PITCH, ROWS, VALUE_LEFT
from bot.ocr.locate import Matrix, back_of, corners_onto, straighten
from bot.ocr.ppocr import line_picture
from bot.ocr.rows import Grid, Label, find_labels, grid_of, label_part, without_colon
from bot.ocr.slant import levelling
from bot.ocr.upright import words_of
from bot.ocr.views import evened

SEARCH_SIDE = 1024
"""The straight card's width while its lines are searched."""
WIDER = 1.3
"""Values are read so much wider than they are printed. On 1,195 drawn lines (seeds "tune 50 0" to "tune 50 59" of
tests/ktp, four levels) 21 were read wrongly at 1.0, 12 at 1.2 to 1.4, and 13 at 1.5."""

LINES_FEW = 12
"""A card of 12 rows has more lines; where fewer are seen, its light is made even."""


class Straight(Struct, frozen=True):
    """`matrix` leads from the picture, a canonical card, to the photo; `lines` lie on the picture, `photo_lines`, all
    that were seen before, in the photo."""

    picture: Pixels
    matrix: Matrix
    lines: tuple[Quad, ...]
    photo_lines: tuple[Quad, ...]
    grid: Grid


def straight_card(photo: Pixels, found: Found, engine: Engine) -> Straight:
    """The card found in a photo, level, with the rows of all labels that can be seen."""
    matrix = found.matrix
    picture = straighten(photo, matrix)
    lines = tuple(engine.detect(picture, SEARCH_SIDE))
    is_dull = len(lines) < LINES_FEW
    if is_dull:
        picture = evened(picture)
        lines = tuple(engine.detect(picture, SEARCH_SIDE))
    level = levelling(lines, (NIK.left, NIK.middle, VALUE_LEFT, ROWS[-1].middle))
    if level is not None:
        matrix = matrix @ level
        picture = straighten(photo, matrix)
        picture = evened(picture) if is_dull else picture
        back = back_of(level)
        lines = tuple(corners_onto(back, line) for line in lines)
    labels = [*found.labels, *_missed(picture, lines, found.labels, engine)]
    grid = grid_of({label.row.name: label.middle for label in labels})
    return Straight(picture, matrix, lines, found.lines, grid)


def read_lines(card: Pixels, quads: Sequence[Quad], engine: Engine) -> list[Line]:
    """What the lines say, behind their colons."""
    said = engine.read([line_picture(card, quad, WIDER) for quad in quads], LATIN)
    return [without_colon(words_of(one, quad)) for (one,), quad in zip(said, quads, strict=True)]


def _missed(card: Pixels, lines: Sequence[Quad], labels: Sequence[Label], engine: Engine) -> list[Label]:
    """Labels that are seen only on the straight card."""
    missing = {row.name for row in ROWS} - {label.row.name for label in labels}
    if not missing:
        return []
    free = [line for line in lines if not any(abs(middle_of(line)[1] - label.middle) < PITCH / 3 for label in labels)]
    parts = [part for line in free if (part := label_part(line)) is not None]
    more = find_labels([line for line in read_lines(card, parts, engine) if line])
    return [label for label in more if label.row.name in missing]
