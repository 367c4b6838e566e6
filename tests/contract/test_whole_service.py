"""The whole service keeps the contract whatever it is asked: signed and unsigned, known and as nobody."""

from __future__ import annotations

import json
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from bot.contract.document import contract
from bot.contract.people import OWN_PAGE
from bot.handlers.words import cleaned
from tests.contract.signing import Signature
from tests.contract.whole import OWN, Whole
from tests.gateway.whatsapp_served import VERIFY_TOKEN

EXAMPLES_MAX = 5
FOLLOWED = ("/chat/events",)
"""A stream to somebody who has a chat ends after minutes; its own test looks at its beginning."""


def but_signatures(*left_out: str) -> dict[str, Any]:
    """The contract without what `Signature` sets right, or leaves out, in any case, and without these parameters."""
    schema: dict[str, Any] = json.loads(contract())
    del schema["components"]["securitySchemes"]
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation.pop("security", None)
            given = operation.get("parameters", [])
            operation["parameters"] = [one for one in given if one["name"] not in left_out]
    return schema


by_our_page = schemathesis.openapi.from_dict(but_signatures(*(one.name for one in OWN_PAGE)))
asked = schemathesis.openapi.from_dict(but_signatures())
asked.config.phases.coverage.enabled = False  # whatever is wrong with it, it isn't read
bounded = settings(
    max_examples=EXAMPLES_MAX,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@by_our_page.parametrize()
@bounded
def test_as_whoever_may_ask(case: schemathesis.Case[Any], whole: Whole, signature: Signature) -> None:
    if case.operation.path in FOLLOWED:
        return
    go_where_something_is(case, whole)
    if is_meant(case):
        set_right(case, whole)
    cookies = whole.browser if case.operation.path.startswith("/b/") else whole.visitor

    case.call_and_validate(base_url=whole.url, auth=signature, cookies=cookies, headers=OWN)


@asked.parametrize()
@bounded
def test_as_nobody(case: schemathesis.Case[Any], whole: Whole) -> None:
    response = case.call_and_validate(base_url=whole.url, excluded_checks=[positive_data_acceptance])

    guarded = case.method == "POST" and not case.operation.path.startswith(("/chat/", "/b/"))
    assert not (guarded and response.status_code < 400)


def test_somebody_who_has_a_chat_follows_it(whole: Whole) -> None:
    with httpx.stream("GET", f"{whole.url}/chat/events", cookies=whole.visitor) as answer:
        kind, first = answer.headers["content-type"], next(answer.iter_text())

    assert (answer.status_code, kind) == (200, "text/event-stream; charset=utf-8")
    assert first.startswith("retry: 1000\n\n")


def go_where_something_is(case: schemathesis.Case[Any], whole: Whole) -> None:
    for name, there in whole.there().items():
        if name in case.path_parameters:
            case.path_parameters[name] = there


def is_meant(case: schemathesis.Case[Any]) -> bool:
    """Whether the case is to be as the contract says."""
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


def set_right(case: schemathesis.Case[Any], whole: Whole) -> None:
    """What no schema can say: the question that is open, words that are some, an account in one with its parts."""
    if "of" in case.query:
        case.query["of"] = whole.question()
    if case.operation.path == "/hooks/whatsapp" and case.method == "GET":
        case.query |= {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158201444"}
    body = case.body
    if case.operation.path.endswith("/photos") and not body:
        case.body = b"no photo"
    if not isinstance(body, dict):
        return
    if isinstance(text := body.get("text"), str) and not cleaned(text):
        body["text"] = "halo"
    if "virtualAccountNo" in body:
        body["virtualAccountNo"] = f"{body['partnerServiceId']}{body['customerNo']}"
