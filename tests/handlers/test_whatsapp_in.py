"""What Meta posts is read whole, each part by itself, and only what is signed and ours is believed."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.handlers.contract import Access, Arrival, Fate, Post
from bot.handlers.whatsapp import CHANNEL, admit, decode, greet
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread, UnreadKind
from bot.talk.message import button_data

NUMBER_ID = "106540352242922"
ACCESS = Access(secret="the app's secret", token="a-token", number=NUMBER_ID, handshake="our word")
HASNA, HASNA_NUMBER = "ID.13491208655302741918", "628110000001"
RAHIM = "ID.A1b2C3"
DATA = button_data(7, "a1b2c3d4e5f6", "self")


def message(kind: str, content: Any = None, **more: Any) -> dict[str, Any]:
    head = {"from": HASNA_NUMBER, "from_user_id": HASNA, "id": "wamid.one", "timestamp": "1767225600", "type": kind}
    return {**head, **({kind: content} if content is not None else {}), **more}


def text(body: str, **more: Any) -> dict[str, Any]:
    return message("text", {"body": body}, **more)


def value(*messages: Any, number: str = NUMBER_ID, **more: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": number}
    contacts = [{"profile": {"name": "Hasna"}, "wa_id": HASNA_NUMBER, "user_id": HASNA}]
    said = {"messaging_product": "whatsapp", "metadata": metadata, "contacts": contacts, "messages": list(messages)}
    return {**said, **more}


def body(*values: Any, field: str = "messages") -> bytes:
    changes = [{"value": one, "field": field} for one in values]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "102", "changes": changes}]}).encode()


def post(raw: bytes) -> Post:
    read = decode(raw, ACCESS)
    assert read is not None
    return read


def arrival(one: dict[str, Any]) -> Arrival:
    (came,) = post(body(value(one))).arrivals
    return came


def heard(one: dict[str, Any]) -> FromPerson:
    return arrival(one).heard


def signed(raw: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


# ---- who is listened to


def test_what_meta_signed_is_admitted() -> None:
    raw = body(value(text("halo")))

    assert admit({"x-hub-signature-256": signed(raw, ACCESS.secret)}, raw, ACCESS)


@pytest.mark.parametrize(
    "header",
    ["", "sha256=", "sha256=" + "0" * 64, "sha1=abc", "sha256=é", "\udce9", signed(b"another body", ACCESS.secret)],
)
def test_what_isnt_signed_is_not(header: str) -> None:
    assert not admit({"x-hub-signature-256": header}, b"{}", ACCESS)
    assert not admit({}, b"{}", ACCESS)


def test_without_a_secret_nothing_is_admitted() -> None:
    assert not admit({"x-hub-signature-256": signed(b"{}", "")}, b"{}", replace(ACCESS, secret=""))


def greeted(
    access: Access = ACCESS, mode: str = "subscribe", word: str = "our word", challenge: str = "11"
) -> str | None:
    return greet({"hub.mode": mode, "hub.verify_token": word, "hub.challenge": challenge}, access)


def test_the_handshake_is_answered_with_the_challenge() -> None:
    assert greeted(challenge="1158201444") == "1158201444"


def test_another_handshake_is_refused() -> None:
    assert greeted(mode="unsubscribe") is None
    assert greeted(word="another") is None
    assert greeted(word="ké") is None
    assert greeted(word="", access=replace(ACCESS, handshake="")) is None
    assert greet({}, ACCESS) is None


@pytest.mark.parametrize("odd", ["", "two\nlines", "é", "9" * 200])
def test_an_odd_challenge_is_not_echoed(odd: str) -> None:
    assert greeted(challenge=odd) is None


# ---- everything in a body is read


def test_all_entries_changes_messages_and_statuses_are_read() -> None:
    first = value(text("satu", id="wamid.1"), text("dua", id="wamid.2"), statuses=[{"id": "wamid.9", "status": "read"}])
    second = value(text("tiga", id="wamid.3"))
    both = {"entry": [{"changes": [{"value": v, "field": "messages"}]} for v in (first, second)]}

    read = post(json.dumps(both).encode())

    assert [(a.message_id, a.heard, a.place) for a in read.arrivals] == [
        ("wamid.1", Said("satu", "wamid.1"), 0),
        ("wamid.2", Said("dua", "wamid.2"), 1),
        ("wamid.3", Said("tiga", "wamid.3"), 2),
    ]
    assert read.fates == (Fate("wamid.9", "read"),)


def test_one_of_an_unknown_form_takes_no_other_with_it() -> None:
    odd = [7, {"id": 3}, {"type": "text"}, text("x", id=""), text("x", id="wamid.é"), {**text("x"), "timestamp": []}]

    read = post(body(value(*odd, text("halo", id="wamid.2")), 5, value(statuses=[{"status": "sent"}])))

    assert [a.message_id for a in read.arrivals] == ["wamid.2"]
    assert set(read.ignored) == {"malformed"}


@pytest.mark.parametrize("content", [{"body": 5}, "halo", None])
def test_content_of_an_unknown_form_is_answered_all_the_same(content: Any) -> None:
    assert heard(message("text", content)) == Unread("unknown")


@pytest.mark.parametrize("raw", [b"", b"halo", b"[]", b'"a"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 100_000])
def test_what_isnt_a_json_object_is_refused(raw: bytes) -> None:
    assert decode(raw, ACCESS) is None


@pytest.mark.parametrize("raw", [b"{}", b'{"entry": []}', b'{"entry": [{}]}', b'{"entry": [{"changes": [{}]}]}'])
def test_a_body_may_say_nothing(raw: bytes) -> None:
    assert post(raw).arrivals == ()


names = st.sampled_from(
    "entry changes value field metadata phone_number_id contacts messages statuses id type text body errors code status"
    " from from_user_id user_id wa_id interactive button_reply image document edit".split()
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["text", "messages", NUMBER_ID, HASNA, ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=20,
)


@given(json_values)
def test_no_json_breaks_the_reading(anything: Any) -> None:
    decode(json.dumps(anything).encode(), ACCESS)
    decode(body(anything), ACCESS)
    decode(body(value(anything, contacts=anything, statuses=[anything])), ACCESS)


def test_what_is_said_about_another_number_is_left_alone() -> None:
    read = post(body(value(text("halo"), number="999999999999")))

    assert read == Post(ignored=("other-number",))


def test_other_fields_are_counted_by_their_names_and_strange_ones_without() -> None:
    assert post(body({}, field="account_update")).ignored == ("account_update",)
    assert post(body({}, field="Hasna, Watansoppeng")).ignored == ("unknown",)


# ---- who wrote


def test_a_person_is_known_by_the_business_scoped_id_with_the_number_as_an_alias() -> None:
    came = arrival(text("halo"))

    assert (came.channel, came.account, came.address, came.aliases) == ("whatsapp", "main", HASNA, (HASNA_NUMBER,))
    assert came.token == "wamid.one"  # by which it can be acknowledged


def test_who_hides_the_number_has_no_alias_and_no_contact_of_the_own() -> None:
    hidden = message("contacts", card({"phone": f"+{HASNA_NUMBER}", "wa_id": HASNA_NUMBER}))
    del hidden["from"]

    (came,) = post(body(value(hidden, contacts=[{"user_id": HASNA}]))).arrivals

    assert (came.address, came.aliases) == (HASNA, ())
    assert came.heard == Contact(f"+{HASNA_NUMBER}", own=False)


def test_before_business_scoped_ids_the_number_is_the_address() -> None:
    old = text("halo")
    del old["from_user_id"]

    (came,) = post(body(value(old, contacts=[{"wa_id": HASNA_NUMBER}]))).arrivals

    assert (came.address, came.aliases) == (HASNA_NUMBER, ())


def test_the_contact_of_the_same_number_tells_the_id() -> None:
    old = text("halo")
    del old["from_user_id"]
    contacts = [{"wa_id": "628110000002", "user_id": RAHIM}, {"wa_id": HASNA_NUMBER, "user_id": HASNA}]

    (came,) = post(body(value(old, contacts=contacts))).arrivals

    assert (came.address, came.aliases) == (HASNA, (HASNA_NUMBER,))


def test_another_ones_contact_tells_nothing() -> None:
    nameless = text("halo")
    del nameless["from"], nameless["from_user_id"]
    contacts = [{"wa_id": "628110000002", "user_id": RAHIM}, {"wa_id": HASNA_NUMBER, "user_id": HASNA}]

    assert post(body(value(nameless, contacts=contacts))).ignored == ("malformed",)


@pytest.mark.parametrize("id_", ["ID.A1b2C3", "US.ENT.11815799212886844830"])
def test_ids_may_hold_letters_and_a_parents_mark(id_: str) -> None:
    assert arrival(text("halo", from_user_id=id_)).address == id_


@pytest.mark.parametrize("id_", ["hasna", "ID.", "ID." + "9" * 200, "ID.1/2"])
def test_what_isnt_an_id_is_not_taken_for_one(id_: str) -> None:
    assert arrival(text("halo", from_user_id=id_)).address == HASNA_NUMBER


def test_a_group_is_to_be_declined_and_not_read() -> None:
    read = post(body(value(text("halo semua", group_id="Y2FwaV9ncm91cA"))))

    assert read == Post(groups=("Y2FwaV9ncm91cA",))


@pytest.mark.parametrize(
    ("given_", "moment"),
    [
        ("1767225600", datetime(2026, 1, 1, tzinfo=UTC)),
        (1767225600, datetime(2026, 1, 1, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("99999999999999", None),
        ("-5", None),
        (None, None),
    ],
)
def test_when_it_was_sent(given_: Any, moment: datetime | None) -> None:
    assert arrival(text("halo", timestamp=given_)).sent_at == moment


# ---- what was sent


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("halo", Said("halo", "wamid.one")),
        ("  dua\r\nbaris\x00 ", Said("dua\nbaris", "wamid.one")),
        ("a" * 500, Said("a" * 500, "wamid.one")),
        ("a" * 501, Unread("too-long")),
        ("\x00", Unread("unknown")),
    ],
)
def test_words(sent: str, said: FromPerson) -> None:
    assert heard(text(sent)) == said


@pytest.mark.parametrize("kind", ["button_reply", "list_reply"])
def test_a_button_of_a_message(kind: str) -> None:
    reply = {"type": kind, kind: {"id": DATA, "title": "Saya sendiri"}}

    assert heard(message("interactive", reply)) == Pressed(DATA, "Saya sendiri")


def test_a_button_of_a_template() -> None:
    assert heard(message("button", {"payload": DATA, "text": "Ya"})) == Pressed(DATA, "Ya")
    assert heard(message("button", {"payload": "Ya", "text": "Ya"})) == Said("Ya", "wamid.one")  # not one of ours


@pytest.mark.parametrize(
    "odd", [{}, {"type": "nfm_reply", "nfm_reply": {}}, {"button_reply": {"id": ""}}, {"list_reply": {"id": "9" * 65}}]
)
def test_other_interactions_are_unknown(odd: dict[str, Any]) -> None:
    assert heard(message("interactive", odd)) == Unread("unknown")


@pytest.mark.parametrize(
    ("kind", "mime_type"), [("image", "image/jpeg"), ("document", "image/heic"), ("document", "application/pdf")]
)
def test_photos_and_scans_are_fetched_later(kind: str, mime_type: str) -> None:
    came = arrival(message(kind, {"id": "1003383421387256", "mime_type": mime_type, "caption": "KTP saya"}))

    assert (came.heard, came.file, came.photo) == (Shown(0), "1003383421387256", None)


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("document", {"id": "1", "mime_type": "application/msword"}, "document"),
        ("document", {"id": "1"}, "document"),
        ("image", {"mime_type": "image/jpeg"}, "unknown"),
        ("audio", {"id": "1", "voice": True}, "voice"),
        ("voice", {"id": "1"}, "voice"),
        ("video", {"id": "1"}, "video"),
        ("sticker", {"id": "1"}, "sticker"),
        ("location", {"latitude": -4.35, "longitude": 119.88}, "location"),
        ("order", {"catalog_id": "1"}, "unknown"),
        ("unsupported", {"type": "poll_creation"}, "unknown"),
        ("of tomorrow", {}, "unknown"),
    ],
)
def test_what_cant_be_used_is_named(kind: str, content: dict[str, Any], told: UnreadKind) -> None:
    assert heard(message(kind, content)) == Unread(told)


def card(*phones: dict[str, str]) -> list[dict[str, Any]]:
    return [{"name": {"formatted_name": "Rahim"}, "phones": list(phones)}]


@pytest.mark.parametrize(
    ("cards", "told"),
    [
        (card({"phone": "+62 811-0000-002", "wa_id": "628110000002"}), Contact("+628110000002", own=False)),
        (card({"phone": "0811-0000-002"}), Contact("0811-0000-002", own=False)),
        (card({"phone": "+62 811 0000001", "wa_id": HASNA_NUMBER}), Contact(f"+{HASNA_NUMBER}", own=True)),
        (card({"phone": "1"}, {"phone": "2"}), Unread("contact")),
        (card(), Unread("contact")),
        (card({"phone": "9" * 41}), Unread("contact")),
    ],
)
def test_a_contact_is_ones_own_only_if_the_message_came_from_that_number(
    cards: list[dict[str, Any]], told: FromPerson
) -> None:
    assert heard(message("contacts", cards)) == told


def test_an_edited_text() -> None:
    changed = {"original_message_id": "wamid.zero", "message": {"type": "text", "text": {"body": "Hasnah "}}}

    assert heard(message("edit", changed)) == Edited("Hasnah", "wamid.zero")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("edit", {"original_message_id": "wamid.zero", "message": {"type": "image", "image": {"caption": "KTP"}}}),
        ("revoke", {"original_message_id": "wamid.zero"}),
        ("reaction", {"message_id": "wamid.zero", "emoji": "👍"}),
        (
            "system",
            {"type": "user_changed_number", "wa_id": "628110000003", "user_id": "ID.99", "body": "User changed"},
        ),
    ],
)
def test_what_says_nothing_is_counted(kind: str, content: dict[str, Any]) -> None:
    assert post(body(value(message(kind, content)))) == Post(ignored=(kind,))


# ---- what became of ours


def status(state: str, *codes: int) -> dict[str, Any]:
    errors = {"errors": [{"code": code, "title": "of Meta", "error_data": {"details": HASNA_NUMBER}} for code in codes]}
    return {"id": "wamid.out", "status": state, "recipient_user_id": HASNA, **(errors if codes else {})}


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        (status("sent"), Fate("wamid.out", "sent")),
        ({**status("delivered"), "pricing": {"billable": True}}, Fate("wamid.out", "delivered")),
        (status("read"), Fate("wamid.out", "read")),
        (status("failed", 131047), Fate("wamid.out", "failed", "131047")),
        (status("failed", 131026), Fate("wamid.out", "failed", "131026")),
        (status("failed", 131050), Fate("wamid.out", "failed", "131050", gone=True)),
        (status("failed"), Fate("wamid.out", "failed")),
    ],
)
def test_what_became_of_a_message(told: dict[str, Any], fate: Fate) -> None:
    assert post(body(value(statuses=[told]))).fates == (fate,)


def test_other_states_are_counted() -> None:
    assert post(body(value(statuses=[status("played")]))) == Post(ignored=("status",))


def test_nobody_is_asked_for_identity_numbers_in_whatsapp() -> None:
    assert not CHANNEL.identity_in_chat
