"""Follow a tutorial: take its fenced blocks out of the Markdown, load its file, change the one line as it says."""

from __future__ import annotations

import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Tutorial:
    """One tutorial of docs/. `folder` is where its file is written."""

    def __init__(self, name: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._blocks = _FENCE.findall((ROOT / "docs" / name).read_text(encoding="utf-8"))
        self._folder, self._patch = folder, patch

    def block(self, kind: str, of: str = "") -> str:
        """The one block of this kind: python, diff or text; of several that which names the file `of`."""
        blocks = [(name, text) for fence, name, text in self._blocks if fence == kind]
        [block] = [text for name, text in blocks if len(blocks) == 1 or name == of]
        return str(block)

    def add_file(self, name: str) -> ModuleType:
        """The tutorial's file as the module `name`, such as "bot.flows.price"."""
        return self.load(name, self.block("python"))

    def load(self, name: str, source: str) -> ModuleType:
        """A file with this source as the module `name`."""
        package, _dot, short = name.rpartition(".")
        file = self._folder / f"{short}.py"
        file.write_text(source, encoding="utf-8")
        spec = spec_from_file_location(name, file)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        self._patch.setitem(sys.modules, name, module)
        spec.loader.exec_module(module)
        self._patch.setattr(sys.modules[package], short, module, raising=False)
        return module

    def changed(self, path: str, name: str) -> ModuleType:
        """A copy of the module `name` whose file at `path` was changed as the diff says."""
        module = ModuleType(name)
        source = apply(self.block("diff", path), (ROOT / path).read_text(encoding="utf-8"))
        exec(compile(source, path, "exec"), module.__dict__)
        return module


def apply(diff: str, source: str) -> str:
    """The source with each hunk of the diff done; hunks begin with "@@"."""
    for hunk in diff.split("@@\n"):
        lines = hunk.splitlines()
        before = "".join(line[1:] + "\n" for line in lines if line[0] in " -")
        after = "".join(line[1:] + "\n" for line in lines if line[0] in " +")
        assert source.count(before) == 1 or not lines, f"not in the file, or not just once:\n{before}"
        source = source.replace(before, after, 1)
    return source
