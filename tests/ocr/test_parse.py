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
        ("HIR SOPPENG, 12-05-1979", "SOPPENG", "1979-05-12"),  # the end of a long label
        (": AHIR : SOPPENG, 12-05-1979", "SOPPENG", "1979-05-12"),
        ("AIRMADIDI, 12-05-1979", "AIRMADIDI", "1979-05-12"),
        ("AIR MOLEK, 12-05-1979", "AIR MOLEK", "1979-05-12"),
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
        ("occupation", "PEGAWAI NEGERI SIPIL", "PEGAWAI NEGERI SIPIL"),
        ("occupation", "PEGAWAI NEGERI SIPIL (PNS)", "PEGAWAI NEGERI SIPIL (PNS)"),
        ("occupation", "PEGAWAI NEGERI SIPIL (PNS", "PEGAWAI NEGERI SIPIL (PNS)"),
        ("occupation", "TENTARA NASIONAL INDONESIA", "TENTARA NASIONAL INDONESIA"),
        ("occupation", "TENTARA NASIONAL INDONESlA (TNI)", "TENTARA NASIONAL INDONESIA (TNI)"),
        ("occupation", "KEPOLISIAN RI", "KEPOLISIAN RI"),
        ("occupation", "KEPOLISIAN RI (P0LRI)", "KEPOLISIAN RI (POLRI)"),
        ("occupation", "WIRASWASTA 12-05-2013", "WIRASWASTA"),  # the day of issue, below the portrait
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
        ("village", "L0MPO", "LOMPO"),
        ("village", "LAB0", "LABO"),
        ("address", "JL. P0ROS NO. 1O", "JL. POROS NO. 10"),
        ("address", "BTN A10 NO. 105", "BTN A10 NO. 105"),
        ("address", "BLOK C/3O", "BLOK C/30"),
        ("address", "BLOK C01", "BLOK C01"),
        ("address", "BLOK B0", "BLOK B0"),
        ("address", "JL. POROS NO. 1OO", "JL. POROS NO. 100"),
        ("address", "JL. ABADI 10A", "JL. ABADI 10A"),
        ("address", "JL. ABADI 5OMPO", "JL. ABADI 5OMPO"),  # a space was missed, and OMPO is a word
        ("address", "JL, PEMUDA NO, 10", "JL. PEMUDA NO. 10"),
        ("address", "JLN, PEMUDA NO,10", "JLN. PEMUDA NO.10"),
        ("address", "JL. PEMUDA, DUSUN LAPPA", "JL. PEMUDA, DUSUN LAPPA"),
        ("address", "DUSUN TANO, LAPPA", "DUSUN TANO, LAPPA"),
        ("name", "NUR AINI, S.ST, M.KES", "NUR AINI, S.ST, M.KES"),
        ("name", "MARWAH, DRA, M.SI", "MARWAH, DRA, M.SI"),
        ("name", "ANDI TENRI, S.SOS", "ANDI TENRI, S.SOS"),
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


@pytest.mark.parametrize(
    ("printed", "province"),
    [
        ("PROVINSI SULAWESI SELATAN", "SULAWESI SELATAN"),
        ("PROVINSI SULAWESI SELAIAN", "SULAWESI SELAIAN"),  # as it was read: the other areas mend it
        ("PROVINS1 SULAWESI SELATAN", "SULAWESI SELATAN"),
        ("PR0VINSI PAPUA BARAT", "PAPUA BARAT"),
        ("PROVINSI DKI JAKARTA", "DKI JAKARTA"),
        ("PROVINSI", None),
        ("KABUPATEN SOPPENG", None),
        ("SERTIFIKAT VAKSINASI", None),
        ("", None),
    ],
)
def test_the_province_is_as_printed_behind_its_title_else_the_closest_one(printed: str, province: str | None) -> None:
    found = parse.parse_province(printed)

    assert (found and found[0]) == province


@pytest.mark.parametrize(
    ("printed", "regency", "exact"),
    [
        ("KABUPATEN SOPPENG", "KABUPATEN SOPPENG", True),
        ("KABUPATEN SOPPFNG", "KABUPATEN SOPPFNG", True),
        ("KABUPATEN UJUNG BARU", "KABUPATEN UJUNG BARU", True),  # of a name that no list has
        ("KOTA PAREPARE", "KOTA PAREPARE", True),
        ("KABUPATEM SOPPENG", "KABUPATEN SOPPENG", False),
        ("JAKARTA TIMUR", "JAKARTA TIMUR", True),
        ("JAKARTA TIMUP", "JAKARTA TIMUR", False),
        ("JAKARTA", None, False),
        ("KOTA", None, False),
        ("PROVINSI SULAWESI SELATAN", None, False),
        ("SOPPENG", None, False),
        ("XQ WZ 12", None, False),
        ("", None, False),
    ],
)
def test_the_regency_is_as_printed_behind_its_title_else_the_closest_one(
    printed: str, regency: str | None, exact: bool
) -> None:
    found = parse.parse_regency(printed)

    assert (found and found[0]) == regency
    assert (found is not None and found[1] == 1.0) == exact
