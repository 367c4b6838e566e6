"""How a sandbox of FastAPI says that a question can't be answered, in the words of its contract.

Invariant: nothing that was sent is quoted, a NIK perhaps.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from gateway.sandbox.door import problem

FIELDS_NAMED_MAX = 10


def tell_problems(app: FastAPI) -> None:
    """FastAPI's own answers would quote what was sent."""
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http_problem)


async def _malformed(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)
    fields = [".".join(map(str, error["loc"])) for error in fault.errors()[:FIELDS_NAMED_MAX]]
    return problem(422, "malformed", fields=fields)


async def _http_problem(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    refusal = problem(fault.status_code, str(fault.status_code))
    refusal.headers.update(fault.headers or {})
    return refusal
