"""A flow and the house of all flows.

Invariant: the house is a tuple one can read; nothing registers itself by being imported. Every name that a question
ever had in a release leads to its present one, or is said to be gone (guarded by tests/museum).
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from msgspec import Struct, field

from bot.talk.fold import fold, folded_words, matches
from rules.words import Text


class Next(Struct, frozen=True):
    """What a flow may return: the flow that follows it."""

    flow: str


class Flow(Struct, frozen=True):
    """`run` makes the coroutine. `title` is how the recap calls it ("Pendaftaran"), `words` start it from anywhere,
    `steps` are the first parts of its questions' names in order: for "tinggal 4 langkah" and drop-off figures.
    `aliases` leads from a name (of a question, or a scope of names) in an older release to the next one it got;
    `removed` are names that are asked no more. docs/change-a-flow.md says how to use both. `drafts`: one chat may have
    several under way, each about somebody else (`Concerning`). `heeds`: it wants to know which words `Called` it."""

    name: str
    run: Callable[[], Coroutine[Any, Any, Next | None]]
    title: Text
    words: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    drafts: bool = False
    heeds: bool = False

    def __post_init__(self) -> None:
        for old in self.aliases:
            if self._renamed_once(self.present_name(old)) != self.present_name(old):
                raise ValueError(f"the alias of {old!r} in the flow {self.name!r} leads in a circle")

    def left_after(self, step: str) -> int:
        """Steps from the one named (a question's name) to the end, itself included; 0 when it isn't listed."""
        first = step.partition(".")[0]
        return len(self.steps) - self.steps.index(first) if first in self.steps else 0

    def present_name(self, name: str) -> str:
        """What a question is called today that had this name in this release or an older one."""
        for _rename in self.aliases:
            renamed = self._renamed_once(name)
            if renamed == name:
                break
            name = renamed
        return name

    def _renamed_once(self, name: str) -> str:
        """The alias of the name, or else of the longest of its scopes."""
        scope, rest = name, ""
        while scope:
            if scope in self.aliases:
                return self.aliases[scope] + rest
            scope, _dot, last = scope.rpartition(".")
            rest = f".{last}{rest}"
        return name

    def is_removed(self, name: str) -> bool:
        """Whether a question of this name, or its scope, is said to be gone."""
        return any(name == gone or name.startswith(f"{gone}.") for gone in self.removed)


class House(Struct, frozen=True):
    """All flows. The first is home: where a new chat and the word "menu" lead. `removed` are the names of flows that
    a release took away; who is in the middle of one hears so."""

    flows: tuple[Flow, ...]
    removed: tuple[str, ...] = ()

    @property
    def home(self) -> Flow:
        return self.flows[0]

    def named(self, name: str) -> Flow | None:
        return next((flow for flow in self.flows if flow.name == name), None)

    def names(self, text: str) -> bool:
        """Whether these typed words are, to the letter, those that start a flow."""
        folded = fold(text)
        return any(folded in folded_words(flow.words) for flow in self.flows)

    def called_by(self, text: str) -> Flow | None:
        """The flow that these typed words start."""
        return next((flow for flow in self.flows if matches(text, flow.words)), None)
