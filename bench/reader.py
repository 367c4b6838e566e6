"""How well and how fast KTP photos are read: python -m bench.reader [--count N] [--tesseract] [--misses].

Drawn cards only: what stands on them is known, but real print, real light and real hands differ. The figure that
matters is a wrong NIK without any doubt: it must be 0. The seeds of the bench are used for nothing else; with --tune
the photos are those that thresholds and recognisers may be tuned on.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import re
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pytesseract
from PIL import Image

from bench.scores import CLAIMED, WHOLE, Plain, Read, Refusal, at_most, compared, percentile, refusal, share
from bot.ocr import read
from rules.card import FIELDS
from tests.ktp import LEVELS, MAY_BE_DOUBTED, UNUSABLE, mismatched, photo, unusable
from tests.ktp.samples import FOLDER

TODAY = date(2026, 11, 21)
OTHERS = ("unusable", "mismatched")
PLAIN_S_MAX = 30  # for one Tesseract reading of a whole photo
MEMORY_PHOTOS = 5  # of each level, read by a process that does nothing else
PLAIN_PART, UNUSABLE_PART = 5, 10  # of the photos of a level, every fifth also by Tesseract; a tenth of each kind


def main() -> None:
    wanted = _parser().parse_args()
    space = "tune" if wanted.tune else "bench"
    seeds = [f"{space} {wanted.seed} {number}" for number in range(wanted.count)]
    levels = wanted.level or [*LEVELS, *OTHERS]
    kinds = seeds[: max(1, wanted.count // UNUSABLE_PART)]
    print(
        f"{wanted.count} drawn photos a level, {len(kinds)} a kind of unusable ones, "
        f"seeds '{space} {wanted.seed} ...', {wanted.jobs} process(es)"
    )
    with ProcessPoolExecutor(wanted.jobs, multiprocessing.get_context("spawn"), _warm_up) as pool:
        plain = {*seeds[::PLAIN_PART]} if wanted.tesseract else set[str]()
        read_ones = {level: [*pool.map(partial(_outcome, level, plain), seeds)]
                     for level in levels if level in LEVELS}  # fmt: skip
        _print_levels(read_ones, wanted.tesseract)
        if "mismatched" in levels:
            _print_mismatches([*pool.map(partial(_outcome, "mismatched", set()), seeds)])
        if "unusable" in levels:
            _print_refusals(
                [one for kind in UNUSABLE for one in pool.map(partial(_refused, kind), kinds)], wanted.misses
            )
    print(f"\nmemory of a process that only reads, at most {_peak_mb(seeds[:MEMORY_PHOTOS], [*read_ones]):.0f} MB")
    if wanted.misses:
        _print_misses(read_ones)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.reader")
    parser.add_argument(
        "--count", type=int, default=50, help="photos a level; a tenth of it of each kind of unusable ones"
    )
    parser.add_argument("--seed", default="1")
    parser.add_argument("--level", choices=[*LEVELS, *OTHERS], action="append", help="default: all")
    parser.add_argument("--tesseract", action="store_true", help="also read every fifth photo whole with Tesseract")
    parser.add_argument("--misses", action="store_true", help="also print what was missed, and its seed")
    parser.add_argument("--jobs", type=int, default=1, help="processes; more than 1 makes the seconds worse")
    parser.add_argument("--tune", action="store_true", help="other photos, which may be tuned on")
    return parser


def _warm_up() -> None:
    """Models are loaded once in the life of a process, which is not the time of a photo."""
    read((FOLDER / "hasna.jpg").read_bytes(), today=TODAY)


def _outcome(level: str, plain: set[str], seed: str) -> Read:
    taken, person = mismatched(seed) if level == "mismatched" else photo(level, seed)
    start = time.perf_counter()
    card = read(taken, today=TODAY)
    seconds = time.perf_counter() - start
    return compared(seed, card, person, seconds, _plain(taken, person.nik) if seed in plain else None)


def _refused(kind: str, seed: str) -> Refusal:
    taken, fault = unusable(kind, seed)
    start = time.perf_counter()
    card = read(taken, today=TODAY)
    return refusal(seed, kind, fault, kind in MAY_BE_DOUBTED, card, time.perf_counter() - start)


def _plain(taken: bytes, nik: str) -> Plain:
    """Tesseract on the photo as it came, and the first 16 digits in a line of what it says."""
    start = time.perf_counter()
    with Image.open(io.BytesIO(taken)) as picture:
        try:
            said = pytesseract.image_to_string(picture, config="--psm 6", timeout=PLAIN_S_MAX)
        except RuntimeError:  # pytesseract's word for a timeout
            said = ""
    seconds = time.perf_counter() - start
    found = re.search(r"(?<!\d)\d{16}(?!\d)", re.sub(r"[ .]", "", said))
    got = found.group() if found else ""
    return Plain(exact=got == nik, wrong=got not in ("", nik), seconds=seconds)


def _print_levels(levels: dict[str, list[Read]], with_plain: bool) -> None:
    print("\nreadable photos, in % of each level; whole: 12 fields exact; loosely: but for punctuation and spaces")
    _print_table({level: _figures(ones) for level, ones in levels.items()})
    fields = [*WHOLE, *(name for name in FIELDS if name not in WHOLE)]
    print("\neach field exact, in % of each level")
    _print_table({level: {name: f"{share(one.exact((name,)) for one in ones):.1f}" for name in fields}
                      for level, ones in levels.items()})  # fmt: skip
    ones = [one for level in levels.values() for one in level]
    silent = sum(one.silent for one in ones)
    if ones:
        print(
            f"\nwrong NIK without a doubt: {silent} of {len(ones)}, 95 % sure below {at_most(silent, len(ones)):.2f} %"
        )
    if with_plain:
        print("\nwhole-card Tesseract on every fifth of the same photos, and ours on those")
        _print_table({level: _plain_figures(level_ones) for level, level_ones in levels.items()})


def _figures(ones: list[Read]) -> dict[str, str]:
    claims = [right for one in ones for right in one.claims]
    seconds = [one.seconds for one in ones]
    return {
        "NIK": f"{share(one.exact(('nik',)) for one in ones):.1f}",
        "whole": f"{share(one.exact(WHOLE) for one in ones):.1f}",
        "loosely": f"{share(one.loosely(WHOLE) for one in ones):.1f}",
        "refused": f"{share(bool(one.refused) for one in ones):.1f}",
        "silent NIK": f"{share(one.silent for one in ones):.1f}",
        "false alarm": f"{share(one.alarmed for one in ones):.1f}",
        f"right of sure {CLAIMED:.0%}": f"{share(claims):.1f} of {len(claims)}",
        "s p50": f"{percentile(seconds, 0.5):.2f}",
        "p95": f"{percentile(seconds, 0.95):.2f}",
    }


def _plain_figures(ones: list[Read]) -> dict[str, str]:
    plain = [one.plain for one in ones if one.plain]
    ours = [one.seconds for one in ones if one.plain]
    return {
        "NIK": f"{share(one.exact for one in plain):.1f}",
        "wrong NIK": f"{share(one.wrong for one in plain):.1f}",
        "s p50": f"{percentile((one.seconds for one in plain), 0.5):.2f}",
        "p95": f"{percentile((one.seconds for one in plain), 0.95):.2f}",
        "ours p50": f"{percentile(ours, 0.5):.2f}",
        "ours p95": f"{percentile(ours, 0.95):.2f}",
    }


def _print_mismatches(ones: list[Read]) -> None:
    cards = [one for one in ones if not one.refused]
    print(f"\nNIK against birth date or sex: {share(one.alarmed for one in cards):.1f} % of {len(cards)} cards flagged")


def _print_refusals(ones: list[Refusal], misses: bool) -> None:
    print("\nphotos that can't be used, in % of each kind")
    kinds = {kind: [one for one in ones if one.kind == kind] for kind in UNUSABLE}
    kinds["all"] = ones
    rows = {kind: {"refused": f"{share(one.refused for one in some):.1f}",
                   "right reason": f"{share(one.right for one in some):.1f}",
                   "s p95": f"{percentile((one.seconds for one in some), 0.95):.2f}",
                   "said": ", ".join(f"{said} {times}" for said, times in Counter(o.said for o in some).most_common(4))}
            for kind, some in kinds.items()}  # fmt: skip
    _print_table(rows)
    for one in ones:
        if misses and not one.right:
            print(f"  {one.kind}, seed '{one.seed}': {one.said}")


def _print_misses(levels: dict[str, list[Read]]) -> None:
    """Of a NIK only how many digits differ is said."""
    for level, ones in levels.items():
        print(f"\n{level}: missed", Counter(name for one in ones for name, _, _ in one.missed).most_common())
        for one in ones:
            if one.refused:
                print(f"  seed '{one.seed}': refused, {one.refused}")
            for name, truth, got in one.missed:
                print(
                    f"  seed '{one.seed}': {name}", _unlike(truth, got) if name == "nik" else f"{truth!r} read {got!r}"
                )


def _unlike(truth: str, got: str) -> str:
    return f"differs in {sum(a != b for a, b in zip(truth, got, strict=True))} digits" if got else "not read"


def _print_table(rows: dict[str, dict[str, str]]) -> None:
    if not rows:
        return
    heads = [*next(iter(rows.values()))]
    wide = {head: max(len(head), *(len(row[head]) for row in rows.values())) for head in heads}
    first = max(len(name) for name in rows)
    print("  ".join([" " * first, *(head.rjust(wide[head]) for head in heads)]))
    for name, row in rows.items():
        print("  ".join([name.ljust(first), *(row[head].rjust(wide[head]) for head in heads)]))


def _peak_mb(seeds: list[str], levels: list[str]) -> float:
    """In a process of its own, which draws nothing: the photos come as files."""
    with tempfile.TemporaryDirectory() as folder:
        for level in levels or ["phone"]:
            for at, seed in enumerate(seeds):
                (Path(folder) / f"{level}-{at}.jpg").write_bytes(photo(level, seed)[0])
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
            return pool.submit(_read_all, folder).result()


def _read_all(folder: str) -> float:
    for path in sorted(Path(folder).iterdir()):
        read(path.read_bytes(), today=TODAY)
    # not getrusage: its figure is inherited from the process that started this one
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(peak.group(1)) / 1024 if peak else float("nan")


if __name__ == "__main__":
    main()
