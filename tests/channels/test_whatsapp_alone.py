"""What WhatsApp alone has: statuses, the 24-hour window, ids beside numbers, a rate for each pair, lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.handlers.contract import ACCOUNT
from bot.runtime.batch import say
from bot.talk.message import Message
from db.unit import Unit
from gateway.sandbox.whatsapp_post import SIGNATURE, signature
from gateway.sandbox.whatsapp_template import Template
from tests.channels.scenes import OnWhatsApp, Opens
from tests.gateway.whatsapp_served import APP_SECRET, BUSINESS
from tests.handlers import whatsapp_posts as meta

IBU_SARI = "ibu.sari"
WHO = "Untuk siapa pendaftaran ini?\n1 Saya sendiri\n2 Orang lain"


async def fates(it: OnWhatsApp) -> list[str | None]:
    return [fate for (fate,) in await it.rows("SELECT fate FROM outbox WHERE kind = 'message' ORDER BY id")]


async def posted(it: OnWhatsApp, *messages: dict[str, Any], **more: Any) -> int:
    """A body that the imitation would not write."""
    body = meta.body(meta.value(*messages, number=BUSINESS.phone_number_id, **more))
    response = await it.world.post("/hooks/whatsapp", content=body, headers={SIGNATURE: signature(APP_SECRET, body)})
    return response.status_code


def sent_by(it: OnWhatsApp, *messages: str) -> None:
    """The imitation is to know these as her messages."""
    phone = it.phone()
    phone._wrote_at = it.clock.now
    phone._own |= set(messages)


# -- statuses ---------------------------------------------------------------------------------------------------------


async def test_what_became_of_each_message_is_known(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.repeats(3)
        it.phone().online = False
        await it.says_all(["daftar"])
        sent = await fates(it)
        it.phone().comes_online()
        await it.settle()
        delivered = await fates(it)
        it.phone().reads()
        await it.settle()

        assert (sent, delivered, await fates(it)) == (["sent"], ["delivered"], ["read"])


@pytest.mark.parametrize("seed", range(3))
async def test_statuses_in_any_order_end_at_the_last(on_whatsapp_only: Opens, seed: int) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.shuffles(seed)
        it.phone().reads_at_once = True
        await it.says_all(["daftar", "1"])
        await it.settle()

        assert await fates(it) == ["read", "read"]


async def test_a_message_that_failed_afterwards_is_known_with_its_code(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.says("daftar")
        await it.deliver()
        it.phone().on_whatsapp = False
        await it.settle()

        assert await it.rows("SELECT state, fate, last_error FROM outbox WHERE kind = 'message'") == [
            ("done", "failed", "131026")
        ]


# -- the window -------------------------------------------------------------------------------------------------------


async def test_after_a_day_of_silence_only_a_template_goes(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.whatsapp.world.approves(Template("kabar", "Kabar dari Siaga: {{1}} Balas untuk bertanya."))
        await it.says_all(["daftar"])
        it.clock.now += timedelta(hours=23, minutes=59)
        await it.world.service.office.say(await it.chat(), IBU_SARI, "Masih di sana?")
        within = await it.answer()
        it.clock.now += timedelta(minutes=2)
        await it.world.service.office.say(await it.chat(), IBU_SARI, "Kartunya sudah\njadi.")
        after = await it.answer()

        assert within == "Masih di sana?"
        assert after == "Kabar dari Siaga: Kartunya sudah jadi. Balas untuk bertanya."


async def test_a_reminder_goes_under_a_template_of_its_own(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.whatsapp.world.approves(Template("pengingat", "Pengingat iuran dari Siaga: {{1}} Terima kasih."))
        await it.says_all(["daftar"])
        chat = await it.chat()
        it.clock.now += timedelta(days=2)

        await it.world.service.writer.run(lambda unit: _remind(it, unit, chat))

        assert await it.answer() == "Pengingat iuran dari Siaga: Besok hari terakhir. Balas bayar. Terima kasih."


async def _remind(it: OnWhatsApp, unit: Unit, chat: int) -> None:
    message = Message("Besok hari terakhir.\nBalas bayar.", template="reminder")
    say(unit, it.world.service.desk, chat, f"whatsapp:{ACCOUNT}", message, "id", not_before=unit.now)


async def test_a_word_of_hers_opens_the_window_again(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        await it.says_all(["daftar"])
        it.clock.now += timedelta(days=3)

        assert (await it.hears("1")).startswith("Data KTP dan HP dikirim")


# -- who is who -------------------------------------------------------------------------------------------------------


async def test_a_chat_begun_by_number_goes_on_under_the_id(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        phone = it.phone()
        first = {**meta.text("daftar", id="wamid.first"), "from": phone.wa_id}
        del first["from_user_id"]
        sent_by(it, "wamid.first")
        assert await posted(it, first, contacts=[{"profile": {"name": "Hasna"}, "wa_id": phone.wa_id}]) == 200
        await it.settle()
        began = it.new()
        answer = await it.hears("1")

        assert began == [WHO]
        assert answer.startswith("Data KTP dan HP dikirim")
        assert await it.rows("SELECT address FROM chats") == [(phone.user_id,)]


async def test_who_hides_the_number_is_answered_all_the_same(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.phone("hasna", hides_number=True, username="hasna.soppeng")
        it.repeats(3)
        answer = await it.says_all(["daftar", "1"])

        assert answer.startswith("Data KTP dan HP dikirim")
        assert await it.rows("SELECT address FROM chats") == [(it.phone().user_id,)]


async def test_who_shows_the_number_later_is_the_same_person(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.phone("hasna", hides_number=True, username="hasna.soppeng")
        await it.says_all(["daftar"])
        it.phone().hides_number = False
        await it.world.restart()

        assert (await it.hears("1")).startswith("Data KTP dan HP dikirim")
        assert await it.rows("SELECT count(*) FROM chats") == [(1,)]


async def test_another_number_s_messages_are_not_ours(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        body = meta.body(meta.value(meta.text("daftar"), number="999"))
        headers = {SIGNATURE: signature(APP_SECRET, body)}

        assert (await it.world.post("/hooks/whatsapp", content=body, headers=headers)).status_code == 200
        assert await it.rows("SELECT count(*) FROM inbound") == [(0,)]


async def test_of_many_in_one_body_one_that_is_strange_takes_no_other_with_it(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        strange: list[Any] = [{"id": 7}, "nonsense", meta.message("text", "no object", id="wamid.c"), {}]
        phone = it.phone()
        sent_by(it, "wamid.c", "wamid.d")
        good = {**meta.text("daftar", id="wamid.d"), "from": phone.wa_id, "from_user_id": phone.user_id}

        assert await posted(it, *strange, good) == 200
        await it.settle()
        assert it.new() == [WHO]


# -- pace and form ----------------------------------------------------------------------------------------------------


async def test_more_than_meta_bears_for_one_person_comes_later_and_in_order(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        it.whatsapp.world.pair_rate.burst_max = 2
        for words in ("daftar", "1", "setuju", "1", "7312025205799901"):
            it.says(words)
            await it.deliver()
        await it.world.pass_time(timedelta(minutes=3))

        assert [words.splitlines()[0][:12] for words in it.new()] == [
            "Untuk siapa ", "Data KTP dan", "Kirim foto K", "Ketik 16 ang", "NIK 7312 025"
        ]  # fmt: skip


async def test_two_ways_are_buttons_and_five_are_a_list(on_whatsapp_only: Opens) -> None:
    async with on_whatsapp_only() as it:
        assert isinstance(it, OnWhatsApp)
        await it.says_all(["daftar"])
        two = it.phone().last
        await it.says_all(["1", "setuju", "1", "7312025205799901", "benar", "Hasna", "Soppeng", "Dusun Lappa"])
        five = it.phone().last
        it.presses("Kec. Lilirilau")

        assert (two.kind, len(two.choices), five.kind, len(five.choices)) == ("button", 2, "list", 5)
        assert (await it.answer()).startswith("Pilih salah satu:")
