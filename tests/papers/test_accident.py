"""The letter that goes with who was injured says who it is about, and no more of them than a stranger may read."""

from __future__ import annotations

from datetime import date

from bot.papers.accident import accident_letter
from bot.papers.letter import render
from rules.claim_report import Report, Reporter
from rules.nik import Nik
from rules.phone import Phone
from tests.claimants import DEATH, FALL
from tests.papers.test_letter import words

NIK = Nik("7312025205799901")
KPJ = "12345678901"
TODAY = date(2026, 11, 21)
REPORTER = Reporter("SITTI", "child", Phone("+6281234567890"))


def letter(report: Report) -> str:
    made = accident_letter(
        "Pemerintah Kabupaten Soppeng", 17, report, on=TODAY, name="HASNA", nik=NIK, protected_until=date(2026, 12, 31)
    )
    return "" if made is None else words(render(made))


def test_it_names_who_is_injured_what_happened_and_whom_to_call() -> None:
    told = letter(Report(KPJ, REPORTER, FALL))

    assert "Nomor laporan 17" in told
    for part in ("Hasna", KPJ, "31 Desember 2026 (menurut BPJS)", "20 November 2026, pagi", "Jatuh dari pohon",
                 "Kaki kanan", "Sitti (anak), +6281234567890"):  # fmt: skip
        assert part in told


def test_it_doesnt_tell_what_the_masked_digits_hide() -> None:
    """Who reads the birth date knows six of them, and the year that guards a person's data on a shared phone."""
    told = letter(Report(KPJ, REPORTER, FALL))

    assert str(NIK) in told
    for part in (NIK.digits, "1979", "Mei", "120579", "520579"):
        assert part not in told


def test_there_is_none_for_another_claim() -> None:
    assert letter(Report(KPJ, REPORTER, DEATH)) == ""
