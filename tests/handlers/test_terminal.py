"""The terminal: what is typed is a message, a photo is named by its path, a bubble is plain text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.handlers.terminal import LINE_CHARS_MAX, PhotoPath, decode, encode
from bot.talk.heard import FromPerson, Said, Unread
from bot.talk.message import Button, Drawing, Line, Paper, Picture

NOON = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)  # 14.05 in WITA


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("daftar", Said("daftar")),
        ("  1 \n", Said("1")),
        ("", Said("")),
        ("/menu", Said("/menu")),
        ("/foto", Said("/foto")),
        ("/fotografi", Said("/fotografi")),
        ("/foto ktp/hasna.jpg", PhotoPath(Path("ktp/hasna.jpg"))),
        ("/FOTO  ktp/hasna.jpg ", PhotoPath(Path("ktp/hasna.jpg"))),
        ("/foto 'kartu saya.jpg'", PhotoPath(Path("kartu saya.jpg"))),
        ("a" * LINE_CHARS_MAX, Said("a" * LINE_CHARS_MAX)),
        ("a" * (LINE_CHARS_MAX + 1), Unread("too-long")),
    ],
)
def test_what_is_typed(typed: str, expected: FromPerson | PhotoPath) -> None:
    assert decode(typed) == expected


def test_a_bubble_is_its_words_with_the_options_they_hold() -> None:
    line = Line(1, NOON, False, "Untuk siapa?\n1 Saya sendiri", None, (Button("Saya sendiri", "1.a.b"),), "choice")

    assert encode(line) == "Siaga 14.05\n  Untuk siapa?\n  1 Saya sendiri"


def test_a_photo_is_told() -> None:
    assert encode(Line(1, NOON, True, "", 7)) == "Anda 14.05\n  (foto)"


def test_a_picture_is_told_by_its_words() -> None:
    picture = Picture("Gambar: foto buram", Drawing("blurred"))

    assert encode(Line(1, NOON, False, "Fotonya buram.", picture=picture)) == (
        "Siaga 14.05\n  [Gambar: foto buram]\n  Fotonya buram."
    )


def test_a_paper_is_told_by_its_name() -> None:
    paper = Paper("letter", "1", "surat-pengantar.pdf", "application/pdf")

    assert encode(Line(1, NOON, False, "Ini suratnya.", paper=paper)) == (
        "Siaga 14.05\n  [Berkas: surat-pengantar.pdf]\n  Ini suratnya."
    )
    assert encode(Line(1, NOON, False, "", paper=paper)) == "Siaga 14.05\n  [Berkas: surat-pengantar.pdf]"


def test_a_line_can_not_command_the_terminal() -> None:
    assert encode(Line(1, NOON, True, "halo\x1b[2J\u202e")) == "Anda 14.05\n  halo[2J"
