"""A release that renames a question asks nobody again: the answer is found under its old name, and still checked.

Each test plays an older release, then puts a newer one in its place while the person is in the middle.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from bot.talk import ask, phrases
from bot.talk.awaited import Say, Today, within
from bot.talk.flow import Next
from bot.talk.heard import Edited, Said
from bot.talk.journal import Entry
from bot.talk.replay import FlowError
from bot.talk.review import Review, Row
from rules.words import Text, _
from tests.talk.driver import Chat
from tests.talk.small_flows import HOME, Run, flow, house

BY, TO, NIGHTS = "Naik apa?\n1 Bus\n2 Perahu", "Ke mana?", "Berapa malam?\n1 Satu\n2 Dua"
WAYS = {"bus": _("Bus"), "boat": _("Perahu")}


def trip(by: str, place: str, nights: str, ways: Mapping[str, Text] = WAYS) -> Run:
    """A release: three questions of these names, and their summary."""

    async def run() -> Next | None:
        how = await ask.Choice(by, _("Naik apa?"), ways)
        where = await ask.Text(place, _("Ke mana?"))
        many = await ask.Choice(nights, _("Berapa malam?"), {"1": _("Satu"), "2": _("Dua")}, about=where)
        rows = [Row(_("Naik"), how, (by,)), Row(_("Ke"), where, (place,)), Row(_("Malam"), many, (nights,))]
        await Review("review", _("Periksa:"), rows, about=(how, where, many))
        return None

    return run


OLD = trip("by", "place", "nights")
NEW = trip("vehicle", "place", "nights")


def started(release: Run = OLD) -> Chat:
    """Somebody in the middle of the older release, at its first question."""
    chat = Chat(house(release))
    chat.hear("trip")
    return chat


def release(chat: Chat, run: Run, **aliases: str) -> Chat:
    """The newer release takes over. In the names "__" stands for a dot."""
    named = {old.replace("__", "."): new.replace("__", ".") for old, new in aliases.items()}
    chat.house = house(replace(flow(run), aliases=named))
    return chat


class TestRenamed:
    """At the top, in a scope, and more than once."""

    def test_an_answered_question_is_not_asked_again(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, NEW, by="vehicle")

        assert chat.tell("Bone") == NIGHTS
        assert chat.kept() == {"vehicle": "boat", "place": "Bone"}

    def test_without_an_alias_it_is(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, NEW)

        assert chat.tell("Bone") == f"{phrases.CHANGED.msgid}\n{BY}"

    def test_the_answer_to_the_open_one_counts(self) -> None:
        chat = release(started(), NEW, by="vehicle")

        assert chat.tell("2") == TO
        assert chat.kept() == {"vehicle": "boat"}

    def test_slips_at_the_open_one_are_remembered(self) -> None:
        chat = started()
        chat.hear("kuda")
        release(chat, NEW, by="vehicle")

        assert phrases.OTHER_WAY.msgid in chat.tell("sapi")

    def test_a_scope(self) -> None:
        chat = started(_with_person("baco"))
        for words in ("Baco", "1"):
            chat.hear(words)
        release(chat, _with_person("heir"), baco="heir")

        assert chat.tell("Makassar") == "Jadi?\n1 Ya\n2 Tidak"
        assert chat.kept() == {"heir.name": "Baco", "heir.address.owned": "yes", "heir.address.place": "Makassar"}

    def test_one_question_of_a_scope_that_is_renamed_too(self) -> None:
        chat = started(_with_person("baco"))
        for words in ("Baco", "1", "Makassar"):
            chat.hear(words)
        release(chat, _with_person("heir", place="town"), baco__address__place="baco__address__town", baco="heir")

        assert chat.tell("halo").endswith("Jadi?\n1 Ya\n2 Tidak")
        assert chat.kept() == {"heir.name": "Baco", "heir.address.owned": "yes", "heir.address.town": "Makassar"}

    def test_twice_over_two_releases(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, trip("carrier", "place", "nights"), by="vehicle", vehicle="carrier")

        assert chat.tell("Bone") == NIGHTS
        assert chat.kept() == {"carrier": "boat", "place": "Bone"}

    def test_by_the_one_release_and_then_by_the_other(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, NEW, by="vehicle").hear("halo")
        release(chat, trip("carrier", "place", "nights"), by="vehicle", vehicle="carrier")

        assert chat.tell("Bone") == NIGHTS
        assert chat.kept() == {"carrier": "boat", "place": "Bone"}

    def test_what_the_older_release_heard_meanwhile_is_the_newer_answer(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, NEW, by="vehicle").hear("halo")
        chat.top.journal["by"] = Entry("bus")
        chat.hear("halo")

        assert chat.kept() == {"vehicle": "bus"}

    @pytest.mark.parametrize("aliases", [{"by": "to", "to": "by"}, {"by": "by.land"}])
    def test_a_circle_is_refused_at_once(self, aliases: dict[str, str]) -> None:
        with pytest.raises(ValueError, match="alias of 'by' in the flow 'trip' leads in a circle"):
            replace(flow(OLD), aliases=aliases)

    @pytest.mark.parametrize("name", ["by", "by.land"])
    def test_an_old_name_is_given_to_no_other_question(self, name: str) -> None:
        chat = release(started(OLD), trip(name, "place", "nights"), by="vehicle")

        with pytest.raises(FlowError, match=f"'{name}' is the old name of 'vehicle"):
            chat.hear("1")


def _with_person(scope: str, place: str = "place") -> Run:
    async def run() -> Next | None:
        await within(scope, person())
        await ask.Confirm("sure", _("Jadi?"))
        return None

    async def person() -> None:
        await ask.Text("name", _("Siapa?"))
        await within("address", address())

    async def address() -> None:
        await ask.Choice("owned", _("Rumah sendiri?"), {"yes": _("Sendiri"), "no": _("Sewa")})
        await ask.Text(place, _("Di mana?"))

    return run


class TestStillChecked:
    """An answer that was taken over holds only while it would hold under its own name."""

    def test_one_no_longer_valid_is_asked_again_and_nothing_else(self) -> None:
        chat = started()
        for words in ("2", "Bone", "1"):
            chat.hear(words)
        release(chat, trip("vehicle", "place", "nights", {"bus": _("Bus"), "car": _("Mobil")}), by="vehicle")

        assert chat.tell("halo").endswith("Naik apa?\n1 Bus\n2 Mobil")
        assert chat.tell("2").startswith("Periksa:\n1 Naik: car\n2 Ke: Bone\n3 Malam: 1")

    def test_one_about_something_that_changed_is_asked_again(self) -> None:
        chat = started()
        for words in ("2", "Bone", "1"):
            chat.hear(words)
        chat.top.journal["place"] = Entry("Wajo")
        release(chat, trip("by", "place", "days"), nights="days")

        assert chat.tell("halo").endswith(NIGHTS)

    def test_one_about_the_same_is_not(self) -> None:
        chat = started()
        for words in ("2", "Bone", "1"):
            chat.hear(words)
        release(chat, trip("by", "place", "days"), nights="days")

        assert "Periksa:" in chat.tell("halo")

    def test_an_open_one_about_something_else_is_asked_anew(self) -> None:
        chat = started()
        for words in ("2", "Bone"):
            chat.hear(words)
        chat.top.journal["place"] = Entry("Wajo")
        release(chat, trip("by", "place", "days"), nights="days")

        assert chat.tell("2") == f"{phrases.CHANGED.msgid}\n{NIGHTS}"


class TestBack:
    """Going back and editing meet the question under its new name."""

    def test_back_asks_it_again(self) -> None:
        chat = started()
        chat.hear("2")
        release(chat, NEW, by="vehicle")

        assert chat.tell("0") == BY
        assert chat.kept() == {}

    def test_the_summary_edits_it(self) -> None:
        chat = started()
        for words in ("2", "Bone", "1"):
            chat.hear(words)
        release(chat, NEW, by="vehicle")

        assert chat.tell("ubah 1") == BY
        assert chat.tell("1").startswith("Periksa:\n1 Naik: bus\n2 Ke: Bone\n3 Malam: 1")

    @pytest.mark.parametrize(("words", "how"), [("1", "bus"), ("0", "boat")])
    def test_an_edit_under_way_is_ended_or_taken_back(self, words: str, how: str) -> None:
        chat = started()
        for spoken in ("2", "Bone", "1", "ubah 1"):
            chat.hear(spoken)
        release(chat, NEW, by="vehicle")

        assert chat.tell(words).startswith(f"Periksa:\n1 Naik: {how}\n2 Ke: Bone\n3 Malam: 1")
        assert chat.top.editing is None

    def test_an_edit_asks_again_what_lies_under_an_old_name_on_another_way(self) -> None:
        """The way led through "seat" once; its answer is renamed although nothing asks for it now."""
        chat = started(_with_seat("seat"))
        first = chat.said[-1]
        for words in ("1", "7"):
            chat.hear(words)
        chat.tap("Perahu", first)
        assert chat.tap("Ya").startswith("Periksa:")
        release(chat, _with_seat("place"), seat="place")
        chat.hear("ubah 1")

        assert chat.tell("1") == "Kursi mana?"


def _with_seat(seat: str) -> Run:
    async def run() -> Next | None:
        how = await ask.Choice("by", _("Naik apa?"), WAYS)
        if how == "bus":
            await ask.Text(seat, _("Kursi mana?"), least=0)
        await Review("review", _("Periksa:"), [Row(_("Naik"), how, ("by", seat))], about=how)
        return None

    return run


class TestOldButtonsAndMessages:
    """A button of the older release carries the old name: it is known to be old, and changes nothing."""

    def test_of_the_open_question(self) -> None:
        chat = started()
        old = chat.said[-1]
        release(chat, NEW, by="vehicle")

        assert chat.tap("Perahu", old) == f"{phrases.OLD_BUTTON.msgid}\n{BY}"
        assert chat.kept() == {}
        assert chat.tap("Perahu") == TO

    def test_of_an_answered_question(self) -> None:
        chat = started()
        old = chat.said[-1]
        chat.hear("2")
        release(chat, NEW, by="vehicle")

        assert chat.tap("Bus", old) == f"{phrases.OLD_BUTTON.msgid}\n{TO}"
        assert chat.kept() == {"vehicle": "boat"}

    def test_a_change_that_was_being_asked_about(self) -> None:
        chat = started()
        old = chat.said[-1]
        chat.hear("2")
        chat.tap("Bus", old)
        release(chat, NEW, by="vehicle")

        assert chat.tap("Ya") == TO
        assert chat.kept() == {"vehicle": "bus"}

    def test_a_message_that_answered_it_and_is_edited_later(self) -> None:
        chat = started()
        chat.hear(Said("2", "message 1"))
        chat.hear(Said("Bone", "message 2"))
        release(chat, NEW, by="vehicle")

        assert chat.tell(Edited("1", "message 1")) == "Tadi Anda jawab Perahu. Ganti jadi Bus?\n1 Ya\n2 Tidak"
        assert chat.tell("ya") == NIGHTS
        assert chat.kept() == {"vehicle": "bus", "place": "Bone"}


class TestDays:
    """The day on which a point was open has a name of its own."""

    @pytest.mark.parametrize("day", ["when", "once"])
    def test_it_is_kept_whether_or_not_it_is_renamed_with_its_question(self, day: str) -> None:
        chat = started(_dated("when", "when"))
        chat.hear("Bone")
        release(chat.wait(days=3), _dated(day, "once"), when="once")

        assert chat.tell("1") == "Bone sejak 2 November 2026."


def _dated(day: str, place: str) -> Run:
    async def run() -> Next | None:
        today = await Today(day)
        where = await ask.Text(place, _("Ke mana?"))
        await ask.Choice("nights", _("Berapa malam?"), {"1": _("Satu"), "2": _("Dua")})
        await Say(_("{place} sejak {day}.", place=where, day=today))
        return None

    return run


def test_home_may_rename_too() -> None:
    chat = Chat(house(OLD))
    chat.hear("halo")

    async def home() -> Next | None:
        await ask.Choice("wanted", _("Mau apa?"), {"trip": _("Pergi"), "about": _("Tanya")})
        return Next("trip")

    chat.house = replace(chat.house, flows=(replace(HOME, run=home, aliases={"want": "wanted"}), chat.house.flows[1]))

    assert chat.tell("1") == BY
