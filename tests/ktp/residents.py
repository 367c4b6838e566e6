"""Invented people as different as those who really come: old and young, moved, of one name or of six, of any trade.

Invariant: as in `people`, the NIK agrees with birth date and sex and has a serial of 9900 to 9999. The area code of
the NIK is that of the first issue, so a person who moved has another one than the address (Permendagri 74/2015).
Names and streets are put together by chance; villages of Soppeng are those of `rules.areas`.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from rules import areas
from tests.ktp.people import OLDEST, YOUNGEST, Person, make_nik

SOPPENG_SHARE = 0.7
MOVED_SHARE = 0.25
DATED_SHARE = 0.15  # cards from before 2013 say until when they are valid (UU 24/2013 made them lifelong)

ELSEWHERE = (
    ("SULAWESI SELATAN", "KABUPATEN BONE", "730814", "LAMURU", ("LALEBATA", "TURU ADAE", "SENGENG PALIE")),
    ("SULAWESI SELATAN", "KABUPATEN WAJO", "731301", "SABBANGPARU", ("PALLIMAE", "WAGE", "UJUNG PERO")),
    ("SULAWESI SELATAN", "KABUPATEN BARRU", "731101", "TANETE RIAJA", ("LOMPO RIAJA", "KADING", "MATTIRO WALIE")),
    ("SULAWESI SELATAN", "KOTA MAKASSAR", "737110", "PANAKKUKANG", ("PANDANG", "KARAMPUANG", "TAMAMAUNG")),
    ("SULAWESI SELATAN", "KABUPATEN SIDENRENG RAPPANG", "731405", "MARITENGNGAE", ("RIJANG PITTU", "MAJJELLING")),
    ("SULAWESI SELATAN", "KABUPATEN PANGKAJENE DAN KEPULAUAN", "730904", "BUNGORO", ("SAPANANG", "BOWONG CINDEA")),
    ("SULAWESI TENGAH", "KABUPATEN PARIGI MOUTONG", "720801", "PARIGI", ("BANTAYA", "LOJI", "MASIGI")),
    ("SULAWESI TENGGARA", "KABUPATEN KOLAKA UTARA", "740805", "LASUSUA", ("PATOWONUA", "TOJABI")),
    ("KALIMANTAN TIMUR", "KOTA SAMARINDA", "647203", "SAMARINDA ULU", ("AIR HITAM", "SIDODADI", "DADI MULYA")),
    ("KALIMANTAN UTARA", "KABUPATEN NUNUKAN", "650402", "NUNUKAN", ("NUNUKAN BARAT", "BINUSAN")),
    ("JAWA TIMUR", "KABUPATEN BANYUWANGI", "351009", "GENTENG", ("GENTENG KULON", "KEMBIRITAN", "SETAIL")),
    ("PAPUA BARAT DAYA", "KOTA SORONG", "967102", "SORONG TIMUR", ("KLAWUYUK", "KLAMANA")),
)  # fmt: skip
"""Province, regency, area code, district, villages."""

WOMEN = """HASNA ANDI_TENRI BESSE NURHAYATI ST._AMINAH RAHMATIA INDO_UPE HJ._MARWAH SITTI_RUKMINI FATMAWATI
WE_TENRIABENG MARDIANA JUMRIAH KARTINI I_MARI I_TAKKO NURUL_AINI DEWI_ANGGRAENI SRI_WAHYUNI HERLINA ROSMIATI
YULIANA HJ._ST._HAWA MUTMAINNAH
QURRATUL_AINI FITRIANI ZAENAB HALIMAH JERNIH VERONIKA A._BAU_TENRIOLA SUHARTINI NI_KETUT_SARI""".split()
MEN = """LA_TANG AMBO_DALLE ANDI_PATAWARI MUHAMMAD_YUSUF BASO_RIFALDI SUDIRMAN H._ABD._RAHIM LA_PADOMA SYAMSUDDIN
ARIFUDDIN MUH._ILHAM DAENG_PAWELLANGI LA_MAPPA HAERUDDIN MUH._FAJRI_QADRI JUFRI KAMARUDDIN LA_UPE AMIRULLAH BAHARUDDIN
I_WAYAN_SUDANA YOHANIS DRS._H._MAPPATUNRU ABD._AZIS ILYAS WAHYUDI EKO_PRASETYO RUSTAM H._LA_BESSE ZULKIFLI""".split()
AFTER = """S.SOS BINTI_LAUPE MAPPASESSU TENRI_AWARU SAKKA PALLAWA MADDOLANGENG BIN_LAMUDE S.PD PATTOLA DG._SITUJU
RAMADHAN PUTRA_PRATAMA MAPPANGILE KUSUMA_WARDHANI HIDAYATULLAH A.MD.KEB JAYA_LATIF MANGKAU_QAYYUM""".split()
BIRTHPLACES = """SOPPENG WATANSOPPENG CABENGE TAKALALA MAKASSAR BONE PACONGKANG BATU-BATU UJUNG_PANDANG SENGKANG BARRU
PARE-PARE LAJOA TAJUNCU LEWORENG SIDRAP PANGKAJENE TAWAU KOLAKA NUNUKAN BANYUWANGI JAYAPURA TONRONGE GANRA""".split()
ROADS = """POROS_PACONGKANG KESATRIA PEMUDA MERDEKA LAWARA MALAKA_RAYA H.O.S._COKROAMINOTO NEGARA KAYANGAN WIJAYA
SALOTUNGO SAMUDRA ANDI_MAPPE PENGAYOMAN ATTANG_SALO TUJUH_WALI-WALI LATEMMAMALA""".split()
HAMLETS = """LAPPA ALE_SEWO LOMPO TANETE ABBANUANGE COPPO_LOE LARIANGBANGI MADINING PAOTEREKKO JOLLE WATANG_LARO
UJUNG_BULU KAJUARA MATTOANGING""".split()
RELIGIONS = ("KRISTEN", "KATHOLIK", "KATOLIK", "HINDU", "BUDHA", "BUDDHA", "KHONGHUCU")
MARITAL = ("KAWIN", "KAWIN", "KAWIN", "BELUM KAWIN", "BELUM KAWIN", "CERAI HIDUP", "CERAI MATI", "KAWIN BELUM TERCATAT")
FARM = ("PETANI/PEKEBUN", "MENGURUS RUMAH TANGGA", "BURUH TANI/PERKEBUNAN", "WIRASWASTA", "PEDAGANG")
WORK = """BELUM/TIDAK_BEKERJA PELAJAR/MAHASISWA PENSIUNAN PEGAWAI_NEGERI_SIPIL TENTARA_NASIONAL_INDONESIA KEPOLISIAN_RI
PERDAGANGAN PETERNAK NELAYAN/PERIKANAN INDUSTRI KONSTRUKSI TRANSPORTASI KARYAWAN_SWASTA KARYAWAN_BUMN KARYAWAN_HONORER
BURUH_HARIAN_LEPAS BURUH_NELAYAN/PERIKANAN BURUH_PETERNAKAN PEMBANTU_RUMAH_TANGGA TUKANG_CUKUR TUKANG_LISTRIK
TUKANG_BATU TUKANG_KAYU TUKANG_SOL_SEPATU TUKANG_LAS/PANDAI_BESI TUKANG_JAHIT PENATA_RAMBUT PENATA_RIAS MEKANIK SENIMAN
TABIB IMAM_MASJID PERANGKAT_DESA USTADZ/MUBALIGH JURU_MASAK GURU DOSEN BIDAN PERAWAT SOPIR PARANORMAL WIRASWASTA
PEDAGANG KEPALA_DESA ANGGOTA_LEMBAGA_TINGGI WARTAWAN APOTEKER PELAUT PEGAWAI_NEGERI_SIPIL_(PNS)
TENTARA_NASIONAL_INDONESIA_(TNI) KEPOLISIAN_RI_(POLRI)""".split()
"""Of the occupations of Dukcapil, those that are met, in the wording of the family card (Permendagri 109/2019)."""


def resident(chance: random.Random) -> Person:
    """One more invented person, 18 to 64 years old in 2026, of Soppeng or not."""
    sex = chance.choice(("female", "male"))
    born = OLDEST + timedelta(days=chance.randrange((YOUNGEST - OLDEST).days))
    province, regency, code, district, village = _home(chance)
    issued = _home(chance)[2] if chance.random() < MOVED_SHARE else code
    return Person(
        nik=make_nik(issued, born, sex, chance.randrange(9900, 9990)),
        name=_name(sex, chance),
        birth_place=_word(chance.choice(BIRTHPLACES)),
        birth_date=born,
        sex=sex,
        blood_type=chance.choice(("A", "B", "AB", "O", "O+", "B-", "-", "-", "-", "-")),
        address=_address(chance),
        rt_rw=_rt_rw(chance),
        village=village,
        district=district,
        religion="ISLAM" if chance.random() < 0.75 else chance.choice(RELIGIONS),
        marital_status=chance.choice(MARITAL),
        occupation=chance.choice(FARM) if chance.random() < 0.4 else _word(chance.choice(WORK)),
        valid_until=_valid_until(born, chance),
        province=province,
        regency=regency,
    )


def _word(joined: str) -> str:
    return joined.replace("_", " ")


def _home(chance: random.Random) -> tuple[str, str, str, str, str]:
    """Province, regency, area code, district, village."""
    if chance.random() >= SOPPENG_SHARE:
        province, regency, code, district, villages = chance.choice(ELSEWHERE)
        return province, regency, code, district, chance.choice(villages)
    district_area = chance.choice(areas.districts())
    village = chance.choice(areas.villages(district_area.code))
    code = district_area.code.replace(".", "")
    return "SULAWESI SELATAN", "KABUPATEN SOPPENG", code, district_area.name.upper(), village.name.upper()


def _name(sex: str, chance: random.Random) -> str:
    """One word to six: about one in eight is so long that it wraps."""
    given = WOMEN if sex == "female" else MEN
    parts = [chance.choice(given), *chance.sample(AFTER, chance.choice((0, 0, 0, 1, 1, 1, 2)))]
    if chance.random() < 0.12:
        parts = [*chance.sample(given, 2), *chance.sample(AFTER, 2)]
    return _word(" ".join(parts))


def _address(chance: random.Random) -> str:
    """As clerks type it, which is never twice the same way: JL and JL., NO.18 and NO. 18."""
    road = f"{chance.choice(('JL. ', 'JL. ', 'JL ', 'JLN. ', 'JALAN '))}{chance.choice(ROADS)}"
    number = chance.choice(("", " NO. {}", " NO.{}", " NO {}", " NO. {}A")).format(chance.randrange(1, 230))
    hamlet = f"{chance.choice(('DUSUN ', 'DUSUN ', 'DSN. ', 'LINGK. ', 'LINGKUNGAN ', '', ''))}{chance.choice(HAMLETS)}"
    block = f"BTN {chance.choice(HAMLETS)} BLOK {chance.choice('ABCDEF')}{chance.choice('/ ')}{chance.randrange(1, 30)}"
    forms = (road + number, road + number, hamlet, hamlet, hamlet, block, f"{road}{number} {hamlet}")
    return _word(chance.choice(forms))


def _rt_rw(chance: random.Random) -> str:
    if chance.random() < 0.08:
        return "000/000"
    return f"{chance.randrange(1, 20):03d}/{chance.randrange(0, 12):03d}"


def _valid_until(born: date, chance: random.Random) -> str:
    if chance.random() >= DATED_SHARE:
        return "SEUMUR HIDUP"
    return date(chance.randrange(2016, 2019), born.month, min(born.day, 28)).isoformat()
