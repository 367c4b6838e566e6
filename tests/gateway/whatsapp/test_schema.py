"""What the documentation doesn't allow is refused with its error, and noted without what was said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from gateway.sandbox.whatsapp_template import Template
from tests.gateway.conftest import Clock, Partner
from tests.gateway.whatsapp_served import BUSINESS, TOKEN, VERSION, Whatsapp, serving_whatsapp

LINK = "https://siaga.example/kartu.jpg"


def text(**body: Any) -> dict[str, Any]:
    return {"type": "text", "text": body}


def interactive(**content: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": content}


def buttons(*replies: tuple[str, str], body: str = "?", **more: Any) -> dict[str, Any]:
    pressed = [{"type": "reply", "reply": {"id": number, "title": title}} for number, title in replies]
    return interactive(type="button", body={"text": body}, action={"buttons": pressed}, **more)


def rows(*sections: dict[str, Any], button: str = "Pilih", body: str = "?") -> dict[str, Any]:
    return interactive(type="list", body={"text": body}, action={"button": button, "sections": list(sections)})


def section(count: int, **more: Any) -> dict[str, Any]:
    return {"rows": [{"id": f"{more}{n}", "title": f"Baris {n}"} for n in range(count)], **more}


def template(*parameters: str, **more: Any) -> dict[str, Any]:
    given = [{"type": "text", "text": parameter} for parameter in parameters]
    components = [{"type": "body", "parameters": given}]
    return {
        "type": "template",
        "template": {"name": "salam", "language": {"code": "id"}, "components": components, **more},
    }


ALLOWED = {
    "text of 4096": text(body="a" * 4096),
    "type may be missing": {"text": {"body": "halo"}},
    "three buttons": buttons(("1", "a" * 20), ("2" * 256, "b"), ("3", "c"), body="a" * 1024),
    "ten rows over two sections": rows(section(5, title="A" * 24), section(5, title="B"), body="a" * 4096),
    "one section without title": rows(section(10)),
    "image by link": {"type": "image", "image": {"link": LINK, "caption": "a" * 1024}},
    "ask for the number": interactive(
        type="request_contact_info", body={"text": "?"}, action={"name": "request_contact_info"}
    ),
    "ask for the place": interactive(
        type="location_request_message", body={"text": "?"}, action={"name": "send_location"}
    ),
    "reaction taken back": {"type": "reaction", "reaction": {"message_id": "wamid.x", "emoji": ""}},
    "four spaces in a parameter": template("a    b"),
}

REFUSED = {
    "unknown key at the top": ({**text(body="a"), "preview": True}, 100),
    "unknown key inside": (text(body="a", previewurl=True), 100),
    "empty text": (text(body=""), 100),
    "text of 4097": (text(body="a" * 4097), 100),
    "a number for a text": (text(body=1), 100),
    "no text": (text(preview_url=True), 131008),
    "unknown type": ({"type": "poll"}, 100),
    "no product": ({**text(body="a"), "messaging_product": None}, 100),
    "a group": ({**text(body="a"), "recipient_type": "group"}, 100),
    "a user id in to": ({**text(body="a"), "to": "ID.13491208655302741918"}, 100),
    "nobody": ({**text(body="a"), "to": None}, 100),
    "to itself": ({**text(body="a"), "to": BUSINESS.display_phone_number}, 131021),
    "a tracker of 513": ({**text(body="a"), "biz_opaque_callback_data": "a" * 513}, 100),
    "a context that is none": ({**text(body="a"), "context": {"id": "wamid.x"}}, 100),
    "four buttons": (buttons(("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")), 131009),
    "no button": (buttons(), 131009),
    "a button of 21": (buttons(("1", "a" * 21)), 131009),
    "a button id of 257": (buttons(("1" * 257, "a")), 131009),
    "two buttons with one id": (buttons(("1", "a"), ("1", "b")), 131009),
    "two buttons with one title": (buttons(("1", "a"), ("2", "a")), 131009),
    "buttons under 1025": (buttons(("1", "a"), body="a" * 1025), 131009),
    "a header of 61": (buttons(("1", "a"), header={"type": "text", "text": "a" * 61}), 131009),
    "a footer of 61": (buttons(("1", "a"), footer={"text": "a" * 61}), 131009),
    "an image header over a list": (
        interactive(
            type="list",
            header={"type": "image", "image": {"link": LINK}},
            body={"text": "?"},
            action={"button": "Pilih", "sections": [section(1)]},
        ),
        100,
    ),
    "eleven rows": (rows(section(6, title="A"), section(5, title="B")), 131009),
    "two sections, one without title": (rows(section(1, title="A"), section(1)), 131009),
    "a row of 25": (rows({"rows": [{"id": "1", "title": "a" * 25}]}), 131009),
    "a description of 73": (rows({"rows": [{"id": "1", "title": "a", "description": "a" * 73}]}), 131009),
    "two rows with one id": (rows({"rows": [{"id": "1", "title": "a"}, {"id": "1", "title": "b"}]}), 131009),
    "a list button of 21": (rows(section(1), button="a" * 21), 131009),
    "a list under 4097": (rows(section(1), body="a" * 4097), 131009),
    "an image by id and link": ({"type": "image", "image": {"id": "1", "link": LINK}}, 131009),
    "an image of nowhere": ({"type": "image", "image": {"id": "137524587935346"}}, 100),
    "an image with a file name": ({"type": "image", "image": {"link": LINK, "filename": "a.jpg"}}, 100),
    "a caption of 1025": ({"type": "image", "image": {"link": LINK, "caption": "a" * 1025}}, 100),
    "a line break in a parameter": (template("a\nb"), 132018),
    "five spaces in a parameter": (template("a     b"), 132018),
    "an empty parameter": (template(""), 100),
    "a parameter too many": (template("a", "b"), 132000),
    "another language": (template("a", language={"code": "bug"}), 132001),
    "read of what never came": ({"status": "read", "message_id": "wamid.x", "to": None}, 100),
}


@pytest.fixture
def whatsapp(clock: Clock, receiver: Partner) -> Iterator[Whatsapp]:
    with serving_whatsapp(clock, receiver) as whatsapp:
        whatsapp.world.approves(Template("salam", "Halo {{1}}."))
        yield whatsapp


async def test_what_is_documented_passes(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    hasna = whatsapp.hasna()

    for name, message in ALLOWED.items():
        assert (await whatsapp.send(http, **message)).status_code == 200, name

    assert len(hasna.messages) == len(ALLOWED)
    assert whatsapp.world.violations == []


async def test_what_is_not_documented_is_refused(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    hasna = whatsapp.hasna()

    for name, (message, code) in REFUSED.items():
        error = (await whatsapp.send(http, **message)).json()["error"]
        assert error["code"] == code, (name, error)
        assert set(error) == {"message", "type", "code", "error_data", "fbtrace_id"}, name
        assert set(error["error_data"]) == {"messaging_product", "details"}, name

    assert hasna.messages == []
    assert len(whatsapp.world.violations) == len(REFUSED)


async def test_a_violation_never_quotes_what_was_sent(whatsapp: Whatsapp, http: httpx.AsyncClient) -> None:
    secret = "perlindungan Hasna " * 300

    answer = await whatsapp.send(http, **text(body=secret))

    assert whatsapp.world.violations == ["100 Param text.body: String should have at most 4096 characters"]
    assert "Hasna" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", f"/{VERSION}/1/messages", 100),  # another number's
        ("POST", f"/{BUSINESS.phone_number_id}/messages", 2500),  # without a version
        ("GET", f"/{VERSION}/137524587935346", 100),
        ("DELETE", f"/{VERSION}/137524587935346", 100),
        ("GET", f"/{VERSION}/{BUSINESS.waba_id}/message_templates", 2500),
    ],
)
async def test_what_is_not_there(
    whatsapp: Whatsapp, http: httpx.AsyncClient, method: str, path: str, code: int
) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}

    answer = await http.request(method, whatsapp.url + path, headers=headers, json={})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("field", "files"),
    [
        ("another kind of file", {"file": ("a.gif", b"GIF", "image/gif"), "messaging_product": (None, "whatsapp")}),
        (
            "too large",
            {"file": ("a.jpg", b"a" * (5 * 2**20 + 1), "image/jpeg"), "messaging_product": (None, "whatsapp")},
        ),
        ("no product", {"file": ("a.jpg", b"a", "image/jpeg")}),
    ],
)
async def test_uploads_are_checked(whatsapp: Whatsapp, http: httpx.AsyncClient, field: str, files: Any) -> None:
    url = f"{whatsapp.url}/{VERSION}/{BUSINESS.phone_number_id}/media"

    answer = await http.post(url, files=files, headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.json()["error"]["code"] == 100, field
    assert len(whatsapp.world.violations) == 1
