"""Run a flow from the top, feeding each await from the journal, up to the first one the journal can't answer.

Invariant: only the journal decides. The same journal and flow lead to the same place, in any process; a journal of an
older release is first put under the names of today.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import date
from typing import Any, Final

import msgspec
from msgspec import Struct

from bot.talk.awaited import Called, Concerning, Errand, Lookup, Request, Say, Today, answer_type, plain, request_key
from bot.talk.flow import Flow, Next
from bot.talk.journal import CALLED, JOURNAL_MAX, Conversation, Entry
from bot.talk.question import Ear, Question
from bot.talk.renamed import rename
from rules.words import Slip

AWAITS_MAX = 1_000
"""Awaits of one replay. A flow that passes this has a loop without an end."""


class FlowError(Exception):
    """A flow breaks a rule of the engine: a name asked twice or under an old name, a loop without an end, a foreign
    await. Our bug."""


class Ended(Struct, frozen=True):
    """The flow returned."""

    following: Next | None


class _Missing:
    pass


_MISSING: Final = _Missing()


class Replay:
    """One replay. After `forward` it tells what was said on the way, which questions were passed, and from which of
    them "back" may not return (`sealed` of them lie before a final request)."""

    def __init__(self, flow: Flow, conversation: Conversation, ear: Ear) -> None:
        self.conversation, self.ear = conversation, ear
        conversation.subject = ""
        self.says: list[Say] = []
        self.passed: dict[str, Question[Any]] = {}
        self.sealed = 0
        self._seen: set[str] = set()
        self._days: list[str] = []
        self._fresh: dict[str, bool] = {}  # keys of fresh lookups since the last answer: whether asked in this replay
        self._block: Question[Any] | Errand[Any] | None = None
        self._flow = flow
        self._coroutine = flow.run()
        if flow.aliases:
            rename(conversation, flow.present_name)

    def close(self) -> None:
        """Leave the flow for good."""
        self._coroutine.close()
        self._forget_days()

    def suspend(self, block: Question[Any] | Errand[Any]) -> None:
        """Stay where the flow stands; a later turn may go on from here instead of replaying the journal."""
        self._block = block
        self._forget_days()

    def resume(self, ear: Ear) -> Question[Any] | Errand[Any] | None:
        """Where the flow stands; None if a replay might lead elsewhere: another day has begun, or something is to be
        looked up anew."""
        if self._block is None or self._fresh or ear.now.date() != self.ear.now.date():
            self.close()
            return None
        self.ear = ear
        for name in self._days:
            self.conversation.journal[name] = Entry(ear.now.date().isoformat())
        return self._block

    def _forget_days(self) -> None:
        """A day that no answer followed is asked anew next time, and so is what is to be looked up fresh."""
        for name in (*self._days, *self._fresh):
            self.conversation.journal.pop(name, None)

    def knows(self, errand: Errand[Any]) -> bool:
        """Whether the result of the errand has been heard."""
        return self._remembered(errand) is not _MISSING

    def pass_errand(self, errand: Errand[Any]) -> Generator[Request[Any], Any, Question[Any] | Errand[Any] | Ended]:
        """Go on with the result of the errand at which this replay stands."""
        answer = self._remembered(errand)
        self._go_past(errand, answer)
        return (yield from self.forward(answer))

    def answer(
        self, question: Question[Any], value: Any
    ) -> Generator[Request[Any], Any, Question[Any] | Errand[Any] | Ended]:
        """Keep the answer to the question at which this replay stands, and go on."""
        self.conversation.journal[question.name] = Entry(question.keep(value), question.about_digest)
        self._pass(question)
        return (yield from self.forward(value))

    def forward(self, fed: Any = None) -> Generator[Request[Any], Any, Question[Any] | Errand[Any] | Ended]:
        """Go on with `fed` to the next question or errand without an answer, or to the end of the flow.

        Yields each Lookup and Command that is new; send its answer back in.
        """
        for _count in range(AWAITS_MAX):
            try:
                awaited = self._coroutine.send(fed)
            except StopIteration as stop:
                self._pin()
                return Ended(stop.value)
            match awaited:
                case Say():
                    self.says.append(awaited)
                    fed = None
                case Concerning(name=name):
                    self.conversation.subject = name
                    fed = None
                case Called():
                    fed = self.conversation.journal.get(CALLED, Entry("")).value
                case Today():
                    fed = self._today(awaited)
                case Question():
                    fed = self._answered(awaited)
                    if fed is _MISSING:
                        return (yield from self._on_this_day(awaited))
                case Request():
                    fed = self._remembered(awaited)
                    if isinstance(awaited, Lookup) and awaited.fresh:
                        self._fresh.setdefault(request_key(awaited), fed is _MISSING)
                    if fed is _MISSING and isinstance(awaited, Errand):
                        return (yield from self._on_this_day(awaited))
                    if fed is _MISSING:
                        fed = yield awaited
                        self._keep(request_key(awaited), Entry(plain(fed)))
                    self._go_past(awaited, fed)
                case _:
                    raise FlowError(f"{type(awaited).__name__} can't be awaited in a flow")
        raise FlowError(f"more than {AWAITS_MAX} awaits in one conversation")

    def _on_this_day(
        self, block: Question[Any] | Errand[Any]
    ) -> Generator[Request[Any], Any, Question[Any] | Errand[Any] | Ended]:
        """What is open is asked as of today. A day or a fresh lookup kept from before an edit or "back" is forgotten
        and run again. An errand is sent with what it was looked up for."""
        if isinstance(block, Errand):
            self._fresh.clear()
        today = self.ear.now.date().isoformat()
        if all(self._fresh.values()) and all(self.conversation.journal[name].value == today for name in self._days):
            return block
        self.close()
        self.says.clear()
        self.passed.clear()
        self._seen.clear()
        self._pin()
        self.sealed, self._coroutine = 0, self._flow.run()
        return (yield from self.forward())

    def _today(self, today: Today) -> date:
        name = f"@{today.name}"
        self._days.append(name)
        entry = self.conversation.journal.get(name)
        if entry is None and self._flow.aliases:
            entry = self._taken_over(today)
        if entry is None:
            entry = Entry(self.ear.now.date().isoformat())
            self._keep(name, entry)
        return date.fromisoformat(entry.value)

    def _taken_over(self, today: Today) -> Entry | None:
        """The day as an older release kept it. A day doesn't follow the question of its name to a new one by itself:
        only when the flow asks for it there."""
        journal, name = self.conversation.journal, self._flow.present_name
        old = next((key for key in journal if key[0] == "@" and name(key[1:]) == today.name), None)
        if old is None:
            return None
        journal[f"@{today.name}"] = journal.pop(old)
        return journal[f"@{today.name}"]

    def _answered(self, question: Question[Any]) -> Any:
        if question.name in self._seen:
            raise FlowError(f"the name {question.name!r} is asked twice; put one of them `within` a scope")
        if self._flow.aliases and (renamed := self._flow.present_name(question.name)) != question.name:
            raise FlowError(f"{question.name!r} is the old name of {renamed!r}; a question needs one that is new")
        self._seen.add(question.name)
        entry = self.conversation.journal.get(question.name)
        if entry is not None and entry.about == question.about_digest:
            value = question.recall(entry.value)
            if not isinstance(value, Slip):
                self._pass(question)
                return value
        editing = self.conversation.editing
        if question.given is None or (editing is not None and question.name in editing.reopened):
            if self._flow.aliases:
                self._recognise(question)
            return _MISSING
        return question.given

    def _recognise(self, question: Question[Any]) -> None:
        """The person saw this question under its old name: what they answer now is an answer to it."""
        opened = self.conversation.open
        if opened is None or opened.name == question.name or self._flow.present_name(opened.name) != question.name:
            return
        shown: Question[Any] = Question(opened.name, question.text, about=question.about)
        if opened.token == shown.token:
            opened.name, opened.token = question.name, question.token

    def _pass(self, question: Question[Any]) -> None:
        self.passed[question.name] = question
        self.says.clear()
        self._pin()

    def _pin(self) -> None:
        """What was looked up so far is remembered from now on."""
        self._days.clear()
        self._fresh.clear()

    def _remembered(self, request: Request[Any]) -> Any:
        entry = self.conversation.journal.get(request_key(request))
        if entry is None:
            return _MISSING
        try:
            return msgspec.convert(entry.value, answer_type(type(request)))
        except (msgspec.ValidationError, ValueError):
            return _MISSING  # an older release kept another shape

    def _go_past(self, request: Request[Any], answer: Any) -> None:
        if isinstance(request, Errand):
            self.says.clear()
            self._pin()
        if request.seals(answer):
            self.sealed = len(self.passed)
            self._pin()

    def _keep(self, name: str, entry: Entry) -> None:
        if len(self.conversation.journal) >= JOURNAL_MAX:
            raise FlowError(f"more than {JOURNAL_MAX} entries in one journal")
        self.conversation.journal[name] = entry
