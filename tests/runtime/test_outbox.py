"""What is to be done after the commit: in order in a chat, again when it failed, and never twice where that harms."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.handlers.contract import Gone, Refused, Unknown
from bot.runtime.settling import PAUSE_FIRST_S, PAUSE_MAX_S, TRIES_NOTED, Done, Outcome
from bot.talk.message import Message
from db import outbox
from db.columns import from_micros
from db.outbox import LEASE, Taken
from db.unit import Unit
from rules.bpjs import TryLater
from rules.card import Card, Field
from tests.runtime.outage import unwritable
from tests.runtime.small_service import SmallService, at_once, small_service

LANE = "telegram:main"
HASNA = Done(Card(name=Field("HASNA", 1.0)))
SECRET_WORDS = "7312025205799901 HASNA"


class Performing:
    """Answers what is laid out, the last one for ever, and keeps what it was given."""

    def __init__(self, *answers: Outcome | Exception) -> None:
        self._answers, self.given = list(answers), list[Taken]()

    async def __call__(self, row: Taken) -> Outcome:
        self.given.append(row)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def sent(self) -> list[str]:
        return [row.body.text for row in self.given if isinstance(row.body, Message)]


async def pushed(service: SmallService, words: str, message_id: str, who: str = "hasna") -> None:
    """Somebody writes on a channel that has to be sent to."""
    await service.hear(words, message_id, who, channel="telegram")


async def states(service: SmallService) -> list[str]:
    return [row.state for row in await service.rows("SELECT state FROM outbox ORDER BY id")]


async def pauses_s(service: SmallService, tries: int) -> list[float]:
    """Try what waits so often; how long it waits after each try."""
    pauses: list[float] = []
    for _ in range(tries):
        assert await service.runner.run_due() == 1
        (row,) = await service.rows("SELECT due_at FROM outbox WHERE state = 'ready'")
        due = from_micros(row.due_at)
        pauses.append((due - service.clock.now).total_seconds())
        service.clock.now = due
    return pauses


# -- messages ---------------------------------------------------------------------------------------------------------


async def test_messages_of_a_chat_are_sent_in_order(database: str) -> None:
    send = Performing(Done())
    async with small_service(database, {LANE: send}) as service:
        for number, words in enumerate(("halo", "satu", "dua")):
            await pushed(service, words, f"m{number}")

        await service.work_off()

        assert send.sent == ["Apa?", "Nomor 1: satu.\nApa?", "Nomor 2: dua.\nApa?"]
        assert await states(service) == ["done"] * 3


async def test_a_message_that_must_be_tried_later_holds_back_the_next_of_its_chat_only(database: str) -> None:
    send = Performing(TryLater("busy", 60), Done())
    async with small_service(database, {LANE: send}) as service:
        await pushed(service, "halo", "m1")
        await service.runner.run_due()
        await pushed(service, "satu", "m2")
        await pushed(service, "halo", "m3", "baco")

        await service.work_off()
        before = list(send.given)
        service.clock.now += timedelta(seconds=61)
        await service.work_off()

        first, baco, *after = send.given
        assert before == [first, baco]
        assert first.chat != baco.chat
        assert [row.id for row in after] == sorted(row.id for row in after)
        assert send.sent == ["Apa?", "Apa?", "Apa?", "Nomor 1: satu.\nApa?"]


@pytest.mark.parametrize(
    ("outcome", "state"), [(Refused("blocked"), "refused"), (Gone(), "gone"), (Unknown("no answer"), "unknown")]
)
async def test_what_will_never_be_taken_is_settled_and_the_next_goes_on(
    database: str, outcome: Outcome, state: str
) -> None:
    send = Performing(outcome, Done())
    async with small_service(database, {LANE: send}) as service:
        await pushed(service, "halo", "m1")
        await pushed(service, "satu", "m2")

        await service.work_off()

        assert await states(service) == [state, "done"]


async def test_a_message_whose_sender_broke_may_have_been_sent_and_is_not_sent_again(database: str) -> None:
    send = Performing(ValueError(SECRET_WORDS), Done())
    async with small_service(database, {LANE: send}) as service:
        await pushed(service, "halo", "m1")

        with capture_logs() as logged:
            await service.work_off()
        service.clock.now += timedelta(days=1)
        await service.work_off()

        assert len(send.given) == 1
        assert await states(service) == ["unknown"]
        assert SECRET_WORDS not in str(logged) + str(await service.rows("SELECT last_error FROM outbox"))


async def test_what_a_channel_fetches_itself_is_done_when_it_is_written(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("halo", "m1")

        assert await states(service) == ["done"]
        assert await service.runner.run_due() == 0


# -- errands ----------------------------------------------------------------------------------------------------------


async def test_the_result_of_an_errand_is_heard_by_its_conversation(database: str) -> None:
    read = Performing(HASNA)
    async with small_service(database, {"ReadCard": read}) as service:
        await service.hear("baca", "m1")

        await service.work_off()

        assert await service.said() == ["Nama: HASNA."]
        assert await states(service) == ["done", "done"]


async def test_a_pause_grows_to_its_limit(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(TryLater("down"))}) as service:
        await service.hear("baca", "m1")

        pauses = await pauses_s(service, 11)

        longest = [min(PAUSE_MAX_S, PAUSE_FIRST_S * 2**number) for number in range(1, 12)]
        assert all(most / 2 <= pause <= most for pause, most in zip(pauses, longest, strict=True))


async def test_a_partner_that_names_its_time_is_asked_then(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(TryLater("down", 42.5))}) as service:
        await service.hear("baca", "m1")

        assert await pauses_s(service, 3) == [42.5] * 3


async def test_nothing_is_done_before_it_is_due(database: str) -> None:
    read = Performing(TryLater("down", 60), HASNA)
    async with small_service(database, {"ReadCard": read}) as service:
        await service.hear("baca", "m1")
        await service.work_off()

        service.clock.now += timedelta(seconds=59)
        await service.work_off()
        too_early = len(read.given)
        service.clock.now += timedelta(seconds=1)
        await service.work_off()

        assert too_early == 1
        assert [row.tries for row in read.given] == [1, 2]
        assert len({row.id for row in read.given}) == 1


async def test_the_person_hears_once_that_it_takes_longer(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(TryLater("down", 1))}) as service:
        await service.hear("baca", "m1")

        await pauses_s(service, 3)

        assert await service.said() == ["Sebentar, fotonya masih saya baca."]


async def test_the_operator_hears_louder_when_it_goes_on(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(TryLater("BPJS answers 503", 1))}) as service:
        await service.hear("baca", "m1")

        with capture_logs() as logged:
            await pauses_s(service, TRIES_NOTED)

        assert [line["log_level"] for line in logged] == ["warning"] * (TRIES_NOTED - 1) + ["error"]
        assert {line["why"] for line in logged} == {"BPJS answers 503"}


async def test_a_performer_that_raises_is_tried_later_and_logged_without_personal_data(database: str) -> None:
    read = Performing(ValueError(SECRET_WORDS), HASNA)
    async with small_service(database, {"ReadCard": read}) as service:
        await service.hear("baca", "m1")

        with capture_logs() as logged:
            await service.runner.run_due()
        (row,) = await service.rows("SELECT state, last_error FROM outbox WHERE kind = 'errand'")
        service.clock.now += timedelta(seconds=PAUSE_MAX_S)
        await service.work_off()

        assert (row.state, row.last_error) == ("ready", "our own fault: ValueError")
        assert {"event": "errand-broken", "error": "ValueError"}.items() <= logged[0].items()
        assert SECRET_WORDS not in str(logged)
        assert (await service.said())[-1] == "Nama: HASNA."


async def test_a_late_result_of_a_cancelled_conversation_has_no_effect(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(HASNA)}) as service:
        await service.hear_all(["baca", "batal", "ya"])
        before = await service.said()

        await service.work_off()

        assert "dibatalkan" in before[-1]
        assert await service.said() == before
        assert await states(service) == ["done"] * len(await states(service))


async def test_a_result_that_comes_twice_is_heard_once(database: str) -> None:
    async with small_service(database, {"ReadCard": Performing(HASNA)}) as service:
        await service.hear("baca", "m1")
        (row,) = await taken(service, "ReadCard")

        await at_once(*(service.runner._settling.settle(row, HASNA) for _ in range(3)))

        assert await service.said() == ["Nama: HASNA."]


# -- what a process leaves behind -------------------------------------------------------------------------------------


async def taken(service: SmallService, *lanes: str) -> list[Taken]:
    """A process takes what is due, and is heard of no more."""
    return await service.writer.run(lambda unit: outbox.take(unit, lanes, 10))


async def test_a_row_is_taken_once(database: str) -> None:
    async with small_service(database) as service:
        await service.hear("baca", "m1")

        first, second = await at_once(taken(service, "ReadCard"), taken(service, "ReadCard"))

        assert (len(first), len(second)) == (1, 0)


async def release_all(unit: Unit) -> None:
    outbox.release_lost(unit, all_taken=True)


async def test_what_a_dead_process_took_is_done_again_if_it_may_be(database: str) -> None:
    """An errand is idempotent. A message may have been sent, so it ends as unknown and is never sent by itself."""
    read, send = Performing(HASNA), Performing(Done())
    async with small_service(database, {"ReadCard": read, LANE: send}) as service:
        await service.hear("baca", "m1")
        await pushed(service, "halo", "m2")
        await pushed(service, "satu", "m3")
        assert len(await taken(service, "ReadCard", LANE)) == 2

        await service.writer.run(release_all)
        await service.work_off()

        assert await service.said() == ["Nama: HASNA."]
        assert send.sent == ["Nomor 1: satu.\nApa?"]
        assert sorted(await states(service)) == ["done", "done", "done", "unknown"]


async def test_rows_are_another_process_s_until_their_lease_is_over(database: str) -> None:
    read = Performing(HASNA)
    async with small_service(database, {"ReadCard": read}) as service:
        await service.hear("baca", "m1")
        await taken(service, "ReadCard")

        service.clock.now += LEASE - timedelta(seconds=1)
        await service.work_off()
        too_early = len(read.given)
        service.clock.now += timedelta(minutes=2)
        await service.work_off()

        assert too_early == 0
        assert await service.said() == ["Nama: HASNA."]


async def test_an_errand_that_could_not_be_settled_is_done_again(database: str) -> None:
    """The partner answered while the database was away."""
    outage = AsyncExitStack()

    async def read(row: Taken) -> Outcome:
        if row.tries == 1:
            await outage.enter_async_context(unwritable(database))
        return HASNA

    async with small_service(database, {"ReadCard": read}) as service:
        await service.hear("baca", "m1")
        with capture_logs() as logged:
            await service.runner.run_due()
        await outage.aclose()

        service.clock.now += LEASE + timedelta(minutes=2)
        await service.work_off()

        assert "errand-not-settled" in {line["event"] for line in logged}
        assert await service.said() == ["Nama: HASNA."]
