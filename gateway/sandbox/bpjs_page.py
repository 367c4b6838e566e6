"""The front page of the imitated BPJS, for people who try the bot: plain HTML, no script, fits a phone."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

from gateway.sandbox.bpjs_changes import ZONE
from gateway.sandbox.bpjs_claims import (
    DECISIONS,
    DOCUMENTS_CLAIM,
    FINAL,
    REFUSED_CLAIM,
    SLOW_CLAIM,
    Claims,
)
from gateway.sandbox.bpjs_registry import (
    ALREADY,
    DOWN,
    FAILS_ONCE,
    NONSENSE,
    REFUSED,
    ROWS_SHOWN_MAX,
    SLOW,
    Registry,
    masked,
)
from gateway.sandbox.pages import PAGES
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

CLAIM_MAGIC = (
    (SLOW_CLAIM, "klaim lambat: satu menit tiap langkah"),
    (REFUSED_CLAIM, "klaim ditolak sesudah diperiksa"),
    (DOCUMENTS_CLAIM, "satu berkas diminta lagi; diperiksa begitu berkasnya datang"),
    ("99xx", "yang lain: diterima, diperiksa, disetujui, dibayar"),
)
"""The last four digits of the member's NIK, and what becomes of a claim."""

CLAIM_STATES = {
    "received": "diterima",
    "documents-wanted": "berkas diminta lagi",
    "verifying": "diperiksa",
    "approved": "disetujui",
    "refused": "ditolak",
    "paid": "dibayar",
}
CLAIM_KINDS = {"accident": "kecelakaan kerja", "death": "kematian", "scholarship": "beasiswa"}

OUTCOMES = {
    "registered": "terdaftar",
    "already-member": "sudah peserta",
    "refused": "ditolak",
    "accepted": "menunggu keputusan",
}


def front_page(registry: Registry, claims: Claims) -> str:
    latest = registry.latest()
    return PAGES.get_template("bpjs.html").render(
        down=registry.down(),
        magic=MAGIC,
        claim_magic=CLAIM_MAGIC,
        decisions=[(CLAIM_KINDS[kind], str(Rupiah(amount))) for kind, amount in DECISIONS.items()],
        claims=[_claim(row) for row in claims.latest()],
        members=[_member(row) for row in latest["members"]],
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


def _claim(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": row["reference"],
        "number": row["number"],
        "kpj": row["kpj"],
        "kind": CLAIM_KINDS[row["kind"]],
        "state": CLAIM_STATES[row["state"]],
        "documents": ", ".join(row["documents"]),
        "missing": ", ".join(row["missing"]),
        "amount": str(Rupiah(row["amount"])) if row["amount"] else "",
        "paid_on": _day(row["paid_on"]),
        "goes_on": row["state"] not in (*FINAL, "documents-wanted"),
    }


def _member(row: dict[str, Any]) -> dict[str, str]:
    """With the end of the month after the cover, for the button that gives more."""
    until = date.fromisoformat(row["protected_until"]) if row["protected_until"] else None
    longer = (Month.of(until) + 1).last_day if until else None
    return {
        "kpj": row["kpj"],
        "covered_from": _day(row["covered_from"]),
        "protected_until": _day(row["protected_until"]),
        "longer": str(longer or ""),
    }


def _day(iso: str | None) -> str:
    return f"{date.fromisoformat(iso):%d-%m-%Y}" if iso else ""
