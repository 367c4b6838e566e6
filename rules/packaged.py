"""The tables that travel with this package, read once, when the module that owns them is imported.

Invariant: a table that doesn't fit its type stops the program at the start, not at a farmer's message.
"""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from typing import TypeVar

import msgspec

Table = TypeVar("Table")


def toml_table(name: str, kind: type[Table]) -> Table:
    """The file `name` of rules/data as a value of `kind`. msgspec.ValidationError if it doesn't fit."""
    return msgspec.convert(tomllib.loads(_text(name)), kind)


def csv_rows(name: str) -> list[dict[str, str]]:
    """The rows of the file `name` of rules/data, by column; lines that begin with # are comments."""
    return list(csv.DictReader(line for line in _text(name).splitlines() if not line.startswith("#")))


def _text(name: str) -> str:
    return (files("rules") / "data" / name).read_text(encoding="utf-8")
