"""The contract with a bank, in the words of SNAP BI: kept by the imitation whatever it is asked."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests import PreparedRequest
from requests.auth import AuthBase

from gateway import snap
from gateway.sandbox.bank import CHANNEL, OFFICE, contract
from tests.gateway.bank_served import serving_bank
from tests.gateway.conftest import Clock
from tests.gateway.snap_calls import SECRET, our_key

EXAMPLES_MAX = 12
_numbers = itertools.count(1)


def but_signatures() -> dict[str, Any]:
    """The contract without what `Signature` sets right in any case; the door has its own tests."""
    schema: dict[str, Any] = json.loads(contract())
    del schema["security"], schema["components"]["securitySchemes"]
    return schema


asked = schemathesis.openapi.from_dict(but_signatures())


class Signature(AuthBase):
    """Signs what is really sent, last of all, as the office does."""

    def __init__(self, clock: Clock, token: str) -> None:
        self._clock, self._token = clock, token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        given, path, at = request.body or b"", request.path_url, snap.timestamp(self._clock())
        assert isinstance(given, str | bytes)
        body = given.encode() if isinstance(given, str) else given
        if path == snap.TOKEN_PATH:
            request.headers.update(asks_for_token(at))
            return request
        signature = snap.sign_symmetric(SECRET, request.method or "", path, self._token, body, at)
        request.headers.update({
            snap.AUTHORIZATION: f"Bearer {self._token}", snap.TIMESTAMP: at, snap.SIGNATURE: signature,
            snap.PARTNER_ID: OFFICE, snap.EXTERNAL_ID: str(next(_numbers)), snap.CHANNEL_ID: CHANNEL,
        })  # fmt: skip
        return request


def asks_for_token(at: str) -> dict[str, str]:
    signature = snap.sign_token(our_key(), OFFICE, at)
    return {snap.CLIENT_KEY: OFFICE, snap.TIMESTAMP: at, snap.SIGNATURE: signature}


@pytest.fixture(scope="module")
def signature_and_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Signature, str]]:
    clock, database = Clock(), tmp_path_factory.mktemp("contract") / "bank.sqlite"
    with serving_bank(database, clock) as bank:
        headers, grant = asks_for_token(snap.timestamp(clock())), {"grantType": "client_credentials"}
        told = httpx.post(bank.url + snap.TOKEN_PATH, json=grant, headers=headers).json()
        yield Signature(clock, told["accessToken"]), bank.url


@asked.parametrize()
@settings(
    max_examples=EXAMPLES_MAX,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_sandbox_keeps_the_contract(case: schemathesis.Case[Any], signature_and_url: tuple[Signature, str]) -> None:
    signature, url = signature_and_url

    case.call_and_validate(base_url=url, auth=signature)
