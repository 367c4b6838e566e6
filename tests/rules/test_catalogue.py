"""Whatever the tables show to people can be translated."""

from __future__ import annotations

from rules import benefits
from rules.catalogue import all_texts
from rules.claim_documents import DOCUMENTS
from rules.consent import CONSENTS
from rules.kinship import RELATIONS, by_code
from rules.occupations import OCCUPATIONS, groups


def test_every_text_of_the_tables_is_listed_once() -> None:
    listed = list(all_texts())
    shown = [named.name for table in (RELATIONS, groups(), OCCUPATIONS) for named in table]

    shown += [consent.words for consent in CONSENTS]
    shown += [words for document in DOCUMENTS for words in (document.title, document.advice)]
    shown += benefits.words()
    assert {text.msgid for text in shown} == set(listed)
    assert len(listed) == len(set(listed))


def test_no_text_is_long_or_asks_twice() -> None:
    assert all(0 < len(text) <= 160 and text.count("?") <= 1 for text in all_texts())


def test_the_kinds_of_kinship_are_a_closed_list() -> None:
    assert [relation.code for relation in RELATIONS] == ["spouse", "child", "parent", "sibling", "other"]
    assert by_code("spouse") == RELATIONS[0]
    assert by_code("neighbour") is None
