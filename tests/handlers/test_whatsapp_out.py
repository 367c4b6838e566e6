"""How a message becomes a call of the Cloud API, and what each of its errors means."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pywa_async.errors import WhatsAppError

from bot.handlers.contract import Gone, Peer, Refused, Sent, Slow, Unknown
from bot.handlers.fit import fit
from bot.handlers.whatsapp import LIMITS
from bot.handlers.whatsapp_out import Call, encode, judge, takes_file
from bot.talk.message import Button, Drawing, Message, Picture
from rules.bpjs import TryLater

HASNA = Peer("ID.A1b2C3")
SILENT = Peer("ID.A1b2C3", is_open=False)
YES, NO = Button("Ya", "7.a.yes"), Button("Tidak", "7.a.no")
FARMS = tuple(Button(f"Kelompok {n}", f"7.a.{n}") for n in range(1, 5))


def call(message: Message, media: str | None = None, to: Peer = HASNA, template: str = "") -> Call:
    made = encode(message, media, to, "key-1", template)
    assert isinstance(made, Call)
    return made


def error(code: int, status: int | None = 400) -> WhatsAppError:
    response = httpx.Response(status) if status else None
    return WhatsAppError.from_dict({"code": code, "message": "of Meta"}, response)


# ---- what is sent


def test_a_text_without_a_preview_of_its_links() -> None:
    made = call(Message("Buka https://siaga.test"))

    assert (made.typ, made.msg) == ("text", {"body": "Buka https://siaga.test", "preview_url": False})
    assert made.key == "key-1"


@pytest.mark.parametrize(
    ("address", "to", "recipient"),
    [
        ("628110000001", "628110000001", None),
        ("ID.13491208655302741918", None, "ID.13491208655302741918"),
        ("ID.A1b2C3", None, "ID.A1b2C3"),  # pywa's client would take it for a group
        ("US.ENT.1181", None, "US.ENT.1181"),
    ],
)
def test_a_number_is_written_to_as_a_number_and_an_id_as_an_id(
    address: str, to: str | None, recipient: str | None
) -> None:
    made = call(Message("halo"), to=Peer(address))

    assert (made.to, made.recipient) == (to, recipient)


@pytest.mark.parametrize("address", ["", "hasna", "+62 811", "120363@g.us", "Y2FwaV9ncm91cA"])
def test_nothing_else_is_written_to(address: str) -> None:
    assert encode(Message("halo"), None, Peer(address), "key-1") == Refused("not an address of WhatsApp")


def test_up_to_three_buttons() -> None:
    made = call(Message("Benar?\n1 Ya\n2 Tidak", (YES, NO)))

    assert (made.typ, made.msg) == (
        "interactive",
        {
            "type": "button",
            "body": {"text": "Benar?\n1 Ya\n2 Tidak"},
            "action": {
                "buttons": [
                    {"type": "reply", "reply": {"id": "7.a.yes", "title": "Ya"}},
                    {"type": "reply", "reply": {"id": "7.a.no", "title": "Tidak"}},
                ]
            },
        },
    )


def test_a_picture_stands_above_its_buttons() -> None:
    made = call(Message("Benar?", (YES, NO)), media="1037543291543636")

    assert made.msg["header"] == {"type": "image", "image": {"id": "1037543291543636"}}


@pytest.mark.parametrize(("language", "pick"), [("id", "Pilih"), ("en", "Choose")])
def test_more_options_are_a_list(language: str, pick: str) -> None:
    made = call(Message("Pilih kelompok", FARMS), to=Peer("ID.A1b2C3", language))

    assert made.msg["type"] == "list"
    assert made.msg["action"] == {
        "button": pick,
        "sections": [{"rows": [{"id": f"7.a.{n}", "title": f"Kelompok {n}"} for n in range(1, 5)]}],
    }


def test_buttons_with_the_same_label_are_a_list() -> None:
    made = call(Message("Yang mana?", (Button("Lalabata", "7.a.1"), Button("Lalabata", "7.a.2"))))

    assert made.msg["type"] == "list"


@pytest.mark.parametrize(("words", "image"), [("Contoh", {"id": "10375", "caption": "Contoh"}), ("", {"id": "10375"})])
def test_a_picture_with_and_without_words(words: str, image: dict[str, str]) -> None:
    made = call(Message(words), media="10375")

    assert (made.typ, made.msg) == ("image", image)


def test_where_a_picture_has_room() -> None:
    sample = Picture("contoh", Drawing("ktp"))

    assert takes_file(Message("Contoh", picture=sample), HASNA)
    assert takes_file(Message("Benar?", (YES, NO), picture=sample), HASNA)
    assert not takes_file(Message("Pilih", FARMS, picture=sample), HASNA)
    assert not takes_file(Message("Contoh", picture=sample), SILENT)


def test_whatever_fits_the_limits_is_within_metas() -> None:
    many = tuple(Button(f"Kelompok tani yang panjang namanya {n}", f"7.a.{n}") for n in range(10))
    few = many[:3]

    for message in (Message("kata " * 2000), Message("kata " * 500, many), Message("kata " * 500, few)):
        for piece in fit(message, LIMITS):
            made = call(piece).msg
            assert len(made.get("body", "") if isinstance(made.get("body"), str) else made["body"]["text"]) <= 4096
            for title in _titles(made):
                assert 0 < len(title) <= 24


def _titles(msg: dict[str, Any]) -> list[str]:
    action = msg.get("action", {})
    rows = [row["title"] for section in action.get("sections", []) for row in section["rows"]]
    return rows + [button["reply"]["title"] for button in action.get("buttons", [])]


def test_outside_the_window_the_template_carries_the_words_in_one_line() -> None:
    made = call(Message("Iuran bulan ini:\n\tRp16.800      \nBalas 1", (YES, NO)), to=SILENT, template="pengingat")

    assert (made.typ, made.msg) == (
        "template",
        {
            "name": "pengingat",
            "language": {"code": "id"},
            "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "Iuran bulan ini: Rp16.800 Balas 1"}]}
            ],
        },
    )


def test_a_templates_words_leave_room_for_its_own() -> None:
    made = call(Message("kata " * 400), to=SILENT, template="pengingat")

    words = made.msg["components"][0]["parameters"][0]["text"]
    assert len(words) <= 900
    assert words.endswith("kata…")


def test_without_a_template_nothing_goes_outside_the_window() -> None:
    refused = Refused("outside the 24-hour window, and no template is set")

    assert encode(Message("halo"), None, SILENT, "key-1") == refused


# ---- what an error means


@pytest.mark.parametrize(
    ("code", "status", "outcome"),
    [
        # the operator must act, then all of it goes
        (0, 401, TryLater("token", 60)),
        (3, 500, TryLater("token", 60)),
        (10, 403, TryLater("token", 60)),
        (190, 401, TryLater("token", 60)),
        (200, 403, TryLater("token", 60)),
        (299, 403, TryLater("token", 60)),
        (131005, 403, TryLater("token", 60)),
        (131031, 403, TryLater("account", 60)),
        (131042, 400, TryLater("account", 60)),
        (131045, 500, TryLater("account", 60)),
        (133010, 400, TryLater("account", 60)),
        # too fast: all people, or this one
        (4, 400, Slow(60)),
        (80007, 400, Slow(60)),
        (130429, 400, Slow(5)),
        (131048, 400, Slow(300)),
        (131056, 400, TryLater("pair rate", 6)),
        (133016, 400, Slow(60)),
        # Meta says that it sent nothing
        (2, 503, TryLater("down or overloaded")),
        (131000, 500, TryLater("failed to send")),
        (131016, 500, TryLater("service unavailable")),
        (131057, 500, TryLater("maintenance", 60)),
        (133004, 503, TryLater("service unavailable")),
        # Meta doesn't say
        (1, 500, Unknown("code 1")),
        (500, 500, Unknown("code 500")),
        (502, 502, Unknown("code 502")),
        (504, 504, Unknown("code 504")),
        (999999, 500, Unknown("code 999999")),
        # never
        (1, 400, Refused("code 1")),
        (33, 400, Refused("number")),
        (100, 400, Refused("parameter")),
        (470, 400, Refused("outside the 24-hour window")),
        (131008, 400, Refused("parameter missing")),
        (131009, 400, Refused("parameter value")),
        (131026, 400, Refused("undeliverable")),
        (131030, 400, Refused("not on the list of a test number")),
        (131047, 400, Refused("outside the 24-hour window")),
        (132001, 404, Refused("template")),
        (132018, 400, Refused("template")),
        (999999, 400, Refused("code 999999")),
        (131050, 400, Gone()),
        # no answer of Meta's
        (401, 401, TryLater("token", 60)),
        (429, 429, Slow(60)),
        (503, 503, TryLater("status 503")),
    ],
)
def test_what_a_code_means(code: int, status: int, outcome: Sent) -> None:
    assert judge(error(code, status)) == outcome


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_never_left_is_tried_again(kind: type[httpx.TransportError]) -> None:
    assert judge(kind("")) == TryLater(kind.__name__)


@pytest.mark.parametrize("failed", [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.WriteError(""), TimeoutError()])
def test_what_may_have_arrived_is_not(failed: httpx.HTTPError | TimeoutError) -> None:
    assert judge(failed) == Unknown(type(failed).__name__)
