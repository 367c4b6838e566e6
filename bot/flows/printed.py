"""What is printed on a card: taken as read where the reader is sure, otherwise asked about with a look at its place.

Invariant: a doubtful reading is never taken silently, and a sure one is never asked about.
"""

from __future__ import annotations

from msgspec import Struct

from bot.talk import ask
from bot.talk.message import Crop
from bot.talk.question import Illustration
from rules.card import FIELDS, SURE, Card, Field
from rules.words import Text, _


class Seen(Struct, frozen=True):
    """A card and the photo from which it was read."""

    card: Card
    photo: int

    def crop(self, field: Field | None, what: Text) -> Illustration | None:
        """Where a field was read, if the reader doubts it; `what` names it."""
        if field is None or field.box is None or is_sure(field):
            return None
        return Illustration(
            _("Potongan foto: {what}", what=what), Crop(self.photo, field.box, _turn(self.card, field.box))
        )


def is_sure(field: Field) -> bool:
    return field.confidence >= SURE


def sure(field: Field | None) -> str | None:
    """The value of a field that was read with confidence."""
    return field.value if field is not None and is_sure(field) else None


async def printed(name: str, seen: Seen | None, field: Field | None, what: Text, value: Text | None = None) -> bool:
    """Whether the field's value may be taken: it is sure, or the person confirms it. `value`: how it is told."""
    if seen is None or field is None:
        return False
    if is_sure(field):
        return True
    told = value or Text("{value}", {"value": field.value})
    return await ask.Confirm(
        f"{name}-read", _("Di KTP tertulis {what}: {value}. Benar?", what=what, value=told),
        yes=_("Benar"), no=_("Salah"), about=field.value, picture=seen.crop(field, what),
    )  # fmt: skip


def _turn(card: Card, box: tuple[int, int, int, int]) -> int:
    """Quarter turns clockwise that set the card upright. Rows are longer than high, and come one below the other."""
    boxes = [found.box for name in FIELDS if (found := getattr(card, name)) is not None and found.box is not None]
    (left, top), (right, bottom) = _middle(boxes[0]), _middle(boxes[-1])
    if box[2] - box[0] >= box[3] - box[1]:
        return 0 if bottom >= top else 2
    return 3 if right <= left else 1


def _middle(box: tuple[int, int, int, int]) -> tuple[int, int]:
    return (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
