"""What the flows want to know of photographed papers that are not read by us."""

from __future__ import annotations

from typing import ClassVar

from bot.talk.awaited import Errand
from rules.card import Fault
from rules.words import Text, _


class LookAtPaper(Errand[Fault | None], frozen=True):
    """Can a person read the paper on a stored photo? None: nothing is against it, or nobody found out in time."""

    patience_s: ClassVar[float] = 3.0
    photo: int

    @property
    def delayed(self) -> Text:
        return _("Sebentar, fotonya masih saya periksa.")
