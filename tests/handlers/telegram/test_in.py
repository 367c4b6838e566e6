"""Telegram's updates, as the Bot API posts them, and what is made of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.handlers.contract import Access, Arrival, Post, Presence
from bot.handlers.telegram import CHANNEL, SECRET_HEADER, admit, decode
from bot.handlers.telegram_in import FILE_BYTES_MAX
from bot.talk.heard import Contact, Edited, FromPerson, Pressed, Said, Shown, Unread
from bot.talk.question import TEXT_CHARS_MAX

ACCESS = Access(secret="shared_with-Telegram", token="700000001:invented")
HASNA = {"id": 7001, "is_bot": False, "first_name": "Hasna", "language_code": "id"}
PRIVATE = {"id": 7001, "type": "private", "first_name": "Hasna"}
GROUP = {"id": -4001, "type": "group", "title": "Kelompok tani"}
SUPERGROUP = {"id": -1004002, "type": "supergroup", "title": "Kelompok tani"}
BOT = {"id": 700000001, "is_bot": True, "first_name": "Siaga", "username": "siaga_bot"}
NOON_S = 1795241100
NOON = datetime.fromtimestamp(NOON_S, UTC)
FILE = {"file_id": "AgAC1", "file_unique_id": "u1"}

Json = dict[str, Any]


def update(kind: str, body: Any, update_id: int = 900001) -> bytes:
    return json.dumps({"update_id": update_id, kind: body}).encode()


def message(chat: Json = PRIVATE, **content: Any) -> Json:
    return {"message_id": 55, "from": HASNA, "chat": chat, "date": NOON_S, **content}


def post(kind: str, body: Any) -> Post:
    found = decode(update(kind, body), ACCESS)
    assert found is not None
    return found


def arrival(**content: Any) -> Arrival:
    [found] = post("message", message(**content)).arrivals
    return found


def heard(**content: Any) -> FromPerson:
    return arrival(**content).heard


def size(name: str, side: int, **more: Any) -> Json:
    return {"file_id": name, "file_unique_id": name, "width": side, "height": side, **more}


def test_a_text_has_address_id_time_and_place() -> None:
    assert arrival(text="daftar") == Arrival(
        "telegram", "main", "7001", "900001", Said("daftar", ref="55"), sent_at=NOON, place=55
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("  halo\r\nBot\x00 ", "halo\nBot"),
        ("/daftar", "daftar"),
        ("/daftar@SoppengBot", "daftar"),
        ("/status  saya", "status saya"),
        ("/0", "0"),
        ("/start", "/start"),
        ("/start@SoppengBot", "/start"),
        ("/start undangan_K7Q2", "undangan_K7Q2"),
        ("12/05/1979", "12/05/1979"),
        ("/ 12", "/ 12"),
    ],
)
def test_words_are_heard_as_a_person_types_them(typed: str, said: str) -> None:
    assert heard(text=typed) == Said(said, ref="55")


def test_a_text_may_be_as_long_as_an_answer() -> None:
    assert heard(text="a" * TEXT_CHARS_MAX) == Said("a" * TEXT_CHARS_MAX, ref="55")
    assert heard(text="a" * (TEXT_CHARS_MAX + 1)) == Unread("too-long")
    assert heard(text="\x07\x07") == Unread("unknown")


def keyboard(*buttons: tuple[str, str]) -> Json:
    return {"inline_keyboard": [[{"text": label, "callback_data": data}] for label, data in buttons]}


def test_a_press_says_what_stood_on_the_button() -> None:
    asked = message(text="Untuk siapa?", reply_markup=keyboard(("Saya sendiri", "1.ab.self"), ("Lain", "1.ab.other")))
    query = {"id": "4001", "from": HASNA, "chat_instance": "1", "data": "1.ab.other", "message": asked}

    assert post("callback_query", query).arrivals == (
        Arrival("telegram", "main", "7001", "900001", Pressed("1.ab.other", "Lain"), place=900001, token="4001"),
    )


def test_a_press_on_a_message_too_old_to_be_shown_has_no_label() -> None:
    old = {"chat": PRIVATE, "message_id": 3, "date": 0}
    query = {"id": "4001", "from": HASNA, "chat_instance": "1", "data": "1.ab.other", "message": old}

    [found] = post("callback_query", query).arrivals
    assert found.heard == Pressed("1.ab.other", "")
    assert (found.address, found.token) == ("7001", "4001")


def test_a_press_without_a_chat_is_not_ours() -> None:
    query = {"id": "4001", "from": HASNA, "chat_instance": "1", "data": "x", "inline_message_id": "i"}

    assert post("callback_query", query) == Post(ignored=("callback_query",))


def test_an_edited_text_names_the_message_and_the_time_of_the_edit() -> None:
    [found] = post("edited_message", message(text=" Hasna ", edit_date=NOON_S + 60)).arrivals

    assert found.heard == Edited("Hasna", ref="55")
    assert (found.place, found.message_id) == (900001, "900001")
    assert found.sent_at == datetime.fromtimestamp(NOON_S + 60, UTC)


def test_an_edit_that_is_too_long_is_told() -> None:
    [found] = post("edited_message", message(text="a" * 600, edit_date=NOON_S)).arrivals

    assert found.heard == Unread("too-long")


def test_a_shared_position_that_moves_is_not_an_answer() -> None:
    moved = message(location={"latitude": -4.35, "longitude": 119.89}, edit_date=NOON_S)

    assert post("edited_message", moved) == Post(ignored=("edited_message",))


def test_of_a_photo_the_largest_size_that_telegram_hands_out() -> None:
    sizes = [size("s", 90), size("x", 1280, file_size=200_000), size("m", 320)]
    photo = arrival(photo=sizes, caption="KTP saya", media_group_id="77")
    assert (photo.heard, photo.file, photo.album) == (Shown(0), "x", "77")

    cut = arrival(photo=[size("s", 90), size("x", 9000, file_size=FILE_BYTES_MAX + 1)])
    assert (cut.heard, cut.file, cut.album) == (Shown(0), "s", "")

    assert heard(photo=[size("x", 9000, file_size=FILE_BYTES_MAX + 1)]) == Unread("photo-too-large")


def test_a_live_photo_is_a_photo() -> None:
    live = {**FILE, "width": 90, "height": 90, "duration": 1}
    found = arrival(photo=[size("x", 1280)], live_photo=live)

    assert (found.heard, found.file) == (Shown(0), "x")


@pytest.mark.parametrize("kind", ["image/jpeg", "image/heic", "application/pdf"])
def test_a_photo_may_come_as_a_file(kind: str) -> None:
    found = arrival(document={**FILE, "mime_type": kind, "file_size": FILE_BYTES_MAX}, media_group_id="77")

    assert (found.heard, found.file, found.album) == (Shown(0), "AgAC1", "77")


def test_a_file_that_is_no_photo_or_too_large_is_not_fetched() -> None:
    too_large = arrival(document={**FILE, "mime_type": "image/png", "file_size": FILE_BYTES_MAX + 1})
    assert (too_large.heard, too_large.file) == (Unread("photo-too-large"), "")

    assert heard(document={**FILE, "mime_type": "application/zip"}) == Unread("document")
    assert heard(document={**FILE, "file_name": "ktp.jpg"}) == Unread("document")


FILM = {**FILE, "width": 8, "height": 8, "duration": 3}
PLACE = {"latitude": -4.35, "longitude": 119.89}
STICKER = {**FILE, "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"animation": FILM, "document": {**FILE, "mime_type": "video/mp4"}}, "animation"),
        ({"voice": {**FILE, "duration": 3}}, "voice"),
        ({"audio": {**FILE, "duration": 3}}, "voice"),
        ({"video": FILM}, "video"),
        ({"video_note": {**FILE, "length": 240, "duration": 3}}, "video"),
        ({"sticker": STICKER}, "sticker"),
        ({"location": PLACE}, "location"),
        ({"venue": {"location": PLACE, "title": "Pasar", "address": "Watansoppeng"}, "location": PLACE}, "location"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "unknown"),
        ({"something_new": {"text": "of next year"}}, "unknown"),
    ],
)
def test_what_cannot_be_used_is_named(content: Json, kind: Any) -> None:
    assert heard(**content) == Unread(kind)


@pytest.mark.parametrize(
    ("contact", "understood"),
    [
        ({"phone_number": "6281234567890", "user_id": 7001}, Contact("+6281234567890", True)),
        ({"phone_number": "+60123456789", "user_id": 7001}, Contact("+60123456789", True)),
        ({"phone_number": "0812-3456-7890", "user_id": 7002}, Contact("0812-3456-7890", False)),
        ({"phone_number": "081234567890"}, Contact("081234567890", False)),
    ],
)
def test_a_contact_is_own_if_telegram_says_so(contact: Json, understood: Contact) -> None:
    assert heard(contact={"first_name": "Hasna", **contact}) == understood


@pytest.mark.parametrize(
    "service", [{"pinned_message": message()}, {"message_auto_delete_timer_changed": {"message_auto_delete_time": 5}}]
)
def test_what_telegram_tells_of_a_chat_is_not_answered(service: Json) -> None:
    assert post("message", message(**service)) == Post(ignored=("service",))


@pytest.mark.parametrize("chat", [GROUP, SUPERGROUP])
@pytest.mark.parametrize("content", [{"text": "halo"}, {"new_chat_members": [BOT]}, {"photo": [size("x", 90)]}])
def test_a_group_is_declined_and_not_listened_to(chat: Json, content: Json) -> None:
    assert post("message", message(chat, **content)) == Post(groups=(str(chat["id"]),))


def test_a_group_is_not_answered_for_what_nobody_wrote() -> None:
    left = message(GROUP, left_chat_member=BOT)
    assert post("message", left) == Post(ignored=("service",))

    origin = {"type": "channel", "chat": {"id": -1009, "type": "channel", "title": "K"}, "message_id": 1, "date": 1}
    passed_on = message(SUPERGROUP, text="Kabar", is_automatic_forward=True, forward_origin=origin)
    assert post("message", passed_on) == Post(ignored=("forwarded",))


def test_a_forwarded_photo_in_a_private_chat_is_the_persons_own_act() -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Rahman", "date": NOON_S}

    assert heard(photo=[size("x", 90)], forward_origin=origin) == Shown(0)


def member(chat: Json, status: str) -> Json:
    new: Json = {"user": BOT, "status": status} | ({"until_date": 0} if status == "kicked" else {})
    return {"chat": chat, "from": HASNA, "date": NOON_S, "old_chat_member": {"user": BOT, "status": "left"},
            "new_chat_member": new}  # fmt: skip


def test_who_blocks_the_bot_is_gone_until_letting_it_in_again() -> None:
    assert post("my_chat_member", member(PRIVATE, "kicked")) == Post(presences=(Presence("7001", True),))
    assert post("my_chat_member", member(PRIVATE, "member")) == Post(presences=(Presence("7001", False),))


def test_a_group_that_adds_the_bot_is_declined_once_it_is_out_no_more() -> None:
    assert post("my_chat_member", member(GROUP, "member")) == Post(groups=("-4001",))
    assert post("my_chat_member", member(GROUP, "kicked")) == Post(ignored=("my_chat_member",))
    assert post("my_chat_member", member(GROUP, "left")) == Post(ignored=("my_chat_member",))


def test_a_channel_is_declined() -> None:
    channel = {"id": -1009, "type": "channel", "title": "Kabar Soppeng"}

    assert post("channel_post", {"message_id": 1, "chat": channel, "date": NOON_S, "text": "x"}).groups == ("-1009",)


REACTION = {"chat": PRIVATE, "message_id": 5, "user": HASNA, "date": NOON_S, "old_reaction": [], "new_reaction": []}


@pytest.mark.parametrize(
    ("kind", "body", "counted"),
    [
        ("message_reaction", REACTION, "message_reaction"),
        ("poll_answer", {"poll_id": "1", "user": HASNA, "option_ids": [0], "option_persistent_ids": []}, "poll_answer"),
        ("of_next_year", {"text": "Hasna"}, "unknown"),
        ("message", {"message_id": "no number", "text": "Hasna"}, "unknown"),
        ("message", None, "unknown"),
    ],
)
def test_what_nobody_uses_is_counted_by_kind_and_never_by_content(kind: str, body: Any, counted: str) -> None:
    assert post(kind, body) == Post(ignored=(counted,))


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"nonsense", b"[1]", b'"update"', b"[" * 100_000, b'{"a":' * 99_999]
)
def test_what_is_no_object_is_broken(body: bytes) -> None:
    assert decode(body, ACCESS) is None


def test_an_object_that_is_no_update_is_unknown() -> None:
    assert decode(b"{}", ACCESS) == decode(b'{"update_id": "x"}', ACCESS) == Post(ignored=("unknown",))


@pytest.mark.parametrize(
    ("given", "admitted"),
    [
        (ACCESS.secret, True),
        (ACCESS.secret + "x", False),
        ("", False),
        ("r\xe4hasia", False),
        ("\ud800", False),
    ],
)
def test_only_telegram_knows_the_secret(given: str, admitted: bool) -> None:
    assert admit({SECRET_HEADER: given}, b"", ACCESS) is admitted


def test_without_a_secret_nothing_is_let_in() -> None:
    assert not admit({SECRET_HEADER: ""}, b"", Access())
    assert not admit({}, b"", Access())
    assert not admit({}, b"", ACCESS)


def test_the_channel_shows_what_telegram_can() -> None:
    limits = CHANNEL.limits

    assert (limits.text, limits.caption, limits.buttons, limits.button_label) == (4096, 1024, 100, 40)
    assert (limits.per_s, limits.gap_s, limits.window_h) == (30, 1.0, None)
    assert CHANNEL.identity_in_chat
