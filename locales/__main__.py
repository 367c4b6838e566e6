"""`python -m locales`: bring every catalogue up to the sentences in the code and in the data tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from locales import FOLDER, read
from rules.catalogue import all_texts

ROOT = FOLDER.parent
SOURCES = ("rules", "bot")
LANGUAGES = ("en",)


def sentences() -> Iterator[str]:
    """Every sentence once: those marked `_("…")` in the code, then those of the data tables."""
    found: dict[str, None] = {}
    for source in SOURCES:
        for _file, _line, message, _comments, _context in extract_from_dir(
            ROOT / source, method_map=[("**.py", "python")], keywords={"_": None}
        ):
            found[str(message)] = None
    found.update(dict.fromkeys(all_texts()))
    yield from found


def main() -> None:
    template = Catalog(project="siaga", charset="utf-8")
    for sentence in sentences():
        template.add(sentence)
    for language in LANGUAGES:
        path = FOLDER / language / "siaga.po"
        path.parent.mkdir(exist_ok=True)
        catalogue = read(path) if path.exists() else Catalog(locale=language, project="siaga")
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        _write(path, catalogue)


def _write(path: Path, catalogue: Catalog) -> None:
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, omit_header=True, sort_output=False)


if __name__ == "__main__":
    main()
