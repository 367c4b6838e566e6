"""What Meta posts is read whole, each part by itself, and only what is ours."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.contract import Fate, Post
from bot.handlers.whatsapp import decode
from bot.talk.heard import Contact, Said, Unread
from tests.handlers.whatsapp_posts import (
    ACCESS,
    HASNA,
    HASNA_NUMBER,
    NUMBER_ID,
    arrival,
    body,
    card,
    heard,
    message,
    post,
    text,
    value,
)

RAHIM = "ID.A1b2C3"


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

    assert (came.address, came.aliases) == (HASNA_NUMBER, (HASNA_NUMBER,))


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
