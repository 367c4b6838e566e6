"""The phones of the imitated Telegram over HTTP, and the server as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.gateway.telegram_served import HASNA, TOKEN, Served, jpeg
from tests.ports import free_ports

CHAT = f"/_phone/chats/{HASNA}"
BUTTONS = {"inline_keyboard": [[{"text": "Benar", "callback_data": "benar"}]]}


@pytest.fixture
async def page(telegram: Served) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=telegram.url, verify=False) as page:
        await page.post("/_phone/people", json={"id": HASNA, "first_name": "Hasna", "language_code": "id"})
        yield page


async def test_a_page_draws_the_chat_and_presses_its_button(telegram: Served, page: httpx.AsyncClient) -> None:
    api = f"/bot{TOKEN}"
    await page.post(f"{CHAT}/start", json={"payload": "poktan-12"})
    await page.post(f"{api}/sendMessage", json={"chat_id": HASNA, "text": "Benar?", "reply_markup": BUTTONS})
    await page.post(f"{api}/sendChatAction", json={"chat_id": HASNA, "action": "typing"})

    screen = (await page.get(CHAT)).json()
    [started, asked] = screen["messages"]
    assert (started["from_bot"], started["text"]) == (False, "/start poktan-12")
    assert asked["buttons"] == [[{"text": "Benar", "data": "benar", "url": None, "asks": None}]]
    assert screen["action"] == "typing"

    press = (await page.post(f"{CHAT}/press", json={"message_id": asked["id"], "data": "benar"})).json()["id"]
    await page.post(f"{api}/answerCallbackQuery", json={"callback_query_id": press, "text": "Baik"})
    assert (await page.get(CHAT)).json()["answer"] == {"text": "Baik", "alert": False}
    assert (await page.get("/_phone/state")).json() == {"violations": [], "floods": 0, "pending": 2, "lost": 0}


async def test_photos_come_and_go_as_bytes(telegram: Served, page: httpx.AsyncClient) -> None:
    picture = jpeg()
    await page.post(f"{CHAT}/photo", params={"caption": "KTP", "album": "1"}, content=picture)
    await page.post(f"{CHAT}/document", params={"name": "ktp.jpg"}, content=picture)

    photo, document = (await page.get(CHAT)).json()["messages"]
    assert (await page.get(photo["photo"])).content == (await page.get(document["document"])).content == picture
    assert telegram.hasna().chat.messages[photo["id"]]["media_group_id"] == "1"


async def test_a_document_of_the_bot_is_opened_as_what_it_is_and_a_page_is_not(page: httpx.AsyncClient) -> None:
    for name, kind in (("surat.pdf", "application/pdf"), ("surat.html", "text/html")):
        file = {"document": (name, b"%PDF-1.4", kind)}
        await page.post(f"/bot{TOKEN}/sendDocument", data={"chat_id": str(HASNA)}, files=file)

    pdf, html = (await page.get(CHAT)).json()["messages"]
    assert pdf["file_name"] == "surat.pdf"
    assert (await page.get(pdf["document"])).headers["content-type"] == "application/pdf"
    assert (await page.get(html["document"])).headers["content-type"] == "application/octet-stream"


async def test_every_other_deed_has_an_address(telegram: Served, page: httpx.AsyncClient) -> None:
    said = (await page.post(f"{CHAT}/say", json={"text": "hal"})).json()["id"]
    await page.post("/_phone/groups", json={"id": -500, "title": "Poktan", "person": HASNA})
    for deed, body in (
        ("edit", {"message_id": said, "text": "halo"}),
        ("location", {"latitude": -4.35, "longitude": 119.88}),
        ("contact", {"phone_number": "+6281234567891", "first_name": "Rahman"}),
        ("own-contact", {"phone_number": "+6281234567890"}),
        ("voice", {}),
        ("sticker", {}),
        ("block", {}),
        ("unblock", {}),
        ("other", {"kind": "dream", "body": {}}),
        ("say", {"text": "halo", "group": -500}),
    ):
        assert (await page.post(f"{CHAT}/{deed}", json=body)).status_code == 200, deed

    kinds = [list(update)[1] for update in (await page.post(f"/bot{TOKEN}/getUpdates")).json()["result"]]
    assert kinds == [
        "message", "my_chat_member", "message", "edited_message", *["message"] * 5, *["my_chat_member"] * 2, "dream",
        "message",
    ]  # fmt: skip
    assert [chat["name"] for chat in (await page.get("/_phone/chats")).json()] == ["Hasna", "Poktan"]


async def test_what_a_page_cannot_mean_is_refused(telegram: Served, page: httpx.AsyncClient) -> None:
    assert (await page.post(f"{CHAT}/dance", json={})).status_code == 404
    assert (await page.post(f"{CHAT}/say", content=b"{")).status_code == 422
    assert (await page.post(f"{CHAT}/say", json={})).status_code == 422
    assert (await page.post(f"{CHAT}/press", json={"message_id": 99, "data": "x"})).status_code == 422
    assert (await page.post("/_phone/chats/99/say", json={"text": "halo"})).status_code == 422
    assert (await page.post("/_phone/chats/99/photo", content=jpeg())).status_code == 422
    assert (await page.post(f"{CHAT}/photo", content=b"")).status_code == 422
    assert (await page.get("/_phone/chats/99")).status_code == 404


def test_the_process_serves_says_nothing_and_ends_with_its_starter() -> None:
    [port] = free_ports(1)
    command = [sys.executable, "-m", "gateway.sandbox.telegram", "--port", str(port), "--until-input-ends"]
    environment = {**os.environ, "SIAGA_TELEGRAM_TOKEN": TOKEN}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    transport = httpx.HTTPTransport(retries=10, verify=False)  # waits twice as long before each
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", transport=transport) as http:
        assert http.get(f"/bot{TOKEN}/getMe").json()["ok"]
        assert http.get("/bot700000001:wrong/getMe").status_code == 401

    printed, _ = process.communicate(timeout=20)
    assert (process.returncode, printed) == (0, b"")
