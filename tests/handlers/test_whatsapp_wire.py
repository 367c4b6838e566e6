"""The WhatsApp channel against the imitated Cloud API, over HTTP: what people see, and what is sent again."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from random import Random

import msgspec
import pytest

from bot.handlers import whatsapp_wire
from bot.handlers.contract import Access, Arrival, Delivered, Fate, Peer, Post, Refused, Sent, Slow, Unknown, Wire
from bot.handlers.whatsapp import admit, connect, decode
from bot.talk.heard import FromPerson, Pressed, Said, Shown, Unread
from bot.talk.message import Button, Drawing, Message, Picture
from gateway.sandbox.whatsapp import Sandbox, create_app
from gateway.sandbox.whatsapp_phone import Phone
from gateway.sandbox.whatsapp_post import signature
from gateway.sandbox.whatsapp_template import Template
from gateway.sandbox.whatsapp_trouble import Cut
from gateway.sandbox.whatsapp_wire import Layout, pack
from rules.bpjs import TryLater
from tests.gateway.conftest import Clock, served
from tests.gateway.whatsapp_served import APP_SECRET, BUSINESS, VERIFY_TOKEN
from tests.handlers.pictures import FILM, PDF, picture

TOKEN = "EAAG-invented"
BYTES_MAX = 1_000_000
JPEG = picture("JPEG")
SAMPLE = Picture("contoh", Drawing("ktp"))
YES, NO = Button("Ya", "7.a.yes"), Button("Tidak", "7.a.no")
HOUR_S = 3600


class Cloud:
    """The imitated Cloud API on a port, and Siaga's wire to it."""

    def __init__(self, app: Sandbox, url: str, clock: Clock) -> None:
        self.app, self.world, self.clock = app, app.world, clock
        self.access = Access(url, APP_SECRET, TOKEN, BUSINESS.phone_number_id, VERIFY_TOKEN, "pengingat")
        self.wire = connect(self.access)
        self.hasna = self.world.person("Hasna")

    async def send(self, message: Message, to: Phone | None = None, photo: bytes | None = None) -> Sent:
        return await self.wire.send(message, photo, Peer((to or self.hasna).user_id), "key-1")

    def posted(self, layout: Layout = Layout.VALUES) -> Post:
        """What the webhooks that wait say."""
        (webhook,) = pack(BUSINESS, self.world.take_events(1000), layout)
        body = msgspec.json.encode(webhook)
        assert admit({"x-hub-signature-256": signature(APP_SECRET, body)}, body, self.access)
        post = decode(body, self.access)
        assert post is not None
        return post

    def arrivals(self) -> tuple[Arrival, ...]:
        return self.posted().arrivals


@pytest.fixture
async def cloud(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cloud]:
    monkeypatch.setattr(whatsapp_wire, "SEND_S", 0.5)
    clock = Clock()
    app = create_app(
        business=BUSINESS, token=TOKEN, app_secret=APP_SECRET, verify_token=VERIFY_TOKEN,
        webhook_url="http://127.0.0.1:9", clock=clock, chance=Random(7), tick_s=None,
    )  # fmt: skip
    with served(app) as url:
        cloud = Cloud(app, url, clock)
        cloud.hasna.says("halo")
        cloud.arrivals()
        yield cloud
        await cloud.wire.close()
    assert cloud.world.violations == []


# ---- what people see


async def test_a_text_is_seen_and_its_fate_is_told_under_the_same_id(cloud: Cloud) -> None:
    sent = await cloud.send(Message("Selamat datang"))

    assert sent == Delivered(cloud.hasna.last.id)
    assert cloud.hasna.last.text == "Selamat datang"
    assert cloud.posted().fates == (Fate(cloud.hasna.last.id, "sent"), Fate(cloud.hasna.last.id, "delivered"))


async def test_buttons_come_back_pressed(cloud: Cloud) -> None:
    await cloud.send(Message("Benar?\n1 Ya\n2 Tidak", (YES, NO)))

    cloud.hasna.presses("Ya")

    (pressed,) = cloud.arrivals()
    assert pressed.heard == Pressed("7.a.yes", "Ya")


async def test_a_row_of_a_list_comes_back_pressed(cloud: Cloud) -> None:
    await cloud.send(Message("Kelompok?", tuple(Button(f"Kelompok {n}", f"7.a.{n}") for n in range(10))))

    cloud.hasna.presses("Kelompok 9")

    assert cloud.hasna.messages[-1].opens == "Pilih"
    assert cloud.arrivals()[0].heard == Pressed("7.a.9", "Kelompok 9")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
async def test_a_picture_is_seen_with_its_words(cloud: Cloud, kind: str) -> None:
    photo = picture(kind)

    await cloud.send(Message("Contoh foto", picture=SAMPLE), photo=photo)

    last = cloud.hasna.last
    assert (last.kind, last.text, last.media and last.media.content) == ("image", "Contoh foto", photo)


async def test_a_picture_is_seen_above_buttons(cloud: Cloud) -> None:
    await cloud.send(Message("Benar?", (YES, NO), picture=SAMPLE), photo=JPEG)

    last = cloud.hasna.last
    assert (last.kind, last.text, last.media and last.media.content) == ("button", "Benar?", JPEG)


async def test_a_picture_that_whatsapp_doesnt_take_is_left_out(cloud: Cloud) -> None:
    cloud.app.troubles.plan(100, on="media")

    sent = await cloud.send(Message("Contoh foto", picture=SAMPLE), photo=JPEG)

    assert isinstance(sent, Delivered)
    assert (cloud.hasna.last.kind, cloud.hasna.last.text) == ("text", "Contoh foto")


@pytest.mark.parametrize("id_", ["ID.A1b2C3", "ID.13491208655302741918"])
async def test_a_person_without_a_number_is_reached_by_id(cloud: Cloud, id_: str) -> None:
    rahim = cloud.world.person("Rahim", user_id=id_, hides_number=True)
    rahim.says("halo")
    (came,) = cloud.arrivals()

    await cloud.wire.send(Message("Halo juga"), None, Peer(came.address), "key-1")

    assert (came.address, came.aliases) == (id_, ())
    assert rahim.last.text == "Halo juga"


async def test_a_chat_from_before_is_reached_by_number(cloud: Cloud) -> None:
    await cloud.wire.send(Message("Halo"), None, Peer(cloud.hasna.wa_id), "key-1")

    assert cloud.hasna.last.text == "Halo"


async def test_a_day_later_the_template_carries_the_words(cloud: Cloud) -> None:
    cloud.world.approves(Template("pengingat", "Siaga: {{1}} Balas pesan ini."))
    cloud.clock.passes(25 * HOUR_S)

    sent = await cloud.wire.send(
        Message("Iuran bulan ini\nRp16.800"), JPEG, Peer(cloud.hasna.user_id, is_open=False), "key-1"
    )

    assert isinstance(sent, Delivered)
    assert cloud.hasna.last.text == "Siaga: Iuran bulan ini Rp16.800 Balas pesan ini."


async def test_a_window_that_closed_unnoticed_is_told_as_the_messages_fate(cloud: Cloud) -> None:
    cloud.clock.passes(25 * HOUR_S)

    sent = await cloud.send(Message("Iuran bulan ini"))

    assert isinstance(sent, Delivered)
    assert cloud.posted().fates == (Fate(sent.ref, "failed", "131047"),)


async def test_the_person_sees_that_it_was_read_and_that_an_answer_comes(cloud: Cloud) -> None:
    number = cloud.hasna.says("status")
    (came,) = cloud.arrivals()

    await cloud.wire.acknowledge(came)

    assert number in cloud.hasna.read_by_business
    assert cloud.hasna.typing


async def test_a_courtesy_fails_without_a_word(cloud: Cloud) -> None:
    cloud.hasna.says("status")
    (came,) = cloud.arrivals()
    cloud.app.troubles.plan(131000)
    cloud.app.troubles.plan(Cut.CLOSED_LOST)
    cloud.app.troubles.plan(Cut.NONSENSE)

    for _ in range(3):
        await cloud.wire.acknowledge(came)

    assert not cloud.hasna.typing


# ---- what people send


@pytest.mark.parametrize("layout", [Layout.ENTRIES, Layout.CHANGES, Layout.VALUES])
async def test_whatever_lies_in_one_body_is_heard_in_its_order(cloud: Cloud, layout: Layout) -> None:
    rahim = cloud.world.person("Rahim", hides_number=True)
    cloud.hasna.says("daftar")
    rahim.says("status")
    cloud.hasna.sends_image(JPEG)
    cloud.hasna.sends_voice(b"OggS")
    cloud.hasna.reacts("wamid.zero")

    post = cloud.posted(layout)

    heard: list[tuple[str, FromPerson]] = [(came.address, came.heard) for came in post.arrivals]
    hasna, number = cloud.hasna.user_id, post.arrivals[0].message_id
    assert heard == [
        (hasna, Said("daftar", number)),
        (rahim.user_id, Said("status", post.arrivals[1].message_id)),
        (hasna, Shown(0)),
        (hasna, Unread("voice")),
    ]
    assert [came.place for came in post.arrivals] == [0, 1, 2, 3]
    assert post.ignored == ("reaction",)


async def test_a_photo_is_fetched_with_all_its_bytes(cloud: Cloud) -> None:
    cloud.hasna.sends_image(JPEG)
    (came,) = cloud.arrivals()

    assert await cloud.wire.fetch(came.file, BYTES_MAX) == JPEG


async def test_a_scan_is_fetched(cloud: Cloud) -> None:
    cloud.hasna.sends_document(PDF, "application/pdf", "ktp.pdf")
    (came,) = cloud.arrivals()

    assert await cloud.wire.fetch(came.file, BYTES_MAX) == PDF


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (JPEG + b"\0" * BYTES_MAX, Unread("photo-too-large")),
        (FILM, Unread("not-an-image")),
        (picture("GIF", 3), Unread("animation")),
    ],
)
async def test_what_isnt_a_photo_is_named(cloud: Cloud, content: bytes, why: Unread) -> None:
    cloud.hasna.sends_image(content)
    (came,) = cloud.arrivals()

    assert await cloud.wire.fetch(came.file, BYTES_MAX) == why


@pytest.mark.parametrize("file", ["123456789012345", "../106540352242922", "a b", ""])
async def test_a_photo_that_isnt_there_is_lost(cloud: Cloud, file: str) -> None:
    assert await cloud.wire.fetch(file, BYTES_MAX) == Unread("photo-lost")


async def test_a_photo_of_last_week_is_lost(cloud: Cloud) -> None:
    cloud.hasna.sends_image(JPEG)
    (came,) = cloud.arrivals()
    cloud.clock.passes(8 * 24 * HOUR_S)

    assert await cloud.wire.fetch(came.file, BYTES_MAX) == Unread("photo-lost")


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (190, TryLater("token", 60)),
        (130429, TryLater("code 130429", 5)),
        (131016, TryLater("service unavailable")),
        (Cut.CLOSED_LOST, TryLater("RemoteProtocolError")),
        (Cut.NONSENSE, TryLater("code 502")),
    ],
)
async def test_a_photo_that_cant_be_fetched_now_is_fetched_later(
    cloud: Cloud, trouble: Cut | int, outcome: TryLater
) -> None:
    cloud.hasna.sends_image(JPEG)
    (came,) = cloud.arrivals()
    cloud.app.troubles.plan(trouble, on=came.file)

    assert await cloud.wire.fetch(came.file, BYTES_MAX) == outcome
    assert await cloud.wire.fetch(came.file, BYTES_MAX) == JPEG


# ---- the token


async def test_nothing_that_was_sent_and_no_token_is_logged(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # as bot/logs.py does
    cloud.app.troubles.plan(131009)
    cloud.app.troubles.plan(Cut.SILENT_LOST)

    for _ in range(3):
        await cloud.send(Message("Nama ibu: Saripah", picture=SAMPLE), photo=JPEG)
    await cloud.wire.open()

    said = caplog.text + "".join(str(record.args) for record in caplog.records)
    for secret in (TOKEN, "Saripah", cloud.hasna.user_id, "Bearer"):
        assert secret not in said


# ---- what goes wrong


@pytest.mark.parametrize(
    ("trouble", "outcome"),
    [
        (190, TryLater("token", 60)),
        (130429, Slow(5)),
        (131056, TryLater("pair rate", 6)),
        (131016, TryLater("service unavailable")),
        (131047, Refused("outside the 24-hour window")),
        (1, Unknown("code 1")),
        (Cut.NONSENSE, Unknown("code 502")),
        (Cut.CLOSED_STORED, Unknown("RemoteProtocolError")),
        (Cut.SILENT_STORED, Unknown("ReadTimeout")),
    ],
)
async def test_what_becomes_of_a_message_that_met_trouble(cloud: Cloud, trouble: Cut | int, outcome: Sent) -> None:
    cloud.app.troubles.plan(trouble)

    assert _alike(await cloud.send(Message("halo")), outcome)


def _alike(one: Sent, other: Sent) -> bool:
    """Of a silence the connection and the whole try have a limit; either may strike first."""
    silent = {Unknown("ReadTimeout"), Unknown("TimeoutError")}
    return one == other or (one in silent and other in silent)


async def test_while_a_picture_cant_be_uploaded_its_message_waits(cloud: Cloud) -> None:
    cloud.app.troubles.plan(Cut.CLOSED_STORED, on="media")

    assert await cloud.send(Message("Contoh", picture=SAMPLE), photo=JPEG) == TryLater("picture")
    assert cloud.hasna.messages == []


async def test_many_messages_to_one_person_are_slowed_for_this_person_alone(cloud: Cloud) -> None:
    rahim = cloud.world.person("Rahim")
    rahim.says("halo")
    cloud.world.pair_rate.burst_max = 1
    await cloud.send(Message("satu"))

    assert await cloud.send(Message("dua")) == TryLater("pair rate", 6)
    assert isinstance(await cloud.send(Message("satu"), rahim), Delivered)


# ---- the start


async def test_the_right_settings_are_welcome(cloud: Cloud) -> None:
    await cloud.wire.open()


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"token": "another-token"}, "setting token"), ({"number": "999999999999"}, "setting number")],
)
async def test_wrong_settings_are_named(cloud: Cloud, changes: dict[str, str], named: str) -> None:
    wire: Wire = connect(msgspec.structs.replace(cloud.access, **changes))

    with pytest.raises(ConnectionRefusedError, match=named) as caught:
        await wire.open()

    assert "another-token" not in str(caught.value)
    await wire.close()


@pytest.mark.parametrize("trouble", [2, 131016, Cut.NONSENSE, Cut.CLOSED_LOST])
async def test_an_outage_doesnt_stop_the_start(cloud: Cloud, trouble: Cut | int) -> None:
    cloud.app.troubles.plan(trouble, on=BUSINESS.phone_number_id)

    await cloud.wire.open()
