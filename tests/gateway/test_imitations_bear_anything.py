"""Whatever an imitation is asked, and whatever is pressed on its page: it answers, and no answer is a bug of its own.

Those of BPJS, the clinics and the bank keep their contracts besides (test_*_contract.py); Telegram's Bot API, the Cloud
API and FHIR aren't ours to write one for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.sandbox.hospital import AUTH, BASE
from gateway.sandbox.hospital import create_app as hospital_app
from gateway.sandbox.hospital_records import NIK_SYSTEM
from tests.gateway.bank_served import serving_bank
from tests.gateway.bent import bent
from tests.gateway.conftest import CLIENT_ID, SECRET, Clock, Partner, nonces, served, serving_sandbox
from tests.gateway.plkk_served import serving_plkk
from tests.gateway.telegram_served import HASNA, TOKEN, jpeg, telegram_served
from tests.gateway.whatsapp_served import BUSINESS, CHOICE, LIST, NUMBER, REMINDER, USER_ID, VERSION, serving_whatsapp
from tests.gateway.whatsapp_served import TOKEN as WHATSAPP_TOKEN

EXAMPLES_MAX = 300
OUR_BUG = (500, "Internal Server Error")
"""What Starlette answers for an exception that nobody caught; an outage that is played has another body."""


class Ask(NamedTuple):
    method: str
    path: str
    body: Any = None


class Imitation(NamedTuple):
    url: str
    headers: Mapping[str, str]
    asks: tuple[Ask, ...]


KEYBOARD = {"inline_keyboard": [[{"text": "Ya", "callback_data": "1"}, {"text": "Baca", "url": "https://a.example"}]]}
REPLY = {"keyboard": [[{"text": "HP", "request_contact": True}, "Tidak"]], "one_time_keyboard": True}
METHODS: dict[str, Any] = {
    "getMe": {}, "deleteWebhook": {"drop_pending_updates": True}, "getWebhookInfo": {}, "leaveChat": {"chat_id": -5},
    "setWebhook": {"url": "https://siaga.example/hooks/telegram", "secret_token": "s", "max_connections": 4},
    "sendMessage": {"chat_id": HASNA, "text": "halo", "reply_markup": KEYBOARD, "reply_parameters": {"message_id": 1}},
    "sendPhoto": {"chat_id": HASNA, "photo": "AgACAgUAAx", "caption": "KTP", "reply_markup": REPLY},
    "sendDocument": {"chat_id": HASNA, "document": "https://a.example/a.pdf", "caption": "surat"},
    "editMessageText": {"chat_id": HASNA, "message_id": 2, "text": "lain", "reply_markup": KEYBOARD},
    "editMessageReplyMarkup": {"chat_id": HASNA, "message_id": 2, "reply_markup": {"inline_keyboard": []}},
    "answerCallbackQuery": {"callback_query_id": "1", "text": "baik", "show_alert": False},
    "sendChatAction": {"chat_id": HASNA, "action": "typing"}, "getFile": {"file_id": "AgACAgUAAx"},
    "setMyCommands": {"commands": [{"command": "mulai", "description": "Mulai"}], "scope": {"type": "default"}},
    "getUpdates": {"offset": 1, "limit": 10}, "banChatMember": {"chat_id": 1, "user_id": 2}, "noSuchMethod": {},
}  # fmt: skip
DEEDS: dict[str, Any] = {
    "say": {"text": "halo", "reply_to": 1, "group": -5}, "start": {"payload": "a"}, "block": {}, "unblock": {},
    "press": {"message_id": 2, "data": "1"}, "edit": {"message_id": 1, "text": "lain"}, "voice": {},
    "location": {"latitude": -4.3, "longitude": 119.9}, "own-contact": {"phone_number": "+6281100000001"},
    "contact": {"phone_number": "+6281100000001", "first_name": "Rahman", "user_id": 7002}, "nothing": {},
    "sticker": {"emoji": "👍"}, "other": {"kind": "poll", "body": {"id": "1"}},
}  # fmt: skip
ON_TELEGRAM = (
    *(Ask("POST", f"/bot{TOKEN}/{method}", body) for method, body in METHODS.items()),
    *(Ask("POST", f"/_phone/chats/{HASNA}/{deed}", body) for deed, body in DEEDS.items()),
    Ask("GET", f"/bot{TOKEN}/sendMessage?chat_id={HASNA}&text=halo&reply_markup=%7B"),
    Ask("GET", "/bot1:other/getMe"), Ask("GET", f"/file/bot{TOKEN}/{{odd}}"),
    Ask("GET", "/_phone/chats"), Ask("GET", "/_phone/chats/{odd}"), Ask("GET", f"/_phone/chats/{HASNA}/{{odd}}/file"),
    Ask("GET", "/_phone/state"), Ask("GET", "/_phone/mischief"), Ask("GET", f"/_phone/chats/{HASNA}"),
    Ask("POST", "/_phone/mischief", {"repeats": 2, "shuffled": True, "held": False, "too_many": 1}),
    Ask("POST", "/_phone/people", {"id": 7003, "first_name": "Tenri", "language_code": "id"}),
    Ask("POST", "/_phone/groups", {"id": -5, "title": "Kelompok tani", "person": HASNA}),
    Ask("POST", f"/_phone/chats/{HASNA}/photo?caption={{odd}}&album=a", jpeg()),
    Ask("POST", "/_phone/chats/{odd}/photo", b"no photo"), Ask("POST", f"/_phone/chats/{HASNA}/photo", b"no photo"),
    Ask("POST", f"/_phone/chats/{HASNA}/document?name={{odd}}", b"%PDF-1.7"),
)  # fmt: skip
ACCOUNT = f"/{VERSION}/{BUSINESS.phone_number_id}"
SENT = (
    {"type": "text", "text": {"body": "Halo.", "preview_url": False}}, CHOICE, LIST, REMINDER,
    {"type": "image", "image": {"id": "1", "caption": "KTP"}}, {"type": "sticker", "sticker": {"id": "1"}},
    {"type": "document", "document": {"link": "https://a.example/a.pdf", "filename": "a.pdf"}},
    {"type": "template", "template": {"name": "ingat", "language": {"code": "id"}, "components": [
        {"type": "body", "parameters": [{"type": "text", "text": "Hasna"}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0",
         "parameters": [{"type": "payload", "payload": "1"}]},
    ]}},
)  # fmt: skip
ON_WHATSAPP = (
    *(
        Ask("POST", f"{ACCOUNT}/messages", {"messaging_product": "whatsapp", "to": NUMBER, **message})
        for message in SENT
    ),
    Ask("POST", f"{ACCOUNT}/messages", {
        "messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1", "typing_indicator": {"type": "text"}
    }),
    Ask("POST", f"{ACCOUNT}/media", b'--b\r\ncontent-disposition: form-data; name="type"\r\n\r\nimage/jpeg\r\n--b--'),
    Ask("GET", f"/{VERSION}/{{odd}}"), Ask("GET", f"{ACCOUNT}?fields={{odd}}"), Ask("DELETE", f"/{VERSION}/{{odd}}"),
    Ask("GET", "/_media/{odd}"), Ask("GET", "/{odd}/{odd}"), Ask("PUT", "/{odd}"),
    Ask("GET", "/_phone/people"), Ask("GET", f"/_phone/{USER_ID}/messages"), Ask("GET", "/_phone/{odd}/messages"),
    Ask("GET", "/_phone/violations"), Ask("GET", "/_phone/mischief"), Ask("GET", "/_phone/media/{odd}"),
    Ask("POST", "/_phone/people", {"name": "Tenri", "wa_id": "6281100000009", "hides_number": True}),
    Ask("POST", "/_phone/templates", {"name": "ingat", "body": "Halo {{1}}", "quick_replies": ["Ya"], "footer": ""}),
    Ask("POST", "/_phone/mischief", {"repeats": 2, "shuffles": True, "together": True, "error": 131056}),
    Ask("POST", f"/_phone/{USER_ID}/says", {"text": "halo"}), Ask("POST", f"/_phone/{USER_ID}/reads", {}),
    Ask("POST", f"/_phone/{USER_ID}/presses", {"message": "wamid.1", "choice": "1"}),
    Ask("POST", f"/_phone/{USER_ID}/edits", {"message": "wamid.1", "text": "lain"}),
    Ask("POST", f"/_phone/{USER_ID}/state", {"blocks": False, "online": True, "window_open": False}),
    Ask("POST", f"/_phone/{USER_ID}/file?caption={{odd}}&filename={{odd}}", jpeg()),
)  # fmt: skip
CLAIM = {
    "resourceType": "Claim", "status": "active", "use": "claim", "created": "2026-11-21",
    "type": {"coding": [{"code": "institutional"}]}, "patient": {"reference": "Patient/1"},
    "provider": {"reference": "Organization/1"}, "priority": {"coding": [{"code": "normal"}]},
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
}  # fmt: skip
PAPER = {
    "resourceType": "DocumentReference", "status": "current", "subject": {"reference": "Patient/1"},
    "content": [{"attachment": {"contentType": "application/pdf", "data": "JVBERg=="}}],
}  # fmt: skip
AT_HOSPITAL = (
    Ask("POST", f"{BASE}/Claim", CLAIM), Ask("POST", f"{BASE}/DocumentReference", PAPER), Ask("GET", "/"),
    Ask("POST", f"{BASE}/Patient/_search", f"identifier={NIK_SYSTEM}|7312045205799901".encode()),
    Ask("POST", f"{BASE}/Coverage/_search", b"beneficiary=Patient/1"),
    Ask("POST", f"{BASE}/ClaimResponse/_search", b"request=Claim/1"), Ask("GET", f"{BASE}/Claim/{{odd}}"),
    Ask("GET", f"{BASE}/{{odd}}/1"), Ask("POST", f"{AUTH}/accesstoken?grant_type={{odd}}", b"client_id=a"),
    Ask("POST", "/sandbox/claims/{odd}/next"), Ask("POST", "/sandbox/{odd}"),
)  # fmt: skip
PRESSED = (Ask("GET", "/"), Ask("POST", "/sandbox/down"), Ask("POST", "/sandbox/up"), Ask("GET", "/{odd}"))
AT_BPJS = (
    *PRESSED, Ask("GET", "/sandbox/state"), Ask("GET", "/sandbox/registrations"), Ask("GET", "/sandbox/claims"),
    Ask("POST", "/sandbox/payments/{odd}/paid"), Ask("POST", "/sandbox/claims/{odd}/next"), Ask("GET", "/v1/{odd}"),
    Ask("POST", "/sandbox/members/{odd}/cover?protected_until={odd}&active={odd}"),
    Ask("POST", "/sandbox/payments/{odd}/paid?how={odd}&amount={odd}"),
)  # fmt: skip
AT_CLINICS = (
    *PRESSED, Ask("GET", "/sandbox/treatments"), Ask("POST", "/sandbox/treatments/{odd}/next"), Ask("GET", "/v1/{odd}"),
)  # fmt: skip
AT_BANK = (
    *PRESSED, Ask("GET", "/sandbox/state"), Ask("POST", "/sandbox/bills/{odd}/paid?how=twice"),
    Ask("POST", "/sandbox/bills/{odd}/paid?how={odd}"), Ask("GET", "/settlements/{odd}.csv"),
    Ask("GET", "/settlements/0001-01-01.csv"), Ask("GET", "/settlements/9999-12-31.csv"), Ask("POST", "/v1.0/{odd}"),
)  # fmt: skip
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "image/jpeg", ";")
odd = st.sampled_from(["1", "0", "-1", "down", "9" * 5000, "%00", "..", "%FF", "once", "Claim", "lain"]) | st.text(
    min_size=1, max_size=12
)


@pytest.fixture(scope="module")
def asking() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=20, limits=httpx.Limits(max_keepalive_connections=0)) as client:
        yield client


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("imitations")


@pytest.fixture(scope="module")
def telegram() -> Iterator[Imitation]:
    with telegram_served(Clock()) as made:
        made.hasna().says("halo")
        yield Imitation(made.url, {}, ON_TELEGRAM)


@pytest.fixture(scope="module")
def whatsapp(one_partner: Partner) -> Iterator[Imitation]:
    with serving_whatsapp(Clock(), one_partner) as made:
        made.hasna()
        yield Imitation(made.url, {"Authorization": f"Bearer {WHATSAPP_TOKEN}"}, ON_WHATSAPP)


@pytest.fixture(scope="module")
def hospital(here: Path) -> Iterator[Imitation]:
    clock = Clock()
    app = hospital_app(
        database=here / "hospital.sqlite", client_id=CLIENT_ID, secret=SECRET, clock=clock, nonce=nonces("token"),
        sleep=clock.sleep,
    )  # fmt: skip
    with served(app) as url:
        form = {"client_id": CLIENT_ID, "client_secret": SECRET}
        told = httpx.post(f"{url}{AUTH}/accesstoken?grant_type=client_credentials", data=form).json()
        yield Imitation(url, {"Authorization": f"Bearer {told['access_token']}"}, AT_HOSPITAL)


@pytest.fixture(scope="module")
def bpjs(here: Path, one_partner: Partner) -> Iterator[Imitation]:
    with serving_sandbox(here / "bpjs.sqlite", Clock(), one_partner) as made:
        yield Imitation(made.url, {}, AT_BPJS)


@pytest.fixture(scope="module")
def plkk(here: Path, one_partner: Partner) -> Iterator[Imitation]:
    with serving_plkk(here / "plkk.sqlite", Clock(), one_partner) as made:
        yield Imitation(made.url, {}, AT_CLINICS)


@pytest.fixture(scope="module")
def bank(here: Path) -> Iterator[Imitation]:
    with serving_bank(here / "bank.sqlite", Clock()) as made:
        yield Imitation(made.url, {}, AT_BANK)


@pytest.mark.parametrize("name", ["telegram", "whatsapp", "hospital", "bpjs", "plkk", "bank"])
@settings(max_examples=EXAMPLES_MAX)
@given(data=st.data())
def test_it_answers_whatever_it_is_asked(
    name: str, asking: httpx.Client, request: pytest.FixtureRequest, data: st.DataObject
) -> None:
    imitation: Imitation = request.getfixturevalue(name)
    ask = data.draw(st.sampled_from(imitation.asks))
    path = data.draw(filled(ask.path))
    body = ask.body if isinstance(ask.body, bytes) else json.dumps(data.draw(bent(ask.body))).encode()
    body = data.draw(st.sampled_from([body, body, body, body, b"", b"[" * 9_000, b"\xff\x00{"]))
    kind = data.draw(st.sampled_from(KINDS)) if isinstance(ask.body, bytes) or ask.body is None else KINDS[0]

    answer = asking.request(
        ask.method, imitation.url + path, content=body, headers={**imitation.headers, "Content-Type": kind}
    )

    assert (answer.status_code, answer.text) != OUR_BUG


@st.composite
def filled(draw: st.DrawFn, path: str) -> str:
    """With something odd in each of its places."""
    while "{odd}" in path:
        path = path.replace("{odd}", quote(draw(odd), safe="%"), 1)
    return path
