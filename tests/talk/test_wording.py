"""Every sentence for people: short, kind, one question at most, and nothing of the machine's own language."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from bot.flows.catalogues import GROUPS
from bot.flows.claim_status import HOLDERS, STATES
from bot.flows.claim_words import NAMES
from bot.talk.message import BUTTON_LABEL_MAX
from bot.talk.pick import PAGE
from locales.__main__ import sentences
from rules.kinship import RELATIONS

SENTENCES = tuple(sentences())
CHARS_MAX = 160
"""What is read at a glance on a small screen; longer messages are put together of several sentences."""
CHOICES_MAX = 5
"""The summary before sending alone has more: its eight fields are checked, not chosen among."""
FORBIDDEN = (
    "error",
    "invalid",
    "klik di sini",
    "klik",
    "user",
    "input",
    "submit",
    "server",
    "database",
    "null",
    "silakan tunggu",
)
SMALL_ENOUGH = frozenset({
    "perempuan", "laki-laki", "tidak ada", "belum", "foto", "peserta baru",
    "nama", "tempat lahir", "tanggal lahir", "jenis kelamin", "alamat", "desa",
    *(words.msgid for words in (*HOLDERS.values(), *STATES.values(), *NAMES.values())),
})  # fmt: skip
"""Said in the middle of a sentence or after a colon, so they begin with a small letter: those of a list that is only
used so, and single ones."""


@pytest.mark.parametrize("sentence", SENTENCES)
class TestSentence:
    def test_asks_one_thing_at_most(self, sentence: str) -> None:
        assert sentence.count("?") <= 1

    def test_is_short(self, sentence: str) -> None:
        assert len(sentence) <= CHARS_MAX

    def test_is_nobodys_jargon(self, sentence: str) -> None:
        assert [word for word in FORBIDDEN if re.search(rf"\b{word}\b", sentence, re.IGNORECASE)] == []

    def test_begins_and_ends_properly(self, sentence: str) -> None:
        is_label = len(sentence) <= BUTTON_LABEL_MAX and not re.search(r"[.?!] ", sentence)

        assert sentence == " ".join(sentence.split())
        assert not sentence[0].islower() or sentence in SMALL_ENOUGH or not sentence[0].isascii()
        assert is_label or sentence[-1] in ".?!:}"
        assert sentence[-1] not in ",;-"

    def test_names_its_parameters(self, sentence: str) -> None:
        names = [name for _before, name, _form, _conversion in Formatter().parse(sentence) if name is not None]

        assert all(re.fullmatch(r"[a-z_]+", name) for name in names)

    def test_does_not_shout(self, sentence: str) -> None:
        assert "!" not in sentence
        assert not re.search(r"\b[A-Z]{6,}\b", sentence)


def test_there_is_something_to_read() -> None:
    assert len(SENTENCES) > 150


def test_no_list_is_longer_than_five() -> None:
    """The lists that data tables hold; the random walks count the options of every message."""
    assert PAGE + 1 <= CHOICES_MAX
    assert max(len(GROUPS), len(RELATIONS)) <= CHOICES_MAX
