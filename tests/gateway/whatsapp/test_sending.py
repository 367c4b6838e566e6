"""A real client (pywa) sends every kind we use over HTTP, and the person sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from pywa.errors import ExpiredAccessToken, TemplateNotExists, TemplateParamCountMismatch, TooManyMessages
from pywa.types.callback import Button, Section, SectionList, SectionRow, URLButton
from pywa.types.templates import BodyText, QuickReplyButton, TemplateLanguage
from pywa_async.client import WhatsApp

from gateway.sandbox.whatsapp_seen import Choice
from gateway.sandbox.whatsapp_template import Template
from tests.gateway.conftest import Clock, Partner
from tests.gateway.whatsapp_served import NUMBER, USER_ID, Whatsapp, pywa_client, serving_whatsapp

JPEG = b"\xff\xd8\xff\xe0 a photo\r\n--not the boundary\r\n\xff\xd9"
PDF = b"%PDF-1.7 a card"
REMINDER = Template(
    "iuran_hampir_habis", "Halo {{1}}, perlindungan sampai {{2}}.", quick_replies=("Bayar", "Berhenti"), footer="Siaga"
)


def texts(*parameters: str) -> BodyText._Params:
    return BodyText.params(*parameters)  # type: ignore[arg-type]  # pywa takes texts here and says otherwise


@pytest.fixture
def whatsapp(clock: Clock, receiver: Partner) -> Iterator[Whatsapp]:
    with serving_whatsapp(clock, receiver) as whatsapp:
        yield whatsapp
        assert whatsapp.world.violations == []


@pytest.fixture
async def session() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(verify=False) as session:
        yield session


@pytest.fixture
def client(whatsapp: Whatsapp, session: httpx.AsyncClient) -> WhatsApp:
    return pywa_client(whatsapp, session)


async def test_text_to_a_number(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    sent = await client.send_message(NUMBER, "Untuk siapa?", preview_url=True, tracker="turn-1")

    assert (hasna.last.text, hasna.last.id, sent.to) == ("Untuk siapa?", sent.id, NUMBER)


async def test_text_to_a_user_id(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna(hides_number=True)

    sent = await client.send_message(USER_ID, "Untuk siapa?")

    assert (hasna.last.text, sent.to) == ("Untuk siapa?", USER_ID)


async def test_reply_buttons_quoting(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()
    asked = hasna.thread[0].id

    await client.send_message(
        NUMBER,
        "Untuk siapa?",
        header="Daftar",
        footer="0 kembali",
        buttons=[Button("Saya sendiri", "1"), Button("Orang lain", "2")],
        reply_to_message_id=asked,
    )

    seen = hasna.last
    assert (seen.kind, seen.header, seen.text, seen.footer, seen.quotes) == (
        "button",
        "Daftar",
        "Untuk siapa?",
        "0 kembali",
        asked,
    )
    assert seen.choices == (Choice("1", "Saya sendiri"), Choice("2", "Orang lain"))


async def test_section_list(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()
    sections = [
        Section("Tani", [SectionRow("Padi", "1", "sawah"), SectionRow("Kakao", "2")]),
        Section("Lain", [SectionRow("Nelayan", "3")]),
    ]

    await client.send_message(NUMBER, "Pekerjaan?", buttons=SectionList("Pilih", sections))

    assert (hasna.last.kind, hasna.last.opens) == ("list", "Pilih")
    assert hasna.last.choices == (
        Choice("1", "Padi", "sawah", "Tani"),
        Choice("2", "Kakao", "", "Tani"),
        Choice("3", "Nelayan", "", "Lain"),
    )


async def test_link_button(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_message(NUMBER, "Foto KTP di sini.", buttons=URLButton("Buka", "https://siaga.example/k/1"))

    assert hasna.last.link == ("Buka", "https://siaga.example/k/1")


async def test_image_is_uploaded_byte_by_byte(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_image(NUMBER, JPEG, caption="Kartu Anda", mime_type="image/jpeg")

    assert hasna.last.media is not None
    assert (hasna.last.kind, hasna.last.text, hasna.last.media.content) == ("image", "Kartu Anda", JPEG)


async def test_image_with_buttons(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_image(NUMBER, JPEG, caption="Benar?", mime_type="image/jpeg", buttons=[Button("Ya", "1")])

    assert hasna.last.media is not None
    assert (hasna.last.media.content, hasna.last.choices) == (JPEG, (Choice("1", "Ya"),))


async def test_document(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_document(NUMBER, PDF, filename="kartu.pdf", caption="Kartu", mime_type="application/pdf")

    assert hasna.last.media is not None
    assert (hasna.last.filename, hasna.last.media.content) == ("kartu.pdf", PDF)


async def test_document_by_link_is_not_fetched(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_document(NUMBER, "https://siaga.example/kartu.pdf", filename="kartu.pdf")

    assert (hasna.last.media, hasna.last.media_link) == (None, "https://siaga.example/kartu.pdf")


async def test_template_with_a_payload_of_ours(whatsapp: Whatsapp, client: WhatsApp) -> None:
    whatsapp.world.approves(REMINDER)
    hasna = whatsapp.world.person("Hasna", wa_id=NUMBER)  # she never wrote: only a template reaches her
    language = TemplateLanguage.INDONESIAN

    await client.send_template(
        NUMBER,
        REMINDER.name,
        language,
        params=[texts("Hasna", "1 Desember"), QuickReplyButton.params(callback_data="pay", index=0)],
    )

    assert hasna.last.text == "Halo Hasna, perlindungan sampai 1 Desember."
    assert hasna.last.choices == (Choice("pay", "Bayar"), Choice("Berhenti", "Berhenti"))


async def test_read_mark_and_typing(whatsapp: Whatsapp, client: WhatsApp, clock: Clock) -> None:
    hasna = whatsapp.hasna()
    second = hasna.says("daftar")

    await client.mark_message_as_read(second)
    assert hasna.read_by_business == {seen.id for seen in hasna.thread}
    assert not hasna.typing

    await client.indicate_typing(second)
    assert hasna.typing
    clock.passes(25)
    assert not hasna.typing


async def test_a_photo_of_a_person_is_fetched_in_two_steps(whatsapp: Whatsapp, client: WhatsApp, clock: Clock) -> None:
    hasna = whatsapp.hasna()
    hasna.sends_image(JPEG, caption="ini")
    assert hasna.thread[-1].media is not None
    number = hasna.thread[-1].media.id

    found = await client.get_media_url(number)
    async with client.api.stream_media_bytes(found.url) as response:
        assert await response.aread() == JPEG
    assert (found.mime_type, found.file_size) == ("image/jpeg", len(JPEG))

    clock.passes(5 * 60)
    async with client.api.stream_media_bytes(found.url) as response:
        assert response.status_code == 404
    assert (await client.delete_media(number)).success


async def test_a_wrong_token_is_refused_everywhere(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    whatsapp.hasna()

    client = pywa_client(whatsapp, http, token="another")

    with pytest.raises(ExpiredAccessToken) as refused:
        await client.send_message(NUMBER, "halo")
    assert refused.value.status_code == 401
    with pytest.raises(ExpiredAccessToken):
        await client.get_media_url("137524587935346")


async def test_one_message_each_six_seconds_after_a_burst(whatsapp: Whatsapp, client: WhatsApp, clock: Clock) -> None:
    whatsapp.hasna()
    for _ in range(45):
        await client.send_message(NUMBER, "halo")

    with pytest.raises(TooManyMessages):
        await client.send_message(NUMBER, "halo")
    clock.passes(45 * 6 - 1)
    with pytest.raises(TooManyMessages):
        await client.send_message(NUMBER, "halo")
    clock.passes(1)
    await client.send_message(NUMBER, "halo")


async def test_eighty_messages_a_second_over_all(whatsapp: Whatsapp, http: httpx.AsyncClient, clock: Clock) -> None:
    people = [whatsapp.world.person("Warga") for _ in range(81)]

    answers = [await whatsapp.send(http, to=phone.wa_id, type="text", text={"body": "halo"}) for phone in people]

    assert [answer.status_code for answer in answers] == [200] * 80 + [400]
    assert answers[-1].json()["error"]["code"] == 130429
    clock.passes(1)
    assert (await whatsapp.send(http, type="text", text={"body": "halo"})).status_code == 200


async def test_templates_have_to_be_approved_and_filled(
    clock: Clock, receiver: Partner, http: httpx.AsyncClient
) -> None:
    with serving_whatsapp(clock, receiver) as whatsapp:
        client = pywa_client(whatsapp, http)
        with pytest.raises(TemplateNotExists):
            await client.send_template(NUMBER, REMINDER.name, TemplateLanguage.INDONESIAN)
        whatsapp.world.approves(REMINDER)
        with pytest.raises(TemplateParamCountMismatch):
            await client.send_template(NUMBER, REMINDER.name, TemplateLanguage.INDONESIAN, params=[texts("Hasna")])

        assert [violation[:6] for violation in whatsapp.world.violations] == ["132001", "132000"]


async def test_a_document_above_buttons_is_seen_with_its_name(whatsapp: Whatsapp, client: WhatsApp) -> None:
    hasna = whatsapp.hasna()

    await client.send_document(
        NUMBER, PDF, filename="surat.pdf", caption="Sudah diterima?", mime_type="application/pdf",
        buttons=[Button("Ya", "1.ab.yes")],
    )  # fmt: skip

    last = hasna.last
    assert (last.kind, last.filename, last.text) == ("button", "surat.pdf", "Sudah diterima?")
    assert last.media is not None
    assert last.media.content == PDF
