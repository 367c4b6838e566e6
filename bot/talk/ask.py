"""The questions: `await ask.Choice("who", _("Untuk siapa?"), {...})`.

Each turns what a person sends into a typed value or into words back. Invariant: a NIK, a date, a number of a phone
and an amount are read exactly, never "almost".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from bot.talk.fold import fold, folded_words, matches, number_in, yes_or_no
from bot.talk.heard import Said, Shown, Unread, UnreadKind
from bot.talk.question import Answer, Ear, Illustration, Later, Option, Picked, Question, Understood, convert
from rules.money import Rupiah
from rules.nik import Nik as NikValue
from rules.phone import Phone as PhoneValue
from rules.words import Slip, _
from rules.words import Text as Words

K = TypeVar("K", bound=str)

NAME_CHARS_MAX = 100
_CHOOSE = _("Balas dengan angka pilihannya.")
_NO_PHOTO_HERE = _("Untuk ini saya perlu tulisan, bukan foto.")
_FIRST_PHOTO = _("Saya pakai foto yang pertama.")
PHOTOS_MAX = 20
"""Photos that are one answer: two albums of Telegram."""
COUNT_DIGITS_MAX = 3
_COUNT = re.compile(r"(\d{1,3})(?: ?(?:bulan|bln|months?))?", re.ASCII)
_AMOUNT = re.compile(r"(?:rp\.? ?)?(\d{1,3}(?:[., ]\d{3}){1,3}|\d{1,12})(?:,-)?", re.ASCII | re.IGNORECASE)
"""At most 12 digits either way: no income is longer, and a stored integer has 64 bits."""
_YES_OPTION, _NO_OPTION = "yes", "no"


class Text(Question[str]):
    """Free words of `least` to `most` characters, spaces folded. `capitals` writes them as a KTP does."""

    __slots__ = ("capitals", "least", "most")
    strict = False

    def __init__(
        self, name: str, text: Words, *, least: int = 2, most: int = NAME_CHARS_MAX, capitals: bool = False, **more: Any
    ) -> None:
        super().__init__(name, text, **more)
        self.least, self.most, self.capitals = least, most, capitals

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[str]:
        if not isinstance(answer, Said):
            return Slip(_NO_PHOTO_HERE)
        words = " ".join("".join(c if c.isprintable() else " " for c in answer.text).split())
        if sum(c.isalpha() for c in words) < self.least:
            return Slip(_("Mohon ketik dengan huruf."))
        if len(words) > self.most:
            return Slip(_("Terlalu panjang. Paling banyak {most} huruf.", most=self.most))
        return words.upper() if self.capitals else words

    def recall(self, kept: Any) -> str | Slip:
        return convert(kept, str)


class Choice(Question[K]):
    """One of at most five options; its key is the value. `words` are further words for an option."""

    __slots__ = ("labels", "words")
    wants = "choice"

    def __init__(
        self,
        name: str,
        text: Words,
        labels: Mapping[K, Words],
        *,
        words: Mapping[K, Sequence[str]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(name, text, **more)
        self.labels, self.words = labels, words or {}

    def options(self) -> Sequence[Option]:
        return [Option(key, label) for key, label in self.labels.items()]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[K]:
        match answer:
            case Picked(option) if option in self.labels:
                return next(key for key in self.labels if key == option)
            case Said(text):
                return self._typed(text, ear)
            case _:
                return Slip(_CHOOSE)

    def _typed(self, text: str, ear: Ear) -> Understood[K]:
        keys = list(self.labels)
        number = number_in(text)
        if number is not None:
            return keys[number - 1] if 1 <= number <= len(keys) else Slip(_CHOOSE)
        named: list[K] = next(filter(None, self._named(text, ear)), [])
        return named[0] if len(named) == 1 else Slip(_CHOOSE)

    def _named(self, text: str, ear: Ear) -> Iterator[list[K]]:
        """What is meant to the letter, but for a slip of the finger, by a part of it: "istri" of "Suami atau istri"."""
        labels = {key: ear.tell(label) for key, label in self.labels.items()}
        known = {key: (label, *self.words.get(key, ())) for key, label in labels.items()}
        yield [key for key, words in known.items() if fold(text) in folded_words(words)]
        if not ear.exact:
            yield [key for key, words in known.items() if matches(text, words)]
            yield [key for key, label in labels.items() if fold(text) in map(fold, label.split())]

    def recall(self, kept: Any) -> K | Slip:
        return next((key for key in self.labels if key == kept), Slip(_CHOOSE))


class Count(Question[int]):
    """One of a few numbers, such as months. What is typed is the number itself, never its place in the list: who
    wants 3 months and types 3 must not get the third line. `details` stand in the text instead of the label, which is
    for a button. `words` are other ways to say one of them; a number that nobody would type, such as 0, is so chosen
    by its words alone."""

    __slots__ = ("details", "labels", "words")
    wants = "choice"
    numbered = False

    def __init__(
        self,
        name: str,
        text: Words,
        labels: Mapping[int, Words],
        *,
        details: Mapping[int, Words] | None = None,
        words: Mapping[int, Sequence[str]] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(name, text, **more)
        self.labels, self.details, self.words = labels, details or {}, words or {}

    def lines(self, ear: Ear) -> list[str]:
        told = {**self.labels, **self.details}
        return [ear.tell(self.text), *(ear.tell(told[number]) for number in self.labels)]

    def options(self) -> Sequence[Option]:
        return [Option(str(number), label) for number, label in self.labels.items()]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[int]:
        match answer:
            case Picked(option) if option.isascii() and option.isdecimal() and len(option) <= COUNT_DIGITS_MAX:
                number = int(option)
            case Said(text):
                number = self._number(text)
            case _:
                return Slip(_NO_PHOTO_HERE)
        return number if number in self.labels else self._which()

    def _number(self, text: str) -> int:
        counted = _COUNT.fullmatch(fold(text))
        if counted:
            return int(counted[1])
        named = (number for number, words in self.words.items() if matches(text, words))
        return next(named, number_in(text) or -1)

    def _which(self) -> Slip:
        numbers = [self.words[number][0] if number in self.words else str(number) for number in self.labels]
        return Slip(_("Pilih salah satu: {numbers}.", numbers=", ".join(numbers)))

    def called(self, kept: Any) -> Words:
        return self.labels.get(kept, Words(str(kept)))

    def recall(self, kept: Any) -> int | Slip:
        return kept if type(kept) is int and kept in self.labels else self._which()


class Confirm(Question[bool]):
    """Yes or no. Understands "iye'", "tdk", "👍"; asks again at "iya tapi …"."""

    __slots__ = ("no", "yes")
    wants = "choice"

    def __init__(
        self, name: str, text: Words, *, yes: Words | None = None, no: Words | None = None, **more: Any
    ) -> None:
        super().__init__(name, text, **more)
        self.yes, self.no = yes or _("Ya"), no or _("Tidak")

    def options(self) -> Sequence[Option]:
        return [Option(_YES_OPTION, self.yes), Option(_NO_OPTION, self.no)]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[bool]:
        match answer:
            case Picked(option) if option in (_YES_OPTION, _NO_OPTION):
                return option == _YES_OPTION
            case Said(text):
                number = number_in(text)
                if number in (1, 2):
                    return number == 1
                if fold(text) in (fold(ear.tell(self.yes)), fold(ear.tell(self.no))):
                    return fold(text) == fold(ear.tell(self.yes))
                meant = yes_or_no(text)
                return Slip(_("Balas 1 atau 2 saja.")) if meant is None else meant
            case _:
                return Slip(_("Balas 1 atau 2 saja."))

    def recall(self, kept: Any) -> bool | Slip:
        return convert(kept, bool)

    def called(self, kept: Any) -> Words:
        return self.yes if kept else self.no


class Nik(Question[NikValue]):
    """The 16 digits of a NIK."""

    __slots__ = ()
    wants = "number"

    def __init__(self, name: str, text: Words, **more: Any) -> None:
        super().__init__(name, text, private=True, **more)

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[NikValue]:
        if isinstance(answer, Shown):
            return Slip(_("Ketik 16 angkanya. Kalau mau kirim foto KTP, ketik 0 dulu."))
        if not isinstance(answer, Said):
            return Slip(_NO_PHOTO_HERE)
        return NikValue.parse(answer.text)

    def recall(self, kept: Any) -> NikValue | Slip:
        return convert(kept, NikValue)


class Phone(Question[PhoneValue | None]):
    """A telephone number, or None for somebody who has none."""

    __slots__ = ()
    wants = "number"
    takes_contact = True

    def options(self) -> Sequence[Option]:
        return [Option("none", _("Tidak punya HP"))]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[PhoneValue | None]:
        match answer:
            case Picked("none"):
                return None
            case Said(text) if number_in(text) == 1 or matches(text, _NO_PHONE):
                return None
            case Said(text):
                return PhoneValue.parse(text)
            case _:
                return Slip(_NO_PHOTO_HERE)

    def recall(self, kept: Any) -> PhoneValue | Slip | None:
        return None if kept is None else convert(kept, PhoneValue)

    def called(self, kept: Any) -> Words:
        phone = self.recall(kept)
        return Words("{phone}", {"phone": phone}) if isinstance(phone, PhoneValue) else super().called("none")


_NO_PHONE = ("tidak punya hp", "tidak punya", "tidak ada", "tdk ada", "gak ada", "tidak ada hp", "de gaga")


class Amount(Question[Rupiah]):
    """An amount of whole rupiah: "1.500.000", "Rp1500000"."""

    __slots__ = ()
    wants = "number"

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[Rupiah]:
        if not isinstance(answer, Said):
            return Slip(_NO_PHOTO_HERE)
        match = _AMOUNT.fullmatch(answer.text.strip())
        if match is None:
            return Slip(_("Tulis angkanya saja. Contoh: 1.500.000."))
        return Rupiah(int(re.sub(r"\D", "", match[1])))

    def recall(self, kept: Any) -> Rupiah | Slip:
        return convert(kept, Rupiah)


class Photo(Question[int | str]):
    """A photo (its id), or the key of another way that is offered beside it.

    `later`: the way that puts the question off. `unfit`: what is drawn beside the words for what is no usable photo.
    """

    __slots__ = ("instead", "later", "unfit")
    wants = "photo"
    how: ClassVar[Words] = _("Kirim fotonya di sini.")

    def __init__(
        self,
        name: str,
        text: Words,
        *,
        instead: Mapping[str, Words],
        later: str | None = None,
        unfit: Mapping[UnreadKind, Illustration] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(name, text, **more)
        self.instead, self.later, self.unfit = instead, later, unfit or {}

    def illustration(self, slip: Answer | None) -> Illustration | None:
        return self.unfit.get(slip.kind, self.picture) if isinstance(slip, Unread) else self.picture

    def options(self) -> Sequence[Option]:
        return [Option(key, label) for key, label in self.instead.items()]

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[int | str]:
        match answer:
            case Shown(photo):
                return photo
            case Picked(option) if option in self.instead:
                return self._way(option)
            case Said(text):
                return self._typed(text, ear)
            case _:
                return Slip(self.how)

    def _typed(self, text: str, ear: Ear) -> Understood[int | str]:
        keys = list(self.instead)
        number = number_in(text)
        if number is not None and 1 <= number <= len(keys):
            return self._way(keys[number - 1])
        for key in keys:
            if matches(text, (ear.tell(self.instead[key]),)):
                return self._way(key)
        return Slip(self.how)

    def _way(self, key: str) -> Understood[int | str]:
        return Later() if key == self.later else key

    def unused(self, heard: Shown) -> Words | None:
        return _FIRST_PHOTO if heard.more else None

    def recall(self, kept: Any) -> int | str | Slip:
        if isinstance(kept, int) and not isinstance(kept, bool):
            return kept
        return kept if isinstance(kept, str) and kept in self.instead else Slip(self.how)

    def called(self, kept: Any) -> Words:
        return _("foto") if isinstance(kept, int) else super().called(kept)


class OtherWays(Photo):
    """The other ways first. A photo is no longer asked for, and still taken."""

    __slots__ = ()
    wants = "choice"
    how = _CHOOSE


class Photos(Question[tuple[int, ...]]):
    """Photos that were sent together, such as an album (their ids, in order); of too many the first ones."""

    __slots__ = ()
    wants = "photo"
    how: ClassVar[Words] = _("Kirim fotonya di sini, boleh beberapa sekaligus.")

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[tuple[int, ...]]:
        if not isinstance(answer, Shown):
            return Slip(self.how)
        return (answer.photo, *answer.more)[:PHOTOS_MAX]

    def unused(self, heard: Shown) -> Words | None:
        if len(heard.more) < PHOTOS_MAX:
            return None
        return _("Saya pakai {count} foto yang pertama. Sisanya kirim sesudah ini.", count=PHOTOS_MAX)

    def recall(self, kept: Any) -> tuple[int, ...] | Slip:
        return convert(kept, tuple[int, ...])

    def called(self, kept: Any) -> Words:
        return _("{count} foto", count=len(kept)) if isinstance(kept, list | tuple) else super().called(kept)
