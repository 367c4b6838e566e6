"""What comes from outside while a conversation is held: results, delays, and what was sent for good."""

from __future__ import annotations

import msgspec
import pytest

from bot.talk import ask, phrases
from bot.talk.awaited import Say
from bot.talk.flow import Next
from bot.talk.heard import Delayed, Result
from rules.words import _
from tests.talk.driver import Chat
from tests.talk.small_flows import SUMMED_UP, Ship, Weigh, flow, house


class TestOutside:
    """Errands are sent after the turn; their results are heard like messages, and only where they are waited for."""

    @pytest.fixture
    def chat(self) -> Chat:
        async def run() -> None:
            place = await ask.Text("place", _("Ke mana?"))
            weight = await Weigh(place)
            await Say(_("Beratnya {weight}.", weight=weight))
            await ask.Text("name", _("Nama?"))

        chat = Chat(house(run, TRIP_TWO))
        chat.hear("trip")
        chat.hear("Bone")
        return chat

    def test_the_flow_waits_and_goes_on_with_the_result(self, chat: Chat) -> None:
        assert [sent.errand for sent in chat.errands] == [Weigh("Bone")]
        assert chat.result(12) == "Beratnya 12.\nNama?"

    def test_a_result_counts_once(self, chat: Chat) -> None:
        chat.result(12)

        assert chat.result(99) == ""
        assert chat.tell("?").endswith("Nama?")
        assert "12" in str(chat.kept())
        assert "99" not in str(chat.kept())

    def test_a_result_of_another_conversation_or_errand_is_ignored(self, chat: Chat) -> None:
        sent = chat.errands[-1]
        before = msgspec.msgpack.encode(chat.talk)

        assert chat.hear(Result(sent.conversation + 1, sent.key, 1)) == []
        assert chat.hear(Result(sent.conversation, "Weigh#000000000000", 1)) == []
        assert chat.hear(Delayed(sent.conversation + 1, sent.key)) == []
        assert msgspec.msgpack.encode(chat.talk) == before

    def test_a_late_result_does_not_touch_who_went_back(self, chat: Chat) -> None:
        late = chat.errands[-1]
        assert chat.tell("0") == "Ke mana?"

        assert chat.result(12, late) == ""
        chat.hear("Wajo")
        assert chat.result(3) == "Beratnya 3.\nNama?"

    def test_a_result_that_came_while_one_was_back_is_remembered_for_the_same_question(self, chat: Chat) -> None:
        late = chat.errands[-1]
        chat.hear("0")
        chat.result(12, late)

        assert chat.tell("Bone") == "Beratnya 12.\nNama?"
        assert len(chat.errands) == 1

    def test_a_delay_is_told_once(self, chat: Chat) -> None:
        assert chat.delay() == "Masih ditimbang."
        assert chat.delay() == ""
        assert chat.result(1) == "Beratnya 1.\nNama?"
        assert chat.delay() == ""

    def test_who_writes_while_waiting_is_answered_and_loses_nothing(self, chat: Chat) -> None:
        assert chat.tell("halo?") == chat.tell("1") == "Masih ditimbang."
        assert chat.delay() == ""
        assert len(chat.errands) == 1
        assert chat.result(1) == "Beratnya 1.\nNama?"

    def test_a_result_further_down_is_remembered_without_a_word(self, chat: Chat) -> None:
        chat.hear("menu")

        assert chat.result(12).startswith("Beratnya 12.\nMau apa?")
        assert chat.top.flow == "home"
        assert chat.tell("trip") == "Kita lanjutkan: Trip.\nNama?"

    def test_an_end_further_down_is_told_and_the_open_question_asked_again(self) -> None:
        chat = Chat(house(TRIP_TWO))
        chat.hear("dua")
        chat.hear("Bone")
        chat.hear("menu")

        assert chat.result(12) == "Selesai.\nMau apa?\n1 Pergi\n2 Tanya"
        assert [conversation.flow for conversation in chat.talk.stack] == ["home"]
        assert [(one.flow, ending) for one, ending in chat.ended] == [("two", "done")]

    def test_a_result_further_down_with_nothing_to_tell_says_nothing(self) -> None:
        async def run() -> None:
            await Weigh("Bone")
            await ask.Text("name", _("Nama?"))

        chat = Chat(house(run))
        chat.hear("trip")
        chat.hear("menu")

        assert chat.result(12) == ""
        assert chat.tell("trip") == "Kita lanjutkan: Trip.\nNama?"

    def test_a_question_that_comes_late_is_not_answered_by_a_yes_to_something_else(self, chat: Chat) -> None:
        assert chat.tell("batal").startswith("Batalkan percakapan ini?")
        assert chat.result(12) == "Beratnya 12.\nNama?"

        chat.hear("ya")  # the name, as short as it is

        assert [ending for _conversation, ending in chat.ended] == ["done"]


async def _two() -> Next | None:
    await Weigh(await ask.Text("what", _("Apa?")))
    await Say(_("Selesai."))
    return None


TRIP_TWO = flow(_two, "two", ("dua",))


class TestSealed:
    """What was sent can't be taken back: not by back, not by cancel, not by an old button."""

    @pytest.fixture
    def chat(self) -> Chat:
        chat = Chat(house(SUMMED_UP))
        for words in ("trip", "2", "Hasna", "ya"):
            chat.hear(words)
        return chat

    @pytest.mark.parametrize("word", ["0", "batal"])
    def test_on_the_way_and_after_it(self, chat: Chat, word: str) -> None:
        assert chat.tell(word) == phrases.SEALED.msgid
        assert chat.result("sent") == "Sudah dikirim. Ada pesan?"
        assert chat.tell(word) == f"{phrases.SEALED.msgid}\nSudah dikirim. Ada pesan?"

    def test_an_old_button(self, chat: Chat) -> None:
        nights = chat.said[0]
        chat.result("sent")

        assert chat.tap("Satu", nights).startswith(phrases.SEALED.msgid)
        assert chat.kept()["nights"] == "2"

    def test_what_was_refused_is_not_sealed(self, chat: Chat) -> None:
        chat.result("refused")

        assert "Periksa:" in chat.tell("0")
        assert chat.tell("batal").startswith("Batalkan percakapan ini?")

    def test_the_same_is_not_sent_twice(self, chat: Chat) -> None:
        chat.hear("halo")
        chat.result("refused")
        chat.hear("0")
        chat.hear("ya")

        assert [sent.errand for sent in chat.errands] == [Ship("Bone")]
