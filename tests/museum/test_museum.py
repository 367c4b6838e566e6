"""Whoever was in the middle of a conversation when a release was made goes on in it, whatever was released since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace

from bot.flows import HOUSE
from bot.talk import phrases
from bot.talk.awaited import Command
from bot.talk.flow import Flow, House
from tests.museum.__main__ import main
from tests.museum.exhibits import Exhibit, Names, exhibits, questions, releases, reopened, version, write
from tests.museum.walking import Walk, asked, stops, to_the_end
from tests.museum.walks import walks
from tests.talk.driver import Chat
from tests.talk.house_chat import house_chat

ASKED_AGAIN: Mapping[str, Mapping[str, str]] = {}
"""By flow and present name of the question: why a new release asks it although it was answered, such as other words
to consent to. Nothing else is asked again."""
PAUSE = timedelta(days=3)
OLDER = "older-name"
EVERY = [exhibit for release in releases() for exhibit in exhibits(release)]
KEPT = [exhibit for exhibit in EVERY if exhibit.flow not in HOUSE.removed]


def _id(exhibit: Exhibit) -> str:
    return f"{exhibit.release}-{exhibit.flow}.{exhibit.case}"


every = pytest.mark.parametrize("exhibit", KEPT, ids=map(_id, KEPT))


@every
class TestStoredConversation:
    """One that stood open in a release."""

    def test_a_greeting_after_days_leads_back_to_what_was_open(self, exhibit: Exhibit) -> None:
        chat = reopened(exhibit.conversation, PAUSE)
        opened = chat.top.open

        told = chat.tell("halo")

        if opened is None:
            assert told
            assert chat.top.awaiting == exhibit.conversation.awaiting
        else:
            assert told.startswith("Halo lagi.")
            assert "\n" in told  # the question follows
            assert chat.top.open is not None
            assert chat.top.open.name in {_next(exhibit), *_new(exhibit)}

    def test_every_answer_is_still_there(self, exhibit: Exhibit) -> None:
        chat = reopened(exhibit.conversation, PAUSE)
        before = chat.kept()

        chat.hear("halo")

        kept, present = chat.kept(), _flow(exhibit).present_name
        assert exhibit.answers == len(exhibit.answered)
        assert [name for name in exhibit.answered if kept[present(name)] != before[name]] == []

    def test_nothing_is_done_twice(self, exhibit: Exhibit) -> None:
        chat = reopened(exhibit.conversation, PAUSE)
        done = {key.partition("#")[0] for key in exhibit.conversation.journal if "#" in key}

        chat.hear("halo")

        assert chat.errands == []
        assert [one for one in chat.asked if isinstance(one, Command) and type(one).__name__ in done] == []

    def test_it_goes_on_to_its_end(self, exhibit: Exhibit) -> None:
        chat = reopened(exhibit.conversation, PAUSE)
        chat.hear("halo")

        answered = to_the_end(chat)

        _check_the_rest(exhibit, chat, answered)

    def test_it_goes_on_at_once_with_the_answer_to_what_is_open(self, exhibit: Exhibit) -> None:
        chat = reopened(exhibit.conversation)

        answered = to_the_end(chat)

        if _stands_where_it_stood(exhibit):
            assert phrases.CHANGED.msgid not in "\n".join(message.text for message in chat.said)
            _check_the_rest(exhibit, chat, answered)
        else:  # what is new stands before it, so the first answer went to something that isn't asked now
            _check_the_rest(exhibit, chat, answered[1:] if answered[:1] == [exhibit.question] else answered)


def _check_the_rest(exhibit: Exhibit, chat: Chat, answered: list[str]) -> None:
    """Nothing was asked but what had been left to ask, and what is new since."""
    present, new = _flow(exhibit).present_name, _new(exhibit)
    given = [present(name) for name in answered]
    assert [name for name in given if name not in new and name not in map(present, exhibit.left)] == []
    assert len(given) <= len(exhibit.left) + len(new.intersection(given))
    assert chat.ended  # first itself, then maybe what followed it
    one, ending = chat.ended[0]
    assert (one.id, one.flow, ending) == (exhibit.conversation.id, exhibit.flow, "done")


def _stands_where_it_stood(exhibit: Exhibit) -> bool:
    """Whether the present code asks there what was asked in the release, maybe under another name."""
    chat = reopened(exhibit.conversation)
    chat.hear("halo")
    return (chat.top.open.name if chat.top.open else "") == _flow(exhibit).present_name(exhibit.question)


def _flow(exhibit: Exhibit) -> Flow:
    flow = HOUSE.named(exhibit.flow)
    assert flow is not None, f"the flow {exhibit.flow!r} is gone; docs/change-a-flow.md says what to do"
    return flow


def _next(exhibit: Exhibit) -> str:
    """What is to be asked next: what was open, or what followed it then, if that is gone."""
    flow = _flow(exhibit)
    present = (flow.present_name(name) for name in (exhibit.question, *exhibit.left))
    return next(name for name in present if not flow.is_removed(name))


def _new(exhibit: Exhibit) -> frozenset[str]:
    """The names of today that the release didn't know, and those asked again for a reason."""
    return _unknown(exhibit.release, exhibit.flow) | ASKED_AGAIN.get(exhibit.flow, {}).keys()


@cache
def _unknown(release: str, name: str) -> frozenset[str]:
    flow = HOUSE.named(name)
    known = {flow.present_name(one) for one in questions(release)[name]} if flow else set()
    return frozenset(_asked_now().get(name, set()) - known)


@cache
def _asked_now() -> dict[str, set[str]]:
    return asked(HOUSE, house_chat, walks)


class TestReleases:
    """What the museum holds is whole; what isn't released yet needs nothing."""

    def test_the_version_of_this_code_is_in_it(self) -> None:
        """Between two releases pyproject.toml stays at the last one."""
        assert version() in releases(), f"before a release: python -m tests.museum --release {version()}"

    @pytest.mark.parametrize("release", releases())
    def test_each_question_of_a_release_was_open_in_some_conversation(self, release: str) -> None:
        _check_complete(questions(release), exhibits(release))

    def test_the_code_as_it_is_now_could_be_released(self, tmp_path: Path) -> None:
        write("9.9", tmp_path)

        assert releases(tmp_path) == ["9.9"]
        assert set(questions("9.9", tmp_path)) == {flow.name for flow in HOUSE.flows}
        _check_complete(questions("9.9", tmp_path), exhibits("9.9", tmp_path))

    @pytest.mark.parametrize(("release", "why"), [
        (releases()[-1], "is in the museum already" if releases()[-1] == version() else "pyproject.toml is at"),
        ("99.1", "pyproject.toml is at"),
    ])  # fmt: skip
    def test_a_release_is_written_once_and_by_its_own_code(
        self, release: str, why: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        before = exhibits(releases()[-1])

        with pytest.raises(SystemExit):
            main(["--release", release])

        assert why in capsys.readouterr().err
        assert exhibits(releases()[-1]) == before


def _check_complete(names: Names, kept: list[Exhibit]) -> None:
    assert kept
    for flow, asked_in_it in names.items():
        assert {exhibit.question for exhibit in kept if exhibit.flow == flow} - {""} == set(asked_in_it)


class TestItWouldNotice:
    """A conversation of an imagined release, in which the question answered last had another name."""

    def test_an_answer_that_is_asked_again(self) -> None:
        chat, lost, _opened = _of_an_older_release()

        chat.hear("halo")

        assert chat.top.open is not None
        assert chat.top.open.name == lost

    def test_an_alias_that_finds_it(self) -> None:
        chat, lost, opened = _of_an_older_release()
        enrol = HOUSE.named("enrol")
        assert enrol is not None
        chat.house = House((HOUSE.home, replace(enrol, aliases={**enrol.aliases, OLDER: lost})))

        chat.hear("halo")

        assert chat.top.open is not None
        assert chat.top.open.name == opened


def _of_an_older_release() -> tuple[Chat, str, str]:
    """The chat, the present name of the question that it knows as `OLDER`, and of the one that is open."""
    walk = stops(house_chat(), Walk("plain", "daftar"))
    conversation = next(one for one in walk if len(one.journal) >= 10 and one.open)
    chat = reopened(conversation, PAUSE)
    last = [name for name in chat.kept() if "#" not in name][-1]
    chat.top.journal[OLDER] = chat.top.journal.pop(last)
    assert conversation.open is not None
    return chat, last, conversation.open.name
