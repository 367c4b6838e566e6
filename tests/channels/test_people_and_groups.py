"""Who blocks the bot is left in peace and welcome back; a group is declined; a flood costs the others nothing."""

from __future__ import annotations

from datetime import timedelta

from bot.handlers.contract import ACCOUNT
from bot.runtime.flood import HEARD_MAX, SLOWED
from bot.talk.phrases import MANY_MESSAGES, OFFICE_LEFT
from tests.channels.scenes import HASNA_NIK, OnTelegram, OnWhatsApp, Opens

GROUP = -1001
IBU_SARI = "ibu.sari"


async def test_who_blocks_the_bot_is_sent_nothing_any_more(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar"])
        it.says("1")
        await it.deliver()
        it.phone().blocks()
        asked = len(it.telegram.asked)
        await it.settle()

        assert it.new() == []
        assert "sendMessage" not in it.telegram.asked[asked:]
        assert await it.rows("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == [("gone",)]
        assert await it.rows("SELECT count(*) FROM chats WHERE gone_at IS NOT NULL") == [(1,)]


async def test_what_telegram_refuses_because_it_was_blocked_ends_as_gone(on_telegram_only: Opens) -> None:
    """The refusal comes before the word that tells of it."""
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar"])
        it.says("1")
        await it.deliver()
        it.telegram.mischief.held = True
        it.phone().blocks()
        await it.world.settle()

        assert await it.rows("SELECT state FROM outbox ORDER BY id DESC LIMIT 1") == [("gone",)]
        assert await it.rows("SELECT count(*) FROM chats WHERE gone_at IS NOT NULL") == [(1,)]
        it.telegram.mischief.held = False


async def test_who_comes_back_goes_on_where_they_were(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar"])
        it.repeats(3)
        it.phone().blocks()
        await it.settle()
        it.phone().unblocks()
        await it.settle()

        assert await it.rows("SELECT count(*) FROM chats WHERE gone_at IS NOT NULL") == [(0,)]
        assert (await it.hears("1")).startswith("Data KTP dan HP dikirim")


async def test_who_writes_is_reachable_though_nobody_said_so(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        await it.says_all(["daftar"])
        it.phone().blocks()
        await it.settle()
        it.phone().chat.out = None

        assert (await it.hears("1")).startswith("Data KTP dan HP dikirim")


async def test_a_group_is_told_once_and_left_and_nothing_of_it_is_stored(on_telegram_only: Opens) -> None:
    async with on_telegram_only() as it:
        assert isinstance(it, OnTelegram)
        it.repeats(3)
        group = it.phone().adds_bot(GROUP)
        it.phone().says(f"NIK saya {HASNA_NIK}", group)
        for _round in range(3):
            await it.settle()

        told = [seen.text for seen in it.phone().sees(group) if seen.from_bot]
        assert len(told) == 1
        assert "https://t.me/" in told[0]
        assert it.telegram.asked.count("leaveChat") == 1
        for table in ("chats", "inbound", "outbox", "waiting"):
            assert await it.rows(f"SELECT count(*) FROM {table}") == [(0,)]


# -- a flood ----------------------------------------------------------------------------------------------------------


async def test_three_hundred_messages_in_a_second_cost_the_others_nothing(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"], "baco")
        it.clock.now += timedelta(seconds=2)
        for number in range(150):
            it.says(f"kata {number}")
        it.says("1", "baco")
        for number in range(150, 300):
            it.says(f"kata {number}")
        await it.deliver()
        await it.world.service.run_due()

        assert "Data KTP dan HP dikirim" in it.new("baco")[0]
        assert await it.rows("SELECT count(*) FROM inbound WHERE parked = 'flood'") == [(300 - HEARD_MAX,)]
        it.clock.now += SLOWED
        await it.world.pass_time(timedelta(minutes=2))
        assert await it.rows("SELECT count(*) FROM waiting") == [(0,)]


async def test_who_floods_is_told_once(scene: Opens) -> None:
    async with scene() as it:
        if isinstance(it, OnWhatsApp):  # one body, as Meta sends what it has kept
            it.shuffles(1)
        for number in range(100):
            it.says(f"kata {number}")
        await it.deliver()
        await it.world.pass_time(timedelta(minutes=7))
        answer = await it.hears("menu")

        assert "\n".join(it.screen()).count(MANY_MESSAGES.msgid) == 1
        assert "Saya Siaga" in answer


# -- the office -------------------------------------------------------------------------------------------------------


async def test_a_person_of_the_office_answers_and_hands_back(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        office, chat = it.world.service.office, await it.chat()
        await office.say(chat, IBU_SARI, "Saya Ibu Sari. Ada yang bisa dibantu?")
        it.says("1")
        it.says("bu, tolong")
        by_person = await it.answer()
        await office.hand_back(chat, IBU_SARI)
        by_bot = await it.answer()

        assert by_person == "Saya Ibu Sari. Ada yang bisa dibantu?"
        assert by_bot.startswith(f"{OFFICE_LEFT.msgid}\n")
        assert by_bot.endswith("Untuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain")


async def test_the_office_keeps_a_chat_over_a_restart_and_gives_it_back_after_twelve_hours(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        await it.world.service.office.take_over(await it.chat(), IBU_SARI)
        await it.world.restart()
        silent = await it.hears("1")
        it.clock.now += timedelta(hours=12)
        await it.world.service.run_due()
        await it.deliver()

        assert silent == ""
        assert it.new()[0].startswith(OFFICE_LEFT.msgid)


async def test_a_photo_for_the_office_is_kept(scene: Opens) -> None:
    async with scene() as it:
        await it.says_all(["daftar"])
        transcript, chat = it.world.service.transcript, await it.chat()
        await it.world.service.office.take_over(chat, IBU_SARI)
        it.shows(b"\xff\xd8\xff" + bytes(1_000))
        answer = await it.answer()

        (line,) = [line for line in await transcript.lines(chat, 0, 10) if line.photo]
        assert answer == ""
        assert await transcript.photo(chat, line.photo or 0) is not None
        assert await transcript.chat(it.channel, ACCOUNT, it.address()) == chat
