"""The languages: Indonesian stands in the code, every other one is a gettext catalogue in a folder beside this file.

Catalogues are read as .po at the start; there is no compiled form to forget. Invariant: every catalogue is complete
and keeps every `{parameter}` (tests/test_locales.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from rules.words import Translate

SOURCE = "id"
FOLDER = Path(__file__).resolve().parent


@cache
def catalogues() -> Mapping[str, Translate]:
    """Each language with its translation of a source sentence."""
    found: dict[str, Translate] = {SOURCE: str}
    for path in sorted(FOLDER.glob("*/siaga.po")):
        found[path.parent.name] = _translate(read(path))
    return found


def read(path: Path) -> Catalog:
    """The catalogue in this file."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.name)


def _translate(catalogue: Catalog) -> Translate:
    told: Mapping[str, str] = {str(one.id): str(one.string) for one in catalogue if one.id and one.string}
    return lambda sentence: told.get(sentence, sentence)
