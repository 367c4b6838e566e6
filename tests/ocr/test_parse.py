"""Printed words as engines garble them, and what they are taken for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.ocr import parse


@pytest.mark.parametrize(
    ("printed", "place", "day"),
    [
        ("SOPPENG, 12-05-1979", "SOPPENG", "1979-05-12"),
        ("SOPPENG , 12-O5-1979", "SOPPENG", "1979-05-12"),
        ("UJUNG PANDANG, 01 01 1980", "UJUNG PANDANG", "1980-01-01"),
        ("SOPPENG 12.05.1979", "SOPPENG", "1979-05-12"),
        ("SOPPENG, 31-02-1979", "SOPPENG", None),
        ("SOPPENG", "SOPPENG", None),
        ("", None, None),
    ],
)
def test_place_and_date_of_birth_stand_apart(printed: str, place: str | None, day: str | None) -> None:
    found_place, found_day = parse.parse_birth(printed)

    assert (found_place and found_place[0], found_day and found_day[0]) == (place, day)


@pytest.mark.parametrize(
    ("row", "printed", "value"),
    [
        ("name", "1 WAYAN SUDANA", "I WAYAN SUDANA"),
        ("name", "H. ABD. RAH1M", "H. ABD. RAHIM"),
        ("address", "JL. PEMUDA NO. 10", "JL. PEMUDA NO. 10"),
        ("occupation", "NELAYAN PERIKANAN", "NELAYAN/PERIKANAN"),
        ("occupation", "PETANI/PEKEBIN", "PETANI/PEKEBUN"),
        ("occupation", "PEDAGANG", "PEDAGANG"),
        ("occupation", "PERDAGANGAN", "PERDAGANGAN"),
        ("occupation", "PAWANG HUJAN", "PAWANG HUJAN"),
        ("sex", "PEREMPUAN", "female"),
        ("sex", "LAKI-LAKI", "male"),
        ("sex", "LAKI LAKI", "male"),
        ("sex", "PEREMPUAM", "female"),
        ("sex", "SAPI", None),
        ("blood_type", "O", "O"),
        ("blood_type", "0", "O"),
        ("blood_type", "AB+", "AB+"),
        ("blood_type", ": -", "-"),
        ("blood_type", "", None),
        ("rt_rw", "004/002", "004/002"),
        ("rt_rw", "OO4/002", "004/002"),
        ("rt_rw", "0041002", "004/002"),
        ("rt_rw", "004002", "004/002"),
        ("rt_rw", "04/2", None),
        ("religion", "1SLAM", "ISLAM"),
        ("religion", "KATHOLIK", "KATHOLIK"),
        ("religion", "KUCING", None),
        ("marital_status", "BELUM KAWIN", "BELUM KAWIN"),
        ("marital_status", "KAWIN", "KAWIN"),
        ("marital_status", "CERAI MATl", "CERAI MATI"),
        ("citizenship", "WN1", "WNI"),
        ("valid_until", "SEUMUR HIDUR", "SEUMUR HIDUP"),
        ("valid_until", "12-05-2017", "2017-05-12"),
        ("name", "| MARI", "I MARI"),
        ("name", "ST. AMINAH, S.SOS", "ST. AMINAH, S.SOS"),
        ("address", "JL. MERDEKA NO.18", "JL. MERDEKA NO.18"),
        ("village", "~", None),
    ],
)
def test_a_row_is_understood(row: str, printed: str, value: str | None) -> None:
    read: Callable[[str], parse.Reading | None] = parse.VALUES[row]

    found = read(printed)

    assert (found and found[0]) == value


@pytest.mark.parametrize(
    ("printed", "nik"),
    [
        ("7312025205799901", "7312025205799901"),
        ("73120252 05799901", "7312025205799901"),
        ("731202520579990", None),
        ("7312027205799901", None),
        ("7312025213799901", None),
        ("", None),
    ],
)
def test_a_nik_has_16_digits_and_a_day_that_exists(printed: str, nik: str | None) -> None:
    assert parse.parse_nik(printed) == nik
