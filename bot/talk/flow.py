"""A flow and the house of all flows.

Invariant: the house is a tuple one can read; nothing registers itself by being imported.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from msgspec import Struct

from bot.talk.fold import matches
from rules.words import Text


class Next(Struct, frozen=True):
    """What a flow may return: the flow that follows it."""

    flow: str


class Flow(Struct, frozen=True):
    """`run` makes the coroutine. `title` is how the recap calls it ("Pendaftaran"), `words` start it from anywhere,
    `steps` are the first parts of its questions' names in order: for "tinggal 4 langkah" and drop-off figures."""

    name: str
    run: Callable[[], Coroutine[Any, Any, Next | None]]
    title: Text
    words: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()

    def left_after(self, step: str) -> int:
        """Steps from the one named (a question's name) to the end, itself included; 0 when it isn't listed."""
        first = step.partition(".")[0]
        return len(self.steps) - self.steps.index(first) if first in self.steps else 0


class House(Struct, frozen=True):
    """All flows. The first is home: where a new chat and the word "menu" lead."""

    flows: tuple[Flow, ...]

    @property
    def home(self) -> Flow:
        return self.flows[0]

    def named(self, name: str) -> Flow | None:
        return next((flow for flow in self.flows if flow.name == name), None)

    def called_by(self, text: str) -> Flow | None:
        """The flow that these typed words start."""
        return next((flow for flow in self.flows if matches(text, flow.words)), None)
