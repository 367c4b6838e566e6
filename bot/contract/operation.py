"""One operation of the contract: what it takes, and each of its answers with the type of its body.

Invariant: a type is named once, and its schema is written from the type that the service itself speaks with.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

JSON, TEXT, PAGE, JPEG = "application/json", "text/plain", "text/html", "image/jpeg"
STRING = {"type": "string"}
BYTES = {"type": "string", "format": "binary"}


class Refusal(Struct, frozen=True):
    """Words for the person, in case one ever sees them."""

    error: str


class Answer(Struct, frozen=True):
    """What an answer means, its kind, and its body: a type of ours, a schema, or None where nothing can be promised."""

    words: str
    kind: str = ""
    body: Any = None


class Parameter(Struct, frozen=True):
    """`place` is "path", "query" or "header"."""

    name: str
    place: str
    words: str
    schema: Mapping[str, Any] = msgspec.field(default_factory=STRING.copy)
    required: bool = False


class Body(Struct, frozen=True):
    kind: str
    body: Any
    words: str = ""


class Operation(Struct, frozen=True):
    """`path` as Starlette has it, without the kinds of its parts. `signed`: the headers that prove who asks."""

    method: str
    path: str
    summary: str
    answers: Mapping[int, Answer]
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    signed: Mapping[str, str] = {}


def page(words: str) -> Answer:
    return Answer(words, PAGE, STRING)


def said(words: str, *texts: str) -> Answer:
    """A few plain words."""
    return Answer(words, TEXT, {"type": "string", "enum": list(texts)})


def refusal(words: str) -> Answer:
    return Answer(words, JSON, Refusal)


NOTHING_THERE = Answer("There is nothing here for whoever asks")
BUSY = refusal("Too much at once, or the database can't be written; see Retry-After")
COME_AGAIN = said("Not stored; see Retry-After", "come again")
LINE_ID = {"type": "string", "pattern": "^[0-9]{1,18}$", "maxLength": 18}


def written(operation: Operation, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    """In the words of OpenAPI. `schemas`: that of each type."""
    return {
        "summary": operation.summary,
        **({"parameters": [_parameter(one) for one in operation.parameters]} if operation.parameters else {}),
        **({"requestBody": _body(operation.body, schemas)} if operation.body else {}),
        "responses": {str(status): _answer(one, schemas) for status, one in operation.answers.items()},
        **({"security": [{name: [] for name in operation.signed}]} if operation.signed else {}),
    }


def types(operation: Operation) -> list[Any]:
    """Those that it takes and answers with."""
    bodies = [one.body for one in operation.answers.values()]
    bodies += [operation.body.body] if operation.body else []
    return [one for one in bodies if one is not None and not isinstance(one, dict)]


def _parameter(one: Parameter) -> dict[str, Any]:
    required = one.required or one.place == "path"
    return {
        "name": one.name, "in": one.place, "description": one.words, "required": required, "schema": dict(one.schema)
    }  # fmt: skip


def _body(one: Body, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    words = {"description": one.words} if one.words else {}
    return {"required": True, **words, "content": {one.kind: {"schema": _schema(one.body, schemas)}}}


def _answer(one: Answer, schemas: Mapping[Any, Any]) -> dict[str, Any]:
    content = {"content": {one.kind: {"schema": _schema(one.body, schemas)}}} if one.kind else {}
    return {"description": one.words, **content}


def _schema(body: Any, schemas: Mapping[Any, Any]) -> Any:
    return body if isinstance(body, dict) else schemas[body]


def schemas_of(found: list[Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """The schema of each type, and the components that they refer to."""
    once = list(dict.fromkeys(found))
    shown, components = msgspec.json.schema_components(once, ref_template="#/components/schemas/{name}")
    return dict(zip(once, shown, strict=True)), components
