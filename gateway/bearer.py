"""A partner whose questions carry a bearer token: OAuth2 with client credentials, as SATUSEHAT does it.

The token is asked for at `<auth_url>/accesstoken?grant_type=client_credentials` with client_id and client_secret in a
form; `expires_in` is a number, or one in quotes (satusehat.kemkes.go.id/platform/docs).
Invariant: neither the token nor the secret is in an address or a reason; a token that isn't taken is used once more at
most.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from msgspec import Meta, Struct

from gateway.partner import ANSWERED, TIME_LIMITS, Failed, Heard, Means, Nonsense, Partner, Question, decoded

ANSWER_BYTES_MAX = 1024 * 1024
EARLY_S = 60
"""A token is renewed before it ends."""
LIFE_S_MAX = 24 * 3600
FORM = "application/x-www-form-urlencoded"
FHIR_JSON = "application/fhir+json"
IF_NONE_EXIST = "If-None-Exist"
"""HL7 FHIR R4, conditional create: what has this identifier already isn't made again."""


class _Token(Struct, frozen=True):
    access_token: Annotated[str, Meta(pattern=r"^[A-Za-z0-9._~+/=-]{1,4096}\Z")]
    expires_in: int | str


_token = msgspec.json.Decoder(_Token, strict=True)


class BearerPartner(Partner):
    """Speaks FHIR in JSON. 404 and 422 are answers, too: an OperationOutcome says what is wrong."""

    def __init__(self, means: Means, base_url: str, auth_url: str, *, name: str, client_id: str, secret: str) -> None:
        super().__init__(
            means, base_url, name=name, sign=self._headers, answered=ANSWERED | {404, 422},
            answer_bytes_max=ANSWER_BYTES_MAX,
        )  # fmt: skip
        self._client_id, self._secret = client_id, secret
        self._auth_url = auth_url.rstrip("/")
        self._bearer, self._until, self._is_new = "", datetime.min.replace(tzinfo=UTC), False

    async def _exchange(self, question: Question) -> Heard:
        self._is_new = self._means.clock() >= self._until
        if self._is_new:
            refused = await self._renew()
            if refused is not None:
                return refused
        return await super()._exchange(question)

    async def _renew(self) -> Heard | None:
        """None: there is a new token; otherwise what was heard instead, with a body that is no answer."""
        form = urlencode({"client_id": self._client_id, "client_secret": self._secret}).encode()
        request = self._means.http.build_request(
            "POST", f"{self._auth_url}/accesstoken?grant_type=client_credentials", content=form, timeout=TIME_LIMITS
        )
        request.headers["Content-Type"] = FORM
        heard = await self._send(request)
        token = decoded(_token.decode, heard.body or b"") if heard.status == 200 else Nonsense("")
        life_s = _life_s(token) if isinstance(token, _Token) else None
        if not isinstance(token, _Token) or life_s is None:
            return Heard(heard.status, heard.retry_after, b"")
        self._bearer = token.access_token
        self._until = self._means.clock() + timedelta(seconds=max(0, life_s - EARLY_S))
        return None

    def _headers(self, question: Question) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self._bearer}", "Accept": FHIR_JSON}
        if question.body:
            headers["Content-Type"] = FORM if question.target.endswith("/_search") else FHIR_JSON
        if question.key:
            headers[IF_NONE_EXIST] = question.key
        return headers

    def _unanswered(self, heard: Heard) -> Failed:
        """A token may be taken back before its time; then a new one is asked for."""
        failed = super()._unanswered(heard)
        if heard.status != 401 or self._is_new:
            return failed
        self._until = datetime.min.replace(tzinfo=UTC)
        return msgspec.structs.replace(failed, again=True)


def _life_s(token: _Token) -> int | None:
    try:
        return min(int(token.expires_in), LIFE_S_MAX)
    except ValueError:
        return None
