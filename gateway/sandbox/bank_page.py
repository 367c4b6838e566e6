"""The front page of the imitated bank, for people who try the bot: plain HTML, no script, fits a phone."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from gateway.sandbox.bank_books import (
    DOWN,
    FAILS_ONCE,
    NONSENSE,
    REFUSED,
    ROWS_SHOWN_MAX,
    SLOW,
    ZONE,
    Books,
    How,
)
from gateway.sandbox.pages import PAGES
from gateway.sandbox.store import EVENT_TRIES_MAX
from gateway.snap import JAKARTA
from rules.money import Rupiah

MAGIC = (
    (SLOW, "lambat: dijawab kira-kira 3 detik kemudian"),
    (FAILS_ONCE, "gagal satu kali (500), percobaan berikutnya berhasil"),
    (DOWN, "selalu gangguan (503)"),
    (NONSENSE, "jawaban kacau: halaman HTML, bukan data"),
    (REFUSED, "ditolak bank"),
    (201, "saat dibayar: jumlahnya lain"),
    (202, "saat dibayar: dua kali"),
    (203, "saat dibayar: dikabarkan lagi dengan jumlah lain"),
    (204, "saat dibayar: dikabarkan dua kali"),
)
"""The last three digits of a sum, and what happens."""

HOW: tuple[tuple[How, str], ...] = (
    ("once", "biasa"),
    ("other-sum", "jumlahnya lain"),
    ("twice", "dua kali"),
    ("changed", "dikabarkan lagi dengan jumlah lain"),
    ("told-twice", "dikabarkan dua kali"),
)
KINDS = {"va": "Virtual account", "qris": "QRIS"}
STATES = {"open": "belum dibayar", "paid": "sudah dibayar", "deleted": "dihapus"}
MOVED = {"sent": "menunggu jawaban kantor", "booked": "masuk", "returned": "dikembalikan"}


def front_page(books: Books, now: datetime) -> str:
    latest = books.latest()
    return PAGES.get_template("bank.html").render(
        down=books.down(),
        magic=MAGIC,
        how=HOW,
        bills=[_bill(row) for row in latest["bills"]],
        transfers=[_transfer(row) for row in latest["transfers"]],
        said=[_said(row) for row in latest["said"]],
        waiting=sum(row["tries"] < EVENT_TRIES_MAX for row in latest["waiting"]),
        given_up=sum(row["tries"] >= EVENT_TRIES_MAX for row in latest["waiting"]),
        today=now.astimezone(JAKARTA).date(),
        rows_max=ROWS_SHOWN_MAX,
    )


def _bill(row: dict[str, Any]) -> dict[str, str]:
    until = datetime.fromisoformat(row["expires"]).astimezone(ZONE)
    return {
        "number": row["number"], "kind": KINDS[row["kind"]], "name": row["name"], "state": STATES[row["state"]],
        "amount": str(Rupiah(row["amount"])), "until": f"{until:%d-%m-%Y %H:%M} WITA",
        "is_open": row["state"] != "deleted",
    }  # fmt: skip


def _transfer(row: dict[str, Any]) -> dict[str, str]:
    at = datetime.fromisoformat(row["at"]).astimezone(ZONE)
    return {
        "number": row["number"], "amount": str(Rupiah(row["amount"])), "state": MOVED[row["state"]],
        "reference": row["reference"], "at": f"{at:%d-%m-%Y %H:%M} WITA",
    }  # fmt: skip


def _said(row: dict[str, Any]) -> dict[str, str]:
    call = json.loads(row["body"])["call"]
    return {"number": call["number"], "amount": str(Rupiah(call["amount"])), "code": row["code"]}
