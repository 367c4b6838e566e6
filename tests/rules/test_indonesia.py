"""The areas of all of Indonesia."""

from __future__ import annotations

import pytest

from rules import areas, indonesia


def test_all_areas_are_known_by_level() -> None:
    provinces = indonesia.parts_of("")
    regencies = [code for province in provinces for code in indonesia.parts_of(province)]

    assert (len(provinces), len(regencies)) == (38, 514)
    assert sum(len(indonesia.parts_of(code)) for code in regencies) == 7285


def test_our_own_districts_are_the_same_in_both_lists() -> None:
    assert indonesia.parts_of("73.12") == tuple(area.code for area in areas.districts())
    assert {code: indonesia.name_of(code) for code in indonesia.parts_of("73.12")} == {
        area.code: area.name for area in areas.districts()
    }


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("73.12", ("KABUPATEN SOPPENG",)),
        ("31.75", ("JAKARTA TIMUR",)),
        ("31", ("DAERAH KHUSUS IBUKOTA JAKARTA", "DKI JAKARTA")),
    ],
)
def test_an_area_is_known_in_the_form_that_stands_on_a_card(code: str, printed: tuple[str, ...]) -> None:
    assert indonesia.printed(code) == printed


@pytest.mark.parametrize(
    ("area_code", "issued_in", "known"),
    [("73.08.13", "Kabupaten Bone", True), ("73.99.01", None, True), ("99.01.01", None, False)],
)
def test_where_a_nik_was_issued(area_code: str, issued_in: str | None, known: bool) -> None:
    assert indonesia.issued_in(area_code) == issued_in
    assert indonesia.is_known_province(area_code) == known
