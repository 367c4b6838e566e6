"""Ten weeks of thirty invented lives, over a New Year with other prices: at the end the books of all sides balance,
and nothing was said, lost or doubled that must not be."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from bot.settings import Settings
from tests.lives.outcome import Span, lived

SPAN = Span(people=30, first=date(2026, 11, 21), last=date(2027, 1, 31), seed=4, hardship=8)


async def test_ten_weeks_end_with_books_that_balance(settings: Settings, tmp_path: Path) -> None:
    outcome = await lived(settings, tmp_path, SPAN, lambda _month, _counted: None)

    assert [line for line in outcome.books.lines if not line.agrees] == []
    assert {what: found for what, found in outcome.broken.items() if found} == {}
    assert outcome.counted["messages"] > 500  # they did live
