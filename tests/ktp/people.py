"""People who don't exist, with everything that stands on a KTP.

Invariant: the NIK agrees with birth date and sex, and its serial is one of 9900 to 9999, kept for invented people.
Villages are those of Kabupaten Soppeng (Kemendagri code 73.12).
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

OLDEST, YOUNGEST = date(1962, 1, 1), date(2006, 12, 31)

WOMEN = ("HASNA", "ANDI TENRI", "BESSE NURUL AINI", "I MARI", "NURHAYATI", "ST. AMINAH", "RAHMATIA", "INDO UPE",
         "HJ. MARWAH", "SITTI RUKMINI", "FATMAWATI", "WE TENRIABENG", "MARDIANA", "JUMRIAH", "KARTINI")  # fmt: skip
MEN = ("LA TANG", "AMBO DALLE", "ANDI PATAWARI", "MUHAMMAD YUSUF", "BASO RIFALDI", "SUDIRMAN", "H. ABD. RAHIM",
       "LA PADOMA", "SYAMSUDDIN", "ARIFUDDIN", "MUH. ILHAM", "DAENG PAWELLANGI", "LA MAPPA", "HAERUDDIN")  # fmt: skip
FAMILY = ("", "", "", "S. SOS", "BINTI LAUPE", "MAPPASESSU", "TENRI AWARU", "SAKKA", "PALLAWA", "MADDOLANGENG")
PLACES = ("SOPPENG", "WATANSOPPENG", "CABENGE", "TAKALALA", "MAKASSAR", "BONE", "PACONGKANG")
STREETS = ("JL. POROS PACONGKANG", "DUSUN LAPPA", "JL. KESATRIA NO. 12", "LOMPO", "JL. PEMUDA", "DUSUN ALE SEWO",
           "BTN MALLANROE BLOK C/3", "JL. MERDEKA NO.18", "TANETE", "LINGK. LAWARA")  # fmt: skip
WORK = ("PETANI/PEKEBUN", "PEGAWAI NEGERI SIPIL", "WIRASWASTA", "MENGURUS RUMAH TANGGA", "BURUH TANI/PERKEBUNAN",
        "PEDAGANG", "NELAYAN/PERIKANAN", "KARYAWAN HONORER", "PETERNAK", "TUKANG KAYU", "SOPIR", "GURU")  # fmt: skip
VILLAGES = (
    ("JAMPU", "LILIRIAJA", "731202"), ("PATTOJO", "LILIRIAJA", "731202"), ("GALUNG", "LILIRIAJA", "731202"),
    ("CABENGE", "LILIRILAU", "731203"), ("BARINGENG", "LILIRILAU", "731203"), ("PAROTO", "LILIRILAU", "731203"),
    ("UMPUNGENG", "LALABATA", "731204"), ("LAPAJUNG", "LALABATA", "731204"), ("OMPO", "LALABATA", "731204"),
    ("GATTARENG TOA", "MARIORIWAWO", "731201"), ("CONGKO", "MARIORIWAWO", "731201"),
    ("BULUE", "MARIORIAWA", "731205"), ("PATAMPANUA", "MARIORIAWA", "731205"),
    ("LEWORENG", "DONRI-DONRI", "731206"), ("BELO", "GANRA", "731207"), ("KAMPIRI", "CITTA", "731208"),
)  # fmt: skip


class Person(Struct, frozen=True):
    """One invented person; the attributes are the fields of `rules.card.Card` in their canonical form."""

    nik: str
    name: str
    birth_place: str
    birth_date: date
    sex: str
    blood_type: str
    address: str
    rt_rw: str
    village: str
    district: str
    religion: str
    marital_status: str
    occupation: str
    citizenship: str = "WNI"
    valid_until: str = "SEUMUR HIDUP"
    province: str = "SULAWESI SELATAN"
    regency: str = "KABUPATEN SOPPENG"

    def truth(self) -> dict[str, str]:
        """What a perfect reader returns: field -> canonical value."""
        values = {name: str(getattr(self, name)) for name in self.__struct_fields__}
        return values | {"birth_date": self.birth_date.isoformat()}

    def with_serial(self, serial: int) -> Person:
        """The same person with another serial; 9990 to 9995 choose the sandbox's answer."""
        return replace(self, nik=make_nik(self.nik[:6], self.birth_date, self.sex, serial))


def make_nik(region: str, born: date, sex: str, serial: int) -> str:
    """A well-formed NIK; women's day of birth is raised by 40."""
    if not 9900 <= serial <= 9999:
        raise ValueError("an invented NIK has a serial of 9900 to 9999")
    day = born.day + (40 if sex == "female" else 0)
    return f"{region}{day:02d}{born:%m%y}{serial}"


def invent(chance: random.Random) -> Person:
    """One more invented person, 18 to 64 years old in 2026."""
    sex = chance.choice(("female", "male"))
    born = OLDEST + timedelta(days=chance.randrange((YOUNGEST - OLDEST).days))
    village, district, region = chance.choice(VILLAGES)
    given = chance.choice(WOMEN if sex == "female" else MEN)
    return Person(
        nik=make_nik(region, born, sex, chance.randrange(9900, 9990)),
        name=f"{given} {chance.choice(FAMILY)}".strip(),
        birth_place=chance.choice(PLACES),
        birth_date=born,
        sex=sex,
        blood_type=chance.choice(("A", "B", "AB", "O", "-", "-")),
        address=chance.choice(STREETS),
        rt_rw=f"{chance.randrange(1, 9):03d}/{chance.randrange(1, 6):03d}",
        village=village,
        district=district,
        religion=chance.choice(("ISLAM", "ISLAM", "ISLAM", "KRISTEN", "HINDU")),
        marital_status=chance.choice(("KAWIN", "KAWIN", "BELUM KAWIN", "CERAI HIDUP", "CERAI MATI")),
        occupation=chance.choice(WORK),
    )


HASNA = Person(
    nik=make_nik("731202", date(1979, 5, 12), "female", 9901), name="HASNA", birth_place="SOPPENG",
    birth_date=date(1979, 5, 12), sex="female", blood_type="O", address="DUSUN LAPPA", rt_rw="004/002",
    village="JAMPU", district="LILIRIAJA", religion="ISLAM", marital_status="KAWIN", occupation="PETANI/PEKEBUN",
)  # fmt: skip
"""The farmer of the examples, everywhere in this project."""
