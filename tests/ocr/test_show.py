"""`read-card`: what was read is told kindly, and with --show every stage is drawn for its owner alone."""

from __future__ import annotations

import re
import stat
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bot.cards import CardsError
from bot.cards.single import read_card
from bot.ocr import Limits, read
from bot.ocr.layout import HEIGHT, WIDTH
from bot.ocr.ppocr import PpOcr
from bot.ocr.reading import read_photo
from bot.ocr.show import PICTURES_MAX, Album, Watched
from bot.ocr.tesseract import Tesseract
from tests.ktp.samples import FOLDER

TODAY = date(2026, 11, 21)
LIMITS = Limits()
ROOT = Path(__file__).resolve().parents[2]
HASNA = FOLDER / "hasna.jpg"


def test_every_stage_is_drawn_and_only_the_owner_may_look(tmp_path: Path) -> None:
    told, is_card = read_card(HASNA, tmp_path / "album", TODAY)

    drawn = sorted((tmp_path / "album").iterdir())
    stages = {path.stem.split("-")[1] for path in drawn}
    assert is_card
    assert stages == {"opened", "text", "labels", "straight", "rows", "nik"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in drawn} == {0o600}
    assert all(path.name in told for path in drawn)
    assert _size(tmp_path / "album/1-opened.jpg") == _size(HASNA)
    assert _size(tmp_path / "album/5-rows.jpg") == (WIDTH, HEIGHT)


def test_watching_changes_nothing_that_is_read(tmp_path: Path) -> None:
    album = Album(tmp_path)

    seen = read_photo(
        HASNA.read_bytes(), TODAY, LIMITS, Watched(PpOcr(LIMITS.threads), album), Tesseract(LIMITS.engine_s), album
    )

    assert seen == read(HASNA.read_bytes(), today=TODAY)


def test_a_photo_without_a_card_shows_what_was_looked_at(tmp_path: Path) -> None:
    told, is_card = read_card(FOLDER / "not-a-ktp.jpg", tmp_path, TODAY)

    assert not is_card
    assert told.startswith("not-a-ktp.jpg tidak bisa dibaca: tidak ada KTP di foto ini.\n")
    assert {path.stem.split("-")[1] for path in tmp_path.iterdir()} == {"opened", "text", "labels"}


def test_an_album_takes_away_the_last_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "6-nik-4.jpg").write_bytes(b"of another card")
    (tmp_path / "6-holiday.jpg").write_bytes(b"not ours")

    Album(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["6-holiday.jpg"]


def test_an_album_has_an_end(tmp_path: Path) -> None:
    album = Album(tmp_path)

    for _ in range(PICTURES_MAX + 1):
        album("nik", np.zeros((8, 8, 3), np.uint8))

    assert len(album.names()) == len(list(tmp_path.iterdir())) == PICTURES_MAX


def test_the_card_is_told_with_how_sure_each_value_is(tmp_path: Path) -> None:
    told, _is_card = read_card(HASNA, None, TODAY)

    lines = [line.split() for line in told.splitlines()]
    assert ["Nama", "HASNA"] in [line[:2] for line in lines]
    assert ["Jenis", "Kelamin", "PEREMPUAN"] in [line[:3] for line in lines]
    assert all(line[-1] == "%" for line in lines[2:19])
    assert told.endswith("Tidak ada yang diragukan.\n")


def test_the_page_about_it_shows_what_it_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    told, _is_card = read_card(HASNA, Path("show"), TODAY)

    page = (ROOT / "docs/read-many-photos.md").read_text()
    assert f"```text\n{_without_figures(told)}```" in _without_figures(page)


def test_a_photo_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CardsError) as told:
        read_card(tmp_path / "nothing.jpg", None, TODAY)

    assert str(told.value) == f"Tidak ada foto di {tmp_path / 'nothing.jpg'}. Periksa nama berkasnya."


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CardsError, match=r"file tidak bisa ditulis: .+ Pilih folder lain dengan --show\."):
        read_card(HASNA, tmp_path / "file", TODAY)


def _without_figures(text: str) -> str:
    """How sure it is may change with the reader."""
    return re.sub(r"\d+ %", "", text)


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size
