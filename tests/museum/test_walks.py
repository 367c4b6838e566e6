"""The walks miss no question: each that stands in bot/flows is asked in one of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bot.flows
from bot.flows import HOUSE
from bot.talk.question import Question
from tests.museum.walking import asked
from tests.museum.walks import walks
from tests.talk.house_chat import house_chat

FLOWS = Path(bot.flows.__file__).parent
ANY = ".+"
"""What a part of a name that is put together may be."""


@cache
def names() -> set[str]:
    return set().union(*asked(HOUSE, house_chat, walks).values())


def _kinds(of: type[Question[Any]]) -> Iterator[str]:
    for kind in of.__subclasses__():
        yield kind.__name__
        yield from _kinds(kind)


def _written() -> Iterator[tuple[str, str]]:
    """Where a question is made, and its name as a pattern."""
    kinds = set(_kinds(Question))
    for path in sorted(FLOWS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and _is_one(ast.unparse(node.func), kinds):
                yield f"{path.name}:{node.lineno}", _pattern(node.args[0])


def _is_one(called: str, kinds: set[str]) -> bool:
    """Whether a question is made; a `Text` of the flows that isn't `ask.Text` is words."""
    return called.rpartition(".")[2] in kinds and called != "Text"


def _pattern(name: ast.expr) -> str:
    match name:
        case ast.Constant(str(text)):
            return re.escape(text)
        case ast.JoinedStr(parts):
            return "".join(_pattern(part) for part in parts)
        case _:
            return ANY


@pytest.mark.parametrize(("where", "pattern"), list(_written()))
def test_a_question_of_the_flows_is_asked(where: str, pattern: str) -> None:
    found = re.compile(rf"(?:.+\.)?{pattern}")

    assert any(map(found.fullmatch, names())), f"no walk meets {where}; add one to tests/museum/walks.py"


def test_there_are_questions_to_look_for() -> None:
    known = {pattern for _where, pattern in _written() if not pattern.startswith(ANY)}

    assert len(known) >= 20
    assert {"who", "photo.+", "review", "village"} <= known
