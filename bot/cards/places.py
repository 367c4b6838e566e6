"""Where a run reads and writes: checked before the first photo, so that nobody waits an hour for a wrong name.

Invariant: nothing is written into the folder of photos, and nothing that isn't ours is written over.
"""

from __future__ import annotations

import os
from pathlib import Path

from bot.cards import CardsError, sheet

FILES_MAX = 100_000
"""In one folder; more are read in several runs."""


def check_places(folder: Path, out: Path, excel: Path | None) -> None:
    """Raises CardsError with what the operator has to change. What is in `out` is checked by the journal."""
    if folder.is_file():
        raise CardsError(f"{folder} adalah berkas. Untuk satu foto pakai read-card.")
    if not folder.is_dir():
        raise CardsError(f"Tidak ada folder {folder}. Periksa namanya.")
    _check_place(out, folder, "--out")
    if excel is not None:
        _check_place(excel, folder, "--xlsx")
        _check_excel(excel, out)


def files_of(folder: Path) -> tuple[dict[str, Path], list[str]]:
    """Every file by its name in the folder, in order; and the sub-folders that couldn't be opened."""
    found: dict[str, Path] = {}
    closed: list[str] = []
    for at, _inner, names in os.walk(folder, onerror=lambda error: closed.append(error.filename)):
        found |= {_shown((path := Path(at, name)).relative_to(folder)): path for name in names}
        if len(found) > FILES_MAX:
            raise CardsError(f"Di {folder} ada lebih dari {FILES_MAX} berkas. Bagi dulu menjadi beberapa folder.")
    if not found:
        closed_too = " yang bisa dibuka" if closed else ""
        raise CardsError(f"Folder {folder} kosong: tidak ada berkas{closed_too} untuk dibaca.")
    return dict(sorted(found.items())), closed


def _check_place(path: Path, folder: Path, option: str) -> None:
    if path.is_dir():
        raise CardsError(f"{path} adalah folder. Beri nama berkas dengan {option}.")
    if not path.parent.is_dir():
        raise CardsError(f"Folder {path.parent} tidak ada. Buat dulu, atau pilih tempat lain dengan {option}.")
    if not os.access(path.parent, os.W_OK):
        raise CardsError(f"Folder {path.parent} tidak bisa ditulis. Pilih tempat lain dengan {option}.")
    if path.resolve().is_relative_to(folder.resolve()):
        raise CardsError(f"{path} ada di dalam folder foto, yang tidak diubah. Pilih tempat lain dengan {option}.")


def _check_excel(excel: Path, out: Path) -> None:
    if excel.suffix.lower() != ".xlsx" or excel.resolve() == out.resolve():
        raise CardsError(f"{excel} tidak bisa menjadi berkas Excel. Pilih nama lain yang berakhir .xlsx dengan --xlsx.")
    try:
        if excel.exists() and not sheet.is_untouched(excel):
            raise CardsError(
                f"{excel} sudah ada, dan bukan hasil perintah ini atau sudah diubah orang. "
                "Pindahkan berkas itu, atau pilih nama lain dengan --xlsx."
            )
    except OSError as error:
        raise CardsError(f"{excel} tidak bisa dibaca: {error.strerror}. Pilih nama lain dengan --xlsx.") from error


def _shown(path: Path) -> str:
    r"""With "/"; a byte that is no UTF-8 is shown as \xff, since neither JSON nor Excel can hold it."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")
