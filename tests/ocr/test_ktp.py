"""The invented cards themselves: nobody real, nothing heavy, the same from the same seed."""

from __future__ import annotations

import json
import random
from datetime import date

from rules.nik import Nik, mismatches
from tests.ktp import HASNA, draw_card, invent, photograph
from tests.ktp.samples import BYTES_MAX, FOLDER, GOOD, SERIALS, SPOILT, people

TODAY = date(2026, 11, 21)


def test_invented_people_agree_with_themselves_and_have_a_reserved_serial() -> None:
    chance = random.Random(1)
    for person in (HASNA, *people().values(), *(invent(chance) for _ in range(200))):
        nik = Nik.parse(person.nik)
        assert isinstance(nik, Nik)
        assert mismatches(nik, person.birth_date, nik.sex, TODAY) == ()
        assert nik.sex == person.sex
        assert 9900 <= int(nik.serial) <= 9999


def test_hasna_is_who_she_always_is() -> None:
    assert (HASNA.nik, HASNA.birth_date, HASNA.village) == ("7312025205799901", date(1979, 5, 12), "JAMPU")


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


def test_the_same_seed_takes_the_same_photo() -> None:
    first, second = (photograph(draw_card(HASNA, random.Random(2)), "hard", random.Random(3)) for _ in range(2))

    assert first == second
