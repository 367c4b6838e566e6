"""What somebody at a phone wants, and what they answer to each question on the way there.

Pure: the bot's words in, theirs out. Who doesn't understand a question says nothing, and that is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Literal

from msgspec import Struct

from tests.lives.people import MONTHS, Person

Kind = Literal["enrol", "pay", "accident", "death", "claim", "stop", "erase", "status"]
OPENINGS: dict[Kind, str] = {
    "enrol": "daftar", "pay": "bayar", "accident": "kecelakaan", "death": "meninggal", "claim": "klaim",
    "stop": "stop", "erase": "hapus data", "status": "status",
}  # fmt: skip
PHOTO = "(a photo)"
"""What is said when a photo is sent."""
_OPTION = re.compile(r"^(\d+) (.*)$", re.MULTILINE)
_ASKED = re.compile(r"\?|balas|Ketik \d+ angka|Kirim foto KTP|\(\d+ dari \d+\)")


class Wish(Struct):
    """`months`: to pay for, 0 until the harvest. `anew`: another code though one is valid. `everybody`: to pay for all
    on this phone. `papers`: how many are at hand. `claim`: its number, if it is known. `agrees`: that money came."""

    kind: Kind
    person: Person
    months: int = 1
    anew: bool = False
    everybody: bool = False
    papers: int = 9
    claim: int = 0
    agrees: bool = True
    by_number: bool = False  # from a phone that never spoke for the person
    heir: str = ""  # another than was named at the enrolment


def paying(person: Person, *, anew: bool = False, everybody: bool = False) -> Wish:
    """To pay as this person does."""
    return Wish("pay", person, months=MONTHS[person.temper], anew=anew, everybody=everybody)


def is_asked(text: str) -> bool:
    """Whether the bot waits for an answer."""
    return bool(_ASKED.search(text))


def answer(wish: Wish, text: str) -> str | None:
    """To the last question in what the bot said; None if there is none that is known."""
    found = max(((text.rfind(needle), needle) for needle in ANSWERS), default=(-1, ""))
    if found[0] < 0:
        return None
    said = ANSWERS[found[1]]
    return said if isinstance(said, str) else said(wish, text[found[0] :])


def _option(text: str, wanted: str, otherwise: str) -> str:
    """The number of the option that holds these words."""
    for number, label in _OPTION.findall(text):
        if wanted.casefold() in label.casefold():
            return str(number)
    return otherwise


def _who(wish: Wish, text: str) -> str:
    if wish.everybody:
        return _option(text, "Semuanya", "1")
    other = _option(text, "Orang lain", "1")
    return other if wish.by_number else _option(text, wish.person.name, other)


def _paper(wish: Wish, _text: str) -> str:
    if wish.papers <= 0:
        return "semua nanti saja"
    wish.papers -= 1
    return PHOTO


def _months(wish: Wish, text: str) -> str:
    if wish.months:
        return str(wish.months)
    return "panen" if "panen" in text else "3"


def _claim(wish: Wish, text: str) -> str:
    return _option(text, f"nomor {wish.claim}" if wish.claim else "nomor", "1")


def _way(wish: Wish, text: str) -> str:
    wanted = {"code": "Kode bayar", "va": "Virtual account", "qris": "QRIS"}[wish.person.way]
    return _option(text, wanted, "1")


def _date(day: date) -> str:
    return f"{day:%d-%m-%Y}"


Says = str | Callable[[Wish, str], str]
ANSWERS: dict[str, Says] = {
    # enrolling
    "Untuk siapa pendaftaran ini?": lambda wish, _: "2" if wish.person.helped else "1",
    "Apakah orangnya tahu, setuju": "1",
    "Mau lanjut yang mana?": _who,
    "Data KTP dan HP dikirim ke BPJS Ketenagakerjaan": "setuju",
    "Kirim foto KTP. Taruh": "1",
    "Ketik 16 angka NIK": lambda wish, _: wish.person.nik,
    "Benar?": "1",
    "Nama lengkap": lambda wish, _: wish.person.name,
    "Lahir di mana?": "Soppeng",
    "Alamat rumah?": "Dusun Lappa",
    "Desa atau kelurahan mana?": "Jampu",
    "Apa pekerjaan": lambda wish, _: wish.person.job,
    "Berapa penghasilan": lambda wish, _: wish.person.income,
    "Nomor HP": "tidak punya",
    "Siapa nama ahli waris": lambda wish, _: wish.heir or wish.person.heir,
    "itu siapanya": "1",
    "untuk berapa bulan?": _months,
    "Bolehkah kami mengirim pengingat": lambda wish, _: "ya" if wish.person.agrees else "tidak",
    "Semua benar? Balas ya": "ya",
    # paying
    "Iuran siapa yang mau dibayar?": _who,
    "Pakai kode itu?": lambda wish, _: "2" if wish.anew else "1",
    "Bulan apa panen berikutnya?": lambda wish, _: str(3 + wish.person.number % 3),
    "Lanjut?": "ya",
    "Mau bayar lewat apa?": _way,
    # claiming
    "Tentang siapa?": _who,
    "Nomor apa yang ada?": "1",
    "Ketik 11 angka nomor peserta": lambda wish, _: wish.person.kpj,
    "Tanggal lahirnya?": lambda wish, _: _date(wish.person.born),
    "Kapan kecelakaannya?": "2",
    "Kapan meninggalnya?": "2",
    "Kira-kira jam berapa?": "1",
    "Di mana kejadiannya?": "1",
    "Di desa mana?": "Jampu",
    "Apa yang terjadi?": "Jatuh dari pohon kelapa waktu panen",
    "Bagian tubuh mana": "kaki kanan",
    "Sudah dirawat": lambda wish, _: str(1 + wish.person.number % 2),
    "Mau berobat ke mana?": "1",
    "Di mana dirawatnya?": "Puskesmas Contoh",
    "Apakah Anda": lambda wish, _: "2" if wish.person.helped else "1",
    "Siapa nama Anda yang melapor?": "Rina",
    "Bagaimana meninggalnya?": "2",
    "masih ada?": "2",
    "Semua nanti saja": _paper,
    "Klaim yang mana?": _claim,
    "Apa yang mau dilaporkan?": "batal",  # the claim is closed meanwhile
    "Batalkan percakapan ini?": "1",
    "dokumen. Mau apa?": lambda wish, _: "1" if wish.papers else "2",
    "Apakah uangnya sudah diterima?": lambda wish, _: "1" if wish.agrees else "2",
    "Mau apa sekarang?": lambda wish, _: "2" if wish.agrees else "1",
    # one's own data
    "Data siapa?": _who,
    "Tahun lahir": lambda wish, _: str(wish.person.born.year),
    "Hapus data": "1",
}
"""By words of the question. The last question that stands in what was said is answered."""
