"""No question loses its name between two releases without saying so: the check, and that it can fail."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest
from msgspec.structs import replace

from bot.flows import HOUSE
from bot.talk import ask
from bot.talk.awaited import within
from bot.talk.flow import Flow, House
from rules.words import _
from tests.museum.exhibits import Names, questions, releases
from tests.museum.names import broken_promises
from tests.museum.walking import Walk, asked
from tests.museum.walks import walks
from tests.talk.driver import Chat
from tests.talk.house_chat import house_chat
from tests.talk.small_flows import HOME, Run, flow, house

HOME_NAMES = ["more", "want"]


def test_no_question_is_renamed_or_removed_without_its_alias() -> None:
    released = {release: questions(release) for release in releases()}

    assert broken_promises(HOUSE, asked(HOUSE, house_chat, walks), released) == []


def trip(by: str, *names: str, scope: str = "person") -> Run:
    """A small flow whose questions have these names."""

    async def run() -> None:
        for name in (by, *names):
            await ask.Choice(name, _("Naik apa?"), {"bus": _("Bus"), "boat": _("Perahu")})
        await within(scope, _person())

    return run


async def _person() -> None:
    await ask.Confirm("sure", _("Jadi?"))


def checked(run: Run, **released: Collection[str]) -> list[str]:
    return checked_flow(flow(run), **released)


def checked_flow(changed: Flow, **released: Collection[str]) -> list[str]:
    """The check of a house with this flow, against releases that asked these names in it."""
    names: Mapping[str, Names] = {
        release: {"home": HOME_NAMES, "trip": list(asked_then)} for release, asked_then in released.items()
    }
    return broken_promises(house(changed), _asked(house(changed)), names)


def _asked(of: House) -> dict[str, set[str]]:
    return asked(of, lambda: Chat(of), _small_walks)


def _small_walks(flow: Flow) -> tuple[Walk, ...]:
    return (Walk("plain", "trip"),) if flow.name == "trip" else (Walk("ask", "halo", {"want": ("2",)}),)


OLD = ("by", "person.sure")
LOST = (
    "trip: 'by' of release r1 is not asked any more. Who answered it would be asked again. If it was renamed, add to "
    "its Flow: aliases={'by': 'its new name'}. If it was taken away: removed=('by',). See docs/change-a-flow.md."
)


class TestTheCheck:
    """It speaks up, says what to do, and is content when that is done."""

    def test_what_a_release_asked_is_still_asked(self) -> None:
        assert _asked(house(flow(trip("by")))) == {"home": set(HOME_NAMES), "trip": set(OLD)}
        assert checked(trip("by"), r1=OLD) == []

    def test_a_new_question_needs_nothing(self) -> None:
        assert checked(trip("by", "seat"), r1=OLD) == []

    def test_a_renamed_one_needs_its_alias(self) -> None:
        renamed = flow(trip("vehicle"))

        assert checked_flow(renamed, r1=OLD) == [LOST]
        assert checked_flow(replace(renamed, aliases={"by": "vehicle"}), r1=OLD) == []

    def test_so_does_a_scope(self) -> None:
        renamed = flow(trip("by", scope="heir"))

        assert "'person.sure' of release r1 is not asked" in checked_flow(renamed, r1=OLD)[0]
        assert checked_flow(replace(renamed, aliases={"person": "heir"}), r1=OLD) == []

    def test_one_that_is_gone_is_said_to_be(self) -> None:
        gone = flow(trip("by"))

        assert "'seat' of release r1 is not asked" in checked_flow(gone, r1=(*OLD, "seat"))[0]
        assert checked_flow(replace(gone, removed=("seat",)), r1=(*OLD, "seat")) == []

    def test_one_that_was_renamed_and_later_taken_away(self) -> None:
        gone = replace(flow(trip("by")), aliases={"chair": "seat"}, removed=("seat",))

        assert checked_flow(gone, r1=(*OLD, "chair"), r2=(*OLD, "seat")) == []

    def test_no_release_is_forgotten(self) -> None:
        twice = flow(trip("carrier"))

        assert checked_flow(replace(twice, aliases={"vehicle": "carrier"}), r1=OLD, r2=("vehicle",)) == [LOST]
        both = {"by": "vehicle", "vehicle": "carrier"}
        assert checked_flow(replace(twice, aliases=both), r1=OLD, r2=("vehicle",)) == []

    @pytest.mark.parametrize(("changed", "said"), [
        (replace(flow(trip("vehicle")), aliases={"by": "wheels"}),
         "trip: the alias of 'by' leads to 'wheels', which nobody asks."),
        (replace(flow(trip("by")), removed=("by",)),
         "trip: 'by' is said to be removed, and is asked. Give the new question a new name."),
    ])  # fmt: skip
    def test_an_alias_that_lies_is_refused(self, changed: Flow, said: str) -> None:
        assert checked_flow(changed, r1=OLD) == [said]

    def test_two_questions_of_a_release_dont_become_one(self) -> None:
        merged = replace(flow(trip("by")), aliases={"seat": "by"})

        assert checked_flow(merged, r1=(*OLD, "seat")) == [
            "trip: release r1 asked both 'seat' and 'by', so one can't be the other. "
            "Take the alias away and say removed=('seat',)."
        ]

    def test_a_flow_keeps_its_name_or_is_said_to_be_gone(self) -> None:
        gone = House((HOME,))
        released = {"r1": {"home": HOME_NAMES, "trip": ["by"]}}

        assert broken_promises(gone, _asked(gone), released) == [
            "The flow 'trip' of release r1 is gone. Give it its name back, for it can't be renamed; or if it was "
            "taken away, add it to HOUSE: removed=('trip',)."
        ]
        assert broken_promises(replace(gone, removed=("trip",)), _asked(gone), released) == []
