"""A paper that is hard to read: it may be photographed again, and who does so at once has answered."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.flows import claim
from bot.flows.claim_asks import ClaimsHere, KeepPapers, OpenClaim
from bot.talk.flow import House
from bot.talk.heard import Shown
from bot.talk.journal import Entry
from rules.quiet import WITA
from tests.talk.driver import Chat
from tests.talk.small_flows import HOME

DUE = datetime(2026, 11, 9, 16, 0, tzinfo=WITA)
NEEDED = ("ktp", "witnesses", "work-letter")
CLAIM = OpenClaim(1, 1, 1, "HASNA", "accident", "reported", "you", DUE, NEEDED, NEEDED)
AGAIN = "Fotonya buram, tulisannya sulit dibaca. Mau foto lagi?\n1 Foto lagi\n2 Pakai yang ini"


@pytest.fixture
def chat() -> Chat:
    """The first photo of the first paper is blurred."""
    chat = Chat(House((HOME, *claim.FLOWS)), {ClaimsHere: [CLAIM], KeepPapers: CLAIM})
    chat.hear("klaim")
    chat.hear("1")
    chat.hear("kirim dokumen")
    chat.hear(Shown(1))
    assert chat.result("blurred") == AGAIN
    return chat


def kept(chat: Chat) -> list[tuple[tuple[str, int], ...]]:
    return [asked.photos for asked in chat.asked if isinstance(asked, KeepPapers)]


def test_a_photo_sent_at_once_is_the_next_one(chat: Chat) -> None:
    chat.hear(Shown(2))
    chat.result(None)

    assert kept(chat) == [(("ktp", 2),)]


def test_that_one_may_be_blurred_too(chat: Chat) -> None:
    chat.hear(Shown(2))

    assert chat.result("blurred") == AGAIN
    chat.hear(Shown(3))
    chat.result(None)
    assert kept(chat) == [(("ktp", 3),)]


def test_of_an_album_all_are_taken(chat: Chat) -> None:
    chat.hear(Shown(2, (3,)))
    chat.result(None)

    assert chat.result(None).startswith("Ada 2 foto. Apakah berurutan:")
    chat.hear("1")
    assert kept(chat) == [(("ktp", 2), ("witnesses", 3))]


@pytest.mark.parametrize("words", ["1", "foto lagi", "ya"])
def test_who_says_so_is_asked_for_it(chat: Chat, words: str) -> None:
    assert "(1 dari 3)" in chat.tell(words)
    assert kept(chat) == []


@pytest.mark.parametrize("words", ["2", "pakai yang ini", "tidak"])
def test_who_has_nothing_better_sends_this_one(chat: Chat, words: str) -> None:
    chat.hear(words)

    assert kept(chat) == [(("ktp", 1),)]


def test_what_an_older_release_kept_still_holds(chat: Chat) -> None:
    chat.hear("1")
    entry = chat.top.journal["open.papers.1.again"]
    chat.top.journal["open.papers.1.again"] = Entry(True, entry.about)

    assert "(1 dari 3)" in chat.tell("halo")
