"""Walk through a flow, answering by the names of the questions, so that a new one in between disturbs no walk.

Invariant: a walk stops wherever the chat waits for the person or for the world, and it ends.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from bot.talk.awaited import Errand
from bot.talk.flow import Flow, House
from bot.talk.heard import Heard, Pressed, Result, Shown
from bot.talk.journal import Conversation
from tests.talk.driver import Chat, as_sent
from tests.talk.house_chat import ANSWERS, right_answer

STEPS_MAX = 80
"""A longer walk is stuck."""
PHOTO = 7
_KINDEST = {kind.__name__: answers[0] for kind, answers in ANSWERS.items()}


class Tap(Struct, frozen=True):
    """Press the oldest button of this label."""

    label: str


class Late(Struct, frozen=True):
    """The outside world takes longer than its patience."""


Spoken = str | Heard | Tap


class Walk(Struct, frozen=True):
    """`start` is the first message. `says` is said when the question of that name is open, one after the other, and
    then the right answer; `world` is what errands are answered, and then the kindest answer there is. Every stop of a
    `whole` walk goes into the museum, of another one only the places where no earlier walk of the flow stood."""

    name: str
    start: str
    says: Mapping[str, tuple[Spoken, ...]] = field(default_factory=dict)
    world: Mapping[type[Errand[Any]], tuple[Any, ...]] = field(default_factory=dict)
    whole: bool = False


Walks = Callable[[Flow], tuple[Walk, ...]]


def stops(chat: Chat, walk: Walk) -> Iterator[Conversation]:
    """The conversation that `walk` begins, at each place where it stands open; the chat waits there meanwhile."""
    says = {name: iter(spoken) for name, spoken in walk.says.items()}
    world = {kind: iter(answers) for kind, answers in walk.world.items()}
    chat.hear(walk.start)
    begun = chat.top.id if chat.talk.stack else None
    for _step in range(STEPS_MAX):
        if begun is None or _has_ended(chat, begun):
            return
        yield chat.top
        if chat.top.open is None:
            _world_answers(chat, world)
        else:
            _speak(chat, next(says.get(chat.top.open.name, iter(())), None))
    raise AssertionError(f"the walk {walk.name!r} doesn't end; it stands at {chat.top.open}")


def to_the_end(chat: Chat) -> list[str]:
    """Go on with the conversation on top until it ends; the names of the questions that were answered."""
    number, answered = chat.top.id, list[str]()
    for _step in range(STEPS_MAX):
        if _has_ended(chat, number):
            return answered
        top = chat.top
        if top.open is None:
            kind, _sharp, _digest = top.awaiting[-1].partition("#")
            chat.hear(Result(top.id, top.awaiting[-1], as_sent(_KINDEST[kind])))
        else:
            answered += [] if top.aside else [top.open.name]
            _speak(chat, None)
    raise AssertionError(f"no end; it stands at {chat.top.open}, after {answered}")


def asked(house: House, new_chat: Callable[[], Chat], walks: Walks) -> dict[str, set[str]]:
    """The names of the questions that the walks meet, by flow."""
    names: dict[str, set[str]] = {flow.name: set() for flow in house.flows}
    for walk in itertools.chain.from_iterable(map(walks, house.flows)):
        for conversation in stops(new_chat(), walk):
            if conversation.open is not None:
                names[conversation.flow].add(conversation.open.name)
    return names


def _has_ended(chat: Chat, conversation: int) -> bool:
    return any(one.id == conversation for one, _ending in chat.ended)


def _world_answers(chat: Chat, world: Mapping[type[Errand[Any]], Iterator[Any]]) -> None:
    sent = chat.errands[-1]
    value = next(world.get(type(sent.errand), iter(())), ANSWERS[type(sent.errand)][0])
    if isinstance(value, Late):
        chat.delay(sent)
    else:
        chat.result(value, sent)


def _speak(chat: Chat, spoken: Spoken | None) -> None:
    """Say this, or else the right answer; the engine's own yes-or-no is denied."""
    if isinstance(spoken, Tap):
        buttons = (button for message in chat.said for button in message.buttons)
        spoken = next(Pressed(button.data, button.label) for button in buttons if button.label == spoken.label)
    opened = chat.top.open
    if spoken is None and opened is not None:
        spoken = "tidak" if chat.top.aside else _answer_to(opened.name)
    chat.hear("" if spoken is None else spoken)


def _answer_to(question: str) -> str | Heard:
    scope, _dot, last = question.rpartition(".")
    if last.startswith("photo"):
        return Shown(PHOTO)
    return "1" if scope and last == "birth-date" else right_answer(question)  # that of the card, or that of the NIK
