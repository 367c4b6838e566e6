"""What is sent to Telegram over real HTTP, against the imitated one: messages, and the courtesies around them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from bot.handlers.contract import Access, Delivered, Gone, Refused, Sent, Slow, Unknown
from bot.handlers.telegram_wire import TOKEN_REFUSED, TelegramWire
from bot.talk.heard import Pressed, Said, Shown
from bot.talk.message import Drawing, Message, Picture
from gateway.sandbox.telegram_mischief import Fails, Fault, HangsUp, TimesOut, TooMany
from rules.bpjs import TryLater
from tests.gateway.conftest import Clock
from tests.gateway.telegram_served import TOKEN, Served, jpeg
from tests.handlers.telegram_wired import HELLO, NOWHERE, QUESTION, STRANGER, TO_HASNA, arrival, ref, send, wired

GROUP = -4001


async def test_a_text_with_buttons_is_seen_and_its_buttons_are_taken_off(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()

    name = ref(await send(wire, QUESTION))
    [seen] = hasna.hears()
    assert (seen.text, str(seen.message_id)) == (QUESTION.text, name)
    assert [[button.data for button in row] for row in seen.buttons] == [["1.ab.self", "1.ab.other"]]

    await wire.retire(TO_HASNA.address, name)
    await wire.retire(TO_HASNA.address, name)  # "message is not modified"
    assert [seen.buttons for seen in hasna.hears()] == [()]
    assert telegram.world.violations == []


async def test_a_picture_is_seen_with_its_words_or_alone(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()
    message = Message("Kirim foto KTP.", picture=Picture("contoh", Drawing("ktp-upright")))

    await send(wire, message, jpeg())
    await send(wire, replace(message, text=""), jpeg())
    assert await send(wire, replace(message, text="")) == Delivered()

    assert [(seen.text, seen.photo is not None) for seen in hasna.hears()] == [("Kirim foto KTP.", True), ("", True)]
    assert telegram.world.violations == []


@pytest.mark.parametrize(
    ("fault", "fate", "seen"),
    [
        (TooMany(17), Slow(17), 0),
        (Fails(500), Unknown("status 500"), 0),
        (Fails(502), Unknown("status 502"), 0),
        (HangsUp(done=False), Unknown("RemoteProtocolError"), 0),
        (HangsUp(done=True), Unknown("RemoteProtocolError"), 1),
    ],
)
async def test_what_goes_wrong_on_the_way_is_named(
    telegram: Served, wire: TelegramWire, fault: Fault, fate: Sent, seen: int
) -> None:
    hasna = telegram.hasna()
    telegram.world.mischief.next(fault)

    assert await send(wire) == fate
    assert len(hasna.hears()) == seen
    assert ref(await send(wire))


async def test_an_answer_that_does_not_come_leaves_it_open_whether_it_arrived(
    telegram: Served, wire: TelegramWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.handlers.telegram_wire.SEND_S", 0.2)
    telegram.hasna()
    telegram.world.mischief.next(TimesOut(done=True))

    assert await send(wire) == Unknown("TimeoutError")


async def test_what_never_left_is_tried_again() -> None:
    async with wired(Access(url=NOWHERE, token=TOKEN)) as wire:
        assert await send(wire) == TryLater("ConnectError")


async def test_who_is_gone_and_what_is_refused(telegram: Served, wire: TelegramWire) -> None:
    assert await send(wire) == Gone()  # nobody wrote from there: "chat not found"

    hasna = telegram.hasna()
    assert await send(wire, Message("a" * 5000)) == Refused("message is too long")
    assert await send(wire, HELLO, b"no picture") == Refused("image_process_failed")

    hasna.blocks()
    assert await send(wire) == Gone()


async def test_a_token_that_is_refused_is_told_once(access: Access) -> None:
    async with wired(replace(access, token=STRANGER)) as wire:
        with capture_logs() as logged:
            assert await send(wire) == await send(wire) == TryLater("token", 60)

    assert [line["words"] for line in logged] == [TOKEN_REFUSED]


async def test_the_person_sees_that_it_came(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()
    press = hasna.presses(int(ref(await send(wire, QUESTION))), "1.ab.self")

    await wire.acknowledge(arrival(Pressed("1.ab.self"), press))
    await wire.acknowledge(arrival(Shown(0)))
    await wire.acknowledge(arrival(Said("halo")))

    assert [one.callback_id for one in telegram.world.answered] == [press]
    assert hasna.actions() == ["typing"]


async def test_courtesies_fail_without_a_word(telegram: Served, wire: TelegramWire, clock: Clock) -> None:
    hasna = telegram.hasna()
    press = hasna.presses(int(ref(await send(wire, QUESTION))), "1.ab.self")
    clock.passes(600)

    with capture_logs() as logged:
        await wire.acknowledge(arrival(Pressed("1.ab.self"), press))  # "query is too old"
        await wire.retire(TO_HASNA.address, "")
        await wire.retire(TO_HASNA.address, "4711")
        await wire.decline(str(GROUP))
        telegram.world.mischief.next(Fails(502))
        await wire.acknowledge(arrival(Shown(0)))

    assert (telegram.world.answered, logged) == ([], [])


async def test_a_group_is_told_kindly_and_left(telegram: Served, wire: TelegramWire) -> None:
    hasna = telegram.hasna()
    group = hasna.adds_bot(GROUP)

    await wire.decline(str(GROUP))

    [said] = [seen for seen in hasna.sees(group) if seen.from_bot]
    assert "https://t.me/siaga_bot" in said.text
    assert group.out is not None
