"""The museum: conversations as they stood open in a release, and the names of all its questions.

`journals/<release>/<flow>.<walk>.<place>.json` is one conversation, `questions/<release>.json` the names by flow.
Invariant: what a release put in stays as it was; only invented people stand in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from bot.flows import HOUSE
from bot.talk.flow import Flow
from bot.talk.journal import Conversation, Talk
from tests.museum.walking import Walk, asked, stops, to_the_end
from tests.museum.walks import walks
from tests.talk.driver import START, Chat
from tests.talk.house_chat import house_chat

FOLDER = Path(__file__).parent
PYPROJECT = FOLDER.parent.parent / "pyproject.toml"

Names = Mapping[str, list[str]]
"""Names of questions, by flow."""


class Exhibit(Struct, frozen=True):
    """One conversation. `told` is the last that the person had read, `question` the name of what is open ("" while
    the outside world is awaited), `answered` the names in the journal, `left` those that were answered from here to
    the end in the release itself, by the same script as in the tests."""

    release: str
    flow: str
    case: str
    told: str
    question: str
    answered: list[str]
    answers: int
    left: list[str]
    conversation: Conversation


def version() -> str:
    """The release that pyproject.toml speaks of: "0.1" for 0.1.0, "0.1.1" for 0.1.1."""
    written: str = tomllib.loads(PYPROJECT.read_text())["project"]["version"]
    return written.removesuffix(".0")


def releases(folder: Path = FOLDER) -> list[str]:
    """Those in the museum, the oldest first."""
    found = (path.stem for path in (folder / "questions").glob("*.json"))
    return sorted(found, key=lambda release: [int(part) for part in release.split(".")])


def exhibits(release: str, folder: Path = FOLDER) -> list[Exhibit]:
    paths = sorted((folder / "journals" / release).glob("*.json"))
    return [msgspec.json.decode(path.read_bytes(), type=Exhibit) for path in paths]


def questions(release: str, folder: Path = FOLDER) -> Names:
    return msgspec.json.decode((folder / "questions" / f"{release}.json").read_bytes(), type=dict[str, list[str]])


def reopened(conversation: Conversation, later: timedelta = timedelta()) -> Chat:
    """A chat of the present code in the middle of a stored conversation, so much later."""
    chat = house_chat()
    chat.talk = Talk(stack=[msgspec.convert(msgspec.to_builtins(conversation), Conversation)])
    assert conversation.touched is not None
    chat.now = conversation.touched.astimezone(START.tzinfo) + later
    return chat


def write(release: str, folder: Path = FOLDER) -> int:
    """Put the present code into the museum as this release; how many conversations. FileExistsError if it is there."""
    journals = folder / "journals" / release
    journals.mkdir(parents=True)
    many = 0
    for flow in HOUSE.flows:
        for exhibit in _taken(release, flow):
            _write(journals / f"{flow.name}.{exhibit.case}.json", exhibit)
            many += 1
    names = {flow: sorted(found) for flow, found in asked(HOUSE, house_chat, walks).items()}
    _write(folder / "questions" / f"{release}.json", names)
    return many


def _write(path: Path, what: object) -> None:
    """As JSON, a line for each key."""
    lines = [f"{_json(key)}: {_json(value)}" for key, value in msgspec.to_builtins(what).items()]
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _taken(release: str, flow: Flow) -> Iterator[Exhibit]:
    taken: set[str] = set()
    for walk in walks(flow):
        for place, exhibit in _stops(release, flow, walk):
            if exhibit.case not in taken and (walk.whole or place not in taken):
                yield exhibit
            taken |= {place, exhibit.case}


def _stops(release: str, flow: Flow, walk: Walk) -> Iterator[tuple[str, Exhibit]]:
    chat = house_chat()
    for conversation in stops(chat, walk):
        place, answered = _place(conversation), list(chat.kept(conversation))
        question = conversation.open.name if conversation.open else ""
        answered = [name for name in answered if "#" not in name]
        told = chat.said[-1].text if chat.said else ""
        yield place, Exhibit(
            release, flow.name, f"{walk.name}.{place}", told, question, answered, len(answered),
            to_the_end(reopened(conversation)), conversation,
        )  # fmt: skip


def _place(conversation: Conversation) -> str:
    """Where a conversation stands, as a part of a file's name."""
    opened = conversation.open
    if opened is None:
        key = conversation.awaiting[-1]
        return f"{key.partition('#')[0]}{'.late' if f'{key}!' in conversation.journal else ''}"
    marks = {
        "editing": conversation.editing is not None,
        "offered": bool(opened.offered),
        "slipped": opened.slips > 0,
        f"asked-to-{conversation.aside.kind}" if conversation.aside else "": conversation.aside is not None,
    }
    return ".".join([opened.name, *(mark for mark, is_so in marks.items() if is_so)])
