"""Full stops and spaces that the recogniser sees and passes over, because a letter beside them is so much clearer.

A stop hugs the foot of the L in "JL."; a narrow space stands behind it in "DSN. LOMPO". On 1,195 drawn lines (seeds
"tune 50 0" to "tune 50 59" of tests/ktp, four levels) 18 were wrong without this, 11 with it. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.ocr.engine import Letter

FAINT = (".", " ")
STOP_MIN = 0.005
"""Seen as well as this behind a word that is always short for another, a stop is one; 0.003 to 0.01 are as good."""
SPACE_MIN = 0.12
"""The same of a space between two letters; 0.1 to 0.2 are as good, with 0.02 five more lines were wrong."""
SPACE_MIN_BEHIND_SHORT = 0.05
"""The same behind the stop of such a word; 0.005 to 0.05 are as good."""
SHORT_IN_ADDRESSES = ("JL", "JLN", "DSN", "LINGK", "LK", "GG", "KP", "KAMP", "LR", "LRG", "KOMP", "PERUM", "BLK")
SHORT = frozenset({*SHORT_IN_ADDRESSES, "MUH", "MUHD", "MOH", "ABD", "ST", "DRS", "DRA", "IR", "HJ"})
"""Words of addresses, and of names too, that are short for another."""
SURE_ENOUGH = 0.85
"""The confidence of what was found so: nothing that a person is asked about."""


def faint_between(said: Sequence[Letter], following: str, seen: dict[str, float]) -> tuple[str, float] | None:
    """What stands between the letters said so far and the following one, with its confidence; None for nothing."""
    before = said[-1].text
    if following == " " and seen.get(".", 0.0) >= STOP_MIN and _last_word(said) in SHORT:
        return ".", SURE_ENOUGH
    least = SPACE_MIN_BEHIND_SHORT if before == "." and _last_word(said[:-1]) in SHORT else SPACE_MIN
    if following.isalnum() and (before.isalnum() or before in ".,") and seen.get(" ", 0.0) >= least:
        return " ", SURE_ENOUGH
    return None


def _last_word(said: Sequence[Letter]) -> str:
    letters: list[str] = []
    for letter in reversed(said):
        if letter.text in " :":
            break
        letters.append(letter.text)
    return "".join(reversed(letters))
