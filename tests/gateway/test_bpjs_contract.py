"""The contract: written from the sandbox, and kept by it whatever it is asked."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from requests import PreparedRequest
from requests.auth import AuthBase

from gateway.sandbox.bpjs import CONTRACT, contract
from gateway.signing import CLIENT_ID, signed_headers
from tests.gateway.conftest import SECRET, Clock, Partner, serving_sandbox

EXAMPLES_MAX = 25


def but_signatures() -> dict[str, Any]:
    """The contract without what `Signature` sets right in any case; the door has its own tests."""
    schema: dict[str, Any] = json.loads(contract())
    del schema["security"], schema["components"]["securitySchemes"]
    return schema


@schemathesis.serializer("application/pdf")
def as_it_is(_context: schemathesis.SerializationContext, document: bytes) -> bytes:
    return document if isinstance(document, bytes) else str(document).encode()


asked = schemathesis.openapi.from_dict(but_signatures())
nonces = itertools.count(1)


class Signature(AuthBase):
    """Signs what is really sent, last of all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        assert isinstance(body, str | bytes)
        signed = signed_headers(
            SECRET,
            request.method or "",
            request.path_url,
            body.encode() if isinstance(body, str) else body,
            now=self._clock(),
            nonce=f"contract-{next(nonces)}",
        )
        request.headers.update({CLIENT_ID: "siaga", **signed})
        return request


@pytest.fixture(scope="module")
def signature_and_url(
    tmp_path_factory: pytest.TempPathFactory, one_partner: Partner
) -> Iterator[tuple[Signature, str]]:
    database: Path = tmp_path_factory.mktemp("contract") / "bpjs.sqlite"
    with serving_sandbox(database, Clock(), one_partner) as sandbox:
        yield Signature(sandbox.clock), sandbox.url


def test_the_written_contract_is_up_to_date() -> None:
    written = CONTRACT.read_text(encoding="utf-8")

    assert written == contract(), "write it anew: python -m gateway.sandbox.bpjs --openapi"


def test_no_address_holds_a_nik_and_every_question_is_signed() -> None:
    paths = json.loads(contract())["paths"]

    assert sorted(paths) == [
        "/v1/claims",
        "/v1/claims/{reference}",
        "/v1/claims/{reference}/documents/{kind}",
        "/v1/members/by-kpj",
        "/v1/members/by-nik",
        "/v1/payments",
        "/v1/payments/{code}",
        "/v1/payments/{code}/postings",
        "/v1/registrations",
        "/v1/registrations/{reference}",
        "/v1/statements/claims",
        "/v1/statements/members",
        "/v1/statements/payments",
    ]
    assert json.loads(contract())["security"] == [
        {"X-Client-Id": [], "X-Timestamp": [], "X-Nonce": [], "X-Signature": []}
    ]


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
