"""What is taken out of the words that people send, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.words import cleaned


@pytest.mark.parametrize(
    ("sent", "stays"),
    [
        ("  halo\t ", "halo"),
        ("satu\r\ndua\n", "satu\ndua"),
        ("Has\x00na\x07", "Hasna"),
        ("Hasna\ud83d", "Hasna"),  # half of a character
        ("ma\u2019rifah 👍🏽 é ᨔᨛᨄᨙ", "ma\u2019rifah 👍🏽 é ᨔᨛᨄᨙ"),
        ("\x00 \x1b", ""),
    ],
)
def test_what_can_be_seen_stays(sent: str, stays: str) -> None:
    assert cleaned(sent) == stays


@given(st.text(st.characters()))
def test_what_is_clean_can_be_stored_and_stays_as_it_is(sent: str) -> None:
    clean = cleaned(sent)

    assert "\0" not in clean
    assert clean.encode().decode() == clean
    assert cleaned(clean) == clean
