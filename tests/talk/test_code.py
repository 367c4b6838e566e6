"""A code of six digits is read exactly, however it is grouped."""

from __future__ import annotations

import pytest

from bot.talk.code import Code, in_groups
from bot.talk.heard import Said, Shown, Unread
from bot.talk.question import Answer, Ear
from rules.words import Slip, _
from tests.talk.driver import CATALOGUES, START

EAR = Ear("id", CATALOGUES, START)
CODE = Code("code", _("Kodenya?"))


@pytest.mark.parametrize("typed", ["418207", "418 207", " 418.207. ", "4 1 8 2 0 7", "41 82 07"])
def test_spaces_and_dots_may_stand_between(typed: str) -> None:
    assert CODE.listen(Said(typed), EAR) == "418207"


@pytest.mark.parametrize("answer", [
    Said("41820"), Said("4182070"), Said("41820o"), Said("kode 418207"), Said("418-207"), Said("٤١٨٢٠٧"), Said(""),
    Shown(1), Unread("voice"),
])  # fmt: skip
def test_anything_else_is_a_slip(answer: Answer) -> None:
    assert isinstance(CODE.listen(answer, EAR), Slip)


@pytest.mark.parametrize("kept", [418207, None, "41820", ["4"]])
def test_what_is_kept_is_checked_again(kept: object) -> None:
    assert CODE.recall(CODE.keep("418207")) == "418207"
    assert isinstance(CODE.recall(kept), Slip)


def test_it_is_told_in_two_groups() -> None:
    assert in_groups("418207") == "418 207"
    assert CODE.listen(Said(in_groups("000001")), EAR) == "000001"
