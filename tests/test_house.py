"""The rules that the house keeps about itself: what its papers promise, and what never lies in a file."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, SecretStr

from bot.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
README, ARCHITECTURE = ROOT / "README.md", ROOT / "ARCHITECTURE.md"
CODE = {".py", ".js", ".css", ".html"}
CODE_LINES_MAX = 400
LONGER = {
    "bot/handlers/static/chat.js": "one page without a build step has one script",
}
"""Files of code that are longer, and why."""
FOREIGN_TO_FILES = {
    "the host of a registry": re.compile(
        r"pypi\.org|pythonhosted\.org|npmjs\.(org|com)|(docker|ghcr|quay)\.io|proxy\.golang\.org|deb\.debian\.org"
    ),
    "a path of somebody's machine": re.compile(r"(?<![\w.}])/(work|tmp|home|root|Users|opt)/|C:\\\\Users"),
    "a mock": re.compile(r"unittest[.]mock|from unittest import|\bmocker\b|MagicMock"),
    "something left undone": re.compile(r"\b(TODO|FIXME)\b|\bpytest[.](skip|xfail|importorskip)|mark[.](skip|xfail)"),
}
NAMES_THEM = "tests/test_house.py"
NIK = re.compile(r"(?<![\w.])\d(?:[ .-]?\d){15}(?![\w])")
INVENTED_SERIALS = range(9900, 10000)
REQUIREMENT = re.compile(r"^([\w.\[\]-]+)==[\w.!+]+(?: ; .+)?((?:\n {4}--hash=sha256:[0-9a-f]{64})+)$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")


@cache
def files() -> dict[str, str]:
    """Every text file that is, or could be, committed: its path and its text."""
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    texts = ((name, _text(ROOT / name)) for name in listed.split("\0") if name)
    return {name: text for name, text in texts if text is not None}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError, IsADirectoryError):
        return None  # a picture, or a file that is about to be deleted


def _found(pattern: re.Pattern[str]) -> Iterator[str]:
    for name, text in files().items():
        if name != NAMES_THEM:
            for number, line in enumerate(text.splitlines(), 1):
                if found := pattern.search(line):
                    yield f"{name}:{number}: {found[0]}"


@pytest.mark.parametrize("what", FOREIGN_TO_FILES)
def test_no_file_holds(what: str) -> None:
    assert list(_found(FOREIGN_TO_FILES[what])) == []


def test_every_nik_is_of_the_invented_range() -> None:
    real = []
    for name, text in files().items():
        for found in NIK.finditer(text):
            digits = re.sub(r"\D", "", found[0])
            if _may_be_a_nik(digits) and int(digits[-4:]) not in INVENTED_SERIALS:
                real.append(f"{name}: {digits[:4]}************")

    assert real == []


def _may_be_a_nik(digits: str) -> bool:
    """An area code of a province, a day (women: plus 40), a month."""
    province, day, month = int(digits[:2]), int(digits[6:8]) % 40, int(digits[8:10])
    return 11 <= province <= 97 and 1 <= day <= 31 and int(digits[6:8]) <= 71 and 1 <= month <= 12


def test_files_of_code_are_short() -> None:
    long = {name for name, text in files().items() if _is_code(name) and len(text.splitlines()) > CODE_LINES_MAX}

    assert long == set(LONGER)


def _is_code(name: str) -> bool:
    return Path(name).suffix in CODE


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_have_hashes_and_no_addresses(name: str) -> None:
    text = files()[name]

    left = REQUIREMENT.sub("", text.replace(" \\\n", "\n"))
    assert [line for line in left.splitlines() if line and not line.lstrip().startswith("# via")] == []
    assert "://" not in text


def test_config_holds_every_setting_with_its_default() -> None:
    written = yaml.safe_load(files()["config.yaml"])

    assert written == _defaults(Settings)


def _defaults(model: type[BaseModel]) -> dict[str, Any]:
    """The default of every field; secrets have none, they come from the environment."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found[name] = _defaults(kind)
        elif kind is not SecretStr:
            found[name] = str(field.default) if isinstance(field.default, Path) else field.default
    return found


def test_ci_runs_the_test_command_of_the_readme() -> None:
    commands = re.findall(r"^(make \w+) ", README.read_text(), re.MULTILINE)

    assert commands == ["make run", "make demo", "make test"]
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_the_readme_begins_with_a_real_conversation() -> None:
    script = (ROOT / "tests/plays/scripts/a_farmer_is_enrolled_from_a_photo.chat").read_text()
    excerpt = re.search(r"\A# Siaga\n\n```text\n(.+?)```", README.read_text(), re.DOTALL)
    assert excerpt is not None

    at = 0
    for part in excerpt[1].split("…\n"):
        at = script.find(part, at)
        assert at >= 0, f"not in the transcript, or not in this order:\n{part}"
        at += len(part)


def test_every_test_that_guards_an_invariant_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.(?:py|chat))(?:::(\w+))?`", ARCHITECTURE.read_text())

    assert named
    assert [file for file, _test in named if file not in files()] == []
    assert [f"{file}::{test}" for file, test in named if test and f"def {test}(" not in files()[file]] == []


def test_every_invariant_names_its_guard_or_admits_that_it_has_none() -> None:
    part = ARCHITECTURE.read_text().split("## What always holds")[1].split("\n## ")[0]
    invariants = re.split(r"^\d+\. ", part, flags=re.MULTILINE)[1:]

    assert len(invariants) == 13
    assert [one for one in invariants if "`tests/" not in one and "Not yet:" not in one] == []


def test_every_link_leads_somewhere() -> None:
    lost = [
        f"{name}: {target}"
        for name, text in files().items()
        if name.endswith(".md")
        for target in LINK.findall(text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]

    assert lost == []


def test_every_part_of_the_bot_has_its_layer() -> None:
    layers = files()["pyproject.toml"].split("layers = [")[1].split("]")[0]
    parts = {path.stem for path in (ROOT / "bot").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}

    assert {part for part in parts - {"__init__"} if not re.search(rf"\bbot\.{part}\b", layers)} == set()


def test_every_folder_of_code_is_a_package() -> None:
    """Python would find it without; the import contracts, the type checker and an installation would not."""
    code = {Path(name).parent for name in files() if name.endswith(".py")}

    assert [str(folder) for folder in sorted(code) if f"{folder}/__init__.py" not in files()] == []


def test_make_bench_runs_every_bench() -> None:
    benches = [Path(name) for name, text in files().items() if name.startswith("bench/") and "__main__" in text]

    assert [bench.stem for bench in benches if f"-m bench.{bench.stem}\n" not in _benches()] == []


def _benches() -> str:
    """The recipe of `make bench`, without the options of each."""
    recipe = files()["Makefile"].split("\nbench:")[1].split("\n\n")[0]
    return re.sub(r" --.*", "", recipe) + "\n"
