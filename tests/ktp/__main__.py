"""python -m tests.ktp OUTDIR --count 8 --seed 1: photos of invented KTPs and truth.jsonl, what stands on them.

python -m tests.ktp --samples draws the samples of the repository anew.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.ktp import samples
from tests.ktp.damage import LEVELS
from tests.ktp.photos import photo, unusable
from tests.ktp.unusable import UNUSABLE


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ktp", description="Draws photos of invented KTPs.")
    parser.add_argument("outdir", type=Path, nargs="?", help="folder for the photos")
    parser.add_argument("--count", type=int, default=8, help="photos per level")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--level", choices=[*LEVELS, *UNUSABLE], action="append", help="default: all")
    parser.add_argument("--samples", action="store_true", help="draw tests/ktp/samples anew")
    wanted = parser.parse_args()
    if wanted.samples:
        samples.write()
    elif wanted.outdir is None:
        parser.error("OUTDIR is missing")
    else:
        _write(wanted.outdir, wanted.count, wanted.seed, wanted.level or [*LEVELS, *UNUSABLE])


def _write(folder: Path, count: int, seed: str, levels: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w") as truth:
        for level in levels:
            for number in range(count):
                name = f"{level}-{number:03d}.jpg"
                taken, says = _taken(level, f"{seed} {number}")
                (folder / name).write_bytes(taken)
                truth.write(json.dumps({"file": name, "level": level, **says}) + "\n")


def _taken(level: str, seed: str) -> tuple[bytes, dict[str, str]]:
    if level in LEVELS:
        taken, person = photo(level, seed)
        return taken, person.truth()
    taken, fault = unusable(level, seed)
    return taken, {"rejected": fault}


if __name__ == "__main__":
    main()
