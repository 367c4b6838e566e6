"""The front page of the imitated PLKK, for people who try the bot: plain HTML, no script, fits a phone."""

from __future__ import annotations

from datetime import datetime

from gateway.sandbox.pages import PAGES
from gateway.sandbox.plkk_clinics import places
from gateway.sandbox.plkk_registry import (
    DOWN,
    FAILS_ONCE,
    NEXT,
    NOBODY,
    NONSENSE,
    REFUSED,
    ROWS_SHOWN_MAX,
    SLOW,
    Registry,
)
from gateway.sandbox.store import Answer

MAGIC = (
    (SLOW, "lambat: jawaban kira-kira 3 detik kemudian"),
    (FAILS_ONCE, "gagal satu kali (500), percobaan berikutnya berhasil"),
    (DOWN, "selalu gangguan (503)"),
    (NONSENSE, "jawaban kacau: halaman HTML, bukan data"),
    (NOBODY, "kode desa: tidak ada klinik di dekatnya"),
    (REFUSED, "NIK: klinik menolak, penuh"),
)
STATES = {"expected": "ditunggu", "arrived": "sudah datang", "admitted": "dirawat inap", "discharged": "sudah pulang"}


def front_page(registry: Registry) -> str:
    return PAGES.get_template("plkk.html").render(
        down=registry.down(),
        magic=MAGIC,
        clinics=places(),
        treatments=[_treatment(row) for row in registry.latest()],
        rows_max=ROWS_SHOWN_MAX,
    )


def _treatment(row: Answer) -> Answer:
    names = {place.id: place.name for place in places()}
    following = NEXT.get(row["state"])
    return {
        "reference": row["reference"], "claim": row["claim"], "nik": row["nik"], "clinic": names[row["clinic"]],
        "state": STATES[row["state"]], "next": STATES[following] if following else "",
        "at": f"{datetime.fromisoformat(row['at']):%d-%m-%Y %H:%M}",
    }  # fmt: skip
