"""A second empty database of the same kind, for the service that nobody disturbs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def another_database(request: pytest.FixtureRequest, database: str, tmp_path: Path) -> str:
    if database.startswith("sqlite"):
        return f"sqlite+aiosqlite:///{tmp_path / 'undisturbed.db'}"
    make: Callable[[], str] = request.getfixturevalue("postgres")
    return make()
