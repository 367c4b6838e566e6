"""Words for people: lazy texts, written in Indonesian where they are used.

`_("Halo {name}", name="Hasna")` keeps the sentence and its parameters apart, so the
same value can be told in any language at the last moment. Invariant: a `Text` is never
glued to another by `+`; sentences are whole, so that they can be translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Protocol

from babel.dates import format_date
from msgspec import Struct

REMEMBERED = 4096
"""Dates kept as told."""
Translate = Callable[[str], str]
"""Source sentence -> sentence of the reader's language (gettext)."""


class Told(Protocol):
    """A value that knows how to be told in a language, such as `Rupiah` or `Month`."""

    def tell(self, language: str, translate: Translate) -> str: ...


class Text(Struct, frozen=True):
    """A sentence in the source language with its named parameters."""

    msgid: str
    params: dict[str, str | int | date | Told] = {}

    def tell(self, language: str, translate: Translate) -> str:
        """The sentence for a reader of `language` ("id", "en")."""
        sentence = translate(self.msgid)
        if not self.params:
            return sentence
        return sentence.format(**{name: _tell(value, language, translate) for name, value in self.params.items()})


class Listed(Struct, frozen=True):
    """Several texts, one after another."""

    texts: tuple[Text, ...]
    between: str = ", "

    def tell(self, language: str, translate: Translate) -> str:
        return self.between.join(text.tell(language, translate) for text in self.texts)


def lines(texts: Iterable[Text]) -> Text:
    """Each on a line of its own."""
    return Text("{lines}", {"lines": Listed(tuple(texts), "\n")})


class Slip(Struct, frozen=True):
    """The person's answer can't be used; `words` say kindly why. Never an exception."""

    words: Text


def _(msgid: str, /, **params: str | int | date | Told) -> Text:
    """Mark a sentence for translation; `{name}` stands for a parameter."""
    return Text(msgid, params)


def _tell(value: str | int | date | Told, language: str, translate: Translate) -> str:
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, date):
        return _day(value, language)
    return value.tell(language, translate)


@lru_cache(maxsize=REMEMBERED)
def _day(day: date, language: str) -> str:
    return format_date(day, "d MMMM y", locale=language)
