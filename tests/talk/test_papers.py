"""A flow hands over a paper with what it says: once, in order, however the conversation goes on."""

from __future__ import annotations

import msgspec
import pytest

from bot.talk.message import PAPER_OF_MAX, Line, Message, Paper
from tests.papering import LETTER, QR, ask_for_papers, to_the_end, two_at_once
from tests.talk.driver import Chat
from tests.talk.small_flows import flow, house


def papers(messages: list[Message]) -> list[Paper]:
    return [message.paper for message in messages if message.paper is not None]


@pytest.mark.parametrize("stored", [True, False])
def test_a_paper_goes_with_the_words_and_the_question_after_them(stored: bool) -> None:
    chat = Chat(house(flow(ask_for_papers)), stored=stored)
    chat.hear("trip")

    (message,) = chat.hear("surat")

    assert message.paper == LETTER
    assert message.text.startswith("Ini berkasnya.\nMau berkas apa?")
    assert len(message.buttons) == 6


def test_it_is_handed_over_once() -> None:
    chat = Chat(house(flow(ask_for_papers)))
    chat.hear("trip")
    chat.hear("surat")

    assert papers(chat.hear("entah apa")) == []
    assert papers(chat.wait(days=3).hear("halo")) == []
    assert papers(chat.hear("menu")) == []
    assert papers(chat.hear("trip")) == []
    assert papers(chat.hear("kode")) == [QR]


def test_who_goes_back_and_answers_anew_gets_the_other_one() -> None:
    chat = Chat(house(flow(ask_for_papers)))
    chat.hear("trip")
    chat.hear("surat")
    chat.hear("0")

    assert papers(chat.hear("kode")) == [QR]


def test_of_several_the_last_goes_with_the_words_and_the_others_before_it() -> None:
    first, message = Chat(house(flow(two_at_once))).hear("trip")

    assert first == Message("", paper=QR)
    assert message.paper == LETTER
    assert message.text.split("\n")[:3] == ["Ini kodenya.", "Ini suratnya.", "Sudah diterima?"]


def test_a_conversation_may_end_with_one() -> None:
    chat = Chat(house(flow(to_the_end)))

    assert chat.hear("trip") == [Message("Ini suratnya. Selesai.", paper=LETTER)]
    assert chat.talk.stack == []


def test_what_an_older_release_wrote_without_papers_is_read() -> None:
    old = b'{"text": "Halo", "wants": "choice"}'

    assert msgspec.json.decode(old, type=Message) == Message("Halo", wants="choice")
    assert b"paper" not in msgspec.json.encode(Message("Halo"))


def test_what_carries_a_paper_is_read_as_it_was_written() -> None:
    message = Message("Ini suratnya.", paper=LETTER)

    assert msgspec.json.decode(msgspec.json.encode(message), type=Message) == message
    assert Line.__struct_defaults__[-1] is None


@pytest.mark.parametrize("name", ["../a.pdf", "surat pengantar.pdf", 'a".pdf', "surat", "-a.pdf", "é.pdf", "a" * 60])
def test_a_name_that_would_have_to_be_quoted_is_a_mistake_of_ours(name: str) -> None:
    with pytest.raises(ValueError, match="called"):
        Paper("letter", "1", name, "application/pdf")


def test_so_is_a_paper_made_of_a_long_text() -> None:
    with pytest.raises(ValueError, match="too much"):
        Paper("qr", "x" * (PAPER_OF_MAX + 1), "kode.png", "image/png")
