"""Turn words and the open question into one message: text, numbered options, buttons.

Invariant: every button has its number in the text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from bot.talk import phrases
from bot.talk.journal import Conversation
from bot.talk.message import BUTTON_LABEL_MAX, Button, Message, Paper, button_data
from bot.talk.question import Answer, Ear, Option, Question
from rules.words import Text

ASIDE_TOKEN = "aside"  # noqa: S105  # not a secret: marks the buttons of the engine's own yes-or-no


def compose(
    words: Sequence[Text],
    ear: Ear,
    conversation: Conversation | None = None,
    question: Question[Any] | None = None,
    back: bool = False,
    slip: Answer | None = None,
    subject: str = "",
) -> Message | None:
    """The words, then the question if there is one; None if there is nothing to say. `slip`: what the words answer.
    `subject`: whom the question is about, if that has to be told."""
    lines = [ear.tell(text) for text in words]
    if conversation is None or question is None:
        return Message("\n".join(lines)) if lines else None
    offered = conversation.open.offered if conversation.open else ()
    asked = [] if offered else question.lines(ear)
    if subject and not any(subject in line for line in asked):
        lines.append(ear.tell(phrases.about(subject)))
    options = question.offer(offered) if offered else question.options()
    lines += asked
    labels = [ear.tell(option.label) for option in options]
    if question.numbered:
        lines += _numbered(labels)
    buttons = _buttons(options, labels, conversation.id, question.token)
    if offered:
        return Message("\n".join(lines), buttons, "choice", back, private=question.private)
    illustration = question.illustration(slip)
    picture = illustration.tell(ear) if illustration else None
    return Message("\n".join(lines), buttons, question.wants, back, picture, question.private)


def with_papers(message: Message, papers: Sequence[Paper]) -> tuple[Message, ...]:
    """The message with the last of the papers; each of the others goes before it, by itself."""
    if not papers:
        return (message,)
    *before, last = dict.fromkeys(papers)
    return (*(Message("", paper=paper) for paper in before), replace(message, paper=last))


YES_OR_NO = (Option("yes", phrases.YES), Option("no", phrases.NO))


def compose_aside(
    words: Sequence[Text], asked: Text, conversation: Conversation, ear: Ear, options: Sequence[Option] = YES_OR_NO
) -> Message:
    """The words, then a question of the engine itself."""
    labels = [ear.tell(option.label) for option in options]
    lines = [*(ear.tell(text) for text in (*words, asked)), *_numbered(labels)]
    return Message("\n".join(lines), _buttons(options, labels, conversation.id, ASIDE_TOKEN), "choice", True)


def _numbered(labels: Sequence[str]) -> list[str]:
    return [f"{number} {label}" for number, label in enumerate(labels, 1)]


def _buttons(options: Sequence[Option], labels: Sequence[str], conversation: int, token: str) -> tuple[Button, ...]:
    return tuple([
        Button(label[:BUTTON_LABEL_MAX], button_data(conversation, token, option.key))
        for option, label in zip(options, labels, strict=True)
    ])  # fmt: skip
