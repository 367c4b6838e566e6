"""Names as people spell them: folding away what doesn't matter, and finding a name in a short list.

Invariant: only a name that is equal after folding counts as found; everything else is at best a question,
"maksud Anda …?". The uncertain is asked, not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Generic, TypeVar

from msgspec import Struct
from rapidfuzz import fuzz

SUGGESTIONS_MAX = 3
TEXT_MAX = 80
"""A longer text is no name; it finds nothing."""
NEAR_ENOUGH = 75.0
"""rapidfuzz's ratio, 0 to 100: "ompu" for "ompo", "cabbenge" for "cabenge"; but not "belo" for "bila"."""
REMEMBERED = 4096
"""Foldings kept: the names of the lists are folded at every look-up."""
PART_MIN = 4
"""Letters a text and a name must share when one lies within the other, such as "jampu" in "desaku jampu"."""

Item = TypeVar("Item")


class Found(Struct, Generic[Item], frozen=True):
    """What a text may mean: `exact` if it is certain, otherwise `near`, at most 3, the likeliest first."""

    exact: Item | None = None
    near: tuple[Item, ...] = ()


@lru_cache(maxsize=REMEMBERED)
def fold(text: str) -> str:
    """The bare letters and digits, in small ASCII: "Donri-Donri " and "donri donri" are both "donridonri"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def find(text: str, names: Mapping[Item, tuple[str, ...]]) -> Found[Item]:
    """The item that `text` names, among items with the names each goes by. A name of several items is a question."""
    wanted = fold(text) if len(text) <= TEXT_MAX else ""
    if not wanted:
        return Found()
    folded = {item: [fold(name) for name in called] for item, called in names.items()}
    same = tuple(item for item, called in folded.items() if wanted in called)
    if len(same) == 1:
        return Found(exact=same[0])
    if same:
        return Found(near=same[:SUGGESTIONS_MAX])
    return Found(near=_nearest(wanted, folded))


def _nearest(wanted: str, folded: Mapping[Item, list[str]]) -> tuple[Item, ...]:
    scores = {item: max(_likeness(wanted, name) for name in called) for item, called in folded.items()}
    likely = sorted((item for item in scores if scores[item][0] >= NEAR_ENOUGH), key=scores.__getitem__, reverse=True)
    return tuple(likely[:SUGGESTIONS_MAX])


def _likeness(wanted: str, name: str) -> tuple[float, float]:
    """0 to 100, and the bare ratio for a tie. One lying within the other is just near, however long the rest."""
    ratio = fuzz.ratio(wanted, name)
    within = min(len(wanted), len(name)) >= PART_MIN and (wanted in name or name in wanted)
    return max(ratio, NEAR_ENOUGH if within else 0.0), ratio
