"""What the tests of the runtime share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.runtime import small_service
from tests.runtime.held import SHOWING


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits 20 ms for a lock instead of five seconds."""
    monkeypatch.setattr("db.engine.BUSY_MS", 20)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """An empty SQLite database, for what is SQLite's alone."""
    return f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}"


@pytest.fixture
def showing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small service has a conversation that wants a photo."""
    monkeypatch.setattr(small_service, "HOUSE", SHOWING)
