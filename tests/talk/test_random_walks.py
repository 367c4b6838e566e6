"""Random walks over all flows: whatever people send, in whatever order and however late the world answers.

Guards "from every state: the menu in one message, back to the previous question, no dead end".
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.talk.awaited import Lookup
from bot.talk.fold import GLOBAL
from bot.talk.heard import Contact, Delayed, Edited, HandedBack, Heard, Pressed, Result, Said, Shown, Unread
from bot.talk.message import Message
from tests.talk.driver import Chat, as_sent
from tests.talk.house_chat import (
    ANSWERS,
    ENROLLED,
    HASNA,
    LATE_CODE,
    MOVE_CODE,
    OWN_CODE,
    TOO_YOUNG,
    house_chat,
    right_answer,
)

WALKS = int(os.environ.get("SIAGA_WALKS", "300"))
"""`make walks` goes ten thousand."""
RIGHT_MAX = 15
"""Right answers that open a walk; so many lead from the menu to the payment code."""
INPUTS_MAX = 60
CHOICES_MAX, SEND = 5, "Ya, kirim"
"""Only the summary, known by its first button, has more."""
LENGTH_MAX = 1_200
"""Characters of a message; the longest is a summary."""

NUMBERS = ("1", "2", "3", "4", "5", "6", "8", "12", "no 2", "yang 1", "dua")
YES_NO = ("ya", "tidak", "iye'", "tdk", "ga benar", "benar", "salah", "👍", "ya?", "setuju", "kirim")
NAMES = (
    "La Baco",
    "Hasna",
    "Nurhasanah, S.Pd.",
    "I",
    "jampu",
    "jamppu",
    "lalabata",
    "petani",
    "tukang",
    "ojek",
    "istri",
)
NIKS = (HASNA, ENROLLED, TOO_YOUNG, "7312 0452 0579 9902", "731204520579", "7312049952799901")
DATES = ("12-05-1979", "30-02-1979", "01-01-2030", "12-05-2015", "1/1/1940", "31-12-9999")
THINGS = ("0812 3456 7890", "0812", "tidak punya", "2.500.000", "999.999.999.999", "ubah 3", "ubah 7", "ganti no 2")
CALLS = (
    "daftar", "status", "cek", "pindah", "manfaat", "klaim", "kecelakaan", "meninggal", "beasiswa", "data saya",
    "hapus data", "hapus foto saya", "1979",
)  # fmt: skip
WORDS = tuple(sorted(word for words in GLOBAL.values() for word in words))
GARBAGE: tuple[Heard, ...] = (
    Said("asdf qwer"), Said("???!"), Said(""), Said("🙏🙏"), Said("a" * 10_000), Said("{name} %s \\ \u2028"), Said("٣"),
    Unread("voice"), Unread("sticker"), Unread("document"), Unread("unknown"), Unread("photo-too-large"),
    Pressed(""), Pressed("zz.yy.xx"), Pressed("1.aside.maybe"), Pressed("\x00"), Pressed("9" * 5_000),
)  # fmt: skip
CODES = (MOVE_CODE, OWN_CODE, LATE_CODE, "000.000")
TYPED = (*NUMBERS, *YES_NO, *NAMES, *NIKS, *DATES, *THINGS, *CODES, *CALLS, *WORDS)
CONTACTS = (Contact("0812 3456 7890", True), Contact("+60 12-345 6789", False), Contact("bukan nomor", True))
FRESH = {kind.__name__ for kind in Lookup.__subclasses__() if kind.fresh}
REFS = 7
"""Messages whose names come again, so that what was answered is edited now and then."""
PAUSES_H = (1, 7, 24, 24 * 30, 24 * 50)

_step = st.tuples(
    st.sampled_from(("right", "right", "right", "right", "typed", "number", "photo", "button", "garbage", "result",
                     "result", "delay", "pause", "edited", "contact", "handed-back")),
    st.integers(0, 10_000),
)  # fmt: skip
_RIGHT = [("right", 0), ("result", 0)]


@settings(max_examples=WALKS)
@given(st.integers(0, RIGHT_MAX), st.lists(_step, min_size=10, max_size=INPUTS_MAX))
def test_no_walk_stumbles_or_gets_stuck(right: int, steps: list[tuple[str, int]]) -> None:
    walk = _Walk()
    walk.go(_RIGHT * right)
    walk.go(steps)
    walk.check_options()


def test_a_price_asked_again_after_a_month_is_that_of_today() -> None:
    walk = _Walk()
    walk.go(_RIGHT * 12)
    walk.go([("pause", PAUSES_H.index(24 * 30))])
    walk.say("penyuluh")

    walk.say("8")

    # December at half, January and February in full
    assert "3 bulan, sampai 28 Februari 2027: Rp42.000" in walk.chat.said[-1].text


def test_the_right_answers_lead_to_the_end() -> None:
    walk = _Walk()
    walk.go(_RIGHT * RIGHT_MAX)

    assert [(one.flow, ending) for one, ending in walk.chat.ended] == [("home", "done"), ("enrol", "done")]
    assert any("Nomor peserta (KPJ)" in message.text for message in walk.chat.said)


def _moves_with_time(name: str) -> bool:
    """Whether the entry of this name may be forgotten and asked anew: a day, or what is looked up fresh."""
    return name[0] == "@" or name.partition("#")[0] in FRESH


class _Walk:
    """One walk; checks itself after each step. `remembered` walks along: the same chat in a process that leaves its
    flows where they stand, instead of loading and replaying them."""

    def __init__(self) -> None:
        self.chat, self.remembered = house_chat(), house_chat(stored=False)
        self._typed: list[str] = []
        self._hear(Said("halo"))

    def go(self, steps: Sequence[tuple[str, int]]) -> None:
        for kind, chance in steps:
            self._step(kind, chance)

    def _step(self, kind: str, chance: int) -> None:
        match kind:
            case "pause":
                self.chat.wait(hours=PAUSES_H[chance % len(PAUSES_H)])
                self.remembered.now = self.chat.now
            case "result" | "delay":
                self._hear_world(kind, chance)
            case "garbage":
                self._hear_garbage(GARBAGE[chance % len(GARBAGE)])
            case _:
                self._hear(self._input(kind, chance))
        self._check_ways_out()

    def say(self, words: str) -> None:
        self._hear(Said(words))
        self._check_ways_out()

    def check_options(self) -> None:
        """Every numbered option of the open question can be typed as well as pressed."""
        last = self.chat.said[-1] if self.chat.said else Message("")
        for number, button in enumerate(last.buttons, 1):
            if re.search(rf"^{number} {re.escape(button.label)}", last.text, re.MULTILINE):
                assert self._after(Pressed(button.data)) == self._after(Said(str(number))), button.label

    def _input(self, kind: str, chance: int) -> Heard:
        chat = self.chat
        buttons = [button for message in chat.said for button in message.buttons]
        match kind:
            case "photo":
                return Shown(chance, tuple(range(chance + 1, chance + 1 + chance % 3)))
            case "edited":
                return Edited(TYPED[chance % len(TYPED)], f"r{chance % REFS}")
            case "contact":
                return CONTACTS[chance % len(CONTACTS)]
            case "handed-back":
                return HandedBack()
            case "number":
                return Said(NUMBERS[chance % len(NUMBERS)])
            case "button" if buttons:
                return Pressed(buttons[chance % len(buttons)].data)
            case "right" if chat.talk.stack and (opened := chat.top.open) is not None:
                is_photo = opened.name.rpartition(".")[2].startswith("photo")
                return Shown(chance) if is_photo else Said(right_answer(opened.name))
            case _:
                return Said(TYPED[chance % len(TYPED)], f"r{chance % REFS}")

    def _hear(self, heard: Heard) -> None:
        if isinstance(heard, Said):
            self._typed.append(heard.text)
        messages = self._both_hear(heard)
        assert messages or not self.chat.talk.stack or self.chat.top.awaiting, f"no answer to {heard}"
        for message in messages:
            self._check_message(message)

    def _both_hear(self, heard: Heard) -> list[Message]:
        messages = self.chat.hear(heard)
        assert self.remembered.hear(heard) == messages
        assert self.remembered.loaded() == self.chat.loaded()
        assert self.remembered.errands == self.chat.errands
        return messages

    def _hear_world(self, kind: str, chance: int) -> None:
        if not self.chat.errands:
            return
        sent = self.chat.errands[-1 - chance % min(len(self.chat.errands), 3)]
        if kind == "delay":
            self._both_hear(Delayed(sent.conversation, sent.key))
            return
        answers: tuple[Any, ...] = ANSWERS[type(sent.errand)]
        for message in self._both_hear(Result(sent.conversation, sent.key, as_sent(answers[chance % len(answers)]))):
            self._check_message(message)

    def _hear_garbage(self, garbage: Heard) -> None:
        before = {one.id: (one.open, copy.copy(one.journal)) for one in self.chat.talk.stack if one.aside is None}
        self._hear(garbage)
        after = {one.id: one for one in (*self.chat.talk.stack, *(one for one, _ending in self.chat.ended))}
        for number, (opened, journal) in before.items():
            kept = {
                name: entry
                for name, entry in journal.items()
                if not _moves_with_time(name) and (not opened or name != opened.name)
            }
            assert kept.items() <= after[number].journal.items(), f"lost by {garbage}"

    def _check_message(self, message: Message) -> None:
        told = message.text.lower()
        for typed in self._typed:
            told = told.replace(typed.lower(), "") if "?" in typed else told
        assert told.count("?") <= 1, message.text
        assert 0 < len(message.text) <= LENGTH_MAX
        assert len(message.buttons) <= CHOICES_MAX or message.buttons[0].label == SEND, message.text

    def _check_ways_out(self) -> None:
        """From here, "menu" shows the menu in one message, and 0 is answered."""
        at_home = self._elsewhere()
        messages = at_home.hear("menu")
        assert len(messages) == 1
        assert at_home.top.flow == "home"
        assert at_home.top.open is not None
        assert at_home.top.open.name == "want"
        back = self._elsewhere()
        assert back.hear("0") or back.top.awaiting

    def _elsewhere(self) -> Chat:
        """The same chat once more; what it hears doesn't touch this one."""
        return copy.deepcopy(self.chat)

    def _after(self, heard: Heard) -> tuple[str, ...]:
        return tuple(message.text for message in self._elsewhere().hear(heard))
