"""The contract with the clinics: written from the sandbox, and kept by it whatever it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings

from gateway.sandbox.plkk import CONTRACT, contract
from tests.gateway.conftest import Clock, Partner
from tests.gateway.plkk_served import serving_plkk
from tests.gateway.test_bpjs_contract import EXAMPLES_MAX, Signature


def but_signatures() -> dict[str, Any]:
    """The contract without what `Signature` sets right in any case; the door has its own tests."""
    schema: dict[str, Any] = json.loads(contract())
    del schema["security"], schema["components"]["securitySchemes"]
    return schema


asked = schemathesis.openapi.from_dict(but_signatures())


@pytest.fixture(scope="module")
def signature_and_url(
    tmp_path_factory: pytest.TempPathFactory, one_partner: Partner
) -> Iterator[tuple[Signature, str]]:
    with serving_plkk(tmp_path_factory.mktemp("contract") / "plkk.sqlite", Clock(), one_partner) as sandbox:
        yield Signature(sandbox.clock), sandbox.url


def test_the_written_contract_is_up_to_date() -> None:
    written = CONTRACT.read_text(encoding="utf-8")

    assert written == contract(), "write it anew: python -m gateway.sandbox.plkk --openapi"


def test_no_question_holds_a_whole_nik() -> None:
    document = json.loads(contract())

    assert sorted(document["paths"]) == [
        "/v1/notices", "/v1/treatments/{reference}", "/v1/villages/{village_code}/clinics",
    ]  # fmt: skip
    assert "[0-9]{16}" not in contract()
    assert "plkk-webhook" in document["components"]["securitySchemes"]["X-Signature"]["description"]


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
