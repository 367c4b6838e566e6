"""docs/benefits-and-rules.md names what the table of benefits holds: every figure in rupiah, and where it was read."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = " ".join((ROOT / "docs" / "benefits-and-rules.md").read_text(encoding="utf-8").split())
TABLE = tomllib.loads((ROOT / "rules" / "data" / "benefits.toml").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = [entry for entries in TABLE.values() for entry in entries]


def test_every_sum_is_told() -> None:
    sums = {entry[key] for entry in ENTRIES for key in ("amount", "a_year", "amount_max") if key in entry}

    assert {one for one in sums if f"Rp{one:,}" not in PAGE} == set()


def test_every_source_is_told() -> None:
    read_at = {source for entry in ENTRIES for source in entry["read_at"].split("; ")}
    sources = read_at | {entry["source"] for entry in ENTRIES}

    assert {one for one in sources if one not in PAGE} == set()


def test_whatever_is_unconfirmed_is_told_as_such() -> None:
    doubted = {name for entry in ENTRIES for name in re.findall(r"\w+\.com", entry.get("unconfirmed", ""))}

    assert doubted == {"bongkar86.com"}
    assert all(name in PAGE.partition("## What isn't confirmed")[2] for name in doubted)
    assert sum("unconfirmed" in entry for entry in ENTRIES) == 2
