"""The catalogues of the languages: nothing untranslated, nothing lost, nothing left over."""

from __future__ import annotations

from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message

from bot.flows import HOUSE
from bot.talk.fold import global_word, yes_or_no
from locales import FOLDER, SOURCE, catalogues, read
from locales.__main__ import LANGUAGES, sentences

WORDS_MAX = 160
"""Characters of a message that is read on a small screen; the sources keep to it as well."""


@pytest.fixture(params=LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return read(FOLDER / request.param / "siaga.po")


def test_every_catalogue_on_disk_is_kept_up_and_can_be_spoken() -> None:
    on_disk = {path.parent.name for path in FOLDER.glob("*/siaga.po")}

    assert on_disk == set(LANGUAGES)
    assert set(catalogues()) == {SOURCE, *LANGUAGES}


def test_holds_the_sentences_of_code_and_tables(catalogue: Catalog) -> None:
    assert {str(message.id) for message in _messages(catalogue)} == set(sentences())
    assert not catalogue.obsolete


def test_every_sentence_is_translated(catalogue: Catalog) -> None:
    assert [message.id for message in _messages(catalogue) if not str(message.string).strip()] == []
    assert [message.id for message in _messages(catalogue) if message.fuzzy] == []


def test_every_parameter_is_kept(catalogue: Catalog) -> None:
    differ = [m.id for m in _messages(catalogue) if _parameters(str(m.id)) != _parameters(str(m.string))]

    assert differ == []


def test_asks_as_much_as_the_source_and_stays_short(catalogue: Catalog) -> None:
    told = [(str(message.id), str(message.string)) for message in _messages(catalogue)]

    assert [words for source, words in told if words.count("?") != source.count("?")] == []
    assert [words for _source, words in told if len(words) > WORDS_MAX] == []


@pytest.mark.parametrize(
    ("told", "understood"),
    [
        ("type person", global_word("person") == "person"),
        ("Type menu", global_word("menu") == "menu"),
        ("0 (back), menu, cancel, person", (global_word("0"), global_word("cancel")) == ("back", "cancel")),
        ("Reply STOP", global_word("STOP") == "stop"),
        ("Type register", (enrol := HOUSE.called_by("register")) is not None and enrol.name == "enrol"),
        ("Reply yes", yes_or_no("yes") is True),
    ],
)
def test_english_names_words_that_are_understood(told: str, understood: bool) -> None:
    assert any(told in str(message.string) for message in _messages(read(FOLDER / "en" / "siaga.po")))
    assert understood


def _messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def _parameters(sentence: str) -> list[str]:
    return sorted(name for _before, name, _form, _conversion in Formatter().parse(sentence) if name is not None)
