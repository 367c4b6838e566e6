"""The contract is that of the service as it is: every route of it, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute, Mount, Route

from bot.app import CHANNELS, opened
from bot.contract.document import CONTRACT, contract
from bot.handlers.contract import Elsewhere
from tests.contract.whole import settings

PLACE = re.compile(r"\{(\w+):\w+\}")
HOOKED = ("GET", "POST")
"""Whatever else a hook is asked with, it answers 405."""
STATIC = ("GET", "/chat/static/{file}")


def documented() -> set[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = json.loads(contract())["paths"]
    return {(method.upper(), path) for path, operations in paths.items() for method in operations}


def test_the_written_contract_is_up_to_date() -> None:
    assert CONTRACT.read_text(encoding="utf-8") == contract(), "write it anew: python -m bot.contract"


async def test_every_route_of_the_service_stands_in_it_and_nothing_else_does(tmp_path: Path) -> None:
    given = settings(tmp_path, f"sqlite+aiosqlite:///{tmp_path / 'siaga.db'}", "http://127.0.0.1:9")

    async with opened(given.model_copy(update={"channels": {}})) as service:
        served = {each for route in service.app().routes for each in addresses(route)}

    hooks = {(method, f"/hooks/{one.name}") for one in CHANNELS if isinstance(one, Elsewhere) for method in HOOKED}
    assert served | hooks == documented()


def addresses(route: BaseRoute) -> set[tuple[str, str]]:
    if isinstance(route, Mount):
        return {STATIC} if route.path == "/chat/static" else {("?", route.path)}
    assert isinstance(route, Route)
    return {(method, PLACE.sub(r"{\1}", route.path)) for method in (route.methods or set()) - {"HEAD"}}
