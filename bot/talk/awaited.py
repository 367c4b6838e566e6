"""What a flow awaits besides questions: `Say`, `Concerning`, `Called`, `Today`, `Lookup`, `Command`, `Errand`.

A flow performs nothing. It yields these values; the engine (`turn.py`) feeds each from the journal, answers it, or
stops there. Invariant: an answer of registry or world is remembered by the kind and the content of what was asked,
so a replay never asks twice and a changed request is a new one.
"""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from datetime import date
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

import msgspec
from msgspec import Struct

from bot.talk.message import Paper, digest
from rules.phone import Phone
from rules.words import Text, _

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Say:
    """Tell something and expect nothing. It is said once, on the way to what follows. `paper`: a file that goes with
    it."""

    __slots__ = ("paper", "text")

    def __init__(self, text: Text, paper: Paper | None = None) -> None:
        self.text, self.paper = text, paper

    def __await__(self) -> Generator[Say, None, None]:
        yield self


class Concerning:
    """From here on the conversation is about this person; a chat with several drafts is told whose turn it is."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __await__(self) -> Generator[Concerning, None, None]:
        yield self


class Named:
    """Something remembered by a name that its flow gives it; `within` puts the scope before the name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Today(Named):
    """The date (WITA) on which this point was last open.

    While the next question is unanswered it moves with time; with that answer it stands still, so what a person
    confirmed and what is sent later speak of the same day.
    """

    __slots__ = ()

    def __await__(self) -> Generator[Today, date, date]:
        return (yield self)


class Called:
    """The words that began this conversation; "" if it was begun otherwise. Only for a flow that `heeds` them."""

    __slots__ = ()

    def __await__(self) -> Generator[Called, str, str]:
        return (yield self)


class Request(Struct, Generic[T_co], frozen=True):
    """Something asked of registry or world; the type argument is the type of the answer.

    `final` marks the point after which "back" and "cancel" can't undo the conversation.
    """

    final: ClassVar[bool] = False

    def __await__(self) -> Generator[Request[T_co], Any, T_co]:
        return cast(T_co, (yield self))

    def seals(self, answer: Any) -> bool:
        """Whether this answer puts everything before it beyond "back" and "cancel"."""
        return self.final


class Lookup(Request[T_co], frozen=True):
    """A question to our own registry, answered inside the transaction of the message.

    One that is `fresh` is like `Today`: asked anew at each message until the next question is answered, or an errand
    sent, and remembered from then on.
    """

    fresh: ClassVar[bool] = False


class Command(Request[T_co], frozen=True):
    """A change of our own registry, made inside the transaction of the message."""


class Errand(Request[T_co], frozen=True):
    """A request to the outside world: performed after the commit, heard later. It may be performed twice, so its
    performer makes it idempotent by the key."""

    patience_s: ClassVar[float] = 20.0
    """After this many seconds, or a first failure, the person hears `delayed` once."""

    @property
    def delayed(self) -> Text:
        raise TypeError(f"{type(self).__name__} needs words for a delay")


class CallPerson(Command[None], frozen=True):
    """Put this chat on the work list of the office. Asked by the engine itself."""

    flow: str
    step: str


class StopReminders(Command[None], frozen=True):
    """The person wrote STOP: nothing unasked is sent to this chat any more. Asked by the engine itself."""


class KeepPhone(Command[None], frozen=True):
    """The channel vouches that this is the number of who writes here. Asked by the engine itself."""

    phone: Phone


class FetchPhoto(Errand[None], frozen=True):
    """Get a photo from its channel, where it is called `file`, for what was heard as `inbound`. Asked by the runtime
    itself; the messages that came after it wait meanwhile."""

    patience_s: ClassVar[float] = 3.0
    channel: str
    file: str
    inbound: int
    photo: int
    album: bool = False

    @property
    def delayed(self) -> Text:
        return _("Sebentar, fotonya sedang saya ambil.")


def request_key(request: Request[Any]) -> str:
    """The name under which an answer is remembered: kind and content."""
    return f"{type(request).__name__}#{digest(request)}"


@cache
def answer_type(kind: type[Request[Any]]) -> Any:
    """The type of the answer, as written in the class statement: `class X(Lookup[Answer])`."""
    return get_args(kind.__orig_bases__[0])[0]  # type: ignore[attr-defined]  # set by typing on generic subclasses


def plain(value: Any) -> Any:
    """The value as JSON-like builtins, for the journal."""
    return msgspec.to_builtins(value)


def within(scope: str, part: Coroutine[Any, Any, T]) -> _Within[T]:
    """Run a sub-conversation; the names of its questions are prefixed with `scope`, so it can be used twice."""
    return _Within(scope, part)


class _Within(Generic[T]):
    __slots__ = ("part", "scope")

    def __init__(self, scope: str, part: Coroutine[Any, Any, T]) -> None:
        self.scope, self.part = scope, part

    def __await__(self) -> Generator[Any, Any, T]:
        answer = None
        try:
            while True:
                try:
                    awaited = self.part.send(answer)
                except StopIteration as done:
                    return cast(T, done.value)
                if isinstance(awaited, Named):
                    awaited.name = f"{self.scope}.{awaited.name}"
                answer = yield awaited
        finally:
            self.part.close()
