"""Whether every question that was ever asked in a release can still be told from a new one.

A name under which people's answers are kept is a promise: it is asked, or its alias leads to the one that is, or it
is said to be gone. Otherwise who was in the middle would be asked again, or an answer be taken for another's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bot.talk.flow import Flow, House
from tests.museum.exhibits import Names


def broken_promises(house: House, asked: Mapping[str, Collection[str]], released: Mapping[str, Names]) -> list[str]:
    """A sentence for each name of a release that leads nowhere, saying what to do. `asked` are the names that the
    present code asks, by flow; `released` those of each release."""
    return list(dict.fromkeys(_sentences(house, asked, released)))


def _sentences(house: House, asked: Mapping[str, Collection[str]], released: Mapping[str, Names]) -> Iterator[str]:
    for release, names_by_flow in released.items():
        for name, names in names_by_flow.items():
            flow = house.named(name)
            if flow is not None:
                yield from _of_flow(flow, asked[name], release, names)
            elif name not in house.removed:
                yield (
                    f"The flow {name!r} of release {release} is gone. Give it its name back, for it can't be renamed; "
                    f"or if it was taken away, add it to HOUSE: removed=({name!r},)."
                )


def _of_flow(flow: Flow, asked: Collection[str], release: str, names: Collection[str]) -> Iterator[str]:
    led = {name: flow.present_name(name) for name in names}
    for name, present in led.items():
        if flow.is_removed(name) or flow.is_removed(present):
            if name in asked:
                yield f"{flow.name}: {name!r} is said to be removed, and is asked. Give the new question a new name."
        elif present not in asked:
            yield _lost(flow, release, name, present)
        elif name != present and present in names and led[present] == present:
            yield (
                f"{flow.name}: release {release} asked both {name!r} and {present!r}, so one can't be the other. "
                f"Take the alias away and say removed=({name!r},)."
            )


def _lost(flow: Flow, release: str, name: str, present: str) -> str:
    if present != name:
        return f"{flow.name}: the alias of {name!r} leads to {present!r}, which nobody asks."
    return (
        f"{flow.name}: {name!r} of release {release} is not asked any more. Who answered it would be asked again. "
        f"If it was renamed, add to its Flow: aliases={{{name!r}: 'its new name'}}. "
        f"If it was taken away: removed=({name!r},). See docs/change-a-flow.md."
    )
