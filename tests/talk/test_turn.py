"""One turn of a conversation: rules of flows, time, editing, and what comes from outside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.talk import ask, phrases
from bot.talk.awaited import Say, Today, within
from bot.talk.heard import Said
from bot.talk.journal import JOURNAL_MAX
from bot.talk.replay import AWAITS_MAX, FlowError
from rules.words import _
from tests.talk.driver import START, Chat
from tests.talk.small_flows import SUMMED_UP, TRIP, Note, Price, house

NAMES = ("first", "second")


class TestRulesOfFlows:
    """A flow that breaks a rule is our bug, and loud."""

    def test_a_name_asked_twice(self) -> None:
        async def run() -> None:
            await ask.Text("name", _("Nama?"))
            await ask.Text("name", _("Nama lagi?"))

        chat = Chat(house(run))
        chat.hear("trip")

        with pytest.raises(FlowError, match="'name' is asked twice"):
            chat.hear("Hasna")

    def test_the_same_questions_within_two_scopes(self) -> None:
        async def person() -> str:
            name = await ask.Text("name", _("Nama?"))
            return f"{name} {await Today('day')}"

        async def run() -> None:
            both = [await within("outer", _within(scope)) for scope in NAMES]
            await ask.Text("sure", _("{both}?", both=", ".join(both)))

        async def _within(scope: str) -> str:
            return await within(scope, person())

        chat = Chat(house(run))
        chat.hear("trip")
        chat.hear("Hasna")

        assert chat.tell("Baco") == "Hasna 2026-11-02, Baco 2026-11-02?"
        assert set(chat.top.journal) == {"outer.first.name", "@outer.first.day", "outer.second.name"}

    def test_a_loop_of_says_without_an_end(self) -> None:
        async def run() -> None:
            while True:
                await Say(_("Lagi."))

        with pytest.raises(FlowError, match=f"more than {AWAITS_MAX} awaits"):
            Chat(house(run)).hear("trip")

    def test_a_loop_of_lookups_without_an_end(self) -> None:
        async def run() -> None:
            number = 0
            while True:
                number += await Price(str(number))

        with pytest.raises(FlowError, match=f"more than {JOURNAL_MAX} entries"):
            Chat(house(run), {Price: 1}).hear("trip")

    def test_a_foreign_await(self) -> None:
        class Sleep:
            def __await__(self):  # type: ignore[no-untyped-def]  # what a careless flow might await
                yield self

        async def run() -> None:
            await Sleep()

        with pytest.raises(FlowError, match="Sleep can't be awaited"):
            Chat(house(run)).hear("trip")


class TestAnswers:
    """What was asked of a person or of the registry is asked again only when what it was about has changed."""

    def test_a_given_answer_is_not_asked(self) -> None:
        async def run() -> None:
            name = await ask.Text("name", _("Nama?"), given="HASNA")
            await ask.Text("place", _("Ke mana, {name}?", name=name))

        chat = Chat(house(run))

        assert chat.tell("trip") == "Ke mana, HASNA?"
        assert chat.tell("0") == "Ini pertanyaan pertama.\nKe mana, HASNA?"

    def test_the_registry_is_asked_once_for_the_same(self) -> None:
        async def run() -> None:
            place = await ask.Text("place", _("Ke mana?"))
            price = await Price(place)
            await ask.Confirm("sure", _("Rp{price}. Jadi?", price=price), about=price)

        chat = Chat(house(run), {Price: lambda price: len(price.of)})
        chat.hear("trip")

        assert chat.tell("Bone").startswith("Rp4.")
        assert chat.tell("voice?").startswith("Balas 1 atau 2")
        chat.hear("0")
        assert chat.tell("Bone").startswith("Rp4.")
        chat.hear("0")
        assert chat.tell("Wajo Utara").startswith("Rp10.")
        assert chat.asked == [Price("Bone"), Price("Wajo Utara")]

    def test_a_command_is_done_once(self) -> None:
        async def run() -> None:
            number = await Note("trip")
            await ask.Text("place", _("Nomor {number}. Ke mana?", number=number))
            await ask.Text("name", _("Nama?"))

        chat = Chat(house(run), {Note: 7})
        chat.hear("trip")
        chat.hear("Bone")
        chat.hear("0")

        assert chat.said[-1].text == "Nomor 7. Ke mana?"
        assert chat.asked == [Note("trip")]

    def test_a_changed_subject_asks_again_before_it_takes_an_answer(self) -> None:
        async def run() -> None:
            today = await Today("price")
            await ask.Confirm("pay", _("Harga {day}. Bayar?", day=today.isoformat()), about=today)
            await ask.Text("place", _("Ke mana?"))

        chat = Chat(house(run))
        chat.hear("trip")
        chat.wait(days=1)

        assert chat.tell("ya").startswith(f"{phrases.CHANGED.msgid}\nHarga 2026-11-03. Bayar?")
        assert chat.tell("ya") == "Ke mana?"

    def test_a_day_moves_until_the_answer_that_follows_it(self) -> None:
        async def run() -> None:
            first = await Today("asked")
            await ask.Text("place", _("{day}: ke mana?", day=first.isoformat()))
            second = await Today("named")
            await ask.Text("name", _("{first}, {second}: nama?", first=first.isoformat(), second=second.isoformat()))

        chat = Chat(house(run))

        assert chat.tell("trip") == "2026-11-02: ke mana?"
        assert chat.wait(hours=24).tell("?").endswith("2026-11-03: ke mana?")
        assert chat.tell("Bone") == "2026-11-03, 2026-11-03: nama?"
        assert chat.wait(days=2).tell("?").endswith("2026-11-03, 2026-11-05: nama?")

    def test_a_day_is_that_of_wita_not_of_utc(self) -> None:
        async def run() -> None:
            await ask.Text("place", _("{day}: ke mana?", day=(await Today("asked")).isoformat()))

        chat = Chat(house(run)).wait(hours=22)  # 07:00 of the next day, 23:00 UTC of the same

        assert chat.tell("trip") == "2026-11-03: ke mana?"


class TestEdit:
    """One field of a summary is changed; what hangs on it is asked again; nothing else is."""

    @pytest.fixture
    def chat(self) -> Chat:
        chat = Chat(house(SUMMED_UP))
        for words in ("trip", "2", "Hasna"):
            chat.hear(words)
        return chat

    def test_a_field_comes_back_to_the_summary(self, chat: Chat) -> None:
        assert chat.tell("ubah 3") == "Nama?"
        assert "3 Nama: Baco" in chat.tell("Baco")
        assert chat.kept() == {"nights": "2", "name": "Baco"}

    def test_a_given_field_asks_again_what_hangs_on_it(self, chat: Chat) -> None:
        assert chat.tell("ubah 1") == "Ke mana?"
        assert chat.tell("Wajo").startswith("Berapa malam?")
        assert "1 Ke: Wajo\n2 Malam: 1\n3 Nama: Hasna" in chat.tell("1")

    def test_back_gives_up_the_change(self, chat: Chat) -> None:
        summary, kept = chat.said[-1].text, chat.kept()
        chat.hear("ubah 3")

        assert chat.tell("0") == summary
        assert chat.kept() == kept
        assert chat.top.editing is None

    def test_back_in_the_middle_of_a_change_restores_all_of_it(self, chat: Chat) -> None:
        summary = chat.said[-1].text
        chat.hear("ubah 2")
        chat.hear("menu")
        assert chat.tell("trip").startswith("Kita lanjutkan: Trip.\nBerapa malam?")

        assert chat.tell("kembali") == summary


def test_stored_and_loaded_or_not_the_chat_is_the_same() -> None:
    spoken = ("halo", "1", "2", "La Baco", "menu", "trip", "0", "Bone", "apa", "apa", "apa", "tidak", "ya", "halo")
    chats = [Chat(house(TRIP), stored=stored) for stored in (True, False)]
    for chat in chats:
        for words in spoken:
            chat.wait(hours=2).hear(Said(words))

    stored, unbroken = chats
    assert stored.said == unbroken.said
    assert stored.talk == unbroken.talk
    assert stored.now == START + timedelta(hours=2 * len(spoken))
