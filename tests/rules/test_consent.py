"""Consent is asked for one purpose at a time, in words that can be proved later."""

from __future__ import annotations

from datetime import date

import pytest

from rules.consent import CONSENTS, PURPOSES, Consent, current
from tests.rules.values import TODAY

SHOWN = {
    ("registration", 1): "6c0c325dbda895eea21bd6ae48300da8be76f7451f955cbc6c87462e59556123",
    ("registration", 2): "e24f87f2ca2489561e08bd43d20993fdb631293bcf9e851441a159454e74b2e8",
    ("reminders", 1): "2da55bca3e09382b1dd7f84c1cb3b43220c55f1711b5a20f9401d173d7fe87db",
    ("sharing", 1): "838350df76898564bdb46376136085035c54f28db9e8662ae039b61272efe1b1",
}
"""SHA-256 of the words of each version. A failing line means: add a version, don't change words already shown."""


def test_every_purpose_has_words_today() -> None:
    assert [current(purpose, TODAY).purpose for purpose in PURPOSES] == list(PURPOSES)


def test_words_once_shown_never_change() -> None:
    assert {(consent.purpose, consent.version): consent.digest for consent in CONSENTS} == SHOWN


@pytest.mark.parametrize("consent", CONSENTS, ids=lambda consent: f"{consent.purpose}-{consent.version}")
def test_words_are_short_and_ask_once(consent: Consent) -> None:
    words = consent.words.msgid

    assert len(words) <= 160
    assert words.count("?") == 1
    assert words.count("?") + words.count(".") <= 2


def test_before_the_first_words_there_are_none() -> None:
    with pytest.raises(LookupError, match=r"consent\.toml holds no words for sharing on 2026-10-31"):
        current("sharing", date(2026, 10, 31))
    assert current("sharing", date(2026, 11, 1)).version == 1
