"""The reader: joins the stages from bytes to a card. Deterministic.

Invariant: the one worst fault is named, in the order of what the person must do about it.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from bot.ocr import judge
from bot.ocr.check import is_read_well, with_doubts, with_words_doubted
from bot.ocr.engine import Engine, Pixels, SecondOpinion
from bot.ocr.fields import read_card
from bot.ocr.labels import Found, find_card
from bot.ocr.layout import HEIGHT, NIK, ROWS, VALUE_LEFT, VALUE_RIGHT, WIDTH
from bot.ocr.limits import Limits
from bot.ocr.locate import CANONICAL, Corners, Matrix, card_shapes, matrix_of, onto, straighten
from bot.ocr.open import open_photo
from bot.ocr.rows import LABELS_MIN
from bot.ocr.show import Show, marks_of, unseen
from bot.ocr.straight import Straight, straight_card
from bot.ocr.unfound import runs_out, why_not_found
from rules.card import Card, Unusable

LONG_MAX = 6.0
"""Length by width of a photo, above which it is a strip."""
ASIDE_MAX = 0.08
"""Of the card's width: a corner farther outside of the photo means that the card is cut off."""
VALUES_ASIDE_MAX = 0.03
"""The same for the corners of the values: a name or an address may go on where the photo ends."""
VALUES: Corners = np.array(
    [[x, y] for y in (NIK.middle, ROWS[-3].middle) for x in (VALUE_LEFT, VALUE_RIGHT)], np.float32
)  # fmt: skip


def read_photo(
    photo: bytes, today: date, limits: Limits, engine: Engine, second: SecondOpinion, show: Show = unseen
) -> Card | Unusable:
    """See `bot.ocr.read`. `show` is told what every stage saw."""
    opened = open_photo(photo, limits)
    if isinstance(opened, Unusable):
        return opened
    pixels, scale = opened
    show("opened", pixels)
    unfit = _unfit(pixels, scale, limits)
    if unfit is not None:
        return unfit
    found = find_card(pixels, engine)
    show("labels", pixels, marks_of(found) if found is not None and show is not unseen else ())
    fault = _fault(pixels, found, scale, limits, engine)
    if found is None or fault is not None:
        return fault or Unusable("not-a-ktp")
    card = straight_card(pixels, found, engine)
    show("straight", card.picture)
    width = _width(card.matrix) * scale
    if width < limits.card_width_least:
        return Unusable("too-small")
    read = with_doubts(read_card(pixels, card, scale, engine, second, limits, show), today)
    return _judged(pixels, card, width, read, limits)


def _unfit(pixels: Pixels, scale: float, limits: Limits) -> Unusable | None:
    """What is seen before anything is searched."""
    if min(pixels.shape[:2]) * scale < limits.short_side_min or min(pixels.shape[:2]) < 2:
        return Unusable("too-small")
    if max(pixels.shape[:2]) > LONG_MAX * min(pixels.shape[:2]):
        return Unusable("not-a-ktp")
    return Unusable("dark") if judge.is_dark(pixels) else None


def _judged(pixels: Pixels, card: Straight, width: float, read: Card, limits: Limits) -> Card | Unusable:
    """What was read of a card that is `width` pixels wide in the photo as it was sent, or why it can't be used."""
    if read.nik is None and judge.has_glare(card.picture, card.grid.strip(NIK)):
        return Unusable("glare-on-nik")
    if _is_cut_off(pixels, card, read):
        return Unusable("cut-off")
    if width >= limits.card_width_min and not judge.is_blurred(card.picture):
        return read
    if is_read_well(read):
        return with_words_doubted(read)
    return Unusable("too-small" if width < limits.card_width_min else "blurred")


def _is_cut_off(photo: Pixels, card: Straight, read: Card) -> bool:
    values_out = _outside(card.matrix, photo, VALUES) > VALUES_ASIDE_MAX and runs_out(photo, card.photo_lines)
    unread_out = (read.nik is None or read.name is None) and _outside(card.matrix, photo, CANONICAL) > ASIDE_MAX
    return values_out or unread_out


def _fault(pixels: Pixels, found: Found | None, scale: float, limits: Limits, engine: Engine) -> Unusable | None:
    """What is seen before anything is read."""
    if found is None and max(pixels.shape[:2]) * scale < limits.long_side_min:
        return Unusable("too-small")
    if found is None:
        why = why_not_found(pixels, engine)
        return Unusable(why or ("blurred" if _is_blurred_card(pixels) else "not-a-ktp"))
    if found.others >= LABELS_MIN:
        return Unusable("several-cards")
    return None


def _is_blurred_card(pixels: Pixels) -> bool:
    """It may have been a card: something of its form, or the whole photo, is blurred, and not just sky."""
    shapes = card_shapes(pixels)
    picture = straighten(pixels, matrix_of(shapes[0])) if shapes else pixels
    return judge.is_blurred(picture) and not judge.is_flat(picture)


def _width(matrix: Matrix) -> float:
    left, right = onto(matrix, np.array([[0, HEIGHT / 2], [WIDTH, HEIGHT / 2]]))
    return float(np.linalg.norm(right - left))


def _outside(matrix: Matrix, pixels: Pixels, corners: Corners) -> float:
    """How far corners of the canonical card lie outside of the photo, in widths of the card; negative for inside."""
    size = np.array([pixels.shape[1], pixels.shape[0]])
    points = onto(matrix, corners)
    return float(np.max(np.maximum(-points, points - size)) / _width(matrix))
