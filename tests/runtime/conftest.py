"""What the tests of the runtime share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite waits 20 ms for a lock instead of five seconds."""
    monkeypatch.setattr("db.engine.BUSY_MS", 20)
