"""One of a long list (a village, an occupation): typed and found by spelling, or walked through by groups.

Invariant: only an exact name is taken at once; what is near is offered ("maksud Anda …?"), never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

from bot.talk.fold import number_in, yes_or_no
from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Offer, Option, Picked, Question, Understood
from rules.folding import Found
from rules.words import Slip, _
from rules.words import Text as Words

PAGE = 4
"""Options of a page; with "more" they are five."""
_MORE = "more:"
_PLACE = re.compile(r"\d{1,4}", re.ASCII)


class Catalogue(Protocol):
    """A list of things with codes, in groups. A group's code is never an item's code."""

    def items(self, group: str) -> Sequence[str]:
        """The codes of a group's items; no items for a code that isn't a group."""

    def find(self, text: str) -> Found[str]:
        """The codes that the typed words may mean: one for certain, some that are near, or none."""

    def label(self, code: str) -> Words:
        """The name of an item or a group."""

    def __contains__(self, code: object) -> bool:
        """Whether the code is an item."""


class Pick(Question[str]):
    """The code of an item. `first` are the options shown with the question: items or groups, at most five."""

    __slots__ = ("catalogue", "first")
    wants = "choice"

    def __init__(self, name: str, text: Words, catalogue: Catalogue, first: Sequence[str], **more: Any) -> None:
        super().__init__(name, text, **more)
        self.catalogue, self.first = catalogue, first

    def options(self) -> Sequence[Option]:
        return self._page(self.first, 0)

    def offer(self, keys: tuple[str, ...]) -> Sequence[Option]:
        return [Option(key, self._label(key)) for key in keys]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[str]:
        match answer:
            case Picked(option):
                return self._chosen(option)
            case Said(text):
                return self._typed(text)
            case Shown():
                return Slip(_NOT_FOUND)

    def _typed(self, text: str) -> Understood[str]:
        shown = self.offered or tuple(option.key for option in self.options())
        number = number_in(text)
        if number is not None:
            return self._chosen(shown[number - 1]) if 1 <= number <= len(shown) else Slip(_CHOOSE)
        if len(self.offered) == 1 and yes_or_no(text):
            return self._chosen(self.offered[0])
        found = self.catalogue.find(text)
        if found.exact is not None:
            return self._chosen(found.exact)
        if not found.near:
            return Slip(_NOT_FOUND)
        if len(found.near) == 1:
            return Offer(_("Maksud Anda {name}?", name=self._label(found.near[0])), tuple(self.offer(found.near)))
        return Offer(_("Maksud Anda yang mana?"), tuple(self.offer(found.near)))

    def _chosen(self, key: str) -> Understood[str]:
        if key.startswith(_MORE):
            group, _colon, start = key.removeprefix(_MORE).rpartition(":")
            if _PLACE.fullmatch(start):
                return self._walk(group, int(start))
        if key in self.catalogue:
            return key
        return self._walk(key, 0)

    def _walk(self, group: str, start: int) -> Understood[str]:
        items = self.catalogue.items(group) if group else self.first
        if start >= len(items):
            return Slip(_NOT_FOUND)
        return Offer(_("Pilih salah satu:"), tuple(self._page(items, start, group)))

    def _page(self, keys: Sequence[str], start: int, group: str = "") -> list[Option]:
        end = len(keys) if len(keys) - start <= PAGE + 1 else start + PAGE
        page = [Option(key, self._label(key)) for key in keys[start:end]]
        if end < len(keys):
            page.append(Option(f"{_MORE}{group}:{end}", _("Yang lain")))
        return page

    def _label(self, key: str) -> Words:
        return _("Yang lain") if key.startswith(_MORE) else self.catalogue.label(key)

    def recall(self, kept: Any) -> str | Slip:
        return kept if isinstance(kept, str) and kept in self.catalogue else Slip(_NOT_FOUND)


_NOT_FOUND = _("Saya belum menemukan itu. Coba ketik lagi atau balas angka.")
_CHOOSE = _("Balas dengan angka pilihannya.")
