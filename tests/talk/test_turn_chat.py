"""A chat over time: several conversations, old buttons, pauses, slips, and new releases."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from bot.talk import ask, phrases
from bot.talk.awaited import CallPerson, StopReminders
from bot.talk.day import Day
from bot.talk.flow import Next
from bot.talk.heard import Edited, Heard, Pressed, Said, Shown, Unread
from bot.talk.journal import STACK_MAX, Conversation, Entry
from bot.talk.message import button_data
from bot.talk.question import Question
from bot.talk.turn import SLIPS_OTHER_WAY, SLIPS_PERSON
from rules.words import _
from tests.talk.driver import START, Chat
from tests.talk.small_flows import TRIP, Run, flow, house

MENU = "Mau apa?\n1 Pergi\n2 Tanya"
BY = "Naik apa?\n1 Bus\n2 Perahu"


def _one_question(name: str) -> Run:
    async def run() -> Next | None:
        await ask.Choice(name, _("Pilih:"), {"a": _("Apel"), "b": _("Bola")})
        return None

    return run


def _flows(many: int) -> Chat:
    flows = [flow(_one_question("pick"), f"flow{n}", (f"mulai {n}",)) for n in range(many)]
    return Chat(house(*flows))


@pytest.fixture
def chat() -> Chat:
    chat = Chat(house(TRIP))
    chat.hear("trip")
    return chat


class TestStack:
    """Who starts something else finds the first again; nothing is lost but by the limit."""

    def test_a_stranger_gets_home_and_a_called_flow_at_once(self) -> None:
        assert Chat(house(TRIP)).tell("apa ini") == MENU
        assert Chat(house(TRIP)).tell("Trip!") == BY

    def test_an_edited_message_begins_nothing(self) -> None:
        chat = Chat(house(TRIP))
        assert chat.tell(Edited("trip", "m1")) == phrases.EDIT_UNUSED.msgid
        assert chat.talk.stack == []
        assert chat.tell("0") == MENU  # which its words speak of

    def test_an_edited_message_after_the_end_begins_nothing(self, chat: Chat) -> None:
        for words in ("batal", "ya"):
            chat.hear(words)

        assert chat.tell(Edited("trip", "m1")) == phrases.EDIT_UNUSED.msgid
        assert chat.talk.stack == []

    def test_what_follows_home_starts_or_goes_on(self, chat: Chat) -> None:
        chat.hear("1")
        assert chat.tell("menu") == MENU

        assert chat.tell("1") == "Kita lanjutkan Trip, tinggal 2 langkah.\nKe mana?"
        assert [conversation.flow for conversation in chat.talk.stack] == ["trip"]

    def test_home_left_in_the_middle_opens_at_its_first_question(self, chat: Chat) -> None:
        chat.hear("menu")
        assert chat.tell("2").startswith("Masih ada?")

        assert chat.tell("menu") == MENU
        chat.hear("2")
        assert chat.tell("trip").startswith("Kita lanjutkan Trip")
        assert chat.tell("menu") == MENU

    def test_back_from_home_returns_to_what_was_interrupted(self, chat: Chat) -> None:
        chat.hear("menu")

        assert chat.tell("0") == f"Kita lanjutkan Trip, tinggal 3 langkah.\n{BY}"

    def test_one_more_than_the_limit_replaces_the_oldest(self) -> None:
        chat = _flows(STACK_MAX + 1)
        for n in range(STACK_MAX + 1):
            chat.hear(f"mulai {n}")

        assert [conversation.flow for conversation in chat.talk.stack] == [f"flow{n}" for n in range(1, STACK_MAX + 1)]
        assert [(one.flow, ending) for one, ending in chat.ended] == [("flow0", "replaced")]

    def test_each_end_goes_on_with_the_one_before(self) -> None:
        chat = _flows(3)
        for n in range(3):
            chat.hear(f"mulai {n}")

        assert chat.tell("1").startswith("Kita lanjutkan: Flow1.")
        assert chat.tell("1").startswith("Kita lanjutkan: Flow0.")
        assert chat.tell("1") == ""
        assert chat.talk.stack == []

    def test_stop_and_a_person_are_asked_of_the_registry(self, chat: Chat) -> None:
        chat.hear("STOP")
        chat.hear("petugas")
        Chat(house()).hear("stop")

        assert chat.asked == [StopReminders(), CallPerson("trip", "by")]

    def test_cancel_asks_first(self, chat: Chat) -> None:
        chat.hear("batal")
        assert chat.tell("tidak") == BY
        chat.hear("batal")
        assert chat.tell("bus") == "Ke mana?"  # neither yes nor no: an answer as always
        chat.hear("batal")
        assert chat.tell("ya") == phrases.CANCELLED.msgid
        assert [ending for _conversation, ending in chat.ended] == ["cancelled"]


class TestOldButtons:
    """A button that is not of the open question is recognised, and never taken for an answer to it."""

    def test_the_present_one_answers(self, chat: Chat) -> None:
        assert chat.tap("Perahu") == "Ke mana?"
        assert chat.kept() == {"by": "boat"}

    def test_an_answered_one_asks_whether_to_change(self, chat: Chat) -> None:
        first = chat.said[-1]
        chat.tap("Bus")

        assert chat.tap("Perahu", first) == "Tadi Anda jawab Bus. Ganti jadi Perahu?\n1 Ya\n2 Tidak"
        assert chat.tap("Ya") == "Ke mana?"
        assert chat.kept() == {"by": "boat"}

    def test_the_same_answer_again_changes_nothing(self, chat: Chat) -> None:
        first = chat.said[-1]
        chat.tap("Bus")

        assert chat.tap("Bus", first) == "Ke mana?"

    def test_a_yes_or_no_is_called_as_it_was_shown(self) -> None:
        async def run() -> None:
            await ask.Confirm("sure", _("Jadi?"), yes=_("Jadi pergi"), no=_("Di rumah"))
            await ask.Phone("phone", _("HP?"))
            await ask.Photo("photo", _("Foto?"), instead={"type": _("Ketik saja")})
            await ask.Text("name", _("Nama?"))

        chat = Chat(house(run))
        chat.hear("trip")
        chat.hear("1")
        chat.hear("0812 3456 7890")
        chat.hear(Shown(77))
        sure, phone, photo, _name = chat.said

        assert chat.tap("Di rumah", sure).startswith("Tadi Anda jawab Jadi pergi. Ganti jadi Di rumah?")
        assert chat.tap("Tidak punya HP", phone).startswith("Tadi Anda jawab 0812xxxx890. Ganti jadi Tidak punya HP?")
        assert chat.tap("Ketik saja", photo).startswith("Tadi Anda jawab foto. Ganti jadi Ketik saja?")

    def test_one_of_another_conversation(self, chat: Chat) -> None:
        old = chat.said[-1]
        chat.hear("menu")

        assert chat.tap("Bus", old) == f"{phrases.OTHER_CONVERSATION.msgid}\n{MENU}"

    def test_one_of_a_question_not_passed(self, chat: Chat) -> None:
        unknown = Pressed(button_data(chat.top.id, "00000000", "x"))

        assert chat.tell(unknown) == f"{phrases.OLD_BUTTON.msgid}\n{BY}"

    def test_an_option_that_never_was(self, chat: Chat) -> None:
        data = chat.said[-1].buttons[0].data

        assert chat.tell(Pressed(data.replace(".bus", ".plane"))).endswith(BY)
        assert chat.kept() == {}

    @pytest.mark.parametrize("data", ["", ".", "..", "1..", "zz.aa.bb", "\x00\ufffd\u2028", "1.aside.yes", "9" * 5_000])
    def test_nonsense(self, chat: Chat, data: str) -> None:
        assert chat.tell(Pressed(data)).endswith(BY)
        assert chat.kept() == {}

    def test_a_yes_to_a_cancel_that_was_dropped(self, chat: Chat) -> None:
        chat.hear("batal")
        asked = chat.said[-1]
        chat.hear("tidak")

        assert chat.tap("Ya", asked).endswith(BY)
        assert chat.ended == []


class TestPause:
    """Who comes back after six hours hears where they are, and a greeting is not taken for a name."""

    def test_a_clear_answer_counts_at_once(self, chat: Chat) -> None:
        assert chat.wait(days=45).tell("2") == "Ke mana?"

    def test_anything_else_gets_the_recap_and_is_no_slip(self, chat: Chat) -> None:
        assert chat.wait(hours=6).tell("kemarin saya sakit") == f"Halo lagi. Trip Anda tinggal 3 langkah.\n{BY}"
        assert chat.top.open is not None
        assert chat.top.open.slips == 0

    def test_free_words_are_asked_for_again(self, chat: Chat) -> None:
        chat.hear("1")

        assert chat.wait(hours=7).tell("apa kabar") == "Halo lagi. Trip Anda tinggal 2 langkah.\nKe mana?"
        assert chat.tell("Bone").startswith("Jadi?")

    def test_who_calls_another_flow_after_a_pause_is_there_at_once(self) -> None:
        """A reminder says "balas bayar": whoever does, wants to pay, whatever was left open."""

        async def other() -> None:
            await ask.Text("words", _("Tulis apa?"))

        chat = Chat(house(TRIP, flow(other, "other", ("tulis",))))
        chat.hear("trip")

        assert chat.wait(days=2).tell("tulis") == "Tulis apa?"

    def test_a_short_pause_is_none(self, chat: Chat) -> None:
        chat.hear("1")

        assert chat.wait(hours=5, minutes=59).tell("Bone").startswith("Jadi?")

    def test_a_greeting_gets_the_recap_of_its_time(self, chat: Chat) -> None:
        assert chat.tell("halo").startswith("Kita lanjutkan Trip, tinggal 3 langkah.")
        assert chat.wait(days=3).tell("Halo!").startswith("Halo lagi. Trip Anda tinggal 3 langkah.")


class TestWordsOfFlows:
    """A word that starts a flow is an option only to the letter, never as a part of one."""

    @pytest.fixture
    def chat(self) -> Chat:
        async def treatment() -> None:
            await ask.Choice("to", _("Ke mana?"), {"a": _("Klinik Jampu"), "b": _("Tutup perjalanan"), "c": _("Cari")})
            await ask.Text("end", _("Lagi?"))

        there = flow(treatment, "treatment", ("perjalanan",))
        near = flow(_one_question("near"), "near", ("klinik",))
        chat = Chat(house(there, near, flow(_one_question("found"), "find", ("cari",))))
        chat.hear("perjalanan")
        return chat

    def test_a_part_of_a_label_goes_to_the_flow(self, chat: Chat) -> None:
        assert chat.tell("klinik") == "Pilih:\n1 Apel\n2 Bola"

    def test_the_word_of_this_flow_chooses_nothing_and_asks_again(self, chat: Chat) -> None:
        assert chat.tell("perjalanan").startswith("Ke mana?")
        assert chat.kept() == {}

    @pytest.mark.parametrize("words", ["cari", "jampu", "klinik jampu"])
    def test_a_whole_label_and_a_part_that_means_nothing_else_are_options(self, chat: Chat, words: str) -> None:
        assert chat.tell(words) == "Lagi?"


class TestSlips:
    """Two tries, then another way; three, then a person."""

    def test_the_second_shows_another_way_and_the_third_offers_a_person(self, chat: Chat) -> None:
        said = [chat.tell("kuda") for _try in range(SLIPS_PERSON)]

        assert phrases.OTHER_WAY.msgid not in said[0]
        assert phrases.OTHER_WAY.msgid in said[SLIPS_OTHER_WAY - 1]
        assert phrases.ASK_PERSON.msgid in said[SLIPS_PERSON - 1]
        assert chat.tell("ya") == f"{phrases.PERSON_CALLED.msgid}\n{BY}"
        assert chat.asked == [CallPerson("trip", "by")]

    def test_a_no_begins_the_count_anew(self, chat: Chat) -> None:
        for _try in range(SLIPS_PERSON):
            chat.hear("kuda")

        assert chat.tell("tidak") == BY
        assert phrases.ASK_PERSON.msgid not in chat.tell("kuda")
        assert chat.asked == []

    def test_another_slip_is_asked_the_question_again_and_not_the_offer(self, chat: Chat) -> None:
        for _try in range(SLIPS_PERSON):
            chat.hear("kuda")

        assert chat.tell("kerbau").endswith(BY)
        assert chat.tell("2") == "Ke mana?"

    @pytest.mark.parametrize(
        ("question", "answer", "kept"),
        [
            (ask.Phone("it", _("HP?")), Said("0812 3456 7890"), {"e164": "+6281234567890"}),
            (Day("it", _("Lahir?")), Said("12-05-1979"), "1979-05-12"),
            (ask.Photo("it", _("Foto?"), instead={"type": _("Ketik")}), Shown(7), 7),
            (ask.Text("it", _("Nama?")), Said("Karim"), "Karim"),
        ],
    )
    def test_what_fits_the_open_question_is_its_answer_and_the_offer_is_forgotten(
        self, question: Question[Any], answer: Heard, kept: Any
    ) -> None:
        async def run() -> None:
            await copy.copy(question)
            await ask.Text("end", _("Lagi?"))

        chat = Chat(house(run))
        chat.hear("trip")
        said = [chat.tell("%%") for _try in range(SLIPS_PERSON)]

        assert phrases.ASK_PERSON.msgid in said[-1]
        assert chat.tell(answer) == "Lagi?"
        assert chat.kept() == {"it": kept}
        assert chat.asked == []

    def test_what_fits_both_answers_the_offer(self, chat: Chat) -> None:
        for _try in range(SLIPS_PERSON):
            chat.hear("kuda")

        assert chat.tell("1") == f"{phrases.PERSON_CALLED.msgid}\n{BY}"

    def test_an_answer_begins_the_count_anew(self, chat: Chat) -> None:
        chat.hear("kuda")
        chat.hear("kuda")
        chat.hear("bus")

        assert phrases.OTHER_WAY.msgid not in chat.tell("12 34")

    def test_the_way_of_the_question_itself(self) -> None:
        async def run() -> None:
            await ask.Nik("nik", _("NIK?"), otherwise=_("Lihat baris pertama KTP."), hint=_("16 angka."))

        chat = Chat(house(run))
        chat.hear("trip")
        chat.hear("73")

        assert "Lihat baris pertama KTP." in chat.tell("73")
        assert chat.tell("bantuan") == "16 angka.\nNIK?"

    @pytest.mark.parametrize("sent", [Unread("voice"), Unread("sticker"), Shown(5), "a" * 10_000])
    def test_what_cannot_be_used_is_a_slip(self, chat: Chat, sent: Unread | Shown | str) -> None:
        assert chat.tell(sent).endswith(BY)
        assert chat.top.open is not None
        assert chat.top.open.slips == 1


class TestNewRelease:
    """An old journal runs on new code and is asked only what is new or no longer valid."""

    def _load(self, **journal: str) -> Chat:
        chat = Chat(house(TRIP))
        entries = {name: Entry(value) for name, value in journal.items()}
        chat.talk.stack.append(Conversation(99, "trip", entries, touched=START))
        return chat

    def test_an_entry_nobody_asks_about_is_carried_along(self) -> None:
        chat = self._load(by="bus", wheels="four", place="Bone")

        assert "Jadi?" in chat.tell("halo")
        assert chat.kept()["wheels"] == "four"

    def test_a_question_that_is_new_is_asked_and_what_follows_is_not(self) -> None:
        chat = self._load(place="Bone")

        assert BY in chat.tell("halo")
        assert chat.tell("1").startswith("Jadi?")

    def test_an_answer_no_longer_valid_is_asked_again(self) -> None:
        chat = self._load(by="horse", place="Bone")

        assert BY in chat.tell("halo")
        assert chat.tell("2").startswith("Jadi?")
        assert chat.kept()["by"] == "boat"

    def test_an_answer_to_what_was_open_before_is_not_taken_for_the_new_one(self) -> None:
        assert self._load(place="Bone").tell("1") == f"{phrases.CHANGED.msgid}\n{BY}"

    def test_a_flow_that_is_gone_leads_to_the_menu_at_once(self) -> None:
        chat = Chat(house(TRIP))
        chat.talk.stack += [Conversation(1, "gone"), Conversation(2, "gone too")]

        assert chat.tell("1") == f"{phrases.GONE.msgid}\n{MENU}"
        assert [(one.flow, ending) for one, ending in chat.ended] == [("gone too", "broken"), ("gone", "broken")]
        assert chat.tell("1") == BY

    def test_a_flow_that_is_gone_gives_way_to_the_one_below(self, chat: Chat) -> None:
        chat.talk.stack.append(Conversation(50, "gone"))

        assert chat.tell("2") == f"{phrases.GONE.msgid}\nKita lanjutkan Trip, tinggal 3 langkah.\n{BY}"
        assert chat.kept() == {}

    def test_a_flow_that_is_gone_below_is_left_when_it_is_reached(self, chat: Chat) -> None:
        chat.talk.stack.insert(0, Conversation(50, "gone"))
        for words in ("1", "Bone"):
            chat.hear(words)

        assert chat.tell("jadi") == f"Selamat jalan.\n{phrases.GONE.msgid}\n{MENU}"
