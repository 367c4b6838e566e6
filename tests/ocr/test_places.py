"""The areas of a card, each of which tells what the others must be."""

from __future__ import annotations

import pytest

from bot.ocr.places import settled
from rules import indonesia


@pytest.mark.parametrize(
    ("village", "district", "mended"),
    [
        ("JAMPU", "UURIAJA", {"district": "LILIRIAJA"}),
        ("BARINGFNG", "LILIRILAU", {"village": "BARINGENG"}),
        ("JAMPU", "LILIRIAJA", {}),
        ("JAMPU", "TANETE RIATTANG", {}),  # a village of this name elsewhere
        ("CEMPAKA", "LILIRIAJA", {}),  # close to none
        ("JAMPUE", "UURIAJA", {}),  # neither is certain
    ],
)
def test_village_or_district_that_was_read_well_mends_the_other(
    village: str, district: str, mended: dict[str, str]
) -> None:
    read = {"village": village, "district": district}

    assert {**read, **settled(read, unsure=())} == {**read, **mended}


@pytest.mark.parametrize(
    ("read", "unsure", "mended"),
    [
        (("SULAWESI SELATAN", "KABUPATEN BONF", "LAMURU"), ("regency",), {"regency": "KABUPATEN BONE"}),
        (("SULAWESI SELATAN", "KABUPATEN BONE", "LAMURV"), ("district",), {"district": "LAMURU"}),
        (("SULAWESI SELAIAN", "KABUPATEN BONE", "LAMURU"), ("province",), {"province": "SULAWESI SELATAN"}),
        (("SULAWESI SELATAN", "KABUPATEN BONE", "LAMVRV"), (), {}),  # far, and it was read for sure
        (("SULAWESI SELATAN", "KABUPATEN BARRU", "TANETE RIAIA"), (), {"district": "TANETE RIAJA"}),
        (("SULAWESI SELATAN", "KOTA PARE-PARE", "BACUKIKI"), ("regency",), {}),  # as it is printed
        (("PAPUA", "KABUPATEN BONF", "LAMURU"), ("regency",), {}),  # no such regency there
        (("SULAWESI SELATAN", "KABUPATEN BONE", "QWERTY"), ("district",), {}),
        (("SULAWESI SELATAN", "KABUPATEN SOPPENG", "CIT.TA"), ("district",), {"district": "CITTA"}),
        (("DKI JAKARTA", "JAKARTA TIMUP", "MATRAMAN"), ("regency",), {"regency": "JAKARTA TIMUR"}),
        (("PAPUA", "KABUPATEN ASMAT", "AGATS"), (), {}),  # of another province now
        (("PAPUA", "KABUPATEN ASMAT", "AGATS"), ("regency", "district"), {}),
        (("SUMATERA UTARA", "KABUPATEN TOBA SAMOSIR", "BALIGE"), ("regency",), {}),  # its name then
        (("KALIMANTAN UTARA", "KABUPATEN NUNUKAN", "SEBUKU"), (), {}),
    ],
)
def test_an_unsure_area_becomes_the_one_within_the_area_above_it(
    read: tuple[str, str, str], unsure: tuple[str, ...], mended: dict[str, str]
) -> None:
    names = dict(zip(("province", "regency", "district"), read, strict=True))

    assert {**names, **settled(names, unsure)} == {**names, **mended}


def test_a_village_of_this_name_says_nothing_about_a_district_elsewhere() -> None:
    read = {"regency": "KABUPATEN BONE", "district": "LAPPARIAJA", "village": "GALUNG"}

    assert {**read, **settled(read, unsure=())} == read


@pytest.mark.parametrize("code", [code for code in indonesia.parts_of("") for code in indonesia.parts_of(code)])
def test_a_district_that_is_exactly_right_stays(code: str) -> None:
    for district in indonesia.parts_of(code):
        read = {"province": indonesia.printed(code[:2])[0], "regency": indonesia.printed(code)[0],
                "district": indonesia.printed(district)[0]}  # fmt: skip

        assert settled(read, unsure=()) == settled(read, unsure=read) == read


def test_a_name_that_is_known_where_it_stands_is_told_as_such() -> None:
    names = {"province": "SULAWESI SELATAN", "regency": "KABUPATEN SOPPENG", "district": "CITTA", "village": "JAMPU"}

    assert settled(names, unsure=names) == {name: names[name] for name in ("province", "regency", "district")}
