"""What looks like a NIK is struck out of every log, whoever writes it; exceptions are told without their values."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot import logs

SPELLINGS = [
    "7312025205799901",
    "7312 0252 0579 9901",
    "7312-0252-0579-9901",
    "73.12.02.520579.9901",
    "+62812345678901",
]


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is logged; afterwards logging is as it was."""
    root, httpx = logging.getLogger(), logging.getLogger("httpx")
    before = root.handlers[:], root.level, httpx.level
    root.handlers = []
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    logs.set_up("info")
    yield told
    structlog.reset_defaults()
    (root.handlers, root.level), httpx.level = before[:2], before[2]


def last(written: io.StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(written.getvalue().splitlines()[-1])
    return line


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_long_number_is_struck_out_of_our_own_words(written: io.StringIO, number: str) -> None:
    structlog.get_logger().info(f"seen {number}", why=f"for {number}.", nested={"nik": [number]})

    line = last(written)
    assert number not in written.getvalue()
    assert logs.STRUCK in line["event"]
    assert logs.STRUCK in line["why"]
    assert logs.STRUCK in line["nested"]


@pytest.mark.parametrize("number", SPELLINGS)
def test_a_long_number_is_struck_out_of_what_libraries_log(written: io.StringIO, number: str) -> None:
    logging.getLogger("library").warning("GET /people/%s answered %d", number, 404)

    assert written.getvalue() == f"WARNING library GET /people/{_struck(number)} answered 404\n"


def _struck(number: str) -> str:
    return f"+{logs.STRUCK}" if number.startswith("+") else logs.STRUCK


def test_what_is_no_personal_number_stays(written: io.StringIO) -> None:
    structlog.get_logger().info("serving", row=1882427542733244307, tries=3, at="08.30", amount="Rp33.600", on=True)

    line = last(written)
    assert (line["row"], line["tries"], line["at"], line["amount"]) == (1882427542733244307, 3, "08.30", "Rp33.600")
    assert line["timestamp"].startswith("20")
    assert line["level"] == "info"


def test_an_exception_of_a_library_is_told_by_its_kind(written: io.StringIO) -> None:
    try:
        raise ValueError("Hasna, 7312025205799901")
    except ValueError:
        logging.getLogger("library").exception("it failed")

    assert written.getvalue() == "ERROR library it failed ValueError\n"


def test_addresses_that_are_asked_are_not_logged(written: io.StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET http://bpjs.test/token")

    assert written.getvalue() == ""


def test_quieter_words_are_left_out(written: io.StringIO) -> None:
    structlog.get_logger().debug("small")

    assert written.getvalue() == ""
