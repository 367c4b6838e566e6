"""Mischief: errors that pass, answers that nobody hears, connections that break."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys

import httpx
import pytest

from gateway.sandbox.whatsapp import APP_SECRET, TOKEN, VERIFY_TOKEN
from gateway.sandbox.whatsapp_trouble import Cut
from tests.gateway.conftest import Clock, Partner
from tests.gateway.whatsapp_served import NUMBER, USER_ID, Whatsapp, serving_whatsapp

TEXT = "perlindungan Hasna"


@pytest.mark.parametrize(
    ("code", "status"), [(131000, 500), (2, 503), (4, 400), (80007, 400), (130429, 400), (131048, 400), (131056, 400)]
)
async def test_errors_pass(whatsapp: Whatsapp, http: httpx.AsyncClient, code: int, status: int) -> None:
    hasna = whatsapp.hasna()
    whatsapp.troubles.plan(code, times=2)

    answers = [await whatsapp.send(http, type="text", text={"body": TEXT}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert {answer.json()["error"]["code"] for answer in answers[:2]} == {code}
    assert len(hasna.messages) == 1
    assert whatsapp.world.violations == []


async def test_a_code_may_come_as_429(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    whatsapp.hasna()
    whatsapp.troubles.plan(80007, status=429)

    assert (await whatsapp.send(http, type="text", text={"body": TEXT})).status_code == 429


@pytest.mark.parametrize(("cut", "arrived"), [(Cut.CLOSED_LOST, 0), (Cut.CLOSED_STORED, 1)])
async def test_a_connection_breaks(
    whatsapp: Whatsapp, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture, cut: Cut, arrived: int
) -> None:
    hasna = whatsapp.hasna()
    whatsapp.troubles.plan(cut)

    with pytest.raises(httpx.TransportError):
        await whatsapp.say(http, TEXT)

    assert len(hasna.messages) == arrived
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(("cut", "arrived"), [(Cut.SILENT_LOST, 0), (Cut.SILENT_STORED, 1)])
async def test_an_answer_never_comes(whatsapp: Whatsapp, cut: Cut, arrived: int) -> None:
    hasna = whatsapp.hasna()
    whatsapp.troubles.plan(cut)

    async with httpx.AsyncClient(verify=False, timeout=0.1) as impatient:
        with pytest.raises(httpx.ReadTimeout):
            await whatsapp.say(impatient, TEXT)

    assert len(hasna.messages) == arrived


async def test_a_silence_ends(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    whatsapp.hasna()
    whatsapp.troubles.hang_s = 0.01
    whatsapp.troubles.plan(Cut.SILENT_LOST)

    with pytest.raises(httpx.RemoteProtocolError):
        await whatsapp.say(http, TEXT)


async def test_a_proxy_answers_nonsense_to_one_path_only(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    whatsapp.hasna()
    whatsapp.troubles.plan(Cut.NONSENSE, on="/media")

    assert (await whatsapp.send(http, type="text", text={"body": TEXT})).status_code == 200
    answer = await http.post(whatsapp.messages_url.replace("/messages", "/media"))
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (502, "text/html")


async def test_a_phone_over_http(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    phones = f"{whatsapp.url}/_phone"
    joined = await http.post(f"{phones}/people", json={"name": "Hasna", "wa_id": NUMBER})
    who = joined.json()["id"]
    assert (await http.get(f"{phones}/people")).json() == [
        {"id": who, "name": "Hasna", "wa_id": NUMBER, "hides_number": False}
    ]
    await http.post(f"{phones}/{who}/says", json={"text": "halo"})
    photo = {"Content-Type": "image/jpeg"}
    await http.post(f"{phones}/{who}/file", params={"caption": "ini"}, content=b"a photo", headers=photo)
    await whatsapp.send(
        http,
        type="interactive",
        interactive={
            "type": "button",
            "body": {"text": "Benar?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "Ya"}}]},
        },
    )

    shown = (await http.get(f"{phones}/{who}/messages")).json()

    said, image, asked = shown["messages"]
    assert (said["mine"], said["text"], image["kind"], image["text"]) == (True, "halo", "image", "ini")
    assert (asked["text"], asked["choices"][0]["title"], shown["window_open"]) == ("Benar?", "Ya", True)
    assert (await http.get(f"{phones}/media/{image['media']['id']}")).content == b"a photo"
    pressed = await http.post(f"{phones}/{who}/presses", json={"message": asked["id"], "choice": "1"})
    assert pressed.status_code == 201
    assert (await http.post(f"{phones}/{who}/presses", json={"message": "x", "choice": "1"})).status_code == 404
    assert (await http.post(f"{phones}/{who}/says", json={"words": "x"})).status_code == 422
    assert (await http.get(f"{phones}/{USER_ID}/messages")).status_code == 404
    assert (await http.post(f"{phones}/{who}/reads")).status_code == 204
    template = {"name": "salam", "body": "Halo {{1}}.", "link": ["Buka", "https://siaga.example/{{1}}"]}
    assert (await http.post(f"{phones}/templates", json=template)).status_code == 204
    assert (await http.get(f"{phones}/violations")).json() == []


async def test_nothing_that_was_said_is_logged(
    whatsapp: Whatsapp, http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        hasna = whatsapp.hasna()
        await whatsapp.say(http, TEXT)
        hasna.says(TEXT)
        await whatsapp.told(http)

    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in ours for secret in (NUMBER, TEXT, USER_ID) if secret in line]


async def test_it_sends_by_itself_when_served(clock: Clock, receiver: Partner) -> None:
    with serving_whatsapp(clock, receiver) as whatsapp:
        whatsapp.hasna()
        work = asyncio.create_task(whatsapp.post.work(0.01))
        body = await asyncio.to_thread(receiver.next_asked)
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work

    assert b"halo" in body[1]


def test_it_wants_its_secrets_from_the_environment() -> None:
    command = [sys.executable, "-m", "gateway.sandbox.whatsapp"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SIAGA_")}

    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)

    assert ended.returncode == 1
    assert all(name in ended.stderr for name in (TOKEN, APP_SECRET, VERIFY_TOKEN))


def test_it_ends_with_its_input() -> None:
    command = [sys.executable, "-m", "gateway.sandbox.whatsapp", "--port", "0", "--until-input-ends"]
    environment = {**os.environ, TOKEN: "a", APP_SECRET: "b", VERIFY_TOKEN: "c"}

    ended = subprocess.run(command, env=environment, input="", capture_output=True, text=True, timeout=30, check=False)

    assert (ended.returncode, ended.stderr) == (0, "")
