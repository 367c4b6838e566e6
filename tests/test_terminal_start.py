"""What `siaga chat` starts beside itself has a port that nobody else can take meanwhile."""

from __future__ import annotations

import errno
import socket
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace
from pydantic import SecretStr

from bot.serving import bpjs_sandbox, sandboxes
from bot.settings import Settings
from bot.terminal import bound_port

ADDRESS = "SIAGA_BPJS__URL"


async def test_a_port_is_held_from_its_choice_until_the_imitation_serves_there(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS, "")
    monkeypatch.delenv(ADDRESS)
    held = bound_port(ADDRESS)
    assert held is not None
    port = held.getsockname()[1]
    with socket.socket() as other, pytest.raises(OSError, match="in use") as refused:
        other.bind(("127.0.0.1", port))
    assert refused.value.errno == errno.EADDRINUSE

    bpjs = settings.bpjs.model_copy(update={"url": f"http://127.0.0.1:{port}", "secret": SecretStr("of the tests")})
    wanted = bpjs_sandbox(settings.model_copy(update={"bpjs": bpjs}), "", tmp_path / "bpjs.db")
    async with sandboxes(replace(wanted, bound=held)), httpx.AsyncClient() as http:
        assert "BPJS Ketenagakerjaan tiruan" in (await http.get(bpjs.url)).text


def test_an_address_that_was_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ADDRESS, "http://127.0.0.1:9")

    assert bound_port(ADDRESS) is None
