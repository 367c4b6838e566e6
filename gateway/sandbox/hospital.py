"""A hospital's system imitated: OAuth2 and FHIR R4 over HTTP. `python -m gateway.sandbox.hospital` serves it.

The last four digits of a NIK choose the answer (hospital_records.py). Invariant: nothing but a token is given to who
brings no token, and every fault is told as an OperationOutcome that quotes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import parse_qs

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from gateway.sandbox.hospital_records import (
    DOWN,
    ENDLESS,
    ENDLESS_BYTES,
    FAILS_ONCE,
    NIK_SYSTEM,
    NONSENSE,
    REJECTED,
    SLOW,
    Records,
)
from gateway.sandbox.served import now, options, serve
from gateway.sandbox.store import Answer

SECRET = "SIAGA_HOSPITAL_SECRET"  # noqa: S105  the name of the variable
BASE, AUTH = "/fhir-r4/v1", "/oauth2/v1"
FHIR_JSON = "application/fhir+json"
SLOW_S = 3.0
KINDS = ("Claim", "DocumentReference")
"""What may be sent here."""


class Hospital:
    """The routes. `clock` is aware; `nonce` never gives the same twice."""

    def __init__(
        self, records: Records, client_id: str, secret: str, clock: Callable[[], datetime], nonce: Callable[[], str],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:  # fmt: skip
        self._records, self._client_id, self._secret = records, client_id, secret
        self._clock, self._nonce, self._sleep = clock, nonce, sleep

    def routes(self) -> list[Route]:
        searches = {
            "Patient": self._patients, "Coverage": self._coverages, "ClaimResponse": self._answers,
        }  # fmt: skip
        return [
            Route("/", _front),
            Route(f"{AUTH}/accesstoken", self._token, methods=["POST"]),
            *(Route(f"{BASE}/{kind}/_search", self._guarded(to), methods=["POST"]) for kind, to in searches.items()),
            *(Route(f"{BASE}/{kind}", self._guarded(self._take), methods=["POST"]) for kind in KINDS),
            Route(f"{BASE}/{{kind}}/{{id}}", self._guarded(self._give), methods=["GET"]),
            Route("/sandbox/claims/{id}/next", self._next, methods=["POST"]),
            Route("/sandbox/tokens/revoke", self._revoke, methods=["POST"]),
            Route("/sandbox/{how:str}", self._switch, methods=["POST"]),
        ]

    async def _token(self, request: Request) -> Response:
        if self._records.down():
            return outcome(503, "transient")
        form = parse_qs((await request.body()).decode("latin-1"))
        given = (form.get("client_id", [""])[0], form.get("client_secret", [""])[0])
        granted = request.query_params.get("grant_type") == "client_credentials"
        if given != (self._client_id, self._secret) or not granted:
            return outcome(401, "login")
        token = self._nonce()
        self._records.new_token(token, self._clock())
        return JSONResponse({"access_token": token, "token_type": "BearerToken", "expires_in": "3599"})

    def _guarded(self, to: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        async def guarded(request: Request) -> Response:
            if self._records.down():
                return outcome(503, "transient")
            token = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return await to(request) if self._records.is_good(token, self._clock()) else outcome(401, "login")

        return guarded

    async def _patients(self, request: Request) -> Response:
        system, _bar, nik = (await _searched(request, "identifier")).partition("|")
        if system != NIK_SYSTEM:
            return outcome(422, "invalid")
        return await self._magic(nik) or bundle(self._records.patients(nik))

    async def _magic(self, nik: str) -> Response | None:
        """The answers that are none; a slow one is only late."""
        end = nik[-4:]
        if end == SLOW:
            await self._sleep(SLOW_S)
        if end == FAILS_ONCE and self._records.fails_now(nik):
            return outcome(500, "exception")
        if end == DOWN:
            return outcome(503, "transient")
        if end == NONSENSE:
            return PlainTextResponse("<html>Sedang dalam perbaikan</html>", media_type="text/html")
        if end == ENDLESS:
            return PlainTextResponse(" " * ENDLESS_BYTES, media_type=FHIR_JSON)
        return None

    async def _coverages(self, request: Request) -> Response:
        return bundle(self._records.coverages(_id(await _searched(request, "beneficiary"))))

    async def _answers(self, request: Request) -> Response:
        return bundle(self._records.answers(_id(await _searched(request, "request"))))

    async def _take(self, request: Request) -> Response:
        kind = request.url.path.rpartition("/")[2]
        resource = _valid(kind, await request.body())
        if resource is None:
            return outcome(422, "structure")
        subject = resource.get("patient") or resource.get("subject") or {}
        nik = self._records.nik_of(_id(subject.get("reference", "")))
        if not nik:
            return outcome(422, "not-found", "Pasien ini tidak dikenal.")
        if nik[-4:] == REJECTED:
            return outcome(422, "business-rule", "Klaim ini tidak bisa diterima.")
        return fhir(self._records.keep(resource, request.headers.get("If-None-Exist", "")), 201)

    async def _give(self, request: Request) -> Response:
        kept = self._records.kept(request.path_params["kind"], request.path_params["id"])
        return fhir(kept) if kept else outcome(404, "not-found")

    async def _next(self, request: Request) -> Response:
        self._records.go_on(request.path_params["id"])
        return Response(status_code=204)

    async def _revoke(self, _: Request) -> Response:
        self._records.revoke()
        return Response(status_code=204)

    async def _switch(self, request: Request) -> Response:
        how = request.path_params["how"]
        if how in ("down", "up"):
            self._records.switch(down=how == "down", now=self._clock())
        return Response(status_code=204 if how in ("down", "up") else 404)


def create_app(
    *,
    database: Path,
    client_id: str,
    secret: str,
    clock: Callable[[], datetime],
    nonce: Callable[[], str],
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Starlette:
    records = Records(database, secret)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        records.open()
        yield
        records.close()

    return Starlette(routes=Hospital(records, client_id, secret, clock, nonce, sleep).routes(), lifespan=lifespan)


def fhir(resource: Answer, status: int = 200) -> Response:
    return JSONResponse(resource, status, media_type=FHIR_JSON)


def bundle(found: list[Answer]) -> Response:
    entries = {"entry": [{"resource": one} for one in found]} if found else {}  # FHIR knows no empty lists
    return fhir({"resourceType": "Bundle", "type": "searchset", "total": len(found), **entries})


def outcome(status: int, code: str, words: str = "") -> Response:
    issue = {"severity": "error", "code": code, **({"details": {"text": words}} if words else {})}
    return fhir({"resourceType": "OperationOutcome", "issue": [issue]}, status)


async def _searched(request: Request, name: str) -> str:
    return parse_qs((await request.body()).decode("latin-1")).get(name, [""])[0]


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]


def _valid(kind: str, body: bytes) -> Answer | None:
    """None: the published model of this kind doesn't take it."""
    model: type[BaseModel] = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    try:
        resource: Answer = model.model_validate_json(body).model_dump(mode="json")
    except ValidationError:
        return None
    return resource


async def _front(_: Request) -> Response:
    return PlainTextResponse("Rumah sakit tiruan (FHIR R4), hanya untuk mencoba Siaga. Isinya orang karangan.\n")


def main() -> None:
    given = _options()
    secret = os.environ.get(SECRET)
    if not secret:
        sys.exit(f"{SECRET} is empty: the sandbox and Siaga need the same secret")
    app = create_app(
        database=given.database, client_id=given.client_id, secret=secret, clock=now, nonce=secrets.token_urlsafe
    )
    serve(app, given)


def _options() -> argparse.Namespace:
    parser = options("hospital", "A hospital imitated.", 8105)
    parser.add_argument("--database", type=Path, default=Path("hospital-sandbox.sqlite"))
    parser.add_argument("--client-id", default="siaga")
    return parser.parse_args()


if __name__ == "__main__":
    main()
