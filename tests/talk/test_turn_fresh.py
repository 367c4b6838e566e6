"""What is looked up fresh moves with the world until it is answered; and a flow may know which words called it."""

from __future__ import annotations

from typing import ClassVar

import pytest

from bot.talk import ask
from bot.talk.awaited import Called, Lookup, Say
from bot.talk.flow import Flow, Next
from rules.words import Text, _
from tests.talk.driver import Chat
from tests.talk.small_flows import Weigh, house


class Seats(Lookup[list[str]], frozen=True):
    """The seats that are free now."""

    fresh: ClassVar[bool] = True
    when: str = "choosing"


async def seat() -> Next | None:
    """A seat is chosen, then the weight is asked for; before that it is looked whether the seat is free still."""
    free = await Seats()
    chosen = await ask.Choice("seat", _("Kursi mana?"), {one: Text(one.upper()) for one in free}, about=free)
    await ask.Text("name", _("Nama?"))
    if chosen not in await Seats("leaving"):
        await Say(_("Kursi {seat} sudah diambil.", seat=chosen))
        return None
    weight = await Weigh(chosen)
    await Say(_("Beratnya {weight}.", weight=weight))
    return None


class TestFresh:
    @pytest.fixture
    def free(self) -> list[str]:
        return ["a", "b"]

    @pytest.fixture(params=[True, False], ids=["stored", "kept in memory"])
    def chat(self, free: list[str], request: pytest.FixtureRequest) -> Chat:
        chat = Chat(house(seat), {Seats: lambda asked: list(free)}, stored=request.param)
        chat.hear("trip")
        return chat

    def test_what_was_seen_and_is_so_no_more_is_not_taken_for_an_answer(self, chat: Chat, free: list[str]) -> None:
        free.remove("a")

        told = chat.tell("2")

        assert told.endswith("Kursi mana?\n1 B")
        assert chat.tell("1") == "Nama?"

    def test_what_was_answered_stands(self, chat: Chat, free: list[str]) -> None:
        chat.hear("1")
        free.clear()

        assert chat.tell("?").endswith("Nama?")
        assert chat.top.journal["seat"].value == "a"

    def test_back_asks_it_anew(self, chat: Chat, free: list[str]) -> None:
        chat.hear("1")
        free.remove("a")

        assert chat.tell("0").endswith("Kursi mana?\n1 B")

    def test_before_an_errand_it_is_asked_once_more_and_then_stands(self, chat: Chat, free: list[str]) -> None:
        chat.hear("1")
        chat.hear("Hasna")
        free.clear()

        assert [sent.errand for sent in chat.errands] == [Weigh("a")]
        assert chat.result(12) == "Beratnya 12."

    def test_what_is_gone_before_the_errand_is_told(self, chat: Chat, free: list[str]) -> None:
        chat.hear("1")
        free.remove("a")

        assert chat.tell("Hasna") == "Kursi a sudah diambil."
        assert chat.errands == []


class TestCalled:
    @staticmethod
    async def run() -> Next | None:
        words = await Called()
        await ask.Text("name", _("Dipanggil: {words}. Nama?", words=words or "-"))
        await Say(_("Tadi {words}.", words=await Called()))
        return None

    @pytest.mark.parametrize("words", ["nomor 2", "Nomor 3", "no 4"])
    def test_a_flow_knows_by_which_of_its_words_it_was_called(self, words: str) -> None:
        called = Flow("called", self.run, Text("Dipanggil"), ("nomor 2", "nomor 3", "no 4"), heeds=True)
        chat = Chat(house(called))

        assert chat.tell(words) == f"Dipanggil: {words}. Nama?"
        assert chat.wait(days=3).tell("Hasna").endswith("Nama?")
        assert chat.tell("Hasna") == f"Tadi {words}."

    def test_words_that_nobody_wants_to_know_are_not_kept(self) -> None:
        chat = Chat(house(Flow("called", self.run, Text("Dipanggil"), ("nomor 2",))))

        assert chat.tell("nomor 2") == "Dipanggil: -. Nama?"
        assert "nomor 2" not in str(chat.top.journal)
