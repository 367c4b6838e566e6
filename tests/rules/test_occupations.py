"""Occupations are found as people and cards name them, or chosen by group."""

from __future__ import annotations

import pytest

from rules.folding import fold
from rules.occupations import OCCUPATIONS, Occupation, by_code, find, groups, in_group


def test_the_list_is_whole() -> None:
    assert len({occupation.code for occupation in OCCUPATIONS}) == len(OCCUPATIONS)
    assert len(groups()) == 5
    assert [occupation for group in groups() for occupation in in_group(group.code)] == list(OCCUPATIONS)
    assert all(by_code(occupation.code) == occupation for occupation in OCCUPATIONS)


def test_only_transport_is_of_the_transport_sector() -> None:
    assert {each.group for each in OCCUPATIONS if each.sector == "transport"} == {"transport"}
    assert {each.sector for each in in_group("transport")} == {"transport"}


def test_an_unknown_code_is_none() -> None:
    assert by_code("astronaut") is None
    assert in_group("space") == ()


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("petani padi", "petani-padi"),
        ("Petani-Padi", "petani-padi"),
        ("ojek", "tukang-ojek"),
        ("NELAYAN/PERIKANAN", "nelayan-danau"),
        ("BURUH TANI/PERKEBUNAN", "buruh-tani"),
        ("tukang jahit", "penjahit"),
        ("pembantu rumah tangga", "asisten-rumah-tangga"),
        ("Kebun coklat", "pekebun-kakao"),
    ],
)
def test_is_found_as_people_and_cards_name_it(typed: str, code: str) -> None:
    assert find(typed).exact == by_code(code)


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("petani", ["petani-padi", "petani-jagung", "pekebun-kakao"]),
        ("PETANI/PEKEBUN", ["petani-padi", "petani-jagung", "pekebun-kakao"]),
        ("supir", ["sopir-angkutan", "sopir-truk"]),
        ("penjahitt", ["penjahit"]),
        ("dosen", []),
    ],
)
def test_the_uncertain_is_asked(typed: str, codes: list[str]) -> None:
    found = find(typed)

    assert found.exact is None
    assert [occupation.code for occupation in found.near] == codes


@pytest.mark.parametrize("occupation", OCCUPATIONS, ids=lambda occupation: occupation.code)
def test_every_occupation_is_found_by_its_own_name(occupation: Occupation) -> None:
    assert find(occupation.name.msgid).exact == occupation
    assert all(fold(alias) for alias in occupation.aliases)
