"""The letter that goes with somebody who was injured at work: to the clinic, the village, the witnesses.

It says what form F3 KK1 asks for (bpjsketenagakerjaan.go.id/assets/uploads/formulir/), as it was reported. Invariant:
the NIK is masked, and the birth date, which is half of what the mask hides, isn't said; the day until which BPJS
protects is told as BPJS's word, with the day on which we had it.
"""

from __future__ import annotations

from datetime import date

from bot.flows.catalogues import VILLAGES
from bot.flows.claim_words import PARTS, PLACES, REPORTERS
from bot.papers.letter import Letter
from rules.claim_report import Accident, Report
from rules.nik import Nik
from rules.phone import Phone
from rules.words import Text, Told

NOT_YET = "belum"
INDONESIAN = "id"


def accident_letter(
    office: str, number: int, report: Report, *, on: date, name: str, nik: Nik, protected_until: date | None
) -> Letter | None:
    """In Indonesian, whatever language the reporter speaks: it is for the clinic. None for a claim of another kind."""
    about = report.about
    if not isinstance(about, Accident):
        return None
    return Letter(
        office=office,
        title="Surat pengantar kecelakaan kerja",
        reference=f"Nomor laporan {number}",
        day=on,
        opening=(
            "Kepada klinik PLKK, puskesmas, atau rumah sakit: mohon peserta BPJS Ketenagakerjaan di bawah ini dirawat. "
            "Kepesertaannya bisa diperiksa dengan nomor peserta (KPJ) atau NIK.",
        ),
        fields=(
            ("Nama", name.title()),
            ("Nomor peserta (KPJ)", report.kpj),
            ("NIK", _told(nik)),
            ("Terlindungi sampai", f"{_day(protected_until)} (menurut BPJS)" if protected_until else "belum diketahui"),
            ("Kejadian", f"{_day(about.on)}, {_told(PARTS[about.part_of_day]).lower()}"),
            ("Tempat", f"{_told(PLACES[about.place])}, {_told(VILLAGES.label(about.village_code))}"),
            ("Yang terjadi", about.story),
            ("Bagian yang luka", about.injury),
            ("Dirawat di", about.clinic or NOT_YET),
            ("Pelapor", _reporter(report)),
        ),
        closing=(
            "Peserta aktif yang celaka saat kerja tidak membayar di PLKK. Mohon surat dokter (formulir KK3) diberikan "
            "kepada peserta untuk klaim.",
        ),
        footer="Dibuat oleh Siaga dari laporan di chat. Keterangan kejadian menurut pelapor, belum diperiksa.",
    )


def _reporter(report: Report) -> str:
    reporter = report.reporter
    who = reporter.name.title()
    if reporter.relation != "self":
        who += f" ({_told(REPORTERS[reporter.relation]).lower()})"
    return f"{who}, {_full(reporter.phone)}" if reporter.phone else who


def _full(phone: Phone) -> str:
    """The clinic has to be able to call."""
    return phone.e164


def _day(day: date) -> str:
    return _told(day)


def _told(value: Told | date) -> str:
    return Text("{value}", {"value": value}).tell(INDONESIAN, str)
