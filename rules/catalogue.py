"""The sentences and names that stand in data tables, for the extraction of the gettext catalogue.

Those in the code are found by their `_("…")`; these can't be. Invariant: what a table shows to people is here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import benefits
from rules.claim_documents import DOCUMENTS
from rules.consent import CONSENTS
from rules.kinship import RELATIONS
from rules.occupations import OCCUPATIONS, groups
from rules.words import Text


def all_texts() -> Iterator[str]:
    """Every sentence and name of the tables once, in the source language, in the order of the tables."""
    yield from dict.fromkeys(text.msgid for text in _texts())


def _texts() -> Iterator[Text]:
    for relation in RELATIONS:
        yield relation.name
    for group in groups():
        yield group.name
    for occupation in OCCUPATIONS:
        yield occupation.name
    for consent in CONSENTS:
        yield consent.words
    for document in DOCUMENTS:
        yield document.title
        yield document.advice
    yield from benefits.words()
