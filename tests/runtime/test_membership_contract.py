"""What clinics may ask us, as a contract: written from the code, and kept by a whole service whatever it is asked."""

from __future__ import annotations

import asyncio
import itertools
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase
from hypothesis import settings as examples
from pydantic import SecretStr
from requests import PreparedRequest
from requests.auth import AuthBase

from bot.settings import BpjsSettings, Database, PlkkSettings, Secret, Settings
from gateway.membership_checks import CONTRACT, TARGET, contract
from gateway.signing import CLIENT_ID, signed_headers
from tests.conftest import BPJS_SECRET, PLKK_SECRET
from tests.gateway.conftest import PromptServer
from tests.world import START, World

CLINIC, SECRET = "puskesmas-contoh", "a-secret-of-the-desk"
EXAMPLES_MAX = 60
nonces = itertools.count(1)


def but_signatures() -> dict[str, Any]:
    """The contract without what `Signature` sets right in any case."""
    schema: dict[str, Any] = json.loads(contract())
    del schema["security"], schema["components"]["securitySchemes"]
    return schema


asked = schemathesis.openapi.from_dict(but_signatures())


class Signature(AuthBase):
    """Signs what is really sent, last of all."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        assert isinstance(body, str | bytes)
        raw = body.encode() if isinstance(body, str) else body
        seal = signed_headers(SECRET, "POST", TARGET, raw, now=START, nonce=f"contract-{next(nonces)}")
        request.headers.update({CLIENT_ID: CLINIC, **seal})
        return request


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service on a real port, with the imitated BPJS, in a thread and a loop of its own."""
    folder, begun, ends = tmp_path_factory.mktemp("desk"), threading.Event(), threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, listening, begun, ends)))
        thread.start()
        assert begun.wait(timeout=30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        ends.set()
        thread.join()


async def _serve(folder: Path, listening: socket.socket, begun: threading.Event, ends: threading.Event) -> None:
    given = Settings(
        database=Database(url=f"sqlite+aiosqlite:///{folder / 'siaga.db'}"),
        secret=Secret(file=folder / "secret.key"),
        bpjs=BpjsSettings(url="http://bpjs.test", secret=SecretStr(BPJS_SECRET)),
        plkk=PlkkSettings(
            url="http://plkk.test", secret=SecretStr(PLKK_SECRET), clinics=SecretStr(f"{CLINIC}:{SECRET}")
        ),
    )
    async with World(given, folder) as world:
        config = uvicorn.Config(world.service.app(), log_level="warning", access_log=False, lifespan="off")
        server = PromptServer(config)
        serving = asyncio.create_task(server.serve([listening]))
        begun.set()
        await asyncio.to_thread(ends.wait)
        server.should_exit = True
        await serving


def test_the_written_contract_is_up_to_date() -> None:
    assert CONTRACT.read_text(encoding="utf-8") == contract(), "write it anew: python -m gateway.membership_checks"


def test_no_address_holds_a_number_of_a_person_and_every_question_is_signed() -> None:
    document = json.loads(contract())

    assert sorted(document["paths"]) == ["/v1/membership-checks"]
    assert document["security"] == [{"X-Client-Id": [], "X-Timestamp": [], "X-Nonce": [], "X-Signature": []}]


@asked.parametrize()
@examples(
    max_examples=EXAMPLES_MAX,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_desk_keeps_the_contract(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, auth=Signature())
