"""The page's parts by themselves: its options, its words in each language, its script."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import msgspec
import pytest

from bot.handlers import page_out
from bot.handlers.page_out import Option, encode
from bot.handlers.page_port import Asked
from bot.handlers.page_words import ENGLISH, INDONESIAN, spoken
from bot.talk.message import BUTTON_LABEL_MAX, Button, Message

STATIC = Path(page_out.__file__).parent / "static"
LONG = "Yang pertama dari semua kemungkinan yang ada di sini"
QUESTIONS_MAX = 1
WORDS_MAX = 160


def wire(text: str, *labels: str) -> tuple[str, list[tuple[str, str]]]:
    """The words, and the options with their numbers."""
    buttons = tuple(Button(label, f"1.a.{label}") for label in labels)
    stage = encode(Asked(2**62 + 7, Message(text, buttons)))
    return stage.words, [(option.number, option.words) for option in stage.options]


def test_an_option_stands_on_the_page_once() -> None:
    assert wire("Benar?\n1 Ya\n2 Tidak", "Ya", "Tidak") == ("Benar?", [("1", "Ya"), ("2", "Tidak")])
    assert wire("Baris satu\nBaris dua") == ("Baris satu\nBaris dua", [])


def test_an_option_is_told_in_full_and_goes_back_as_it_was() -> None:
    button = Button(LONG[:BUTTON_LABEL_MAX], "1.a.x")

    stage = encode(Asked(1, Message(f"Yang mana?\n1 {LONG}", (button,))))

    assert stage.options == (Option("1", LONG, button.label, button.data),)


@pytest.mark.parametrize("text", ["Berapa?\n3 bulan\n6 bulan", "Berapa?", "Berapa?\n1 Lain\n2 Lagi"])
def test_a_text_that_lists_otherwise_stays_whole(text: str) -> None:
    assert wire(text, "3 bulan", "6 bulan") == (text, [("", "3 bulan"), ("", "6 bulan")])


def test_ids_are_strings_since_they_are_larger_than_a_number_of_javascript() -> None:
    assert msgspec.to_builtins(encode(Asked(2**62 + 7, Message("?")))) == {
        "stage": "question", "id": str(2**62 + 7), "words": "?",
    }  # fmt: skip
    assert msgspec.to_builtins(encode("reading")) == {"stage": "reading"}


def test_both_languages_say_the_same() -> None:
    ours, theirs = msgspec.to_builtins(INDONESIAN), msgspec.to_builtins(ENGLISH)

    for name in ours:
        assert _places(ours[name]) == _places(theirs[name]), name
        assert ours[name].count("?") == theirs[name].count("?") <= QUESTIONS_MAX, name
        assert max(len(ours[name]), len(theirs[name])) <= WORDS_MAX, name
    assert [spoken(language).language for language in ("id", "en", "bug")] == ["id", "en", "id"]


@pytest.mark.parametrize("name", ["page.js", "shared.js"])
def test_the_script_is_es5_and_never_writes_html(name: str) -> None:
    code = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(), flags=re.DOTALL)

    assert not re.search(r"=>|`|\b(?:let|const|class|async|await|fetch|Promise)\b", code)
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", code)


def _places(sentence: str) -> list[str]:
    return [name for _before, name, _form, _conversion in Formatter().parse(sentence) if name is not None]
