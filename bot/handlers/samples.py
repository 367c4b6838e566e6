"""Sample photos of invented identity cards, offered to whoever tries the bot.

Invariant: only a file listed here is ever served; a name from outside is looked up, never opened.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

SAMPLES_MAX = 40
MEANINGS = {
    "hasna": "Hasna, foto jelas",
    "farmer": "Petani, foto jelas",
    "in-the-field": "Difoto di sawah",
    "photocopy": "Fotokopi",
    "dark": "Terlalu gelap",
    "blurred": "Buram",
    "cut-off": "Terpotong",
    "glare-on-nik": "Silau di bagian NIK",
    "not-a-ktp": "Bukan KTP",
    "slow": "BPJS lambat menjawab",
    "fails-once": "BPJS gagal satu kali",
    "nonsense": "BPJS menjawab kacau",
    "already-a-member": "Sudah peserta",
    "refused": "Ditolak BPJS",
}
"""What a sample is for, by the name of its file; in the order shown."""


class Sample(Struct, frozen=True):
    name: str
    meaning: str
    path: Path


def samples_in(folder: Path | None) -> tuple[Sample, ...]:
    """The photos of a folder, known ones first; none without a folder."""
    if folder is None:
        return ()
    files = sorted(folder.glob("*.jpg"), key=lambda path: (_place(path.stem), path.stem))
    return tuple(
        Sample(path.name, MEANINGS.get(path.stem, path.stem.replace("-", " ")), path) for path in files[:SAMPLES_MAX]
    )


def _place(stem: str) -> int:
    names = list(MEANINGS)
    return names.index(stem) if stem in names else len(names)
