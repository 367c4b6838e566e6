"""What a recogniser sees faintly between two letters."""

from __future__ import annotations

import pytest

from bot.ocr.engine import Letter
from bot.ocr.faint import SPACE_MIN, SPACE_MIN_BEHIND_SHORT, STOP_MIN, faint_between


def said(text: str) -> list[Letter]:
    return [Letter(letter, 0.99, (at + 0.5) / len(text)) for at, letter in enumerate(text)]


@pytest.mark.parametrize(
    ("before", "following", "seen", "between"),
    [
        ("JL", " ", {".": STOP_MIN, " ": 0.99}, "."),
        (": JL", " ", {".": STOP_MIN, " ": 0.99}, "."),
        ("JL", " ", {".": STOP_MIN / 2, " ": 0.99}, None),
        ("LA", " ", {".": 0.1, " ": 0.99}, None),  # a name, and short for nothing
        ("DSN.", "L", {".": 0.99, " ": SPACE_MIN_BEHIND_SHORT}, " "),
        ("A.MD.", "K", {".": 0.99, " ": SPACE_MIN / 2}, None),
        ("INDO", "U", {".": 0.0, " ": SPACE_MIN}, " "),
        ("INDO", "U", {".": 0.0, " ": SPACE_MIN / 2}, None),
        ("JL", ".", {".": 0.99, " ": 0.3}, None),  # no space before a stop
        (":", "L", {".": 0.0, " ": 0.4}, None),
        ("BLOK C", "/", {".": 0.0, " ": 0.4}, None),
    ],
)
def test_a_stop_or_a_space_is_found_where_one_may_be(
    before: str, following: str, seen: dict[str, float], between: str | None
) -> None:
    found = faint_between(said(before), following, seen)

    assert (found and found[0]) == between
