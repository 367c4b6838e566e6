"""`siaga read-card`: one photo, its card in the terminal, and with --show a picture of every stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from bot.cards import CardsError, words
from bot.cards.row import Row, row_of
from bot.ocr import tesseract
from bot.ocr.pool import LIMITS
from bot.ocr.ppocr import PpOcr
from bot.ocr.reading import read_photo
from bot.ocr.show import Album, Watched

WIDE = 19
"""Characters of the column of titles."""


def read_card(photo: Path, folder: Path | None, today: date) -> tuple[str, bool]:
    """What to print, and whether it is a card. Raises CardsError with what the operator has to change."""
    need = tesseract.available()
    if need is not None:
        raise CardsError(need)
    content = _content(photo)
    engine, second = PpOcr(LIMITS.threads), tesseract.Tesseract(LIMITS.engine_s)
    if folder is None:
        return _told(photo.name, row_of(read_photo(content, today, LIMITS, engine, second), 0.0))
    try:
        album = Album(folder)
        read = read_photo(content, today, LIMITS, Watched(engine, album), second, album)
    except OSError as error:
        raise CardsError(f"{folder} tidak bisa ditulis: {error.strerror}. Pilih folder lain dengan --show.") from error
    told, is_card = _told(photo.name, row_of(read, 0.0))
    return told + _where(folder, album.names()), is_card


def _content(photo: Path) -> bytes:
    try:
        if photo.is_dir():
            raise CardsError(f"{photo} adalah folder. Untuk semua foto di dalamnya pakai read-cards.")
        if not photo.is_file():
            raise CardsError(f"Tidak ada foto di {photo}. Periksa nama berkasnya.")
        with photo.open("rb") as file:
            return file.read(LIMITS.photo_bytes_max + 1)  # one byte more: the reader says that it is too large
    except OSError as error:
        raise CardsError(f"{photo} tidak bisa dibuka: {error.strerror}.") from error


def _told(name: str, row: Row) -> tuple[str, bool]:
    if row.rejected is not None:
        return f"{name} tidak bisa dibaca: {words.reason(row.rejected)}.\n", False
    return "\n".join(_lines(name, row)) + "\n", True


def _lines(name: str, row: Row) -> Iterator[str]:
    yield f"KTP di {name}:"
    yield ""
    wide = max(len(value or "") for value in row.fields.values())
    for key, value in row.fields.items():
        sure = (
            f"{value:<{wide}}  {min(99, int(row.confidence[key] * 100))} %" if value is not None else "(tidak terbaca)"
        )
        read = f", tertulis: {row.printed[key]}" if key in row.printed else ""
        yield f"  {words.TITLES[key]:<{WIDE}}{sure}{read}"
    yield ""
    yield "Angka di kanan: seberapa yakin pembacanya."
    yield f"Tolong periksa: {words.flags(row.flags)}." if row.flags else "Tidak ada yang diragukan."


def _where(folder: Path, names: Sequence[str]) -> str:
    return (
        f"Gambar tiap tahap ada di {folder}: {', '.join(names)}.\n"
        "Gambar itu data pribadi; hanya Anda yang bisa membukanya (izin 600). Hapus kalau sudah selesai.\n"
    )
