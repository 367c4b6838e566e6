"""Printed words -> canonical values, as `rules.card.Field` describes them. Pure.

Invariant: a word from a closed list is corrected only to a close neighbour, everything else stays as it was read;
what can't be understood is None.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

from bot.ocr.faint import SHORT_IN_ADDRESSES
from bot.ocr.occupations import OCCUPATIONS
from rules import indonesia
from rules.nik import Nik
from rules.words import Slip

CLOSE = 74.0
"""Similarity, 0 to 100, from which a word is taken for one of a closed list."""
VERY_CLOSE = 88.0
"""The same where the list may not hold what stands on an older card."""

LETTERS_OFF_MAX = 2
"""Letters in which an occupation may differ from the one on the list, or an area and still be sure."""
DIGITS_MANY, UNLIKELY = 2, 0.7
"""So many digits in a name or a place are hardly ones misread; how close such words are then."""

RELIGIONS = ("ISLAM", "KRISTEN", "KATHOLIK", "KATOLIK", "HINDU", "BUDDHA", "BUDHA", "KHONGHUCU",
             "KEPERCAYAAN TERHADAP TUHAN YME")  # fmt: skip
MARITAL = ("BELUM KAWIN", "KAWIN", "KAWIN TERCATAT", "KAWIN BELUM TERCATAT", "CERAI HIDUP", "CERAI MATI")
SEXES = {"PEREMPUAN": "female", "LAKI-LAKI": "male"}
CITIZENSHIPS = ("WNI", "WNA")
BLOOD = re.compile(r"(AB|A|B|O|0)([+-]?)")
LIFELONG = "SEUMUR HIDUP"
PROVINCES = tuple(
    f"PROVINSI {name}" for province in indonesia.parts_of("") for name in indonesia.printed(province)
)  # fmt: skip
REGENCIES = tuple(
    name for province in indonesia.parts_of("") for code in indonesia.parts_of(province)
    for name in indonesia.printed(code)
)  # fmt: skip

_LOOKALIKES = str.maketrans("OoDQIl|iZzSsBGb", "000011112255868")
_LETTERS = str.maketrans("01258|", "OIZSBI")
_DATE = re.compile(r"([0-9OoDQIl|ZSB]{2})[-. /~]{0,3}([0-9OoDQIl|ZSB]{2})[-. /~]{0,3}([0-9OoDQIl|ZSB]{4})\W*$")
_STOP_AS_COMMA = re.compile(rf"\b({'|'.join(SHORT_IN_ADDRESSES)}|NO),")
_LABEL_END = re.compile(r"^\W*(?:L?A?HIR|IR|R)(?=[\s:]+\w)", re.IGNORECASE)  # of "Tempat/Tgl Lahir"
_ZERO_IN_WORD = re.compile(r"(?<=[A-Z])0(?=[A-Z])|(?<=[A-Z]{2})0(?![0-9])|\b0(?=[A-Z]{2})")  # not that of BLOK B0
_O_IN_NUMBER = re.compile(r"(?<=[0-9])O+(?![A-Z])")
_JUNK = re.compile(r"[^A-Z0-9 .,'/()\-&]")

Reading = tuple[str, float]
"""A canonical value, and how close the printed words were to it, 0 to 1."""


def parse_words(text: str) -> Reading | None:
    """Free words in capitals: name, address, village, district, occupation. A nought in a word is an O, and an O in a
    number a nought."""
    letters = _ZERO_IN_WORD.sub("O", _JUNK.sub(" ", text.upper().replace("|", "I")))
    letters = _O_IN_NUMBER.sub(lambda found: "0" * len(found.group()), letters)
    words = re.sub(r"\s+", " ", letters).strip(" ,-'/&")
    return (words, 1.0) if re.search(r"[A-Z]", words) else None


def parse_name(text: str) -> Reading | None:
    """As `parse_words`; no digit stands in a name, so one is the letter that looks like it."""
    found = parse_words(text)
    if found is None:
        return None
    digits = sum(letter.isdigit() for letter in found[0])
    return found[0].translate(_LETTERS), found[1] if digits < DIGITS_MANY else UNLIKELY


def parse_address(text: str) -> Reading | None:
    """As `parse_words`; a comma behind "JL" or "NO" is a stop."""
    return parse_words(_STOP_AS_COMMA.sub(r"\1.", text.upper()))


def parse_occupation(text: str) -> Reading | None:
    """As `parse_place`; what is close to one of the official occupations is that one."""
    found = parse_place(_DATE.sub("", text.strip()))  # that of issue, below the portrait, may stand close behind it
    if found is None:
        return None
    near = process.extractOne(found[0], OCCUPATIONS, scorer=fuzz.ratio, score_cutoff=VERY_CLOSE)
    if near is None or found[0].startswith("ANGGOTA") or Levenshtein.distance(found[0], near[0]) > LETTERS_OFF_MAX:
        return found  # members of DPR, DPD and DPRD differ in a letter
    return near[0], near[1] / 100


def parse_place(text: str) -> Reading | None:
    """As `parse_words`, of what never ends with a full stop."""
    found = parse_words(text)
    if found is None:
        return None
    digits = sum(letter.isdigit() for letter in found[0])
    return found[0].rstrip(". "), found[1] if digits < DIGITS_MANY else UNLIKELY


def parse_birth(text: str) -> tuple[Reading | None, Reading | None]:
    """Place and date of birth: "SOPPENG, 12-05-1979" -> SOPPENG and 1979-05-12."""
    found = _DATE.search(text.strip())
    place = parse_place(_LABEL_END.sub("", text.strip()[: found.start()] if found else text))
    return place, parse_day(found.group(0)) if found else None


def parse_day(text: str) -> Reading | None:
    """A printed date, DD-MM-YYYY -> ISO 8601."""
    found = _DATE.search(text.strip())
    if found is None:
        return None
    day, month, year = (int(part.translate(_LOOKALIKES)) for part in found.groups())
    try:
        return date(year, month, day).isoformat(), 1.0 if re.fullmatch(r"[\d\W]+", found.group(0)) else 0.7
    except ValueError:
        return None


def parse_sex(text: str) -> Reading | None:
    """ "PEREMPUAN" -> female."""
    found = _closest(text, tuple(SEXES))
    return (SEXES[found[0]], found[1]) if found else None


def parse_blood(text: str) -> Reading | None:
    """A, B, AB, O with an optional sign, or "-" where the card leaves it open."""
    bare = re.sub(r"[\s:.;,]", "", text.upper())
    if bare and not bare.strip("-_~—–"):
        return "-", 1.0
    found = BLOOD.fullmatch(bare)
    return (found.group(1).replace("0", "O") + found.group(2), 1.0) if found else None


def parse_rt_rw(text: str) -> Reading | None:
    """ "004/002"; a slash read as 1, 7 or nothing is mended by the count of digits."""
    bare = re.sub(r"[^0-9/]", "", re.sub(r"[\s:]", "", text).translate(_LOOKALIKES))
    found = re.fullmatch(r"(\d{3})/?(\d{3})", bare)
    if found:
        return f"{found.group(1)}/{found.group(2)}", 1.0
    found = re.fullmatch(r"(\d{3})[17](\d{3})", bare)
    return (f"{found.group(1)}/{found.group(2)}", 0.6) if found else None


def parse_nik(text: str) -> str | None:
    """16 digits with a birth date that exists, or None."""
    digits = re.sub(r"\D", "", text)
    return None if len(digits) != 16 or isinstance(Nik.parse(digits), Slip) else digits


def parse_valid_until(text: str) -> Reading | None:
    """SEUMUR HIDUP (for life), or the date of an old card."""
    return _closest(text, (LIFELONG,)) or parse_day(text)


def parse_province(text: str) -> Reading | None:
    """The first line of the header, "PROVINSI SULAWESI SELATAN" -> SULAWESI SELATAN."""
    found = _titled(text, ("PROVINSI",), PROVINCES)
    return (found[0].removeprefix("PROVINSI "), found[1]) if found else None


def parse_regency(text: str) -> Reading | None:
    """The second one, such as "KABUPATEN SOPPENG" or "JAKARTA TIMUR"."""
    return _titled(text, ("KABUPATEN", "KOTA"), REGENCIES)


def _titled(text: str, titles: tuple[str, ...], known: tuple[str, ...]) -> Reading | None:
    """As printed behind one of the titles; without one, the closest of all that are known."""
    words = parse_place(text)
    if words is None:
        return None
    title, _, name = words[0].partition(" ")
    if title in titles and name:
        return words
    found = process.extractOne(words[0], known, scorer=fuzz.ratio, score_cutoff=VERY_CLOSE)
    return (found[0], found[1] / 100) if found else None


def _of(choices: tuple[str, ...]) -> Callable[[str], Reading | None]:
    return lambda text: _closest(text, choices)


def _closest(text: str, choices: tuple[str, ...]) -> Reading | None:
    bare = re.sub(r"[^A-Z \-]", "", text.upper().translate(_LETTERS)).strip(" -")
    bare = re.sub(r"^([A-Z]{1,2} )+", "", bare)  # the end of a long label, or the colon; no choice starts so
    found = process.extractOne(bare, choices, scorer=fuzz.ratio, score_cutoff=CLOSE)
    return (found[0], found[1] / 100) if found else None


VALUES: dict[str, Callable[[str], Reading | None]] = {
    "name": parse_name, "sex": parse_sex, "blood_type": parse_blood, "address": parse_address, "rt_rw": parse_rt_rw,
    "village": parse_place, "district": parse_place, "religion": _of(RELIGIONS), "marital_status": _of(MARITAL),
    "occupation": parse_occupation, "citizenship": _of(CITIZENSHIPS), "valid_until": parse_valid_until,
}  # fmt: skip
"""How the value of a row is understood; the rows "nik" and "birth" have their own functions."""

CLOSED = ("sex", "religion", "marital_status", "citizenship", "valid_until")
"""Fields whose value is one of a few: nearness to it says more than the engine's own confidence."""

ELSEWHERE = {*RELIGIONS, *MARITAL, *SEXES, *CITIZENSHIPS, LIFELONG}
"""Values of these fields: no name, place or occupation."""
