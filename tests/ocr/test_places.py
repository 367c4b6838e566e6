"""Village and district of a card, each of which tells what the other must be."""

from __future__ import annotations

import pytest

from bot.ocr.places import settled


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        (("JAMPU", "UURIAJA"), ("JAMPU", "LILIRIAJA")),
        (("BARINGFNG", "LILIRILAU"), ("BARINGENG", "LILIRILAU")),
        (("JAMPU", "LILIRIAJA"), ("JAMPU", "LILIRIAJA")),
        (("JAMPU", "TANETE RIATTANG"), ("JAMPU", "TANETE RIATTANG")),  # a village of this name elsewhere
        (("CEMPAKA", "LILIRIAJA"), ("CEMPAKA", "LILIRIAJA")),  # close to none
        (("JAMPUE", "UURIAJA"), ("JAMPUE", "UURIAJA")),  # neither is certain
    ],
)
def test_the_one_that_was_read_well_mends_the_other(read: tuple[str, str], meant: tuple[str, str]) -> None:
    assert settled(*read) == meant
