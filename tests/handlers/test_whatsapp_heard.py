"""What is heard in one message of WhatsApp."""

from __future__ import annotations

from typing import Any

import pytest

from bot.handlers.contract import Post
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread, UnreadKind
from bot.talk.message import button_data
from tests.handlers.whatsapp_posts import HASNA_NUMBER, arrival, body, card, heard, message, post, text, value

DATA = button_data(7, "a1b2c3d4e5f6", "self")


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
