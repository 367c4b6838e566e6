"""What a row says to the people of the office: titles of columns, doubts and reasons, in Indonesian. Pure."""

from __future__ import annotations

from rules.card import Fault

TITLES: dict[str, str] = {
    "nik": "NIK", "nama": "Nama", "tempat_lahir": "Tempat Lahir", "tanggal_lahir": "Tanggal Lahir",
    "jenis_kelamin": "Jenis Kelamin", "gol_darah": "Gol. Darah", "alamat": "Alamat", "rt_rw": "RT/RW",
    "kel_desa": "Kel/Desa", "kecamatan": "Kecamatan", "agama": "Agama", "status_perkawinan": "Status Perkawinan",
    "pekerjaan": "Pekerjaan", "kewarganegaraan": "Kewarganegaraan", "berlaku_hingga": "Berlaku Hingga",
    "provinsi": "Provinsi", "kabupaten": "Kabupaten/Kota",
}  # fmt: skip

FAULTS: dict[Fault, str] = {
    "too-small": "kartunya terlalu kecil di foto", "blurred": "foto buram", "dark": "foto gelap",
    "glare-on-nik": "ada pantulan cahaya di NIK", "cut-off": "kartu terpotong",
    "not-a-ktp": "tidak ada KTP di foto ini", "several-cards": "ada lebih dari satu kartu di foto",
    "too-large": "berkas terlalu besar", "not-an-image": "bukan foto",
}  # fmt: skip

_REASONS: dict[str, str] = {
    **{str(fault): told for fault, told in FAULTS.items()},
    "not-read": "pembaca tidak selesai; periksa dengan mata",
    "unreadable": "berkas tidak bisa dibuka",
}
_FLAGS = {
    "nik-birth-date-mismatch": "NIK tidak cocok dengan tanggal lahir",
    "nik-sex-mismatch": "NIK tidak cocok dengan jenis kelamin",
    "unknown-area": "kode wilayah di NIK tidak dikenal",
}
_FLAGS_OF_A_KEY = {"low-confidence": "{title} kurang yakin", "not-read": "{title} tidak terbaca"}


def reason(rejected: str) -> str:
    """Why a photo was rejected; a reason without words stays as it is."""
    return _REASONS.get(rejected, rejected)


def flag(doubt: str) -> str:
    """A doubt of a row; one without words stays as it is."""
    kind, _colon, key = doubt.partition(": ")
    if kind in _FLAGS_OF_A_KEY and key in TITLES:
        return _FLAGS_OF_A_KEY[kind].format(title=TITLES[key])
    return _FLAGS.get(doubt, doubt)


def flags(doubts: tuple[str, ...]) -> str:
    """All of them, in one line."""
    return "; ".join(flag(doubt) for doubt in doubts)
