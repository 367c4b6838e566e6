"""A message is made fit for what a channel can show; nothing of what it says is lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.handlers.contract import Limits
from bot.handlers.fit import ELLIPSIS, PAPER_WORDS_MAX, fit, shortened
from bot.handlers.telegram_out import LIMITS as TELEGRAM
from bot.handlers.whatsapp import LIMITS as WHATSAPP
from bot.talk.message import Button, Drawing, Message, Paper, Picture

SMALL = Limits(text=60, caption=30, body=40, buttons=3, button_label=10, rows=6, row_label=14)
TEXT_ONLY = Limits(text=50)
KINDS = st.sampled_from([SMALL, TEXT_ONLY, TELEGRAM, WHATSAPP])
WORDS = st.text("abcdefghij.?!,", min_size=1, max_size=15)
BREAKS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "  ", "\n \n"])
TEXTS = st.lists(st.tuples(WORDS, BREAKS), max_size=120).map(lambda parts: "".join(word + gap for word, gap in parts))
LABELS = st.text("abc def", min_size=1, max_size=40)
PICTURE = Picture("KTP", Drawing("good"))
PAPER = Paper("letter", "1", "surat-pengantar.pdf", "application/pdf")
LINKED = Paper("letter", "1", "surat-pengantar.pdf", "application/pdf", link=7)


@st.composite
def messages(draw: st.DrawFn) -> Message:
    labels = draw(st.lists(LABELS, max_size=12))
    buttons = tuple(Button(label, f"1.a.{number}") for number, label in enumerate(labels))
    picture = draw(st.sampled_from([None, PICTURE]))
    paper = draw(st.sampled_from([None, PAPER, LINKED]))
    wants = draw(st.sampled_from(["choice", "photo"]))
    return Message(draw(TEXTS), buttons, wants, draw(st.booleans()), picture, paper=paper)


@given(messages(), KINDS)
def test_no_word_is_lost_and_all_stay_in_order(message: Message, limits: Limits) -> None:
    told = " ".join(piece.text for piece in fit(message, limits))

    assert told.split() == message.text.split()


@given(st.text(min_size=1, max_size=400), KINDS)
def test_of_any_text_no_letter_is_lost(text: str, limits: Limits) -> None:
    told = "".join(piece.text for piece in fit(Message(text), limits))

    assert re.sub(r"\s", "", told) == re.sub(r"\s", "", text)


@given(messages(), KINDS)
def test_each_piece_is_within_the_limits(message: Message, limits: Limits) -> None:
    for piece in fit(message, limits):
        most = limits.text
        if piece.buttons and limits.body:
            most = limits.body
        if piece.picture is not None:
            most = limits.caption
        assert len(piece.text) <= most


@given(messages(), KINDS)
def test_nothing_blank_is_sent_before_the_question(message: Message, limits: Limits) -> None:
    *before, last = fit(message, limits)

    assert all(piece.text.strip() or piece.picture or piece.paper for piece in before)
    assert last.text.strip() or not message.text.strip()


@given(messages(), KINDS)
def test_buttons_stand_under_the_last_piece_only(message: Message, limits: Limits) -> None:
    *before, last = fit(message, limits)

    assert all((piece.buttons, piece.wants, piece.back) == ((), "nothing", False) for piece in before)
    assert (last.wants, last.back) == (message.wants, message.back)
    many = len(message.buttons) > max(limits.buttons, limits.rows)
    assert [button.data for button in last.buttons] == ([] if many else [button.data for button in message.buttons])


@given(messages(), KINDS)
def test_a_label_has_the_room_that_the_channel_gives_it(message: Message, limits: Limits) -> None:
    last = fit(message, limits)[-1]

    room = limits.button_label if len(last.buttons) <= limits.buttons else limits.row_label
    assert all(0 < len(button.label) <= room for button in last.buttons)


@given(messages(), KINDS)
def test_a_picture_is_shown_once_and_first_where_the_channel_can(message: Message, limits: Limits) -> None:
    pieces = fit(message, limits)

    shown = [place for place, piece in enumerate(pieces) if piece.picture is not None]
    first = 1 if shown and pieces[0].paper == PAPER else 0
    assert shown == ([first] if message.picture is not None and limits.caption else [])


@given(messages(), KINDS)
def test_a_paper_is_given_once_and_never_in_one_bubble_with_a_picture_or_a_list(
    message: Message, limits: Limits
) -> None:
    pieces = fit(message, limits)

    given_in = [piece for piece in pieces if piece.paper is not None]
    assert [piece.paper for piece in given_in] == ([message.paper] if message.paper else [])
    if message.paper == PAPER:
        (piece,) = given_in
        assert piece.picture is None
        assert len(piece.buttons) <= limits.buttons
        assert not piece.text or len(piece.text) <= limits.caption - PAPER_WORDS_MAX


def test_what_fits_stays_as_it_is() -> None:
    message = Message("Sudah benar?", (Button("Ya", "1.a.yes"),), "choice", True, PICTURE)

    assert fit(message, SMALL) == (message,)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Satu dua tiga. Empat lima enam tujuh. Delapan sembilan.",
         ["Satu dua tiga. Empat lima enam tujuh.", "Delapan sembilan."]),
        ("Baris satu yang cukup panjang. Lalu\nbaris dua yang juga panjang",
         ["Baris satu yang cukup panjang. Lalu", "baris dua yang juga panjang"]),
        ("tanpa titik dan tanpa baris baru yang terus saja berjalan jauh",
         ["tanpa titik dan tanpa baris baru yang terus saja", "berjalan jauh"]),
        ("a" * 120, ["a" * 50, "a" * 50, "a" * 20]),
        ("a" * 50 + " " * 20, ["a" * 50]),
    ],
)  # fmt: skip
def test_a_long_text_is_cut_where_it_hurts_least(text: str, pieces: list[str]) -> None:
    assert [piece.text for piece in fit(Message(text), TEXT_ONLY)] == pieces


@pytest.mark.parametrize(("options", "buttons"), [(3, 3), (4, 4), (10, 10), (11, 0)])
def test_whatsapp_has_buttons_then_a_list_then_the_numbers_in_the_text(options: int, buttons: int) -> None:
    offered = tuple(Button(f"Pilihan {number}", f"1.a.{number}") for number in range(options))
    text = "\n".join(["Mana?", *(f"{number} {one.label}" for number, one in enumerate(offered, 1))])

    (message,) = fit(Message(text, offered), WHATSAPP)

    assert len(message.buttons) == buttons
    assert message.text == text


@pytest.mark.parametrize(
    ("label", "short"),
    [("Dibantu petugas", f"Dibantu{ELLIPSIS}"), ("Ya", "Ya"), ("Ketidaksanggupan", f"Ketidaksa{ELLIPSIS}"),
     ("Sepuluh he", "Sepuluh he")],
)  # fmt: skip
def test_a_label_is_cut_between_words_where_it_can_be(label: str, short: str) -> None:
    assert shortened(label, 10) == short
