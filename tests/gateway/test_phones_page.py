"""The page with the phones: it hands on to the people's side of the imitations, and to nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from gateway.sandbox.phones import Addresses, create_app
from rules.quiet import WITA
from tests.gateway.conftest import Clock, Partner, served
from tests.gateway.telegram_served import HASNA, TOKEN, jpeg, telegram_served
from tests.gateway.whatsapp_served import NUMBER, Whatsapp, serving_whatsapp
from tests.ports import free_ports

NOBODY = "http://127.0.0.1:{}"


@pytest.fixture
async def page(clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The page before an imitated Telegram; nobody else is there."""
    gone = NOBODY.format(free_ports(1)[0])
    with (
        telegram_served(clock) as telegram,
        served(create_app(Addresses(telegram.url, gone, gone, gone), clock)) as url,
    ):
        async with httpx.AsyncClient(base_url=url) as http:
            yield http


async def test_the_page_frames_the_chat_page_and_runs_only_its_own_script(page: httpx.AsyncClient) -> None:
    answer = await page.get("/")

    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "frame-src http://127.0.0.1:" in policy
    assert '<script type="module" src="/static/phones.js">' in answer.text
    assert (await page.get("/static/phones.js")).status_code == 200


async def test_what_a_person_does_reaches_the_imitation(page: httpx.AsyncClient) -> None:
    await page.post("/telegram/people", json={"id": HASNA, "first_name": "Hasna"})
    chat = f"/telegram/chats/{HASNA}"
    await page.post(f"{chat}/say", json={"text": "halo"})
    await page.post(f"{chat}/photo", params={"album": "1"}, content=jpeg(), headers={"Content-Type": "image/jpeg"})

    said, shown = (await page.get(chat)).json()["messages"]
    assert (said["text"], said["kind"], shown["kind"]) == ("halo", "text", "photo")
    assert (await page.get(shown["photo"].replace("/_phone", "/telegram"))).content == jpeg()


@pytest.mark.parametrize(
    "path", ["..%2Fbot{token}%2FgetMe", "chats%2F..%2F..%2Fbot{token}%2FgetMe", "bot{token}/getMe"]
)
async def test_the_bots_side_is_out_of_reach(page: httpx.AsyncClient, path: str) -> None:
    assert (await page.get("/telegram/" + path.format(token=TOKEN))).status_code == 404


async def test_who_does_not_answer_is_told(page: httpx.AsyncClient) -> None:
    assert (await page.get("/whatsapp/people")).status_code == 502
    assert (await page.post("/bpjs/down")).status_code == 502


async def test_at_night_it_tells_until_when_the_bot_is_quiet(page: httpx.AsyncClient, clock: Clock) -> None:
    assert (await page.get("/clock")).json() == {"quiet_until": None, "shifted_to": None}

    clock.passes(timedelta(hours=12).total_seconds())
    assert (await page.get("/clock")).json() == {"quiet_until": "07.30", "shifted_to": None}


async def test_a_clock_that_is_not_the_real_one_is_shown(clock: Clock) -> None:
    shown = f"{clock().astimezone(WITA):%H.%M}"
    with served(create_app(Addresses(*[NOBODY] * 4), clock, is_shifted=True)) as url:
        async with httpx.AsyncClient(base_url=url) as http:
            assert (await http.get("/clock")).json()["shifted_to"] == shown


async def test_telegrams_mischief_is_planned_over_http(clock: Clock) -> None:
    with telegram_served(clock) as telegram:
        telegram.hasna()
        async with httpx.AsyncClient(base_url=telegram.url) as http:
            await http.post("/_phone/mischief", json={"repeats": 99, "shuffled": True, "too_many": 5})
            planned = (await http.get("/_phone/mischief")).json()
            api = f"/bot{TOKEN}/sendMessage"
            answers = [await http.post(api, json={"chat_id": HASNA, "text": "halo"}) for _ in range(2)]
            wrong = await http.post("/_phone/mischief", json={"too_many": "soon"})

    assert planned == {"repeats": 10, "shuffled": True, "held": False, "planned": 1}
    assert [answer.status_code for answer in answers] == [429, 200]
    assert wrong.status_code == 422


@pytest.fixture
async def whatsapp(clock: Clock, partner: Partner) -> AsyncIterator[Whatsapp]:
    with serving_whatsapp(clock, partner) as whatsapp:
        whatsapp.hasna()
        yield whatsapp


async def test_whatsapps_mischief_is_planned_over_http(whatsapp: Whatsapp) -> None:
    async with httpx.AsyncClient(base_url=f"{whatsapp.url}/_phone") as http:
        await http.post("/mischief", json={"repeats": 3, "shuffles": True, "together": True, "error": 131016})
        planned = (await http.get("/mischief")).json()
        answers = [await whatsapp.send(http, type="text", text={"body": "halo"}) for _ in range(2)]
        wrong: list[dict[str, Any]] = [{"error": 1_000_000}, {"repeats": 11}, {"surprise": True}]
        refused = [(await http.post("/mischief", json=body)).status_code for body in wrong]

    assert planned == {"repeats": 3, "shuffles": True, "together": True, "planned": 1, "waiting": 0}
    assert [answer.is_success for answer in answers] == [False, True]
    assert refused == [422, 422, 422]


async def test_whatsapps_phone_is_blocked_offline_and_edited_over_http(whatsapp: Whatsapp) -> None:
    async with httpx.AsyncClient(base_url=f"{whatsapp.url}/_phone/{NUMBER}") as http:
        await http.post("/state", json={"online": False, "blocks": True, "window_open": False})
        await whatsapp.say(http)
        state = (await http.get("/messages")).json()
        await http.post("/state", json={"online": True, "blocks": False})
        said = (await http.post("/says", json={"text": "petni"})).json()["id"]
        edited = await http.post("/edits", json={"message": said, "text": "petani"})
        of_others = await http.post("/edits", json={"message": "unknown", "text": "petani"})
        after = (await http.get("/messages")).json()

    shown = {name: state[name] for name in ("online", "blocks", "window_open", "missed")}
    assert shown == {"online": False, "blocks": True, "window_open": False, "missed": 1}
    assert (edited.status_code, of_others.status_code) == (201, 404)
    assert (after["messages"][-1]["kind"], after["messages"][-1]["quotes"]) == ("edit", said)
    assert (after["online"], after["blocks"], after["window_open"]) == (True, False, True)
