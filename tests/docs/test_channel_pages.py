"""docs/telegram.md and docs/whatsapp.md: every setting they name is one, and every line they explain is one of ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import aiogram.exceptions
import pytest
from pydantic import BaseModel

from bot.app import CHANNELS
from bot.handlers.contract import Elsewhere
from bot.handlers.telegram_out import COMMANDS
from bot.handlers.whatsapp import WHERE
from bot.settings import ChannelSettings, Settings, Templates, variable
from tests.docs.tutorial import ROOT

PAGES = tuple(channel.name for channel in CHANNELS if isinstance(channel, Elsewhere))
VARIABLE = re.compile(r"\bSIAGA_[A-Z_]+\b")
QUOTED = re.compile(r"`([^`]+)`")
FIELD = re.compile(r'"(\w+)": "([^"]+)"')
SEEN = "| What you see | What to do |"
WRITERS = ("bot/settings.py", "bot/channels.py", "bot/handlers/*.py", "bot/runtime/*.py")
"""What writes the lines that operators see."""


@cache
def page(name: str) -> str:
    return (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")


def trees(*patterns: str) -> Iterator[ast.AST]:
    for pattern in patterns:
        for file in sorted(Path(ROOT).glob(pattern)):
            yield from ast.walk(ast.parse(file.read_text(encoding="utf-8")))


@cache
def words_of_the_code() -> tuple[str, ...]:
    return tuple(
        node.value for node in trees(*WRITERS) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@cache
def written(pattern: str, by: str = "") -> frozenset[str]:
    """What stands first in the calls of this code, such as "event" in log.warning("event"); only those on `by` if it is
    given."""
    calls = [node for node in trees(pattern) if isinstance(node, ast.Call) and node.args]
    ours = [call for call in calls if not by or ast.unparse(call.func).startswith(f"{by}.")]
    return frozenset(str(call.args[0].value) for call in ours if isinstance(call.args[0], ast.Constant))


def explained(name: str) -> list[str]:
    """The first cells of the page's table of what can be seen."""
    _before, _head, table = page(name).partition(SEEN)
    rows = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert rows
    return [row.split(" | ")[0].removeprefix("| ") for row in rows]


def is_setting(variable: str) -> bool:
    top, *path = variable.removeprefix("SIAGA_").lower().split("__")
    if top == "channels":
        channel, *path = path
        if path[0] == "templates":
            return channel in PAGES and path[2:] == [] and path[1] in Templates.model_fields
        return channel in PAGES and path[1:] == [] and path[0] in ChannelSettings.model_fields
    kind: object = Settings.model_fields[top].annotation if top in Settings.model_fields else None
    return isinstance(kind, type) and issubclass(kind, BaseModel) and path[1:] == [] and path[0] in kind.model_fields


def test_each_channel_that_is_off_until_set_up_has_its_page() -> None:
    assert PAGES == ("telegram", "whatsapp")


@pytest.mark.parametrize("name", PAGES)
def test_every_variable_it_names_is_a_setting(name: str) -> None:
    named = set(VARIABLE.findall(page(name)))

    assert f"SIAGA_CHANNELS__{name.upper()}__TOKEN" in named
    assert [variable for variable in sorted(named) if not is_setting(variable)] == []


def test_every_setting_that_whatsapp_needs_is_named() -> None:
    assert {variable(f"channels.whatsapp.{setting}") for setting in WHERE} <= set(VARIABLE.findall(page("whatsapp")))


def test_the_commands_are_those_that_telegram_is_told() -> None:
    assert set(re.findall(r"`/(daftar|[a-z]+)`", page("telegram"))) >= set(COMMANDS)


@pytest.mark.parametrize("name", PAGES)
def test_every_sentence_it_explains_is_said_by_the_code(name: str) -> None:
    sentences = [text for cell in explained(name) for text in QUOTED.findall(cell) if not FIELD.fullmatch(text)]

    assert sentences
    assert [text for text in sentences if not any(text in said for said in words_of_the_code())] == []


@pytest.mark.parametrize("name", PAGES)
def test_every_line_of_the_log_it_explains_is_written_by_the_code(name: str) -> None:
    fields = [FIELD.fullmatch(text) for cell in explained(name) for text in QUOTED.findall(cell)]

    for field in filter(None, fields):
        match field[1]:
            case "event":
                assert any(field[2] in written(pattern) for pattern in WRITERS)
            case "error":
                assert hasattr(aiogram.exceptions, field[2])
            case "why":
                assert field[2] in words_of_the_code()
            case other:
                pytest.fail(f"nobody checks the field {other}")


@pytest.mark.parametrize("name", PAGES)
def test_every_line_that_the_channel_logs_is_explained(name: str) -> None:
    cells = " ".join(explained(name))
    events = written(f"bot/handlers/{name}*.py", by="log")

    assert events
    assert [event for event in sorted(events) if f'"event": "{event}"' not in cells] == []
