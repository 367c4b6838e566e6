"""Photos of one paper, or of several at once, or another way that is offered beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.talk.ask import PHOTOS_MAX
from bot.talk.fold import matches, number_in, yes_or_no
from bot.talk.heard import Said, Shown
from bot.talk.question import Ear, Option, Picked, Question, Understood, convert
from rules.words import Slip, _
from rules.words import Text as Words


class Papers(Question[tuple[int, ...] | str]):
    """The photos that were sent together (their ids, in order; of too many the first ones), or the key of another
    way."""

    __slots__ = ("instead",)
    wants = "photo"
    how: ClassVar[Words] = _("Kirim fotonya di sini, atau balas dengan angka pilihannya.")

    def __init__(self, name: str, text: Words, instead: Mapping[str, Words], **more: Any) -> None:
        super().__init__(name, text, **more)
        self.instead = instead

    def options(self) -> Sequence[Option]:
        return [Option(key, label) for key, label in self.instead.items()]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[tuple[int, ...] | str]:
        match answer:
            case Shown():
                return (answer.photo, *answer.more)[:PHOTOS_MAX]
            case Picked(option) if option in self.instead:
                return option
            case Said(text):
                return self._typed(text, ear)
            case _:
                return Slip(self.how)

    def _typed(self, text: str, ear: Ear) -> str | Slip:
        keys, number = list(self.instead), number_in(text)
        if number is not None and 1 <= number <= len(keys):
            return keys[number - 1]
        return next((key for key in keys if matches(text, (ear.tell(self.instead[key]),))), Slip(self.how))

    def unused(self, heard: Shown) -> Words | None:
        if len(heard.more) < PHOTOS_MAX:
            return None
        return _("Saya pakai {count} foto yang pertama. Sisanya kirim sesudah ini.", count=PHOTOS_MAX)

    def recall(self, kept: Any) -> tuple[int, ...] | str | Slip:
        if isinstance(kept, str):
            return kept if kept in self.instead else Slip(self.how)
        return convert(kept, tuple[int, ...])

    def called(self, kept: Any) -> Words:
        return _("{count} foto", count=len(kept)) if isinstance(kept, list | tuple) else super().called(kept)


class Retake(Papers):
    """Whether to photograph it again, "yes" or "no". Photos that are sent at once are the new ones."""

    __slots__ = ()

    def __init__(self, name: str, text: Words, *, yes: Words, no: Words, **more: Any) -> None:
        super().__init__(name, text, {"yes": yes, "no": no}, **more)

    def _typed(self, text: str, ear: Ear) -> str | Slip:
        chosen, meant = super()._typed(text, ear), yes_or_no(text)
        if meant is None or not isinstance(chosen, Slip):
            return chosen
        return "yes" if meant else "no"

    def recall(self, kept: Any) -> tuple[int, ...] | str | Slip:
        """An older release kept a yes or no as such."""
        return super().recall({True: "yes", False: "no"}[kept] if isinstance(kept, bool) else kept)
