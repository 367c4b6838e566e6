"""JSON that is almost what was meant: a sample in which something was replaced, added or left out."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

HUGE = 10**30
values = st.recursive(
    st.none() | st.booleans() | st.sampled_from([0, -1, HUGE, 1.5, 1e308, "", "\x00", "7001", "👍" * 20, "a" * 5000])
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@st.composite
def bent(draw: st.DrawFn, sample: Any) -> Any:
    """Up to three times, one place of it is something else."""
    made = copy.deepcopy(sample)
    for _time in range(draw(st.integers(0, 3))):
        places = list(_places(made))
        if not places:
            return draw(values)
        inside, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["replaced", "left out", "added"])):
            case "replaced":
                inside[key] = draw(values)
            case "left out":
                del inside[key]
            case _ if isinstance(inside, dict):
                inside[draw(st.text(max_size=8))] = draw(values)
            case _:
                inside.append(draw(values))
    return made


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Each place in it, as what it is in and its key there."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    return [(value, key) for key in keys] + [place for key in keys for place in _places(value[key])]
