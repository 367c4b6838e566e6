"""The invented cards themselves: nobody real, nothing heavy, the same from the same seed."""

from __future__ import annotations

import io
import json
import random
from datetime import date

import numpy as np
import pytest
from PIL import Image

from rules.nik import Nik, mismatches
from tests.ktp import HASNA, LEVELS, UNUSABLE, draw_card, invent, mismatched, photo, resident, unusable
from tests.ktp.digits import FACES, digit_tile
from tests.ktp.layout import BOTTOM, HEIGHT, PORTRAIT_HEIGHT, RIGHT, Placed, Style, any_style, placed
from tests.ktp.samples import BYTES_MAX, FOLDER, GOOD, SERIALS, SPOILT, people

TODAY = date(2026, 11, 21)
CARDS = 60
"""So many people and styles are tried: every face that is installed, every way to wrap."""


def test_invented_people_agree_with_themselves_and_have_a_reserved_serial() -> None:
    chance = random.Random(1)
    anyone = (maker(chance) for maker in (invent, resident) for _ in range(200))
    for person in (HASNA, *people().values(), *anyone):
        nik = Nik.parse(person.nik)
        assert isinstance(nik, Nik)
        assert mismatches(nik, person.birth_date, nik.sex, TODAY) == ()
        assert nik.sex == person.sex
        assert 9900 <= int(nik.serial) <= 9999


def test_hasna_is_who_she_always_is() -> None:
    assert (HASNA.nik, HASNA.birth_date, HASNA.village) == ("7312025205799901", date(1979, 5, 12), "JAMPU")


def test_residents_are_as_different_as_those_who_come() -> None:
    chance = random.Random(2)
    many = [resident(chance) for _ in range(300)]

    assert any(" " not in person.name for person in many)
    assert any(len(person.name) > 30 for person in many)
    assert any(person.regency != "KABUPATEN SOPPENG" for person in many)
    assert any(person.regency == "KABUPATEN SOPPENG" and person.nik[:4] != "7312" for person in many)
    assert {person.valid_until[:2] for person in many} == {"SE", "20"}
    assert "000/000" in {person.rt_rw for person in many} and "-" in {person.blood_type for person in many}


def test_a_mismatched_card_contradicts_its_nik() -> None:
    for seed in ("1", "2", "3"):
        person = mismatched(seed)[1]
        nik = Nik.parse(person.nik)
        assert isinstance(nik, Nik)
        assert mismatches(nik, person.birth_date, "female" if person.sex == "female" else "male", TODAY)


def test_sample_people_can_be_registered_and_choose_the_sandbox_answer() -> None:
    for name, person in people().items():
        birthday_passed = (TODAY.month, TODAY.day) >= (person.birth_date.month, person.birth_date.day)
        assert 18 <= TODAY.year - person.birth_date.year - (not birthday_passed) <= 64
        if name in SERIALS:
            assert int(person.nik[-4:]) == SERIALS[name]


def test_the_samples_are_complete_and_light() -> None:
    photos = {path.stem: path.stat().st_size for path in FOLDER.glob("*.jpg")}
    truth = [json.loads(line) for line in (FOLDER / "truth.jsonl").read_text().splitlines()]

    assert set(photos) == {*GOOD, *SERIALS, *SPOILT}
    assert max(photos.values()) < BYTES_MAX
    assert truth == [{"file": f"{name}.jpg", **person.truth()} for name, person in people().items()]


@pytest.mark.parametrize("seed", range(CARDS))
def test_what_is_printed_lies_on_the_card_and_no_value_covers_another(seed: int) -> None:
    chance = random.Random(seed)
    style = any_style(chance)
    words = placed(resident(chance), style)
    boxes = [word.box() for word in words if word.field]

    assert all(left >= 0 and top >= 0 and right <= RIGHT and bottom <= BOTTOM for left, top, right, bottom in boxes)
    assert not any(_overlap(one, other) for at, one in enumerate(boxes) for other in boxes[:at])
    assert not any(_on_portrait(word, style) for word in words if word.field not in (None, "province", "regency"))


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """By more than the leading: the height of a line holds more than its capitals."""
    leading = 0.3 * min(one[3] - one[1], other[3] - other[1])
    return min(one[2], other[2]) > max(one[0], other[0]) and min(one[3], other[3]) - max(one[1], other[1]) > leading


def _on_portrait(word: Placed, style: Style) -> bool:
    left, top, wide = style.portrait
    return _overlap(word.box(), (left, top, left + wide, min(HEIGHT, top + PORTRAIT_HEIGHT)))


@pytest.mark.parametrize("face", FACES)
def test_no_two_digits_of_our_own_faces_look_alike(face: str) -> None:
    tiles = [np.asarray(digit_tile(face, digit, 40, 0.12), np.int16) for digit in "0123456789"]

    unlike = [float(np.abs(one - other).mean()) for at, one in enumerate(tiles) for other in tiles[:at]]
    assert min(unlike) > 8


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_draws_and_the_same_seed_takes_the_same_photo(level: str) -> None:
    taken, person = photo(level, "test 1")

    assert (taken, person) == photo(level, "test 1")
    assert taken != photo(level, "test 2")[0]
    with Image.open(io.BytesIO(taken)) as picture:
        assert min(picture.size) >= 380


@pytest.mark.parametrize("kind", UNUSABLE)
def test_every_unusable_kind_draws_with_its_fault(kind: str) -> None:
    taken, fault = unusable(kind, "test 1")

    assert (taken, fault) == unusable(kind, "test 1")
    assert taken.startswith(b"\xff\xd8") and fault == UNUSABLE[kind]


def test_every_card_says_that_it_is_a_specimen() -> None:
    card = np.asarray(draw_card(HASNA, random.Random(3)), np.int16)

    red = (card[..., 0] > 150) & (card[..., 1] < 90) & (card[..., 2] < 90)
    assert red[round(card.shape[0] * 0.8) :, card.shape[1] * 2 // 3 :].sum() > 2000
