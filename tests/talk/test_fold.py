"""What people type as they speak, read as they mean it; what is uncertain is read as nothing, and asked.

`spellings.csv` holds what is typed and what it means: "yes", "no", "number 2", "global menu" (a word understood
everywhere), or "none" of these.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.talk.fold import (
    GLOBAL,
    NO,
    NOT,
    REMEMBERED_CHARS_MAX,
    YES,
    fold,
    global_word,
    matches,
    number_in,
    yes_or_no,
)

TABLE = Path(__file__).parent / "spellings.csv"
with TABLE.open(encoding="utf-8", newline="") as _file:
    SPELLINGS = [(row["typed"], row["meaning"]) for row in csv.DictReader(_file)]
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(("typed", "meaning"), SPELLINGS, ids=[repr(typed) for typed, _meaning in SPELLINGS])
def test_is_read_as_it_is_meant(typed: str, meaning: str) -> None:
    assert _meaning(typed) == meaning


def test_the_table_holds_every_word_and_no_text_twice() -> None:
    typed = [text for text, _meaning in SPELLINGS]

    assert len(set(typed)) == len(typed) >= 200
    assert set(typed) >= YES | NO
    assert set(typed) >= {word for words in GLOBAL.values() for word in words}


@pytest.mark.parametrize("word", sorted(NOT))
def test_a_word_of_denial_is_never_met_by_distance(word: str) -> None:
    near = {word[:i] + letter + word[i + 1 :] for i in range(len(word)) for letter in LETTERS} - NO - YES
    near |= {word[:i] + word[i + 1 :] for i in range(len(word))} - NO - YES
    one_letter_more = {word[:i] + letter + word[i:] for i in range(len(word) + 1) for letter in LETTERS}

    assert not any(yes_or_no(text) is False for text in near if _letters(text) not in _letters_of(NO))
    assert not any(matches(text, (word, f"{word} setuju")) for text in (near | one_letter_more) - {word})


@pytest.mark.parametrize("word", sorted(NOT))
@pytest.mark.parametrize("then", sorted(word for word in YES if " " not in word))
def test_a_denied_yes_is_a_no_however_alike_it_looks(word: str, then: str) -> None:
    assert yes_or_no(f"{word} {then}") is False


@pytest.mark.parametrize("digits", ["١", "٢", "۲", "२", "๒", "৩", "Ⅷ.", "½"])
def test_only_the_digits_of_a_phone_keyboard_are_numbers(digits: str) -> None:
    assert number_in(digits) is None


def test_a_long_text_is_read_and_not_remembered() -> None:
    long = "y" + "a" * REMEMBERED_CHARS_MAX

    assert fold(long) == "ya"
    assert yes_or_no("iya " * 3_000 + "tapi besok") is None
    assert global_word("menu " * 2_000) is None
    assert number_in("1" * 10_000) is None


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_without_a_stumble(typed: str) -> None:
    assert global_word(typed) in {None, *GLOBAL}
    assert number_in(typed) is None or 0 <= number_in(typed) <= 99  # type: ignore[operator]  # not None here
    assert yes_or_no(typed) in {True, False, None}
    assert not matches(typed, ())


@given(st.sampled_from(sorted(YES | NO)), st.sampled_from(["", " ", ".", "!", ",", " \n"]))
def test_capitals_and_the_end_of_a_sentence_change_nothing(word: str, end: str) -> None:
    assert yes_or_no(f" {word.upper()}{end}") == yes_or_no(word) == (word in YES)


def _meaning(typed: str) -> str:
    everywhere, number = global_word(typed), number_in(typed)
    if everywhere is not None:
        return f"global {everywhere}"
    if number is not None:
        return f"number {number}"
    return {True: "yes", False: "no", None: "none"}[yes_or_no(typed)]


def _letters(word: str) -> str:
    return "".join(letter for i, letter in enumerate(word) if letter != word[i - 1 : i])


def _letters_of(words: frozenset[str]) -> set[str]:
    return {_letters(word) for word in words}
