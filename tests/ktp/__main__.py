"""python -m tests.ktp OUTDIR --count 8 --seed 1: photos of invented KTPs and truth.jsonl, what stands on them.

python -m tests.ktp --samples draws the samples of the repository anew.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

from tests.ktp import samples
from tests.ktp.damage import DEGREES, photograph
from tests.ktp.draw import draw_card
from tests.ktp.people import invent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.ktp", description="Draws photos of invented KTPs.")
    parser.add_argument("outdir", type=Path, nargs="?", help="folder for the photos")
    parser.add_argument("--count", type=int, default=8, help="photos per degree of damage")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--degree", choices=[*DEGREES], action="append", help="default: all")
    parser.add_argument("--near", action="store_true", help="use fonts nearer to the print, where installed")
    parser.add_argument("--samples", action="store_true", help="draw tests/ktp/samples anew")
    wanted = parser.parse_args()
    if wanted.samples:
        samples.write()
    elif wanted.outdir is None:
        parser.error("OUTDIR is missing")
    else:
        _write(wanted.outdir, wanted.count, wanted.seed, wanted.degree or [*DEGREES], wanted.near)


def _write(folder: Path, count: int, seed: int, degrees: list[str], near: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "truth.jsonl").open("w") as truth:
        for degree in degrees:
            for number in range(count):
                chance = random.Random(f"{seed} {degree} {number}")
                person = invent(chance)
                name = f"{degree}-{number:03d}.jpg"
                (folder / name).write_bytes(photograph(draw_card(person, chance, near=near), degree, chance))
                truth.write(json.dumps({"file": name, "degree": degree, **person.truth()}) + "\n")


if __name__ == "__main__":
    main()
