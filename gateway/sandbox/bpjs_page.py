"""The front page of the imitated BPJS, for people who try the bot: plain HTML, no script, fits a phone."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.sandbox.bpjs_registry import (
    ALREADY,
    DOWN,
    FAILS_ONCE,
    NONSENSE,
    REFUSED,
    ROWS_SHOWN_MAX,
    SLOW,
    ZONE,
    Registry,
    masked,
)
from gateway.sandbox.store import EVENT_TRIES_MAX
from rules.money import Rupiah
from rules.month import Month

MAGIC = (
    (SLOW, "lambat: diterima dulu, keputusan menyusul kira-kira 3 detik kemudian lewat webhook"),
    (FAILS_ONCE, "gagal satu kali (500), percobaan berikutnya berhasil"),
    (DOWN, "selalu gangguan (503)"),
    (NONSENSE, "jawaban kacau: halaman HTML, bukan data"),
    (ALREADY, "sudah menjadi peserta"),
    (REFUSED, "ditolak dengan alasan"),
    ("99xx", "empat angka terakhir lain dari 9900 sampai 9999: langsung terdaftar"),
)
"""The last four digits of a NIK, and what registering it brings."""

OUTCOMES = {
    "registered": "terdaftar",
    "already-member": "sudah peserta",
    "refused": "ditolak",
    "accepted": "menunggu keputusan",
}

_pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


def front_page(registry: Registry) -> str:
    latest = registry.latest()
    return _pages.get_template("bpjs.html").render(
        down=registry.down(),
        magic=MAGIC,
        registrations=[_registration(row) for row in latest["registrations"]],
        payments=[_payment(row) for row in latest["payments"]],
        waiting=[row for row in latest["events"] if row["tries"] < EVENT_TRIES_MAX],
        given_up=[row for row in latest["events"] if row["tries"] >= EVENT_TRIES_MAX],
        rows_max=ROWS_SHOWN_MAX,
    )


def _registration(row: dict[str, Any]) -> dict[str, str]:
    outcome = json.loads(row["outcome"] or '{"status": "accepted"}')
    asked_at = datetime.fromtimestamp(row["asked_at"], ZONE)
    return {
        "nik": masked(row["nik"]) if row["nik"] else "NIK tidak disimpan",
        "outcome": OUTCOMES[outcome["status"]],
        "kpj": outcome.get("kpj", ""),
        "words": outcome.get("words", ""),
        "at": f"{asked_at:%d-%m-%Y %H:%M} WITA",
    }


def _payment(row: dict[str, Any]) -> dict[str, str]:
    days = {name: _day(row[name]) for name in ("payable_until", "paid_on", "covered_from", "protected_until")}
    return {
        "code": row["code"],
        "kpj": row["kpj"],
        "amount": str(Rupiah(row["amount"])),
        "last_month": Month.parse(row["last_month"]).tell("id", str),
        **days,
    }


def _day(iso: str | None) -> str:
    return f"{date.fromisoformat(iso):%d-%m-%Y}" if iso else ""
