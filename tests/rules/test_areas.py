"""Villages and districts are found as people spell them; what is uncertain is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.areas import ALIASES, AREAS, Area, by_code, districts, find, issued_at, villages
from rules.folding import SUGGESTIONS_MAX, TEXT_MAX
from rules.nik import Nik


@pytest.mark.parametrize(
    ("code", "name", "kelurahan", "desa"),
    [
        ("73.12.01", "Marioriwawo", 2, 11),
        ("73.12.02", "Liliriaja", 3, 5),
        ("73.12.03", "Lilirilau", 4, 8),
        ("73.12.04", "Lalabata", 7, 3),
        ("73.12.05", "Marioriawa", 5, 5),
        ("73.12.06", "Donri-Donri", 0, 9),
        ("73.12.07", "Ganra", 0, 4),
        ("73.12.08", "Citta", 0, 4),
    ],
)
def test_a_district_has_its_villages(code: str, name: str, kelurahan: int, desa: int) -> None:
    kinds = [village.kind for village in villages(code)]
    district = by_code(code)

    assert district in districts()
    assert district is not None and district.name == name
    assert (kinds.count("Kelurahan"), kinds.count("Desa")) == (kelurahan, desa)


def test_the_table_is_whole() -> None:
    assert (len(AREAS), len(districts()), len(villages())) == (79, 8, 70)
    assert len({area.code for area in AREAS}) == 79
    assert [area.kind for area in AREAS].count("Kabupaten") == 1
    assert all(area.parent is None or by_code(area.parent) for area in AREAS)
    assert all(by_code(code) for code in ALIASES)


def test_an_unknown_code_is_no_area() -> None:
    assert by_code("73.12.99") is None
    assert villages("73.12.99") == ()


def test_where_a_nik_was_issued() -> None:
    lalabata = by_code("73.12.04")

    assert issued_at(Nik("7312045205799901").area_code) == lalabata
    assert issued_at("73.71.01") is None  # another regency is no fault
    assert issued_at("73.12.04.1001") is None  # a village issues none


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Jampu", "Jampu"),
        ("desa jampu", "Jampu"),
        ("Ds. JAMPU ", "Jampu"),
        ("donri donri", "Donri Donri"),
        ("Donri-Donri", "Donri Donri"),
        ("donri2", "Donri Donri"),
        ("batu-batu", "Batu Batu"),
        ("kel. batubatu", "Batu Batu"),
        ("Kelurahan Jennaé", "Jennae"),
        ("Jennae'", "Jennae"),
        ("attangsalo", "Attang Salo"),
        ("tellu limpoe", "Tellulimpoe"),
        ("lalabata riaja", "Lalabatariaja"),
        ("lalabata rilau", "Lalabata Rilau"),
        ("watu", "Watu"),
        ("watu toa", "Watu Toa"),
        ("cabbenge", "Cabenge"),
    ],
)
def test_a_village_is_found_as_people_spell_it(typed: str, name: str) -> None:
    found = find(typed, villages())

    assert found.exact is not None and found.exact.name == name
    assert found.near == ()


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("donri donri", "Donri-Donri"),
        ("Kec. Lalabata", "Lalabata"),
        ("kecamatan citta", "Citta"),
        ("Watansoppeng", "Lalabata"),
    ],
)
def test_a_district_is_found_as_people_spell_it(typed: str, name: str) -> None:
    found = find(typed, districts())

    assert found.exact is not None and found.exact.name == name


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("kel. ompu", ["Ompo", "Lompulle"]),
        ("cabengge", ["Cabenge"]),
        ("mario", ["Marioriaja", "Mariorilau", "Marioritengnga"]),
        ("jampu liliriaja", ["Jampu"]),
        ("panincon", ["Panincong"]),
    ],
)
def test_a_near_spelling_is_asked_not_guessed(typed: str, names: list[str]) -> None:
    found = find(typed, villages())

    assert found.exact is None
    assert [area.name for area in found.near] == names


def test_a_name_of_two_areas_is_asked() -> None:
    found = find("Ganra", AREAS)

    assert found.exact is None
    assert [area.kind for area in found.near] == ["Kecamatan", "Desa"]


@pytest.mark.parametrize("typed", ["", "?", "desa", "Makassar", "12345", "jampu" + " " * TEXT_MAX])
def test_what_is_no_name_finds_nothing(typed: str) -> None:
    found = find(typed, villages())

    assert found.exact is None
    assert found.near == ()


@pytest.mark.parametrize("village", villages(), ids=lambda village: village.name)
def test_every_village_is_found_by_its_own_name(village: Area) -> None:
    for typed in (village.name, village.name.upper(), village.name.replace(" ", "-"), f"{village.kind} {village.name}"):
        assert find(typed, villages()).exact == village


@given(st.text(max_size=100))
def test_suggestions_are_few_and_never_beside_a_sure_one(typed: str) -> None:
    found = find(typed, villages())

    assert len(found.near) <= SUGGESTIONS_MAX
    assert found.exact is None or found.near == ()
