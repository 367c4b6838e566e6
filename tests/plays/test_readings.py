"""The plays use readings of the sample photos that were kept; the card reader still reads the same."""

from __future__ import annotations

import msgspec
import pytest

from bot.ocr import read
from rules.card import FIELDS, Card, Unusable
from tests.ktp.samples import FOLDER
from tests.world import READINGS, START


@pytest.mark.parametrize("name", ["hasna.jpg", "dark.jpg", "slow.jpg"])
def test_a_kept_reading_is_what_the_reader_reads_today(name: str) -> None:
    kept = msgspec.json.decode(READINGS.read_bytes(), type=dict[str, Card | Unusable])

    now = read((FOLDER / name).read_bytes(), today=START.date())

    assert _values(now) == _values(kept[name])


def _values(found: Card | Unusable) -> object:
    """Without confidences, whose last digits differ from one processor to another."""
    if isinstance(found, Unusable):
        return found
    return found.doubts, {name: field.value for name in FIELDS if (field := getattr(found, name)) is not None}


def test_every_sample_has_its_reading() -> None:
    kept = msgspec.json.decode(READINGS.read_bytes())

    assert set(kept) == {path.name for path in FOLDER.glob("*.jpg")}
