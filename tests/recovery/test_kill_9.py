"""Kill -9 at random points of people's enrolments; `python -m bench.kill` is the same with more kills."""

from __future__ import annotations

from pathlib import Path

from tests.recovery.storm import calm, storm
from tests.recovery.verdict import breaches

KILLS, PEOPLE, SEED = 6, 6, 1
LIMIT_S = 120.0


async def test_after_kill_9_every_conversation_continues(database: str, another_database: str, tmp_path: Path) -> None:
    disturbed = await storm(database, tmp_path / "storm", kills=KILLS, seed=SEED, at_once=PEOPLE, limit_s=LIMIT_S)
    undisturbed = await calm(another_database, tmp_path / "calm", disturbed.people, SEED, limit_s=LIMIT_S)

    assert breaches(disturbed, undisturbed) == []
    assert len(disturbed.hits) == KILLS
