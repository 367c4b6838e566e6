"""What every question is: words, an ear that turns an answer into a value, and what is kept of it.

Invariant: what is kept is checked again when it is recalled, so an old answer that a newer release
no longer understands is simply asked again.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, Union, cast

import msgspec
from msgspec import Struct

from bot.talk.awaited import Named, plain
from bot.talk.heard import Contact, Said, Shown, Unread
from bot.talk.message import Crop, Drawing, Picture, digest
from rules.words import Slip, Text, Translate, _

T = TypeVar("T")

TEXT_CHARS_MAX = 500
"""A longer message is no answer to any question."""


TOKENS_REMEMBERED = 4_096


class Picked(Struct, frozen=True):
    """A button of this very question."""

    option: str


Answer = Said | Picked | Shown | Contact | Unread


class Ear(Struct, frozen=True):
    """With what an answer is understood: the reader's language, the catalogues by language, and the recorded time of
    the message in WITA. `exact`: the words have a meaning of their own, so only what is an option to the letter is
    one."""

    language: str
    catalogues: Mapping[str, Translate]
    now: datetime
    exact: bool = False

    def tell(self, text: Text) -> str:
        return text.tell(self.language, self.catalogues[self.language])


class Illustration(Struct, frozen=True):
    """A picture as a flow has it: what it shows, and in words that can still be told in any language."""

    alt: Text
    shows: Drawing | Crop

    def tell(self, ear: Ear) -> Picture:
        return Picture(ear.tell(self.alt), self.shows)


class Option(Struct, frozen=True):
    """A numbered way to answer."""

    key: str
    label: Text


class Offer(Struct, frozen=True):
    """The answer was not certain, or a long list is walked through: a shorter list to pick from ("maksud Anda …?")."""

    words: Text
    options: tuple[Option, ...]


class Edit(Struct, frozen=True):
    """Not an answer: the person wants to change the answers to these questions (names, or scopes of names)."""

    names: tuple[str, ...]


class Later(Struct, frozen=True):
    """Not an answer: the person goes on another time, and the question stays open."""


Understood: TypeAlias = Union[T, Slip, Offer, Edit, Later]  # noqa: UP007  # a generic alias must be a Union on 3.11
"""What an ear makes of an answer."""


class Question(Named, Generic[T]):
    """A question to the person.

    `about`: the answer holds only while this value stays the same; when it changes, the question is asked again.
    `given`: an answer we already have (read from the card); the question is then asked only when it is edited.
    `otherwise`: the other way, told at the second slip. `wants`: which keyboard or picker helps. `picture`: shown
    whenever the question is asked; it is no part of what the question is about. `private`: it asks for, or shows, an
    identity number or the photo of a card, which some channels don't allow in a chat.
    """

    __slots__ = ("_token", "about", "given", "hint", "offered", "otherwise", "picture", "private", "text")
    wants: ClassVar[str] = "text"
    numbered: ClassVar[bool] = True  # its options are listed with their numbers
    strict: ClassVar[bool] = True  # recognises its answers; free text doesn't, so a greeting could pass for one
    takes_contact: ClassVar[bool] = False  # a contact handed over is as good as its number typed

    def __init__(
        self,
        name: str,
        text: Text,
        *,
        about: Any = None,
        given: T | None = None,
        hint: Text | None = None,
        otherwise: Text | None = None,
        picture: Illustration | None = None,
        private: bool = False,
    ) -> None:
        super().__init__(name)
        self.text, self.about, self.given = text, about, given
        self.hint, self.otherwise, self.picture, self.private = hint, otherwise, picture, private
        self.offered: tuple[str, ...] = ()
        self._token: str | None = None

    def __await__(self) -> Generator[Question[T], Any, T]:
        return cast(T, (yield self))

    @property
    def about_digest(self) -> str:
        return "" if self.about is None else digest(self.about)

    @property
    def token(self) -> str:
        """What a button carries to be recognised: this question, about this."""
        if self._token is None:  # the name is settled once the question has left its scopes
            self._token = _token(self.name, self.about_digest)
        return self._token

    def lines(self, ear: Ear) -> list[str]:
        """The question as told, without its options."""
        return [ear.tell(self.text)]

    def options(self) -> Sequence[Option]:
        """The numbered ways to answer; none by default."""
        return ()

    def offer(self, keys: tuple[str, ...]) -> Sequence[Option]:
        """The options of an offer made earlier, by their keys."""
        return ()

    def illustration(self, slip: Answer | None) -> Illustration | None:
        """What is seen beside the question, asked again after a slip or for the first time."""
        return self.picture

    def listen(self, answer: Answer, ear: Ear) -> Understood[T]:
        """The typed value, or words back."""
        if isinstance(answer, Contact) and self.takes_contact:
            answer = Said(answer.phone)
        if isinstance(answer, Contact):
            return Slip(UNREAD["contact"])
        if isinstance(answer, Unread):
            return Slip(UNREAD.get(answer.kind, UNREAD["unknown"]))
        if isinstance(answer, Said) and len(answer.text) > TEXT_CHARS_MAX:
            return Slip(UNREAD["too-long"])
        return self.hear(answer, ear)

    def hear(self, answer: Said | Picked | Shown, ear: Ear) -> Understood[T]:
        raise TypeError(f"{type(self).__name__} has no ear")

    def unused(self, heard: Shown) -> Text | None:
        """What is said of the photos of an answer that aren't used."""
        return None

    def keep(self, value: T) -> Any:
        """The value as plain JSON."""
        return plain(value)

    def recall(self, kept: Any) -> T | Slip:
        """The value of a kept answer, or a slip if it no longer holds."""
        raise TypeError(f"{type(self).__name__} has no memory")

    def called(self, kept: Any) -> Text:
        """How a kept answer is called when the person is asked about it: the label of its option."""
        options = [*self.options(), *self.offer((str(kept),))]
        return next((option.label for option in options if option.key == kept), Text(str(kept)))


@lru_cache(maxsize=TOKENS_REMEMBERED)
def _token(name: str, about: str) -> str:
    return digest((name, about))[:8]


def convert(kept: Any, kind: type[T]) -> T | Slip:
    """`msgspec.convert` that answers with a slip where the kept value is no `kind`."""
    try:
        return msgspec.convert(kept, kind)
    except (msgspec.ValidationError, ValueError):
        return Slip(_("Jawaban ini perlu ditanyakan lagi."))


UNREAD: dict[str, Text] = {
    "voice": _("Maaf, saya belum bisa mendengar pesan suara. Ketik jawabannya, atau balas angkanya."),
    "video": _("Maaf, saya tidak bisa membuka video."),
    "document": _("Maaf, saya tidak bisa membuka berkas ini."),
    "sticker": _("Maaf, saya tidak mengerti stiker."),
    "location": _("Maaf, saya belum memakai lokasi."),
    "contact": _("Maaf, saya belum memakai kartu kontak."),
    "animation": _("Gambar bergerak tidak bisa dipakai. Kirim foto biasa."),
    "photo-too-large": _("Fotonya terlalu besar. Foto ulang dengan kamera, atau kirim yang lebih kecil."),
    "not-an-image": _("Berkas ini tidak bisa saya buka sebagai foto."),
    "photo-lost": _("Fotonya tidak sampai di sini. Kirim sekali lagi."),
    "too-long": _("Pesannya terlalu panjang. Jawab singkat saja."),
    "unknown": _("Maaf, saya tidak bisa membuka kiriman ini."),
}
"""Kind words for what can't be used; the open question follows them."""
