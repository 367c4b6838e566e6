"""A letter stands on one page, whole, and is the same file however often it is made."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from datetime import date

import numpy as np
import pypdfium2
import pytest
from msgspec.structs import replace

from bot.papers.letter import Letter, LetterTooLongError, render

LETTER = Letter(
    office="Pemerintah Kabupaten Soppeng",
    title="Surat pengantar klaim",
    reference="SGA-2026-000123",
    day=date(2026, 11, 21),
    opening=("Kepada Yth. petugas BPJS Ketenagakerjaan.", "Pembawa surat ini melaporkan kecelakaan kerja."),
    fields=(("Nama peserta", "Hasna Dg. Ma’né binti La Paçenrai"), ("Kejadian", "Jatuh dari pohon kelapa " * 5)),
    closing=("Yang perlu dibawa: KTP dan kartu peserta.",),
    footer="Surat ini dibuat oleh Siaga. Keterangan: 0484-000000.",
)
A4_PT = (595, 842)
MARGIN_PX = 40


def words(pdf: bytes) -> str:
    """All that stands in it, without the breaks of lines."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return " ".join(document[0].get_textpage().get_text_range().split())


def pixels(pdf: bytes) -> np.ndarray:
    """The page at 72 dots an inch, grey."""
    return np.array(pypdfium2.PdfDocument(pdf)[0].render(grayscale=True).to_pil())


def said(letter: Letter) -> list[str]:
    paragraphs = [letter.office, letter.title, letter.reference, *letter.opening, *letter.closing, letter.footer]
    return [" ".join(part.split()) for part in [*paragraphs, *(part for field in letter.fields for part in field)]]


def test_it_says_everything_on_one_page() -> None:
    told = words(render(LETTER))

    assert [part for part in said(LETTER) if part not in told] == []
    assert "21 November 2026" in told


def test_the_page_is_a4_and_its_margins_are_white() -> None:
    pdf = render(LETTER)

    page = pypdfium2.PdfDocument(pdf)[0]
    assert (round(page.get_width()), round(page.get_height())) == A4_PT
    shown = pixels(pdf)
    assert shown.min() < 60  # black
    inside = np.zeros_like(shown, dtype=bool)
    inside[MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX] = True
    assert shown[~inside].min() == 255


def test_a_long_letter_has_smaller_words_and_loses_none() -> None:
    long = replace(LETTER, fields=tuple((f"Hal ke-{n}", "Jatuh dari pohon kelapa di kebun. " * 3) for n in range(24)))

    told = words(render(long))

    assert [part for part in said(long) if part not in told] == []


def test_one_that_no_page_holds_is_a_mistake_of_ours() -> None:
    with pytest.raises(LetterTooLongError):
        render(replace(LETTER, opening=("Jatuh dari pohon kelapa. " * 500,)))


def test_the_least_that_a_letter_can_be() -> None:
    assert words(render(Letter("Siaga", "Surat", "", date(2026, 1, 2)))) == "Siaga Surat 2 Januari 2026"


def test_names_are_written_as_they_are_and_what_has_no_letter_here_is_marked() -> None:
    told = words(render(replace(LETTER, fields=(("Nama", "La Pe\u0301bo’ Ğøß ’ “—”"), ("Lontara", "ᨔᨗ 你")))))

    assert "La Pébo’ Ğøß ’ “—”" in told
    assert "?? ?" in told


def test_the_same_letter_is_the_same_file_in_another_process() -> None:
    again = (
        "import sys, hashlib; from tests.papers.test_letter import *; "
        "sys.stdout.write(hashlib.sha256(render(LETTER)).hexdigest())"
    )

    made = subprocess.run([sys.executable, "-c", again], check=True, capture_output=True, text=True).stdout

    assert made == hashlib.sha256(render(LETTER)).hexdigest()
    assert render(replace(LETTER, day=date(2026, 11, 22))) != render(LETTER)
